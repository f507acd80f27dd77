//! What the tests of a store share: chains, and everything that a ledger says.
#![allow(dead_code)] // each test file uses its part

use athar_ledger::Ledger;
use athar_types::{AddressId, Height, OutputNum};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Everything the chain says, by names instead of ids.
pub(crate) fn facts(ledger: &Ledger) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for height in 0..ledger.block_count() {
        let block = ledger.block(Height(height)).unwrap();
        assert_eq!(ledger.height_of(&block.hash), Some(Height(height)));
        facts.insert(format!("block {height}"), format!("{} {:?} {}", block.hash, block.txs, block.time()));
    }
    for num in 0..ledger.tx_count() {
        let tx = ledger.tx(athar_types::TxNum(num));
        let txid = ledger.txid(tx.num);
        assert_eq!(ledger.tx_by_id(&txid), Some(tx.num));
        let inputs: Vec<_> = ledger
            .inputs(tx.num)
            .map(|i| {
                assert_eq!(ledger.input_tx(i.num), tx.num);
                (ledger.txid(i.prev_tx), i.prev_vout, i.address.map(|a| ledger.address_text(a)))
            })
            .collect();
        facts.insert(format!("tx {num}"), format!("{txid} {} {inputs:?}", tx.height));
    }
    for num in 0..ledger.output_count() {
        let output = ledger.output(OutputNum(num));
        let (tx, vout) = ledger.output_tx(output.num);
        assert_eq!(ledger.tx_outputs(tx).start + u64::from(vout), num);
        facts.insert(format!("output {num}"), format!("{output:?} {:?}", ledger.output_script(output.num)));
    }
    for id in (0..ledger.address_count()).map(AddressId) {
        let key = ledger.address_key(id);
        assert_eq!(ledger.address_id(&key), Some(id));
        let outputs: Vec<_> = ledger.address_outputs(id).collect();
        assert!(outputs.iter().all(|o| ledger.output_address(*o) == Some(id)));
        facts.insert(format!("address {id}"), format!("{key:?} {outputs:?}"));
    }
    facts
}

/// A chain of `blocks` blocks in which many addresses are paid again and old outputs are spent.
pub(crate) fn long_chain(blocks: usize) -> String {
    let mut text = String::new();
    for b in 0..blocks {
        text.push_str(&format!("block\ncoinbase c{b} -> p2tr/miner{} 50\n", b % 5));
        if b % 2 == 1 {
            // each coinbase is spent once, after twice its height
            text.push_str(&format!("tx s{b}: c{}:0 -> p2wpkh/a{} 20 alice 9 p2wsh/w{b} 5 - 0\n", b / 2, b % 7));
        }
        if b % 4 == 3 {
            // spends what was made in this very block
            text.push_str(&format!("tx u{b}: s{b}:0 s{b}:1 -> p2sh/x{b} 12\n"));
        }
    }
    text
}

/// What is in a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    found
}
