//! Cases as their clients see them: on this machine, and as people of a team.

use crate::client::{Answer, ask, get, post};
use crate::reads::copy;
use crate::team::CHEAP;
use crate::world::{Service, settings, start, world};
use athar_server::routes::Route;
use athar_server::{DatabaseUrl, People, Settings};
use athar_team::{Actor, NewPassword, NewUser, Role, Team};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use tempfile::TempDir;

const SECRET: &str = "Zarqa4711";
const PASSWORD: &str = "a long enough pass phrase 7";

/// A service with a database of its own, over the store that all tests share.
struct Desk {
    _folder: TempDir,
    service: Service,
}

impl Desk {
    fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = start(with_team(folder.path(), &world().store));
        Self { _folder: folder, service }
    }

    fn address(&self) -> SocketAddr {
        self.service.address
    }

    fn case(&self, title: &str) -> i64 {
        let made = post(self.address(), "/v1/cases", &json!({ "title": title }).to_string());
        assert_eq!(made.status, 201, "{}", made.text());
        let id = made.json()["id"].as_i64().unwrap();
        assert_eq!(made.header("location"), Some(format!("/v1/cases/{id}").as_str()));
        id
    }
}

fn with_team(folder: &Path, store: &Path) -> Settings {
    let team = Some(DatabaseUrl(folder.join("team.sqlite").display().to_string()));
    let people = People { team, hash: CHEAP, logins_per_minute: 10_000, ..People::default() };
    Settings { people, ..settings(store) }
}

/// A case with one item of each kind: subject 1, note 2, finding 3, task 4, link 5, graph 6, attachment 7.
fn furnished(address: SocketAddr) -> i64 {
    let case = send(address, "POST", "/v1/cases", &json!({ "title": "Furnished" })).json()["id"].as_i64().unwrap();
    for (at, (kind, _)) in KINDS.iter().enumerate() {
        let added = send(address, "POST", &format!("/v1/cases/{case}/{kind}"), &body_of(kind));
        assert_eq!((added.status, added.json()["id"].as_u64()), (201, Some(at as u64 + 1)), "{}", added.text());
    }
    let path = format!("/v1/cases/{case}/attachments?name=a.bin");
    assert_eq!(ask(address, "POST", &path, &[], b"bytes").status, 201);
    case
}

/// Kinds by their paths, and as routes are called by them.
const KINDS: [(&str, &str); 6] = [
    ("subjects", "Subject"),
    ("notes", "Note"),
    ("findings", "Finding"),
    ("tasks", "Task"),
    ("links", "Link"),
    ("graphs", "Graph"),
];

fn body_of(kind: &str) -> Value {
    match kind {
        "subjects" => json!({ "kind": "person", "value": "Some Body" }),
        "notes" => json!({ "text": "a note" }),
        "findings" => json!({ "statement": "s", "path": "/v1/status", "pinned": { "a": 1 } }),
        "tasks" => json!({ "text": "ask", "due": "2027-01-31" }),
        "links" => json!({ "elsewhere": "file 7 of the other office", "why": "the same coupons" }),
        _ => json!({ "name": "Flows", "document": { "nodes": [] } }),
    }
}

/// A good question to each route of cases: path with query, and body.
pub(crate) fn good(route: &Route, address: SocketAddr) -> Option<(String, Value)> {
    if !matches!(route.tag, "cases") {
        return None;
    }
    let mut path = route.path.replace("{case}", &furnished(address).to_string());
    let mut body = Value::Null;
    for (at, (kind, name)) in KINDS.iter().enumerate() {
        if route.id.ends_with(name) || route.id.ends_with(&format!("{name}s")) || route.id == "checkCaseFinding" {
            let id = if route.id == "checkCaseFinding" { 3 } else { at + 1 };
            path = path.replace("{id}", &id.to_string());
        }
        if route.id == format!("addCase{name}") {
            body = body_of(kind);
        } else if route.id == format!("changeCase{name}") {
            body = json!({ "version": 1, "body": body_of(kind) });
        } else if route.id == format!("removeCase{name}") {
            path.push_str("?version=1");
        }
    }
    match route.id {
        "makeCase" => body = json!({ "title": "Of a test", "humanitarian": { "flag": true, "note": "a clinic" } }),
        "changeCase" => body = json!({ "version": 1, "state": "review", "retention_until": "2027-01-31" }),
        "purgeCase" => path.push_str("?version=1"),
        "putCaseMember" | "removeCaseMember" => {
            let name = format!("member{path}").replace('/', ".");
            let user = json!({ "name": name, "role": "analyst" });
            let user = send(address, "POST", "/v1/users", &user).json()["user"]["id"].clone();
            path = path.replace("{user}", &user.to_string());
            body = json!({ "role": "reader" });
            if route.id == "removeCaseMember" {
                assert_eq!(send(address, "PUT", &path, &body).status, 200);
                body = Value::Null;
            }
        }
        "addCaseAttachment" => {
            path.push_str("?name=b.bin");
            body = json!("bytes");
        }
        "caseAttachment" | "removeCaseAttachment" => path = path.replace("{id}", "7"),
        "caseChange" => path = path.replace("{seq}", "2"),
        "undoCaseChange" => body = json!({}),
        "redoCaseChange" => {
            let undo = path.replace("/redo", "/undo");
            assert_eq!(send(address, "POST", &undo, &json!({})).status, 200);
        }
        "deconfliction" => path.push_str("?kind=person&value=Some%20Body"),
        "cases" => path.push_str("?limit=2&state=open&q=furn&mine=true"),
        "tasks" => path.push_str("?mine=true"),
        _ => {}
    }
    Some((path, body))
}

/// The file of an exported case.
pub(crate) fn exported(address: SocketAddr) -> Vec<u8> {
    get(address, &format!("/v1/cases/{}/export", furnished(address))).body
}

fn send(address: SocketAddr, method: &str, path: &str, body: &Value) -> Answer {
    ask(address, method, path, &[("content-type", "application/json")], body.to_string().as_bytes())
}

#[test]
fn a_case_lives_from_its_making_to_its_purge() {
    let desk = Desk::local();
    let address = desk.address();
    let case = desk.case("القسائم");
    let path = |rest: &str| format!("/v1/cases/{case}{rest}");

    // a subject, in its canonical text
    let subject = json!({ "kind": "address", "chain": "bitcoin", "value": world().listed, "note": "named on a list" });
    let added = send(address, "POST", &path("/subjects"), &subject);
    assert_eq!((added.status, &added.json()["also_in"]), (201, &json!([])), "{}", added.text());
    assert_eq!(added.header("location").unwrap(), path("/subjects/1"));
    let again = send(address, "POST", &format!("/v1/cases/{}/subjects", desk.case("Another")), &subject);
    assert_eq!(again.json()["also_in"][0]["case"], case);

    // two versions of a note, one of them stale
    send(address, "POST", &path("/notes"), &json!({ "text": "<script>alert(1)</script>" }));
    let changed = send(address, "PUT", &path("/notes/2"), &json!({ "version": 1, "body": { "text": "second" } }));
    assert_eq!((changed.status, &changed.json()["version"]), (200, &json!(2)));
    let stale = send(address, "PUT", &path("/notes/2"), &json!({ "version": 1, "body": { "text": "third" } }));
    assert_eq!((stale.status, stale.code().as_str()), (409, "version_conflict"));
    assert_eq!(stale.json()["current"]["body"]["text"], "second");

    // undone, done again, and told
    let undone = send(address, "POST", &path("/undo"), &json!({}));
    assert_eq!((undone.status, &undone.json()["undone"]), (200, &json!(true)), "{}", undone.text());
    let note = get(address, &path("/notes/2")).json();
    assert_eq!((&note["version"], &note["body"]["text"]), (&json!(3), &json!("<script>alert(1)</script>")));
    assert_eq!(send(address, "POST", &path("/redo"), &json!(null)).status, 200);
    assert_eq!(get(address, &path("/notes/2")).json()["body"]["text"], "second");
    let history = get(address, &path("/history?limit=2")).json();
    assert_eq!(history["changes"][0]["action"], "redo");
    let next = history["next"].as_str().unwrap();
    let more = get(address, &path(&format!("/history?limit=2&cursor={next}"))).json();
    assert_eq!(more["changes"][0]["seq"].as_i64(), history["changes"][1]["seq"].as_i64().map(|seq| seq - 1));
    let one = get(address, &path(&format!("/history/{}", history["changes"][0]["seq"]))).json();
    assert_eq!(
        (&one["before"]["body"]["text"], &one["after"]["body"]["text"]),
        (&json!("<script>alert(1)</script>"), &json!("second"))
    );

    // a file that says it is a page goes out as bytes to be saved
    let html = b"<script>alert(document.cookie)</script>";
    let file = ask(
        address,
        "POST",
        &path("/attachments?name=a%20%22b%22.html"),
        &[("content-type", "text/html; charset=utf-8")],
        html,
    );
    assert_eq!((file.status, &file.json()["media"]), (201, &json!("text/html")), "{}", file.text());
    let id = file.json()["id"].as_i64().unwrap();
    let bytes = get(address, &path(&format!("/attachments/{id}")));
    assert_eq!(bytes.body, html);
    assert_eq!(bytes.header("content-type"), Some("application/octet-stream"));
    assert_eq!(bytes.header("content-disposition"), Some("attachment; filename*=UTF-8''a%20%22b%22%2Ehtml"));
    assert_eq!(bytes.header("x-content-type-options"), Some("nosniff"));

    // a task, over all cases
    send(address, "POST", &path("/tasks"), &json!({ "text": "ask the seller", "due": "2027-01-31" }));
    let tasks = get(address, "/v1/tasks?mine=true").json();
    assert_eq!(
        (&tasks["tasks"][0]["case_title"], &tasks["tasks"][0]["body"]["text"]),
        (&json!("القسائم"), &json!("ask the seller"))
    );

    // fields, and the list
    let patch = json!({ "version": 1, "state": "active", "retention_until": "2020-01-01" });
    assert_eq!(send(address, "PATCH", &path(""), &patch).json()["retention_past"], true);
    assert_eq!(get(address, "/v1/cases?past_retention=true&q=%D8%A7%D9%84%D9%82%D8%B3").json()["cases"][0]["id"], case);

    // as a file, and back
    let export = get(address, &path("/export"));
    assert_eq!(export.header("content-type"), Some("application/zip"));
    assert!(export.body.starts_with(b"PK"));
    let import = ask(address, "POST", "/v1/cases/import", &[("content-type", "application/zip")], &export.body);
    assert_eq!(import.status, 201, "{}", import.text());
    assert_eq!(import.json()["counts"], get(address, &path("")).json()["counts"]);
    let mut broken = export.body.clone();
    let middle = broken.len() / 3;
    broken[middle] ^= 0xff;
    let refused = ask(address, "POST", "/v1/cases/import", &[("content-type", "application/zip")], &broken);
    assert_eq!((refused.status, refused.code().as_str()), (422, "archive_invalid"));

    // gone, of the version that was seen
    let purge = |version| ask(address, "DELETE", &path(&format!("?version={version}")), &[], b"");
    assert_eq!(purge(1).code(), "version_conflict");
    assert_eq!(purge(2).status, 204);
    assert_eq!(get(address, &path("")).code(), "not_found");
    assert_eq!(get(address, &path("/history")).code(), "not_found");
}

#[test]
fn what_is_too_large_or_of_no_form_is_refused_by_its_field() {
    let desk = Desk::local();
    let (address, case) = (desk.address(), desk.case("Bounds"));
    let path = |rest: &str| format!("/v1/cases/{case}{rest}");
    let refused = |method: &str, rest: &str, body: Value, status: u16, code: &str, field: &str| {
        let answer = send(address, method, &path(rest), &body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{rest} {}", answer.text());
        assert_eq!(answer.json()["field"].as_str().unwrap_or_default(), field, "{rest}");
    };
    refused("POST", "/notes", json!({ "text": "" }), 422, "field_invalid", "text");
    refused("POST", "/notes", json!({ "text": "a", "html": "b" }), 422, "field_invalid", "body");
    refused(
        "POST",
        "/subjects",
        json!({ "kind": "address", "chain": "bitcoin", "value": "x" }),
        422,
        "field_invalid",
        "value",
    );
    refused("PUT", "/notes/1", json!({ "version": 1, "body": { "text": "" } }), 422, "field_invalid", "body.text");
    refused("PUT", "/notes/1", json!({ "body": { "text": "" } }), 400, "body_invalid", "");
    refused("PATCH", "", json!({ "version": 1, "owner": 7 }), 400, "body_invalid", "");
    refused("POST", "/undo", json!({ "seq": 1 }), 409, "state_refused", "");
    refused("PUT", "/members/999", json!({ "role": "reader" }), 404, "not_found", "");
    refused("DELETE", "/notes/1?version=1", json!(null), 404, "not_found", "");
    assert_eq!(get(address, "/v1/cases/x").code(), "target_invalid");
    assert_eq!(get(address, "/v1/cases/999").code(), "not_found");
    assert_eq!(get(address, &path("/notes?cursor=abc")).code(), "cursor_invalid");
    // a file of 32 MiB is taken, one byte more is not; and other bodies have the bound that they had
    let large = vec![7_u8; 32 << 20];
    let octets = [("content-type", "application/octet-stream")];
    assert_eq!(ask(address, "POST", &path("/attachments?name=a"), &octets, &large).status, 201);
    let larger = vec![7_u8; (32 << 20) + 1];
    assert_eq!(ask(address, "POST", &path("/attachments?name=a"), &octets, &larger).status, 413);
    let note = json!({ "text": "a".repeat(9 << 20) });
    assert_eq!(send(address, "POST", &path("/notes"), &note).status, 413);
    let names = ["..%2Fa", "a%2Fb", "%E2%80%AEgpj.exe"];
    for name in names {
        let answer = ask(address, "POST", &path(&format!("/attachments?name={name}")), &octets, b"x");
        assert_eq!((answer.status, answer.code().as_str()), (422, "field_invalid"), "{name}");
    }
}

#[test]
fn a_finding_is_checked_by_asking_its_path_again() {
    let desk = Desk::local();
    let (address, case) = (desk.address(), desk.case("Findings"));
    let listed = format!("/v1/address/{}", world().listed);
    let pinned = get(address, &listed).json();
    let pin = |path: &str, pinned: &Value| -> i64 {
        let finding = json!({
            "statement": "it was paid", "path": path, "snapshot": pinned["snapshot"].as_str().unwrap_or_default(), "pinned": pinned,
        });
        let added = send(address, "POST", &format!("/v1/cases/{case}/findings"), &finding);
        assert_eq!(added.status, 201, "{}", added.text());
        added.json()["id"].as_i64().unwrap()
    };
    let check = |id: i64| ask(address, "POST", &format!("/v1/cases/{case}/findings/{id}/check"), &[], b"");
    let same = check(pin(&listed, &pinned));
    assert_eq!((same.status, &same.json()["same"]), (200, &json!(true)), "{}", same.text());
    assert_eq!(same.json()["snapshot_now"], pinned["snapshot"]);
    let mut other = pinned.clone();
    other["received_sat"] = 1.into();
    let differs = check(pin(&listed, &other)).json();
    assert_eq!((&differs["same"], &differs["differs"]), (&json!(false), &json!(["received_sat"])));
    let gone = check(pin("/v1/address/1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", &pinned)).json();
    assert_eq!((&gone["same"], &gone["status"], &gone["differs"]), (&json!(false), &json!(404), &json!(["answer"])));
    // a path is data that somebody wrote: it leads to nothing but reads of the store
    for path in ["/v1/cases", "/v1/users", "/v1/audit", "/v1/session", "/v1/jobs/1/events", "/v1/keys"] {
        let answer = check(pin(path, &json!({})));
        assert_eq!((answer.status, answer.code().as_str()), (409, "state_refused"), "{path}");
    }
    let dots = check(pin("/v1/status/../cases", &json!({}))).json();
    assert_eq!((&dots["same"], &dots["status"]), (&json!(false), &json!(404)));
}

/// Somebody who has logged in.
struct Person {
    id: i64,
    headers: Vec<(&'static str, String)>,
}

impl Person {
    fn ask(&self, address: SocketAddr, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        ask(address, method, path, &headers, body.as_bytes())
    }
}

fn login(address: SocketAddr, id: i64, name: &str) -> Person {
    let answer = post(address, "/v1/session", &json!({ "name": name, "password": PASSWORD }).to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let csrf = answer.json()["csrf"].as_str().unwrap().to_owned();
    Person { id, headers: vec![("cookie", cookie), ("x-athar-csrf", csrf)] }
}

#[test]
fn people_of_a_team_do_what_their_role_and_the_case_let_them() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    copy(&world().store, &store);
    let mut settings = with_team(folder.path(), &store);
    settings.keys = Some(store.join("keys.json"));
    let database = settings.people.team.clone().unwrap().0;
    let people = [
        ("admin", Role::Admin),
        ("supervisor", Role::Supervisor),
        ("owner", Role::Analyst),
        ("editor", Role::Analyst),
        ("reader", Role::Analyst),
        ("viewer", Role::Viewer),
        ("outsider", Role::Analyst),
    ];
    let ids: Vec<i64> = {
        let team = Team::open(&database).unwrap();
        let make = |(name, role): &(&str, Role)| {
            let password = NewPassword::Given(PASSWORD.into());
            let new =
                NewUser { name: (*name).into(), display: (*name).into(), role: *role, language: "en".into(), password };
            team.create_user(&Actor::System, 1_790_000_000, &new).unwrap().0.id
        };
        people.iter().map(make).collect()
    };
    let service = start(settings);
    let address = service.address;
    let of = |name: &str| {
        let at = people.iter().position(|(other, _)| *other == name).unwrap();
        login(address, ids[at], name)
    };
    let (owner, editor, reader, viewer) = (of("owner"), of("editor"), of("reader"), of("viewer"));
    let (supervisor, admin, outsider) = (of("supervisor"), of("admin"), of("outsider"));
    let made = owner.ask(address, "POST", "/v1/cases", Some(&json!({ "title": SECRET, "disclosure": "contact" })));
    assert_eq!(made.status, 201, "{}", made.text());
    let case = made.json()["id"].as_i64().unwrap();
    let path = |rest: &str| format!("/v1/cases/{case}{rest}");
    for (person, role) in [(&editor, "editor"), (&reader, "reader"), (&viewer, "owner")] {
        let put = owner.ask(address, "PUT", &path(&format!("/members/{}", person.id)), Some(&json!({ "role": role })));
        assert_eq!(put.status, 200, "{}", put.text());
    }
    let note = json!({ "text": SECRET });
    for (name, person, read, write, manage) in [
        ("owner", &owner, 200, 201, 200),
        ("editor", &editor, 200, 201, 403),
        ("reader", &reader, 200, 403, 403),
        // an owner in the case, but a viewer in the team
        ("viewer", &viewer, 200, 403, 403),
        ("supervisor", &supervisor, 200, 201, 200),
        ("admin", &admin, 200, 201, 200),
        ("outsider", &outsider, 404, 404, 404),
    ] {
        for rest in ["", "/notes", "/subjects", "/attachments", "/history", "/export"] {
            assert_eq!(person.ask(address, "GET", &path(rest), None).status, read, "{name} {rest}");
        }
        assert_eq!(person.ask(address, "POST", &path("/notes"), Some(&note)).status, write, "{name}");
        let member = path(&format!("/members/{}", reader.id));
        let put = person.ask(address, "PUT", &member, Some(&json!({ "role": "reader" })));
        assert_eq!(put.status, manage, "{name}: {}", put.text());
    }
    // a purge needs the scope, and then the case
    for (person, status) in [(&owner, 403), (&viewer, 403), (&outsider, 403), (&supervisor, 409)] {
        assert_eq!(person.ask(address, "DELETE", &path("?version=99"), None).status, status);
    }
    // without the session's token nothing is changed
    let cookie = [("cookie", owner.headers[0].1.as_str()), ("content-type", "application/json")];
    let forged = ask(address, "POST", &path("/notes"), &cookie, note.to_string().as_bytes());
    assert_eq!((forged.status, forged.code().as_str()), (403, "csrf_refused"));
    assert_eq!(ask(address, "GET", &path(""), &[], b"").code(), "unauthenticated");
    // another team learns whom to speak with, and nothing else
    let subject = json!({ "kind": "person", "value": "Some Body" });
    assert_eq!(owner.ask(address, "POST", &path("/subjects"), Some(&subject)).status, 201);
    let asked = outsider.ask(address, "GET", "/v1/deconfliction?kind=person&value=some%20%20body", None).json();
    assert_eq!(asked["also_in"], json!([{ "case": null, "title": null, "contact": "owner, viewer" }]));
    assert_eq!(outsider.ask(address, "GET", "/v1/cases", None).json()["cases"], json!([]));
    // the log of the service tells paths by their template, and no text of a case
    let log = service.log.text();
    assert!(
        log.contains("/v1/cases/{case}/notes") && !log.contains(SECRET) && !log.to_lowercase().contains("some body")
    );
}
