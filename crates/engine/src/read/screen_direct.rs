//! `screen --depth`: what is said of a target itself, without following anybody's money, and its direct counterparties.
//!
//! It is for whoever asks thousands of times a second. So nothing here searches: labels are laid over entities when the
//! store is opened, the statements on a labelled entity are made when they are first asked for, and the ties between the
//! addresses of an entity are left to `explain`.

use super::direct::{CounterpartyView, Depth, DirectStatement, DirectStatements, DirectView, LabelRef};
use super::exposed::{add_bounds, direction_of, share};
use super::owned::EVIDENCE_MAX;
use super::screen::{quarantined, risk};
use super::seen_on::listed_under;
use super::{BoundedView, ScreenStatus};
use crate::error::EngineError;
use crate::known::Saying;
use crate::met::{Ask, Side, met};
use crate::{Engine, target::Target};
use athar_labels::{Label, RiskTable};
use athar_trace::{Limits, Subject};
use athar_types::address::{NormalAddress, parse_key};
use athar_types::{AddressId, Level, OutputNum, Relation};
use std::sync::Arc;

/// Statements of one answer at most: an entity can carry a hundred thousand names.
const STATEMENTS_MAX: usize = 1_000;
/// Edges that are looked at for counterparties, in each direction.
const EDGES_MAX: u64 = 2_000;
/// Addresses of an entity whose counterparties are looked for.
const MEMBERS_MAX: u32 = 1_000;
/// Outputs of an entity whose counterparties are looked for.
const OUTPUTS_MAX: usize = 1_000;
/// Places of a counterparty that are kept; an answer lists none.
const PLACES_KEPT: usize = 1;

impl Engine {
    /// Screens one target without following money further than `depth` says. Whatever the text, there is an answer: an
    /// invalid one says why. The same statements on ownership as in [`Engine::screen`], with labels alone as evidence.
    pub fn screen_direct(&self, input: &str, depth: Depth) -> Result<DirectView, EngineError> {
        let text = input.trim();
        let mut view = DirectView {
            input: input.to_string(),
            chain: None,
            kind: "unknown",
            status: ScreenStatus::Unseen,
            reason: None,
            depth,
            risk: Level::Unknown,
            entity: None,
            entity_size: None,
            account_at: None,
            cuts: None,
            statements: DirectStatements(Arc::new([])),
            statements_truncated: false,
            counterparties: Vec::new(),
            listed: Vec::new(),
            notes: Vec::new(),
            covered: None,
            bounds: Vec::new(),
            snapshot: self.snapshot("screen direct", &(text, depth)),
        };
        let mut complete = false;
        match Target::parse(input, self.chain, self.network()) {
            Target::Address(address) => complete = self.direct_address(&address, depth, &mut view)?,
            Target::Hash(txid) => {
                view.kind = "transaction";
                view.chain = Some(self.chain.name());
                let labels = self.labels.lookup_transaction(self.chain, &txid.to_string()).map(|l| (None, l));
                view.statements = self.direct_of(&Saying::of(labels), None);
                if let Some(tx) = self.ledger.as_ref().and_then(|l| l.tx_by_id(&txid)) {
                    view.status = ScreenStatus::Known;
                    complete = self.counterparties(Subject::Transaction(tx), None, &mut view)?;
                }
            }
            Target::Output(txid, vout) => {
                view.kind = "output";
                view.chain = Some(self.chain.name());
                let tx = self.ledger.as_ref().and_then(|l| Some((l, l.tx_by_id(&txid)?)));
                let output = tx.and_then(|(l, tx)| l.tx_outputs(tx).nth(vout as usize)).map(OutputNum);
                if let Some(output) = output {
                    view.status = ScreenStatus::Known;
                    let address = self.ledger_or_empty().output_address(output);
                    let mut own = address;
                    if let Some(id) = address
                        && self.direct_known(id, &mut view)?
                    {
                        own = None;
                    }
                    complete = self.counterparties(Subject::Output(output), own, &mut view)?;
                }
            }
            Target::Invalid(error) => {
                view.notes = self.labels.quarantined(text).map(quarantined).collect();
                view.listed = self.listed_identifiers(text)?;
                let accounts = Saying::of(self.labels.lookup_account(text).map(|l| (None, l)));
                view.statements = self.direct_of(&accounts, None);
                if !accounts.is_empty() {
                    view.kind = "account";
                } else if !view.listed.is_empty() {
                    view.kind = "identifier";
                } else {
                    view.status = ScreenStatus::Invalid;
                    view.reason = Some(super::screen::unreadable(&error));
                }
                if view.listed.iter().any(|l| !l.counts) {
                    view.notes.push(super::screen::document_note());
                }
            }
        }
        if view.kind == "transaction" {
            self.name_hash(text, &mut view.notes, &mut view.listed)?;
        }
        let own = view.statements.iter().map(|s| (s.relation, s.level));
        let others = view.counterparties.iter().map(|c| (Relation::Counterparty, c.level));
        let listed = view.listed.iter().filter(|l| l.counts).map(|l| l.level).max();
        view.risk = risk(own.chain(others), complete).max(listed.unwrap_or(Level::Unknown));
        if view.statements.len() > STATEMENTS_MAX {
            view.statements_truncated = true;
            view.statements = DirectStatements(view.statements[..STATEMENTS_MAX].into());
        }
        Ok(view)
    }

    fn direct_address(
        &self,
        address: &NormalAddress,
        depth: Depth,
        view: &mut DirectView,
    ) -> Result<bool, EngineError> {
        let complete = self.direct_on_its_chain(address, depth, view)?;
        let elsewhere = self.same_text(address);
        // what an account's full screening says holds it already
        let is_full = self.account_chain.as_ref().is_some_and(|chain| chain.ledger.chain() == address.chain);
        if !elsewhere.is_empty() && !is_full {
            view.notes.extend(elsewhere.iter().map(|label| listed_under(label)));
            let mut statements = view.statements.to_vec();
            statements.extend(self.unsorted(&Saying::of(elsewhere.into_iter().map(|label| (None, label))), None));
            view.statements = sorted(statements);
        }
        Ok(complete)
    }

    /// Whether every counterparty was looked at, as in the parts of it below.
    fn direct_on_its_chain(
        &self,
        address: &NormalAddress,
        depth: Depth,
        view: &mut DirectView,
    ) -> Result<bool, EngineError> {
        view.kind = "address";
        view.chain = Some(address.chain.name());
        view.notes = self.labels.mentions(address.chain, &address.text).map(quarantined).collect();
        if self.account_chain.as_ref().is_some_and(|chain| chain.ledger.chain() == address.chain) {
            return self.direct_account(address, depth, view);
        }
        let id =
            self.ledger.as_ref().filter(|l| l.chain() == address.chain).and_then(|ledger| {
                ledger.address_id(&parse_key(ledger.chain(), ledger.network(), &address.text).ok()?)
            });
        let Some(id) = id else {
            let labels = self.labels.lookup(address.chain, &address.text).map(|l| (None, l));
            view.statements = self.direct_of(&Saying::of(labels), None);
            return Ok(false);
        };
        view.status = ScreenStatus::Known;
        let is_account = self.direct_known(id, view)?;
        if depth == Depth::Ownership {
            return Ok(false);
        }
        if is_account {
            return self.counterparties(Subject::Addresses(&[id]), None, view);
        }
        let size = view.entity_size.unwrap_or(1);
        if size > u64::from(MEMBERS_MAX) {
            let outputs = size - u64::from(MEMBERS_MAX);
            view.bounds.push(BoundedView { bound: "members".into(), direction: None, amount_sat: 0, outputs });
        }
        let members = self.members(id, MEMBERS_MAX);
        self.counterparties(Subject::Addresses(&members), Some(id), view)
    }

    /// What is said of an address on the chain, and whether it is an account at a service.
    fn direct_known(&self, id: AddressId, view: &mut DirectView) -> Result<bool, EngineError> {
        let ledger = self.ledger()?;
        if let Some(forest) = &self.forest {
            view.entity = Some(ledger.address_text(self.guard.name(forest, id)));
            view.entity_size = Some(u64::from(self.guard.size(forest, id)));
        }
        view.cuts = self.cuts_view(id);
        let Some(deposits) = self.account(id) else {
            if let Some(subject) = self.subject_of(id) {
                let kept = self.known.direct(subject, false);
                let made = || self.direct_of(&self.known.sayings(subject, None, &self.labels), Some(id)).0;
                view.statements = DirectStatements(kept.get_or_init(made).clone());
            }
            return Ok(false);
        };
        view.account_at = Some(self.account_view_of(id, &deposits)?);
        let service = self.known.of_entity(self.root_of(id));
        let is_named = service.is_some_and(|s| self.known.labels_on(s, id, &self.labels).next().is_some());
        if let Some(service) = service
            && !is_named
            && self.known.of_address(id).is_none()
        {
            // nothing is said of the address itself: what is said of the service is the same for all its customers
            let kept = self.known.direct(service, true);
            let made = || {
                let mut at = self.unsorted(&self.known.sayings(service, None, &self.labels), Some(id));
                at.iter_mut().for_each(stands_at);
                sorted(at).0
            };
            view.statements = DirectStatements(kept.get_or_init(made).clone());
            return Ok(true);
        }
        let (own, service) = self.account_sayings(id);
        let mut statements = self.unsorted(&own, Some(id));
        let mut at = self.unsorted(&service, Some(id));
        at.iter_mut().for_each(stands_at);
        statements.extend(at);
        view.statements = sorted(statements);
        Ok(true)
    }

    fn direct_of(&self, sayings: &[Saying<'_>], id: Option<AddressId>) -> DirectStatements {
        sorted(self.unsorted(sayings, id))
    }

    /// A statement of ownership for each saying.
    fn unsorted(&self, sayings: &[Saying<'_>], id: Option<AddressId>) -> Vec<DirectStatement> {
        let name = |on: AddressId| {
            let (ledger, forest) = (self.ledger.as_ref()?, self.forest.as_ref()?);
            Some(ledger.address_text(self.guard.name(forest, on)))
        };
        let entity = id.and_then(name);
        let statements = sayings.iter().filter_map(|saying| {
            let (first_on, first) = saying.labels.first()?;
            let named = entity.clone().or_else(|| first_on.filter(|_| id.is_none()).and_then(name));
            Some(DirectStatement {
                relation: Relation::Ownership,
                category: saying.category,
                level: RiskTable::shipped().level(saying.category, first.basis, Relation::Ownership),
                basis: first.basis,
                entity: named.unwrap_or_else(|| first.text.to_string()),
                label: first.name.clone(),
                evidence: saying.labels.iter().take(EVIDENCE_MAX).map(|(_, label)| label_ref(label)).collect(),
                evidence_truncated: saying.labels.len() > EVIDENCE_MAX,
            })
        });
        statements.collect()
    }

    /// Adds the direct counterparties where they are asked for. Whether all were looked at.
    fn counterparties(
        &self,
        subject: Subject<'_>,
        own: Option<AddressId>,
        view: &mut DirectView,
    ) -> Result<bool, EngineError> {
        if view.depth == Depth::Ownership {
            return Ok(false);
        }
        let limits = Limits { hops_max: 1, edges_max: EDGES_MAX, sources_max: OUTPUTS_MAX, ..Limits::default() };
        let own = own.map(|id| self.root_of(id));
        let ask = Ask { subject, own, limits: &limits, places_max: PLACES_KEPT, paths_max: 0, clock: None };
        let sides = met(self, &ask)?;
        for side in &sides {
            for met in side.met.iter().filter(|met| met.relation == Relation::Counterparty) {
                let entity = self.met_entity(met);
                for (category, label) in self.speakers(met) {
                    view.counterparties.push(CounterpartyView {
                        category,
                        level: RiskTable::shipped().level(category, label.basis, Relation::Counterparty),
                        basis: label.basis,
                        entity: entity.clone(),
                        label: label.name.clone(),
                        direction: direction_of(side.flow),
                        amount_sat: Some(met.sat),
                        amounts: Vec::new(),
                        share: Some(share(met.sat, side.total_sat)),
                        outputs: met.places_count,
                        evidence: label_ref(label),
                    });
                }
            }
            add_bounds(self, side, &mut view.bounds);
        }
        let complete = view.bounds.iter().all(|b| b.bound == "hops") && sides.iter().all(Side::is_complete);
        // that it ends after one hop was asked for
        view.bounds.retain(|b| b.bound != "hops");
        view.counterparties.sort_by(|a, b| {
            (b.level, b.amount_sat, &a.entity, &a.label, a.direction).cmp(&(
                a.level,
                a.amount_sat,
                &b.entity,
                &b.label,
                b.direction,
            ))
        });
        Ok(complete)
    }
}

/// An account at a service is dealing with it, not being it.
fn stands_at(statement: &mut DirectStatement) {
    statement.relation = Relation::AccountAt;
    statement.level = RiskTable::shipped().level(statement.category, statement.basis, Relation::AccountAt);
}

/// In the order of a full screening.
fn sorted(mut statements: Vec<DirectStatement>) -> DirectStatements {
    statements
        .sort_by(|a, b| (b.level, a.relation, &a.entity, &a.label).cmp(&(a.level, b.relation, &b.entity, &b.label)));
    DirectStatements(statements.into())
}

fn label_ref(label: &Label) -> LabelRef {
    LabelRef {
        id: label.id().to_string(),
        subject: label.text.to_string(),
        source: label.source.clone(),
        disputed: label.is_disputed(),
    }
}
