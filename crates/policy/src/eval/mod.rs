//! A policy asked about facts: every node of every rule is evaluated, also where it no longer matters, so that the answer
//! shows all of them.

mod exposure;
mod node;
mod subject;
mod weighted;

use crate::condition::Condition;
use crate::exact::{Quantity, Unit};
use crate::facts::Facts;
use crate::policy::{Effect, LevelFrom, Model, Policy};
use crate::store::Mode;
use crate::truth::Truth;
use crate::verdict::{Applied, Node, RuleVerdict, Verdict};
use athar_types::Level;

/// What a policy says of facts. `mode` is only shown.
pub fn evaluate(policy: &Policy, facts: &Facts, mode: Mode) -> Verdict {
    let rules: Vec<RuleVerdict> = policy.rules.iter().map(|rule| self::rule(rule, facts)).collect();
    let (mut level, mut level_at_most) = (None, None);
    for rule in &rules {
        if let Applied::Level(of) = rule.effect {
            if rule.outcome == Truth::True {
                level = level.max(Some(of));
            }
            if rule.outcome != Truth::False {
                level_at_most = level_at_most.max(Some(of));
            }
        }
    }
    let mut verdict = Verdict {
        policy: policy.name.clone(),
        version: policy.version().to_owned(),
        title: policy.title.clone(),
        mode,
        model: policy.model,
        score: None,
        score_at_most: None,
        level,
        level_at_most,
        undecided: rules.iter().filter(|r| r.outcome == Truth::Unknown).map(|r| r.id.clone()).collect(),
        weighed: Vec::new(),
        weighed_truncated: false,
        rules,
    };
    if policy.model == Model::Weighted {
        weighted::score(policy, facts, &mut verdict);
        verdict.level = verdict.score.map(|score| level_of(&policy.levels, score));
        verdict.level_at_most = verdict.score_at_most.map(|score| level_of(&policy.levels, score));
    }
    verdict
}

/// The level that a score has; below every threshold it is none.
fn level_of(levels: &[LevelFrom], score: Quantity) -> Level {
    levels.iter().rev().find(|from| from.score.parts <= score.parts).map_or(Level::None, |from| from.level)
}

fn rule(rule: &crate::policy::Rule, facts: &Facts) -> RuleVerdict {
    let when = rule.when.as_ref().map(|when| condition(when, facts));
    let (effect, tree) = match &rule.effect {
        Effect::Level(level) => (Applied::Level(*level), when),
        Effect::Score(score) => (Applied::Score(*score), when),
        Effect::Weight { weight, of } => {
            let met = exposure::exists(of, facts);
            let tree = match when {
                Some(when) => node::join("all", vec![when, met]),
                None => met,
            };
            (Applied::Weight(*weight), Some(tree))
        }
    };
    // a level or score without a condition is refused when the policy is read
    let tree = tree.unwrap_or_else(|| node::join("all", Vec::new()));
    RuleVerdict { id: rule.id.clone(), title: rule.title.clone(), outcome: tree.outcome, effect, tree }
}

fn condition(of: &Condition, facts: &Facts) -> Node {
    match of {
        Condition::All(all) => node::join("all", all.iter().map(|c| condition(c, facts)).collect()),
        Condition::Any(any) => node::join("any", any.iter().map(|c| condition(c, facts)).collect()),
        Condition::Not(not) => node::join("not", vec![condition(not, facts)]),
        Condition::Exposure(test) => exposure::test(test, facts),
        Condition::Listed(test) => subject::listed(test, facts, of.words()),
        Condition::Pattern(test) => subject::pattern(test, facts, of.words()),
        Condition::Amount(test) => subject::amount(test, facts, of.words()),
        Condition::Age(test) => subject::age(test, facts, of.words()),
        Condition::Subject(test) => subject::kind(test, facts, of.words()),
        Condition::Search(test) => subject::search(test, facts, of.words()),
    }
}

/// A score of so many millionths.
fn score_of(parts: u128) -> Quantity {
    Quantity::new(Unit::Score, i128::try_from(parts).unwrap_or(i128::MAX))
}
