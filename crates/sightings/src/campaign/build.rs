//! From units to campaigns: hubs, components, and what each component holds.
//!
//! Everything is worked through in the order of time and then of item and message, so that the order of the rows does not matter.

use super::ends::Ends;
use super::hosts::{self, Hosts};
use super::model::{
    Campaign, CampaignAddress, Campaigns, CoPublication, Dated, LeftOut, Mention, MentionKind, PictureGroup, Place,
    PlaceKind, Rotation, RotationAddress, TextGroup, Tie, TieKind, TimelineEntry, UnitRef, Valued,
};
use super::params::Params;
use super::unit::{Standing, Unit, Values, units, well_known};
use crate::near::groups;
use crate::pictures::PictureIndex;
use crate::{Item, Sighting};
use athar_types::{Bilingual, isolated};
use std::collections::{BTreeMap, BTreeSet};

/// Units that are listed of a value.
const UNITS_LISTED_MAX: usize = 50;
/// Places that are listed of a value.
const PLACES_LISTED_MAX: usize = 50;
/// Addresses of a campaign, and of a rotation.
const ADDRESSES_MAX: usize = 5_000;
/// Other values of a campaign.
const VALUES_MAX: usize = 5_000;
/// Ties of a campaign.
const TIES_MAX: usize = 2_000;
/// Entries of a timeline.
const TIMELINE_MAX: usize = 5_000;
/// Mentions of a campaign; and what is left out of it.
const MENTIONS_MAX: usize = 200;

/// The campaigns that items and their sightings make together.
///
/// Pure: the same rows in any order give the same answer. A campaign has a unit that solicits, and an address or another payment
/// identifier that is no hub.
pub fn campaigns(items: &[Item], sightings: &[Sighting], hosts: &Hosts, params: &Params) -> Campaigns {
    let (mut units, mut values) = units(items, sightings, params);
    let mut out = Campaigns { units: units.len() as u64, ..Campaigns::default() };
    let ties: Vec<bool> = units
        .iter()
        .map(|unit| match unit.standing {
            Standing::Solicits => true,
            Standing::Neutral => params.neutral_ties,
            Standing::Quotes => params.quoting_ties,
            Standing::Lists | Standing::Mute => false,
        })
        .collect();
    let count = |standing: Standing| units.iter().filter(|u| u.standing == standing).count() as u64;
    (out.quoting, out.lists) = (count(Standing::Quotes), count(Standing::Lists));
    out.tying = ties.iter().filter(|ties| **ties).count() as u64;
    if likenesses(&mut units, &mut values, &ties, params) {
        out.notes.push(Bilingual::new(
            "so many texts are half alike that not every pair was compared",
            "النصوص المتشابهة جزئيًا كثيرة جدًا، فلم تُقارَن كل أزواجها",
        ));
    }
    let hubs = Hubs::of(&units, &values, &ties, hosts, params);

    // units and values are the ends; a value joins the units that it stands in
    let first_value = units.len() as u32;
    let mut ends = Ends::new(units.len() + values.all.len());
    for (n, unit) in units.iter().enumerate().filter(|(n, _)| ties[*n]) {
        for value in hubs.joining(unit) {
            ends.join(n as u32, first_value + value);
        }
    }
    let mut components: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for n in (0..units.len()).filter(|n| ties[*n]) {
        components.entry(ends.root(n as u32)).or_default().push(n);
    }
    let mut mentions: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (n, unit) in units.iter().enumerate().filter(|(n, _)| !ties[*n]) {
        let named = unit.addresses.keys().filter(|a| hubs.values[**a as usize].is_none());
        let named: BTreeSet<u32> = named.map(|a| ends.root(first_value + a)).collect();
        for root in named {
            mentions.entry(root).or_default().push(n);
        }
    }
    for (root, members) in components {
        let mentioned = mentions.get(&root).map(Vec::as_slice).unwrap_or_default();
        let component = Component { units: &units, values: &values, hubs: &hubs, members: &members };
        out.campaigns.extend(component.campaign(mentioned, items));
    }
    out.campaigns.sort_by(|a, b| (a.first.time, &a.id).cmp(&(b.first.time, &b.id)));
    out
}

/// Groups texts and pictures that are alike, and makes each group a value of its units. Gives whether a bound was reached.
fn likenesses(units: &mut [Unit], values: &mut Values, ties: &[bool], params: &Params) -> bool {
    let texts: Vec<usize> = (0..units.len())
        .filter(|n| ties[*n] && units[*n].standing == Standing::Solicits && units[*n].sketch.is_some())
        .collect();
    let (firsts, cut) = groups(texts.iter().filter_map(|n| units[*n].sketch.clone()).collect(), params.near_min);
    for (place, first) in firsts.into_iter().enumerate() {
        let id = &units[texts[first]].id;
        // several chats of an export may have a message of the same id
        let name = id.n.map_or_else(|| id.to_string(), |n| format!("{id} sighting {n}"));
        let number = values.number(TieKind::Text, &name);
        units[texts[place]].values.insert(number);
    }
    let pictures: Vec<usize> = (0..units.len()).filter(|n| ties[*n] && units[*n].picture.is_some()).collect();
    let hashes: Vec<u64> = pictures.iter().filter_map(|n| units[*n].picture).collect();
    let index = PictureIndex::new(hashes.clone());
    let mut grouped = vec![false; hashes.len()];
    for first in 0..hashes.len() {
        if grouped[first] {
            continue;
        }
        let number = values.number(TieKind::Picture, &format!("{:016x}", hashes[first]));
        for (place, _) in index.near(hashes[first], params.picture_bits) {
            if !std::mem::replace(&mut grouped[place], true) {
                units[pictures[place]].values.insert(number);
            }
        }
    }
    cut
}

/// Values that stand in too many places, or everywhere, with the reason.
struct Hubs {
    /// Of a value in a unit.
    values: Vec<Option<Bilingual>>,
    /// Of a value that units are published at.
    publishers: Vec<Option<Bilingual>>,
    /// Whether a value is a site.
    sites: Vec<bool>,
}

impl Hubs {
    fn of(units: &[Unit], values: &Values, ties: &[bool], hosts: &Hosts, params: &Params) -> Self {
        #[derive(Default)]
        struct Spread<'u> {
            places: BTreeSet<&'u Place>,
            soliciting: BTreeSet<&'u Place>,
            addresses: BTreeSet<u32>,
            published: u64,
            published_soliciting: u64,
        }
        let mut spread: Vec<Spread<'_>> = values.all.iter().map(|_| Spread::default()).collect();
        for (_, unit) in units.iter().enumerate().filter(|(n, _)| ties[*n]) {
            let solicits = unit.standing == Standing::Solicits;
            for value in &unit.values {
                let spread = &mut spread[*value as usize];
                spread.places.insert(&unit.place);
                if solicits {
                    spread.soliciting.insert(&unit.place);
                }
            }
            for value in &unit.publishers {
                let spread = &mut spread[*value as usize];
                spread.addresses.extend(unit.addresses.keys());
                if !unit.addresses.is_empty() {
                    spread.published += 1;
                    spread.published_soliciting += u64::from(solicits);
                }
            }
        }
        let known = |n: usize| {
            let (kind, value) = &values.all[n];
            well_known(*kind, value, hosts).map(|category| {
                Bilingual::new(
                    format!("well known ({category}): stands on pages of every kind"),
                    format!(
                        "معروف للجميع ({}): يرد في صفحات من كل نوع",
                        hosts::arabic(category).map_or_else(|| isolated(category), Into::into)
                    ),
                )
            })
        };
        let too_many = |n: usize, spread: &Spread<'_>| {
            let kind = values.all[n].0;
            let max = params.places_max;
            let max = match kind {
                kind if kind.is_payment() => max.payment,
                TieKind::Phone | TieKind::Email => max.contact,
                TieKind::Handle => max.handle,
                TieKind::Channel => max.channel,
                TieKind::Picture => max.picture,
                TieKind::Text => max.text,
                TieKind::Document => return None,
                _ => max.site,
            };
            let (places, soliciting) = (spread.places.len(), spread.soliciting.len());
            let solicited = kind.is_payment() && soliciting as f64 >= params.hub_soliciting_share * places as f64;
            (places > max as usize && !solicited).then(|| {
                let [all, some, most] = [places.to_string(), soliciting.to_string(), max.to_string()];
                Bilingual::new(
                    format!("in {all} places, of which {some} solicit; more than {most}"),
                    format!(
                        "في أماكن عددها {}، وعدد ما يطلب المال منها {}؛ والحد {}",
                        isolated(&all),
                        isolated(&some),
                        isolated(&most)
                    ),
                )
            })
        };
        let publishes = |spread: &Spread<'_>| {
            let addresses = spread.addresses.len();
            let share = spread.published_soliciting as f64 / spread.published.max(1) as f64;
            if addresses > params.publisher_addresses_max as usize {
                let (all, most) = (addresses.to_string(), params.publisher_addresses_max.to_string());
                Some(Bilingual::new(
                    format!("publishes {all} addresses, more than {most}"),
                    format!("ينشر عناوين عددها {}، أي أكثر من {}", isolated(&all), isolated(&most)),
                ))
            } else if addresses > params.publisher_addresses_free as usize && share < params.publisher_soliciting_share
            {
                let [all, units, some] =
                    [addresses.to_string(), spread.published.to_string(), spread.published_soliciting.to_string()];
                Some(Bilingual::new(
                    format!("publishes {all} addresses in {units} units, of which {some} solicit"),
                    format!(
                        "ينشر عناوين عددها {} في وحدات عددها {}، وعدد ما يطلب المال منها {}",
                        isolated(&all),
                        isolated(&units),
                        isolated(&some)
                    ),
                ))
            } else {
                None
            }
        };
        Self {
            values: spread.iter().enumerate().map(|(n, s)| known(n).or_else(|| too_many(n, s))).collect(),
            publishers: spread.iter().enumerate().map(|(n, s)| known(n).or_else(|| publishes(s))).collect(),
            sites: values.all.iter().map(|(kind, _)| *kind == TieKind::Site).collect(),
        }
    }

    /// The values that join a unit to others. A site that is linked to joins only where the unit solicits.
    fn joining<'u>(&'u self, unit: &'u Unit) -> impl Iterator<Item = u32> + 'u {
        let links = unit.standing == Standing::Solicits;
        let inside = unit
            .values
            .iter()
            .filter(move |v| self.values[**v as usize].is_none() && (links || !self.sites[**v as usize]));
        let published = unit.publishers.iter().filter(|v| self.publishers[**v as usize].is_none());
        inside.chain(published).copied()
    }
}

/// A connected component.
struct Component<'c> {
    units: &'c [Unit],
    values: &'c Values,
    hubs: &'c Hubs,
    /// Its units, in the order of time.
    members: &'c [usize],
}

impl<'c> Component<'c> {
    fn unit(&self, n: usize) -> &'c Unit {
        &self.units[n]
    }

    fn refs(&self, units: &[usize]) -> Vec<UnitRef> {
        units.iter().take(UNITS_LISTED_MAX).map(|n| self.units[*n].id.clone()).collect()
    }

    /// The campaign; `None` where nothing solicits, or there is nothing that money can be sent to.
    fn campaign(&self, mentioned: &[usize], items: &[Item]) -> Option<Campaign> {
        let soliciting = self.members.iter().filter(|n| self.unit(**n).standing == Standing::Solicits).count();
        if soliciting == 0 {
            return None;
        }
        // the units of each value, in the order of time
        let mut holders: BTreeMap<(TieKind, &str), (u32, Vec<usize>)> = BTreeMap::new();
        let mut left_out: BTreeMap<(TieKind, &str), &Bilingual> = BTreeMap::new();
        for n in self.members {
            let unit = self.unit(*n);
            let joining: BTreeSet<u32> = self.hubs.joining(unit).collect();
            for value in &joining {
                let (kind, text) = &self.values.all[*value as usize];
                holders.entry((*kind, text)).or_insert_with(|| (*value, Vec::new())).1.push(*n);
            }
            let hubs = unit.values.iter().map(|v| (v, &self.hubs.values));
            let hubs = hubs.chain(unit.publishers.iter().map(|v| (v, &self.hubs.publishers)));
            for (value, why) in hubs.filter_map(|(v, hubs)| Some((v, hubs[*v as usize].as_ref()?))) {
                let (kind, text) = &self.values.all[*value as usize];
                left_out.entry((*kind, text)).or_insert(why);
            }
        }
        let anchor = self.anchor(&holders, items)?;
        let unit_of = |n: Option<&usize>| n.map(|n| self.unit(*n).dated());
        let (first, last) = (unit_of(self.members.first())?, unit_of(self.members.last())?);
        let mut notes = Vec::new();
        let mut bound = |[en, ar]: [&str; 2], total: usize, max: usize| {
            if total > max {
                let [all, listed] = [total.to_string(), max.to_string()];
                notes.push(Bilingual::new(
                    format!("{all} {en}, of which {listed} are listed"),
                    format!("{ar}: {}، يُذكر منها {}", isolated(&all), isolated(&listed)),
                ));
            }
        };

        let mut addresses = self.addresses(&holders);
        let addresses_total = addresses.len();
        bound(["addresses", "العناوين"], addresses_total, ADDRESSES_MAX);
        let co_publications = self.co_publications(&holders);
        let rotations = self.rotations();
        let timeline = self.timeline();
        bound(["units", "الوحدات"], timeline.len(), TIMELINE_MAX);
        addresses.truncate(ADDRESSES_MAX);

        let others = holders.iter().filter(|((kind, _), _)| {
            !matches!(kind, TieKind::Address | TieKind::Text | TieKind::Picture | TieKind::Document)
        });
        let mut values: Vec<Valued> = others
            .map(|((kind, text), (_, units))| Valued {
                kind: *kind,
                value: (*text).to_owned(),
                first: self.unit(units[0]).dated(),
                units_total: units.len() as u64,
            })
            .collect();
        let values_total = values.len();
        bound(["other values", "القيم الأخرى"], values_total, VALUES_MAX);
        values.truncate(VALUES_MAX);

        let mut ties: Vec<Tie> = holders
            .iter()
            .filter(|(_, (_, units))| units.len() > 1)
            .map(|((kind, text), (_, units))| self.tie(*kind, text, units))
            .collect();
        let ties_total = ties.len();
        bound(["ties", "الروابط"], ties_total, TIES_MAX);
        ties.truncate(TIES_MAX);
        bound(["mentions", "مواضع الذكر"], mentioned.len(), MENTIONS_MAX);
        bound(["values left out", "القيم المستبعدة"], left_out.len(), MENTIONS_MAX);

        let mut languages: BTreeMap<&str, u64> = BTreeMap::new();
        for n in self.members {
            for (language, count) in &self.unit(*n).languages {
                *languages.entry(language).or_default() += count;
            }
        }
        let mut languages: Vec<(String, u64)> = languages.into_iter().map(|(l, n)| (l.to_owned(), n)).collect();
        languages.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Some(Campaign {
            id: anchor,
            former_ids: Vec::new(),
            first,
            last,
            units_total: self.members.len() as u64,
            soliciting_total: soliciting as u64,
            score_max: self.members.iter().map(|n| self.unit(*n).score).max().unwrap_or_default(),
            addresses,
            addresses_total: addresses_total as u64,
            values,
            values_total: values_total as u64,
            languages,
            texts: self.texts(&holders),
            pictures: self.pictures(&holders),
            timeline: timeline.into_iter().take(TIMELINE_MAX).collect(),
            ties,
            ties_total: ties_total as u64,
            co_publications,
            rotations,
            mentions: mentioned.iter().take(MENTIONS_MAX).filter_map(|n| mention(self.unit(*n))).collect(),
            left_out: left_out
                .into_iter()
                .take(MENTIONS_MAX)
                .map(|((kind, value), why)| LeftOut { kind, value: value.to_owned(), why: why.clone() })
                .collect(),
            notes,
        })
    }

    /// The id: of the address that was published first, else of the original in which the first other payment identifier stood (a digest of
    /// that identifier itself would give it away).
    fn anchor(&self, holders: &BTreeMap<(TieKind, &str), (u32, Vec<usize>)>, items: &[Item]) -> Option<String> {
        let payments = holders.iter().filter(|((kind, _), _)| kind.is_payment());
        let ((kind, text), (_, units)) = payments
            .min_by_key(|((kind, text), (_, units))| (*kind != TieKind::Address, self.unit(units[0]).time, *text))?;
        if *kind == TieKind::Address {
            return Some(address_id(text));
        }
        let unit = &self.unit(units[0]).id;
        let sha256 = items.iter().find(|item| item.id == unit.item).and_then(|item| item.sha256);
        let original = sha256.map_or_else(|| unit.item.0.to_le_bytes().to_vec(), |hash| hash.to_vec());
        let message = unit.message.as_deref().unwrap_or_default();
        Some(digest(&[b"original", &original, message.as_bytes()]))
    }

    fn addresses(&self, holders: &BTreeMap<(TieKind, &str), (u32, Vec<usize>)>) -> Vec<CampaignAddress> {
        let mut out: Vec<CampaignAddress> = holders
            .iter()
            .filter(|((kind, _), _)| *kind == TieKind::Address)
            .map(|((_, text), (value, units))| {
                let seen: Vec<_> = units.iter().filter_map(|n| self.unit(*n).addresses.get(value)).collect();
                let mut chains: Vec<String> = Vec::new();
                for chain in seen.iter().flat_map(|s| &s.chains) {
                    if !chains.iter().any(|c| c == chain) {
                        chains.push((*chain).to_owned());
                    }
                }
                chains.sort();
                let mut places: Vec<&Place> = Vec::new();
                let mut known = BTreeSet::new();
                for n in units {
                    let place = &self.unit(*n).place;
                    if known.insert(place) {
                        places.push(place);
                    }
                }
                CampaignAddress {
                    chain: seen.iter().find_map(|s| s.chain).unwrap_or_default().to_owned(),
                    value: (*text).to_owned(),
                    chains,
                    first_published: self.unit(units[0]).dated(),
                    last_published: self.unit(units[units.len() - 1]).dated(),
                    units: self.refs(units),
                    units_total: units.len() as u64,
                    places_total: places.len() as u64,
                    places: places.into_iter().take(PLACES_LISTED_MAX).cloned().collect(),
                    solicited: units.iter().any(|n| self.unit(*n).standing == Standing::Solicits),
                    score_max: seen.iter().map(|s| s.score).max().unwrap_or_default(),
                }
            })
            .collect();
        out.sort_by(|a, b| (a.first_published.time, &a.value).cmp(&(b.first_published.time, &b.value)));
        out
    }

    fn tie(&self, kind: TieKind, text: &str, units: &[usize]) -> Tie {
        let places: BTreeSet<&Place> = units.iter().map(|n| &self.unit(*n).place).collect();
        let (names, arabic): (Vec<_>, Vec<_>) = units
            .iter()
            .take(3)
            .map(|n| {
                let Bilingual { en, ar } = self.unit(*n).id.said();
                (en, ar)
            })
            .unzip();
        let (more, arabic_more) = if units.len() > 3 { (", …", "؛ …") } else { ("", "") };
        let (count, at) = (units.len(), places.len());
        let where_ = if at == 1 { "at one place".into() } else { format!("at {at} places") };
        let words = Bilingual::new(
            format!("the same {} in {count} units {where_}: {}{more}", kind.words(), names.join(", ")),
            format!(
                "تشترك في {} وحدات عددها {} في أماكن عددها {}: {}{arabic_more}",
                kind.arabic(),
                isolated(&count.to_string()),
                isolated(&at.to_string()),
                arabic.join("؛ ")
            ),
        );
        Tie {
            kind,
            value: text.to_owned(),
            units: self.refs(units),
            units_total: units.len() as u64,
            places_total: places.len() as u64,
            words,
        }
    }

    fn texts(&self, holders: &BTreeMap<(TieKind, &str), (u32, Vec<usize>)>) -> Vec<TextGroup> {
        let mut out: Vec<TextGroup> = holders
            .iter()
            .filter(|((kind, _), _)| *kind == TieKind::Text)
            .map(|(_, (_, units))| {
                let first = self.unit(units[0]);
                let near = units
                    .iter()
                    .filter_map(|n| Some(first.sketch.as_ref()?.similarity(self.unit(*n).sketch.as_ref()?)));
                TextGroup {
                    first: first.dated(),
                    units: self.refs(units),
                    units_total: units.len() as u64,
                    similarity_min: near.fold(1.0, f64::min),
                }
            })
            .collect();
        out.sort_by(|a, b| (a.first.time, &a.first.unit).cmp(&(b.first.time, &b.first.unit)));
        out.truncate(VALUES_MAX);
        out
    }

    fn pictures(&self, holders: &BTreeMap<(TieKind, &str), (u32, Vec<usize>)>) -> Vec<PictureGroup> {
        let groups = holders.iter().filter(|((kind, _), _)| *kind == TieKind::Picture);
        groups
            .take(VALUES_MAX)
            .map(|((_, hash), (_, units))| PictureGroup {
                hash: (*hash).to_owned(),
                first: self.unit(units[0]).dated(),
                units: self.refs(units),
                units_total: units.len() as u64,
            })
            .collect()
    }

    fn timeline(&self) -> Vec<TimelineEntry> {
        let mut known: BTreeSet<u32> = BTreeSet::new();
        self.members
            .iter()
            .map(|n| {
                let unit = self.unit(*n);
                let (mut again, mut new) = (Vec::new(), Vec::new());
                for address in unit.addresses.keys().filter(|a| self.hubs.values[**a as usize].is_none()) {
                    let list = if known.insert(*address) { &mut new } else { &mut again };
                    list.push(self.values.all[*address as usize].1.clone());
                }
                again.sort();
                new.sort();
                TimelineEntry {
                    at: unit.dated(),
                    place: unit.place.clone(),
                    solicits: unit.standing == Standing::Solicits,
                    score: unit.score,
                    addresses_again: again,
                    addresses_new: new,
                }
            })
            .collect()
    }

    fn co_publications(&self, holders: &BTreeMap<(TieKind, &str), (u32, Vec<usize>)>) -> Vec<CoPublication> {
        let mut out = Vec::new();
        for ((_, text), (_, units)) in holders.iter().filter(|((kind, _), _)| *kind == TieKind::Address) {
            let mut places: Vec<(Place, Dated)> = Vec::new();
            let mut known = BTreeSet::new();
            for n in units {
                let unit = self.unit(*n);
                if unit.place.kind != PlaceKind::File && known.insert(&unit.place) {
                    places.push((unit.place.clone(), unit.dated()));
                }
            }
            if places.len() > 1 && out.len() < ADDRESSES_MAX {
                let places_total = places.len() as u64;
                places.truncate(PLACES_LISTED_MAX);
                out.push(CoPublication { value: (*text).to_owned(), places, places_total });
            }
        }
        out
    }

    fn rotations(&self) -> Vec<Rotation> {
        let mut by_place: BTreeMap<&Place, BTreeMap<u32, (usize, usize)>> = BTreeMap::new();
        for n in self.members {
            let unit = self.unit(*n);
            if unit.place.kind == PlaceKind::File {
                continue;
            }
            for address in unit.addresses.keys().filter(|a| self.hubs.values[**a as usize].is_none()) {
                by_place.entry(&unit.place).or_default().entry(*address).or_insert((*n, *n)).1 = *n;
            }
        }
        let several = by_place.into_iter().filter(|(_, addresses)| addresses.len() > 1);
        several
            .map(|(place, addresses)| {
                let mut addresses: Vec<RotationAddress> = addresses
                    .into_iter()
                    .map(|(address, (first, last))| RotationAddress {
                        value: self.values.all[address as usize].1.clone(),
                        first: self.unit(first).dated(),
                        last: self.unit(last).dated(),
                    })
                    .collect();
                addresses.sort_by(|a, b| (a.first.time, &a.value).cmp(&(b.first.time, &b.value)));
                let addresses_total = addresses.len() as u64;
                addresses.truncate(ADDRESSES_MAX);
                Rotation { place: place.clone(), addresses, addresses_total }
            })
            .collect()
    }
}

fn mention(unit: &Unit) -> Option<Mention> {
    let kind = match unit.standing {
        Standing::Quotes => MentionKind::Quotes,
        Standing::Lists => MentionKind::Lists,
        Standing::Neutral => MentionKind::Neutral,
        Standing::Solicits | Standing::Mute => return None,
    };
    Some(Mention { at: unit.dated(), kind })
}

/// The id of the campaign whose first address this is.
pub(super) fn address_id(address: &str) -> String {
    digest(&[b"address", address.as_bytes()])
}

/// BLAKE3 over the parts, each with its length before it, cut to 64 bits.
fn digest(parts: &[&[u8]]) -> String {
    let mut all = blake3::Hasher::new_derive_key("athar campaign id 1");
    for part in parts {
        all.update(&(part.len() as u64).to_le_bytes());
        all.update(part);
    }
    hex::encode(&all.finalize().as_bytes()[..8])
}
