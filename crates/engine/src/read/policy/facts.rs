//! The facts of a screening, in the words of policies.
//!
//! The screening has one statement for each category of an entity; here an entity is one exposure with all its labels, so
//! that its money counts once. What the screening does not say — another chain, an unpriced day, patterns where no run
//! was kept — stays open.

use super::AssessOptions;
use crate::account_chain::{AccountChain, AccountTarget, Sums};
use crate::read::{Direction, Evidence, ListedIdentifier, ScreenStatus, ScreenView, Statement};
use crate::{Engine, target::Target, worth::Worth};
use athar_labels::Label;
use athar_policy::{Exposure, Facts, Flow, LabelFact, Money, Reach, Subject, SubjectKind, SubjectStatus, Taint};
use athar_types::address::{NormalAddress, parse_key};
use athar_types::{AddressId, Basis, Category, Chain, Day, OutputNum, Relation};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Transfers of an account that its sums are made over; with more, they are told as open.
const SUMMED_MAX: usize = 1_000_000;
/// Labels of one entity that say different things.
const LABELS_MAX: usize = 1_024;

impl Engine {
    /// What a screening knows, for policies.
    pub(super) fn facts(&self, view: &ScreenView, options: &AssessOptions) -> Facts {
        let today =
            self.ledger.as_ref().and_then(athar_ledger::Ledger::tip).map(|tip| self.block_time(tip.height).day());
        let of_accounts = self.account_chain.as_ref().and_then(|chain| chain.ledger.tip());
        let today = today.or(of_accounts.map(|tip| tip.time.day()));
        let target = Target::parse(&view.input, self.chain, self.network());
        let (mut subject, is_followed) = self.subject(view, &target, today);
        let subject_kind = subject.kind;
        subject.attempt = options.attempt_sat.map(|sat| self.money_on(sat, today));
        let mut exposures: Vec<Exposure> = Vec::new();
        for statement in &view.statements {
            let is_account = view.account_at.is_some() || view.deposit_at.is_some();
            self.add(statement, is_account, &mut exposures);
        }
        for exposure in &mut exposures {
            exposure.labels.sort_by(|a, b| a.id.cmp(&b.id));
        }
        exposures.extend(view.listed.iter().filter(|l| l.counts).map(identified));
        let reach = |direction| reach(view, is_followed, options.screen.hops_max, direction);
        Facts {
            subject,
            today,
            exposures,
            is_labelled_known: match subject_kind {
                _ if view.status == ScreenStatus::Invalid => false,
                // what was never paid is an entity of itself
                SubjectKind::Address if view.status == ScreenStatus::Unseen => is_followed,
                SubjectKind::Address | SubjectKind::Output => {
                    self.forest.is_some() || self.account_chain.as_ref().is_some_and(|chain| chain.forest.is_some())
                }
                _ => true,
            },
            received: reach(Direction::Received),
            sent: reach(Direction::Sent),
            patterns: self.kept_patterns().map(|kept| kept.counts(&view.input)),
            taints: BTreeSet::from([Taint::Fifo]),
        }
    }

    /// The subject, and whether the store's chain can say with whom it dealt: also of one that it has never seen.
    fn subject(&self, view: &ScreenView, target: &Target, today: Option<Day>) -> (Subject, bool) {
        let mut subject = Subject {
            kind: kind(view.kind),
            status: match view.status {
                ScreenStatus::Known => SubjectStatus::Known,
                ScreenStatus::Unseen => SubjectStatus::Unseen,
                ScreenStatus::Invalid => SubjectStatus::Invalid,
            },
            is_deposit_account: None,
            entity_size: view.entity_size,
            first_seen: None,
            last_seen: None,
            received: None,
            sent: None,
            balance: None,
            attempt: None,
        };
        if let Some(chain) = &self.account_chain {
            return self.account_subject(chain, view, subject);
        }
        let Ok(ledger) = self.ledger() else { return (subject, false) };
        let is_known = view.status == ScreenStatus::Known;
        if is_known && matches!(target, Target::Address(_) | Target::Output(..)) {
            subject.is_deposit_account = Some(view.account_at.is_some());
        }
        match target {
            Target::Address(address) => match self.on_chain(address) {
                Some(Some(id)) => {
                    self.address_figures(id, today, &mut subject);
                    (subject, true)
                }
                // an address of this chain that was never paid has received and sent nothing, up to the chain's tip
                Some(None) => {
                    let nothing = Some(Money { sat: Some(0), usd_cents: Some(0), unpriced_sat: 0 });
                    (subject.received, subject.sent, subject.balance) = (nothing, nothing, nothing);
                    (subject, true)
                }
                None => (subject, false),
            },
            Target::Hash(txid) if is_known => {
                let day = ledger.tx_by_id(txid).map(|tx| self.tx_time(tx).day());
                (subject.first_seen, subject.last_seen) = (day, day);
                (subject, true)
            }
            Target::Output(txid, vout) if is_known => {
                let tx = ledger.tx_by_id(txid);
                if let Some(num) = tx.and_then(|tx| ledger.tx_outputs(tx).nth(*vout as usize)).map(OutputNum) {
                    let (output, (tx, _)) = (ledger.output(num), ledger.output_tx(num));
                    let (paid, spent) = (self.tx_time(tx).day(), output.spent_by.map(|tx| self.tx_time(tx).day()));
                    let none = self.money_on(0, today);
                    let money = |day: Day| self.money_on(output.value.0, Some(day));
                    subject.first_seen = Some(paid);
                    subject.last_seen = Some(spent.unwrap_or(paid));
                    subject.received = Some(money(paid));
                    subject.sent = Some(spent.map_or(none, money));
                    let held = self.money_on(output.value.0, today);
                    subject.balance = Some(if spent.is_some() { none } else { held });
                }
                (subject, true)
            }
            _ => (subject, false),
        }
    }

    /// The same of a chain of accounts: days and worth; amounts of several assets have no sum.
    fn account_subject(&self, chain: &AccountChain, view: &ScreenView, mut subject: Subject) -> (Subject, bool) {
        let AccountTarget::Account(bytes) = AccountTarget::parse(&view.input, chain.ledger.form()) else {
            return (subject, view.status == ScreenStatus::Known);
        };
        let is_ours = view.chain.as_deref() == Some(chain.ledger.chain().name());
        let Some(account) = chain.ledger.account_id(&bytes).filter(|_| is_ours) else { return (subject, is_ours) };
        subject.is_deposit_account = Some(view.deposit_at.is_some());
        let day = |n: Option<u64>| n.map(|n| chain.ledger.block(chain.ledger.transfer_block(n)).time.day());
        subject.first_seen = day(chain.ledger.of_account(account, 0).next());
        subject.last_seen = day(chain.ledger.of_account_back(account, u64::MAX).next());
        let (mut received, mut sent) = (chain.sums(&self.prices), chain.sums(&self.prices));
        for n in chain.ledger.of_account(account, 0).take(SUMMED_MAX) {
            let transfer = chain.ledger.transfer(n);
            if !chain.is_verified(transfer.asset) {
                continue;
            }
            let day = chain.ledger.block(chain.ledger.transfer_block(n)).time.day();
            if transfer.to == account {
                received.add(transfer.asset, transfer.amount, day);
            }
            if transfer.from == account {
                sent.add(transfer.asset, transfer.amount, day);
            }
        }
        let is_cut = chain.ledger.moved_count(account) > SUMMED_MAX as u64;
        let money = |sums: &Sums<'_>| {
            let (usd, unpriced) = sums.usd();
            Money { sat: None, usd_cents: usd.map(|usd| usd.0), unpriced_sat: u64::from(unpriced || is_cut) }
        };
        (subject.received, subject.sent) = (Some(money(&received)), Some(money(&sent)));
        (subject, true)
    }

    /// The id of an address of the store's chain and network, where it was ever paid; `None` for one of another.
    #[allow(clippy::option_option)] // "not of this chain" and "never paid" are two answers
    fn on_chain(&self, address: &NormalAddress) -> Option<Option<AddressId>> {
        let ledger = self.ledger().ok().filter(|l| l.chain() == address.chain)?;
        let key = parse_key(ledger.chain(), ledger.network(), &address.text).ok()?;
        Some(ledger.address_id(&key))
    }

    /// Amounts and days of the address itself, not of its entity.
    fn address_figures(&self, id: AddressId, today: Option<Day>, subject: &mut Subject) {
        let ledger = self.ledger_or_empty();
        let totals = self.totals(ledger, id);
        let (mut received, mut worth) = (0_u64, Worth::default());
        for (day, sum) in &totals.received {
            received = received.saturating_add(sum.0);
            worth.add(sum.0, self.usd_on(sum.0, *day));
        }
        let first = ledger.address_outputs(id).next().map(|num| ledger.output_tx(num).0);
        subject.first_seen = first.map(|tx| self.tx_time(tx).day());
        subject.last_seen = Some(self.tx_time(totals.last_tx).day());
        let usd_cents = worth.usd().map(|usd| usd.0);
        subject.received = Some(Money { sat: Some(received), usd_cents, unpriced_sat: worth.unpriced_sat() });
        // the days on which it was spent are not summed up: dollars are known of nothing alone
        let sent = totals.sent.0;
        subject.sent = Some(Money { sat: Some(sent), usd_cents: (sent == 0).then_some(0), unpriced_sat: sent });
        subject.balance = Some(self.money_on(received.saturating_sub(sent), today));
    }

    fn money_on(&self, sat: u64, day: Option<Day>) -> Money {
        let usd = day.and_then(|day| self.usd_on(sat, day)).map(|usd| usd.0).or((sat == 0).then_some(0));
        Money { sat: Some(sat), usd_cents: usd, unpriced_sat: if usd.is_some() { 0 } else { sat } }
    }

    /// Adds a statement: to the exposure of the same entity, relation and direction, where there is one.
    fn add(&self, statement: &Statement, is_account: bool, exposures: &mut Vec<Exposure>) {
        let flow = statement.direction.map(|direction| match direction {
            Direction::Received => Flow::Received,
            Direction::Sent => Flow::Sent,
        });
        let (labels, truncated) = self.labels_of(statement, is_account);
        let same = |e: &&mut Exposure| {
            // what is met at a lone address of an entity is another subject than the entity: its labels tell
            (e.relation, e.flow, &e.entity) == (statement.relation, flow, &statement.entity)
                && (flow.is_none() || e.labels.iter().any(|l| labels.iter().any(|o| o.id == l.id)))
        };
        if let Some(exposure) = exposures.iter_mut().find(same) {
            for label in labels {
                if !exposure.labels.iter().any(|l| l.id == label.id) {
                    exposure.labels.push(label);
                }
            }
            exposure.labels_truncated |= truncated;
            return;
        }
        let moved = statement.evidence.iter().filter_map(|evidence| match evidence {
            Evidence::Transfer { transfer } => transfer.time.get(..10)?.parse::<Day>().ok(),
            Evidence::Path { steps, .. } => {
                steps.iter().filter_map(|step| step.time.get(..10)?.parse::<Day>().ok()).max()
            }
            _ => None,
        });
        exposures.push(Exposure {
            relation: statement.relation,
            flow,
            taint: flow.map(|_| Taint::Fifo),
            entity: statement.entity.clone(),
            labels,
            labels_truncated: truncated,
            money: match statement.amount_sat {
                Some(sat) => Some(Money {
                    sat: Some(sat),
                    usd_cents: statement.usd.map(|usd| usd.0),
                    unpriced_sat: statement.unpriced_sat.unwrap_or_default(),
                }),
                // several assets have no sum but in dollars; a part without a price leaves the sum open
                None if !statement.amounts.is_empty() => Some(Money {
                    sat: None,
                    usd_cents: statement.usd.map(|usd| usd.0),
                    unpriced_sat: u64::from(statement.amounts.iter().any(|amount| amount.usd.is_none())),
                }),
                None => None,
            },
            share: statement.share.map(|share| share.0),
            hops_min: statement.hops_min,
            last_day: moved.max(),
            days_truncated: statement.evidence_truncated,
        });
    }

    /// The labels of the entity that a statement is about, one for each thing that they say, and whether there are more.
    ///
    /// All that the entity carries, in the order of the store, so that two statements about it give the same. Of a customer's
    /// account, whose labels are its own or the service's, those that the evidence names.
    fn labels_of(&self, statement: &Statement, is_account: bool) -> (Vec<LabelFact>, bool) {
        let mut found: Vec<&Label> = Vec::new();
        let is_whole = statement.direction.is_some() || (statement.relation == Relation::Ownership && !is_account);
        let mut truncated = !is_whole && statement.evidence_truncated;
        let mut put = |label| {
            // the last one first: labels of one file mostly say the same
            if found.iter().rev().any(|other| says_the_same(other, label)) {
            } else if found.len() < LABELS_MAX {
                found.push(label);
            } else {
                truncated = true;
            }
        };
        for evidence in &statement.evidence {
            let Evidence::Label { subject, id, .. } = evidence else { continue };
            let address = is_whole.then(|| self.address_id(subject).ok().flatten()).flatten();
            if let Some(met) = address.and_then(|id| self.subject_of(id)) {
                self.known.labels(met, &self.labels).for_each(|(_, label)| put(label));
                continue;
            }
            let named = |label: &&Label| label.id().to_string() == *id;
            let chain = self.chain;
            let mut here = self.labels.lookup(chain, subject).chain(self.labels.lookup_transaction(chain, subject));
            if let Some(label) = here.find(named).or_else(|| self.elsewhere(subject).into_iter().find(named)) {
                put(label);
            }
        }
        (found.into_iter().map(fact).collect(), truncated)
    }

    /// The labels of a subject off the store's chain.
    fn elsewhere(&self, subject: &str) -> Vec<&Label> {
        let chains = Chain::ALL.iter().filter(|chain| **chain != self.chain);
        let others = chains.flat_map(|chain| self.labels.lookup(*chain, subject));
        self.labels.lookup_account(subject).chain(others).collect()
    }
}

/// Whether two labels are alike for every condition, whatever they are called and whoever wrote them.
fn says_the_same(a: &Label, b: &Label) -> bool {
    let claims = Arc::ptr_eq(&a.claim, &b.claim)
        || (a.basis == b.basis
            && a.categories == b.categories
            && a.confidence.as_ref().map(|c| c.level) == b.confidence.as_ref().map(|c| c.level)
            && a.valid_from == b.valid_from
            && a.concepts == b.concepts);
    claims && a.is_disputed() == b.is_disputed() && a.pack.series == b.pack.series
}

fn fact(label: &Label) -> LabelFact {
    LabelFact {
        id: label.id().to_string(),
        name: label.name.clone(),
        categories: said(label),
        basis: label.basis,
        confidence: label.confidence.as_ref().and_then(|c| c.level),
        is_disputed: label.is_disputed(),
        list: Some(label.pack.series.clone()),
        programmes: label.concepts.clone(),
        // of a designation the first day on which it holds is that of the listing
        listed_on: label.valid_from.filter(|_| label.basis == Basis::Designation),
    }
}

/// What a label says, as a screening shows it: its risks, or where it has none the weightiest word. That an exchange is a
/// service too makes it nothing else.
fn said(label: &Label) -> Vec<Category> {
    let risks: Vec<Category> = label.categories.iter().copied().filter(|c| c.is_risk()).collect();
    if risks.is_empty() { vec![label.category] } else { risks }
}

/// An entry of an official list that has the text as an identifier: it says who the subject is.
fn identified(listed: &ListedIdentifier) -> Exposure {
    let found = &listed.found;
    Exposure {
        relation: Relation::Ownership,
        flow: None,
        taint: None,
        entity: found.value.clone(),
        labels: vec![LabelFact {
            id: format!("{}:{}", found.list, found.id),
            name: found.name.clone().unwrap_or_else(|| found.id.clone()),
            categories: vec![listed.category],
            basis: listed.basis,
            confidence: None,
            is_disputed: false,
            list: Some(found.list.clone()),
            programmes: Vec::new(),
            listed_on: None,
        }],
        labels_truncated: false,
        money: None,
        share: None,
        hops_min: None,
        last_day: None,
        days_truncated: false,
    }
}

fn reach(view: &ScreenView, is_followed: bool, hops_max: u32, direction: Direction) -> Reach {
    let bounds = || view.bounds.iter().filter(|b| b.direction.is_none_or(|d| d == direction));
    Reach {
        is_known: is_followed,
        is_complete: bounds().all(|b| b.bound == "hops"),
        hops_max,
        is_at_hops: bounds().any(|b| b.bound == "hops"),
    }
}

fn kind(kind: &str) -> SubjectKind {
    SubjectKind::ALL.into_iter().find(|k| k.name() == kind).unwrap_or(SubjectKind::Unknown)
}
