//! A world of accounts: what happens on a chain like Ethereum or Tron, as rows, with the truth about who owns what.
//!
//! Who takes part: exchanges with a deposit address for each customer (accounts of their own, or forwarder contracts), gas
//! or energy from a gas station and sweeps into a collector; people with several accounts who withdraw, deposit, pay one
//! another, shops and campaigns; shops and traders who have themselves paid at their deposit address; households of
//! which one pays at another's; a betting site without deposit addresses; a seller of coupons; bosses with mules that they keep
//! in gas; a pool; a token that takes a fee of each transfer; airdrops nobody asked for, dust, and address poisoning by
//! transfers of amount zero and of almost nothing from look-alikes.
//!
//! The same seed and [`AccountWorldSettings`] give the same rows on any machine. Balances never go below zero. Only the
//! shapes are real: no figure of this economy is a statement about a real one.

mod acts;
mod cast;
mod crime;
mod rows;
mod service;
#[cfg(test)]
mod tests;

use acts::Acts;
use athar_types::account::{AccountBlock, AccountBytes, AccountParams};
use cast::Cast;
use serde::Serialize;

/// What to simulate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountWorldSettings {
    /// The chain whose habits it has.
    pub params: &'static AccountParams,
    /// Transfers at least; the world ends with the block in which so many are reached.
    pub transfers: usize,
    /// People.
    pub people: u32,
}

impl AccountWorldSettings {
    /// A world of so many transfers, with people in proportion: about one for 200 transfers, at least 60.
    pub fn new(params: &'static AccountParams, transfers: usize) -> Self {
        Self { params, transfers, people: u32::try_from(transfers / 200).unwrap_or(u32::MAX).clamp(60, 1_000_000) }
    }
}

/// What an actor is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the variants are plain words
pub enum AccountActor {
    Producer,
    Issuer,
    Exchange,
    Pool,
    BettingSite,
    Shop,
    CouponSeller,
    Person,
    Campaign,
    Boss,
    Mule,
    Airdropper,
    Duster,
    Poisoner,
}

/// What an account is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountRole {
    /// An account that its owner uses.
    Own,
    /// A contract.
    Contract,
    /// Takes what is swept.
    Collector,
    /// Pays customers.
    HotWallet,
    /// Pays for sweeps.
    GasStation,
    /// A customer's deposit address.
    Deposit,
    /// A deposit address that is a contract.
    DepositContract,
    /// Looks like somebody's counterparty.
    LookAlike,
}

/// The truth about an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct AccountTruth {
    /// Its address.
    pub account: AccountBytes,
    /// Who holds its key, by rank in [`AccountWorldTruth::actors`].
    pub actor: u32,
    /// What it is for.
    pub role: AccountRole,
    /// For whom a service holds it.
    pub customer: Option<u32>,
}

/// The truth about a world.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct AccountWorldTruth {
    /// What each actor is.
    pub actors: Vec<AccountActor>,
    /// Every account, in the order in which it was made.
    pub accounts: Vec<AccountTruth>,
}

/// A world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountWorld {
    /// The chain whose habits it has.
    pub params: &'static AccountParams,
    /// Its blocks, from number 0 on, each naming the one before it.
    pub blocks: Vec<AccountBlock>,
    /// The contract of its dollar token (six decimals).
    pub dollar: AccountBytes,
    /// The truth about it.
    pub truth: AccountWorldTruth,
}

/// The world of a seed.
pub fn world(seed: u64, settings: &AccountWorldSettings) -> AccountWorld {
    let cast = Cast::new(seed, settings);
    Acts::new(seed, cast).run(settings.transfers)
}
