//! Labels out and in again: nothing that the format can hold is lost, and no spreadsheet is given a formula.

use crate::common;

use athar_labels::{Claim, Label, export_actorpack, export_csv, export_tagpack, export_tagpacks};
use athar_types::Basis;
use common::{Bed, EVM, GENESIS, P2SH, SEGWIT, TRON, TXID};

fn source() -> String {
    format!(
        "address,label,category,source,confidence,basis,country,valid_from,valid_to,chain,asset,actor,concepts,lastmod,entry,context
{GENESIS},'=HYPERLINK(\"x\"),terrorist_financing,@handle,forensic,judgment,IL,2020-01-02,2021-03-04,bitcoin,XBT,one,ransomware,2022-01-01,7,note
{TRON},\"O'Neil, \u{202e}reversed\",donation_campaign,https://a.example,,complaint,,,,tron,USDT,,,,,
{EVM},+1,exchange,s,80,own_analysis,,,,polygon,,,,,,\"{{\"\"a\"\":1}}\"
nonsense,x,exchange,s,,,,,,bitcoin,,,,,,
"
    )
}

fn claims<'a>(labels: impl Iterator<Item = &'a Label>) -> Vec<(String, Claim, Option<String>)> {
    let mut all: Vec<_> = labels
        .filter(|l| l.is_accepted())
        .map(|l| (format!("{:?} {}", l.chain, l.text), (*l.claim).clone(), l.context.as_deref().map(str::to_owned)))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn the_csv_export_reads_back_as_the_same_labels() {
    let bed = Bed::new();
    let (store, _) =
        bed.read("a.csv", source().replace("=HYPERLINK(\"x\")", "\"=HYPERLINK(\"\"x\"\")\"").replace("'\"=", "\"'="));
    let mut out = Vec::new();
    assert_eq!(export_csv(&store, &mut out).unwrap(), 3, "what is in quarantine is not exported");
    let text = String::from_utf8(out.clone()).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    assert!(text.contains("'+1"), "{text}");
    let again = Bed::new();
    let (back, report) = again.read("b.csv", out);
    assert!(report.defects.is_empty(), "{:?}", report.defects);
    assert_eq!(claims(back.iter()), claims(store.iter()));
}

#[test]
fn the_tagpack_export_is_yaml_to_others_and_reads_back_with_its_basis() {
    let bed = Bed::new();
    let (mut store, _) = bed.read("a.csv", source().replace("'=HYPERLINK(\"x\")", "'=1"));
    bed.import(
        &mut store,
        "p.yaml",
        format!("title: P\ncreator: C\ncurrency: BTC\nsource: s\nconfidence: forensic\nlastmod: 2020-02-02\ntag_type: event\nis_cluster_definer: yes\ntags:\n- address: {SEGWIT}\n  label: \"a: \\\"b\\\"\\n#c\"\n  category: daydreaming\n  context: plain words\n- tx_hash: {TXID}\n  label: t\n- address: {P2SH}\n  label: e\n  abuse: extremism\n"),
    );
    let mut out = Vec::new();
    assert_eq!(export_tagpack("An \"export\"", "Us", &store, &mut out).unwrap(), 6);
    let text = String::from_utf8(out.clone()).unwrap();
    assert!(!text.contains('\u{202e}'), "direction marks are escaped");

    // an independent reader of YAML sees the same texts
    let yaml: serde_norway::Value = serde_norway::from_str(&text).unwrap();
    assert_eq!(yaml["title"].as_str(), Some("An \"export\""));
    let tags = yaml["tags"].as_sequence().unwrap();
    let names: Vec<_> = tags.iter().map(|t| t["label"].as_str().unwrap()).collect();
    for name in ["a: \"b\"\n#c", "O'Neil, \u{202e}reversed", "=1"] {
        assert!(names.contains(&name), "{name}");
    }

    let again = Bed::new();
    let (back, report) = again.read("b.yaml", out);
    assert_eq!(report.unknown_concepts.keys().collect::<Vec<_>>(), ["daydreaming"]);
    let (ours, theirs) = (claims(store.iter()), claims(back.iter()));
    assert_eq!(ours.len(), theirs.len());
    for (before, after) in ours.iter().zip(&theirs) {
        assert_eq!((&before.0, &before.2), (&after.0, &after.2), "subject and context");
        let (b, a) = (&before.1, &after.1);
        assert_eq!(
            (&b.name, b.basis, b.category, &b.country, b.valid_from),
            (&a.name, a.basis, a.category, &a.country, a.valid_from)
        );
        assert_eq!((&b.source, &b.confidence, b.lastmod, &b.entry), (&a.source, &a.confidence, a.lastmod, &a.entry));
        assert_eq!((b.is_cluster_definer, &b.tag_type, &b.actor), (a.is_cluster_definer, &a.tag_type, &a.actor));
    }
    assert!(theirs.iter().any(|(_, claim, _)| claim.basis == Basis::Judgment));
}

#[test]
fn an_empty_export_is_still_a_pack() {
    let mut out = Vec::new();
    assert_eq!(export_tagpack("E", "Us", [], &mut out).unwrap(), 0);
    let bed = Bed::new();
    let (_, report) = bed.read("e.yaml", out);
    assert_eq!((report.rows, report.title.as_str()), (0, "E"));
}

#[test]
fn each_pack_becomes_a_file_of_its_own_with_every_mandatory_field() {
    let bed = Bed::new();
    let mut store = bed.open();
    let head = "address,label,category,source\n";
    bed.import(&mut store, "One list (شبكة).csv", format!("{head}{GENESIS},a,scam,s\nbroken,b,scam,s\n"));
    bed.import(&mut store, "two.csv", format!("{head}{SEGWIT},c,terrorist_financing,\n{TRON},d,mixer,s\n"));
    bed.import(&mut store, "none.csv", format!("{head}broken,b,scam,s\n"));
    let files = export_tagpacks(&store).unwrap();
    let mut names: Vec<&str> = files.iter().map(|(name, _)| name.split('-').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "two"]);
    for (name, text) in &files {
        assert!(
            name.is_ascii() && name.rsplit('.').next() == Some("yaml") && !name.contains(['/', ' ', '(']),
            "{name}"
        );
        let yaml: serde_norway::Value = serde_norway::from_slice(text).unwrap();
        // the fields that GraphSense's schema calls mandatory
        for field in ["title", "creator", "tags"] {
            assert!(!yaml[field].is_null(), "{name}: {field}");
        }
        for tag in yaml["tags"].as_sequence().unwrap() {
            for field in ["address", "label", "source", "currency", "network"] {
                assert!(tag[field].as_str().is_some_and(|text| !text.is_empty()), "{name}: {field}");
            }
        }
        assert!(!Bed::new().read(name, text).1.title.is_empty());
    }
}

#[test]
fn an_actor_of_whom_little_is_said_has_every_mandatory_field() {
    let bed = Bed::new();
    let (store, _) = bed.read("a.yaml", "title: T\ncreator: C\nactors:\n- id: one\n  label: One\n");
    let mut out = Vec::new();
    assert_eq!(export_actorpack("All", "Us", store.actors(), &mut out).unwrap(), 1);
    let yaml: serde_norway::Value = serde_norway::from_slice(&out).unwrap();
    let actor = &yaml["actors"][0];
    for field in ["id", "label", "uri", "categories"] {
        assert!(!actor[field].is_null(), "{field}");
    }
    let (back, _) = Bed::new().read("b.yaml", out);
    assert_eq!(back.actor("one").unwrap().label, "One");
}
