//! The weighted score: the sum of shares times weights, exactly, in one direction at a time.
//!
//! How nothing is counted twice. A part is what met one labelled entity in one relation: whatever labels it has, it counts
//! once, with the greatest weight that a rule gives it. Parts of different entities may be of the same money, which their
//! shares do not show; so parts are taken from the greatest weight down, and once they have used up the whole, the rest
//! counts nothing. The score is thus never more than 1, and never less than if the common part were counted once, with its
//! greatest weight. Directions are not added: the score is the higher of what came in and what went out.

use super::exposure::{matches, unlooked};
use super::score_of;
use crate::condition::Selector;
use crate::exact::{Quantity, Unit};
use crate::facts::{Exposure, Facts, Flow};
use crate::policy::{Effect, Policy, Rule};
use crate::truth::Truth;
use crate::verdict::{Applied, Verdict, Weighed};

/// Parts of a score that are listed.
const WEIGHED_MAX: usize = 100;
/// One, in millionths.
const WHOLE: u128 = 1_000_000;

/// Puts score, bounds and parts into a verdict whose rules are evaluated.
pub(super) fn score(policy: &Policy, facts: &Facts, verdict: &mut Verdict) {
    let mut least: Option<u128> = None;
    let mut most: Option<u128> = None;
    for rule in &verdict.rules {
        if let Applied::Score(score) = &rule.effect {
            let parts = u128::try_from(score.parts).unwrap_or_default();
            if rule.outcome == Truth::True {
                least = least.max(Some(parts));
            }
            if rule.outcome != Truth::False {
                most = most.max(Some(parts));
            }
        }
    }
    let weights: Vec<Weight<'_>> = policy.rules.iter().filter_map(|rule| Weight::of(rule, facts)).collect();
    for flow in [Flow::Received, Flow::Sent] {
        let known = allocate(&weights, facts, flow, Truth::True);
        if !known.parts.is_empty() {
            least = least.max(Some(known.points));
        }
        let possible = allocate(&weights, facts, flow, Truth::Unknown);
        let mut points = possible.points;
        let mut any = !possible.parts.is_empty();
        if let Some(weight) = greatest_unlooked(&weights, facts, flow) {
            // what was not looked at may all be of the weightiest kind
            points += possible.left * weight / WHOLE;
            any = true;
        }
        if any {
            most = most.max(Some(points));
        }
        verdict.weighed.extend(known.parts);
    }
    verdict.weighed_truncated = verdict.weighed.len() > WEIGHED_MAX;
    verdict.weighed.truncate(WEIGHED_MAX);
    let bounded = |parts: u128| score_of(parts.min(WHOLE));
    verdict.score = least.map(bounded);
    verdict.score_at_most = most.max(least).map(bounded);
}

struct Allocated {
    parts: Vec<Weighed>,
    /// The sum, rounded down to a millionth once.
    points: u128,
    /// What of the whole no part has used up.
    left: u128,
}

/// A rule that gives a weight.
struct Weight<'a> {
    rule: &'a Rule,
    weight: u128,
    of: &'a Selector,
    /// Whether its condition holds.
    when: Truth,
}

impl<'a> Weight<'a> {
    fn of(rule: &'a Rule, facts: &Facts) -> Option<Self> {
        let Effect::Weight { weight, of } = &rule.effect else { return None };
        let when = rule.when.as_ref().map_or(Truth::True, |when| super::condition(when, facts).outcome);
        Some(Self { rule, weight: u128::try_from(weight.parts).unwrap_or_default(), of, when })
    }

    fn is_for(&self, flow: Flow) -> bool {
        self.of.direction.flows().contains(&flow)
    }
}

/// Weighs the exposures of one direction that match a rule at least so truly.
fn allocate(weights: &[Weight<'_>], facts: &Facts, flow: Flow, least: Truth) -> Allocated {
    let mut parts: Vec<(u128, u128, &Exposure, &Rule)> = Vec::new();
    for exposure in facts.exposures.iter().filter(|e| e.flow == Some(flow)) {
        let gives = |w: &&Weight<'_>| w.is_for(flow) && Truth::all([w.when, matches(w.of, exposure)]) >= least;
        // of equal weights the first rule of the policy
        let best = weights.iter().filter(gives).reduce(|a, b| if b.weight > a.weight { b } else { a });
        // a share that is not known may be all of it, which only the possible score can say
        let share = exposure.share.map(u128::from).or((least == Truth::Unknown).then_some(WHOLE));
        if let (Some(best), Some(share)) = (best, share) {
            parts.push((best.weight, share, exposure, best.rule));
        }
    }
    parts.sort_by(|a, b| (b.0, b.1, &a.2.entity, a.2.relation).cmp(&(a.0, a.1, &b.2.entity, b.2.relation)));
    let (mut left, mut sum, mut weighed) = (WHOLE, 0_u128, Vec::new());
    for (weight, share, exposure, rule) in parts {
        let counted = share.min(left);
        left -= counted;
        sum += counted * weight;
        weighed.push(Weighed {
            direction: flow,
            entity: exposure.entity.clone(),
            relation: exposure.relation,
            rule: rule.id.clone(),
            weight: score_of(weight),
            share: Quantity::new(Unit::Share, share as i128),
            counted: Quantity::new(Unit::Share, counted as i128),
            points: score_of(counted * weight / WHOLE),
        });
    }
    Allocated { parts: weighed, points: sum / WHOLE, left }
}

/// The greatest weight of a rule whose exposures were not all looked for; none where all were.
fn greatest_unlooked(weights: &[Weight<'_>], facts: &Facts, flow: Flow) -> Option<u128> {
    let open =
        |w: &&Weight<'_>| w.is_for(flow) && w.when != Truth::False && unlooked(w.of, facts, Some(flow)).is_some();
    weights.iter().filter(open).map(|w| w.weight).max()
}
