//! What one party did, in order: the common ground of chains of outputs and chains of accounts.
//!
//! A *party* is what acts as one: an entity, or an address that belongs to none. Its timeline holds every movement between it
//! and others; what it moves among its own addresses is not in it. Operators read timelines alone, so that a rule holds on
//! every chain.

/// A party of one chain: the number of the address that stands for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct Party(pub u32);

impl Party {
    /// Each of several once and ascending, the nameless left out.
    pub fn distinct(mut parties: Vec<Self>) -> Vec<Self> {
        parties.retain(|party| *party != Self::NOBODY);
        parties.sort_unstable();
        parties.dedup();
        parties
    }

    /// Nobody in particular: a miner's reward, a CoinJoin's many owners, an input without an address.
    pub const NOBODY: Self = Self(u32::MAX);
}

/// Which way a movement goes, seen from the party.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Way {
    /// Received.
    In,
    /// Sent.
    Out,
}

/// A time after every other: what was received has not moved on.
pub const NEVER: u32 = u32::MAX;
/// Cents that are not known: no price on that day.
pub const UNPRICED: u64 = u64::MAX;

/// A movement between the party and another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    /// Seconds since 1970, of the block.
    pub time: u32,
    /// The transaction's number in the chain.
    pub tx: u32,
    /// In or out.
    pub way: Way,
    /// The party's own address.
    pub own: u32,
    /// The other side; [`Party::NOBODY`] where it is not one.
    pub party: Party,
    /// The other side's address; `u32::MAX` where there is none.
    pub other: u32,
    /// The asset's number in the chain; 0 is the chain's coin.
    pub asset: u32,
    /// Smallest units of the asset.
    pub units: u128,
    /// Its worth on the day, in US cents; [`UNPRICED`] where no price is known.
    pub cents: u64,
    /// Of what came in: when it left the party, [`NEVER`] where it has not. On chains of outputs the time of the transaction
    /// that spends it to others (an own consolidation in between is followed); on chains of accounts by first in, first out.
    pub left: u32,
}

impl Move {
    /// Its worth, where a price is known.
    pub const fn worth(&self) -> Option<u64> {
        if self.cents == UNPRICED { None } else { Some(self.cents) }
    }
}

/// The movements of a party, by time and transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// Whose.
    pub party: Party,
    /// In order of transactions; of one transaction those in before those out.
    pub moves: Vec<Move>,
    /// Whether there are more movements than were asked for: the newest are left out.
    pub is_cut: bool,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { party: Party::NOBODY, moves: Vec::new(), is_cut: false }
    }
}

impl Timeline {
    /// What came in.
    pub fn received(&self) -> impl Iterator<Item = &Move> + Clone {
        self.moves.iter().filter(|m| m.way == Way::In)
    }

    /// What went out.
    pub fn sent(&self) -> impl Iterator<Item = &Move> + Clone {
        self.moves.iter().filter(|m| m.way == Way::Out)
    }
}
