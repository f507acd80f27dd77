//! What a trace over accounts reads, and what its caller knows: transfers, stops, owners, labels.

use super::bridge::Passage;
use athar_types::account::{TransferKind, U256};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// In place of an account: outside of the chain. In place of a transaction: what a block does by itself.
pub const NONE: u32 = u32::MAX;

/// One change of balances, with the numbers that the ledger gave to accounts and assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Number of its transaction, [`NONE`] for what a block does by itself.
    pub tx: u32,
    /// Who gives, [`NONE`] for outside of the chain.
    pub from: u32,
    /// Who receives, [`NONE`] for outside of the chain.
    pub to: u32,
    /// What.
    pub asset: u32,
    /// How much, in the asset's smallest unit.
    pub amount: U256,
    /// Why.
    pub kind: TransferKind,
}

/// The transfers of a chain of accounts, numbered from 0 in chain order. The numbers of one transaction's transfers follow one
/// another.
pub trait Flows {
    /// The transfer of that number, which is below [`Self::transfers`].
    fn transfer(&self, n: u64) -> Transfer;

    /// How many there are.
    fn transfers(&self) -> u64;

    /// The transfers in or out of an account from number `from` on, ascending, each once.
    fn of_account(&self, account: u32, from: u64) -> impl Iterator<Item = u64>;

    /// The transfers in or out of an account below number `before`, descending, each once.
    fn of_account_back(&self, account: u32, before: u64) -> impl Iterator<Item = u64>;

    /// The transfers of a transaction; empty for [`NONE`].
    fn of_tx(&self, tx: u32) -> Range<u64>;

    /// The accounts that told of a swap in that transaction; none for [`NONE`].
    fn swap_pools(&self, tx: u32) -> impl Iterator<Item = u32>;

    /// Whether the account is known to be a contract.
    fn is_contract(&self, account: u32) -> bool;

    /// What a bridge said of this transfer: that with it value left the chain, or (going backward) came in.
    fn bridge(&self, n: u64) -> Option<Passage> {
        let _ = n;
        None
    }
}

/// Why a trace does not go past an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AccountStop {
    /// A labelled service that pools the money of many customers.
    Service {
        /// The caller's key of the label.
        label: u32,
    },
    /// A service that no label names, recognised by a rule.
    InferredService {
        /// The caller's key of the rule or of what it found.
        rule: u32,
    },
    /// A labelled mixer.
    Mixer {
        /// The caller's key of the label.
        label: u32,
    },
    /// A bridge: what went in comes out on another chain.
    Bridge {
        /// Number of the protocol, as in `BridgeEvent`.
        protocol: u16,
    },
    /// A contract that holds many people's money, or of which nobody knows what it does with it.
    Contract,
}

/// Where a trace stops. Accounts of the subject itself ([`AccountOwners::is_own`]) are never asked about, nor is a pool in a
/// transaction in which it told of a swap.
pub trait AccountStops {
    /// Whether taint that reaches this account goes no further.
    fn stop(&self, account: u32) -> Option<AccountStop>;
}

/// Whose the accounts are: a transfer between two of the subject's own is no hop.
pub trait AccountOwners {
    /// Whether the account belongs to the subject of the question.
    fn is_own(&self, account: u32) -> bool;
}

/// Stops nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAccountStops;

impl AccountStops for NoAccountStops {
    #[inline]
    fn stop(&self, _: u32) -> Option<AccountStop> {
        None
    }
}

/// Nobody owns anything: every transfer is a hop.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAccountOwners;

impl AccountOwners for NoAccountOwners {
    #[inline]
    fn is_own(&self, _: u32) -> bool {
        false
    }
}

impl<T: AccountStops + ?Sized> AccountStops for &T {
    #[inline]
    fn stop(&self, account: u32) -> Option<AccountStop> {
        (**self).stop(account)
    }
}

impl<T: AccountOwners + ?Sized> AccountOwners for &T {
    #[inline]
    fn is_own(&self, account: u32) -> bool {
        (**self).is_own(account)
    }
}

/// The balance of one asset that an account has; what it put aside ([`TransferKind::Stake`]) is a balance of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// Whose.
    pub account: u32,
    /// Of what.
    pub asset: u32,
    /// Whether it is what the account put aside.
    pub is_staked: bool,
}

impl Place {
    /// The free balance of an account.
    pub const fn free(account: u32, asset: u32) -> Self {
        Self { account, asset, is_staked: false }
    }
}

impl Transfer {
    /// The balance that it takes from; `None` for outside of the chain.
    #[inline]
    pub fn giver(&self) -> Option<Place> {
        Self::end(self.from, self.to, self)
    }

    /// The balance that it adds to; `None` for outside of the chain.
    #[inline]
    pub fn receiver(&self) -> Option<Place> {
        Self::end(self.to, self.from, self)
    }

    #[inline]
    fn end(account: u32, other: u32, transfer: &Self) -> Option<Place> {
        if account != NONE {
            return Some(Place::free(account, transfer.asset));
        }
        // coins put aside leave the balance for nowhere and come back from there: they stay the account's
        let is_staked = transfer.kind == TransferKind::Stake && other != NONE;
        is_staked.then_some(Place { account: other, asset: transfer.asset, is_staked })
    }

    /// Whether it changes any balance: it moves something, and not from a balance to itself.
    #[inline]
    pub fn moves(&self) -> bool {
        let [a, b, c, d] = *self.amount.as_limbs();
        self.from != self.to && a | b | c | d != 0
    }

    /// The same, seen by who goes back in time.
    #[inline]
    pub(super) fn mirrored(self) -> Self {
        Self { from: self.to, to: self.from, ..self }
    }
}
