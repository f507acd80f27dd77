//! Building the forest of a whole ledger.

use crate::coinjoin::{CoinJoinKind, recognise_all};
use crate::same_key::{KeyTie, ties};
use crate::{BuiltForest, CoinJoins, ForestBuilder, Heuristic, Links, Settings, change, cospend};
use athar_ledger::{Ledger, LedgerError, Scratch};
use rayon::prelude::*;

/// Addresses whose links are counted by one task.
const CHUNK: u32 = 1 << 16;

/// How far a build has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    /// Rows done.
    pub done: u64,
    /// Rows in all.
    pub total: u64,
}

/// The ties of a ledger and what they stand on, in memory.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) forest: BuiltForest,
    /// Transactions left out, ascending.
    pub(crate) coinjoins: Vec<(u32, CoinJoinKind)>,
    /// Ties between forms of one key, by ascending moment.
    pub(crate) keys: Vec<KeyTie>,
}

/// Builds the forest of `ledger` in memory.
pub(crate) fn build(
    ledger: &Ledger,
    settings: &Settings,
    scratch: &Scratch,
    progress: &mut dyn FnMut(Progress),
) -> Result<Built, LedgerError> {
    let coinjoins: Vec<(u32, CoinJoinKind)> = match &settings.coinjoins {
        CoinJoins::Recognised => recognise_all(ledger, progress),
        CoinJoins::Given(txs) => {
            txs.iter().take_while(|tx| tx.0 < ledger.tx_count()).map(|tx| (tx.0, CoinJoinKind::Given)).collect()
        }
    };
    let keys = if settings.heuristics.has(Heuristic::SameKey) {
        progress(Progress { stage: "entities: forms of one key", done: 0, total: u64::from(ledger.address_count()) });
        ties(ledger)
    } else {
        Vec::new()
    };
    let mixed = settings.heuristics.has(Heuristic::SameKey) || settings.heuristics.has(Heuristic::Change);
    let mut builder = ForestBuilder::new(ledger.address_count(), mixed, scratch)?;
    let left_out: Vec<u32> = coinjoins.iter().map(|(tx, _)| *tx).collect();
    let changes = match settings.change_policy() {
        Some(policy) => {
            progress(Progress { stage: "entities: change", done: 0, total: u64::from(ledger.tx_count()) });
            change::ties(ledger, 0..ledger.tx_count(), policy, &|tx| left_out.binary_search(&tx.0).is_ok())
        }
        None => Vec::new(),
    };
    let co_spend = settings.heuristics.has(Heuristic::CoSpend);
    cospend::record(ledger, &mut builder, co_spend, &left_out, &keys, &changes, progress);
    Ok(Built { forest: builder.finish(), coinjoins, keys })
}

/// How many links of a forest were made before each of some transactions, which descend.
pub(crate) fn merges_before(forest: &BuiltForest, txs: &[u32]) -> Vec<u64> {
    let count = forest.address_count();
    // links by the number of transactions that they were made before
    let made = (0..count.div_ceil(CHUNK)).into_par_iter().fold(
        || vec![0_u64; txs.len() + 1],
        |mut made, chunk| {
            for address in chunk * CHUNK..(chunk + 1).saturating_mul(CHUNK).min(count) {
                let (parent, link, _) = forest.row(address);
                if parent != address {
                    made[txs.partition_point(|tx| link < *tx)] += 1;
                }
            }
            made
        },
    );
    let made = made.reduce(|| vec![0; txs.len() + 1], |a, b| a.iter().zip(&b).map(|(x, y)| x + y).collect());
    let mut before = 0;
    let mut merges: Vec<u64> = made[1..]
        .iter()
        .rev()
        .map(|more| {
            before += more;
            before
        })
        .collect();
    merges.reverse();
    merges
}
