//! Measured error rates, shipped with the program, so that an answer can say how often its reasons were wrong where the
//! truth is known.
//!
//! The figures in `data/error_rates.json` are written by `athar bench entities --write`, never by hand. They come from
//! worlds whose owners are known ([`Tally::set`] says which), so they say how the rules behave there; the real chain has
//! habits that no simulated world has.

use crate::Heuristic;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// How many of how many were wrong.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tally {
    /// Number found wrong.
    pub wrong: u64,
    /// Number looked at.
    pub of: u64,
}

/// The 97.5 % quantile of the normal distribution, for intervals of 95 %.
const Z: f64 = 1.959_963_984_540_054;

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, wrong: bool) {
        self.wrong += u64::from(wrong);
        self.of += 1;
    }

    /// The bounds of a 95 % interval of the share that is wrong, 0 to 1; `None` where nothing was looked at.
    ///
    /// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    pub fn interval_95(&self) -> Option<[f64; 2]> {
        if self.of == 0 {
            return None;
        }
        let (n, share) = (self.of as f64, self.wrong as f64 / self.of as f64);
        let middle = share + Z * Z / (2.0 * n);
        let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        // at the ends the formula gives exactly 0 or 1, which floating point may miss by a hair
        let low = if self.wrong == 0 { 0.0 } else { ((middle - half) / whole).max(0.0) };
        let high = if self.wrong == self.of { 1.0 } else { ((middle + half) / whole).min(1.0) };
        Some([low, high])
    }
}

/// The error rate of one heuristic on one set in one era.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeuristicRate {
    /// The heuristic.
    pub heuristic: Heuristic,
    /// What it was measured on, as `simulated`.
    pub set: String,
    /// Years of the ties, or `all`.
    pub era: String,
    /// Ties (transactions, or forms of one key) that join addresses of different owners, of all that join any.
    pub ties: Tally,
}

/// How a whole clustering stands to the truth on one set at the end of one era.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClusteringRate {
    /// Its name, as `strict`.
    pub clustering: String,
    /// What it was measured on.
    pub set: String,
    /// As of the end of which year, or `all` for the end of the chain.
    pub era: String,
    /// Pairs of addresses in one entity; wrong: of different owners. The share that is right is the pairwise precision.
    pub pairs: Tally,
    /// Pairs of addresses of one owner; wrong: in different entities. The share that is right is the pairwise recall.
    pub owner_pairs: Tally,
    /// Entities of two addresses and more; wrong: with more than one owner.
    pub entities: Tally,
    /// Owners of two addresses and more; wrong: spread over more than one entity.
    pub owners: Tally,
    /// Mean over those owners of the share of an owner's addresses that lies in the entity with most of them, in
    /// millionths.
    pub recall_per_owner_millionths: u64,
    /// Mean over the entities of two addresses and more of the share of addresses of the owner with most of them, in
    /// millionths.
    pub precision_per_entity_millionths: u64,
}

/// All measured rates.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ErrorRates {
    /// [`crate::HEURISTICS_VERSION`] that they were measured with.
    pub heuristics_version: u32,
    /// The sets, in words: seeds, sizes.
    pub sets: Vec<String>,
    /// By heuristic.
    pub heuristics: Vec<HeuristicRate>,
    /// By clustering.
    pub clusterings: Vec<ClusteringRate>,
    /// Recognition of deposit addresses at services, on the simulated worlds.
    #[serde(default)]
    pub deposits: DepositRate,
}

/// How deposit addresses are recognised.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DepositRate {
    /// Addresses held for a deposit address; wrong: they are none.
    pub wrong: Tally,
    /// Deposit addresses that were spent from and lie in the entity of a service; wrong: not recognised.
    pub missed: Tally,
}

impl ErrorRates {
    /// The rates that come with the program.
    ///
    /// # Panics
    /// Where the file compiled in is damaged; a test reads it.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<ErrorRates> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../data/error_rates.json")).expect("the shipped error rates")
        });
        &SHIPPED
    }

    /// The rate of a heuristic over all eras of the simulated worlds.
    pub fn of(&self, heuristic: Heuristic) -> Option<&HeuristicRate> {
        self.heuristics.iter().find(|r| r.heuristic == heuristic && r.era == "all" && r.set == "simulated")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HEURISTICS_VERSION;

    #[test]
    fn intervals_agree_with_published_values() {
        // Newcombe 1998, table I, method 3 (Wilson without continuity correction)
        for ((wrong, of), [low, high]) in [
            ((81, 263), [0.2553, 0.3662]),
            ((15, 148), [0.0624, 0.1605]),
            ((0, 20), [0.0, 0.1611]),
            ((1, 29), [0.0061, 0.1718]),
        ] {
            let [l, h] = Tally { wrong, of }.interval_95().unwrap();
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{wrong}/{of}: {l} {h}");
        }
        assert_eq!(Tally::default().interval_95(), None);
        assert_eq!(Tally { wrong: 5, of: 5 }.interval_95().unwrap()[1], 1.0);
    }

    #[test]
    fn the_shipped_rates_are_of_these_rules_and_of_every_heuristic_of_outputs() {
        let rates = ErrorRates::shipped();
        assert_eq!(rates.heuristics_version, HEURISTICS_VERSION, "run `athar bench entities --write`");
        for heuristic in Heuristic::OF_OUTPUTS {
            let rate = rates.of(heuristic).unwrap();
            assert!(rate.ties.of > 1000, "{heuristic}");
        }
    }
}
