//! The figures, as they are kept and shown.

use crate::Tally;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether a row was measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateStatus {
    /// On worlds that have campaigns of it.
    Measured,
    /// No world has any.
    Unmeasured,
}

/// Hits on one sort of look-alike.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LookAlikeHits {
    /// What it is.
    pub look_alike: String,
    /// Wrong: how many of the look-alikes of this row were hit. Of: how many there were.
    pub of_row: Tally,
    /// How many of these meet the definition but for its guard, as far as the truth can measure it.
    pub within: u64,
    /// Hits of this row on look-alikes of this sort, whatever row they belong to.
    pub hits: u64,
}

/// Hits and campaigns of one row, either all or the anchored ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Shares {
    /// Wrong hits, of all hits.
    pub hits: Tally,
    /// Campaigns within the definition that were missed, of all such.
    pub campaigns: Tally,
    /// Hits that are wrong because they are another row's campaign.
    pub other_campaigns: u64,
    /// Hits that are wrong because they are a look-alike.
    pub look_alikes: u64,
    /// Hits that are wrong because they are nobody of note.
    pub ordinary: u64,
}

impl Shares {
    /// Adds another world's.
    pub fn add(&mut self, other: &Self) {
        plus(&mut self.hits, other.hits);
        plus(&mut self.campaigns, other.campaigns);
        self.other_campaigns += other.other_campaigns;
        self.look_alikes += other.look_alikes;
        self.ordinary += other.ordinary;
    }

    /// Whether nine of ten hits are right and four of five campaigns are found. `None` where there was no campaign to find.
    pub fn reaches(&self) -> Option<bool> {
        let Tally { wrong: missed, of } = self.campaigns;
        (of > 0).then(|| self.hits.of > 0 && self.hits.wrong * 10 <= self.hits.of && missed * 5 <= of)
    }
}

/// Adds up.
pub(super) fn plus(sum: &mut Tally, more: Tally) {
    sum.wrong += more.wrong;
    sum.of += more.of;
}

/// The figures of one row.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PatternRate {
    /// The row of the typologies.
    pub row: u32,
    /// Its id.
    pub pattern: String,
    /// Whether there is a world for it.
    pub status: RateStatus,
    /// All hits and campaigns.
    pub all: Shares,
    /// Hits above low severity, and campaigns with a label.
    pub anchored: Shares,
    /// Campaigns outside of the definition that no hit names, of all such.
    pub outside: Tally,
    /// Who was taken for a campaign.
    pub look_alikes: Vec<LookAlikeHits>,
    /// Transactions of the worlds that the row was run over.
    pub txs: u64,
    /// Whether the anchored hits reach a precision of 0.9 at a recall of 0.8. Where not, no hit of the row should weigh more than low.
    pub reaches: Option<bool>,
}

impl PatternRate {
    /// Hits in a million transactions: all, and the anchored ones. In thousandths.
    pub fn alerts_per_million_thousandths(&self) -> [u64; 2] {
        let per = |hits: u64| {
            let scaled = u128::from(hits) * 1_000_000_000;
            u64::try_from(scaled / u128::from(self.txs.max(1))).unwrap_or(u64::MAX)
        };
        [per(self.all.hits.of), per(self.anchored.hits.of)]
    }
}

/// What rules have to do with the worlds that they were measured on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tuning {
    /// Nothing was tuned on any of them.
    HeldAside,
    /// Among them are some that rules are tuned on: no figures to publish.
    Tuned,
    /// They are of neither kind.
    Neither,
}

/// Simulated worlds that were measured on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorldSet {
    /// Transactions in each world of bitcoin.
    pub txs: u32,
    /// Which campaigns they have: a name of [`athar_simulate::CampaignSet`].
    pub campaigns: String,
    /// People in each of the two worlds of accounts that go with each world of bitcoin.
    pub people: u32,
    /// Their seeds.
    pub seeds: Vec<u64>,
    /// What rules have to do with them.
    pub tuning: Tuning,
}

impl fmt::Display for WorldSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { txs, campaigns, people, .. } = self;
        let seeds: Vec<String> = self.seeds.iter().map(ToString::to_string).collect();
        let tuning = match self.tuning {
            Tuning::HeldAside => "held aside: no rule and no threshold was tuned on them",
            Tuning::Tuned => "**among them seeds on which rules are tuned: no figures to publish**",
            Tuning::Neither => "neither among the seeds for tuning nor among those held aside",
        };
        write!(
            f,
            "simulated: worlds of {txs} transactions, {campaigns} campaigns, each with two worlds of accounts of {people} people, \
             seeds {}; {tuning}",
            seeds.join(", ")
        )
    }
}

/// What was measured.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PatternRates {
    /// Which worlds.
    pub sets: Vec<WorldSet>,
    /// Transactions in all worlds.
    pub txs: u64,
    /// Addresses in all worlds.
    pub addresses: u64,
    /// Of these, own addresses of campaigns.
    pub campaign_addresses: u64,
    /// Every row, in order.
    pub rows: Vec<PatternRate>,
}

impl PatternRates {
    /// Of so many addresses one is a campaign's; `None` where there is none.
    pub fn one_in(&self) -> Option<u64> {
        self.addresses.checked_div(self.campaign_addresses)
    }
}
