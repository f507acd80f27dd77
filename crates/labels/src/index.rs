//! The live labels in memory and the way to them: a hash table from subject to its chain of labels.
//!
//! A look-up waits for memory, not for the processor, so it is made to touch few lines of it. A slot of the table is
//! 16 bytes and holds 32 bits of the hash, so that a miss ends there; the texts lie packed in one buffer beside the labels,
//! so that a hit compares one of them without going through the label; and only a subject with several labels looks for
//! the next one.

use crate::label::{Label, SubjectKind};
use athar_types::{Chain, address};
use hashbrown::HashTable;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

const END: u32 = u32::MAX;
/// Bit of a slot's place: further labels of the same subject follow.
const MORE: u64 = 1 << 63;
/// Bits of a slot's place that hold the length of the text; this length and all longer ones are read from the label.
const LENGTH_BITS: u32 = 16;
const LONG: u64 = (1 << LENGTH_BITS) - 1;

/// Where a subject's first label is.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The lower half of the subject's hash.
    hash: u32,
    /// The first label.
    label: u32,
    /// [`MORE`], the text's offset in [`Index::texts`], its length in the lowest bits.
    place: u64,
}

/// Labels in the order of pack and file, and the look-ups over them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    labels: Vec<Label>,
    /// First label of each accepted subject.
    heads: HashTable<Slot>,
    /// Kind, chain and text of each accepted subject, one after the other.
    texts: Vec<u8>,
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

/// The two bytes that stand before a text.
const fn kind(subject: SubjectKind, chain: Option<Chain>) -> [u8; 2] {
    let chain = match chain {
        Some(chain) => chain as u8,
        None => u8::MAX,
    };
    [subject as u8, chain]
}

/// The hash that a table places a slot by: the table uses its upper and lower bits.
const fn placed(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Whether a slot is that of a subject, from the slot and the texts alone but for very long texts.
fn is(slot: &Slot, texts: &[u8], labels: &[Label], subject: (SubjectKind, Option<Chain>, &str)) -> bool {
    let (length, at) = (slot.place & LONG, ((slot.place & !MORE) >> LENGTH_BITS) as usize);
    if length == LONG {
        let label = &labels[slot.label as usize];
        return (label.subject, label.chain, &*label.text) == subject;
    }
    let text = subject.2.as_bytes();
    length == text.len() as u64
        && texts[at..at + 2] == kind(subject.0, subject.1)
        && texts[at + 2..at + 2 + text.len()] == *text
}

impl Index {
    /// Builds the look-ups. `labels` must be in an order that does not depend on the order of imports.
    pub(crate) fn new(labels: Vec<Label>) -> Self {
        let mut index = Self { next: vec![END; labels.len()], ..Self::default() };
        index.heads.reserve(labels.len(), |slot| placed(slot.hash));
        index.texts.reserve(labels.iter().map(|l| l.text.len() + 2).sum());
        // backwards, so that each chain runs forwards
        for (i, label) in labels.iter().enumerate().rev() {
            let id = i as u32;
            if !label.is_accepted() {
                continue;
            }
            let subject = (label.subject, label.chain, &*label.text);
            let hash = hash(subject.0, subject.1, subject.2) as u32;
            let same = |slot: &Slot| slot.hash == hash && is(slot, &index.texts, &labels, subject);
            match index.heads.entry(placed(hash), same, |slot| placed(slot.hash)) {
                hashbrown::hash_table::Entry::Occupied(mut head) => {
                    let head = head.get_mut();
                    index.next[i] = head.label;
                    (head.label, head.place) = (id, head.place | MORE);
                }
                hashbrown::hash_table::Entry::Vacant(empty) => {
                    let length = (label.text.len() as u64).min(LONG);
                    let place = (index.texts.len() as u64) << LENGTH_BITS | length;
                    if length < LONG {
                        index.texts.extend_from_slice(&kind(label.subject, label.chain));
                        index.texts.extend_from_slice(label.text.as_bytes());
                    }
                    empty.insert(Slot { hash, label: id, place });
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
        let hash = hash(subject, chain, text) as u32;
        let same = |slot: &Slot| slot.hash == hash && is(slot, &self.texts, &self.labels, (subject, chain, text));
        match self.heads.find(placed(hash), same) {
            Some(slot) => Matches { index: self, at: slot.label, more: slot.place & MORE != 0 },
            None => Matches { index: self, at: END, more: false },
        }
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
pub fn mentioned(text: &str) -> Vec<(Chain, String)> {
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
    /// Whether [`Index::next`] has to be asked.
    more: bool,
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
        self.at = if self.more { self.index.next[self.at as usize] } else { END };
        Some(label)
    }
}
