//! A case made ready for the template: which rows are shown and which are only counted, every number written out, every
//! text from outside made visible. Nothing here depends on a language: what is said in words is a key.

mod evidence;
mod finding;
mod method;
mod money;
mod places;

use crate::error::ReportError;
use crate::input::CaseReport;
use crate::numbers;
use athar_engine::Usd;
use serde::Serialize;

/// An amount, written out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Amount {
    btc: String,
    /// Its worth, or that of the part that has a price.
    usd: Option<String>,
    /// Bitcoin in `usd` left out for want of a price; none where nothing is left out.
    unpriced: Option<String>,
    /// Whether its worth was asked for: without one it has no price, which is said.
    is_valued: bool,
}

impl Amount {
    /// An amount whose worth is no question here.
    pub(crate) fn bare(sat: u64) -> Self {
        Self { btc: numbers::btc(sat), usd: None, unpriced: None, is_valued: false }
    }

    /// An amount of one day and its worth; `None` is "no price".
    pub(crate) fn of(sat: u64, usd: Option<Usd>) -> Self {
        Self { usd: usd.map(numbers::usd), is_valued: true, ..Self::bare(sat) }
    }

    /// A sum and the worth of those of its parts that have a price.
    pub(crate) fn sum(sat: u64, usd: Option<Usd>, unpriced_sat: u64) -> Self {
        let unpriced = (usd.is_some() && unpriced_sat > 0).then(|| numbers::btc(unpriced_sat));
        Self { unpriced, ..Self::of(sat, usd) }
    }
}

/// Adds up parts of which some have no price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Worth {
    cents: Option<u64>,
    unpriced_sat: u64,
}

impl Worth {
    /// A sum as an answer gives it.
    pub(crate) fn of(usd: Option<Usd>, unpriced_sat: u64) -> Self {
        Self { cents: usd.map(|usd| usd.0), unpriced_sat }
    }

    pub(crate) fn add(&mut self, sat: u64, usd: Option<Usd>) {
        match usd.and_then(|usd| self.cents.unwrap_or(0).checked_add(usd.0)) {
            Some(cents) => self.cents = Some(cents),
            None => self.unpriced_sat = self.unpriced_sat.saturating_add(sat),
        }
    }

    /// Of two sums, the one over the parts of both.
    pub(crate) fn plus(mut self, other: Self) -> Self {
        self.unpriced_sat = self.unpriced_sat.saturating_add(other.unpriced_sat);
        self.cents = match (self.cents, other.cents) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self
    }

    pub(crate) fn usd(self) -> Option<Usd> {
        self.cents.map(Usd)
    }

    pub(crate) fn unpriced_sat(self) -> u64 {
        self.unpriced_sat
    }

    /// The sum written out.
    pub(crate) fn amount(self, sat: u64) -> Amount {
        Amount::sum(sat, self.usd(), self.unpriced_sat)
    }
}

/// The case as the template reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Model {
    facts: method::Facts,
    finding: finding::Finding,
    entity: Option<finding::Entity>,
    money: money::Money,
    tables: places::Tables,
    explain: Option<evidence::Explain>,
    method: method::Method,
}

impl Model {
    /// Prepares a case; an error where the trace does not add up.
    pub(crate) fn of(case: &CaseReport<'_>) -> Result<Self, ReportError> {
        Ok(Self {
            tables: places::Tables::of(case.trace)?,
            money: money::Money::of(case.trace),
            finding: finding::Finding::of(case.screens),
            entity: case.entity.map(finding::Entity::of),
            explain: case.explain.map(evidence::Explain::of),
            facts: method::Facts::of(case),
            method: method::Method::of(case),
        })
    }
}
