//! Transfers in the order of a trace: as they are, or mirrored in time.
//!
//! A backward trace is a forward trace over the mirrored transfers: the last comes first, and who received gives. A *key* is a
//! transfer's rank in that order.

use super::flows::{Flows, Place, Transfer};
use std::ops::Range;

/// Transfers in the order of a trace.
pub(super) struct View<'a, F: ?Sized, const BACK: bool> {
    pub(super) flows: &'a F,
    pub(super) count: u64,
}

impl<F: Flows + ?Sized, const BACK: bool> View<'_, F, BACK> {
    /// From key to number and from number to key.
    #[inline]
    pub(super) fn turn(&self, key: u64) -> u64 {
        if BACK { self.count - 1 - key } else { key }
    }

    #[inline]
    pub(super) fn transfer(&self, key: u64) -> Transfer {
        let transfer = self.flows.transfer(self.turn(key));
        if BACK { transfer.mirrored() } else { transfer }
    }

    /// The keys of a transaction.
    pub(super) fn of_tx(&self, tx: u32) -> Range<u64> {
        let Range { start, end } = self.flows.of_tx(tx);
        let (start, end) = (start.min(self.count), end.min(self.count));
        if BACK { self.count - end..self.count - start } else { start..end }
    }

    /// Hands the transfers of an account from `key` on to `each`, until that says not to go on; whether it never did.
    #[inline]
    pub(super) fn scan(&self, account: u32, key: u64, mut each: impl FnMut(u64, &Transfer) -> bool) -> bool {
        let mut go_on = |n: u64| {
            let key = self.turn(n);
            each(key, &self.transfer(key))
        };
        if BACK {
            self.flows.of_account_back(account, self.count.saturating_sub(key)).all(&mut go_on)
        } else {
            self.flows.of_account(account, key).all(&mut go_on)
        }
    }
}

/// What a transfer does to a balance.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Adds to it.
    In,
    /// Takes from it.
    Out,
}

impl Place {
    /// What a transfer does to this balance; `None` for nothing.
    #[inline]
    pub(super) fn side(self, transfer: &Transfer) -> Option<Side> {
        if transfer.asset != self.asset || !transfer.moves() {
            return None;
        }
        if transfer.receiver() == Some(self) {
            return Some(Side::In);
        }
        (transfer.giver() == Some(self)).then_some(Side::Out)
    }
}
