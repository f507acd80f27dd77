//! One block of a chain of accounts.

use super::CoveredView;
use crate::Engine;
use crate::account_chain::AccountTarget;
use crate::error::EngineError;
use schemars::JsonSchema;
use serde::Serialize;

/// Transactions listed of a block.
const TXS_MAX: usize = 10_000;

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountBlockView {
    /// Its number.
    pub number: u32,
    /// Its hash; none where the source did not say.
    pub hash: Option<String>,
    /// The hash of the block before it.
    pub parent: Option<String>,
    /// When it was made.
    pub time: String,
    /// Hashes of its transactions in the store, in order.
    pub txs: Vec<String>,
    /// Transactions left out for their number.
    pub txs_more: u64,
    /// Transfers, with those of the block itself.
    pub transfers: u64,
    /// Logs that look like transfers and are none.
    pub odd_logs: u32,
    /// What the store covers.
    pub covered: CoveredView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    /// A block of a chain of accounts, by number or hash; `None` where the store does not have it.
    pub fn account_block(&self, text: &str) -> Result<Option<AccountBlockView>, EngineError> {
        let chain = self.account_chain()?;
        let rank = match text.trim().parse::<u32>() {
            Ok(number) => chain.ledger.rank_of(number),
            Err(_) => match AccountTarget::parse(text, chain.ledger.form()) {
                AccountTarget::Hash(hash) => chain.ledger.block_by_hash(&hash),
                _ => return Err(super::not_a("block number or hash", text)),
            },
        };
        let Some(rank) = rank else { return Ok(None) };
        let block = chain.ledger.block(rank);
        let known = |hash: &[u8; 32]| (*hash != [0; 32]).then(|| chain.hash_text(hash));
        Ok(Some(AccountBlockView {
            number: block.number,
            hash: known(&block.hash),
            parent: known(&block.parent),
            time: block.time.to_string(),
            txs_more: block.txs.len().saturating_sub(TXS_MAX) as u64,
            txs: block.txs.take(TXS_MAX).map(|tx| chain.tx_text(tx)).collect(),
            transfers: block.transfers.end - block.transfers.start,
            odd_logs: block.odd_logs,
            covered: chain.covered(),
            snapshot: self.snapshot("block", &text.trim()),
        }))
    }
}
