//! Files that are malformed as a whole: each is refused with file and place, and nothing that was stored changes.

use crate::common;

use athar_labels::{LabelError, Limits};
use common::{Bed, GENESIS};

/// Imports one good file, then the bad one, and gives the error after checking that the store is as it was.
fn refusal(name: &str, content: impl AsRef<[u8]>) -> String {
    let bed = Bed::new();
    let (store, _) = bed.read("good.csv", format!("address,label,category,source\n{GENESIS},a,exchange,b\n"));
    let (version, manifest) = (store.version(), std::fs::read(bed.dir().join("manifest.json")).unwrap());
    let error = bed.refused(name, content);
    assert!(error.path().ends_with(name));
    assert_eq!(std::fs::read(bed.dir().join("manifest.json")).unwrap(), manifest);
    let store = bed.open();
    assert_eq!((store.version(), store.len()), (version, 1));
    let text = error.to_string();
    text.split_once(name).map_or_else(|| panic!("the error must name the file: {text}"), |(_, rest)| rest.to_owned())
}

const SAY: &str = "; `--encoding` says what it is";
const HEAD: &str = "title: T\ncreator: C\ntags:\n";

#[test]
fn bad_utf_8_is_refused_with_its_byte() {
    assert_eq!(
        refusal("p.yaml", [HEAD.as_bytes(), b"- address: \xc3\x28\n"].concat()),
        format!(": line 4, byte 37: not UTF-8{SAY}")
    );
    assert_eq!(
        refusal("p.csv", b"address,label,category,source\n\xff,,,\n"),
        format!(": line 2, byte 30: not UTF-8{SAY}")
    );
    assert!(refusal("p.csv", b"a\0d\0").contains("byte 1: a zero byte"));
    assert!(refusal("p.csv", b"address\0").contains("byte 7: a zero byte"));
}

#[test]
fn a_line_of_ten_megabytes_is_refused_before_it_is_parsed() {
    let long = format!("{HEAD}- address: {}\n", "a".repeat(10 << 20));
    let text = refusal("p.yaml", long);
    assert!(text.starts_with(": line 4 (byte 26) is 10485772 bytes long"), "{text}");
    assert!(refusal("p.csv", "x".repeat(10 << 20)).contains("line 1"));
}

#[test]
fn a_file_over_the_limit_is_refused() {
    let mut bed = Bed::new();
    bed.options.limits = Limits { bytes_max: 100, ..Limits::default() };
    let error = bed.refused("p.csv", "a\n".repeat(51));
    assert!(matches!(error, LabelError::TooLarge { bytes: 102, max: 100, .. }), "{error}");
}

#[test]
fn duplicate_keys_are_refused_in_header_and_tag() {
    let header = "title: T\ntitle: U\ntags: []\n";
    assert_eq!(refusal("p.yaml", header), ": line 2, column 1: duplicate key `title`");
    let tag = format!("{HEAD}- address: a\n  label: b\n  address: c\n");
    assert_eq!(refusal("p.yaml", tag), ": line 6, column 3: duplicate key `address`");
    let many = (0..100).map(|i| format!("k{i}: x\n")).collect::<Vec<_>>().concat();
    for again in [0, 23, 24, 25, 99] {
        let text = refusal("p.yaml", format!("{many}k{again}: y\ntags: []\n"));
        assert_eq!(text, format!(": line 101, column 1: duplicate key `k{again}`"));
    }
    let flow = format!("{HEAD}- {{a: 1, \"a\": 2}}\n");
    assert_eq!(refusal("p.yaml", flow), ": line 4, column 10: duplicate key `a`");
}

#[test]
fn deep_nesting_is_refused_at_once() {
    let started = std::time::Instant::now();
    for deep in [
        format!("{HEAD}- {}", "[".repeat(500_000)),
        format!("{HEAD}- {}", "{a: ".repeat(200_000)),
        format!("{HEAD}{}", "- ".repeat(200_000)),
        format!("{HEAD}{}", (0..1_000).map(|i| format!("{}- a:\n", "  ".repeat(i))).collect::<Vec<_>>().concat()),
    ] {
        let text = refusal("p.yaml", deep);
        // the parser has a bound of its own for lists inside lists
        assert!(text.contains("nested deeper than 64") || text.contains("recursion limit"), "{text}");
        assert!(text.starts_with(": line "), "{text}");
    }
    assert!(refusal("x.json", "[".repeat(500_000)).starts_with(": line 1"));
    assert!(refusal("x.json", format!("{}1{}", "[".repeat(99_999), "]".repeat(99_999))).contains("not a text"));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn aliases_that_grow_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..30 {
        let below = format!("*a{}, ", i - 1).repeat(10);
        bomb.extend([&format!("a{i}: &a{i} ["), below.trim_end_matches(", "), "]\n"]);
    }
    let text = refusal("p.yaml", format!("{bomb}{HEAD}"));
    assert!(text.contains("aliases stand for more than 10000 values"), "{text}");
    let itself = format!("{HEAD}- &a [*a]\n");
    assert!(refusal("p.yaml", itself).contains("not complete"));
}

#[test]
fn what_the_reader_does_not_do_is_refused_rather_than_half_done() {
    let merge = format!("base: &b {{label: x}}\n{HEAD}- <<: *b\n");
    assert_eq!(refusal("p.yaml", merge), ": line 5, column 3: merge keys (<<) are not read");
    let include = "header: !include header.yaml\ntags: []\n";
    assert_eq!(refusal("p.yaml", include), ": line 1, column 9: tag !include is not read");
    assert!(refusal("p.yaml", format!("{HEAD}---\na: b\n")).contains("a second document"));
    assert!(refusal("p.yaml", "tags: text\n").ends_with(": line 1, column 7: tags are not a list"));
    assert!(refusal("p.yaml", "- a\ntags: x\n").contains("line 2"));
    let key = format!("{HEAD}- [a, b]: c\n");
    assert!(refusal("p.yaml", key).contains("a key that is no text"));
}

#[test]
fn truncated_files_are_refused() {
    let yaml = format!("{HEAD}- address: \"{GENESIS}\n");
    assert!(refusal("p.yaml", yaml).starts_with(": line 4"), "an open quote");
    let list = refusal("p.yaml", format!("{HEAD}- [a, b"));
    assert!(list.starts_with(": line 4"), "an open list: {list}");
    let json = refusal("x.json", format!("[\"{GENESIS}\",\n\"abc"));
    assert!(json.starts_with(": line 2, column 4"), "{json}");
    let csv = refusal("x.csv", format!("address,label,category,source\n{GENESIS},a,exchange,b\n{GENESIS},a,exch"));
    assert_eq!(csv, ": line 3, column 0: 3 columns where the header has 4");
    let turtle = refusal("t.ttl", "@prefix a: <http://a/> .\na:b a a:c ;\n  a:d \"x");
    assert!(turtle.starts_with(": line 3"), "{turtle}");
}

#[test]
fn wrong_columns_and_contents_are_refused() {
    assert_eq!(refusal("x.csv", "address,label\n"), ": line 1, column 0: column `category` is missing");
    let twice = "address,label,category,source,label\n";
    assert_eq!(refusal("x.csv", twice), ": line 1, column 0: column `label` stands there twice");
    assert!(refusal("x.csv", "a;b\n1;2\n").contains("not a format that is read"));
    assert!(refusal("x.csv", "").contains("empty"));
    assert_eq!(refusal("x.json", "[\"a\",\n 3]"), ": line 2, column 2: not a text; the list must hold addresses only");
    assert!(refusal("t.ttl", "@prefix a: <http://a/> .\n").contains("no concept"));
    assert!(refusal("p.yaml", "tags:\n\t- a: b\n").starts_with(": line 2"), "a tab as indentation");
}

#[test]
fn a_folder_or_a_missing_file_is_named() {
    let bed = Bed::new();
    let mut store = bed.open();
    let paths = [bed.folder.path().to_owned(), bed.folder.path().join("nothing.csv")];
    let outcome = store.import(&paths, &bed.options).unwrap();
    assert!(outcome.reports.is_empty());
    assert!(outcome.refused.iter().zip(&paths).all(|(error, path)| error.path() == path), "{:?}", outcome.refused);
}

#[test]
fn a_bad_file_among_good_ones_does_not_keep_the_good_ones_out() {
    let bed = Bed::new();
    let table = |a: &str| format!("address,label,category,source\n{a},a,exchange,b\n");
    let paths = [
        bed.file("a.csv", table(GENESIS)),
        bed.file("bad.yaml", "title: T\ntitle: U\ntags: []\n"),
        bed.file("b.csv", table(common::P2SH)),
    ];
    let mut store = bed.open();
    let outcome = store.import(&paths, &bed.options).unwrap();
    assert_eq!((outcome.reports.len(), outcome.refused.len(), store.len()), (2, 1, 2));
    assert_eq!(bed.open().len(), 2);
}
