//! The weighted score against a slow sum over single satoshi, and the weights of the shipped policy against the published ones.
use crate::support;

use athar_policy::{Effect, Facts, Flow, Quantity, Unit, Verdict, shipped};
use athar_types::{Basis, Category, Level, Relation};
use proptest::prelude::*;
use support::{ask, label, met, nothing, owned, parse, weighted};

const WHOLE: u64 = 1_000_000;

fn policy(weights: &[(Category, u64)]) -> athar_policy::Policy {
    let rules = weights.iter().map(|(category, weight)| {
        format!(
            "[[rule]]\nid = \"{}\"\ntitle = {{ en = \"R\", ar = \"ق\" }}\nweight = \"0.{weight:06}\"\nof = {{ category = \"{category}\" }}\n",
            category.name().replace('_', "-")
        )
    });
    parse(&weighted(&rules.collect::<String>())).unwrap()
}

fn score(verdict: &Verdict) -> Option<u64> {
    verdict.score.map(|s| u64::try_from(s.parts).unwrap())
}

const KINDS: [Category; 4] = [Category::Mixer, Category::Scam, Category::Exchange, Category::Merchant];

proptest! {
    /// The whole is a million satoshi, and each entity took its share of them, none that another took: then the score is the
    /// mean weight of a satoshi, rounded down once.
    #[test]
    fn the_score_is_the_exact_sum_of_shares_times_weights(
        weights in prop::array::uniform4(0_u64..WHOLE),
        parts in prop::collection::vec((0_usize..4, 0_u64..WHOLE, any::<bool>()), 0..8),
    ) {
        let policy = policy(&KINDS.into_iter().zip(weights).collect::<Vec<_>>());
        let mut left = WHOLE;
        let mut sum: u128 = 0;
        let mut exposures = Vec::new();
        for (at, (kind, share, is_direct)) in parts.iter().enumerate() {
            let share = share % (left + 1);
            left -= share;
            sum += u128::from(share) * u128::from(weights[*kind]);
            let relation = if *is_direct { Relation::Counterparty } else { Relation::Indirect };
            exposures.push(met(relation, Flow::Received, &format!("e{at}"), KINDS[*kind], share, share));
        }
        let empty = exposures.is_empty();
        let verdict = ask(&policy, &Facts { exposures, ..nothing() });
        let expected = (!empty).then(|| (sum / u128::from(WHOLE)) as u64);
        prop_assert_eq!(score(&verdict), expected);
        prop_assert_eq!(verdict.score, verdict.score_at_most);
        let counted: i128 = verdict.weighed.iter().map(|w| w.counted.parts).sum();
        prop_assert_eq!(counted, i128::from(WHOLE - left));
        prop_assert!(verdict.weighed.iter().all(|w| w.counted == w.share));
    }

    /// Where entities met the same money, the score is no less than the truth and never more than one.
    #[test]
    fn money_that_met_two_entities_counts_once_with_the_greater_weight(
        weights in prop::array::uniform4(0_u64..WHOLE),
        // of twenty pieces of the whole, which entities met which
        met_by in prop::array::uniform4(prop::collection::vec(any::<bool>(), 20)),
    ) {
        let policy = policy(&KINDS.into_iter().zip(weights).collect::<Vec<_>>());
        let piece = WHOLE / 20;
        let exposures = met_by.iter().zip(KINDS).enumerate().filter_map(|(at, (pieces, kind))| {
            let share = piece * pieces.iter().filter(|p| **p).count() as u64;
            (share > 0).then(|| met(Relation::Indirect, Flow::Sent, &format!("e{at}"), kind, share, share))
        });
        let facts = Facts { exposures: exposures.collect(), ..nothing() };
        // piece by piece: the greatest weight of any that met it
        let each = (0..20).map(|p| (0..4).filter(|e| met_by[*e][p]).map(|e| weights[e]).max().unwrap_or(0));
        let truth = each.map(|w| u128::from(w) * u128::from(piece)).sum::<u128>() / u128::from(WHOLE);
        let verdict = ask(&policy, &facts);
        let said = u128::from(score(&verdict).unwrap_or(0));
        prop_assert!(said >= truth && said <= u128::from(WHOLE), "{} for {}", said, truth);
        let counted: i128 = verdict.weighed.iter().map(|w| w.counted.parts).sum();
        prop_assert!(counted <= i128::from(WHOLE));
    }
}

#[test]
fn no_rule_is_null_and_a_weight_of_nothing_is_nought() {
    let policy = policy(&[(Category::Mixer, 500_000), (Category::Merchant, 0)]);
    let none = ask(&policy, &nothing());
    assert_eq!((none.score, none.level, none.score_at_most), (None, None, None));
    assert!(serde_json::to_value(&none).unwrap()["score"].is_null());
    let merchant = met(Relation::Counterparty, Flow::Sent, "m", Category::Merchant, 10, WHOLE);
    let nought = ask(&policy, &Facts { exposures: vec![merchant], ..nothing() });
    assert_eq!((score(&nought), nought.level), (Some(0), Some(Level::None)));
    assert!(serde_json::to_string(&nought).unwrap().contains("\"score\":0.000000"));
}

#[test]
fn directions_are_not_added_and_an_entity_counts_once() {
    let policy = policy(&[(Category::Mixer, 500_000), (Category::Scam, 200_000)]);
    let part = |flow, share| met(Relation::Counterparty, flow, "m", Category::Mixer, share, share);
    let mut both = part(Flow::Received, 400_000);
    // the entity is called a scam too: the greater weight counts, once
    both.labels.push(label("m2", Category::Scam, Basis::Judgment));
    let verdict = ask(&policy, &Facts { exposures: vec![both, part(Flow::Sent, 600_000)], ..nothing() });
    assert_eq!(score(&verdict), Some(300_000));
    let received: Vec<_> = verdict.weighed.iter().filter(|w| w.direction == Flow::Received).collect();
    assert_eq!((received.len(), received[0].points.parts, received[0].rule.as_str()), (1, 200_000, "mixer"));
    assert_eq!(verdict.level, Some(Level::Low));
}

#[test]
fn what_was_not_looked_at_may_be_of_the_weightiest_kind() {
    let policy = policy(&[(Category::Mixer, 500_000), (Category::Scam, 900_000)]);
    let part = met(Relation::Counterparty, Flow::Received, "m", Category::Mixer, 1, 200_000);
    let mut facts = Facts { exposures: vec![part], ..nothing() };
    facts.received.is_complete = false;
    let cut = ask(&policy, &facts);
    assert_eq!(score(&cut), Some(100_000));
    // the four fifths that are left, all to a scam
    assert_eq!(cut.score_at_most, Some(Quantity::new(Unit::Score, 100_000 + 720_000)));
    assert_eq!((cut.level, cut.level_at_most), (Some(Level::Low), Some(Level::High)));
    // of another chain nothing is known: no score, and no bound below the greatest weight
    facts.exposures.clear();
    (facts.received.is_known, facts.sent.is_known) = (false, false);
    let other = ask(&policy, &facts);
    assert_eq!((other.score, other.score_at_most), (None, Some(Quantity::new(Unit::Score, 900_000))));
}

#[test]
fn the_shipped_weights_are_the_published_ones() {
    let policy = &shipped()[1];
    // typologies: Crystal's published defaults, by our categories
    for (category, weight) in [
        ("terrorist_financing", 1_000_000),
        ("sanctioned", 1_000_000),
        ("mixer", 1_000_000),
        ("dark_market", 1_000_000),
        ("dark_web", 1_000_000),
        ("extortion", 1_000_000),
        ("scam", 1_000_000),
        ("theft", 1_000_000),
        ("sexual_abuse", 1_000_000),
        ("high_risk_exchange", 1_000_000),
        ("gambling", 750_000),
        ("atm", 500_000),
        ("hosted_wallet", 250_000),
        ("other", 250_000),
        ("exchange", 100_000),
        ("payment_processor", 0),
        ("mining_pool", 0),
        ("market", 0),
    ] {
        let category: Category = category.parse().unwrap();
        let part = met(Relation::Counterparty, Flow::Sent, "x", category, 1, WHOLE);
        let verdict = ask(policy, &Facts { exposures: vec![part], ..nothing() });
        assert_eq!(score(&verdict), Some(weight), "{category}");
    }
    // a small share of terrorist financing is not hidden by the rest
    let small = met(Relation::Counterparty, Flow::Sent, "x", Category::TerroristFinancing, 1_000, 1_000);
    let verdict = ask(policy, &Facts { exposures: vec![small], ..nothing() });
    assert_eq!((score(&verdict), verdict.level), (Some(500_000), Some(Level::High)));
    // every category with a meaning has exactly one weight of its own
    for category in Category::ALL.iter().filter(|c| !c.is_silent()) {
        let of = policy.rules.iter().filter(|rule| match &rule.effect {
            Effect::Weight { of, .. } => of.categories.of.contains(category),
            _ => false,
        });
        assert!(of.count() <= 1, "{category}");
    }
    let designated = owned(label("d", Category::Exchange, Basis::Designation));
    let verdict = ask(policy, &Facts { exposures: vec![designated], ..nothing() });
    assert_eq!((score(&verdict), verdict.level), (Some(WHOLE), Some(Level::Severe)));
}
