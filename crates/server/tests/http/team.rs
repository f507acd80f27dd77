//! A service for a team: users of every role, keys of every scope, and what browsers send.

use crate::client::{Answer, ask, get};
use crate::world::{Service, settings, start, world};
use athar_server::keys::{self, Scope};
use athar_server::{DatabaseUrl, HashCost, People, Settings};
use athar_team::{NewPassword, NewUser, Role, Team};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use tempfile::TempDir;

/// The password of every user here.
pub(crate) const PASSWORD: &str = "nine olive trees by the sea";

/// As cheap as hashes can be: what they cost is the database's test.
pub(crate) const CHEAP: HashCost = HashCost { memory_kib: 8, passes: 1 };

/// A team and its service.
pub(crate) struct Desk {
    pub(crate) service: Service,
    pub(crate) folder: TempDir,
}

impl Desk {
    /// With a user of each role, named by it.
    pub(crate) fn new() -> Self {
        Self::with(|settings| settings)
    }

    /// The same, with other settings.
    pub(crate) fn with(change: impl FnOnce(Settings) -> Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("team.sqlite").display().to_string();
        let team = Team::open(&url).unwrap().with_hash_cost(CHEAP);
        for role in Role::ALL {
            let new = NewUser {
                name: role.text().into(),
                display: role.text().into(),
                role,
                language: "en".into(),
                password: NewPassword::Given(PASSWORD.into()),
            };
            team.create_user(&athar_team::Actor::System, 1, &new).unwrap();
        }
        drop(team);
        let people =
            People { team: Some(DatabaseUrl(url)), hash: CHEAP, logins_per_minute: 10_000, ..People::default() };
        let keys = Some(folder.path().join("keys.json"));
        let service = start(change(Settings { keys, people, ..settings(&world().store) }));
        Self { service, folder }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.service.address
    }

    fn keys(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    /// A key with scopes, which the service knows.
    pub(crate) fn key(&self, scopes: &[Scope]) -> String {
        let (_, token) = keys::add(&self.keys(), "test", scopes, 1, keys::now_s()).unwrap();
        for _ in 0..200 {
            if ask(self.address(), "GET", "/v1/status", &[("x-api-key", &token)], b"").status != 401 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        token
    }

    /// Tries to log in.
    pub(crate) fn login(&self, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password }).to_string();
        ask(self.address(), "POST", "/v1/session", &[("content-type", "application/json")], body.as_bytes())
    }

    /// Logs a user in.
    pub(crate) fn browser(&self, name: &str) -> Browser {
        let answer = self.login(name, PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.text());
        Browser { address: self.address(), cookie: cookie(&answer), csrf: csrf(&answer.json()) }
    }
}

/// The cookie that an answer sets, as it is sent back.
pub(crate) fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

pub(crate) fn csrf(session: &Value) -> String {
    session["csrf"].as_str().unwrap().to_owned()
}

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl Browser {
    /// Asks as the application does.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let origin = format!("http://{}", self.address);
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("x-athar-csrf", &self.csrf),
            ("origin", &origin),
            ("sec-fetch-site", "same-origin"),
        ];
        self.raw(method, path, &headers, body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &Value::Null)
    }

    /// Asks with just these headers.
    pub(crate) fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut headers = headers.to_vec();
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        if !bytes.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        ask(self.address, method, path, &headers, &bytes)
    }
}

#[test]
fn somebody_logs_in_asks_and_logs_out() {
    let desk = Desk::new();
    let nobody = get(desk.address(), "/v1/session").json();
    assert_eq!((nobody["mode"].as_str(), nobody["user"].is_null()), (Some("team"), true));
    assert!(nobody["csrf"].is_null() && nobody["scopes"] == json!([]) && nobody["login"]["password"] == true);
    assert_eq!(get(desk.address(), "/v1/status").code(), "unauthenticated");

    let answer = desk.login("Analyst ", PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let set = answer.header("set-cookie").unwrap();
    assert!(set.starts_with("athar_session=") && set.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{set}");
    let session = answer.json();
    assert_eq!(session["user"]["role"], "analyst");
    assert_eq!(session["scopes"], json!(["read", "screen", "write", "case_read", "case_write"]));
    let browser = Browser { address: desk.address(), cookie: cookie(&answer), csrf: csrf(&session) };
    let again = browser.get("/v1/session").json();
    assert_eq!((&again["csrf"], &again["user"]), (&session["csrf"], &session["user"]));
    assert!(again["expires_s"].as_u64().unwrap() > keys::now_s());
    assert_eq!(browser.get("/v1/status").status, 200);
    assert_eq!(browser.get("/v1/keys").code(), "scope_missing");

    assert_eq!(browser.ask("POST", "/v1/session/language", &json!({ "language": "ar" })).status, 204);
    assert_eq!(browser.get("/v1/session").json()["user"]["language"], "ar");
    let out = browser.ask("DELETE", "/v1/session", &Value::Null);
    assert_eq!((out.status, out.header("set-cookie").unwrap().contains("Max-Age=0")), (204, true));
    assert_eq!(browser.get("/v1/status").code(), "unauthenticated");
    assert!(browser.get("/v1/session").json()["user"].is_null());
}

#[test]
fn what_an_administrator_changes_holds_for_open_sessions_at_once() {
    let desk = Desk::new();
    let (admin, viewer) = (desk.browser("admin"), desk.browser("viewer"));
    let made = admin.ask("POST", "/v1/users", &json!({ "name": "new.person", "display": "شخص", "role": "viewer" }));
    assert_eq!(made.status, 201, "{}", made.text());
    let (made, password) = (made.json(), made.json()["password"].as_str().unwrap().to_owned());
    assert!(admin.get("/v1/users").text().contains("شخص") && !admin.get("/v1/users").text().contains(&password));
    let login = desk.login("new.person", &password);
    let person = Browser { address: desk.address(), cookie: cookie(&login), csrf: csrf(&login.json()) };
    // the person's own password; the other session of the person ends
    let other = desk.login("new.person", &password);
    let change = json!({ "current": password, "new": "seven lemon trees by the road" });
    assert_eq!(person.ask("POST", "/v1/session/password", &change).status, 204);
    assert_eq!(person.get("/v1/status").status, 200);
    let other = Browser { cookie: cookie(&other), ..person.clone() };
    assert_eq!(other.get("/v1/status").code(), "unauthenticated");
    let wrong =
        person.ask("POST", "/v1/session/password", &json!({ "current": "x", "new": "seven lemon trees by the well" }));
    assert_eq!((wrong.code().as_str(), wrong.json()["field"].as_str()), ("field_invalid", Some("current")));

    let path = format!("/v1/users/{}", made["user"]["id"]);
    let stale = admin.ask("PATCH", &path, &json!({ "version": 77, "role": "analyst" }));
    assert_eq!(stale.code(), "version_conflict");
    let users = admin.get("/v1/users").json();
    let version =
        users["users"].as_array().unwrap().iter().find(|u| u["name"] == "new.person").unwrap()["version"].clone();
    assert_eq!(viewer.ask("PATCH", &path, &json!({ "version": version, "role": "admin" })).code(), "scope_missing");
    assert_eq!(admin.ask("PATCH", &path, &json!({ "version": version, "disabled": true })).status, 200);
    assert_eq!(person.get("/v1/status").code(), "unauthenticated");
    assert_eq!(desk.login("new.person", "seven lemon trees by the road").code(), "login_refused");
    assert_eq!(admin.ask("DELETE", &path, &Value::Null).status, 204);
    assert!(!admin.get("/v1/users").text().contains("شخص"));
    // somebody must be able to let people in again
    let own = users["users"].as_array().unwrap().iter().find(|u| u["name"] == "admin").unwrap().clone();
    let own = admin.ask(
        "PATCH",
        &format!("/v1/users/{}", own["id"]),
        &json!({ "version": own["version"], "role": "viewer" }),
    );
    assert_eq!(own.code(), "state_refused");

    let supervisor = desk.browser("supervisor");
    let page = supervisor.get("/v1/audit?limit=5").json();
    assert_eq!(page["entries"].as_array().unwrap().len(), 5);
    let next = page["next"].as_str().unwrap();
    let second = supervisor.get(&format!("/v1/audit?limit=5&cursor={next}")).json();
    let last = page["entries"][4]["seq"].as_i64().unwrap();
    assert_eq!(second["entries"][0]["seq"].as_i64(), Some(last - 1));
    let all = supervisor.get("/v1/audit?limit=1000").text().to_owned();
    for action in ["session.begin", "user.create", "user.disable", "user.erase", "user.password.change", "user.list"] {
        assert!(all.contains(action), "{action} in {all}");
    }
    assert!(!all.contains("new.person") && !all.contains("شخص"), "{all}");
    let verified = supervisor.get("/v1/audit/verify").json();
    assert_eq!((verified["ok"].as_bool(), verified["broken_at"].is_null()), (Some(true), true));
    assert!(verified["entries"].as_i64().unwrap() > 10 && verified["head"].as_str().unwrap().len() == 64);

    let key = admin.ask("POST", "/v1/keys", &json!({ "name": "cron", "scopes": ["read"], "days": 3 }));
    assert_eq!(key.status, 201, "{}", key.text());
    let (id, token) =
        (key.json()["key"]["id"].as_str().unwrap().to_owned(), key.json()["token"].as_str().unwrap().to_owned());
    let with_key = || ask(desk.address(), "GET", "/v1/status", &[("x-api-key", &token)], b"");
    assert_eq!(with_key().status, 200, "a key made here holds at once");
    assert!(!admin.get("/v1/keys").text().contains(&token));
    assert_eq!(admin.ask("DELETE", &format!("/v1/keys/{id}"), &Value::Null).status, 204);
    assert_eq!(with_key().code(), "key_revoked");
    let figures = admin.get("/metrics");
    for line in ["athar_logins_total{outcome=\"refused\"} 1", "athar_users 4", "athar_cases 0"] {
        assert!(figures.text().lines().any(|l| l == line), "{line} in {}", figures.text());
    }
}
