//! What must hold for any bytes at all. The fuzz targets and the seeded random tests run the same checks.

use athar_chains::bitcoin::write::{TxCollector, write_compact_size};
use athar_chains::bitcoin::{
    ASM_LEN_MAX, BLOCK_LEN_MAX, BLOCK_LEN_MIN, FrameHead, HEADER_LEN, KeyReveal, Pushes, Script, Witness, XorKey,
    classify, decode_block, decode_tx_with, disassemble, find_magic, frame_head, key_reveal, op_return_payload,
    pushed_key,
};
use athar_types::{Network, ScriptKind, address::parse_bitcoin};

/// A block is refused at a place inside it, or every byte of it is accounted for. Says whether it was accepted.
pub(crate) fn block(data: &[u8]) -> bool {
    let mut seen = TxCollector::default();
    match decode_block(data, &mut seen) {
        Err(error) => {
            assert!(error.offset <= data.len(), "{error}");
            assert!(error.to_string().starts_with("byte "));
            false
        }
        Ok(decoded) => {
            assert_eq!(decoded.tx_count as usize, seen.txs.len());
            let mut again = decoded.header.encode().to_vec();
            write_compact_size(&mut again, seen.txs.len() as u64);
            for (head, tx) in &seen.txs {
                let start = again.len();
                tx.write(&mut again);
                assert_eq!(head.size as usize, again.len() - start);
                assert_eq!(head.txid, tx.txid());
                assert_eq!((head.inputs as usize, head.outputs as usize), (tx.inputs.len(), tx.outputs.len()));
                for output in &tx.outputs {
                    script(&output.script);
                }
            }
            assert!(again == data, "re-encoded differs");
            true
        }
    }
}

/// As [`block`], of a transaction at the start of `data`.
pub(crate) fn tx(data: &[u8]) -> bool {
    let mut seen = TxCollector::default();
    match decode_tx_with(data, &mut seen) {
        Err(error) => {
            assert!(error.offset <= data.len(), "{error}");
            false
        }
        Ok((head, used)) => {
            assert_eq!(head.size as usize, used);
            let mut again = Vec::new();
            seen.txs[0].1.write(&mut again);
            assert!(again == data[..used], "re-encoded differs");
            true
        }
    }
}

/// Any bytes are a script of one kind; an address read back from its text is the same; text stays bounded.
pub(crate) fn script(data: &[u8]) {
    let found = classify(data);
    let kind = found.kind();
    if let Some(address) = found.address() {
        for network in Network::ALL {
            assert_eq!(parse_bitcoin(&address.to_text(network), network), Ok(address));
        }
        assert!(kind == ScriptKind::P2pk || address.kind().script_kind() == kind);
    }
    match &found {
        Script::Multisig { required, keys } => {
            let keys: Vec<_> = keys.clone().collect();
            assert!((1..=20).contains(&keys.len()) && (1..=keys.len()).contains(&usize::from(*required)));
            assert!(keys.iter().all(|key| [33, 65].contains(&key.len())));
        }
        Script::WitnessUnknown { version, program } => {
            assert!((1..=16).contains(version) && (2..=40).contains(&program.len()));
        }
        _ => {}
    }
    assert_eq!(op_return_payload(data).is_some(), kind == ScriptKind::OpReturn);
    if let Some(payload) = op_return_payload(data) {
        assert!(payload.data.len() + payload.malformed.len() < data.len());
    }
    assert!(disassemble(data).len() < ASM_LEN_MAX + 1200);
    let mut steps = Pushes::new(data);
    let stepped = steps.by_ref().count();
    assert!(stepped + steps.rest().len() <= data.len());
}

/// Any bytes split into an unlocking script and a witness reveal at most the key that is there.
pub(crate) fn reveal(data: &[u8]) {
    let split = data.first().map_or(0, |n| usize::from(*n)).min(data.len());
    let (script_sig, rest) = data.split_at(split);
    if let KeyReveal::PushedKey { compressed } = key_reveal(script_sig, None) {
        assert_eq!(pushed_key(script_sig).map(<[u8]>::len), Some(if compressed { 33 } else { 65 }));
    }
    if let Ok((witness, used)) = Witness::parse(rest) {
        assert!(used <= rest.len());
        assert_eq!(witness.iter().count(), witness.count());
        match key_reveal(script_sig, Some(&witness)) {
            KeyReveal::WitnessKey => assert!(script_sig.is_empty()),
            KeyReveal::WrappedKeyHash(hash) => assert!(script_sig.ends_with(&hash)),
            KeyReveal::PushedKey { .. } => assert_eq!(witness.count(), 0),
            KeyReveal::None => {}
        }
    }
}

/// Heads of frames are told apart, magics are found where they are, and the XOR key takes itself away.
pub(crate) fn frame(data: &[u8]) {
    for (at, head) in data.windows(8).enumerate() {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(head);
        match frame_head(&bytes) {
            FrameHead::Block { network, len } => {
                assert!((BLOCK_LEN_MIN..=BLOCK_LEN_MAX).contains(&len) && len as usize > HEADER_LEN);
                assert_eq!(find_magic(&data[at..], Some(network)), Some(0));
            }
            FrameHead::Zeros => assert_eq!(bytes, [0; 8]),
            FrameHead::Garbage => assert_ne!(bytes, [0; 8]),
        }
    }
    if let Some(at) = find_magic(data, None) {
        let first = Network::ALL.into_iter().filter_map(|n| find_magic(data, Some(n))).min();
        assert_eq!(first, Some(at));
    }
    let mut copy = data.to_vec();
    let key = XorKey(std::array::from_fn(|i| data.get(i).copied().unwrap_or(7)));
    key.apply(&mut copy, 13);
    key.apply(&mut copy, 13);
    assert_eq!(copy, data);
}
