//! Items of cases: for each kind its list, and one to add, read, change and take away.

use super::case::version;
use super::{At, CASE, ITEM, PAGE, READING, VERSION, WRITING, at_cases};
use crate::media::JSON;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::routes::{Ask, BodyKind, Route, Run, Verb};
use athar_engine::Chain;
use athar_team::cases::{
    Added, Body, Finding, Graph, Item, Kind, Link, LinkTitle, LinkedFrom, Note, Seen, Subject, SubjectKind, Task,
};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A page of items.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ItemPage_of_{B}")]
struct ItemsView<B> {
    /// The items, by ascending number.
    items: Vec<Item<B>>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// A page of links.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LinkPage_of_{B}")]
struct LinksView<B> {
    /// The links of this case.
    items: Vec<Item<B>>,
    /// The cursor of the next page.
    next: Option<String>,
    /// Titles of the cases that the items name, where one may see them.
    titles: Vec<LinkTitle>,
    /// Links of other cases to this one, where one may see them; on the first page.
    linked_from: Vec<LinkedFrom>,
}

/// An item as it is to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ItemChange_of_{B}")]
struct Change<B> {
    /// The version that was seen.
    version: i64,
    /// What it says from now on.
    body: B,
}

/// The five routes of a kind: list, add, read, change, take away.
macro_rules! kind {
    ($name:ident, $kind:expr, $body:ty, $page:ty, $plural:literal, $add:literal, $what:literal) => {
        pub(in crate::routes::cases) mod $name {
            use super::*;

            pub(in crate::routes::cases) const LIST: Route = Route {
                path: concat!("/v1/cases/{case}/", $plural),
                id: concat!("case", $add, "s"),
                summary: concat!("The ", $what, "s of a case"),
                params: &[PAGE],
                shape: |g| g.subschema_for::<$page>(),
                run: Run::Task(|call| at_cases(call, |at| list(at, $kind))),
                ..READING
            };

            pub(in crate::routes::cases) const ADD: Route = Route {
                method: Verb::Post,
                path: concat!("/v1/cases/{case}/", $plural),
                id: concat!("addCase", $add),
                summary: concat!("Adds a ", $what, " to a case"),
                body: Some(BodyKind { media: &[JSON], shape: |g| g.subschema_for::<$body>(), idempotent: false }),
                status: 201,
                shape: |g| g.subschema_for::<Added<$body>>(),
                run: Run::Task(|call| at_cases(call, |at| add(at, $kind))),
                ..WRITING
            };

            pub(in crate::routes::cases) const ONE: Route = Route {
                path: concat!("/v1/cases/{case}/", $plural, "/{id}"),
                id: concat!("case", $add),
                summary: concat!("One ", $what, " of a case"),
                parts: &[CASE, ITEM],
                shape: |g| g.subschema_for::<Item<$body>>(),
                run: Run::Task(|call| at_cases(call, |at| one(at, $kind))),
                ..READING
            };

            pub(in crate::routes::cases) const CHANGE: Route = Route {
                method: Verb::Put,
                path: concat!("/v1/cases/{case}/", $plural, "/{id}"),
                id: concat!("changeCase", $add),
                summary: concat!("Changes a ", $what, " of a case"),
                parts: &[CASE, ITEM],
                body: Some(BodyKind {
                    media: &[JSON],
                    shape: |g| g.subschema_for::<Change<$body>>(),
                    idempotent: false,
                }),
                shape: |g| g.subschema_for::<Item<$body>>(),
                run: Run::Task(|call| at_cases(call, |at| change(at, $kind))),
                ..WRITING
            };

            pub(in crate::routes::cases) const REMOVE: Route = Route {
                method: Verb::Delete,
                path: concat!("/v1/cases/{case}/", $plural, "/{id}"),
                id: concat!("removeCase", $add),
                summary: concat!("Takes a ", $what, " out of a case; it can be undone"),
                parts: &[CASE, ITEM],
                params: &[&[VERSION]],
                status: 204,
                run: Run::Task(|call| at_cases(call, |at| remove(at, $kind))),
                ..WRITING
            };
        }
    };
}

kind!(subjects, Kind::Subject, Subject, ItemsView<Subject>, "subjects", "Subject", "subject");
kind!(notes, Kind::Note, Note, ItemsView<Note>, "notes", "Note", "note");
kind!(findings, Kind::Finding, Finding, ItemsView<Finding>, "findings", "Finding", "finding");
kind!(tasks, Kind::Task, Task, ItemsView<Task>, "tasks", "Task", "task");
kind!(links, Kind::Link, Link, LinksView<Link>, "links", "Link", "link");
kind!(graphs, Kind::Graph, Graph, ItemsView<Graph>, "graphs", "Graph", "graph");

fn list(at: &At<'_>, kind: Kind) -> Result<Reply, Problem> {
    let (case, after, limit) = (at.case()?, at.after(), at.limit());
    if kind == Kind::Link {
        let page = at.cases.links(at.who, case, after, limit, at.now_s)?;
        let (items, titles, linked_from) = (page.items, page.titles, page.linked_from);
        return at.page(page.next, |next| LinksView { items, next, titles, linked_from });
    }
    let page = at.cases.items(at.who, case, kind, after, limit, at.now_s)?;
    at.page(page.next, |next| ItemsView { items: page.items, next })
}

fn one(at: &At<'_>, kind: Kind) -> Result<Reply, Problem> {
    Reply::json(&at.cases.item(at.who, at.case()?, kind, at.item()?, at.now_s)?)
}

fn add(at: &At<'_>, kind: Kind) -> Result<Reply, Problem> {
    let body = Body::read(kind, at.body)?;
    let entity = entity(at.ask, &body);
    let added = at.cases.add(at.who, at.case()?, body, entity.as_deref(), at.now_s)?;
    let mut reply = Reply::json(&added)?.status(StatusCode::CREATED);
    reply.location = Some(format!("/v1/cases/{}/{}s/{}", at.case()?, kind.name(), added.item.id));
    Ok(reply)
}

fn change(at: &At<'_>, kind: Kind) -> Result<Reply, Problem> {
    let Change { version, body }: Change<Box<RawValue>> = at.read()?;
    let body = Body::read(kind, body.get().as_bytes()).map_err(|e| {
        let problem = Problem::from(e);
        let field = problem.field.clone().unwrap_or_default();
        if field == "body" { problem } else { problem.at(format!("body.{field}")) }
    })?;
    let entity = entity(at.ask, &body);
    let item =
        at.cases.change(at.who, at.case()?, Seen { item: at.item()?, version }, body, entity.as_deref(), at.now_s)?;
    Reply::json(&item)
}

fn remove(at: &At<'_>, kind: Kind) -> Result<Reply, Problem> {
    at.cases.remove(at.who, at.case()?, kind, at.item()?, Some(version(at)), at.now_s)?;
    Ok(Reply::none())
}

/// The entity of a subject, by the name that this store has for it; nothing where it does not know it. Two cases with two addresses of one
/// entity learn of each other by it.
fn entity(ask: &Ask, body: &Body) -> Option<String> {
    let Body::Subject(subject) = body else { return None };
    entity_of(ask, subject)
}

/// The same of a subject.
pub(super) fn entity_of(ask: &Ask, subject: &Subject) -> Option<String> {
    if !matches!(subject.kind, SubjectKind::Address | SubjectKind::Entity) {
        return None;
    }
    let chain = Chain::from_name(subject.chain.as_deref()?).filter(|chain| chain.has_ledger())?;
    let engine = ask.store.of_chain(Some(chain)).ok()?;
    if engine.is_account_chain() {
        return Some(engine.account_entity(&subject.value, 0, 1).ok()??.entity);
    }
    Some(engine.entity(&subject.value, 0, Some(1)).ok()??.entity)
}
