//! Alerts from the first sight of a transaction to their closing.
use athar_desk::alert::{
    Alert, AlertFilter, AlertOrder, AlertState, Handling, NewSuppression, PatternHit, Seen, Stage, SuppressionKind,
    TxHit,
};
use athar_desk::sink::NewSink;
use athar_desk::watch::{Flow, Matcher, NewWatch, WatchKind};
use athar_desk::webhook::{Sender, SenderSettings};
use athar_desk::{Desk, DeskError, EventKind, VaultError};
use athar_engine::write::import_labels;
use athar_engine::{Chain, Engine, Level, Network, Options};
use athar_ledger::{Disk, Store, fixture};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

fn text_of(who: &str) -> String {
    fixture::key(who).to_text_on(Chain::Bitcoin, Network::Regtest)
}

fn of_address(who: &str) -> NewWatch {
    NewWatch { severity: Level::High, ..NewWatch::new(WatchKind::Address, Some(Chain::Bitcoin), text_of(who)) }
}

fn desk(folder: &Path) -> Desk {
    let desk = Desk::open(folder).unwrap();
    desk.add_watchlist("cases", "open cases", "amal", 1).unwrap();
    desk
}

fn hit(desk: &Desk, txid: u8, seen: Seen) -> TxHit {
    let watch = desk.watches(None, 0, 1).unwrap().rows.remove(0);
    TxHit {
        watch: watch.id,
        watchlist: watch.watchlist,
        kind: watch.kind,
        value: watch.value.clone(),
        severity: watch.severity,
        chain: "bitcoin".into(),
        subject: watch.value,
        txid: format!("{txid:02x}").repeat(32),
        direction: Flow::Received,
        asset: "BTC".into(),
        units: 5_000,
        usd_cents: Some(300),
        evidence: json!({ "sides": [] }),
        snapshot: "s".into(),
        seen,
    }
}

fn block(height: u32, name: &str) -> Seen {
    Seen::Block { height, hash: name.into() }
}

fn only(desk: &Desk) -> Alert {
    let page = desk.alerts(&AlertFilter::default(), 0, 10).unwrap();
    assert_eq!(page.rows.len(), 1);
    page.rows.into_iter().next().unwrap()
}

fn actions(desk: &Desk, alert: i64) -> Vec<String> {
    desk.alert_history(alert, 0, 100).unwrap().rows.into_iter().map(|entry| entry.action).collect()
}

#[test]
fn a_watch_and_a_transaction_make_one_alert_wherever_it_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![of_address("a")], 1).unwrap();
    let first = desk.see(&[hit(&desk, 1, Seen::Mempool)], 10).unwrap();
    assert_eq!((first.raised, first.confirmed), (1, 0));
    // told again by the node, or by a second follower
    assert_eq!(desk.see(&[hit(&desk, 1, Seen::Mempool)], 11).unwrap().known, 1);
    assert_eq!(only(&desk).stage, Stage::Mempool);
    assert_eq!(desk.waiting_txids("bitcoin").unwrap().len(), 1);
    let second = desk.see(&[hit(&desk, 1, block(5, "b5"))], 12).unwrap();
    assert_eq!((second.raised, second.confirmed), (0, 1));
    assert_eq!(desk.see(&[hit(&desk, 1, block(5, "b5"))], 13).unwrap().known, 1);
    // a late notice of the mempool changes nothing
    assert_eq!(desk.see(&[hit(&desk, 1, Seen::Mempool)], 14).unwrap().known, 1);
    let alert = only(&desk);
    assert_eq!((alert.stage, alert.block_height, alert.block_hash.as_deref()), (Stage::Block, Some(5), Some("b5")));
    assert_eq!((alert.units.as_deref(), alert.usd_cents, alert.version), (Some("5000"), Some(300), 2));
    assert_eq!(actions(&desk, alert.id), ["raised", "confirmed"]);
    // another transaction is another alert
    assert_eq!(desk.see(&[hit(&desk, 2, block(6, "b6"))], 15).unwrap().raised, 1);
}

#[test]
fn one_that_left_the_mempool_is_told_and_may_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![of_address("a")], 1).unwrap();
    desk.see(&[hit(&desk, 1, Seen::Mempool)], 10).unwrap();
    let txid = desk.waiting_txids("bitcoin").unwrap()[0];
    assert_eq!(desk.see_left("bitcoin", &[(txid, "replaced")], 11).unwrap().dropped, 1);
    assert_eq!(desk.see_left("bitcoin", &[(txid, "replaced")], 12).unwrap().dropped, 0);
    assert_eq!(only(&desk).stage, Stage::Dropped);
    desk.see(&[hit(&desk, 1, Seen::Mempool)], 13).unwrap();
    assert_eq!(only(&desk).stage, Stage::Mempool);
    assert_eq!(actions(&desk, only(&desk).id), ["raised", "dropped", "seen_again"]);
}

fn close(is_true: bool) -> Handling {
    Handling::Close { is_true, reason: "because".into() }
}

#[test]
fn people_take_turns_and_every_change_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![of_address("a")], 1).unwrap();
    desk.see(&[hit(&desk, 1, Seen::Mempool)], 10).unwrap();
    let id = only(&desk).id;
    let review = Handling::Review { reason: String::new() };
    let looked = desk.handle(id, &review, "amal", Some(1), 20).unwrap().alert;
    assert_eq!((looked.state, looked.version), (AlertState::InReview, 2));
    // who looked at the first version is too late
    let late = desk.handle(id, &close(true), "basim", Some(1), 21).unwrap_err();
    assert!(matches!(late, DeskError::Overtaken { expected: 1, found: 2, .. }), "{late}");
    desk.handle(id, &Handling::Assign { to: Some("basim".into()) }, "amal", None, 22).unwrap();
    desk.handle(id, &Handling::Note { text: "asked the exchange".into() }, "basim", None, 23).unwrap();
    let closed = desk.handle(id, &close(false), "basim", None, 24).unwrap();
    assert!(!closed.needs_second_person);
    assert_eq!(
        (closed.alert.state, closed.alert.reason.as_deref()),
        (AlertState::ClosedFalsePositive, Some("because"))
    );
    // closed is closed
    for what in [review, close(true), Handling::Escalate { reason: "x".into() }] {
        assert!(matches!(desk.handle(id, &what, "amal", None, 25), Err(DeskError::State { .. })), "{what:?}");
    }
    assert!(matches!(
        desk.handle(id, &Handling::Reopen { reason: " ".into() }, "amal", None, 26),
        Err(DeskError::Input { .. })
    ));
    desk.handle(id, &Handling::Reopen { reason: "a second payment".into() }, "amal", None, 27).unwrap();
    let entries = desk.alert_history(id, 0, 100).unwrap().rows;
    let told: Vec<_> =
        entries.iter().map(|e| (e.action.as_str(), e.actor.as_str(), e.to.as_str(), e.version)).collect();
    assert_eq!(
        told,
        [
            ("raised", "athar", "mempool", 1),
            ("state", "amal", "in_review", 2),
            ("assigned", "amal", "basim", 3),
            ("note", "basim", "", 4),
            ("state", "basim", "closed_false_positive", 5),
            ("state", "amal", "open", 6),
        ]
    );
    assert!(matches!(desk.handle(99, &close(true), "amal", None, 1), Err(DeskError::Unknown { .. })));
    assert!(matches!(desk.handle(id, &close(true), "athar", None, 1), Err(DeskError::Input { field: "actor", .. })));
    // nobody rewrites the history, not even with the file in hand
    let file = rusqlite::Connection::open(desk.path()).unwrap();
    assert!(file.execute("UPDATE alert_history SET actor = 'nobody'", []).is_err());
    assert!(file.execute("DELETE FROM alert_history", []).is_err());
}

#[test]
fn closing_a_severe_one_takes_two_people() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![NewWatch { severity: Level::Severe, ..of_address("a") }], 1).unwrap();
    desk.see(&[hit(&desk, 1, Seen::Mempool)], 10).unwrap();
    let id = only(&desk).id;
    let asked = desk.handle(id, &close(true), "amal", None, 20).unwrap();
    assert!(asked.needs_second_person);
    assert_eq!(asked.alert.state, AlertState::Open);
    assert_eq!(
        asked.alert.pending.as_ref().map(|p| (p.by.as_str(), p.state)),
        Some(("amal", AlertState::ClosedTruePositive))
    );
    // he himself is no second person, however he writes his name
    for same in ["amal", "Amal", " AMAL "] {
        assert!(matches!(desk.handle(id, &close(true), same, None, 21), Err(DeskError::State { .. })), "{same}");
    }
    // another who means something else does not confirm it
    assert!(matches!(desk.handle(id, &close(false), "basim", None, 22), Err(DeskError::State { .. })));
    assert_eq!(desk.alert_figures(22).unwrap().pending, 1);
    // taken back, asked for again, confirmed
    desk.handle(id, &Handling::Review { reason: String::new() }, "basim", None, 23).unwrap();
    assert!(only(&desk).pending.is_none());
    desk.handle(id, &close(false), "basim", None, 24).unwrap();
    let done = desk.handle(id, &close(false), "amal", None, 25).unwrap().alert;
    assert_eq!((done.state, done.pending.is_none()), (AlertState::ClosedFalsePositive, true));
    assert_eq!(done.reason.as_deref(), Some("basim: because; amal: because"));
    assert_eq!(actions(&desk, id), ["raised", "close_asked", "close_withdrawn", "state", "close_asked", "state"]);
}

#[test]
fn a_suppression_holds_back_until_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![of_address("a")], 1).unwrap();
    let new = |kind, value: &str, expires_at| NewSuppression {
        kind,
        value: value.into(),
        chain: None,
        reason: "our own wallet".into(),
        expires_at,
    };
    for (wrong, field) in [
        (new(SuppressionKind::Subject, &text_of("a"), 100), "expires_at"),
        (new(SuppressionKind::Subject, &text_of("a"), 100 + 400 * 86_400), "expires_at"),
        (new(SuppressionKind::Subject, "", 200), "value"),
        (NewSuppression { reason: " ".into(), ..new(SuppressionKind::Subject, "x", 200) }, "reason"),
    ] {
        match desk.suppress(&wrong, "amal", 100).unwrap_err() {
            DeskError::Input { field: found, .. } => assert_eq!(found, field),
            other => panic!("{other}"),
        }
    }
    assert!(matches!(
        desk.suppress(&new(SuppressionKind::Watch, "77", 200), "amal", 100),
        Err(DeskError::Unknown { .. })
    ));
    let id = desk.suppress(&new(SuppressionKind::Subject, &text_of("a"), 200), "amal", 100).unwrap();
    assert_eq!(desk.see(&[hit(&desk, 1, Seen::Mempool)], 150).unwrap().held_back, 1);
    let held = &desk.suppressions(0, 10).unwrap().rows[0];
    assert_eq!(
        (held.held_back, held.last_at, held.last_match.as_deref()),
        (1, Some(150), Some("01".repeat(32).as_str()))
    );
    // its time is over
    assert_eq!(desk.see(&[hit(&desk, 1, block(3, "b3"))], 200).unwrap().raised, 1);
    assert!(matches!(desk.lift(id, "amal", 201), Err(DeskError::Unknown { .. })), "it has ended already");
    // what was raised goes on whatever is held back
    let watch = desk.watches(None, 0, 1).unwrap().rows[0].id.to_string();
    let by_watch = desk.suppress(&new(SuppressionKind::Watch, &watch, 400), "amal", 300).unwrap();
    assert_eq!(desk.see(&[hit(&desk, 1, block(4, "b4"))], 301).unwrap().confirmed, 1);
    assert_eq!(desk.see(&[hit(&desk, 2, block(4, "b4"))], 302).unwrap().held_back, 1);
    desk.lift(by_watch, "basim", 303).unwrap();
    assert_eq!(desk.see(&[hit(&desk, 2, block(4, "b4"))], 304).unwrap().raised, 1);
}

#[test]
fn the_queue_comes_in_the_order_of_work_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![of_address("a")], 1).unwrap();
    let levels = [Level::Low, Level::Severe, Level::Medium, Level::Severe, Level::High, Level::Low];
    for (n, severity) in (1..).zip(levels) {
        let found = TxHit { severity, ..hit(&desk, n, Seen::Mempool) };
        // the last two are of another kind
        let kind = if n > 4 { WatchKind::Entity } else { found.kind };
        desk.see(&[TxHit { kind, ..found }], 100 + i64::from(n)).unwrap();
    }
    let ids = |filter: &AlertFilter| {
        let (mut ids, mut after) = (Vec::new(), Some(0));
        while let Some(from) = after {
            let page = desk.alerts(filter, from, 2).unwrap();
            assert!(page.next.is_none_or(|next| next < 1 << 53), "a reader of JSON keeps it");
            ids.extend(page.rows.iter().map(|alert| alert.id));
            after = page.next;
        }
        ids
    };
    let work = AlertFilter { order: AlertOrder::Work, ..AlertFilter::default() };
    assert_eq!(ids(&work), [2, 4, 5, 3, 1, 6]);
    assert_eq!(ids(&AlertFilter::default()), [1, 2, 3, 4, 5, 6]);
    assert_eq!(ids(&AlertFilter { kind: Some(WatchKind::Entity), ..work.clone() }), [5, 6]);
    assert_eq!(ids(&AlertFilter { kind: Some(WatchKind::Amount), ..work.clone() }), [0; 0]);
    let close = Handling::Close { is_true: false, reason: "not ours".into() };
    desk.handle(6, &close, "amal", Some(1), 200).unwrap();
    let review = Handling::Review { reason: String::new() };
    desk.handle(2, &review, "amal", Some(1), 201).unwrap();
    assert_eq!(ids(&AlertFilter { not_closed: true, ..work.clone() }), [2, 4, 5, 3, 1]);
    for order in AlertOrder::ALL {
        let closed = AlertFilter { state: Some(AlertState::ClosedFalsePositive), order, ..AlertFilter::default() };
        assert_eq!(ids(&closed), [6]);
        assert_eq!(ids(&AlertFilter { not_closed: true, ..closed }), [0; 0]);
    }
    assert_eq!(ids(&AlertFilter { not_closed: true, ..AlertFilter::default() }), [1, 2, 3, 4, 5]);
    assert_eq!(ids(&AlertFilter { state: Some(AlertState::Open), ..work.clone() }), [4, 5, 3, 1]);

    // a desk of the version before, with what is in it
    let path = desk.path().to_path_buf();
    drop(desk);
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP INDEX alerts_place; DROP INDEX alerts_state_place; DROP INDEX alerts_waiting_place; DROP INDEX alerts_waiting; ALTER TABLE alerts DROP COLUMN place;
         PRAGMA user_version = 2;",
    )
    .unwrap();
    drop(old);
    let desk = Desk::open(folder.path()).unwrap();
    let again: Vec<i64> = desk.alerts(&work, 0, 10).unwrap().rows.iter().map(|alert| alert.id).collect();
    assert_eq!(again, [2, 4, 5, 3, 1, 6]);
}

fn pattern(severity: Level, txids: &[u8]) -> PatternHit {
    PatternHit {
        pattern: "peel_chain".into(),
        rule_version: "1".into(),
        severity,
        chain: "bitcoin".into(),
        subject: text_of("a"),
        addresses: vec![text_of("a")],
        txids: txids.iter().map(|n| format!("{n:02x}").repeat(32)).collect(),
        units: Some(9_000),
        usd_cents: None,
        why: json!({ "hops": 7 }),
        snapshot: "s".into(),
    }
}

#[test]
fn a_pattern_that_grows_stays_one_alert_until_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let watch = NewWatch { severity: Level::Medium, ..NewWatch::new(WatchKind::Pattern, None, "peel_chain") };
    desk.add_watches("cases", vec![watch], 1).unwrap();
    let see = |hit: PatternHit, now| desk.see_patterns(&[hit], now).unwrap();
    assert_eq!(see(pattern(Level::Low, &[1]), 5).raised, 0, "below what is watched for");
    assert_eq!(see(PatternHit { pattern: "other".into(), ..pattern(Level::High, &[1]) }, 6).raised, 0);
    assert_eq!(see(pattern(Level::Medium, &[1, 2]), 7).raised, 1);
    assert_eq!(see(pattern(Level::Medium, &[1, 2]), 8).known, 1);
    assert_eq!(see(pattern(Level::High, &[1, 2, 3]), 9).raised, 0);
    let alert = only(&desk);
    assert_eq!(
        (alert.severity, alert.pattern.as_deref(), alert.txid.as_deref()),
        (Level::High, Some("peel_chain"), None)
    );
    let evidence: Value = serde_json::from_str(alert.evidence.get()).unwrap();
    assert_eq!((&evidence["txids_total"], &evidence["why"]["hops"]), (&json!(3), &json!(7)));
    assert_eq!(actions(&desk, alert.id), ["raised", "seen_more"]);
    desk.handle(alert.id, &close(false), "amal", None, 10).unwrap();
    assert_eq!(see(pattern(Level::High, &[1, 2, 3]), 11).raised, 0, "nothing new since it was closed");
    assert_eq!(see(pattern(Level::High, &[1, 2, 3, 4]), 12).raised, 1);
    let hold = NewSuppression {
        kind: SuppressionKind::Pattern,
        value: "peel_chain".into(),
        chain: None,
        reason: "too many".into(),
        expires_at: 100,
    };
    desk.suppress(&hold, "amal", 13).unwrap();
    assert_eq!(see(PatternHit { subject: text_of("b"), ..pattern(Level::High, &[9]) }, 14).held_back, 1);
}

/// A store whose chain is the first blocks, with entities.
fn store(folder: &Path, blocks: &[&str]) -> Store {
    let store = fixture::store(folder, &blocks.concat(), 3).unwrap();
    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    let settings = athar_entities::Settings::default();
    athar_entities::Forest::build(folder, &Disk::default(), &ledger, &settings, 1 << 28, &mut |_| {}).unwrap();
    store
}

fn see_blocks(desk: &Desk, store: &Path, now: i64) -> athar_desk::alert::Caught {
    let options = Options { chain: Some(Chain::Bitcoin), ..Options::default() };
    let matcher = Matcher::load(desk, Arc::new(Engine::open(store, &options).unwrap())).unwrap();
    desk.see_blocks(store, &matcher, &|| now, &mut || true).unwrap()
}

const FIRST: &str = "block\ncoinbase m0 -> p1 50\nblock\ncoinbase m1 -> p2 50\nblock\ncoinbase m2 -> p9 50\ntx t0: m0:0 m1:0 -> p3 90 p1 10\n";

#[test]
fn blocks_are_watched_from_where_they_were_left_and_a_reorganisation_is_told() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let desk = desk(&at("desk"));
    store(&at("one"), &[FIRST]);
    // one that paid together with p1 is of its entity
    let csv = format!("address,label,category,source,basis\n{},a name,scam,a source,complaint\n", text_of("p5"));
    for name in ["one", "two", "three", "four"] {
        if name != "one" {
            let more = match name {
                "two" => "block\ncoinbase m3 -> p9 50\ntx t1: m2:0 -> p2 20 p4 30\n",
                "three" => "block other\ncoinbase m3 -> p8 50\ntx t3: t0:0 -> p8 90\n",
                _ => {
                    "block other\ncoinbase m3 -> p8 50\ntx t3: t0:0 -> p8 90\nblock\ncoinbase m4 -> p8 50\ntx t1: m2:0 -> p2 20 p4 30\ntx t2: m3:0 -> p5 50\n"
                }
            };
            store(&at(name), &[FIRST, more]);
        }
        let file = home.path().join("labels.csv");
        std::fs::write(&file, &csv).unwrap();
        import_labels(&at(name), &[file], "2026-01-01".parse().unwrap(), None).unwrap();
    }
    let new = |kind, value: String| NewWatch::new(kind, Some(Chain::Bitcoin), value);
    let watches = vec![
        of_address("p4"),
        new(WatchKind::Entity, text_of("p1")),
        new(WatchKind::Category, "scam".into()),
        NewWatch { at_least_units: Some(90), ..new(WatchKind::Amount, String::new()) },
    ];
    desk.add_watches("cases", watches, 1).unwrap();
    // what was there before is not told
    let first = see_blocks(&desk, &at("one"), 10);
    assert_eq!((first.blocks, first.raised.raised, first.height), (0, 0, Some(2)));
    // p4 is paid, and p2, which is one with p1
    let second = see_blocks(&desk, &at("two"), 20);
    assert_eq!((second.blocks, second.raised.raised), (1, 2), "{second:?}");
    let alerts = desk.alerts(&AlertFilter::default(), 0, 10).unwrap().rows;
    assert_eq!(alerts[0].kind, WatchKind::Address);
    assert_eq!(
        (alerts[1].kind, alerts[1].units.as_deref(), &alerts[1].subject),
        (WatchKind::Entity, Some("20"), &text_of("p1"))
    );
    let evidence: Value = serde_json::from_str(alerts[1].evidence.get()).unwrap();
    assert_eq!(
        (&evidence["sides"][0]["via"], &evidence["sides"][0]["address"]),
        (&json!("entity"), &json!(text_of("p2")))
    );
    assert_eq!(alerts[1].snapshot.len(), 64);
    assert_eq!(see_blocks(&desk, &at("two"), 21).blocks, 0, "nothing new");
    // another branch without the payments: both are told, and the amount is met there
    let third = see_blocks(&desk, &at("three"), 30);
    assert_eq!((third.raised.reorged, third.raised.raised), (2, 1), "{third:?}");
    let reorged = AlertFilter { stage: Some(Stage::Reorged), ..AlertFilter::default() };
    assert_eq!(desk.alerts(&reorged, 0, 10).unwrap().rows.len(), 2);
    // and a block of it holds them again, and pays who is labelled
    let fourth = see_blocks(&desk, &at("four"), 40);
    assert_eq!((fourth.raised.confirmed, fourth.raised.raised), (2, 1), "{fourth:?}");
    assert_eq!(actions(&desk, alerts[0].id), ["raised", "reorged", "confirmed"]);
    let last = desk.alerts(&AlertFilter::default(), 0, 10).unwrap().rows.pop().unwrap();
    assert_eq!((last.kind, last.value.as_str()), (WatchKind::Category, "scam"));
    let evidence: Value = serde_json::from_str(last.evidence.get()).unwrap();
    assert_eq!(evidence["sides"][0]["named"], "a name");
    // the same found twice is the same to the byte
    let again = Desk::open(&at("again")).unwrap();
    again.add_watchlist("cases", "", "amal", 1).unwrap();
    again.add_watches("cases", vec![of_address("p4")], 1).unwrap();
    see_blocks(&again, &at("one"), 1);
    see_blocks(&again, &at("two"), 2);
    let twin = only(&again);
    assert_eq!((twin.snapshot, twin.evidence.get()), (alerts[0].snapshot.clone(), alerts[0].evidence.get()));
}

#[test]
fn an_alert_is_confirmed_though_its_watch_is_gone() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk(&home.path().join("desk"));
    store(&home.path().join("one"), &[FIRST]);
    see_blocks(&desk, &home.path().join("one"), 1);
    desk.add_watches("cases", vec![of_address("p4")], 1).unwrap();
    let two = store(&home.path().join("two"), &[FIRST, "block\ncoinbase m3 -> p9 50\ntx t1: m2:0 -> p4 50\n"]);
    let ledger = two.ledger(Chain::Bitcoin).unwrap().unwrap();
    let txid = ledger.txid(athar_types::TxNum(ledger.tx_count() - 1)).to_string();
    desk.see(&[TxHit { txid, ..hit(&desk, 1, Seen::Mempool) }], 10).unwrap();
    desk.remove_watchlist("cases").unwrap();
    assert_eq!(see_blocks(&desk, &home.path().join("two"), 20).raised.confirmed, 1);
    assert_eq!(only(&desk).stage, Stage::Block);
}

#[test]
fn a_full_disk_raises_nothing_by_halves() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![of_address("a")], 1).unwrap();
    let sink = NewSink { url: format!("jsonl://{}/out.jsonl", folder.path().display()), ..NewSink::default() };
    desk.add_sink(&sink, 1).unwrap();
    desk.limit_pages(110).unwrap();
    let mut stored = 0;
    let mut is_full = false;
    for n in 0..200 {
        let hits: Vec<TxHit> =
            (0..20).map(|k| TxHit { txid: format!("{:064x}", n * 20 + k), ..hit(&desk, 1, Seen::Mempool) }).collect();
        match desk.see(&hits, 2) {
            Ok(raised) => stored += raised.raised,
            Err(DeskError::Vault(VaultError::Full { .. })) => {
                is_full = true;
                break;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(is_full);
    desk.limit_pages(1_000_000).unwrap();
    let figures = desk.alert_figures(3).unwrap();
    assert_eq!(figures.alerts.iter().map(|c| c.count).sum::<u64>(), stored);
    assert_eq!(figures.queues[0].waiting, stored, "each alert has its delivery");
    assert_eq!(desk.verify().unwrap(), Vec::<String>::new());
}

#[test]
fn sinks_get_what_they_ask_for_and_one_that_is_down_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    desk.add_watches("cases", vec![of_address("a")], 1).unwrap();
    let path = folder.path().join("out.jsonl");
    let url = format!("jsonl://{}", path.display());
    let sink = |url: &str| NewSink { url: url.into(), ..NewSink::default() };
    desk.add_sink(&sink(&url), 1).unwrap();
    let severe = NewSink { least: Some(Level::Severe), ..sink("jsonl:-") };
    desk.add_sink(&severe, 1).unwrap();
    // nobody listens there: told, kept, and repeated later
    #[cfg(feature = "mail")]
    desk.add_sink(&sink("smtp://127.0.0.1:1?from=a@b.example&to=c@d.example&tls=none"), 1).unwrap();
    for wrong in ["jsonl:///no/such/folder/file", "https://example.org/hook", "smtp://nonsense", "gopher://x"] {
        assert!(matches!(desk.add_sink(&sink(wrong), 1), Err(DeskError::Input { field: "url", .. })), "{wrong}");
    }
    desk.see(&[hit(&desk, 1, Seen::Mempool)], 10).unwrap();
    desk.see(&[hit(&desk, 1, block(5, "b5"))], 11).unwrap();
    desk.handle(only(&desk).id, &Handling::Escalate { reason: "urgent".into() }, "amal", None, 12).unwrap();
    let sender = Sender::new(SenderSettings::default());
    let sent = desk.deliver(&sender, &|| 20, &mut || true).unwrap();
    assert_eq!(sent.delivered, 3);
    let lines: Vec<Value> =
        std::fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["event"]["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [EventKind::AlertRaised.name(), EventKind::AlertConfirmed.name(), EventKind::AlertChanged.name()]
    );
    assert!(lines.iter().all(|line| line["attempt"] == 1 && line["duplicate"] == false));
    assert_eq!(lines[2]["event"]["change"]["reason"], "urgent");
    assert_eq!(lines[0]["event"]["alert"]["stage"], "mempool");
    #[cfg(feature = "mail")]
    {
        assert_eq!(sent.failed, 1);
        let waiting = desk.deliveries("waiting", 0, 10).unwrap().rows;
        assert_eq!((waiting.len(), waiting[0].begun, waiting[0].attempts), (3, 1, 1));
        assert!(waiting[0].error.as_ref().unwrap().to_lowercase().contains("conn"), "{:?}", waiting[0].error);
        assert_eq!(waiting[1].begun, 0, "the rest was not begun");
        assert!(waiting.iter().all(|delivery| delivery.subject == -only(&desk).id));
    }
    let figures = desk.alert_figures(30).unwrap();
    assert_eq!(figures.queues[0].transport, "lines");
    assert_eq!(figures.queues[1].waiting, 0, "none of them is severe");
    assert_eq!(figures.oldest_open_at, Some(10));
}

#[test]
fn a_list_takes_a_file_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let file = folder.path().join("watch.csv");
    let like = NewWatch::new(WatchKind::Address, Some(Chain::Bitcoin), "");
    let lines: Vec<String> = (0..500).map(|n| text_of(&format!("p{n}"))).collect();
    std::fs::write(&file, format!("{}\nnonsense\n", lines.join("\n"))).unwrap();
    let wrong = desk.import_watches("cases", &file, &like, 1).unwrap_err();
    assert!(wrong.to_string().contains("watch.csv line 501: "), "{wrong}");
    assert_eq!(desk.watchlists().unwrap()[0].watches, 0);
    let before = desk.watch_revision().unwrap();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let done = desk.import_watches("cases", &file, &like, 1).unwrap();
    assert_eq!((done.lines, done.added, done.known), (500, 500, 0));
    assert_ne!(desk.watch_revision().unwrap(), before);
    let again = desk.import_watches("cases", &file, &like, 2).unwrap();
    assert_eq!((again.added, again.known), (0, 500));
    assert!(matches!(desk.import_watches("other", &file, &like, 1), Err(DeskError::Unknown { .. })));
    assert!(matches!(
        desk.import_watches("cases", &folder.path().join("none"), &like, 1),
        Err(DeskError::Vault(VaultError::Io { .. }))
    ));
    assert_eq!(desk.watches(Some("cases"), 0, 1_000).unwrap().rows.len(), 500);
    desk.remove_watch(1).unwrap();
    assert!(matches!(desk.remove_watch(1), Err(DeskError::Unknown { .. })));
    assert_eq!(desk.remove_watchlist("cases").unwrap(), 499);
    for wrong in ["", " x", "a/b", "a\nb"] {
        assert!(
            matches!(desk.add_watchlist(wrong, "", "amal", 1), Err(DeskError::Input { field: "name", .. })),
            "{wrong:?}"
        );
    }
}
