//! Questions to a chain of accounts. Each answer says what the store covers: what it does not cover is unknown, not none.

mod address;
mod block;
mod direct;
mod entity;
mod exposure;
mod passage;
mod screen;
mod trace;
mod tx;

pub use crate::account_chain::{AmountView, AssetView};
pub use address::{AccountAddressView, FreezeView, HoldingView};
pub use block::AccountBlockView;
pub use entity::{AccountEntityView, AccountExplainView, AccountStepView, DepositView, SentView};
pub use exposure::{
    AccountCategoryView, AccountExposureSideView, AccountExposureView, AccountLinkedView, AccountPolicySumView,
};
pub(super) use passage::side as bridge_side;
pub use passage::{CandidateView, CandidatesView, PassageView};
pub(super) use screen::is_dealing;
pub use trace::{
    AccountBoundView, AccountEdgeView, AccountPlaceView, AccountTraceView, AssetTotalsView, ConversionView,
};
pub use tx::{AccountTxView, NoticeView, TransferView};

use crate::account_chain::AccountChain;
use crate::error::EngineError;
use crate::{Chain, Engine};
use athar_ledger::account::{Coverage, NONE};
use schemars::JsonSchema;
use serde::Serialize;

/// Parts of the coverage told in an answer.
const COVERAGE_MAX: usize = 50;

/// Blocks that the store stands for, and how much of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CoverageView {
    /// First block number.
    pub from: u32,
    /// Last block number.
    pub to: u32,
    /// What the source did not tell of these blocks: `values`, `receipts` (fees, and whether transactions failed), `tokens`,
    /// `events` (exchanges, freezes, bridges), `internal_calls` (coins that contracts sent on).
    pub unknown: Vec<String>,
    /// Tokens that alone were kept, by contract; empty: all.
    pub tokens_only: Vec<String>,
    /// Accounts whose transfers alone were kept; empty: all.
    pub accounts_only: Vec<String>,
    /// Whether the coin was left out.
    pub without_coin: bool,
}

/// What the store covers of the chain asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CoveredView {
    /// The blocks, in order. What lies between two parts is not in the store.
    pub blocks: Vec<CoverageView>,
    /// Parts left out for their number.
    pub more: u64,
    /// Number of the last block.
    pub tip_number: Option<u32>,
    /// Its time.
    pub tip_time: Option<String>,
}

impl AccountChain {
    /// What the store covers.
    pub(crate) fn covered(&self) -> CoveredView {
        let all = self.ledger.coverage();
        let tip = self.ledger.tip();
        CoveredView {
            more: all.len().saturating_sub(COVERAGE_MAX) as u64,
            blocks: all.iter().take(COVERAGE_MAX).map(|part| self.coverage_view(part)).collect(),
            tip_number: tip.map(|tip| tip.number),
            tip_time: tip.map(|tip: athar_ledger::account::AccountTip| tip.time.to_string()),
        }
    }

    fn coverage_view(&self, part: &Coverage) -> CoverageView {
        let facts = [
            (part.knows.txs, "values"),
            (part.knows.receipts, "receipts"),
            (part.knows.tokens, "tokens"),
            (part.knows.events, "events"),
            (part.knows.calls, "internal_calls"),
        ];
        let texts = |all: &[String]| {
            let text = |hex: &String| {
                let mut bytes = [0; 20];
                hex::decode_to_slice(hex, &mut bytes).ok().map(|()| self.ledger.form().text(&bytes))
            };
            all.iter().filter_map(text).collect()
        };
        CoverageView {
            from: part.from,
            to: part.to,
            unknown: facts.iter().filter(|(known, _)| !known).map(|(_, name)| (*name).to_string()).collect(),
            tokens_only: texts(&part.selection.tokens),
            accounts_only: texts(&part.selection.accounts),
            without_coin: !part.selection.tokens.is_empty() && !part.selection.with_coin,
        }
    }

    /// The text of an account; none outside of the chain.
    pub(crate) fn account_text(&self, account: u32) -> Option<String> {
        (account != NONE).then(|| self.ledger.account_text(account))
    }
}

impl Engine {
    /// Whether the chain asked is one of accounts.
    pub fn is_account_chain(&self) -> bool {
        Chain::ACCOUNT_LEDGERS.contains(&self.chain)
    }

    /// The chain of accounts asked, or the error that says how to get one.
    pub(crate) fn account_chain(&self) -> Result<&AccountChain, EngineError> {
        self.account_chain
            .as_ref()
            .filter(|chain| chain.ledger.tip().is_some())
            .ok_or_else(|| EngineError::EmptyAccounts { chain: self.chain, folder: self.folder.clone() })
    }
}

/// The error for a text that is not what a question takes.
pub(crate) fn not_a(what: &str, text: &str) -> EngineError {
    EngineError::Target { input: crate::shortened(text.trim()), what: format!("no {what} of this chain") }
}
