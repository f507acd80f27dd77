//! Statements of ownership: what labels say of a target itself, and what ties their subjects to it.

use super::explain::bound_name;
use super::{Evidence, Statement};
use crate::Engine;
use crate::error::EngineError;
use crate::known::Saying;
use crate::met::Clock;
use athar_labels::{Label, RiskTable};
use athar_types::{AddressId, Category, Relation};
use rustc_hash::FxHashMap;

/// Pieces of evidence listed with a statement.
pub(super) const EVIDENCE_MAX: usize = 10;
const _: () = assert!(
    crate::known::SAYING_LABELS_MAX > EVIDENCE_MAX,
    "one more, so that an answer can say that it left some out"
);

/// What ties the address asked about to labelled ones, looked for once each.
#[derive(Default)]
pub(super) struct Ties {
    found: FxHashMap<AddressId, Vec<Evidence>>,
    /// Whether the clock left some out.
    pub(super) is_cut: bool,
}

impl Engine {
    /// Statements of ownership, one for each saying. `id` is the address asked about; a label on another address of its
    /// entity is proved by the transactions that tie the two.
    pub(super) fn owned(
        &self,
        sayings: &[Saying<'_>],
        id: Option<AddressId>,
        ties: &mut Ties,
        clock: Option<&Clock>,
    ) -> Result<Vec<Statement>, EngineError> {
        let mut statements = Vec::with_capacity(sayings.len());
        for saying in sayings {
            let Some((first_on, first)) = saying.labels.first() else { continue };
            let mut statement = self.ownership(first, saying.category, id.or(*first_on))?;
            for (on, label) in &saying.labels {
                if statement.evidence.len() >= EVIDENCE_MAX {
                    statement.evidence_truncated = true;
                    break;
                }
                statement.evidence.push(evidence_of(label));
                if let (Some(id), Some(on)) = (id, *on)
                    && id != on
                {
                    self.tie(id, on, &mut statement.evidence, ties, clock)?;
                }
            }
            statements.push(statement);
        }
        Ok(statements)
    }

    /// A statement of ownership, its evidence still to be added. `on`: an address of the entity that it is about.
    fn ownership(&self, label: &Label, category: Category, on: Option<AddressId>) -> Result<Statement, EngineError> {
        let entity = match (on, &self.forest) {
            (Some(on), Some(_)) => self.entity_name(on)?,
            _ => label.text.to_string(),
        };
        Ok(Statement {
            relation: Relation::Ownership,
            category,
            level: RiskTable::shipped().level(category, label.basis, Relation::Ownership),
            basis: label.basis,
            entity,
            label: label.name.clone(),
            direction: None,
            amount_sat: None,
            amounts: Vec::new(),
            usd: None,
            unpriced_sat: None,
            share: None,
            hops_min: None,
            evidence: Vec::new(),
            evidence_truncated: false,
        })
    }

    /// Adds the transactions that tie two addresses of one entity.
    fn tie(
        &self,
        a: AddressId,
        b: AddressId,
        evidence: &mut Vec<Evidence>,
        ties: &mut Ties,
        clock: Option<&Clock>,
    ) -> Result<(), EngineError> {
        if !ties.found.contains_key(&b) {
            if clock.is_some_and(Clock::is_over) {
                ties.is_cut = true;
                evidence.push(Evidence::Cut { bound: "time".into() });
                return Ok(());
            }
            let way = self.way(a, b)?;
            ties.found.insert(b, way);
        }
        for step in &ties.found[&b] {
            let same = |e: &Evidence| matches!((e, step), (Evidence::Merge { txid: x, joins: j, .. }, Evidence::Merge { txid: y, joins: k, .. }) if x == y && j == k);
            if !evidence.iter().any(same) {
                evidence.push(step.clone());
            }
        }
        Ok(())
    }

    /// The transactions that tie two addresses, and the bound that left some out.
    fn way(&self, a: AddressId, b: AddressId) -> Result<Vec<Evidence>, EngineError> {
        let (found, _) = self.explanation(a, b, None)?;
        let mut way: Vec<Evidence> = found
            .steps
            .iter()
            .take(EVIDENCE_MAX)
            .map(|step| {
                let super::StepView { txid, height, heuristic, joins } = self.step_view(step);
                Evidence::Merge { txid, height, heuristic, joins }
            })
            .collect();
        match found.bound_hit {
            Some(hit) => way.push(Evidence::Cut { bound: bound_name(hit).into() }),
            None if found.steps.len() > EVIDENCE_MAX => way.push(Evidence::Cut { bound: "evidence".into() }),
            None => {}
        }
        Ok(way)
    }
}

pub(super) fn evidence_of(label: &Label) -> Evidence {
    Evidence::Label {
        subject: label.text.to_string(),
        label: label.name.clone(),
        basis: label.basis,
        source: label.source.clone(),
        confidence: label.confidence.as_ref().and_then(|c| c.level),
        pack: label.pack.title.clone(),
        line: label.line,
        id: label.id().to_string(),
        disputed: label.decided.as_ref().and_then(|d| d.disputed.as_ref()).map(|d| d.reason.clone()),
    }
}
