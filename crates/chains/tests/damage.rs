//! Damaged blocks: every cut and every flipped bit is noticed, and nothing panics.
use crate::support;

use athar_chains::bitcoin::write::{BlockBuilder, OwnedInput, OwnedOutput, OwnedTx, TxCollector};
use athar_chains::bitcoin::{
    BlockVisitor, DecodeError, DecodeErrorKind, HEADER_LEN, Header, NoVisitor, Part, Witness, decode_block, decode_tx,
};
use athar_types::{Hash32, Sats, UnixTime};
use support::checks;
use support::fixtures::{BITS, SplitMix, block, coinbase, payment};

fn refused(raw: &[u8]) -> DecodeError {
    decode_block(raw, &mut NoVisitor).expect_err("a damaged block was accepted")
}

/// A block of these transactions, whatever they are.
fn block_of(txs: &[OwnedTx]) -> Vec<u8> {
    let mut builder = BlockBuilder::new();
    for tx in txs {
        builder.push(tx);
    }
    let mut raw = Vec::new();
    builder.finish(&mut raw, 4, Hash32::ZERO, UnixTime(0), 0x207f_ffff).unwrap();
    raw
}

#[test]
fn every_truncation_is_refused_at_a_place_inside_what_is_left() {
    let raw = block(1, 6);
    assert!(checks::block(&raw));
    for len in 0..raw.len() {
        let error = refused(&raw[..len]);
        assert!(error.offset <= len, "{len} bytes: {error}");
    }
}

#[test]
fn bytes_after_the_last_transaction_are_refused() {
    let mut raw = block(2, 3);
    let len = raw.len();
    raw.extend_from_slice(&[0; 7]);
    assert_eq!(refused(&raw), DecodeError { offset: len, kind: DecodeErrorKind::Trailing(7) });
}

/// Positions of the bytes that belong to witnesses.
struct WitnessBytes {
    raw: std::ops::Range<usize>,
    found: Vec<std::ops::Range<usize>>,
}

impl BlockVisitor for WitnessBytes {
    fn witness(&mut self, _: u32, witness: &Witness<'_>) {
        let start = witness.raw_items().as_ptr() as usize - self.raw.start;
        // the count before the items is one byte in these blocks
        self.found.push(start - 1..start + witness.raw_items().len());
    }
}

#[test]
fn every_flipped_bit_outside_witnesses_is_noticed() {
    let raw = block(3, 6);
    let range = raw.as_ptr_range();
    let mut witnesses = WitnessBytes { raw: range.start as usize..range.end as usize, found: vec![] };
    decode_block(&raw, &mut witnesses).unwrap();
    assert!(witnesses.found.len() >= 3, "the block has too few witnesses to test anything");
    let mut flipped = raw.clone();
    for at in (0..raw.len()).filter(|at| !witnesses.found.iter().any(|w| w.contains(at))) {
        for bit in 0..8 {
            flipped[at] ^= 1 << bit;
            let noticed = match decode_block(&flipped, &mut NoVisitor) {
                Err(_) => true,
                Ok(decoded) => !decoded.header.proves_work(&decoded.hash),
            };
            assert!(noticed, "bit {bit} of byte {at}");
            flipped[at] = raw[at];
        }
    }
}

#[test]
fn a_changed_header_no_longer_proves_its_work_and_the_hash_tells() {
    let raw = block(4, 2);
    let good = decode_block(&raw, &mut NoVisitor).unwrap();
    assert_eq!(good.header.bits, BITS);
    assert!(good.header.proves_work(&good.hash));
    let mut changed = good.header;
    changed.nonce ^= 1;
    assert!(!changed.proves_work(&Header::hash(&changed.encode())));
}

#[test]
fn repeated_transactions_under_the_same_root_are_refused() {
    let mut random = SplitMix(5);
    let mut txs: Vec<_> = std::iter::once(coinbase(1)).chain((0..2).map(|_| payment(&mut random, false))).collect();
    let honest = block_of(&txs);
    decode_block(&honest, &mut NoVisitor).unwrap();
    txs.push(txs[2].clone());
    let repeated = block_of(&txs);
    assert_eq!(repeated[36..68], honest[36..68], "the attack needs equal roots");
    assert_eq!(refused(&repeated), DecodeError { offset: HEADER_LEN, kind: DecodeErrorKind::MerkleDuplicate });
}

#[test]
fn the_first_transaction_and_no_other_is_a_coinbase() {
    let mut random = SplitMix(6);
    let pay = payment(&mut random, false);
    assert_eq!(refused(&block_of(std::slice::from_ref(&pay))).kind, DecodeErrorKind::CoinbaseMissing);
    assert_eq!(refused(&block_of(&[coinbase(1), coinbase(2)])).kind, DecodeErrorKind::CoinbaseExtra);
    let mut mixed = pay.clone();
    mixed.inputs.push(OwnedInput { prev_vout: u32::MAX, ..OwnedInput::default() });
    let mut raw = Vec::new();
    mixed.write(&mut raw);
    assert_eq!(decode_tx(&raw).unwrap_err().kind, DecodeErrorKind::CoinbaseExtra);
    assert_eq!(refused(&block_of(&[coinbase(1), mixed])).kind, DecodeErrorKind::CoinbaseExtra);
    // one half of the mark alone is an ordinary input
    let mut half = pay;
    half.inputs[0].prev_txid = Hash32::ZERO;
    half.inputs[0].prev_vout = 0;
    decode_block(&block_of(&[coinbase(1), half]), &mut NoVisitor).unwrap();
    assert_eq!(refused(&block_of(&[])).kind, DecodeErrorKind::NoTransactions);
}

#[test]
fn more_than_all_bitcoin_is_refused_in_one_output_and_in_the_sum() {
    let all = Sats(21_000_000 * Sats::BTC);
    let with = |values: &[Sats]| {
        let mut tx = coinbase(1);
        let script = tx.outputs[0].script.clone();
        tx.outputs = values.iter().map(|v| OwnedOutput { value: *v, script: script.clone() }).collect();
        let raw = block_of(&[tx]);
        decode_block(&raw, &mut NoVisitor).map_err(|e| e.kind)
    };
    with(&[all]).unwrap();
    assert_eq!(with(&[Sats(all.0 + 1)]), Err(DecodeErrorKind::Value(all.0 + 1)));
    assert_eq!(with(&[all, Sats(1)]), Err(DecodeErrorKind::ValueSum(all.0 + 1)));
}

/// A transaction of one input and one output in hexadecimal: what comes before the inputs and after the outputs.
fn hand_made(head: &str, tail: &str) -> Vec<u8> {
    let input = format!("01{}{}", "aa".repeat(36), "00ffffffff");
    hex::decode(format!("{head}{input}01{}{tail}", "010000000000000000")).unwrap()
}

#[test]
fn forms_that_no_node_accepts_are_refused_with_the_reason() {
    let kind = |raw: &[u8]| decode_tx(raw).map_err(|e| (e.offset, e.kind));
    decode_tx(&hand_made("01000000", "00000000")).unwrap();
    decode_tx(&hand_made("010000000001", "0101ff00000000")).unwrap();
    assert_eq!(kind(&hand_made("010000000002", "00000000")), Err((4, DecodeErrorKind::SegwitFlag(2))));
    assert_eq!(kind(&hand_made("010000000000", "00000000")), Err((4, DecodeErrorKind::NoInputs)));
    let empty = kind(&hand_made("010000000001", "0000000000")).unwrap_err();
    assert_eq!(empty.1, DecodeErrorKind::EmptyWitness);
    // marker and flag, then no inputs
    assert_eq!(kind(&hex::decode("0100000000010001").unwrap()), Err((6, DecodeErrorKind::NoInputs)));
    let no_outputs = hex::decode(format!("0100000001{}00ffffffff0000000000", "aa".repeat(36))).unwrap();
    assert_eq!(kind(&no_outputs), Err((46, DecodeErrorKind::NoOutputs)));
}

#[test]
fn sizes_not_in_their_shortest_form_or_beyond_the_data_are_refused() {
    let with_script_len = |len: &str| {
        let text =
            format!("0100000001{}{len}{}ffffffff0101000000000000000000000000", "aa".repeat(36), "51".repeat(300));
        decode_tx(&hex::decode(text).unwrap()).map_err(|e| (e.offset, e.kind))
    };
    with_script_len("fd2c01").unwrap();
    for long in ["fdfc00", "fe2c010000", "ff2c01000000000000"] {
        assert_eq!(with_script_len(long), Err((41, DecodeErrorKind::NonCanonical(Part::ScriptSigLen))), "{long}");
    }
    for (huge, claimed) in [("feffffff7f", 0x7fff_ffff), ("ffffffffffffffffff", u64::MAX)] {
        let (at, kind) = with_script_len(huge).unwrap_err();
        assert!(matches!(kind, DecodeErrorKind::TooMany { part: Part::ScriptSigLen, claimed: c, .. } if c == claimed));
        assert_eq!(at, 41);
    }
    // a count of inputs that 41 bytes each could not fit, refused before anything is walked
    let many = hex::decode(format!("0100000005{}", "aa".repeat(5 * 41 - 1))).unwrap();
    let kind = decode_tx(&many).unwrap_err().kind;
    assert_eq!(kind, DecodeErrorKind::TooMany { part: Part::InputCount, claimed: 5, left: 204 });
}

#[test]
fn errors_name_the_byte_and_the_trouble() {
    let raw = block(7, 3);
    assert_eq!(refused(&raw[..50]).to_string(), "byte 0: the data ends inside the header");
    let mut other = raw.clone();
    other[40] ^= 1;
    let text = refused(&other).to_string();
    assert!(text.starts_with("byte 36: merkle root ") && text.contains("differs from the header's"), "{text}");
    let too_long = vec![0; (32 << 20) + 1];
    assert_eq!(refused(&too_long).kind, DecodeErrorKind::TooLong(too_long.len()));
}

/// Random damage: bytes changed, parts cut out, doubled, swapped for others or for lengths at their limits.
fn mutate(random: &mut SplitMix, data: &mut Vec<u8>) {
    for _ in 0..=random.below(4) {
        let at = random.below(data.len());
        let len = random.below(64).min(data.len() - at);
        match random.below(7) {
            0 => data[at] ^= 1 << random.below(8),
            1 => data[at] = [0, 1, 0x4c, 0x4e, 0x6a, 0xfc, 0xfd, 0xfe, 0xff][random.below(9)],
            2 => drop(data.drain(at..at + len)),
            3 => {
                let part = data[at..at + len].to_vec();
                data.splice(at..at, part);
            }
            4 => data.truncate(at.max(1)),
            5 => data[at..at + len].fill(0xff),
            _ => {
                let bytes = random.bytes(len);
                data[at..at + len].copy_from_slice(&bytes);
            }
        }
        if data.is_empty() {
            data.push(0);
        }
    }
}

#[test]
fn thousands_of_random_mutations_break_no_promise() {
    let mut random = SplitMix(8);
    let blocks: Vec<_> = (10..14).map(|seed| block(seed, 4)).collect();
    let mut accepted = 0;
    for round in 0..4000 {
        let mut data = blocks[round % blocks.len()].clone();
        mutate(&mut random, &mut data);
        accepted += usize::from(checks::block(&data));
        // behind the header and the count: the first transaction, whatever it has become
        checks::tx(data.get(HEADER_LEN + 1..).unwrap_or(&[]));
        checks::frame(&data[..data.len().min(100)]);
    }
    // damage inside witnesses and to the header's other fields is not the decoder's to see
    assert!((10..2000).contains(&accepted), "{accepted} of 4000 damaged blocks were accepted");
}

#[test]
fn thousands_of_random_scripts_break_no_promise() {
    let mut random = SplitMix(9);
    for _ in 0..8000 {
        let mut script = support::fixtures::script(&mut random);
        checks::script(&script);
        mutate(&mut random, &mut script);
        checks::script(&script);
        let len = random.below(160);
        let noise = random.bytes(len);
        checks::script(&noise);
        checks::reveal(&noise);
        let spend = payment(&mut random, true);
        let mut raw = vec![0];
        raw.extend([2, 1, 0x30, 33, 2]);
        raw.extend_from_slice(&spend.inputs[0].prev_txid.0);
        mutate(&mut random, &mut raw);
        checks::reveal(&raw);
    }
}

#[test]
fn a_collector_keeps_nothing_of_one_transaction_for_the_next() {
    let raw = block(15, 5);
    let mut seen = TxCollector::default();
    decode_block(&raw, &mut seen).unwrap();
    let forms: Vec<_> = seen.txs.iter().map(|(head, tx)| (head.segwit, tx.is_segwit())).collect();
    assert_eq!(forms, [(false, false), (false, false), (true, true), (false, false), (true, true)]);
}
