//! Measured error rates of the heuristics for accounts, shipped with the program.
//!
//! The figures in `data/account_rates.json` are written by a test (`ATHAR_WRITE=1 cargo test -p athar-entities --test
//! account page`), never by hand, and say how the rules behave in simulated worlds.

use crate::rates::{DepositRate, Tally};
use crate::{Heuristic, account::ACCOUNT_HEURISTICS_VERSION};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// How the heuristics for accounts stand to the truth.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountRates {
    /// [`ACCOUNT_HEURISTICS_VERSION`] that they were measured with.
    pub heuristics_version: u32,
    /// The worlds, in words.
    pub sets: Vec<String>,
    /// Links by deposit-address reuse; wrong: between accounts of different owners.
    pub deposit_reuse: Tally,
    /// Links by shared funder, the same way, where that heuristic is asked for.
    pub shared_funder: Tally,
    /// Pairs of accounts in one entity; wrong: of different owners.
    pub pairs: Tally,
    /// Pairs of accounts of one person; wrong: in different entities.
    pub owner_pairs: Tally,
    /// Entities of two accounts and more; wrong: with more than one owner.
    pub entities: Tally,
    /// Recognition of deposit addresses; missed: of those that were swept twice and more.
    pub deposits: DepositRate,
}

impl Default for AccountRates {
    fn default() -> Self {
        Self {
            heuristics_version: ACCOUNT_HEURISTICS_VERSION,
            sets: Vec::new(),
            deposit_reuse: Tally::default(),
            shared_funder: Tally::default(),
            pairs: Tally::default(),
            owner_pairs: Tally::default(),
            entities: Tally::default(),
            deposits: DepositRate::default(),
        }
    }
}

impl AccountRates {
    /// The rates that come with the program.
    ///
    /// # Panics
    /// Where the file compiled in is damaged; a test reads it.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<AccountRates> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../../data/account_rates.json")).expect("the shipped error rates")
        });
        &SHIPPED
    }

    /// Links of a heuristic, and how many of them were wrong; `None` for a heuristic of other chains.
    pub fn of(&self, heuristic: Heuristic) -> Option<&Tally> {
        match heuristic {
            Heuristic::DepositReuse => Some(&self.deposit_reuse),
            Heuristic::SharedFunder => Some(&self.shared_funder),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rates_are_of_these_rules() {
        let rates = AccountRates::shipped();
        assert_eq!(rates.heuristics_version, ACCOUNT_HEURISTICS_VERSION);
        for heuristic in Heuristic::OF_ACCOUNTS {
            assert!(rates.of(heuristic).unwrap().of > 10, "{heuristic}");
        }
        assert_eq!(rates.of(Heuristic::CoSpend), None);
    }
}
