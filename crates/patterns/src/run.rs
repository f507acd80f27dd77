//! A run: every rule over one world, in parallel; whole, or only what new transactions changed.
//!
//! The order of the hits is that of the rules and subjects, so that threads change nothing.

use crate::anchor::Anchors;
use crate::hit::{Hit, Standing};
use crate::judge::Judge;
use crate::operator::{At, Renewal, Scope};
use crate::rule::{Anchor, Guard, GuardEffect, Rule};
use crate::{Classes, Party, Shape, Subject, Timeline, World};
use athar_types::{Bilingual, Level, isolated};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Movements of one party that are read at most; of more the oldest count, and the run says so.
pub const MOVES_MAX: usize = 2_000_000;
/// Parties that a thread takes at once.
const CHUNK: usize = 4_096;

/// How to run.
#[derive(Clone, Copy, Default, Debug)]
pub struct RunOptions {
    /// Only what transactions from this number on changed.
    pub since: Option<u32>,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Found {
    /// The hits, by row, rule, subject and start.
    pub hits: Vec<Hit>,
    /// Parties whose timelines were read.
    pub parties: u64,
    /// Parties with more movements than are read.
    pub cut: u64,
    /// Of an incremental run: the parties that were looked at again. Earlier hits on them are superseded.
    pub changed: Option<Vec<Party>>,
}

/// Runs rules over a world. `standing` says of each rule whether it was measured.
pub fn run(world: &dyn World, rules: &[&Rule], standing: &dyn Fn(&Rule) -> Standing, options: RunOptions) -> Found {
    let fits = |rule: &&&Rule| match world.shape() {
        Shape::Outputs => rule.on_outputs,
        Shape::Accounts => rule.on_accounts,
    };
    let rules: Vec<&Rule> = rules.iter().filter(fits).copied().collect();
    let changed = options.since.map(|since| changed(world, since));
    let at = At { world, since: options.since, changed: changed.as_deref() };
    let judge = Judge { world, anchors: Anchors::of(world.facts()) };
    let standings: Vec<Standing> = rules.iter().map(|rule| standing(rule)).collect();
    let (mut hits, parties, cut) = of_parties(&at, &judge, &rules, &standings, changed.as_deref());
    for (rule, standing) in rules.iter().zip(&standings) {
        if rule.bound.scope() == Scope::Whole {
            let mut candidates = Vec::new();
            rule.bound.whole(&at, &mut candidates);
            hits.extend(candidates.into_par_iter().filter_map(|c| judge.hit(rule, *standing, c)).collect::<Vec<_>>());
        }
    }
    corroborate(world, &rules, &mut hits);
    order(&mut hits);
    Found { hits, parties, cut, changed }
}

/// Brings the hits of an earlier run over the same rules and facts up to date: `kept` are the hits when transactions from `since`
/// on were not there. Gives what a whole run would give.
pub fn renew(
    world: &dyn World,
    rules: &[&Rule],
    standing: &dyn Fn(&Rule) -> Standing,
    kept: Vec<Hit>,
    since: u32,
) -> Found {
    let mut found = run(world, rules, standing, RunOptions { since: Some(since) });
    let changed = found.changed.as_deref().unwrap_or_default();
    let renewals: FxHashMap<&str, Renewal> = rules.iter().map(|r| (r.id.as_str(), r.bound.renewal())).collect();
    let key = |hit: &Hit| (hit.pattern.clone(), hit.subject_text.clone(), hit.start);
    let again: FxHashSet<_> = found.hits.iter().map(key).collect();
    // hits on whoever took part in something new were made again, or are none any more
    let is_due = |hit: &Hit| party_of(world, hit).is_some_and(|party| changed.binary_search(&party).is_ok());
    let stands = |hit: &Hit| match renewals.get(hit.pattern.as_str()) {
        Some(Renewal::Subjects) => !again.contains(&key(hit)) && !is_due(hit),
        Some(Renewal::Added) => !again.contains(&key(hit)),
        Some(Renewal::Whole) | None => false,
    };
    let old: Vec<Hit> = kept.into_iter().filter(stands).collect();
    found.hits.extend(old);
    corroborate(world, rules, &mut found.hits);
    order(&mut found.hits);
    found.hits.dedup_by(|a, b| a.pattern == b.pattern && a.subject == b.subject && a.txids == b.txids);
    found
}

fn order(hits: &mut [Hit]) {
    hits.sort_by(|a, b| {
        let key = |h: &Hit| (h.row, h.subject.clone(), h.start, h.end);
        (key(a), &a.pattern, &a.txids).cmp(&(key(b), &b.pattern, &b.txids))
    });
}

/// The party that a hit is about.
fn party_of(world: &dyn World, hit: &Hit) -> Option<Party> {
    match hit.subject {
        Subject::Party(party) => Some(world.party(party.0)),
        Subject::Address(address) => Some(world.party(address)),
        Subject::Tx(_) | Subject::Text(_) => None,
    }
}

/// The parties that new transactions touch, ascending.
fn changed(world: &dyn World, since: u32) -> Vec<Party> {
    let mut parties = Vec::new();
    for tx in since..world.txs() {
        world.parties_of(tx, &mut parties);
    }
    Party::distinct(parties)
}

fn of_parties(
    at: &At<'_>,
    judge: &Judge<'_>,
    rules: &[&Rule],
    standings: &[Standing],
    changed: Option<&[Party]>,
) -> (Vec<Hit>, u64, u64) {
    let services = Classes::services();
    // a rule whose guard drops services needs none of their timelines
    let drops_services = |rule: &Rule| {
        let drops = |guard: &Guard| {
            let pass = &guard.pass;
            guard.effect == GuardEffect::Drop && pass.measure == "service" && !pass.op.holds(1, rule.limit(&pass.limit))
        };
        rule.guards.iter().any(drops)
    };
    let scoped: Vec<(&Rule, Standing, u64, bool)> = rules
        .iter()
        .zip(standings)
        .filter_map(|(rule, standing)| match rule.bound.scope() {
            Scope::Parties { least } => Some((*rule, *standing, least, drops_services(rule))),
            Scope::Whole => None,
        })
        .collect();
    let Some(least) = scoped.iter().map(|(_, _, least, _)| *least).min() else { return (Vec::new(), 0, 0) };
    let world = at.world;
    let look = |party: Party, timeline: &mut Timeline, out: &mut (Vec<Hit>, u64, u64)| {
        let is_service = world.classes(party).meets(services);
        if is_service && scoped.iter().all(|(.., without)| *without)
            || !world.is_heavier(party, least.saturating_sub(1))
        {
            return;
        }
        let is_wanted = |rule: &Rule, least: u64, without_services: bool| {
            !(is_service && without_services)
                && world.is_heavier(party, least.saturating_sub(1))
                && rule.bound.wants(at, party)
        };
        if !scoped.iter().any(|(rule, _, least, without)| is_wanted(rule, *least, *without)) {
            return;
        }
        timeline.moves.clear();
        timeline.is_cut = false;
        timeline.party = party;
        world.fill(party, MOVES_MAX, timeline);
        out.1 += 1;
        out.2 += u64::from(timeline.is_cut);
        let mut candidates = Vec::new();
        for (rule, standing, least, without) in &scoped {
            if is_wanted(rule, *least, *without) {
                rule.bound.party(at, timeline, &mut candidates);
                out.0.extend(candidates.drain(..).filter_map(|c| judge.hit(rule, *standing, c)));
            }
        }
    };
    let chunk_of = |parties: &mut dyn Iterator<Item = Party>| {
        let mut out = (Vec::new(), 0, 0);
        let mut timeline = Timeline::default();
        for party in parties {
            look(party, &mut timeline, &mut out);
        }
        out
    };
    let parts: Vec<(Vec<Hit>, u64, u64)> = match changed {
        Some(changed) => changed.par_chunks(64).map(|chunk| chunk_of(&mut chunk.iter().copied())).collect(),
        None => {
            let all = world.addresses();
            let chunks = all.div_ceil(CHUNK as u32);
            let of = |chunk: u32| {
                let range = chunk * CHUNK as u32..(chunk.saturating_add(1).saturating_mul(CHUNK as u32)).min(all);
                chunk_of(&mut range.filter(|a| world.party(*a).0 == *a).map(Party))
            };
            (0..chunks).into_par_iter().map(of).collect()
        }
    };
    parts.into_iter().fold((Vec::new(), 0, 0), |mut all, part| {
        all.0.extend(part.0);
        (all.0, all.1 + part.1, all.2 + part.2)
    })
}

/// Hits of different operators on one party corroborate each other. One that is a label and no reproach corroborates nothing.
fn corroborate(world: &dyn World, rules: &[&Rule], hits: &mut [Hit]) {
    let party = |hit: &Hit| party_of(world, hit);
    let by_id: FxHashMap<&str, &Rule> = rules.iter().map(|rule| (rule.id.as_str(), *rule)).collect();
    let mut on: FxHashMap<Party, BTreeSet<&str>> = FxHashMap::default();
    for hit in hits.iter().filter(|hit| hit.severity > Level::None) {
        if let (Some(party), Some(rule)) = (party(hit), by_id.get(hit.pattern.as_str())) {
            on.entry(party).or_default().insert(&rule.id);
        }
    }
    hits.par_iter_mut().for_each(|hit| {
        let Some(rule) = by_id.get(hit.pattern.as_str()) else { return };
        let Some(others) = party(hit).and_then(|party| on.get(&party)) else { return };
        let differs = |id: &&&str| by_id.get(**id).is_some_and(|other| other.operator.name != rule.operator.name);
        let called = |id: &&str| {
            let title = by_id.get(id).map_or(*id, |other| &other.title.ar);
            Bilingual::new(*id, format!("{title} ({})", isolated(id)))
        };
        let others: Vec<Bilingual> = others.iter().filter(differs).map(called).collect();
        if !others.is_empty() || hit.corroboration.iter().any(|c| c.anchor == Anchor::Pattern) {
            Judge::corroborate(rule, hit, others);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::HandWorld;
    use athar_types::Category;
    use proptest::prelude::*;

    /// Payments among a few addresses, some of which are one party, some labelled.
    fn world(payments: &[(u32, u8, u8, u16)], upto: usize) -> HandWorld {
        let mut world = HandWorld::outputs();
        let mut time = 1_600_000_000;
        world.tie(&[1, 2, 3]);
        world.label(1, Category::DonationCampaign);
        world.label(4, Category::Exchange);
        world.label(5, Category::DarkMarket);
        for (wait, from, to, cents) in &payments[..upto] {
            time += wait % 40_000;
            world.pay(time, u32::from(from % 40), u32::from(to % 12), u64::from(*cents) * 10 + 100);
        }
        world
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_brought_up_to_date_is_what_a_whole_run_gives(
            payments in proptest::collection::vec(any::<(u32, u8, u8, u16)>(), 1..400),
            part in 0.0_f64..1.0,
        ) {
            let upto = (payments.len() as f64 * part) as usize;
            let rules: Vec<&Rule> = crate::shipped().iter().collect();
            let held = |_: &Rule| Standing::Held;
            let before = run(&world(&payments, upto), &rules, &held, RunOptions::default());
            let now = world(&payments, payments.len());
            let whole = run(&now, &rules, &held, RunOptions::default());
            let renewed = renew(&now, &rules, &held, before.hits, upto as u32);
            let short = |hits: &[Hit]| -> Vec<String> {
                hits.iter().map(|h| format!("{} {} {:?} {:?}", h.pattern, h.subject_text, h.severity, h.corroboration)).collect()
            };
            prop_assert_eq!(short(&renewed.hits), short(&whole.hits));
            prop_assert_eq!(renewed.hits, whole.hits);
        }
    }
}
