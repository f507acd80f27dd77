//! What ties two accounts, and the ties that follow from it, in chain order.

use crate::{BuiltForest, ForestBuilder};
use crate::{Heuristic, Links};
use athar_ledger::{LedgerError, Scratch};
use athar_types::TxNum;

/// An account that pays a deposit address as its customer, or that a funder keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Evidence {
    pub(crate) heuristic: Heuristic,
    /// The deposit address; or the funder, who is tied as well.
    pub(crate) hub: u32,
    /// The account that is tied.
    pub(crate) member: u32,
    /// The transaction by which all of it was there.
    pub(crate) since: u32,
    /// The transfer that shows it: the first payment to the deposit address, or the first coins from the funder.
    pub(crate) sent: u64,
    /// The transfer that passed it on to the collector, or the one back to the funder.
    pub(crate) passed_on: u64,
}

impl Evidence {
    /// The order in which evidence is kept.
    pub(crate) fn order(&self) -> (u32, Heuristic, u32, u32) {
        (self.hub, self.heuristic, self.since, self.member)
    }
}

/// A tie, made from evidence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Tie {
    since: u32,
    heuristic: Heuristic,
    a: u32,
    b: u32,
}

/// The forest that `evidence`, ordered by [`Evidence::order`], makes of so many accounts.
pub(crate) fn join(accounts: u32, evidence: &[Evidence], scratch: &Scratch) -> Result<BuiltForest, LedgerError> {
    let mut ties: Vec<Tie> = Vec::new();
    for group in evidence.chunk_by(|a, b| (a.hub, a.heuristic) == (b.hub, b.heuristic)) {
        // the members of a group come in the order in which they are known, so each is tied to one that was known before
        let (anchor, rest) = match group[0].heuristic {
            Heuristic::SharedFunder => (group[0].hub, group),
            _ => (group[0].member, &group[1..]),
        };
        ties.extend(rest.iter().map(|e| Tie { since: e.since, heuristic: e.heuristic, a: anchor, b: e.member }));
    }
    ties.sort_unstable();
    let mut builder = ForestBuilder::new(accounts, true, scratch)?;
    for tie in ties {
        builder.join(TxNum(tie.since), tie.heuristic, &[tie.a, tie.b]);
    }
    Ok(builder.finish())
}

/// Entities of at least two accounts: their roots ascending, where the members of each begin, and the members ascending.
pub(crate) fn members(forest: &BuiltForest, evidence: &[Evidence]) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
    let mut tied: Vec<(u32, u32)> = evidence
        .iter()
        .flat_map(|e| [Some(e.member), (e.heuristic == Heuristic::SharedFunder).then_some(e.hub)])
        .flatten()
        .map(|account| (forest.find(athar_types::AddressId(account)).0, account))
        .collect();
    tied.sort_unstable();
    tied.dedup();
    let (mut roots, mut starts, mut members) = (Vec::new(), Vec::new(), Vec::new());
    for group in tied.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        roots.push(group[0].0);
        starts.push(members.len() as u32);
        members.extend(group.iter().map(|(_, account)| *account));
    }
    starts.push(members.len() as u32);
    (roots, starts, members)
}
