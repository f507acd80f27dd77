//! The engine: takes the transfers that taint may move with, in trace order, and decides for each what it carries and how
//! that ends or goes on.

use super::amount::{is_zero, sum_of};
use super::error::AccountError;
use super::flows::{AccountOwners, AccountStops, Flows, NONE, Place, Transfer};
use super::limits::{AccountBound, AccountLimits};
use super::places::{Places, State};
use super::pot::{Haircut, Line, Part, Poison, Pot};
use super::queue::Queue;
use super::sink::{AccountEnd, AccountSink};
use super::source::AccountSources;
use super::swap::{Swaps, order};
use super::totals::AccountTotals;
use super::view::View;
use crate::taint::{Direction, Policy};

/// Everything a trace over accounts depends on beside the transfers.
#[derive(Debug)]
pub struct AccountQuestion<'a, S: ?Sized, O: ?Sized> {
    /// How balances hand taint on: FIFO, LIFO, haircut or poison.
    pub policy: Policy,
    /// Which way.
    pub direction: Direction,
    /// From where.
    pub sources: &'a AccountSources,
    /// Where to stop.
    pub stops: &'a S,
    /// Who owns what.
    pub owners: &'a O,
    /// How far.
    pub limits: &'a AccountLimits,
}

/// Runs a trace and tells `sink` of everything as it is found. Memory is proportional to the sources and to the balances that
/// taint was on ([`AccountTotals::place_count`]) with their lots.
pub fn stream<F, S, O, K>(
    flows: &F,
    question: &AccountQuestion<'_, S, O>,
    sink: &mut K,
) -> Result<AccountTotals, AccountError>
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    O: AccountOwners + ?Sized,
    K: AccountSink + ?Sized,
{
    let is_back = question.direction == Direction::Backward;
    Ok(match (question.policy, is_back) {
        (Policy::Fifo, false) => Walk::<_, _, _, _, Line<false>, false>::new(flows, question, sink).run(),
        (Policy::Fifo, true) => Walk::<_, _, _, _, Line<false>, true>::new(flows, question, sink).run(),
        (Policy::Lifo, false) => Walk::<_, _, _, _, Line<true>, false>::new(flows, question, sink).run(),
        (Policy::Lifo, true) => Walk::<_, _, _, _, Line<true>, true>::new(flows, question, sink).run(),
        (Policy::Haircut, false) => Walk::<_, _, _, _, Haircut, false>::new(flows, question, sink).run(),
        (Policy::Haircut, true) => Walk::<_, _, _, _, Haircut, true>::new(flows, question, sink).run(),
        (Policy::Poison, false) => Walk::<_, _, _, _, Poison, false>::new(flows, question, sink).run(),
        (Policy::Poison, true) => Walk::<_, _, _, _, Poison, true>::new(flows, question, sink).run(),
        (policy @ Policy::Tiho, _) => return Err(AccountError::NoSuchPolicy { policy: policy.name() }),
    })
}

/// In place of a balance in the queue: a source.
const SOURCE: u32 = u32::MAX;

pub(super) struct Walk<'a, F: ?Sized, S: ?Sized, O: ?Sized, K: ?Sized, P, const BACK: bool> {
    pub(super) view: View<'a, F, BACK>,
    pub(super) question: &'a AccountQuestion<'a, S, O>,
    pub(super) sink: &'a mut K,
    pub(super) places: Places<P>,
    /// Balances with taint, by the key of their next transfer, and the sources to come.
    queue: Queue,
    due: Vec<u32>,
    pub(super) totals: AccountTotals,
    /// Why nothing more is followed, once that is so.
    pub(super) halted: Option<AccountBound>,
    /// Keys from this on are not followed.
    end: u64,
    /// How many sources, in trace order, are behind.
    sources_done: usize,
    /// Balances whose next transfer has to be looked up.
    pub(super) touched: Vec<u32>,
    pub(super) parts: Vec<Part>,
    pub(super) ended: Vec<Part>,
}

impl<'a, F, S, O, K, P, const BACK: bool> Walk<'a, F, S, O, K, P, BACK>
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    O: AccountOwners + ?Sized,
    K: AccountSink + ?Sized,
    P: Pot,
{
    fn new(flows: &'a F, question: &'a AccountQuestion<'a, S, O>, sink: &'a mut K) -> Self {
        let count = flows.transfers();
        let limits = question.limits;
        let end =
            if BACK { count - limits.since.unwrap_or(0).min(count) } else { limits.until.unwrap_or(count).min(count) };
        Self {
            view: View { flows, count },
            question,
            sink,
            places: Places::new(limits.fan_max, limits.looked_max),
            queue: Queue::new(),
            due: Vec::new(),
            totals: AccountTotals { is_summed: P::IS_SUMMED, ..AccountTotals::default() },
            halted: None,
            end,
            sources_done: 0,
            touched: Vec::new(),
            parts: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn run(mut self) -> AccountTotals {
        for (asset, sum) in self.question.sources.sums(self.view.flows) {
            self.totals.asset(asset).source = sum;
            self.totals.flag(asset, &sum);
        }
        for (n, _) in self.question.sources.parts() {
            self.queue.push(self.view.turn(*n), SOURCE);
        }
        let mut alone = Swaps::none();
        while let Some(key) = self.queue.pop(self.end, &mut self.due) {
            if self.places.looked > self.question.limits.looked_max {
                self.halted = Some(AccountBound::Looked);
            } else if !self.sink.go_on(self.totals.edge_count) {
                self.halted = Some(AccountBound::Cancelled);
            }
            if self.halted.is_some() {
                break;
            }
            self.come_due();
            let transfer = self.view.transfer(key);
            if !self.swaps(key, &transfer) {
                self.places.looked += 1;
                alone.start = key;
                self.step(key, &transfer, &mut alone);
                self.settle(key + 1);
            }
        }
        self.finish();
        self.totals.looked_count = self.places.looked;
        self.totals.place_count = self.places.list.len() as u64;
        debug_assert!(self.totals.check(), "taint was not conserved: {:?}", self.totals);
        self.totals
    }

    /// The source that comes next, as its number and mark.
    fn source(&self) -> Option<(u64, u32)> {
        let parts = self.question.sources.parts();
        let at = if BACK { parts.len().checked_sub(self.sources_done + 1)? } else { self.sources_done };
        parts.get(at).copied()
    }

    /// Takes note of what was taken from the queue.
    fn come_due(&mut self) {
        for number in self.due.drain(..) {
            if number == SOURCE {
                self.sources_done += 1;
            } else {
                self.places.list[number as usize].is_queued = false;
                self.touched.push(number);
            }
        }
    }

    /// Queues the balances touched for their next transfer, or lets them sleep.
    fn settle(&mut self, next: u64) {
        for index in self.touched.drain(..) {
            let balance = &mut self.places.list[index as usize];
            if balance.state != State::Open || balance.is_queued {
                continue;
            }
            if !balance.pot.is_tainted() {
                balance.state = State::Asleep(next);
                continue;
            }
            if let Some(key) = balance.next(&self.view, next, &mut self.places.looked) {
                balance.is_queued = true;
                self.queue.push(key, index);
            }
        }
    }

    /// Follows the whole transaction of a transfer, if pools told of swaps in it; whether they did.
    fn swaps(&mut self, key: u64, transfer: &Transfer) -> bool {
        if transfer.tx == NONE {
            return false;
        }
        let mut pools: Vec<u32> = self.view.flows.swap_pools(transfer.tx).collect();
        if pools.is_empty() {
            return false;
        }
        let keys = self.view.of_tx(transfer.tx);
        // the subject's own contracts are no pools to it; a transaction that does not hold its own transfer is none
        pools.retain(|pool| !self.question.owners.is_own(*pool));
        if pools.is_empty() || !keys.contains(&key) {
            return false;
        }
        pools.sort_unstable();
        pools.dedup();
        let transfers: Vec<_> = (keys.start..keys.end.min(self.end))
            .map(|key| (key, self.view.transfer(key)))
            .filter(|(_, transfer)| transfer.moves())
            .collect();
        self.places.looked += keys.end - keys.start;
        while self.queue.pop(keys.end.min(self.end), &mut self.due).is_some() {}
        self.come_due();
        let order = order(&transfers, &pools);
        let mut swaps = Swaps::new(keys.start, &transfers, pools);
        for at in order {
            let (key, transfer) = transfers[at];
            swaps.gives_up(&transfer);
            // once halted, it ends the sources among them and nothing else
            self.step(key, &transfer, &mut swaps);
            swaps.done.push((key, transfer));
        }
        self.leave(swaps);
        self.settle(keys.end);
        true
    }

    /// Ends what a transaction of swaps leaves behind: with pools, with contracts on the way, and debts.
    fn leave(&mut self, swaps: Swaps<P>) {
        use super::flows::AccountStop::Contract;
        let stop = self.halted.map_or(AccountEnd::Stopped(Contract), AccountEnd::Bounded);
        for ((pool, asset), mut intake) in swaps.intakes {
            let place = Place::free(pool, asset);
            let mut left = intake.parts.split_off(intake.used);
            self.end_parts(place, None, &mut intake.parts, AccountEnd::Converted);
            self.end_parts(place, None, &mut left, stop);
        }
        for (place, mut pot) in swaps.through {
            let mut left = Vec::new();
            pot.wash(&mut left);
            // what was reached and given on has not ended there
            if P::IS_SUMMED {
                self.end_parts(place, None, &mut left, stop);
            }
        }
        for index in &self.touched {
            let balance = &mut self.places.list[*index as usize];
            if !is_zero(&balance.debt) {
                let asset = self.totals.assets.entry(balance.place.asset).or_default();
                asset.short += std::mem::take(&mut balance.debt);
            }
        }
    }

    /// Ends everything that is still on balances, and the sources that were not come to.
    fn finish(&mut self) {
        for index in 0..self.places.list.len() {
            if self.places.list[index].state != State::Open {
                continue;
            }
            let end = if let Some(bound) = self.halted {
                AccountEnd::Bounded(bound)
            } else if self.goes_on(index) {
                AccountEnd::Bounded(Self::edge_of_time())
            } else {
                AccountEnd::Held
            };
            let mut left = Vec::new();
            let balance = &mut self.places.list[index];
            balance.pot.wash(&mut left);
            let place = balance.place;
            self.end_parts(place, None, &mut left, end);
        }
        let end = AccountEnd::Bounded(self.halted.unwrap_or(Self::edge_of_time()));
        while let Some((n, tag)) = self.source() {
            self.sources_done += 1;
            let transfer = self.view.flows.transfer(n);
            self.end_source(n, tag, &transfer, end);
        }
    }

    /// Ends a source where it is.
    pub(super) fn end_source(&mut self, n: u64, tag: u32, transfer: &Transfer, end: AccountEnd) {
        if let Some(place) = transfer.receiver().or(transfer.giver()) {
            let part = Part { amount: sum_of(transfer.amount), hop: 0, tag };
            self.end_parts(place, Some(n), &mut [part], end);
        }
    }

    const fn edge_of_time() -> AccountBound {
        if BACK { AccountBound::Since } else { AccountBound::Until }
    }

    /// Whether a balance with taint gives anything beyond the time asked for.
    fn goes_on(&mut self, index: usize) -> bool {
        if self.end == self.view.count {
            return false;
        }
        let place = self.places.list[index].place;
        let looked = &mut self.places.looked;
        !self.view.scan(place.account, self.end, |_, transfer| {
            *looked += 1;
            place.side(transfer) != Some(super::view::Side::Out)
        })
    }
}
