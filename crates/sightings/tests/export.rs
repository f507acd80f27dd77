//! Campaigns for other programs: the bundle holds together, hides what it should, and is the same twice.
use athar_sightings::export::{StixOptions, Tlp, stix_bundle, tag_rows};
use athar_sightings::{Hosts, Item, ItemId, Params, Sighting, campaigns};
use athar_types::{Chain, UnixTime};
use serde_json::Value;
use std::collections::BTreeSet;

const ADDRESS: &str = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"; // an example of the Bitcoin wiki

fn rows() -> (Vec<Item>, Vec<Sighting>) {
    let items = (1..=2u64).map(|n| Item {
        id: ItemId(n),
        kind: "html".into(),
        file: format!("/home/somebody/file-{n}"),
        uri: Some(format!("https://site{n}.example/تبرع?a=b c")),
        site: Some(format!("site{n}.example")),
        read_at: 1_700_000_000 + n as i64,
        sha256: Some([n as u8; 32]),
        captured: Some(UnixTime(1_600_000_000 + n as u32)),
        ..Item::default()
    });
    let seen = [
        (1, "address", ADDRESS),
        (1, "email", "who@example.org"),
        (1, "handle", "telegram:who"),
        (2, "address", ADDRESS),
    ];
    let seen = seen.into_iter().enumerate().map(|(n, (item, kind, value))| Sighting {
        id: n as u64 + 1,
        item: ItemId(item),
        n: n as u32,
        kind: kind.into(),
        value: value.into(),
        chains: if kind == "address" { vec![(Chain::Bitcoin, value.into())] } else { Vec::new() },
        solicits: true,
        score: 90,
        excerpt: "the words around it".into(),
        author: Some("somebody".into()),
        ..Sighting::default()
    });
    (items.collect(), seen.collect())
}

fn bundle(personal: bool, excerpts: bool) -> Value {
    let (items, seen) = rows();
    let found = campaigns(&items, &seen, &Hosts::built_in(), &Params::default());
    assert_eq!(found.campaigns.len(), 1);
    let options = StixOptions { now: 1_750_000_000, producer: "A unit", tlp: Some(Tlp::AmberStrict), personal };
    stix_bundle(&found.campaigns, &items, if excerpts { &seen } else { &[] }, options)
}

fn kinds(bundle: &Value) -> Vec<&str> {
    bundle["objects"].as_array().unwrap().iter().map(|o| o["type"].as_str().unwrap()).collect()
}

#[test]
fn every_reference_of_a_bundle_is_in_it_and_every_id_is_there_once() {
    let bundle = bundle(true, true);
    if let Some(path) = std::env::var_os("ATHAR_STIX_OUT") {
        std::fs::write(path, serde_json::to_vec_pretty(&bundle).unwrap()).unwrap();
    }
    let objects = bundle["objects"].as_array().unwrap();
    let ids: Vec<&str> = objects.iter().map(|o| o["id"].as_str().unwrap()).collect();
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len());
    for object in objects {
        let lists =
            ["object_refs", "object_marking_refs"].into_iter().filter_map(|name| object[name].as_array()).flatten();
        for reference in lists.chain(object.get("created_by_ref")) {
            assert!(known.contains(reference.as_str().unwrap()), "{reference}");
        }
        let kind = object["type"].as_str().unwrap();
        assert!(object["id"].as_str().unwrap().starts_with(&format!("{kind}--")));
        if kind != "marking-definition" {
            assert_eq!(object["object_marking_refs"][0], "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003");
        }
    }
    let observed = objects.iter().find(|o| o["type"] == "observed-data").unwrap();
    assert_eq!(observed["first_observed"], "2020-09-13T12:26:41.000Z");
    assert_eq!(observed["last_observed"], "2020-09-13T12:26:42.000Z");
    assert_eq!((observed["number_observed"].as_u64(), observed["object_refs"].as_array().unwrap().len()), (Some(2), 5));
    assert_eq!(observed["labels"][0], "first-date-captured");
    let url = objects.iter().find(|o| o["type"] == "url").unwrap();
    assert_eq!(url["value"], "https://site1.example/%D8%AA%D8%A8%D8%B1%D8%B9?a=b%20c");
}

#[test]
fn the_same_campaigns_give_the_same_bytes() {
    assert_eq!(bundle(true, true).to_string(), bundle(true, true).to_string());
}

#[test]
fn what_is_personal_and_excerpts_are_in_a_bundle_only_where_asked() {
    let with = bundle(true, true);
    assert!(["email-addr", "user-account", "note"].iter().all(|kind| kinds(&with).contains(kind)));
    let without = bundle(false, false);
    assert!(!["email-addr", "user-account", "note"].iter().any(|kind| kinds(&without).contains(kind)));
    let text = without.to_string();
    for words in ["who", "the words around it", "somebody"] {
        assert!(!text.replace("who owns", "").contains(words), "{words}");
    }
}

#[test]
fn a_row_for_a_tagpack_names_its_source_and_its_originals() {
    let (items, seen) = rows();
    let found = campaigns(&items, &seen, &Hosts::built_in(), &Params::default());
    let rows = tag_rows(&found.campaigns, &items);
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!((&*row.chain, &*row.address, row.solicited, &*row.lastmod), ("bitcoin", ADDRESS, true, "2020-09-13"));
    assert_eq!(row.source.as_deref(), Some("https://site1.example/تبرع?a=b c"));
    let context: Value = serde_json::from_str(&row.context).unwrap();
    assert_eq!(context["campaign"], found.campaigns[0].id);
    assert_eq!((&context["first_published_source"], &context["places"]), (&"captured".into(), &2.into()));
    assert_eq!(context["originals_sha256"].as_array().unwrap().len(), 2);
    assert!(!row.context.contains("somebody") && !row.label.contains("owner"));
}
