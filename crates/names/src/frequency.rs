//! How common a name is: what a match of it says.

use crate::key::skeleton;
use crate::token::{Letters, Parts, Role, Token, parts};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/frequencies.tsv");

/// Bits that a name says which no table knows.
pub(crate) const RARE: f32 = 12.0;

/// Weight of the most common name, where the rarest weighs 1.
const COMMON: f32 = 0.34;

/// Share of all tokens by skeleton, over one population of names.
#[derive(Debug, Default, Clone)]
pub(crate) struct Frequencies {
    shares: FxHashMap<u64, f32>,
}

impl Frequencies {
    /// The table that ships with the program.
    pub(crate) fn shipped() -> &'static Self {
        static TABLE_READ: LazyLock<Frequencies> = LazyLock::new(|| {
            // the text is part of the program, and a test reads it
            Frequencies::read(TABLE).unwrap_or_else(|error| panic!("frequencies.tsv: {error}"))
        });
        &TABLE_READ
    }

    fn read(text: &str) -> Result<Self, String> {
        let mut shares = FxHashMap::default();
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [key, per_million, ..] = fields[..] else { return Err(format!("{line:?} has not two columns")) };
            let key = u64::from_str_radix(key, 16).map_err(|error| format!("{line:?}: {error}"))?;
            let share: f32 = per_million.parse().map_err(|error| format!("{line:?}: {error}"))?;
            shares.insert(key, share / 1e6);
        }
        Ok(Self { shares })
    }

    /// Counts the names of a population.
    pub(crate) fn count<'a>(names: impl Iterator<Item = &'a Parts>) -> Self {
        let mut counts: FxHashMap<u64, f32> = FxHashMap::default();
        let mut all = 0.0f32;
        for token in names.flat_map(|n| &n.tokens).filter(|t| t.role == Role::Name) {
            *counts.entry(skeleton(&token.forms[0].letters)).or_default() += 1.0;
            all += 1.0;
        }
        // a few names are no population
        if all < 2_000.0 {
            return Self::default();
        }
        counts.retain(|_, count| *count >= 3.0);
        for count in counts.values_mut() {
            *count /= all;
        }
        Self { shares: counts }
    }

    fn share(&self, letters: &Letters) -> f32 {
        if self.shares.is_empty() { 0.0 } else { self.shares.get(&skeleton(letters)).copied().unwrap_or(0.0) }
    }
}

/// A population of names: its share of the whole, and its names with how often each occurs.
pub type Population = (f64, Vec<(String, f64)>);

/// A name part rarer than once in this many says the most there is, so it needs no line.
const RARER: f64 = 3_000.0;

/// The table of frequencies over populations, in the form of `data/frequencies.tsv`.
pub fn frequency_table(populations: &[Population]) -> String {
    let mut shares: std::collections::BTreeMap<u64, f64> = std::collections::BTreeMap::new();
    for (share, names) in populations {
        let mut counts: FxHashMap<u64, f64> = FxHashMap::default();
        let mut all = 0.0;
        for (name, count) in names {
            for token in parts(name).tokens.iter().filter(|t| t.role == Role::Name) {
                *counts.entry(skeleton(&token.forms[0].letters)).or_default() += count;
                all += count;
            }
        }
        for (key, count) in counts {
            *shares.entry(key).or_default() += share * count / all;
        }
    }
    let mut rows: Vec<(u64, f64)> = shares.into_iter().filter(|(_, share)| *share > 1.0 / RARER).collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut out = String::from(
        "# How common names are: parts of a million name parts, by skeleton of consonants (hexadecimal). Version 1.\n\
         # Made by `athar bench names --frequencies`.\n",
    );
    for (key, share) in rows {
        out += &format!("{key:x}\t{:.0}\n", share * 1e6);
    }
    out
}

/// What a match of a token says, in bits: the logarithm of how rarely two people share it by chance. `list`: the names on
/// the lists, whose own habits (a clan, a town) count by half.
pub(crate) fn bits(list: &Frequencies, token: &Token) -> f32 {
    let letters = &token.forms[0].letters;
    let share = Frequencies::shipped().share(letters).max(0.5 * list.share(letters));
    if share <= 0.0 { RARE } else { (-share.log2()).clamp(2.0, RARE) }
}

/// The weight of a token in a score, and its bits.
pub(crate) fn weight(list: &Frequencies, token: &Token) -> (f32, f32) {
    let bits_of = || {
        let bits = bits(list, token);
        // words that many organisations have in their names
        if token.concepts.is_empty() { bits } else { bits.min(7.0) }
    };
    match token.role {
        Role::Name => {
            let bits = bits_of();
            ((bits / RARE).max(COMMON), bits)
        }
        Role::Number => (0.5, 6.0),
        Role::Initial => (0.25, 2.0),
        Role::Honorific => (0.2, 2.5),
        Role::Kunya => (0.18, 1.0),
        Role::LegalForm => (0.12, 2.5),
        Role::Filiation => (0.05, 0.0),
        Role::Small => (0.03, 0.0),
        Role::Article => (0.0, 0.0),
    }
}
