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
    usd: Option<String>,
}

impl Amount {
    pub(crate) fn of(sat: u64, usd: Option<Usd>) -> Self {
        Self { btc: numbers::btc(sat), usd: usd.map(numbers::usd) }
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
