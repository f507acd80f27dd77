//! The table of routes: what is asked where, with which key, with what answer. The router, the OpenAPI document and the tests
//! are made from it.

mod alerts;
mod audit;
mod cases;
mod chain;
mod dealings;
mod desk;
mod flows;
mod imports;
mod keys;
mod knowledge;
mod labels;
mod lists;
mod names;
mod patterns;
mod policies;
mod prices;
mod provider;
mod records;
mod resolve;
mod service;
mod session;
mod sightings;
mod totals;
mod users;
mod watchlists;
mod webhooks;

pub(crate) use desk::number;

use crate::app::App;
use crate::auth::Door;
use crate::generation::Generation;
use crate::keys::Scope;
use crate::parameters::{Given, Param};
use crate::pool::Cancel;
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use athar_engine::Engine;
use axum::http::request::Parts;
use axum::routing::MethodFilter;
use bytes::Bytes;
use schemars::{Schema, SchemaGenerator};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a route is.
pub struct Route {
    /// Its method.
    pub method: Verb,
    /// Its path, parts in braces being parameters.
    pub path: &'static str,
    /// Its name in the OpenAPI document.
    pub id: &'static str,
    /// The group it belongs to.
    pub tag: &'static str,
    /// What it answers.
    pub summary: &'static str,
    /// The scope that a key needs; none: everybody may ask.
    pub scope: Option<Scope>,
    /// What it wants to know of who asks, beside the scope.
    pub(crate) door: Door,
    /// What the parts of its path are, in order.
    pub parts: &'static [Part],
    /// The parameters of its query.
    pub params: &'static [&'static [Param]],
    /// The body it reads.
    pub body: Option<BodyKind>,
    /// Bytes of a body that it takes.
    pub body_bytes_max: usize,
    /// The status of a good answer.
    pub status: u16,
    /// The media types of a good answer, the usual one first.
    pub media: &'static [&'static str],
    /// The shape of a good answer in JSON.
    pub shape: fn(&mut SchemaGenerator) -> Schema,
    /// The codes it answers with besides those that every route has.
    pub codes: &'static [codes::Code],
    /// What the rows of its pages are.
    pub(crate) rows: Rows,
    pub(crate) run: Run,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.name(), self.path)
    }
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Reads; also answers HEAD.
    Get,
    /// Asks with a body, or makes something.
    Post,
    /// Puts something in its place.
    Put,
    /// Changes parts of something.
    Patch,
    /// Takes something away.
    Delete,
}

impl Verb {
    /// As in a request.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(crate) const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// A part of a path.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub summary: &'static str,
}

/// A body that a route reads.
#[derive(Clone, Copy)]
pub struct BodyKind {
    /// The media types.
    pub media: &'static [&'static str],
    /// Its shape in JSON.
    pub shape: fn(&mut SchemaGenerator) -> Schema,
    /// Whether a repeated request with one idempotency key gets the first answer.
    pub idempotent: bool,
}

/// What the rows of a list are: for how long a cursor of it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Rows of a state of the store: until it changes.
    OfStore,
    /// Rows with numbers that ascend and never change: for good.
    Numbered,
    /// Rows that are made of everything recorded of sightings: until more is recorded, or something deleted.
    OfSightings,
}

/// Who answers.
pub(crate) enum Run {
    /// The engine, in the pool.
    Engine(fn(&Ask) -> Result<Reply, Problem>),
    /// Something that is there already, at once.
    Quick(fn(&Ask) -> Result<Reply, Problem>),
    /// Something that does its own waiting.
    Task(fn(Call) -> Task),
}

/// An answer in the making.
pub(crate) type Task = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// The shape of an answer that a chain of outputs gives in one form and a chain of accounts in another.
pub(crate) fn either<A: schemars::JsonSchema, B: schemars::JsonSchema>(g: &mut SchemaGenerator) -> Schema {
    let shapes = [g.subschema_for::<A>(), g.subschema_for::<B>()];
    schemars::json_schema!({ "anyOf": shapes })
}

/// A question, read and checked.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) store: Arc<Generation>,
    pub(crate) parts: Vec<String>,
    pub(crate) given: Given,
    /// The row that the page begins with.
    pub(crate) offset: u64,
    /// Rows of the page.
    pub(crate) limit: usize,
    /// The media type of the answer.
    pub(crate) media: &'static str,
    pub(crate) cancel: Cancel,
    /// Which question it is, and of which state: what a cursor is bound to.
    pub(crate) asked: [[u8; 8]; 2],
}

impl Ask {
    /// The cursor of the page that begins with a row.
    pub(crate) fn cursor(&self, row: u64) -> String {
        let [question, mark] = self.asked;
        crate::cursor::write(row, question, mark)
    }

    /// The engine of the chain asked.
    pub(crate) fn engine(&self) -> Result<Arc<Engine>, Problem> {
        Ok(self.store.of_chain(self.given.chain())?)
    }

    /// The engine of the chain and of the days asked.
    pub(crate) fn engine_of_days(&self) -> Result<Arc<Engine>, Problem> {
        Ok(self.store.past(self.given.chain(), self.given.as_of())?)
    }

    /// A part of the path.
    pub(crate) fn part(&self, at: usize) -> &str {
        self.parts.get(at).map_or("", String::as_str)
    }

    /// The value of a parameter that the route needs.
    pub(crate) fn needed(&self, name: &str) -> &str {
        self.given.get(name).unwrap_or_default()
    }
}

/// A question to a route that does its own waiting.
pub(crate) struct Call {
    pub(crate) app: Arc<App>,
    pub(crate) ask: Ask,
    pub(crate) caller: crate::auth::Caller,
    pub(crate) body: Bytes,
    /// The media type of the body.
    pub(crate) body_media: &'static str,
    /// The request's line and headers.
    pub(crate) head: Arc<Parts>,
}

/// Nothing found: as the command line's `null`, with a status of its own.
pub(crate) fn found<T: serde::Serialize>(view: Option<T>) -> Result<Reply, Problem> {
    match view {
        Some(view) => Reply::view(&view),
        None => Err(absent()),
    }
}

pub(crate) fn absent() -> Problem {
    Problem::new(
        codes::NOT_FOUND,
        "it is not on the chain, or not in the data, of this store; that says nothing else of it",
    )
}

/// Every route, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Route> {
    let groups: [&'static [Route]; 29] = [
        service::ROUTES,
        session::ROUTES,
        users::ROUTES,
        keys::ROUTES,
        audit::ROUTES,
        cases::ROUTES,
        crate::screenings::ROUTES,
        crate::withdrawals::ROUTES,
        resolve::ROUTES,
        chain::ROUTES,
        flows::ROUTES,
        dealings::ROUTES,
        policies::ROUTES,
        totals::ROUTES,
        labels::ROUTES,
        imports::ROUTES,
        knowledge::ROUTES,
        lists::ROUTES,
        names::ROUTES,
        prices::ROUTES,
        sightings::ROUTES,
        patterns::ROUTES,
        records::ROUTES,
        desk::ROUTES,
        watchlists::ROUTES,
        alerts::ROUTES,
        webhooks::ROUTES,
        crate::jobs::ROUTES,
        crate::compat::ROUTES,
    ];
    groups.into_iter().flatten()
}

/// A route that asks the engine and answers JSON: the usual case, for tables to begin with.
pub(crate) const READ: Route = Route {
    method: Verb::Get,
    path: "",
    id: "",
    tag: "",
    summary: "",
    scope: Some(Scope::Read),
    door: Door::Scope,
    parts: &[],
    params: &[],
    body: None,
    body_bytes_max: crate::settings::BODY_BYTES_MAX,
    status: 200,
    media: &[crate::media::JSON],
    shape: |g| g.subschema_for::<serde_json::Value>(),
    codes: &[],
    rows: Rows::OfStore,
    run: Run::Quick(|_| Err(absent())),
};
