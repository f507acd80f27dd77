//! How often the recognisers were right on real transactions.
//!
//! `data/coinjoin_rates.json` is written by `engine/tests/shared_coinjoins.rs` (with `ATHAR_UPDATE_RATES=1`), never by hand: how
//! many labelled transactions of each kind were found on the half of the set that no threshold was chosen on, and how many
//! others were wrongly held for one, of all that were judged by hand (`data/judged_transactions.csv`).

use super::CoinJoinKind;
use crate::Tally;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Real transactions of one kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recall {
    /// The label, as `whirlpool`.
    pub label: String,
    /// Which rows of that label: `reported` (the half kept for reporting) or `all`; `-meant` leaves out rows that are not
    /// what the label says.
    pub rows: String,
    /// Rows found under the label's name.
    pub named: u64,
    /// Rows held for a transaction of several people, or for a Tx0, under whatever name.
    pub any: u64,
    /// Rows.
    pub of: u64,
}

/// Real transactions with so many equal outputs that were judged by hand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stratum {
    /// Number of equal outputs: `below 2`, `2`, `3`, `4 and more`.
    pub equal_outputs: String,
    /// Transactions; wrong: held for a kind, and judged to be ordinary.
    pub flagged_wrongly: Tally,
    /// Transactions held for a kind.
    pub flagged: u64,
    /// Of those, transactions of which nobody can tell.
    pub undecidable: u64,
}

/// All rates.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct CoinJoinRates {
    /// How the set was split, and what was judged.
    pub notes: Vec<String>,
    /// Recall by label.
    pub recall: Vec<Recall>,
    /// False positives by number of equal outputs.
    pub strata: Vec<Stratum>,
}

impl CoinJoinRates {
    /// The rates that come with the program.
    ///
    /// # Panics
    /// Where the file compiled in is damaged; a test reads it.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<CoinJoinRates> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../../data/coinjoin_rates.json"))
                .expect("the shipped rates of CoinJoins")
        });
        &SHIPPED
    }
}

/// What is known of one kind's recogniser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KindRate {
    /// Labelled rows found under this name, on the half kept for reporting.
    pub found: u64,
    /// Labelled rows there.
    pub of: u64,
    /// Transactions with as many equal outputs that were wrongly held for any kind.
    pub wrong: u64,
    /// Transactions with as many equal outputs that were looked at.
    pub wrong_of: u64,
}

impl KindRate {
    /// The rate of a kind for a transaction with so many equal outputs. `None` where no set has labels of that kind.
    pub fn of(kind: CoinJoinKind, equal_outputs: usize) -> Option<Self> {
        let rates = CoinJoinRates::shipped();
        let recall = rates.recall.iter().find(|r| r.label == kind.name() && r.rows == "reported-meant")?;
        let below = equal_outputs < 2;
        let strata = rates.strata.iter().filter(|s| (s.equal_outputs == "below 2") == below);
        let (wrong, wrong_of) =
            strata.fold((0, 0), |(k, n), s| (k + s.flagged_wrongly.wrong, n + s.flagged_wrongly.of));
        Some(Self { found: recall.named, of: recall.of, wrong, wrong_of })
    }
}
