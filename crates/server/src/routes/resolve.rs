//! What a pasted text is.

use super::{Ask, BodyKind, Call, READ, Route, Run, Task, Verb};
use crate::media::JSON;
use crate::parameters::{CHAIN, Kind, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::screenings::wrong;
use athar_engine::read::{RESOLVE_BYTES_MAX, ResolveFrom, ResolveView};
use athar_engine::{Chain, Engine, EngineError};
use schemars::JsonSchema;
use serde::Deserialize;

const TAG: &str = "chain";
/// Bytes of a text that is asked for in the path: so many characters, whatever the script.
const QUERY_BYTES_MAX: usize = 8_000;
const QUERY_CHARS_MAX: usize = 2_000;

/// A text.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Text {
    /// The text, at most 256 KiB.
    #[schemars(length(min = 1, max = 262_144))]
    text: String,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/resolve",
        id: "resolve",
        tag: TAG,
        summary: "What a short text is: address, transaction, block, name",
        params: &[
            CHAIN,
            &[Param::new("q", Kind::Text(QUERY_BYTES_MAX), "The text, at most 2,000 characters").required()],
        ],
        shape: |g| g.subschema_for::<ResolveView>(),
        run: Run::Engine(|ask| {
            let text = ask.needed("q");
            if text.chars().nth(QUERY_CHARS_MAX).is_some() {
                let detail = format!("more than {QUERY_CHARS_MAX} characters: POST /v1/resolve takes longer texts");
                return Err(Problem::new(codes::PARAMETER_INVALID, detail).at("q"));
            }
            resolve(ask, text)
        }),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/resolve",
        id: "resolveText",
        tag: TAG,
        summary: "Every identifier in a text, looked up; secrets in it are counted and never repeated",
        params: &[CHAIN],
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Text>(), idempotent: false }),
        shape: |g| g.subschema_for::<ResolveView>(),
        codes: &[codes::FIELD_INVALID],
        run: Run::Task(posted),
        ..READ
    },
];

fn posted(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, ask, body, .. } = call;
        let (time, cancel) = (app.settings.limits.request_time, ask.cancel.clone());
        app.pool
            .run(time, &cancel, move || {
                let Text { text } = serde_json::from_slice(&body).map_err(|e| wrong(&e))?;
                match text.len() {
                    1..=RESOLVE_BYTES_MAX => resolve(&ask, &text),
                    bytes => {
                        let detail = format!("{bytes} bytes, not 1 to {RESOLVE_BYTES_MAX}");
                        Err(Problem::new(codes::FIELD_INVALID, detail).at("text"))
                    }
                }
            })
            .await
    })
}

fn resolve(ask: &Ask, text: &str) -> Result<Reply, Problem> {
    let engine = ask.engine()?;
    let held = Engine::chains_held(ask.store.folder())?;
    let names = match ask.store.names(&[]) {
        Ok(names) => Some(names),
        Err(EngineError::NoLists) => None,
        Err(error) => return Err(error.into()),
    };
    // that sightings cannot be read says nothing of the rest
    let campaigns = ask.store.campaigns().ok().flatten();
    let mut engine_of = |chain: Chain| -> Result<_, EngineError> {
        let is_asked = held.contains(&chain) && !ask.cancel.is_cancelled();
        is_asked.then(|| ask.store.of_chain(Some(chain))).transpose()
    };
    let mut from = ResolveFrom {
        held: &held,
        engine_of: &mut engine_of,
        names: names.as_deref(),
        campaigns: campaigns.as_deref(),
    };
    Reply::view(&engine.resolve(text, &mut from)?)
}
