//! What a forest is built with: everything besides the chain that can change it.

use crate::change::ChangePolicy;
use crate::{Clustering, Heuristic, Selection};
use athar_types::TxNum;
use std::{collections::BTreeSet, sync::Arc};

/// What a forest is built with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The heuristics that tie addresses.
    pub heuristics: Selection,
    /// Which transactions are left out as collaborative.
    pub coinjoins: CoinJoins,
    /// Which votes on change outputs make a tie. Without one [`Heuristic::Change`] ties nobody.
    pub change: Option<Arc<ChangePolicy>>,
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

/// The settings of a clustering, with CoinJoins told by their shapes.
impl From<&Clustering> for Settings {
    fn from(clustering: &Clustering) -> Self {
        Self {
            heuristics: clustering.heuristics(),
            coinjoins: CoinJoins::Recognised,
            change: clustering.change().cloned(),
        }
    }
}

impl Settings {
    /// The change policy, where change ties addresses.
    pub(crate) fn change_policy(&self) -> Option<&Arc<ChangePolicy>> {
        self.change.as_ref().filter(|_| self.heuristics.has(Heuristic::Change))
    }

    /// A short text that is equal for equal change policies; `None` where change ties nobody.
    pub(crate) fn change_version(&self) -> Option<String> {
        self.change_policy().map(|policy| policy.version())
    }

    /// The folder of such a forest inside the folder of its chain: forests of other settings stand beside it.
    pub(crate) fn folder(&self) -> String {
        let mut heuristics = self.heuristics.to_string().replace(',', "+");
        if let Some(version) = self.change_version() {
            heuristics = format!("{heuristics}-{version}");
        }
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
                let policy = Clustering::extended().change().unwrap().clone();
                let other = Arc::new(ChangePolicy { outputs_max: 3, ..(*policy).clone() });
                let of = |h: &str, change: &Arc<ChangePolicy>| Settings {
                    heuristics: h.parse().unwrap(),
                    coinjoins: coinjoins.clone(),
                    change: Some(change.clone()),
                };
                let plain = ["co-spend", "same-key", "co-spend,same-key"].map(|h| of(h, &policy).folder());
                let change = [&policy, &other].map(|policy| of("co-spend,change", policy).folder());
                plain.into_iter().chain(change).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(names.len(), 20);
        assert_eq!(Settings::default().folder(), "co-spend");
    }
}
