//! Where money came from and went: traces, exposure, paths.

use super::{Part, READ, Route, Run, found};
use crate::parameters::{CHAIN, Given, Kind, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use athar_engine::TaintPolicy;
use athar_engine::read::{
    AccountExposureView, AccountTraceView, ExposureAsOfView, ExposureOptions, ExposureView, Moment, PathsOptions,
    PathsOrder, PathsView, TraceCompareView, TraceOptions, TraceView,
};

const TAG: &str = "chain";
const CODES: &[codes::Code] = &[codes::NOT_FOUND, codes::TARGET_INVALID, codes::STORE_EMPTY, codes::ENTITIES_MISSING];
const TARGET_MAX: usize = 4_096;
const TARGET: Part = Part {
    name: "target",
    summary: "Address, transaction id, output as txid:vout, entity:ADDRESS, or category:NAME; several with commas",
};
const ONE_TARGET: Part = Part { name: "target", summary: "Address, transaction id, or output as txid:vout" };
const TRACE: &[Param] = &[
    Param::new("backward", Kind::Boolean, "Where the money came from, instead of where it went"),
    Param::new("hops", Kind::Integer(1, 1_000, Some(3)), "Hops to follow"),
    Param::new("edges", Kind::Integer(0, 100_000, Some(1_000)), "Edges to list"),
    Param::new("amount_min", Kind::Integer(0, u64::MAX, Some(0)), "Follow no output that carries less, in satoshi"),
    Param::new("since", Kind::Moment, "Only through transactions from then on: a height, or a day"),
    Param::new("until", Kind::Moment, "Only through transactions up to then"),
];

const ASSET: &[Param] = &[Param::new(
    "asset",
    Kind::Text(100),
    "On a chain of accounts: this asset alone (coin, a symbol of the registry, a contract)",
)];

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/trace/{target}",
        id: "trace",
        tag: TAG,
        summary: "Where money went, or came from, satoshi by satoshi; as a job for longer ones",
        parts: &[TARGET],
        params: &[
            CHAIN,
            TRACE,
            &[Param::new(
                "policy",
                Kind::Word(&["fifo", "lifo", "tiho", "haircut", "poison"]),
                "How taint moves through a transaction; without it fifo",
            )],
            ASSET,
        ],
        shape: |g| super::either::<TraceView, AccountTraceView>(g),
        codes: CODES,
        run: Run::Engine(|ask| {
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                return found(engine.account_trace(ask.part(0), ask.given.get("asset"), &trace(&ask.given))?);
            }
            found(engine.trace(ask.part(0), &trace(&ask.given))?)
        }),
        ..READ
    },
    Route {
        path: "/v1/trace-policies/{target}",
        id: "tracePolicies",
        tag: TAG,
        summary: "The same trace by every policy, side by side: as `athar trace --policy all`",
        parts: &[TARGET],
        params: &[CHAIN, TRACE, ASSET],
        shape: |g| super::either::<TraceCompareView, Vec<AccountTraceView>>(g),
        codes: CODES,
        run: Run::Engine(|ask| {
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                let policies = TaintPolicy::ALL.into_iter().filter(|policy| *policy != TaintPolicy::Tiho);
                let views = policies.map(|policy| {
                    let options = TraceOptions { policy, ..trace(&ask.given) };
                    engine.account_trace(ask.part(0), ask.given.get("asset"), &options)
                });
                let views: Option<Vec<AccountTraceView>> = views.collect::<Result<_, _>>()?;
                return found(views);
            }
            found(engine.trace_compare(ask.part(0), &trace(&ask.given))?)
        }),
        ..READ
    },
    Route {
        path: "/v1/exposure/{target}",
        id: "exposure",
        tag: TAG,
        summary: "What a target has to do with every category, directly and through others",
        parts: &[ONE_TARGET],
        params: &[
            CHAIN,
            &[
                Param::new(
                    "policy",
                    Kind::Word(&["all", "fifo", "lifo", "tiho", "haircut", "poison"]),
                    "By which policy; without it all of them",
                ),
                Param::new("hops", Kind::Integer(1, 1_000, Some(5)), "Hops to follow"),
                Param::new("edges_max", Kind::Integer(1, 10_000_000, Some(200_000)), "Edges that each trace may have"),
                Param::new(
                    "at",
                    Kind::Moment,
                    "As of then: a height, or a day; by the labels of that day and those known now; a shape of its own",
                ),
            ],
        ],
        shape: |g| {
            let shapes = [
                g.subschema_for::<ExposureView>(),
                g.subschema_for::<ExposureAsOfView>(),
                g.subschema_for::<AccountExposureView>(),
            ];
            schemars::json_schema!({ "anyOf": shapes })
        },
        codes: CODES,
        run: Run::Engine(|ask| {
            let given = &ask.given;
            let default = ExposureOptions::default();
            let options = ExposureOptions {
                policies: given.parsed::<TaintPolicy>("policy").map_or(default.policies, |policy| vec![policy]),
                hops_max: given.parsed("hops").unwrap_or(default.hops_max),
                edges_max: given.parsed("edges_max").unwrap_or(default.edges_max),
                at: None,
            };
            let engine = ask.engine()?;
            if engine.is_account_chain() {
                if given.get("at").is_some() {
                    let detail = "not there yet for chains of accounts";
                    return Err(Problem::new(codes::PARAMETER_INVALID, detail).at("at"));
                }
                return found(engine.account_exposure(ask.part(0), &options)?);
            }
            match given.parsed::<Moment>("at") {
                Some(at) => found(engine.exposure_as_of(ask.part(0), at, &options)?),
                None => found(engine.exposure(ask.part(0), &options)?),
            }
        }),
        ..READ
    },
    Route {
        path: "/v1/paths",
        id: "paths",
        tag: TAG,
        summary: "By which transactions money of one subject came to another",
        params: &[
            CHAIN,
            &[
                Param::new("from", Kind::Text(TARGET_MAX), "Address, entity:ADDRESS, transaction id, or txid:vout")
                    .required(),
                Param::new("to", Kind::Text(TARGET_MAX), "The other, of the same forms").required(),
                Param::new(
                    "by",
                    Kind::Word(&["hops", "value", "earliest"]),
                    "Which come first: fewest hops (without it), largest smallest output, earliest arrival",
                ),
                Param::new("count", Kind::Integer(1, 100, Some(3)), "Paths to give"),
                Param::new("hops", Kind::Integer(0, 1_000, Some(6)), "Hops that a path may have"),
                Param::new(
                    "edges",
                    Kind::Integer(1, 100_000_000, Some(1_000_000)),
                    "Steps to look at, in each direction",
                ),
                Param::new(
                    "min_amount",
                    Kind::Integer(1, u64::MAX, Some(1)),
                    "Only through outputs of so many satoshi",
                ),
                Param::new(
                    "fan",
                    Kind::Integer(1, u32::MAX as u64, Some(10_000)),
                    "Inputs or outputs of a transaction that is passed",
                ),
                Param::new("since", Kind::Integer(0, u32::MAX as u64, None), "Only transactions from this height on"),
                Param::new("until", Kind::Integer(0, u32::MAX as u64, None), "Only transactions up to this height"),
                Param::new("either", Kind::Boolean, "Also from the second to the first"),
                Param::new(
                    "through_services",
                    Kind::Boolean,
                    "Also through labelled services, whose customers' money is mixed: no proof that it was the same money",
                ),
            ],
        ],
        shape: |g| g.subschema_for::<PathsView>(),
        codes: CODES,
        run: Run::Engine(|ask| {
            let given = &ask.given;
            let options = PathsOptions {
                by: given.get("by").and_then(PathsOrder::from_name).unwrap_or(PathsOrder::Hops),
                count_max: given.parsed("count").unwrap_or(3),
                hops_max: given.parsed("hops").unwrap_or(6),
                edges_max: given.parsed("edges").unwrap_or(1_000_000),
                fan_max: given.parsed("fan").unwrap_or(10_000),
                amount_min_sat: given.parsed("min_amount").unwrap_or(1),
                since: given.parsed("since"),
                until: given.parsed("until"),
                either: given.is("either"),
                through_services: given.is("through_services"),
            };
            let (from, to) = (ask.needed("from"), ask.needed("to"));
            let view = ask.engine()?.paths_with(from, to, &options, &mut |_| !ask.cancel.is_cancelled())?;
            Reply::view(&view)
        }),
        ..READ
    },
];

fn trace(given: &Given) -> TraceOptions {
    let default = TraceOptions::default();
    TraceOptions {
        policy: given.parsed("policy").unwrap_or(default.policy),
        backward: given.is("backward"),
        hops_max: given.parsed("hops").unwrap_or(default.hops_max),
        edges_listed_max: given.parsed("edges").unwrap_or(default.edges_listed_max),
        amount_min_sat: given.parsed("amount_min").unwrap_or(default.amount_min_sat),
        since: given.parsed("since"),
        until: given.parsed("until"),
        ..default
    }
}
