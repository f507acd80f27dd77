//! Cases themselves, and who works on them.

use super::{At, CASE, PAGE, READING, VERSION, WRITING, at_cases};
use crate::keys::Scope;
use crate::media::JSON;
use crate::parameters::{Kind, Param};
use crate::problem::Problem;
use crate::reply::Reply;
use crate::routes::{BodyKind, Part, Route, Run, Verb};
use athar_team::cases::{Case, CaseFields, CasePatch, CaseQuery, CaseRole, CaseState, bounds};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of cases.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CasePage")]
struct CasesView {
    /// The cases, newest first.
    cases: Vec<Case>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// What a member may do.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MemberBody {
    /// What.
    role: CaseRole,
}

const USER: Part = Part { name: "user", summary: "Number of the user" };

pub(super) const LIST: Route = Route {
    path: "/v1/cases",
    id: "cases",
    summary: "The cases that one sees, newest first",
    parts: &[],
    params: &[
        PAGE,
        &[
            Param::new("state", Kind::Word(&["open", "active", "review", "closed"]), "Only those in a state"),
            Param::new("q", Kind::Text(bounds::NAME_CHARS_MAX), "Only those with these letters in title or summary"),
            Param::new("mine", Kind::Boolean, "Only those that one is a member of"),
            Param::new("past_retention", Kind::Boolean, "Only those whose retention date is past"),
        ],
    ],
    codes: super::READS_FIELDS,
    shape: |g| g.subschema_for::<CasesView>(),
    run: Run::Task(|call| at_cases(call, list)),
    ..READING
};

pub(super) const MAKE: Route = Route {
    method: Verb::Post,
    path: "/v1/cases",
    id: "makeCase",
    summary: "Makes a case; who makes it owns it",
    parts: &[],
    body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<CaseFields>(), idempotent: false }),
    status: 201,
    shape: |g| g.subschema_for::<Case>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let case = at.cases.make(at.who, &at.read::<CaseFields>()?, at.now_s)?;
            made(&case)
        })
    }),
    ..WRITING
};

pub(super) const READ_ONE: Route = Route {
    path: "/v1/cases/{case}",
    id: "case",
    summary: "A case",
    shape: |g| g.subschema_for::<Case>(),
    run: Run::Task(|call| at_cases(call, |at| Reply::json(&at.cases.case(at.who, at.case()?, at.now_s)?))),
    ..READING
};

pub(super) const PATCH: Route = Route {
    method: Verb::Patch,
    path: "/v1/cases/{case}",
    id: "changeCase",
    summary: "Changes fields of a case; what is not given stays",
    body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<CasePatch>(), idempotent: false }),
    shape: |g| g.subschema_for::<Case>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let patch: CasePatch = at.read()?;
            Reply::json(&at.cases.patch(at.who, at.case()?, &patch, at.now_s)?)
        })
    }),
    ..WRITING
};

pub(super) const PURGE: Route = Route {
    method: Verb::Delete,
    path: "/v1/cases/{case}",
    id: "purgeCase",
    summary: "Erases a case for good: items, history, and attachments that no other case holds. Entries of the audit log stay, and hold ids alone",
    scope: Some(Scope::Supervise),
    params: &[&[VERSION]],
    status: 204,
    run: Run::Task(|call| {
        at_cases(call, |at| {
            at.cases.purge(at.who, at.case()?, version(at), at.now_s)?;
            Ok(Reply::none())
        })
    }),
    ..WRITING
};

pub(super) const PUT_MEMBER: Route = Route {
    method: Verb::Put,
    path: "/v1/cases/{case}/members/{user}",
    id: "putCaseMember",
    summary: "Makes a user a member of a case, or gives a member another role; owners and supervisors may",
    parts: &[CASE, USER],
    body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<MemberBody>(), idempotent: false }),
    shape: |g| g.subschema_for::<Case>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let MemberBody { role } = at.read()?;
            Reply::json(&at.cases.put_member(at.who, at.case()?, at.item()?, role, at.now_s)?)
        })
    }),
    ..WRITING
};

pub(super) const REMOVE_MEMBER: Route = Route {
    method: Verb::Delete,
    path: "/v1/cases/{case}/members/{user}",
    id: "removeCaseMember",
    summary: "Ends a membership; it cannot be undone, but the user can be made a member again",
    parts: &[CASE, USER],
    status: 204,
    run: Run::Task(|call| {
        at_cases(call, |at| {
            at.cases.remove_member(at.who, at.case()?, at.item()?, at.now_s)?;
            Ok(Reply::none())
        })
    }),
    ..WRITING
};

fn list(at: &At<'_>) -> Result<Reply, Problem> {
    let given = &at.ask.given;
    let query = CaseQuery {
        state: given.get("state").and_then(CaseState::from_name),
        text: given.get("q").map(str::to_owned),
        past_retention: given.is("past_retention"),
        mine: given.is("mine"),
        below: at.below(),
        limit: at.limit(),
    };
    let page = at.cases.list(at.who, &query, at.now_s)?;
    at.page(page.next, |next| CasesView { cases: page.cases, next })
}

/// A case that was made.
pub(super) fn made(case: &Case) -> Result<Reply, Problem> {
    let mut reply = Reply::json(case)?.status(StatusCode::CREATED);
    reply.location = Some(format!("/v1/cases/{}", case.id));
    Ok(reply)
}

/// The version that a change names.
pub(super) fn version(at: &At<'_>) -> i64 {
    at.ask.given.parsed("version").unwrap_or_default()
}
