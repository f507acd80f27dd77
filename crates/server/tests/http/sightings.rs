//! One document looked at, what was recorded, and what became of it.

use crate::client::{Answer, ask, get, post};
use crate::reads::copy;
use crate::world::{Service, settings, shared, start, world};
use athar_server::keys::{self, Scope};
use athar_server::{BODY_BYTES_MAX, FINDS_MAX, Limits, Settings};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// The address of Bitcoin's first block.
const ADDRESS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
/// The example of the standard, and of every textbook.
const IBAN: &str = "DE89370400440532013000";
const IBAN_SPACED: &str = "DE89 3704 0044 0532 0130 00";

/// A page of a group that does not exist, with an account number where it is wanted least: in its title too.
fn page(addresses: &[&str]) -> String {
    format!(
        "<html><head><meta charset=utf-8><title>Konto {IBAN_SPACED}</title></head><body>\
         <p>تطلب كتائب وادي القمر من كل قادر أن يحوّل ما يستطيع من البيتكوين إلى العنوان التالي: {}</p>\
         <p>Send money for our fighters at the front. Bank account: IBAN {IBAN_SPACED}, mail funds@moonvalley.example</p>\
         </body></html>",
        addresses.join(" ")
    )
}

/// A service over a store of its own, in which nothing was recorded yet.
fn fresh() -> (TempDir, PathBuf, Service) {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    let service = start(settings(&store));
    (folder, store, service)
}

fn send(at: SocketAddr, query: &str, body: &[u8]) -> Answer {
    ask(at, "POST", &format!("/v1/discover{query}"), &[("content-type", "text/html")], body)
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a Vec<Value> {
    answer[name].as_array().unwrap_or_else(|| panic!("no {name}: {answer:#}"))
}

/// Fails where an account number or an address of a mail box is told.
fn assert_masked(what: &str, answer: &Answer) {
    let text = answer.text();
    for personal in [IBAN, IBAN_SPACED, "0532 0130", "funds@moonvalley"] {
        assert!(!text.contains(personal), "{what} tells {personal}: {text}");
    }
}

#[test]
fn what_is_recorded_is_read_back_by_every_route_and_nothing_personal_is_told() {
    let (_folder, _store, service) = fresh();
    let at = service.address;
    // nothing was ever recorded: lists are empty, one thing is not there
    for (path, name) in
        [("/v1/sightings", "sightings"), ("/v1/sightings/custody", "page"), ("/v1/campaigns", "campaigns")]
    {
        let answer = get(at, path);
        assert_eq!((answer.status, list(&answer.json(), name).len(), answer.next()), (200, 0, None), "{path}");
    }
    for path in ["/v1/sightings/items/1", "/v1/campaigns/0123456789abcdef"] {
        assert_eq!(get(at, path).code(), "not_found", "{path}");
    }

    // looked at and not recorded
    let told = send(at, "?excerpts=true&name=page.html", page(&[ADDRESS]).as_bytes());
    assert_eq!(told.status, 200, "{}", told.text());
    assert_masked("discover", &told);
    let answer = told.json();
    let find = |kind: &str| list(&answer, "finds").iter().find(|f| f["type"] == kind).unwrap().clone();
    let (address, iban) = (find("address"), find("iban"));
    assert_eq!(
        (&address["value"], &address["chain"], &address["valid"]),
        (&ADDRESS.into(), &"bitcoin".into(), &true.into())
    );
    assert_eq!(
        (&address["masked"], &iban["masked"], &address["file"]),
        (&false.into(), &true.into(), &"page.html".into())
    );
    assert_eq!(address["solicitation"]["solicits"], true, "{address:#}");
    assert!(address["excerpt"].as_str().unwrap().contains("البيتكوين"), "{address:#}");
    assert_eq!((&answer["summary"]["recorded"], &answer["finds_truncated"]), (&false.into(), &false.into()));
    assert_eq!(answer["summary"]["finds"], list(&answer, "finds").len());
    assert_eq!(list(&get(at, "/v1/sightings").json(), "sightings").len(), 0);

    // recorded
    let kept = send(at, "?record=true&name=page.html", page(&[ADDRESS]).as_bytes()).json();
    assert_eq!(kept["summary"]["recorded"], true);
    let all = get(at, "/v1/sightings");
    assert_masked("sightings", &all);
    let seen = all.json();
    assert_eq!(list(&seen, "sightings").len(), list(&kept, "finds").len());
    let of = |query: &str| list(&get(at, &format!("/v1/sightings?{query}")).json(), "sightings").len();
    assert_eq!(of(&format!("value={ADDRESS}")), 1);
    assert_eq!(of(&format!("value={ADDRESS}&chain=bitcoin&kind=address&file=page.html&min_score=1")), 1);
    for none in ["chain=tron", "kind=card", "file=other.html", "to=2020-01-01", "from=2100-01-01", "site=a.example"] {
        assert_eq!(of(none), 0, "{none}");
    }
    assert!(of("from=2020-01-01&to=2100-01-01") > 0);
    // asked for by its number an account is found, and told masked
    let account = get(at, &format!("/v1/sightings?value={IBAN}"));
    assert_masked("sightings by value", &account);
    assert_eq!(list(&account.json(), "sightings")[0]["masked"], true);

    // the same document again takes the place of its first reading, which is kept
    assert_eq!(send(at, "?record=true&name=page.html", page(&[ADDRESS]).as_bytes()).status, 200);
    assert_eq!(of(&format!("value={ADDRESS}")), 1);
    let first = list(&seen, "sightings")[0]["item"].as_u64().unwrap();
    assert!(get(at, &format!("/v1/sightings/items/{first}")).json()["superseded_by"].is_u64());
    let seen = get(at, "/v1/sightings").json();

    // page by page
    let (mut path, mut ids) = (Some("/v1/sightings?limit=1".to_owned()), Vec::new());
    while let Some(next) = path {
        let answer = get(at, &next);
        ids.extend(list(&answer.json(), "sightings").iter().map(|s| s["id"].as_u64().unwrap()));
        path = answer.next();
    }
    let wanted: Vec<u64> = list(&seen, "sightings").iter().map(|s| s["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, wanted);

    let item = seen["sightings"][0]["item"].as_u64().unwrap();
    let whole = get(at, &format!("/v1/sightings/items/{item}"));
    assert_masked("item", &whole);
    assert_eq!(
        (&whole.json()["file"], &whole.json()["kind"]),
        (&"page.html".into(), &"html".into()),
        "{}",
        whole.text()
    );
    assert_eq!(list(&whole.json(), "sightings").len(), wanted.len());
    assert!(!list(&whole.json(), "custody").is_empty());
    let custody = get(at, "/v1/sightings/custody");
    assert_masked("custody", &custody);
    assert_eq!(
        (custody.json()["wrong"].as_array().map(Vec::len), custody.json()["page"][0]["action"].as_str()),
        (Some(0), Some("recorded")),
        "{}",
        custody.text()
    );

    let campaigns = get(at, "/v1/campaigns");
    assert_masked("campaigns", &campaigns);
    let campaigns = campaigns.json();
    assert_eq!((&campaigns["total"], &campaigns["campaigns"][0]["addresses"][0]), (&1.into(), &ADDRESS.into()));
    let id = campaigns["campaigns"][0]["id"].as_str().unwrap();
    for named in [id, ADDRESS] {
        let campaign = get(at, &format!("/v1/campaigns/{named}"));
        assert_masked("campaign", &campaign);
        let campaign = campaign.json();
        assert_eq!(
            (campaign["id"].as_str(), campaign["chain_addresses"][0]["address"].as_str()),
            (Some(id), Some(ADDRESS))
        );
    }
}

#[test]
fn a_campaign_tells_what_its_addresses_received_and_keeps_its_id_when_it_grows() {
    let (_folder, _store, service) = fresh();
    let at = service.address;
    let on_chain = world().listed.as_str();
    let record = |name: &str, addresses: &[&str]| {
        let told = send(at, &format!("?record=true&test_networks=true&name={name}"), page(addresses).as_bytes());
        assert_eq!(told.status, 200, "{}", told.text());
    };
    record("first.html", &[on_chain]);
    let campaign = get(at, &format!("/v1/campaigns/{on_chain}")).json();
    let row = &campaign["chain_addresses"][0];
    assert_eq!(
        (row["address"].as_str(), row["chain"].as_str(), &row["unknown"]),
        (Some(on_chain), Some("bitcoin"), &Value::Null),
        "{campaign:#}"
    );
    assert!(row["on_chain"]["received"]["total"]["count"].as_u64().is_some_and(|count| count > 0), "{campaign:#}");
    assert_eq!(campaign["received"]["subjects"], 1, "{campaign:#}");

    // pages of campaigns are of one state of what was recorded
    record("second.html", &[on_chain, ADDRESS]);
    record("third.html", &["12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX"]);
    let id = campaign["id"].as_str().unwrap();
    let grown = get(at, &format!("/v1/campaigns/{id}"));
    assert_eq!(grown.status, 200, "{}", grown.text());
    assert!(list(&grown.json(), "addresses").len() >= 2, "{}", grown.text());
    let first = get(at, "/v1/campaigns?limit=1");
    if let Some(next) = first.next() {
        assert_eq!(get(at, &next).status, 200);
        record("fourth.html", &[ADDRESS]);
        assert_eq!(get(at, &next).code(), "cursor_expired");
    } else {
        assert_eq!(first.json()["total"], 1);
    }
}

#[test]
fn what_cannot_be_looked_at_is_refused_by_name() {
    let send = |query: &str, media: &str, body: &[u8]| {
        ask(shared(), "POST", &format!("/v1/discover{query}"), &[("content-type", media)], body)
    };
    assert_eq!(send("", "text/plain", b"").code(), "body_invalid");
    assert_eq!(send("", "video/mp4", b"x").code(), "media_type_unsupported");
    assert_eq!(send(&format!("?name={}", "n".repeat(2_000)), "text/plain", b"x").code(), "parameter_invalid");
    assert_eq!(send("?record=yes", "text/plain", b"x").code(), "parameter_invalid");
    assert_eq!(send("?unmasked=true", "text/plain", b"x").code(), "parameter_unknown");
    assert_eq!(send("?min_score=101", "text/plain", b"x").code(), "parameter_invalid");
    assert_eq!(send("", "text/plain", &vec![b'x'; BODY_BYTES_MAX + 1]).code(), "body_too_large");
    let of = |path: &str| get(shared(), path).code();
    assert_eq!(of("/v1/sightings?chain=nowhere"), "parameter_invalid");
    assert_eq!(of("/v1/sightings?limit=1001"), "parameter_invalid");
    assert_eq!(of("/v1/sightings?unmasked=true"), "parameter_unknown");
    assert_eq!(of("/v1/sightings/items/none"), "target_invalid");
    assert_eq!(of("/v1/sightings/items/99999999"), "not_found");
    assert_eq!(of("/v1/sightings/items/99999999999999999999999"), "target_invalid");
    assert_eq!(of("/v1/campaigns/none"), "not_found");
    assert_eq!(get(shared(), "/v1/sightings?chain=ton").status, 200);
    // a document that is none: told, and the next one is answered
    let broken = send("?name=a.zip", "application/zip", b"PK\x03\x04 and nothing that belongs to it");
    assert_eq!(broken.status, 200, "{}", broken.text());
    assert!(!list(&broken.json(), "problems").is_empty(), "{}", broken.text());
    assert_eq!(broken.json()["summary"]["finds"], 0);
    // the media type tells nothing: content does
    let told = send("", "application/octet-stream", page(&[ADDRESS]).as_bytes()).json();
    let file = told["finds"][0]["file"].as_str().unwrap();
    assert!(file.starts_with("upload-") && told["finds"].to_string().contains(ADDRESS), "{told:#}");
}

#[test]
fn finds_beyond_the_bound_are_counted() {
    // many in one passage: it is judged once
    let paragraph = format!("{}\n\n", vec![ADDRESS; 16].join(" "));
    let count = FINDS_MAX + 16;
    let limits = Limits { request_time: Duration::from_secs(600), ..Limits::for_workers(2) };
    let service = start(Settings { limits, ..settings(&world().store) });
    let told = ask(
        service.address,
        "POST",
        "/v1/discover",
        &[("content-type", "text/plain")],
        paragraph.repeat(count / 16).as_bytes(),
    );
    assert_eq!(told.status, 200, "{}", told.text());
    let told = told.json();
    assert_eq!(list(&told, "finds").len(), FINDS_MAX);
    assert_eq!((&told["summary"]["finds"], &told["finds_truncated"]), (&count.into(), &true.into()));
}

#[test]
fn a_key_that_may_only_read_records_nothing_and_who_recorded_is_kept() {
    let (folder, store, mut open) = fresh();
    open.stop();
    let file = folder.path().join("keys.json");
    let now = keys::now_s();
    let (_, reader) = keys::add(&file, "reader", &[Scope::Read], 1, now).unwrap();
    let (writer_key, writer) = keys::add(&file, "writer", &[Scope::Read, Scope::Write], 1, now).unwrap();
    let (_, screener) = keys::add(&file, "screener", &[Scope::Screen], 1, now).unwrap();
    let service = start(Settings { keys: Some(file), ..settings(&store) });
    let with = |key: &str, method: &str, path: &str| {
        let body = if method == "POST" { page(&[ADDRESS]) } else { String::new() };
        ask(service.address, method, path, &[("x-api-key", key), ("content-type", "text/html")], body.as_bytes())
    };
    assert_eq!(with(&reader, "POST", "/v1/discover").status, 200);
    assert_eq!(with(&reader, "POST", "/v1/discover?record=false").status, 200);
    assert_eq!(with(&reader, "POST", "/v1/discover?record=true").code(), "scope_missing");
    assert_eq!(list(&with(&reader, "GET", "/v1/sightings").json(), "sightings").len(), 0);
    for path in ["/v1/sightings", "/v1/sightings/items/1", "/v1/sightings/custody", "/v1/campaigns", "/v1/campaigns/x"]
    {
        assert_eq!(with(&screener, "GET", path).code(), "scope_missing", "{path}");
        assert_eq!(get(service.address, path).code(), "unauthenticated", "{path}");
    }
    assert_eq!(with(&screener, "POST", "/v1/discover").code(), "scope_missing");
    assert_eq!(with(&writer, "POST", "/v1/discover?record=true").status, 200);
    let custody = with(&reader, "GET", "/v1/sightings/custody").json();
    assert_eq!(custody["page"][0]["operator"], format!("key {}", writer_key.id), "{custody:#}");
    let log = service.log.text();
    assert!(!log.contains(ADDRESS) && !log.contains("record=") && log.contains("\"/v1/discover\""), "{log}");
}

#[test]
fn a_document_that_takes_too_long_is_ended_and_leaves_nothing() {
    let (_folder, store, mut open) = fresh();
    open.stop();
    let limits = Limits { running_max: 1, request_time: Duration::from_millis(300), ..Limits::for_workers(2) };
    let service = start(Settings { limits, ..settings(&store) });
    let long = format!("{ADDRESS} again\n").repeat(BODY_BYTES_MAX / 50);
    let late = send(service.address, "?record=true&name=long.txt", long.as_bytes());
    assert_eq!((late.code().as_str(), late.header("retry-after")), ("time_limit", Some("5")));
    // it stops at the sign, so its place is free again, and what was not read to its end is not there
    let begun = std::time::Instant::now();
    let answer = loop {
        let answer = get(service.address, "/v1/sightings?file=long.txt");
        if answer.status == 200 || begun.elapsed() > Duration::from_secs(120) {
            break answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!((answer.status, list(&answer.json(), "sightings").len()), (200, 0), "{}", answer.text());
}

#[test]
fn a_damaged_store_of_sightings_is_told_and_the_rest_is_answered() {
    let (_folder, store, service) = fresh();
    let at = service.address;
    assert_eq!(send(at, "?record=true", page(&[ADDRESS]).as_bytes()).status, 200);
    for file in std::fs::read_dir(store.join("sightings")).unwrap().map(Result::unwrap) {
        std::fs::write(file.path(), b"nothing that a database begins with, and long enough to be read as one").unwrap();
    }
    for path in ["/v1/sightings", "/v1/sightings/items/1", "/v1/sightings/custody", "/v1/campaigns", "/v1/campaigns/x"]
    {
        let answer = get(at, path);
        assert_eq!(answer.code(), "sightings_unavailable", "{path}");
        assert!(!answer.text().contains(store.to_str().unwrap()), "{path}: {}", answer.text());
    }
    assert_eq!(send(at, "?record=true", page(&[ADDRESS]).as_bytes()).code(), "sightings_unavailable");
    assert_eq!(send(at, "", page(&[ADDRESS]).as_bytes()).status, 200);
    assert_eq!(post(at, "/v1/screenings", &serde_json::json!({ "value": ADDRESS }).to_string()).status, 200);
}

#[test]
fn a_picture_that_says_an_account_number_is_told_masked() {
    let (_folder, _store, service) = fresh();
    let picture = athar_documents::fixture_pictures::png_with_qr(&format!("{ADDRESS} IBAN {IBAN}"));
    let told = ask(
        service.address,
        "POST",
        "/v1/discover?record=true&excerpts=true&name=poster.png",
        &[("content-type", "image/png")],
        &picture,
    );
    assert_masked("discover", &told);
    let told = told.json();
    let code = list(&told, "finds").iter().find(|f| f["type"] == "qr").unwrap();
    assert_eq!(
        (code["masked"].as_bool(), code["value"].as_str()),
        (Some(true), Some("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa IBAN [masked]"))
    );
    let seen = get(service.address, "/v1/sightings?kind=qr");
    assert_masked("sightings", &seen);
    let seen = seen.json();
    let code = &list(&seen, "sightings")[0];
    assert_eq!(
        (code["masked"].as_bool(), code["value"].as_str().map(|v| v.contains(ADDRESS))),
        (Some(true), Some(true)),
        "{code:#}"
    );
    // what else a code says is told as it is
    let plain = athar_documents::fixture_pictures::png_with_qr(ADDRESS);
    let told = ask(service.address, "POST", "/v1/discover", &[("content-type", "image/png")], &plain).json();
    let code = list(&told, "finds").iter().find(|f| f["type"] == "qr").unwrap();
    assert_eq!((code["masked"].as_bool(), code["value"].as_str()), (Some(false), Some(ADDRESS)));
}
