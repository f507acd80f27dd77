//! From candidate to hit: requirements, guards, corroboration, severity and its caps.

use crate::anchor::Anchors;
use crate::explain::explain;
use crate::hit::{GuardResult, Guarded, Hit, Met, Standing};
use crate::rule::{Anchor, Condition, GuardEffect, Limit, Raise, Rule};
use crate::{ADDRESSES_MAX, Candidate, Corroboration, Measures, Subject, Sum, TXS_MAX, World};
use athar_types::{Bilingual, Level};

/// Judges candidates of one world.
pub(crate) struct Judge<'a> {
    pub(crate) world: &'a dyn World,
    pub(crate) anchors: Anchors<'a>,
}

fn holds(rule: &Rule, condition: &Condition, measures: &Measures) -> Option<bool> {
    Some(condition.op.holds(measures.get(&condition.measure)?, rule.limit(&condition.limit)))
}

impl Judge<'_> {
    /// The hit that a candidate is, or nothing where a requirement or guard is not met.
    pub(crate) fn hit(&self, rule: &Rule, standing: Standing, mut candidate: Candidate) -> Option<Hit> {
        // what is not known meets no requirement
        if !rule.require.iter().all(|c| holds(rule, c, &candidate.measures) == Some(true)) {
            return None;
        }
        let mut guards = Vec::with_capacity(rule.guards.len());
        let mut low_by = None;
        for guard in &rule.guards {
            let result = match holds(rule, &guard.pass, &candidate.measures) {
                Some(true) => GuardResult::Passed,
                Some(false) if guard.effect == GuardEffect::Drop => return None,
                Some(false) => GuardResult::Failed,
                None => GuardResult::Open,
            };
            low_by = match result {
                GuardResult::Failed => Some("guard"),
                GuardResult::Open if guard.open_is_low => low_by.or(Some("guard_open")),
                _ => low_by,
            };
            guards.push(Guarded {
                id: guard.id.clone(),
                result,
                measure: guard.pass.measure.clone(),
                value: candidate.measures.get(&guard.pass.measure),
                op: guard.pass.op,
                limit: rule.limit(&guard.pass.limit),
                effect: guard.effect,
            });
        }
        candidate.tidy();
        let corroboration = self.anchors.of_candidate(self.world, rule.linked, &candidate);
        // a redemption record names every customer of a coupon seller: alone it ties nobody to anything
        let is_anchored = corroboration.iter().any(|c| c.anchor != Anchor::Record);
        if rule.severity.needs_anchor && !is_anchored {
            return None;
        }
        let uncapped = severity(rule, &candidate.measures, &corroboration);
        let is_owner =
            corroboration.iter().any(|c| matches!(c.anchor, Anchor::Owner | Anchor::Listed | Anchor::Published));
        let linked = candidate.linked.unwrap_or(if is_owner { candidate.total } else { Sum::default() });
        let world = self.world;
        let mut hit = Hit {
            pattern: rule.id.clone(),
            rule_version: rule.version.clone(),
            row: rule.row,
            subject_text: match &candidate.subject {
                Subject::Party(party) => world.address_text(party.0),
                Subject::Address(address) => world.address_text(*address),
                Subject::Tx(tx) => world.tx_text(*tx),
                Subject::Text(text) => text.clone(),
            },
            subject: candidate.subject,
            addresses: candidate.addresses.iter().take(ADDRESSES_MAX).map(|a| world.address_text(*a)).collect(),
            more_addresses: candidate.addresses.len().saturating_sub(ADDRESSES_MAX) as u64,
            txids: candidate.txs.iter().take(TXS_MAX).map(|t| world.tx_text(*t)).collect(),
            more_txids: candidate.txs.len().saturating_sub(TXS_MAX) as u64,
            other_legs: candidate.other_legs.into_iter().take(TXS_MAX).collect(),
            last_tx: candidate.txs.last().copied(),
            start: candidate.start,
            end: candidate.end,
            asset: world.asset(candidate.asset),
            linked,
            total: candidate.total,
            severity: uncapped,
            uncapped,
            capped_by: None,
            standing,
            values: values(rule, &candidate.measures),
            guards,
            corroboration,
            notes: candidate.notes,
            why_en: String::new(),
            why_ar: String::new(),
        };
        cap(&mut hit, low_by);
        explain(rule, &mut hit, &candidate.measures);
        Some(hit)
    }

    /// Adds what another pattern on the same party corroborates, and looks at the severity again.
    pub(crate) fn corroborate(rule: &Rule, hit: &mut Hit, others: Vec<Bilingual>) {
        let mut measures = Measures::default();
        for met in &hit.values {
            // kept hits name measures that their operator may know no more
            if let Some(spec) = rule.operator.measures.iter().find(|m| m.name == met.measure) {
                measures.set(spec.name, met.value);
            }
        }
        hit.corroboration.retain(|c| c.anchor != Anchor::Pattern);
        for what in others.into_iter().take(crate::anchor::EACH_MAX) {
            hit.corroboration.push(Corroboration { anchor: Anchor::Pattern, what });
        }
        hit.corroboration.sort();
        hit.corroboration.dedup();
        hit.uncapped = severity(rule, &measures, &hit.corroboration);
        hit.severity = hit.uncapped;
        let low_by = hit.guards.iter().find_map(|g| match g.result {
            GuardResult::Failed => Some("guard"),
            GuardResult::Open if rule.guards.iter().any(|r| r.id == g.id && r.open_is_low) => Some("guard_open"),
            _ => None,
        });
        cap(hit, low_by);
        explain(rule, hit, &measures);
    }
}

fn severity(rule: &Rule, measures: &Measures, corroboration: &[Corroboration]) -> Level {
    let applies = |raise: &&Raise| {
        (raise.anchors.is_empty() || raise.anchors.iter().any(|a| corroboration.iter().any(|c| c.anchor == *a)))
            && raise.when.iter().all(|c| holds(rule, c, measures) == Some(true))
    };
    rule.severity.raise.iter().filter(applies).map(|r| r.to).fold(rule.severity.base, Level::max)
}

fn cap(hit: &mut Hit, low_by: Option<&'static str>) {
    let by = match hit.standing {
        Standing::Unmeasured => Some("unmeasured"),
        Standing::Below => Some("below_target"),
        Standing::Held => low_by,
    };
    hit.capped_by = by.filter(|_| hit.uncapped > Level::Low).map(String::from);
    if by.is_some() {
        hit.severity = hit.uncapped.min(Level::Low);
    }
}

fn values(rule: &Rule, measures: &Measures) -> Vec<Met> {
    let mut values = Vec::new();
    for condition in &rule.require {
        let (Some(value), Some(unit)) = (measures.get(&condition.measure), rule.unit(&condition.measure)) else {
            continue;
        };
        let Some(spec) = rule.operator.measures.iter().find(|m| m.name == condition.measure) else { continue };
        let source = match &condition.limit {
            Limit::Parameter(name) => rule.parameters.get(name).map(|p| p.source.clone()),
            Limit::Number(_) => None,
        };
        values.push(Met {
            measure: spec.name.into(),
            unit,
            value,
            test: Some((condition.op, rule.limit(&condition.limit))),
            source,
        });
    }
    for (name, value) in measures.iter() {
        if !values.iter().any(|met: &Met| met.measure == name)
            && let Some(unit) = rule.unit(name)
        {
            values.push(Met { measure: name.into(), unit, value, test: None, source: None });
        }
    }
    values
}
