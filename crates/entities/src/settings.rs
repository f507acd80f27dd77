//! What a forest is built with: everything besides the chain that can change it.

use crate::Selection;
use athar_types::TxNum;
use std::collections::BTreeSet;

/// What a forest is built with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The heuristics that tie addresses.
    pub heuristics: Selection,
    /// Which transactions are left out as collaborative.
    pub coinjoins: CoinJoins,
}

/// Where the knowledge of collaborative transactions comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CoinJoins {
    /// From the transactions' shapes, see [`crate::coinjoin`].
    #[default]
    Recognised,
    /// From outside: exactly these. Shapes are not looked at.
    Given(BTreeSet<TxNum>),
}

impl CoinJoins {
    /// A short text that is equal for equal knowledge: `recognised`, or `given-` and a digest of the list.
    pub fn name(&self) -> String {
        match self {
            Self::Recognised => "recognised".into(),
            Self::Given(txs) => {
                let mut hasher = blake3::Hasher::new();
                for tx in txs {
                    hasher.update(&tx.0.to_le_bytes());
                }
                format!("given-{}", &hasher.finalize().to_hex()[..16])
            }
        }
    }
}

impl Settings {
    /// The folder of such a forest inside the folder of its chain: forests of other settings stand beside it.
    pub(crate) fn folder(&self) -> String {
        let heuristics = self.heuristics.to_string().replace(',', "+");
        match &self.coinjoins {
            CoinJoins::Recognised => heuristics,
            given @ CoinJoins::Given(_) => format!("{heuristics}.{}", given.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_settings_never_share_a_folder() {
        let given = |txs: &[u32]| CoinJoins::Given(txs.iter().copied().map(TxNum).collect());
        let names: BTreeSet<_> = [CoinJoins::Recognised, given(&[]), given(&[1]), given(&[1, 2])]
            .into_iter()
            .flat_map(|coinjoins| {
                ["co-spend", "same-key", "co-spend,same-key"]
                    .map(|h| Settings { heuristics: h.parse().unwrap(), coinjoins: coinjoins.clone() }.folder())
            })
            .collect();
        assert_eq!(names.len(), 12);
        assert_eq!(Settings::default().folder(), "co-spend");
    }
}
