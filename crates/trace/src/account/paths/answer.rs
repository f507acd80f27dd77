//! What is asked and answered.

use super::super::flows::AccountStop;
use super::super::sink::units;
use athar_types::account::U256;
use serde::Serialize;

/// Which paths come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountPathsOrder {
    /// The fewest hops; of equal ones the earliest arrival.
    Hops,
    /// The earliest arrival.
    Earliest,
}

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AccountPathsLimits {
    /// How many paths to give.
    pub count_max: usize,
    /// Paths of more transfers than this are not looked for.
    pub hops_max: u32,
    /// Only transfers with this number or above are on paths.
    pub since: Option<u64>,
    /// Only transfers below this number are on paths.
    pub until: Option<u64>,
    /// Transfers of less than this, in the asset's smallest unit, are on no path. 0 is taken for 1.
    #[serde(serialize_with = "units")]
    pub amount_min: U256,
    /// Transfers that are looked at.
    pub looked_max: u64,
    /// Of one balance, transfers of its account that are looked at.
    pub fan_max: u64,
    /// Whether to pass contracts that [`super::super::AccountStops`] does not name.
    pub through_contracts: bool,
}

impl Default for AccountPathsLimits {
    fn default() -> Self {
        Self {
            count_max: 3,
            hops_max: 6,
            since: None,
            until: None,
            amount_min: U256::ZERO,
            looked_max: 5_000_000,
            fan_max: 100_000,
            through_contracts: false,
        }
    }
}

/// Everything that an answer depends on beside the transfers.
#[derive(Debug)]
pub struct AccountPathsQuestion<'a, S: ?Sized> {
    /// Where paths begin.
    pub from: &'a [u32],
    /// Where they end.
    pub to: &'a [u32],
    /// The asset that leaves the first party; `None` for any.
    pub asset: Option<u32>,
    /// Which come first.
    pub order: AccountPathsOrder,
    /// What is not passed. The parties themselves are never asked about.
    pub stops: &'a S,
    /// How far.
    pub limits: &'a AccountPathsLimits,
}

/// Whether there are paths. That none was found says nothing about the two parties beyond what was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountPathsOutcome {
    /// There is at least one.
    Found,
    /// There is none within the hops asked for: all that may be passed was looked at.
    NoneWithin,
    /// None was found, but not all was looked at: see [`AccountPaths::gave_up`].
    GaveUp,
}

/// A bound of the work that was hit, so that there may be more or better paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountPathsBound {
    /// [`AccountPathsLimits::looked_max`].
    Looked,
    /// [`AccountPathsLimits::fan_max`].
    Fan,
    /// The caller asked to end. The answer depends on more than its question.
    Cancelled,
}

/// One transfer on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct AccountPathStep {
    /// Its number.
    pub transfer: u64,
    /// Who gave.
    pub from: u32,
    /// Who received.
    pub to: u32,
    /// What.
    pub asset: u32,
    /// How much.
    #[serde(serialize_with = "units")]
    pub amount: U256,
}

/// A path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct AccountPath {
    /// Its transfers; at least one.
    pub steps: Vec<AccountPathStep>,
    /// Whether it goes through a swap, so that its amounts are not of one asset.
    pub is_exchanged: bool,
}

impl AccountPath {
    /// How many transfers.
    pub fn hops(&self) -> usize {
        self.steps.len()
    }

    /// The smallest amount on it: no more than this can have come the whole way. `None` where it goes through a swap.
    pub fn width(&self) -> Option<U256> {
        if self.is_exchanged { None } else { self.steps.iter().map(|step| step.amount).min() }
    }
}

/// How many arrivals the search did not go past, for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AccountPathsStopped {
    /// Why.
    pub stop: AccountStop,
    /// How many.
    pub count: u64,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountPaths {
    /// Whether there are paths.
    pub outcome: AccountPathsOutcome,
    /// The first paths of the order.
    pub paths: Vec<AccountPath>,
    /// Every path of at most so many transfers was looked at, but for those that a bound left out.
    pub hops_covered: u32,
    /// Whether there is none of more hops either: the search ran out of places to look at.
    pub is_none_at_all: bool,
    /// Bounds of the work that were hit, ascending.
    pub gave_up: Vec<AccountPathsBound>,
    /// Where branches of the search ended at stops, ascending.
    pub stopped: Vec<AccountPathsStopped>,
    /// Transfers looked at.
    pub looked: u64,
}
