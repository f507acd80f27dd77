//! Who was screened, how serious it is, and why.

use super::Amount;
use super::evidence::Proof;
use super::method::quoted;
use crate::limits::{ADDRESSES_MAX, LABELS_MAX, NOTES_MAX, SCREENS_MAX, STATEMENTS_MAX};
use crate::numbers;
use crate::visible::{Piece, pieces, visible, visible_command};
use athar_engine::Level;
use athar_engine::read::{
    Direction, EntityAnswer, Evidence, InferredServiceView, LabelView, ScreenStatus, ScreenView, Statement,
};
use athar_types::{Basis, Bilingual, Category, Relation};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Statements that the summary of a target names.
const TOP_MAX: usize = 3;

/// Everything screened.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    screens: Vec<Screen>,
    screens_left: usize,
}

#[derive(Debug, Serialize)]
struct Screen {
    input: String,
    kind: String,
    status: &'static str,
    /// By language.
    reason: Option<Pieces>,
    risk: &'static str,
    entity: Option<String>,
    entity_size: Option<u64>,
    /// One for each relation, from the closest.
    groups: Vec<Group>,
    /// The weightiest statements, as `(group, row)`.
    top: Vec<(usize, usize)>,
    statement_count: usize,
    /// Statements not shown.
    left: usize,
    /// The command that shows them.
    command: String,
    bounds: Vec<Bound>,
    /// By language.
    notes: Vec<Pieces>,
    notes_left: usize,
    /// None where the clock cut the answer.
    snapshot: Option<String>,
}

#[derive(Debug, Serialize)]
struct Group {
    relation: &'static str,
    count: usize,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    /// Number in the report, from 1.
    number: usize,
    level: &'static str,
    /// Key of the sentence.
    sentence: &'static str,
    label: String,
    category: &'static str,
    entity: String,
    basis: &'static str,
    /// Key of the word that says how firmly it stands.
    mark: &'static str,
    direction: Option<&'static str>,
    amount: Option<Amount>,
    share: Option<String>,
    hops: Option<u32>,
    proof: Proof,
}

#[derive(Debug, Serialize)]
struct Bound {
    bound: String,
    direction: Option<&'static str>,
    amount: Amount,
    outputs: u64,
}

/// A sentence by language.
type Pieces = BTreeMap<&'static str, Vec<Piece>>;

fn pieces_of(sentence: &Bilingual) -> Pieces {
    [("en", pieces(&sentence.en)), ("ar", pieces(&sentence.ar))].into()
}

impl Finding {
    pub(super) fn of(screens: &[ScreenView]) -> Self {
        let mut number = 0;
        Self {
            screens: screens.iter().take(SCREENS_MAX).map(|s| Screen::of(s, &mut number)).collect(),
            screens_left: screens.len().saturating_sub(SCREENS_MAX),
        }
    }
}

impl Screen {
    /// `number` counts the statements of the whole report.
    fn of(view: &ScreenView, number: &mut usize) -> Self {
        let mut sorted: Vec<&Statement> = view.statements.iter().collect();
        // the order of the answer decides between equals
        sorted.sort_by_key(|s| (s.relation, Reverse(s.level), Reverse(s.amount_sat.unwrap_or(0))));
        // where not all fit, each relation keeps its weightiest: a third of the room, and what the others leave
        let room = STATEMENTS_MAX.saturating_sub(*number);
        let counts = Relation::ALL.map(|r| sorted.iter().filter(|s| s.relation == r).count());
        let kept = shares_of(room, counts);
        let mut groups: Vec<Group> = Vec::with_capacity(Relation::ALL.len());
        let mut weightiest: Vec<(Level, usize, usize)> = Vec::new();
        for (g, (relation, count)) in Relation::ALL.into_iter().zip(counts).enumerate() {
            let of_relation = sorted.iter().filter(|s| s.relation == relation).take(kept[g]);
            let rows: Vec<Row> = of_relation
                .enumerate()
                .map(|(r, statement)| {
                    *number += 1;
                    weightiest.push((statement.level, g, r));
                    Row::of(statement, &view.input, *number)
                })
                .collect();
            groups.push(Group { relation: relation.name(), count, rows });
        }
        weightiest.retain(|(level, _, _)| *level == view.risk);
        weightiest.sort_by_key(|(_, group, row)| (*group, *row));
        let shown: usize = groups.iter().map(|g| g.rows.len()).sum();
        Self {
            input: visible(&view.input),
            kind: visible(view.kind),
            status: match view.status {
                ScreenStatus::Known => "known",
                ScreenStatus::Unseen => "unseen",
                ScreenStatus::Invalid => "invalid",
            },
            reason: view.reason.as_ref().map(pieces_of),
            risk: view.risk.name(),
            entity: view.entity.as_deref().map(visible),
            entity_size: view.entity_size,
            groups,
            top: weightiest.into_iter().take(TOP_MAX).map(|(_, g, r)| (g, r)).collect(),
            statement_count: view.statements.len(),
            left: view.statements.len() - shown,
            command: visible_command(&format!("athar screen {} --json", quoted(&view.input))),
            bounds: view
                .bounds
                .iter()
                .map(|b| Bound {
                    bound: visible(&b.bound),
                    direction: b.direction.map(direction_name),
                    amount: Amount::bare(b.amount_sat),
                    outputs: b.outputs,
                })
                .collect(),
            notes: view.notes.iter().take(NOTES_MAX).map(pieces_of).collect(),
            notes_left: view.notes.len().saturating_sub(NOTES_MAX),
            snapshot: view.snapshot.as_deref().map(visible),
        }
    }
}

/// Shares `room` among three lists: each gets what it needs up to a third, then what is left goes to the first in need.
fn shares_of<const N: usize>(room: usize, wanted: [usize; N]) -> [usize; N] {
    let mut given = wanted.map(|w| w.min(room / N));
    let mut left = room - given.iter().sum::<usize>();
    for (give, want) in given.iter_mut().zip(wanted) {
        let more = (want - *give).min(left);
        *give += more;
        left -= more;
    }
    given
}

const fn direction_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Received => "received",
        Direction::Sent => "sent",
    }
}

/// The word for how firmly a label stands: decided, a measure, an allegation, or a claim about something that is no
/// reason for concern.
const fn mark_of(basis: Basis, category: Category) -> &'static str {
    match basis {
        Basis::Designation | Basis::Judgment => "decided",
        Basis::SeizureOrder => "measure",
        _ if basis.is_allegation() && category.is_risk() => "allegation",
        _ => "claim",
    }
}

impl Row {
    fn of(statement: &Statement, input: &str, number: usize) -> Self {
        let on_itself = statement
            .evidence
            .iter()
            .any(|e| matches!(e, Evidence::Label { subject, .. } if subject.eq_ignore_ascii_case(input.trim())));
        let sentence = match (statement.relation, statement.direction) {
            (Relation::Ownership, _) if on_itself => "ownership_self",
            (Relation::Ownership, _) => "ownership_entity",
            (Relation::AccountAt, _) => "account_at",
            (Relation::Counterparty, Some(Direction::Received)) => "counterparty_received",
            (Relation::Counterparty, Some(Direction::Sent)) => "counterparty_sent",
            (Relation::Counterparty, None) => "counterparty",
            (Relation::Indirect, Some(Direction::Received)) => "indirect_received",
            (Relation::Indirect, Some(Direction::Sent)) => "indirect_sent",
            (Relation::Indirect, None) => "indirect",
        };
        Self {
            number,
            level: statement.level.name(),
            sentence,
            label: visible(&statement.label),
            category: statement.category.name(),
            entity: visible(&statement.entity),
            basis: statement.basis.name(),
            mark: mark_of(statement.basis, statement.category),
            direction: statement.direction.map(direction_name),
            amount: statement
                .amount_sat
                .map(|sat| Amount::sum(sat, statement.usd, statement.unpriced_sat.unwrap_or(0))),
            share: statement.share.map(numbers::millionths),
            hops: statement.hops_min,
            proof: Proof::of(statement),
        }
    }
}

/// The entity behind the subject.
#[derive(Debug, Serialize)]
pub(super) struct Entity {
    name: String,
    size: u64,
    /// Where they are known.
    figures: Option<EntityFigures>,
    /// The rule by which it acts as a service.
    service: Option<Service>,
    /// Whether nothing can be said of that.
    is_service_unknown: bool,
    heuristics: Vec<String>,
    addresses: Vec<String>,
    addresses_left: u64,
    labels: Vec<EntityLabel>,
    labels_left: usize,
    snapshot: String,
}

/// What a rule infers of the entity.
#[derive(Debug, Serialize)]
struct Service {
    rule: String,
    version: String,
    payers: String,
    paid: String,
    /// Of how many entities that the rule recognised where the truth is known, how many were no service.
    wrong: Option<String>,
    of: Option<String>,
    stops_traces: bool,
}

impl Service {
    fn of(view: &InferredServiceView) -> Option<Self> {
        let (rule, figures) = (view.rule.as_ref()?, view.figures.as_ref()?);
        let rate = rule.rate.as_ref().map(|rate| &rate.entities);
        Some(Self {
            rule: visible(&rule.name),
            version: format!("{}.{}", rule.figures_version, rule.rules_version),
            payers: numbers::grouped(u64::from(figures.payers)),
            paid: numbers::grouped(u64::from(figures.paid)),
            wrong: rate.map(|rate| numbers::grouped(rate.wrong)),
            of: rate.map(|rate| numbers::grouped(rate.of)),
            stops_traces: rule.stops_traces,
        })
    }
}

#[derive(Debug, Serialize)]
struct EntityFigures {
    first_time: String,
    last_time: String,
    first_height: u32,
    last_height: u32,
    received: Amount,
    sent: Amount,
    balance: Amount,
}

impl EntityFigures {
    fn of(view: &EntityAnswer) -> Option<Self> {
        Some(Self {
            first_time: numbers::time(view.first_time.as_deref()?),
            last_time: numbers::time(view.last_time.as_deref()?),
            first_height: view.first_height?,
            last_height: view.last_height?,
            received: Amount::bare(view.received_sat?),
            sent: Amount::bare(view.sent_sat?),
            balance: Amount::of(view.balance_sat?, view.balance_usd),
        })
    }
}

#[derive(Debug, Serialize)]
struct EntityLabel {
    subject: String,
    label: String,
    category: &'static str,
    basis: &'static str,
    mark: &'static str,
    source: Option<String>,
    pack: String,
    line: u32,
    /// Why somebody contests it.
    disputed: Option<String>,
}

impl EntityLabel {
    fn of(label: &LabelView) -> Self {
        Self {
            subject: visible(&label.subject),
            label: visible(&label.label),
            category: label.category.name(),
            basis: label.basis.name(),
            mark: mark_of(label.basis, label.category),
            source: label.source.as_deref().map(visible),
            pack: visible(&label.pack),
            line: label.line,
            disputed: label.disputed.as_deref().map(visible),
        }
    }
}

impl Entity {
    pub(super) fn of(view: &EntityAnswer) -> Self {
        let shown = view.addresses.len().min(ADDRESSES_MAX);
        Self {
            name: visible(&view.entity),
            size: u64::from(view.size),
            figures: EntityFigures::of(view),
            service: Service::of(&view.inferred_service),
            is_service_unknown: matches!(view.inferred_service.status, "not-evaluated" | "unknown"),
            heuristics: view.heuristics.split(',').map(|h| visible(h.trim())).collect(),
            addresses: view.addresses.iter().take(shown).map(|a| visible(a)).collect(),
            addresses_left: u64::from(view.size).saturating_sub(shown as u64),
            labels: view.labels.iter().take(LABELS_MAX).map(EntityLabel::of).collect(),
            labels_left: view.labels.len().saturating_sub(LABELS_MAX),
            snapshot: visible(&view.snapshot),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_keeps_room_when_not_all_statements_fit() {
        assert_eq!(shares_of(200, [3, 4, 5]), [3, 4, 5]);
        assert_eq!(shares_of(200, [10_000, 2, 10_000]), [132, 2, 66]);
        assert_eq!(shares_of(200, [0, 0, 10_000]), [0, 0, 200]);
        assert_eq!(shares_of(0, [1, 1, 1]), [0, 0, 0]);
    }

    #[test]
    fn only_a_decision_is_called_decided_and_a_complaint_is_an_allegation() {
        for category in Category::ALL.iter().copied() {
            for basis in Basis::ALL {
                assert_eq!(mark_of(basis, category) == "decided", basis.can_be_severe());
            }
        }
        assert_eq!(mark_of(Basis::Complaint, Category::TerroristFinancing), "allegation");
        assert_eq!(mark_of(Basis::ThirdPartyClaim, Category::Exchange), "claim");
        assert_eq!(mark_of(Basis::SeizureOrder, Category::TerroristFinancing), "measure");
    }
}
