//! The laws of three-valued logic, of comparisons with ranges, and of what more knowledge may change.
use crate::support;

use athar_policy::{Comparison, Exposure, Facts, Flow, Range, Truth, Unit};
use athar_types::{Category, Relation};
use proptest::prelude::*;
use support::{ask, met, money, nothing, one_rule};

fn truth() -> impl Strategy<Value = Truth> {
    prop::sample::select(&Truth::ALL[..])
}

/// Kleene's tables, written out by hand.
#[test]
fn the_tables_are_kleenes() {
    use Truth::{False as F, True as T, Unknown as U};
    let and = [[F, F, F], [F, U, U], [F, U, T]];
    let or = [[F, U, T], [U, U, T], [T, T, T]];
    for (i, a) in Truth::ALL.into_iter().enumerate() {
        for (j, b) in Truth::ALL.into_iter().enumerate() {
            assert_eq!(Truth::all([a, b]), and[i][j], "{a} and {b}");
            assert_eq!(Truth::any([a, b]), or[i][j], "{a} or {b}");
        }
    }
    assert_eq!((!F, !U, !T), (T, U, F));
}

proptest! {
    #[test]
    fn joining_obeys_the_laws_of_the_logic(values in prop::collection::vec(truth(), 1..8), other in truth()) {
        prop_assert_eq!(!!other, other);
        let not = values.iter().map(|v| !*v).collect::<Vec<_>>();
        prop_assert_eq!(!Truth::all(values.clone()), Truth::any(not.clone()));
        prop_assert_eq!(!Truth::any(values.clone()), Truth::all(not));
        let mut turned = values.clone();
        turned.reverse();
        prop_assert_eq!(Truth::all(values.clone()), Truth::all(turned.clone()));
        prop_assert_eq!(Truth::any(values.clone()), Truth::any(turned));
        // a part joined first makes no difference
        let (a, b) = values.split_at(values.len() / 2);
        prop_assert_eq!(Truth::all(values.clone()), Truth::all([Truth::all(a.to_vec()), Truth::all(b.to_vec())]));
        prop_assert_eq!(Truth::any(values.clone()), Truth::any([Truth::any(a.to_vec()), Truth::any(b.to_vec())]));
        // what decides, decides whatever is unknown
        prop_assert_eq!(Truth::all([Truth::False, other]), Truth::False);
        prop_assert_eq!(Truth::any([Truth::True, other]), Truth::True);
    }

    #[test]
    fn a_comparison_is_right_of_every_number_in_the_range(
        op in prop::sample::select(&[">=", ">", "<=", "<", "=", "!="][..]),
        threshold in 0_u64..12, low in 0_i128..12, width in 0_i128..6, at in 0_i128..6,
    ) {
        let comparison = Comparison::parse(Unit::Count, &format!("{op} {threshold}")).unwrap();
        let value = low + at.min(width);
        let t = i128::from(threshold);
        let holds = match op { ">=" => value >= t, ">" => value > t, "<=" => value <= t, "<" => value < t, "=" => value == t, _ => value != t };
        prop_assert_eq!(comparison.of(Range::exactly(value)), Truth::from(holds));
        for range in [
            Range { low: Some(low), high: Some(low + width) },
            Range { low: Some(low), high: None },
            Range { low: None, high: Some(low + width) },
            Range::UNKNOWN,
        ] {
            let said = comparison.of(range);
            prop_assert!(said == Truth::Unknown || said == Truth::from(holds), "{} of {:?} said {}", comparison, range, said);
        }
    }

    #[test]
    fn a_double_negation_and_de_morgan_hold_of_whole_rules(a in leaf(), b in leaf(), facts in facts()) {
        let outcome = |when: &str| ask(&one_rule(when), &facts).rules[0].outcome;
        prop_assert_eq!(outcome(&format!("{{ not = {{ not = {a} }} }}")), outcome(&a));
        prop_assert_eq!(
            outcome(&format!("{{ not = {{ all = [{a}, {b}] }} }}")),
            outcome(&format!("{{ any = [{{ not = {a} }}, {{ not = {b} }}] }}"))
        );
        prop_assert_eq!(outcome(&format!("{{ all = [{a}, {b}] }}")), outcome(&format!("{{ all = [{b}, {a}] }}")));
        prop_assert_eq!(outcome(&format!("{{ any = [{a}] }}")), outcome(&a));
    }

    /// The heart of it: what is decided with less knowledge stays so with more.
    #[test]
    fn more_knowledge_decides_what_was_open_and_changes_nothing_else(
        when in tree(), full in facts(), hide in prop::collection::vec(any::<bool>(), 32),
    ) {
        let policy = one_rule(&when);
        let known = ask(&policy, &full).rules[0].outcome;
        let less = ask(&policy, &hidden(full, &hide)).rules[0].outcome;
        prop_assert!(less == Truth::Unknown || less == known, "{}: {} became {}", when, less, known);
    }
}

/// A condition without others in it.
fn leaf() -> impl Strategy<Value = String> {
    let relation = prop::sample::select(&["counterparty", "indirect", "exposure"][..]);
    let direction = prop::sample::select(&["received", "sent", "either"][..]);
    let category = prop::sample::select(&["mixer", "any-risk", "exchange"][..]);
    let compared = prop_oneof![
        Just(String::new()),
        (ops(), 0_u64..2_000).prop_map(|(op, n)| format!(", amount_sat = \"{op} {n}\"")),
        (ops(), 0_u64..10).prop_map(|(op, n)| format!(", usd = \"{op} {n}\"")),
        (ops(), 0_u64..100).prop_map(|(op, n)| format!(", share = \"{op} {n}%\"")),
        (ops(), 0_u64..4).prop_map(|(op, n)| format!(", entities = \"{op} {n}\"")),
        (ops(), 0_u64..4).prop_map(|(op, n)| format!(", hops_min = \"{op} {n}\"")),
        (ops(), 0_u64..100).prop_map(|(op, n)| format!(", confidence = \"{op} {n}\"")),
        (ops(), -20_i64..40).prop_map(|(op, n)| format!(", days_after_listing = \"{op} {n}\"")),
    ];
    prop_oneof![
        4 => (relation, direction, category, compared)
            .prop_map(|(r, d, c, more)| format!("{{ {r} = {{ direction = \"{d}\", category = \"{c}\"{more} }} }}")),
        1 => (prop::sample::select(&["received", "sent", "balance", "attempt"][..]), ops(), 0_u64..10)
            .prop_map(|(of, op, n)| format!("{{ amount = {{ of = \"{of}\", usd = \"{op} {n}\" }} }}")),
        1 => (prop::sample::select(&["first_seen", "last_seen"][..]), ops(), 0_u64..100)
            .prop_map(|(of, op, n)| format!("{{ age = {{ of = \"{of}\", days = \"{op} {n}\" }} }}")),
        1 => (ops(), 0_u64..3).prop_map(|(op, n)| format!("{{ pattern = {{ id = \"peel-chain\", count = \"{op} {n}\" }} }}")),
    ]
}

fn ops() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&[">=", ">", "<=", "<", "=", "!="][..])
}

fn tree() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| format!("{{ all = [{}] }}", all.join(", "))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|any| format!("{{ any = [{}] }}", any.join(", "))),
            inner.prop_map(|not| format!("{{ not = {not} }}")),
        ]
    })
}

/// Facts in which everything is known. Two entities never met the same money, so that sums are exact: the parts are direct.
fn facts() -> impl Strategy<Value = Facts> {
    let part = (
        prop::sample::select(&[Flow::Received, Flow::Sent][..]),
        prop::sample::select(&[Category::Mixer, Category::Exchange, Category::Scam][..]),
        0_u64..2_000,
        0_u64..300_000,
    );
    (prop::collection::vec(part, 0..4), 0_u64..3).prop_map(|(parts, found)| {
        let exposures = parts.into_iter().enumerate().map(|(at, (flow, category, sat, share))| {
            met(Relation::Counterparty, flow, &format!("e{at}"), category, sat, share)
        });
        let mut facts = Facts { exposures: exposures.collect(), ..nothing() };
        facts.subject.sent = Some(money(400, Some(200)));
        facts.subject.attempt = Some(money(50, Some(25)));
        facts.patterns = Some([("peel-chain".to_owned(), found)].into());
        facts
    })
}

/// The same with pieces of knowledge taken away.
fn hidden(mut facts: Facts, hide: &[bool]) -> Facts {
    let mut hide = hide.iter().copied().cycle();
    let mut gone = move || hide.next().unwrap();
    let unpriced = |exposure: &mut Exposure| {
        let sat = exposure.money.unwrap().sat;
        exposure.money = Some(money(sat.unwrap(), None));
    };
    // an exposure that the search did not reach leaves the search incomplete
    let kept = facts.exposures.len() - usize::from(gone() && !facts.exposures.is_empty());
    if kept < facts.exposures.len() {
        let lost = facts.exposures[kept].flow;
        facts.exposures.truncate(kept);
        let reach = if lost == Some(Flow::Received) { &mut facts.received } else { &mut facts.sent };
        reach.is_complete = false;
    }
    for exposure in &mut facts.exposures {
        if gone() && exposure.money.unwrap().sat > Some(0) {
            unpriced(exposure);
        }
        if gone() {
            exposure.share = None;
        }
        if gone() {
            exposure.labels[0].confidence = None;
        }
        if gone() {
            exposure.labels[0].listed_on = None;
        }
        exposure.labels_truncated |= gone();
        exposure.days_truncated |= gone();
    }
    for field in
        [&mut facts.subject.received, &mut facts.subject.sent, &mut facts.subject.balance, &mut facts.subject.attempt]
    {
        if gone() {
            *field = None;
        }
    }
    if gone() {
        facts.subject.first_seen = None;
    }
    if gone() {
        facts.today = None;
    }
    if gone() {
        facts.patterns = None;
    }
    if gone() {
        facts.received.is_known = false;
        facts.exposures.retain(|e| e.flow != Some(Flow::Received));
    }
    facts
}
