//! The node's answers agree with each other, and the world holds what the comparisons are about. Without this, a world
//! that lost half of its cases would pass every comparison.

use crate::{
    files::{MAGIC, block_files},
    fixture::{Fixture, fixture},
};
use athar_node_tests::{NodeOutput, OutPointText};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

/// Outputs that the chain's inputs leave unspent and that the node keeps in its set: not the genesis coinbase, which
/// no rule lets anybody spend, and nothing that starts with OP_RETURN.
fn unspent(fixture: &Fixture) -> BTreeMap<OutPointText, (u32, &NodeOutput)> {
    fixture
        .chain
        .outputs()
        .filter(|(height, _, output)| *height > 0 && output.spent_by.is_none() && !output.script_hex.starts_with("6a"))
        .map(|(height, at, output)| (at, (height, output)))
        .collect()
}

#[test]
fn balances_from_blocks_sum_to_the_nodes_set_of_unspent_outputs() {
    let Some(fixture) = fixture() else { return };
    let unspent = unspent(fixture);
    assert_eq!(unspent.len() as u64, fixture.utxo.outputs);
    assert_eq!(unspent.values().map(|(_, output)| output.value_sat).sum::<u64>(), fixture.utxo.total_sat);

    let accounts = fixture.chain.accounts();
    let held: u64 = accounts.values().map(athar_node_tests::Account::balance_sat).sum();
    let nameless: u64 =
        unspent.values().filter(|(_, output)| output.address.is_none()).map(|(_, output)| output.value_sat).sum();
    let genesis = fixture.chain.blocks[0].txs[0].outputs[0].value_sat;
    assert_eq!(held + nameless, fixture.utxo.total_sat + genesis);
}

#[test]
fn every_unspent_output_is_found_by_its_script_with_the_same_amount_and_height() {
    let Some(fixture) = fixture() else { return };
    let mut expected = unspent(fixture);
    expected.retain(|_, (_, output)| !output.script_hex.is_empty());
    assert_eq!(expected.keys().collect::<Vec<_>>(), fixture.utxo.found.keys().collect::<Vec<_>>());
    for (at, (height, output)) in expected {
        let found = &fixture.utxo.found[&at];
        assert_eq!((found.value_sat, found.height), (output.value_sat, u64::from(height)), "{at:?}");
        assert_eq!(found.script_hex, output.script_hex, "{at:?}");
    }
}

#[test]
fn every_input_repeats_the_output_that_it_spends_and_fees_balance() {
    let Some(fixture) = fixture() else { return };
    let outputs: HashMap<OutPointText, &NodeOutput> =
        fixture.chain.outputs().map(|(_, at, output)| (at, output)).collect();
    let mut inputs = 0;
    for (height, block) in fixture.chain.blocks.iter().enumerate() {
        let mut fees = 0;
        for tx in &block.txs {
            let paid: u64 = tx.outputs.iter().map(|output| output.value_sat).sum();
            let mut funded = 0;
            for (index, input) in tx.inputs.iter().enumerate() {
                let spent = outputs[&input.prev];
                assert_eq!((input.value_sat, &input.address), (spent.value_sat, &spent.address), "{:?}", input.prev);
                assert_eq!(input.script_hex, spent.script_hex, "{:?}", input.prev);
                assert_eq!(spent.spent_by, Some((tx.txid.clone(), index as u32)));
                funded += input.value_sat;
                inputs += 1;
            }
            if let Some(fee) = tx.fee_sat {
                assert_eq!(funded - paid, fee, "{}", tx.txid);
                fees += fee;
            }
        }
        // regtest halves the subsidy every 150 blocks
        let subsidy = 5_000_000_000_u64 >> (height / 150);
        let minted: u64 = block.txs[0].outputs.iter().map(|output| output.value_sat).sum();
        // a block of exactly the transactions that were asked for leaves their fees to nobody
        let unclaimed = block.txs.iter().any(|tx| fixture.world.special_txids.contains(&tx.txid));
        assert_eq!(minted, subsidy + if unclaimed { 0 } else { fees }, "height {height}");
    }
    let spent = outputs.values().filter(|output| output.spent_by.is_some()).count();
    assert_eq!(spent, inputs);
}

#[test]
fn the_world_holds_every_case_that_is_compared() {
    let Some(fixture) = fixture() else { return };
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (_, _, output) in fixture.chain.outputs() {
        let (made, spent) = kinds.entry(output.kind.as_str()).or_default();
        *made += 1;
        *spent += usize::from(output.spent_by.is_some());
    }
    let spent_kinds = [
        "pubkey",
        "pubkeyhash",
        "scripthash",
        "multisig",
        "witness_v0_keyhash",
        "witness_v0_scripthash",
        "witness_v1_taproot",
        "witness_unknown",
        "nonstandard",
    ];
    for kind in spent_kinds {
        let (made, spent) = kinds.get(kind).copied().unwrap_or_default();
        assert!(made > spent && spent > 0, "{kind}: {made} made, {spent} spent of {kinds:?}");
    }
    assert!(kinds["nulldata"].0 > 4, "{kinds:?}");

    let txs: Vec<_> = fixture.chain.txs().map(|(_, tx)| tx).collect();
    assert!(txs.len() > 500, "{} transactions", txs.len());
    assert!(txs.iter().filter(|tx| tx.inputs.len() > 1).count() > 50);
    assert!(txs.iter().filter(|tx| tx.outputs.len() > 10).count() > 10);
    assert!(fixture.chain.accounts().values().filter(|account| account.outputs > 2).count() > 50);
    // some block spends what it made
    let same_block = fixture.chain.blocks.iter().any(|block| {
        let own: BTreeSet<&String> = block.txs.iter().map(|tx| &tx.txid).collect();
        block.txs.iter().flat_map(|tx| &tx.inputs).any(|input| own.contains(&input.prev.0))
    });
    assert!(same_block);
    let in_chain: BTreeSet<&String> = txs.iter().map(|tx| &tx.txid).collect();
    assert!(fixture.world.special_txids.iter().all(|txid| in_chain.contains(txid)));
}

#[test]
fn the_stale_branch_is_in_the_files_and_not_in_the_best_chain() {
    let Some(fixture) = fixture() else { return };
    let best: BTreeSet<&String> = fixture.chain.blocks.iter().map(|block| &block.hash).collect();
    assert_eq!(fixture.world.stale_blocks.len(), 3);
    assert!(fixture.world.stale_blocks.iter().all(|hash| !best.contains(hash)));
    assert!(fixture.chain.txs().all(|(_, tx)| tx.txid != fixture.world.replaced_txid));

    let blocks = fixture.chain.blocks.len() + fixture.world.stale_blocks.len();
    for folder in [&fixture.blocks, &fixture.shuffled_blocks] {
        let found: usize = block_files(folder).iter().map(Vec::len).sum();
        assert_eq!(found, blocks, "{}", folder.display());
    }
}

#[test]
fn one_node_wrote_xored_files_in_order_and_the_other_plain_files_out_of_order() {
    let Some(fixture) = fixture() else { return };
    let first = fs::read(fixture.blocks.join("blk00000.dat")).unwrap();
    assert_ne!(first[..4], MAGIC);
    let plain = fs::read(fixture.shuffled_blocks.join("blk00000.dat")).unwrap();
    assert_eq!(plain[..4], MAGIC);
    assert!(block_files(&fixture.shuffled_blocks).len() > 2);

    // a child that stands before its parent
    let out_of_order = |folder: &Path| {
        let mut seen: BTreeSet<Vec<u8>> = BTreeSet::from([vec![0; 32]]);
        let mut found = false;
        for block in block_files(folder).iter().flatten() {
            let header = &block[8..88];
            found |= !seen.contains(&header[4..36]);
            seen.insert(double_sha256(header));
        }
        found
    };
    assert!(!out_of_order(&fixture.blocks));
    assert!(out_of_order(&fixture.shuffled_blocks));
}

fn double_sha256(bytes: &[u8]) -> Vec<u8> {
    use bitcoin::hashes::{Hash, sha256d};
    sha256d::Hash::hash(bytes).to_byte_array().to_vec()
}
