//! Transactions as bytes, in two steps: all that does not depend on earlier txids (in parallel), then the rest.

use super::{BlockPlan, Keyring, Named};
use athar_chains::bitcoin::{classify, write::write_compact_size};
use athar_types::{AddressKind, Hash32, Network, address::sha256d};

/// Some consecutive transactions of a block on their way to bytes.
#[derive(Default)]
pub(super) struct Chunk {
    /// Every transaction in legacy form, txids of spent outputs left zero.
    base: Vec<u8>,
    /// Every transaction's witnesses.
    witness: Vec<u8>,
    spans: Vec<Span>,
    /// Where in `base` the txid of which transaction belongs.
    prevouts: Vec<(u32, u32)>,
    /// Rows of `truth/entities.csv`.
    pub(super) rows: Vec<u8>,
    /// Every transaction as the network sends it.
    pub(super) raw: Vec<u8>,
    /// The end of each in `raw`.
    pub(super) raw_ends: Vec<usize>,
    /// The hash of each with its witness.
    pub(super) wtxids: Vec<Hash32>,
}

struct Span {
    base_end: usize,
    witness_end: usize,
    segwit: bool,
}

/// What makes signatures and payloads differ: the number of the transaction and a place in it.
const fn salt(seed: u64, tx: u32, place: u32) -> u64 {
    seed.rotate_left(17) ^ (tx as u64) << 32 ^ place as u64
}

impl Chunk {
    /// Encodes transactions `from..to` of a block as far as can be known without txids.
    pub(super) fn new(plan: &BlockPlan, from: usize, to: usize, ring: Keyring, seed: u64, rows: bool) -> Self {
        let mut chunk = Self::default();
        let (mut input, mut output) = match from.checked_sub(1).map(|before| plan.txs[before]) {
            Some(before) => (before.inputs_end as usize, before.outputs_end as usize),
            None => (0, 0),
        };
        chunk.base.reserve((to - from) * 450);
        chunk.witness.reserve((to - from) * 200);
        let base = &mut chunk.base;
        let mut named = plan.named.partition_point(|n| (n.output as usize) < output);
        for (index, tx) in plan.txs[from..to].iter().enumerate() {
            let number = plan.first_tx + 1 + (from + index) as u32;
            let inputs = &plan.inputs[input..tx.inputs_end as usize];
            let outputs = &plan.outputs[output..tx.outputs_end as usize];
            let segwit = inputs.iter().any(|i| i.kind.has_witness());
            base.extend_from_slice(&u32::from(tx.style.version).to_le_bytes());
            write_compact_size(base, inputs.len() as u64);
            for (place, spent) in inputs.iter().enumerate() {
                chunk.prevouts.push((base.len() as u32, spent.tx));
                base.extend_from_slice(&[0; 32]);
                base.extend_from_slice(&u32::from(spent.vout).to_le_bytes());
                ring.unlock(spent.kind, spent.key, salt(seed, number, place as u32), base, &mut chunk.witness);
                base.extend_from_slice(&[tx.style.sequence, 0xff, 0xff, 0xff]);
            }
            if !segwit {
                chunk.witness.truncate(chunk.spans.last().map_or(0, |s| s.witness_end));
            }
            write_compact_size(base, outputs.len() as u64);
            for (place, made) in outputs.iter().enumerate() {
                base.extend_from_slice(&made.value.to_le_bytes());
                let at = base.len();
                base.push(0);
                ring.lock(made.kind, made.key, salt(seed, number, !(place as u32)), base);
                base[at] = (base.len() - at - 1) as u8;
                if rows
                    && let Some(name) = plan.named.get(named)
                    && name.output as usize == output + place
                {
                    write_row(&mut chunk.rows, &base[at + 1..], name);
                }
                named += usize::from(plan.named.get(named).is_some_and(|n| n.output as usize == output + place));
            }
            let locktime = if tx.style.locks_height { plan.height - 1 } else { 0 };
            base.extend_from_slice(&locktime.to_le_bytes());
            chunk.spans.push(Span { base_end: base.len(), witness_end: chunk.witness.len(), segwit });
            (input, output) = (tx.inputs_end as usize, tx.outputs_end as usize);
        }
        chunk
    }

    /// Fills in the spent txids and appends this chunk's own to the list of all.
    pub(super) fn link(&mut self, txids: &mut Vec<Hash32>) {
        let (mut start, mut next) = (0, 0);
        for span in &self.spans {
            while let Some((at, tx)) = self.prevouts.get(next).filter(|(at, _)| (*at as usize) < span.base_end) {
                let at = *at as usize;
                self.base[at..at + 32].copy_from_slice(&txids[*tx as usize].0);
                next += 1;
            }
            txids.push(Hash32(sha256d(&self.base[start..span.base_end])));
            start = span.base_end;
        }
    }

    /// Puts the witnesses in and hashes the whole; `txids` are this chunk's own.
    pub(super) fn finish(&mut self, txids: &[Hash32]) {
        self.raw.reserve(self.base.len() + self.witness.len() + 2 * self.spans.len());
        let (mut base, mut witness) = (0, 0);
        for (span, txid) in self.spans.iter().zip(txids) {
            let start = self.raw.len();
            let body = &self.base[base..span.base_end];
            if span.segwit {
                self.raw.extend_from_slice(&body[..4]);
                self.raw.extend_from_slice(&[0, 1]);
                self.raw.extend_from_slice(&body[4..body.len() - 4]);
                self.raw.extend_from_slice(&self.witness[witness..span.witness_end]);
                self.raw.extend_from_slice(&body[body.len() - 4..]);
                self.wtxids.push(Hash32(sha256d(&self.raw[start..])));
            } else {
                self.raw.extend_from_slice(body);
                self.wtxids.push(*txid);
            }
            self.raw_ends.push(self.raw.len());
            (base, witness) = (span.base_end, span.witness_end);
        }
    }

    /// Transactions in the chunk.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }
}

/// Appends a row of `truth/entities.csv`; a script without an address has none.
pub(super) fn write_row(rows: &mut Vec<u8>, script: &[u8], name: &Named) {
    let Some(address) = classify(script).address() else { return };
    let params = Network::Regtest.params();
    match address.kind() {
        AddressKind::P2pkh => write_base58(rows, params.p2pkh[0], address.payload()),
        AddressKind::P2sh => write_base58(rows, params.p2sh[0][0], address.payload()),
        _ => rows.extend_from_slice(address.to_text(Network::Regtest).as_bytes()),
    }
    rows.push(b',');
    write_number(rows, name.actor);
    rows.push(b',');
    rows.extend_from_slice(name.role.as_bytes());
    rows.push(b',');
    if name.customer != u32::MAX {
        write_number(rows, name.customer);
    }
    rows.push(b'\n');
}

/// Base58Check of a version byte that is not zero and 20 bytes. The general encoder takes a tenth of all the time here;
/// with five digits a division and machine words this one takes a hundredth.
fn write_base58(out: &mut Vec<u8>, version: u8, payload: &[u8]) {
    const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const FIVE: u64 = 58 * 58 * 58 * 58 * 58;
    let mut data = [0; 28];
    data[3] = version;
    data[4..24].copy_from_slice(payload);
    let check = sha256d(&data[3..24]);
    data[24..].copy_from_slice(&check[..4]);
    let mut words = [0; 7];
    for (word, bytes) in words.iter_mut().zip(data.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let mut text = [b'1'; 35];
    for five in text.rchunks_exact_mut(5) {
        let mut rest = 0;
        for word in &mut words {
            let value = rest << 32 | u64::from(*word);
            *word = (value / FIVE) as u32;
            rest = value % FIVE;
        }
        for digit in five.iter_mut().rev() {
            *digit = DIGITS[(rest % 58) as usize];
            rest /= 58;
        }
    }
    let start = text.iter().position(|d| *d != b'1').unwrap_or(0);
    out.extend_from_slice(&text[start..]);
}

fn write_number(out: &mut Vec<u8>, mut n: u32) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::AddressKey;

    #[test]
    fn base58_equals_the_general_encoder() {
        let params = Network::Regtest.params();
        for i in 0..=255u8 {
            let payload: [u8; 20] =
                std::array::from_fn(|k| if k < usize::from(i % 5) { 0 } else { i ^ (k as u8).wrapping_mul(37) });
            for (kind, version) in [(AddressKind::P2pkh, params.p2pkh[0]), (AddressKind::P2sh, params.p2sh[0][0])] {
                let mut ours = Vec::new();
                write_base58(&mut ours, version, &payload);
                let theirs = AddressKey::new(kind, &payload).unwrap().to_text(Network::Regtest);
                assert_eq!(String::from_utf8(ours).unwrap(), theirs);
            }
        }
    }
}
