//! Real dumps of account chains, whole. The expected figures were counted apart from the files themselves.
use athar_chains::account::raw::{RawBlock, RawCallKind};
use athar_chains::account::{Tokens, rows};
use athar_ingest::account::{Assembly, Counts, Format, Knows, Source};
use athar_types::Chain;
use athar_types::account::{AssetKey, TransferKind, U256};
use std::io::Write;
use std::path::PathBuf;

/// The folder of shared data, or `None` (with a printed line) where it is absent and not required.
fn shared(path: &str) -> Option<PathBuf> {
    let base = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let path = base.join(path);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("ATHAR_REQUIRE_SHARED").is_none(), "{} is required", path.display());
    // past libtest, which keeps what a passing test prints
    let _ = writeln!(std::io::stderr(), "skipped: no {}", path.display());
    None
}

fn all(source: &mut Source) -> Vec<RawBlock> {
    let blocks: Vec<_> = source.by_ref().collect::<Result<_, _>>().unwrap();
    assert!(blocks.windows(2).all(|pair| pair[0].number < pair[1].number), "ascending");
    blocks
}

fn sum(amounts: impl Iterator<Item = U256>) -> String {
    amounts.sum::<U256>().to_string()
}

#[test]
fn the_dump_of_ethereum_is_read_whole() {
    let Some(folder) = shared("ethereum/eth-tokens-15000000") else { return };
    let mut source = Source::open(std::slice::from_ref(&folder), Chain::Ethereum).unwrap();
    assert_eq!(source.format(), Format::GraphSense);
    let knows = Knows {
        receipts: true,
        logs: true,
        token_transfers: true,
        has_transactions: true,
        traces: true,
        fees: true,
        is_block_complete: true,
    };
    assert_eq!(source.knows(), knows);
    let blocks = all(&mut source);
    let counts = Counts { blocks: 89, transactions: 332, logs: 2228, traces: 5547, ..Counts::default() };
    assert_eq!(source.counts(), counts);
    let told = Assembly {
        blocks_without_facts: 1, // five genesis balances of block 0, which has no row
        txs_by_trace: 763,
        txs_of_other_block: 6,
        ranks_claimed_twice: 2,
        calls_that_move_nothing: 2380,
        ..Assembly::default()
    };
    assert_eq!(source.told(), told);
    assert_eq!((blocks.len(), blocks.iter().map(|block| block.txs.len()).sum::<usize>()), (90, 332 + 763));

    let calls = || blocks.iter().flat_map(|block| block.calls.as_ref().unwrap());
    assert_eq!(calls().count(), 5547 - 2380);
    assert_eq!(calls().filter(|call| call.is_top).count(), 1089);
    assert_eq!(sum(calls().map(|call| call.value)), "22709917968447794882078");
    assert_eq!(sum(calls().filter(|call| !call.is_reverted).map(|call| call.value)), "22634708136488984264086");
    assert_eq!(calls().filter(|call| call.kind == RawCallKind::Reward).count(), 90);
    assert_eq!(calls().filter(|call| call.kind == RawCallKind::Genesis).count(), 5);
    let receipts = || blocks.iter().flat_map(|block| &block.txs).filter_map(|tx| tx.receipt.as_ref());
    assert_eq!(receipts().map(|receipt| receipt.gas_used).sum::<u64>(), 46_209_824);
    let logs = || receipts().flat_map(|receipt| &receipt.logs);
    assert_eq!(logs().count(), 2228);
    assert_eq!(logs().map(|log| log.data.len()).sum::<usize>(), 165_984);
    assert_eq!(logs().map(|log| log.topics.len()).sum::<usize>(), 6_762);

    // every transaction of block 15,000,000 is known, by its row or its outermost call, and stands at its own rank
    let block = blocks.iter().find(|block| block.number == 15_000_000).unwrap();
    assert_eq!(block.txs.len(), 348);
    for call in block.calls.as_ref().unwrap().iter().filter(|call| call.is_top) {
        let tx = &block.txs[call.tx.unwrap() as usize];
        assert_eq!((Some(tx.from), tx.value), (call.from, call.value));
    }
    // the rows that name another block's hash stand behind the 179 transactions that are its own
    let last = blocks.last().unwrap();
    assert_eq!((last.number, last.txs.len()), (15_000_004, 179 + 6));
    assert!(last.txs[..179].iter().all(|tx| tx.from != [0; 20]));
}

/// What the dump's own makers find in it: 143 transfers of USDT, with block, rank of transaction and log.
#[test]
fn the_usdt_transfers_of_the_reference_stand_where_it_says() {
    use base64::Engine as _;
    let Some(folder) = shared("ethereum/eth-tokens-15000000") else { return };
    let blocks = all(&mut Source::open(std::slice::from_ref(&folder), Chain::Ethereum).unwrap());
    let text = std::fs::read_to_string(folder.join("reference/USDT_token_transfers.json")).unwrap();
    let bytes =
        |value: &serde_json::Value| base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap()).unwrap();
    let mut count = 0;
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let block = blocks.iter().find(|block| Some(block.number) == row["blockId"].as_u64()).unwrap();
        let tx = &block.txs[row["transactionIndex"].as_u64().unwrap() as usize];
        assert_eq!(tx.hash.to_vec(), bytes(&row["txHash"]));
        let logs = &tx.receipt.as_ref().unwrap().logs;
        let log = logs.iter().find(|log| log.index.map(u64::from) == row["logIndex"].as_u64()).unwrap();
        assert_eq!(log.address.to_vec(), bytes(&row["tokenAddress"]));
        assert_eq!(log.topics[1][12..].to_vec(), bytes(&row["from"]));
        assert_eq!(log.topics[2][12..].to_vec(), bytes(&row["to"]));
        assert_eq!(U256::from_be_slice(&log.data), U256::from(row["value"].as_u64().unwrap()));
        count += 1;
    }
    assert_eq!(count, 143);
}

/// Every block of every dump becomes rows, and the transfers of USDT are those of the reference.
#[test]
fn every_block_of_the_dumps_becomes_rows() {
    let of = |path: &str, chain: Chain| {
        let folder = shared(path)?;
        let params = chain.account().unwrap();
        let blocks = all(&mut Source::open(&[folder], chain).unwrap());
        Some(blocks.iter().map(|raw| rows(raw, params, Tokens::shipped()).unwrap()).collect::<Vec<_>>())
    };
    if let Some(blocks) = of("ethereum/eth-tokens-15000000", Chain::Ethereum) {
        let usdt = Chain::Ethereum.account().unwrap().form.parse("0xdAC17F958D2ee523a2206206994597C13D831ec7").unwrap();
        let transfers = blocks.iter().flat_map(|block| &block.transfers);
        assert_eq!(transfers.clone().filter(|row| row.asset == AssetKey::Token(usdt)).count(), 143);
        // genesis balances and rewards come from outside, and go to somebody
        let genesis: Vec<_> = transfers.filter(|row| row.kind == TransferKind::Genesis).collect();
        assert!(genesis.len() == 5 && genesis.iter().all(|row| row.from.is_none() && row.to.is_some()));
    }
    for path in ["tron/0to10000", "tron/56804500to56805500"] {
        let Some(blocks) = of(path, Chain::Tron) else { continue };
        // nobody is said to have signed what nobody is known to have signed
        let zero = Some([0; 20]);
        assert!(blocks.iter().flat_map(|block| &block.transfers).all(|row| row.from != zero), "{path}");
    }
}

#[test]
fn early_transactions_of_tron_are_read_without_a_table_of_blocks() {
    let Some(folder) = shared("tron/0to10000") else { return };
    let mut source = Source::open(&[folder], Chain::Tron).unwrap();
    let knows = Knows { receipts: true, fees: true, has_transactions: true, ..Knows::default() };
    assert_eq!(source.knows(), knows);
    let blocks = all(&mut source);
    assert_eq!(source.counts(), Counts { transactions: 2172, fees: 2172, ..Counts::default() });
    let told = Assembly { blocks_without_facts: 661, values_without_recipient: 119, ..Assembly::default() };
    assert_eq!(source.told(), told);
    assert_eq!(blocks.len(), 661);
    let txs = || blocks.iter().flat_map(|block| &block.txs);
    assert_eq!(txs().count(), 2172);
    assert_eq!(sum(txs().map(|tx| tx.value)), "67312229451038156");
    assert_eq!(sum(txs().map(|tx| tx.receipt.as_ref().unwrap().fee.unwrap())), "277312297920");
    assert!(blocks.iter().all(|block| block.time > 1_529_891_469 && block.hash != [0; 32] && block.calls.is_none()));
}

#[test]
fn blocks_and_traces_of_tron_are_read_without_a_table_of_transactions() {
    let Some(folder) = shared("tron/56804500to56805500") else { return };
    let mut source = Source::open(&[folder], Chain::Tron).unwrap();
    assert_eq!(source.knows(), Knows { traces: true, ..Knows::default() });
    let blocks = all(&mut source);
    assert_eq!(source.counts(), Counts { blocks: 1001, traces: 4957, ..Counts::default() });
    let told = Assembly { txs_by_hash: 990, txs_absent: 76_100, values_lost: 22, ..Assembly::default() };
    assert_eq!(source.told(), told);
    assert!(blocks.windows(2).all(|pair| pair[1].parent == pair[0].hash));
    let calls = || blocks.iter().flat_map(|block| block.calls.as_ref().unwrap());
    assert_eq!(calls().count(), 4957);
    assert_eq!(calls().filter(|call| call.is_reverted).count(), 1067);
    assert_eq!(sum(calls().map(|call| call.value)), "80542450819");
    let of = |kind| calls().filter(|call| call.kind == kind).count();
    assert_eq!((of(RawCallKind::Create), of(RawCallKind::SelfDestruct)), (86, 68));
    assert!(calls().all(|call| call.tx.is_some() && !call.is_top));
}
