//! `through`: money that does not stay. Of a party, the receipts that were sent on almost whole within minutes, how often, and
//! to how few.

use super::onward::{forwarded, leaving};
use super::specs::{m, p};
use super::start::{classes_behind, pools};
use super::{At, Bound, Scope, Spec};
use crate::measure::{median, permille};
use crate::{Candidate, Classes, Move, Party, Subject, Timeline, Unit};
use athar_types::Category;
use rustc_hash::FxHashSet;

pub(super) static SPEC: Spec = Spec {
    name: "through",
    about: "money that does not stay: receipts sent on almost whole within minutes",
    parameters: &[
        p("minutes", Unit::Minutes, "what was sent on within so long was passed through"),
        p("share", Unit::Permille, "part of a receipt that has to be sent on"),
        p("passes_min", Unit::Count, "fewest receipts that were"),
        p("dust_cents", Unit::UsdCents, "receipts worth less are not looked at; unpriced ones are"),
    ],
    measures: &[
        m("passes", Unit::Count, "receipts that were passed on"),
        m("receipts", Unit::Count, "all its receipts above dust, of the assets that were passed on"),
        m("pass_permille", Unit::Permille, "part of its receipts that were passed on"),
        m("forwarded_permille", Unit::Permille, "part of their amount that was sent on"),
        m("wait_minutes", Unit::Minutes, "median wait of those that were"),
        m("targets", Unit::Count, "distinct parties that took them"),
        m("target_movements", Unit::Count, "movements of the busiest of these that no label or rule names"),
        m(
            "change_permille",
            Unit::Permille,
            "of all that left, what may be its own change and was not counted as sent",
        ),
        m(
            "service",
            Unit::Flag,
            "a label says that the party is a service, or an address is a customer deposit address",
        ),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
    ],
    bind: |params| {
        Ok(Box::new(Through {
            seconds: params.small("minutes")?.saturating_mul(60),
            share: params.number("share")?,
            passes_min: params.number("passes_min")?.max(1),
            dust: params.number("dust_cents")?,
            services: pools(),
        }))
    },
};

struct Through {
    seconds: u32,
    share: u64,
    passes_min: u64,
    dust: u64,
    services: Classes,
}

/// Categories whose trade it is to receive and pass on, in the open.
pub(super) fn businesses() -> Classes {
    Classes::of([
        Category::Merchant,
        Category::PaymentProcessor,
        Category::HumanitarianOrganisation,
        Category::Authority,
    ])
}

impl Bound for Through {
    fn scope(&self) -> Scope {
        // each passage is a receipt and a payment; one payment may carry several receipts
        Scope::Parties { least: self.passes_min + 1 }
    }

    fn wants(&self, at: &At<'_>, party: Party) -> bool {
        !at.world.classes(party).meets(self.services)
    }

    fn party(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        let classes = at.world.classes(timeline.party);
        if classes.meets(self.services) {
            return;
        }
        let kept = |m: &&Move| m.worth().is_none_or(|cents| cents >= self.dust);
        let received: Vec<&Move> = timeline.received().filter(kept).collect();
        if (received.len() as u64) < self.passes_min {
            return;
        }
        let whole = |units: &[u128]| -> Vec<usize> {
            let is_whole = |i: &usize| permille(units[*i], received[*i].units) >= Some(self.share.cast_signed());
            (0..received.len()).filter(is_whole).collect()
        };
        // all that left first: reading who the receivers are is dear, and most parties end here
        let all: Vec<&Move> = timeline.sent().collect();
        if (whole(&forwarded(at, &received, &all, self.seconds)).len() as u64) < self.passes_min {
            return;
        }
        let leaving = leaving(at, timeline);
        let units = forwarded(at, &received, &leaving.sent, self.seconds);
        let passes = whole(&units);
        if (passes.len() as u64) < self.passes_min {
            return;
        }
        let quick: Vec<&Move> = passes.iter().map(|i| received[*i]).collect();
        let is_onward = |m: &&&Move| {
            let place = quick.partition_point(|r| r.tx <= m.tx);
            place > 0 && m.time.saturating_sub(quick[place - 1].time) <= self.seconds
        };
        let onward: Vec<&Move> = leaving.sent.iter().filter(is_onward).copied().collect();
        let mut candidate =
            Candidate::of(Subject::Party(timeline.party), quick.iter().copied().chain(onward.iter().copied()));
        // what came in is the amount: counted again on its way out it would be twice
        candidate.total = crate::Sum::of(quick.iter().copied().filter(|m| m.asset == candidate.asset));
        let mut waits: Vec<u64> = quick
            .iter()
            .filter_map(|r| {
                onward.get(onward.partition_point(|m| m.tx < r.tx)).map(|m| u64::from(m.time.saturating_sub(r.time)))
            })
            .collect();
        let deposits = &at.world.facts().deposits;
        let is_deposit = quick.iter().any(|m| deposits.contains(&m.own));
        let targets: FxHashSet<Party> = onward.iter().map(|m| m.party).collect();
        let unnamed =
            onward.iter().filter(|m| m.party != Party::NOBODY && classes_behind(at.world, m.party, m.other).is_empty());
        let busiest = unnamed.map(|m| at.world.weight(m.party)).max().unwrap_or(0);
        // the gas that a passage of tokens needs stays, and says nothing
        let assets: FxHashSet<u32> = quick.iter().map(|m| m.asset).collect();
        let comparable = received.iter().filter(|m| assets.contains(&m.asset)).count();
        let measures = &mut candidate.measures;
        measures.set("passes", passes.len());
        measures.set("receipts", comparable);
        measures.maybe("pass_permille", permille(passes.len() as u64, comparable as u64));
        let passed: u128 = passes.iter().map(|i| units[*i]).sum();
        measures.maybe("forwarded_permille", permille(passed, quick.iter().map(|m| m.units).sum::<u128>()));
        measures.maybe("wait_minutes", median(&mut waits).map(|seconds| seconds / 60));
        measures.set("targets", targets.len());
        measures.set("target_movements", busiest);
        let units = |moves: &[&Move]| moves.iter().map(|m| m.units).sum::<u128>();
        let change = units(&leaving.change);
        measures.maybe("change_permille", permille(change, change + units(&leaving.sent)));
        measures.set("service", i64::from(is_deposit));
        measures.set("labelled_business", i64::from(classes.meets(businesses())));
        found.push(candidate);
    }
}

#[cfg(test)]
mod tests;
