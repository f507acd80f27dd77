//! Every row of every table, held against a slow recomputation from the blocks themselves.
use crate::support;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType, UInt32Type};
use arrow_array::{Array, RecordBatch};
use athar_export::{Sizes, Table};
use athar_ledger::{BlockRows, TxFlags, fixture};
use athar_types::{Network, ScriptKind};
use std::collections::BTreeMap;
use support::{CHAIN, SMALL, rows, run, settings, store};

/// What an output is, recomputed.
#[derive(Clone, Debug)]
struct Out {
    tx: u32,
    vout: i32,
    height: i32,
    value: i64,
    address: Option<String>,
    kind: ScriptKind,
    spent_by: Option<u32>,
}

/// What a transaction is, recomputed.
#[derive(Clone, Debug)]
struct Tx {
    txid: String,
    height: i32,
    index: i32,
    coinbase: bool,
    /// Numbers of the outputs it spends.
    spends: Vec<usize>,
    made: i64,
}

/// Walks the blocks once, with maps by text: nothing of the ledger's.
fn recompute(blocks: &[BlockRows]) -> (Vec<Tx>, Vec<Out>) {
    let (mut txs, mut outs) = (Vec::<Tx>::new(), Vec::<Out>::new());
    let mut place: BTreeMap<(String, u32), usize> = BTreeMap::new();
    for (height, block) in blocks.iter().enumerate() {
        let (mut input, mut output) = (0, 0);
        for (index, row) in block.txs.iter().enumerate() {
            let tx = txs.len() as u32;
            let mut spends = Vec::new();
            for spent in &block.inputs[input..input + row.inputs as usize] {
                let at = place[&(spent.prev_txid.to_string(), spent.prev_vout)];
                outs[at].spent_by = Some(tx);
                spends.push(at);
            }
            input += row.inputs as usize;
            let mut made = 0;
            for vout in 0..row.outputs {
                let out = &block.outputs[output + vout as usize];
                let payload = &block.keys[out.key_start as usize..out.key_start as usize + usize::from(out.key_len)];
                let address = (out.key_len > 0).then(|| {
                    let kind = athar_types::AddressKind::from_code(out.key_kind).unwrap();
                    athar_types::AddressKey::new(kind, payload).unwrap().to_text(Network::Regtest)
                });
                place.insert((row.txid.to_string(), vout), outs.len());
                made += out.value as i64;
                outs.push(Out {
                    tx,
                    vout: vout as i32,
                    height: height as i32,
                    value: out.value as i64,
                    address,
                    kind: out.kind,
                    spent_by: None,
                });
            }
            output += row.outputs as usize;
            txs.push(Tx {
                txid: row.txid.to_string(),
                height: height as i32,
                index: index as i32,
                coinbase: row.flags.has(TxFlags::COINBASE),
                spends,
                made,
            });
        }
    }
    (txs, outs)
}

fn int32(batch: &RecordBatch, name: &str) -> Vec<i32> {
    batch[name].as_primitive::<Int32Type>().values().to_vec()
}

fn int64(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    batch[name].as_primitive::<Int64Type>().iter().collect()
}

fn uint32(batch: &RecordBatch, name: &str) -> Vec<Option<u32>> {
    batch[name].as_primitive::<UInt32Type>().iter().collect()
}

fn some<T: Copy>(values: impl IntoIterator<Item = T>) -> Vec<Option<T>> {
    values.into_iter().map(Some).collect()
}

fn hex(batch: &RecordBatch, name: &str) -> Vec<String> {
    let hash = |b: Option<&[u8]>| b.unwrap().iter().map(|b| format!("{b:02x}")).collect();
    batch[name].as_fixed_size_binary().iter().map(hash).collect()
}

fn words(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch[name].as_dictionary::<Int32Type>();
    column.downcast_dict::<arrow_array::StringArray>().unwrap().into_iter().map(|w| w.map(str::to_owned)).collect()
}

fn seconds(batch: &RecordBatch, name: &str) -> Vec<u32> {
    batch[name].as_primitive::<TimestampMillisecondType>().values().iter().map(|ms| (ms / 1000) as u32).collect()
}

#[test]
fn every_row_is_what_the_blocks_say() {
    let folder = tempfile::tempdir().unwrap();
    let (at, to) = (folder.path().join("store"), folder.path().join("tables"));
    store(&at, CHAIN, 2);
    run(&at, &to, &settings()).unwrap();
    let blocks = fixture::blocks(CHAIN);
    let (txs, outs) = recompute(&blocks);
    let time = |height: i32| 1_577_836_800 + 600 * height as u32;

    let table = rows(&to, Table::Blocks);
    assert_eq!(int32(&table, "height"), (0..blocks.len() as i32).collect::<Vec<_>>());
    assert_eq!(hex(&table, "hash"), blocks.iter().map(|b| b.hash.to_string()).collect::<Vec<_>>());
    assert_eq!(hex(&table, "prev_hash")[1..], hex(&table, "hash")[..blocks.len() - 1]);
    assert_eq!(hex(&table, "prev_hash")[0], "0".repeat(64));
    assert_eq!(int32(&table, "tx_count"), blocks.iter().map(|b| b.txs.len() as i32).collect::<Vec<_>>());
    let sums = blocks.iter().map(|b| b.outputs.iter().map(|o| o.value as i64).sum::<i64>());
    assert_eq!(int64(&table, "output_sat"), some(sums));
    assert_eq!(table["price_usd"].null_count(), blocks.len());
    assert_eq!(table["price_sources"].null_count(), blocks.len());

    let table = rows(&to, Table::Transactions);
    assert_eq!(uint32(&table, "tx_id"), some(0..txs.len() as u32));
    assert_eq!(hex(&table, "txid"), txs.iter().map(|t| t.txid.clone()).collect::<Vec<_>>());
    assert_eq!(int32(&table, "height"), txs.iter().map(|t| t.height).collect::<Vec<_>>());
    assert_eq!(seconds(&table, "time"), txs.iter().map(|t| time(t.height)).collect::<Vec<_>>());
    assert_eq!(int32(&table, "tx_index"), txs.iter().map(|t| t.index).collect::<Vec<_>>());
    assert_eq!(int32(&table, "input_count"), txs.iter().map(|t| t.spends.len() as i32).collect::<Vec<_>>());
    let spent = |t: &Tx| t.spends.iter().map(|o| outs[*o].value).sum::<i64>();
    assert_eq!(int64(&table, "input_sat"), some(txs.iter().map(spent)));
    assert_eq!(int64(&table, "output_sat"), some(txs.iter().map(|t| t.made)));
    let fees = txs.iter().map(|t| (!t.coinbase).then(|| spent(t) - t.made)).collect::<Vec<_>>();
    assert_eq!(int64(&table, "fee_sat"), fees);
    assert!(fees.iter().flatten().any(|fee| *fee > 0));

    let table = rows(&to, Table::Outputs);
    assert_eq!(int64(&table, "output_id"), some(0..outs.len() as i64));
    assert_eq!(uint32(&table, "tx_id"), some(outs.iter().map(|o| o.tx)));
    assert_eq!(int32(&table, "vout"), outs.iter().map(|o| o.vout).collect::<Vec<_>>());
    assert_eq!(int32(&table, "height"), outs.iter().map(|o| o.height).collect::<Vec<_>>());
    assert_eq!(int64(&table, "value_sat"), some(outs.iter().map(|o| o.value)));
    assert_eq!(uint32(&table, "spent_by_tx_id"), outs.iter().map(|o| o.spent_by).collect::<Vec<_>>());
    assert_eq!(
        words(&table, "script_kind"),
        some(outs.iter().map(|o| o.kind)).into_iter().map(|k| k.map(name)).collect::<Vec<_>>()
    );
    let scripts: Vec<bool> = table["script"].as_binary::<i32>().iter().map(|s| s.is_some()).collect();
    assert_eq!(scripts, outs.iter().map(|o| o.kind == ScriptKind::OpReturn).collect::<Vec<_>>());

    // addresses in the order in which they were first paid
    let mut order: Vec<&str> = Vec::new();
    for address in outs.iter().filter_map(|o| o.address.as_deref()) {
        if !order.contains(&address) {
            order.push(address);
        }
    }
    let id_of = |o: &Out| Some(order.iter().position(|a| Some(*a) == o.address.as_deref())? as u32);
    assert_eq!(uint32(&table, "address_id"), outs.iter().map(id_of).collect::<Vec<_>>());

    let table = rows(&to, Table::Inputs);
    let inputs: Vec<(u32, i32, usize)> = txs
        .iter()
        .enumerate()
        .flat_map(|(tx, t)| t.spends.iter().enumerate().map(move |(i, o)| (tx as u32, i as i32, *o)))
        .collect();
    assert_eq!(int64(&table, "input_id"), some(0..inputs.len() as i64));
    assert_eq!(uint32(&table, "tx_id"), some(inputs.iter().map(|i| i.0)));
    assert_eq!(int32(&table, "input_index"), inputs.iter().map(|i| i.1).collect::<Vec<_>>());
    assert_eq!(seconds(&table, "time"), inputs.iter().map(|i| time(txs[i.0 as usize].height)).collect::<Vec<_>>());
    assert_eq!(int64(&table, "spent_output_id"), some(inputs.iter().map(|i| i.2 as i64)));
    assert_eq!(uint32(&table, "prev_tx_id"), some(inputs.iter().map(|i| outs[i.2].tx)));
    assert_eq!(int32(&table, "prev_vout"), inputs.iter().map(|i| outs[i.2].vout).collect::<Vec<_>>());
    assert_eq!(int64(&table, "value_sat"), some(inputs.iter().map(|i| outs[i.2].value)));
    assert_eq!(uint32(&table, "address_id"), inputs.iter().map(|i| id_of(&outs[i.2])).collect::<Vec<_>>());

    // entities by repeatedly joining whoever spent together, until nothing changes
    let mut entity: Vec<u32> = (0..order.len() as u32).collect();
    for _ in 0..order.len() {
        for t in &txs {
            let ids: Vec<u32> = t.spends.iter().filter_map(|o| id_of(&outs[*o])).collect();
            let least = ids.iter().map(|id| entity[*id as usize]).min();
            for id in ids {
                entity[id as usize] = least.unwrap();
            }
        }
    }
    let table = rows(&to, Table::Addresses);
    let texts: Vec<&str> = table["address"].as_string::<i32>().iter().map(Option::unwrap).collect();
    assert_eq!(texts, order);
    assert_eq!(uint32(&table, "entity_id"), some(entity.iter().copied()));
    let of = |id: u32| outs.iter().filter(move |o| id_of(o) == Some(id));
    let ids = || 0..order.len() as u32;
    assert_eq!(int64(&table, "output_count"), some(ids().map(|id| of(id).count() as i64)));
    assert_eq!(int64(&table, "received_sat"), some(ids().map(|id| of(id).map(|o| o.value).sum::<i64>())));
    let spent = |id: u32| of(id).filter(|o| o.spent_by.is_some()).map(|o| o.value).sum::<i64>();
    assert_eq!(int64(&table, "sent_sat"), some(ids().map(spent)));
    let first = |id: u32| of(id).map(|o| o.tx).min().unwrap();
    let last = |id: u32| of(id).map(|o| o.tx.max(o.spent_by.unwrap_or(0))).max().unwrap();
    assert_eq!(uint32(&table, "first_tx_id"), some(ids().map(first)));
    assert_eq!(uint32(&table, "last_tx_id"), some(ids().map(last)));
    let last_height = ids().map(|id| txs[last(id) as usize].height).collect::<Vec<_>>();
    assert_eq!(int32(&table, "last_height"), last_height);

    let table = rows(&to, Table::Entities);
    let names: Vec<u32> = ids().filter(|id| entity[*id as usize] == *id).collect();
    assert!(names.len() < order.len() && names.len() > 2, "lone and joined addresses both");
    assert_eq!(uint32(&table, "entity_id"), some(names.iter().copied()));
    let members = |name: u32| ids().filter(|id| entity[*id as usize] == name).collect::<Vec<_>>();
    assert_eq!(int64(&table, "address_count"), some(names.iter().map(|n| members(*n).len() as i64)));
    let sent = |name: &u32| members(*name).into_iter().map(spent).sum::<i64>();
    assert_eq!(int64(&table, "sent_sat"), some(names.iter().map(sent)));
    let last_of = |name: &u32| members(*name).into_iter().map(last).max().unwrap();
    assert_eq!(uint32(&table, "last_tx_id"), some(names.iter().map(last_of)));
    let texts: Vec<&str> = table["entity"].as_string::<i32>().iter().map(Option::unwrap).collect();
    assert_eq!(texts, names.iter().map(|n| order[*n as usize]).collect::<Vec<_>>());
}

fn name(kind: ScriptKind) -> String {
    match kind {
        ScriptKind::P2pkh => "p2pkh",
        ScriptKind::P2sh => "p2sh",
        ScriptKind::P2wpkh => "p2wpkh",
        ScriptKind::P2wsh => "p2wsh",
        ScriptKind::P2tr => "p2tr",
        ScriptKind::OpReturn => "op-return",
        other => panic!("the fixture has no {other:?}"),
    }
    .into()
}

#[test]
fn rows_depend_neither_on_segments_nor_on_how_files_are_cut() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    store(&at("one"), CHAIN, usize::MAX);
    store(&at("many"), CHAIN, 1);
    run(&at("one"), &at("a"), &settings()).unwrap();
    run(&at("many"), &at("b"), &settings()).unwrap();
    assert!(support::files(&at("a")) == support::files(&at("b")), "segments change the bytes");
    let mut whole = settings();
    whole.sizes = Sizes::default();
    run(&at("many"), &at("c"), &whole).unwrap();
    for table in Table::ALL {
        assert_eq!(rows(&at("a"), table), rows(&at("c"), table), "{table}");
    }
    assert!(support::files(&at("a")).len() > 20 && support::files(&at("c")).len() == Table::ALL.len());
    assert_ne!(SMALL, Sizes::default());
}

#[test]
fn a_range_holds_its_blocks_and_whole_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let (at, to) = (folder.path().join("store"), folder.path().join("tables"));
    store(&at, CHAIN, 2);
    let mut some = settings();
    (some.from, some.to) = (Some(3), Some(4));
    run(&at, &to, &some).unwrap();
    assert_eq!(int32(&rows(&to, Table::Blocks), "height"), [3, 4]);
    assert!(int32(&rows(&to, Table::Inputs), "height").iter().all(|h| *h == 4));
    let (_, outs) = recompute(&fixture::blocks(CHAIN));
    let outputs = rows(&to, Table::Outputs);
    assert_eq!(outputs.num_rows(), outs.iter().filter(|o| (3..=4).contains(&o.height)).count());
    // spent past the range: still the truth at the tip
    let spent: Vec<Option<u32>> = outs.iter().filter(|o| (3..=4).contains(&o.height)).map(|o| o.spent_by).collect();
    assert_eq!(uint32(&outputs, "spent_by_tx_id"), spent);
    let paid = outs.iter().filter(|o| o.address.is_some()).count() as i64;
    assert_eq!(int64(&rows(&to, Table::Addresses), "output_count").iter().flatten().sum::<i64>(), paid);
    assert!(support::files(&to).keys().any(|path| path == "blocks/from_height=0000002/part-0.parquet"));

    // one block that spends nothing: the table of inputs has its columns and no row
    let to = folder.path().join("one");
    (some.from, some.to) = (Some(3), Some(3));
    run(&at, &to, &some).unwrap();
    assert_eq!(rows(&to, Table::Inputs).num_rows(), 0);
    for (from, end, says) in [(Some(5), Some(4), "above"), (None, Some(6), "ends at 5"), (Some(9), None, "above")] {
        (some.from, some.to) = (from, end);
        let error = run(&at, &folder.path().join("none"), &some).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(!folder.path().join("none").exists());
    }
}
