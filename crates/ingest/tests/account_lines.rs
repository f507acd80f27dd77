//! Recordings: one block a line.
use athar_ingest::account::{AccountSourceError, Format, Source};
use athar_types::Chain;
use athar_types::account::U256;
use std::path::{Path, PathBuf};

const OWNER: &str = "410000000000000000000000000000000000000001";

fn id(number: u64) -> String {
    format!("{number:016x}{:048x}", 7)
}

/// A block of Tron with one transfer, and its information.
fn tron(number: u64) -> (String, String) {
    let tx = format!("{number:064x}");
    let block = format!(
        r#"{{"blockID":"{}","block_header":{{"raw_data":{{"number":{number},"witness_address":"{OWNER}","parentHash":"{}","timestamp":{}}}}},"transactions":[{{"ret":[{{"contractRet":"SUCCESS"}}],"txID":"{tx}","raw_data":{{"contract":[{{"parameter":{{"value":{{"amount":{number},"owner_address":"{OWNER}","to_address":"{OWNER}"}}}},"type":"TransferContract"}}]}}}}]}}"#,
        id(number),
        id(number - 1),
        number * 3000,
    );
    let info = format!(r#"[{{"id":"{tx}","blockNumber":{number},"fee":{},"receipt":{{}}}}]"#, number * 2);
    (block, info)
}

fn tron_line(number: u64) -> String {
    let (block, info) = tron(number);
    format!(r#"{{"block":{block},"infos":{info}}}"#)
}

fn evm_line(number: u64, traces: bool) -> String {
    let (hash, parent, tx) =
        (format!("0x{number:064x}"), format!("0x{:064x}", number - 1), format!("0x{:064x}", number + 1000));
    let (from, to) = (format!("0x{:040x}", 1), format!("0x{:040x}", 2));
    let block = format!(
        r#"{{"number":"0x{number:x}","hash":"{hash}","parentHash":"{parent}","timestamp":"0x64","miner":"{to}","transactions":[{{"hash":"{tx}","from":"{from}","to":"{to}","value":"0x5","input":"0x","gasPrice":"0x2","transactionIndex":"0x0","blockHash":"{hash}","blockNumber":"0x{number:x}"}}]}}"#
    );
    let receipts = format!(
        r#"[{{"transactionHash":"{tx}","transactionIndex":"0x0","blockHash":"{hash}","blockNumber":"0x{number:x}","status":"0x1","gasUsed":"0x5208","effectiveGasPrice":"0x2","cumulativeGasUsed":"0x5208","contractAddress":null,"logs":[]}}]"#
    );
    let calls = format!(
        r#"[{{"txHash":"{tx}","result":{{"type":"CALL","from":"{from}","to":"{to}","value":"0x5","gas":"0x0","gasUsed":"0x0","input":"0x","calls":[{{"type":"CALL","from":"{to}","to":"{from}","value":"0x3","gas":"0x0","gasUsed":"0x0","input":"0x"}}]}}}}]"#
    );
    let calls = if traces { calls } else { "null".into() };
    format!(r#"{{"block":{block},"receipts":{receipts},"calls":{calls}}}"#)
}

fn write(folder: &Path, name: &str, lines: impl Iterator<Item = String>) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    path
}

fn open(path: &Path, chain: Chain) -> Result<Source, AccountSourceError> {
    Source::open(&[path.to_path_buf()], chain)
}

#[test]
fn recordings_of_tron_are_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    // files out of order by name
    write(folder.path(), "a.json", (60..100).map(tron_line));
    write(folder.path(), "b.jsonl", (10..60).map(tron_line));
    let mut source = open(folder.path(), Chain::Tron).unwrap();
    assert_eq!(source.format(), Format::TronHttp);
    let knows = source.knows();
    assert!(knows.receipts && knows.fees && knows.logs && knows.has_transactions);
    assert!(!knows.traces, "a node that keeps no internal transactions shows none, and that is not none");
    let blocks: Vec<_> = source.by_ref().collect::<Result<_, _>>().unwrap();
    assert_eq!(blocks.iter().map(|block| block.number).collect::<Vec<_>>(), (10..100).collect::<Vec<_>>());
    for block in &blocks {
        let tx = &block.txs[0];
        assert_eq!((tx.value, block.time), (U256::from(block.number), block.number * 3));
        assert_eq!(tx.receipt.as_ref().unwrap().fee, Some(U256::from(block.number * 2)));
    }
    assert_eq!((source.counts().blocks, source.counts().transactions), (90, 90));
}

#[test]
fn blocks_alone_tell_no_fees() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "blocks.json", (10..20).map(|n| tron(n).0));
    let source = open(&path, Chain::Tron).unwrap();
    assert!(!source.knows().fees && !source.knows().logs && source.knows().has_transactions);
    assert_eq!(source.flatten().count(), 10);
    // what the first block tells, every block must
    let path = write(folder.path(), "some.json", (10..20).map(|n| if n < 15 { tron_line(n) } else { tron(n).0 }));
    let error = open(&path, Chain::Tron).unwrap().find_map(Result::err).unwrap();
    assert!(matches!(error, AccountSourceError::Missing { line: 6, block: 15, what: "receipts", .. }), "{error}");
}

#[test]
fn recordings_of_json_rpc_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "blocks.ndjson", (5..25).map(|n| evm_line(n, true)));
    let source = open(&path, Chain::Ethereum).unwrap();
    assert_eq!(source.format(), Format::JsonRpc);
    assert!(source.knows().is_block_complete);
    let blocks: Vec<_> = source.collect::<Result<_, _>>().unwrap();
    assert_eq!(blocks.len(), 20);
    let calls = blocks[0].calls.as_ref().unwrap();
    assert_eq!(
        calls.iter().map(|call| (call.is_top, call.value.to::<u64>())).collect::<Vec<_>>(),
        [(true, 5), (false, 3)]
    );
    let path = write(folder.path(), "some.ndjson", (5..25).map(|n| evm_line(n, n != 9)));
    let error = open(&path, Chain::Ethereum).unwrap().find_map(Result::err).unwrap();
    assert!(matches!(error, AccountSourceError::Missing { line: 5, block: 9, what: "traces", .. }), "{error}");
    let without = write(folder.path(), "none.ndjson", (5..25).map(|n| evm_line(n, false)));
    let source = open(&without, Chain::Ethereum).unwrap();
    assert!(!source.knows().traces && source.knows().receipts);
    assert!(source.map(Result::unwrap).all(|block| block.calls.is_none()));
}

#[test]
fn what_is_no_chain_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str, lines: Vec<String>| {
        let path = write(folder.path(), name, lines.into_iter());
        open(&path, Chain::Tron).unwrap().find_map(Result::err).unwrap()
    };
    let twice = error("twice.json", vec![tron_line(10), tron_line(11), tron_line(11)]);
    assert!(matches!(twice, AccountSourceError::Order { line: 3, block: 11, after: 11, .. }), "{twice}");
    let back = error("back.json", vec![tron_line(10), tron_line(9)]);
    assert!(matches!(back, AccountSourceError::Order { line: 2, block: 9, .. }), "{back}");
    let fork = error("fork.json", vec![tron_line(10), tron_line(11).replace(&id(10), &id(10).replace('7', "8"))]);
    assert!(matches!(fork, AccountSourceError::Parent { block: 11 }), "{fork}");
    let cut = error("cut.json", vec![tron_line(10), tron_line(11)[..300].to_string()]);
    assert!(matches!(cut, AccountSourceError::Line { line: 2, .. }), "{cut}");
    let number = error("number.json", vec![tron_line(10), tron_line(11).replace("\"number\":11", "\"number\":12")]);
    assert!(matches!(number, AccountSourceError::Line { line: 2, .. }), "{number}");
    // gaps are no fork
    let path = write(folder.path(), "gap.json", [10, 15].into_iter().map(tron_line));
    assert_eq!(open(&path, Chain::Tron).unwrap().map(Result::unwrap).count(), 2);
    // two forms together
    write(folder.path(), "rpc.json", [5].into_iter().map(|n| evm_line(n, true)));
    let two = open(folder.path(), Chain::Tron).unwrap_err();
    assert!(matches!(two, AccountSourceError::TwoFormats { .. }), "{two}");
}
