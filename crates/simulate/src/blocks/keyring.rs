//! Every key of the world, derived from the seed and the key's number, and the scripts made of it.
//!
//! Keys are made up: 02 or 03 and pseudo-random bytes, half of which are no points of the curve. Signatures are of the right shape
//! and length only. But what a spend reveals hashes to what the output was locked to, as on a real chain.

use super::Kind;
use athar_chains::bitcoin::write::write_bytes;
use athar_types::address::hash160;
use sha2::{Digest, Sha256};

const OP_0: u8 = 0x00;
const OP_PUSHDATA1: u8 = 0x4c;
const OP_1: u8 = 0x51;
const OP_2: u8 = 0x52;
const OP_3: u8 = 0x53;
const OP_RETURN: u8 = 0x6a;
const OP_DUP: u8 = 0x76;
const OP_EQUAL: u8 = 0x87;
const OP_EQUALVERIFY: u8 = 0x88;
const OP_HASH160: u8 = 0xa9;
const OP_CHECKSIG: u8 = 0xac;
const OP_CHECKMULTISIG: u8 = 0xae;

/// Derives keys and writes scripts.
#[derive(Clone, Copy)]
pub(crate) struct Keyring {
    seed: u64,
}

impl Keyring {
    /// The keys of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 32 bytes that no other key or part of a key of this world has: the generator's state is one of each, and its
    /// first step maps states to outputs one to one.
    fn x(self, key: u32, part: u8) -> [u8; 32] {
        let mut noise = Noise(self.seed ^ (u64::from(key) << 8 | u64::from(part)).wrapping_mul(0xd6e8_feb8_6659_fd93));
        let mut out = [0; 32];
        for chunk in out.as_chunks_mut::<8>().0 {
            *chunk = noise.next().to_le_bytes();
        }
        out
    }

    /// The 33-byte public key, the `part`-th where a script has several.
    fn public(self, key: u32, part: u8) -> [u8; 33] {
        let x = self.x(key, part);
        let mut out = [0; 33];
        out[0] = 2 + (x[31] & 1);
        out[1..].copy_from_slice(&x);
        out
    }

    fn public_long(self, key: u32) -> [u8; 65] {
        let mut out = [4; 65];
        out[1..33].copy_from_slice(&self.x(key, 0));
        out[33..].copy_from_slice(&self.x(key, 1));
        out
    }

    fn key_hash(self, key: u32) -> [u8; 20] {
        hash160(&self.public(key, 0))
    }

    /// The P2WPKH program that a wrapped key's script hash commits to.
    fn wrapped_program(self, key: u32) -> [u8; 22] {
        let mut out = [0; 22];
        out[1] = 20;
        out[2..].copy_from_slice(&self.key_hash(key));
        out
    }

    /// `OP_2 <key> <key> <key> OP_3 OP_CHECKMULTISIG`.
    fn multisig(self, key: u32) -> [u8; 105] {
        let mut out = [0; 105];
        out[0] = OP_2;
        for part in 0..3 {
            let at = 1 + 34 * usize::from(part);
            out[at] = 33;
            out[at + 1..at + 34].copy_from_slice(&self.public(key, part));
        }
        out[103] = OP_3;
        out[104] = OP_CHECKMULTISIG;
        out
    }

    /// Appends the locking script. `salt` fills the payload of a data output.
    pub(crate) fn lock(self, kind: Kind, key: u32, salt: u64, out: &mut Vec<u8>) {
        match kind {
            Kind::P2pk => {
                out.push(33);
                out.extend_from_slice(&self.public(key, 0));
                out.push(OP_CHECKSIG);
            }
            Kind::P2pkLong => {
                out.push(65);
                out.extend_from_slice(&self.public_long(key));
                out.push(OP_CHECKSIG);
            }
            Kind::P2pkh => {
                out.extend_from_slice(&[OP_DUP, OP_HASH160, 20]);
                out.extend_from_slice(&self.key_hash(key));
                out.extend_from_slice(&[OP_EQUALVERIFY, OP_CHECKSIG]);
            }
            Kind::P2shP2wpkh => script_hash(&self.wrapped_program(key), out),
            Kind::P2shMultisig => script_hash(&self.multisig(key), out),
            Kind::P2wpkh => out.extend_from_slice(&self.wrapped_program(key)),
            Kind::P2wshMultisig => {
                out.extend_from_slice(&[OP_0, 32]);
                out.extend_from_slice(&Sha256::digest(self.multisig(key)));
            }
            Kind::P2tr => {
                out.extend_from_slice(&[OP_1, 32]);
                out.extend_from_slice(&self.x(key, 0));
            }
            Kind::BareMultisig => {
                out.push(OP_1);
                for part in 0..2 {
                    out.push(33);
                    out.extend_from_slice(&self.public(key, part));
                }
                out.extend_from_slice(&[OP_2, OP_CHECKMULTISIG]);
            }
            Kind::Data => {
                out.push(OP_RETURN);
                let len = key as usize;
                if len > 75 {
                    out.push(OP_PUSHDATA1);
                }
                out.push(len as u8);
                Noise(salt).append(len, out);
            }
        }
    }

    /// Appends the unlocking script with its length to `script_sig`, and the input's witness to `witness`.
    /// `salt` makes the signatures.
    pub(crate) fn unlock(self, kind: Kind, key: u32, salt: u64, script_sig: &mut Vec<u8>, witness: &mut Vec<u8>) {
        let mut noise = Noise(salt);
        match kind {
            Kind::P2pk | Kind::P2pkLong => with_len(script_sig, |s| noise.signature(s)),
            Kind::P2pkh => with_len(script_sig, |s| {
                noise.signature(s);
                s.push(33);
                s.extend_from_slice(&self.public(key, 0));
            }),
            Kind::P2shMultisig => {
                let mut script = Vec::with_capacity(256);
                script.push(OP_0);
                noise.signature(&mut script);
                noise.signature(&mut script);
                script.extend_from_slice(&[OP_PUSHDATA1, 105]);
                script.extend_from_slice(&self.multisig(key));
                write_bytes(script_sig, &script);
            }
            Kind::BareMultisig => with_len(script_sig, |s| {
                s.push(OP_0);
                noise.signature(s);
            }),
            Kind::P2shP2wpkh => {
                script_sig.extend_from_slice(&[23, 22]);
                script_sig.extend_from_slice(&self.wrapped_program(key));
            }
            Kind::P2wpkh | Kind::P2wshMultisig | Kind::P2tr | Kind::Data => script_sig.push(0),
        }
        match kind {
            Kind::P2shP2wpkh | Kind::P2wpkh => {
                witness.push(2);
                noise.signature(witness);
                witness.push(33);
                witness.extend_from_slice(&self.public(key, 0));
            }
            Kind::P2wshMultisig => {
                witness.extend_from_slice(&[4, 0]);
                noise.signature(witness);
                noise.signature(witness);
                witness.push(105);
                witness.extend_from_slice(&self.multisig(key));
            }
            Kind::P2tr => {
                witness.extend_from_slice(&[1, 64]);
                noise.append(64, witness);
            }
            _ => witness.push(0),
        }
    }
}

fn script_hash(script: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[OP_HASH160, 20]);
    out.extend_from_slice(&hash160(script));
    out.push(OP_EQUAL);
}

/// Writes a script of less than 253 bytes behind its length.
fn with_len(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.push(0);
    write(out);
    out[at] = (out.len() - at - 1) as u8;
}

/// SplitMix64 (Steele, Lea, Flood 2014): bytes without meaning, quickly.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn append(&mut self, len: usize, out: &mut Vec<u8>) {
        let end = out.len() + len;
        while out.len() < end {
            let bytes = self.next().to_le_bytes();
            let take = bytes.len().min(end - out.len());
            out.extend_from_slice(&bytes[..take]);
        }
    }

    /// A push of a DER signature with low S and SIGHASH_ALL: 71 or 72 bytes and the push itself.
    fn signature(&mut self, out: &mut Vec<u8>) {
        let mut numbers = [0; 64];
        for chunk in numbers.as_chunks_mut::<8>().0 {
            *chunk = self.next().to_le_bytes();
        }
        // DER numbers are signed: a set top bit takes a zero byte before it; S is below half the order
        let high = numbers[0] & 0x80 != 0;
        numbers[0] |= u8::from(numbers[0] == 0);
        numbers[32] = numbers[32] & 0x7f | 1;
        let r_len = 32 + u8::from(high);
        out.extend_from_slice(&[39 + r_len, 0x30, 36 + r_len, 2, r_len]);
        if high {
            out.push(0);
        }
        out.extend_from_slice(&numbers[..32]);
        out.extend_from_slice(&[2, 32]);
        out.extend_from_slice(&numbers[32..]);
        out.push(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_chains::bitcoin::{Script, classify};

    const KINDS: [Kind; 9] = [
        Kind::P2pk,
        Kind::P2pkLong,
        Kind::P2pkh,
        Kind::P2shP2wpkh,
        Kind::P2shMultisig,
        Kind::P2wpkh,
        Kind::P2wshMultisig,
        Kind::P2tr,
        Kind::BareMultisig,
    ];

    #[test]
    fn scripts_take_the_room_that_fees_are_paid_for() {
        let ring = Keyring::new(5);
        for kind in KINDS {
            let mut lock = Vec::new();
            ring.lock(kind, 77, 0, &mut lock);
            assert_eq!(4 * (9 + lock.len() as u64), kind.output_weight(), "{kind:?}");
            let mut longest = 0;
            for salt in 0..50 {
                let (mut script, mut witness) = (Vec::new(), Vec::new());
                ring.unlock(kind, 77, salt, &mut script, &mut witness);
                // an input without witness has one byte of it, counted nowhere: it matters in mixed transactions only
                let witness = if kind.has_witness() { witness.len() as u64 } else { 0 };
                longest = longest.max(4 * (40 + script.len() as u64) + witness);
            }
            assert!(longest <= kind.input_weight() && longest + 12 >= kind.input_weight(), "{kind:?} {longest}");
        }
    }

    #[test]
    fn revealed_keys_hash_to_what_was_locked() {
        let ring = Keyring::new(5);
        let script = |kind| {
            let (mut lock, mut sig, mut witness) = (Vec::new(), Vec::new(), Vec::new());
            ring.lock(kind, 9, 0, &mut lock);
            ring.unlock(kind, 9, 1, &mut sig, &mut witness);
            (lock, sig, witness)
        };
        let (lock, sig, _) = script(Kind::P2pkh);
        assert_eq!(lock[3..23], hash160(&sig[sig.len() - 33..]));
        let (lock, _, witness) = script(Kind::P2wpkh);
        assert_eq!(lock[2..], hash160(&witness[witness.len() - 33..]));
        let (lock, sig, witness) = script(Kind::P2shP2wpkh);
        assert_eq!(lock[2..22], hash160(&sig[2..]));
        assert_eq!(sig[4..], hash160(&witness[witness.len() - 33..]));
        let (lock, sig, _) = script(Kind::P2shMultisig);
        assert_eq!(lock[2..22], hash160(&sig[sig.len() - 105..]));
        let (lock, _, witness) = script(Kind::P2wshMultisig);
        assert_eq!(lock[2..], Sha256::digest(&witness[witness.len() - 105..])[..]);
    }

    #[test]
    fn scripts_are_what_the_decoder_takes_them_for() {
        let ring = Keyring::new(1);
        for kind in KINDS {
            let mut lock = Vec::new();
            ring.lock(kind, 3, 0, &mut lock);
            let fits = match classify(&lock) {
                Script::P2pk { key } => key.len() == if kind == Kind::P2pk { 33 } else { 65 },
                Script::P2pkh(_) => kind == Kind::P2pkh,
                Script::P2sh(_) => matches!(kind, Kind::P2shP2wpkh | Kind::P2shMultisig),
                Script::P2wpkh(_) => kind == Kind::P2wpkh,
                Script::P2wsh(_) => kind == Kind::P2wshMultisig,
                Script::P2tr(_) => kind == Kind::P2tr,
                Script::Multisig { required, .. } => kind == Kind::BareMultisig && required == 1,
                _ => false,
            };
            assert!(fits, "{kind:?}");
        }
        for len in [4, 40, 75, 76, 80] {
            let mut lock = Vec::new();
            ring.lock(Kind::Data, len, 8, &mut lock);
            let Script::OpReturn { payload } = classify(&lock) else { panic!("no data output") };
            assert_eq!(payload.data().data.len() as u32, len);
        }
    }
}
