//! Facts and policies for the tests.
#![allow(dead_code, clippy::unwrap_used)] // tests; each file uses its part

use athar_policy::{
    Exposure, Facts, Flow, LabelFact, Mode, Money, Policy, Reach, Subject, SubjectKind, SubjectStatus, Taint, Verdict,
    evaluate,
};
use athar_types::{Basis, Category, Day, Relation};
use std::collections::BTreeSet;
use std::path::Path;

/// A policy of the levels model with one rule of level high.
pub(crate) fn one_rule(when: &str) -> Policy {
    parse(&levels(&format!(
        "[[rule]]\nid = \"r\"\ntitle = {{ en = \"R\", ar = \"ق\" }}\nlevel = \"high\"\nwhen = {when}\n"
    )))
    .unwrap_or_else(|e| panic!("{e}\n{when}"))
}

/// The head of a policy of the levels model, and the rules given.
pub(crate) fn levels(rules: &str) -> String {
    format!("format = 1\nname = \"p\"\ntitle = {{ en = \"P\", ar = \"س\" }}\nmodel = \"levels\"\n{rules}")
}

/// The head of a policy of the weighted model, and the rules given.
pub(crate) fn weighted(rules: &str) -> String {
    format!(
        "format = 1\nname = \"p\"\ntitle = {{ en = \"P\", ar = \"س\" }}\nmodel = \"weighted\"\n[levels]\nlow = 0.1\nhigh = 0.5\n{rules}"
    )
}

pub(crate) fn parse(text: &str) -> Result<Policy, String> {
    Policy::parse(Path::new("my.toml"), text).map_err(|error| error.to_string())
}

pub(crate) fn ask(policy: &Policy, facts: &Facts) -> Verdict {
    evaluate(policy, facts, Mode::Asked)
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// An address that was found, of which nothing is known, searched to the end.
pub(crate) fn nothing() -> Facts {
    let reach = Reach { is_known: true, is_complete: true, hops_max: 3, is_at_hops: true };
    Facts {
        subject: Subject {
            kind: SubjectKind::Address,
            status: SubjectStatus::Known,
            is_deposit_account: Some(false),
            entity_size: Some(3),
            first_seen: Some(day("2024-01-01")),
            last_seen: Some(day("2024-03-01")),
            received: Some(money(1_000, Some(500))),
            sent: Some(money(400, None)),
            balance: Some(money(600, Some(300))),
            attempt: None,
        },
        today: Some(day("2024-03-31")),
        exposures: Vec::new(),
        is_labelled_known: true,
        received: reach,
        sent: reach,
        patterns: None,
        taints: BTreeSet::from([Taint::Fifo]),
    }
}

pub(crate) fn money(sat: u64, usd_cents: Option<u64>) -> Money {
    Money { sat: Some(sat), usd_cents, unpriced_sat: if usd_cents.is_some() { 0 } else { sat } }
}

pub(crate) fn label(id: &str, category: Category, basis: Basis) -> LabelFact {
    LabelFact {
        id: id.into(),
        name: format!("label {id}"),
        categories: vec![category],
        basis,
        confidence: Some(70),
        is_disputed: false,
        list: Some("us-ofac-sdn".into()),
        programmes: vec!["SDGT".into()],
        listed_on: Some(day("2024-02-01")),
    }
}

pub(crate) fn owned(label: LabelFact) -> Exposure {
    Exposure {
        relation: Relation::Ownership,
        flow: None,
        taint: None,
        entity: "self".into(),
        labels: vec![label],
        labels_truncated: false,
        money: None,
        share: None,
        hops_min: None,
        last_day: None,
        days_truncated: false,
    }
}

/// Money of `sat` satoshi and `share` millionths that met `entity`.
pub(crate) fn met(relation: Relation, flow: Flow, entity: &str, category: Category, sat: u64, share: u64) -> Exposure {
    Exposure {
        relation,
        flow: Some(flow),
        taint: Some(Taint::Fifo),
        entity: entity.into(),
        labels: vec![label(entity, category, Basis::ThirdPartyClaim)],
        labels_truncated: false,
        money: Some(money(sat, Some(sat / 2))),
        share: Some(share),
        hops_min: Some(if relation == Relation::Counterparty { 1 } else { 2 }),
        last_day: Some(day("2024-02-15")),
        days_truncated: false,
    }
}
