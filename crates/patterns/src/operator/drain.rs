//! `drain`: a new account takes one large sum and is empty a day later.
//!
//! Nearly every address of a chain of outputs is new, used once and emptied: the shape alone is that of ordinary change. The
//! operator therefore looks at known parties alone. Whoever was paid by one and passed it on is its direct counterparty, which
//! another pattern tells; as a new account that is drained he would be every layer and every donor's change.

use super::onward::leaving;
use super::specs::{m, p};
use super::start::{known, pools, read};
use super::through::businesses;
use super::{At, Bound, Scope, Spec};
use crate::measure::permille;
use crate::{Candidate, Classes, Move, Party, Shape, Subject, Timeline, Unit, Way};
use rayon::prelude::*;

/// Transactions that the chain's usual payments are sampled from; on chains of accounts parties.
const SAMPLE_TXS: u32 = 16_384;
const SAMPLE_PARTIES: u32 = 4_096;
/// Movements of a sampled party that are read.
const SAMPLE_MOVES: usize = 64;
/// Movements of a new account that are read.
const MOVES_MAX: usize = 20_000;
/// Fewer payments say nothing of what is usual.
const SAMPLE_MIN: usize = 20;

pub(super) static SPEC: Spec = Spec {
    name: "drain",
    about: "a new account takes a large sum and is empty soon after; of known parties alone",
    parameters: &[
        p("age_days", Unit::Days, "at the deposit the account is younger"),
        p("hours", Unit::Hours, "how soon the balance has to be out"),
        p("linked_to", Unit::Count, "categories of the known parties that it starts from"),
    ],
    measures: &[
        m("age_hours", Unit::Hours, "hours from its first movement to the deposit"),
        m("deposit_cents", Unit::UsdCents, "what was deposited"),
        m(
            "rank_permille",
            Unit::Permille,
            "part of the chain's payments (a sample, without change) that are worth less",
        ),
        m(
            "drained_permille",
            Unit::Permille,
            "of all that had come in until then, what was out in time; change is not",
        ),
        m("deposit_permille", Unit::Permille, "part of all that had come in until then that the deposit was"),
        m("drained_minutes", Unit::Minutes, "minutes from the deposit to the last payment in time"),
        m("receipts", Unit::Count, "receipts until the balance was out"),
        m("service", Unit::Flag, "a label says that it is a service, or it is a customer deposit address"),
        m("labelled_business", Unit::Flag, "a label says merchant, payment processor, aid organisation or authority"),
        m("bound_hit", Unit::Flag, "more movements than are read"),
    ],
    bind: |params| {
        Ok(Box::new(Drain {
            age: params.small("age_days")?.saturating_mul(86_400),
            within: params.small("hours")?.saturating_mul(3_600),
            linked: params.classes("linked_to")?,
        }))
    },
};

struct Drain {
    age: u32,
    within: u32,
    linked: Classes,
}

impl Bound for Drain {
    fn scope(&self) -> Scope {
        Scope::Whole
    }

    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let parties: Vec<Party> = known(at, self.linked).into_iter().filter(|p| at.is_due(*p)).collect();
        if parties.is_empty() {
            return;
        }
        let usual = usual_payments(at);
        let of = |party: &Party| self.look(at, *party, &usual);
        found.extend(parties.par_iter().filter_map(of).collect::<Vec<_>>());
    }
}

/// What payments of the chain are worth, ascending. On chains of outputs those of every n-th transaction: of every n-th address
/// most would be a service's, and its wallets' large transfers would pass for what is usual. The largest output of several is left
/// out: it is most often change.
fn usual_payments(at: &At<'_>) -> Vec<u64> {
    let mut worths: Vec<u64> = match at.world.shape() {
        Shape::Outputs => {
            let step = at.world.txs().div_ceil(SAMPLE_TXS).max(1);
            (0..at.world.txs().div_ceil(step)).into_par_iter().flat_map_iter(|n| payments_in(at, n * step)).collect()
        }
        Shape::Accounts => {
            let step = at.world.addresses().div_ceil(SAMPLE_PARTIES).max(1);
            let of = |n: u32| {
                let party = at.world.party(n * step);
                let timeline = if party == Party::NOBODY { Timeline::default() } else { read(at, party, SAMPLE_MOVES) };
                timeline.sent().filter_map(Move::worth).collect::<Vec<u64>>()
            };
            (0..at.world.addresses().div_ceil(step)).into_par_iter().flat_map_iter(of).collect()
        }
    };
    worths.par_sort_unstable();
    worths
}

/// What a transaction on a chain of outputs pays to others, in cents, but for what is most likely change.
fn payments_in(at: &At<'_>, tx: u32) -> Vec<u64> {
    let (mut parties, mut sent) = (Vec::new(), Vec::new());
    at.world.parties_of(tx, &mut parties);
    let Some(sender) = parties.first().filter(|party| **party != Party::NOBODY) else { return Vec::new() };
    at.world.sent_in(tx, *sender, &mut sent);
    let mut worths: Vec<u64> = sent.iter().filter_map(Move::worth).collect();
    if worths.len() > 1 {
        worths.sort_unstable();
        worths.pop();
    }
    worths
}

impl Drain {
    fn look(&self, at: &At<'_>, party: Party, usual: &[u64]) -> Option<Candidate> {
        let timeline = read(at, party, MOVES_MAX);
        let start = timeline.moves.first()?.time;
        let is_young = |m: &&Move| m.time.saturating_sub(start) < self.age;
        // the largest deposit of its first days; the first of equal ones
        let young = timeline.received().take_while(is_young).filter(|m| m.worth().is_some());
        let deposit = young.reduce(|best, m| if m.cents > best.cents { m } else { best })?;
        let end = deposit.time.saturating_add(self.within);
        let asset = |m: &&Move| m.asset == deposit.asset;
        let leaving = leaving(at, &timeline);
        let sent: Vec<&Move> = leaving.sent.iter().copied().filter(asset).take_while(|m| m.time <= end).collect();
        let last = sent.iter().rfind(|m| m.tx >= deposit.tx)?;
        let before = |m: &&Move| m.tx <= last.tx;
        let received: Vec<&Move> = timeline.received().filter(asset).filter(before).collect();
        let sum = |moves: &[&Move]| moves.iter().map(|m| m.units).sum::<u128>();
        let taking_part = timeline.moves.iter().filter(|m| m.tx <= last.tx && m.asset == deposit.asset);
        let kept = |m: &&Move| m.way == Way::In || !leaving.change.iter().any(|c| std::ptr::eq(*c, *m));
        let mut candidate = Candidate::of(Subject::Party(party), taking_part.filter(kept));
        candidate.total = crate::Sum::of(received.iter().copied());
        let classes = at.world.classes(party);
        let is_deposit = received.iter().any(|m| at.world.facts().deposits.contains(&m.own));
        let measures = &mut candidate.measures;
        measures.set("age_hours", deposit.time.saturating_sub(start) / 3_600);
        measures.set("deposit_cents", deposit.cents);
        if usual.len() >= SAMPLE_MIN {
            let less = usual.partition_point(|worth| *worth < deposit.cents);
            measures.maybe("rank_permille", permille(less as u64, usual.len() as u64));
        }
        measures.maybe("drained_permille", permille(sum(&sent), sum(&received)));
        measures.maybe("deposit_permille", permille(deposit.units, sum(&received)));
        measures.set("drained_minutes", last.time.saturating_sub(deposit.time) / 60);
        measures.set("receipts", received.len());
        measures.set("service", i64::from(classes.meets(pools()) || is_deposit));
        measures.set("labelled_business", i64::from(classes.meets(businesses())));
        measures.set("bound_hit", i64::from(timeline.is_cut));
        Some(candidate)
    }
}

#[cfg(test)]
mod tests;
