//! Raw parts of blocks as rows: who pays fees and to whom, what moves and what does not, and in which order.
use athar_chains::account::raw::{RawBlock, RawCall, RawCallKind, RawDelegation, RawLog, RawReceipt, RawTx};
use athar_chains::account::{Tokens, event_topic, rows};
use athar_types::Chain;
use athar_types::account::{AccountBlock, AccountBytes, AssetKey, EventKind, TransferKind, TxStatus, U256};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PRODUCER: AccountBytes = [99; 20];

fn account(n: u8) -> AccountBytes {
    [n; 20]
}

fn tx(from: u8, to: u8, value: u64) -> RawTx {
    RawTx { from: account(from), to: Some(account(to)), value: U256::from(value), ..RawTx::default() }
}

fn receipt(is_success: bool, gas_used: u64) -> RawReceipt {
    RawReceipt { status: Some(is_success), gas_used, ..RawReceipt::default() }
}

fn block(txs: Vec<RawTx>) -> RawBlock {
    RawBlock { number: 1, producer: PRODUCER, txs, ..RawBlock::default() }
}

fn made(chain: Chain, raw: &RawBlock) -> AccountBlock {
    rows(raw, chain.account().unwrap(), Tokens::shipped()).unwrap()
}

fn fees(block: &AccountBlock) -> Vec<(Option<u8>, u64, TransferKind)> {
    let fees = block.transfers.iter().filter(|t| t.kind.is_fee());
    fees.map(|t| (t.to.map(|to| to[0]), t.amount.saturating_to(), t.kind)).collect()
}

#[test]
fn who_gets_a_fee_depends_on_the_chain_and_its_age() {
    use TransferKind::{Fee, FeeBurned};
    let mut raw = block(vec![RawTx { gas_price: U256::from(7), receipt: Some(receipt(true, 10)), ..tx(1, 2, 0) }]);
    assert_eq!(fees(&made(Chain::Ethereum, &raw)), [(Some(99), 70, Fee)], "before the base fee");
    raw.base_fee = Some(U256::from(3));
    assert_eq!(fees(&made(Chain::Ethereum, &raw)), [(None, 30, FeeBurned), (Some(99), 40, Fee)]);
    raw.txs[0].receipt.as_mut().unwrap().gas_price_paid = Some(U256::from(4));
    assert_eq!(
        fees(&made(Chain::Ethereum, &raw)),
        [(None, 30, FeeBurned), (Some(99), 10, Fee)],
        "what was paid counts"
    );
    raw.txs[0].receipt.as_mut().unwrap().fee_beside = U256::from(5);
    assert_eq!(fees(&made(Chain::Ethereum, &raw)), [(None, 35, FeeBurned), (Some(99), 10, Fee)], "blobs");
    // a base fee above the price would burn more than was paid
    raw.base_fee = Some(U256::from(1_000));
    assert_eq!(fees(&made(Chain::Ethereum, &raw)), [(None, 45, FeeBurned)]);
    // on Tron staked coins pay for gas: the fee is what the source says it is, or unknown
    assert_eq!(fees(&made(Chain::Tron, &raw)), []);
    raw.txs[0].receipt.as_mut().unwrap().fee = Some(U256::from(11));
    assert_eq!(fees(&made(Chain::Tron, &raw)), [(None, 16, FeeBurned)]);
    raw.txs[0].receipt = None;
    assert_eq!(fees(&made(Chain::Ethereum, &raw)), [], "no receipt, no fee");
}

#[test]
fn a_failed_transaction_moves_its_fee_alone() {
    let inner = RawCall {
        tx: Some(0),
        from: Some(account(2)),
        to: Some(account(3)),
        value: U256::from(5),
        ..RawCall::default()
    };
    let log = RawLog {
        address: account(50),
        topics: vec![event_topic("Transfer(address,address,uint256)"), [0; 32], [0; 32]],
        data: vec![1; 32],
        index: None,
    };
    let mut raw = block(vec![RawTx {
        gas_price: U256::from(1),
        receipt: Some(RawReceipt { logs: vec![log], ..receipt(false, 21) }),
        trc10: Some((1_000_001, U256::from(4))),
        ..tx(1, 2, 100)
    }]);
    raw.calls = Some(vec![inner]);
    raw.delegations = vec![RawDelegation { tx: 0, is_given: true, ..RawDelegation::default() }];
    let failed = made(Chain::Ethereum, &raw);
    assert_eq!(failed.txs[0].status, TxStatus::Failed);
    assert_eq!((failed.transfers.len(), failed.events.len(), failed.odd_logs), (1, 0, 0));
    assert_eq!(failed.transfers[0].kind, TransferKind::Fee);
}

#[test]
fn before_byzantium_the_trace_says_whether_a_transaction_failed() {
    let top =
        |is_reverted| RawCall { tx: Some(0), is_top: true, is_reverted, value: U256::from(100), ..RawCall::default() };
    let mut raw = block(vec![RawTx { receipt: Some(RawReceipt::default()), ..tx(1, 2, 100) }]);
    let status = |raw: &RawBlock| {
        let block = made(Chain::Ethereum, raw);
        (block.txs[0].status, block.transfers.len())
    };
    assert_eq!(status(&raw), (TxStatus::Unknown, 1));
    raw.calls = Some(vec![top(true)]);
    assert_eq!(status(&raw), (TxStatus::Failed, 0));
    raw.calls = Some(vec![top(false)]);
    assert_eq!(
        status(&raw),
        (TxStatus::Success, 1),
        "the top call is the transaction's own value, and not moved twice"
    );
}

#[test]
fn tron_keeps_its_own_tokens_stakes_and_lent_energy() {
    let mut raw = block(vec![
        RawTx { receipt: Some(receipt(true, 0)), trc10: Some((1_000_001, U256::from(4))), ..tx(1, 2, 0) },
        RawTx { receipt: Some(receipt(true, 0)), to: None, ..tx(3, 0, 0) },
    ]);
    let stake = |tx, from, to| RawCall {
        tx: Some(tx),
        kind: RawCallKind::Stake,
        from,
        to,
        value: U256::from(9),
        ..RawCall::default()
    };
    let inner = RawCall { trc10: Some(1_000_002), ..stake(0, Some(account(2)), Some(account(4))) };
    raw.calls = Some(vec![
        RawCall { kind: RawCallKind::Call, ..inner },
        stake(1, Some(account(3)), None),
        stake(1, None, Some(account(3))),
    ]);
    raw.delegations =
        vec![RawDelegation { tx: 1, from: account(3), to: account(8), amount: U256::from(9), is_given: true }];
    let block = made(Chain::Tron, &raw);
    let got: Vec<_> = block.transfers.iter().map(|t| (t.tx, t.from, t.to, t.asset, t.kind)).collect();
    use TransferKind::{Internal, Stake, Value};
    assert_eq!(
        got,
        [
            (Some(0), Some(account(1)), Some(account(2)), AssetKey::Trc10(1_000_001), Value),
            (Some(0), Some(account(2)), Some(account(4)), AssetKey::Trc10(1_000_002), Internal),
            (Some(1), Some(account(3)), None, AssetKey::Native, Stake),
            (Some(1), None, Some(account(3)), AssetKey::Native, Stake),
        ]
    );
    let events: Vec<_> = block.events.iter().map(|event| event.kind).collect();
    let lent = EventKind::Delegate { from: account(3), to: account(8), amount: U256::from(9), is_given: true };
    // who stakes is no contract for that; who sends on from inside a transaction is
    assert_eq!(events, [EventKind::Contract { account: account(2) }, lent]);
    raw.delegations[0].tx = 2;
    let error = rows(&raw, Chain::Tron.account().unwrap(), Tokens::shipped()).unwrap_err().to_string();
    assert_eq!(error, "block 1: a delegation is of transaction 2 of 2");
}

#[test]
fn a_number_that_may_be_of_anything_is_no_amount_of_coins() {
    let mut raw = block(vec![
        RawTx { receipt: Some(receipt(true, 0)), ..tx(1, 2, 5) },
        RawTx { receipt: Some(receipt(true, 9)), ..tx(1, 3, 5) },
        RawTx { selector: Some([1; 4]), ..tx(1, 4, 5) },
    ]);
    let paid = |chain, raw: &RawBlock| -> Vec<u8> {
        made(chain, raw).transfers.iter().filter_map(|t| Some(t.to?[0])).collect()
    };
    assert_eq!(paid(Chain::Tron, &raw), [2, 3, 4]);
    // Tron's JSON-RPC gives an amount of TRC-10 tokens, or votes, in the same field; calls of contracts carry coins
    raw.is_value_vague = true;
    assert_eq!(paid(Chain::Tron, &raw), [3, 4]);
    assert_eq!(paid(Chain::Ethereum, &raw), [2, 3, 4]);
}

#[test]
fn who_signs_is_no_contract_though_code_runs_on_the_account() {
    let inner = |from| RawCall { tx: Some(0), from: Some(account(from)), to: Some(account(9)), ..RawCall::default() };
    let mut raw = block(vec![RawTx { receipt: Some(receipt(true, 0)), ..tx(1, 2, 0) }]);
    raw.calls = Some(vec![inner(1), inner(2), inner(2)]);
    let events = made(Chain::Ethereum, &raw).events;
    assert_eq!(
        events.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [EventKind::Contract { account: account(2) }]
    );
}

#[test]
fn a_contract_that_destroys_itself_in_its_own_favour_loses_what_it_holds_or_keeps_it() {
    let call = |kind, from, to| RawCall {
        tx: Some(0),
        kind,
        from: Some(account(from)),
        to: Some(account(to)),
        value: U256::from(3),
        ..RawCall::default()
    };
    let to = |time, calls: Vec<RawCall>| {
        let mut raw = block(vec![RawTx { receipt: Some(receipt(true, 0)), ..tx(1, 2, 0) }]);
        (raw.time, raw.calls) = (time, Some(calls));
        let block = made(Chain::Ethereum, &raw);
        block.transfers.iter().find(|t| t.kind == TransferKind::SelfDestruct).unwrap().to
    };
    let end = |from, to| call(RawCallKind::SelfDestruct, from, to);
    let (before, after) = (1_710_338_134, 1_710_338_135);
    assert_eq!(to(before, vec![end(2, 2)]), None);
    assert_eq!(to(before, vec![end(2, 5)]), Some(account(5)));
    assert_eq!(to(after, vec![end(2, 2)]), Some(account(2)));
    assert_eq!(to(after, vec![call(RawCallKind::Create, 2, 7), end(7, 7)]), None);
    let failed = RawCall { is_reverted: true, ..call(RawCallKind::Create, 2, 7) };
    assert_eq!(to(after, vec![failed, end(7, 7)]), Some(account(7)));
}

#[test]
fn what_a_block_does_by_itself_stands_around_its_transactions() {
    let own = |kind, to| RawCall { kind, to: Some(account(to)), value: U256::from(1), ..RawCall::default() };
    let mut raw = block(vec![RawTx { receipt: Some(receipt(true, 0)), ..tx(1, 2, 5) }]);
    raw.calls = Some(vec![own(RawCallKind::Reward, 6), own(RawCallKind::Genesis, 7)]);
    raw.withdrawals = vec![(account(8), U256::from(3)), (account(8), U256::ZERO)];
    let kinds: Vec<_> = made(Chain::Ethereum, &raw).transfers.iter().map(|t| t.kind).collect();
    use TransferKind::{Genesis, Reward, Value, Withdrawal};
    assert_eq!(kinds, [Genesis, Value, Reward, Withdrawal]);
    raw.calls = Some(vec![RawCall { tx: Some(1), ..RawCall::default() }]);
    let error = rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap_err().to_string();
    assert_eq!(error, "block 1: a call is of transaction 1 of 1");
    raw.time = 1 << 32;
    let error = rows(&raw, Chain::Ethereum.account().unwrap(), Tokens::shipped()).unwrap_err().to_string();
    assert_eq!(error, "block 1: its time 4294967296 is beyond 32 bits");
}

#[test]
fn coins_put_into_a_wrapping_contract_are_tokens_of_it_there_and_nowhere_else() {
    let weth = Tokens::shipped().by_symbol(Chain::Ethereum, "WETH").unwrap().contract;
    let mut who = [0; 32];
    who[12..].fill(1);
    let log = |address, event| RawLog {
        address,
        topics: vec![event_topic(event), who],
        data: U256::from(5).to_be_bytes_vec(),
        index: None,
    };
    let logs = vec![
        log(weth, "Deposit(address,uint256)"),
        log(weth, "Withdrawal(address,uint256)"),
        log(account(50), "Deposit(address,uint256)"),
    ];
    let raw = block(vec![RawTx { receipt: Some(RawReceipt { logs, ..receipt(true, 0) }), ..tx(1, 2, 0) }]);
    let got: Vec<_> = made(Chain::Ethereum, &raw).transfers.iter().map(|t| (t.from, t.to, t.asset, t.kind)).collect();
    assert_eq!(
        got,
        [
            (None, Some(account(1)), AssetKey::Token(weth), TransferKind::Mint),
            (Some(account(1)), None, AssetKey::Token(weth), TransferKind::Burn),
        ]
    );
    // the same 20 bytes are another contract on another chain
    assert_eq!(made(Chain::Polygon, &raw).transfers, []);
}

proptest! {
    /// Coins are neither made nor lost but by fees that are burned: what everybody gains and loses sums up.
    #[test]
    fn coins_are_conserved(
        txs in prop::collection::vec((0..6_u8, 0..6_u8, 0..1_000_u64, 0..50_u64, any::<bool>()), 0..12),
        calls in prop::collection::vec((any::<prop::sample::Index>(), 0..6_u8, 0..6_u8, 0..1_000_u64, any::<bool>()), 0..12),
        base in prop::option::of(0..10_u64),
    ) {
        let mut raw = block(txs.iter().map(|(from, to, value, gas, is_success)| {
            RawTx { gas_price: U256::from(5), receipt: Some(receipt(*is_success, *gas)), ..tx(*from, *to, *value) }
        }).collect());
        raw.base_fee = base.map(U256::from);
        if !txs.is_empty() {
            raw.calls = Some(calls.iter().map(|(at, from, to, value, is_reverted)| RawCall {
                tx: Some(at.index(txs.len()) as u32), from: Some(account(*from)), to: Some(account(*to)),
                value: U256::from(*value), is_reverted: *is_reverted, ..RawCall::default()
            }).collect());
        }
        let block = made(Chain::Ethereum, &raw);
        let mut balances: BTreeMap<Option<AccountBytes>, i64> = BTreeMap::new();
        for t in &block.transfers {
            let amount: i64 = t.amount.saturating_to();
            *balances.entry(t.from).or_default() -= amount;
            *balances.entry(t.to).or_default() += amount;
        }
        // counted apart, from what went in
        let burned: u64 = txs.iter().map(|t| t.3 * base.unwrap_or(0).min(5)).sum();
        let paid: u64 = txs.iter().map(|t| t.3 * 5).sum();
        prop_assert_eq!(balances.get(&None).copied().unwrap_or(0), burned as i64);
        prop_assert_eq!(balances.get(&Some(PRODUCER)).copied().unwrap_or(0), (paid - burned) as i64);
        for n in 0..6 {
            let mut expected = 0_i64;
            for (from, to, value, gas, is_success) in &txs {
                let value = if *is_success { *value as i64 } else { 0 };
                expected += i64::from(*to == n) * value - i64::from(*from == n) * (value + *gas as i64 * 5);
            }
            for (at, from, to, value, is_reverted) in calls.iter().filter(|_| !txs.is_empty()) {
                let is_moved = txs[at.index(txs.len())].4 && !is_reverted;
                let value = if is_moved { *value as i64 } else { 0 };
                expected += i64::from(*to == n) * value - i64::from(*from == n) * value;
            }
            prop_assert_eq!(balances.get(&Some(account(n))).copied().unwrap_or(0), expected, "account {}", n);
        }
    }
}
