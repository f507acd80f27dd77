//! Exposures: which match, and what they sum up to.
//!
//! What a sum can be is a range. Each exposure holds what met one entity, counted once; two entities may have met the same
//! money one after the other, so indirect amounts of several cannot be added up as if they were apart. A direct counterparty
//! is where money is met first, so those can:
//!
//! * at least: the sum over direct counterparties, or the largest of any one entity, whichever is more;
//! * at most: the sum over all, and of shares never more than the whole; without a bound where the search was cut short.
//!
//! A comparison that the whole range answers alike is true or false, another is unknown.

use super::node::{all, because, is_one, leaf, numbers};
use crate::condition::{ExposureTest, Selector};
use crate::exact::{Range, Unit};
use crate::facts::{Exposure, Facts, Flow, LabelFact, Money, Reach};
use crate::truth::Truth;
use crate::verdict::{Matched, Node, NodeNumber};
use athar_types::Relation;
use std::collections::BTreeMap;

/// Of those that a condition was met by, so many are named.
const MATCHED_MAX: usize = 5;
/// The whole, in millionths.
const WHOLE: i128 = 1_000_000;

/// A condition on exposures.
pub(super) fn test(test: &ExposureTest, facts: &Facts) -> Node {
    let of = &test.of;
    if !of.is_of_money() {
        return one(test, facts, None, of.kind(), of.words());
    }
    let mut directions: Vec<Node> = of
        .direction
        .flows()
        .iter()
        .map(|flow| one(test, facts, Some(*flow), flow_name(*flow), String::new()))
        .collect();
    if let [_] = &directions[..] {
        let mut node = directions.remove(0);
        node.kind = of.kind();
        node.asks = of.words();
        return node;
    }
    let outcome = Truth::any(directions.iter().map(|d| d.outcome));
    Node { children: directions, ..leaf(of.kind(), of.words(), outcome) }
}

/// Whether such an exposure exists: what a weight asks.
pub(super) fn exists(of: &Selector, facts: &Facts) -> Node {
    let bare = ExposureTest {
        of: of.clone(),
        amount_sat: Vec::new(),
        usd: Vec::new(),
        share: Vec::new(),
        entities: Vec::new(),
    };
    test(&bare, facts)
}

pub(super) const fn flow_name(flow: Flow) -> &'static str {
    match flow {
        Flow::Received => "received",
        Flow::Sent => "sent",
    }
}

/// How far a direction was followed.
pub(super) fn reach(facts: &Facts, flow: Flow) -> Reach {
    match flow {
        Flow::Received => facts.received,
        Flow::Sent => facts.sent,
    }
}

/// Whether everything that the selector asks for was looked for in this direction, or why not.
pub(super) fn unlooked(of: &Selector, facts: &Facts, flow: Option<Flow>) -> Option<&'static str> {
    let Some(flow) = flow else {
        return (!facts.is_labelled_known).then_some("its entity is not known, so not all labels on it are");
    };
    let reach = reach(facts, flow);
    if !reach.is_known {
        return Some("its money was not followed: the store's chain does not have it");
    }
    if !facts.taints.contains(&of.taint) {
        return Some("that taint was not computed");
    }
    if !reach.is_complete {
        return Some("the search was cut short at a bound");
    }
    let goes_on = reach.is_at_hops && of.relations.contains(&Relation::Indirect);
    // what lies one hop beyond the search would be asked for too
    let beyond = Range::exactly(reach.hops_max.saturating_add(1));
    let asks = !of.hops_min.is_empty() && Truth::all(of.hops_min.iter().map(|c| c.of(beyond))) == Truth::True;
    (goes_on && asks).then_some("more hops are asked for than were followed")
}

fn one(test: &ExposureTest, facts: &Facts, flow: Option<Flow>, kind: &'static str, asks: String) -> Node {
    let found: Vec<(&Exposure, Truth)> = facts
        .exposures
        .iter()
        .filter(|e| e.flow == flow)
        .map(|e| (e, matches(&test.of, e)))
        .filter(|(_, truth)| *truth != Truth::False)
        .collect();
    let unlooked = unlooked(&test.of, facts, flow);
    let whole = unlooked.is_none();
    let sums = Sums::of(&found, whole);
    let mut shown: Vec<NodeNumber> = numbers("entities", Unit::Count, sums.entities, &test.entities);
    let mut add = |name, unit, range, with: &[_], informs: bool| {
        if informs || !with.is_empty() {
            shown.extend(numbers(name, unit, range, with));
        }
    };
    let has_money = flow.is_some() && !found.is_empty();
    add("amount_sat", Unit::Satoshi, sums.sat, &test.amount_sat, has_money);
    add("share", Unit::Share, sums.share, &test.share, has_money);
    add("usd", Unit::Usd, sums.usd, &test.usd, has_money);
    let exists = match found.iter().map(|(_, truth)| *truth).max() {
        Some(Truth::True) => Truth::True,
        Some(_) => Truth::Unknown,
        None => Truth::from(whole.then_some(false)),
    };
    let compared = all(&shown);
    let unpriced = !test.usd.is_empty() && sums.usd.high.is_none();
    let why = match unlooked {
        Some(why) => Some(why),
        None if exists == Truth::Unknown => Some("what a label must say is not known"),
        None if unpriced => Some("part of the money has no price"),
        None => Some("the parts of several entities may be of the same money"),
    };
    let mut node = because(leaf(kind, asks, Truth::all([exists, compared])), why);
    node.numbers = shown;
    let mut met: Vec<Matched> = Vec::new();
    for named in found.iter().filter_map(|(e, _)| named(&test.of, e)) {
        // one entity may have been met directly and further away
        if !met.contains(&named) {
            met.push(named);
        }
    }
    node.matched_truncated = met.len() > MATCHED_MAX;
    node.matched = met.into_iter().take(MATCHED_MAX).collect();
    node
}

fn named(of: &Selector, exposure: &Exposure) -> Option<Matched> {
    let best = exposure.labels.iter().max_by_key(|l| (label(of, exposure, l), std::cmp::Reverse(l.basis)))?;
    Some(Matched { entity: exposure.entity.clone(), label: best.name.clone(), label_id: best.id.clone() })
}

/// Whether an exposure is one of those meant, its direction aside.
pub(super) fn matches(of: &Selector, exposure: &Exposure) -> Truth {
    if !of.relations.contains(&exposure.relation) || exposure.taint.is_some_and(|taint| taint != of.taint) {
        return Truth::False;
    }
    let labels = Truth::any(exposure.labels.iter().map(|l| label(of, exposure, l)));
    let kind = |l: &LabelFact| l.categories.iter().any(|c| of.categories.has(*c)) && is_one(&of.basis, &l.basis);
    // one that is not shown has the category and ground of one that is, and may say the rest
    let hidden = exposure.labels_truncated && exposure.labels.iter().any(kind);
    let labels = if hidden { Truth::any([labels, Truth::Unknown]) } else { labels };
    let hops = Range::known(exposure.hops_min);
    Truth::all([labels, Truth::all(of.hops_min.iter().map(|c| c.of(hops)))])
}

fn label(of: &Selector, exposure: &Exposure, label: &LabelFact) -> Truth {
    let programme =
        of.programmes.is_empty() || label.programmes.iter().any(|p| of.programmes.contains(&p.to_uppercase()));
    let list = of.lists.is_empty() || label.list.as_ref().is_some_and(|list| of.lists.contains(list));
    let confidence = Range::known(label.confidence);
    let after = match (label.listed_on, exposure.last_day) {
        (Some(listed), Some(last)) => {
            let days = i128::from(last.0) - i128::from(listed.0);
            Range { low: Some(days), high: (!exposure.days_truncated).then_some(days) }
        }
        _ => Range::UNKNOWN,
    };
    Truth::all([
        label.categories.iter().any(|c| of.categories.has(*c)).into(),
        is_one(&of.basis, &label.basis).into(),
        list.into(),
        programme.into(),
        of.disputed.is_none_or(|asked| asked == label.is_disputed).into(),
        Truth::all(of.confidence.iter().map(|c| c.of(confidence))),
        Truth::all(of.days_after_listing.iter().map(|c| c.of(after))),
    ])
}

/// Sums over exposures of one direction, each as far as it is known.
struct Sums {
    entities: Range,
    sat: Range,
    usd: Range,
    share: Range,
}

impl Sums {
    /// `whole`: nothing asked for lies beyond what was looked at.
    fn of(found: &[(&Exposure, Truth)], whole: bool) -> Self {
        let sum = |part: &dyn Fn(&Exposure) -> Range| -> Range {
            let mut direct = 0;
            // a lone address may have the name of the entity around it, but not its labels
            let mut by_entity: BTreeMap<(&str, Option<&str>), i128> = BTreeMap::new();
            let mut high = whole.then_some(0);
            for (exposure, truth) in found {
                let of = part(exposure);
                if *truth == Truth::True {
                    let low = of.low.unwrap_or(0);
                    let key = (exposure.entity.as_str(), exposure.labels.first().map(|l| l.id.as_str()));
                    *by_entity.entry(key).or_default() += low;
                    direct += if exposure.relation == Relation::Counterparty { low } else { 0 };
                }
                high = high.zip(of.high).map(|(sum, more)| sum + more);
            }
            let low = by_entity.into_values().max().unwrap_or(0).max(direct);
            Range { low: Some(low), high }
        };
        let money = |of: fn(&Money) -> Range| move |e: &Exposure| e.money.as_ref().map_or(Range::UNKNOWN, of);
        let names = |least: Truth| {
            let mut names: Vec<&str> =
                found.iter().filter(|(_, t)| *t >= least).map(|(e, _)| e.entity.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            names.len() as i128
        };
        let share = sum(&|e| Range::known(e.share));
        Self {
            entities: Range { low: Some(names(Truth::True)), high: whole.then(|| names(Truth::Unknown)) },
            sat: sum(&money(|m| Range::known(m.sat))),
            usd: sum(&money(usd_of)),
            // a share of the whole is never more than it, whatever is not known
            share: Range {
                low: share.low.map(|s| s.min(WHOLE)),
                high: Some(share.high.map_or(WHOLE, |s| s.min(WHOLE))),
            },
        }
    }
}

/// Worth of money: at least the part that has a price, and no more only where all of it has.
pub(super) fn usd_of(money: &Money) -> Range {
    let known = i128::from(money.usd_cents.unwrap_or(0));
    let is_whole = money.unpriced_sat == 0 && (money.usd_cents.is_some() || money.sat == Some(0));
    Range { low: Some(known), high: is_whole.then_some(known) }
}
