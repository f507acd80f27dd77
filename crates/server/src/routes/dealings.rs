//! Whom a subject dealt with directly, when, and what went directly between some subjects.

use super::{BodyKind, Call, Part, READ, Route, Run, Task, Verb};
use crate::media::JSON;
use crate::parameters::{CHAIN, Given, Kind, PAGE, Param};
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::screenings::{may_be_absent, wrong};
use athar_engine::Chain;
use athar_engine::read::{ActivityBy, ActivityView, CounterpartiesView, DealingsAsk, LINKED_MAX, LinksView, Of, Sides};
use schemars::JsonSchema;
use serde::Deserialize;

const TAG: &str = "chain";
const CODES: &[codes::Code] = &[codes::NOT_FOUND, codes::TARGET_INVALID, codes::STORE_EMPTY, codes::ENTITIES_MISSING];
const SUBJECT: Part = Part { name: "subject", summary: "Address, or entity:ADDRESS" };
const OF: &[Param] = &[
    Param::new(
        "of",
        Kind::Word(&["address", "entity"]),
        "The address alone, or its entity; without it the address, or what the prefix says",
    ),
    Param::new("from", Kind::Day, "Transactions of that day or later"),
    Param::new("to", Kind::Day, "Transactions of that day or before"),
];
/// Bytes of one node.
const NODE_MAX: usize = 200;

/// The nodes of a graph.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nodes {
    /// The chain; without it the service's.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
    /// Whether each node is one address, or the entity of it; without it the address.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(extend("enum" = ["address", "entity"]))]
    of: Option<String>,
    /// Addresses, at most 500.
    #[schemars(length(min = 1, max = 500))]
    nodes: Vec<String>,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/counterparties/{subject}",
        id: "counterparties",
        tag: TAG,
        summary: "Whom a subject dealt with directly, summed up for each entity: by the same rule as a screening",
        parts: &[SUBJECT],
        params: &[
            CHAIN,
            OF,
            &[Param::new(
                "side",
                Kind::Word(&["received", "sent", "both"]),
                "Parties that it received from, that it sent to, or both (without it)",
            )],
            PAGE,
        ],
        shape: |g| g.subschema_for::<CounterpartiesView>(),
        codes: CODES,
        run: Run::Engine(|ask| {
            let sides: Sides = ask.given.parsed("side").unwrap_or_default();
            let asked = asked(ask.part(0), &ask.given);
            let view = ask.engine()?.dealt_with(&asked, sides, ask.offset, ask.limit)?.ok_or_else(super::absent)?;
            Ok(Reply::view(&view)?.next(view.truncated, ask.offset, view.parties.len()))
        }),
        ..READ
    },
    Route {
        path: "/v1/activity/{subject}",
        id: "activity",
        tag: TAG,
        summary: "What a subject received from others and sent to others, by day or month",
        parts: &[SUBJECT],
        params: &[
            CHAIN,
            OF,
            &[Param::new("by", Kind::Word(&["day", "month"]), "How time is cut; without it by month")],
        ],
        shape: |g| g.subschema_for::<ActivityView>(),
        codes: CODES,
        run: Run::Engine(|ask| {
            let by: ActivityBy = ask.given.parsed("by").unwrap_or_default();
            super::found(ask.engine()?.activity(&asked(ask.part(0), &ask.given), by)?)
        }),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/graph/links",
        id: "graphLinks",
        tag: TAG,
        summary: "What went directly from one of some addresses, or entities, to another",
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Nodes>(), idempotent: false }),
        shape: |g| g.subschema_for::<LinksView>(),
        codes: &[
            codes::TARGET_INVALID,
            codes::STORE_EMPTY,
            codes::ENTITIES_MISSING,
            codes::BATCH_EMPTY,
            codes::BATCH_TOO_LARGE,
            codes::CHAIN_UNKNOWN,
            codes::FIELD_INVALID,
        ],
        run: Run::Task(links),
        ..READ
    },
];

fn asked(subject: &str, given: &Given) -> DealingsAsk {
    let ask = DealingsAsk::read(subject, given.parsed::<Of>("of"));
    DealingsAsk { from: given.parsed("from"), to: given.parsed("to"), ..ask }
}

fn links(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, ask, body, .. } = call;
        let (time, cancel) = (app.settings.limits.request_time, ask.cancel.clone());
        app.pool
            .run(time, &cancel, move || {
                let Nodes { chain, of, nodes } = serde_json::from_slice(&body).map_err(|e| wrong(&e))?;
                match nodes.len() {
                    0 => return Err(Problem::new(codes::BATCH_EMPTY, "give at least one").at("nodes")),
                    1..=LINKED_MAX => {}
                    _ => {
                        return Err(Problem::new(codes::BATCH_TOO_LARGE, format!("at most {LINKED_MAX}")).at("nodes"));
                    }
                }
                if let Some(at) = nodes.iter().position(|node| node.len() > NODE_MAX) {
                    let detail = format!("more than {NODE_MAX} bytes");
                    return Err(Problem::new(codes::FIELD_INVALID, detail).at(format!("nodes[{at}]")));
                }
                let of = match of.as_deref() {
                    None => Of::Address,
                    Some(text) => text.parse().map_err(|wanted: String| {
                        Problem::new(codes::FIELD_INVALID, format!("`{}` is not {wanted}", shown(text))).at("of")
                    })?,
                };
                let chain = chain_named(chain.as_deref())?;
                Reply::view(&ask.store.of_chain(chain)?.links(&nodes, of)?)
            })
            .await
    })
}

/// The chain of a field, where one is given.
pub(super) fn chain_named(name: Option<&str>) -> Result<Option<Chain>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let known = Chain::from_name(name).filter(|chain| chain.has_ledger());
    let none = || {
        let names = crate::parameters::chain_names().join(", ");
        Problem::new(codes::CHAIN_UNKNOWN, format!("`{}` is none of {names}", shown(name))).at("chain")
    };
    known.ok_or_else(none).map(Some)
}
