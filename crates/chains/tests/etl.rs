//! Rows of tables: every reader is total over whatever a file may hold.
use athar_chains::account::etl::{
    BlockPart, Cells, Fees, Field, LogPart, Parts, Table, TracePart, TracePath, TxPart, assemble, block, fee, log,
    receipt, token_transfer, trace, transaction,
};
use proptest::prelude::*;

/// Texts near to what cells hold, and far from it.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_string()),
        Just("[]".to_string()),
        any::<u64>().prop_map(|n| n.to_string()),
        "[0-9]{70,90}",
        "-[0-9]{1,30}",
        "[0-9]{1,5}e[0-9]{1,12}",
        "\"0x[0-9a-f]{0,70}\"",
        "\"[A-Za-z0-9+/]{24,44}={0,2}\"",
        Just("\"0x0000000000000000000000000000000000000001\"".to_string()),
        Just("\"0x1111111111111111111111111111111111111111111111111111111111111111\"".to_string()),
        Just("\"call\"".to_string()),
        Just("\"call_0x11_0_4294967296\"".to_string()),
        "\\[(\"0x[0-9a-f]{64}\",){0,12}7\\]",
        "\"[ -!#-\\[\\]-~é]{0,40}\"",
        "[\\[\\]{}\",:]{1,12}",
    ]
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "number",
        "block_number",
        "hash",
        "blockHash",
        "parent_hash",
        "timestamp",
        "miner",
        "withdrawals",
        "tx_hash",
        "transaction_index",
        "from_address",
        "to_address",
        "value",
        "gas_price",
        "input",
        "receipt_gas_used",
        "status",
        "rejected",
        "log_index",
        "address",
        "data",
        "topics",
        "token_address",
        "trace_id",
        "trace_type",
        "call_type",
        "trace_address",
        "trace_index",
        "token_id",
        "fee",
        "result",
        "cumulative_gas_used",
        "gas_used",
        "blob_gas_price",
        "blob_gas_used",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_object_is_read_or_refused(cells in prop::collection::vec((name(), cell()), 0..30)) {
        let line = format!("{{{}}}", cells.iter().map(|(n, c)| format!("\"{n}\":{c}")).collect::<Vec<_>>().join(","));
        let Ok(cells) = Cells::of_json(&line) else { return Ok(()) };
        let _ = Table::of(&cells);
        let parts = Parts {
            number: 1,
            blocks: block(&cells).into_iter().collect(),
            txs: transaction(&cells).into_iter().collect(),
            receipts: receipt(&cells).into_iter().collect(),
            logs: log(&cells).into_iter().chain(token_transfer(&cells)).collect(),
            traces: Some(trace(&cells).into_iter().collect()),
        };
        let fees = fee(&cells).into_iter().map(|fee| (fee.tx, fee)).collect();
        let traces = parts.traces.as_ref().map_or(0, Vec::len);
        if let Ok((block, told)) = assemble(parts, &fees, true) {
            prop_assert_eq!(block.calls.unwrap().len() as u64 + told.calls_that_move_nothing, traces as u64);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(line in "\\PC{0,200}") {
        if let Ok(cells) = Cells::of_json(&line) {
            let _ = (block(&cells), transaction(&cells), trace(&cells));
        }
        let mut cells = Cells::default();
        for field in Field::ALL {
            cells.set_text(*field, &line);
        }
        let _ = (block(&cells), transaction(&cells), receipt(&cells), log(&cells), token_transfer(&cells), trace(&cells), fee(&cells));
    }

    /// Whatever the ranks and hashes that tables claim, no transaction and no log is lost, and calls name one that is there.
    #[test]
    fn nothing_is_lost_when_a_block_is_put_together(
        txs in prop::collection::vec((0_u8..12, prop::option::of(0_u32..8), any::<bool>()), 0..10),
        logs in prop::collection::vec((0_u8..20, prop::option::of(0_u32..8)), 0..20),
        traces in prop::collection::vec((prop::option::of(0_u8..20), any::<bool>(), any::<bool>()), 0..30),
    ) {
        let mut seen = std::collections::BTreeSet::new();
        let mut parts = Parts { number: 9, traces: Some(Vec::new()), ..Parts::default() };
        parts.blocks.push(BlockPart { number: 9, hash: [1; 32], ..BlockPart::default() });
        for (hash, rank, is_foreign) in txs {
            if seen.insert(hash) {
                let mut part = TxPart { block: 9, rank, block_hash: Some([1 + u8::from(is_foreign); 32]), ..TxPart::default() };
                part.tx.hash = [hash; 32];
                parts.txs.push(part);
            }
        }
        for (index, (hash, rank)) in logs.iter().enumerate() {
            let mut part = LogPart { block: 9, tx: [*hash; 32], rank: *rank, ..LogPart::default() };
            part.log.index = Some(index as u32);
            parts.logs.push(part);
            seen.insert(*hash);
        }
        for (order, (hash, is_top, moves)) in traces.iter().enumerate() {
            let path = if *is_top { Some(TracePath::new()) } else { None };
            let tx = hash.map(|hash| [hash; 32]);
            let order = Some((order as u64, 0));
            parts.traces.as_mut().unwrap().push(TracePart { block: 9, tx, path, order, moves: *moves, ..TracePart::default() });
            seen.extend(hash);
        }
        let moving = traces.iter().filter(|(_, _, moves)| *moves).count();
        let (block, _) = assemble(parts, &Fees::default(), false).unwrap();
        let hashes: std::collections::BTreeSet<u8> = block.txs.iter().map(|tx| tx.hash[0]).collect();
        prop_assert_eq!(block.txs.len(), seen.len());
        prop_assert_eq!(hashes, seen);
        let kept: usize = block.txs.iter().filter_map(|tx| tx.receipt.as_ref()).map(|receipt| receipt.logs.len()).sum();
        prop_assert_eq!(kept, logs.len());
        let calls = block.calls.unwrap();
        prop_assert_eq!(calls.len(), moving);
        prop_assert!(calls.iter().all(|call| call.tx.is_none_or(|rank| (rank as usize) < block.txs.len())));
    }
}
