//! What a rule must be besides its form: names that its operator knows, severity that needs corroboration, sentences that can be
//! filled in.

use super::{Condition, Limit, Rule, Setting};
use crate::RuleError;
use athar_types::Level;
use std::collections::BTreeSet;

/// Words in braces that every paragraph may use, besides measures and parameters.
pub(crate) const COMMON: [&str; 6] = ["subject", "start", "end", "total", "linked", "txs"];

pub(super) fn shapes(rule: &str, shapes: &[String]) -> Result<(), RuleError> {
    match shapes.iter().find(|s| *s != "outputs" && *s != "accounts") {
        Some(other) => Err(RuleError::part(rule, "shapes", format!("{other:?} is none of outputs, accounts"))),
        None if shapes.is_empty() => Err(RuleError::part(rule, "shapes", "is empty")),
        None => Ok(()),
    }
}

pub(super) fn rule(rule: &Rule) -> Result<(), RuleError> {
    let wrong = |place: &str, what: String| Err(RuleError::part(&rule.id, place, what));
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if rule.id.is_empty() || rule.id.len() > 64 || !rule.id.chars().all(is_name) {
        return wrong("id", "must be 1 to 64 small letters, digits and hyphens".into());
    }
    if rule.sources.is_empty() {
        return wrong("sources", "is empty: say where the definition comes from".into());
    }
    for (name, parameter) in &rule.parameters {
        // a parameter is read by the operator, or is the limit of a condition
        if rule.unit(name).is_none() {
            let what =
                format!("the operator {} reads none such, and no condition has it as its limit", rule.operator.name);
            return wrong(&format!("parameters.{name}"), what);
        }
        if parameter.source.trim().is_empty() {
            return wrong(&format!("parameters.{name}.source"), "is empty".into());
        }
    }
    if rule.require.is_empty() {
        return wrong("require", "is empty: everything would be a hit".into());
    }
    for condition in rule.conditions() {
        known(rule, condition)?;
    }
    let mut ids = BTreeSet::new();
    for guard in &rule.guards {
        if !ids.insert(&guard.id) {
            return wrong("guard", format!("two have the id {:?}", guard.id));
        }
    }
    if rule.severity.base > Level::Low {
        return wrong("severity.base", "is above low: more needs corroboration".into());
    }
    for raise in &rule.severity.raise {
        if raise.anchors.is_empty() && raise.to > Level::Low {
            return wrong(
                "severity.raise",
                format!("to {:?} without anchors: more than low needs corroboration", raise.to),
            );
        }
    }
    for (language, text) in [("en", &rule.explain.en), ("ar", &rule.explain.ar)] {
        for word in words(text) {
            if !COMMON.contains(&word) && rule.unit(word).is_none() {
                return wrong(
                    &format!("explain.{language}"),
                    format!("{{{word}}} is no measure, parameter or common word"),
                );
            }
        }
    }
    Ok(())
}

fn known(rule: &Rule, condition: &Condition) -> Result<(), RuleError> {
    if !rule.operator.measures.iter().any(|m| m.name == condition.measure) {
        let what = format!("the operator {} measures no {:?}", rule.operator.name, condition.measure);
        return Err(RuleError::part(&rule.id, "measure", what));
    }
    let Limit::Parameter(name) = &condition.limit else { return Ok(()) };
    match rule.parameters.get(name).map(|p| &p.value) {
        Some(Setting::Number(_)) => Ok(()),
        Some(Setting::Names(_)) => Err(RuleError::part(&rule.id, "limit", format!("{name} is not a number"))),
        None => Err(RuleError::part(&rule.id, "limit", format!("{name} is no parameter of the rule"))),
    }
}

/// The words in braces.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}
