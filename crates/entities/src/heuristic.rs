//! The heuristics that may tie addresses, and which of them a forest uses.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Version of the rules as a whole. Any change that can alter a forest built from the same chain raises it, and a
/// forest built under another version is built again.
pub const HEURISTICS_VERSION: u32 = 2;

/// A reason to hold two addresses for one actor's; the number is the one stored in the forest's columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Heuristic {
    /// Inputs of one transaction, see [`crate::cospend`].
    CoSpend = 1,
    /// Address forms of one public key, see [`crate::same_key`].
    SameKey = 2,
    /// A change output and the inputs of its transaction, see [`crate::change`].
    Change = 3,
    /// Payers of one deposit address on a chain of accounts, see [`crate::account`].
    DepositReuse = 4,
    /// An account and the one that first funded it and kept doing so, see [`crate::account`].
    SharedFunder = 5,
}

impl Heuristic {
    /// Every heuristic, in the order in which one transaction's links are made.
    pub const ALL: [Self; 5] = [Self::CoSpend, Self::SameKey, Self::Change, Self::DepositReuse, Self::SharedFunder];

    /// Those of chains of unspent outputs: what a [`Selection`] is made of.
    pub const OF_OUTPUTS: [Self; 3] = [Self::CoSpend, Self::SameKey, Self::Change];

    /// Those of chains of accounts.
    pub const OF_ACCOUNTS: [Self; 2] = [Self::DepositReuse, Self::SharedFunder];

    /// The name in files, answers and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CoSpend => "co-spend",
            Self::SameKey => "same-key",
            Self::Change => "change",
            Self::DepositReuse => "deposit-reuse",
            Self::SharedFunder => "shared-funder",
        }
    }

    /// The heuristic with that number in the forest's columns.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::CoSpend),
            2 => Some(Self::SameKey),
            3 => Some(Self::Change),
            4 => Some(Self::DepositReuse),
            5 => Some(Self::SharedFunder),
            _ => None,
        }
    }
}

impl fmt::Display for Heuristic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The heuristics that a forest of a chain of unspent outputs uses: at least one. Written as `co-spend,same-key`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Selection(u8);

impl Selection {
    /// These heuristics; `None` for no heuristic at all.
    pub fn of(heuristics: &[Heuristic]) -> Option<Self> {
        let bits = heuristics.iter().fold(0, |bits, h| bits | 1 << *h as u8);
        (bits != 0).then_some(Self(bits))
    }

    /// Whether `heuristic` is among them.
    pub const fn has(self, heuristic: Heuristic) -> bool {
        self.0 & 1 << heuristic as u8 != 0
    }

    /// The selected heuristics, in the order of [`Heuristic::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Heuristic> {
        Heuristic::ALL.into_iter().filter(move |h| self.has(*h))
    }
}

/// Co-spend alone.
impl Default for Selection {
    fn default() -> Self {
        Self(1 << Heuristic::CoSpend as u8)
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.iter().map(Heuristic::name).collect::<Vec<_>>().join(","))
    }
}

/// Why a text is no selection of heuristics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// A name that no heuristic has.
    #[error("no heuristic is called `{0}` (co-spend, same-key, change)")]
    Unknown(String),
    /// Nothing was named.
    #[error("no heuristic is named (co-spend, same-key, change)")]
    Empty,
}

/// Names with commas between them; order, spaces and repetitions do not matter.
impl FromStr for Selection {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, SelectionError> {
        let mut found = Vec::new();
        for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let heuristic = Heuristic::OF_OUTPUTS.into_iter().find(|h| h.name() == name);
            found.push(heuristic.ok_or_else(|| SelectionError::Unknown(name.chars().take(40).collect()))?);
        }
        Self::of(&found).ok_or(SelectionError::Empty)
    }
}

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Selection {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_reads_back_as_written_whatever_the_order() {
        let both: Selection = "same-key, co-spend,same-key".parse().unwrap();
        assert_eq!(both.to_string(), "co-spend,same-key");
        let all: Selection = "change,same-key,co-spend".parse().unwrap();
        assert_eq!(all.iter().collect::<Vec<_>>(), Heuristic::OF_OUTPUTS);
        assert_eq!("deposit-reuse".parse::<Selection>(), Err(SelectionError::Unknown("deposit-reuse".into())));
        assert_eq!("co-spend".parse(), Ok(Selection::default()));
        assert!(!Selection::default().has(Heuristic::SameKey));
        let json = serde_json::to_string(&both).unwrap();
        assert_eq!(serde_json::from_str::<Selection>(&json).unwrap(), both);
        assert_eq!(" , ".parse::<Selection>(), Err(SelectionError::Empty));
        assert_eq!("guess".parse::<Selection>(), Err(SelectionError::Unknown("guess".into())));
        assert!(serde_json::from_str::<Selection>("\"\"").is_err());
    }

    #[test]
    fn stored_numbers_name_the_same_heuristic_forever() {
        let expected = [
            (1, Heuristic::CoSpend),
            (2, Heuristic::SameKey),
            (3, Heuristic::Change),
            (4, Heuristic::DepositReuse),
            (5, Heuristic::SharedFunder),
        ];
        assert_eq!(expected.map(|(_, heuristic)| heuristic), Heuristic::ALL);
        for (code, heuristic) in expected {
            assert_eq!(heuristic as u8, code);
            assert_eq!(Heuristic::from_code(code), Some(heuristic));
            assert_eq!(serde_json::to_value(heuristic).unwrap(), heuristic.name());
        }
        assert_eq!(Heuristic::from_code(0), None);
    }
}
