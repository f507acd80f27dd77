//! A whole trace over accounts in memory.

use super::amount::{Sum, digits};
use super::error::AccountError;
use super::flows::{AccountOwners, AccountStops, Flows, Place};
use super::limits::AccountBound;
use super::path::{AccountStep, Ways};
use super::pot::Part;
use super::sink::{AccountEdge, AccountEnd, AccountSink, Conversion};
use super::totals::AccountTotals;
use super::walk::{AccountQuestion, stream};
use crate::taint::{Direction, Policy};
use serde::Serialize;
use std::collections::BTreeMap;

/// How much of an answer is kept beside its totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// At most so many edges, the first in trace order.
    pub edges_max: usize,
    /// At most so many conversions, the first in trace order.
    pub conversions_max: usize,
    /// At most so many ends of each list, the largest amounts within each asset first.
    pub ends_max: usize,
    /// Whether ways can be asked for afterwards: about 100 bytes for each balance reached.
    pub ways: bool,
}

impl Default for Keep {
    fn default() -> Self {
        Self { edges_max: 10_000, conversions_max: 10_000, ends_max: 10_000, ways: true }
    }
}

/// Taint that ended at one place in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AccountLeft {
    /// Where.
    pub place: Place,
    /// How.
    pub end: AccountEnd,
    /// How much; 0 under poison.
    #[serde(serialize_with = "digits")]
    pub amount: Sum,
    /// Fewest hops that any of it has made.
    pub hops: u32,
    /// The first transfer that brought it, where it ended with one: at a bridge, that of the passage ([`Flows::bridge`]).
    pub transfer: Option<u64>,
    /// How many times it ended there so.
    pub count: u64,
}

/// The answer to an [`AccountQuestion`]. Edges and conversions are in trace order; ends ascend by asset, then from the largest amount,
/// the fewest hops and the smallest account on.
#[derive(Debug, Serialize)]
pub struct AccountTrace {
    /// How balances handed taint on.
    pub policy: Policy,
    /// Which way.
    pub direction: Direction,
    /// Where everything ended, and how much there was of it.
    pub totals: AccountTotals,
    /// Whether there were more sources than were taken.
    pub sources_truncated: bool,
    /// Balances that taint is on.
    pub held: Vec<AccountLeft>,
    /// Where it was stopped.
    pub stopped: Vec<AccountLeft>,
    /// What was left at bounds.
    pub bounded: Vec<AccountLeft>,
    /// Every other end: fees, what left the chain or came from outside, of unknown origin, back at sources. Conversions are listed by
    /// themselves.
    pub others: Vec<AccountLeft>,
    /// Whether there are more ends than listed.
    pub ends_truncated: bool,
    /// Transfers that carried taint.
    pub edges: Vec<AccountEdge>,
    /// Whether there are more than listed.
    pub edges_truncated: bool,
    /// Taint that pools exchanged.
    pub conversions: Vec<Conversion>,
    /// Whether there are more than listed.
    pub conversions_truncated: bool,
    #[serde(skip)]
    ways: Option<Ways>,
}

impl AccountTrace {
    /// A way from a source to a place, from the source on in trace order: transfers that carried taint, each after the one
    /// before, with the fewest hops. Empty for the place of a source, `None` where the place was not reached or no ways were kept.
    pub fn way_to(&self, place: Place) -> Option<Vec<AccountStep>> {
        self.ways.as_ref()?.to(place)
    }

    /// Whether every unit of taint is accounted for exactly once, in the sums and in the lists.
    pub fn check(&self) -> bool {
        let listed = |end: fn(&AccountEnd) -> bool, asset: u32, list: &[AccountLeft]| {
            list.iter().filter(|l| l.place.asset == asset && end(&l.end)).fold(Sum::ZERO, |sum, l| sum + l.amount)
        };
        self.totals.check()
            && (self.ends_truncated
                || self.totals.assets.iter().all(|(asset, sums)| {
                    listed(|end| *end == AccountEnd::Held, *asset, &self.held) == sums.held
                        && listed(|end| matches!(end, AccountEnd::Stopped(_)), *asset, &self.stopped) == sums.stopped
                        && listed(|end| matches!(end, AccountEnd::Bounded(_)), *asset, &self.bounded)
                            == sums.bounded_sum()
                }))
            && self.edges_truncated == ((self.edges.len() as u64) < self.totals.edge_count)
            && self.conversions_truncated == ((self.conversions.len() as u64) < self.totals.conversion_count)
    }

    /// Bounds that were hit.
    pub fn bounds(&self) -> &[AccountBound] {
        &self.totals.bounds
    }
}

/// Answers a question whole. For traces too large to hold, use [`stream`].
pub fn trace<F, S, O>(flows: &F, question: &AccountQuestion<'_, S, O>, keep: Keep) -> Result<AccountTrace, AccountError>
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    O: AccountOwners + ?Sized,
{
    let mut collector = Collector {
        keep,
        is_summed: question.policy.is_summed(),
        ends: BTreeMap::new(),
        edges: Vec::new(),
        conversions: Vec::new(),
        ways: keep.ways.then(|| Ways::new(flows, question.direction, question.sources)),
    };
    let totals = stream(flows, question, &mut collector)?;
    let Collector { ends, edges, conversions, ways, .. } = collector;
    let mut lists: [Vec<AccountLeft>; 4] = Default::default();
    for ((place, end), (amount, hops, transfer, count)) in ends {
        let list = match end {
            AccountEnd::Held => 0,
            AccountEnd::Stopped(_) => 1,
            AccountEnd::Bounded(_) => 2,
            AccountEnd::Converted => continue,
            _ => 3,
        };
        lists[list].push(AccountLeft { place, end, amount, hops, transfer, count });
    }
    let mut ends_truncated = false;
    for list in &mut lists {
        let order = |l: &AccountLeft| (l.place.asset, std::cmp::Reverse(l.amount), l.hops, l.place, l.end);
        list.sort_unstable_by_key(order);
        ends_truncated |= list.len() > keep.ends_max;
        list.truncate(keep.ends_max);
    }
    let [held, stopped, bounded, others] = lists;
    let trace = AccountTrace {
        policy: question.policy,
        direction: question.direction,
        sources_truncated: question.sources.is_truncated(),
        held,
        stopped,
        bounded,
        others,
        ends_truncated,
        edges_truncated: (edges.len() as u64) < totals.edge_count,
        edges,
        conversions_truncated: (conversions.len() as u64) < totals.conversion_count,
        conversions,
        totals,
        ways,
    };
    debug_assert!(trace.check(), "the lists of a trace do not add up to its sums");
    Ok(trace)
}

struct Collector {
    keep: Keep,
    is_summed: bool,
    /// Amount, fewest hops, first transfer, how many times.
    ends: BTreeMap<(Place, AccountEnd), (Sum, u32, Option<u64>, u64)>,
    edges: Vec<AccountEdge>,
    conversions: Vec<Conversion>,
    ways: Option<Ways>,
}

impl AccountSink for Collector {
    fn edge(&mut self, edge: &AccountEdge) {
        if let Some(ways) = &mut self.ways {
            ways.edge(edge);
        }
        if self.edges.len() < self.keep.edges_max {
            self.edges.push(*edge);
        }
    }

    fn conversion(&mut self, conversion: &Conversion) {
        if let Some(ways) = &mut self.ways {
            ways.conversion(conversion);
        }
        if self.conversions.len() < self.keep.conversions_max {
            self.conversions.push(*conversion);
        }
    }

    fn end(&mut self, place: Place, transfer: Option<u64>, parts: &[Part], end: AccountEnd) {
        let (amount, hops, _, count) = self.ends.entry((place, end)).or_insert((Sum::ZERO, u32::MAX, transfer, 0));
        for part in parts {
            *hops = (*hops).min(part.hop);
            if self.is_summed {
                *amount += part.amount;
            }
        }
        *count += 1;
    }
}
