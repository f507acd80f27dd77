//! What an operator found, before requirements, guards and severity are looked at.

use crate::{Measures, Move, Party, UNPRICED};
use athar_types::Bilingual;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Addresses that a hit names at most; more are counted.
pub const ADDRESSES_MAX: usize = 200;
/// Transactions that a hit names at most; more are counted.
pub const TXS_MAX: usize = 500;

/// Whom a hit is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// A party, named by an address of it.
    Party(Party),
    /// One address of a party.
    Address(u32),
    /// A transaction.
    Tx(u32),
    /// Something off the chain: an identifier, a page, a record.
    Text(String),
}

/// A transaction on another chain that belongs to a hit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct OtherLeg {
    /// The chain's name.
    pub chain: String,
    /// The transaction, as that chain's explorers write it.
    pub txid: String,
}

/// A sum in units and dollars; what had no price is told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sum {
    /// Smallest units of the asset.
    #[serde(serialize_with = "digits", deserialize_with = "from_digits")]
    pub units: u128,
    /// US cents of what had a price.
    pub cents: u64,
    /// Units that had none.
    #[serde(serialize_with = "digits", deserialize_with = "from_digits")]
    pub unpriced: u128,
}

// JSON's numbers end where tokens begin: amounts are kept as digits
fn digits<S: Serializer>(value: &u128, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&value.to_string())
}

fn from_digits<'de, D: Deserializer<'de>>(d: D) -> Result<u128, D::Error> {
    String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
}

impl Sum {
    /// Adds a movement.
    pub fn add(&mut self, movement: &Move) {
        self.units = self.units.saturating_add(movement.units);
        if movement.cents == UNPRICED {
            self.unpriced = self.unpriced.saturating_add(movement.units);
        } else {
            self.cents = self.cents.saturating_add(movement.cents);
        }
    }

    /// The sum of some movements.
    pub fn of<'a>(moves: impl IntoIterator<Item = &'a Move>) -> Self {
        let mut sum = Self::default();
        for movement in moves {
            sum.add(movement);
        }
        sum
    }
}

/// A candidate for a hit.
#[derive(Clone, PartialEq, Debug)]
pub struct Candidate {
    /// Whom it is about.
    pub subject: Subject,
    /// Own addresses that take part.
    pub addresses: Vec<u32>,
    /// Transactions that make it, in chain order.
    pub txs: Vec<u32>,
    /// Transactions on other chains that belong to it, where exactly one fits each.
    pub other_legs: Vec<OtherLeg>,
    /// Direct counterparties that matter, for corroboration by their labels.
    pub parties: Vec<Party>,
    /// First second of what was found.
    pub start: u32,
    /// Last second of it.
    pub end: u32,
    /// Number of the asset that the sums are of.
    pub asset: u32,
    /// All that moved in it.
    pub total: Sum,
    /// What of it is linked; `None`: the part that moved from or to labelled counterparties is not told by the operator, and
    /// all counts as linked exactly where the subject itself is anchored.
    pub linked: Option<Sum>,
    /// What was measured.
    pub measures: Measures,
    /// Texts that belong to it: a page, a list entry, candidates of another leg. Already short.
    pub notes: Vec<Bilingual>,
}

impl Candidate {
    /// Of a party and some of its movements, with their transactions, own addresses, span and sum.
    ///
    /// `asset` is that of the first movement; sums are over movements of it.
    pub fn of<'a>(subject: Subject, moves: impl IntoIterator<Item = &'a Move>) -> Self {
        let mut candidate = Self {
            subject,
            addresses: Vec::new(),
            txs: Vec::new(),
            other_legs: Vec::new(),
            parties: Vec::new(),
            start: u32::MAX,
            end: 0,
            asset: 0,
            total: Sum::default(),
            linked: None,
            measures: Measures::default(),
            notes: Vec::new(),
        };
        let mut is_first = true;
        for movement in moves {
            if is_first {
                candidate.asset = movement.asset;
                is_first = false;
            }
            candidate.addresses.push(movement.own);
            candidate.txs.push(movement.tx);
            candidate.parties.push(movement.party);
            candidate.start = candidate.start.min(movement.time);
            candidate.end = candidate.end.max(movement.time);
            if movement.asset == candidate.asset {
                candidate.total.add(movement);
            }
        }
        // of no movement nothing is ordered, and the span stays open for what is put in later
        if !is_first {
            candidate.tidy();
        }
        candidate
    }

    /// Orders what it names and takes out repeats.
    pub fn tidy(&mut self) {
        self.addresses.sort_unstable();
        self.addresses.dedup();
        self.txs.sort_unstable();
        self.txs.dedup();
        self.other_legs.sort();
        self.other_legs.dedup();
        self.parties.sort_unstable();
        self.parties.dedup();
        if self.start == u32::MAX {
            self.start = self.end;
        }
    }
}
