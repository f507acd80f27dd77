//! The names to ask, from real lists: who is on them, how else they are written, and customers who are nobody's.

use crate::MeasureError;
use athar_lists::{EntryKind, NameKind, Quality};
use athar_names::Spelling;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde::Serialize;
use std::path::Path;

/// Whether numbers were chosen on an entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Numbers were chosen on it.
    ChosenOn,
    /// Kept aside until all was chosen.
    Aside,
}

impl Kept {
    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChosenOn => "chosen on",
            Self::Aside => "kept aside",
        }
    }
}

/// A name to ask whose answer is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The entry that must be found.
    pub id: String,
    /// What is asked.
    pub name: String,
    /// What kind of query it is.
    pub kind: &'static str,
    /// Whether numbers were chosen on it.
    pub kept: Kept,
}

/// An entry and its names in Latin letters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// The list's reference.
    pub id: String,
    /// The primary name, then the aliases that the list does not call weak.
    pub latin: Vec<String>,
    /// The name in Arabic letters, where the list gives one.
    pub arabic: Option<String>,
    /// Whether it is a person.
    pub person: bool,
    /// Whether numbers were chosen on it.
    pub kept: Kept,
}

/// Everything to ask.
#[derive(Clone, Debug)]
pub struct Sets {
    /// Who is listed.
    pub listed: Vec<Subject>,
    /// Queries with a known answer.
    pub asked: Vec<Asked>,
    /// Names of nobody on the list, in Arabic letters.
    pub customers_arabic: Vec<String>,
    /// The same in Latin letters.
    pub customers_latin: Vec<String>,
    /// Pairs to learn from: every second line of the table of names, and the words of the entries chosen on.
    pub spellings: Vec<Spelling>,
}

const fn is_arabic(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6FF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
}

/// Words that belong to the next or the last one, and are put together with it where customers are made.
const BEFORE: [&str; 17] = [
    "abd", "abdul", "abdel", "abdal", "abdur", "abu", "abou", "umm", "عبد", "ابو", "أبو", "أبي", "ابي", "ام", "أم", "abd-al",
    "abd-ul",
];
const BETWEEN: [&str; 8] = ["al", "el", "ul", "ur", "ud", "ad", "ar", "as"];
const AFTER: [&str; 8] = ["الله", "اللہ", "الدين", "allah", "ullah", "eddine", "din", "al-din"];
const PARTICLES: [&str; 15] =
    ["bin", "ben", "ibn", "al", "el", "ould", "bint", "بن", "ابن", "بنت", "ولد", "the", "of", "and", "و"];

/// The words of a name, compounds together, particles left out.
fn units(name: &str) -> Vec<String> {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '\'' | '’') { c } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let is = |list: &[&str], word: &str| list.contains(&word.to_lowercase().as_str());
    let mut units = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let mut n = 1;
        if is(&BEFORE, words[i]) && i + 1 < words.len() {
            n = if is(&BETWEEN, words[i + 1]) && i + 2 < words.len() { 3 } else { 2 };
        } else if is(&PARTICLES, words[i]) {
            i += 1;
            continue;
        }
        if words.get(i + n).is_some_and(|w| is(&AFTER, w)) {
            n += 1;
        } else if words.get(i + n).is_some_and(|w| is(&BETWEEN, w)) && words.get(i + n + 1).is_some_and(|w| is(&AFTER, w)) {
            n += 2;
        }
        let unit = words[i..(i + n).min(words.len())].join(" ");
        if unit.chars().count() > 2 {
            units.push(unit);
        }
        i += n;
    }
    units
}

/// As a French writer would spell it.
fn french(name: &str) -> String {
    let text = name.replace("sh", "ch").replace("oo", "u").replace('u', "ou").replace("oou", "ou").replace("aou", "aou");
    let text = text.replace('j', "dj").replace("ee", "i");
    let words = text.split(' ').map(|w| match w.strip_prefix('w') {
        Some(rest) => format!("ou{rest}"),
        None if w == "al" => "el".to_owned(),
        None => w.replace("al-", "el-"),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// As a Turkish one would.
fn turkish(name: &str) -> String {
    let pairs = [("kh", "h"), ("sh", "ş"), ("ch", "ç"), ("j", "c"), ("w", "v"), ("q", "k"), ("gh", "g"), ("dh", "z")];
    let more = [("th", "s"), ("oo", "u"), ("ee", "i"), ("al-", "el-")];
    pairs.iter().chain(&more).fold(name.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// As somebody would who writes what he hears: vowels drift, doubled letters are written once.
fn careless(name: &str, dice: &mut ChaCha12Rng) -> String {
    let mut out = String::new();
    for c in name.chars() {
        let drift = match c {
            'a' => 'e',
            'e' => 'a',
            'i' => 'e',
            'o' => 'u',
            'u' => 'o',
            _ => c,
        };
        let c = if drift != c && dice.random_bool(0.35) { drift } else { c };
        if !(out.ends_with(c) && c.is_alphabetic() && dice.random_bool(0.5)) {
            out.push(c);
        }
    }
    out
}

/// Picks of words, each as often as it occurs.
struct Pool(Vec<(String, u64)>);

impl Pool {
    fn new(words: impl Iterator<Item = (String, u64)>) -> Self {
        let mut sum = 0;
        Self(
            words
                .map(|(word, count)| {
                    sum += count;
                    (word, sum)
                })
                .collect(),
        )
    }

    fn pick(&self, dice: &mut ChaCha12Rng) -> &str {
        let Some((_, sum)) = self.0.last() else { return "" };
        let at = dice.random_range(0..*sum);
        &self.0[self.0.partition_point(|(_, end)| *end <= at)].0
    }
}

/// Customers: two to five words. Half of them have listed persons' words only, a third of the rest such words for a half.
fn customers(listed: &Pool, all: &Pool, count: usize, dice: &mut ChaCha12Rng) -> Vec<String> {
    let one = |dice: &mut ChaCha12Rng| {
        let words = match dice.random_range(0..100) {
            0..40 => 2,
            40..75 => 3,
            75..93 => 4,
            _ => 5,
        };
        let kind = dice.random_range(0..10);
        let word = |dice: &mut ChaCha12Rng| {
            let from_list = kind < 5 || (kind < 8 && dice.random_bool(0.5));
            if from_list { listed.pick(dice) } else { all.pick(dice) }.to_owned()
        };
        (0..words).map(|_| word(dice)).collect::<Vec<_>>().join(" ")
    };
    (0..count).map(|_| one(dice)).collect()
}

impl Sets {
    /// Reads the UN list and the table of names (Latin, tab, Arabic with spaced letters, tab, count), both plain or
    /// compressed with zstd, and makes `customers` names in each alphabet by `seed`.
    pub fn read(list: &Path, table: &Path, customers_count: usize, seed: u64) -> Result<Self, MeasureError> {
        let (un, _) = athar_lists::read(list, &athar_lists::ReadOptions::default())?;
        let mut dice = ChaCha12Rng::seed_from_u64(seed);
        let mut listed = Vec::new();
        let mut asked = Vec::new();
        for (i, entry) in un.entries.iter().enumerate() {
            let kept = if i % 2 == 0 { Kept::ChosenOn } else { Kept::Aside };
            let good = entry.names.iter().filter(|n| n.quality != Quality::Low);
            let latin: Vec<String> = good
                .clone()
                .filter(|n| n.kind != NameKind::OriginalScript && !n.text.chars().any(is_arabic))
                .map(|n| n.text.clone())
                .collect();
            let arabic = good.clone().find(|n| n.kind == NameKind::OriginalScript && n.text.chars().any(is_arabic));
            let Some(primary) = latin.first() else { continue };
            let person = entry.kind == EntryKind::Person;
            if let Some(arabic) = arabic {
                let mut ask = |name: String, kind| asked.push(Asked { id: entry.id.clone(), name, kind, kept });
                ask(arabic.text.clone(), if person { "arabic, persons" } else { "arabic, organisations" });
                if person {
                    let plain = primary.to_lowercase();
                    ask(french(&plain), "latin respelt, french");
                    ask(turkish(&plain), "latin respelt, turkish");
                    ask(careless(&plain, &mut dice), "latin respelt, careless");
                }
            }
            let arabic = arabic.map(|n| n.text.clone());
            listed.push(Subject { id: entry.id.clone(), latin, arabic, person, kept });
        }
        let rows = table_of(table)?;
        let count = |names: &mut dyn Iterator<Item = String>| -> Pool {
            let words: Vec<String> = names.flat_map(|n| units(&n)).collect();
            Pool::new(words.into_iter().map(|w| (w, 1)))
        };
        let persons = || listed.iter().filter(|l| l.person);
        let listed_latin = count(&mut persons().flat_map(|l| l.latin.iter().cloned()));
        let listed_arabic = count(&mut persons().filter_map(|l| l.arabic.clone()));
        let all_latin = Pool::new(rows.iter().map(|r| (r.0.clone(), r.2)));
        let all_arabic = Pool::new(rows.iter().map(|r| (r.1.clone(), r.2)));
        let customers_arabic = customers(&listed_arabic, &all_arabic, customers_count, &mut dice);
        let customers_latin = customers(&listed_latin, &all_latin, customers_count, &mut dice);
        let spellings = spellings(&rows, &listed);
        Ok(Self { listed, asked, customers_arabic, customers_latin, spellings })
    }
}

/// Rows of the table: Latin, Arabic, count.
fn table_of(path: &Path) -> Result<Vec<(String, String, u64)>, MeasureError> {
    let bytes = std::fs::read(path).map_err(|e| MeasureError::file(path, e))?;
    let bytes = if path.extension().is_some_and(|e| e == "zst") {
        zstd::decode_all(&*bytes).map_err(|e| MeasureError::file(path, e))?
    } else {
        bytes
    };
    let text = String::from_utf8(bytes).map_err(|e| MeasureError::file(path, e))?;
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [latin, arabic, count] = fields[..] else {
            return Err(MeasureError::file(path, format!("line {}: not three columns", i + 1)));
        };
        let count = count.parse().map_err(|e| MeasureError::file(path, format!("line {}: {e}", i + 1)))?;
        rows.push((latin.to_owned(), arabic.replace(' ', ""), count));
    }
    Ok(rows)
}

/// What the costs are learned from.
fn spellings(rows: &[(String, String, u64)], listed: &[Subject]) -> Vec<Spelling> {
    // the even lines are kept aside
    let table = rows.iter().skip(1).step_by(2);
    let mut all: Vec<Spelling> = table
        .map(|(latin, arabic, count)| Spelling {
            latin: latin.clone(),
            arabic: arabic.clone(),
            weight: 1.0 + (*count as f32).ln(),
        })
        .collect();
    // words of the list's own names weigh more: they are the kind of name that is looked for
    for subject in listed.iter().filter(|l| l.person && l.kept == Kept::ChosenOn) {
        let (Some(arabic), Some(latin)) = (&subject.arabic, subject.latin.first()) else { continue };
        let (arabic, latin) = (units(arabic), units(latin));
        if arabic.len() == latin.len() {
            for (arabic, latin) in arabic.iter().zip(&latin).filter(|(a, l)| !a.contains(' ') && !l.contains(' ')) {
                let arabic = arabic.strip_prefix("ال").unwrap_or(arabic).to_owned();
                all.push(Spelling { latin: latin.clone(), arabic, weight: 8.0 });
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compounds_stay_together_and_particles_go() {
        assert_eq!(units("عبد الرحمن بن محمد"), ["عبد الرحمن", "محمد"]);
        assert_eq!(units("Abd al-Rahman ben Nur al-Din"), ["Abd al Rahman", "Nur al Din"]);
    }

    #[test]
    fn respellings_are_what_people_write() {
        assert_eq!(french("yusuf al-shuwayj"), "yousouf el-chouwaydj");
        assert_eq!(turkish("khalid al-jawahiri"), "halid el-cavahiri");
    }

    #[test]
    fn words_are_picked_as_often_as_they_occur() {
        let pool = Pool::new([("a".to_owned(), 9), ("b".to_owned(), 1)].into_iter());
        let mut dice = ChaCha12Rng::seed_from_u64(1);
        let picked = (0..1_000).filter(|_| pool.pick(&mut dice) == "a").count();
        assert!((850..950).contains(&picked), "{picked}");
    }
}
