//! What is planned for later, in order of time, then of planning.

use crate::world::{KeyId, PurseId};
use std::{cmp::Reverse, collections::BinaryHeap};

/// Something to do at a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Event {
    /// A campaign goes on.
    Campaign {
        /// Which.
        index: usize,
        /// What its script calls the step.
        step: u32,
    },
    /// Everything in a purse goes to a key.
    SendAll {
        /// The purse.
        from: PurseId,
        /// The key.
        to: KeyId,
        /// How many more blocks to wait for money.
        tries: u8,
    },
    /// A peel chain takes its next hop.
    Peel {
        /// Which.
        index: usize,
        /// How many more blocks to wait for money.
        tries: u8,
    },
    /// An employer buys what wages will take.
    FundWages {
        /// Which.
        employer: usize,
    },
    /// An employer pays wages.
    PayWages {
        /// Which.
        employer: usize,
        /// How many more blocks to wait for money.
        tries: u8,
    },
}

/// The plan.
#[derive(Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Reverse<(u32, u64, Event)>>,
    count: u64,
}

impl Agenda {
    /// Plans an event for the first block at or after a time.
    pub(crate) fn at(&mut self, time: u32, event: Event) {
        self.heap.push(Reverse((time, self.count, event)));
        self.count += 1;
    }

    /// The next event that is due.
    pub(crate) fn due(&mut self, now: u32) -> Option<Event> {
        if self.heap.peek()?.0.0 > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, _, event))| event)
    }
}
