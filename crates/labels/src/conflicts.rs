//! Subjects about which the labels in use contradict each other. Which of them is right is for a person to decide.

use crate::decision::LabelId;
use crate::label::{Label, SubjectKind};
use crate::store::LabelStore;
use athar_types::{Basis, Chain};
use rustc_hash::FxHashMap;
use serde::Serialize;

/// How the labels of a subject contradict each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// Two labels name different actors, or two services different names.
    Owner,
    /// One says a risk, the other a trade without any.
    Risk,
    /// A designation whose end lies in the past beside one without end.
    Designation,
    /// Somebody here disputes one of them.
    Disputed,
}

impl ConflictKind {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Risk => "risk",
            Self::Designation => "designation",
            Self::Disputed => "disputed",
        }
    }
}

/// A contradiction about one subject, with every label that takes part in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict<'a> {
    /// What the subject is.
    pub subject: SubjectKind,
    /// Its chain.
    pub chain: Option<Chain>,
    /// Its canonical text.
    pub text: &'a str,
    /// How they contradict each other.
    pub kind: ConflictKind,
    /// The labels, by identity. One of a dispute alone, at least two of every other kind.
    pub labels: Vec<&'a Label>,
}

impl LabelStore {
    /// Every contradiction among the labels in use, by subject and kind.
    pub fn conflicts(&self) -> Vec<Conflict<'_>> {
        let mut subjects: FxHashMap<_, Vec<&Label>> = FxHashMap::default();
        for label in self.iter().filter(|l| l.is_accepted()) {
            subjects.entry((label.subject, label.chain, &*label.text)).or_default().push(label);
        }
        let mut found: Vec<Conflict<'_>> = Vec::new();
        for ((subject, chain, text), labels) in subjects {
            let of = |kind, labels: Vec<_>| Conflict { subject, chain, text, kind, labels };
            let disputed: Vec<&Label> = labels.iter().copied().filter(|l| l.is_disputed()).collect();
            if !disputed.is_empty() {
                found.push(of(ConflictKind::Disputed, disputed));
            }
            if labels.len() < 2 {
                continue;
            }
            let owners: Vec<&Label> = labels.iter().copied().filter(|l| owner(l).is_some()).collect();
            let differ = |a: &&Label| owners.iter().any(|b| different_owners(a, b));
            let differing: Vec<&Label> = owners.iter().copied().filter(|a| differ(a)).collect();
            if !differing.is_empty() {
                found.push(of(ConflictKind::Owner, differing));
            }
            let (risky, rest): (Vec<_>, Vec<_>) = labels.iter().copied().partition(|l| says_risk(l));
            let harmless: Vec<&Label> = rest.into_iter().filter(|l| says_none(l)).collect();
            if !risky.is_empty() && !harmless.is_empty() {
                found.push(of(ConflictKind::Risk, risky.into_iter().chain(harmless).collect()));
            }
            let designations = labels.iter().copied().filter(|l| l.basis == Basis::Designation);
            let (ended, open): (Vec<_>, Vec<_>) = designations.partition(|l| l.valid_to.is_some());
            if !ended.is_empty() && !open.is_empty() {
                found.push(of(ConflictKind::Designation, ended.into_iter().chain(open).collect()));
            }
        }
        for conflict in &mut found {
            conflict.labels.sort_by_cached_key(|l| (LabelId::of(l), l.pack.id, l.line));
        }
        found.sort_by(|a, b| (a.chain, a.subject, a.text, a.kind).cmp(&(b.chain, b.subject, b.text, b.kind)));
        found
    }
}

/// Who a label says the subject belongs to: its actor, or the name of a service. The name of anything else is a description
/// as often as a name, and two descriptions do not contradict each other.
fn owner(label: &Label) -> Option<String> {
    label.actor.clone().or_else(|| label.is_service().then(|| plain(&label.name)))
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn different_owners(a: &Label, b: &Label) -> bool {
    match (&a.actor, &b.actor) {
        (Some(a), Some(b)) => a != b,
        // an actor's id and a service's name are two vocabularies
        (None, None) => owner(a) != owner(b),
        _ => false,
    }
}

fn says_risk(label: &Label) -> bool {
    label.categories.iter().any(|c| c.is_risk())
}

/// Whether the label says that nothing is wrong, which "unknown" and "user" do not.
fn says_none(label: &Label) -> bool {
    label.level(athar_types::Relation::Ownership) == athar_types::Level::None
}
