//! `spray`: one source pays several services within a short time.
//!
//! On chains of outputs the source is often many parties: each payment's change goes to a fresh address. The change of a payment to
//! a service is followed, so that payments one after the other are seen as one source's; its later links are not told again.

use super::seeds::{cents, m, p, read};
use super::{At, Bound, Scope, Spec};
use crate::{Candidate, Classes, Move, Party, Shape, Subject, Timeline, Unit};
use athar_types::Category;
use rustc_hash::FxHashMap;

/// Movements of what may be change at most: more is a wallet of its own.
const CHANGE_WEIGHT: u64 = 64;
/// Movements of whoever the change may come from at most.
const BEFORE_WEIGHT: u64 = 10_000;
/// Addresses of what may be change at most: changes that were spent together.
const CHANGE_SIZE: u32 = 4;

pub(super) static SPEC: Spec = Spec {
    name: "spray",
    about: "one source pays several services within a short time",
    parameters: &[
        p("services", Unit::Count, "categories of the services that count"),
        p("window_hours", Unit::Hours, "length of the window"),
        p("services_min", Unit::Count, "fewest distinct services"),
        p("dust_cents", Unit::UsdCents, "payments worth less are not looked at; unpriced ones are"),
        p("change_hops", Unit::Count, "how many changes of such payments are followed at most"),
    ],
    measures: &[
        m("services", Unit::Count, "distinct services that were paid in the window"),
        m("payments", Unit::Count, "payments to them"),
        m("paid_cents", Unit::UsdCents, "what they got"),
        m("span_hours", Unit::Hours, "hours from the first payment to the last"),
        m("changes", Unit::Count, "changes that were followed"),
        m("service", Unit::Flag, "the source is itself a service"),
        m("labelled_business", Unit::Flag, "a label says merchant, aid organisation or authority"),
        m("bound_hit", Unit::Flag, "there were more changes, or more movements, than were followed"),
    ],
    bind: |params| {
        Ok(Box::new(Spray {
            services: params.classes("services")?,
            window: params.small("window_hours")?.saturating_mul(3_600),
            services_min: params.number("services_min")?.max(1),
            dust: params.number("dust_cents")?,
            change_hops: params.small("change_hops")?,
            pools: Classes::services(),
            business: Classes::of([
                Category::Merchant,
                Category::HumanitarianOrganisation,
                Category::Authority,
                Category::PaymentProcessor,
            ]),
        }))
    },
};

struct Spray {
    services: Classes,
    window: u32,
    services_min: u64,
    dust: u64,
    change_hops: u32,
    pools: Classes,
    business: Classes,
}

/// A payment to a service.
#[derive(Clone, Copy)]
struct Sale {
    service: u32,
    movement: Move,
}

impl Bound for Spray {
    fn scope(&self) -> Scope {
        // a receipt, a payment and its change; on accounts as many payments as there are services
        Scope::Parties { least: 3 }
    }

    fn party(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        let sales = self.sales(at, timeline, 0);
        if sales.is_empty() {
            return;
        }
        // of an incremental run: a new payment out of change is news about whoever the change came from, who did nothing new
        if let Some(since) = at.since
            && sales.iter().any(|sale| sale.movement.tx >= since)
        {
            let (mut origin, mut hops) = (self.before(at, timeline), 0);
            while let Some(before) = origin.take().map(|party| read(at, party, BEFORE_WEIGHT as usize)) {
                hops += 1;
                origin = if hops < self.change_hops { self.before(at, &before) } else { None };
                if !at.is_due(before.party) {
                    self.look(at, &before, self.sales(at, &before, 0), found);
                }
            }
        }
        // most parties are links of a chain of changes: only its beginning is followed on
        let (first, last) = (timeline.received().next(), sales.last());
        let is_link = first.zip(last).is_some_and(|(first, last)| {
            last.movement.time.saturating_sub(first.time) <= self.window && self.before(at, timeline).is_some()
        });
        if !is_link {
            self.look(at, timeline, sales, found);
        }
    }
}

impl Spray {
    /// Looks at a source with its payments to services.
    fn look(&self, at: &At<'_>, timeline: &Timeline, mut sales: Vec<Sale>, found: &mut Vec<Candidate>) {
        let is_service = at.world.classes(timeline.party).meets(self.pools);
        let (mut changes, mut is_bounded) = (0, timeline.is_cut);
        if at.world.shape() == Shape::Outputs && !is_service {
            let mut last = self.change(at, timeline, sales.last().map(|s| s.movement));
            while let Some((next, from_tx, time)) = last {
                if changes == self.change_hops {
                    is_bounded = true;
                    break;
                }
                changes += 1;
                let mut more = self.sales(at, &next, from_tx);
                more.retain(|s| s.movement.time.saturating_sub(time) <= self.window);
                last = self.change(at, &next, more.last().map(|s| s.movement));
                sales.extend(more);
            }
        }
        let window = busiest(&sales, self.window);
        let services = distinct(window);
        if services < self.services_min {
            return;
        }
        // where the first receipt is itself such a change in the same window, the one before tells of all
        let is_near = |received: u32| window[0].movement.time.saturating_sub(received) <= self.window;
        let first = timeline.received().next().map(|m| m.time);
        if !is_service && first.is_some_and(is_near) && self.before(at, timeline).is_some() {
            return;
        }
        let mut candidate =
            Candidate::of(Subject::Party(timeline.party), super::seeds::main_asset_first(&movements(window)));
        let measures = &mut candidate.measures;
        measures.set("services", services);
        measures.set("payments", window.len());
        measures.set("paid_cents", cents(window.iter().map(|s| &s.movement)));
        measures.set("span_hours", candidate.end.saturating_sub(candidate.start).div_ceil(3_600));
        measures.set("changes", changes);
        measures.set("service", i64::from(is_service));
        measures.set("labelled_business", i64::from(at.world.classes(timeline.party).meets(self.business)));
        measures.set("bound_hit", i64::from(is_bounded));
        // who paid the source is a counterparty that may be labelled
        candidate.parties.extend(timeline.received().map(|m| m.party).take(1_000));
        found.push(candidate);
    }

    /// The service that a payment goes to: by its party's label, or as a deposit address that is known to be one's.
    fn service(&self, at: &At<'_>, movement: &Move) -> Option<u32> {
        if movement.party == Party::NOBODY {
            return None;
        }
        if at.world.classes(movement.party).meets(self.services) {
            return Some(movement.party.0);
        }
        let service = at.world.facts().deposit_service.get(&movement.other)?;
        at.world.classes(Party(*service)).meets(self.services).then_some(*service)
    }

    /// Payments to services after transaction `from`.
    fn sales(&self, at: &At<'_>, timeline: &Timeline, from: u32) -> Vec<Sale> {
        let counts = |m: &&Move| m.tx >= from && m.worth().is_none_or(|cents| cents >= self.dust);
        let sale = |m: &Move| Some(Sale { service: self.service(at, m)?, movement: *m });
        timeline.sent().filter(counts).filter_map(sale).collect()
    }

    /// What is left of a payment: the largest other part that went to an address which nobody had used.
    fn change(&self, at: &At<'_>, timeline: &Timeline, sale: Option<Move>) -> Option<(Timeline, u32, u32)> {
        let sale = sale?;
        let rest = self.rest(at, timeline.sent(), &sale)?;
        let next = read(at, rest.party, CHANGE_WEIGHT as usize);
        is_left(at, &next, timeline.party, &sale).then_some((next, sale.tx + 1, sale.time))
    }

    /// Of what a party sent, the largest part of a payment that may be what is left of it.
    fn rest<'t>(&self, at: &At<'_>, sent: impl Iterator<Item = &'t Move>, sale: &Move) -> Option<&'t Move> {
        let is_rest = |m: &&Move| {
            m.tx == sale.tx
                && m.party != Party::NOBODY
                && self.service(at, m).is_none()
                && at.world.size(m.party) <= CHANGE_SIZE
                && !at.world.is_heavier(m.party, CHANGE_WEIGHT)
        };
        sent.filter(is_rest).max_by_key(|m| (m.units, std::cmp::Reverse(m.other)))
    }

    /// The party whose last payment to a service left what this party first received. Of whoever that may be only the one
    /// transaction is read: asked of every link of every chain, a busy payer's whole timeline would be read time and again.
    fn before(&self, at: &At<'_>, timeline: &Timeline) -> Option<Party> {
        let first = timeline.received().next()?;
        if at.world.shape() != Shape::Outputs
            || first.party == Party::NOBODY
            || at.world.size(timeline.party) > CHANGE_SIZE
            || at.world.is_heavier(timeline.party, CHANGE_WEIGHT)
            || at.world.classes(first.party).meets(self.pools)
            || at.world.is_heavier(first.party, BEFORE_WEIGHT)
        {
            return None;
        }
        let mut sent = Vec::new();
        at.world.sent_in(first.tx, first.party, &mut sent);
        let before = Timeline { party: first.party, moves: sent, is_cut: false };
        let sale = self.sales(at, &before, 0).pop()?.movement;
        let rest = self.rest(at, before.sent(), &sale)?;
        (rest.party == timeline.party && is_left(at, timeline, first.party, &sale)).then_some(first.party)
    }
}

/// Whether a party began with what was left of a payment, or is only such changes that were spent together: then nobody else may
/// have paid it.
fn is_left(at: &At<'_>, next: &Timeline, of: Party, sale: &Move) -> bool {
    next.received().next().is_some_and(|m| m.tx == sale.tx)
        || (at.world.size(next.party) > 1 && next.received().all(|m| m.party == of))
}

fn movements(sales: &[Sale]) -> Vec<&Move> {
    sales.iter().map(|s| &s.movement).collect()
}

fn distinct(sales: &[Sale]) -> u64 {
    let mut services: Vec<u32> = sales.iter().map(|s| s.service).collect();
    services.sort_unstable();
    services.dedup();
    services.len() as u64
}

/// The window with most services; the earliest of equal ones.
fn busiest(sales: &[Sale], seconds: u32) -> &[Sale] {
    let (mut best, mut most, mut start) = (&sales[..0], 0, 0);
    let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
    for (end, sale) in sales.iter().enumerate() {
        *counts.entry(sale.service).or_default() += 1;
        while sale.movement.time.saturating_sub(sales[start].movement.time) > seconds {
            if let Some(count) = counts.get_mut(&sales[start].service) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&sales[start].service);
                }
            }
            start += 1;
        }
        if counts.len() > most {
            (best, most) = (&sales[start..=end], counts.len());
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::{Hit, RunOptions, Standing, run, shipped};
    use athar_types::{Category, Level};

    const START: u32 = 1_600_000_000;
    const HOUR: u32 = 3_600;

    fn hits(world: &HandWorld) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "vasp-spray").collect();
        assert_eq!(rules.len(), 1);
        run(world, &rules, &|_| Standing::Held, RunOptions::default()).hits
    }

    /// Parties 100, 110, 120, 130 are exchanges.
    fn exchanges(mut world: HandWorld) -> HandWorld {
        for exchange in [100, 110, 120, 130] {
            world.tie(&[exchange, exchange + 1]);
            world.label(exchange, Category::Exchange);
        }
        world
    }

    #[test]
    fn three_exchanges_within_a_day_are_a_hit_and_two_are_not() {
        for mut world in [exchanges(HandWorld::outputs()), exchanges(HandWorld::accounts())] {
            world.pay(START, 1, 0, 90_000);
            world.pay(START + HOUR, 0, 101, 30_000);
            world.pay(START + 2 * HOUR, 0, 111, 30_000);
            world.pay(START + 2 * HOUR, 0, 110, 10_000);
            assert!(hits(&world).is_empty());
            world.pay(START + 25 * HOUR, 0, 121, 20_000);
            let hits = hits(&world);
            assert_eq!(hits.len(), 1);
            assert_eq!((hits[0].subject_text.as_str(), hits[0].txids.len()), ("address-0", 4));
            assert_eq!(hits[0].severity, Level::Low);
        }
    }

    #[test]
    fn a_day_and_a_second_is_too_long() {
        let mut world = exchanges(HandWorld::outputs());
        world.pay(START, 1, 0, 90_000);
        world.pay(START + HOUR, 0, 101, 30_000);
        world.pay(START + 2 * HOUR, 0, 111, 30_000);
        world.pay(START + 25 * HOUR + 1, 0, 121, 20_000);
        assert!(hits(&world).is_empty());
    }

    #[test]
    fn the_change_of_each_payment_is_followed_and_told_once() {
        let mut world = exchanges(HandWorld::outputs());
        world.pay(START, 1, 0, 120_000);
        world.pay_all(START + HOUR, 0, &[(101, 30_000), (2, 90_000)]);
        world.pay_all(START + 2 * HOUR, 2, &[(111, 30_000), (3, 60_000)]);
        world.pay_all(START + 3 * HOUR, 3, &[(121, 30_000), (4, 30_000)]);
        world.pay(START + 4 * HOUR, 4, 131, 30_000);
        let hits = hits(&world);
        assert_eq!(hits.len(), 1);
        assert_eq!((hits[0].subject_text.as_str(), hits[0].txids.len()), ("address-0", 4));
    }

    #[test]
    fn a_new_payment_out_of_change_is_told_of_its_source() {
        let mut world = exchanges(HandWorld::outputs());
        world.pay(START, 1, 0, 120_000);
        world.pay_all(START + HOUR, 0, &[(101, 30_000), (2, 90_000)]);
        world.pay_all(START + 2 * HOUR, 2, &[(111, 30_000), (3, 60_000)]);
        let since = world.pay_all(START + 3 * HOUR, 3, &[(121, 30_000), (4, 30_000)]);
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "vasp-spray").collect();
        let new = run(&world, &rules, &|_| Standing::Held, RunOptions { since: Some(since) }).hits;
        assert_eq!((new.len(), new), (1, hits(&world)));
    }

    #[test]
    fn one_transaction_may_pay_them_all_and_deposit_addresses_count_for_their_exchange() {
        let mut world = exchanges(HandWorld::outputs());
        world.pay(START, 1, 0, 90_000);
        world.pay_all(START + HOUR, 0, &[(101, 30_000), (50, 30_000), (51, 30_000)]);
        assert!(hits(&world).is_empty());
        world.facts.deposit_service.insert(50, 110);
        assert!(hits(&world).is_empty());
        world.facts.deposit_service.insert(51, 120);
        assert_eq!(hits(&world).len(), 1);
        world.facts.deposit_service.insert(51, 110);
        assert!(hits(&world).is_empty());
    }

    #[test]
    fn services_are_left_out_and_a_processor_that_is_only_a_merchant_stays_low() {
        let mut world = exchanges(HandWorld::outputs());
        world.label(1, Category::TerroristFinancing);
        world.pay(START, 1, 0, 90_000);
        world.pay_all(START + HOUR, 0, &[(101, 30_000), (111, 30_000), (121, 30_000)]);
        assert_eq!(hits(&world)[0].severity, Level::Medium);
        world.label(0, Category::Merchant);
        assert_eq!((hits(&world)[0].severity, hits(&world)[0].capped_by.as_deref()), (Level::Low, Some("guard")));
        world.label(0, Category::PaymentProcessor);
        assert!(hits(&world).is_empty());
    }

    #[test]
    fn dust_and_an_empty_world_give_nothing() {
        assert!(hits(&HandWorld::outputs()).is_empty());
        let mut world = exchanges(HandWorld::outputs());
        world.pay_all(START + HOUR, 0, &[(101, 30_000), (111, 30_000), (121, 99)]);
        assert!(hits(&world).is_empty());
    }
}
