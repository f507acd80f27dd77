//! Every rule of consensus but the signatures', checked with the reference library on whole small worlds.

use crate::common;

use athar_simulate::Settings;
use bitcoin::{Amount, Block, OutPoint, ScriptBuf, Target, TxOut, hashes::Hash, script::Instruction};
use common::World;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Regtest's subsidy, stated anew.
fn subsidy(height: usize) -> u64 {
    (0..height / 150).fold(5_000_000_000, |value, _| value / 2)
}

/// Checks headers, merkle roots, commitments and heights.
fn check_blocks(chain: &[Block]) {
    assert_eq!(chain[0], bitcoin::constants::genesis_block(bitcoin::Network::Regtest));
    for (height, block) in chain.iter().enumerate() {
        assert!(block.check_merkle_root(), "{height}");
        assert!(block.check_witness_commitment(), "{height}");
        assert_eq!(block.header.target(), Target::MAX_ATTAINABLE_REGTEST);
        block.header.validate_pow(Target::MAX_ATTAINABLE_REGTEST).unwrap();
        if height > 0 {
            // the reference library does not read the opcodes that push 1 to 16
            match height {
                1..=16 => assert_eq!(block.txdata[0].input[0].script_sig.as_bytes()[0], 0x50 + height as u8),
                _ => assert_eq!(block.bip34_block_height().unwrap(), height as u64),
            }
            assert_eq!(block.header.prev_blockhash, chain[height - 1].block_hash());
            let mut last: Vec<u32> = chain[height.saturating_sub(11)..height].iter().map(|b| b.header.time).collect();
            last.sort_unstable();
            assert!(block.header.time > last[last.len() / 2], "{height}: above the median of the eleven before");
            assert!(block.weight().to_wu() <= 4_000_000);
            let script = &block.txdata[0].input[0].script_sig;
            assert!((2..=100).contains(&script.len()));
        }
    }
}

/// Checks that every input spends an unspent, mature output, that nothing is made of nothing, and that what spends
/// reveal hashes to what they spend. Returns spending inputs and outputs.
fn check_money(chain: &[Block]) -> (u64, u64) {
    let mut unspent: HashMap<OutPoint, (TxOut, usize, bool)> = HashMap::new();
    let (mut inputs, mut outputs) = (0, 0);
    for (height, block) in chain.iter().enumerate() {
        let mut fees = 0;
        for (place, tx) in block.txdata.iter().enumerate() {
            let made: u64 = tx.output.iter().map(|o| o.value.to_sat()).sum();
            if place > 0 {
                let mut had = 0;
                for input in &tx.input {
                    let (spent, born, coinbase) = unspent.remove(&input.previous_output).expect("an unspent output");
                    assert!(!coinbase || height >= born + 100, "a coinbase of {born} spent at {height}");
                    check_reveal(&spent.script_pubkey, &input.script_sig, &input.witness);
                    had += spent.value.to_sat();
                    inputs += 1;
                }
                assert!(had > made, "a fee is paid");
                let rate = (had - made) * 1000 / tx.weight().to_wu().div_ceil(4);
                assert!((1000..2_000_000).contains(&rate), "a fee of {rate} satoshi a kvB");
                fees += had - made;
            }
            let txid = tx.compute_txid();
            for (vout, output) in tx.output.iter().enumerate() {
                let data = output.script_pubkey.is_op_return();
                assert!(data == (output.value == Amount::ZERO), "money in every output but data");
                assert!(data || output.value >= output.script_pubkey.minimal_non_dust(), "no dust");
                if !data {
                    let key = OutPoint::new(txid, vout as u32);
                    unspent.insert(key, (output.clone(), height, place == 0));
                }
                outputs += u64::from(!data || place > 0);
            }
        }
        let reward: u64 = block.txdata[0].output.iter().map(|o| o.value.to_sat()).sum();
        assert_eq!(reward, subsidy(height) + fees, "the coinbase of {height}");
    }
    (inputs, outputs)
}

fn check_reveal(locked: &ScriptBuf, script: &ScriptBuf, witness: &bitcoin::Witness) {
    let pushes: Vec<&[u8]> = script
        .instructions()
        .filter_map(|i| match i.unwrap() {
            Instruction::PushBytes(bytes) => Some(bytes.as_bytes()),
            Instruction::Op(_) => None,
        })
        .collect();
    let hash160 = |data: &[u8]| bitcoin::hashes::hash160::Hash::hash(data).to_byte_array();
    let program = locked.as_bytes();
    if locked.is_p2pkh() {
        assert_eq!(program[3..23], hash160(pushes[1]));
    } else if locked.is_p2sh() {
        assert_eq!(program[2..22], hash160(pushes.last().unwrap()));
        if let Some(key) = witness.nth(1) {
            assert_eq!(pushes[0][2..], hash160(key));
        }
    } else if locked.is_p2wpkh() {
        assert_eq!(program[2..], hash160(witness.nth(1).unwrap()));
    } else if locked.is_p2wsh() {
        assert_eq!(program[2..], Sha256::digest(witness.last().unwrap())[..]);
    } else if locked.is_p2tr() {
        assert_eq!(witness.iter().map(<[u8]>::len).collect::<Vec<_>>(), [64]);
    }
    for signature in pushes.iter().copied().chain(witness.iter()).filter(|b| matches!(b.len(), 71 | 72)) {
        bitcoin::ecdsa::Signature::from_slice(signature).expect("DER");
    }
}

#[test]
fn a_small_economy_obeys_every_rule_but_the_signatures() {
    let world = World::new(|s| s);
    check_blocks(&world.chain);
    let (inputs, outputs) = check_money(&world.chain);
    let txs: usize = world.chain.iter().map(|b| b.txdata.len()).sum();
    assert_eq!(txs, 20_000, "exactly as many transactions as asked for");
    let summary = &world.summary;
    assert_eq!((summary.inputs, summary.outputs), (inputs, outputs));
    assert_eq!((summary.txs, summary.blocks), (20_000, world.chain.len() as u64));
    assert_eq!(summary.stale_blocks as usize, world.stored.len() - world.chain.len());
    let days = (world.chain[world.chain.len() - 1].header.time - world.chain[1].header.time) / 86_400;
    assert!((1050..1150).contains(&days), "about three years: {days} days");
    let kinds = |f: fn(&ScriptBuf) -> bool| {
        world.chain.iter().flat_map(|b| &b.txdata).flat_map(|t| &t.output).filter(|o| f(&o.script_pubkey)).count()
    };
    for (kind, count) in [
        ("P2PK", kinds(|s| s.len() == 35 && s.as_bytes()[34] == 0xac)),
        ("long P2PK", kinds(|s| s.len() == 67)),
        ("P2PKH", kinds(|s| s.is_p2pkh())),
        ("P2SH", kinds(|s| s.is_p2sh())),
        ("P2WPKH", kinds(|s| s.is_p2wpkh())),
        ("P2WSH", kinds(|s| s.is_p2wsh())),
        ("P2TR", kinds(|s| s.is_p2tr())),
        ("bare multisig", kinds(|s| s.is_multisig())),
        ("OP_RETURN", kinds(|s| s.is_op_return())),
    ] {
        assert!(count > 0, "no {kind}");
    }
}

#[test]
fn stale_blocks_are_whole_and_lie_between_the_others_out_of_order() {
    let world = World::new(|s| Settings { seed: 5, txs: 10_000, ..s });
    let heights: HashMap<_, _> = world.chain.iter().enumerate().map(|(h, b)| (b.block_hash(), h)).collect();
    let stale: Vec<&Block> = world.stored.iter().filter(|b| !heights.contains_key(&b.block_hash())).collect();
    assert!(!stale.is_empty());
    for block in stale {
        assert!(block.check_merkle_root() && block.check_witness_commitment());
        block.header.validate_pow(Target::MAX_ATTAINABLE_REGTEST).unwrap();
    }
    let order: Vec<usize> = world.stored.iter().filter_map(|b| heights.get(&b.block_hash()).copied()).collect();
    assert!(order.windows(2).any(|w| w[0] > w[1]), "some blocks arrive late");
    let calm = World::new(|s| Settings { seed: 5, txs: 10_000, disorder: false, xor: false, ..s });
    assert_eq!(calm.stored, calm.chain);
    assert_eq!(std::fs::read(calm.path("blocks/xor.dat")).unwrap(), [0; 8]);
    assert_eq!(calm.summary.stale_blocks, 0);
    check_money(&calm.chain);
}

#[test]
fn the_profile_is_valid_and_has_its_shape() {
    let world = World::new(|s| Settings::profile(3, 60_000, s.out));
    check_blocks(&world.chain);
    let (inputs, outputs) = check_money(&world.chain);
    assert_eq!((world.summary.inputs, world.summary.outputs), (inputs, outputs));
    let txs: Vec<_> = world.chain[201..].iter().flat_map(|b| &b.txdata[1..]).collect();
    assert_eq!(world.chain.iter().map(|b| b.txdata.len()).sum::<usize>(), 60_000);
    let count = txs.len() as f64;
    let mean = |f: &dyn Fn(&bitcoin::Transaction) -> usize| txs.iter().map(|t| f(t)).sum::<usize>() as f64 / count;
    let close = |value: f64, wanted: f64, percent: f64| (value / wanted - 1.0).abs() < percent / 100.0;
    assert!(close(mean(&|t| t.input.len()), 2.37, 2.0), "{} inputs", mean(&|t| t.input.len()));
    assert!(close(mean(&|t| t.output.len()), 2.61, 2.0), "{} outputs", mean(&|t| t.output.len()));
    assert!(close(mean(&|t| t.total_size()), 496.0, 5.0), "{} bytes", mean(&|t| t.total_size()));
    let scripts: std::collections::HashSet<_> =
        world.chain.iter().flat_map(|b| &b.txdata).flat_map(|t| &t.output).map(|o| &o.script_pubkey).collect();
    let each = outputs as f64 / scripts.len() as f64;
    assert!(close(each, 2.5, 5.0), "{each} outputs an address");
}

#[test]
fn a_service_of_the_profile_gathers_its_share_of_the_outputs() {
    let world = World::new(|s| Settings { hub_permille: 400, ..Settings::profile(3, 60_000, s.out) });
    check_blocks(&world.chain);
    check_money(&world.chain);
    assert_eq!(world.chain.iter().map(|b| b.txdata.len()).sum::<usize>(), 60_000);
    // sweeps spend a hundred deposits and, but for the first, the coin that the one before them left at the hot address
    let sweeps: Vec<_> =
        world.chain.iter().flat_map(|b| &b.txdata[1..]).filter(|t| (100..=101).contains(&t.input.len())).collect();
    assert!(sweeps.len() > 500, "{}", sweeps.len());
    let hot = &sweeps[0].output[0].script_pubkey;
    assert!(sweeps.iter().all(|t| t.output[0].script_pubkey == *hot));
    for pair in sweeps.windows(2) {
        let spent = pair[1].input[100].previous_output;
        assert_eq!((spent.txid, spent.vout), (pair[0].compute_txid(), 0));
    }
}
