//! A block and the information of its transactions as raw parts.

use super::super::AccountError;
use super::super::raw::{RawBlock, RawCall, RawCallKind, RawDelegation, RawReceipt, RawTx};
use super::contract::{Asked, Parameter, asked};
use super::fields::{Address, Hash, token_number};
use super::info::{Info, Internal};
use athar_types::account::{AccountBytes, U256};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(rename = "blockID")]
    id: Hash,
    block_header: Header,
    #[serde(default, borrow)]
    transactions: Vec<Tx<'a>>,
}

#[derive(Deserialize)]
struct Header {
    raw_data: HeaderData,
}

#[derive(Deserialize)]
struct HeaderData {
    // the first block has none
    #[serde(default)]
    number: u64,
    /// Milliseconds.
    #[serde(default)]
    timestamp: u64,
    #[serde(default)]
    witness_address: Option<Address>,
    #[serde(default, rename = "parentHash")]
    parent: Hash,
}

#[derive(Deserialize)]
struct Tx<'a> {
    #[serde(rename = "txID")]
    id: Hash,
    #[serde(default, borrow)]
    ret: Vec<Ret<'a>>,
    #[serde(borrow)]
    raw_data: TxData<'a>,
}

#[derive(Deserialize)]
struct Ret<'a> {
    #[serde(default, rename = "contractRet", borrow)]
    result: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct TxData<'a> {
    #[serde(borrow)]
    contract: Vec<Contract<'a>>,
}

#[derive(Deserialize)]
struct Contract<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    parameter: Wrapped<'a>,
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    value: Parameter<'a>,
}

/// What a block holds that these answers do not tell in full.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct TronTold {
    /// Transactions and internal ones that move something whose token or amount is not said.
    pub not_told: u64,
    /// Internal transactions: where a node keeps none, there are none in any block.
    pub internal: u64,
}

/// Reads the answer of `wallet/getblockbynum` and, where it is there, of `wallet/gettransactioninfobyblocknum`.
///
/// # Errors
/// Texts that are no such answers, answers that do not belong together, and a block whose id does not hold its number.
pub fn block(block: &str, infos: Option<&str>) -> Result<(RawBlock, TronTold), AccountError> {
    let read: Block<'_> = super::super::read_json("wallet/getblockbynum", block)?;
    let head = read.block_header.raw_data;
    let wrong = |what: String| AccountError::block(head.number, what);
    if read.id.0[..8] != head.number.to_be_bytes() {
        return Err(wrong("its id does not begin with its number".into()));
    }
    let infos: Option<Vec<Info<'_>>> = match infos {
        Some(text) => Some(super::super::read_json("wallet/gettransactioninfobyblocknum", text)?),
        None => None,
    };
    // of the first block, which no transaction made, nodes have none
    if let Some(infos) = infos.as_ref().filter(|_| head.number != 0) {
        if infos.len() != read.transactions.len() {
            let (has, told) = (read.transactions.len(), infos.len());
            return Err(wrong(format!("it has {has} transactions, and information of {told}")));
        }
        for (rank, (tx, info)) in read.transactions.iter().zip(infos).enumerate() {
            if tx.id != info.id || info.block != head.number {
                return Err(wrong(format!("the information of transaction {rank} is of another one")));
            }
        }
    }
    let mut maker = Maker {
        block: RawBlock {
            number: head.number,
            hash: read.id.0,
            parent: head.parent.0,
            time: head.timestamp / 1000,
            producer: head.witness_address.map(|address| address.0).unwrap_or_default(),
            calls: Some(Vec::new()),
            ..RawBlock::default()
        },
        told: TronTold::default(),
        logs: 0,
    };
    let mut infos = infos.map(Vec::into_iter);
    for (rank, tx) in (0_u32..).zip(read.transactions) {
        let info = infos.as_mut().and_then(Iterator::next);
        let [contract] = tx.raw_data.contract.as_slice() else {
            return Err(wrong(format!("transaction {rank} has {} contracts", tx.raw_data.contract.len())));
        };
        let asked = asked(&contract.kind, &contract.parameter.value);
        let asked = asked.ok_or_else(|| wrong(format!("transaction {rank} ({}) has no owner", contract.kind)))?;
        maker.transaction(rank, &tx, asked, info);
    }
    Ok((maker.block, maker.told))
}

struct Maker {
    block: RawBlock,
    told: TronTold,
    logs: u32,
}

impl Maker {
    fn call(&mut self, call: RawCall) {
        if !call.value.is_zero() {
            self.block.calls.get_or_insert_default().push(call);
        }
    }

    fn stake(&mut self, rank: u32, from: Option<AccountBytes>, to: Option<AccountBytes>, amount: u64, failed: bool) {
        let (kind, value) = (RawCallKind::Stake, U256::from(amount));
        self.call(RawCall { tx: Some(rank), kind, from, to, value, is_reverted: failed, ..RawCall::default() });
    }

    fn reward(&mut self, rank: u32, to: AccountBytes, amount: u64, failed: bool) {
        let (kind, value) = (RawCallKind::Reward, U256::from(amount));
        self.call(RawCall { tx: Some(rank), kind, to: Some(to), value, is_reverted: failed, ..RawCall::default() });
    }

    fn transaction(&mut self, rank: u32, tx: &Tx<'_>, asked: Asked, mut info: Option<Info<'_>>) {
        let said = tx.ret.first().and_then(|ret| ret.result.as_deref()).filter(|said| *said != "DEFAULT");
        let is_failed_by_info = info.as_ref().is_some_and(|info| info.result.as_deref() == Some("FAILED"));
        let status = match said {
            _ if is_failed_by_info => Some(false),
            Some(said) => Some(said == "SUCCESS"),
            None => info.as_ref().map(|_| true),
        };
        let failed = status == Some(false);
        let mut receipt = RawReceipt { status, ..RawReceipt::default() };
        if let Some(info) = &mut info {
            receipt.gas_used = info.receipt.energy_usage_total;
            receipt.fee = Some(U256::from(info.fee));
            receipt.created = info.contract_address.as_ref().filter(|_| asked.creates).map(|address| address.0);
            receipt.logs = info.logs(&mut self.logs);
        }
        // staked coins leave the balance, and count as moved by a call
        self.stake(rank, Some(asked.owner), None, asked.staked, failed);
        if let Some((token, amount)) = asked.exchanged {
            let value = U256::from(amount);
            let from = Some(asked.owner);
            self.call(RawCall { tx: Some(rank), from, value, trc10: token, is_reverted: failed, ..RawCall::default() });
        }
        let unfrozen = info.as_ref().map_or(0, |info| info.unfreeze_amount);
        if asked.unstakes {
            self.stake(rank, None, Some(asked.owner), unfrozen, failed);
        }
        if let Some((to, amount, is_given)) = asked.lent.filter(|_| !failed) {
            let amount = U256::from(amount.unwrap_or(unfrozen));
            self.block.delegations.push(RawDelegation { tx: rank, from: asked.owner, to, amount, is_given });
        }
        if let Some(info) = info {
            self.stake(rank, None, Some(asked.owner), info.withdraw_expire_amount, failed);
            self.reward(rank, asked.owner, info.withdraw_amount, failed);
            for internal in &info.internal_transactions {
                self.internal(rank, internal, failed);
            }
        }
        self.told.not_told += u64::from(asked.is_not_told && !failed);
        self.block.txs.push(RawTx {
            hash: tx.id.0,
            from: asked.owner,
            to: asked.to,
            value: asked.value,
            selector: asked.selector,
            gas_price: U256::ZERO,
            receipt: Some(receipt),
            trc10: asked.trc10,
        });
    }

    fn internal(&mut self, rank: u32, internal: &Internal<'_>, failed: bool) {
        self.told.internal += 1;
        let failed = failed || internal.rejected;
        let caller = internal.caller_address.0;
        let to = internal.to.as_ref().map(|to| to.0);
        let note = internal.note.0.as_str();
        let coins = internal.values.iter().filter(|value| value.token.as_deref().is_none_or(str::is_empty));
        let coins = { coins }.fold(0_u64, |sum, value| sum.saturating_add(value.amount));
        let kind = match note {
            "create" => RawCallKind::Create,
            "suicide" => RawCallKind::SelfDestruct,
            _ if note.starts_with("freeze") => {
                self.stake(rank, Some(caller), None, coins, failed);
                // a freeze of Stake 1.0 for another account lends to it
                if let Some(to) = to.filter(|to| *to != caller && !failed && note.starts_with("freezeFor")) {
                    self.lend(rank, caller, to, coins, true);
                }
                return;
            }
            _ if note.starts_with("unfreezeFor") || note.starts_with("withdrawExpireUnfreeze") => {
                return self.stake(rank, None, Some(caller), coins, failed);
            }
            _ if note.starts_with("delegateResource") || note.starts_with("unDelegateResource") => {
                if let Some(to) = to.filter(|_| !failed) {
                    self.lend(rank, caller, to, coins, note.starts_with('d'));
                }
                return;
            }
            "withdrawReward" => return self.reward(rank, caller, coins, failed),
            // coins under these are not moved: votes, and what waits to be withdrawn
            _ if note.starts_with("unfreezeBalanceV2") || note.starts_with("cancelAllUnfreeze") => return,
            "voteWitness" => return,
            _ => RawCallKind::Call,
        };
        for value in &internal.values {
            let token = value.token.as_deref().filter(|name| !name.is_empty());
            let number = token.and_then(token_number);
            if token.is_some() && number.is_none() {
                self.told.not_told += 1;
                continue;
            }
            let (tx, value) = (Some(rank), U256::from(value.amount));
            let from = Some(caller);
            self.call(RawCall { tx, kind, from, to, value, trc10: number, is_reverted: failed, is_top: false });
        }
    }

    fn lend(&mut self, tx: u32, from: AccountBytes, to: AccountBytes, amount: u64, is_given: bool) {
        self.block.delegations.push(RawDelegation { tx, from, to, amount: U256::from(amount), is_given });
    }
}
