//! What a pasted text is, over HTTP.

use crate::client::{Answer, get, post};
use crate::world::{shared, world};
use serde_json::{Value, json};

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02x}")).collect()
}

fn short(text: &str) -> Value {
    let answer = get(shared(), &format!("/v1/resolve?q={}", encoded(text)));
    assert_eq!(answer.status, 200, "{text}: {}", answer.text());
    answer.json()
}

fn long(text: &str) -> Answer {
    post(shared(), "/v1/resolve", &json!({ "text": text }).to_string())
}

#[test]
fn identifiers_are_found_in_every_form_they_are_pasted_in() {
    let world = world();
    let (listed, txid) = (&world.listed, &world.txid);
    for text in [
        listed.clone(),
        format!("  {listed}\n"),
        format!("bitcoin:{listed}?amount=0.1"),
        format!("https://explorer.example/address/{listed}?tab=2"),
    ] {
        let view = short(&text);
        let first = &view["matches"][0];
        assert_eq!((&first["kind"], &first["value"]), (&json!("address"), &json!(listed)), "{text}: {view}");
        assert_eq!((&first["known"], &first["chain"]), (&json!(true), &json!("bitcoin")));
        assert!(first["title"].is_string() && first["entity"].is_string() && first["category"].is_string());
        assert_eq!(first["listed"], true);
        assert_eq!(view["read_as"], "identifier");
    }
    let block = get(shared(), "/v1/block/100").json();
    for (text, kind, value) in [
        (txid.clone(), "transaction", txid.clone()),
        (format!("{txid}:1"), "transaction", txid.clone()),
        (format!("https://explorer.example/tx/{txid}"), "transaction", txid.clone()),
        ("100".to_owned(), "block", "100".to_owned()),
        ("https://explorer.example/block/100".to_owned(), "block", "100".to_owned()),
        (block["hash"].as_str().unwrap().to_owned(), "block", "100".to_owned()),
    ] {
        let view = short(&text);
        let first = &view["matches"][0];
        assert_eq!(
            (&first["kind"], &first["value"], &first["known"]),
            (&json!(kind), &json!(value), &json!(true)),
            "{text}"
        );
    }
    assert_eq!(short(&format!("{txid}:1"))["matches"][0]["vout"], 1);
    // not here, and no more is said of it
    let unseen = short("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    let first = &unseen["matches"][0];
    assert_eq!((&first["kind"], &first["known"], &first["title"]), (&json!("address"), &json!(false), &Value::Null));
    assert_eq!(short(&"ab".repeat(32))["matches"][0]["known"], false);
    // a broken checksum is no address
    assert_eq!(short("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb")["matches"], json!([]));
}

#[test]
fn names_are_found_across_scripts() {
    let view = short("ahmad hassan");
    assert_eq!(view["read_as"], "name");
    let entries: Vec<&Value> = view["matches"].as_array().unwrap().iter().filter(|m| m["kind"] == "name").collect();
    assert!(entries.iter().any(|m| m["value"] == "1" && m["list"] == "people" && m["listed"] == true), "{view}");
    let arabic = short("أحمد حسن");
    assert!(arabic["matches"].as_array().unwrap().iter().any(|m| m["kind"] == "name" && m["value"] == "1"), "{arabic}");
    let labels = get(shared(), "/v1/labels?limit=1").json();
    let name = labels["labels"][0]["label"].as_str().unwrap().to_owned();
    let found = short(&name.to_uppercase());
    let label = found["matches"].as_array().unwrap().iter().find(|m| m["kind"] == "label").unwrap().clone();
    assert_eq!((&label["title"], &label["known"]), (&json!(name), &json!(true)));
    assert_eq!(short("zzqqxx yyvvww")["matches"], json!([]));
}

#[test]
fn a_long_text_gives_all_its_identifiers_once() {
    let world = world();
    let text = format!("send to {} or {} ({}), not\n{}\n", world.listed, world.tied[0], world.txid, world.listed);
    let view = long(&text).json();
    assert_eq!(view["read_as"], "text");
    let values: Vec<&str> = view["matches"].as_array().unwrap().iter().filter_map(|m| m["value"].as_str()).collect();
    assert_eq!(values.iter().filter(|v| **v == world.listed).count(), 1);
    for wanted in [&world.listed, &world.tied[0], &world.txid] {
        assert!(values.contains(&wanted.as_str()), "{view}");
    }
}

#[test]
fn secrets_are_counted_and_never_repeated() {
    let words = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
    let key = "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ";
    for text in [words.to_owned(), key.to_owned(), format!("my key {key} and {}", world().listed)] {
        for answer in [long(&text), get(shared(), &format!("/v1/resolve?q={}", encoded(&text)))] {
            assert_eq!(answer.status, 200);
            assert!(answer.json()["secrets"].as_u64().unwrap() >= 1, "{text}: {}", answer.text());
            assert!(!answer.text().contains(key) && !answer.text().contains("abandon"));
        }
    }
}

#[test]
fn what_is_too_long_is_refused() {
    assert_eq!(get(shared(), &format!("/v1/resolve?q={}", "a".repeat(2_001))).code(), "parameter_invalid");
    assert_eq!(get(shared(), "/v1/resolve").code(), "parameter_missing");
    assert_eq!(long("").code(), "field_invalid");
    assert_eq!(long(&"a ".repeat(131_073)).code(), "field_invalid");
    assert_eq!(long(&"a ".repeat(131_072)).status, 200);
}

#[test]
fn entries_and_labels_are_listed_by_what_they_hold() {
    let all = get(shared(), "/v1/lists/people/entries").json();
    assert_eq!((&all["total"], &all["truncated"]), (&json!(2), &json!(false)));
    let one = get(shared(), "/v1/lists/people/entries?q=HASSAN").json();
    assert_eq!((&one["total"], &one["entries"][0]["id"]), (&json!(1), &json!("1")));
    assert_eq!(get(shared(), "/v1/lists/none/entries").code(), "not_found");
    let labels = get(shared(), "/v1/labels?category=exchange&limit=1000").json();
    let rows = labels["labels"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.to_string().contains("exchange")), "{labels}");
    let name = rows[0]["label"].as_str().unwrap();
    let named = get(shared(), &format!("/v1/labels?name={}&limit=1000", encoded(&name[1..].to_uppercase()))).json();
    assert!(named["labels"].as_array().unwrap().iter().all(|row| row["label"] == name), "{named}");
    assert_eq!(get(shared(), "/v1/labels?category=nice").code(), "parameter_invalid");
}
