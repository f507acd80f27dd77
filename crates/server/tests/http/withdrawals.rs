//! Decisions about withdrawals: every branch of the table, over a running service.

use crate::client::{Answer, ask, get, post};
use crate::reads::copy;
use crate::world::{Service, settings, start, world};
use athar_desk::DecisionJournal;
use athar_engine::read::Depth;
use athar_engine::write::{PolicyChange, change_policy};
use athar_engine::{Day, Engine, Level, Options};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A valid address of the test network that nobody ever paid.
const UNSEEN: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";
/// Beyond the time limit: a machine that builds something else meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// No rule of it ever holds of an address of a small entity, so that the table alone decides.
const POLICY: &str = r#"
format = 1
name = "desk"
model = "levels"
title = { en = "A desk", ar = "مكتب" }

[[rule]]
id = "gift"
title = { en = "Dealt with a donation campaign", ar = "تعامل مع حملة تبرّعات" }
level = "high"
when = { any = [{ counterparty = { category = "any-risk" } }, { indirect = { category = "terrorist_financing" } }] }

[decision]
time_limit_ms = 30000
"#;
/// The simulated world ended years ago: a bound that it passes is no bound.
const NOT_BEHIND: &str = "when_behind = { lists_days = 1000000, answer = \"hold\" }\n";

struct Desk {
    _folder: tempfile::TempDir,
    store: PathBuf,
    service: Service,
}

/// A service over a copy of the world, with a table of its own.
fn desk(table: &str) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    activate(&store, folder.path(), table);
    let service = start(settings(&store));
    Desk { _folder: folder, store, service }
}

fn activate(store: &Path, folder: &Path, table: &str) {
    let file = folder.join("desk.toml");
    std::fs::write(&file, format!("{POLICY}{table}")).unwrap();
    change_policy(store, PolicyChange::Add(&file), Day(20_001)).unwrap();
    change_policy(store, PolicyChange::Activate("desk"), Day(20_001)).unwrap();
}

fn check(desk: &Desk, body: &Value) -> Value {
    let answer = post(desk.service.address, "/v1/withdrawals/check", &body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn of(address: &str) -> Value {
    json!({ "chain": "bitcoin", "address": address, "amount": "0.5", "asset": "BTC" })
}

fn codes(decision: &Value) -> Vec<&str> {
    decision["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect()
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

#[test]
fn each_finding_has_its_answer_and_every_answer_is_kept() {
    let desk = desk(&format!("unknown_address = \"review\"\n{NOT_BEHIND}"));
    // designated: held, with the label that says so, and kept
    let listed = check(
        &desk,
        &json!({
            "chain": "bitcoin", "address": world().listed, "units": "7", "reference": "w-1", "customer": "c-secret",
        }),
    );
    assert_eq!((&listed["decision"], &listed["decided_by"]), (&json!("hold"), &json!("rules")), "{listed:#}");
    let reason = &listed["reasons"][0];
    assert_eq!((&reason["code"], reason["labels"].as_array().unwrap().is_empty()), (&json!("listed"), false));
    assert!(listed["snapshot"].is_string() && listed["knowledge"]["tip_height"].is_u64(), "{listed:#}");
    assert_eq!((&listed["policy"]["name"], &listed["policy"]["has_table"]), (&json!("desk"), &json!(true)));
    assert_eq!(listed["reference"], "w-1");

    // nobody ever paid it: as the table says, and nothing was cut
    let unseen = check(&desk, &of(UNSEEN));
    assert_eq!((&unseen["decision"], &unseen["decided_by"]), (&json!("review"), &json!("rules")), "{unseen:#}");
    assert_eq!(codes(&unseen), ["unknown_address", "verdict"]);
    assert_eq!((&unseen["complete"], &unseen["depth"]), (&json!(true), &json!("exposure")));

    // somebody who dealt with a labelled entity, and somebody who did not
    let engine = Engine::open(&desk.store, &Options::default()).unwrap();
    let (mut met, mut clean) = (None, None);
    for height in (1..150).rev() {
        let block = engine.block(&height.to_string()).unwrap().unwrap();
        for txid in &block.txs {
            let tx = engine.tx(&txid.to_string()).unwrap().unwrap();
            for address in tx.outputs.iter().filter_map(|o| o.address.clone()) {
                if (met.is_some() && clean.is_some()) || address == world().listed {
                    continue;
                }
                let decision = check(&desk, &of(&address));
                let risky = decision["reasons"].as_array().unwrap().iter().any(|r| r["rule"] == "gift");
                if risky {
                    met.get_or_insert(decision)
                } else {
                    clean.get_or_insert(decision)
                };
            }
        }
        if met.is_some() && clean.is_some() {
            break;
        }
    }
    let (met, clean) = (met.unwrap(), clean.unwrap());
    assert_eq!((&met["decision"], &met["decided_by"]), (&json!("hold"), &json!("rules")), "{met:#}");
    let rule = met["reasons"].as_array().unwrap().iter().find(|r| r["rule"] == "gift").unwrap();
    assert_eq!((&rule["answer"], &rule["level"]), (&json!("hold"), &json!("high")));
    let evidence = rule["evidence"].as_array().unwrap();
    assert!(!evidence.is_empty() && !rule["labels"].as_array().unwrap().is_empty(), "{rule:#}");
    assert!(rule["says"]["ar"].as_str().unwrap().contains("تعامل"));
    assert_eq!((&clean["decision"], &clean["decided_by"]), (&json!("allow"), &json!("rules")), "{clean:#}");

    // the journal has each, as answered, without the customer
    let at = desk.service.address;
    let kept = get(at, "/v1/withdrawals/checks?reference=w-1").json();
    let row = &kept["decisions"][0];
    assert_eq!((&row["id"], &row["decision"], &row["chain"]), (&listed["kept"], &json!("hold"), &json!("bitcoin")));
    assert_eq!(row["customer_hash"].as_str().unwrap().len(), 64);
    let one = get(at, &format!("/v1/withdrawals/checks/{}", row["id"])).json();
    assert_eq!(one["answer"]["reasons"], listed["reasons"]);
    assert!(!kept.to_string().contains("c-secret") && !desk.service.log.text().contains(&world().listed));
    let page = get(at, "/v1/withdrawals/checks?limit=1");
    let next = get(at, &page.next().unwrap()).json();
    assert_eq!(next["decisions"][0]["id"], json!(page.json()["decisions"][0]["id"].as_i64().unwrap() - 1));
    assert_eq!(get(at, "/v1/withdrawals/checks/999999").code(), "not_found");
    let journal = DecisionJournal::open(&desk.store).unwrap();
    let (count, wrong) = journal.verify().unwrap();
    assert!(count > 3 && wrong.is_empty(), "{count} {wrong:?}");
}

#[test]
fn what_is_no_address_is_never_allowed_whatever_the_table_says() {
    let open = "unknown_address = \"allow\"\nundecided = \"allow\"\nother_chain = \"allow\"\nwhen_late = \"allow\"\n\
                when_store_fails = \"allow\"\nwhen_not_kept = \"allow\"\nquarantined = \"allow\"\nlisted = \"allow\"\n";
    let desk =
        desk(&format!("{open}{NOT_BEHIND}levels = {{ medium = \"allow\", high = \"allow\", severe = \"allow\" }}\n"));
    let address = &world().listed;
    let wrong = format!("{}{}", &address[..address.len() - 1], if address.ends_with('q') { 'p' } else { 'q' });
    for text in [wrong.as_str(), "nonsense", &world().txid, "\u{202e}bc1", "0x0000000000000000000000000000000000000000"]
    {
        for ms in [1, 30_000] {
            let body = json!({ "chain": "bitcoin", "address": text, "time_limit_ms": ms });
            let decision = check(&desk, &body);
            let is_found = codes(&decision).contains(&"malformed_address");
            // with a millisecond there may be no time to see it: then it is the limit that lets it pass, and only by this table
            if ms > 1 || is_found {
                assert_eq!(decision["decision"], "hold", "{text}: {decision:#}");
            }
        }
    }
    // of another chain
    let litecoin = json!({ "chain": "litecoin", "address": UNSEEN });
    assert_eq!(check(&desk, &litecoin)["reasons"][0]["code"], "malformed_address");
    // a table cannot say otherwise
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("open.toml");
    std::fs::write(&file, format!("{POLICY}malformed_address = \"allow\"\n")).unwrap();
    let error = change_policy(&desk.store, PolicyChange::Add(&file), Day(20_002)).unwrap_err().to_string();
    assert!(error.contains("decision.malformed_address") && error.contains("line"), "{error}");
}

#[test]
fn a_chain_without_blocks_is_asked_of_labels_and_lists_alone() {
    let desk = desk(NOT_BEHIND);
    for (chain, address) in [
        ("litecoin", "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"),
        ("ethereum", "0x8589427373D6D84E98730D7795D8f6f8731FDA16"),
        ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    ] {
        let decision = check(&desk, &json!({ "chain": chain, "address": address }));
        assert_eq!(
            (&decision["decision"], &decision["decided_by"]),
            (&json!("review"), &json!("rules")),
            "{decision:#}"
        );
        assert!(codes(&decision).contains(&"other_chain"), "{decision:#}");
    }
}

#[test]
fn a_clock_that_is_over_answers_as_the_table_says_and_forgets_no_finding() {
    for (table, expected) in [
        ("when_late = \"hold\"\n", "hold"),
        ("when_late = \"review\"\n", "review"),
        ("when_late = \"allow\"\n", "allow"),
    ] {
        let desk = desk(&format!("{table}{NOT_BEHIND}"));
        // an entity with many addresses
        let busiest = busiest(&desk.store);
        let body = json!({ "chain": "bitcoin", "address": busiest, "time_limit_ms": 1 });
        let asked = || {
            let begun = Instant::now();
            let decision = check(&desk, &body);
            assert!(begun.elapsed() < PATIENCE);
            decision
        };
        // on a busy machine the millisecond can be over before the policy was read: then the shipped table fails closed
        let is_read = |decision: &Value| {
            let is_read = !decision["policy"].is_null();
            assert!(is_read || decision["decision"] == "hold", "{decision:#}");
            is_read
        };
        let decision = std::iter::repeat_with(asked).take(200).find(is_read).unwrap();
        assert_eq!(decision["decision"], expected, "{decision:#}");
        let late = decision["reasons"].as_array().unwrap().iter().find(|r| r["code"] == "late").unwrap();
        assert_eq!((&late["answer"], &decision["time_limit_ms"]), (&json!(expected), &json!(1)));
        assert_eq!((&decision["snapshot"], &decision["complete"]), (&Value::Null, &json!(false)));
        if expected != "allow" {
            assert_eq!(decision["decided_by"], "limit", "{decision:#}");
        }
        // what was found before the end still counts
        let listed = check(&desk, &json!({ "chain": "bitcoin", "address": world().listed, "time_limit_ms": 30_000 }));
        assert_eq!((&listed["decision"], &listed["decided_by"]), (&json!("hold"), &json!("rules")));
    }
}

/// An address of the largest entity of the first blocks of which no label says a risk.
fn busiest(store: &Path) -> String {
    let engine = Engine::open(store, &Options::default()).unwrap();
    let mut best = (0, String::new());
    for height in (1..120).step_by(4) {
        let Some(block) = engine.block(&height.to_string()).unwrap() else { break };
        for txid in block.txs.iter().take(20) {
            let tx = engine.tx(&txid.to_string()).unwrap().unwrap();
            for address in tx.outputs.iter().filter_map(|o| o.address.clone()).take(2) {
                let size = engine.entity(&address, 0, Some(1)).unwrap().map_or(0, |e| e.size);
                let risk = || engine.screen_direct(&address, Depth::Ownership).unwrap().risk;
                if u64::from(size) > best.0 && risk() <= Level::None {
                    best = (u64::from(size), address);
                }
            }
        }
    }
    best.1
}

#[test]
fn a_store_that_is_behind_is_answered_as_the_table_says() {
    // the world ended years ago
    let desk = desk("when_behind = { seconds = 7200, answer = \"review\" }\n");
    let decision = check(&desk, &of(UNSEEN));
    assert_eq!(
        (&decision["decision"], &decision["decided_by"]),
        (&json!("review"), &json!("staleness")),
        "{decision:#}"
    );
    assert_eq!(decision["knowledge"]["behind"], json!(["seconds"]));
    // a level that the rules hold for is theirs
    let listed = check(&desk, &of(&world().listed));
    assert_eq!((&listed["decision"], &listed["decided_by"]), (&json!("hold"), &json!("rules")));
    drop(desk);

    // by a follower
    let desk = self::desk("when_behind = { blocks = 2, answer = \"hold\" }\n");
    let tip = check(&desk, &of(UNSEEN))["knowledge"]["tip_height"].as_u64().unwrap();
    let live = desk.store.join("live");
    std::fs::create_dir_all(&live).unwrap();
    let follower = |state: &str, silent_ms: u64, height: u64| {
        let beat = json!({
            "pid": 1, "node": "http://127.0.0.1:1", "state": state, "beat_ms": now_ms() - silent_ms, "tip_height": height,
        });
        std::fs::write(live.join("follower.json"), beat.to_string()).unwrap();
        let decision = check(&desk, &of(UNSEEN));
        let knowledge = &decision["knowledge"];
        (
            decision["decision"].as_str().unwrap().to_owned(),
            knowledge["blocks_behind"].as_u64(),
            knowledge["follower"].clone(),
        )
    };
    assert_eq!(follower("following", 0, tip), ("allow".into(), Some(0), json!("following")));
    assert_eq!(follower("following", 0, tip + 2), ("allow".into(), Some(2), json!("following")));
    assert_eq!(follower("following", 0, tip + 3), ("hold".into(), Some(3), json!("following")));
    // who does not know, is silent or is not there is not known to be in time
    assert_eq!(follower("catching-up", 0, tip), ("hold".into(), None, json!("catching-up")));
    assert_eq!(follower("disconnected", 0, tip), ("hold".into(), None, json!("disconnected")));
    assert_eq!(follower("following", 60_000, tip), ("hold".into(), None, json!("silent")));
    std::fs::write(live.join("follower.json"), "{ half").unwrap();
    assert_eq!(check(&desk, &of(UNSEEN))["decision"], "hold");
}

#[test]
fn a_store_that_is_damaged_replaced_or_gone_is_answered_as_the_table_says() {
    let desk = desk(&format!("when_store_fails = \"hold\"\n{NOT_BEHIND}"));
    assert_eq!(check(&desk, &of(UNSEEN))["decision"], "allow");
    let manifest = desk.store.join("MANIFEST.json");
    let good = std::fs::read(&manifest).unwrap();
    let until = |wanted: &str| {
        let begun = Instant::now();
        loop {
            let decision = check(&desk, &of(UNSEEN));
            if decision["knowledge"]["store"]["state"] == wanted {
                return decision;
            }
            assert!(begun.elapsed() < PATIENCE, "{decision:#}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    // a newer state that cannot be opened: the one before answers, and the table says what that is worth
    std::fs::write(&manifest, b"{ damaged").unwrap();
    let older = until("older");
    assert_eq!((&older["decision"], &older["decided_by"]), (&json!("hold"), &json!("error")), "{older:#}");
    assert!(codes(&older).contains(&"store_failed"));
    // gone
    std::fs::remove_file(&manifest).unwrap();
    let gone = until("missing");
    assert_eq!((&gone["decision"], &gone["decided_by"]), (&json!("hold"), &json!("error")));
    // made whole again
    std::fs::write(&manifest, good).unwrap();
    assert_eq!(until("current")["decision"], "allow");
    // replaced by a store of the same chain without its labels: what is asked is the new one
    std::fs::remove_dir_all(desk.store.join("labels")).unwrap();
    let begun = Instant::now();
    loop {
        let decision = check(&desk, &of(&world().listed));
        if !codes(&decision).contains(&"listed") {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{decision:#}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_decision_that_cannot_be_kept_says_so_and_follows_the_table() {
    let desk = desk(&format!("when_not_kept = \"review\"\n{NOT_BEHIND}"));
    std::fs::write(desk.store.join("desk/decisions.sqlite"), "no database at all, but long enough to be looked at")
        .unwrap();
    let decision = check(&desk, &of(UNSEEN));
    assert_eq!((&decision["decision"], &decision["decided_by"]), (&json!("review"), &json!("error")), "{decision:#}");
    assert_eq!((&decision["kept"], codes(&decision)[0]), (&Value::Null, "not_kept"));
    assert!(desk.service.log.text().contains("decision_not_kept"));
}

#[test]
fn bad_bodies_are_refused_with_their_field_and_nothing_is_kept() {
    let desk = desk(NOT_BEHIND);
    let at = desk.service.address;
    let problem = |body: &str| {
        let answer = post(at, "/v1/withdrawals/check", body);
        (answer.code(), answer.json()["field"].as_str().unwrap_or_default().to_owned())
    };
    let expect = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(problem("{").0, "body_invalid");
    assert_eq!(problem("[]").0, "body_invalid");
    assert_eq!(problem(r#"{"chain":"bitcoin"}"#).0, "body_invalid");
    assert_eq!(problem(r#"{"chain":"bitcoin","address":"a","colour":1}"#).0, "body_invalid");
    assert_eq!(problem(r#"{"chain":"bitcoin","address":"a","amount":0.5}"#).0, "body_invalid");
    assert_eq!(problem(r#"{"chain":"gold","address":"a"}"#), expect("chain_unknown", "chain"));
    assert_eq!(problem(r#"{"chain":"bitcoin","address":" "}"#), expect("field_invalid", "address"));
    assert_eq!(problem(r#"{"chain":"bitcoin","address":"a","amount":"-1"}"#), expect("amount_invalid", "amount"));
    assert_eq!(
        problem(r#"{"chain":"bitcoin","address":"a","amount":"1","units":"1"}"#),
        expect("amount_invalid", "units")
    );
    for ms in ["0", "60001"] {
        let body = format!(r#"{{"chain":"bitcoin","address":"a","time_limit_ms":{ms}}}"#);
        assert_eq!(problem(&body), expect("field_invalid", "time_limit_ms"));
    }
    let long = "x".repeat(5_000);
    assert_eq!(problem(&json!({"chain":"bitcoin","address":long}).to_string()), expect("field_invalid", "address"));
    assert_eq!(
        problem(&json!({"chain":"bitcoin","address":"a","reference":long}).to_string()),
        expect("field_invalid", "reference")
    );
    assert_eq!(get(at, "/v1/withdrawals/checks").json()["decisions"], json!([]));

    // an own address that is none is no reason to let anything pass
    let from = check(&desk, &json!({ "chain": "bitcoin", "address": UNSEEN, "from": "nonsense" }));
    assert_eq!((&from["decision"], codes(&from)[0]), (&json!("review"), "malformed_from"));
    let [a, b] = &world().tied;
    let tied = check(&desk, &json!({ "chain": "bitcoin", "address": a, "from": b }));
    assert_eq!(tied["same_entity"], true, "{tied:#}");
}

#[test]
fn a_repeated_request_gets_its_first_decision_and_is_kept_once() {
    let desk = desk(NOT_BEHIND);
    let body = of(UNSEEN).to_string();
    let send = || -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", "withdrawal-7")];
        ask(desk.service.address, "POST", "/v1/withdrawals/check", &headers, body.as_bytes())
    };
    let (first, again) = (send(), send());
    assert_eq!((first.body.clone(), again.header("idempotent-replayed")), (again.body.clone(), Some("true")));
    assert_eq!(get(desk.service.address, "/v1/withdrawals/checks").json()["decisions"].as_array().unwrap().len(), 1);
}
