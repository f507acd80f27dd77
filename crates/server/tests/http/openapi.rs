//! The description of the service, and that its answers are as described.

use crate::client::{Answer, ask, get};
use crate::world::{shared, world};
use athar_server::openapi_document;
use athar_server::problem::codes;
use athar_server::routes::{Route, all};
use serde_json::{Value, json};
use std::path::Path;

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
    let world = world();
    let (listed, txid, [a, b]) = (&world.listed, &world.txid, &world.tied);
    let mut body = Value::Null;
    let path = match route.id {
        "health" | "openapi" | "status" | "conflicts" | "labelConflicts" | "taxonomy" | "lists" | "prices"
        | "pricesStatus" | "policies" | "sightingsCustody" | "campaigns" | "transfers" | "subjects" | "changes"
        | "webhooks" | "deadDeliveries" => route.path.to_owned(),
        "problem" => "/problems/busy".into(),
        "screening" => format!("/v1/screenings?value={listed}&depth=exposure&hops=4"),
        "screenings" => {
            body = json!({ "subjects": [{ "value": listed }, { "value": "nonsense" }, 7, { "value": txid }], "depth": "exposure", "policy": "active" });
            route.path.into()
        }
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

fn put(route: &Route, path: &str, body: &Value) -> Answer {
    let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
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
        let wanted = if matches!(route.id, "mempool" | "replayDelivery") { 404 } else { route.status };
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
