//! Campaigns: what ties, what must not, and that the order of the rows does not matter.
use athar_sightings::campaign::{MentionKind, PlaceKind, TieKind};
use athar_sightings::{
    Campaign, Campaigns, Hosts, Item, ItemId, Known, Material, Params, Sighting, Sightings, Sketch, campaigns,
};
use athar_types::{Chain, UnixTime};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;
/// Points of a text that reports.
const NEWS: i64 = -25;

#[derive(Clone, Debug, Default)]
struct Rows {
    items: Vec<Item>,
    seen: Vec<Sighting>,
}

impl Rows {
    /// An item on a site, read on a day.
    fn page(&mut self, site: &str, day: i64) -> u64 {
        let id = self.items.len() as u64 + 1;
        self.items.push(Item {
            id: ItemId(id),
            kind: "html".into(),
            file: format!("file-{id}"),
            uri: Some(format!("https://{site}/page")),
            site: Some(site.into()),
            read_at: day * DAY,
            sha256: Some([id as u8; 32]),
            ..Item::default()
        });
        id
    }

    /// An export of a channel.
    fn export(&mut self, channel: &str) -> u64 {
        let id = self.page("x", 20_000);
        let item = self.items.last_mut().unwrap();
        (item.kind, item.uri, item.site, item.channel) = ("telegram_json".into(), None, None, Some(channel.into()));
        id
    }

    fn see(&mut self, item: u64, kind: &str, value: &str, solicits: bool) -> &mut Sighting {
        let n = self.seen.len() as u32;
        let of_item = &self.items[item as usize - 1];
        self.seen.push(Sighting {
            id: u64::from(n) + 1,
            item: ItemId(item),
            n,
            kind: kind.into(),
            chains: if kind == "address" { vec![(Chain::Bitcoin, value.into())] } else { Vec::new() },
            value: value.into(),
            solicits,
            score: if solicits { 80 } else { 10 },
            site: of_item.site.clone(),
            channel: of_item.channel.clone(),
            time: of_item.read_at,
            language: Some("en".into()),
            ..Sighting::default()
        });
        self.seen.last_mut().unwrap()
    }

    /// A message in an export.
    fn say(&mut self, item: u64, message: &str, day: i64, kind: &str, value: &str, solicits: bool) -> &mut Sighting {
        let seen = self.see(item, kind, value, solicits);
        seen.message = Some(message.into());
        seen.posted = Some(UnixTime((day * DAY) as u32));
        seen
    }

    fn campaigns(&self) -> Campaigns {
        self.with(&Params::default())
    }

    fn with(&self, params: &Params) -> Campaigns {
        campaigns(&self.items, &self.seen, &Hosts::built_in(), params)
    }
}

/// The addresses of each campaign.
fn sets(found: &Campaigns) -> BTreeSet<Vec<String>> {
    let addresses = |c: &Campaign| {
        let mut all: Vec<String> = c.addresses.iter().map(|a| a.value.clone()).collect();
        all.sort();
        all
    };
    found.campaigns.iter().map(addresses).collect()
}

fn set(groups: &[&[&str]]) -> BTreeSet<Vec<String>> {
    groups.iter().map(|g| g.iter().map(|s| (*s).to_owned()).collect()).collect()
}

#[test]
fn one_address_in_two_channels_is_one_campaign_with_its_reasons() {
    let mut rows = Rows::default();
    let one = rows.export("First Channel");
    let two = rows.export("Second  channel ");
    rows.say(one, "7", 100, "address", "addr-a", true);
    rows.say(one, "7", 100, "handle", "telegram:contact", true);
    rows.say(two, "3", 105, "address", "addr-a", true);
    rows.say(two, "9", 110, "address", "addr-b", false);
    let found = rows.campaigns();
    assert_eq!(sets(&found), set(&[&["addr-a", "addr-b"]]));
    let campaign = &found.campaigns[0];
    assert_eq!((campaign.units_total, campaign.soliciting_total, campaign.score_max), (3, 2, 80));
    let a = &campaign.addresses[0];
    assert_eq!((&*a.value, &*a.chain, &*a.first_published.day), ("addr-a", "bitcoin", "1970-04-11"));
    assert_eq!(serde_json::to_value(a.first_published.source).unwrap(), "posted");
    assert_eq!((a.units_total, a.places_total, a.solicited), (2, 2, true));
    assert!(!campaign.addresses[1].solicited);
    // row 27: one address in two channels
    assert_eq!(campaign.co_publications.len(), 1);
    let places: Vec<&str> = campaign.co_publications[0].places.iter().map(|(p, _)| &*p.name).collect();
    assert_eq!(places, ["first channel", "second channel"]);
    // row 5: two addresses in one channel, in their order
    assert_eq!(campaign.rotations.len(), 1);
    let order: Vec<&str> = campaign.rotations[0].addresses.iter().map(|a| &*a.value).collect();
    assert_eq!((&*campaign.rotations[0].place.name, order), ("second channel", vec!["addr-a", "addr-b"]));
    let tie = campaign.ties.iter().find(|t| t.kind == TieKind::Address).unwrap();
    assert_eq!(tie.words.en, "the same address in 2 units at 2 places: item 1 message 7, item 2 message 3");
    assert_eq!(
        tie.words.ar.replace(['\u{2068}', '\u{2069}'], ""),
        "تشترك في العنوان وحدات عددها 2 في أماكن عددها 2: الوثيقة 1، الرسالة 7؛ الوثيقة 2، الرسالة 3"
    );
    assert!(campaign.ties.iter().any(|t| t.kind == TieKind::Channel && t.units_total == 2));
    assert!(campaign.values.iter().any(|v| v.kind == TieKind::Handle && v.value == "telegram:contact"));
    let days: Vec<(&str, usize, usize)> =
        campaign.timeline.iter().map(|e| (&*e.at.day, e.addresses_new.len(), e.addresses_again.len())).collect();
    assert_eq!(days, [("1970-04-11", 1, 0), ("1970-04-16", 0, 1), ("1970-04-21", 1, 0)]);
    assert_eq!(campaign.languages, [("en".to_owned(), 4)]);
}

#[test]
fn without_a_soliciting_sighting_or_an_address_there_is_no_campaign() {
    let mut rows = Rows::default();
    let page = rows.page("shop.example", 100);
    rows.see(page, "address", "addr-a", false);
    let appeal = rows.page("appeal.example", 100);
    rows.see(appeal, "email", "a@example.org", true);
    assert!(rows.campaigns().campaigns.is_empty());
}

#[test]
fn share_buttons_and_explorers_glue_nothing() {
    let mut rows = Rows::default();
    for n in 0..2 {
        let page = rows.page(&format!("site{n}.example"), 100 + n);
        rows.see(page, "address", &format!("addr-{n}"), true);
        for host in ["www.facebook.com", "blockchair.com"] {
            rows.see(page, "site", host, true);
        }
        rows.see(page, "handle", "telegram:share", true);
    }
    let found = rows.campaigns();
    assert_eq!(sets(&found), set(&[&["addr-0"], &["addr-1"]]));
    let why: Vec<&str> = found.campaigns[0].left_out.iter().map(|l| &*l.why.en).collect();
    assert_eq!(why.len(), 3);
    assert!(why[0].starts_with("well known (share)"), "{why:?}");
    // without the list they would
    assert_eq!(campaigns(&rows.items, &rows.seen, &Hosts::none(), &Params::default()).campaigns.len(), 1);
}

#[test]
fn a_value_in_very_many_places_is_a_hub_unless_they_solicit_with_it() {
    for solicits in [false, true] {
        let mut rows = Rows::default();
        for n in 0..60 {
            let page = rows.page(&format!("site{n}.example"), 100);
            rows.see(page, "address", "addr-everywhere", solicits || n < 2);
            rows.see(page, "address", &format!("addr-{n}"), solicits || n < 2);
        }
        let found = rows.campaigns();
        if solicits {
            assert_eq!((found.campaigns.len(), found.campaigns[0].addresses_total), (1, 61));
            let shared = found.campaigns[0].addresses.iter().find(|a| a.value == "addr-everywhere").unwrap();
            assert_eq!((shared.units_total, shared.units.len()), (60, 50), "lists are cut, numbers are not");
            assert_eq!((shared.places_total, shared.places.len()), (60, 50));
        } else {
            assert_eq!(sets(&found), set(&[&["addr-0"], &["addr-1"]]));
            let left = &found.campaigns[0].left_out[0];
            assert_eq!(
                (&*left.value, &*left.why.en),
                ("addr-everywhere", "in 60 places, of which 2 solicit; more than 40")
            );
        }
    }
    // what is no payment identifier is a hub even where all solicit
    let mut rows = Rows::default();
    for n in 0..60 {
        let page = rows.page(&format!("site{n}.example"), 100);
        rows.see(page, "address", &format!("addr-{n}"), true);
        rows.see(page, "site", "widget.example", true);
    }
    assert_eq!(rows.campaigns().campaigns.len(), 60);
}

#[test]
fn news_that_quotes_two_campaigns_mentions_them_and_does_not_join_them() {
    let mut rows = Rows::default();
    for n in 0..2 {
        let page = rows.page(&format!("site{n}.example"), 100);
        rows.see(page, "address", &format!("addr-{n}"), true);
    }
    let news = rows.page("paper.example", 120);
    for n in 0..2 {
        rows.see(news, "address", &format!("addr-{n}"), false).against = NEWS;
    }
    let found = rows.campaigns();
    assert_eq!(sets(&found), set(&[&["addr-0"], &["addr-1"]]));
    for campaign in &found.campaigns {
        assert_eq!((campaign.mentions.len(), campaign.mentions[0].kind), (1, MentionKind::Quotes));
        assert_eq!(campaign.mentions[0].at.unit.item, ItemId(3));
        assert_eq!(campaign.addresses[0].places_total, 1);
    }
    assert_eq!(found.quoting, 1);
    assert_eq!(rows.with(&Params { quoting_ties: true, ..Params::default() }).campaigns.len(), 1);
}

#[test]
fn a_list_of_many_addresses_joins_nothing() {
    let mut rows = Rows::default();
    for n in 0..30 {
        let page = rows.page(&format!("site{n}.example"), 100);
        rows.see(page, "address", &format!("addr-{n}"), true);
    }
    let list = rows.page("list.example", 90);
    for n in 0..30 {
        rows.see(list, "address", &format!("addr-{n}"), true);
    }
    let found = rows.campaigns();
    assert_eq!((found.campaigns.len(), found.lists), (30, 1));
    assert!(found.campaigns.iter().all(|c| c.mentions[0].kind == MentionKind::Lists));
    assert_eq!(rows.with(&Params { unit_addresses_max: 30, ..Params::default() }).campaigns.len(), 1);
}

#[test]
fn a_forum_does_not_join_what_its_users_publish() {
    let mut rows = Rows::default();
    for n in 0..12 {
        let page = rows.page("forum.example", 100 + n);
        rows.see(page, "address", &format!("addr-{n}"), n == 0);
    }
    let found = rows.campaigns();
    assert_eq!(sets(&found), set(&[&["addr-0"]]));
    assert!(found.campaigns[0].left_out[0].why.en.starts_with("publishes 12 addresses in 12 units, of which 1"));
    // a site of whose appeals most are scored so does
    let mut rows = Rows::default();
    for n in 0..12 {
        let page = rows.page("appeal.example", 100 + n);
        rows.see(page, "address", &format!("addr-{n}"), n % 2 == 0);
    }
    assert_eq!(rows.campaigns().campaigns[0].addresses_total, 12);
}

fn appeal(address: &str, changed: &str) -> Vec<u8> {
    let text = format!(
        "The well of the village is dry and {changed} the pump must be replaced before the summer. Send whatever you can to \
         {address} and tell your friends, every amount counts, and the names of all who give are remembered."
    );
    Sketch::of(&text).unwrap().to_bytes()
}

#[test]
fn the_same_text_with_another_address_is_the_same_campaign() {
    let mut rows = Rows::default();
    for n in 0..3 {
        let export = rows.export(&format!("channel {n}"));
        let address = format!("1BoatSLRHtKNngkdXEeobR76b53LETt{n}yT");
        rows.say(export, "1", 100 + n, "address", &format!("addr-{n}"), true).sketch = appeal(
            &address,
            ["therefore", "so", "and because the rains have not come for years and years at all"][n as usize],
        );
    }
    let found = rows.campaigns();
    assert_eq!(sets(&found), set(&[&["addr-0", "addr-1"], &["addr-2"]]), "the third is too much changed");
    let text = found.campaigns[0].texts.iter().find(|t| t.units_total == 2).unwrap();
    assert_eq!((text.first.unit.item, text.similarity_min >= 0.8), (ItemId(1), true));
    assert!(
        found.campaigns[0].ties.iter().any(|t| t.kind == TieKind::Text && t.value == "item 1 message 1 sighting 0")
    );
}

#[test]
fn chats_of_one_export_with_the_same_message_id_stay_apart() {
    let mut rows = Rows::default();
    let export = rows.export("x");
    for n in 0..2 {
        rows.say(export, "1", 100, "address", &format!("addr-{n}"), true).channel = Some(format!("chat {n}"));
    }
    assert_eq!(sets(&rows.campaigns()), set(&[&["addr-0"], &["addr-1"]]));
}

#[test]
fn a_known_text_or_picture_is_found_again() {
    let mut rows = Rows::default();
    let export = rows.export("channel");
    rows.say(export, "5", 100, "address", "addr-0", true).sketch = appeal("addr", "so");
    rows.page("site.example", 100);
    let item = rows.items.last_mut().unwrap();
    (item.sketch, item.picture_hash) = (appeal("addr", "therefore"), Some(0x0f1e_2d3c_4b5a_6978));
    let known = Known::of(&Material { items: rows.items, sightings: rows.seen, ..Material::default() });
    let again = known.texts(&Sketch::from_bytes(&appeal("addr", "so")).unwrap(), 0.8).0;
    assert_eq!(again.iter().map(|a| a.unit.item.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((again[0].unit.message.as_deref(), again[0].similarity), (Some("5"), 1.0));
    let again = known.pictures(0x0f1e_2d3c_4b5a_6979, 6);
    assert_eq!((again.len(), again[0].unit.item, again[0].similarity), (1, ItemId(2), 63.0 / 64.0));
    assert!(known.pictures(0, 15).is_empty());
}

#[test]
fn pictures_that_look_alike_tie_and_plain_ones_do_not() {
    let mut rows = Rows::default();
    for (n, hash) in [0x0f1e_2d3c_4b5a_6978, 0x0f1e_2d3c_4b5a_697b, 0x0f1e_2d3c_4b5a_9687, 0, 0].into_iter().enumerate()
    {
        let page = rows.page(&format!("site{n}.example"), 100);
        rows.items.last_mut().unwrap().picture_hash = Some(hash);
        rows.see(page, "address", &format!("addr-{n}"), true);
    }
    let found = rows.campaigns();
    assert_eq!(sets(&found), set(&[&["addr-0", "addr-1"], &["addr-2"], &["addr-3"], &["addr-4"]]));
    assert_eq!(found.campaigns.iter().flat_map(|c| &c.pictures).map(|p| p.units_total).sum::<u64>(), 3);
}

#[test]
fn a_page_of_a_channel_and_a_link_to_it_are_tied() {
    let mut rows = Rows::default();
    let page = rows.page("t.me", 100);
    rows.items.last_mut().unwrap().uri = Some("https://t.me/s/Well_Fund".into());
    rows.see(page, "address", "addr-a", true);
    let other = rows.page("blog.example", 101);
    rows.see(other, "address", "addr-b", true);
    rows.see(other, "handle", "telegram:well_fund", true);
    let found = rows.campaigns();
    assert_eq!(sets(&found), set(&[&["addr-a", "addr-b"]]));
    assert!(found.campaigns[0].addresses[0].places.iter().any(|p| p.kind == PlaceKind::Handle));
}

#[test]
fn a_mail_and_its_attachment_are_one_document() {
    let mut rows = Rows::default();
    for (kind, member) in [("email", None), ("pdf", Some("appeal.pdf")), ("zip", None), ("text", Some("other.txt"))] {
        let id = rows.page("x", 100);
        let item = rows.items.last_mut().unwrap();
        (item.kind, item.uri, item.site) = (kind.into(), None, None);
        (item.file, item.member) = (if id < 3 { "a.eml".into() } else { "b.zip".into() }, member.map(str::to_owned));
        if kind != "zip" {
            rows.see(id, "address", &format!("addr-{id}"), true);
        }
    }
    assert_eq!(sets(&rows.campaigns()), set(&[&["addr-1", "addr-2"], &["addr-4"]]));
}

#[test]
fn coupon_codes_make_a_campaign_whose_id_does_not_give_them_away() {
    let mut rows = Rows::default();
    for n in 0..2 {
        let export = rows.export(&format!("channel {n}"));
        rows.say(export, "1", 100 + n, "coupon_code", "1234-5678-9012-3456", true);
    }
    let found = rows.campaigns();
    assert_eq!((found.campaigns.len(), found.campaigns[0].addresses_total), (1, 0));
    let id = found.campaigns[0].id.clone();
    let mut masked = found.campaigns[0].clone();
    masked.mask(|kind, value| format!("{kind:?} …{}", &value[value.len() - 2..]));
    assert!(!serde_json::to_string(&masked).unwrap().contains("1234-5678"));
    assert_eq!((&*masked.values[1].value, &*masked.values[0].value), ("channel 0", "CouponCode …56"));
    for seen in &mut rows.seen {
        seen.value = "9999-5678-9012-3456".into();
    }
    assert_eq!(rows.campaigns().campaigns[0].id, id);
}

#[test]
fn ids_stay_and_former_ids_tell_of_merging_splitting_and_earlier_beginnings() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let mut rows = Rows::default();
    for n in 0..2 {
        let page = rows.page(&format!("site{n}.example"), 100 + n);
        rows.see(page, "address", &format!("addr-{n}"), true);
    }
    let mut apart = rows.campaigns();
    store.remember_campaigns(&mut apart).unwrap();
    let ids: Vec<String> = apart.campaigns.iter().map(|c| c.id.clone()).collect();
    assert!(apart.campaigns.iter().all(|c| c.former_ids.is_empty()) && ids[0].len() == 16 && ids[0] != ids[1]);
    // joined: the id of the earlier, and the later among the former
    let before = rows.clone();
    let page = rows.page("site2.example", 110);
    rows.see(page, "address", "addr-0", true);
    rows.see(page, "address", "addr-1", true);
    let mut joined = rows.campaigns();
    store.remember_campaigns(&mut joined).unwrap();
    assert_eq!((joined.campaigns.len(), &joined.campaigns[0].id), (1, &ids[0]));
    assert_eq!(joined.campaigns[0].former_ids, [ids[1].clone()]);
    // apart again, as the page was deleted: the second was once told under the first's id
    let mut split = before.campaigns();
    store.remember_campaigns(&mut split).unwrap();
    assert_eq!(split.campaigns[0].id, ids[0]);
    assert_eq!((&split.campaigns[1].id, &split.campaigns[1].former_ids), (&ids[1], &vec![ids[0].clone()]));
    // an earlier publication of another address is found
    let page = rows.page("site0.example", 50);
    rows.see(page, "address", "addr-9", true);
    let mut earlier = rows.campaigns();
    store.remember_campaigns(&mut earlier).unwrap();
    assert_eq!(earlier.campaigns.len(), 1);
    assert!(!ids.contains(&earlier.campaigns[0].id));
    assert_eq!(earlier.campaigns[0].former_ids.iter().collect::<BTreeSet<_>>(), ids.iter().collect());
}

#[test]
fn what_comes_from_the_store_makes_the_same_campaigns() {
    use athar_sightings::{ItemEnd, NewItem, NewSighting};
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let mut writer = store.writer();
    for (n, site) in ["a.example", "b.example"].into_iter().enumerate() {
        let item =
            NewItem { file: site.into(), uri: Some(format!("http://{site}/")), read_at: 5, ..NewItem::default() };
        let id = writer.begin(item).unwrap();
        let address = NewSighting {
            kind: "address".into(),
            value: "0x00000000219ab540356cbb839cbe05303d7705fa".into(), // the deposit contract of Ethereum
            chains: vec![(Chain::Ethereum, "0x00000000219ab540356cbb839cbe05303d7705fa".into())],
            solicits: n == 0,
            score: 60,
            ..NewSighting::default()
        };
        writer.add(id, &[address]).unwrap();
        writer.finish(id, ItemEnd::default()).unwrap();
    }
    writer.flush().unwrap();
    let material = store.material().unwrap();
    let found = campaigns(&material.items, &material.sightings, &Hosts::built_in(), &Params::default());
    assert_eq!(found.campaigns.len(), 1);
    let address = &found.campaigns[0].addresses[0];
    assert_eq!((&*address.chain, address.places_total), ("ethereum", 2));
}

/// Random rows: pages and messages that share values of every kind.
fn random_rows() -> impl Strategy<Value = Rows> {
    let unit =
        (0usize..6, 0i64..30, any::<bool>(), any::<bool>(), prop::collection::vec((0usize..5, 0usize..14), 1..5));
    prop::collection::vec(unit, 1..30).prop_map(|units| {
        let mut rows = Rows::default();
        for (site, day, solicits, quotes, values) in units {
            let page = rows.page(&format!("site{site}.example"), 100 + day);
            for (kind, value) in values {
                let kind = ["address", "address", "email", "handle", "site"][kind];
                let value =
                    if kind == "site" { format!("site{}.example", value % 6) } else { format!("{kind}-{value}") };
                let seen = rows.see(page, kind, &value, solicits);
                if quotes {
                    seen.against = NEWS;
                }
            }
        }
        rows
    })
}

/// The addresses of campaigns by repeated merging of sets, as the rules are written down.
fn naive(rows: &Rows) -> BTreeSet<Vec<String>> {
    let mut groups: Vec<(BTreeSet<String>, bool)> = Vec::new();
    for item in &rows.items {
        let seen: Vec<&Sighting> = rows.seen.iter().filter(|s| s.item == item.id).collect();
        let solicits = seen.iter().any(|s| s.solicits);
        let quotes = !solicits && seen.iter().any(|s| s.against == NEWS);
        if quotes || !solicits && !seen.iter().any(|s| s.kind == "address") {
            continue;
        }
        let mut values: BTreeSet<String> =
            seen.iter().filter(|s| s.kind != "site" || solicits).map(|s| format!("{} {}", s.kind, s.value)).collect();
        values.insert(format!("document {}", item.id));
        values.insert(format!("site {}", item.site.as_deref().unwrap()));
        groups.push((values, solicits));
    }
    while let Some((a, b)) = (0..groups.len())
        .flat_map(|a| (a + 1..groups.len()).map(move |b| (a, b)))
        .find(|(a, b)| !groups[*a].0.is_disjoint(&groups[*b].0))
    {
        let (values, solicits) = groups.remove(b);
        groups[a].0.extend(values);
        groups[a].1 |= solicits;
    }
    let addresses = |values: BTreeSet<String>| -> Vec<String> {
        values.iter().filter_map(|v| v.strip_prefix("address ").map(str::to_owned)).collect()
    };
    groups.into_iter().filter(|(_, solicits)| *solicits).map(|(v, _)| addresses(v)).filter(|a| !a.is_empty()).collect()
}

proptest! {
    #[test]
    fn components_are_those_of_a_naive_merge(rows in random_rows()) {
        let params = Params {
            publisher_addresses_free: 1_000, publisher_addresses_max: 1_000, ..Params::default()
        };
        prop_assert_eq!(sets(&rows.with(&params)), naive(&rows));
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(rows in random_rows(), seed in any::<u64>()) {
        let bytes = |rows: &Rows| serde_json::to_vec(&rows.campaigns()).unwrap();
        let mut other = rows.clone();
        let mut state = seed | 1;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for n in (1..other.items.len()).rev() {
            other.items.swap(n, next(n + 1));
        }
        for n in (1..other.seen.len()).rev() {
            other.seen.swap(n, next(n + 1));
        }
        prop_assert_eq!(bytes(&rows), bytes(&other));
    }

    #[test]
    fn no_address_is_in_two_campaigns_and_no_id_is_given_twice(rows in random_rows()) {
        let found = rows.campaigns();
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        for campaign in &found.campaigns {
            prop_assert!(ids.insert(&campaign.id));
            for address in &campaign.addresses {
                prop_assert!(owners.insert(&address.value, &campaign.id).is_none());
            }
        }
    }
}
