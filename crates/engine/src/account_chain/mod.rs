//! A chain of accounts, opened: its ledger, the labels over its accounts, what issuers froze, and the token registry.

mod assets;
pub(crate) mod entities;
mod flows;
mod known;
mod target;

pub use assets::{AmountView, AssetView};
pub(crate) use assets::{AssetFacts, Sums, worth};
pub(crate) use flows::{LedgerFlows, OwnAccounts};
pub(crate) use known::{Frozen, IssuerAct, Labelled};
pub(crate) use target::{AccountTarget, hash_of, hash_text};

use crate::error::EngineError;
use athar_chains::account::Tokens;
use athar_entities::account::{AccountForest, Deposit};
use athar_labels::LabelStore;
use athar_ledger::account::AccountLedger;
use athar_prices::Prices;
use athar_types::Category;
use athar_types::account::{AssetKey, EventKind};
use rustc_hash::FxHashMap;
use std::path::Path;

/// Members of one labelled entity that labels are laid over.
const SPOKEN_MEMBERS_MAX: u32 = 1_000_000;

/// Transfers of an account among which one that it signed is looked for.
const SIGNED_LOOKED: usize = 100;

/// See the module.
#[derive(Debug)]
pub(crate) struct AccountChain {
    pub(crate) ledger: AccountLedger,
    /// None where they are not built.
    pub(crate) forest: Option<AccountForest>,
    /// The block that the entities are of, where that is not the last one.
    pub(crate) entities_at: Option<u32>,
    pub(crate) labelled: Labelled,
    pub(crate) frozen: Frozen,
    /// The categories of every account that labels or issuers speak of, as places in [`Category::ALL`].
    spoken: FxHashMap<u32, Vec<u32>>,
}

impl AccountChain {
    /// Lays entities, labels and freezes over a ledger of the store in `folder`.
    pub(crate) fn open(folder: &Path, ledger: AccountLedger, labels: &LabelStore) -> Result<Self, EngineError> {
        let (forest, at) = entities::open(folder, &ledger)?.unzip();
        let entities_at = at.filter(|at| ledger.tip().is_some_and(|tip| tip.number != *at));
        let labelled = Labelled::find(&ledger, labels, forest.as_ref());
        let frozen = Frozen::find(&ledger);
        let mut chain = Self { ledger, forest, entities_at, labelled, frozen, spoken: FxHashMap::default() };
        let mut spoken = FxHashMap::default();
        for account in chain.spoken_of() {
            let mut places: Vec<u32> = chain
                .labels_of(account)
                .into_iter()
                .flat_map(|(_, at)| crate::known::shown_categories(&labels.labels()[at as usize]))
                .map(crate::known::place_of)
                .collect();
            if chain.frozen.is_frozen(account) {
                places.push(crate::known::place_of(Category::Blacklisted));
            }
            places.sort_unstable();
            places.dedup();
            if !places.is_empty() {
                spoken.insert(account, places);
            }
        }
        chain.spoken = spoken;
        Ok(chain)
    }

    /// The entities, where they know the account.
    pub(crate) fn forest_of(&self, account: u32) -> Option<&AccountForest> {
        self.forest.as_ref().filter(|forest| account < forest.accounts())
    }

    /// The name of the entity of an account: its account that was seen first.
    pub(crate) fn entity_name(&self, account: u32) -> u32 {
        self.forest_of(account).map_or(account, |forest| forest.name(account))
    }

    /// How many accounts the entity has.
    pub(crate) fn entity_size(&self, account: u32) -> u32 {
        self.forest_of(account).map_or(1, |forest| forest.size(account))
    }

    /// The accounts of an entity, the account itself among them: at most `max`.
    pub(crate) fn members(&self, account: u32, max: u32) -> Vec<u32> {
        let mut members = self.forest_of(account).map_or_else(|| vec![account], |f| f.members(account, 0, max));
        if !members.contains(&account) {
            members.push(account);
        }
        members
    }

    /// Whether one of the account's first transfers is of a transaction that it signed: a fee it paid, or a value it sent.
    pub(crate) fn has_signed(&self, account: u32) -> bool {
        let mut first = self.ledger.of_account(account, 0).take(SIGNED_LOOKED);
        first.any(|n| {
            let tx = self.ledger.transfer(n).tx;
            tx != athar_ledger::account::NONE && self.ledger.tx_sender(tx) == account
        })
    }

    /// Where the account is a customer's at a service.
    pub(crate) fn custody(&self, account: u32) -> Option<Deposit> {
        self.forest_of(account)?.custody(account)
    }

    /// Every account that labels or issuers may speak of: labelled ones with their entities, and frozen ones.
    fn spoken_of(&self) -> Vec<u32> {
        let mut all = self.frozen.accounts();
        for account in self.labelled.accounts() {
            all.push(account);
            if !self.labelled.on_entity(self.entity_name(account)).is_empty() {
                all.extend(self.members(account, SPOKEN_MEMBERS_MAX));
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The categories of an account that labels or issuers speak of; none of others.
    pub(crate) fn categories_of(&self, account: u32) -> &[u32] {
        self.spoken.get(&account).map_or(&[], Vec::as_slice)
    }

    /// Labels that speak of an account: its own, and those of its entity. Each with the account that it is on.
    pub(crate) fn labels_of(&self, account: u32) -> Vec<(u32, u32)> {
        let own = self.labelled.on(account).iter().map(|label| (account, *label));
        let entity = self.labelled.on_entity(self.entity_name(account)).iter().copied();
        own.chain(entity.filter(|(on, _)| *on != account && self.custody(account).is_none())).collect()
    }

    /// The ledger alone, for questions about what it holds.
    pub(crate) fn unlabelled(ledger: AccountLedger) -> Self {
        Self {
            ledger,
            forest: None,
            entities_at: None,
            labelled: Labelled::default(),
            frozen: Frozen::default(),
            spoken: FxHashMap::default(),
        }
    }

    /// The registry of verified tokens.
    pub(crate) fn tokens() -> &'static Tokens {
        Tokens::shipped()
    }

    /// Whether an asset is the coin, or a token of the registry.
    pub(crate) fn is_verified(&self, asset: u32) -> bool {
        self.asset_facts(asset).symbol.is_some()
    }

    /// A hash as the chain's explorers show it: `0x` before it, but on Tron.
    pub(crate) fn hash_text(&self, hash: &[u8; 32]) -> String {
        hash_text(self.ledger.form(), hash)
    }

    /// The hash of a transaction as text.
    pub(crate) fn tx_text(&self, tx: u32) -> String {
        self.hash_text(&self.ledger.tx_hash(tx))
    }

    /// What answers depend on beside the last block: which blocks the store stands for, and the registries built in.
    pub(crate) fn basis(&self) -> String {
        let coverage = serde_json::to_vec(&self.ledger.coverage()).unwrap_or_default();
        let entities = self.forest.as_ref().map_or_else(
            || "no entities".into(),
            |forest| format!("{} {:?}", forest.settings().version(), self.entities_at),
        );
        format!("{} {} {entities}", blake3::hash(&coverage).to_hex(), Self::tokens().version())
    }

    /// The name of a bridge's protocol.
    pub(crate) fn bridge_name(protocol: u16) -> String {
        let name = athar_chains::account::events::bridge_name(protocol);
        name.map_or_else(|| format!("protocol {protocol}"), str::to_string)
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
