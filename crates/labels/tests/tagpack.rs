//! GraphSense TagPacks and ActorPacks, field by field.

use crate::common;

use athar_labels::{DefectKind, Label, SubjectKind};
use athar_types::{Basis, Category, Chain};
use common::{Bed, EVM, GENESIS, P2SH, SEGWIT, TRON, TXID, day, defects};

#[test]
fn every_field_is_read_and_the_headers_values_hold_unless_a_tag_says_otherwise() {
    let pack = format!(
        "---
title: A pack
creator: Somebody
description: For a test
owner: me
lastmod: 2021-03-04
label: Header label
source: https://example.org/header
currency: BTC
confidence: forensic
category: exchange
is_cluster_definer: true
actor: an_actor
tags:
- address: {GENESIS}
- address: '{EVM}'
  label: Own label
  source: https://example.org/own
  currency: USDT
  network: ETH
  confidence: ownership
  category: service
  abuse: ransomware
  concepts: [mixing_service, cold_wallet]
  is_cluster_definer: False
  lastmod: '2022-05-06T07:08:09'
  actor: ~
  tag_type: mention
  context: {{token: USDT, count: 3, proved: true, list: [a, null]}}
- tx_hash: {}
  context: '{{\"a\": 1}}'
",
        TXID.to_uppercase()
    );
    let bed = Bed::new();
    let (store, report) = bed.read("p.yaml", pack);
    assert_eq!((report.rows, report.accepted, report.transactions), (3, 2, 1));
    assert_eq!(defects(&report), []);
    assert_eq!(report.as_of, Some(day("2021-03-04")));

    let labels: Vec<&Label> = store.lookup(Chain::Bitcoin, GENESIS).collect();
    let [first] = labels[..] else { panic!("{labels:?}") };
    assert_eq!((first.line, &*first.name, first.category), (15, "Header label", Category::Exchange));
    assert_eq!(first.source.as_deref(), Some("https://example.org/header"));
    assert_eq!(first.confidence.as_ref().unwrap().level, Some(50));
    assert_eq!((first.is_cluster_definer, first.actor.as_deref()), (Some(true), Some("an_actor")));
    assert_eq!((first.lastmod, first.basis), (Some(day("2021-03-04")), Basis::ThirdPartyClaim));
    assert_eq!((first.valid_from, first.valid_to, first.country.as_ref()), (None, None, None), "nothing is inferred");
    assert_eq!(first.pack.extra, ["owner: me"]);
    assert!(first.is_service());

    let second = store.lookup(Chain::Ethereum, EVM).next().unwrap();
    assert_eq!((second.line, &*second.name, second.asset.as_deref()), (16, "Own label", Some("USDT on ETH")));
    assert_eq!(second.category, Category::Mixer, "the weightiest category is the one to name");
    assert_eq!(second.categories, [Category::Mixer, Category::Ransomware, Category::Service]);
    assert_eq!(second.concepts, ["mixing_service", "cold_wallet", "ransomware", "service"]);
    assert_eq!((second.is_cluster_definer, second.actor.as_ref()), (Some(false), None));
    assert_eq!(second.lastmod, Some(day("2022-05-06")));
    assert_eq!(second.tag_type.as_deref(), Some("mention"));
    assert_eq!(second.context.as_deref(), Some(r#"{"count":3,"list":["a",null],"proved":true,"token":"USDT"}"#));

    let third = store.lookup_transaction(Chain::Bitcoin, TXID).next().unwrap();
    assert_eq!(
        (third.subject, third.line, third.context.as_deref()),
        (SubjectKind::Transaction, 30, Some("{\"a\": 1}"))
    );
    assert_eq!(third.as_written.as_deref(), Some(TXID.to_uppercase().as_str()));
}

#[test]
fn defects_have_their_line_and_column_and_leave_the_entry_in_the_store() {
    let pack = format!(
        "title: T
creator: C
currency: BTC
source: s
label: l
confidence: sure
colour: red
tags:
- address: {GENESIS}
  is_cluster_definer: perhaps
  lastmod: 4 March
  colour: blue
  abuse: daydreaming
- label: other
  address: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb
- just text
- label: nothing
- address: [a, b]
- address: {TRON}
  tx_hash: {TXID}
- tx_hash: abc
- tx_hash: {TXID}
  currency: ATOM
- address: {GENESIS}
  is_cluster_definer: perhaps
  lastmod: 4 March
  colour: blue
  abuse: daydreaming
"
    );
    let bed = Bed::new();
    let (store, report) = bed.read("p.yaml", pack);
    assert_eq!(
        defects(&report),
        [
            (7, Some(9), "unknown_field"),
            (13, Some(10), "unknown_concept"),
            (6, Some(13), "confidence"),
            (11, Some(12), "date"),
            (10, Some(23), "boolean"),
            (15, Some(12), "checksum"),
            (16, Some(3), "shape"),
            (17, Some(3), "empty"),
            (18, Some(12), "shape"),
            (20, Some(12), "shape"),
            (19, Some(12), "asset_mismatch"),
            (21, Some(12), "transaction_id"),
            (22, Some(12), "unknown_asset"),
            (26, Some(12), "date"),
            (25, Some(23), "boolean"),
            (24, Some(12), "duplicate"),
        ]
    );
    assert_eq!(report.unknown_concepts["daydreaming"], 2);
    assert_eq!(report.unknown_fields["colour"], 3);
    assert_eq!((report.accepted, report.quarantined, report.duplicates), (2, 6, 1));
    let label = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert_eq!((label.category, label.lastmod, label.is_cluster_definer), (Category::Other, None, None));
    assert_eq!((&label.concepts[..], &label.extra[..]), (&["daydreaming".into()][..], &["colour: blue".into()][..]));
    assert_eq!(label.confidence.as_ref().map(|c| (c.id.as_str(), c.level)), Some(("sure", None)));
    let moved = store.lookup(Chain::Tron, TRON).next().unwrap();
    assert_eq!((moved.note, moved.asset.as_deref()), (Some(DefectKind::AssetMismatch), Some("BTC")));
    let broken = store.quarantined("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb").next().unwrap();
    assert_eq!((broken.line, broken.chain, broken.quarantine), (14, Some(Chain::Bitcoin), Some(DefectKind::Checksum)));
}

#[test]
fn extremism_stays_extremism_and_terrorism_becomes_terrorist_financing() {
    let pack = |abuse: &str| {
        format!("title: T\ncreator: C\ncurrency: BTC\nabuse: {abuse}\nsource: s\nlabel: l\ntags:\n- address: {P2SH}\n")
    };
    let bed = Bed::new();
    let category = |abuse: &str| {
        let mut store = bed.open();
        bed.import(&mut store, "p.yaml", pack(abuse));
        store.lookup(Chain::Bitcoin, P2SH).next().unwrap().categories.clone()
    };
    assert_eq!(category("extremism"), [Category::Extremism]);
    assert_eq!(category("terrorism"), [Category::TerroristFinancing]);
    assert_eq!(category("terrorism_financing"), [Category::TerroristFinancing]);
}

#[test]
fn the_basis_follows_the_source_and_a_complaint_is_never_severe() {
    use athar_types::{Level, Relation};
    let pack = |source: &str| {
        format!(
            "title: T\ncreator: C\ncurrency: BTC\nabuse: terrorism\nlabel: l\nsource: {source}\ntags:\n- address: {SEGWIT}\n"
        )
    };
    for (source, basis, level) in [
        ("https://www.justice.gov/opa/press-release/file/1304296/download", Basis::Complaint, Level::High),
        ("https://www.treasury.gov/ofac/downloads/sdnlist.txt", Basis::Designation, Level::Severe),
        ("https://ofac.treasury.gov/recent-actions/20231129", Basis::AuthorityStatement, Level::High),
        ("https://example.org", Basis::ThirdPartyClaim, Level::High),
    ] {
        let bed = Bed::new();
        let (store, _) = bed.read("p.yaml", pack(source));
        let label = store.lookup(Chain::Bitcoin, SEGWIT).next().unwrap();
        assert_eq!((label.basis, label.level(Relation::Ownership)), (basis, level), "{source}");
    }
}

#[test]
fn aliases_headers_below_header_and_quoting_styles_are_read() {
    let pack = format!(
        "header:
  title: T
  creator: C
  currency: BTC
tags:
- &first
  address: >-
    {GENESIS}
  label: \"a\\u00e9\"
  source: |
    two
    lines
- *first
- {{address: {P2SH}, label: 'it''s', source: s}}
"
    );
    let bed = Bed::new();
    let (store, report) = bed.read("p.yaml", pack);
    assert_eq!((report.title.as_str(), report.accepted, report.duplicates), ("T", 2, 1));
    let label = store.lookup(Chain::Bitcoin, GENESIS).next().unwrap();
    assert_eq!((&*label.name, label.source.as_deref()), ("aé", Some("two\nlines\n")));
    assert_eq!(store.lookup(Chain::Bitcoin, P2SH).next().unwrap().name, "it's");
}

#[test]
fn an_unquoted_hexadecimal_address_is_a_text_and_no_number() {
    let bed = Bed::new();
    let text =
        format!("title: T\ncreator: C\ntags:\n- address: {EVM}\n  currency: ETH\n  label: 01\n  source: 2020-01-01\n");
    let (store, _) = bed.read("p.yaml", text);
    let label = store.lookup(Chain::Ethereum, EVM).next().unwrap();
    assert_eq!((&*label.name, label.source.as_deref()), ("01", Some("2020-01-01")));
}

#[test]
fn mandatory_fields_that_are_absent_are_told_once_and_counted() {
    let bed = Bed::new();
    let (_, report) = bed.read("p.yaml", format!("tags:\n- address: {GENESIS}\n- address: {P2SH}\n"));
    let missing: Vec<_> = report.missing_fields.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    assert_eq!(
        missing,
        [("confidence", 2), ("creator", 1), ("currency", 2), ("label", 2), ("source", 2), ("title", 1)]
    );
    assert_eq!(report.count(DefectKind::MissingField), 6);
    assert_eq!((report.accepted, report.chain_from_text), (2, 2));
}

#[test]
fn actor_packs_give_actors_and_keep_what_the_schema_does_not_have() {
    let pack = "%YAML 1.1
---
title: Actors
creator: C
lastmod: '2023-02-17'
colour: red
actors:
- id: one
  label: One
  uri: one.example
  categories: [exchange, cold_wallet]
  jurisdictions: [US, GB]
  aliases: [Uno]
  context:
    refs: [a]
  mood: fine
- id: two
  label: Two
  uri: two.example
  lastmod: 2024-01-02
  categories: [daydreaming]
- label: nobody
- text
- id: one
  label: One again
  uri: one.example
  categories: []
- id: two
  label: Two
  uri: two.example
  lastmod: 2024-01-02
  categories: [daydreaming]
";
    let bed = Bed::new();
    let (store, report) = bed.read("a.yaml", pack);
    assert_eq!((report.rows, report.actors, report.quarantined, report.duplicates), (6, 3, 2, 1));
    assert_eq!(
        defects(&report),
        [
            (6, Some(1), "unknown_field"),
            (16, Some(3), "unknown_field"),
            (21, Some(15), "unknown_concept"),
            (22, Some(3), "missing_field"),
            (23, Some(3), "shape"),
            (24, Some(3), "duplicate"),
            (28, Some(3), "duplicate"),
        ]
    );
    let one = store.actor("one").unwrap();
    assert_eq!((one.label.as_str(), one.line, one.categories[0]), ("One", 8, Category::Exchange));
    assert_eq!((&one.jurisdictions[..], &one.aliases[..]), (&["US".into(), "GB".into()][..], &["Uno".into()][..]));
    assert_eq!(one.context.as_deref(), Some(r#"{"mood":"fine","refs":["a"]}"#));
    assert_eq!((one.lastmod, store.actor("two").unwrap().lastmod), (Some(day("2023-02-17")), Some(day("2024-01-02"))));
    assert!(store.actor("three").is_none());
    assert_eq!(report.unknown_concepts["daydreaming"], 2);
}
