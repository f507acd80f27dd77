//! Conditions on the subject itself: lists, patterns, amounts, ages, kind, and how far the search went.

use super::exposure::{flow_name, reach, usd_of};
use super::node::{all, because, is_one, leaf, numbers};
use crate::condition::{AgeOf, AgeTest, AmountOf, AmountTest, ListedTest, PatternTest, SearchTest, SubjectTest};
use crate::exact::{Range, Unit};
use crate::facts::{Facts, LabelFact, Money};
use crate::truth::Truth;
use crate::verdict::{Matched, Node};
use athar_types::{Basis, Day, Relation};

fn days(from: Option<Day>, to: Option<Day>) -> Range {
    from.zip(to).map_or(Range::UNKNOWN, |(from, to)| Range::exactly(i128::from(to.0) - i128::from(from.0)))
}

pub(super) fn listed(test: &ListedTest, facts: &Facts, asks: String) -> Node {
    let own = || facts.exposures.iter().filter(|e| e.relation == Relation::Ownership);
    let listings: Vec<(&str, &LabelFact)> = own()
        .flat_map(|e| e.labels.iter().map(|l| (e.entity.as_str(), l)))
        .filter(|(_, l)| l.basis == Basis::Designation)
        .collect();
    let holds = |l: &LabelFact| {
        let list = test.lists.is_empty() || l.list.as_ref().is_some_and(|list| test.lists.contains(list));
        let programme =
            test.programmes.is_empty() || l.programmes.iter().any(|p| test.programmes.contains(&p.to_uppercase()));
        let since = days(l.listed_on, facts.today);
        let active = days(l.listed_on, facts.subject.last_seen);
        let shown: Vec<_> = [("days", since, &test.days), ("active_after_days", active, &test.active_after_days)]
            .into_iter()
            .filter(|(_, _, with)| !with.is_empty())
            .flat_map(|(name, range, with)| numbers(name, Unit::Days, range, with))
            .collect();
        (Truth::all([list.into(), programme.into(), all(&shown)]), shown)
    };
    let best = listings.iter().map(|(entity, l)| (holds(l), entity, l)).max_by_key(|((truth, _), ..)| *truth);
    let mut more = Truth::from(facts.is_labelled_known.then_some(false));
    // a label that is not shown has the ground of one that is
    if own().any(|e| e.labels_truncated && e.labels.iter().any(|l| l.basis == Basis::Designation)) {
        more = Truth::Unknown;
    }
    let outcome = Truth::any([best.as_ref().map_or(Truth::False, |((truth, _), ..)| *truth), more]);
    let why = if facts.is_labelled_known {
        "the day of the listing, or of the last transaction, is not known"
    } else {
        "its entity is not known, so not all labels on it are"
    };
    let mut node = because(leaf("listed", asks, outcome), Some(why));
    node.numbers = numbers("listings", Unit::Count, Range::exactly(listings.len() as i128), &[]);
    if let Some(((truth, shown), entity, label)) = best {
        node.numbers.extend(shown);
        if truth != Truth::False {
            let (entity, label, label_id) = ((*entity).to_owned(), label.name.clone(), label.id.clone());
            node.matched.push(Matched { entity, label, label_id });
        }
    }
    node
}

pub(super) fn pattern(test: &PatternTest, facts: &Facts, asks: String) -> Node {
    // a pattern that was not looked for may be there: then the sum is at least what the others found
    let found = |id: &String| facts.patterns.as_ref().and_then(|all| all.get(id)).copied();
    let low: i128 = test.ids.iter().filter_map(found).map(i128::from).sum();
    let all_known = test.ids.iter().all(|id| found(id).is_some());
    let range = Range { low: Some(low), high: all_known.then_some(low) };
    let numbers = numbers("count", Unit::Count, range, &test.count);
    let outcome = if test.count.is_empty() {
        if low > 0 { Truth::True } else { Truth::from(all_known.then_some(false)) }
    } else {
        all(&numbers)
    };
    Node { numbers, ..because(leaf("pattern", asks, outcome), Some("the pattern was not looked for")) }
}

pub(super) fn amount(test: &AmountTest, facts: &Facts, asks: String) -> Node {
    let subject = &facts.subject;
    let money: Option<Money> = match test.of {
        AmountOf::Received => subject.received,
        AmountOf::Sent => subject.sent,
        AmountOf::Balance => subject.balance,
        AmountOf::Attempt => subject.attempt,
    };
    let sat = Range::known(money.and_then(|m| m.sat));
    let usd = money.as_ref().map_or(Range::UNKNOWN, usd_of);
    let mut shown = numbers("amount_sat", Unit::Satoshi, sat, &test.amount_sat);
    shown.extend(numbers("usd", Unit::Usd, usd, &test.usd));
    let why = match money {
        None if test.of == AmountOf::Attempt => "no withdrawal is asked about",
        None => "the chain in the store does not have it",
        Some(_) => "part of the money has no price",
    };
    let node = because(leaf("amount", asks, all(&shown)), Some(why));
    Node { numbers: shown, ..node }
}

pub(super) fn age(test: &AgeTest, facts: &Facts, asks: String) -> Node {
    let from = match test.of {
        AgeOf::FirstSeen => facts.subject.first_seen,
        AgeOf::LastSeen => facts.subject.last_seen,
    };
    let numbers = numbers("days", Unit::Days, days(from, facts.today), &test.days);
    let node = because(leaf("age", asks, all(&numbers)), Some("the chain in the store does not have it"));
    Node { numbers, ..node }
}

pub(super) fn kind(test: &SubjectTest, facts: &Facts, asks: String) -> Node {
    let subject = &facts.subject;
    let account = match test.deposit_account {
        None => Truth::True,
        Some(asked) => subject.is_deposit_account.map(|is| is == asked).into(),
    };
    let size = Range::known(subject.entity_size);
    let numbers = if test.entity_size.is_empty() {
        Vec::new()
    } else {
        numbers("entity_size", Unit::Count, size, &test.entity_size)
    };
    let outcome = Truth::all([
        is_one(&test.kinds, &subject.kind).into(),
        is_one(&test.statuses, &subject.status).into(),
        account,
        all(&numbers),
    ]);
    let node = because(leaf("subject", asks, outcome), Some("its entity is not known"));
    Node { numbers, ..node }
}

pub(super) fn search(test: &SearchTest, facts: &Facts, asks: String) -> Node {
    let mut numbers_shown = Vec::new();
    let mut outcomes = Vec::new();
    let mut unknown = None;
    for flow in test.direction.flows() {
        let reach = reach(facts, *flow);
        // what was not followed is not complete, and how far is not known
        let complete = reach.is_known && reach.is_complete;
        outcomes.push(test.complete.is_none_or(|asked| asked == complete).into());
        if !test.hops.is_empty() {
            let hops = Range::known(reach.is_known.then_some(reach.hops_max));
            let name = match flow_name(*flow) {
                "received" => "hops_received",
                _ => "hops_sent",
            };
            let shown = numbers(name, Unit::Hops, hops, &test.hops);
            outcomes.push(all(&shown));
            numbers_shown.extend(shown);
            unknown = unknown.or((!reach.is_known).then_some("its money was not followed"));
        }
    }
    let node = because(leaf("search", asks, Truth::all(outcomes)), unknown);
    Node { numbers: numbers_shown, ..node }
}
