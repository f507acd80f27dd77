//! Dated events: what a campaign, a charity or a whole market may answer to.
//!
//! They are drawn from a stream of their own, so that worlds without them stay what they are.

use crate::{
    CampaignSet,
    dice::Dice,
    world::{DAY, Schedule},
};

/// An event with a date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Dated {
    /// First second of its day.
    pub(crate) time: u32,
    /// What it is called.
    pub(crate) name: &'static str,
    /// ISO 3166-1 code of where it happened, or empty.
    pub(crate) country: &'static str,
    /// Payments in the two weeks around it, in thousandths of those at other times.
    pub(crate) market_permille: u64,
}

/// Thousandths of the usual number of payments in the weeks of an event that moves the whole market.
const SURGE: u64 = 2200;

impl Dated {
    /// How far to either side of its day an event is answered.
    pub(crate) const DAYS: u32 = 7;

    /// Eight events, a season apart; of two the whole market takes notice. None in the usual worlds.
    pub(crate) fn all(seed: u64, schedule: &Schedule, set: CampaignSet) -> Vec<Self> {
        const NAMES: [(&str, &str, bool); 8] = [
            ("Battle of the Two Bridges", "XA", false),
            ("Trial of the Harbour cell", "XB", false),
            ("Market record", "", true),
            ("Prison break at Saltmarsh", "XA", false),
            ("Earthquake in the Kara valley", "XC", false),
            ("Fall of the old fort", "XA", false),
            ("Market panic", "", true),
            ("Ceasefire of the Two Bridges", "XA", false),
        ];
        if set == CampaignSet::Usual {
            return Vec::new();
        }
        let mut dice = Dice::new(seed, "dated");
        let dated = |(i, (name, country, surges)): (u32, (&'static str, &'static str, bool))| {
            let day = 190 + 100 * i + dice.below(30) as u32;
            let time = schedule.opening / DAY * DAY + day * DAY;
            Self { time, name, country, market_permille: if surges { SURGE } else { 1000 } }
        };
        (0..).zip(NAMES).map(dated).collect()
    }

    /// Thousandths of the usual number of payments at a time.
    pub(crate) fn surge(all: &[Self], time: u32) -> u64 {
        let near = |dated: &&Self| time.abs_diff(dated.time) <= Self::DAYS * DAY;
        all.iter().filter(near).map(|dated| dated.market_permille).max().unwrap_or(1000)
    }
}
