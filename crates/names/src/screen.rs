//! Screening: one name against lists, with the reasons.

use crate::facts::{Agreement, Compared, Facts, Grade};
use crate::index::{Index, Memory};
use crate::normal::Oddity;
use crate::score::{Pair, Side, Verdict, of_two};
use crate::similar::Rule;
use crate::token::{Parts, Role, Token, parts};
use crate::words::Words;
use schemars::JsonSchema;
use serde::Serialize;

/// A name of a listed subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedName {
    /// As the list writes it.
    pub text: String,
    /// Whether the list itself calls the alias weak, of low quality.
    pub weak: bool,
}

/// A subject of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The list.
    pub list: String,
    /// The subject's id on it.
    pub id: String,
    /// Its names, the primary one first.
    pub names: Vec<ListedName>,
    /// What the list says besides.
    pub facts: Facts,
}

/// Somebody to look for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// The name.
    pub name: String,
    /// What is known besides.
    pub facts: Facts,
}

/// Which hits to give.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Wanted {
    /// Hits whose score and whose names' score are both lower are left out.
    pub threshold: f32,
    /// Hits at most.
    pub top: usize,
}

/// The threshold that ships: on the lists and names it was measured with (docs/reference/names.md) it keeps 98 of 100 true
/// matches and gives at most 5 false hits for 1,000 customers.
pub const THRESHOLD: f32 = 0.805;

impl Default for Wanted {
    fn default() -> Self {
        Self { threshold: THRESHOLD, top: 10 }
    }
}

/// What a score is worth on a name that the list itself calls weak: many others bear it.
const WEAK: f32 = 0.9;

/// One part of the query matched with one of the listed name.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct MatchedPart {
    /// The part of the query, folded.
    pub query: String,
    /// The part of the listed name, folded.
    pub listed: String,
    /// By which rule they match.
    pub rule: Rule,
    /// 0 (different) to 1 (the same).
    pub likeness: f32,
    /// The table's name for the group, where a table decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// Why a score is what it is.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Why {
    /// The score of the names alone, 0 to 1.
    pub name_score: f32,
    /// The parts that match.
    pub parts: Vec<MatchedPart>,
    /// Parts of the query that nothing matches.
    pub unmatched_query: Vec<String>,
    /// Parts of the listed name that nothing matches.
    pub unmatched_listed: Vec<String>,
    /// How rare the matched parts are together: bits, the logarithm of how seldom two people share them by chance.
    pub bits: f32,
    /// How the facts besides the name stand.
    pub facts: Compared,
    /// The query in Latin letters, where it is in others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_latin: Option<String>,
    /// The listed name in Latin letters, where it is in others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed_latin: Option<String>,
    /// What is odd about the query as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub odd: Vec<Oddity>,
}

/// A listed subject that a name could be.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Hit {
    /// The list.
    pub list: String,
    /// The subject's id on it.
    pub id: String,
    /// The name that matched, as the list writes it.
    pub matched_name: String,
    /// Whether the list calls that name a weak alias.
    pub weak_alias: bool,
    /// 0 to 1, with the facts besides the name.
    pub score: f32,
    /// What the hit says, in words.
    pub grade: Grade,
    /// The reasons.
    pub why: Why,
}

/// What two names say of each other.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Comparison {
    /// 0 to 1.
    pub score: f32,
    /// The reasons.
    pub why: Why,
}

/// Lists to screen names against. Shared by threads; each has a [`Session`] of its own.
#[derive(Debug)]
pub struct Screener {
    listed: Vec<Listed>,
    /// The subject and the place among its names, by name.
    names: Vec<(u32, u32)>,
    index: Index,
}

/// What one thread remembers between queries of one screener; with another it begins anew.
#[derive(Debug, Default)]
pub struct Session(Memory);

impl Screener {
    /// Files the names of `listed`.
    pub fn new(listed: Vec<Listed>) -> Self {
        let mut names = Vec::new();
        let mut taken = Vec::new();
        for (i, subject) in listed.iter().enumerate() {
            for (j, name) in subject.names.iter().enumerate() {
                for text in alternatives(&name.text) {
                    let parts = parts(text);
                    if !parts.tokens.is_empty() {
                        names.push((i as u32, j as u32));
                        taken.push(parts);
                    }
                }
            }
        }
        let index = Index::new(&taken);
        Self { listed, names, index }
    }

    /// The subjects.
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// How many names are filed.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no name is filed.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The listed subjects that the query could be, the best first; of one subject only its best name. Of equal scores a
    /// primary name stands before an alias, then the order is that of list and id.
    pub fn screen(&self, query: &Query, wanted: &Wanted, session: &mut Session) -> Vec<Hit> {
        let parts = parts(&query.name);
        if parts.tokens.is_empty() {
            return Vec::new();
        }
        // facts can raise a score, though never by more than this
        let least = if query.facts == Facts::default() { wanted.threshold } else { wanted.threshold * 0.8 };
        let found = self.index.search(&parts, least.max(0.05), &mut session.0);
        let mut hits: Vec<(f32, Grade, Compared, u32, Verdict)> = Vec::new();
        for (name, verdict) in found {
            let subject = self.names[name as usize].0;
            let known = hits.iter().any(|(.., other, _)| self.names[*other as usize].0 == subject);
            if known {
                continue;
            }
            let compared = query.facts.compare(&self.listed[subject as usize].facts);
            let (subject_of, place) = self.names[name as usize];
            let weak = self.listed[subject_of as usize].names[place as usize].weak;
            let (score, grade) = compared.apply(verdict.score * if weak { WEAK } else { 1.0 });
            // a fact that contradicts lowers the score and the grade, but hides no name that fits
            if score.max(verdict.score) >= wanted.threshold {
                hits.push((score, grade, compared, name, verdict));
            }
        }
        let of = |name: u32| &self.listed[self.names[name as usize].0 as usize];
        hits.sort_by(|x, y| {
            let key = |name: u32| (self.names[name as usize].1 > 0, &of(name).list, &of(name).id);
            y.0.total_cmp(&x.0).then_with(|| key(x.3).cmp(&key(y.3)))
        });
        hits.truncate(wanted.top);
        let mut given = Vec::with_capacity(hits.len());
        for (score, grade, compared, name, verdict) in hits {
            let (subject, place) = self.names[name as usize];
            let subject = &self.listed[subject as usize];
            let matched = &subject.names[place as usize];
            let other = self.index.parts(name);
            let why = why(&parts, &other, &verdict, compared);
            given.push(Hit {
                list: subject.list.clone(),
                id: subject.id.clone(),
                matched_name: matched.text.clone(),
                weak_alias: matched.weak,
                score: rounded(score),
                grade,
                why,
            });
        }
        given
    }
}

/// Compares two names on their own: no list, no facts.
pub fn compare(a: &str, b: &str) -> Comparison {
    compare_with(a, b, &Facts::default(), &Facts::default())
}

/// Compares two names with what is known besides.
pub fn compare_with(a: &str, b: &str, facts_a: &Facts, facts_b: &Facts) -> Comparison {
    let list = crate::frequency::Frequencies::default();
    let compared = facts_a.compare(facts_b);
    let mut best: Option<(Parts, Parts, Verdict)> = None;
    for x in alternatives(a) {
        for y in alternatives(b) {
            let (x, y) = (parts(x), parts(y));
            let verdict = of_two(&Side::new(&x, &list), &Side::new(&y, &list));
            if best.as_ref().is_none_or(|(.., known)| verdict.score > known.score) {
                best = Some((x, y, verdict));
            }
        }
    }
    let (x, y, verdict) = best.unwrap_or_else(|| (parts(a), parts(b), Verdict::default()));
    let score = rounded(compared.apply(verdict.score).0);
    Comparison { score, why: why(&x, &y, &verdict, compared) }
}

/// The names inside one text: lists write `Name (other name; third name)` into one field.
fn alternatives(text: &str) -> Vec<&str> {
    let text = text.trim();
    let cut = |c: char| matches!(c, '(' | ')' | ';' | '[' | ']' | '/');
    let mut all: Vec<&str> = text.split(cut).map(str::trim).filter(|t| !t.is_empty()).collect();
    if all.len() != 1 {
        all.insert(0, text);
    }
    // an acronym in brackets says too little by itself, and a remark is no name
    all.retain(|t| *t == text || t.chars().filter(|c| c.is_alphabetic()).count() >= 6);
    all.retain(|t| {
        !matches!(t.to_lowercase().as_str(), "original script" | "formerly listed as" | "previously listed as")
    });
    all.dedup();
    all
}

fn rounded(score: f32) -> f32 {
    (score * 1_000.0).round() / 1_000.0
}

fn why(query: &Parts, listed: &Parts, verdict: &Verdict, facts: Compared) -> Why {
    let text = |tokens: &[Token], (from, to): (usize, usize)| {
        tokens[from..to].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ")
    };
    let words = Words::shipped();
    let part = |pair: &Pair| {
        let token = &query.tokens[pair.a.0];
        let group = match pair.near.rule {
            Rule::Variant => {
                let other = &listed.tokens[pair.b.0];
                let shared = token.variants.iter().find(|v| other.variants.contains(v));
                shared.map(|v| words.variant_name(*v).to_owned())
            }
            Rule::Translation => {
                let other = &listed.tokens[pair.b.0];
                let shared = token.concepts.iter().find(|c| other.concepts.contains(c));
                shared.map(|c| words.concept_name(*c).to_owned())
            }
            _ => None,
        };
        MatchedPart {
            query: text(&query.tokens, pair.a),
            listed: text(&listed.tokens, pair.b),
            rule: pair.near.rule,
            likeness: rounded(pair.near.score),
            group,
        }
    };
    let open = |tokens: &[Token], of: fn(&Pair) -> (usize, usize)| -> Vec<String> {
        let used = |i: usize| verdict.pairs.iter().any(|p| (of(p).0..of(p).1).contains(&i));
        let open = tokens.iter().enumerate().filter(|(i, t)| !used(*i) && t.role != Role::Article);
        open.map(|(_, t)| t.text.clone()).collect()
    };
    Why {
        name_score: rounded(verdict.score),
        parts: verdict.pairs.iter().map(part).collect(),
        unmatched_query: open(&query.tokens, |p| p.a),
        unmatched_listed: open(&listed.tokens, |p| p.b),
        bits: (verdict.bits * 10.0).round() / 10.0,
        facts,
        query_latin: query.latin(),
        listed_latin: listed.latin(),
        odd: query.odd.clone(),
    }
}

impl Why {
    /// Whether something besides the name contradicts it.
    pub fn is_contradicted(&self) -> bool {
        self.facts.born == Agreement::Different
    }
}
