//! Any text at all, and any damage to a good file: it is read with every row accounted for, or refused; never a panic.
use crate::common;

use athar_labels::{ImportOptions, check_file};
use common::{EVM, GENESIS, SEGWIT, TRON, day};
use proptest::prelude::*;
use std::sync::LazyLock;

static GOOD: LazyLock<[(&str, String); 5]> = LazyLock::new(|| {
    [
        (
            "p.yaml",
            format!(
                "title: T\ncreator: C\ncurrency: BTC\nlabel: &l 'x'\ntags:\n- address: {GENESIS}\n  label: *l\n- {{address: \"{EVM}\", currency: ETH, concepts: [a, b], context: {{a: 1}}}}\n- tx_hash: |\n    abc\n"
            ),
        ),
        (
            "a.yaml",
            "title: T\nactors:\n- id: one\n  label: One\n  categories: [exchange]\n  context: {a: [b]}\n".into(),
        ),
        ("x.csv", format!("address,label,category,source,basis\n{GENESIS},\"a, b\",exchange,s,judgment\n{TRON},,,,\n")),
        ("o.csv", format!("order,identifier,asset\nx,\"{EVM}, {TRON}\",\nx,104728783,-\n")),
        ("j_XBT.json", format!("[\n\"{GENESIS}\",\n\"{SEGWIT}\"]\n")),
    ]
});

fn read(name: &str, content: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    match check_file(&path, &ImportOptions::new(day("2026-01-01"))) {
        Ok(r) => {
            let kept = r.accepted + r.transactions + r.identifiers + r.actors + r.concepts + r.quarantined;
            assert_eq!(r.rows, kept + r.duplicates);
            assert_eq!(r.accepted, r.chains.values().sum::<u64>());
            assert!(r.defects.iter().all(|d| d.line > 0 && d.text.is_ascii() || d.text.ends_with('…')));
        }
        Err(error) => assert!(error.to_string().contains(name), "{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_damaged_file_is_read_or_refused(
        which in 0usize..5, at in any::<prop::sample::Index>(), cut in 0usize..12,
        put in prop::collection::vec(any::<u8>(), 0..6), syntax in "[\\[\\]{}:,&*!|>'\"#%@`\n\t -]{0,4}",
    ) {
        let (name, good) = &GOOD[which];
        let mut bytes = good.clone().into_bytes();
        let at = at.index(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put);
        read(name, &bytes);
        let mut text = good.clone().into_bytes();
        text.splice(at..end, syntax.into_bytes());
        read(name, &text);
        read(name, &good.as_bytes()[..at]);
    }

    #[test]
    fn any_cell_is_kept(cell in "[ -~\u{80}-\u{2fff}]{0,80}", asset in "[A-Za-z-]{0,6}") {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["order", "identifier", "asset"]).unwrap();
        table.write_record(["o", &cell, &asset]).unwrap();
        read("o.csv", &table.into_inner().unwrap());
    }
}
