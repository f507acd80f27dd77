//! Only chosen tokens or accounts, by `eth_getLogs`: a history of one stablecoin without the rest of the chain.
//!
//! A range of blocks is asked for at a time; it shrinks where the node finds it too much, and grows again. Then the blocks
//! that the logs stand in are asked for, from the same endpoint, for their time and transactions; a log that does not stand
//! where it says makes the endpoint a liar. What no log tells is not in it: coins, fees, internal transfers. That a node
//! leaves logs out cannot be seen this way; [`super::Fetcher`] sees it.

use super::{
    call::Call,
    client::{EvmClient, Need},
    endpoint::Endpoint,
    error::EvmError,
    hex,
};
use athar_chains::account::{
    Tokens, event_topic,
    jsonrpc::{self, LogOf},
    raw::RawReceipt,
    rows,
};
use athar_types::account::{AccountBlock, AccountBytes, AccountParams, U256};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks in the first range, and in the largest.
const RANGE_FIRST: u64 = 500;
const RANGE_MAX: u64 = 20_000;
/// A range with fewer logs than this can be twice as large next time.
const LOGS_FEW: usize = 2_000;
/// Contracts or accounts in one filter.
const FILTER_MAX: usize = 100;
/// Chosen contracts and accounts at most.
pub const CHOSEN_MAX: usize = 10_000;
/// Blocks asked for in one go.
const BLOCKS_MAX: usize = 25;

/// What is chosen. Tokens alone: everything that they log. Accounts alone: transfers of any token from or to them. Both:
/// transfers of these tokens from or to these accounts, and every freeze by the tokens' issuers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LogSelection {
    /// Contracts.
    pub tokens: Vec<AccountBytes>,
    /// Accounts.
    pub accounts: Vec<AccountBytes>,
}

/// Reads only what is chosen.
#[derive(Debug)]
pub struct LogFetcher<'a> {
    client: &'a EvmClient,
    params: &'static AccountParams,
    tokens: &'a Tokens,
    filters: Vec<Value>,
}

impl<'a> LogFetcher<'a> {
    /// A fetcher of what is chosen; an error where that is nothing, or more than [`CHOSEN_MAX`].
    pub fn new(
        client: &'a EvmClient,
        params: &'static AccountParams,
        tokens: &'a Tokens,
        selection: &LogSelection,
    ) -> Result<Self, EvmError> {
        let chosen = selection.tokens.len() + selection.accounts.len();
        if chosen == 0 || chosen > CHOSEN_MAX {
            return Err(EvmError::Chosen { chosen, max: CHOSEN_MAX });
        }
        Ok(Self { client, params, tokens, filters: filters(selection) })
    }

    /// Hands on the blocks of `from..=to` that hold something chosen, in order: with each call those of a range, and the
    /// number that is reached, also where there are none. Ends early where `take` gives `false` or an error.
    ///
    /// The blocks hold only transactions with chosen logs, ranked anew, and of these no coins and no fees.
    pub fn run<E: From<EvmError>>(
        &self,
        from: u64,
        to: u64,
        mut take: impl FnMut(Vec<AccountBlock>, u64) -> Result<bool, E>,
    ) -> Result<(), E> {
        if to > u64::from(u32::MAX) || from > to {
            return Err(EvmError::Range { from, to }.into());
        }
        let (mut next, mut range) = (from, RANGE_FIRST);
        while next <= to {
            let last = to.min(next + range - 1);
            let found = self.client.ask("eth_getLogs", Need::Any, |endpoint, _| self.range(endpoint, next, last));
            let (blocks, logs) = match found {
                Ok(Some(found)) => found,
                Ok(None) => {
                    range = (last - next).div_ceil(2);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if !take(blocks, last)? {
                return Ok(());
            }
            next = last + 1;
            if logs < LOGS_FEW {
                range = (range * 2).min(RANGE_MAX);
            }
        }
        Ok(())
    }

    /// The chosen of a range, and how many logs that were; `None` where a smaller range can help.
    fn range(&self, endpoint: &Endpoint, from: u64, to: u64) -> Result<Option<(Vec<AccountBlock>, usize)>, EvmError> {
        let method = "eth_getLogs";
        let mut found: BTreeMap<(u64, u32, Option<u32>), LogOf> = BTreeMap::new();
        for filter in &self.filters {
            let mut filter = filter.clone();
            filter["fromBlock"] = json!(hex::shown(from));
            filter["toBlock"] = json!(hex::shown(to));
            let answer = match endpoint.one(&Call::new(method, json!([filter]))) {
                Ok(answer) => answer,
                Err(EvmError::TooLarge { .. } | EvmError::Timeout { .. }) if from < to => return Ok(None),
                Err(error) => return Err(error),
            };
            let raw = match answer {
                Ok(raw) => raw,
                Err(error) if error.is_too_much() && from < to => return Ok(None),
                Err(error) => return Err(endpoint.refused(method, &error)),
            };
            let logs = jsonrpc::logs(raw.get()).map_err(|error| endpoint.no_node(method, error.to_string()))?;
            for log in logs {
                if !(from..=to).contains(&log.block) {
                    return Err(endpoint.no_node(method, format!("a log of block {}, which is outside", log.block)));
                }
                // one that two filters find is one
                found.insert((log.block, log.tx_index, log.log.index), log);
            }
        }
        let count = found.len();
        let mut by_block: BTreeMap<u64, Vec<LogOf>> = BTreeMap::new();
        for ((block, ..), log) in found {
            by_block.entry(block).or_default().push(log);
        }
        let all: Vec<(u64, Vec<LogOf>)> = by_block.into_iter().collect();
        let mut blocks = Vec::with_capacity(all.len());
        for some in all.chunks(BLOCKS_MAX) {
            self.blocks(endpoint, some, &mut blocks)?;
        }
        Ok(Some((blocks, count)))
    }

    fn blocks(
        &self,
        endpoint: &Endpoint,
        some: &[(u64, Vec<LogOf>)],
        out: &mut Vec<AccountBlock>,
    ) -> Result<(), EvmError> {
        let method = "eth_getBlockByNumber";
        let calls: Vec<Call> =
            some.iter().map(|(number, _)| Call::new(method, json!([hex::shown(*number), true]))).collect();
        for ((number, logs), answer) in some.iter().zip(endpoint.many(&calls)?) {
            let wrong = |what: String| EvmError::Block { url: endpoint.shown(), number: *number, what };
            let raw = answer.map_err(|error| endpoint.refused(method, &error))?;
            if raw.get() == "null" {
                return Err(EvmError::Missing { url: endpoint.shown(), number: *number });
            }
            let mut block = jsonrpc::block(raw.get()).map_err(|error| wrong(error.to_string()))?;
            if block.number != *number {
                return Err(wrong(format!("it is block {}", block.number)));
            }
            for log in logs {
                if log.block_hash != block.hash {
                    return Err(wrong("a log of it is of another block".into()));
                }
                let tx = block.txs.get_mut(log.tx_index as usize).filter(|tx| tx.hash == log.tx);
                let tx = tx.ok_or_else(|| wrong("a log of it is of no transaction in it".into()))?;
                // a log is only there where its transaction succeeded; of what it cost nothing is known
                let receipt =
                    tx.receipt.get_or_insert_with(|| RawReceipt { status: Some(true), ..RawReceipt::default() });
                receipt.logs.push(log.log.clone());
            }
            block.txs.retain(|tx| tx.receipt.is_some());
            for tx in &mut block.txs {
                tx.value = U256::ZERO;
                tx.trc10 = None;
                if tx.to.is_none()
                    && let Some(receipt) = &mut tx.receipt
                {
                    receipt.created = Some(created(endpoint, *number, &tx.hash)?);
                }
            }
            block.withdrawals.clear();
            out.push(rows(&block, self.params, self.tokens).map_err(|error| wrong(error.to_string()))?);
        }
        Ok(())
    }
}

/// The contract that a transaction created. That is rare among those with chosen logs, so it is asked for one by one.
fn created(endpoint: &Endpoint, number: u64, tx: &[u8; 32]) -> Result<AccountBytes, EvmError> {
    let method = "eth_getTransactionReceipt";
    let raw = endpoint.one(&Call::new(method, json!([hex::text(tx)])))?;
    let raw = raw.map_err(|error| endpoint.refused(method, &error))?;
    let json: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    let found = json["contractAddress"].as_str().and_then(hex::fixed);
    let what = "a receipt does not say which contract was created".to_owned();
    found.ok_or_else(|| EvmError::Block { url: endpoint.shown(), number, what })
}

/// The filters that together find what is chosen.
fn filters(selection: &LogSelection) -> Vec<Value> {
    let texts = |all: &[AccountBytes]| {
        let all: BTreeSet<String> = all.iter().map(|account| hex::text(account)).collect();
        all.into_iter().collect::<Vec<_>>()
    };
    let topics = |signatures: &[&str]| signatures.iter().map(|s| hex::text(&event_topic(s))).collect::<Vec<_>>();
    let contracts: Vec<Value> =
        texts(&selection.tokens).chunks(FILTER_MAX).map(|some| json!({"address": some})).collect();
    if selection.accounts.is_empty() {
        return contracts;
    }
    let transfer = topics(&["Transfer(address,address,uint256)"]);
    // the operator stands before the two sides
    let items = topics(&[
        "TransferSingle(address,address,address,uint256,uint256)",
        "TransferBatch(address,address,address,uint256[],uint256[])",
    ]);
    let mut all = Vec::new();
    let any = [json!({})];
    let places = if contracts.is_empty() { &any[..] } else { &contracts[..] };
    let padded: Vec<String> = texts(&selection.accounts).iter().map(|text| format!("0x{:0>64}", &text[2..])).collect();
    for some in padded.chunks(FILTER_MAX) {
        for place in places {
            for asked in [
                json!([transfer, some]),
                json!([transfer, null, some]),
                json!([items, null, some]),
                json!([items, null, null, some]),
            ] {
                let mut filter = place.clone();
                filter["topics"] = asked;
                all.push(filter);
            }
        }
    }
    let freezes = topics(&[
        "AddedBlackList(address)",
        "RemovedBlackList(address)",
        "DestroyedBlackFunds(address,uint256)",
        "BlockPlaced(address)",
        "BlockReleased(address)",
        "DestroyedBlockedFunds(address,uint256)",
        "Blacklisted(address)",
        "UnBlacklisted(address)",
    ]);
    for place in &contracts {
        let mut filter = place.clone();
        filter["topics"] = json!([freezes]);
        all.push(filter);
    }
    all
}
