//! The description of the service, OpenAPI 3.1, made from the table of routes and the shapes of the answers.
//!
//! `openapi.json` at the root of the project is what [`document`] gives; a test holds the two together.

use crate::keys::Scope;
use crate::media::{EVENTS, JSON};
use crate::problem::{ProblemView, codes};
use crate::routes::{Route, Verb, all};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The codes that every route may answer with.
const EVERYWHERE: &[codes::Code] =
    &[codes::HOST_REFUSED, codes::PARAMETER_UNKNOWN, codes::NOT_ACCEPTABLE, codes::INTERNAL];
/// Those of routes that ask for a key.
const KEYED: &[codes::Code] = &[
    codes::UNAUTHENTICATED,
    codes::KEY_UNKNOWN,
    codes::KEY_EXPIRED,
    codes::KEY_REVOKED,
    codes::SCOPE_MISSING,
    codes::RATE_LIMITED,
    codes::BUSY,
    codes::TIME_LIMIT,
    codes::SHUTTING_DOWN,
    codes::TEAM_UNAVAILABLE,
];
/// Those of routes that change something, where a browser may ask.
const CHANGING: &[codes::Code] = &[codes::ORIGIN_REFUSED, codes::CSRF_REFUSED];
/// Those of routes with parameters.
const WITH_PARAMS: &[codes::Code] = &[codes::PARAMETER_MISSING, codes::PARAMETER_REPEATED, codes::PARAMETER_INVALID];
/// Those of routes with parts in their path.
const WITH_PARTS: &[codes::Code] = &[codes::PATH_INVALID];
/// Those of routes with pages.
const PAGED: &[codes::Code] = &[codes::CURSOR_INVALID, codes::CURSOR_OTHER_QUESTION, codes::CURSOR_EXPIRED];
/// Those of routes with a body.
const WITH_BODY: &[codes::Code] =
    &[codes::MEDIA_TYPE_UNSUPPORTED, codes::BODY_TOO_LARGE, codes::BODY_TIMEOUT, codes::BODY_INVALID];
/// Those of routes that keep answers by idempotency key.
const IDEMPOTENT: &[codes::Code] = &[
    codes::IDEMPOTENCY_KEY_INVALID,
    codes::IDEMPOTENCY_KEY_REUSED,
    codes::IDEMPOTENCY_IN_PROGRESS,
    codes::IDEMPOTENCY_SPENT,
    codes::TOO_MANY,
    codes::STORAGE_FULL,
];

/// The document, as JSON that people can read and compare.
pub fn document() -> String {
    // by what is written: a field that is left out where it is empty is not required
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|s| {
        s.definitions_path = "/components/schemas".into();
        s.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<ProblemView>().to_value();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in all() {
        let operation = operation(route, &mut generator, &problem);
        paths.entry(route.path).or_default().insert(route.method.name().to_lowercase(), operation);
    }
    let mut schemas = Value::Object(generator.take_definitions(true));
    without_multiples(&mut schemas);
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Athar",
            "summary": "Counter-terrorist-financing intelligence for digital currencies: self-hosted, offline, every statement proved.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": "/", "description": "Where this description was fetched from" }],
        "security": [{ "bearer": [] }, { "apiKey": [] }, { "token": [] }, { "session": [] }],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "apiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
                "token": { "type": "apiKey", "in": "header", "name": "Token" },
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "athar_session",
                    "description": "Of `POST /v1/session`; over TLS the name begins with `__Host-`. Changes need the header X-Athar-CSRF too",
                },
            },
        },
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Dollars are multiples of a cent, exactly so in the answers' digits. Validators read them as floats, by which 338.19 is none of
/// 0.01: the bound would refuse right answers.
fn without_multiples(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.retain(|name, value| name != "multipleOf" || !value.is_number());
            fields.values_mut().for_each(without_multiples);
        }
        Value::Array(items) => items.iter_mut().for_each(without_multiples),
        _ => {}
    }
}

fn tags() -> Value {
    let tags = [
        ("service", "The service itself"),
        ("team", "Who works here: logging in, users, keys, the audit log"),
        ("cases", "What is investigated, what was found, by whom"),
        ("screenings", "What is known of subjects"),
        ("chain", "What happened on the chain, and which addresses act as one"),
        ("labels", "Who somebody says an address is"),
        ("lists", "Official lists"),
        ("names", "Names against the lists"),
        ("policies", "What follows from what is known"),
        ("prices", "What a coin was worth"),
        ("sightings", "Where identifiers were published, and what was published together"),
        ("records", "What a coupon seller, an exchange or a bank knows beside the chain"),
        ("desk", "What is watched, what was answered, what changed"),
        ("webhooks", "Who is told of changes"),
        ("jobs", "Long work"),
        ("compat", "Shapes of other services"),
    ];
    tags.map(|(name, description)| json!({ "name": name, "description": description })).into()
}

fn operation(route: &Route, generator: &mut SchemaGenerator, problem: &Value) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    for part in route.parts {
        parameters.push(json!({
            "name": part.name, "in": "path", "required": true, "description": part.summary,
            "schema": { "type": "string", "minLength": 1, "maxLength": 4_096 },
        }));
    }
    for param in route.params.iter().copied().flatten() {
        parameters.push(json!({
            "name": param.name, "in": "query", "required": param.required, "description": param.summary,
            "schema": param.schema(),
        }));
    }
    let mut operation = json!({
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "responses": responses(route, generator, problem),
    });
    match route.scope {
        Some(scope) => {
            operation["description"] =
                format!("Needs a key, or a role, with the scope `{}`.", Scope::name(scope)).into();
        }
        None => operation["security"] = json!([]),
    }
    if let Some(body) = &route.body {
        let content: Map<String, Value> = body
            .media
            .iter()
            .map(|media| {
                let schema = match *media {
                    JSON => (body.shape)(generator).to_value(),
                    text if text.starts_with("text/") => json!({ "type": "string" }),
                    // bytes that are no text have no schema in OpenAPI 3.1
                    _ => json!({}),
                };
                ((*media).to_owned(), json!({ "schema": schema }))
            })
            .collect();
        operation["requestBody"] = json!({ "required": true, "content": content });
        if body.idempotent {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "The same request with the same key gets the first answer again",
                "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$" },
            }));
        }
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation
}

fn responses(route: &Route, generator: &mut SchemaGenerator, problem: &Value) -> Value {
    let content: Map<String, Value> = route
        .media
        .iter()
        .map(|media| {
            let schema = match *media {
                JSON => (route.shape)(generator).to_value(),
                // OpenAPI 3.1 has no words for a stream of events: what their data are is the shape of the JSON answer
                EVENTS => json!({}),
                _ => json!({ "type": "string" }),
            };
            ((*media).to_owned(), json!({ "schema": schema }))
        })
        .collect();
    let mut headers = json!({
        "X-Request-Id": { "description": "Id of the request, as in the log", "schema": { "type": "string" } },
    });
    let is_paged = route.params.iter().copied().flatten().any(|p| p.name == "cursor");
    if is_paged {
        headers["Link"] = json!({
            "description": "The next page, with rel=\"next\"; absent on the last one", "schema": { "type": "string" },
        });
    }
    let mut good = json!({ "description": route.summary, "headers": headers, "content": content });
    // done, or elsewhere: nothing is said
    if matches!(route.status, 204 | 303) {
        good.as_object_mut().map(|good| good.remove("content"));
    }
    let mut all = Map::from_iter([(route.status.to_string(), good)]);
    let mut by_status: BTreeMap<u16, Vec<codes::Code>> = BTreeMap::new();
    let groups = [
        (true, EVERYWHERE),
        (route.scope.is_some(), KEYED),
        (route.method != Verb::Get, CHANGING),
        (!route.params.is_empty(), WITH_PARAMS),
        (!route.parts.is_empty(), WITH_PARTS),
        (is_paged, PAGED),
        (route.body.is_some(), WITH_BODY),
        (route.body.is_some_and(|b| b.idempotent), IDEMPOTENT),
        (true, route.codes),
    ];
    for code in groups.into_iter().filter(|(has, _)| *has).flat_map(|(_, codes)| codes) {
        let of_status = by_status.entry(code.status).or_default();
        if !of_status.contains(code) {
            of_status.push(*code);
        }
    }
    for (status, codes) in by_status {
        let names: Vec<String> = codes.iter().map(|code| format!("`{}`: {}", code.name, code.title)).collect();
        all.insert(
            status.to_string(),
            json!({
                "description": names.join(" "),
                "content": { "application/problem+json": { "schema": problem } },
            }),
        );
    }
    // given before the request is read as one: no route, no body
    all.insert("431".into(), json!({ "description": "The head of the request is longer than the service reads." }));
    all.into()
}
