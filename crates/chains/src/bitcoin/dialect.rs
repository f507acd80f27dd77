//! How the transaction formats of Bitcoin's descendants differ from Bitcoin's.

/// What one chain's transactions may have. Constants, so that each chain's decoder is compiled on its own and Bitcoin's
/// pays nothing for the others.
pub(crate) trait Dialect {
    /// All money that can be, in the smallest unit: no output and no transaction's sum of outputs is over it.
    const MONEY_MAX: u64;
    /// Whether transactions may be in segwit form.
    const SEGWIT: bool;
    /// Whether the segwit marker may carry the flag of Litecoin's extension block.
    const MWEB: bool = false;
}

const COIN: u64 = 100_000_000;

/// `MAX_MONEY` of Bitcoin Core's `consensus/amount.h`.
pub(crate) struct Bitcoin;

impl Dialect for Bitcoin {
    const MONEY_MAX: u64 = super::parts::MONEY_MAX.0;
    const SEGWIT: bool = true;
}

/// Bitcoin Cash never had segwit.
pub(crate) struct BitcoinCash;

impl Dialect for BitcoinCash {
    const MONEY_MAX: u64 = 21_000_000 * COIN;
    const SEGWIT: bool = false;
}

/// Four times Bitcoin's coins, segwit and the extension block.
pub(crate) struct Litecoin;

impl Dialect for Litecoin {
    const MONEY_MAX: u64 = 84_000_000 * COIN;
    const SEGWIT: bool = true;
    const MWEB: bool = true;
}

/// Coins without end: `MAX_MONEY` of Dogecoin Core's `amount.h` bounds a single transaction only.
pub(crate) struct Dogecoin;

impl Dialect for Dogecoin {
    const MONEY_MAX: u64 = 10_000_000_000 * COIN;
    const SEGWIT: bool = false;
}

/// The chain whose work a merge-mined Dogecoin block rests on: usually Litecoin, but any chain of the same hash.
pub(crate) struct Foreign;

impl Dialect for Foreign {
    const MONEY_MAX: u64 = i64::MAX as u64;
    const SEGWIT: bool = true;
}
