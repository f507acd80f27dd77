//! The quick screening on a chain of accounts: what is said of an account, and of those it dealt with at first hand.

use crate::Engine;
use crate::error::EngineError;
use crate::json::Millionths;
use crate::read::direct::{CounterpartyView, Depth, DirectStatement, DirectStatements, DirectView, LabelRef};
use crate::read::{Evidence, ScreenOptions, ScreenView, Statement};
use athar_types::Relation;
use athar_types::address::NormalAddress;

/// Transfers looked at for counterparties.
const EDGES_MAX: u64 = 2_000;

impl Engine {
    /// Fills in the answer for an account of the chain that is asked. Whether every counterparty was looked at.
    pub(in crate::read) fn direct_account(
        &self,
        address: &NormalAddress,
        depth: Depth,
        view: &mut DirectView,
    ) -> Result<bool, EngineError> {
        let options = ScreenOptions { hops_max: 1, edges_max: EDGES_MAX, time_limit_ms: None };
        let ScreenView { status, entity, entity_size, statements, notes, bounds, covered, .. } =
            self.screen(&address.text, &options)?;
        view.status = status;
        (view.entity, view.entity_size, view.covered) = (entity, entity_size, covered);
        view.notes = notes;
        let is_own = |s: &&Statement| matches!(s.relation, Relation::Ownership | Relation::AccountAt);
        let own: Vec<DirectStatement> = statements.iter().filter(is_own).map(said).collect();
        view.statements = DirectStatements(own.into());
        if depth == Depth::Ownership {
            return Ok(false);
        }
        let met = statements.iter().filter(|s| s.relation == Relation::Counterparty);
        view.counterparties = met.filter_map(counterparty).collect();
        view.bounds = bounds.into_iter().filter(|b| b.bound != "hops").collect();
        Ok(view.bounds.is_empty())
    }
}

/// The labels among evidence, in short; an issuer's act by its transaction.
fn refs(evidence: &[Evidence]) -> Vec<LabelRef> {
    evidence
        .iter()
        .filter_map(|piece| match piece {
            Evidence::Label { subject, source, id, disputed, .. } => Some(LabelRef {
                id: id.clone(),
                subject: subject.clone(),
                source: source.clone(),
                disputed: disputed.is_some(),
            }),
            Evidence::Issuer { act } => Some(LabelRef {
                id: act.tx.clone(),
                subject: act.token.id.clone(),
                source: Some(format!("{} by the token's issuer", act.act)),
                disputed: false,
            }),
            _ => None,
        })
        .collect()
}

fn said(statement: &Statement) -> DirectStatement {
    DirectStatement {
        relation: statement.relation,
        category: statement.category,
        level: statement.level,
        basis: statement.basis,
        entity: statement.entity.clone(),
        label: statement.label.clone(),
        evidence: refs(&statement.evidence),
        evidence_truncated: statement.evidence_truncated,
    }
}

fn counterparty(statement: &Statement) -> Option<CounterpartyView> {
    let transfers = statement.evidence.iter().filter(|piece| matches!(piece, Evidence::Transfer { .. })).count();
    Some(CounterpartyView {
        category: statement.category,
        level: statement.level,
        basis: statement.basis,
        entity: statement.entity.clone(),
        label: statement.label.clone(),
        direction: statement.direction?,
        amount_sat: None,
        amounts: statement.amounts.clone(),
        share: statement.share.map(|share| Millionths(share.0)),
        outputs: transfers as u64,
        evidence: refs(&statement.evidence).into_iter().next()?,
    })
}
