//! `screen`: what is known of an address or transaction, and of those it dealt with.
//!
//! Ownership, direct counterparty and indirect exposure are three different statements and stay apart; "nothing is
//! known" is [`Level::Unknown`], which is not [`Level::None`]. Amounts of counterparties and indirect exposure are FIFO
//! taint, so they add up: no satoshi is counted for two labelled entities at one distance.

use super::owned::Ties;
use super::seen_on::listed_under;
use super::{BoundedView, ListedIdentifier, ScreenOptions, ScreenStatus, ScreenView, Statement};
use crate::account_chain::AccountTarget;
use crate::error::EngineError;
use crate::known::Saying;
use crate::met::Clock;
use crate::{Engine, target::Target};
use athar_entities::Deposits;
use athar_labels::{Label, RiskTable};
use athar_trace::Subject;
use athar_types::address::{NormalAddress, parse_key};
use athar_types::{AddressError, AddressId, Bilingual, Level, OutputNum, Relation, isolated};

/// Addresses of an entity whose money is followed.
pub(super) const MEMBERS_MAX: u32 = 10_000;
/// What is noted beside a hit on the number of a document.
pub(super) fn document_note() -> Bilingual {
    Bilingual::new(
        "a number of a document alone does not name one person: compare country, name and birth",
        "رقم الوثيقة وحده لا يدل على شخص بعينه: قارن البلد والاسم وتاريخ الميلاد",
    )
}

/// What is found of a target, while the answer is put together.
#[derive(Default)]
pub(super) struct Found {
    pub(super) statements: Vec<Statement>,
    pub(super) bounds: Vec<BoundedView>,
    /// Whether exposure was followed as far as asked for, and nothing was left at another bound.
    pub(super) complete: bool,
    /// Whether the clock left anything out.
    pub(super) is_cut: bool,
}

/// The question, while it is answered.
struct Asked<'a> {
    options: &'a ScreenOptions,
    clock: Option<&'a Clock>,
}

impl Engine {
    /// Screens one target. Whatever the text, there is an answer: an invalid one says why.
    pub fn screen(&self, input: &str, options: &ScreenOptions) -> Result<ScreenView, EngineError> {
        let clock = options.time_limit_ms.map(Clock::start);
        let asked = Asked { options, clock: clock.as_ref() };
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
            seen_also_on: Vec::new(),
            deposit_at: None,
            covered: None,
            snapshot: None,
        };
        let mut found = Found::default();
        let account_tx =
            self.account_chain.as_ref().and_then(|chain| AccountTarget::parse(input, chain.ledger.form()).tx());
        match Target::parse(input, self.chain, self.network()) {
            _ if account_tx.is_some() => {
                self.screen_account_tx(&account_tx.unwrap_or_default(), &mut view, &mut found);
            }
            Target::Address(address) => self.screen_address(&address, &asked, &mut view, &mut found)?,
            Target::Hash(txid) => {
                view.kind = "transaction";
                view.chain = Some(self.chain.to_string());
                let labels = self.labels.lookup_transaction(self.chain, &txid.to_string()).map(|l| (None, l));
                found.statements = self.owned(&Saying::of(labels), None, &mut Ties::default(), None)?;
                if let Some(tx) = self.ledger.as_ref().and_then(|l| l.tx_by_id(&txid)) {
                    view.status = ScreenStatus::Known;
                    self.expose(Subject::Transaction(tx), None, options, asked.clock, &mut found)?;
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
                    self.screen_known(address, None, Subject::Output(output), &asked, &mut view, &mut found)?;
                }
            }
            Target::Invalid(error) => self.screen_other(input.trim(), &error, &mut view, &mut found)?,
        }
        if view.kind == "transaction" {
            self.name_hash(input.trim(), &mut view.notes, &mut view.listed)?;
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
        let levels = found.statements.iter().map(|s| (s.relation, s.level));
        let listed = view.listed.iter().filter(|l| l.counts).map(|l| l.level).max();
        view.risk = risk(levels, found.complete).max(listed.unwrap_or(Level::Unknown));
        if !found.is_cut {
            view.snapshot = Some(self.snapshot("screen", &(input.trim(), options)));
        }
        view.statements = found.statements;
        view.bounds = found.bounds;
        Ok(view)
    }

    fn screen_address(
        &self,
        address: &NormalAddress,
        asked: &Asked<'_>,
        view: &mut ScreenView,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        view.kind = "address";
        view.chain = Some(address.chain.to_string());
        view.notes = self.labels.mentions(address.chain, &address.text).map(quarantined).collect();
        view.seen_also_on = self.seen_on(address);
        self.screen_on_its_chain(address, asked, view, found)?;
        let elsewhere = self.same_text(address);
        view.notes.extend(elsewhere.iter().map(|label| listed_under(label)));
        let sayings = Saying::of(elsewhere.into_iter().map(|label| (None, label)));
        found.statements.extend(self.owned(&sayings, None, &mut Ties::default(), None)?);
        Ok(())
    }

    fn screen_on_its_chain(
        &self,
        address: &NormalAddress,
        asked: &Asked<'_>,
        view: &mut ScreenView,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        if let Some(chain) = self.account_chain.as_ref().filter(|c| c.ledger.chain() == address.chain)
            && let Ok(bytes) = chain.ledger.form().parse(&address.text)
        {
            return self.screen_account(&bytes, asked.options, view, found);
        }
        let id =
            self.ledger.as_ref().filter(|l| l.chain() == address.chain).and_then(|ledger| {
                ledger.address_id(&parse_key(ledger.chain(), ledger.network(), &address.text).ok()?)
            });
        if let Some(id) = id {
            view.status = ScreenStatus::Known;
            // of a customer's account only its own money is followed, not that of all the service's customers
            let account = self.account(id);
            let members = if account.is_some() { vec![id] } else { self.members(id, MEMBERS_MAX) };
            return self.screen_known(Some(id), account, Subject::Addresses(&members), asked, view, found);
        }
        let labels = self.labels.lookup(address.chain, &address.text).map(|l| (None, l));
        found.statements = self.owned(&Saying::of(labels), None, &mut Ties::default(), None)?;
        Ok(())
    }

    /// Something on the chain that belongs to `address`, where it pays one; `account` is what is known of its use, if that was
    /// looked for.
    fn screen_known(
        &self,
        address: Option<AddressId>,
        account: Option<Deposits>,
        subject: Subject<'_>,
        asked: &Asked<'_>,
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
            view.cuts = self.cuts_view(id);
            let account = match subject {
                Subject::Addresses(_) => account,
                _ => self.account(id),
            };
            let mut ties = Ties::default();
            if let Some(deposits) = account {
                view.account_at = Some(self.account_view_of(id, &deposits)?);
                let (own, service) = self.account_sayings(id);
                found.statements = self.owned(&own, Some(id), &mut ties, asked.clock)?;
                let mut at = self.owned(&service, Some(id), &mut ties, asked.clock)?;
                for statement in &mut at {
                    statement.relation = Relation::AccountAt;
                    statement.level =
                        RiskTable::shipped().level(statement.category, statement.basis, Relation::AccountAt);
                }
                found.statements.extend(at);
                found.is_cut |= ties.is_cut;
                return self.expose(subject, None, asked.options, asked.clock, found);
            }
            let sayings = self.subject_of(id).map(|s| self.known.sayings(s, None, &self.labels)).unwrap_or_default();
            found.statements = self.owned(&sayings, Some(id), &mut ties, asked.clock)?;
            found.is_cut |= ties.is_cut;
        }
        self.expose(subject, address, asked.options, asked.clock, found)
    }

    /// What is said of a deposit address itself, and of the service that holds it. The service's labels are not the
    /// customer's, nor are those of other customers; but what is said of the address itself, a designation above all, is said
    /// of it.
    pub(super) fn account_sayings(&self, id: AddressId) -> (Vec<Saying<'_>>, Vec<Saying<'_>>) {
        let service = self.known.of_entity(self.root_of(id));
        let of_it = self.known.of_address(id).into_iter().flat_map(|s| self.known.labels(s, &self.labels));
        let on_it = service.into_iter().flat_map(|s| self.known.labels_on(s, id, &self.labels));
        let own = Saying::of(of_it.chain(on_it).map(|(on, label)| (Some(on), label)));
        (own, service.map(|s| self.known.sayings(s, Some(id), &self.labels)).unwrap_or_default())
    }

    /// The addresses of an entity whose money is followed: the first-seen ones, the address itself among them.
    pub(crate) fn members(&self, id: AddressId, max: u32) -> Vec<AddressId> {
        let mut members = self.forest.as_ref().map_or_else(|| vec![id], |f| self.guard.members(f, id, 0, max));
        if !members.contains(&id) {
            members.push(id);
        }
        members
    }

    /// What lists say of 64 hexadecimal digits: they have put such texts down as addresses.
    pub(super) fn name_hash(
        &self,
        text: &str,
        notes: &mut Vec<Bilingual>,
        listed: &mut Vec<ListedIdentifier>,
    ) -> Result<(), EngineError> {
        notes.extend(self.labels.quarantined(text).map(quarantined));
        *listed = self.listed_identifiers(text)?;
        Ok(())
    }

    /// No address or hash: perhaps an account number on a list, or a text that a list has in quarantine.
    fn screen_other(
        &self,
        text: &str,
        error: &AddressError,
        view: &mut ScreenView,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let accounts = Saying::of(self.labels.lookup_account(text).map(|l| (None, l)));
        view.notes = self.labels.quarantined(text).map(quarantined).collect();
        view.listed = self.listed_identifiers(text)?;
        if !accounts.is_empty() {
            view.kind = "account";
            found.statements = self.owned(&accounts, None, &mut Ties::default(), None)?;
        } else if !view.listed.is_empty() {
            view.kind = "identifier";
        } else {
            view.status = ScreenStatus::Invalid;
            view.reason = Some(unreadable(error));
        }
        if view.listed.iter().any(|l| !l.counts) {
            view.notes.push(document_note());
        }
        Ok(())
    }
}

/// Why a text is nothing that can be screened.
pub(super) fn unreadable(error: &AddressError) -> Bilingual {
    Bilingual::new(
        format!("no address, transaction id or listed account or identifier: {error}"),
        format!("ليس عنوانًا ولا معرّف معاملة ولا حسابًا أو معرّفًا مدرجًا: {}", error.arabic()),
    )
}

pub(super) fn quarantined(label: &Label) -> Bilingual {
    let (why, arabic) = label.quarantine.map_or(("quarantined", "محجور"), |d| (d.name(), d.arabic()));
    let (pack, line, name) = (&label.pack, label.line, &label.name);
    Bilingual::new(
        format!("named in a quarantined entry ({why}): {} line {line}, {name}", pack.title),
        format!(
            "ورد في قيد محجور ({arabic}): {}، السطر {}، {}",
            isolated(&pack.title),
            isolated(&line.to_string()),
            isolated(name)
        ),
    )
}

/// The highest level of all statements. Where only exposure speaks and it was cut short or not asked for, "no risk" is not
/// known.
pub(super) fn risk(statements: impl Iterator<Item = (Relation, Level)>, complete: bool) -> Level {
    let (mut level, mut of_itself) = (Level::Unknown, false);
    for (relation, own) in statements {
        level = level.max(own);
        of_itself |= relation == Relation::Ownership && own == Level::None;
    }
    if level == Level::None && !of_itself && !complete { Level::Unknown } else { level }
}
