//! The lexicons: words of eight languages by what they speak for or against, and the rules of the score, from data files.
//!
//! They are embedded and have one version: a hash of their content. Whoever changes a word or a number gets another version, and
//! every score names the version that it was made with.

use crate::term::{Ending, Term, Word};
use crate::text::Text;
use crate::{Language, ReasonKind};
use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

/// Why a data file is none.
#[derive(Debug, thiserror::Error)]
pub enum LexiconError {
    /// It is no TOML of the right shape.
    #[error("{file}: {source}")]
    Shape {
        /// The file.
        file: String,
        /// What the reader says.
        source: Box<toml::de::Error>,
    },
    /// An entry says nothing.
    #[error("{file}: the entry {entry} has no {lacks}")]
    Entry {
        /// The file.
        file: String,
        /// The entry.
        entry: String,
        /// What it lacks.
        lacks: &'static str,
    },
    /// The terms are too many for the search.
    #[error("the terms: {0}")]
    Terms(String),
}

/// What an entry speaks for or against.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // as the kinds of reasons
pub enum Class {
    Donation,
    Payment,
    Cause,
    Urgency,
    PictureHint,
    News,
    Court,
    Research,
    Warning,
    Charity,
    Commerce,
    Quotation,
    /// Words that deny what follows ("do not").
    Negation,
    /// Words that make a denied asking an instruction ("do not send *from an exchange*").
    Manner,
}

impl Class {
    /// The kind of reason; `None` of what only changes others.
    pub const fn kind(self) -> Option<ReasonKind> {
        Some(match self {
            Self::Donation => ReasonKind::Donation,
            Self::Payment => ReasonKind::Payment,
            Self::Cause => ReasonKind::Cause,
            Self::Urgency => ReasonKind::Urgency,
            Self::PictureHint => ReasonKind::PictureHint,
            Self::News => ReasonKind::News,
            Self::Court => ReasonKind::Court,
            Self::Research => ReasonKind::Research,
            Self::Warning => ReasonKind::Warning,
            Self::Charity => ReasonKind::Charity,
            Self::Commerce => ReasonKind::Commerce,
            Self::Quotation => ReasonKind::Quotation,
            Self::Negation | Self::Manner => return None,
        })
    }
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `LANGUAGE.CLASS.NAME`.
    pub id: String,
    /// Its language.
    pub language: Language,
    /// What it speaks for or against.
    pub class: Class,
    /// Points, above 0 whatever the class.
    pub points: i32,
    /// Where the words come from.
    pub source: String,
    /// The terms as the file has them.
    pub written: Vec<String>,
}

/// The numbers of the score.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The score from which a passage solicits.
    pub threshold: i32,
    /// Most points that each kind can give or take. Cause and group share one, and so do payment, address and picture hint.
    pub caps: BTreeMap<ReasonKind, i32>,
    /// What asking, cause and means of payment give together.
    pub together: i32,
    /// The fewest points of asking for it.
    pub asking_min: i32,
    /// The fewest points of the cause for it: words of doubtful meaning do not make one.
    pub cause_min: i32,
    /// The fewest points of payment for it.
    pub payment_min: i32,
    /// What the three give where asking or the cause is only hinted at.
    pub together_hint: i32,
    /// The fewest points of a hint of asking.
    pub asking_hint_min: i32,
    /// The fewest points of a hint of a cause.
    pub cause_hint_min: i32,
    /// What counts of words before and after the segment, in percent.
    pub near_percent: i32,
    /// The same for the title.
    pub title_percent: i32,
    /// Points of an address in the segment.
    pub address_inside: i32,
    /// Points of an address near.
    pub address_near: i32,
    /// Points of a named group.
    pub group: i32,
    /// Points of a part of a group's name (two words or more).
    pub group_part: i32,
    /// Points of a sum of money with a sign of currency.
    pub sum: i32,
    /// What words between quotation marks lose where the passage reports, in percent.
    pub quoted_percent: i32,
    /// What the second and third word of an entry take that speaks against, in percent of its points.
    pub again_percent: i32,
    /// What a denied asking takes, in percent of its points.
    pub denied_percent: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignsFile {
    entry: Vec<FileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Words so common that they tell the language, and are no name of a group.
    common: String,
    /// Religious words that score nothing alone: only tests read them.
    neutral_religious: String,
    entry: Vec<FileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    name: String,
    class: Class,
    points: i32,
    source: String,
    terms: String,
}

/// An entry of signs: emoji and the like, which are of no language.
#[derive(Clone, Debug)]
pub struct Signs {
    /// `signs.CLASS.NAME`.
    pub id: String,
    /// What they speak for or against.
    pub class: Class,
    /// Points, above 0 whatever the class.
    pub points: i32,
    /// Where they come from.
    pub source: String,
    /// The signs.
    pub signs: Vec<char>,
}

/// A hit of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hit {
    pub(crate) entry: usize,
    pub(crate) tokens: Range<usize>,
}

/// All lexicons.
pub struct Lexicon {
    pub(crate) entries: Vec<Entry>,
    pub(crate) signs: Vec<Signs>,
    pub(crate) rules: Rules,
    version: String,
    terms: Vec<(Term, usize)>,
    /// The terms that begin with each pattern of the search.
    starts: Vec<Vec<u32>>,
    search: AhoCorasick,
    common: FxHashMap<String, u8>,
    neutral: Vec<(Language, String)>,
}

const LANGUAGES: [(Language, &str); 8] = [
    (Language::Ar, include_str!("../data/lexicon/ar.toml")),
    (Language::En, include_str!("../data/lexicon/en.toml")),
    (Language::Fr, include_str!("../data/lexicon/fr.toml")),
    (Language::Tr, include_str!("../data/lexicon/tr.toml")),
    (Language::He, include_str!("../data/lexicon/he.toml")),
    (Language::Fa, include_str!("../data/lexicon/fa.toml")),
    (Language::Ur, include_str!("../data/lexicon/ur.toml")),
    (Language::Ru, include_str!("../data/lexicon/ru.toml")),
];

const SIGNS: &str = include_str!("../data/signs.toml");

const RULES: &str = include_str!("../data/rules.toml");

static EMBEDDED: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::read(&LANGUAGES, SIGNS, RULES).expect("the embedded lexicons are tested"));

impl Lexicon {
    /// The lexicons of this program.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn read(files: &[(Language, &str)], signs: &str, rules: &str) -> Result<Self, LexiconError> {
        let shape = |file: &str| {
            let file = file.to_owned();
            move |source| LexiconError::Shape { file, source: Box::new(source) }
        };
        let mut hash = blake3::Hasher::new();
        hash.update(rules.as_bytes());
        let rules: Rules = toml::from_str(rules).map_err(shape("rules.toml"))?;
        hash.update(&[0]).update(signs.as_bytes());
        let signs: SignsFile = toml::from_str(signs).map_err(shape("signs.toml"))?;
        let signs = signs
            .entry
            .into_iter()
            .map(|entry| Signs {
                id: format!("signs.{}.{}", class_name(entry.class), entry.name),
                class: entry.class,
                points: entry.points,
                source: entry.source,
                signs: entry
                    .terms
                    .chars()
                    .filter(|c| *c >= '\u{2000}' && !matches!(c, '\u{200D}' | '\u{FE0F}'))
                    .collect(),
            })
            .collect();
        let mut entries = Vec::new();
        let mut terms = Vec::new();
        let mut common: FxHashMap<String, u8> = FxHashMap::default();
        let mut neutral = Vec::new();
        for (language, content) in files {
            hash.update(&[0]).update(content.as_bytes());
            let name = format!("{}.toml", language.code());
            let file: File = toml::from_str(content).map_err(shape(&name))?;
            for word in listed(&file.common) {
                for token in Text::new(&word).folded.split_whitespace() {
                    *common.entry(token.to_owned()).or_default() |= language.bit();
                }
            }
            neutral.extend(listed(&file.neutral_religious).map(|term| (*language, term)));
            for entry in file.entry {
                let id = format!("{}.{}.{}", language.code(), class_name(entry.class), entry.name);
                let written: Vec<String> = listed(&entry.terms).collect();
                let scores = entry.class.kind().is_some();
                let lacks = [
                    (written.is_empty(), "terms"),
                    (entry.source.trim().is_empty(), "source"),
                    (scores && entry.points <= 0, "points"),
                ];
                if let Some((_, lacks)) = lacks.iter().find(|(lacks, _)| *lacks) {
                    return Err(LexiconError::Entry { file: name, entry: id, lacks });
                }
                for term in written.iter().flat_map(|w| Term::parse(w)) {
                    terms.push((term, entries.len()));
                }
                let FileEntry { class, points, source, .. } = entry;
                entries.push(Entry { id, language: *language, class, points, source, written });
            }
        }
        let mut patterns: FxHashMap<String, u32> = FxHashMap::default();
        let mut order = Vec::new();
        let mut starts: Vec<Vec<u32>> = Vec::new();
        for (i, (term, entry)) in terms.iter().enumerate() {
            let pattern = pattern(&term.0[0], entries[*entry].language);
            let at = *patterns.entry(pattern.clone()).or_insert_with(|| {
                order.push(pattern);
                starts.push(Vec::new());
                starts.len() as u32 - 1
            });
            starts[at as usize].push(i as u32);
        }
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&order)
            .map_err(|e| LexiconError::Terms(e.to_string()))?;
        let version = hash.finalize().to_hex()[..16].to_owned();
        Ok(Self { entries, signs, rules, version, terms, starts, search, common, neutral })
    }

    /// The version: a hash of the files' content.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All signs.
    pub fn signs(&self) -> &[Signs] {
        &self.signs
    }

    /// The numbers of the score.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Religious words, each of which scores nothing alone.
    pub fn neutral_religious(&self) -> &[(Language, String)] {
        &self.neutral
    }

    /// The languages that a word is common in, as [`Language::bit`]s.
    pub(crate) fn common(&self, word: &str) -> u8 {
        self.common.get(word).copied().unwrap_or(0)
    }

    /// Whether a folded word is an ordinary word: common, or a term by itself.
    pub(crate) fn ordinary(&self, word: &str) -> bool {
        self.common(word) != 0
            || self.terms.iter().any(|(term, entry)| match term.0.as_slice() {
                [one] => one.fits(self.entries[*entry].language, word),
                _ => false,
            })
    }

    /// The entries of signs that a text shows, each with the first of its signs there.
    pub(crate) fn shown(&self, written: &str) -> Vec<(&Signs, char)> {
        if written.is_ascii() {
            return Vec::new();
        }
        let mut shown: Vec<(&Signs, char)> = Vec::new();
        // letters below are never signs
        for c in written.chars().filter(|c| *c >= '\u{2000}') {
            for signs in &self.signs {
                if signs.signs.contains(&c) && !shown.iter().any(|(s, _)| s.id == signs.id) {
                    shown.push((signs, c));
                }
            }
        }
        shown
    }

    /// The hits of the entries of some languages (as [`Language::bit`]s), by place.
    pub(crate) fn hits(&self, text: &Text, languages: u8) -> Vec<Hit> {
        let mut hits = Vec::new();
        for found in self.search.find_overlapping_iter(text.folded.as_str()) {
            let mut byte = found.start();
            byte += usize::from(text.folded.as_bytes()[byte] == b' ');
            let Some(token) = text.token_at(byte) else {
                continue;
            };
            for term in &self.starts[found.pattern().as_usize()] {
                let (term, entry) = &self.terms[*term as usize];
                let language = self.entries[*entry].language;
                if language.bit() & languages != 0
                    && let Some(length) = term.fits(language, text, token)
                {
                    hits.push(Hit { entry: *entry, tokens: token..token + length });
                }
            }
        }
        hits.sort_by_key(|hit| (hit.tokens.start, hit.tokens.end, hit.entry));
        hits.dedup();
        hits
    }
}

/// The bytes that a word which begins a term is searched by.
fn pattern(word: &Word, language: Language) -> String {
    let before = if word.inside(language) { "" } else { " " };
    // an exact word of a language without prefixes ends there, and so does what ends a longer word
    let ends = word.suffix || (before == " " && word.ending == Ending::Exact);
    let after = if ends { " " } else { "" };
    format!("{before}{}{after}", word.letters)
}

fn listed(terms: &str) -> impl Iterator<Item = String> + '_ {
    terms.split([';', '\n']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

const fn class_name(class: Class) -> &'static str {
    match class {
        Class::Donation => "donation",
        Class::Payment => "payment",
        Class::Cause => "cause",
        Class::Urgency => "urgency",
        Class::PictureHint => "picture_hint",
        Class::News => "news",
        Class::Court => "court",
        Class::Research => "research",
        Class::Warning => "warning",
        Class::Charity => "charity",
        Class::Commerce => "commerce",
        Class::Quotation => "quotation",
        Class::Negation => "negation",
        Class::Manner => "manner",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(file: &str, rules: &str) -> String {
        Lexicon::read(&[(Language::En, file)], SIGNS, rules).err().expect("it is refused").to_string()
    }

    #[test]
    fn a_file_of_another_shape_is_refused_by_name() {
        assert!(error("common = 3", RULES).starts_with("en.toml: "));
        assert!(error("", "threshold = 'x'").starts_with("rules.toml: "));
        let entry = |source: &str, points: i32, terms: &str| {
            format!(
                "common = 'the'\nneutral_religious = ''\n[[entry]]\nname = 'x'\nclass = 'news'\npoints = {points}\n\
                 source = '{source}'\nterms = '{terms}'\n"
            )
        };
        assert_eq!(error(&entry("", 1, "a"), RULES), "en.toml: the entry en.news.x has no source");
        assert_eq!(error(&entry("s", 1, " ; "), RULES), "en.toml: the entry en.news.x has no terms");
        assert_eq!(error(&entry("s", 0, "a"), RULES), "en.toml: the entry en.news.x has no points");
    }

    #[test]
    fn hits_of_other_languages_are_not_looked_for() {
        let lexicon = Lexicon::embedded();
        let text = Text::new("please donate");
        assert!(!lexicon.hits(&text, Language::En.bit()).is_empty());
        assert!(lexicon.hits(&text, Language::Tr.bit()).is_empty());
    }
}
