//! Zcash's transactions and headers: shielded parts whose lengths and balances are right and whose contents are not.

use super::RawTx;
use crate::bitcoin::write::{OwnedInput, OwnedOutput, OwnedTx, write_compact_size};
use crate::bitcoin::{BlockVisitor, Header};
use crate::zcash::{HEADER_LEN_PLAIN, decode_tx};
use athar_types::Hash32;
use blake2b_simd::Params;

/// A transaction with shielded parts, as far as the transparent side sees them.
#[derive(Clone, Debug, Default)]
pub struct ZcashTx {
    /// Format: 1 to 5.
    pub version: u32,
    /// Transparent inputs.
    pub inputs: Vec<OwnedInput>,
    /// Transparent outputs.
    pub outputs: Vec<OwnedOutput>,
    /// Lock time.
    pub locktime: u32,
    /// JoinSplits (formats 2 to 4): satoshi into the Sprout pool and out of it.
    pub joinsplits: Vec<(u64, u64)>,
    /// Sapling (formats 4 and 5): spends, outputs, and the satoshi that it gives to the transparent side.
    pub sapling: Option<(usize, usize, i64)>,
    /// Orchard (format 5): actions, and the satoshi that it gives to the transparent side.
    pub orchard: Option<(usize, i64)>,
}

struct Nobody;
impl BlockVisitor for Nobody {}

impl ZcashTx {
    /// The transaction as the network sends it. `None` where it is none that the decoder reads.
    pub fn raw(&self) -> Option<RawTx> {
        let mut out = Vec::new();
        let overwintered = self.version >= 3;
        out.extend_from_slice(&(self.version | u32::from(overwintered) << 31).to_le_bytes());
        let group = [(3, 0x03c4_8270_u32), (4, 0x892f_2085), (5, 0x26a7_270a)];
        if let Some((_, group)) = group.into_iter().find(|(version, _)| *version == self.version) {
            out.extend_from_slice(&group.to_le_bytes());
        }
        let body = OwnedTx { inputs: self.inputs.clone(), outputs: self.outputs.clone(), ..OwnedTx::default() };
        if self.version >= 5 {
            out.extend_from_slice(&0xc2d6_d0b4_u32.to_le_bytes()); // the branch of NU5
            out.extend_from_slice(&self.locktime.to_le_bytes());
            out.extend_from_slice(&[0; 4]);
            body.write_body(&mut out);
            self.write_v5(&mut out);
        } else {
            body.write_body(&mut out);
            out.extend_from_slice(&self.locktime.to_le_bytes());
            if overwintered {
                out.extend_from_slice(&[0; 4]);
            }
            self.write_shielded(&mut out);
        }
        let (head, used) = decode_tx(&out, &mut Nobody).ok()?;
        (used == out.len()).then_some(RawTx { txid: head.txid, bytes: out })
    }

    fn write_shielded(&self, out: &mut Vec<u8>) {
        let (spends, outputs, value) = self.sapling.unwrap_or_default();
        if self.version == 4 {
            out.extend_from_slice(&value.to_le_bytes());
            filler(out, spends, 384);
            filler(out, outputs, 948);
        }
        if self.version >= 2 {
            let rest = if self.version == 4 { 1698 } else { 1802 } - 16;
            write_compact_size(out, self.joinsplits.len() as u64);
            for (into, from) in &self.joinsplits {
                out.extend_from_slice(&into.to_le_bytes());
                out.extend_from_slice(&from.to_le_bytes());
                out.resize(out.len() + rest, 3);
            }
            if !self.joinsplits.is_empty() {
                out.resize(out.len() + 96, 4);
            }
        }
        if self.version == 4 && spends + outputs > 0 {
            out.resize(out.len() + 64, 5);
        }
    }

    fn write_v5(&self, out: &mut Vec<u8>) {
        let (spends, outputs, value) = self.sapling.unwrap_or_default();
        filler(out, spends, 96);
        filler(out, outputs, 756);
        if spends + outputs > 0 {
            out.extend_from_slice(&value.to_le_bytes());
            let anchor = if spends > 0 { 32 } else { 0 };
            out.resize(out.len() + anchor + spends * 256 + outputs * 192 + 64, 6);
        }
        let (actions, value) = self.orchard.unwrap_or_default();
        filler(out, actions, 820);
        if actions > 0 {
            out.push(3);
            out.extend_from_slice(&value.to_le_bytes());
            out.extend_from_slice(&[8; 32]);
            filler(out, 2720 + 2272 * actions, 1); // the length of a Halo 2 proof
            out.resize(out.len() + 64 * actions + 64, 9);
        }
    }
}

/// A list of `count` parts of `each` bytes, behind their number.
fn filler(out: &mut Vec<u8>, count: usize, each: usize) {
    write_compact_size(out, count as u64);
    out.resize(out.len() + count * each, 2);
}

/// The header before the solution's length.
pub(super) fn plain_header(header: &Header, nonce: u64) -> [u8; HEADER_LEN_PLAIN] {
    let mut raw = [0; HEADER_LEN_PLAIN];
    raw[..68].copy_from_slice(&header.encode()[..68]);
    raw[100..104].copy_from_slice(&header.time.0.to_le_bytes());
    raw[104..108].copy_from_slice(&header.bits.to_le_bytes());
    raw[108..116].copy_from_slice(&nonce.to_le_bytes());
    raw
}

/// A header with a solution of regtest's Equihash (48, 5) whose hash meets the target.
pub(super) fn mine(header: &Header) -> Option<(Vec<u8>, Hash32)> {
    header.work()?;
    for nonce in 0..1 << 32 {
        let plain = plain_header(header, nonce);
        for solution in solve(&plain) {
            let mut raw = plain.to_vec();
            raw.push(36);
            raw.extend_from_slice(&solution);
            let hash = Hash32(athar_types::address::sha256d(&raw));
            if header.proves_work(&hash) {
                return Some((raw, hash));
            }
        }
    }
    None
}

/// Rows of Wagner's algorithm: what is left of the sum of hashes, and the indices that make it.
type Rows = Vec<([u8; 6], Vec<u16>)>;

/// All solutions of Equihash (48, 5): 32 of 512 hashes of six bytes whose sum is zero, found by making one byte after
/// another zero in pairs, the last two together (Biryukov and Khovratovich 2016).
fn solve(plain: &[u8; HEADER_LEN_PLAIN]) -> Vec<[u8; 36]> {
    let mut personal = *b"ZcashPoW\0\0\0\0\0\0\0\0";
    personal[8] = 48;
    personal[12] = 5;
    let mut base = Params::new().hash_length(60).personal(&personal).to_state();
    base.update(plain);
    let mut rows: Rows = (0..512_u16)
        .map(|index| {
            let mut state = base.clone();
            state.update(&u32::from(index / 10).to_le_bytes());
            let at = usize::from(index % 10) * 6;
            let mut hash = [0; 6];
            hash.copy_from_slice(&state.finalize().as_bytes()[at..at + 6]);
            (hash, vec![index])
        })
        .collect();
    for round in 0..5 {
        let mut next = Rows::new();
        let meets = |a: &[u8; 6], b: &[u8; 6]| a[round] == b[round] && (round < 4 || a[5] == b[5]);
        for (i, (a, of_a)) in rows.iter().enumerate() {
            for (b, of_b) in rows[i + 1..].iter().filter(|(b, _)| meets(a, b)) {
                if of_a.iter().any(|index| of_b.contains(index)) {
                    continue;
                }
                let (first, second) = if of_a[0] < of_b[0] { (of_a, of_b) } else { (of_b, of_a) };
                next.push((std::array::from_fn(|k| a[k] ^ b[k]), [&first[..], second].concat()));
            }
        }
        // a few thousand rows are the rule; a rare flood is not worth the time
        next.truncate(4000);
        rows = next;
    }
    rows.into_iter().map(|(_, indices)| pack(&indices)).collect()
}

/// 32 indices of nine bits, the highest bit first.
fn pack(indices: &[u16]) -> [u8; 36] {
    let mut out = [0; 36];
    for (i, index) in indices.iter().take(32).enumerate() {
        for bit in 0..9 {
            if index >> (8 - bit) & 1 == 1 {
                let at = i * 9 + bit;
                out[at / 8] |= 0x80 >> (at % 8);
            }
        }
    }
    out
}
