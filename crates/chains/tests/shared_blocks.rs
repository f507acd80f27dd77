//! Real blocks: every byte accounted for, and equality with an independent implementation.
use crate::support;

use athar_chains::bitcoin::write::{TxCollector, write_bytes, write_compact_size};
use athar_chains::bitcoin::{
    FRAME_HEAD_LEN, FrameHead, Header, KeyReveal, NoVisitor, Pushes, Script, Witness, XorKey, classify, decode_block,
    frame_head, key_reveal, pushed_key,
};
use athar_types::address::hash160;
use athar_types::{AddressKey, Hash32, Network, Sats, ScriptKind};
use bitcoin::hashes::Hash;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use support::{checks, shared};

/// Files of `folder` whose name `wanted` accepts, by name; none is a failure.
fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| wanted(&path.file_name().unwrap_or_default().to_string_lossy()))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "nothing found in {}", folder.display());
    found
}

fn single_blocks(data: &Path) -> Vec<PathBuf> {
    let mut found = files(&data.join("bitcoin/single-blocks"), |_| true);
    found.extend(files(&data.join("bitcoin/blocks-with-prevouts"), |name| {
        !name.contains("-undo") && !name.contains("-spent_utxos")
    }));
    found
}

#[test]
fn single_blocks_decode_to_the_byte_and_prove_their_work() {
    let Some(data) = shared::data("single_blocks_decode_to_the_byte_and_prove_their_work") else { return };
    let paths = single_blocks(&data);
    assert_eq!(paths.len(), 12);
    for path in paths {
        let raw = shared::read(&path);
        // re-encodes every part and compares every byte
        assert!(checks::block(&raw), "{}", path.display());
        let decoded = decode_block(&raw, &mut NoVisitor).unwrap();
        assert!(decoded.header.proves_work(&decoded.hash), "{}", path.display());
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(at) = name.find("0000000000") {
            assert_eq!(decoded.hash.to_string(), format!("{:0>64}", &name[at..]), "{name}");
        }
    }
}

#[test]
fn single_blocks_equal_the_reference_library_transaction_by_transaction() {
    let Some(data) = shared::data("single_blocks_equal_the_reference_library_transaction_by_transaction") else {
        return;
    };
    let mut kinds: HashMap<ScriptKind, usize> = HashMap::new();
    for path in single_blocks(&data) {
        let raw = shared::read(&path);
        let theirs: bitcoin::Block = bitcoin::consensus::deserialize(&raw).unwrap();
        let mut seen = TxCollector::default();
        let decoded = decode_block(&raw, &mut seen).unwrap();
        assert_eq!(decoded.hash.0, theirs.block_hash().to_byte_array());
        assert_eq!(seen.txs.len(), theirs.txdata.len());
        for ((head, ours), their) in seen.txs.iter().zip(&theirs.txdata) {
            let txid = head.txid;
            assert_eq!(txid.0, their.compute_txid().to_byte_array());
            assert_eq!(u64::from(head.weight), their.weight().to_wu(), "{txid}");
            assert_eq!(head.size as usize, their.total_size(), "{txid}");
            assert_eq!((ours.inputs.len(), ours.outputs.len()), (their.input.len(), their.output.len()), "{txid}");
            for (index, (our, their)) in ours.inputs.iter().zip(&their.input).enumerate() {
                assert_eq!(our.prev_txid.0, their.previous_output.txid.to_byte_array(), "{txid}");
                assert_eq!(our.prev_vout, their.previous_output.vout, "{txid}");
                assert_eq!(our.script_sig, their.script_sig.as_bytes(), "{txid}");
                assert_eq!(our.sequence, their.sequence.0, "{txid}");
                let witness = ours.witnesses.get(index).cloned().unwrap_or_default();
                assert_eq!(witness, their.witness.to_vec(), "{txid}");
            }
            for (our, their) in ours.outputs.iter().zip(&their.output) {
                assert_eq!(our.value.0, their.value.to_sat(), "{txid}");
                assert_eq!(our.script, their.script_pubkey.as_bytes(), "{txid}");
                let found = classify(&our.script);
                *kinds.entry(found.kind()).or_default() += 1;
                let address = found.address().map(|a| a.to_text(Network::Mainnet));
                let expected = match their.script_pubkey.p2pk_public_key() {
                    Some(key) => Some(bitcoin::Address::p2pkh(key, bitcoin::Network::Bitcoin).to_string()),
                    None => bitcoin::Address::from_script(&their.script_pubkey, bitcoin::Network::Bitcoin)
                        .ok()
                        .map(|a| a.to_string()),
                };
                assert_eq!(address, expected, "{txid}: {}", their.script_pubkey);
            }
        }
    }
    for kind in ScriptKind::ALL {
        let rare = [ScriptKind::WitnessUnknown, ScriptKind::Unknown].contains(&kind);
        let of_other_chains = [ScriptKind::Opaque, ScriptKind::P2sh32].contains(&kind);
        assert!(rare || of_other_chains || kinds.contains_key(&kind), "no {kind:?} in {kinds:?}");
    }
}

/// Blocks of a block file in its order, with nothing between or after them but zeros.
fn frames(file: &[u8]) -> Vec<&[u8]> {
    let mut blocks = Vec::new();
    let mut rest = file;
    while let Some((head, after)) = rest.split_first_chunk::<FRAME_HEAD_LEN>() {
        match frame_head(head) {
            FrameHead::Block { network: Network::Mainnet | Network::Regtest, len } => {
                let (block, after) = after.split_at(len as usize);
                blocks.push(block);
                rest = after;
            }
            FrameHead::Zeros => break,
            other => panic!("{other:?} at byte {}", file.len() - rest.len()),
        }
    }
    assert!(rest.iter().all(|b| *b == 0), "{} bytes are no block", rest.len());
    blocks
}

#[test]
fn the_first_mainnet_blocks_form_one_chain_whose_inputs_all_resolve() {
    let Some(data) = shared::data("the_first_mainnet_blocks_form_one_chain_whose_inputs_all_resolve") else { return };
    let file = shared::read(&data.join("bitcoin/mainnet-0-4312/blocks/blk00000.dat"));
    let blocks = frames(&file);
    assert_eq!(blocks.len(), 4313);
    let mut parents = HashMap::new();
    let mut unspent = HashMap::new();
    let mut seen = TxCollector::default();
    for block in &blocks {
        assert!(checks::block(block));
        let decoded = decode_block(block, &mut seen).unwrap();
        assert!(decoded.header.proves_work(&decoded.hash), "{}", decoded.hash);
        assert_eq!(decoded.header.work(), Some(0x1_0001_0001), "{}", decoded.hash);
        parents.insert(decoded.header.prev, decoded.hash);
    }
    let mut tip = Hash32::ZERO;
    let mut links = 0;
    while let Some(child) = parents.get(&tip) {
        links += 1;
        tip = *child;
    }
    assert_eq!(links, 4313, "one chain from the genesis block");
    assert_eq!(parents[&Hash32::ZERO], Network::Mainnet.genesis());
    for (head, tx) in &seen.txs {
        for (vout, output) in tx.outputs.iter().enumerate() {
            unspent.insert((head.txid, vout as u32), output.value);
        }
    }
    let spending: Vec<_> = seen.txs.iter().filter(|(head, _)| !head.coinbase).collect();
    let mut inputs = 0;
    for (head, tx) in &spending {
        let mut spent = Sats::ZERO;
        for input in &tx.inputs {
            inputs += 1;
            let value = unspent.remove(&(input.prev_txid, input.prev_vout));
            spent = spent.checked_add(value.expect("the spent output is in the file, once")).unwrap();
        }
        let paid: Sats = tx.outputs.iter().map(|o| o.value).sum();
        assert!(paid <= spent, "{}", head.txid);
    }
    assert_eq!((spending.len(), inputs), (58, 247));
    assert_eq!(spending.iter().filter(|(head, _)| head.inputs > 1).count(), 29);
}

#[test]
fn a_block_file_reads_the_same_through_an_xor_key() {
    let Some(data) = shared::data("a_block_file_reads_the_same_through_an_xor_key") else { return };
    let plain = shared::read(&data.join("bitcoin/mainnet-0-4312/blocks/blk00000.dat"));
    let key = XorKey([0x2c, 0x91, 0xf0, 0x05, 0x77, 0xaa, 0x01, 0xfe]);
    let mut file = plain.clone();
    key.apply(&mut file, 0);
    assert!(matches!(frame_head(file.first_chunk().unwrap()), FrameHead::Garbage));
    // as a reader takes it: piece by piece, at offsets that the key's length does not divide
    let mut at = 0;
    for piece in file.chunks_mut(100_003) {
        key.apply(piece, at);
        at += piece.len() as u64;
    }
    assert!(file == plain);
}

/// A spent output: value and locking script.
type Spent = (u64, Vec<u8>);

/// The spent outputs of a block as a JSON list.
fn spent_json(path: &Path) -> Vec<Spent> {
    let list: serde_json::Value = serde_json::from_slice(&shared::read(path)).unwrap();
    list.as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let script = hex::decode(entry["txout"]["script_pubkey"].as_str().unwrap()).unwrap();
            (entry["txout"]["value"].as_u64().unwrap(), script)
        })
        .collect()
}

/// The spent outputs of a block one after the other: value, length, script.
fn spent_undo(path: &Path) -> Vec<Spent> {
    let raw = shared::read(path);
    let mut found = Vec::new();
    let mut rest = &raw[..];
    while !rest.is_empty() {
        let (out, used) = bitcoin::consensus::encode::deserialize_partial::<bitcoin::TxOut>(rest).unwrap();
        found.push((out.value.to_sat(), out.script_pubkey.into_bytes()));
        rest = &rest[used..];
    }
    found
}

struct WithPrevouts {
    height: u32,
    txs: TxCollector,
    spent: Vec<Spent>,
}

fn blocks_with_prevouts(data: &Path) -> Vec<WithPrevouts> {
    let folder = data.join("bitcoin/blocks-with-prevouts");
    let decode = |name: &str| {
        let mut txs = TxCollector::default();
        decode_block(&shared::read(&folder.join(name)), &mut txs).unwrap();
        txs
    };
    let json = |height: u32| WithPrevouts {
        height,
        txs: decode(&format!("block_{height}-raw.zst")),
        spent: spent_json(&folder.join(format!("block_{height}-spent_utxos.zst"))),
    };
    let undo = |height: u32| WithPrevouts {
        height,
        txs: decode(&format!("bcoin-block{height}.raw")),
        spent: spent_undo(&folder.join(format!("bcoin-block{height}-undo.raw"))),
    };
    vec![json(866_342), json(367_891), undo(300_025), undo(928_816)]
}

#[test]
fn fees_balance_with_the_coinbase() {
    let Some(data) = shared::data("fees_balance_with_the_coinbase") else { return };
    for block in blocks_with_prevouts(&data) {
        let (coinbase, others) = block.txs.txs.split_first().unwrap();
        let inputs: usize = others.iter().map(|(_, tx)| tx.inputs.len()).sum();
        assert_eq!(inputs, block.spent.len(), "{}", block.height);
        let spent: u64 = block.spent.iter().map(|(value, _)| value).sum();
        let paid: u64 = others.iter().flat_map(|(_, tx)| &tx.outputs).map(|o| o.value.0).sum();
        let subsidy = (50 * Sats::BTC) >> (block.height / 210_000);
        let created: u64 = coinbase.1.outputs.iter().map(|o| o.value.0).sum();
        assert_eq!(created, subsidy + (spent - paid), "{}", block.height);
    }
}

#[test]
fn counts_equal_what_is_known_of_the_blocks() {
    let Some(data) = shared::data("counts_equal_what_is_known_of_the_blocks") else { return };
    for block in blocks_with_prevouts(&data) {
        let outputs = block.txs.txs.iter().flat_map(|(_, tx)| &tx.outputs);
        let taproot = outputs.filter(|o| classify(&o.script).kind() == ScriptKind::P2tr).count();
        match block.height {
            866_342 => assert_eq!(taproot, 2757),
            367_891 => assert_eq!((taproot, block.spent.len()), (0, 20_817)),
            _ => {}
        }
    }
}

#[test]
fn revealed_keys_are_those_that_the_spent_outputs_name() {
    let Some(data) = shared::data("revealed_keys_are_those_that_the_spent_outputs_name") else { return };
    // spends of P2PKH, of P2WPKH, of P2WPKH wrapped in P2SH
    let mut counts = [0_usize; 3];
    for block in blocks_with_prevouts(&data) {
        let mut spent = block.spent.iter();
        for (head, tx) in &block.txs.txs[1..] {
            for (index, input) in tx.inputs.iter().enumerate() {
                let (_, script) = spent.next().unwrap();
                let items = tx.witnesses.get(index).cloned().unwrap_or_default();
                let mut raw = Vec::new();
                write_compact_size(&mut raw, items.len() as u64);
                for item in &items {
                    write_bytes(&mut raw, item);
                }
                let witness = head.segwit.then(|| Witness::parse(&raw).unwrap().0);
                let reveal = key_reveal(&input.script_sig, witness.as_ref());
                let place = format!("{} input {index}: {reveal:?}", head.txid);
                match (classify(script), reveal) {
                    (Script::P2pkh(hash), KeyReveal::PushedKey { compressed }) => {
                        let key = pushed_key(&input.script_sig).unwrap();
                        assert_eq!(key.len() == 33, compressed, "{place}");
                        assert_eq!(hash160(key), *hash, "{place}");
                        counts[0] += 1;
                    }
                    (Script::P2wpkh(hash), KeyReveal::WitnessKey) => {
                        assert_eq!(hash160(&items[1]), *hash, "{place}");
                        counts[1] += 1;
                    }
                    (Script::P2sh(_), KeyReveal::WrappedKeyHash(key_hash)) => {
                        assert_eq!(hash160(&items[1]), key_hash, "{place}");
                        assert_eq!(classify(script).address(), Some(AddressKey::wrapped_p2wpkh(&key_hash)), "{place}");
                        counts[2] += 1;
                    }
                    (Script::P2pkh(_) | Script::P2wpkh(_), other) => panic!("{place}: {other:?}"),
                    (Script::P2sh(_), KeyReveal::PushedKey { .. }) => {
                        // the form alone does not tell: here the second push is a script of 33 or 65 bytes
                        assert_eq!(Pushes::new(&input.script_sig).count(), 2, "{place}");
                    }
                    (_, found) => assert_eq!(found, KeyReveal::None, "{place}"),
                }
            }
        }
        assert!(spent.next().is_none());
    }
    assert!(counts.iter().all(|n| *n > 100), "{counts:?}");
}

#[test]
fn competing_branches_decode_and_link_to_their_parents() {
    let Some(data) = shared::data("competing_branches_decode_and_link_to_their_parents") else { return };
    let mut headers: HashMap<Hash32, Header> = HashMap::new();
    for path in files(&data.join("bitcoin/reorg"), |name| name.starts_with("btcd-blk_")) {
        let file = shared::read(&path);
        for block in frames(&file) {
            assert!(checks::block(block), "{}", path.display());
            let decoded = decode_block(block, &mut NoVisitor).unwrap();
            assert!(decoded.header.proves_work(&decoded.hash), "{}", path.display());
            headers.insert(decoded.hash, decoded.header);
        }
    }
    assert_eq!(headers.len(), 8);
    let roots = headers.values().filter(|header| !headers.contains_key(&header.prev)).count();
    assert_eq!(roots, 1, "every block but the first has its parent here");
    let mut children: HashMap<Hash32, usize> = HashMap::new();
    for header in headers.values() {
        *children.entry(header.prev).or_default() += 1;
    }
    assert_eq!(children.values().filter(|n| **n > 1).count(), 1, "one fork");
}
