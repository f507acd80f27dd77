//! How much a subject received and sent, day by day or month by month.

use super::counterparties::ExaminedView;
use super::moves::{Way, With};
use super::whose::Whose;
use super::{DealingsAsk, Of};
use crate::Engine;
use crate::error::EngineError;
use crate::json::Usd;
use crate::worth::Worth;
use athar_types::{Day, TxNum};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::str::FromStr;

/// How time is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivityBy {
    /// By day, UTC.
    Day,
    /// By month.
    #[default]
    Month,
}

impl ActivityBy {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The first day of the period that a day is in, as 2020-01-31.
    pub(super) fn start(self, day: Day) -> String {
        let text = day.to_string();
        match self {
            Self::Day => text,
            Self::Month => format!("{}-01", &text[..text.len().saturating_sub(3)]),
        }
    }
}

impl FromStr for ActivityBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "day" => Ok(Self::Day),
            "month" => Ok(Self::Month),
            _ => Err("day or month".into()),
        }
    }
}

/// A subject's activity. Sums are those of its dealings with others: what it pays itself is in neither.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActivityView {
    /// The address that was asked about.
    pub subject: String,
    /// `address` or `entity`.
    #[schemars(with = "String")]
    pub of: &'static str,
    /// Chain.
    pub chain: String,
    /// `day` or `month`.
    #[schemars(with = "String")]
    pub by: &'static str,
    /// Periods in which something happened, in order. Those between them are empty.
    pub periods: Vec<ActivityPeriod>,
    /// Whether a bound was hit: `examined` says which.
    pub truncated: bool,
    /// What was looked at, and the bound that was hit.
    pub examined: ExaminedView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// A day or month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActivityPeriod {
    /// Its first day, in UTC.
    pub start: String,
    /// What came from others, in satoshi, as digits; none on a chain of accounts, where assets do not add up.
    pub received_units: Option<String>,
    /// What that was worth; none where nothing has a price.
    pub received_usd: Option<Usd>,
    /// What went to others, fees included.
    pub sent_units: Option<String>,
    /// What that was worth.
    pub sent_usd: Option<Usd>,
    /// Whether something of it has no price.
    pub is_partly_unpriced: bool,
    /// Transactions that touched the subject.
    pub txs: u64,
}

#[derive(Default)]
struct Period {
    sat: [u64; 2],
    worth: [Worth; 2],
    txs: u64,
    last: Option<TxNum>,
}

impl Engine {
    /// What an address or its entity received and sent by day or month; `None` where it is not on the chain.
    pub fn activity(&self, ask: &DealingsAsk, by: ActivityBy) -> Result<Option<ActivityView>, EngineError> {
        ask.check()?;
        if self.is_account_chain() {
            return self.account_activity(ask, by);
        }
        let ledger = self.ledger()?;
        let Some(whose) = Whose::find(self, ask)? else { return Ok(None) };
        let mut periods: BTreeMap<String, Period> = BTreeMap::new();
        let mut current: Option<(Day, String)> = None;
        let examined = self.each_dealing(ledger, &whose, ask, &mut |tx, time, (way, with, sat)| {
            let day = time.day();
            let start = match &current {
                Some((known, start)) if *known == day => start.clone(),
                _ => {
                    let start = by.start(day);
                    current = Some((day, start.clone()));
                    start
                }
            };
            let period = periods.entry(start).or_default();
            if period.last != Some(tx) {
                (period.last, period.txs) = (Some(tx), period.txs + 1);
            }
            if with != With::Home {
                let side = usize::from(way == Way::Out);
                period.sat[side] += sat;
                period.worth[side].add(sat, self.usd(sat, time));
            }
        });
        let periods = periods.into_iter().map(|(start, period)| ActivityPeriod {
            start,
            received_units: Some(period.sat[0].to_string()),
            received_usd: period.worth[0].usd(),
            sent_units: Some(period.sat[1].to_string()),
            sent_usd: period.worth[1].usd(),
            is_partly_unpriced: period.worth.iter().any(|worth| worth.unpriced_sat() > 0),
            txs: period.txs,
        });
        let subject = ledger.address_text(whose.asked);
        Ok(Some(ActivityView {
            of: whose.of.name(),
            chain: ledger.chain().to_string(),
            by: by.name(),
            periods: periods.collect(),
            truncated: examined.bound.is_some(),
            examined,
            snapshot: self.activity_snapshot(&subject, ask, by),
            subject,
        }))
    }

    pub(super) fn activity_snapshot(&self, subject: &str, ask: &DealingsAsk, by: ActivityBy) -> String {
        let of: Of = ask.of;
        self.snapshot("activity", &(subject, of, ask.from, ask.to, by))
    }
}
