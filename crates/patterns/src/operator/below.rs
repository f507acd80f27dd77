//! `below`: several sums within a day that each stay just below what has to be reported, and together do not.
//!
//! Receipts of a party, or of one customer's deposit address; or payments. On chains of outputs one who pays three times pays
//! the second sum out of the change of the first: payments are followed over change.

use super::onward::leaving;
use super::specs::{m, p};
use super::start::{behind, pools, read};
use super::through::businesses;
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::rule::Params;
use crate::{Candidate, Classes, Move, Party, RuleError, Shape, Subject, Sum, Timeline, Unit, World};
use std::collections::BTreeMap;

/// Movements of a service above which it is not read again with every block.
const SERVICE_MOVES_MAX: u64 = 20_000;
/// Addresses of change that are followed for one payer.
const CHANGE_MAX: u32 = 12;
/// Movements of one of these that are read.
const CHANGE_MOVES_MAX: u64 = 100;

pub(super) static SPEC: Spec = Spec {
    name: "below",
    about: "several sums within hours, each just below a threshold of reporting, together above it",
    parameters: &[
        p("thresholds", Unit::Count, "`jurisdiction amount currency`, USD or EUR: `US 3000 USD`"),
        p("share_min", Unit::Permille, "a sum is just below from this part of the threshold on"),
        p("hours", Unit::Hours, "all lie within so long"),
        p("sums_min", Unit::Count, "fewest sums"),
    ],
    measures: &[
        m("sums", Unit::Count, "sums just below the threshold"),
        m("sum_permille", Unit::Permille, "all together, of the threshold"),
        m("threshold_usd_cents", Unit::UsdCents, "the threshold, where it is in dollars"),
        m("threshold_eur_cents", Unit::EurCents, "the threshold, where it is in euro"),
        m("band_permille", Unit::Permille, "part of the party's sums on that side in those hours that lie just below"),
        m("partners", Unit::Count, "distinct other sides; customer deposit addresses count as their service"),
        m("receipts_side", Unit::Flag, "whether these are receipts, not payments"),
        m("equal", Unit::Flag, "whether all are worth exactly the same, as prices and wages are"),
        m("deposit", Unit::Flag, "whether the address is a customer deposit address: ask the service behind it"),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
    ],
    bind: |params| {
        let mut thresholds = Vec::new();
        for text in params.names("thresholds")? {
            thresholds.push(Threshold::read(params, text)?);
        }
        Ok(Box::new(Below {
            thresholds,
            share_min: params.number("share_min")?,
            seconds: params.small("hours")?.saturating_mul(3_600),
            sums_min: params.number("sums_min")?.max(2),
            pools: pools(),
        }))
    },
};

/// A sum from which a transfer has to be reported, in one jurisdiction.
#[derive(Clone, Debug)]
struct Threshold {
    text: String,
    cents: u64,
    is_euro: bool,
}

impl Threshold {
    fn read(params: &Params<'_>, text: &str) -> Result<Self, RuleError> {
        let wrong = || params.wrong("thresholds", format!("{text:?} is not `jurisdiction amount USD` or `… EUR`"));
        let mut words = text.split(' ');
        let (Some(_), Some(amount), Some(currency), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(wrong());
        };
        let amount: u64 = amount.parse().ok().filter(|a| (1..=1_000_000_000).contains(a)).ok_or_else(wrong)?;
        let is_euro = match currency {
            "EUR" => true,
            "USD" => false,
            _ => return Err(wrong()),
        };
        Ok(Self { text: text.into(), cents: amount * 100, is_euro })
    }

    /// What a movement is worth in the threshold's currency.
    fn worth(&self, world: &dyn World, movement: &Move) -> Option<u64> {
        let cents = movement.worth()?;
        if self.is_euro { world.euro_cents(movement.time, cents) } else { Some(cents) }
    }
}

struct Below {
    thresholds: Vec<Threshold>,
    share_min: u64,
    seconds: u32,
    sums_min: u64,
    pools: Classes,
}

impl Bound for Below {
    fn scope(&self) -> Scope {
        // a receipt, a payment and its change: where sums are paid one from the change of the other, each payer has no more
        Scope::Parties { least: 3 }
    }

    fn wants(&self, at: &At<'_>, party: Party) -> bool {
        // of a service only customers' deposit addresses are looked at, and of a large one not with every block: the next
        // whole run finds those
        !at.world.classes(party).meets(self.pools)
            || !at.world.facts().deposits.is_empty()
                && (at.changed.is_none() || !at.world.is_heavier(party, SERVICE_MOVES_MAX))
    }

    fn party(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        // most parties never move one such sum
        if !timeline.moves.iter().any(|m| self.is_near_any(at, m)) {
            return;
        }
        let is_service = at.world.classes(timeline.party).meets(self.pools);
        let deposits = &at.world.facts().deposits;
        let subject = Subject::Party(timeline.party);
        let mut received: Vec<&Move> = timeline.received().filter(|m| m.worth().is_some()).collect();
        // each deposit address is one customer's, whose ever the party is
        let mut at_deposits: BTreeMap<u32, Vec<&Move>> = BTreeMap::new();
        if !deposits.is_empty() {
            for movement in received.iter().filter(|m| deposits.contains(&m.own)) {
                at_deposits.entry(movement.own).or_default().push(movement);
            }
            received.retain(|m| !deposits.contains(&m.own));
        }
        for (address, moves) in &at_deposits {
            found.extend(self.best(at, &Subject::Address(*address), moves, Side::Deposited));
        }
        if is_service {
            return;
        }
        found.extend(self.best(at, &subject, &received, Side::Received));
        let paid = self.payments(at, timeline);
        // where the coin is itself the change of such a payment, the one who paid it tells all of them
        if let Some((candidate, over_change)) = self.paid(at, timeline.party, &paid)
            && (!over_change || self.payer_before(at, timeline).is_none())
        {
            found.push(candidate);
        }
        // of an incremental run: the last payment over change is new, and the one who paid first, who tells all, did nothing
        if at.changed.is_some()
            && !paid.later.iter().any(|m| self.is_near_any(at, m))
            && let Some(payer) = self.payer_before(at, timeline)
            && let Some(head) = self.head(at, payer)
            && !at.is_due(head.party)
        {
            let candidate = self.paid(at, head.party, &self.payments(at, &head));
            found.extend(candidate.map(|(candidate, _)| candidate));
        }
    }
}

/// What sums are, seen from the subject.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Received,
    Deposited,
    Paid,
}

/// Payments of a party, and those that were made later out of its change.
struct Payments {
    own: Vec<Move>,
    later: Vec<Move>,
}

impl Below {
    fn is_near(&self, at: &At<'_>, movement: &Move, threshold: &Threshold) -> bool {
        let worth = threshold.worth(at.world, movement);
        worth.is_some_and(|w| {
            w < threshold.cents && u128::from(w) * 1000 >= u128::from(threshold.cents) * u128::from(self.share_min)
        })
    }

    fn is_near_any(&self, at: &At<'_>, movement: &Move) -> bool {
        self.thresholds.iter().any(|threshold| self.is_near(at, movement, threshold))
    }

    /// What the party paid, without its change; and on chains of outputs what was paid out of that change within the hours.
    fn payments(&self, at: &At<'_>, timeline: &Timeline) -> Payments {
        let paid = leaving(at, timeline);
        let own: Vec<Move> = paid.sent.iter().filter(|m| m.worth().is_some()).map(|m| **m).collect();
        let mut later = Vec::new();
        let (Some(first), Some(mut change)) =
            (own.iter().find(|m| self.is_near_any(at, m)), paid.change.last().map(|m| **m))
        else {
            return Payments { own, later };
        };
        let (start, mut hops) = (first.time, 0);
        while hops < CHANGE_MAX
            && change.time.saturating_sub(start) <= self.seconds
            && at.world.size(change.party) == 1
            && !at.world.is_heavier(change.party, CHANGE_MOVES_MAX)
        {
            let next = read(at, change.party, CHANGE_MOVES_MAX as usize);
            let onward = leaving(at, &next);
            later.extend(onward.sent.iter().filter(|m| m.worth().is_some()).map(|m| **m));
            let Some(last) = onward.change.last() else { break };
            change = **last;
            hops += 1;
        }
        Payments { own, later }
    }

    /// What it paid itself; or, where that is too little, with what was paid out of its change, and that this was so.
    fn paid(&self, at: &At<'_>, party: Party, paid: &Payments) -> Option<(Candidate, bool)> {
        let subject = Subject::Party(party);
        let own: Vec<&Move> = paid.own.iter().collect();
        if let Some(alone) = self.best(at, &subject, &own, Side::Paid) {
            return Some((alone, false));
        }
        let all: Vec<&Move> = own.into_iter().chain(&paid.later).collect();
        if paid.later.is_empty() {
            return None;
        }
        self.best(at, &subject, &all, Side::Paid).map(|candidate| (candidate, true))
    }

    /// Who paid first, over change from one to the next.
    fn head(&self, at: &At<'_>, payer: Party) -> Option<Timeline> {
        let mut head = read(at, payer, CHANGE_MOVES_MAX as usize);
        for _ in 0..CHANGE_MAX {
            match self.payer_before(at, &head) {
                Some(payer) => head = read(at, payer, CHANGE_MOVES_MAX as usize),
                None => return Some(head),
            }
        }
        None
    }

    /// Whose change the party spent: of a payment just below a threshold, within the hours.
    fn payer_before(&self, at: &At<'_>, timeline: &Timeline) -> Option<Party> {
        if at.world.shape() == Shape::Accounts {
            return None;
        }
        let payment = timeline.sent().find(|m| self.is_near_any(at, m))?;
        let is_change = |receipt: &&Move| {
            if receipt.party == Party::NOBODY
                || payment.time.saturating_sub(receipt.time) > self.seconds
                || at.world.is_heavier(receipt.party, CHANGE_MOVES_MAX)
            {
                return false;
            }
            let payer = read(at, receipt.party, CHANGE_MOVES_MAX as usize);
            let leaving = leaving(at, &payer);
            leaving.change.iter().any(|m| m.tx == receipt.tx && m.other == receipt.own)
                && leaving.sent.iter().any(|m| m.tx == receipt.tx && self.is_near_any(at, m))
        };
        // a coin of change is the party's only receipt or nearly so: a busy party is its own first payer
        timeline.received().take(CHANGE_MAX as usize).find(is_change).map(|receipt| receipt.party)
    }

    /// Of several thresholds that the same sums lie below, the one that most of them lie below.
    fn best(&self, at: &At<'_>, subject: &Subject, moves: &[&Move], side: Side) -> Option<Candidate> {
        if (moves.len() as u64) < self.sums_min {
            return None;
        }
        let mut best: Option<Candidate> = None;
        for threshold in &self.thresholds {
            let sums = |c: &Candidate| c.measures.get("sums").unwrap_or(0);
            if let Some(candidate) = self.look(at, subject, moves, side, threshold)
                && best.as_ref().is_none_or(|known| sums(&candidate) > sums(known))
            {
                best = Some(candidate);
            }
        }
        best
    }

    fn look(
        &self,
        at: &At<'_>,
        subject: &Subject,
        moves: &[&Move],
        side: Side,
        threshold: &Threshold,
    ) -> Option<Candidate> {
        let near: Vec<&Move> = moves.iter().copied().filter(|m| self.is_near(at, m, threshold)).collect();
        let busiest = self.busiest(&near);
        if (busiest.len() as u64) < self.sums_min {
            return None;
        }
        let (first, last) = (busiest.first()?, busiest.last()?);
        let sum: u128 = busiest.iter().filter_map(|m| threshold.worth(at.world, m)).map(u128::from).sum();
        let among = moves.iter().filter(|m| (first.time..=last.time).contains(&m.time)).count();
        let mut partners: Vec<Party> =
            busiest.iter().map(|m| behind(at.world, m.party, m.other)).filter(|p| *p != Party::NOBODY).collect();
        partners.sort_unstable();
        partners.dedup();
        let mut candidate = Candidate::of(subject.clone(), busiest.iter().copied());
        candidate.total = Sum::of(busiest.iter().copied().filter(|m| m.asset == candidate.asset));
        candidate.notes.push(threshold.text.clone().into());
        let classes = match subject {
            Subject::Party(party) => at.world.classes(*party),
            _ => Classes::NONE,
        };
        let measures = &mut candidate.measures;
        measures.set("sums", busiest.len());
        measures.maybe("sum_permille", permille(sum, threshold.cents));
        let name = if threshold.is_euro { "threshold_eur_cents" } else { "threshold_usd_cents" };
        measures.set(name, threshold.cents);
        measures.maybe("band_permille", permille(busiest.len() as u64, among as u64));
        measures.set("partners", partners.len());
        measures.set("receipts_side", i64::from(side != Side::Paid));
        measures.set("equal", i64::from(busiest.iter().all(|m| m.cents == first.cents)));
        measures.set("deposit", i64::from(side == Side::Deposited));
        measures.set("labelled_business", i64::from(classes.meets(businesses())));
        Some(candidate)
    }

    /// The window with most sums; the earliest of equal ones.
    fn busiest<'a, 't>(&self, near: &'a [&'t Move]) -> &'a [&'t Move] {
        let (mut start, mut best) = (0, 0..0);
        for end in 0..near.len() {
            while near[end].time.saturating_sub(near[start].time) > self.seconds {
                start += 1;
            }
            if end + 1 - start > best.len() {
                best = start..end + 1;
            }
        }
        &near[best]
    }
}

#[cfg(test)]
mod tests;
