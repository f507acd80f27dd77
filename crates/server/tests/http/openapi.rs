//! The description of the service, and that its answers are as described.

use crate::client::{Answer, ask, get};
use crate::reads::copy;
use crate::world::{Service, settings, start, world};
use athar_engine::read::{PatternsOptions, Rules};
use athar_engine::{Engine, Options};
use athar_server::problem::codes;
use athar_server::routes::{Route, all};
use athar_server::{People, Settings, openapi_document, team_default};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A service over a store of its own: some of the questions change what answers depend on. Hits of patterns are kept in it.
fn own() -> &'static (TempDir, PathBuf, Service) {
    static OWN: OnceLock<(TempDir, PathBuf, Service)> = OnceLock::new();
    OWN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        copy(&world().store, &store);
        let engine = Engine::open(&store, &Options::default()).unwrap();
        engine.patterns_keep(&Rules::Shipped, &PatternsOptions::default()).unwrap();
        let people = People { team: Some(team_default(&store)), ..People::default() };
        let service = start(Settings { people, ..settings(&store) });
        (folder, store, service)
    })
}

fn shared() -> SocketAddr {
    own().2.address
}

#[test]
fn the_document_at_the_root_is_the_one_that_is_made_and_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let made = openapi_document();
    if std::env::var_os("ATHAR_UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == made, "openapi.json is not what the routes give: run the test with ATHAR_UPDATE_OPENAPI=1");
    assert!(get(shared(), "/openapi.json").body == made.as_bytes());
}

/// The schema of an answer, with the components it refers to.
fn schema(document: &Value, route: &Route, status: u16, media: &str) -> Option<Value> {
    let operation = &document["paths"][route.path][route.method.name().to_lowercase()];
    let schema = &operation["responses"][status.to_string()]["content"][media]["schema"];
    let mut schema = schema.as_object()?.clone();
    schema.insert("components".into(), document["components"].clone());
    Some(schema.into())
}

fn validate(document: &Value, route: &Route, answer: &Answer) {
    if matches!(answer.status, 204 | 303) {
        let responses = &document["paths"][route.path][route.method.name().to_lowercase()]["responses"];
        let said = &responses[answer.status.to_string()];
        assert!(said["content"].is_null() && said.is_object() && answer.body.is_empty(), "{route:?}");
        return;
    }
    let media = answer.header("content-type").unwrap();
    let schema = schema(document, route, answer.status, media)
        .unwrap_or_else(|| panic!("{route:?} does not say that it may answer {} in {media}", answer.status));
    if !media.ends_with("json") {
        return;
    }
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&schema).unwrap();
    let body = answer.json();
    // the deepest places first: an "any of" above them only says that nothing fits
    if let jsonschema::BasicOutput::Invalid(errors) = validator.apply(&body).basic() {
        let mut places: Vec<(String, String)> =
            errors.iter().map(|e| (e.instance_location().to_string(), e.error_description().to_string())).collect();
        places.sort_by_key(|(place, _)| std::cmp::Reverse(place.matches('/').count()));
        let shown: Vec<String> = places
            .into_iter()
            .take(5)
            .map(|(p, e)| format!("{p}: {}", e.chars().take(300).collect::<String>()))
            .collect();
        panic!("{route:?} {}: {shown:#?}", answer.status);
    }
    if media == "application/problem+json" {
        let code = codes::find(body["code"].as_str().unwrap()).unwrap();
        let described = document["paths"][route.path][route.method.name().to_lowercase()]["responses"]
            [answer.status.to_string()]["description"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(described.contains(code.name), "{route:?} does not say that it may answer {}", code.name);
    }
}

/// The address of Bitcoin's first block.
const SIGHTED: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
/// Of a group that does not exist.
const SOLICITING: &str = "Send money for our fighters at the front: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";

/// A good question to each route: path with query, and body. A route that is not here fails the test.
fn good(route: &Route) -> (String, Value) {
    if let Some(asked) = crate::cases::good(route, shared()) {
        return asked;
    }
    let world = world();
    let (listed, txid, [a, b]) = (&world.listed, &world.txid, &world.tied);
    let mut body = Value::Null;
    let path = match route.id {
        "health" | "ready" | "session" | "logout" | "users" | "keys" | "audit" | "auditVerify" | "oidcBegin"
        | "openapi" | "status" | "conflicts" | "labelConflicts" | "taxonomy" | "lists" | "prices" | "pricesStatus"
        | "policies" | "sightingsCustody" | "campaigns" | "transfers" | "subjects" | "changes" | "webhooks"
        | "deadDeliveries" | "watchlists" | "alerts" | "alertFigures" | "alertSinks" | "suppressions" | "metrics"
        | "patterns" | "records" | "recordsImports" | "recordsNotes" | "recordsJournal" => route.path.to_owned(),
        // in local mode nobody logs in
        "login" | "changePassword" => {
            let login = json!({ "name": "amal", "password": "correct horse battery" });
            body = if route.id == "login" { login } else { json!({ "current": "a", "new": "b" }) };
            route.path.into()
        }
        "setLanguage" => {
            body = json!({ "language": "ar" });
            route.path.into()
        }
        "oidcCallback" => "/v1/session/oidc/callback?state=x&code=y".into(),
        "addUser" => {
            body = json!({ "name": "amal.openapi", "display": "أمل", "role": "analyst" });
            route.path.into()
        }
        "changeUser" | "eraseUser" => {
            let made = json!({ "name": route.id, "role": "viewer" }).to_string();
            let made = crate::client::post(shared(), "/v1/users", &made).json();
            body = if route.id == "changeUser" { json!({ "version": 1, "disabled": true }) } else { Value::Null };
            route.path.replace("{id}", &made["user"]["id"].to_string())
        }
        "addKey" => {
            body = json!({ "name": "of a test", "scopes": ["read", "case_read"], "days": 1 });
            route.path.into()
        }
        "revokeKey" => {
            let made = json!({ "name": "gone", "scopes": ["read"] }).to_string();
            let made = crate::client::post(shared(), "/v1/keys", &made).json();
            route.path.replace("{id}", made["key"]["id"].as_str().unwrap())
        }
        "pattern" => "/v1/patterns/rule/peel-chain".into(),
        "patternHits" => "/v1/patterns/hits?limit=3&min_severity=low".into(),
        "importRecords" => {
            body = redeemed("1");
            "/v1/records?kind=redemption".into()
        }
        "recordsStats" | "linkedRecords" => {
            sold();
            route.path.into()
        }
        "searchRecords" => {
            body = json!({ "subject": "user-77" });
            route.path.into()
        }
        "forgetSubject" => {
            body = json!({ "subject": "user-78", "reason": "asked for" });
            route.path.into()
        }
        "addRecordsNote" => {
            body = json!({ "subject": "user-77", "text": "a relative", "source": "statement" });
            route.path.into()
        }
        "record" | "deleteRecord" => {
            sold();
            let all = get(shared(), "/v1/records?limit=1").json();
            route.path.replace("{id}", &all["records"][0]["id"].to_string())
        }
        "deleteRecordsImport" => {
            sold();
            let all = get(shared(), "/v1/records/imports").json();
            route.path.replace("{id}", &all["imports"][0]["import"].to_string())
        }
        "addWatchlist" => {
            body = json!({ "name": "openapi", "note": "of a test" });
            route.path.into()
        }
        "removeWatchlist" | "watches" | "addWatches" => {
            let made = json!({ "name": route.id }).to_string();
            assert_eq!(crate::client::post(shared(), "/v1/watchlists", &made).status, 201);
            if route.id == "addWatches" {
                body = json!({ "watches": [{ "kind": "entity", "value": a, "at_least_usd_cents": 5 }] });
            }
            route.path.replace("{name}", route.id)
        }
        "removeWatch" => {
            let made = json!({ "name": "one" }).to_string();
            crate::client::post(shared(), "/v1/watchlists", &made);
            let watch = json!({ "watches": [{ "kind": "address", "value": b }] }).to_string();
            let added = crate::client::post(shared(), "/v1/watchlists/one/watches", &watch).json();
            route.path.replace("{id}", &added["registered"][0]["id"].to_string())
        }
        "alert" | "alertHistory" => route.path.replace("{id}", &raised(route.id).to_string()),
        "assignAlert" | "noteAlert" | "reviewAlert" | "escalateAlert" | "closeAlert" => {
            body = json!({ "version": 1, "assignee": "amal", "text": "t", "reason": "r", "outcome": "closed_true_positive" });
            route.path.replace("{id}", &raised(route.id).to_string())
        }
        "reopenAlert" => {
            let id = raised(route.id);
            let close = json!({ "version": 1, "reason": "r", "outcome": "closed_true_positive" }).to_string();
            assert_eq!(crate::client::post(shared(), &format!("/v1/alerts/{id}/close"), &close).status, 200);
            body = json!({ "version": 2, "reason": "r" });
            route.path.replace("{id}", &id.to_string())
        }
        "suppressAlerts" | "liftSuppression" => {
            let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 500;
            let suppression = json!({ "kind": "subject", "value": "x", "reason": "r", "expires_at": soon });
            if route.id == "suppressAlerts" {
                body = suppression;
                return (route.path.into(), body);
            }
            let held = crate::client::post(shared(), "/v1/suppressions", &suppression.to_string()).json();
            route.path.replace("{id}", &held["id"].to_string())
        }
        "problem" => "/problems/busy".into(),
        "screening" => format!("/v1/screenings?value={listed}&depth=exposure&hops=4"),
        "screenings" => {
            body = json!({ "subjects": [{ "value": listed }, { "value": "nonsense" }, 7, { "value": txid }], "depth": "exposure", "policy": "active" });
            route.path.into()
        }
        "withdrawalCheck" => {
            body =
                json!({ "chain": "bitcoin", "address": listed, "amount": "0.5", "from": a, "time_limit_ms": 30_000 });
            route.path.into()
        }
        "withdrawalChecks" => format!("/v1/withdrawals/checks?address={listed}&limit=1"),
        "withdrawalCheckKept" => {
            let body = json!({ "chain": "bitcoin", "address": listed }).to_string();
            let made = crate::client::post(shared(), "/v1/withdrawals/check", &body).json();
            route.path.replace("{id}", &made["kept"].to_string())
        }
        "totals" => "/v1/totals?category=terrorist_financing&category=donation_campaign&by=organisation".into(),
        "block" => "/v1/block/100".into(),
        "tx" => format!("/v1/tx/{txid}"),
        "address" => format!("/v1/address/{listed}"),
        "entity" => format!("/v1/entity/{a}?limit=1"),
        "entityGrowth" => format!("/v1/entity/{a}/growth"),
        "entityWithout" => format!("/v1/entity/{a}/without/{txid}"),
        "explain" => format!("/v1/explain?a={a}&b={b}"),
        "coinjoin" => format!("/v1/coinjoin/{txid}"),
        "screen" => format!("/v1/screen?target={listed}&target={txid}&target=nonsense"),
        "trace" => format!("/v1/trace/{listed}?hops=6&policy=haircut&since=1&amount_min=10"),
        "tracePolicies" => format!("/v1/trace-policies/{listed}?hops=3"),
        "exposure" => format!("/v1/exposure/{listed}?hops=2&policy=fifo&at=2021-01-01"),
        "paths" => format!("/v1/paths?from={a}&to={listed}&hops=3&edges=1000&either=true"),
        "policy" => "/v1/policies/active".into(),
        "registerTransfers" => {
            body =
                json!({ "transfers": [{ "transfer": format!("{txid}:0"), "direction": "sent", "amount_units": "5" }] });
            route.path.into()
        }
        "subject" | "subjectScreenings" => {
            let body = json!({ "value": listed, "monitor": true }).to_string();
            let watched = crate::client::post(shared(), "/v1/screenings", &body).json()["watched"].clone();
            route.path.replace("{id}", &watched.to_string())
        }
        "addWebhook" => {
            body = json!({ "url": "https://hooks.example.com/athar", "events": ["subject.changed"] });
            route.path.into()
        }
        "removeWebhook" => {
            let body = json!({ "url": "https://hooks.example.com/gone" }).to_string();
            let added = crate::client::post(shared(), "/v1/webhooks", &body).json();
            route.path.replace("{id}", &added["id"].to_string())
        }
        // nothing is sent in these tests, so nothing was given up
        "replayDelivery" => "/v1/webhooks/dead/1/replay".into(),
        "discover" => {
            body = json!([{ "text": SOLICITING }]);
            "/v1/discover?record=true&excerpts=true&name=posts.json".into()
        }
        "sightings" => format!("/v1/sightings?value={SIGHTED}&chain=bitcoin&limit=1"),
        "sightedItem" => {
            let seen = get(shared(), &format!("/v1/sightings?value={SIGHTED}")).json();
            route.path.replace("{id}", &seen["sightings"][0]["item"].to_string())
        }
        "campaign" => format!("/v1/campaigns/{SIGHTED}"),
        "labels" => "/v1/labels?of=all&limit=20".into(),
        "listEntry" => "/v1/lists/people/entries/1".into(),
        "listedOn" => "/v1/lists/people/entries/2/on/2020-06-01".into(),
        "listsDiff" => "/v1/lists/diff?old=people%402020-01-01&new=people".into(),
        "listsFind" => "/v1/lists/find?value=A123".into(),
        "namesScreen" => "/v1/names/screen?name=Hassan%20Ahmed&born=1970".into(),
        "namesCompare" => "/v1/names/compare?a=Ahmad&b=%D8%A3%D8%AD%D9%85%D8%AF".into(),
        "priceDay" => "/v1/prices/day/2020-01-31".into(),
        // no follower has written one into this world
        "mempool" => "/v1/mempool".into(),
        "chainalysisSanctions" | "chainalysisEntity" => route.path.replace("{address}", listed),
        "chainalysisRegister" => {
            body = json!({ "address": listed });
            route.path.into()
        }
        "beginJob" => {
            body = json!({ "kind": "trace", "target": txid });
            route.path.into()
        }
        "job" | "jobEvents" | "cancelJob" => {
            let body = json!({ "kind": "trace", "target": txid, "hops": 2 }).to_string();
            let begun = crate::client::post(shared(), "/v1/jobs", &body).json();
            route.path.replace("{id}", begun["id"].as_str().unwrap())
        }
        other => panic!("no question for the route {other}"),
    };
    (path, body)
}

fn redeemed(serial: &str) -> Value {
    json!([{ "serial": serial, "account": "user-77", "country": "tr", "time": "2020-09-29T12:00:00Z" }])
}

/// Records that are there to be asked about.
fn sold() {
    let body = redeemed("2").to_string();
    let path = "/v1/records?kind=redemption";
    let answer = ask(shared(), "POST", path, &[("content-type", "application/json")], body.as_bytes());
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
}

/// An alert about somebody, as whoever runs the patterns raises it.
fn raised(subject: &str) -> i64 {
    let desk = athar_desk::Desk::open(&own().1).unwrap();
    desk.add_watchlist("patterns", "", "test", 1).unwrap();
    let watch = athar_desk::watch::NewWatch::new(athar_desk::watch::WatchKind::Pattern, None, "of_a_test");
    desk.add_watches("patterns", vec![watch], 1).unwrap();
    let hit = json!({
        "pattern": "of_a_test", "rule_version": "1", "severity": "high", "chain": "bitcoin", "subject": subject, "addresses": [],
        "txids": [], "why": {}, "snapshot": "s",
    });
    desk.see_patterns(&[serde_json::from_value(hit).unwrap()], 1).unwrap();
    let filter = athar_desk::alert::AlertFilter { subject: Some(subject.into()), ..Default::default() };
    desk.alerts(&filter, 0, 1).unwrap().rows[0].id
}

fn put(route: &Route, path: &str, body: &Value) -> Answer {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    if route.id == "importCase" && body.is_null() {
        let file = crate::cases::exported(shared());
        return ask(shared(), route.method.name(), path, &[("content-type", "application/zip")], &file);
    }
    ask(shared(), route.method.name(), path, &[("content-type", "application/json")], &bytes)
}

#[test]
fn every_route_answers_as_it_is_described() {
    let document: Value = serde_json::from_str(&openapi_document()).unwrap();
    let mut ids: Vec<&str> = all().map(|route| route.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all().count(), "two routes have one id");
    for route in all() {
        let (path, body) = good(route);
        let answer = put(route, &path, &body);
        let wanted = match route.id {
            "mempool" | "replayDelivery" | "oidcBegin" => 404,
            "login" | "logout" | "changePassword" => 409,
            _ => route.status,
        };
        assert_eq!(answer.status, wanted, "{route:?}: {}", String::from_utf8_lossy(&answer.body));
        validate(&document, route, &answer);
        // and its errors
        let separator = if path.contains('?') { '&' } else { '?' };
        validate(&document, route, &put(route, &format!("{path}{separator}colour=red"), &body));
        if !route.parts.is_empty() {
            let names: Vec<String> = route.parts.iter().map(|part| format!("{{{}}}", part.name)).collect();
            for text in ["nonsense", "%ff", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", &"0".repeat(64)] {
                let path = names.iter().fold(route.path.to_owned(), |path, name| path.replace(name, text));
                validate(&document, route, &put(route, &path, &body));
            }
        }
        if route.params.iter().copied().flatten().any(|param| param.name == "chain") && route.id != "screening" {
            validate(&document, route, &put(route, &format!("{path}{separator}chain=zcash"), &body));
        }
        if route.body.is_some() {
            for wrong in [json!({}), json!([]), json!({ "value": "x", "kind": 7 }), json!({ "kind": "none" })] {
                validate(&document, route, &put(route, &path, &wrong));
            }
        }
    }
}
