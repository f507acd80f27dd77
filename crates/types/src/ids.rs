//! Dense ids. Rows are numbered in chain order, so an id is the same on every machine that read the same chain.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        #[repr(transparent)]
        pub struct $name(pub $inner);

        impl $name {
            /// The id as an index into a column.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of row `index`, or `None` where the id space of the chain is full.
            #[inline]
            pub fn checked(index: u64) -> Option<Self> {
                <$inner>::try_from(index).ok().filter(|v| *v != <$inner>::MAX).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// Height of a block in the best chain; the genesis block is 0.
    Height,
    u32
);
id!(
    /// A transaction: its rank in chain order over the whole chain.
    TxNum,
    u32
);
id!(
    /// An address: the rank of the first output that pays it, over the whole chain.
    AddressId,
    u32
);
id!(
    /// An output: its rank in chain order over the whole chain (3.7 billion existed on Bitcoin in 2026, so 64 bits).
    OutputNum,
    u64
);
id!(
    /// An input that spends an output (coinbase inputs have no number), in chain order over the whole chain.
    InputNum,
    u64
);

impl AddressId {
    /// Stored where an output pays no address.
    pub const NONE: u32 = u32::MAX;
}

impl TxNum {
    /// Stored where an output is unspent.
    pub const NONE: u32 = u32::MAX;
}
