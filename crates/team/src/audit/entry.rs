//! An entry of the audit log: what is put in, what is kept, and the bytes that are hashed.
//!
//! An entry names people by id only and searched values by hash only, so that a person can be erased without a gap in the log. It never holds a name, an
//! address, a text that somebody typed or an address of a network.

use crate::TeamError;
use serde::Serialize;

/// Bytes that an action, a kind or an id may have.
const TEXT_BYTES_MAX: usize = 200;
/// Bytes of a value that is told by hash.
const VALUE_BYTES_MAX: usize = 1 << 20;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A user, by id: `7`.
    User(i64),
    /// An API key, by id: `key:ID`.
    Key(String),
    /// Whoever uses the program on this machine without users: `local`.
    Local,
    /// The program itself: `system`.
    System,
    /// Whoever is not logged in: `nobody`.
    Nobody,
}

impl Actor {
    /// As it stands in the log, and as a page of the log is asked by.
    pub fn text(&self) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::Key(id) => format!("key:{id}"),
            Self::Local => "local".into(),
            Self::System => "system".into(),
            Self::Nobody => "nobody".into(),
        }
    }
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Nothing in particular.
    None,
    /// A thing by its id, as it is: never a name or an address.
    Id {
        /// What kind of thing, a stable word.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A thing that is personal or was searched for: a hash with a salt of its own is kept, and the salt can be destroyed
    /// ([`crate::Team::forget_subject`]).
    Hashed {
        /// What kind of thing, a stable word.
        kind: &'static str,
        /// The value, in the form by which it is looked up again.
        value: String,
    },
}

impl Target {
    /// A thing by its id.
    pub fn id(kind: &'static str, id: impl ToString) -> Self {
        Self::Id { kind, id: id.to_string() }
    }

    /// A thing by the hash of a value.
    pub fn hashed(kind: &'static str, value: impl Into<String>) -> Self {
        Self::Hashed { kind, value: value.into() }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done: `done`.
    Done,
    /// It was not allowed: `refused`.
    Refused,
    /// It failed: `failed`.
    Failed,
}

impl Outcome {
    /// As it stands in the log.
    pub fn text(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// An entry to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// Who.
    pub actor: Actor,
    /// What, a stable word like `case.read`.
    pub action: &'static str,
    /// To what.
    pub target: Target,
    /// The case that it belongs to.
    pub case: Option<i64>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Entry {
    /// What was done, outside of a case.
    pub fn new(at_s: i64, actor: Actor, action: &'static str, target: Target) -> Self {
        Self { at_s, actor, action, target, case: None, outcome: Outcome::Done }
    }

    /// The same, in a case.
    #[must_use]
    pub fn in_case(mut self, case: i64) -> Self {
        self.case = Some(case);
        self
    }

    /// The same, with another outcome.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Whether it can be stored: one that cannot must not take others of its transaction with it.
    pub(super) fn check(&self) -> Result<(), TeamError> {
        let bad = |text: &str, most: usize| text.len() > most || text.contains('\0');
        let (kind, value, most) = match &self.target {
            Target::None => ("", "", 0),
            Target::Id { kind, id } => (*kind, id.as_str(), TEXT_BYTES_MAX),
            Target::Hashed { kind, value } => (*kind, value.as_str(), VALUE_BYTES_MAX),
        };
        if bad(&self.actor.text(), TEXT_BYTES_MAX)
            || bad(self.action, TEXT_BYTES_MAX)
            || bad(kind, TEXT_BYTES_MAX)
            || value.len() > most
        {
            return Err(TeamError::invalid("audit", "an actor, action or target is too long"));
        }
        if matches!(self.target, Target::Id { .. }) && value.contains('\0') {
            return Err(TeamError::invalid("audit", "a target holds the character zero"));
        }
        Ok(())
    }
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its number, from 1 without a gap.
    pub seq: i64,
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// Who ([`Actor::text`]).
    pub actor: String,
    /// What.
    pub action: String,
    /// What kind of thing; empty where it was done to nothing in particular.
    pub target_kind: String,
    /// The thing's id, or `hash:` and 64 hexadecimal digits.
    pub target: String,
    /// The case that it belongs to.
    pub case: Option<i64>,
    /// How it ended ([`Outcome::text`]).
    pub outcome: String,
    /// The hash of this entry and, through the one before, of all before it.
    #[serde(serialize_with = "hex")]
    pub hash: [u8; 32],
}

pub(super) fn hex<S: serde::Serializer>(hash: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&blake3::Hash::from_bytes(*hash).to_hex())
}

impl Kept {
    /// The hash that an entry has after one with the hash `before`: BLAKE3 over `athar audit 1`, `before`, the numbers as 8 bytes (the largest
    /// first) and each text after its length in 4 bytes. See docs/reference/team.md.
    pub(super) fn hash_after(&self, before: &[u8; 32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"athar audit 1").update(before);
        hasher.update(&self.seq.to_be_bytes()).update(&self.at_s.to_be_bytes());
        for text in [&self.actor, &self.action, &self.target_kind, &self.target] {
            hasher.update(&(text.len() as u32).to_be_bytes()).update(text.as_bytes());
        }
        // no case is the number that no case has
        hasher.update(&self.case.unwrap_or(-1).to_be_bytes());
        hasher.update(&(self.outcome.len() as u32).to_be_bytes()).update(self.outcome.as_bytes());
        *hasher.finalize().as_bytes()
    }
}
