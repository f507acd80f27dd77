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
mod story;
#[cfg(test)]
mod tests;

#[cfg(doc)]
use crate::pair::PAIR_DAYS;
use crate::pair::PAIR_START;
use acts::Acts;
use athar_types::UnixTime;
use athar_types::account::{AccountBlock, AccountBytes, AccountParams};
use cast::Cast;
use serde::Serialize;
pub use story::{AccountCampaign, AccountCriterion, AccountLabel, TransferGift};

/// What to simulate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountWorldSettings {
    /// The chain whose habits it has.
    pub params: &'static AccountParams,
    /// Transfers at least; the world ends with the block in which so many are reached.
    pub transfers: usize,
    /// People.
    pub people: u32,
    /// When it begins.
    pub start: UnixTime,
    /// Seconds between blocks.
    pub block_secs: u32,
    /// What people do in a block, on the average.
    pub acts: u32,
    /// Campaigns, and how long the world lasts for them.
    pub story: Option<AccountStory>,
}

/// Campaigns and look-alikes of rows 11, 12 and 22 in a world of accounts. In such a world the dollar token and the bridge stand
/// at the addresses of the real ones, so that a registry of contracts knows them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountStory {
    /// Days that the world lasts at least.
    pub days: u32,
    /// Remittances in round sums (row 11); half as many look-alikes come with them.
    pub remittances: u32,
    /// Migrations from bitcoin (row 12), and look-alikes. Their other halves are in the world of bitcoin of the same seed, and as
    /// many as there should be here.
    pub migrations: [u32; 2],
    /// Passages over a bridge (row 22).
    pub hops: u32,
    /// Whether this is the first of the two worlds that the bridge joins.
    pub is_first: bool,
    /// The chain at the bridge's other end.
    pub far: &'static AccountParams,
}

impl AccountWorldSettings {
    /// A world of so many transfers, with people in proportion: about one for 200 transfers, at least 60.
    pub fn new(params: &'static AccountParams, transfers: usize) -> Self {
        let people = u32::try_from(transfers / 200).unwrap_or(u32::MAX).clamp(60, 1_000_000);
        Self {
            params,
            transfers,
            people,
            start: rows::START,
            block_secs: rows::BLOCK_SECS,
            acts: 2 + people / 60,
            story: None,
        }
    }

    /// A world of the pair that goes with a world of bitcoin: its clock begins with [`PAIR_START`], lasts for [`PAIR_DAYS`] and ticks
    /// every ten minutes.
    pub fn paired(params: &'static AccountParams, people: u32, story: AccountStory) -> Self {
        Self { people, start: PAIR_START, block_secs: 600, acts: 8, story: Some(story), ..Self::new(params, 0) }
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
    Bridge,
    Charity,
    Company,
    Desk,
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
    /// Campaigns and look-alikes.
    pub campaigns: Vec<AccountCampaign>,
    /// This world's side of every passage over the bridge: its rank ([`crate::pair::Hop::rank`]) and the transaction.
    pub hops: Vec<(u32, [u8; 32])>,
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
    /// What an analyst would know; empty in a world without a story.
    pub labels: Vec<AccountLabel>,
}

/// The world of a seed.
pub fn world(seed: u64, settings: &AccountWorldSettings) -> AccountWorld {
    let cast = Cast::new(seed, settings);
    let mut acts = Acts::new(seed, cast);
    if let Some(story) = settings.story {
        story::plan(&mut acts, seed, settings, &story);
    }
    acts.run(settings)
}
