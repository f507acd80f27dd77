//! Small blocks that the tests make themselves, and a seeded source of random numbers.

use athar_chains::bitcoin::write::{BlockBuilder, OwnedInput, OwnedOutput, OwnedTx};
use athar_types::{Hash32, Sats, UnixTime};

/// A target that one hash in 65,536 meets: a changed header fails it, and finding a nonce takes a moment only.
pub(crate) const BITS: u32 = 0x1f00_ffff;

/// Steele, Lea and Flood's SplitMix64.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

pub(crate) fn coinbase(height: u32) -> OwnedTx {
    OwnedTx {
        version: 1,
        inputs: vec![OwnedInput {
            prev_vout: u32::MAX,
            script_sig: [&[4], &height.to_le_bytes()[..]].concat(),
            sequence: u32::MAX,
            ..OwnedInput::default()
        }],
        outputs: vec![OwnedOutput { value: Sats(50 * Sats::BTC), script: [&[0x51, 32], &[7; 32][..]].concat() }],
        ..OwnedTx::default()
    }
}

/// A transaction with every form of input and output in turn.
pub(crate) fn payment(random: &mut SplitMix, segwit: bool) -> OwnedTx {
    let (inputs, outputs) = (1 + random.below(3), 1 + random.below(4));
    let mut tx = OwnedTx { version: 2, locktime: random.next() as u32, ..OwnedTx::default() };
    for index in 0..inputs {
        let signature = random.bytes(71);
        let key = [vec![2], random.bytes(32)].concat();
        let legacy = [&[71], &signature[..], &[33], &key].concat();
        let wrapped = [&[22, 0, 20], &random.bytes(20)[..]].concat();
        let (script_sig, witness) = match (segwit, index) {
            (false, 1) => (random.bytes(260), vec![]), // its length takes three bytes
            (false, _) => (legacy, vec![]),
            (true, 0) => (vec![], vec![signature, key]),
            (true, 1) => (wrapped, vec![signature, key]),
            (true, _) => (vec![], vec![random.bytes(64)]),
        };
        if segwit {
            tx.witnesses.push(witness);
        }
        let prev_txid = Hash32(random.bytes(32).try_into().unwrap());
        tx.inputs.push(OwnedInput { prev_txid, prev_vout: random.below(4) as u32, script_sig, sequence: 0xffff_fffd });
    }
    for _ in 0..outputs {
        let value = Sats(random.next() % 1_000_000_000);
        tx.outputs.push(OwnedOutput { value, script: script(random) });
    }
    tx
}

/// A locking script of a random kind.
pub(crate) fn script(random: &mut SplitMix) -> Vec<u8> {
    let h20 = random.bytes(20);
    let h32 = random.bytes(32);
    match random.below(11) {
        0 => [&[33, 3], &h32[..], &[0xac]].concat(),
        1 => [&[65, 4], &h32[..], &h32, &[0xac]].concat(),
        2 => [&[0x76, 0xa9, 20], &h20[..], &[0x88, 0xac]].concat(),
        3 => [&[0xa9, 20], &h20[..], &[0x87]].concat(),
        4 => [&[0, 20], &h20[..]].concat(),
        5 => [&[0, 32], &h32[..]].concat(),
        6 => [&[0x51, 32], &h32[..]].concat(),
        7 => [&[0x60, 20], &h20[..]].concat(),
        8 => [&[0x51, 33, 2], &h32[..], &[33, 3], &h32, &[0x52, 0xae]].concat(),
        9 => [&[0x6a, 20], &h20[..]].concat(),
        _ => random.bytes(10),
    }
}

/// A block of `txs` transactions (the coinbase included), legacy and segwit in turn, at [`BITS`].
pub(crate) fn block(seed: u64, txs: usize) -> Vec<u8> {
    let mut random = SplitMix(seed);
    let mut builder = BlockBuilder::new();
    builder.push(&coinbase(seed as u32));
    for index in 1..txs {
        builder.push(&payment(&mut random, index % 2 == 0));
    }
    let mut raw = Vec::new();
    builder.finish(&mut raw, 4, Hash32([seed as u8; 32]), UnixTime(1_500_000_000), BITS).expect("a nonce exists");
    raw
}
