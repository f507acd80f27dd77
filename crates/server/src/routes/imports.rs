//! Imports over HTTP: each is a job. The body is the file.

use super::sightings::bounded;
use super::{BodyKind, Call, Part, READ, Route, Run, Task, Verb};
use crate::app::clock;
use crate::jobs::JobView;
use crate::jobs::import::{Import, What, check, today};
use crate::keys::Scope;
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes, shown};
use crate::routes::Ask;
use athar_engine::Network;
use athar_engine::discovery::Settings;
use athar_engine::lists::ReadOptions;
use athar_engine::records::{Field, Kind as RecordKind, Map};

const TAG: &str = "imports";
/// Bytes of a file.
const FILE_BYTES_MAX: usize = 64 << 20;
/// Bytes of its name.
const NAME_MAX: usize = 255;
const KINDS: &[&str] = &["coupon_sale", "redemption", "deposit", "withdrawal", "login", "fiat_transfer"];

pub(super) const ROUTES: &[Route] = &[Route {
    method: Verb::Post,
    path: "/v1/imports/{what}",
    id: "beginImport",
    tag: TAG,
    summary: "Imports a file of up to 64 MiB as a job: labels, official lists, prices, rates, records, documents. The job's result says \
              what was taken, and what was refused, line by line",
    scope: Some(Scope::Write),
    body_bytes_max: FILE_BYTES_MAX,
    parts: &[Part { name: "what", summary: "`labels`, `lists`, `prices`, `rates`, `records` or `documents`" }],
    params: &[&[
        Param::new("name", Kind::Text(NAME_MAX), "Name of the file, as reports name it").required(),
        Param::new("license", Kind::Text(200), "Of labels and lists: their licence, where they do not say it"),
        Param::new(
            "encoding",
            Kind::Text(40),
            "Of labels and lists: what the file is in, where its bytes do not show it",
        ),
        Param::new("list", Kind::Text(200), "Of a list that does not name itself: its id"),
        Param::new("as_of", Kind::Day, "Of a list that does not say it: the day of its version"),
        Param::new("asset", Kind::Asset, "Of prices whose columns name no asset: which"),
        Param::new("source", Kind::Text(200), "Of prices whose columns name no source: where they are from"),
        Param::new("kind", Kind::Word(KINDS), "Of records: what they are of; they need it"),
        Param::new("map", Kind::Text(8_192), "Of records: which column is which field, FIELD=COLUMN,…,FIELD:=VALUE"),
        Param::new("zone", Kind::Text(64), "Of records: zone of times that name none"),
        Param::new("chain", Kind::AnyChain, "Of records: chain of the addresses"),
    ]],
    body: Some(BodyKind {
        media: &[
            "application/octet-stream",
            "text/plain",
            "text/csv",
            "text/html",
            "application/json",
            "application/x-ndjson",
            "application/xml",
            "text/xml",
            "application/yaml",
            "text/turtle",
            "application/pdf",
            "application/zip",
        ],
        shape: |g| g.subschema_for::<serde_json::Value>(),
        idempotent: true,
    }),
    status: 202,
    shape: |g| g.subschema_for::<JobView>(),
    codes: &[codes::TARGET_INVALID, codes::FIELD_INVALID, codes::STORE_LOCKED, codes::STORAGE_FULL, codes::JOBS_FULL],
    run: Run::Task(import),
    ..READ
}];

fn import(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, ask, caller, body, .. } = call;
        if body.is_empty() {
            return Err(Problem::new(codes::BODY_INVALID, "it is empty: send the file"));
        }
        let what = match ask.part(0) {
            "labels" => What::Labels { license: text(&ask, "license"), encoding: text(&ask, "encoding") },
            "lists" => What::Lists(ReadOptions {
                list: text(&ask, "list"),
                as_of: ask.given.parsed("as_of"),
                license: text(&ask, "license"),
                encoding: text(&ask, "encoding"),
                ..ReadOptions::default()
            }),
            "prices" => What::Prices { asset: ask.given.parsed("asset"), source: text(&ask, "source") },
            "rates" => What::Rates,
            "records" => records(&ask)?,
            "documents" => {
                let bounds = bounded(&caller, app.settings.limits.request_time.as_secs());
                // a store of a test network is asked about that network's addresses
                let network = ask.store.engine.ledger_network().unwrap_or(Network::Mainnet);
                What::Documents(Box::new(Settings { test_networks: network != Network::Mainnet, ..bounds }))
            }
            other => {
                let detail = format!("`{}` is none of labels, lists, prices, rates, records, documents", shown(other));
                return Err(Problem::new(codes::TARGET_INVALID, detail).at("what"));
            }
        };
        let name = file_name(ask.needed("name"))?;
        let store = ask.store.clone();
        let checked = tokio::task::spawn_blocking(move || check(store.folder())).await;
        checked.map_err(|e| Problem::internal(e.to_string()))??;
        let now_s = clock();
        let operator = caller.as_author().unwrap_or_default();
        let import = Import { what, name, bytes: body, today: today(), now_s, operator };
        crate::jobs::begin_work(app, ask.store, &caller, import)
    })
}

fn text(ask: &Ask, name: &str) -> Option<String> {
    ask.given.get(name).map(str::to_owned)
}

fn records(ask: &Ask) -> Result<What, Problem> {
    let kind = ask.given.get("kind").and_then(RecordKind::from_name);
    let kind = kind.ok_or_else(|| Problem::new(codes::FIELD_INVALID, "records need it").at("kind"))?;
    let map = ask.given.get("map").map_or_else(|| Ok(Map::default()), Map::from_line);
    let mut map = map.map_err(|error| Problem::from(error).at("map"))?;
    map.zone = text(ask, "zone");
    if let Some(chain) = ask.given.chain() {
        map.constants.entry(Field::Chain).or_insert_with(|| chain.name().to_owned());
    }
    Ok(What::Records { kind, map })
}

/// The name of a file, without folders: it is one that this machine can have too.
fn file_name(given: &str) -> Result<String, Problem> {
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let is_bad = name.is_empty() || name == "." || name == ".." || name.chars().any(char::is_control);
    if is_bad {
        return Err(Problem::new(codes::FIELD_INVALID, "no name of a file").at("name"));
    }
    Ok(name.to_owned())
}
