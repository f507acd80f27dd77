//! The reading routes, page by page, and across a change of the store.

use crate::client::{ask, get};
use crate::world::{settings, shared, start, world};
use athar_engine::read::LabelsOf;
use athar_engine::{Engine, Options};

#[test]
fn pages_follow_one_another_until_all_rows_were_given_once() {
    let engine = Engine::open(&world().store, &Options::default()).unwrap();
    let all = engine.labels(None, LabelsOf::InUse, 0, 10_000).unwrap().labels;
    let (mut path, mut seen, mut pages) = (Some("/v1/labels?limit=7".to_string()), Vec::new(), 0);
    while let Some(next) = path {
        let answer = get(shared(), &next);
        assert_eq!(answer.status, 200, "{next}: {}", answer.text());
        let rows = answer.json()["labels"].as_array().unwrap().clone();
        assert!(rows.len() <= 7);
        seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        path = answer.next();
        pages += 1;
    }
    assert_eq!(seen, all.iter().map(|label| label.id.clone()).collect::<Vec<_>>());
    assert_eq!(pages, all.len().div_ceil(7));
}

#[test]
fn a_cursor_is_of_its_question_and_of_its_state_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    let service = start(settings(&store));
    let next = get(service.address, "/v1/labels?limit=2").next().unwrap();
    assert_eq!(get(service.address, &next).status, 200);
    assert_eq!(get(service.address, &format!("{next}&of=all")).code(), "cursor_other_question");
    assert_eq!(
        get(service.address, &next.replace("/v1/labels?", "/v1/labels/conflicts?")).code(),
        "cursor_other_question"
    );
    let mut changed = next.clone();
    let last = if changed.pop() == Some('A') { 'Q' } else { 'A' };
    changed.push(last);
    assert_eq!(get(service.address, &changed).code(), "cursor_invalid");

    // a new label: the old state answers until the new one is there, then cursors of the old one are refused
    let before = get(service.address, "/v1/labels?limit=1").json()["total"].as_u64().unwrap();
    let file = folder.path().join("more.csv");
    std::fs::write(&file, format!("address,label,category,source\n{},another,exchange,me\n", world().tied[0])).unwrap();
    athar_engine::write::import_labels(&store, &[file], athar_engine::Day(20_001), None).unwrap();
    for _ in 0..200 {
        if get(service.address, "/v1/labels?limit=1").json()["total"] != before {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(get(service.address, "/v1/labels?limit=1").json()["total"], before + 1);
    assert_eq!(get(service.address, &next).code(), "cursor_expired");
    assert!(service.log.text().contains("store_changed"));
}

pub(crate) fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        // other tests record meanwhile, and SQLite's files beside a database come and go
        if item.file_name() == "sightings" {
            continue;
        }
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copy(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
        }
    }
}

#[test]
fn what_is_not_there_and_what_is_not_asked_rightly_are_told_apart() {
    let of = |path: &str| get(shared(), path).code();
    assert_eq!(of("/v1/address/bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"), "not_found");
    assert_eq!(of(&format!("/v1/tx/{}", "0".repeat(64))), "not_found");
    assert_eq!(of("/v1/address/nonsense"), "target_invalid");
    assert_eq!(of("/v1/address/x?chain=litecoin"), "store_empty");
    assert_eq!(of("/v1/status?colour=red"), "parameter_unknown");
    assert_eq!(of("/v1/explain?a=x"), "parameter_missing");
    assert_eq!(of("/v1/prices/day/2020-02-30"), "target_invalid");
    assert_eq!(of("/v1/lists/diff?old=people&new=/etc/passwd"), "not_found");
    assert_eq!(of("/v1/lists/none/entries/1"), "not_found");
    assert_eq!(of("/v1/lists/people/entries/9"), "not_found");
    assert_eq!(of("/v1/names/screen?name=x&born=never"), "parameter_invalid");
    assert_eq!(of("/v1/mempool"), "not_found");
    assert_eq!(of("/v1/nothing"), "no_such_route");
    assert_eq!(of("/problems/none"), "not_found");
    let diff = get(shared(), "/v1/lists/diff?old=people%402020-01-01&new=people");
    assert_eq!((diff.status, diff.json()["added"].as_array().map(Vec::len)), (200, Some(1)), "{}", diff.text());
}

#[test]
fn tables_are_asked_for_by_their_media_type() {
    let table = ask(shared(), "GET", "/v1/labels?limit=3", &[("accept", "text/csv")], b"");
    assert_eq!((table.status, table.header("content-type")), (200, Some("text/csv")));
    assert_eq!(table.text().lines().count(), 4);
    assert!(table.text().starts_with("id,subject,kind,chain,label,category"), "{}", table.text());
    assert!(table.next().is_some());
    assert_eq!(ask(shared(), "GET", "/v1/status", &[("accept", "text/csv")], b"").code(), "not_acceptable");
}

#[test]
fn other_methods_are_answered_as_http_wants() {
    let head = ask(shared(), "HEAD", "/v1/labels/taxonomy", &[], b"");
    let whole = get(shared(), "/v1/labels/taxonomy");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), whole.header("content-length"));
    for method in ["OPTIONS", "PUT", "TRACE", "BREW"] {
        let answer = ask(shared(), method, "/v1/status", &[], b"");
        assert_eq!(
            (answer.code().as_str(), answer.header("allow")),
            ("method_not_allowed", Some("GET,HEAD")),
            "{method}"
        );
    }
    assert!(get(shared(), "/v1/status").header("access-control-allow-origin").is_none());
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    for path in [
        format!("/v1/screen?target={}", world().listed),
        format!("/v1/trace/{}?hops=5", world().txid),
        format!("/v1/screenings?value={}", world().listed),
    ] {
        let (first, second) = (get(shared(), &path), get(shared(), &path));
        assert_eq!(first.status, 200, "{}", first.text());
        assert!(first.body == second.body, "{path}");
    }
}
