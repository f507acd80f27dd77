//! The history of a case, and undoing.

use super::{CASE, PAGE, READING, WRITING, at_cases};
use crate::media::JSON;
use crate::reply::Reply;
use crate::routes::{BodyKind, Part, Route, Run, Verb};
use crate::screenings::may_be_absent;
use athar_team::cases::Change;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of the history.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseHistory")]
struct HistoryView {
    /// The changes, newest first, without what was before and after.
    changes: Vec<Change>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// What is undone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CaseUndo")]
struct Undo {
    /// The number of a certain change, whoever made it; without it the latest of one's own.
    #[serde(default, skip_serializing_if = "may_be_absent")]
    seq: Option<i64>,
}

pub(super) const LIST: Route = Route {
    path: "/v1/cases/{case}/history",
    id: "caseHistory",
    summary: "What was changed in a case, newest first",
    params: &[PAGE],
    shape: |g| g.subschema_for::<HistoryView>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let page = at.cases.history(at.who, at.case()?, at.below(), at.limit(), at.now_s)?;
            at.page(page.next, |next| HistoryView { changes: page.changes, next })
        })
    }),
    ..READING
};

pub(super) const READ_ONE: Route = Route {
    path: "/v1/cases/{case}/history/{seq}",
    id: "caseChange",
    summary: "One change, with what was before and after it",
    parts: &[CASE, Part { name: "seq", summary: "Number of the change within the case" }],
    shape: |g| g.subschema_for::<Change>(),
    run: Run::Task(|call| {
        at_cases(call, |at| Reply::json(&at.cases.history_of(at.who, at.case()?, at.item()?, at.now_s)?))
    }),
    ..READING
};

pub(super) const UNDO: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{case}/undo",
    id: "undoCaseChange",
    summary: "Undoes one's own latest change that is not undone, or a certain one that nothing later touched; answers with it",
    body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<Undo>(), idempotent: false }),
    shape: |g| g.subschema_for::<Change>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let Undo { seq } = at.read()?;
            Reply::json(&at.cases.undo(at.who, at.case()?, seq, at.now_s)?)
        })
    }),
    ..WRITING
};

pub(super) const REDO: Route = Route {
    method: Verb::Post,
    path: "/v1/cases/{case}/redo",
    id: "redoCaseChange",
    summary: "Does again what one has undone last, until one changes something else; answers with it",
    shape: |g| g.subschema_for::<Change>(),
    run: Run::Task(|call| at_cases(call, |at| Reply::json(&at.cases.redo(at.who, at.case()?, at.now_s)?))),
    ..WRITING
};
