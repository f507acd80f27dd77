//! The audit log: who did what, and whether the log is what was written.

use super::{Call, READ, Route, Rows, Run, Task};
use crate::app::clock;
use crate::auth::with_team;
use crate::keys::Scope;
use crate::parameters::{Kind, Param};
use crate::problem::codes;
use crate::reply::Reply;
use athar_team::{AuditOf, Entry, Kept, Target};
use schemars::JsonSchema;
use serde::Serialize;

const TAG: &str = "team";
const CODES: &[codes::Code] = &[codes::STORAGE_FULL, codes::TOO_MANY];

/// An entry of the log. It names people by number and what was looked for by a salted hash: erasing somebody leaves no gap.
#[derive(Debug, Serialize, JsonSchema)]
struct EntryView {
    /// Its number, from 1 without a gap.
    seq: i64,
    /// When, seconds since 1970.
    at_s: i64,
    /// Number of the user, `key:ID`, `local`, `system`, or `nobody`.
    actor: String,
    /// What was done: a stable word such as `case.read`.
    action: String,
    /// To what: its kind and number, or its kind and a salted hash; empty where to nothing in particular.
    target: String,
    /// The case that it belongs to.
    case: Option<i64>,
    /// `done`, `refused` or `failed`.
    outcome: String,
    /// Hash of this entry and, through the one before, of all before it.
    hash: String,
}

impl EntryView {
    fn of(kept: Kept) -> Self {
        let Kept { seq, at_s, actor, action, target_kind, target, case, outcome, hash } = kept;
        let target = if target_kind.is_empty() { target } else { format!("{target_kind}:{target}") };
        let hash = blake3::Hash::from_bytes(hash).to_hex().to_string();
        Self { seq, at_s, actor, action, target, case, outcome, hash }
    }
}

/// A page of the log.
#[derive(Debug, Serialize, JsonSchema)]
struct AuditView {
    /// The entries, the newest first.
    entries: Vec<EntryView>,
    /// Cursor of the next page; none on the last one.
    next: Option<String>,
}

/// Whether the log is what was written.
#[derive(Debug, Serialize, JsonSchema)]
struct VerifiedView {
    /// Entries that were read.
    entries: i64,
    /// Whether every hash is right, none is missing, and the last one is the one that the head names.
    ok: bool,
    /// Number of the first entry that is not as it was written; none where all are.
    broken_at: Option<i64>,
    /// Hash of the newest entry: what an operator writes down elsewhere.
    head: String,
}

const LOG: Route = Route { tag: TAG, scope: Some(Scope::Supervise), rows: Rows::Numbered, codes: CODES, ..READ };

pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/v1/audit",
        id: "audit",
        summary: "Who did what, the newest first",
        params: &[&[
            Param::new("limit", Kind::Integer(1, athar_team::AUDIT_PAGE_MAX as u64, Some(100)), "Rows of the page"),
            Param::new("cursor", Kind::Text(100), "Where the page before ended"),
            Param::new("case", Kind::Integer(1, i64::MAX as u64, None), "Only what was done in this case"),
            Param::new(
                "actor",
                Kind::Text(200),
                "Only what this one did: a user's number, `key:ID`, `local`, `system`, `nobody`",
            ),
        ]],
        shape: |g| g.subschema_for::<AuditView>(),
        run: Run::Task(page),
        ..LOG
    },
    Route {
        path: "/v1/audit/verify",
        id: "auditVerify",
        summary: "Reads the whole log and says whether it is what was written",
        shape: |g| g.subschema_for::<VerifiedView>(),
        run: Run::Task(|call| {
            Box::pin(async move {
                let by = call.caller.in_audit();
                let verified = with_team(&call.app, move |team| {
                    team.append_read(Entry::new(clock(), by, "audit.verify", Target::None))?;
                    Ok(team.verify_audit(None)?)
                })
                .await?;
                let head = blake3::Hash::from_bytes(verified.head.hash).to_hex().to_string();
                let (entries, ok) = (verified.entries, verified.ok());
                Reply::json(&VerifiedView { entries, ok, broken_at: verified.broken_at, head })
            })
        }),
        ..LOG
    },
];

fn page(call: Call) -> Task {
    Box::pin(async move {
        let (ask, by) = (call.ask, call.caller.in_audit());
        let before = i64::try_from(ask.offset).ok().filter(|seq| *seq > 0);
        let of = AuditOf { actor: ask.given.get("actor").map(str::to_owned), case: ask.given.parsed("case"), before };
        let limit = ask.limit as u32;
        let entries = with_team(&call.app, move |team| {
            let target = of.case.map_or(Target::None, |case| Target::id("case", case));
            team.append_read(Entry::new(clock(), by, "audit.read", target))?;
            Ok(team.audit(&of, limit)?)
        });
        let entries: Vec<EntryView> = entries.await?.into_iter().map(EntryView::of).collect();
        // entries are numbered without a gap from 1: after that one there is none
        let more = entries.last().filter(|last| entries.len() == limit as usize && last.seq > 1);
        let row = more.and_then(|last| u64::try_from(last.seq).ok());
        let mut reply = Reply::json(&AuditView { next: row.map(|row| ask.cursor(row)), entries })?;
        reply.next = row;
        Ok(reply)
    })
}
