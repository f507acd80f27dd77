//! Every route, asked by everybody: allowed exactly where its scope says. Made from the table of routes, so that a new route is in
//! it on the day it is made.

use crate::client::ask;
use crate::team::{Browser, Desk};
use athar_server::keys::Scope;
use athar_server::routes::{Route, all};
use athar_team::Role;
use serde_json::{Value, json};

/// Roles open what the contract of the service says; this is written out apart from the program's own table.
fn opens(role: Role, scope: Scope) -> bool {
    let least = match scope {
        Scope::Read | Scope::Screen | Scope::CaseRead => Role::Viewer,
        Scope::Write | Scope::CaseWrite => Role::Analyst,
        Scope::Supervise => Role::Supervisor,
        Scope::Admin => Role::Admin,
    };
    role >= least
}

/// A path of the route that names nothing that is there: who is let in gets another error, or an answer.
fn path(route: &Route) -> String {
    route
        .parts
        .iter()
        .fold(route.path.to_owned(), |path, part| path.replace(&format!("{{{}}}", part.name), "999999999"))
}

/// A body that is no good: nothing is changed by the test.
fn body(route: &Route) -> Value {
    if route.body.is_some() { json!({ "no_such_field": 1 }) } else { Value::Null }
}

/// Routes that would change something even so, or end the session that asks.
const SKIPPED: [&str; 1] = ["logout"];

const REFUSALS: [&str; 6] =
    ["unauthenticated", "scope_missing", "csrf_refused", "origin_refused", "key_unknown", "host_refused"];

fn code(status: u16, answer: &crate::client::Answer) -> Option<String> {
    (status >= 400 && answer.header("content-type") == Some("application/problem+json")).then(|| answer.code())
}

fn is_refused(answer: &crate::client::Answer) -> Option<String> {
    code(answer.status, answer).filter(|code| REFUSALS.contains(&code.as_str()))
}

#[test]
fn every_route_lets_in_exactly_who_its_scope_says() {
    let desk = Desk::new();
    let browsers: Vec<(Role, Browser)> = Role::ALL.into_iter().map(|role| (role, desk.browser(role.text()))).collect();
    let keys: Vec<(Scope, String)> = Scope::ALL.into_iter().map(|scope| (scope, desk.key(&[scope]))).collect();
    let mut asked = 0;
    for route in all().filter(|route| !SKIPPED.contains(&route.id)) {
        let (path, body, method) = (path(route), body(route), route.method.name());
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let plain = |headers: &[(&str, &str)]| {
            let headers = [&[("content-type", "application/json")], headers].concat();
            ask(desk.address(), method, &path, &headers, &bytes)
        };
        let nobody = plain(&[]);
        match route.scope {
            // routes of a person's own say so themselves
            None => assert_ne!(is_refused(&nobody).as_deref(), Some("scope_missing"), "{route:?}"),
            Some(_) => assert_eq!(is_refused(&nobody).as_deref(), Some("unauthenticated"), "{route:?}: nobody"),
        }
        for (role, browser) in &browsers {
            let answer = browser.ask(method, &path, &body);
            let wanted = route.scope.filter(|scope| !opens(*role, *scope)).map(|_| "scope_missing".to_owned());
            assert_eq!(is_refused(&answer), wanted, "{route:?}: {role:?}: {}", answer.status);
            asked += 1;
            // without the session's token no change is let in, whoever asks
            if method != "GET" && route.id != "login" {
                let bare = browser.raw(method, &path, &[("cookie", &browser.cookie)], &body);
                assert_eq!(is_refused(&bare).as_deref(), Some("csrf_refused"), "{route:?}: {role:?} without a token");
            }
        }
        for (scope, key) in &keys {
            let answer = plain(&[("x-api-key", key)]);
            let wanted = match route.scope {
                Some(needed) if needed != *scope => Some("scope_missing".to_owned()),
                Some(_) => None,
                // a program is no person
                None => is_refused(&nobody),
            };
            assert_eq!(is_refused(&answer), wanted, "{route:?}: a key with {scope:?}: {}", answer.status);
            asked += 1;
        }
        // a wrong key is not saved by a right session
        if route.scope.is_some() {
            let admin = &browsers[3].1;
            let both = [("cookie", admin.cookie.as_str()), ("x-athar-csrf", &admin.csrf), ("x-api-key", "ath_0_0")];
            assert_eq!(is_refused(&plain(&both)).as_deref(), Some("key_unknown"), "{route:?}");
        }
    }
    assert_eq!(asked, (all().count() - SKIPPED.len()) * (Role::ALL.len() + Scope::ALL.len()));
}

#[test]
fn the_description_says_the_scope_of_every_route() {
    let document: Value = serde_json::from_str(&athar_server::openapi_document()).unwrap();
    for route in all() {
        let operation = &document["paths"][route.path][route.method.name().to_lowercase()];
        match route.scope {
            Some(scope) => {
                let text = operation["description"].as_str().unwrap_or_default();
                assert!(text.contains(&format!("`{}`", scope.name())), "{route:?}: {text}");
            }
            None => assert_eq!(operation["security"], json!([]), "{route:?}"),
        }
    }
}
