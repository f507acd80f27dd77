//! How well names are matched: real lists, names of their own script against their Latin names, invented customers.
//!
//! `athar bench names` runs this. What is asked, by [`Asked`]:
//!
//! - a listed person's name in Arabic letters, as the list itself gives it, must find that person first, above the
//!   threshold, among all Latin names of the list (primary names and good aliases);
//! - the same persons' Latin names, respelt as a French, a Turkish and a careless writer would, must too;
//! - strangers, 50,000 a kind, their names put together from real given and family names at the frequencies of the table and
//!   of the list, must find nobody: once with two words of five from listed persons' names, once with all of them, which no
//!   population has and which says how much of a score is coincidence;
//! - every listed name must find nobody else on the list.
//!
//! What was chosen on which data, and what is untouched, stands in `docs/reference/names.md`.

mod sets;
mod speed;

pub use athar_names::frequency_table;
pub use sets::{Asked, LabelledPair, Part, Sets, Subject};
pub use speed::{NameSpeed, name_speed, speed_text};

use athar_names::{Facts, Listed, ListedName, Query, Screener, Session, Wanted, Weights};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// Found and asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Share {
    /// How many.
    pub of: u32,
    /// How many of them.
    pub found: u32,
}

impl Share {
    fn add(&mut self, found: bool) {
        self.of += 1;
        self.found += u32::from(found);
    }

    /// The share, 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.found) / f64::from(self.of.max(1))
    }

    /// The 95 % interval of the share.
    ///
    /// Source: Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    pub fn interval(self) -> (f64, f64) {
        let (n, p, z) = (f64::from(self.of.max(1)), self.share(), 1.959_964_f64);
        let middle = p + z * z / (2.0 * n);
        let width = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let below = 1.0 + z * z / n;
        (((middle - width) / below).max(0.0), ((middle + width) / below).min(1.0))
    }
}

/// What one kind of queries gave.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Found {
    /// The right one first, above the threshold.
    pub first: Share,
    /// The right one first, at whatever score.
    pub first_at_all: Share,
    /// By the number of words in the query.
    pub by_words: BTreeMap<usize, Share>,
    /// On the entries that costs and frequencies were learned on, and on the others.
    pub by_part: BTreeMap<Part, Share>,
    /// Queries that failed: the id, the query, and what came first instead with its score.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed: Vec<(String, String, String, f32)>,
}

/// What all of it gave, at one threshold.
#[derive(Clone, Debug, Serialize)]
pub struct NameRates {
    /// The threshold.
    pub threshold: f32,
    /// Listed subjects, and names of theirs that were filed.
    pub listed: (usize, usize),
    /// By what was asked.
    pub found: BTreeMap<&'static str, Found>,
    /// Customers on no list who got a hit, by what their names are written in.
    pub false_hits: BTreeMap<&'static str, Share>,
    /// Strangers who got a hit, by the number of words; those of 40 % listed words.
    pub false_by_words: BTreeMap<usize, Share>,
    /// Listed names that hit somebody else on the list.
    pub others_hit: Share,
    /// Pairs of a listed name and another subject that hit.
    pub pairs_hit: (u64, u64),
}

fn of(id: &str, names: &[String]) -> Listed {
    let names = names.iter().map(|text| ListedName { text: text.clone(), weak: false }).collect();
    Listed { list: "un-sc".into(), id: id.into(), names, facts: Facts::default() }
}

/// Runs all of it at `threshold`.
pub fn measure_names(sets: &Sets, threshold: f32, show_failed: bool) -> NameRates {
    let screener = Screener::new(sets.listed.iter().map(|l| of(&l.id, &l.latin)).collect());
    let query = |name: &str| Query { name: name.into(), facts: Facts::default() };
    let mut found: BTreeMap<&'static str, Found> = BTreeMap::new();
    let open = Wanted { threshold: 0.05, top: 1 };
    let answers: Vec<_> = sets
        .asked
        .par_iter()
        .map_init(Session::default, |session, asked| screener.screen(&query(&asked.name), &open, session))
        .collect();
    for (asked, hits) in sets.asked.iter().zip(answers) {
        let here = found.entry(asked.kind).or_default();
        let first = hits.first();
        let right = first.is_some_and(|h| h.id == asked.id);
        let above = right && first.is_some_and(|h| h.score >= threshold);
        here.first.add(above);
        here.first_at_all.add(right);
        here.by_words.entry(asked.name.split_whitespace().count()).or_default().add(above);
        here.by_part.entry(asked.part).or_default().add(above);
        if !above && show_failed {
            let (name, score) = first.map_or((String::new(), 0.0), |h| (h.matched_name.clone(), h.score));
            here.failed.push((asked.id.clone(), asked.name.clone(), name, score));
        }
    }
    let wanted = Wanted { threshold, top: 50 };
    let (mut false_hits, mut false_by_words) = (BTreeMap::new(), BTreeMap::new());
    for (script, names) in sets.strangers.iter().map(|(script, names)| (*script, names)) {
        let hits: Vec<bool> = names
            .par_iter()
            .map_init(Session::default, |session, name| !screener.screen(&query(name), &wanted, session).is_empty())
            .collect();
        for (name, hit) in names.iter().zip(hits) {
            false_hits.entry(script).or_insert_with(Share::default).add(hit);
            if script.contains("40 %") {
                false_by_words.entry(name.split_whitespace().count()).or_insert_with(Share::default).add(hit);
            }
        }
    }
    let every: Vec<(&str, &String)> =
        sets.listed.iter().flat_map(|l| l.latin.iter().map(move |name| (l.id.as_str(), name))).collect();
    let others: Vec<usize> = every
        .par_iter()
        .map_init(Session::default, |session, (id, name)| {
            screener.screen(&query(name), &wanted, session).iter().filter(|h| h.id != *id).count()
        })
        .collect();
    let mut others_hit = Share::default();
    for count in &others {
        others_hit.add(*count > 0);
    }
    let pairs = others.iter().map(|n| *n as u64).sum();
    NameRates {
        threshold,
        listed: (screener.listed().len(), screener.len()),
        found,
        false_hits,
        false_by_words,
        others_hit,
        pairs_hit: (pairs, every.len() as u64 * (sets.listed.len() as u64 - 1)),
    }
}

/// The figures as text.
pub fn names_text(rates: &NameRates) -> String {
    let mut out = String::new();
    let share = |s: &Share| {
        let (low, high) = s.interval();
        format!("{:>6} of {:>6}  {:6.2} %  ({:.2}-{:.2})", s.found, s.of, 100.0 * s.share(), 100.0 * low, 100.0 * high)
    };
    let (subjects, names) = rates.listed;
    out += &format!("threshold {:.3}; {subjects} subjects with {names} names\n\n", rates.threshold);
    for (kind, found) in &rates.found {
        out += &format!("{kind:<28} {}   first at any score {}\n", share(&found.first), found.first_at_all.found);
        for (part, one) in &found.by_part {
            out += &format!("  {:<26} {}\n", part.name(), share(one));
        }
        for (words, one) in &found.by_words {
            out += &format!("  {words} words                    {}\n", share(one));
        }
        for (id, query, name, score) in &found.failed {
            out += &format!("    {id}  {query}  ->  {name} {score:.3}\n");
        }
    }
    out.push('\n');
    for (script, one) in &rates.false_hits {
        out += &format!("strangers, {script:<26} {}\n", share(one));
    }
    for (words, one) in &rates.false_by_words {
        out += &format!("  {words} words                    {}\n", share(one));
    }
    out += &format!("listed names that hit another {}\n", share(&rates.others_hit));
    let (pairs, all) = rates.pairs_hit;
    out += &format!("pairs of them that hit       {pairs} of {all} ({:.4} %)\n", 100.0 * pairs as f64 / all as f64);
    out
}

/// Rounds of learning.
const ROUNDS: usize = 6;

/// Learns what it costs to write each Arabic letter, from the pairs of `sets`, and gives the table in the form of
/// `crates/names/data/costs.tsv`.
pub fn learn(sets: &Sets) -> String {
    let first = Weights::shipped_beginning();
    let heading =
        "# How Arabic letters are written in Latin letters: learned by `athar bench names --learn`. Version 1.\n";
    format!("{heading}{}", first.learn(&sets.spellings, ROUNDS))
}
