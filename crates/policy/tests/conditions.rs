//! Each kind of condition on facts by hand, and what a missing fact does to it.
use crate::support;

use athar_policy::{Facts, Flow, Node, SubjectStatus, Taint, Truth};
use athar_types::{Basis, Category, Level, Relation};
use support::{ask, day, label, met, money, nothing, one_rule, owned};

fn outcome(when: &str, facts: &Facts) -> Truth {
    ask(&one_rule(when), facts).rules[0].outcome
}

fn tree(when: &str, facts: &Facts) -> Node {
    ask(&one_rule(when), facts).rules[0].tree.clone()
}

fn with(exposures: Vec<athar_policy::Exposure>) -> Facts {
    Facts { exposures, ..nothing() }
}

use Truth::{False, True, Unknown};

#[test]
fn a_missing_price_is_unknown_and_what_is_priced_may_be_enough() {
    let mut part = met(Relation::Counterparty, Flow::Received, "m", Category::Mixer, 1_000, 100_000);
    let asks = |comparison: &str| format!("{{ counterparty = {{ category = \"mixer\", usd = \"{comparison}\" }} }}");
    assert_eq!(outcome(&asks(">= 5"), &with(vec![part.clone()])), True);
    assert_eq!(outcome(&asks(">= 5.01"), &with(vec![part.clone()])), False);
    // no price at all
    part.money = Some(money(1_000, None));
    let node = tree(&asks(">= 5"), &with(vec![part.clone()]));
    assert_eq!((node.outcome, node.unknown.as_deref()), (Unknown, None));
    let received = &node.children[0];
    assert_eq!((received.kind, received.unknown.as_deref()), ("received", Some("part of the money has no price")));
    let verdict = ask(&one_rule(&asks(">= 5")), &with(vec![part.clone()]));
    assert_eq!((verdict.level, verdict.level_at_most), (None, Some(Level::High)));
    assert_eq!(verdict.undecided, ["r"]);
    // the part that has one: five dollars are there, ten may be
    part.money = Some(athar_policy::Money { sat: Some(1_000), usd_cents: Some(500), unpriced_sat: 100 });
    assert_eq!(outcome(&asks(">= 5"), &with(vec![part.clone()])), True);
    assert_eq!(outcome(&asks(">= 10"), &with(vec![part.clone()])), Unknown);
    assert_eq!(outcome(&asks("< 5"), &with(vec![part.clone()])), False);
    assert_eq!(outcome(&asks("< 10"), &with(vec![part])), Unknown);
    // nobody met at all: false, however little is priced
    assert_eq!(outcome(&asks(">= 5"), &nothing()), False);
    for (of, comparison, expected) in
        [("received", ">= 5", True), ("sent", ">= 5", Unknown), ("attempt", ">= 5", Unknown), ("balance", "< 5", True)]
    {
        let when = format!("{{ amount = {{ of = \"{of}\", usd = \"{comparison}\" }} }}");
        assert_eq!(outcome(&when, &nothing()), expected, "{when}");
    }
}

#[test]
fn relations_directions_and_labels_stay_apart() {
    let facts = with(vec![
        owned(label("o", Category::Exchange, Basis::ThirdPartyClaim)),
        met(Relation::Counterparty, Flow::Sent, "a", Category::Mixer, 10, 10_000),
        met(Relation::Indirect, Flow::Received, "b", Category::Scam, 10, 10_000),
    ]);
    for (when, expected) in [
        ("{ ownership = { category = \"exchange\" } }", True),
        ("{ account_at = { category = \"exchange\" } }", False),
        ("{ counterparty = { category = \"exchange\" } }", False),
        ("{ ownership = { category = \"mixer\" } }", False),
        ("{ counterparty = { category = \"mixer\" } }", True),
        ("{ counterparty = { category = \"mixer\", direction = \"received\" } }", False),
        ("{ indirect = { category = \"mixer\" } }", False),
        ("{ exposure = { category = \"mixer\" } }", True),
        ("{ exposure = { category = \"service\" } }", False), // a category of its own, and no word for all that pool money
        ("{ exposure = { category = \"any-service\" } }", True),
        ("{ exposure = { category = \"any-risk\", entities = \">= 2\" } }", False), // one in each direction
        ("{ indirect = { hops_min = \"<= 2\" } }", True),
        ("{ indirect = { hops_min = \"> 2\" } }", Unknown), // three hops were followed, and money went on
        ("{ counterparty = { hops_min = \"> 1\" } }", False),
        ("{ counterparty = { basis = \"designation\" } }", False),
        ("{ counterparty = { basis = [\"judgment\", \"third_party_claim\"] } }", True),
        ("{ counterparty = { list = \"us-ofac-sdn\", programme = \"sdgt\" } }", True),
        ("{ counterparty = { list = \"un-sc\" } }", False),
        ("{ counterparty = { confidence = \">= 70\" } }", True),
        ("{ counterparty = { confidence = \"> 70\" } }", False),
        ("{ counterparty = { disputed = true } }", False),
        ("{ counterparty = { disputed = false } }", True),
        ("{ counterparty = { days_after_listing = \"= 14\" } }", True),
        ("{ counterparty = { taint = \"haircut\" } }", Unknown),
    ] {
        assert_eq!(outcome(when, &facts), expected, "{when}");
    }
}

#[test]
fn indirect_parts_of_several_entities_are_a_range_and_direct_ones_a_sum() {
    let asks = |relation: &str, share: &str| {
        format!("{{ {relation} = {{ category = \"any-risk\", direction = \"sent\", share = \"{share}\" }} }}")
    };
    let two = |relation| {
        with(vec![
            met(relation, Flow::Sent, "a", Category::Mixer, 10, 300_000),
            met(relation, Flow::Sent, "b", Category::Scam, 10, 200_000),
        ])
    };
    for (share, direct, indirect) in [
        (">= 30%", True, True),
        (">= 40%", True, Unknown),
        (">= 50%", True, Unknown),
        (">= 50.0001%", False, False),
        ("< 30%", False, False),
    ] {
        assert_eq!(outcome(&asks("counterparty", share), &two(Relation::Counterparty)), direct, "{share}");
        assert_eq!(outcome(&asks("indirect", share), &two(Relation::Indirect)), indirect, "{share}");
    }
    let node = tree(&asks("indirect", ">= 40%"), &two(Relation::Indirect));
    assert_eq!(node.unknown.as_deref(), Some("the parts of several entities may be of the same money"));
    let share = node.numbers.iter().find(|n| n.name == "share").unwrap();
    assert_eq!((share.at_least.unwrap().parts, share.at_most.unwrap().parts), (300_000, 500_000));
    assert_eq!(node.matched.len(), 2);
    // shares that add up to more than the whole are of the same money for certain
    let facts = with(vec![
        met(Relation::Indirect, Flow::Sent, "a", Category::Mixer, 10, 700_000),
        met(Relation::Indirect, Flow::Sent, "b", Category::Scam, 10, 700_000),
    ]);
    assert_eq!(outcome(&asks("indirect", "> 100%"), &facts), False);
}

#[test]
fn a_search_cut_short_leaves_open_what_it_did_not_find() {
    let mut facts = nothing();
    let asks = "{ counterparty = { category = \"mixer\", direction = \"sent\" } }";
    assert_eq!(outcome(asks, &facts), False);
    facts.sent.is_complete = false;
    let node = tree(asks, &facts);
    assert_eq!((node.outcome, node.unknown.as_deref()), (Unknown, Some("the search was cut short at a bound")));
    assert_eq!(outcome(&asks.replace("sent", "received"), &facts), False);
    assert_eq!(outcome("{ search = { complete = true } }", &facts), False);
    assert_eq!(outcome("{ search = { direction = \"received\", complete = true } }", &facts), True);
    assert_eq!(outcome("{ search = { hops = \">= 3\" } }", &facts), True);
    // what was found stands, and more may be there
    facts.exposures = vec![met(Relation::Counterparty, Flow::Sent, "m", Category::Mixer, 10, 100_000)];
    assert_eq!(outcome(asks, &facts), True);
    let share = |share: &str| asks.replace("\"sent\"", &format!("\"sent\", share = \"{share}\""));
    assert_eq!((outcome(&share(">= 10%"), &facts), outcome(&share(">= 11%"), &facts)), (True, Unknown));
    assert_eq!(outcome(&share("> 100%"), &facts), False);
    // another chain
    facts.exposures.clear();
    facts.sent.is_known = false;
    let node = tree(asks, &facts);
    assert!(node.unknown.unwrap().contains("the store's chain does not have it"));
    assert_eq!(outcome("{ search = { direction = \"sent\", hops = \">= 1\" } }", &facts), Unknown);
}

#[test]
fn lists_patterns_ages_and_kinds() {
    let mut designated = label("d", Category::TerroristFinancing, Basis::Designation);
    let facts = with(vec![owned(designated.clone())]);
    for (when, expected) in [
        ("{ listed = {} }", True),
        ("{ listed = { list = \"us-ofac-sdn\", programme = \"SDGT\" } }", True),
        ("{ listed = { list = \"un-sc\" } }", False),
        ("{ listed = { days = \"= 59\" } }", True), // 2024-02-01 to 2024-03-31
        ("{ listed = { active_after_days = \">= 29\" } }", True), // to 2024-03-01
        ("{ listed = { active_after_days = \"> 29\" } }", False),
        ("{ pattern = { id = \"peel-chain\" } }", Unknown),
        ("{ not = { pattern = { id = \"peel-chain\" } } }", Unknown),
        ("{ age = { of = \"first_seen\", days = \"= 90\" } }", True),
        ("{ age = { of = \"last_seen\", days = \"> 30\" } }", False),
        ("{ subject = { kind = \"address\", status = \"known\", entity_size = \"= 3\" } }", True),
        ("{ subject = { kind = [\"output\", \"transaction\"] } }", False),
        ("{ subject = { deposit_account = false } }", True),
    ] {
        assert_eq!(outcome(when, &facts), expected, "{when}");
    }
    // a claim is no listing
    let claim = with(vec![owned(label("c", Category::TerroristFinancing, Basis::Complaint))]);
    assert_eq!(outcome("{ listed = {} }", &claim), False);
    designated.listed_on = None;
    let undated = with(vec![owned(designated)]);
    assert_eq!(outcome("{ listed = { days = \">= 0\" } }", &undated), Unknown);
    assert_eq!(outcome("{ listed = {} }", &undated), True);
    // a pattern that was looked for, beside one that was not
    let mut found = nothing();
    found.patterns = Some([("peel-chain".to_owned(), 2), ("pass-through".to_owned(), 0)].into());
    for (when, expected) in [
        ("{ pattern = { id = \"peel-chain\" } }", True),
        ("{ pattern = { id = \"pass-through\" } }", False),
        ("{ pattern = { id = \"structuring\" } }", Unknown),
        ("{ pattern = { id = [\"peel-chain\", \"structuring\"] } }", True),
        ("{ pattern = { id = [\"pass-through\", \"structuring\"], count = \">= 1\" } }", Unknown),
        ("{ pattern = { id = \"peel-chain\", count = \"> 2\" } }", False),
    ] {
        assert_eq!(outcome(when, &found), expected, "{when}");
    }
    let mut unseen = nothing();
    (unseen.subject.first_seen, unseen.subject.is_deposit_account, unseen.subject.entity_size) = (None, None, None);
    assert_eq!(outcome("{ age = { of = \"first_seen\", days = \">= 0\" } }", &unseen), Unknown);
    assert_eq!(outcome("{ subject = { deposit_account = true } }", &unseen), Unknown);
    let mut invalid = nothing();
    (invalid.subject.status, invalid.is_labelled_known) = (SubjectStatus::Invalid, false);
    assert_eq!(outcome("{ ownership = {} }", &invalid), Unknown);
    assert_eq!(outcome("{ listed = {} }", &invalid), Unknown);
}

#[test]
fn a_truncated_or_unsure_label_is_no_proof_of_absence() {
    let mut part = met(Relation::Counterparty, Flow::Sent, "m", Category::Mixer, 10, 100_000);
    part.labels_truncated = true;
    assert_eq!(outcome("{ counterparty = { category = \"scam\" } }", &with(vec![part.clone()])), False);
    assert_eq!(outcome("{ counterparty = { list = \"un-sc\" } }", &with(vec![part.clone()])), Unknown);
    assert_eq!(
        outcome("{ counterparty = { category = \"scam\", list = \"un-sc\" } }", &with(vec![part.clone()])),
        False
    );
    part.labels_truncated = false;
    part.labels[0].confidence = None;
    assert_eq!(outcome("{ counterparty = { confidence = \">= 1\" } }", &with(vec![part.clone()])), Unknown);
    // not all ways were listed: the last day may be later, never earlier
    part.days_truncated = true;
    for (asked, expected) in [(">= 14", True), (">= 15", Unknown), ("< 14", False)] {
        let when = format!("{{ counterparty = {{ days_after_listing = \"{asked}\" }} }}");
        assert_eq!(outcome(&when, &with(vec![part.clone()])), expected, "{asked}");
    }
    part.taint = Some(Taint::Lifo);
    assert_eq!(outcome("{ counterparty = {} }", &with(vec![part])), False);
}

#[test]
fn a_tree_shows_every_node_with_its_numbers() {
    let facts = with(vec![met(Relation::Counterparty, Flow::Sent, "m", Category::Mixer, 1_000, 250_000)]);
    let when = "{ all = [{ counterparty = { direction = \"sent\", usd = \">= 1\", share = [\">= 10%\", \"< 20%\"] } }, { not = { listed = {} } }] }";
    let node = tree(when, &facts);
    assert_eq!((node.kind, node.outcome, node.children.len()), ("all", False, 2));
    let met = &node.children[0];
    let shown: Vec<_> = met.numbers.iter().map(|n| (n.name, n.comparison, n.outcome)).collect();
    assert_eq!(
        shown,
        [
            ("entities", None, None),
            ("amount_sat", None, None),
            ("share", Some(">="), Some(True)),
            ("share", Some("<"), Some(False)),
            ("usd", Some(">="), Some(True)),
        ]
    );
    assert_eq!((node.children[1].kind, node.children[1].outcome), ("not", True));
    assert_eq!(node.children[1].children[0].kind, "listed");
    let json = serde_json::to_string(&node).unwrap();
    assert!(
        json.contains("\"name\":\"usd\",\"at_least\":5.00,\"at_most\":5.00,\"comparison\":\">=\",\"threshold\":1.00"),
        "{json}"
    );
    assert!(day("2024-02-15") > day("2024-02-01"));
}

#[test]
fn the_strict_policy_lets_unasked_for_dust_be_and_cuts_severity_with_distance() {
    let policy = &athar_policy::shipped()[0];
    let level = |facts: &Facts| ask(policy, facts).level;
    let listed = |relation, flow, cents: u64, hops: u32| {
        let mut part = met(relation, flow, "x", Category::TerroristFinancing, 100, 1_000);
        part.labels[0].basis = Basis::Designation;
        (part.money, part.hops_min) = (Some(money(100, Some(cents))), Some(hops));
        with(vec![part])
    };
    assert_eq!(level(&nothing()), None);
    assert_eq!(level(&with(vec![owned(label("d", Category::Exchange, Basis::Designation))])), Some(Level::Severe));
    assert_eq!(
        level(&with(vec![owned(label("d", Category::TerroristFinancing, Basis::Complaint))])),
        Some(Level::High)
    );
    assert_eq!(level(&listed(Relation::Counterparty, Flow::Sent, 1, 1)), Some(Level::High));
    assert_eq!(level(&listed(Relation::Counterparty, Flow::Received, 99, 1)), Some(Level::Low));
    assert_eq!(level(&listed(Relation::Counterparty, Flow::Received, 100, 1)), Some(Level::High));
    assert_eq!(level(&listed(Relation::Indirect, Flow::Received, 100, 2)), Some(Level::Medium));
    assert_eq!(level(&listed(Relation::Indirect, Flow::Received, 100, 3)), Some(Level::Low));
    let mixer = met(Relation::Counterparty, Flow::Sent, "m", Category::Mixer, 100, 1_000);
    assert_eq!(level(&with(vec![mixer])), None);
    // where money was not followed, no level, and anything possible short of severe
    let mut other = nothing();
    (other.received.is_known, other.sent.is_known) = (false, false);
    let verdict = ask(policy, &other);
    assert_eq!((verdict.level, verdict.level_at_most), (None, Some(Level::High)));
    // of another chain the entity is not known either
    other.is_labelled_known = false;
    let verdict = ask(policy, &other);
    assert_eq!((verdict.level, verdict.level_at_most), (None, Some(Level::Severe)));
    assert_eq!(verdict.undecided.len(), policy.rules.len());
}
