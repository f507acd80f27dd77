//! The names to ask, from real lists: who is on them, how else they are written, and customers who are nobody's.

use crate::MeasureError;
use athar_lists::{EntryKind, NameKind, Quality};
use athar_names::{Population, Spelling};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Whether the costs of spellings and the frequencies were learned on an entry, with every second one of the list.
///
/// The numbers of the score were searched for on another half (entries with an even data id), and the failures of all
/// entries of the list of 2026 were looked at while the tables of words grew, so neither part is untouched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Learned on.
    LearnedOn,
    /// Not learned on.
    NotLearnedOn,
}

impl Part {
    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LearnedOn => "learned on",
            Self::NotLearnedOn => "not learned on",
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
    /// Whether it was learned on.
    pub part: Part,
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
    /// Whether it was learned on.
    pub part: Part,
}

/// Everything to ask.
#[derive(Clone, Debug)]
pub struct Sets {
    /// Who is listed.
    pub listed: Vec<Subject>,
    /// Queries with a known answer.
    pub asked: Vec<Asked>,
    /// Names of nobody on the list, by how they were put together.
    pub strangers: Vec<(&'static str, Vec<String>)>,
    /// Names to count: the persons learned on, in both alphabets, and every second line of the table.
    pub populations: Vec<Population>,
    /// Pairs to learn from: every second line of the table of names, and the words of the entries learned on.
    pub spellings: Vec<Spelling>,
}

const fn is_arabic(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{6FF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
}

/// Words that belong to the next or the last one, and are put together with it where customers are made.
const BEFORE: [&str; 17] = [
    "abd", "abdul", "abdel", "abdal", "abdur", "abu", "abou", "umm", "عبد", "ابو", "أبو", "أبي", "ابي", "ام", "أم",
    "abd-al", "abd-ul",
];
const BETWEEN: [&str; 8] = ["al", "el", "ul", "ur", "ud", "ad", "ar", "as"];
const AFTER: [&str; 8] = ["الله", "اللہ", "الدين", "allah", "ullah", "eddine", "din", "al-din"];
const PARTICLES: [&str; 15] =
    ["bin", "ben", "ibn", "al", "el", "ould", "bint", "بن", "ابن", "بنت", "ولد", "the", "of", "and", "و"];

/// The words of a name, compounds together, particles left out.
fn units(name: &str) -> Vec<String> {
    let plain: String =
        name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '\'' | '’') { c } else { ' ' }).collect();
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
        } else if words.get(i + n).is_some_and(|w| is(&BETWEEN, w))
            && words.get(i + n + 1).is_some_and(|w| is(&AFTER, w))
        {
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
    let text = name.replace("sh", "ch").replace("oo", "u").replace("ou", "u").replace('u', "ou");
    let text = text.replace("jj", "j").replace('j', "dj").replace("ee", "i");
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

/// Customers: two to five words, each with the probability `share` a word of a listed person.
fn customers(listed: &Pool, all: &Pool, share: f64, count: usize, dice: &mut ChaCha12Rng) -> Vec<String> {
    let one = |dice: &mut ChaCha12Rng| {
        let words = match dice.random_range(0..100) {
            0..40 => 2,
            40..75 => 3,
            75..93 => 4,
            _ => 5,
        };
        let word = |dice: &mut ChaCha12Rng| if dice.random_bool(share) { listed } else { all }.pick(dice).to_owned();
        (0..words).map(|_| word(dice)).collect::<Vec<_>>().join(" ")
    };
    (0..count).map(|_| one(dice)).collect()
}

/// A pair of names for a comparison of matchers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LabelledPair {
    /// One name.
    pub name1: String,
    /// The other, always in Latin letters.
    pub name2: String,
    /// Whether both are one entry's.
    pub same: bool,
    /// `arabic`: the first is in Arabic letters; else `latin`.
    pub kind: &'static str,
    /// Whether the first is a person's.
    pub person: bool,
}

/// Others that each name is paired with: those that share a word with the right one, and any.
const SHARING: usize = 5;
const ANY: usize = 5;

impl Sets {
    /// Pairs of one entry's names and pairs of different entries' names: for each listed name in Arabic letters, and each
    /// good alias of a person, the entry's own primary name, five primary names that share a word with it (in any spelling,
    /// letter by letter the same), and five others.
    pub fn pairs(&self, seed: u64) -> Vec<LabelledPair> {
        let mut dice = ChaCha12Rng::seed_from_u64(seed);
        let words = |name: &str| -> Vec<String> {
            name.to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .filter(|w| w.len() > 3)
                .map(str::to_owned)
                .collect()
        };
        let mut having: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, subject) in self.listed.iter().enumerate() {
            for word in words(&subject.latin[0]) {
                having.entry(word).or_default().push(i);
            }
        }
        let mut pairs = Vec::new();
        for (i, subject) in self.listed.iter().enumerate() {
            let person = subject.person;
            let primary = &subject.latin[0];
            let arabic = subject.arabic.iter().map(|name| (name, "arabic"));
            let aliases = subject.latin[1..].iter().filter(|_| subject.person).map(|name| (name, "latin"));
            let sharing: Vec<usize> = {
                let mut all: Vec<usize> = words(primary)
                    .iter()
                    .filter_map(|w| having.get(w))
                    .flatten()
                    .copied()
                    .filter(|j| *j != i)
                    .collect();
                all.sort_unstable();
                all.dedup();
                all
            };
            for (name, kind) in arabic.chain(aliases) {
                let mut add = |other: &str, same| {
                    pairs.push(LabelledPair { name1: name.clone(), name2: other.to_owned(), same, kind, person });
                };
                add(primary, true);
                for _ in 0..SHARING.min(sharing.len()) {
                    add(&self.listed[sharing[dice.random_range(0..sharing.len())]].latin[0], false);
                }
                for _ in 0..ANY {
                    let other = (i + dice.random_range(1..self.listed.len())) % self.listed.len();
                    add(&self.listed[other].latin[0], false);
                }
            }
        }
        pairs
    }
}

impl Sets {
    /// Reads the UN list and the table of names (Latin, tab, Arabic with spaced letters, tab, count), both plain or
    /// compressed with zstd, and makes `customers_count` names in each alphabet by `seed`. `without`: another state of the
    /// list whose entries are listed but not asked, so that only those that left the list in between are.
    pub fn read(
        list: &Path,
        without: Option<&Path>,
        table: &Path,
        customers_count: usize,
        seed: u64,
    ) -> Result<Self, MeasureError> {
        let un = list_of(list)?;
        let known: HashSet<String> = match without {
            Some(path) => list_of(path)?.entries.into_iter().map(|e| e.id).collect(),
            None => HashSet::new(),
        };
        let mut dice = ChaCha12Rng::seed_from_u64(seed);
        let mut listed = Vec::new();
        let mut asked = Vec::new();
        for (i, entry) in un.entries.iter().enumerate() {
            let part = if i % 2 == 0 { Part::LearnedOn } else { Part::NotLearnedOn };
            let good = entry.names.iter().filter(|n| n.quality != Quality::Low);
            let latin: Vec<String> = good
                .clone()
                .filter(|n| n.kind != NameKind::OriginalScript && !n.text.chars().any(is_arabic))
                .map(|n| n.text.clone())
                .collect();
            let arabic = good.clone().find(|n| n.kind == NameKind::OriginalScript && n.text.chars().any(is_arabic));
            let Some(primary) = latin.first() else { continue };
            let person = entry.kind == EntryKind::Person;
            if let Some(arabic) = arabic.filter(|_| !known.contains(&entry.id)) {
                let mut ask = |name: String, kind| asked.push(Asked { id: entry.id.clone(), name, kind, part });
                ask(arabic.text.clone(), if person { "arabic, persons" } else { "arabic, organisations" });
                if person {
                    let plain = primary.to_lowercase();
                    ask(french(&plain), "latin respelt, french");
                    ask(turkish(&plain), "latin respelt, turkish");
                    ask(careless(&plain, &mut dice), "latin respelt, careless");
                }
            }
            let arabic = arabic.map(|n| n.text.clone());
            listed.push(Subject { id: entry.id.clone(), latin, arabic, person, part });
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
        let mut make = |listed: &Pool, all: &Pool, share| customers(listed, all, share, customers_count, &mut dice);
        let strangers = vec![
            ("arabic, 40 % listed words", make(&listed_arabic, &all_arabic, 0.4)),
            ("latin, 40 % listed words", make(&listed_latin, &all_latin, 0.4)),
            ("arabic, all words listed", make(&listed_arabic, &all_arabic, 1.0)),
            ("latin, all words listed", make(&listed_latin, &all_latin, 1.0)),
        ];
        let spellings = spellings(&rows, &listed);
        let learned = || listed.iter().filter(|l| l.person && l.part == Part::LearnedOn);
        let names = learned().flat_map(|l| l.latin.first().into_iter().chain(&l.arabic)).map(|n| (n.clone(), 1.0));
        let rest = rows.iter().skip(1).step_by(2).map(|r| (r.0.clone(), r.2 as f64));
        // the population that is looked for most weighs more than the table's, whose names are mostly European
        let populations = vec![(0.6, names.collect()), (0.4, rest.collect())];
        Ok(Self { listed, asked, strangers, populations, spellings })
    }
}

/// A list, of a plain file or one compressed with zstd.
fn list_of(path: &Path) -> Result<athar_lists::List, MeasureError> {
    let options = athar_lists::ReadOptions::default();
    if path.extension().is_none_or(|e| e != "zst") {
        return Ok(athar_lists::read(path, &options)?.0);
    }
    let bytes = std::fs::read(path).map_err(|e| MeasureError::names(path, e))?;
    let plain = zstd::decode_all(&*bytes).map_err(|e| MeasureError::names(path, e))?;
    let folder = tempfile::tempdir().map_err(|e| MeasureError::names(path, e))?;
    let file = folder.path().join(path.file_stem().unwrap_or_default());
    std::fs::write(&file, plain).map_err(|e| MeasureError::names(&file, e))?;
    Ok(athar_lists::read(&file, &options)?.0)
}

/// Rows of the table: Latin, Arabic, count.
fn table_of(path: &Path) -> Result<Vec<(String, String, u64)>, MeasureError> {
    let bytes = std::fs::read(path).map_err(|e| MeasureError::names(path, e))?;
    let bytes = if path.extension().is_some_and(|e| e == "zst") {
        zstd::decode_all(&*bytes).map_err(|e| MeasureError::names(path, e))?
    } else {
        bytes
    };
    let text = String::from_utf8(bytes).map_err(|e| MeasureError::names(path, e))?;
    let mut rows = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [latin, arabic, count] = fields[..] else {
            return Err(MeasureError::names(path, format!("line {}: not three columns", i + 1)));
        };
        let count = count.parse().map_err(|e| MeasureError::names(path, format!("line {}: {e}", i + 1)))?;
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
    for subject in listed.iter().filter(|l| l.person && l.part == Part::LearnedOn) {
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
