//! The key of an address inside the ledger: its kind and its payload, without checksum or encoding.

use super::forms::Forms;
use crate::{Chain, Network, ScriptKind};
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};
use std::fmt;

/// What the payload of an address is. The number is the one stored in the ledger's columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum AddressKind {
    /// 20 bytes: hash of a public key. A key paid directly (P2PK) has this kind too.
    P2pkh = 0,
    /// 20 bytes: hash of a script.
    P2sh = 1,
    /// 20 bytes: segwit v0 key hash.
    P2wpkh = 2,
    /// 32 bytes: segwit v0 script hash.
    P2wsh = 3,
    /// 32 bytes: taproot output key.
    P2tr = 4,
    /// A version byte (1-16), then 2-40 bytes: any other witness program.
    Witness = 5,
    /// 32 bytes: double SHA-256 of a script, Bitcoin Cash only.
    P2sh32 = 6,
}

impl AddressKind {
    /// The kind with that number in the ledger's columns.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::P2pkh,
            1 => Self::P2sh,
            2 => Self::P2wpkh,
            3 => Self::P2wsh,
            4 => Self::P2tr,
            5 => Self::Witness,
            6 => Self::P2sh32,
            _ => return None,
        })
    }

    /// Payload length in bytes where it is fixed.
    pub const fn payload_len(self) -> Option<usize> {
        match self {
            Self::P2pkh | Self::P2sh | Self::P2wpkh => Some(20),
            Self::P2wsh | Self::P2tr | Self::P2sh32 => Some(32),
            Self::Witness => None,
        }
    }

    /// The usual script kind behind an address of this kind.
    pub const fn script_kind(self) -> ScriptKind {
        match self {
            Self::P2pkh => ScriptKind::P2pkh,
            Self::P2sh => ScriptKind::P2sh,
            Self::P2wpkh => ScriptKind::P2wpkh,
            Self::P2wsh => ScriptKind::P2wsh,
            Self::P2tr => ScriptKind::P2tr,
            Self::Witness => ScriptKind::WitnessUnknown,
            Self::P2sh32 => ScriptKind::P2sh32,
        }
    }
}

/// An address as the ledger knows it: kind and payload (at most 41 bytes), network left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressKey {
    kind: AddressKind,
    len: u8,
    bytes: [u8; 41],
}

impl AddressKey {
    /// A key from its kind and payload; `None` where the payload's length does not fit the kind.
    #[inline]
    pub fn new(kind: AddressKind, payload: &[u8]) -> Option<Self> {
        let fits = match kind.payload_len() {
            Some(len) => payload.len() == len,
            None => (3..=41).contains(&payload.len()) && (1..=16).contains(&payload[0]),
        };
        if !fits {
            return None;
        }
        let mut bytes = [0; 41];
        bytes[..payload.len()].copy_from_slice(payload);
        Some(Self { kind, len: payload.len() as u8, bytes })
    }

    /// The kind.
    #[inline]
    pub const fn kind(&self) -> AddressKind {
        self.kind
    }

    /// The payload: 20, 32 or (version byte first) 3 to 41 bytes.
    #[inline]
    pub fn payload(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The P2PKH key of a serialised public key (33 or 65 bytes; not checked to be on the curve).
    pub fn of_public_key(key: &[u8]) -> Self {
        let mut bytes = [0; 41];
        bytes[..20].copy_from_slice(&hash160(key));
        Self { kind: AddressKind::P2pkh, len: 20, bytes }
    }

    /// The P2SH-wrapped P2WPKH key of a public-key hash (BIP 141).
    pub fn wrapped_p2wpkh(key_hash: &[u8; 20]) -> Self {
        let mut script = [0; 22];
        script[1] = 20;
        script[2..].copy_from_slice(key_hash);
        let mut bytes = [0; 41];
        bytes[..20].copy_from_slice(&hash160(&script));
        Self { kind: AddressKind::P2sh, len: 20, bytes }
    }

    /// The text of this address on a network of Bitcoin: Base58Check, Bech32 (v0) or Bech32m (v1 and later).
    pub fn to_text(&self, network: Network) -> String {
        Forms::of(network.params()).text(self)
    }

    /// The text of this address on any chain that the ledger can hold, in the form the chain's own node shows.
    ///
    /// A kind that the chain has no addresses of (a witness program on Dogecoin) is shown by kind and payload in
    /// hexadecimal: a decoder never makes one.
    pub fn to_text_on(&self, chain: Chain, network: Network) -> String {
        chain.params(network).map_or_else(|| self.raw_text(), |params| Forms::of(params).text(self))
    }

    /// Kind and payload in hexadecimal: no address, for keys that have no text.
    pub(super) fn raw_text(&self) -> String {
        let payload: String = self.payload().iter().map(|b| format!("{b:02x}")).collect();
        format!("{:?}:{payload}", self.kind)
    }
}

impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(Network::Mainnet))
    }
}

/// RIPEMD-160 of SHA-256: how Bitcoin hashes keys and scripts.
pub fn hash160(data: &[u8]) -> [u8; 20] {
    Ripemd160::digest(Sha256::digest(data)).into()
}

/// SHA-256 twice: how Bitcoin hashes transactions and headers.
#[inline]
pub fn sha256d(data: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(data)).into()
}
