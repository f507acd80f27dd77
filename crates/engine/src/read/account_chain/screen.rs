//! `screen` on a chain of accounts: what is said of an account, and of those it dealt with.
//!
//! Direct counterparties are those of transfers of the coin and of verified tokens; fees, rewards and transfers of nothing are
//! no dealings. A token that is not in the registry can be sent to anybody by anybody and be called anything, so its
//! transfers say nothing about whom they reach: they are told in a note and carry no level.

use super::FreezeView;
use super::trace::{SOURCES_MAX, clipped};
use crate::Engine;
use crate::account_chain::LedgerFlows;
use crate::account_chain::{AccountChain, Sums, shown_fact};
use crate::error::EngineError;
use crate::json::Millionths;
use crate::known::Saying;
use crate::read::exposed::PLACES_MAX;
use crate::read::owned::{EVIDENCE_MAX, Ties, evidence_of};
use crate::read::screen::Found;
use crate::read::screen::MEMBERS_MAX;
use crate::read::{BoundedView, Direction, Evidence, ScreenOptions, ScreenStatus, ScreenView, Statement};
use athar_entities::account::AccountBounds;
use athar_labels::{Label, RiskTable};
use athar_ledger::account::{NONE, Transfer};
use athar_trace::Policy;
use athar_trace::account::{AccountExposure, AccountExposureQuestion, AccountLimits, AccountSide, Sum, exposure};
use athar_types::account::{AccountBytes, TransferKind, U256};
use athar_types::{Basis, Bilingual, Category, Day, Relation, isolated};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What was moved to or from one labelled account.
struct Dealing<'a> {
    sums: Sums<'a>,
    transfers: Vec<u64>,
    count: u64,
}

/// Whether a transfer is a dealing between its two accounts.
pub(crate) fn is_dealing(transfer: &Transfer) -> bool {
    let moves = matches!(
        transfer.kind,
        TransferKind::Value
            | TransferKind::Internal
            | TransferKind::Create
            | TransferKind::SelfDestruct
            | TransferKind::Token
    );
    moves && transfer.amount != U256::ZERO && transfer.from != NONE && transfer.to != NONE
}

impl Engine {
    /// Screens an account of the chain of accounts that is asked.
    pub(in crate::read) fn screen_account(
        &self,
        bytes: &AccountBytes,
        options: &ScreenOptions,
        view: &mut ScreenView,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let Some(chain) = &self.account_chain else { return Ok(()) };
        view.covered = Some(chain.covered());
        let text = chain.ledger.form().text(bytes);
        let Some(account) = chain.ledger.account_id(bytes) else {
            let labels = Saying::of(self.labels.lookup(chain.ledger.chain(), &text).map(|l| (None, l)));
            found.statements = self.owned(&labels, None, &mut Ties::default(), None)?;
            return Ok(());
        };
        view.status = ScreenStatus::Known;
        let custody = chain.custody(account);
        let members = if custody.is_some() { vec![account] } else { chain.members(account, MEMBERS_MAX) };
        if chain.forest.is_some() {
            let size = chain.entity_size(account);
            view.entity = Some(chain.ledger.account_text(chain.entity_name(account)));
            view.entity_size = Some(u64::from(size));
            if size > MEMBERS_MAX {
                let outputs = u64::from(size - MEMBERS_MAX);
                found.bounds.push(BoundedView { bound: "members".into(), direction: None, amount_sat: 0, outputs });
            }
        }
        let own = Saying::of(self.labels_on(chain, account).map(|label| (None, label)));
        found.statements = self.owned(&own, None, &mut Ties::default(), None)?;
        if let Some(deposit) = custody {
            view.deposit_at = Some(self.deposit_view(chain, &deposit));
            let service = Saying::of(self.labels_on(chain, deposit.collector).map(|label| (None, label)));
            let mut at = self.owned(&service, None, &mut Ties::default(), None)?;
            for statement in &mut at {
                statement.relation = Relation::AccountAt;
                let table = RiskTable::shipped();
                statement.level = table.level(statement.category, statement.basis, Relation::AccountAt);
            }
            found.statements.extend(at);
        }
        for member in &members {
            let text = chain.ledger.account_text(*member);
            found.statements.extend(frozen_statement(chain, *member, &text));
        }
        // labels on other members: proved by what ties them
        for (on, label) in chain.labels_of(account).into_iter().filter(|(on, _)| *on != account) {
            let saying = Saying::of([(None, &self.labels.labels()[label as usize])]);
            for mut statement in self.owned(&saying, None, &mut Ties::default(), None)? {
                statement.entity = chain.ledger.account_text(chain.entity_name(account));
                statement.evidence.extend(account_ties(chain, account, on));
                found.statements.push(statement);
            }
        }
        self.dealings(chain, &members, options, view, found);
        self.indirect(chain, &members, options, found)
    }

    /// Screens a transaction: what is said of those who gave and received in it.
    pub(in crate::read) fn screen_account_tx(&self, hash: &[u8; 32], view: &mut ScreenView, found: &mut Found) {
        let Some(chain) = &self.account_chain else { return };
        view.kind = "transaction";
        view.chain = Some(chain.ledger.chain().to_string());
        view.covered = Some(chain.covered());
        let Some(tx) = chain.ledger.tx_by_hash(hash) else { return };
        view.status = ScreenStatus::Known;
        let mut met: BTreeMap<(Direction, u32), Dealing<'_>> = BTreeMap::new();
        let day = chain.ledger.tx_time(tx).day();
        for n in chain.ledger.tx_transfers(tx) {
            let transfer = chain.ledger.transfer(n);
            if !is_dealing(&transfer) || !chain.is_verified(transfer.asset) {
                continue;
            }
            // seen from the transaction: it received from the giver, and sent to the receiver
            for (direction, account) in [(Direction::Received, transfer.from), (Direction::Sent, transfer.to)] {
                self.meet(chain, &mut met, (direction, account), n, &transfer, day);
            }
        }
        found.complete = true;
        self.state_dealings(chain, met, [None, None], found);
    }

    /// Labels on an account.
    pub(crate) fn labels_on<'a>(
        &'a self,
        chain: &'a AccountChain,
        account: u32,
    ) -> impl Iterator<Item = &'a Label> + 'a {
        chain.labelled.on(account).iter().map(|at| &self.labels.labels()[*at as usize])
    }

    /// Adds what the accounts dealt directly with labelled ones.
    fn dealings(
        &self,
        chain: &AccountChain,
        accounts: &[u32],
        options: &ScreenOptions,
        view: &mut ScreenView,
        found: &mut Found,
    ) {
        let ledger = &chain.ledger;
        let mut met: BTreeMap<(Direction, u32), Dealing<'_>> = BTreeMap::new();
        let mut totals = [chain.sums(&self.prices), chain.sums(&self.prices)];
        let (mut looked, mut odd) = (0_u64, 0_u64);
        let mut block = (u32::MAX, Day::default());
        'accounts: for account in accounts {
            for n in ledger.of_account(*account, 0) {
                if looked >= options.edges_max {
                    let left = ledger.moved_count(*account).saturating_sub(looked);
                    found.bounds.push(BoundedView {
                        bound: "edges".into(),
                        direction: None,
                        amount_sat: 0,
                        outputs: left,
                    });
                    break 'accounts;
                }
                looked += 1;
                let transfer = ledger.transfer(n);
                if !is_dealing(&transfer) || (accounts.contains(&transfer.from) && accounts.contains(&transfer.to)) {
                    continue;
                }
                let (direction, other) = if transfer.to == *account {
                    (Direction::Received, transfer.from)
                } else {
                    (Direction::Sent, transfer.to)
                };
                if !chain.is_verified(transfer.asset) {
                    odd += u64::from(is_spoken_of(chain, other));
                    continue;
                }
                let rank = ledger.transfer_block(n);
                if block.0 != rank {
                    block = (rank, ledger.block(rank).time.day());
                }
                let side = usize::from(direction == Direction::Sent);
                totals[side].add(transfer.asset, transfer.amount, block.1);
                self.meet(chain, &mut met, (direction, other), n, &transfer, block.1);
            }
        }
        if odd > 0 {
            view.notes.push(Bilingual::new(
                format!(
                    "{odd} transfers of unverified tokens with labelled accounts are not counted: anybody can send such a \
                     token to anybody"
                ),
                format!(
                    "لم تُحسب تحويلات لرموز غير موثّقة مع حسابات موسومة، وعددها {}: فأيّ أحد يستطيع إرسال رمز كهذا إلى أيّ أحد",
                    isolated(&odd.to_string())
                ),
            ));
        }
        let cents = totals.map(|sums| sums.usd().0.map(|usd| usd.0));
        self.state_dealings(chain, met, cents, found);
    }

    /// Adds whom the accounts' money came from or went to through others, by FIFO.
    fn indirect(
        &self,
        chain: &AccountChain,
        accounts: &[u32],
        options: &ScreenOptions,
        found: &mut Found,
    ) -> Result<(), EngineError> {
        let limits =
            AccountLimits { hops_max: options.hops_max, edges_max: options.edges_max, ..AccountLimits::default() };
        let question = AccountExposureQuestion {
            policy: Policy::Fifo,
            accounts,
            asset: None,
            stops: chain,
            labels: chain,
            limits: &limits,
            sources_max: SOURCES_MAX,
            transfers_max: options.edges_max,
            evidence_max: PLACES_MAX,
        };
        let found_both = exposure(&LedgerFlows(&chain.ledger), &question)?;
        found.complete = found.bounds.is_empty();
        for (direction, side) in [(Direction::Received, &found_both.received), (Direction::Sent, &found_both.sent)] {
            let met = side.exposures.iter().filter(|met| met.relation == Relation::Indirect);
            for met in met.filter(|met| chain.is_verified(met.asset)) {
                self.state_indirect(chain, direction, met, side, found);
            }
            let ends = side.totals.bounds.iter().map(|bound| bound.name().to_string());
            let truncated = side.sources_truncated.then(|| "sources".to_string());
            for bound in ends.chain(truncated) {
                found.complete = false;
                let left = side.totals.assets.values().flat_map(|a| &a.bounded);
                let outputs = left.filter(|b| b.bound.name() == bound).map(|b| b.count).sum();
                found.bounds.push(BoundedView { bound, direction: Some(direction), amount_sat: 0, outputs });
            }
            found.complete &= side.totals.short_places == 0;
        }
        Ok(())
    }

    fn state_indirect(
        &self,
        chain: &AccountChain,
        direction: Direction,
        met: &AccountExposure,
        side: &AccountSide,
        found: &mut Found,
    ) {
        let relation = Relation::Indirect;
        let sums = self.met_sums(chain, met);
        let usd = sums.usd().0;
        let whole = side.total.get(&met.asset).copied().filter(|whole| *whole > Sum::ZERO);
        let share = whole.map(|whole| {
            let part: u64 = (met.amount * Sum::from(1_000_000_u32) / whole).saturating_to();
            Millionths(part.min(1_000_000))
        });
        let transfers: Vec<Evidence> = met
            .evidence
            .iter()
            .take(EVIDENCE_MAX)
            .map(|place| Evidence::Transfer { transfer: Box::new(self.transfer_view(chain, place.transfer)) })
            .collect();
        for (category, speaker) in self.speakers_on(chain, met.label, relation) {
            let Some((basis, label, proof)) = spoken(chain, met.label, speaker) else { continue };
            let mut evidence = Vec::with_capacity(transfers.len() + 1);
            evidence.push(proof);
            evidence.extend(transfers.iter().cloned());
            found.statements.push(Statement {
                relation,
                category,
                level: RiskTable::shipped().level(category, basis, relation),
                basis,
                entity: chain.ledger.account_text(met.label),
                label,
                direction: Some(direction),
                amount_sat: None,
                amounts: sums.views(EVIDENCE_MAX),
                usd,
                unpriced_sat: None,
                share,
                hops_min: Some(met.hops_min),
                evidence,
                evidence_truncated: met.evidence_truncated || met.evidence.len() > EVIDENCE_MAX,
            });
        }
    }

    /// What met a label, each part at the price of its day. Parts beyond the places that are listed have no worth.
    pub(super) fn met_sums<'a>(&'a self, chain: &'a AccountChain, met: &AccountExposure) -> Sums<'a> {
        let mut sums = chain.sums(&self.prices);
        let mut rest = met.amount;
        for place in &met.evidence {
            let part = place.amount().min(rest);
            rest -= part;
            let day = chain.ledger.block(chain.ledger.transfer_block(place.transfer)).time.day();
            sums.add(met.asset, clipped(part), day);
        }
        if rest > Sum::ZERO {
            sums.add_unpriced(met.asset, clipped(rest));
        }
        sums
    }

    fn meet<'a>(
        &'a self,
        chain: &'a AccountChain,
        met: &mut BTreeMap<(Direction, u32), Dealing<'a>>,
        key: (Direction, u32),
        n: u64,
        transfer: &Transfer,
        day: Day,
    ) {
        if !is_spoken_of(chain, key.1) {
            return;
        }
        let dealing = met.entry(key).or_insert_with(|| Dealing {
            sums: chain.sums(&self.prices),
            transfers: Vec::new(),
            count: 0,
        });
        dealing.sums.add(transfer.asset, transfer.amount, day);
        dealing.count += 1;
        if dealing.transfers.len() < EVIDENCE_MAX {
            dealing.transfers.push(n);
        }
    }

    /// A statement for each category of each account that was met. `totals`: cents of everything received and sent.
    fn state_dealings(
        &self,
        chain: &AccountChain,
        met: BTreeMap<(Direction, u32), Dealing<'_>>,
        totals: [Option<u64>; 2],
        found: &mut Found,
    ) {
        for ((direction, account), dealing) in met {
            let relation = Relation::Counterparty;
            let total = totals[usize::from(direction == Direction::Sent)];
            let (usd, _) = dealing.sums.usd();
            let share = usd.zip(total.filter(|t| *t > 0)).map(|(usd, total)| {
                Millionths((u128::from(usd.0) * 1_000_000 / u128::from(total)).min(1_000_000) as u64)
            });
            let transfers: Vec<Evidence> = dealing
                .transfers
                .iter()
                .map(|n| Evidence::Transfer { transfer: Box::new(self.transfer_view(chain, *n)) })
                .collect();
            let amounts = dealing.sums.views(EVIDENCE_MAX);
            for (category, speaker) in self.speakers_on(chain, account, relation) {
                let Some((basis, label, proof)) = spoken(chain, account, speaker) else { continue };
                let mut evidence = Vec::with_capacity(transfers.len() + 1);
                evidence.push(proof);
                evidence.extend(transfers.iter().cloned());
                found.statements.push(Statement {
                    relation,
                    category,
                    level: RiskTable::shipped().level(category, basis, relation),
                    basis,
                    entity: chain.ledger.account_text(account),
                    label,
                    direction: Some(direction),
                    amount_sat: None,
                    amounts: amounts.clone(),
                    usd,
                    unpriced_sat: None,
                    share,
                    hops_min: Some(1),
                    evidence,
                    evidence_truncated: dealing.count > EVIDENCE_MAX as u64,
                });
            }
        }
    }

    /// One label for each category of an account, the weightiest of several; `None` stands for an issuer's freeze.
    pub(crate) fn speakers_on<'a>(
        &'a self,
        chain: &'a AccountChain,
        account: u32,
        relation: Relation,
    ) -> Vec<(Category, Option<&'a Label>)> {
        let weight = |category, label: &Label| {
            (RiskTable::shipped().level(category, label.basis, relation), Reverse(label.basis))
        };
        let mut best: Vec<(Category, Option<&Label>)> = Vec::new();
        for (_, at) in chain.labels_of(account) {
            let label = &self.labels.labels()[at as usize];
            for category in crate::known::shown_categories(label) {
                match best.iter_mut().find(|(c, _)| *c == category) {
                    Some((_, Some(kept))) if weight(category, label) > weight(category, kept) => *kept = label,
                    Some(_) => {}
                    None => best.push((category, Some(label))),
                }
            }
        }
        if chain.frozen.is_frozen(account) && !best.iter().any(|(c, _)| *c == Category::Blacklisted) {
            best.push((Category::Blacklisted, None));
        }
        best
    }
}

/// The transactions that tie two accounts of one entity.
fn account_ties(chain: &AccountChain, a: u32, b: u32) -> Vec<Evidence> {
    let Some(forest) = chain.forest_of(a.max(b)) else { return Vec::new() };
    let explained = forest.explain(a, b, &AccountBounds::default());
    let mut ties: Vec<Evidence> = explained
        .steps
        .iter()
        .take(EVIDENCE_MAX)
        .map(|step| Evidence::Merge {
            txid: chain.tx_text(step.since),
            height: chain.ledger.block(chain.ledger.tx_block(step.since)).number,
            heuristic: step.heuristic.name().into(),
            joins: [chain.ledger.account_text(step.a), chain.ledger.account_text(step.b)],
        })
        .collect();
    if explained.bound_hit || explained.steps.len() > EVIDENCE_MAX {
        ties.push(Evidence::Cut { bound: "evidence".into() });
    }
    ties
}

/// That an issuer holds an account frozen.
fn frozen_statement(chain: &AccountChain, account: u32, text: &str) -> Option<Statement> {
    let now = chain.frozen.now(account);
    let first = now.first()?;
    let acts: Vec<FreezeView> = chain.freezes(account);
    let basis = Basis::ThirdPartyClaim;
    let evidence = acts.iter().take(EVIDENCE_MAX).cloned().map(|act| Evidence::Issuer { act }).collect();
    Some(Statement {
        relation: Relation::Ownership,
        category: Category::Blacklisted,
        level: RiskTable::shipped().level(Category::Blacklisted, basis, Relation::Ownership),
        basis,
        entity: text.into(),
        label: format!("frozen by the issuer of {}", shown_fact(chain, first)),
        direction: None,
        amount_sat: None,
        amounts: Vec::new(),
        usd: None,
        unpriced_sat: None,
        share: None,
        hops_min: None,
        evidence,
        evidence_truncated: acts.len() > EVIDENCE_MAX,
    })
}

/// Basis, name and proof of what speaks of an account: a label, or an issuer's freeze.
pub(super) fn spoken(chain: &AccountChain, account: u32, speaker: Option<&Label>) -> Option<(Basis, String, Evidence)> {
    match speaker {
        Some(label) => Some((label.basis, label.name.clone(), evidence_of(label))),
        None => {
            let act = chain.frozen.now(account).first().copied()?;
            let name = format!("frozen by the issuer of {}", shown_fact(chain, &act));
            let act = chain.freezes(account).into_iter().next_back()?;
            Some((Basis::ThirdPartyClaim, name, Evidence::Issuer { act }))
        }
    }
}

/// Whether labels or issuers say anything of an account.
fn is_spoken_of(chain: &AccountChain, account: u32) -> bool {
    !chain.categories_of(account).is_empty()
}
