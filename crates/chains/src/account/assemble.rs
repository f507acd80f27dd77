//! Raw parts of a block to rows.

use super::error::AccountError;
use super::events;
use super::logs::{self, Read};
use super::raw::{RawBlock, RawCall, RawCallKind, RawDelegation, RawTx};
use super::tokens::Tokens;
use athar_types::UnixTime;
use athar_types::account::{
    AccountBlock, AccountBytes, AccountParams, AccountTxRow, AddressForm, AssetKey, EventKind, EventRow, TransferKind,
    TransferRow, TxStatus, U256,
};
use std::collections::HashSet;

/// From when on a contract that destroys itself in its own favour keeps what it holds, unless it was created in the same
/// transaction (EIP-6780): before, it was lost. The time is that of Ethereum's fork Cancun; other chains followed within
/// months, and EIP-8246 counts 56 such cases on the whole of Ethereum.
const SELF_DESTRUCT_TO_SELF_KEEPS: u64 = 1_710_338_135;

/// The rows of a block.
///
/// * A failed transaction moves nothing but its fee, and a reverted call nothing at all.
/// * Without a receipt how a transaction ended is unknown: no fee is invented, and its value counts as moved unless its trace
///   says otherwise.
/// * Before EIP-1559 the whole fee goes to the block's producer; after it, the base fee is burned. On Tron the whole fee is
///   burned, and it is known only where the source says it: gas there is partly paid by staked coins.
/// * On Tron a value is kept only where the source says of what it is ([`RawBlock::is_value_vague`]).
/// * What is created, calls or writes logs is a contract, told once a block; but not who signed a transaction of the block:
///   since EIP-7702 code can run on accounts that have a key. Of another block's signers this function knows nothing.
///
/// The order is that of [`TransferRow`]. A transfer of nothing is left out where the coin is concerned; a token's log of
/// nothing is kept, since it is the trace of those who plant look-alike addresses in others' histories.
///
/// # Errors
/// A block whose number or time does not fit, whose fees overflow, or whose parts name transactions that it does not have.
pub fn rows(raw: &RawBlock, params: &AccountParams, tokens: &Tokens) -> Result<AccountBlock, AccountError> {
    let wrong = |what: String| AccountError::block(raw.number, what);
    let mut block = AccountBlock {
        number: u32::try_from(raw.number).map_err(|_| wrong("its number is beyond 32 bits".into()))?,
        hash: raw.hash,
        parent: raw.parent,
        time: UnixTime(u32::try_from(raw.time).map_err(|_| wrong(format!("its time {} is beyond 32 bits", raw.time)))?),
        ..AccountBlock::default()
    };
    let calls = Calls::of(raw)?;
    let signers = raw.txs.iter().map(|tx| tx.from).collect();
    let mut maker = Maker { raw, params, tokens, block: &mut block, contracts: HashSet::new(), signers };
    calls.genesis.iter().for_each(|call| maker.own(call, TransferKind::Genesis));
    for (rank, tx) in (0_u32..).zip(&raw.txs) {
        maker.transaction(rank, tx, &calls.of_tx[rank as usize], &calls.lent[rank as usize])?;
    }
    calls.others.iter().for_each(|call| maker.own(call, kind_of(call.kind)));
    for (account, amount) in &raw.withdrawals {
        if *amount != U256::ZERO {
            block.transfers.push(TransferRow {
                tx: None,
                from: None,
                to: Some(*account),
                asset: AssetKey::Native,
                amount: *amount,
                kind: TransferKind::Withdrawal,
            });
        }
    }
    Ok(block)
}

fn kind_of(kind: RawCallKind) -> TransferKind {
    match kind {
        RawCallKind::Call => TransferKind::Internal,
        RawCallKind::Create => TransferKind::Create,
        RawCallKind::SelfDestruct => TransferKind::SelfDestruct,
        RawCallKind::Reward => TransferKind::Reward,
        RawCallKind::Genesis => TransferKind::Genesis,
        RawCallKind::Stake => TransferKind::Stake,
    }
}

/// The calls of a block, by transaction.
struct Calls<'a> {
    genesis: Vec<&'a RawCall>,
    of_tx: Vec<Vec<&'a RawCall>>,
    others: Vec<&'a RawCall>,
    lent: Vec<Vec<&'a RawDelegation>>,
}

impl<'a> Calls<'a> {
    fn of(raw: &'a RawBlock) -> Result<Self, AccountError> {
        let count = raw.txs.len();
        let (of_tx, lent) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        let mut calls = Self { genesis: Vec::new(), of_tx, others: Vec::new(), lent };
        let unknown =
            |what: &str, tx: u32| AccountError::block(raw.number, format!("{what} is of transaction {tx} of {count}"));
        for call in raw.calls.iter().flatten() {
            match call.tx {
                Some(tx) => calls.of_tx.get_mut(tx as usize).ok_or_else(|| unknown("a call", tx))?.push(call),
                None if call.kind == RawCallKind::Genesis => calls.genesis.push(call),
                None => calls.others.push(call),
            }
        }
        for lent in &raw.delegations {
            calls.lent.get_mut(lent.tx as usize).ok_or_else(|| unknown("a delegation", lent.tx))?.push(lent);
        }
        Ok(calls)
    }
}

struct Maker<'a> {
    raw: &'a RawBlock,
    params: &'a AccountParams,
    tokens: &'a Tokens,
    block: &'a mut AccountBlock,
    /// Accounts that the block showed to be contracts, so that each is told once.
    contracts: HashSet<AccountBytes>,
    /// Accounts that have a key.
    signers: HashSet<AccountBytes>,
}

impl Maker<'_> {
    fn put(&mut self, row: TransferRow) {
        if row.amount != U256::ZERO && (row.from.is_some() || row.to.is_some()) {
            self.block.transfers.push(row);
        }
    }

    /// What the block does by itself.
    fn own(&mut self, call: &RawCall, kind: TransferKind) {
        if !call.is_reverted {
            let asset = call.trc10.map_or(AssetKey::Native, AssetKey::Trc10);
            self.put(TransferRow { tx: None, from: call.from, to: call.to, asset, amount: call.value, kind });
        }
    }

    fn contract(&mut self, tx: u32, account: AccountBytes) {
        // with EIP-7702 code runs on accounts of persons as well, and writes logs there
        if !self.signers.contains(&account) && self.contracts.insert(account) {
            self.block.events.push(EventRow { tx, kind: EventKind::Contract { account } });
        }
    }

    fn transaction(
        &mut self,
        rank: u32,
        tx: &RawTx,
        calls: &[&RawCall],
        lent: &[&RawDelegation],
    ) -> Result<(), AccountError> {
        let top = calls.iter().find(|call| call.is_top);
        let status = match tx.receipt.as_ref().and_then(|r| r.status) {
            Some(true) => TxStatus::Success,
            Some(false) => TxStatus::Failed,
            None if top.is_some_and(|top| top.is_reverted) => TxStatus::Failed,
            None if top.is_some() => TxStatus::Success,
            None => TxStatus::Unknown,
        };
        let made = top.filter(|top| top.kind == RawCallKind::Create).and_then(|top| top.to);
        let created = tx.receipt.as_ref().and_then(|r| r.created).or(made).filter(|_| tx.to.is_none());
        let created = created.filter(|_| status != TxStatus::Failed);
        self.block.txs.push(AccountTxRow {
            hash: tx.hash,
            from: tx.from,
            to: tx.to,
            created,
            status,
            selector: tx.selector,
        });
        self.fee(rank, tx)?;
        if status == TxStatus::Failed {
            return Ok(());
        }
        let kind = if tx.to.is_none() { TransferKind::Create } else { TransferKind::Value };
        // where a contract was created and nobody says which, the value went somewhere unknown: outside
        let receiver = tx.to.or(created);
        let row =
            |asset, amount| TransferRow { tx: Some(rank), from: Some(tx.from), to: receiver, asset, amount, kind };
        if !self.is_vague(tx) {
            self.put(row(AssetKey::Native, tx.value));
        }
        if let Some((number, amount)) = tx.trc10 {
            self.put(row(AssetKey::Trc10(number), amount));
        }
        if let Some(account) = created {
            self.contract(rank, account);
        }
        let mut made: HashSet<Option<AccountBytes>> = created.map(Some).into_iter().collect();
        for call in calls.iter().filter(|call| !call.is_top && !call.is_reverted) {
            if call.kind == RawCallKind::Create {
                made.insert(call.to);
            }
            let is_lost = call.kind == RawCallKind::SelfDestruct
                && call.from == call.to
                && (self.raw.time < SELF_DESTRUCT_TO_SELF_KEEPS || made.contains(&call.from));
            self.call(rank, call, if is_lost { None } else { call.to });
        }
        for RawDelegation { from, to, amount, is_given, .. } in lent.iter().copied() {
            let kind = EventKind::Delegate { from: *from, to: *to, amount: *amount, is_given: *is_given };
            self.block.events.push(EventRow { tx: rank, kind });
        }
        for log in tx.receipt.iter().flat_map(|r| &r.logs) {
            self.contract(rank, log.address);
            let chain = self.params.chain;
            if logs::read(chain, rank, log, self.tokens, &mut self.block.transfers) == Read::Odd {
                self.block.odd_logs = self.block.odd_logs.saturating_add(1);
            }
            events::events(chain, rank, log, self.tokens, &mut self.block.events);
        }
        Ok(())
    }

    /// Whether the value of a transaction may be of anything. What calls a contract carries coins; that it does is seen by
    /// its input or by the energy that it used, which no other transaction of Tron's has.
    fn is_vague(&self, tx: &RawTx) -> bool {
        let is_call = tx.selector.is_some() || tx.receipt.as_ref().is_some_and(|receipt| receipt.gas_used > 0);
        self.raw.is_value_vague && self.params.form == AddressForm::Tron && !is_call
    }

    fn call(&mut self, rank: u32, call: &RawCall, to: Option<AccountBytes>) {
        let kind = kind_of(call.kind);
        let asset = call.trc10.map_or(AssetKey::Native, AssetKey::Trc10);
        self.put(TransferRow { tx: Some(rank), from: call.from, to, asset, amount: call.value, kind });
        // whoever calls from inside a transaction is a contract, and so is what was created
        let is_run = !matches!(call.kind, RawCallKind::Stake | RawCallKind::Reward | RawCallKind::Genesis);
        let shown = [call.from.filter(|_| is_run), call.to.filter(|_| call.kind == RawCallKind::Create)];
        shown.into_iter().flatten().for_each(|account| self.contract(rank, account));
    }

    /// What the transaction costs: first of all it does.
    fn fee(&mut self, rank: u32, tx: &RawTx) -> Result<(), AccountError> {
        let Some(receipt) = &tx.receipt else { return Ok(()) };
        let overflow =
            || AccountError::block(self.raw.number, format!("the fee of transaction {rank} is beyond 256 bits"));
        let gas = U256::from(receipt.gas_used);
        let price = receipt.gas_price_paid.unwrap_or(tx.gas_price);
        let (burned, paid) = match receipt.fee {
            Some(fee) => (fee, U256::ZERO),
            // what gas costs there is not what was paid: energy of staked coins pays for some of it
            None if self.params.form == AddressForm::Tron => return Ok(()),
            None => {
                let whole = gas.checked_mul(price).ok_or_else(overflow)?;
                let burned = match self.raw.base_fee {
                    Some(base) => gas.checked_mul(base).ok_or_else(overflow)?.min(whole),
                    None => U256::ZERO,
                };
                (burned, whole - burned)
            }
        };
        let burned = burned.checked_add(receipt.fee_beside).ok_or_else(overflow)?;
        let row = |to, amount, kind| TransferRow {
            tx: Some(rank),
            from: Some(tx.from),
            to,
            asset: AssetKey::Native,
            amount,
            kind,
        };
        let producer = self.raw.producer;
        self.put(row(None, burned, TransferKind::FeeBurned));
        self.put(row(Some(producer), paid, TransferKind::Fee));
        Ok(())
    }
}
