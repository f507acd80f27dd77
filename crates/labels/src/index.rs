//! The live labels in memory and the way to them: a hash table from subject to its chain of labels.

use crate::label::{Label, SubjectKind};
use athar_types::{Chain, address};
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

const END: u32 = u32::MAX;

/// Labels in the order of pack and file, and the look-ups over them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    labels: Vec<Label>,
    /// First label of each accepted subject.
    heads: HashTable<u32>,
    /// The next label of the same subject, or [`END`].
    next: Vec<u32>,
    /// Quarantined entries by their text as written.
    quarantined: FxHashMap<Box<str>, Vec<u32>>,
    /// Quarantined entries by every good address found inside their text.
    mentions: FxHashMap<(Chain, Box<str>), Vec<u32>>,
}

fn hash(subject: SubjectKind, chain: Option<Chain>, text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    (subject, chain, text).hash(&mut hasher);
    hasher.finish()
}

fn hash_of(label: &Label) -> u64 {
    hash(label.subject, label.chain, &label.text)
}

impl Index {
    /// Builds the look-ups. `labels` must be in an order that does not depend on the order of imports.
    pub(crate) fn new(labels: Vec<Label>) -> Self {
        let mut index = Self { next: vec![END; labels.len()], ..Self::default() };
        index.heads.reserve(labels.len(), |_| 0);
        // backwards, so that each chain runs forwards
        for (i, label) in labels.iter().enumerate().rev() {
            let id = i as u32;
            if !label.is_accepted() {
                continue;
            }
            let same = |other: &u32| {
                let other = &labels[*other as usize];
                other.subject == label.subject && other.chain == label.chain && other.text == label.text
            };
            match index.heads.entry(hash_of(label), same, |other| hash_of(&labels[*other as usize])) {
                hashbrown::hash_table::Entry::Occupied(mut head) => {
                    index.next[i] = *head.get();
                    *head.get_mut() = id;
                }
                hashbrown::hash_table::Entry::Vacant(empty) => {
                    empty.insert(id);
                }
            }
        }
        for (i, label) in labels.iter().enumerate().filter(|(_, l)| l.quarantine.is_some()) {
            index.quarantined.entry(label.text.clone()).or_default().push(i as u32);
            for (chain, text) in mentioned(&label.text) {
                index.mentions.entry((chain, text.into())).or_default().push(i as u32);
            }
        }
        index.labels = labels;
        index
    }

    pub(crate) fn into_labels(self) -> Vec<Label> {
        self.labels
    }

    pub(crate) fn labels(&self) -> &[Label] {
        &self.labels
    }

    pub(crate) fn find(&self, subject: SubjectKind, chain: Option<Chain>, text: &str) -> Matches<'_> {
        let same = |other: &u32| {
            let other = &self.labels[*other as usize];
            other.subject == subject && other.chain == chain && *other.text == *text
        };
        let at = self.heads.find(hash(subject, chain, text), same).copied().unwrap_or(END);
        Matches { index: self, at }
    }

    pub(crate) fn quarantined(&self, text: &str) -> impl Iterator<Item = &Label> {
        self.quarantined.get(text).into_iter().flatten().map(|i| &self.labels[*i as usize])
    }

    pub(crate) fn mentions(&self, chain: Chain, text: &str) -> impl Iterator<Item = &Label> {
        self.mentions.get(&(chain, Box::from(text))).into_iter().flatten().map(|i| &self.labels[*i as usize])
    }
}

/// The good addresses inside a quarantined text, each under every chain it could belong to: the two of a cell that
/// holds two, the one beside a destination tag.
pub(crate) fn mentioned(text: &str) -> Vec<(Chain, String)> {
    let mut found: Vec<(Chain, String)> = tokens(text)
        .flat_map(address::detect)
        .map(|candidate| (candidate.address.chain, candidate.address.text))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The parts of a text that could be addresses.
pub(crate) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let cut =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '|' | '(' | ')' | '[' | ']' | '"' | '\'' | '*');
    text.split(cut).filter(|token| (20..=512).contains(&token.len()))
}

/// The labels of one subject, in the order of pack and file.
#[derive(Clone, Debug)]
pub struct Matches<'a> {
    index: &'a Index,
    at: u32,
}

impl Matches<'_> {
    /// Whether there is none left.
    pub const fn is_empty(&self) -> bool {
        self.at == END
    }
}

impl<'a> Iterator for Matches<'a> {
    type Item = &'a Label;

    fn next(&mut self) -> Option<&'a Label> {
        let label = self.index.labels.get(self.at as usize)?;
        self.at = self.index.next[self.at as usize];
        Some(label)
    }
}
