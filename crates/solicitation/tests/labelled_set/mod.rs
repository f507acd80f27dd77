//! The labelled set: its reader, and the figures of a decision on it.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use athar_solicitation::Groups;
use std::fmt;
use std::path::Path;

/// What stands for an address in the set: the example of BIP 173.
const ADDRESS: &str = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
/// What stands for the code of a coupon.
const COUPON: &str = "6299 4417 0385 2216";

/// One labelled passage.
pub struct Row {
    pub id: String,
    pub author: String,
    pub language: String,
    pub solicits: bool,
    pub kind: String,
    pub addresses_inside: u32,
    pub segment: String,
}

/// The rows of a file: id, author, language, label, kind, addresses inside and the segment, tabs between, `\t` and `\n` escaped.
pub fn read(file: &Path) -> Vec<Row> {
    let content = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    content
        .lines()
        .enumerate()
        .filter(|(i, line)| !(line.trim().is_empty() || (*i == 0 && line.starts_with("id\t"))))
        .map(|(i, line)| {
            let place = format!("{}:{}", file.display(), i + 1);
            let fields: Vec<&str> = line.splitn(7, '\t').collect();
            assert_eq!(fields.len(), 7, "{place}: seven fields");
            let solicits = match fields[3] {
                "solicits" => true,
                "innocent" => false,
                other => panic!("{place}: label {other}"),
            };
            Row {
                id: fields[0].into(),
                author: fields[1].into(),
                language: fields[2].into(),
                solicits,
                kind: fields[4].into(),
                addresses_inside: fields[5].parse().unwrap_or_else(|e| panic!("{place}: {e}")),
                segment: fields[6]
                    .replace("\\n", "\n")
                    .replace("\\t", "\t")
                    .replace("{ADDR}", ADDRESS)
                    .replace("{CODE}", COUPON),
            }
        })
        .collect()
}

/// The invented groups of the set, or those of another file of the same form (id, tab, name).
pub fn groups(file: Option<&Path>) -> Groups {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/groups.tsv");
    let content = std::fs::read_to_string(file.unwrap_or(&own)).unwrap();
    Groups::new(content.lines().filter_map(|l| l.split_once('\t')).map(|(id, name)| (id.to_owned(), name.to_owned())))
}

/// Decisions against labels.
#[derive(Default)]
pub struct Counts {
    pub found: u32,
    pub missed: u32,
    pub wrong: u32,
    pub left: u32,
}

impl Counts {
    pub fn add(&mut self, solicits: bool, told: bool) {
        *match (solicits, told) {
            (true, true) => &mut self.found,
            (true, false) => &mut self.missed,
            (false, true) => &mut self.wrong,
            (false, false) => &mut self.left,
        } += 1;
    }

    pub fn precision(&self) -> f64 {
        f64::from(self.found) / f64::from((self.found + self.wrong).max(1))
    }

    pub fn recall(&self) -> f64 {
        f64::from(self.found) / f64::from((self.found + self.missed).max(1))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |hits: u32, all: u32| {
            let (low, high) = wilson(hits, all);
            format!("{:.3} [{low:.3}, {high:.3}]", f64::from(hits) / f64::from(all.max(1)))
        };
        let (solicits, innocent) = (self.found + self.missed, self.wrong + self.left);
        let (precision, recall) = (part(self.found, self.found + self.wrong), part(self.found, solicits));
        write!(f, "{precision}  {recall}  {solicits:>8}  {innocent:>8}")
    }
}

/// The 95 % interval of a share after Wilson (1927).
pub fn wilson(hits: u32, all: u32) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, z) = (f64::from(all), 1.959_964);
    let p = f64::from(hits) / n;
    let middle = p + z * z / (2.0 * n);
    let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((middle - spread) / scale).max(0.0), ((middle + spread) / scale).min(1.0))
}
