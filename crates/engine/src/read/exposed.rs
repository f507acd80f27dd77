//! Statements on counterparties and indirect exposure: whom a target's money met.

use super::owned::{EVIDENCE_MAX, evidence_of};
use super::screen::Found;
use super::{BoundedView, Direction, Evidence, PathStep, ScreenOptions, Statement};
use crate::error::EngineError;
use crate::json::Millionths;
use crate::met::{Ask, Clock, Met, Side, met};
use crate::{Engine, worth::Worth};
use athar_labels::{Label, RiskTable};
use athar_trace::{Bound, Flow, Limits, Share, Step, Subject};
use athar_types::{AddressId, Category};
use std::cmp::Reverse;

/// Outputs of an entity whose money is followed.
pub(super) const SOURCES_MAX: usize = 100_000;
/// Places of one exposure whose value is summed up in dollars.
pub(super) const PLACES_MAX: usize = 2_000;

impl Engine {
    /// Adds the statements on counterparties and indirect exposure.
    pub(super) fn expose(
        &self,
        subject: Subject<'_>,
        own: Option<AddressId>,
        options: &ScreenOptions,
        clock: Option<&Clock>,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let limits = Limits {
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            sources_max: SOURCES_MAX,
            ..Limits::default()
        };
        let own = own.map(|id| self.root_of(id));
        let ask = Ask { subject, own, limits: &limits, places_max: PLACES_MAX, paths_max: EVIDENCE_MAX, clock };
        let sides = met(self, &ask)?;
        found.complete = found.bounds.is_empty() && sides.iter().all(Side::is_complete);
        found.is_cut |= sides.iter().any(Side::is_cut);
        for side in &sides {
            for met in &side.met {
                self.add_met(met, side, found);
            }
            add_bounds(self, side, &mut found.bounds);
        }
        Ok(())
    }

    fn add_met(&self, met: &Met, side: &Side, found: &mut Found) {
        let mut worth = Worth::default();
        let mut valued_sat = 0;
        for place in &met.places {
            let usd = place.moved.and_then(|tx| self.usd(place.sat, self.tx_time(tx)));
            worth.add(place.sat, usd);
            valued_sat += place.sat;
        }
        // what lies beyond the places listed is not valued, and said to be left out
        worth.add(met.sat.saturating_sub(valued_sat), None);
        let direction = direction_of(side.flow);
        let paths: Vec<Evidence> = met
            .places
            .iter()
            .take(EVIDENCE_MAX)
            .map(|place| {
                let mut steps: Vec<PathStep> = place.path.iter().map(|step| self.path_step(step)).collect();
                if direction == Direction::Received {
                    steps.reverse(); // the path begins at the target; money came the other way
                }
                Evidence::Path { amount_sat: place.sat, steps }
            })
            .collect();
        let entity = self.met_entity(met);
        for (category, label) in self.speakers(met) {
            let mut evidence = Vec::with_capacity(paths.len() + 1);
            evidence.push(evidence_of(label));
            evidence.extend(paths.iter().cloned());
            found.statements.push(Statement {
                relation: met.relation,
                category,
                level: RiskTable::shipped().level(category, label.basis, met.relation),
                basis: label.basis,
                entity: entity.clone(),
                label: label.name.clone(),
                direction: Some(direction),
                amount_sat: Some(met.sat),
                amounts: Vec::new(),
                usd: worth.usd(),
                unpriced_sat: Some(worth.unpriced_sat()),
                share: Some(share(met.sat, side.total_sat)),
                hops_min: Some(met.hops_min),
                evidence,
                evidence_truncated: met.places_count > EVIDENCE_MAX as u64,
            });
        }
    }

    /// Name of the entity that was met.
    pub(super) fn met_entity(&self, met: &Met) -> String {
        let root = self.known.root(met.label);
        let name = self.forest.as_ref().map_or(root, |f| self.guard.name(f, root));
        self.ledger_or_empty().address_text(name)
    }

    /// One label for each category that is met: of several that say the same the one that weighs most speaks for it.
    pub(super) fn speakers(&self, met: &Met) -> Vec<(Category, &Label)> {
        let weight = |category, label: &Label| {
            (RiskTable::shipped().level(category, label.basis, met.relation), Reverse(label.basis))
        };
        let mut best: Vec<(Category, &Label)> = Vec::new();
        // labels that say the same weigh the same, so the first of each saying will do
        for (category, label) in self.known.speakers(met.label, &self.labels) {
            match best.iter_mut().find(|(c, _)| *c == category) {
                Some((_, kept)) if weight(category, label) > weight(category, kept) => *kept = label,
                Some(_) => {}
                None => best.push((category, label)),
            }
        }
        best
    }

    pub(super) fn path_step(&self, step: &Step) -> PathStep {
        let ledger = self.ledger_or_empty();
        let paid = |output| ledger.output_address(output).map(|a| ledger.address_text(a));
        PathStep {
            txid: ledger.txid(step.tx).to_string(),
            height: ledger.tx_height(step.tx).0,
            time: self.tx_time(step.tx).to_string(),
            from: paid(step.from_output),
            to: paid(step.to_output),
            vout: ledger.output_tx(step.to_output).1,
            amount_sat: step.sat,
        }
    }
}

pub(super) fn direction_of(flow: Flow) -> Direction {
    match flow {
        Flow::Received => Direction::Received,
        Flow::Sent => Direction::Sent,
    }
}

pub(super) fn share(sat: u64, total_sat: u64) -> Millionths {
    let share = Share { part: sat.into(), whole: total_sat.into() };
    Millionths(u64::try_from(share.millionths()).unwrap_or(u64::MAX))
}

/// Says what was left at bounds. What the clock ended is left at `time`.
pub(super) fn add_bounds(engine: &Engine, side: &Side, bounds: &mut Vec<BoundedView>) {
    let direction = Some(direction_of(side.flow));
    // no label names these, so no statement speaks of them; that money was not followed past them is said
    bounds.extend(side.inferred.iter().map(|(rule, (amount_sat, outputs))| BoundedView {
        bound: format!("inferred-service {}", engine.rule_name(*rule)),
        direction,
        amount_sat: *amount_sat,
        outputs: *outputs,
    }));
    bounds.extend(side.totals.bounded.iter().map(|b| BoundedView {
        bound: if b.bound == Bound::Cancelled { "time" } else { b.bound.name() }.into(),
        direction,
        amount_sat: b.sat,
        outputs: b.outputs,
    }));
    if side.sources_truncated {
        let bound = if side.sources_cut { "time" } else { "sources" }.into();
        bounds.push(BoundedView { bound, direction, amount_sat: 0, outputs: 0 });
    }
}
