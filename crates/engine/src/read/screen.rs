//! `screen`: what is known of an address or transaction, and of those it dealt with.
//!
//! Ownership, direct counterparty and indirect exposure are three different statements and stay apart; "nothing is
//! known" is [`Level::Unknown`], which is not [`Level::None`]. Amounts of counterparties and indirect exposure are FIFO
//! taint, so they add up: no satoshi is counted for two labelled entities at one distance.

use super::trace::Known;
use super::{
    BoundedView, Direction, Evidence, ListedIdentifier, PathStep, ScreenOptions, ScreenStatus, ScreenView, Statement,
    StepView,
};
use crate::error::EngineError;
use crate::json::Millionths;
use crate::known::shown_categories;
use crate::{Engine, target::Target, worth::Worth};
use athar_labels::{Label, RiskTable, official_meaning};
use athar_trace::{Exposure, ExposureQuestion, Flow, Limits, Owners, Policy, Side, Step, Subject, exposure};
use athar_types::address::{NormalAddress, parse_key};
use athar_types::{AddressError, AddressId, Category, Level, OutputNum, Relation, TxNum};
use std::cmp::Reverse;

/// Addresses of an entity whose money is followed.
pub(crate) const MEMBERS_MAX: u32 = 10_000;
/// Outputs of an entity whose money is followed.
pub(crate) const SOURCES_MAX: usize = 100_000;
/// Places of one exposure whose value is summed up in dollars.
pub(crate) const PLACES_MAX: usize = 2_000;
/// Pieces of evidence listed with a statement.
const EVIDENCE_MAX: usize = 10;

/// What a statement is about: the target itself, or one exposure of it.
struct Found {
    statements: Vec<Statement>,
    bounds: Vec<BoundedView>,
    /// Whether exposure was followed as far as asked for, and nothing was left at another bound.
    complete: bool,
}

impl Engine {
    /// Screens one target. Whatever the text, there is an answer: an invalid one says why.
    pub fn screen(&self, input: &str, options: &ScreenOptions) -> Result<ScreenView, EngineError> {
        let mut view = ScreenView {
            input: input.to_string(),
            chain: None,
            kind: "unknown",
            status: ScreenStatus::Unseen,
            reason: None,
            risk: Level::Unknown,
            entity: None,
            entity_size: None,
            account_at: None,
            clustering: self.clustering_view(),
            cuts: None,
            statements: Vec::new(),
            listed: Vec::new(),
            notes: Vec::new(),
            bounds: Vec::new(),
            snapshot: self.snapshot("screen", &(input.trim(), options)),
        };
        let mut found = Found { statements: Vec::new(), bounds: Vec::new(), complete: false };
        match Target::parse(input, self.chain, self.network()) {
            Target::Address(address) => self.screen_address(&address, options, &mut view, &mut found)?,
            Target::Hash(txid) => {
                view.kind = "transaction";
                view.chain = Some(self.chain.to_string());
                let labels: Vec<&Label> = self.labels.lookup_transaction(self.chain, &txid.to_string()).collect();
                found.statements = self.owned(&labels.into_iter().map(|l| (None, l)).collect::<Vec<_>>(), None)?;
                if let Some(tx) = self.ledger.as_ref().and_then(|l| l.tx_by_id(&txid)) {
                    view.status = ScreenStatus::Known;
                    self.expose(Subject::Transaction(tx), None, options, &mut found)?;
                }
            }
            Target::Output(txid, vout) => {
                view.kind = "output";
                view.chain = Some(self.chain.to_string());
                let tx = self.ledger.as_ref().and_then(|l| Some((l, l.tx_by_id(&txid)?)));
                let output = tx.and_then(|(l, tx)| l.tx_outputs(tx).nth(vout as usize)).map(OutputNum);
                if let Some(output) = output {
                    view.status = ScreenStatus::Known;
                    let address = self.ledger_or_empty().output_address(output);
                    self.screen_known(address, Subject::Output(output), options, &mut view, &mut found)?;
                }
            }
            Target::Invalid(error) => self.screen_other(input.trim(), &error, &mut view, &mut found)?,
        }
        found.statements.sort_by(|a, b| {
            (b.level, a.relation, b.amount_sat, &a.entity, &a.label, a.direction).cmp(&(
                a.level,
                b.relation,
                a.amount_sat,
                &b.entity,
                &b.label,
                b.direction,
            ))
        });
        let listed = view.listed.iter().filter(|l| l.counts).map(|l| l.level).max();
        view.risk = listed.map_or_else(|| risk(&found), |level| level.max(risk(&found)));
        view.statements = found.statements;
        view.bounds = found.bounds;
        Ok(view)
    }

    fn screen_address(
        &self,
        address: &NormalAddress,
        options: &ScreenOptions,
        view: &mut ScreenView,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        view.kind = "address";
        view.chain = Some(address.chain.to_string());
        view.notes = self.labels.mentions(address.chain, &address.text).map(quarantined).collect();
        let id =
            self.ledger.as_ref().filter(|l| l.chain() == address.chain).and_then(|ledger| {
                ledger.address_id(&parse_key(ledger.chain(), ledger.network(), &address.text).ok()?)
            });
        if let Some(id) = id {
            view.status = ScreenStatus::Known;
            // of a customer's account only its own money is followed, not that of all the service's customers
            let members = if self.account(id).is_some() { vec![id] } else { self.entity_members(id) };
            return self.screen_known(Some(id), Subject::Addresses(&members), options, view, found);
        }
        let labels: Vec<_> = self.labels.lookup(address.chain, &address.text).map(|l| (None, l)).collect();
        found.statements = self.owned(&labels, None)?;
        Ok(())
    }

    /// Something on the chain that belongs to `address`, where it pays one.
    fn screen_known(
        &self,
        address: Option<AddressId>,
        subject: Subject<'_>,
        options: &ScreenOptions,
        view: &mut ScreenView,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        if let Some(id) = address {
            let ledger = self.ledger()?;
            if let Some(forest) = &self.forest {
                let size = self.guard.size(forest, id);
                view.entity = Some(ledger.address_text(self.guard.name(forest, id)));
                view.entity_size = Some(u64::from(size));
                if size > MEMBERS_MAX && matches!(subject, Subject::Addresses(_)) {
                    let outputs = u64::from(size - MEMBERS_MAX);
                    found.bounds.push(BoundedView { bound: "members".into(), direction: None, amount_sat: 0, outputs });
                }
            }
            let labels = |subject: Option<u32>| -> Vec<(Option<AddressId>, &Label)> {
                subject
                    .into_iter()
                    .flat_map(|s| self.known.labels(s, &self.labels))
                    .map(|(a, l)| (Some(a), l))
                    .collect()
            };
            view.cuts = self.cuts_view(id);
            view.account_at = self.account_view(id)?;
            if view.account_at.is_some() {
                // the service's labels are not the customer's, nor are those of other customers; but what is said of the
                // address itself, a designation above all, is said of it
                let (on_it, service): (Vec<_>, Vec<_>) =
                    labels(self.known.of_entity(self.root_of(id))).into_iter().partition(|(on, _)| *on == Some(id));
                let own: Vec<_> = labels(self.known.of_address(id)).into_iter().chain(on_it).collect();
                found.statements = self.owned(&own, Some(id))?;
                let mut at = self.owned(&service, Some(id))?;
                for statement in &mut at {
                    statement.relation = Relation::AccountAt;
                    statement.level =
                        RiskTable::shipped().level(statement.category, statement.basis, Relation::AccountAt);
                }
                found.statements.extend(at);
                return self.expose(subject, None, options, found);
            }
            found.statements = self.owned(&labels(self.subject_of(id)), Some(id))?;
        }
        self.expose(subject, address, options, found)
    }

    /// The addresses of an entity whose money is followed: the first-seen ones, the address itself among them.
    pub(crate) fn entity_members(&self, id: AddressId) -> Vec<AddressId> {
        let mut members = self.forest.as_ref().map_or_else(|| vec![id], |f| self.guard.members(f, id, 0, MEMBERS_MAX));
        if !members.contains(&id) {
            members.push(id);
        }
        members
    }

    /// No address or hash: perhaps an account number on a list, or a text that a list has in quarantine.
    fn screen_other(
        &self,
        text: &str,
        error: &AddressError,
        view: &mut ScreenView,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let accounts: Vec<_> = self.labels.lookup_account(text).map(|l| (None, l)).collect();
        view.notes = self.labels.quarantined(text).map(quarantined).collect();
        view.listed = self.listed_identifiers(text)?;
        if !accounts.is_empty() {
            view.kind = "account";
            found.statements = self.owned(&accounts, None)?;
        } else if !view.listed.is_empty() {
            view.kind = "identifier";
        } else {
            view.status = ScreenStatus::Invalid;
            view.reason = Some(format!("no address, transaction id or listed account or identifier: {error}"));
        }
        if view.listed.iter().any(|l| !l.counts) {
            view.notes
                .push("a number of a document alone does not name one person: compare country, name and birth".into());
        }
        Ok(())
    }

    /// The entries of official lists that have a text as an identifier.
    fn listed_identifiers(&self, text: &str) -> Result<Vec<ListedIdentifier>, EngineError> {
        let found = self.list_identifiers()?.find(text);
        let mut listed = Vec::with_capacity(found.len());
        for found in found {
            let list = self.lists.load(&found.version)?;
            let Some(entry) = list.entries.iter().find(|e| e.id == found.id) else { continue };
            let (categories, basis) = official_meaning(&list.info, entry);
            let level = |category| RiskTable::shipped().level(category, basis, Relation::Ownership);
            let best = categories.into_iter().max_by_key(|category| (level(*category), Reverse(*category)));
            let category = best.unwrap_or(Category::Unknown);
            let counts = matches!(found.kind.as_str(), "wallet" | "account" | "email" | "phone");
            listed.push(ListedIdentifier { category, basis, level: level(category), counts, found: found.clone() });
        }
        Ok(listed)
    }

    /// Statements of ownership: one for each label name, category and basis. `id` is the address asked about; a label on
    /// another address of its entity is proved by the transactions that tie the two.
    fn owned(
        &self,
        labels: &[(Option<AddressId>, &Label)],
        id: Option<AddressId>,
    ) -> Result<Vec<Statement>, EngineError> {
        let mut statements: Vec<Statement> = Vec::new();
        for (on, label) in labels {
            for category in shown_categories(label) {
                let same = |s: &Statement| s.label == label.name && s.category == category && s.basis == label.basis;
                let at = match statements.iter().position(same) {
                    Some(at) => at,
                    None => {
                        statements.push(self.ownership(label, category, id.or(*on))?);
                        statements.len() - 1
                    }
                };
                let statement = &mut statements[at];
                if statement.evidence.len() >= EVIDENCE_MAX {
                    statement.evidence_truncated = true;
                    continue;
                }
                statement.evidence.push(evidence_of(label));
                if let (Some(id), Some(on)) = (id, *on)
                    && id != on
                {
                    self.tie(id, on, &mut statement.evidence)?;
                }
            }
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
            usd: None,
            unpriced_sat: None,
            share: None,
            hops_min: None,
            evidence: Vec::new(),
            evidence_truncated: false,
        })
    }

    /// The transactions that tie two addresses of one entity.
    fn tie(&self, a: AddressId, b: AddressId, evidence: &mut Vec<Evidence>) -> Result<(), EngineError> {
        let ledger = self.ledger()?;
        let Some(view) = self.explain(&ledger.address_text(a), &ledger.address_text(b))? else { return Ok(()) };
        let truncated = view.steps.len() > EVIDENCE_MAX;
        for StepView { txid, height, heuristic, joins } in view.steps.into_iter().take(EVIDENCE_MAX) {
            let merge = Evidence::Merge { txid, height, heuristic, joins };
            let same = |e: &Evidence| matches!((e, &merge), (Evidence::Merge { txid: x, joins: j, .. }, Evidence::Merge { txid: y, joins: k, .. }) if x == y && j == k);
            if !evidence.iter().any(same) {
                evidence.push(merge);
            }
        }
        match view.bound_hit {
            Some(bound) => evidence.push(Evidence::Cut { bound }),
            None if truncated => evidence.push(Evidence::Cut { bound: "evidence".into() }),
            None => {}
        }
        Ok(())
    }

    /// Adds the statements on counterparties and indirect exposure.
    fn expose(
        &self,
        subject: Subject<'_>,
        own: Option<AddressId>,
        options: &ScreenOptions,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let ledger = self.ledger()?;
        let known = Known(self);
        let owner = Entity { engine: self, root: own.map(|id| self.root_of(id)) };
        let limits = Limits {
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            sources_max: SOURCES_MAX,
            edges_listed_max: 0,
            ..Limits::default()
        };
        let question = ExposureQuestion {
            policy: Policy::Fifo,
            subject,
            stops: &known,
            owners: &owner,
            labels: &known,
            limits: &limits,
            evidence_max: PLACES_MAX,
        };
        let exposures = exposure(ledger, &question)?;
        found.complete = found.bounds.is_empty() && exposures.received.is_complete() && exposures.sent.is_complete();
        let tx = if let Subject::Transaction(tx) = subject { Some(tx) } else { None };
        for side in [&exposures.received, &exposures.sent] {
            self.add_side(side, tx, found);
        }
        Ok(())
    }

    fn add_side(&self, side: &Side, tx: Option<TxNum>, found: &mut Found) {
        let direction = match side.flow {
            Flow::Received => Direction::Received,
            Flow::Sent => Direction::Sent,
        };
        for exposure in &side.exposures {
            // one statement a category: of several labels that say the same the one that weighs most speaks for it
            let mut best: Vec<(Category, &Label)> = Vec::new();
            let weight = |category, label: &Label| {
                (RiskTable::shipped().level(category, label.basis, exposure.relation), Reverse(label.basis))
            };
            for (_, label) in self.known.labels(exposure.label, &self.labels) {
                for category in shown_categories(label) {
                    match best.iter_mut().find(|(c, _)| *c == category) {
                        Some((_, kept)) if weight(category, label) > weight(category, kept) => *kept = label,
                        Some(_) => {}
                        None => best.push((category, label)),
                    }
                }
            }
            for (category, label) in best {
                found.statements.push(self.exposed(exposure, direction, label, category, tx));
            }
        }
        found.bounds.extend(side.bounded().iter().map(|b| BoundedView {
            bound: b.bound.name().into(),
            direction: Some(direction),
            amount_sat: b.sat,
            outputs: b.outputs,
        }));
        if side.sources_truncated {
            found.bounds.push(BoundedView {
                bound: "sources".into(),
                direction: Some(direction),
                amount_sat: 0,
                outputs: 0,
            });
        }
    }

    fn exposed(
        &self,
        exposure: &Exposure,
        direction: Direction,
        label: &Label,
        category: Category,
        tx: Option<TxNum>,
    ) -> Statement {
        let ledger = self.ledger_or_empty();
        let root = self.known.root(exposure.label);
        let entity = self.forest.as_ref().map_or(root, |f| self.guard.name(f, root));
        let (mut worth, mut valued_sat) = (Worth::default(), 0);
        for place in &exposure.evidence {
            let moved = place.path.last().map(|s| s.tx).or(tx).unwrap_or_else(|| ledger.output_tx(place.output).0);
            worth.add(place.sat, self.usd(place.sat, self.tx_time(moved)));
            valued_sat += place.sat;
        }
        // what lies beyond the places listed is not valued, and said to be left out
        worth.add(exposure.amount_sat.saturating_sub(valued_sat), None);
        let mut evidence = vec![evidence_of(label)];
        for place in exposure.evidence.iter().take(EVIDENCE_MAX) {
            let mut steps: Vec<PathStep> = place.path.iter().map(|step| self.path_step(step)).collect();
            if direction == Direction::Received {
                steps.reverse(); // the path begins at the target; money came the other way
            }
            evidence.push(Evidence::Path { amount_sat: place.sat, steps });
        }
        Statement {
            relation: exposure.relation,
            category,
            level: RiskTable::shipped().level(category, label.basis, exposure.relation),
            basis: label.basis,
            entity: ledger.address_text(entity),
            label: label.name.clone(),
            direction: Some(direction),
            amount_sat: Some(exposure.amount_sat),
            usd: worth.usd(),
            unpriced_sat: Some(worth.unpriced_sat()),
            share: Some(Millionths(u64::try_from(exposure.share.millionths()).unwrap_or(u64::MAX))),
            hops_min: Some(exposure.hops_min),
            evidence_truncated: exposure.evidence_truncated || exposure.evidence.len() > EVIDENCE_MAX,
            evidence,
        }
    }

    pub(crate) fn path_step(&self, step: &Step) -> PathStep {
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

/// The target's entity.
struct Entity<'a> {
    engine: &'a Engine,
    root: Option<AddressId>,
}

impl Owners for Entity<'_> {
    fn is_own(&self, address: AddressId) -> bool {
        self.root.is_some_and(|root| self.engine.root_of(address) == root)
    }
}

fn evidence_of(label: &Label) -> Evidence {
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

fn quarantined(label: &Label) -> String {
    let why = label.quarantine.map_or("quarantined", |d| d.name());
    format!("named in a quarantined entry ({why}): {} line {}, {}", label.pack.title, label.line, label.name)
}

/// The highest level of all statements. Where only exposure speaks and it was cut short, "no risk" is not known.
fn risk(found: &Found) -> Level {
    let level = found.statements.iter().map(|s| s.level).max().unwrap_or(Level::Unknown);
    let of_itself = found.statements.iter().any(|s| s.relation == Relation::Ownership && s.level == Level::None);
    if level == Level::None && !of_itself && !found.complete { Level::Unknown } else { level }
}
