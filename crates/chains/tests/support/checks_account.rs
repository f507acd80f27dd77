//! What must hold for any answer of a node, and any logs. The fuzz targets and the seeded random tests run the same checks.

use athar_chains::account::raw::{RawBlock, RawLog, RawReceipt, RawTx};
use athar_chains::account::{AccountError, Tokens, event_topic, jsonrpc, rows};
use athar_types::Chain;
use athar_types::account::{AccountBlock, AssetKey, EventKind, TransferRow, U256};

/// Characters of an error. What a node wrote is quoted, and cut.
const ERROR_MAX: usize = 1_000;

/// Signatures of events that are read.
const EVENTS: [&str; 6] = [
    "Transfer(address,address,uint256)",
    "TransferSingle(address,address,address,uint256,uint256)",
    "TransferBatch(address,address,address,uint256[],uint256[])",
    "Deposit(address,uint256)",
    "AddedBlackList(address)",
    "Swap(address,uint256,uint256,uint256,uint256,address)",
];

/// Any text as the answer of a method, which its first byte chooses: it is refused in few words and nothing is kept of it, or
/// read. Says whether it was read.
pub(crate) fn answer(data: &[u8]) -> bool {
    let Some((which, text)) = data.split_first() else { return false };
    let text = String::from_utf8_lossy(text);
    let before = two_transactions();
    let mut raw = before.clone();
    let read = match which % 5 {
        0 => jsonrpc::block(&text).map(|block| raw = block),
        1 => jsonrpc::receipts(&text, &mut raw),
        2 => jsonrpc::trace_block(&text, &mut raw),
        3 => jsonrpc::debug_trace_block(&text, &mut raw),
        _ => jsonrpc::logs(&text).map(|logs| {
            let place = |log: &jsonrpc::LogOf| (log.block, log.tx_index, log.log.index);
            assert!(logs.is_sorted_by_key(place));
        }),
    };
    if let Err(error) = &read {
        refused(error);
        assert!(raw == before, "something is left of a refused answer");
    }
    all_chains(&raw);
    read.is_ok()
}

/// Any bytes as logs of one transaction.
pub(crate) fn logs(data: &[u8]) {
    let mut raw = two_transactions();
    let mut logs = Vec::new();
    let mut rest = data;
    while let Some(([contract, event, topics, len], tail)) = rest.split_first_chunk::<4>() {
        let mut log = RawLog { address: contract_of(*contract), ..RawLog::default() };
        log.topics.extend(EVENTS.get(usize::from(*event)).map(|signature| event_topic(signature)));
        rest = tail;
        for _ in 0..topics % 6 {
            let Some((word, tail)) = rest.split_first_chunk::<32>() else { break };
            // half of them look like addresses
            let mut word = *word;
            if word[31] % 2 == 0 {
                word[..12].fill(0);
            }
            log.topics.push(word);
            rest = tail;
        }
        let (data, tail) = rest.split_at(usize::from(*len).min(rest.len()));
        log.data = data.to_vec();
        rest = tail;
        logs.push(log);
    }
    let bytes: usize = logs.iter().map(|log| log.data.len() + 32).sum();
    let addresses: Vec<_> = logs.iter().map(|log| log.address).collect();
    raw.txs[0].receipt = Some(RawReceipt { status: Some(true), logs, ..RawReceipt::default() });
    for block in all_chains(&raw) {
        assert!(block.odd_logs as usize <= addresses.len());
        assert!(block.transfers.len() <= bytes / 32 + 2, "more transfers than the logs have room for");
        for transfer in &block.transfers {
            let (AssetKey::Token(contract) | AssetKey::Item(contract, _)) = transfer.asset else { continue };
            assert!(addresses.contains(&contract), "a contract speaks for itself alone");
        }
    }
}

/// The rows of a block on every chain, after what must hold of them.
fn all_chains(raw: &RawBlock) -> Vec<AccountBlock> {
    let mut made = Vec::new();
    for params in Chain::ACCOUNT_LEDGERS.into_iter().filter_map(Chain::account) {
        match rows(raw, params, Tokens::shipped()) {
            Ok(block) => {
                assert_eq!(rows(raw, params, Tokens::shipped()).as_ref(), Ok(&block), "the same parts, the same rows");
                holds(&block);
                made.push(block);
            }
            Err(error) => refused(&error),
        }
    }
    made
}

fn holds(block: &AccountBlock) {
    let own = |t: &TransferRow| t.tx.is_none();
    let ranks: Vec<u32> = block.transfers.iter().filter_map(|t| t.tx).collect();
    assert!(ranks.is_sorted() && ranks.last().is_none_or(|last| (*last as usize) < block.txs.len()));
    assert!(block.events.is_sorted_by_key(|event| event.tx));
    // what is the block's own stands around what is its transactions'
    let inner = block.transfers.iter().skip_while(|t| own(t)).skip_while(|t| !own(t));
    assert!(inner.clone().all(own));
    for transfer in &block.transfers {
        assert!(transfer.from.is_some() || transfer.to.is_some(), "nobody gives and nobody receives");
        let is_token = matches!(transfer.asset, AssetKey::Token(_) | AssetKey::Item(..));
        assert!(is_token || transfer.amount != U256::ZERO);
    }
    let mut contracts: Vec<_> = block
        .events
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Contract { account } => Some(account),
            _ => None,
        })
        .collect();
    let count = contracts.len();
    contracts.sort_unstable();
    contracts.dedup();
    assert_eq!(contracts.len(), count, "a contract is told once");
}

fn refused(error: &AccountError) {
    let text = error.to_string();
    assert!(text.chars().count() <= ERROR_MAX, "{text}");
}

/// A verified token, or an unknown contract.
fn contract_of(byte: u8) -> [u8; 20] {
    let known = Tokens::shipped().by_symbol(Chain::Ethereum, if byte % 2 == 0 { "USDT" } else { "WETH" });
    known.filter(|_| byte < 128).map_or([byte; 20], |token| token.contract)
}

fn two_transactions() -> RawBlock {
    let tx =
        |n: u8| RawTx { hash: [n; 32], from: [n; 20], to: Some([7; 20]), value: U256::from(n), ..RawTx::default() };
    RawBlock { number: 16, hash: [2; 32], txs: vec![tx(100), tx(101)], ..RawBlock::default() }
}
