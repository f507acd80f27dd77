//! Units: what was published at once, with the values that stand in it, and whether it ties.

use super::hosts::Hosts;
use super::model::{Dated, Place, PlaceKind, TieKind, UnitRef};
use super::params::Params;
use crate::sketch::Sketch;
use crate::{DateSource, Item, ItemId, Sighting, is_telling};
use athar_types::Day;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of items that hold others which were published with them.
const HOLDERS: [&str; 5] = ["mhtml", "email", "pdf", "docx", "html"];

/// Whether a unit ties, and why not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    Solicits,
    Neutral,
    Quotes,
    Lists,
    /// It neither solicits nor has anything that money can be sent to.
    Mute,
}

/// Values by number.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) all: Vec<(TieKind, String)>,
    numbers: FxHashMap<(TieKind, String), u32>,
}

impl Values {
    pub(super) fn number(&mut self, kind: TieKind, value: &str) -> u32 {
        let key = (kind, value.to_owned());
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = self.all.len() as u32;
        self.all.push(key.clone());
        self.numbers.insert(key, number);
        number
    }
}

/// What one sighting says of an address.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) chains: BTreeSet<&'static str>,
    /// The likeliest chain of its first sighting in the unit.
    pub(super) chain: Option<&'static str>,
    pub(super) score: u8,
}

#[derive(Debug)]
pub(super) struct Unit {
    pub(super) id: UnitRef,
    pub(super) time: i64,
    pub(super) source: DateSource,
    pub(super) zone_known: bool,
    pub(super) place: Place,
    pub(super) standing: Standing,
    pub(super) score: u8,
    /// Where it was published, as values.
    pub(super) publishers: BTreeSet<u32>,
    /// Everything else in it.
    pub(super) values: BTreeSet<u32>,
    pub(super) addresses: BTreeMap<u32, Seen>,
    pub(super) languages: BTreeMap<String, u64>,
    pub(super) sketch: Option<Sketch>,
    pub(super) picture: Option<u64>,
}

impl Unit {
    pub(super) fn dated(&self) -> Dated {
        Dated {
            time: self.time,
            day: Day(self.time.div_euclid(86_400) as i32).to_string(),
            source: self.source,
            zone_known: self.zone_known,
            unit: self.id.clone(),
        }
    }
}

/// The units of items and sightings, in the order of time, and their values.
pub(super) fn units(items: &[Item], sightings: &[Sighting], params: &Params) -> (Vec<Unit>, Values) {
    let by_id: BTreeMap<ItemId, &Item> = items.iter().map(|item| (item.id, item)).collect();
    let mut by_unit: BTreeMap<(ItemId, Option<(&str, &str)>), Vec<&Sighting>> = BTreeMap::new();
    for seen in sightings.iter().filter(|seen| by_id.contains_key(&seen.item)) {
        // an export of several chats may have the same id in each
        let channel = seen.channel.as_deref().unwrap_or_default();
        let message = seen.message.as_deref().map(|message| (channel, message));
        by_unit.entry((seen.item, message)).or_default().push(seen);
    }
    let chats: BTreeSet<ItemId> = by_unit.keys().filter(|(_, m)| m.is_some()).map(|(item, _)| *item).collect();
    for item in by_id.values() {
        // a picture or a text in which nothing was found may still be that of another item
        let tells = !item.sketch.is_empty() || item.picture_hash.is_some();
        if tells && !chats.contains(&item.id) {
            by_unit.entry((item.id, None)).or_default();
        }
    }
    let holders: BTreeMap<(&str, &str), ItemId> = by_id
        .values()
        .filter(|item| HOLDERS.contains(&&*item.kind))
        .map(|item| ((&*item.file, item.member.as_deref().unwrap_or_default()), item.id))
        .collect();
    let mut values = Values::default();
    let mut units: Vec<Unit> = by_unit
        .into_iter()
        .map(|((item, message), mut seen)| {
            seen.sort_by_key(|s| (s.n, s.id));
            let item = by_id[&item];
            let mut unit = unit(item, message.map(|(_, message)| message), &seen, &mut values, params);
            let is_holder = HOLDERS.contains(&&*item.kind);
            let member = item.member.as_deref();
            let above = member.map(|m| m.rsplit_once(" > ").map_or("", |(above, _)| above));
            let holder = above.and_then(|above| holders.get(&(&*item.file, above)).copied());
            for holder in holder.into_iter().chain(is_holder.then_some(item.id)) {
                unit.values.insert(values.number(TieKind::Document, &holder.to_string()));
            }
            unit
        })
        .collect();
    units.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    (units, values)
}

fn unit(item: &Item, message: Option<&str>, seen: &[&Sighting], values: &mut Values, params: &Params) -> Unit {
    // the earliest date of its sightings, else that of the item
    let of_item = match item.captured {
        Some(time) => (i64::from(time.0), DateSource::Captured),
        None => (item.read_at, DateSource::Read),
    };
    let dates = seen.iter().filter_map(|s| s.posted.map(|t| (i64::from(t.0), s.zone_known)));
    let posted = dates.min_by_key(|(time, zone_known)| (*time, !zone_known));
    let (time, source, zone_known) =
        posted.map_or((of_item.0, of_item.1, true), |(time, zone_known)| (time, DateSource::Posted, zone_known));
    let channel = seen.iter().find_map(|s| s.channel.as_deref()).or(item.channel.as_deref()).map(normal_name);
    let channel = channel.filter(|name| !name.is_empty());
    let handle = item.uri.as_deref().and_then(account);
    let place = if let Some(name) = &channel {
        Place { kind: PlaceKind::Channel, name: name.clone() }
    } else if let Some(name) = &handle {
        Place { kind: PlaceKind::Handle, name: name.clone() }
    } else if let Some(name) = &item.site {
        Place { kind: PlaceKind::Site, name: name.clone() }
    } else {
        Place { kind: PlaceKind::File, name: item.file.clone() }
    };
    let mut publishers = BTreeSet::new();
    let published = [(TieKind::Channel, &channel), (TieKind::Handle, &handle)];
    for (kind, name) in published.into_iter().filter_map(|(kind, name)| Some((kind, name.as_deref()?))) {
        publishers.insert(values.number(kind, name));
    }
    if let Some(site) = &item.site {
        publishers.insert(values.number(TieKind::Site, plain_host(site)));
    }
    let mut unit = Unit {
        id: UnitRef {
            item: item.id,
            message: message.map(str::to_owned),
            n: message.and_then(|_| seen.first().map(|s| s.n)),
        },
        time,
        source,
        zone_known,
        place,
        standing: Standing::Mute,
        score: 0,
        publishers,
        values: BTreeSet::new(),
        addresses: BTreeMap::new(),
        languages: BTreeMap::new(),
        sketch: None,
        picture: item.picture_hash.filter(|hash| message.is_none() && is_telling(*hash)),
    };
    let (mut solicits, mut against, mut payments) = (false, 0i64, false);
    for seen in seen {
        solicits |= seen.solicits;
        unit.score = unit.score.max(seen.score);
        against = against.min(seen.against);
        if let Some(language) = &seen.language {
            *unit.languages.entry(language.clone()).or_default() += 1;
        }
        if let Some(from) = seen.forwarded_from.as_deref().map(normal_name).filter(|name| !name.is_empty()) {
            unit.values.insert(values.number(TieKind::Channel, &from));
        }
        let Some(kind) = TieKind::of_kind(&seen.kind).filter(|_| !seen.value.is_empty()) else { continue };
        payments |= kind.is_payment();
        let value = if kind == TieKind::Site { plain_host(&seen.value) } else { &seen.value };
        let number = values.number(kind, value);
        unit.values.insert(number);
        if kind == TieKind::Address {
            let address = unit.addresses.entry(number).or_default();
            address.chains.extend(seen.chains.iter().map(|(chain, _)| chain.name()));
            address.chain = address.chain.or(seen.chains.first().map(|(chain, _)| chain.name()));
            address.score = address.score.max(seen.score);
        }
    }
    let sketch = match message {
        Some(_) => seen.iter().map(|s| &s.sketch).find(|sketch| !sketch.is_empty()),
        None => Some(&item.sketch),
    };
    unit.sketch = sketch.and_then(|bytes| Sketch::from_bytes(bytes));
    unit.standing = if unit.addresses.len() > params.unit_addresses_max as usize {
        Standing::Lists
    } else if solicits {
        Standing::Solicits
    } else if against <= -i64::from(params.quoting_points) {
        Standing::Quotes
    } else if payments {
        Standing::Neutral
    } else {
        Standing::Mute
    };
    unit
}

/// A channel's name as it is compared.
fn normal_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn plain_host(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// The channel or account whose page a URI is, with its network before a colon; `None` where the host is none that gives each its own path.
fn account(uri: &str) -> Option<String> {
    let host = crate::host(uri)?;
    let (_, rest) = uri.split_once("://")?;
    let mut path = rest.split(['?', '#']).next()?.split('/').skip(1).filter(|part| !part.is_empty());
    let network = match plain_host(&host) {
        "t.me" | "telegram.me" | "telegram.dog" => "telegram",
        "facebook.com" | "m.facebook.com" | "mobile.facebook.com" | "fb.com" | "m.fb.com" | "fb.me" => "facebook",
        // the names of handles are those that the extractor gives, which has one for both hosts
        "twitter.com" | "x.com" | "m.twitter.com" | "mobile.twitter.com" | "mobile.x.com" => "x",
        "instagram.com" | "m.instagram.com" => "instagram",
        "vk.com" | "m.vk.com" => "vk",
        _ => return None,
    };
    let first = path.next()?;
    let name = if network == "telegram" && first == "s" { path.next()? } else { first };
    let name = name.trim_start_matches('@').to_lowercase();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    (!name.is_empty() && name.chars().all(plain)).then(|| format!("{network}:{name}"))
}

/// The category of a value that stands everywhere.
pub(super) fn well_known<'h>(kind: TieKind, value: &str, hosts: &'h Hosts) -> Option<&'h str> {
    match kind {
        TieKind::Site => hosts.host(value),
        TieKind::Handle => hosts.handle(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_a_page_is_read_from_its_uri() {
        assert_eq!(account("https://t.me/s/Some_Channel/12?x").as_deref(), Some("telegram:some_channel"));
        assert_eq!(account("https://t.me/Some_Channel").as_deref(), Some("telegram:some_channel"));
        assert_eq!(account("https://www.facebook.com/some.page/posts/1").as_deref(), Some("facebook:some.page"));
        for host in ["twitter.com", "x.com", "mobile.twitter.com", "www.x.com"] {
            assert_eq!(account(&format!("https://{host}/Some_Name")).as_deref(), Some("x:some_name"), "{host}");
        }
        assert_eq!(account("https://t.me/"), None);
        assert_eq!(account("https://t.me/+AbCd"), None);
        assert_eq!(account("https://a.example/some"), None);
    }
}
