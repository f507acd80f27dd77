//! Pools of value that a transparent ledger sees only the doors of.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A pool whose inside is hidden: what goes in and out is public, who owns what in it is not. The number is the one
/// stored in the ledger's columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Pool {
    /// Litecoin's extension block (LIP 2 to 4).
    Mweb = 0,
    /// Zcash's first shielded pool (JoinSplits).
    Sprout = 1,
    /// Zcash's second (ZIP 205).
    Sapling = 2,
    /// Zcash's third (ZIP 224).
    Orchard = 3,
}

impl Pool {
    /// Every pool, in the order of its number.
    pub const ALL: [Self; 4] = [Self::Mweb, Self::Sprout, Self::Sapling, Self::Orchard];

    /// The pool with that number in the ledger's columns.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mweb => "mweb",
            Self::Sprout => "sprout",
            Self::Sapling => "sapling",
            Self::Orchard => "orchard",
        }
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_are_found_by_number_and_serialised_by_name() {
        for pool in Pool::ALL {
            assert_eq!(Pool::from_code(pool as u8), Some(pool));
            assert_eq!(serde_json::to_value(pool).unwrap(), pool.name());
        }
        assert_eq!(Pool::from_code(4), None);
    }
}
