//! `wallet/gettransactioninfobyblocknum`: what came of the transactions.

use super::super::raw::RawLog;
use super::fields::{Address, Bytes, Hash, Note};
use serde::Deserialize;
use std::borrow::Cow;

/// What came of a transaction.
#[derive(Deserialize)]
pub(super) struct Info<'a> {
    pub(super) id: Hash,
    #[serde(default)]
    pub(super) fee: u64,
    #[serde(default, rename = "blockNumber")]
    pub(super) block: u64,
    #[serde(default)]
    pub(super) contract_address: Option<Address>,
    #[serde(default)]
    pub(super) receipt: Receipt,
    #[serde(default)]
    log: Vec<Log>,
    /// `FAILED`, or absent.
    #[serde(default, borrow)]
    pub(super) result: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) withdraw_amount: u64,
    #[serde(default)]
    pub(super) unfreeze_amount: u64,
    #[serde(default)]
    pub(super) withdraw_expire_amount: u64,
    #[serde(default, borrow)]
    pub(super) internal_transactions: Vec<Internal<'a>>,
}

#[derive(Deserialize, Default)]
pub(super) struct Receipt {
    #[serde(default)]
    pub(super) energy_usage_total: u64,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    address: Address,
    #[serde(default)]
    topics: Vec<Hash>,
    #[serde(default)]
    data: Bytes,
}

/// A call inside a transaction, or what the virtual machine did with stakes.
#[derive(Deserialize)]
pub(super) struct Internal<'a> {
    pub(super) caller_address: Address,
    #[serde(default, rename = "transferTo_address")]
    pub(super) to: Option<Address>,
    #[serde(default, rename = "callValueInfo", borrow)]
    pub(super) values: Vec<Value<'a>>,
    #[serde(default)]
    pub(super) note: Note,
    #[serde(default)]
    pub(super) rejected: bool,
}

/// An amount of the coin or, with a number, of a token.
#[derive(Deserialize)]
pub(super) struct Value<'a> {
    #[serde(default, rename = "callValue")]
    pub(super) amount: u64,
    #[serde(default, rename = "tokenId", borrow)]
    pub(super) token: Option<Cow<'a, str>>,
}

impl Info<'_> {
    /// Its logs, numbered on from `from`.
    pub(super) fn logs(&mut self, from: &mut u32) -> Vec<RawLog> {
        let logs = std::mem::take(&mut self.log).into_iter().map(|log| {
            let index = Some(*from);
            *from = from.saturating_add(1);
            let topics = log.topics.into_iter().map(|topic| topic.0).collect();
            RawLog { address: log.address.0, topics, data: log.data.0, index }
        });
        logs.collect()
    }
}
