//! Equality with an independent implementation, the `bitcoin` crate, on random transactions, blocks and scripts.
use crate::support;

use athar_chains::bitcoin::write::{BlockBuilder, OwnedInput, OwnedOutput, OwnedTx, TxCollector};
use athar_chains::bitcoin::{
    HEADER_LEN, Header, NoVisitor, Script, classify, decode_block, decode_tx_with, find_magic, merkle_root,
};
use athar_types::{AddressKey, Hash32, Network, ScriptKind, UnixTime};
use bitcoin::consensus::{deserialize, serialize};
use bitcoin::hashes::Hash;
use proptest::collection::vec;
use proptest::prelude::*;
use support::fixtures::{SplitMix, coinbase};

const MONEY_MAX: u64 = 2_100_000_000_000_000;

fn input(script_len: impl Strategy<Value = usize>) -> impl Strategy<Value = OwnedInput> {
    let script = script_len.prop_flat_map(|len| vec(any::<u8>(), len));
    (any::<[u8; 32]>(), any::<u32>(), script, any::<u32>()).prop_map(|(txid, prev_vout, script_sig, sequence)| {
        OwnedInput { prev_txid: Hash32(txid), prev_vout, script_sig, sequence }
    })
}

/// Counts and lengths on both sides of where a CompactSize grows.
fn inputs() -> impl Strategy<Value = Vec<OwnedInput>> {
    let usual = input(prop_oneof![8 => 0..120_usize, 1 => 250..260_usize]);
    prop_oneof![30 => vec(usual, 1..5), 1 => vec(input(65_530..65_540_usize), 1), 1 => vec(input(0..3_usize), 250..256)]
}

fn tx() -> impl Strategy<Value = OwnedTx> {
    let output = (0..MONEY_MAX / 300, script())
        .prop_map(|(value, script)| OwnedOutput { value: athar_types::Sats(value), script });
    let outputs = prop_oneof![30 => vec(output.clone(), 1..5), 1 => vec(output, 250..256)];
    let item = prop_oneof![9 => vec(any::<u8>(), 0..80), 1 => vec(any::<u8>(), 250..260)];
    let witnesses = prop_oneof![vec(vec(item, 0..4), 0..4), Just(Vec::new())];
    (any::<i32>(), inputs(), outputs, any::<u32>(), witnesses).prop_map(
        |(version, inputs, outputs, locktime, witnesses)| OwnedTx { version, inputs, outputs, locktime, witnesses },
    )
}

/// Scripts of every kind, some with one byte changed, and noise.
fn script() -> impl Strategy<Value = Vec<u8>> + Clone {
    let known = any::<u64>().prop_map(|seed| support::fixtures::script(&mut SplitMix(seed)));
    let changed = (known.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut script, at, byte)| {
        let at = at.index(script.len());
        script[at] = byte;
        script
    });
    prop_oneof![4 => known, 2 => changed, 1 => vec(any::<u8>(), 0..60)]
}

/// Keys of either form, each pushed directly.
fn keys() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let short = (2..=3_u8, any::<[u8; 32]>()).prop_map(|(first, x)| [&[first], &x[..]].concat());
    let long = (prop_oneof![Just(4_u8), Just(6), Just(7)], any::<[u8; 32]>(), any::<[u8; 32]>())
        .prop_map(|(first, x, y)| [&[first], &x[..], &y].concat());
    vec(prop_oneof![short, long], 1..=16)
}

fn same_network(network: Network) -> bitcoin::Network {
    match network {
        Network::Mainnet => bitcoin::Network::Bitcoin,
        Network::Testnet3 => bitcoin::Network::Testnet,
        Network::Testnet4 => bitcoin::Network::Testnet4,
        Network::Signet => bitcoin::Network::Signet,
        Network::Regtest => bitcoin::Network::Regtest,
    }
}

/// What the oracle says an output pays, in our words.
fn oracle_address(script: &bitcoin::Script, network: Network) -> Option<String> {
    bitcoin::Address::from_script(script, same_network(network)).ok().map(|address| address.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn transactions_are_written_and_read_as_the_oracle_does(tx in tx()) {
        let mut raw = Vec::new();
        tx.write(&mut raw);
        let theirs: bitcoin::Transaction = deserialize(&raw).unwrap();
        prop_assert_eq!(serialize(&theirs), raw.clone());
        raw.extend_from_slice(b"rest");
        let mut seen = TxCollector::default();
        let (head, used) = decode_tx_with(&raw, &mut seen).unwrap();
        prop_assert_eq!(used, raw.len() - 4);
        prop_assert_eq!(head.txid.0, theirs.compute_txid().to_byte_array());
        prop_assert_eq!(tx.txid(), head.txid);
        prop_assert_eq!(u64::from(head.weight), theirs.weight().to_wu());
        prop_assert_eq!(head.size as usize, theirs.total_size());
        prop_assert_eq!(head.version, theirs.version.0);
        prop_assert_eq!(head.locktime, theirs.lock_time.to_consensus_u32());
        prop_assert_eq!(head.coinbase, theirs.is_coinbase());
        prop_assert_eq!((head.inputs as usize, head.outputs as usize), (theirs.input.len(), theirs.output.len()));
        let ours = &seen.txs[0].1;
        for (index, (our, their)) in ours.inputs.iter().zip(&theirs.input).enumerate() {
            prop_assert_eq!(our.prev_txid.0, their.previous_output.txid.to_byte_array());
            prop_assert_eq!(our.prev_vout, their.previous_output.vout);
            prop_assert_eq!(&our.script_sig[..], their.script_sig.as_bytes());
            prop_assert_eq!(our.sequence, their.sequence.0);
            let items = ours.witnesses.get(index).cloned().unwrap_or_default();
            prop_assert_eq!(items, their.witness.to_vec());
        }
        for (our, their) in ours.outputs.iter().zip(&theirs.output) {
            prop_assert_eq!(our.value.0, their.value.to_sat());
            prop_assert_eq!(&our.script[..], their.script_pubkey.as_bytes());
        }
    }

    #[test]
    fn bytes_that_we_take_for_a_transaction_the_oracle_takes_too_and_the_reverse(
        tx in tx(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut raw = Vec::new();
        tx.write(&mut raw);
        let at = at.index(raw.len());
        raw[at] = byte;
        if cut {
            raw.truncate(at);
        }
        let ours = decode_tx_with(&raw, &mut NoVisitor);
        let theirs = bitcoin::consensus::encode::deserialize_partial::<bitcoin::Transaction>(&raw);
        match (ours, theirs) {
            (Ok((head, used)), Ok((their, their_used))) => {
                prop_assert_eq!(head.txid.0, their.compute_txid().to_byte_array());
                prop_assert_eq!(used, their_used);
            }
            (Ok(_), Err(error)) => prop_assert!(false, "refused by the oracle only: {}", error),
            // beyond encoding, we also refuse what Bitcoin Core's CheckTransaction does
            (Err(error), Ok((their, _))) => {
                let sum: u64 = their.output.iter().fold(0, |sum, o| sum.saturating_add(o.value.to_sat()));
                let null = their.input.iter().any(|i| i.previous_output.is_null());
                let broken = their.input.is_empty() || their.output.is_empty() || sum > MONEY_MAX || null;
                prop_assert!(broken, "refused by us only: {}", error);
            }
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn addresses_and_kinds_of_scripts_equal_the_oracles(script in script(), network in 0..5_usize) {
        let network = Network::ALL[network];
        let theirs = bitcoin::Script::from_bytes(&script);
        let ours = classify(&script);
        let kind = ours.kind();
        prop_assert_eq!(kind == ScriptKind::P2pkh, theirs.is_p2pkh());
        prop_assert_eq!(kind == ScriptKind::P2sh, theirs.is_p2sh());
        prop_assert_eq!(kind == ScriptKind::P2wpkh, theirs.is_p2wpkh());
        prop_assert_eq!(kind == ScriptKind::P2wsh, theirs.is_p2wsh());
        prop_assert_eq!(kind == ScriptKind::P2tr, theirs.is_p2tr());
        prop_assert_eq!(kind == ScriptKind::OpReturn, theirs.is_op_return());
        // the oracle asks less of a key's first byte
        prop_assert!(kind != ScriptKind::P2pk || theirs.is_p2pk());
        prop_assert!(kind != ScriptKind::Multisig || theirs.is_multisig());
        if kind == ScriptKind::P2pk {
            let hash = bitcoin::PubkeyHash::hash(&script[1..script.len() - 1]);
            let address = bitcoin::Address::p2pkh(hash, same_network(network));
            prop_assert_eq!(ours.address().unwrap().to_text(network), address.to_string());
        } else {
            let text = ours.address().map(|address| address.to_text(network));
            prop_assert_eq!(text, oracle_address(theirs, network));
        }
    }

    #[test]
    fn bare_multisig_gives_the_keys_that_were_put_in(keys in keys(), required in any::<prop::sample::Index>()) {
        let required = 1 + required.index(keys.len()) as u8;
        let mut script = vec![0x50 + required];
        for key in &keys {
            script.push(key.len() as u8);
            script.extend_from_slice(key);
        }
        script.extend_from_slice(&[0x50 + keys.len() as u8, 0xae]);
        prop_assert!(bitcoin::Script::from_bytes(&script).is_multisig());
        match classify(&script) {
            Script::Multisig { required: found, keys: given } => {
                prop_assert_eq!(found, required);
                prop_assert_eq!(given.map(<[u8]>::to_vec).collect::<Vec<_>>(), keys);
            }
            other => prop_assert!(false, "taken for {:?}", other),
        }
    }

    #[test]
    fn headers_and_their_work_equal_the_oracles(raw in any::<[[u8; 16]; 5]>(), size in 0x12..=0x20_u32, mantissa in 1..0x80_0000_u32) {
        let mut raw: [u8; HEADER_LEN] = raw.as_flattened().try_into().unwrap();
        raw[72..76].copy_from_slice(&(size << 24 | mantissa).to_le_bytes());
        let ours = Header::parse(&raw);
        prop_assert_eq!(ours.encode(), raw);
        let theirs: bitcoin::block::Header = deserialize(&raw).unwrap();
        prop_assert_eq!(Header::hash(&raw).0, theirs.block_hash().to_byte_array());
        prop_assert_eq!(ours.version, theirs.version.to_consensus());
        prop_assert_eq!(ours.prev.0, theirs.prev_blockhash.to_byte_array());
        prop_assert_eq!(ours.merkle_root.0, theirs.merkle_root.to_byte_array());
        prop_assert_eq!((ours.time, ours.nonce), (UnixTime(theirs.time), theirs.nonce));
        let mut work = [0; 32];
        match ours.work() {
            Some(ours) => work[16..].copy_from_slice(&ours.to_be_bytes()),
            None => prop_assert!(mantissa < 0x100 && size <= 0x12, "{:x} {:x}", size, mantissa),
        }
        if ours.work().is_some() {
            prop_assert_eq!(work, theirs.work().to_be_bytes());
        }
        let target_met = theirs.target().is_met_by(theirs.block_hash());
        prop_assert_eq!(ours.proves_work(&Header::hash(&raw)), target_met);
    }

    #[test]
    fn merkle_roots_equal_the_oracles(txids in vec(any::<[u8; 32]>(), 1..80)) {
        let ours = merkle_root(&txids.iter().map(|t| Hash32(*t)).collect::<Vec<_>>());
        let theirs = bitcoin::merkle_tree::calculate_root(
            txids.iter().map(|t| bitcoin::Txid::from_byte_array(*t)),
        );
        prop_assert_eq!(ours.0, theirs.unwrap().to_byte_array());
    }

    #[test]
    fn a_magic_is_found_at_its_first_place(data in vec(prop_oneof![Just(0xf9_u8), Just(0xbe), Just(0xb4), Just(0xd9), any::<u8>()], 0..64)) {
        let magic = Network::Mainnet.params().magic;
        prop_assert_eq!(find_magic(&data, Some(Network::Mainnet)), data.windows(4).position(|w| w == magic));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn blocks_are_written_and_read_as_the_oracle_does(txs in vec(tx(), 0..12), height in any::<u32>()) {
        let mut builder = BlockBuilder::new();
        builder.push(&coinbase(height));
        for tx in &txs {
            builder.push(tx);
        }
        let mut raw = Vec::new();
        let (header, hash) = builder.finish(&mut raw, 4, Hash32([7; 32]), UnixTime(height), 0x207f_ffff).unwrap();
        let theirs: bitcoin::Block = deserialize(&raw).unwrap();
        prop_assert!(theirs.check_merkle_root());
        prop_assert_eq!(theirs.block_hash().to_byte_array(), hash.0);
        prop_assert!(theirs.header.validate_pow(theirs.header.target()).is_ok());
        let mut seen = TxCollector::default();
        let decoded = decode_block(&raw, &mut seen).unwrap();
        prop_assert_eq!((decoded.header, decoded.hash), (header, hash));
        prop_assert_eq!(decoded.tx_count as usize, theirs.txdata.len());
        for (index, ((head, _), their)) in seen.txs.iter().zip(&theirs.txdata).enumerate() {
            prop_assert_eq!(head.txid.0, their.compute_txid().to_byte_array());
            prop_assert_eq!(u64::from(head.weight), their.weight().to_wu());
            prop_assert_eq!(head.coinbase, index == 0);
        }
        let weights: u64 = seen.txs.iter().map(|(head, _)| u64::from(head.weight)).sum();
        let count_len = if theirs.txdata.len() < 0xfd { 1 } else { 3 };
        prop_assert_eq!(weights + 4 * (HEADER_LEN as u64 + count_len), theirs.weight().to_wu());
    }
}

#[test]
fn a_wrapped_key_hash_is_the_p2sh_address_of_its_program() {
    let program = bitcoin::ScriptBuf::new_p2wpkh(&bitcoin::WPubkeyHash::from_byte_array([3; 20]));
    let theirs = bitcoin::Address::p2sh(&program, bitcoin::Network::Bitcoin).unwrap();
    assert_eq!(AddressKey::wrapped_p2wpkh(&[3; 20]).to_text(Network::Mainnet), theirs.to_string());
}
