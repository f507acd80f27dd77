//! Parties, activity and links over HTTP, held against screenings of the same subjects.

use crate::client::{get, post};
use crate::world::{shared, world};
use serde_json::{Value, json};

/// Digits as a number.
fn units(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn what_a_screening_says_of_direct_counterparties_stands_here_with_the_same_amount() {
    let listed = &world().listed;
    let screened = get(shared(), &format!("/v1/screen?target={listed}")).json();
    let view = get(shared(), &format!("/v1/counterparties/entity:{listed}?limit=1000")).json();
    let statements = screened[0]["statements"].as_array().or(screened["statements"].as_array()).unwrap().clone();
    let direct: Vec<&Value> = statements.iter().filter(|s| s["relation"] == "counterparty").collect();
    assert!(!direct.is_empty(), "{screened}");
    for statement in direct {
        let of_it = |party: &&Value| party["side"] == statement["direction"] && party["entity"] == statement["entity"];
        let party = view["parties"].as_array().unwrap().iter().find(of_it);
        let party = party.unwrap_or_else(|| panic!("no party for {statement}"));
        assert_eq!(units(&party["amount_units"]), statement["amount_sat"].as_u64().unwrap());
        assert_eq!((&party["usd"], &party["share"]), (&statement["usd"], &statement["share"]));
        assert!(party["label"].is_string() && party["severity"].is_string());
    }
    // and the activity adds up to the same
    let activity = get(shared(), &format!("/v1/activity/entity:{listed}?by=day")).json();
    let sum: u64 = activity["periods"].as_array().unwrap().iter().map(|p| units(&p["received_units"])).sum();
    assert_eq!(sum, units(&view["received"]["amount_units"]));
}

#[test]
fn pages_of_parties_follow_one_another() {
    let listed = &world().listed;
    let all = get(shared(), &format!("/v1/counterparties/{listed}?limit=1000&side=received")).json();
    let total = all["parties_total"].as_u64().unwrap() as usize;
    let (mut next, mut seen) = (Some(format!("/v1/counterparties/{listed}?limit=3&side=received")), Vec::new());
    while let Some(path) = next {
        let answer = get(shared(), &path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        seen.extend(answer.json()["parties"].as_array().unwrap().clone());
        next = answer.next();
    }
    assert_eq!((seen.len(), Value::from(seen)), (total, all["parties"].clone()));
    assert!(total > 3);
}

#[test]
fn links_run_between_the_nodes_that_were_named_and_no_others() {
    let listed = &world().listed;
    let view = get(shared(), &format!("/v1/counterparties/{listed}?limit=5")).json();
    let parties = view["parties"].as_array().unwrap();
    let mut nodes: Vec<String> = parties.iter().map(|p| p["address"].as_str().unwrap().to_owned()).collect();
    nodes.push(listed.clone());
    nodes.push("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080".into());
    let body = json!({ "nodes": nodes, "of": "entity" }).to_string();
    let answer = post(shared(), "/v1/graph/links", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let links = answer.json();
    assert_eq!(links["unseen"], json!(["bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"]));
    let all = links["links"].as_array().unwrap();
    assert!(all.iter().all(|l| nodes.contains(&l["from"].as_str().unwrap().to_owned())));
    assert!(all.iter().any(|l| l["to"] == listed.as_str()), "{links}");
    for (wrong, code) in [
        (json!({ "nodes": [] }), "batch_empty"),
        (json!({ "nodes": vec![listed; 501] }), "batch_too_large"),
        (json!({ "nodes": ["x".repeat(300)] }), "field_invalid"),
        (json!({ "nodes": ["nonsense"] }), "target_invalid"),
        (json!({ "nodes": [listed], "of": "both" }), "field_invalid"),
        (json!({ "nodes": [listed], "chain": "monero" }), "chain_unknown"),
        (json!({ "nodes": [listed], "chain": "zcash" }), "store_empty"),
        (json!({ "nodes": [listed], "colour": "red" }), "body_invalid"),
    ] {
        assert_eq!(post(shared(), "/v1/graph/links", &wrong.to_string()).code(), code, "{wrong}");
    }
}

#[test]
fn what_is_not_asked_rightly_is_told() {
    let listed = &world().listed;
    for path in ["counterparties", "activity"] {
        let of = |rest: &str| get(shared(), &format!("/v1/{path}/{rest}")).code();
        assert_eq!(of("nonsense"), "target_invalid");
        assert_eq!(of("bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"), "not_found");
        assert_eq!(of(&format!("{listed}?of=campaign")), "parameter_invalid");
        assert_eq!(of(&format!("{listed}?from=2021-01-02&to=2021-01-01")), "target_invalid");
        assert_eq!(of(&format!("{listed}?chain=zcash")), "store_empty");
    }
}
