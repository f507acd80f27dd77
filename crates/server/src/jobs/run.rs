//! What jobs do.

use super::import::Import;
use super::policy_test::PolicyTest;
use super::table::Job;
use crate::app::App;
use crate::generation::Generation;
use crate::problem::{Problem, codes, shown};
use crate::screenings::{Request, ScreeningsAnswer, batch, may_be_absent, wrong};
use athar_engine::Chain;
use athar_engine::read::{PatternsOptions, Rules, TraceOptions};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Edges that the trace of a job may have.
const TRACE_EDGES_MAX: u64 = 10_000_000;
/// Edges that it lists at most.
const TRACE_LISTED_MAX: u64 = 1_000_000;

/// Work that is begun as a job.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code)] // the shape, for the documentation
pub(super) enum JobShape {
    /// Where money went, or came from.
    Trace(TraceJob),
    /// Patterns over a whole chain; the hits are kept.
    Patterns(PatternsJob),
    /// A batch of subjects.
    Screenings {
        /// `screenings`
        #[schemars(extend("const" = "screenings"))]
        kind: String,
        /// What `POST /v1/screenings` takes as its body.
        #[schemars(schema_with = "crate::screenings::body_shape")]
        request: serde_json::Value,
    },
}

/// A trace.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TraceJob {
    /// `trace`
    #[schemars(extend("const" = "trace"))]
    #[allow(dead_code)] // looked at before
    kind: String,
    /// Address, transaction id, or output as txid:vout.
    target: String,
    /// The chain.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
    /// Where it came from, instead of where it went.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    backward: bool,
    /// Hops to follow.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(range(min = 1, max = 1_000))]
    hops: Option<u32>,
    /// Edges that the trace may have.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(range(min = 1, max = 10_000_000))]
    edges_max: Option<u64>,
    /// Edges to list.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(range(min = 0, max = 1_000_000))]
    edges: Option<u64>,
}

/// A run of patterns.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternsJob {
    /// `patterns`
    #[schemars(extend("const" = "patterns"))]
    #[allow(dead_code)] // looked at before
    kind: String,
    /// The chain.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
}

#[derive(Deserialize)]
struct KindOnly {
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreeningsJob<'a> {
    #[allow(dead_code)] // looked at before
    kind: String,
    #[serde(borrow)]
    request: &'a RawValue,
}

/// Work, read and checked.
pub(crate) enum Work {
    Trace { target: String, chain: Option<Chain>, options: TraceOptions },
    Patterns(Option<Chain>),
    Screenings(Request),
    Import(Box<Import>),
    PolicyTest(Box<PolicyTest>),
}

impl Work {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Trace { .. } => "trace",
            Self::Patterns(_) => "patterns",
            Self::Screenings(_) => "screenings",
            Self::Import(_) => "import",
            Self::PolicyTest(_) => "policy_test",
        }
    }
}

/// Reads the body of a request for a job.
pub(super) fn read(body: &[u8]) -> Result<Work, Problem> {
    let KindOnly { kind } = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
    match kind.as_str() {
        "trace" => {
            let job: TraceJob = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
            let chain = chain(job.chain.as_deref())?;
            let within = |name: &str, value: Option<u64>, default: u64, from: u64, to: u64| match value {
                Some(value) if !(from..=to).contains(&value) => {
                    Err(Problem::new(codes::BODY_INVALID, format!("`{name}` is {from} to {to}")).at(name))
                }
                value => Ok(value.unwrap_or(default)),
            };
            let default = TraceOptions::default();
            let hops = within("hops", job.hops.map(u64::from), u64::from(default.hops_max), 1, 1_000)?;
            let listed = within("edges", job.edges, default.edges_listed_max as u64, 0, TRACE_LISTED_MAX)?;
            let options = TraceOptions {
                backward: job.backward,
                hops_max: hops as u32,
                edges_max: within("edges_max", job.edges_max, default.edges_max, 1, TRACE_EDGES_MAX)?,
                edges_listed_max: listed as usize,
                ..default
            };
            Ok(Work::Trace { target: job.target, chain, options })
        }
        "patterns" => {
            let job: PatternsJob = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
            Ok(Work::Patterns(chain(job.chain.as_deref())?))
        }
        "screenings" => {
            let job: ScreeningsJob<'_> = serde_json::from_slice(body).map_err(|e| wrong(&e))?;
            let request = Request::json(job.request.get().as_bytes())?;
            if request.is_watching() {
                let detail = "a job keeps nothing: POST /v1/screenings takes `monitor`";
                return Err(Problem::new(codes::BODY_INVALID, detail).at("monitor"));
            }
            Ok(Work::Screenings(request))
        }
        other => {
            let detail = format!("`{}` is none of trace, patterns, screenings", shown(other));
            Err(Problem::new(codes::BODY_INVALID, detail).at("kind"))
        }
    }
}

/// The chain of a name, where one is given.
fn chain(name: Option<&str>) -> Result<Option<Chain>, Problem> {
    let Some(name) = name else { return Ok(None) };
    let known = Chain::from_name(name).filter(|chain| chain.has_ledger());
    let none = || {
        let names = crate::parameters::chain_names().join(", ");
        Problem::new(codes::CHAIN_UNKNOWN, format!("`{}` is none of {names}", shown(name))).at("chain")
    };
    known.ok_or_else(none).map(Some)
}

/// Runs a job in the pool, without a time limit: it is bounded by its own numbers, and can be cancelled.
pub(super) async fn run(app: Arc<App>, store: Arc<Generation>, job: Arc<Job>, work: Work) {
    let Some(slot) = app.pool.slot().await else {
        return job.end(Err(Problem::new(codes::SHUTTING_DOWN, "it was not begun")));
    };
    if job.cancel.is_cancelled() {
        return;
    }
    job.went_on(0);
    let of_work = Arc::clone(&job);
    let is_writing = matches!(work, Work::Import(_) | Work::Patterns(_));
    let of_app = Arc::clone(&app);
    let done = tokio::task::spawn_blocking(move || {
        let result = answer(&store, &of_work, work);
        if is_writing && result.is_ok() {
            crate::app::take_up(&of_app);
        }
        drop(slot);
        result
    });
    job.end(done.await.unwrap_or_else(|e| Err(Problem::internal(format!("a job failed: {e}")))));
}

fn answer(store: &Generation, job: &Job, work: Work) -> Result<Box<RawValue>, Problem> {
    let json = |e: serde_json::Error| Problem::internal(e.to_string());
    match work {
        Work::Trace { target, chain, options } => {
            let engine = store.of_chain(chain)?;
            if engine.is_account_chain() {
                let view = engine.account_trace(&target, None, &options)?;
                return serde_json::value::to_raw_value(&view.ok_or_else(crate::routes::absent)?).map_err(json);
            }
            let view = engine.trace(&target, &options)?;
            serde_json::value::to_raw_value(&view.ok_or_else(crate::routes::absent)?).map_err(json)
        }
        Work::Patterns(chain) => {
            let view = store.of_chain(chain)?.patterns_keep(&Rules::Shipped, &PatternsOptions::default())?;
            serde_json::value::to_raw_value(&view).map_err(json)
        }
        Work::Import(import) => {
            serde_json::value::to_raw_value(&super::import::run(store, job, *import)?).map_err(json)
        }
        Work::PolicyTest(test) => {
            serde_json::value::to_raw_value(&super::policy_test::run(store, job, &test)?).map_err(json)
        }
        Work::Screenings(request) => {
            job.set_total(request.subjects.len() as u64);
            let results = batch(store, request, &job.cancel, &mut |done| job.went_on(done))?;
            serde_json::value::to_raw_value(&ScreeningsAnswer::of(results)).map_err(json)
        }
    }
}
