//! A chain of accounts, opened: its ledger, the labels over its accounts, what issuers froze, and the token registry.

mod assets;
mod flows;
mod known;
mod target;

pub(crate) use assets::Sums;
pub use assets::{AmountView, AssetView};
pub(crate) use flows::{LedgerFlows, OwnAccounts};
pub(crate) use known::{Frozen, IssuerAct, Labelled};
pub(crate) use target::{AccountTarget, hash_of};

use athar_chains::account::Tokens;
use athar_labels::LabelStore;
use athar_ledger::account::AccountLedger;
use athar_prices::Prices;
use athar_types::account::{AssetKey, EventKind};

/// See the module.
#[derive(Debug)]
pub(crate) struct AccountChain {
    pub(crate) ledger: AccountLedger,
    pub(crate) labelled: Labelled,
    pub(crate) frozen: Frozen,
}

impl AccountChain {
    /// Lays labels and freezes over a ledger.
    pub(crate) fn new(ledger: AccountLedger, labels: &LabelStore) -> Self {
        let labelled = Labelled::find(&ledger, labels);
        let frozen = Frozen::find(&ledger);
        Self { ledger, labelled, frozen }
    }

    /// The ledger alone, for questions about what it holds.
    pub(crate) fn unlabelled(ledger: AccountLedger) -> Self {
        Self { ledger, labelled: Labelled::default(), frozen: Frozen::default() }
    }

    /// The registry of verified tokens.
    pub(crate) fn tokens(&self) -> &'static Tokens {
        Tokens::shipped()
    }

    /// Whether an asset is the coin, or a token of the registry.
    pub(crate) fn is_verified(&self, asset: u32) -> bool {
        self.asset_facts(asset).symbol.is_some()
    }

    /// A hash as the chain's explorers show it: `0x` before it, but on Tron.
    pub(crate) fn hash_text(&self, hash: &[u8; 32]) -> String {
        target::hash_text(self.ledger.form(), hash)
    }

    /// The hash of a transaction as text.
    pub(crate) fn tx_text(&self, tx: u32) -> String {
        self.hash_text(&self.ledger.tx_hash(tx))
    }

    /// What answers depend on beside the last block: which blocks the store stands for, and the registries built in.
    pub(crate) fn basis(&self) -> String {
        let coverage = serde_json::to_vec(&self.ledger.coverage()).unwrap_or_default();
        format!("{} {}", blake3::hash(&coverage).to_hex(), self.tokens().version())
    }

    /// The name of a bridge's protocol.
    pub(crate) fn bridge_name(&self, protocol: u16) -> String {
        athar_chains::account::events::bridge_name(protocol).map_or_else(|| format!("protocol {protocol}"), str::to_string)
    }

    /// The network by name.
    pub(crate) fn network(&self) -> String {
        if self.ledger.is_mainnet() { "mainnet".into() } else { format!("chain id {}", self.ledger.chain_id()) }
    }

    /// Sums of amounts, asset by asset.
    pub(crate) fn sums<'a>(&'a self, prices: &'a Prices) -> Sums<'a> {
        Sums::new(self, prices)
    }
}

/// The token of an issuer's act, in short.
pub(crate) fn shown_fact(chain: &AccountChain, act: &IssuerAct) -> String {
    let (EventKind::Freeze { token, .. } | EventKind::Destroyed { token, .. }) = act.act else { return String::new() };
    let view = chain.view_of_key(AssetKey::Token(token));
    view.symbol.unwrap_or(view.id)
}
