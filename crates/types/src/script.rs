//! What kind of locking script an output carries.

use serde::{Deserialize, Serialize};

/// The kind of an output's locking script; the number is the one stored in the ledger's columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum ScriptKind {
    /// A public key paid directly. Its address is the P2PKH of that key.
    P2pk = 0,
    /// A public-key hash.
    P2pkh = 1,
    /// A script hash (BIP 16).
    P2sh = 2,
    /// Segwit v0 key hash (BIP 141).
    P2wpkh = 3,
    /// Segwit v0 script hash (BIP 141).
    P2wsh = 4,
    /// Taproot (BIP 341).
    P2tr = 5,
    /// A witness program of another version or length; it still has an address (BIP 350).
    WitnessUnknown = 6,
    /// Bare multisig: keys in the output itself, no address.
    Multisig = 7,
    /// `OP_RETURN`: carries data, can never be spent.
    OpReturn = 8,
    /// Anything else: no address.
    Unknown = 9,
    /// The door of a hidden pool: Litecoin's peg-in outputs and the output that holds the pool's balance. No address.
    Opaque = 10,
    /// A 32-byte script hash, Bitcoin Cash only.
    P2sh32 = 11,
}

impl ScriptKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 12] = [
        Self::P2pk,
        Self::P2pkh,
        Self::P2sh,
        Self::P2wpkh,
        Self::P2wsh,
        Self::P2tr,
        Self::WitnessUnknown,
        Self::Multisig,
        Self::OpReturn,
        Self::Unknown,
        Self::Opaque,
        Self::P2sh32,
    ];

    /// The kind with that number in the ledger's columns.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether the locking script can be rebuilt from the address alone. Where not, the ledger keeps it.
    pub const fn implied_by_address(self) -> bool {
        matches!(
            self,
            Self::P2pkh | Self::P2sh | Self::P2wpkh | Self::P2wsh | Self::P2tr | Self::WitnessUnknown | Self::P2sh32
        )
    }
}
