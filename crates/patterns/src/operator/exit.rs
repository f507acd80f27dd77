//! `exit`: money of linked parties that enters a service from which it may leave into a coin whose ledger shows nothing.
//!
//! What comes out there cannot be seen, and no identity is ever asserted. What can be said is how large the crowd is in which the
//! payment hides: like payments into the same service at the time, and payouts of the service on this chain that could be the
//! other leg if it was no privacy coin after all. Only where an event of the service names the other chain is it named here.

use super::flow::{Limits, Part, Towards, add_part, walk};
use super::seeds::{Seeds, cents, m, main_asset_first, p, read};
use super::{At, Bound, Renewal, Scope, Spec};
use crate::{Bridging, Candidate, Classes, Measures, Move, Party, Subject, Sum, Timeline, Unit};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub(super) static SPEC: Spec = Spec {
    name: "exit",
    about: "linked money that enters a swap service, with the crowd that it hides in",
    parameters: &[
        p("anchored_by", Unit::Count, "categories of the parties to begin with, beside pages, lists and records"),
        p("into", Unit::Count, "categories of the swap services"),
        p("chains", Unit::Count, "names of the chains whose ledgers show nothing"),
        p("hops_max", Unit::Count, "most hops to the service; 1: the linked party itself pays it"),
        p("keep_permille", Unit::Permille, "parts of a linked party's money below this are not followed"),
        p("dust_cents", Unit::UsdCents, "parts worth less are not followed"),
        p("part_permille", Unit::Permille, "parts that make less of a movement than this are not followed"),
        p("window_hours", Unit::Hours, "hours around a payment in which another is like it"),
        p("tolerance_permille", Unit::Permille, "how much less or more a like amount may be: fee and rate"),
        p("parties_max", Unit::Count, "parties that are gone through at most"),
        p("moves_max", Unit::Count, "movements that are read at most, of the walk and of a service"),
        p("weight_max", Unit::Count, "a party with more movements is held to be a service"),
    ],
    measures: &[
        m("payments", Unit::Count, "payments into swap services"),
        m("services", Unit::Count, "swap services"),
        m("paid_cents", Unit::UsdCents, "what was paid in"),
        m("linked_cents", Unit::UsdCents, "what of it is linked by haircut"),
        m("hops_min", Unit::Count, "fewest hops from a linked party"),
        m("named", Unit::Flag, "an event names a privacy coin as the other side"),
        m("candidates", Unit::Count, "payouts that could be the other leg, of the payment that has most"),
        m("crowd", Unit::Count, "like payments into the service around it, of the payment that has fewest"),
        m("bound_hit", Unit::Flag, "the walk or a service's timeline hit a bound"),
    ],
    bind: |params| {
        Ok(Box::new(Exit {
            anchored_by: params.classes("anchored_by")?,
            into: params.classes("into")?,
            chains: params.names("chains")?.iter().map(|name| name.to_lowercase()).collect(),
            window: params.small("window_hours")?.saturating_mul(3_600),
            tolerance: params.small("tolerance_permille")?.min(1000).into(),
            limits: Limits {
                hops: u8::try_from(params.number("hops_max")?).unwrap_or(u8::MAX),
                dust: params.number("dust_cents")?,
                keep_permille: params.small("keep_permille")?.into(),
                part_permille: params.small("part_permille")?.into(),
                parties_max: params.small("parties_max")? as usize,
                moves_max: params.small("moves_max")? as usize,
                weight_max: params.number("weight_max")?,
            },
        }))
    },
};

struct Exit {
    anchored_by: Classes,
    into: Classes,
    chains: Vec<String>,
    window: u32,
    tolerance: u128,
    limits: Limits,
}

/// A payment into a swap service, as the payer's.
#[derive(Clone, Copy)]
struct Payment {
    payer: Party,
    movement: Move,
    linked: u128,
    hops: u8,
}

impl Bound for Exit {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn renewal(&self) -> Renewal {
        Renewal::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let seeds = Seeds::of(at.world, self.anchored_by).parties(at.world);
        if seeds.is_empty() {
            return;
        }
        let walked = walk(at, &seeds, Towards::Later, self.limits);
        let mut named: FxHashMap<(u32, Party), &Bridging> = FxHashMap::default();
        for bridging in &at.world.facts().bridgings {
            let is_named =
                bridging.other_chain.as_ref().is_some_and(|chain| self.chains.contains(&chain.to_lowercase()));
            if is_named {
                named.insert((bridging.tx, at.world.party(bridging.address)), bridging);
            }
        }
        // of one payment the parts of each number of hops are one
        let mut payments: FxHashMap<(Party, u32, u32, u128), Payment> = FxHashMap::default();
        for (service, reached) in &walked.reached {
            let is_swap = reached.is_service && at.world.classes(*service).meets(self.into);
            for part in reached.parts.iter().filter(|part| is_swap || named.contains_key(&key(part))) {
                let m = part.movement;
                let turned = Move { way: crate::Way::Out, own: m.other, other: m.own, party: *service, ..m };
                let payment = payments.entry((m.party, m.tx, m.own, m.units)).or_insert(Payment {
                    payer: m.party,
                    movement: turned,
                    linked: 0,
                    hops: part.hops,
                });
                payment.linked += part.haircut;
                payment.hops = payment.hops.min(part.hops);
            }
        }
        let mut payments: Vec<Payment> = payments.into_values().collect();
        payments.sort_by_key(|p| (p.payer, p.movement.tx, p.movement.other, p.movement.units));
        // a crowd grows without the payer, so an incremental run is a whole one
        let groups: Vec<&[Payment]> = payments.chunk_by(|a, b| a.payer == b.payer).collect();
        let mut services: Vec<Party> = groups.iter().flat_map(|g| g.iter().map(|p| p.movement.party)).collect();
        services.sort_unstable();
        services.dedup();
        let timelines: FxHashMap<Party, Timeline> =
            services.par_iter().map(|party| (*party, read(at, *party, self.limits.moves_max))).collect();
        let candidate = |group: &&[Payment]| {
            let mut candidate = self.candidate(group, &timelines, &named);
            // a linked party that paid it is a counterparty of it
            candidate.parties.extend(walked.reached.get(&group[0].payer).map(|reached| reached.via.0));
            let is_bounded =
                walked.is_bounded || candidate.parties.iter().any(|p| timelines.get(p).is_some_and(|t| t.is_cut));
            candidate.measures.set("bound_hit", i64::from(is_bounded));
            candidate
        };
        found.extend(groups.par_iter().map(candidate).collect::<Vec<_>>());
    }
}

/// The transaction and payer of a part that a service got.
fn key(part: &Part) -> (u32, Party) {
    (part.movement.tx, part.movement.party)
}

impl Exit {
    fn candidate(
        &self,
        group: &[Payment],
        timelines: &FxHashMap<Party, Timeline>,
        named: &FxHashMap<(u32, Party), &Bridging>,
    ) -> Candidate {
        let moves: Vec<&Move> = group.iter().map(|p| &p.movement).collect();
        let mut candidate = Candidate::of(Subject::Party(group[0].payer), main_asset_first(&moves));
        let mut linked = Sum::default();
        for payment in group.iter().filter(|p| p.movement.asset == candidate.asset) {
            add_part(&mut linked, &payment.movement, payment.linked);
        }
        candidate.linked = Some(linked);
        let (mut most, mut fewest) = (0, u64::MAX);
        let mut is_named = false;
        for payment in group {
            let event = named.get(&(payment.movement.tx, payment.payer));
            let (candidates, crowd) = self.crowd(&payment.movement, timelines.get(&payment.movement.party));
            // a privacy coin's ledger shows no leg: what the service paid here is no candidate then
            most = most.max(event.map_or(candidates, |event| event.candidates));
            fewest = fewest.min(crowd);
            if let Some(event) = event {
                is_named = true;
                let chain = event.other_chain.clone().unwrap_or_default();
                candidate.notes.push(format!("{} > {chain}", event.protocol).into());
            }
        }
        let measures: &mut Measures = &mut candidate.measures;
        measures.set("payments", group.len());
        measures.set("services", candidate.parties.len());
        measures.set("paid_cents", cents(moves.iter().copied()));
        measures.set("linked_cents", linked.cents);
        measures.maybe("hops_min", group.iter().map(|p| p.hops).min());
        measures.set("named", i64::from(is_named));
        measures.set("candidates", most);
        measures.set("crowd", fewest);
        candidate.notes.sort();
        candidate.notes.dedup();
        candidate
    }

    /// Payouts after a payment, and payments around it, that are like it; itself is not among them.
    fn crowd(&self, payment: &Move, service: Option<&Timeline>) -> (u64, u64) {
        let Some(service) = service else { return (0, 0) };
        let margin = (payment.units / 1000).saturating_mul(self.tolerance);
        let is_like = |m: &Move| {
            m.asset == payment.asset
                && m.units >= payment.units.saturating_sub(margin)
                && m.units <= payment.units.saturating_add(margin)
        };
        // movements come in order of transactions, whose times hardly go back
        let from = service.moves.partition_point(|m| m.time < payment.time.saturating_sub(self.window));
        let near = service.moves[from..].iter().take_while(|m| m.time <= payment.time.saturating_add(self.window));
        let (mut candidates, mut crowd) = (0, 0);
        for movement in near.filter(|m| is_like(m)) {
            if movement.way == crate::Way::In {
                crowd += u64::from(movement.tx != payment.tx || movement.own != payment.other);
            } else if movement.tx > payment.tx && movement.units <= payment.units {
                candidates += 1;
            }
        }
        (candidates, crowd)
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::HandWorld;
    use crate::{Bridging, Hit, RunOptions, Standing, run, shipped};
    use athar_types::{Category, Level};

    const START: u32 = 1_600_000_000;
    const HOUR: u32 = 3_600;

    fn hits(world: &HandWorld, since: Option<u32>) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == "privacy-coin-exit").collect();
        assert_eq!(rules.len(), 1);
        run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
    }

    fn value(hit: &Hit, name: &str) -> i64 {
        hit.values.iter().find(|v| v.measure == name).unwrap().value
    }

    /// 0 is labelled and pays 1, who pays a swap service at 50.
    fn swap() -> HandWorld {
        let mut world = HandWorld::outputs();
        world.label(0, Category::TerroristFinancing);
        world.tie(&[50, 51, 52]);
        world.label(50, Category::HighRiskExchange);
        world.pay(START, 9, 0, 40_000);
        world.pay(START, 0, 1, 40_000);
        world.pay(START + HOUR, 7, 52, 40_100);
        world.pay(START + HOUR, 1, 51, 40_000);
        world.pay(START + 2 * HOUR, 50, 8, 39_500);
        world.pay(START + 2 * HOUR, 50, 6, 20_000);
        world
    }

    #[test]
    fn a_payment_into_a_swap_service_is_told_with_its_crowd() {
        let found = hits(&swap(), None);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].subject_text, "address-1");
        assert_eq!((value(&found[0], "candidates"), value(&found[0], "crowd")), (1, 1));
        assert_eq!((value(&found[0], "hops_min"), value(&found[0], "named")), (2, 0));
        assert_eq!((found[0].linked.cents, found[0].total.cents), (40_000, 40_000));
        // nothing names the coin
        assert_eq!((found[0].severity, found[0].capped_by.as_deref()), (Level::Low, Some("guard")));
    }

    #[test]
    fn an_event_that_names_the_coin_raises_it() {
        let mut world = swap();
        let event = |chain: &str| Bridging {
            tx: 3,
            address: 1,
            protocol: "swap".into(),
            other_chain: Some(chain.into()),
            matched: None,
            candidates: 17,
            units: 1,
            cents: None,
            lag: None,
            ..Bridging::default()
        };
        world.facts.bridgings = vec![event("Monero")];
        let found = hits(&world, None);
        assert_eq!((found[0].severity, value(&found[0], "candidates")), (Level::Medium, 17));
        assert_eq!(found[0].notes, ["swap > Monero".into()]);
        world.facts.bridgings = vec![event("Ethereum")];
        assert_eq!(hits(&world, None)[0].severity, Level::Low);
    }

    #[test]
    fn only_linked_money_within_the_hops_and_no_other_service() {
        let mut world = HandWorld::outputs();
        world.label(50, Category::HighRiskExchange);
        world.pay(START, 1, 50, 40_000);
        assert!(hits(&world, None).is_empty());
        let mut world = HandWorld::outputs();
        world.label(0, Category::Facilitator);
        world.label(50, Category::HighRiskExchange);
        world.label(60, Category::Gambling);
        world.pay(START, 0, 60, 1_000);
        for hop in 0..3 {
            world.pay(START + hop, hop, hop + 1, 10_000);
        }
        world.pay(START + 9, 3, 50, 10_000);
        assert!(hits(&world, None).is_empty());
        world.pay(START + 9, 9, 2, 10_000);
        let mut near = HandWorld::outputs();
        near.label(0, Category::Facilitator);
        near.label(50, Category::HighRiskExchange);
        near.pay(START, 0, 50, 99);
        assert!(hits(&near, None).is_empty());
        near.pay(START, 0, 50, 100);
        assert_eq!(hits(&near, None).len(), 1);
        assert!(hits(&HandWorld::accounts(), None).is_empty());
    }

    #[test]
    fn a_part_that_is_not_theirs_is_not_linked() {
        let mut world = HandWorld::outputs();
        world.label(0, Category::TerroristFinancing);
        world.label(50, Category::HighRiskExchange);
        world.pay(START, 0, 1, 10_000);
        world.pay(START, 9, 1, 30_000);
        let since = world.pay(START + HOUR, 1, 50, 40_000);
        let found = hits(&world, None);
        assert_eq!((found[0].linked.cents, found[0].total.cents), (10_000, 40_000));
        assert_eq!(hits(&world, Some(since)), found);
    }
}
