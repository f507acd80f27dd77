//! Sessions under attack: fixation, forged requests, guessing, cookies, secrets in the log.

use crate::client::{ask, get};
use crate::team::{Browser, Desk, PASSWORD, cookie, csrf};
use crate::world::{settings, start, world};
use athar_server::{People, Settings, Transport};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn a_session_that_was_planted_is_nobodys_after_the_login() {
    let desk = Desk::new();
    let login = |name: &str, cookie: &str| {
        let body = json!({ "name": name, "password": PASSWORD }).to_string();
        let headers = [("content-type", "application/json"), ("cookie", cookie)];
        ask(desk.address(), "POST", "/v1/session", &headers, body.as_bytes())
    };
    // an invented one is not taken over
    let planted = format!("athar_session={}", "A".repeat(43));
    let first = login("viewer", &planted);
    assert_eq!(first.status, 200);
    assert_ne!(cookie(&first), planted);
    assert_eq!(ask(desk.address(), "GET", "/v1/status", &[("cookie", &planted)], b"").code(), "unauthenticated");
    // one of the attacker's own ends when somebody else logs in with it
    let attacker = desk.browser("viewer");
    let victim = login("admin", &attacker.cookie);
    assert_eq!(victim.status, 200);
    assert_ne!(cookie(&victim), attacker.cookie);
    assert_ne!(csrf(&victim.json()), attacker.csrf);
    assert_eq!(attacker.get("/v1/status").code(), "unauthenticated");
}

#[test]
fn a_request_that_another_site_forged_changes_nothing() {
    let desk = Desk::new();
    let (admin, other) = (desk.browser("admin"), desk.browser("admin"));
    let own = format!("http://{}", desk.address());
    let body = json!({ "name": "forged", "role": "admin" });
    let cookie = ("cookie", admin.cookie.as_str());
    for (headers, code) in [
        (vec![cookie], "csrf_refused"),
        (vec![cookie, ("x-athar-csrf", "")], "csrf_refused"),
        (vec![cookie, ("x-athar-csrf", "wrong")], "csrf_refused"),
        // the token of another session of the same person
        (vec![cookie, ("x-athar-csrf", &other.csrf)], "csrf_refused"),
        (vec![cookie, ("x-athar-csrf", &admin.csrf[1..])], "csrf_refused"),
        (vec![cookie, ("x-athar-csrf", &admin.csrf), ("origin", "https://evil.example")], "origin_refused"),
        (vec![cookie, ("x-athar-csrf", &admin.csrf), ("origin", "null")], "origin_refused"),
        (vec![cookie, ("x-athar-csrf", &admin.csrf), ("sec-fetch-site", "cross-site")], "origin_refused"),
        (
            vec![cookie, ("x-athar-csrf", &admin.csrf), ("origin", &own), ("sec-fetch-site", "same-site")],
            "origin_refused",
        ),
    ] {
        assert_eq!(admin.raw("POST", "/v1/users", &headers, &body).code(), code, "{headers:?}");
    }
    assert!(!admin.get("/v1/users").text().contains("forged"));
    // a login from elsewhere begins no session either: somebody would work under the attacker's name
    let login = json!({ "name": "viewer", "password": PASSWORD });
    let forged = admin.raw("POST", "/v1/session", &[("origin", "https://evil.example")], &login);
    assert_eq!((forged.code().as_str(), forged.header("set-cookie")), ("origin_refused", None));
    // what a form of another site can send is no JSON
    let form =
        ask(desk.address(), "POST", "/v1/session", &[("content-type", "text/plain")], login.to_string().as_bytes());
    assert_eq!(form.code(), "media_type_unsupported");
    // nothing tells another site that it may read
    let answer = admin.raw("GET", "/v1/users", &[cookie, ("origin", "https://evil.example")], &Value::Null);
    assert!(answer.headers.iter().all(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control-")));
    // and with everything right it is done
    assert_eq!(admin.ask("POST", "/v1/users", &body).status, 201);
}

#[test]
fn in_local_mode_a_page_of_another_site_changes_nothing_and_programs_need_no_token() {
    let service = start(Settings { people: People::default(), ..settings(&world().store) });
    let session = get(service.address, "/v1/session").json();
    assert_eq!((session["mode"].as_str(), session["user"]["role"].as_str()), (Some("local"), Some("admin")));
    assert!(session["scopes"].as_array().unwrap().contains(&json!("admin")));
    let (token, own) = (csrf(&session), format!("http://{}", service.address));
    let post = |headers: &[(&str, &str)]| {
        let headers = [&[("content-type", "application/json")], headers].concat();
        ask(
            service.address,
            "POST",
            "/v1/screenings",
            &headers,
            json!({ "value": world().listed }).to_string().as_bytes(),
        )
    };
    assert_eq!(post(&[]).status, 200, "a program");
    assert_eq!(post(&[("origin", &own)]).code(), "csrf_refused");
    assert_eq!(post(&[("sec-fetch-site", "same-origin")]).code(), "csrf_refused");
    assert_eq!(post(&[("origin", "https://evil.example"), ("x-athar-csrf", &token)]).code(), "origin_refused");
    assert_eq!(
        post(&[("origin", &own), ("sec-fetch-site", "cross-site"), ("x-athar-csrf", &token)]).code(),
        "origin_refused"
    );
    assert_eq!(post(&[("origin", &own), ("x-athar-csrf", &token)]).status, 200);
    // the token of one process is none of another's
    let other = start(settings(&world().store));
    assert_ne!(csrf(&get(other.address, "/v1/session").json()), token);
    let rebound = "GET /v1/session HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    assert_eq!(crate::client::parse(&crate::client::raw(service.address, rebound.as_bytes())).code(), "host_refused");
    let login = ask(
        service.address,
        "POST",
        "/v1/session",
        &[("content-type", "application/json")],
        b"{\"name\":\"a\",\"password\":\"b\"}",
    );
    assert_eq!(login.code(), "state_refused");
}

#[test]
fn guessing_is_locked_out_and_tells_nothing_of_who_exists() {
    let desk = Desk::new();
    let tries = |name: &str| -> Vec<(u16, String)> {
        let answers = (0..7).map(|_| desk.login(name, "a wrong password of length"));
        answers.map(|a| (a.status, a.code())).collect()
    };
    let (known, unknown) = (tries("viewer"), tries("nobody.at.all"));
    assert_eq!(known, unknown);
    assert_eq!(known[0], (401, "login_refused".to_owned()));
    assert_eq!(known[6], (429, "login_locked".to_owned()));
    let locked = desk.login("viewer", PASSWORD);
    assert_eq!(locked.code(), "login_locked", "the right password too");
    assert!(locked.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert_eq!(locked.header("set-cookie"), None);
    // others of the same source still get in
    assert_eq!(desk.login("analyst", PASSWORD).status, 200);
    let details = |name: &str| desk.login(name, "x").json()["detail"].clone();
    assert_eq!(details("supervisor"), details("nobody.else"));
    // one source has so many tries in all
    let people = |s: Settings| Settings { people: People { logins_per_minute: 3, ..s.people.clone() }, ..s };
    let desk = Desk::with(people);
    let codes: Vec<String> = (0..5).map(|n| desk.login(&format!("name{n}"), "x").code()).collect();
    assert_eq!(codes[..3], ["login_refused", "login_refused", "login_refused"]);
    assert_eq!(codes[4], "rate_limited");
}

#[test]
fn sessions_end_by_the_clock() {
    let people = |s: Settings| {
        let (idle, absolute) = (Duration::from_secs(2), Duration::from_secs(4));
        Settings { people: People { idle, absolute, ..s.people.clone() }, ..s }
    };
    let desk = Desk::with(people);
    let browser = desk.browser("viewer");
    assert_eq!(browser.get("/v1/status").status, 200);
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(browser.get("/v1/status").code(), "unauthenticated");
}

#[test]
fn behind_a_proxy_cookies_are_for_encrypted_ways_and_the_client_is_whom_the_proxy_names() {
    let proxied = |s: Settings| Settings {
        transport: Transport { behind_proxy: true, tls: None },
        people: People { logins_per_minute: 2, ..s.people.clone() },
        ..s
    };
    let desk = Desk::with(proxied);
    let login = |name: &str, source: &str, password: &str| {
        let body = json!({ "name": name, "password": password }).to_string();
        let headers =
            [("content-type", "application/json"), ("x-forwarded-for", source), ("x-forwarded-proto", "https")];
        ask(desk.address(), "POST", "/v1/session", &headers, body.as_bytes())
    };
    let answer = login("viewer", "198.51.100.7", PASSWORD);
    let set = answer.header("set-cookie").unwrap();
    assert!(
        set.starts_with("__Host-athar_session=") && set.contains("; Secure") && set.contains("SameSite=Strict"),
        "{set}"
    );
    assert!(answer.header("strict-transport-security").is_some());
    let browser = Browser { address: desk.address(), cookie: cookie(&answer), csrf: csrf(&answer.json()) };
    let own = format!("https://{}", desk.address());
    let headers = [("cookie", browser.cookie.as_str()), ("x-athar-csrf", &browser.csrf), ("origin", &own)];
    assert_eq!(browser.raw("POST", "/v1/session/language", &headers, &json!({ "language": "ar" })).status, 204);
    // each client has its own tries
    let wrong = "a wrong password of length";
    assert_eq!(login("x1", "198.51.100.8", wrong).code(), "login_refused");
    assert_eq!(login("x2", "198.51.100.8", wrong).code(), "login_refused");
    assert_eq!(login("x3", "198.51.100.8", wrong).code(), "rate_limited");
    assert_eq!(login("x4", "198.51.100.9", wrong).code(), "login_refused");
    // what the client itself wrote before it counts for nothing
    assert_eq!(login("x5", "203.0.113.5, 198.51.100.8", wrong).code(), "rate_limited");
}

#[test]
fn no_secret_is_in_the_log_or_in_an_error() {
    let desk = Desk::new();
    let admin = desk.browser("admin");
    let secret = "an olive press in the valley";
    desk.login("admin", secret);
    desk.login(secret, secret);
    let made = admin.ask("POST", "/v1/users", &json!({ "name": "made", "role": "viewer" })).json();
    let password = made["password"].as_str().unwrap().to_owned();
    let key = admin.ask("POST", "/v1/keys", &json!({ "name": "k", "scopes": ["read"] })).json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    ask(desk.address(), "GET", "/v1/status", &[("x-api-key", &key)], b"");
    // bodies that cannot be read are told by place
    for body in [
        format!("{{\"name\": \"admin\", \"password\": \"{secret}\", \"more\": 1}}"),
        format!("{{\"password\": \"{secret}"),
    ] {
        let answer =
            ask(desk.address(), "POST", "/v1/session", &[("content-type", "application/json")], body.as_bytes());
        assert_eq!(answer.code(), "body_invalid");
        assert!(!answer.text().contains(secret), "{}", answer.text());
    }
    let short = admin.ask("POST", "/v1/users", &json!({ "name": "short", "role": "viewer", "password": "olive-55" }));
    assert!(short.code() == "field_invalid" && !short.text().contains("olive-55"), "{}", short.text());
    let mut desk = desk;
    desk.service.stop();
    let log = desk.service.log.text();
    assert!(log.lines().count() > 8);
    let token = admin.cookie.split_once('=').unwrap().1;
    for secret in [secret, PASSWORD, &password, &key, token, &admin.csrf, "olive-55"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    // a database that cannot be had is named without its password
    let url = "postgres://athar:pa55-of-the-base@127.0.0.1:1/desk".to_owned();
    let people = People { team: Some(athar_server::DatabaseUrl(url)), ..People::default() };
    let settings = Settings { people, ..settings(&world().store) };
    assert!(!format!("{settings:?}").contains("pa55"), "{settings:?}");
    let error = athar_server::Server::bind(settings, std::io::sink()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("pa55"), "{error} {error:?}");
}

#[test]
fn a_service_without_anybody_to_let_in_says_how_to_make_the_first_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let people = People {
        team: Some(athar_server::DatabaseUrl(folder.path().join("team.sqlite").display().to_string())),
        ..People::default()
    };
    let keys = Some(folder.path().join("keys.json"));
    let error =
        athar_server::Server::bind(Settings { keys, people, ..settings(&world().store) }, std::io::sink()).unwrap_err();
    assert!(error.to_string().contains("athar users add"), "{error}");
}

#[test]
fn a_stopped_service_keeps_its_sessions() {
    let mut desk = Desk::new();
    let browser = desk.browser("viewer");
    assert_eq!(desk.service.stop(), Some(0));
    let url = desk.folder.path().join("team.sqlite").display().to_string();
    let people = People { team: Some(athar_server::DatabaseUrl(url)), ..People::default() };
    let again =
        start(Settings { keys: Some(desk.folder.path().join("keys.json")), people, ..settings(&world().store) });
    let browser = Browser { address: again.address, ..browser };
    assert_eq!(browser.get("/v1/session").json()["user"]["name"], "viewer");
    assert_eq!(browser.ask("POST", "/v1/session/language", &json!({ "language": "ar" })).status, 204);
}
