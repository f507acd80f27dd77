//! Which event a log is of, by its first topic: the Keccak-256 of the event's name and the types of its fields.
//!
//! The hashes are made from the texts when first asked for; a pasted one cannot be read and hides a slip.

use super::bridges::Bridges;
use super::form::Form;
use super::{freezes, swaps};
use crate::account::raw::RawLog;
use sha3::{Digest, Keccak256};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// An event that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    Freeze(freezes::Freeze),
    Swap(swaps::Swap),
    Passage(Form),
}

/// The event of `log`, where it is one of those that are read.
pub(super) fn of(log: &RawLog) -> Option<Event> {
    static EVENTS: OnceLock<BTreeMap<[u8; 32], Event>> = OnceLock::new();
    EVENTS.get_or_init(table).get(log.topics.first()?).copied()
}

/// Keccak-256 of a signature.
pub(super) fn hash(text: &str) -> [u8; 32] {
    Keccak256::digest(text).into()
}

fn table() -> BTreeMap<[u8; 32], Event> {
    let freezes = freezes::EVENTS.iter().map(|(text, event)| (*text, Event::Freeze(*event)));
    let swaps = swaps::EVENTS.iter().map(|(text, event)| (*text, Event::Swap(*event)));
    let passages = Bridges::shipped().forms().map(|(topic, form)| (topic, Event::Passage(form)));
    freezes.chain(swaps).map(|(text, event)| (hash(text), event)).chain(passages).collect()
}
