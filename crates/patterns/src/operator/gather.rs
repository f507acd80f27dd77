//! `gather`: many pay one. Of an address or a whole party, the receipts of its busiest window, who sent them, how alike they are,
//! and how soon they moved on.

use super::{At, Bound, MeasureSpec, ParamSpec, Scope, Spec};
use crate::measure::{median, permille};
use crate::{Candidate, Classes, Move, Party, Subject, Timeline, Unit};
use rustc_hash::{FxHashMap, FxHashSet};

const fn p(name: &'static str, unit: Unit, about: &'static str) -> ParamSpec {
    ParamSpec { name, unit, about }
}

const fn m(name: &'static str, unit: Unit, about: &'static str) -> MeasureSpec {
    MeasureSpec { name, unit, about }
}

pub(super) static SPEC: Spec = Spec {
    name: "gather",
    about: "many pay one: receipts of the busiest window of an address or party",
    parameters: &[
        p("per_address", Unit::Flag, "1: each address by itself; 0: the party"),
        p("window_days", Unit::Days, "length of the window; 0: the whole life"),
        p("senders_min", Unit::Count, "fewest distinct senders"),
        p("dust_cents", Unit::UsdCents, "receipts worth less are not looked at; unpriced ones are"),
        p("onward_hours", Unit::Hours, "what left within so long counts as moved on"),
        p(
            "private_sources",
            Unit::Count,
            "categories of senders that say that a private person pays through a service",
        ),
    ],
    measures: &[
        m("receipts", Unit::Count, "receipts in the window"),
        m("senders", Unit::Count, "distinct senders; of services each receipt is one, for each customer is another"),
        m("median_cents", Unit::UsdCents, "median worth of a receipt"),
        m("variation_permille", Unit::Permille, "coefficient of variation of the amounts"),
        m("private_permille", Unit::Permille, "receipts from exchanges or single-use wallets"),
        m("paid_to", Unit::Count, "distinct parties that it paid, ever"),
        m("life_days", Unit::Days, "days from the first receipt to the last in the window"),
        m("onward_permille", Unit::Permille, "share of the amount that left in time"),
        m("price_points_permille", Unit::Permille, "receipts whose worth in cents repeats exactly"),
        m("service", Unit::Flag, "a label or rule says that the party is a service, or the address a deposit address"),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
    ],
    bind: |params| {
        Ok(Box::new(Gather {
            per_address: params.number("per_address")? == 1,
            window: params.small("window_days")?.saturating_mul(86_400),
            senders_min: params.number("senders_min")?,
            dust: params.number("dust_cents")?,
            onward: params.small("onward_hours")?.saturating_mul(3_600),
            private: params.classes("private_sources")?,
            services: Classes::services(),
            business: Classes::of([
                athar_types::Category::Merchant,
                athar_types::Category::PaymentProcessor,
                athar_types::Category::HumanitarianOrganisation,
                athar_types::Category::Authority,
            ]),
        }))
    },
};

struct Gather {
    per_address: bool,
    window: u32,
    senders_min: u64,
    dust: u64,
    onward: u32,
    private: Classes,
    services: Classes,
    business: Classes,
}

impl Bound for Gather {
    fn scope(&self) -> Scope {
        Scope::Parties { least: self.senders_min }
    }

    fn party(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        let kept = |m: &&Move| m.worth().is_none_or(|cents| cents >= self.dust);
        let received: Vec<&Move> = timeline.received().filter(kept).collect();
        if (received.len() as u64) < self.senders_min {
            return;
        }
        if !self.per_address {
            self.look(at, timeline, Subject::Party(timeline.party), &received, found);
            return;
        }
        let mut by_address: FxHashMap<u32, Vec<&Move>> = FxHashMap::default();
        for movement in received {
            by_address.entry(movement.own).or_default().push(movement);
        }
        let mut addresses: Vec<_> =
            by_address.into_iter().filter(|(_, r)| r.len() as u64 >= self.senders_min).collect();
        addresses.sort_unstable_by_key(|(address, _)| *address);
        for (address, received) in addresses {
            self.look(at, timeline, Subject::Address(address), &received, found);
        }
    }
}

impl Gather {
    /// Looks at the receipts of one subject, which come in order of time.
    fn look(&self, at: &At<'_>, timeline: &Timeline, subject: Subject, received: &[&Move], found: &mut Vec<Candidate>) {
        // each customer of a service is somebody else: every receipt from one counts as a sender of its own
        let pooled = |party: Party| party == Party::NOBODY || at.world.classes(party).meets(self.services);
        let window = if self.window == 0 { received } else { busiest(received, self.window, &pooled) };
        let senders = distinct(window, &pooled);
        if senders < self.senders_min {
            return;
        }
        let mut candidate = Candidate::of(subject.clone(), window.iter().copied());
        let measures = &mut candidate.measures;
        measures.set("receipts", window.len());
        measures.set("senders", senders);
        let mut worths: Vec<u64> = window.iter().filter_map(|m| m.worth()).collect();
        measures.maybe("price_points_permille", repeated(&worths).and_then(|n| permille(n, worths.len() as u64)));
        measures.maybe("median_cents", median(&mut worths));
        measures.maybe("variation_permille", variation(window));
        let private = window.iter().filter(|m| {
            m.party != Party::NOBODY
                && (at.world.classes(m.party).meets(self.private) || at.world.is_single_use(m.party))
        });
        measures.maybe("private_permille", permille(private.count() as u64, window.len() as u64));
        let is_own = |m: &&Move| match subject {
            Subject::Address(address) => m.own == address,
            _ => true,
        };
        let paid: FxHashSet<Party> = timeline.sent().filter(is_own).map(|m| m.party).collect();
        measures.set("paid_to", paid.len());
        let (first, last) = (window.first().map_or(0, |m| m.time), window.last().map_or(0, |m| m.time));
        measures.set("life_days", (last - first) / 86_400);
        let onward = window.iter().filter(|m| m.left.saturating_sub(m.time) <= self.onward && m.left != crate::NEVER);
        let (moved, all) = (onward.map(|m| m.units).sum::<u128>(), window.iter().map(|m| m.units).sum::<u128>());
        measures.maybe("onward_permille", permille(moved, all));
        let classes = at.world.classes(timeline.party);
        let is_deposit = match subject {
            Subject::Address(address) => at.world.facts().deposits.contains(&address),
            _ => false,
        };
        measures.set("service", i64::from(classes.meets(self.services) || is_deposit));
        measures.set("labelled_business", i64::from(classes.meets(self.business)));
        found.push(candidate);
    }
}

/// Distinct senders; each receipt of a pooled one is another.
fn distinct(window: &[&Move], pooled: &impl Fn(Party) -> bool) -> u64 {
    let mut known = FxHashSet::default();
    let is_new = |m: &&&Move| pooled(m.party) || known.insert(m.party);
    window.iter().filter(is_new).count() as u64
}

/// The window of so many seconds with most distinct senders; the earliest of equal ones.
fn busiest<'m, 't>(received: &'m [&'t Move], seconds: u32, pooled: &impl Fn(Party) -> bool) -> &'m [&'t Move] {
    let (mut best, mut most) = (&received[..0], 0);
    let mut counts: FxHashMap<Party, u32> = FxHashMap::default();
    let (mut start, mut alone) = (0, 0_u64);
    for (end, movement) in received.iter().enumerate() {
        if pooled(movement.party) {
            alone += 1;
        } else {
            *counts.entry(movement.party).or_default() += 1;
        }
        while received[start].time.saturating_add(seconds) <= movement.time {
            let left = received[start];
            if pooled(left.party) {
                alone -= 1;
            } else if let Some(count) = counts.get_mut(&left.party) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&left.party);
                }
            }
            start += 1;
        }
        let senders = alone + counts.len() as u64;
        if senders > most {
            (best, most) = (&received[start..=end], senders);
        }
    }
    best
}

/// The coefficient of variation of the amounts, in thousandths: the root of (mean of squares over square of mean, less one).
fn variation(window: &[&Move]) -> Option<i64> {
    let n = window.len() as f64;
    let values = window.iter().map(|m| m.units as f64);
    let (sum, squares) = (values.clone().sum::<f64>(), values.map(|v| v * v).sum::<f64>());
    // statistics of amounts, no money: a float is enough, and equal input gives equal output
    let mean = sum / n;
    (mean > 0.0).then(|| (((squares / n) / (mean * mean) - 1.0).max(0.0).sqrt() * 1000.0).round() as i64)
}

/// How many worths are exactly equal to another one.
fn repeated(worths: &[u64]) -> Option<u64> {
    let mut counts: FxHashMap<u64, u64> = FxHashMap::default();
    for worth in worths {
        *counts.entry(*worth).or_default() += 1;
    }
    (!worths.is_empty()).then(|| counts.values().filter(|n| **n > 1).sum())
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::{Hit, RunOptions, Standing, run, shipped};
    use athar_types::{Category, Level};

    const DAY: u32 = 86_400;

    /// Address 0 gets `donors` gifts, a day apart, from single-use wallets, of uneven size.
    fn appeal(donors: u32) -> HandWorld {
        let mut world = HandWorld::outputs();
        for donor in 1..=donors {
            let time = 1_600_000_000 + donor * DAY;
            world.pay(time, u32::MAX, donor, 5_000);
            world.pay(time + 60, donor, 0, 1_000 + u64::from(donor * donor) * 37);
        }
        world
    }

    fn hits(world: &HandWorld, id: &str) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == id).collect();
        run(world, &rules, &|_| Standing::Held, RunOptions::default()).hits
    }

    #[test]
    fn many_small_gifts_to_one_address_are_a_hit_with_its_transactions() {
        let hits = hits(&appeal(20), "static-donation-address");
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].subject_text, "address-0");
        assert_eq!(hits[0].txids.len(), 20);
        assert_eq!(hits[0].severity, Level::Low);
        assert!(hits[0].why_en.contains("20 senders"), "{}", hits[0].why_en);
        assert!(hits[0].why_en.contains("a shape alone is no finding"));
    }

    #[test]
    fn nine_senders_are_too_few() {
        assert!(hits(&appeal(9), "static-donation-address").is_empty());
        assert_eq!(hits(&appeal(15), "static-donation-address").len(), 1);
    }

    #[test]
    fn a_label_of_the_mission_raises_and_a_service_is_left_out() {
        let mut world = appeal(20);
        world.label(0, Category::DonationCampaign);
        let found = hits(&world, "static-donation-address");
        assert_eq!(found[0].severity, Level::High);
        assert_eq!(found[0].linked, found[0].total);
        let mut world = appeal(20);
        world.label(0, Category::Exchange);
        assert!(hits(&world, "static-donation-address").is_empty());
    }

    #[test]
    fn equal_prices_keep_the_severity_low() {
        let mut world = HandWorld::outputs();
        for donor in 1..=20 {
            world.pay(1_600_000_000 + donor * DAY, donor, 0, 1_999);
        }
        world.label(0, Category::DonationCampaign);
        let found = hits(&world, "static-donation-address");
        assert_eq!(
            (found[0].severity, found[0].uncapped, found[0].capped_by.as_deref()),
            (Level::Low, Level::High, Some("guard"))
        );
    }

    #[test]
    fn what_is_passed_on_within_a_week_is_an_exit() {
        let mut world = appeal(20);
        let total: u64 = (1..=20).map(|d| 1_000 + d * d * 37).sum();
        assert!(hits(&world, "many-to-one-then-exit").is_empty());
        world.pay(1_600_000_000 + 21 * DAY, 0, 99, total);
        // what came in on the first thirteen days waited longer than a week
        assert!(hits(&world, "many-to-one-then-exit").is_empty());
        let mut quick = HandWorld::outputs();
        for donor in 1..=20_u32 {
            let amount = 1_000 + u64::from(donor * donor) * 37;
            quick.pay(1_600_000_000 + donor * DAY, donor, 0, amount);
            quick.pay(1_600_000_000 + donor * DAY + 3_600, 0, 99, amount);
        }
        assert_eq!(hits(&quick, "many-to-one-then-exit").len(), 1);
    }
}
