//! Kinds of locking scripts that wallets use, with the room they take.

/// Weight of a transaction's fixed part (version, counts, segwit marker, lock time), BIP 141.
pub(crate) const TX_WEIGHT: u64 = 42;

/// How an output is locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// A 33-byte key directly.
    P2pk,
    /// A 65-byte key directly, as the first miners had.
    P2pkLong,
    /// A key's hash.
    P2pkh,
    /// A key's hash in segwit inside a script hash.
    P2shP2wpkh,
    /// 2 of 3 keys inside a script hash.
    P2shMultisig,
    /// A key's hash in segwit.
    P2wpkh,
    /// 2 of 3 keys inside a segwit script hash.
    P2wshMultisig,
    /// Taproot, spent by key.
    P2tr,
    /// 1 of 2 keys in the output itself; no address.
    BareMultisig,
    /// `OP_RETURN`; the key's number is the payload's length.
    Data,
}

impl Kind {
    /// Weight of an input that spends it, with signatures of 72 bytes.
    pub(crate) const fn input_weight(self) -> u64 {
        match self {
            Self::P2pk | Self::P2pkLong => 4 * 114,
            Self::P2pkh => 4 * 148,
            Self::P2shP2wpkh => 4 * 64 + 108,
            Self::P2shMultisig => 4 * 297,
            Self::P2wpkh => 4 * 41 + 108,
            Self::P2wshMultisig => 4 * 41 + 254,
            Self::P2tr => 4 * 41 + 66,
            Self::BareMultisig => 4 * 115,
            Self::Data => 0,
        }
    }

    /// Weight of an output of this kind (of a data output: with 80 bytes, the most that nodes relay).
    pub(crate) const fn output_weight(self) -> u64 {
        4 * match self {
            Self::P2pk => 44,
            Self::P2pkLong => 76,
            Self::P2pkh => 34,
            Self::P2shP2wpkh | Self::P2shMultisig => 32,
            Self::P2wpkh => 31,
            Self::P2wshMultisig | Self::P2tr => 43,
            Self::BareMultisig => 80,
            Self::Data => 92,
        }
    }

    /// Whether spending it takes a witness.
    pub(crate) const fn has_witness(self) -> bool {
        matches!(self, Self::P2shP2wpkh | Self::P2wpkh | Self::P2wshMultisig | Self::P2tr)
    }
}
