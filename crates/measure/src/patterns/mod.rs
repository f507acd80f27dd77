//! Patterns against worlds whose truth is known: how often a hit is wrong, what is missed, who is taken for a campaign.
//!
//! The rules are not called from here: whoever asks hands over a function that runs them over a store ([`Run`]), so that the figures
//! cannot depend on how a rule is made, and any other program's hits can be scored by the same measure.
//!
//! - A hit is *right* where it overlaps a campaign of its row: it names one of the campaign's own addresses, or one of the
//!   transactions that spend the campaign's coins. Several hits on one campaign are each right; the campaign is found once.
//! - A campaign whose own transactions have the shape of another row by the way makes a hit of that row right too (`shapes`).
//! - A hit that is not right is *a look-alike's* where it overlaps an innocent look-alike of any row, *another campaign's* where it overlaps
//!   a campaign of another row only, and otherwise *the ordinary economy's*. All three count as wrong.
//! - A campaign *counts* for recall where it meets its row's definition, measured from what happened on the chain. The others
//!   are told apart: finding one is no mistake, missing one is none either.
//! - A hit is *anchored* where its severity is above low, a campaign where some list or document has a label on one of its
//!   addresses, or where its row is about a labelled service (10, 23). Recall of anchored campaigns is by anchored hits.
//!
//! Campaigns are needles here: at most one address in ten thousand ([`athar_simulate::CampaignSet::Rare`]).

mod accounts;
mod cases;
mod dealings;
mod rates;
mod receipts;
mod score;
mod shapes;
pub mod table;
mod worlds;

pub use cases::{Case, Truth};
pub use rates::{LookAlikeHits, PatternRate, PatternRates, RateStatus, Shares, Tuning, WorldSet};
pub use score::{LookAlikes, Score, score};
pub use worlds::{PatternWorlds, measure_patterns};

use athar_engine::Chain;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Rows of the typologies and their ids.
pub const ROWS: [(u32, &str); 30] = [
    (1, "listed-owner"),
    (2, "direct-counterparty"),
    (3, "indirect-exposure"),
    (4, "static-donation-address"),
    (5, "address-rotation"),
    (6, "fresh-per-donor"),
    (7, "many-to-one-then-exit"),
    (8, "layer-to-hub-redistribute"),
    (9, "facilitator"),
    (10, "voucher-network"),
    (11, "round-increment-remittance"),
    (12, "chain-migration"),
    (13, "sudden-large-donation"),
    (14, "event-spike"),
    (15, "privacy-coin-exit"),
    (16, "coinjoin-mixer"),
    (17, "peel-chain"),
    (18, "pass-through"),
    (19, "structuring"),
    (20, "new-account-drain"),
    (21, "vasp-spray"),
    (22, "chain-hop"),
    (23, "dark-market-purchase"),
    (24, "charity-front"),
    (25, "deposit-address-in-appeal"),
    (26, "solicitation-page"),
    (27, "co-publication"),
    (28, "memo-term"),
    (29, "fraud-front"),
    (30, "name-hit"),
];

/// A transaction on another chain than the hit's own.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OtherLeg {
    /// The transaction.
    pub txid: String,
}

/// What is scored of a hit. Further fields of a hit's line are ignored.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Hit {
    /// The pattern's id: one of [`ROWS`].
    pub pattern: String,
    /// Whom it is about, as text; an address counts with `addresses`.
    #[serde(default)]
    pub subject: String,
    /// Addresses, as the chain writes them.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Transactions, in hex as the chain's explorers write them.
    #[serde(default)]
    pub txids: Vec<String>,
    /// Transactions on other chains.
    #[serde(default)]
    pub other_legs: Vec<OtherLeg>,
    /// `info`, `low`, `medium`, `high`, `severe` or `critical`.
    #[serde(default)]
    pub severity: String,
}

impl Hit {
    /// Whether something beside the shape speaks for it.
    pub fn is_anchored(&self) -> bool {
        matches!(self.severity.as_str(), "medium" | "high" | "severe" | "critical")
    }
}

/// What became of a hit, or of a campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verdict {
    /// The row.
    pub row: u32,
    /// Of a hit: `right`, `look-alike`, `other campaign`, `ordinary`. Of a campaign or look-alike: `found`, `missed`, and both outside the
    /// definition.
    pub told: &'static str,
    /// The campaigns and look-alikes that the hit overlaps, or the one that this is about.
    pub cases: Vec<String>,
    /// Of a hit its severity, of a campaign `labelled` where it is.
    pub severity: String,
    /// Of a hit whom it is about, of a look-alike what it is.
    pub subject: String,
}

/// A store to run every pattern over. Labels and prices are imported.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its folder.
    pub store: &'a Path,
    /// The chains in it.
    pub chains: &'a [Chain],
    /// Dated events, where the world has them: columns `day,event,country,source`.
    pub events: Option<&'a Path>,
    /// The only patterns to run, by id; empty for all.
    pub only: &'a [&'static str],
}

/// Runs patterns over a store.
pub type Run<'a> = dyn Fn(&Asked<'_>) -> Result<Vec<Hit>, String> + 'a;
