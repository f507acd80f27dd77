//! Campaigns in a world of accounts: remittances in round sums (row 11), the arrivals of a migration from bitcoin (row 12),
//! passages over a bridge (row 22), and their look-alikes.
//!
//! As in the world of bitcoin a campaign is a list of acts with times, and what is true of it is measured from what happened.

mod act;
mod plan;
mod tell;

pub(super) use plan::{place_dollar, plan};
pub use tell::{AccountCampaign, AccountCriterion, AccountLabel, TransferGift};

use act::Act;
use athar_types::Category;
use std::collections::BTreeMap;

/// A campaign or look-alike while the world goes on.
#[derive(Clone, Debug)]
pub(super) struct Case {
    id: String,
    row: u32,
    kind: &'static str,
    look_alike: Option<&'static str>,
    accounts: Vec<u32>,
    drawn: BTreeMap<&'static str, u64>,
}

/// Everything beyond ordinary life.
pub(super) struct Story {
    dice: crate::dice::Dice,
    acts: Vec<Act>,
    cases: Vec<Case>,
    /// Account, text, category.
    labels: Vec<(u32, String, Category)>,
    /// Which account pays another's fees; an exchange where there is none.
    funders: BTreeMap<u32, u32>,
    bridge: u32,
    /// Signs for the bridge.
    relayer: u32,
    far_chain: u64,
}
