//! One account: what it holds, what came and went, and what is known of it.

use super::{AmountView, AssetView, CoveredView, TransferView};
use crate::Engine;
use crate::account_chain::{AccountChain, AccountTarget};
use crate::error::EngineError;
use crate::json::Usd;
use athar_types::account::{AssetKey, EventKind, U256, show_units};
use athar_types::address::NormalAddress;
use schemars::JsonSchema;
use serde::Serialize;

/// Transfers on a page unless asked otherwise.
const PAGE: usize = 100;
/// Transfers that sums are made over.
const SUMMED_MAX: usize = 5_000_000;
/// Assets listed.
const ASSETS_MAX: usize = 100;

/// What an account has of one asset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HoldingView {
    /// Everything that came in.
    pub received: AmountView,
    /// Everything that went out, fees with it.
    pub sent: AmountView,
    /// The difference, in the smallest unit. None where more went out than came in: the store does not begin at the account's
    /// beginning, or the token changes balances without a log.
    pub balance_units: Option<String>,
    /// The same in whole coins, where the decimals are known.
    pub balance: Option<String>,
    /// Transfers in and out.
    pub transfers: u64,
}

/// What an issuer did to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FreezeView {
    /// The token.
    pub token: AssetView,
    /// `frozen`, `released` or `destroyed`.
    #[schemars(with = "String")]
    pub act: &'static str,
    /// What was destroyed, in the smallest unit.
    pub units: Option<String>,
    /// The issuer's transaction.
    pub tx: String,
    /// Number of its block.
    pub number: u32,
    /// Its time.
    pub time: String,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountAddressView {
    /// Canonical text.
    pub address: String,
    /// Chain.
    pub chain: String,
    /// Network.
    pub network: String,
    /// Whether it is known to be a contract. False says only that nothing in the store shows it.
    pub is_contract: bool,
    /// The token that the contract is, where the registry has it.
    pub token: Option<AssetView>,
    /// Name of its entity: its account that was seen first. None where entities are not built.
    pub entity: Option<String>,
    /// Accounts in that entity.
    pub entity_size: Option<u32>,
    /// The service that holds it for a customer.
    pub deposit_at: Option<super::DepositView>,
    /// Other chains on which the same 20 bytes are labelled or in the store.
    pub seen_also_on: Vec<crate::read::SeenOnView>,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// What issuers of tokens did to it, in chain order.
    pub issuer_acts: Vec<FreezeView>,
    /// Whether an issuer holds it frozen at the last block.
    pub is_frozen: bool,
    /// Assets, verified ones first.
    pub holdings: Vec<HoldingView>,
    /// Assets left out for their number.
    pub holdings_more: u64,
    /// Worth of everything with a price that came in.
    pub received_usd: Option<Usd>,
    /// Worth of everything with a price that went out.
    pub sent_usd: Option<Usd>,
    /// Whether something that moved has no price.
    pub is_partly_unpriced: bool,
    /// Whether sums end after the first 5,000,000 transfers.
    pub sums_truncated: bool,
    /// Transfers in and out.
    pub transfer_count: u64,
    /// Time of the first.
    pub first_time: Option<String>,
    /// Time of the last.
    pub last_time: Option<String>,
    /// A page of its transfers, in chain order.
    pub transfers: Vec<TransferView>,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more transfers after the page.
    pub transfers_truncated: bool,
    /// What the store covers.
    pub covered: CoveredView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    /// An account with a page of its transfers; `None` where nothing in the store names it.
    pub fn account_address(
        &self,
        text: &str,
        offset: u64,
        limit: Option<usize>,
    ) -> Result<Option<AccountAddressView>, EngineError> {
        let chain = self.account_chain()?;
        let AccountTarget::Account(bytes) = AccountTarget::parse(text, chain.ledger.form()) else {
            return Err(super::not_a("address", text));
        };
        let Some(account) = chain.ledger.account_id(&bytes) else { return Ok(None) };
        let ledger = &chain.ledger;
        let (mut received, mut sent) = (chain.sums(&self.prices), chain.sums(&self.prices));
        let mut counts: std::collections::BTreeMap<u32, u64> = std::collections::BTreeMap::new();
        let mut day = (u32::MAX, athar_types::Day::default());
        for n in ledger.of_account(account, 0).take(SUMMED_MAX) {
            let transfer = ledger.transfer(n);
            let rank = ledger.transfer_block(n);
            if day.0 != rank {
                day = (rank, ledger.block(rank).time.day());
            }
            *counts.entry(transfer.asset).or_default() += 1;
            if transfer.to == account {
                received.add(transfer.asset, transfer.amount, day.1);
            }
            if transfer.from == account {
                sent.add(transfer.asset, transfer.amount, day.1);
            }
        }
        let mut both = received.clone();
        sent.assets().for_each(|asset| both.add(asset, U256::ZERO, day.1));
        let order = both.order();
        let holdings = order.iter().take(ASSETS_MAX).map(|asset| {
            let (inside, outside) = (received.of(*asset), sent.of(*asset));
            let exact = !inside.overflowed && !outside.overflowed;
            let balance = if exact { inside.amount.checked_sub(outside.amount) } else { None };
            HoldingView {
                received: received.view(*asset),
                sent: sent.view(*asset),
                balance_units: balance.map(|b| b.to_string()),
                balance: balance
                    .zip(chain.asset_facts(*asset).decimals)
                    .map(|(balance, decimals)| show_units(balance, decimals)),
                transfers: counts.get(asset).copied().unwrap_or(0),
            }
        });
        let count = ledger.moved_count(account);
        let limit = limit.unwrap_or(PAGE);
        let page: Vec<u64> =
            ledger.of_account(account, 0).skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(limit).collect();
        let time_of = |n: Option<u64>| n.map(|n| ledger.block(ledger.transfer_block(n)).time.to_string());
        let labels = self.labels.labels();
        Ok(Some(AccountAddressView {
            address: ledger.account_text(account),
            chain: ledger.chain().to_string(),
            network: chain.network(),
            is_contract: ledger.is_contract(account),
            token: ledger
                .asset_id(&AssetKey::Token(bytes))
                .map(|asset| chain.asset_view(asset))
                .filter(|view| view.verified),
            entity: chain.forest.as_ref().map(|_| ledger.account_text(chain.entity_name(account))),
            entity_size: chain.forest.as_ref().map(|_| chain.entity_size(account)),
            deposit_at: chain.custody(account).map(|deposit| self.deposit_view(chain, &deposit)),
            seen_also_on: self.seen_on(&NormalAddress { chain: ledger.chain(), text: ledger.account_text(account) }),
            labels: chain.labelled.on(account).iter().map(|at| labels[*at as usize].name.clone()).collect(),
            issuer_acts: chain.freezes(account),
            is_frozen: chain.frozen.is_frozen(account),
            holdings: holdings.collect(),
            holdings_more: order.len().saturating_sub(ASSETS_MAX) as u64,
            received_usd: received.usd().0,
            sent_usd: sent.usd().0,
            is_partly_unpriced: received.usd().1 || sent.usd().1,
            sums_truncated: count > SUMMED_MAX as u64,
            transfer_count: count,
            first_time: time_of(ledger.of_account(account, 0).next()),
            last_time: time_of(ledger.of_account_back(account, u64::MAX).next()),
            transfers_truncated: offset.saturating_add(page.len() as u64) < count,
            transfers: page.into_iter().map(|n| self.transfer_view(chain, n)).collect(),
            offset,
            covered: chain.covered(),
            snapshot: self.snapshot("address", &(text.trim(), offset, limit)),
        }))
    }
}

impl AccountChain {
    /// What issuers did to an account, in chain order.
    pub(crate) fn freezes(&self, account: u32) -> Vec<FreezeView> {
        let view = |act: &crate::account_chain::IssuerAct| {
            let (token, name, units) = match act.act {
                EventKind::Freeze { token, is_frozen, .. } => {
                    (token, if is_frozen { "frozen" } else { "released" }, None)
                }
                EventKind::Destroyed { token, amount, .. } => (token, "destroyed", Some(amount.to_string())),
                _ => return None,
            };
            let block = self.ledger.block(self.ledger.tx_block(act.tx));
            Some(FreezeView {
                token: self.view_of_key(AssetKey::Token(token)),
                act: name,
                units,
                tx: self.tx_text(act.tx),
                number: block.number,
                time: block.time.to_string(),
            })
        };
        self.frozen.acts(account).iter().filter_map(view).collect()
    }
}
