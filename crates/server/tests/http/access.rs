//! Who is let in.

use crate::client::{ask, get};
use crate::world::{settings, shared, start, world};
use athar_server::keys::{self, Scope};
use athar_server::{Limits, ServeError, Server, Settings};

#[test]
fn keys_open_what_their_scopes_say_until_they_are_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let now = keys::now_s();
    let (reader, read) = keys::add(&file, "reader", &[Scope::Read], 1, now).unwrap();
    let (_, expired) = keys::add(&file, "old", &[Scope::Read], 1, now - 2 * 86_400).unwrap();
    let service = start(Settings { keys: Some(file.clone()), ..settings(&world().store) });
    let with = |name: &str, value: &str, path: &str| ask(service.address, "GET", path, &[(name, value)], b"");
    assert_eq!(get(service.address, "/v1/status").code(), "unauthenticated");
    assert_eq!(get(service.address, "/v1/status").header("www-authenticate"), Some("Bearer"));
    for name in ["x-api-key", "token"] {
        assert_eq!(with(name, &read, "/v1/status").status, 200, "{name}");
    }
    assert_eq!(with("authorization", &format!("Bearer {read}"), "/v1/status").status, 200);
    assert_eq!(with("x-api-key", "ath_000000000000_AAAA", "/v1/status").code(), "key_unknown");
    assert_eq!(with("x-api-key", &expired, "/v1/status").code(), "key_expired");
    assert_eq!(with("x-api-key", &read, "/v1/screenings?value=a").code(), "scope_missing");
    // what asks for no key
    for path in ["/health", "/openapi.json", "/problems/key_unknown"] {
        assert_eq!(get(service.address, path).status, 200, "{path}");
    }
    keys::revoke(&file, &reader.id, now).unwrap();
    let (_, screen) = keys::add(&file, "screener", &[Scope::Screen], 1, now).unwrap();
    // the file is looked at every second
    for _ in 0..100 {
        if with("x-api-key", &read, "/v1/status").status != 200 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(with("x-api-key", &read, "/v1/status").code(), "key_revoked");
    let path = format!("/v1/screenings?value={}", world().listed);
    assert_eq!(with("x-api-key", &screen, &path).status, 200);
    // to screen is not to have somebody watched, and to watch is not to say who is told
    let send = |path: &str, body: String| {
        let headers = [("x-api-key", screen.as_str()), ("content-type", "application/json")];
        ask(service.address, "POST", path, &headers, body.as_bytes())
    };
    let watch = serde_json::json!({ "value": world().listed, "monitor": true }).to_string();
    assert_eq!(send("/v1/screenings", watch).code(), "scope_missing");
    let transfers = serde_json::json!({ "transfers": [] }).to_string();
    assert_eq!(send("/v1/transfers", transfers).code(), "scope_missing");
    assert_eq!(send("/v1/webhooks", "{}".into()).code(), "scope_missing");
    // a damaged file leaves the keys in force
    std::fs::write(&file, "{").unwrap();
    for _ in 0..100 {
        if service.log.text().contains("keys_unreadable") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(service.log.text().contains("keys_unreadable"));
    assert_eq!(with("x-api-key", &screen, &path).status, 200);
    let log = service.log.text();
    assert!(!log.contains(&screen) && !log.contains(&read) && !log.contains(&world().listed), "{log}");
    assert!(log.contains(&reader.id), "{log}");
}

#[test]
fn without_keys_only_this_machine_is_served() {
    let open = Settings { listen: "0.0.0.0:0".parse().unwrap(), ..settings(&world().store) };
    assert!(matches!(Server::bind(open, std::io::sink()), Err(ServeError::OpenToAll { .. })));
    let none = Settings { keys: Some("/nonexistent/keys.json".into()), ..settings(&world().store) };
    assert!(matches!(Server::bind(none, std::io::sink()), Err(ServeError::NoKeys { .. })));
    let request = "GET /v1/status HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    let answer = crate::client::parse(&crate::client::raw(shared(), request.as_bytes()));
    assert_eq!(answer.code(), "host_refused");
}

#[test]
fn a_key_that_asks_too_often_is_told_when_to_come_back() {
    let limits = Limits { rate: Some(3), ..Limits::for_workers(2) };
    let service = start(Settings { limits, ..settings(&world().store) });
    let answers: Vec<_> = (0..40).map(|_| get(service.address, "/v1/labels/taxonomy")).collect();
    let refused: Vec<_> = answers.iter().filter(|a| a.status == 429).collect();
    assert!(answers.iter().filter(|a| a.status == 200).count() >= 3 && !refused.is_empty());
    assert_eq!((refused[0].code().as_str(), refused[0].header("retry-after")), ("rate_limited", Some("1")));
    assert_eq!(get(service.address, "/health").status, 200);
}
