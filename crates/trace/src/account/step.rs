//! One transfer: what it takes from its giver, and what its receiver gets.

use super::amount::{Sum, is_zero, sum_of};
use super::flows::{AccountOwners, AccountStops, Flows, Place, Transfer};
use super::limits::AccountBound;
use super::places::State;
use super::pot::{Part, Pot, is_tainted, push};
use super::sink::{AccountEdge, AccountEnd, AccountSink, Conversion};
use super::swap::{Exchange, Swaps};
use super::walk::Walk;

impl<F, S, O, K, P, const BACK: bool> Walk<'_, F, S, O, K, P, BACK>
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    O: AccountOwners + ?Sized,
    K: AccountSink + ?Sized,
    P: Pot,
{
    /// Follows one transfer.
    pub(super) fn step(&mut self, key: u64, transfer: &Transfer, swaps: &mut Swaps<P>) {
        if !transfer.moves() {
            return;
        }
        let n = self.view.turn(key);
        let source = self.question.sources.tag_of(n);
        if let Some(bound) = self.halted {
            if let Some(tag) = source {
                self.end_source(n, tag, &self.view.flows.transfer(n), AccountEnd::Bounded(bound));
            }
            return;
        }
        let amount = sum_of(transfer.amount);
        let (giver, receiver) = (transfer.giver(), transfer.receiver());
        let mut parts = std::mem::take(&mut self.parts);
        parts.clear();
        self.give(n, transfer, amount, swaps, &mut parts);
        if is_tainted(&parts) && self.totals.edge_count >= self.question.limits.edges_max {
            self.halted = Some(AccountBound::Edges);
            if let Some(place) = giver {
                self.end_parts(place, None, &mut parts, AccountEnd::Bounded(AccountBound::Edges));
            }
        }
        if let (Some(bound), Some(tag)) = (self.halted, source) {
            self.end_source(n, tag, &self.view.flows.transfer(n), AccountEnd::Bounded(bound));
        } else if let Some(tag) = source {
            self.rejoin(n, transfer, swaps, &mut parts);
            parts.clear();
            parts.push(Part { amount, hop: 0, tag });
            if !BACK && !self.question.sources.are_reached() {
                if let Some(place) = receiver {
                    self.receive(key, place, swaps, &mut parts);
                }
                self.parts = parts;
                return;
            }
            if self.totals.edge_count >= self.question.limits.edges_max {
                self.halted = Some(AccountBound::Edges);
                parts.clear();
                parts.push(Part::clean(amount));
                self.end_source(n, tag, &self.view.flows.transfer(n), AccountEnd::Bounded(AccountBound::Edges));
            }
        }
        if is_tainted(&parts) {
            self.carry(n, transfer, swaps, &mut parts);
            self.arrive(n, transfer, swaps, &mut parts);
        }
        if let Some(place) = receiver {
            self.receive(key, place, swaps, &mut parts);
        }
        self.parts = parts;
    }

    /// Takes what a transfer moves from its giver.
    fn give(&mut self, n: u64, transfer: &Transfer, amount: Sum, swaps: &mut Swaps<P>, parts: &mut Vec<Part>) {
        let open = transfer.giver().and_then(|place| self.places.open(place));
        if let Some(pot) = transfer.giver().and_then(|place| swaps.through.get_mut(&place)) {
            // what it holds beside is its own
            let own = pot.take(amount, parts);
            if !is_zero(&own) {
                push(parts, Part::clean(own));
            }
        } else if let Some(index) = open.filter(|index| self.counts(*index)) {
            let balance = &mut self.places.list[index];
            let missing = balance.pot.take(amount, parts);
            if !is_zero(&missing) {
                push(parts, Part::clean(missing));
                if swaps.is_group() {
                    balance.debt += missing;
                } else {
                    self.totals.asset(transfer.asset).short += missing;
                }
            }
        } else {
            parts.push(Part::clean(amount));
        }
        if swaps.is_group()
            && swaps.is_pool(transfer.from)
            && let Some(exchange) = swaps.exchange(transfer, parts, P::IS_SUMMED)
        {
            self.convert(n, transfer, amount, &exchange);
        }
    }

    /// Tells of taint that a pool exchanged.
    fn convert(&mut self, n: u64, transfer: &Transfer, amount: Sum, exchange: &Exchange) {
        let Exchange { asset_in, amount_in, tainted_in, tainted_out } = *exchange;
        self.totals.conversion_count += 1;
        self.totals.asset(transfer.asset).converted_in += tainted_out;
        let (tainted_in, tainted_out) = if P::IS_SUMMED { (tainted_in, tainted_out) } else { (amount_in, amount) };
        let (tx, pool) = (transfer.tx, transfer.from);
        self.sink.conversion(&if BACK {
            Conversion {
                tx,
                pool,
                transfer: n,
                asset_in: transfer.asset,
                amount_in: amount,
                tainted_in: tainted_out,
                asset_out: asset_in,
                amount_out: amount_in,
                tainted_out: tainted_in,
            }
        } else {
            Conversion {
                tx,
                pool,
                transfer: n,
                asset_in,
                amount_in,
                tainted_in,
                asset_out: transfer.asset,
                amount_out: amount,
                tainted_out,
            }
        });
    }

    /// Ends what has come back in a transfer that is itself a source.
    fn rejoin(&mut self, n: u64, transfer: &Transfer, swaps: &Swaps<P>, parts: &mut [Part]) {
        let place = transfer.receiver().or(transfer.giver());
        let Some(place) = place.filter(|_| is_tainted(parts)) else { return };
        let is_own = self.is_own_move(transfer);
        if P::IS_SUMMED {
            let (mut internal, mut returned) = (Sum::ZERO, Sum::ZERO);
            for part in parts.iter().filter(|p| !p.is_clean()) {
                *if is_own && part.hop == 0 { &mut internal } else { &mut returned } += part.amount;
            }
            let sums = self.totals.asset(transfer.asset);
            (sums.internal, sums.returned) = (sums.internal + internal, sums.returned + returned);
        }
        if !BACK && !self.question.sources.are_reached() {
            // otherwise the source itself is the edge
            self.tell_edge(n, transfer, parts, u32::from(Self::is_hop(transfer, swaps, is_own)));
        }
        self.end_parts(place, Some(n), parts, AccountEnd::Rejoined);
    }

    /// Whether a transfer stays with the subject.
    fn is_own_move(&self, transfer: &Transfer) -> bool {
        let owners = self.question.owners;
        owners.is_own(transfer.from) && owners.is_own(transfer.to)
    }

    /// Whether a transfer is a hop: neither within the subject nor aside and back, nor into a pool. Out of one it is, so that a swap
    /// is one hop.
    fn is_hop(transfer: &Transfer, swaps: &Swaps<P>, is_own: bool) -> bool {
        let aside = |place: Option<Place>| place.is_some_and(|p| p.is_staked);
        !(is_own || aside(transfer.giver()) || aside(transfer.receiver()) || swaps.is_pool(transfer.to))
    }

    /// Counts the hop and tells of the edge.
    fn carry(&mut self, n: u64, transfer: &Transfer, swaps: &Swaps<P>, parts: &mut [Part]) {
        if Self::is_hop(transfer, swaps, self.is_own_move(transfer)) {
            parts.iter_mut().filter(|p| !p.is_clean()).for_each(|part| part.hop += 1);
        }
        self.tell_edge(n, transfer, parts, 0);
    }

    fn tell_edge(&mut self, n: u64, transfer: &Transfer, parts: &[Part], hops_more: u32) {
        let mut edge = AccountEdge {
            transfer: n,
            tx: transfer.tx,
            from: transfer.from,
            to: transfer.to,
            asset: transfer.asset,
            kind: transfer.kind,
            amount: transfer.amount,
            tainted: Sum::ZERO,
            hop: u32::MAX,
        };
        for part in parts.iter().filter(|p| !p.is_clean()) {
            edge.tainted += part.amount;
            edge.hop = edge.hop.min(part.hop + hops_more);
        }
        if BACK {
            (edge.from, edge.to) = (edge.to, edge.from);
        }
        self.totals.edge_count += 1;
        self.sink.edge(&edge);
    }

    /// Adds the parts to the balance of their receiver, where that is followed.
    fn receive(&mut self, key: u64, place: Place, swaps: &mut Swaps<P>, parts: &mut Vec<Part>) {
        let n = self.view.turn(key);
        if swaps.is_pool(place.account) {
            swaps.enter(place.account, place.asset, parts);
            parts.iter_mut().for_each(Part::wash);
        } else if let Some(pot) = swaps.through.get_mut(&place) {
            return pot.put(parts);
        }
        let index = if is_tainted(parts) {
            match self.wake(key, place, swaps) {
                Ok(index) => index,
                Err(bound) => return self.end_parts(place, Some(n), parts, AccountEnd::Bounded(bound)),
            }
        } else {
            let Some(index) = self.places.open(place) else { return };
            index
        };
        if !self.counts(index) {
            return self.end_parts(place, Some(n), parts, AccountEnd::Bounded(AccountBound::Fan));
        }
        let balance = &mut self.places.list[index];
        let (short, debt) = (balance.short_of(n), balance.debt);
        if !is_zero(&short) {
            let mut cut = Vec::new();
            P::cut(parts, short, &mut cut);
            self.end_parts(place, Some(n), &mut cut, AccountEnd::Unknown);
        }
        if !is_zero(&debt) {
            let (mut cut, whole) = (Vec::new(), parts.iter().fold(Sum::ZERO, |sum, p| sum + p.amount));
            let paid = debt.min(whole);
            self.places.list[index].debt -= paid;
            P::cut(parts, paid, &mut cut);
            self.end_parts(place, Some(n), &mut cut, AccountEnd::Bounded(AccountBound::Advance));
        }
        self.places.list[index].pot.put(parts);
    }

    /// Opens a balance that taint has come to.
    fn wake(&mut self, key: u64, place: Place, swaps: &Swaps<P>) -> Result<usize, AccountBound> {
        if let Some(index) = self.places.open(place) {
            return Ok(index);
        }
        let start = if swaps.is_group() { swaps.start } else { key };
        let opened = self.places.wake(&self.view, place, start, &swaps.done);
        let opened = opened.inspect_err(|bound| {
            if *bound == AccountBound::Looked {
                self.halted = Some(*bound);
            }
        })?;
        self.totals.short_places += u64::from(opened.is_new && !is_zero(&opened.short));
        let sums = self.totals.asset(place.asset);
        sums.is_beyond_256_bits |= opened.is_beyond;
        if BACK {
            sums.short += opened.short;
        }
        self.touched.push(opened.index as u32);
        Ok(opened.index)
    }

    /// Counts a transfer of an open balance; whether it is still followed.
    fn counts(&mut self, index: usize) -> bool {
        let balance = &mut self.places.list[index];
        // going backward the whole history was counted as it was opened
        if BACK && P::IS_SUMMED {
            return true;
        }
        balance.count += 1;
        if balance.count <= self.places.fan_max {
            return true;
        }
        balance.state = State::Closed(AccountBound::Fan);
        let mut left = Vec::new();
        balance.pot.wash(&mut left);
        let place = balance.place;
        self.end_parts(place, None, &mut left, AccountEnd::Bounded(AccountBound::Fan));
        false
    }

    /// Ends the tainted parts: they are counted, told, and clean from here on.
    pub(super) fn end_parts(&mut self, place: Place, transfer: Option<u64>, parts: &mut [Part], end: AccountEnd) {
        let mut ended = std::mem::take(&mut self.ended);
        ended.clear();
        let mut sum = Sum::ZERO;
        for part in parts.iter_mut().filter(|p| !p.is_clean()) {
            ended.push(*part);
            sum += part.amount;
            part.wash();
        }
        if !ended.is_empty() {
            if P::IS_SUMMED {
                self.totals.flag(place.asset, &sum);
            }
            self.totals.end(place.asset, if P::IS_SUMMED { sum } else { Sum::ZERO }, end);
            self.sink.end(place, transfer, &ended, end);
        }
        self.ended = ended;
    }
}
