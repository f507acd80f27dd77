//! Changes of what the store holds for true: own labels, decisions about labels, policies.
//!
//! They are the command line's, with its checks. The service takes up the new state of the store a moment after it is written.

use super::dealings::chain_named;
use super::{BodyKind, Call, Part, READ, Route, Run, Task, Verb};
use crate::jobs::JobView;
use crate::jobs::import::{check, today, writing};
use crate::jobs::policy_test::{PolicyTest, Tried, parsed};
use crate::keys::Scope;
use crate::media::JSON;
use crate::problem::{Problem, codes, shown};
use crate::reply::Reply;
use crate::screenings::{may_be_absent, wrong};
use athar_engine::policy::{PolicyDiff, Stored, diff};
use athar_engine::read::{BacktestOptions, PolicyView, SAMPLE_MAX, ScreenOptions};
use athar_engine::write::{PolicyChange, add_label, change_policy, decide_label};
use athar_engine::{Category, Day, DecisionKind, LabelBasis, LabelField, LabelId, OwnLabel, Ruling, SubjectKind};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

/// Targets that a test may name.
const TARGETS_MAX: usize = 1_000;
const WRITES: &[codes::Code] = &[codes::FIELD_INVALID, codes::NOT_FOUND, codes::STORE_LOCKED, codes::STORAGE_FULL];
/// Targets of a sample where none is given.
const SAMPLE: u64 = 1_000;

/// A label of one's own, or a decision about a label.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ruled {
    /// What is done.
    #[schemars(extend("enum" = ["add", "dispute", "undispute", "retract", "restore", "correct"]))]
    action: String,
    /// Of a decision: the id of the label, as `GET /v1/labels` gives it.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    label: Option<String>,
    /// Of a decision: why. Never empty.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(length(max = 4_096))]
    reason: Option<String>,
    /// Of a correction: new values by field (name, category, actor, country, `valid_from`, `valid_to`, source, confidence); null: unknown from
    /// now on.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    changes: BTreeMap<String, Option<String>>,
    /// Of a label of one's own: the address, transaction id or account number.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    subject: Option<String>,
    /// Which of them it is; without it an address.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(extend("enum" = ["address", "transaction", "account"]))]
    kind: Option<String>,
    /// Chain or asset, where the address does not say it.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    name: Option<String>,
    /// Category, as the taxonomy names it.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    category: Option<String>,
    /// What it stands on; without it `own_analysis`.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    basis: Option<String>,
    /// Where it is shown. Never empty.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    source: Option<String>,
    /// An id of confidence, or 0 to 100.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    confidence: Option<String>,
    /// Country, as two letters.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    country: Option<String>,
    /// Actor.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    actor: Option<String>,
    /// First day on which it holds.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    valid_from: Option<String>,
    /// Last day on which it holds.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    valid_to: Option<String>,
    /// Further context.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(length(max = 65_536))]
    context: Option<String>,
    /// Licence.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    license: Option<String>,
}

/// What was recorded.
#[derive(Debug, Serialize, JsonSchema)]
struct RuledView {
    /// What was done.
    action: String,
    /// Of a label of one's own: the report of its import.
    report: Option<Value>,
    /// Of a decision: the decision.
    decision: Option<Value>,
}

/// A policy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Proposed {
    /// Its text, as a policy file has it.
    #[schemars(length(min = 1, max = 1_048_576))]
    text: String,
}

/// A sound policy.
#[derive(Debug, Serialize, JsonSchema)]
struct CheckedPolicyView {
    /// The policy.
    #[serde(flatten)]
    checked: PolicyView,
    /// What it changes against the one that decides.
    changes: PolicyDiff,
}

/// What becomes of a version.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ModeWanted {
    /// `active`: it decides from now on. `test`: it is evaluated beside. `off`: neither.
    #[schemars(extend("enum" = ["active", "test", "off"]))]
    mode: String,
}

/// A test of a policy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Test {
    /// The text of the policy, or else `name`.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    text: Option<String>,
    /// A policy that the store knows: a name, NAME@VERSION, or the beginning of a version.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    name: Option<String>,
    /// What it is compared with; without it the one that decides.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    against: Option<String>,
    /// Addresses of the chain to take, where no targets are named; without it 1,000.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(range(min = 1, max = 1_000_000))]
    sample: Option<u64>,
    /// These targets instead; at most 1,000.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(length(max = 1_000))]
    addresses: Vec<String>,
    /// As the labels were known at the end of each of these days; at most 100.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(length(max = 100))]
    days: Vec<String>,
    /// Hops that indirect exposure is followed for; without it 3.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    #[schemars(range(min = 1, max = 20))]
    hops: Option<u32>,
    /// The chain.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    chain: Option<String>,
}

pub(super) const ROUTES: &[Route] = &[
    Route {
        method: Verb::Post,
        path: "/v1/labels/decisions",
        id: "decideLabel",
        tag: "labels",
        summary: "Adds a label of one's own, or records a decision about a label: dispute, retract, correct, and their undoing",
        scope: Some(Scope::Write),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Ruled>(), idempotent: true }),
        status: 201,
        shape: |g| g.subschema_for::<RuledView>(),
        codes: WRITES,
        run: Run::Task(|call| in_pool(call, rule)),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/policies",
        id: "proposePolicy",
        tag: "policies",
        summary: "Adds a version of a policy and puts it on test: it is evaluated beside the one that decides",
        scope: Some(Scope::Supervise),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Proposed>(), idempotent: true }),
        status: 201,
        shape: |g| g.subschema_for::<Stored>(),
        codes: &[codes::POLICY_REFUSED, codes::STORE_LOCKED, codes::STORAGE_FULL],
        run: Run::Task(|call| in_pool(call, propose)),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/policies/check",
        id: "checkPolicy",
        tag: "policies",
        summary: "Whether a text is a sound policy, and what it changes against the one that decides; nothing is kept",
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Proposed>(), idempotent: false }),
        shape: |g| g.subschema_for::<CheckedPolicyView>(),
        codes: &[codes::POLICY_REFUSED],
        run: Run::Task(check_policy),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/policies/{name}/mode",
        id: "setPolicyMode",
        tag: "policies",
        summary: "Has a version of a policy decide, puts it on test, or takes it off",
        scope: Some(Scope::Supervise),
        parts: &[Part { name: "name", summary: "A name, NAME@VERSION, or the beginning of a version" }],
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<ModeWanted>(), idempotent: false }),
        shape: |g| g.subschema_for::<Stored>(),
        codes: &[
            codes::POLICY_REFUSED,
            codes::NOT_FOUND,
            codes::FIELD_INVALID,
            codes::STORE_LOCKED,
            codes::STORAGE_FULL,
        ],
        run: Run::Task(|call| in_pool(call, set_mode)),
        ..READ
    },
    Route {
        method: Verb::Post,
        path: "/v1/policies/test",
        id: "testPolicy",
        tag: "policies",
        summary: "Tries a policy on many addresses beside the one that decides, as a job",
        scope: Some(Scope::Screen),
        body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Test>(), idempotent: true }),
        status: 202,
        shape: |g| g.subschema_for::<JobView>(),
        codes: &[
            codes::POLICY_REFUSED,
            codes::POLICY_UNKNOWN,
            codes::FIELD_INVALID,
            codes::CHAIN_UNKNOWN,
            codes::JOBS_FULL,
        ],
        run: Run::Task(test),
        ..READ
    },
];

/// Who asks, what they sent, and where the store is.
struct Asked<'a> {
    folder: &'a Path,
    part: &'a str,
    body: &'a [u8],
    by: Option<String>,
    today: Day,
}

fn in_pool(call: Call, work: fn(&Asked<'_>) -> Result<Reply, Problem>) -> Task {
    Box::pin(async move {
        let Call { app, ask, caller, body, .. } = call;
        let (time, cancel) = (app.settings.limits.request_time, ask.cancel.clone());
        let by = caller.as_author();
        let of_app = Arc::clone(&app);
        app.pool
            .run(time, &cancel, move || {
                check(ask.store.folder())?;
                let asked = Asked { folder: ask.store.folder(), part: ask.part(0), body: &body, by, today: today() };
                let reply = work(&asked)?;
                crate::app::take_up(&of_app);
                Ok(reply)
            })
            .await
    })
}

fn needed<T>(field: &'static str, value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::new(codes::FIELD_INVALID, "it is needed").at(field))
}

fn read<T: FromStr>(field: &'static str, text: &str) -> Result<T, Problem>
where
    T::Err: std::fmt::Display,
{
    text.trim()
        .parse()
        .map_err(|error: T::Err| Problem::new(codes::FIELD_INVALID, format!("`{}`: {error}", shown(text))).at(field))
}

fn rule(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let ruled: Ruled = serde_json::from_slice(asked.body).map_err(|e| wrong(&e))?;
    let action = ruled.action.clone();
    let json = |e: serde_json::Error| Problem::internal(e.to_string());
    let view = if action == "add" {
        let own = own_label(ruled)?;
        let done = writing(asked.folder, codes::FIELD_INVALID, |folder| add_label(folder, &own, asked.today))?;
        let report = done.reports.first().map(serde_json::to_value).transpose().map_err(json)?;
        RuledView { action, report, decision: None }
    } else {
        let kind = match &*action {
            "dispute" => DecisionKind::Dispute,
            "undispute" => DecisionKind::Undispute,
            "retract" => DecisionKind::Retract,
            "restore" => DecisionKind::Restore,
            "correct" => DecisionKind::Correct,
            other => {
                let detail =
                    format!("`{}` is none of add, dispute, undispute, retract, restore, correct", shown(other));
                return Err(Problem::new(codes::FIELD_INVALID, detail).at("action"));
            }
        };
        let id: LabelId = read("label", &needed("label", ruled.label)?)?;
        let mut changes = BTreeMap::new();
        for (name, value) in ruled.changes {
            let field = serde_json::from_value::<LabelField>(Value::String(name.clone()));
            let field = field.map_err(|_| {
                Problem::new(codes::FIELD_INVALID, format!("`{}` is no field of a label", shown(&name))).at("changes")
            })?;
            changes.insert(field, value.filter(|value| !value.trim().is_empty()));
        }
        let reason = needed("reason", ruled.reason.filter(|reason| !reason.trim().is_empty()))?;
        let ruling = Ruling { kind, changes, reason, by: asked.by.clone(), day: asked.today };
        let decided = writing(asked.folder, codes::FIELD_INVALID, |folder| decide_label(folder, id, ruling))?;
        RuledView { action, report: None, decision: Some(serde_json::to_value(&decided).map_err(json)?) }
    };
    Ok(Reply::json(&view)?.status(StatusCode::CREATED))
}

fn own_label(ruled: Ruled) -> Result<OwnLabel, Problem> {
    let day = |field: &'static str, text: Option<String>| text.map(|text| read::<Day>(field, &text)).transpose();
    let kind = match ruled.kind.as_deref() {
        None | Some("address") => SubjectKind::Address,
        Some("transaction") => SubjectKind::Transaction,
        Some("account") => SubjectKind::Account,
        Some(other) => {
            let detail = format!("`{}` is none of address, transaction, account", shown(other));
            return Err(Problem::new(codes::FIELD_INVALID, detail).at("kind"));
        }
    };
    Ok(OwnLabel {
        subject: needed("subject", ruled.subject)?,
        kind,
        chain: ruled.chain,
        name: needed("name", ruled.name)?,
        category: read::<Category>("category", &needed("category", ruled.category)?)?,
        basis: match ruled.basis {
            Some(basis) => read::<LabelBasis>("basis", &basis)?,
            None => LabelBasis::OwnAnalysis,
        },
        source: needed("source", ruled.source.filter(|source| !source.trim().is_empty()))?,
        confidence: ruled.confidence,
        country: ruled.country,
        actor: ruled.actor,
        valid_from: day("valid_from", ruled.valid_from)?,
        valid_to: day("valid_to", ruled.valid_to)?,
        context: ruled.context,
        license: ruled.license,
    })
}

fn propose(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let Proposed { text } = serde_json::from_slice(asked.body).map_err(|e| wrong(&e))?;
    // said of the text before anything is written, and without the name of a file
    parsed(&text)?;
    let folder = tempfile::tempdir().map_err(|e| Problem::internal(e.to_string()))?;
    let file = folder.path().join("policy.toml");
    std::fs::write(&file, &text).map_err(|e| Problem::internal(e.to_string()))?;
    let change = PolicyChange::Add(&file);
    let stored = writing(asked.folder, codes::POLICY_REFUSED, |store| change_policy(store, change, asked.today))?;
    Ok(Reply::json(&stored)?.status(StatusCode::CREATED))
}

fn check_policy(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, ask, body, .. } = call;
        let (time, cancel) = (app.settings.limits.request_time, ask.cancel.clone());
        app.pool
            .run(time, &cancel, move || {
                let Proposed { text } = serde_json::from_slice(&body).map_err(|e| wrong(&e))?;
                let policy = parsed(&text)?;
                let changes = diff(&ask.store.policy("active")?.deciding, &policy);
                Reply::json(&CheckedPolicyView { changes, checked: PolicyView::of(policy) })
            })
            .await
    })
}

fn set_mode(asked: &Asked<'_>) -> Result<Reply, Problem> {
    let ModeWanted { mode } = serde_json::from_slice(asked.body).map_err(|e| wrong(&e))?;
    let change = match &*mode {
        "active" => PolicyChange::Activate(asked.part),
        "test" => PolicyChange::TakeUp(asked.part),
        "off" => PolicyChange::Retire(asked.part),
        other => {
            let detail = format!("`{}` is none of active, test, off", shown(other));
            return Err(Problem::new(codes::FIELD_INVALID, detail).at("mode"));
        }
    };
    let stored = writing(asked.folder, codes::POLICY_REFUSED, |store| change_policy(store, change, asked.today))?;
    Reply::json(&stored)
}

fn test(call: Call) -> Task {
    Box::pin(async move {
        let Call { app, ask, caller, body, .. } = call;
        let test: Test = serde_json::from_slice(&body).map_err(|e| wrong(&e))?;
        let bad = |field: &'static str, detail: String| Problem::new(codes::FIELD_INVALID, detail).at(field);
        let policy = match (test.text, test.name) {
            (Some(text), None) => {
                parsed(&text)?;
                Tried::Text(text)
            }
            (None, Some(name)) => {
                ask.store.policy(&name)?;
                Tried::Named(name)
            }
            _ => return Err(bad("text", "give either `text` or `name`".into())),
        };
        let against = test.against.unwrap_or_else(|| "active".into());
        ask.store.policy(&against)?;
        if test.addresses.len() > TARGETS_MAX {
            return Err(bad("addresses", format!("at most {TARGETS_MAX}")));
        }
        if test.days.len() > 100 {
            return Err(bad("days", "at most 100".into()));
        }
        let sample = test.sample.unwrap_or(SAMPLE);
        if !(1..=SAMPLE_MAX).contains(&sample) {
            return Err(bad("sample", format!("1 to {SAMPLE_MAX}")));
        }
        let hops = test.hops.unwrap_or(3);
        if !(1..=20).contains(&hops) {
            return Err(bad("hops", "1 to 20".into()));
        }
        let options = BacktestOptions {
            screen: ScreenOptions { hops_max: hops, ..ScreenOptions::default() },
            targets: (!test.addresses.is_empty()).then_some(test.addresses),
            sample,
            days: test.days.iter().map(|day| read("days", day)).collect::<Result<_, _>>()?,
        };
        let chain = chain_named(test.chain.as_deref())?;
        crate::jobs::begin_work(app, ask.store, &caller, PolicyTest { policy, against, chain, options })
    })
}
