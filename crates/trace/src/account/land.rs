//! Where taint arrives: whether it ends there or goes on.

use super::amount::{Sum, sum_of};
use super::flows::{AccountOwners, AccountStop, AccountStops, Flows, Place, Transfer};
use super::limits::AccountBound;
use super::pot::{Part, Pot};
use super::sink::{AccountArrival, AccountEnd, AccountSink};
use super::swap::Swaps;
use super::view::Side;
use super::walk::Walk;

impl<F, S, O, K, P, const BACK: bool> Walk<'_, F, S, O, K, P, BACK>
where
    F: Flows + ?Sized,
    S: AccountStops + ?Sized,
    O: AccountOwners + ?Sized,
    K: AccountSink + ?Sized,
    P: Pot,
{
    /// Ends taint that a transfer carried, as far as it ends where it arrives; what is left tainted goes on.
    pub(super) fn arrive(&mut self, n: u64, transfer: &Transfer, swaps: &mut Swaps<P>, parts: &mut [Part]) {
        let giver = transfer.giver();
        if let Some(place) = giver.filter(|_| transfer.kind.is_fee()) {
            return self.end_parts(place, Some(n), parts, AccountEnd::Fee);
        }
        let passage = self.view.flows.bridge(n).filter(|passage| passage.is_out != BACK);
        let Some(place) = transfer.receiver() else {
            let end = match passage {
                Some(passage) => AccountEnd::Stopped(AccountStop::Bridge { protocol: passage.protocol }),
                None if transfer.kind.is_fee() => AccountEnd::Fee,
                None => AccountEnd::Outside,
            };
            // a giver there is: taint came from a balance
            if let Some(place) = giver {
                self.end_parts(place, Some(n), parts, end);
            }
            return;
        };
        if giver.is_none() && transfer.kind.is_fee() {
            return self.end_parts(place, Some(n), parts, AccountEnd::Fee);
        }
        if swaps.is_pool(place.account) || place.is_staked || giver.is_some_and(|g| g.is_staked) {
            return;
        }
        let is_own = self.question.owners.is_own(place.account);
        let stop = match passage {
            Some(passage) => Some(AccountStop::Bridge { protocol: passage.protocol }),
            None if is_own => None,
            None => self.stop(place, swaps),
        };
        self.reach(&AccountArrival { transfer: n, place, is_own, stop }, parts);
        if let Some(stop) = stop {
            return self.end_parts(place, Some(n), parts, AccountEnd::Stopped(stop));
        }
        let limits = self.question.limits;
        let is_far = |part: &Part| !part.is_clean() && part.hop >= limits.hops_max;
        if parts.iter().any(is_far) {
            let mut far: Vec<_> = parts.iter().copied().filter(is_far).collect();
            parts.iter_mut().filter(|p| is_far(p)).for_each(Part::wash);
            self.end_parts(place, Some(n), &mut far, AccountEnd::Bounded(AccountBound::Hops));
        }
        if let Some(min) = limits.amount_min.get(&place.asset) {
            let sum = parts.iter().filter(|p| !p.is_clean()).fold(Sum::ZERO, |sum, p| sum + p.amount);
            if sum < *min {
                self.end_parts(place, Some(n), parts, AccountEnd::Bounded(AccountBound::Amount));
            }
        }
    }

    /// Why taint does not go past an account. A contract that gives the asset on in the same transaction of swaps is on the way.
    fn stop(&mut self, place: Place, swaps: &mut Swaps<P>) -> Option<AccountStop> {
        if let Some(stop) = self.question.stops.stop(place.account) {
            return Some(stop);
        }
        if self.question.limits.through_contracts || !self.view.flows.is_contract(place.account) {
            return None;
        }
        if swaps.is_group() && swaps.gives_on(place.account, place.asset) && self.places.open(place).is_none() {
            if !swaps.through.contains_key(&place) {
                let pot = Self::passing(place, &swaps.done);
                swaps.through.insert(place, pot);
            }
            return None;
        }
        (!swaps.through.contains_key(&place)).then_some(AccountStop::Contract)
    }

    /// What a contract has of an asset inside a transaction, by what that has done so far.
    fn passing(place: Place, done: &[(u64, Transfer)]) -> P {
        let (mut pot, mut gone) = (P::open(Sum::ZERO), Vec::new());
        for (_, transfer) in done {
            let amount = sum_of(transfer.amount);
            match place.side(transfer) {
                Some(Side::In) => pot.put(&[Part::clean(amount)]),
                Some(Side::Out) => {
                    gone.clear();
                    pot.take(amount, &mut gone);
                }
                None => {}
            }
        }
        pot
    }

    /// Tells the sink of an arrival, and takes over the tags it sets.
    fn reach(&mut self, at: &AccountArrival, parts: &mut [Part]) {
        let mut told = std::mem::take(&mut self.ended);
        told.clear();
        told.extend(parts.iter().filter(|p| !p.is_clean()));
        self.sink.reach(at, &mut told);
        for (part, told) in parts.iter_mut().filter(|p| !p.is_clean()).zip(&told) {
            part.tag = told.tag;
        }
        self.ended = told;
    }
}
