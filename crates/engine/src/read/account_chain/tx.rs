//! One transaction of a chain of accounts.

use super::{AmountView, CoveredView};
use crate::Engine;
use crate::account_chain::{AccountChain, AccountTarget};
use crate::error::EngineError;
use crate::read::TransferAt;
use athar_ledger::account::{NONE, Transfer};
use athar_types::account::{EventKind, TransferKind, TxStatus, U256};
use schemars::JsonSchema;
use serde::Serialize;

/// Transfers listed of one transaction.
const TRANSFERS_MAX: usize = 1_000;

/// A transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TransferView {
    /// The transaction; none for what a block does by itself.
    pub tx: Option<String>,
    /// Its rank in the transaction: `TX:RANK` names it.
    pub rank: Option<u32>,
    /// Number of its block.
    pub number: u32,
    /// Time of its block.
    pub time: String,
    /// Who gives; none where it comes from outside of the chain (a mint, a reward).
    pub from: Option<String>,
    /// Who receives; none where it leaves the chain (a burn, a fee that is burned).
    pub to: Option<String>,
    /// Why: `value`, `internal`, `token`, `mint`, `burn`, `fee` and others.
    #[schemars(with = "String")]
    pub kind: TransferKind,
    /// What.
    #[serde(flatten)]
    pub amount: AmountView,
}

/// Something a contract told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NoticeView {
    /// A pool exchanged assets.
    Swap {
        /// The pool.
        pool: String,
    },
    /// An issuer froze an account, or let it go.
    Freeze {
        /// The token.
        token: String,
        /// The account.
        account: String,
        /// Whether frozen from then on.
        is_frozen: bool,
    },
    /// An issuer destroyed what a frozen account held.
    Destroyed {
        /// The token.
        token: String,
        /// The account.
        account: String,
        /// How much, in the smallest unit.
        units: String,
    },
    /// A bridge took in, or gave out.
    Bridge {
        /// The protocol.
        protocol: String,
        /// The bridge's contract here.
        contract: String,
        /// Whether value left this chain.
        is_out: bool,
        /// The account here.
        account: Option<String>,
        /// The other chain, where the log says it: its chain id.
        far_chain: Option<u64>,
        /// The account there, in hexadecimal.
        far_account: Option<String>,
        /// The token here.
        token: Option<String>,
        /// How much, in the smallest unit; none where the log does not say it exactly: the transfers do.
        units: Option<String>,
    },
    /// Energy or bandwidth was lent, or taken back.
    Delegate {
        /// Who lends.
        from: String,
        /// To whom.
        to: String,
        /// Coins behind it, in the smallest unit.
        units: String,
        /// Whether lent.
        is_given: bool,
    },
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AccountTxView {
    /// Its hash.
    pub tx: String,
    /// Chain.
    pub chain: String,
    /// Network.
    pub network: String,
    /// Number of its block.
    pub number: u32,
    /// Time of its block.
    pub time: String,
    /// Who signed it; none where the source knows the transaction by its hash alone.
    pub from: Option<String>,
    /// Who was called.
    pub to: Option<String>,
    /// The contract it created.
    pub created: Option<String>,
    /// How it ended.
    #[schemars(with = "String")]
    pub status: TxStatus,
    /// First four bytes of its input in hexadecimal: which function was called.
    pub selector: Option<String>,
    /// What moved, in order: fee, value, internal calls, tokens.
    pub transfers: Vec<TransferView>,
    /// Transfers left out for their number.
    pub transfers_more: u64,
    /// What contracts told in it.
    pub notices: Vec<NoticeView>,
    /// What the store covers.
    pub covered: CoveredView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    /// A transaction of a chain of accounts; `None` where the store has none of that hash.
    pub fn account_tx(&self, text: &str) -> Result<Option<AccountTxView>, EngineError> {
        let chain = self.account_chain()?;
        let Some(hash) = AccountTarget::parse(text, chain.ledger.form()).tx() else {
            return Err(super::not_a("transaction", text));
        };
        let Some(tx) = chain.ledger.tx_by_hash(&hash) else { return Ok(None) };
        let facts = chain.ledger.tx(tx);
        let block = chain.ledger.block(chain.ledger.tx_block(tx));
        let count = facts.transfers.end - facts.transfers.start;
        let text_of = |account: u32| chain.ledger.account_text(account);
        let swaps = chain.ledger.swap_pools(tx).map(|pool| NoticeView::Swap { pool: text_of(pool) });
        let others = chain.ledger.notices_of(tx).filter_map(|notice| chain.notice_view(&notice.event));
        Ok(Some(AccountTxView {
            tx: chain.hash_text(&facts.hash),
            chain: chain.ledger.chain().to_string(),
            network: chain.network(),
            number: block.number,
            time: block.time.to_string(),
            from: Some(facts.from).filter(|from| chain.ledger.account_bytes(*from) != [0; 20]).map(text_of),
            to: facts.to.map(text_of),
            created: facts.created.map(text_of),
            status: facts.status,
            selector: facts.selector.map(hex::encode),
            transfers: facts.transfers.take(TRANSFERS_MAX).map(|n| self.transfer_view(chain, n)).collect(),
            transfers_more: count.saturating_sub(TRANSFERS_MAX as u64),
            notices: swaps.chain(others).collect(),
            covered: chain.covered(),
            snapshot: self.snapshot("tx", &text.trim()),
        }))
    }

    /// A transfer as answers tell it.
    pub(crate) fn transfer_view(&self, chain: &AccountChain, n: u64) -> TransferView {
        let Transfer { tx, from, to, asset, amount, kind } = chain.ledger.transfer(n);
        let block = chain.ledger.block(chain.ledger.transfer_block(n));
        TransferView {
            tx: (tx != NONE).then(|| chain.tx_text(tx)),
            rank: (tx != NONE).then(|| (n - chain.ledger.tx_transfers(tx).start) as u32),
            number: block.number,
            time: block.time.to_string(),
            from: chain.account_text(from),
            to: chain.account_text(to),
            kind,
            amount: chain.amount_on(&self.prices, asset, amount, block.time.day()),
        }
    }
}

impl AccountChain {
    /// An event as answers tell it.
    pub(crate) fn notice_view(&self, event: &EventKind) -> Option<NoticeView> {
        let text = |account: &[u8; 20]| self.ledger.form().text(account);
        Some(match event {
            EventKind::Contract { .. } => return None,
            EventKind::Swap { pool } => NoticeView::Swap { pool: text(pool) },
            EventKind::Freeze { token, account, is_frozen } => {
                NoticeView::Freeze { token: text(token), account: text(account), is_frozen: *is_frozen }
            }
            EventKind::Destroyed { token, account, amount } => {
                NoticeView::Destroyed { token: text(token), account: text(account), units: amount.to_string() }
            }
            EventKind::Bridge(event) => NoticeView::Bridge {
                protocol: Self::bridge_name(event.protocol),
                contract: text(&event.contract),
                is_out: event.is_out,
                account: event.account.as_ref().map(text),
                far_chain: event.far_chain,
                far_account: event.far_account.map(hex::encode),
                token: event.token.as_ref().map(text),
                units: (event.amount != U256::ZERO).then(|| event.amount.to_string()),
            },
            EventKind::Delegate { from, to, amount, is_given } => {
                NoticeView::Delegate { from: text(from), to: text(to), units: amount.to_string(), is_given: *is_given }
            }
        })
    }
}

/// Transfers of one reference that are screened.
const REFERRED_MAX: usize = 16;

impl AccountChain {
    /// Finds a transfer, named `TX:RANK` or `TX:ADDRESS`. Of the second kind every transfer from or to the address counts, fees
    /// aside.
    pub(crate) fn transfer_at(&self, reference: &str) -> Result<TransferAt, EngineError> {
        let refuse = |what: &str| EngineError::Target { input: crate::shortened(reference), what: what.into() };
        let (text, place) = reference.trim().split_once(':').ok_or_else(|| refuse("no `TX:RANK` or `TX:ADDRESS`"))?;
        let hash = crate::account_chain::hash_of(text).ok_or_else(|| refuse("does not begin with a transaction"))?;
        let rank = place.parse::<u32>().ok();
        let account = match rank {
            Some(_) => None,
            None => {
                Some(self.ledger.form().parse(place).map_err(|_| refuse("does not end with a rank or an address"))?)
            }
        };
        let Some(tx) = self.ledger.tx_by_hash(&hash) else { return Ok(TransferAt::Pending) };
        let of = account.map(|bytes| self.ledger.account_id(&bytes));
        let all = self.ledger.tx_transfers(tx);
        let mut found: Vec<String> = (0_u32..)
            .zip(all)
            .filter(|(at, n)| match (rank, of) {
                (Some(rank), _) => *at == rank,
                (None, Some(Some(account))) => {
                    let transfer = self.ledger.transfer(*n);
                    !transfer.kind.is_fee() && (transfer.from == account || transfer.to == account)
                }
                _ => false,
            })
            .take(REFERRED_MAX + 1)
            .map(|(at, _)| format!("{}:{at}", self.hash_text(&hash)))
            .collect();
        if found.is_empty() {
            return Ok(TransferAt::NoSuchOutput);
        }
        let more = found.len() > REFERRED_MAX;
        found.truncate(REFERRED_MAX);
        Ok(TransferAt::Outputs(found, more))
    }
}
