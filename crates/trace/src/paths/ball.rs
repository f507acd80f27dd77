//! The outputs within so many hops of one party, grown hop by hop.

use super::answer::PathsEnd;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// Not reached.
pub(super) const FAR: u32 = u32::MAX;

/// Which party a ball is grown from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The one where paths begin: with the money's direction.
    From,
    /// The one where they end: against it.
    To,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::From, Self::To];

    #[inline]
    pub(super) const fn index(self) -> usize {
        self as usize
    }

    #[inline]
    pub(super) const fn other(self) -> Self {
        match self {
            Self::From => Self::To,
            Self::To => Self::From,
        }
    }
}

/// The state of one side. Steps inside one owner make no hop, so a level is done when nothing of that many hops is left,
/// and holds what such steps add while it is.
#[derive(Debug, Default)]
pub(super) struct Ball {
    /// Levels done: everything of fewer hops than this was gone on from.
    pub(super) levels: u32,
    /// Outputs of the level being done that are to be gone on from.
    pub(super) now: Vec<u64>,
    /// Those of the level after it.
    pub(super) next: Vec<u64>,
    /// Transactions that were entered, each with the address that they were entered from: to enter one again from the
    /// same address leads nowhere new, and nowhere in fewer hops.
    pub(super) entered: FxHashSet<(u32, u32)>,
    /// Outputs that it did not go past, by reason.
    pub(super) ended: BTreeMap<PathsEnd, u64>,
}

impl Ball {
    /// Whether there is nothing left to go on from.
    pub(super) fn is_exhausted(&self) -> bool {
        self.levels > 0 && self.now.is_empty() && self.next.is_empty()
    }

    pub(super) fn end(&mut self, why: PathsEnd) {
        *self.ended.entry(why).or_default() += 1;
    }

    /// Whether it left out nothing for the sake of the work.
    pub(super) fn is_clean(&self) -> bool {
        !self.ended.contains_key(&PathsEnd::Fan)
    }
}
