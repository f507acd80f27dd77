//! The search, layer by layer.

use super::super::flows::{AccountStop, AccountStops, Flows, NONE, Transfer};
use super::answer::{
    AccountPath, AccountPathStep, AccountPaths, AccountPathsBound, AccountPathsOrder, AccountPathsOutcome,
    AccountPathsQuestion, AccountPathsStopped,
};
use athar_types::account::U256;
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// A transfer that a path may pass, and the one before it.
#[derive(Clone, Copy)]
struct Label {
    transfer: u64,
    before: u32,
}

const FIRST: u32 = u32::MAX;

/// A label to be followed in the next layer.
#[derive(Clone, Copy)]
enum Next {
    /// From its receiver on, at any later time.
    Later(u32),
    /// From its receiver on, in the same transaction: in another asset where it is a pool.
    Within(u32, bool),
}

struct Search<'a, F: ?Sized, S: ?Sized, G> {
    flows: &'a F,
    question: &'a AccountPathsQuestion<'a, S>,
    go_on: G,
    from: BTreeSet<u32>,
    to: BTreeSet<u32>,
    labels: Vec<Label>,
    /// By account and asset: the earliest arrival, and how many transfers have been looked at.
    arrivals: FxHashMap<(u32, u32), (u64, u64)>,
    /// By transfer: passed inside its transaction.
    within: FxHashSet<u64>,
    /// Last transfers, each with its label and hops.
    found: BTreeMap<u64, (u32, u32)>,
    stopped: BTreeMap<AccountStop, u64>,
    gave_up: BTreeSet<AccountPathsBound>,
    looked: u64,
    is_over: bool,
}

/// Finds paths between two parties. `go_on` is asked for each layer and from time to time inside it, with the number of transfers looked
/// at.
pub fn paths<F, S>(flows: &F, question: &AccountPathsQuestion<'_, S>, go_on: impl FnMut(u64) -> bool) -> AccountPaths
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
{
    let of = |list: &[u32]| list.iter().copied().filter(|a| *a != NONE).collect::<BTreeSet<_>>();
    let search = Search {
        flows,
        question,
        go_on,
        from: of(question.from),
        to: of(question.to),
        labels: Vec::new(),
        arrivals: FxHashMap::default(),
        within: FxHashSet::default(),
        found: BTreeMap::new(),
        stopped: BTreeMap::new(),
        gave_up: BTreeSet::new(),
        looked: 0,
        is_over: false,
    };
    search.run()
}

impl<F: Flows + ?Sized, S: AccountStops + ?Sized, G: FnMut(u64) -> bool> Search<'_, F, S, G> {
    fn run(mut self) -> AccountPaths {
        let limits = self.question.limits;
        let (mut hop, mut layer) = (0, Vec::new());
        let mut is_none_at_all = false;
        while hop < limits.hops_max {
            let mut next = Vec::new();
            if hop == 0 {
                for account in self.from.clone() {
                    self.leave((account, None), limits.since.unwrap_or(0)..u64::MAX, FIRST, 1, &mut next);
                }
            } else {
                for label in layer.drain(..) {
                    self.follow(label, hop + 1, &mut next);
                }
            }
            if self.is_over {
                break;
            }
            hop += 1;
            layer = self.earliest(next);
            is_none_at_all = layer.is_empty();
            let is_enough = self.question.order == AccountPathsOrder::Hops && self.found.len() >= limits.count_max;
            if is_none_at_all || is_enough {
                break;
            }
        }
        self.answer(hop, is_none_at_all)
    }

    /// Of labels with one receiver and asset the earliest, in a fixed order; those inside a transaction all.
    fn earliest(&mut self, next: Vec<(Next, u32, u32)>) -> Vec<Next> {
        let mut best: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        let mut layer = Vec::new();
        for (next, account, asset) in next {
            match next {
                Next::Within(..) => layer.push(next),
                Next::Later(label) => {
                    let at = |label: u32| self.labels[label as usize].transfer;
                    let had = best.entry((account, asset)).or_insert(label);
                    if at(label) < at(*had) {
                        *had = label;
                    }
                }
            }
        }
        layer.extend(best.into_values().map(Next::Later));
        layer
    }

    fn follow(&mut self, next: Next, hop: u32, out: &mut Vec<(Next, u32, u32)>) {
        match next {
            Next::Later(label) => {
                let transfer = self.flows.transfer(self.labels[label as usize].transfer);
                let arrived = self.labels[label as usize].transfer;
                let key = (transfer.to, transfer.asset);
                let until = self.arrivals.get(&key).map_or(u64::MAX, |(before, _)| *before + 1);
                if arrived + 1 < until {
                    self.arrivals.entry(key).or_insert((arrived, 0)).0 = arrived;
                    self.leave((transfer.to, Some(transfer.asset)), arrived + 1..until, label, hop, out);
                }
            }
            Next::Within(label, is_pool) => {
                let transfer = self.flows.transfer(self.labels[label as usize].transfer);
                for n in self.flows.of_tx(transfer.tx) {
                    if !self.looks() {
                        return;
                    }
                    let other = self.flows.transfer(n);
                    if other.from == transfer.to && (other.asset != transfer.asset) == is_pool {
                        self.pass(n, &other, label, hop, out);
                    }
                }
            }
        }
    }

    /// Looks at what an account gives (of one asset) with transfers of that range.
    fn leave(
        &mut self,
        (account, asset): (u32, Option<u32>),
        numbers: Range<u64>,
        before: u32,
        hop: u32,
        out: &mut Vec<(Next, u32, u32)>,
    ) {
        let until = numbers.end.min(self.question.limits.until.unwrap_or(u64::MAX));
        let mut seen = asset.and_then(|asset| self.arrivals.get(&(account, asset))).map_or(0, |(_, seen)| *seen);
        let flows = self.flows;
        for n in flows.of_account(account, numbers.start) {
            if n >= until || !self.looks() {
                break;
            }
            if seen == self.question.limits.fan_max {
                self.gave_up.insert(AccountPathsBound::Fan);
                break;
            }
            seen += 1;
            let transfer = flows.transfer(n);
            let is_asked = match asset {
                Some(asset) => transfer.asset == asset,
                None => self.question.asset.is_none_or(|asset| transfer.asset == asset),
            };
            if transfer.from == account && is_asked {
                self.pass(n, &transfer, before, hop, out);
            }
        }
        if let Some((_, looked)) = asset.and_then(|asset| self.arrivals.get_mut(&(account, asset))) {
            *looked = seen;
        }
    }

    /// Whether one more transfer may be looked at.
    fn looks(&mut self) -> bool {
        if !self.is_over && self.looked % 4_096 == 0 && !(self.go_on)(self.looked) {
            self.gave_up.insert(AccountPathsBound::Cancelled);
            self.is_over = true;
        } else if !self.is_over && self.looked >= self.question.limits.looked_max {
            self.gave_up.insert(AccountPathsBound::Looked);
            self.is_over = true;
        }
        self.looked += u64::from(!self.is_over);
        !self.is_over
    }

    /// Puts a transfer on a path behind another, and decides where that may go on.
    fn pass(&mut self, n: u64, transfer: &Transfer, before: u32, hop: u32, out: &mut Vec<(Next, u32, u32)>) {
        let limits = self.question.limits;
        let is_within = n >= limits.since.unwrap_or(0) && n < limits.until.unwrap_or(u64::MAX);
        let is_too_small = transfer.amount < limits.amount_min.max(U256::from(1));
        let to = transfer.to;
        if !is_within || is_too_small || !transfer.moves() || transfer.kind.is_fee() || to == NONE {
            return;
        }
        if self.from.contains(&to) && !self.to.contains(&to) || self.found.contains_key(&n) {
            return;
        }
        let label = self.labels.len() as u32;
        if self.to.contains(&to) {
            if !self.from.contains(&to) {
                self.labels.push(Label { transfer: n, before });
                self.found.insert(n, (label, hop));
            }
            return;
        }
        let is_swap = transfer.tx != NONE && self.flows.swap_pools(transfer.tx).next().is_some();
        let next = if is_swap && self.flows.swap_pools(transfer.tx).any(|pool| pool == to) {
            Next::Within(label, true)
        } else if let Some(stop) = self.question.stops.stop(to) {
            *self.stopped.entry(stop).or_default() += 1;
            return;
        } else if !limits.through_contracts && self.flows.is_contract(to) {
            if !is_swap {
                *self.stopped.entry(AccountStop::Contract).or_default() += 1;
                return;
            }
            Next::Within(label, false)
        } else {
            Next::Later(label)
        };
        let is_new = match next {
            Next::Within(..) => self.within.insert(n),
            // no later than what is known already
            Next::Later(_) => self.arrivals.get(&(to, transfer.asset)).is_none_or(|(first, _)| n < *first),
        };
        if !is_new {
            return;
        }
        self.labels.push(Label { transfer: n, before });
        out.push((next, to, transfer.asset));
    }

    fn answer(self, hops_covered: u32, is_none_at_all: bool) -> AccountPaths {
        let mut found: Vec<_> = self.found.iter().map(|(n, (label, hops))| (*n, *label, *hops)).collect();
        match self.question.order {
            AccountPathsOrder::Hops => found.sort_unstable_by_key(|(n, _, hops)| (*hops, *n)),
            AccountPathsOrder::Earliest => found.sort_unstable_by_key(|(n, ..)| *n),
        }
        found.truncate(self.question.limits.count_max);
        let gave_up: Vec<_> = self.gave_up.into_iter().collect();
        let outcome = match (found.is_empty(), gave_up.is_empty()) {
            (false, _) => AccountPathsOutcome::Found,
            (true, true) => AccountPathsOutcome::NoneWithin,
            (true, false) => AccountPathsOutcome::GaveUp,
        };
        let path = |mut label: u32| {
            let mut steps = Vec::new();
            while label != FIRST {
                let Label { transfer, before } = self.labels[label as usize];
                let Transfer { from, to, asset, amount, .. } = self.flows.transfer(transfer);
                steps.push(AccountPathStep { transfer, from, to, asset, amount });
                label = before;
            }
            steps.reverse();
            AccountPath { is_exchanged: steps.windows(2).any(|pair| pair[0].asset != pair[1].asset), steps }
        };
        AccountPaths {
            outcome,
            paths: found.into_iter().map(|(_, label, _)| path(label)).collect(),
            hops_covered,
            is_none_at_all: is_none_at_all && gave_up.is_empty(),
            gave_up,
            stopped: self.stopped.into_iter().map(|(stop, count)| AccountPathsStopped { stop, count }).collect(),
            looked: self.looked,
        }
    }
}
