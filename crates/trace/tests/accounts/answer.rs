//! What a trace says, in a form that references can give as well.

use crate::world::Case;
use athar_trace::account::{
    AccountBound, AccountEdge, AccountEnd, AccountQuestion, AccountSink, AccountTotals, Conversion, Part, Place, stream,
};
use athar_trace::{Direction, Policy};
use std::collections::BTreeMap;

/// Where, how, with how many hops and which mark, and how much. Under poison a place once, and no amount.
pub(crate) type Ends = BTreeMap<(Place, String, u32, u32), u64>;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Number, tainted units, fewest hops.
    pub(crate) edges: Vec<(u64, u64, u32)>,
    pub(crate) ends: Ends,
}

impl Answer {
    pub(crate) fn end(&mut self, place: Place, end: AccountEnd, hop: u32, tag: u32, amount: u64) {
        *self.ends.entry((place, format!("{end:?}"), hop, tag)).or_default() += amount;
    }

    pub(crate) fn poisoned(&mut self, place: Place, end: AccountEnd) {
        self.ends.insert((place, format!("{end:?}"), 0, 0), 0);
    }
}

/// Collects what a trace tells.
pub(crate) struct Collector {
    pub(crate) answer: Answer,
    pub(crate) conversions: Vec<Conversion>,
    pub(crate) is_summed: bool,
}

impl Collector {
    pub(crate) fn new(policy: Policy) -> Self {
        Self { answer: Answer::default(), conversions: Vec::new(), is_summed: policy.is_summed() }
    }
}

impl AccountSink for Collector {
    fn edge(&mut self, edge: &AccountEdge) {
        self.answer.edges.push((edge.transfer, edge.tainted.to(), edge.hop));
    }

    fn conversion(&mut self, conversion: &Conversion) {
        self.conversions.push(*conversion);
    }

    fn end(&mut self, place: Place, _: Option<u64>, parts: &[Part], end: AccountEnd) {
        for part in parts {
            if self.is_summed {
                self.answer.end(place, end, part.hop, part.tag, part.amount.to());
            } else {
                self.answer.poisoned(place, end);
            }
        }
    }
}

/// Checks what totals must say of themselves.
pub(crate) fn check(totals: &AccountTotals) {
    assert!(totals.check(), "not conserved: {totals:#?}");
    let bounds = totals.assets.values().flat_map(|a| a.bounded.iter().map(|b| b.bound));
    let mut bounds: Vec<AccountBound> = bounds.collect();
    bounds.sort_unstable();
    bounds.dedup();
    assert_eq!(bounds, totals.bounds);
}

pub(crate) fn walk(case: &Case, policy: Policy, direction: Direction) -> Answer {
    let flows = case.flows();
    let sources = case.sources(&flows);
    let mut sink = Collector::new(policy);
    let question =
        AccountQuestion { policy, direction, sources: &sources, stops: case, owners: case, limits: &case.limits };
    let totals = stream(&flows, &question, &mut sink).unwrap();
    check(&totals);
    assert_eq!(totals.edge_count, sink.answer.edges.len() as u64);
    sink.answer
}
