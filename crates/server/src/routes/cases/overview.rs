//! Over all cases: who has a subject too, and what is to be done.

use super::items::entity_of;
use super::{At, READING, at_cases};
use crate::parameters::{Kind, Param};
use crate::problem::{Problem, codes};
use crate::reply::Reply;
use crate::routes::{Route, Run};
use athar_team::cases::{AlsoIn, Subject, SubjectKind, Task, TaskPage, bounds};
use schemars::JsonSchema;
use serde::Serialize;

/// Cases that have a subject.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Deconfliction")]
struct DeconflictionView {
    /// The cases, each as far as it discloses itself. One that discloses nothing is not among them.
    also_in: Vec<AlsoIn>,
}

pub(super) const DECONFLICTION: Route = Route {
    path: "/v1/deconfliction",
    id: "deconfliction",
    summary: "Which cases have a subject, each as far as it discloses that; the question is in the audit log",
    parts: &[],
    params: &[&[
        Param::new(
            "kind",
            Kind::Word(&["address", "entity", "transaction", "campaign", "person", "block"]),
            "What the subject is",
        )
        .required(),
        Param::new("chain", Kind::AnyChain, "Its chain; none of a campaign and a person"),
        Param::new("value", Kind::Text(bounds::VALUE_CHARS_MAX * 4), "The subject").required(),
    ]],
    codes: super::READS_FIELDS,
    shape: |g| g.subschema_for::<DeconflictionView>(),
    run: Run::Task(|call| at_cases(call, deconfliction)),
    ..READING
};

pub(super) const TASKS: Route = Route {
    path: "/v1/tasks",
    id: "tasks",
    summary: "Open tasks over the cases that one sees, up to 1,000",
    parts: &[],
    params: &[&[
        Param::new("mine", Kind::Boolean, "Only of cases that one is a member of"),
        Param::new("assigned", Kind::Boolean, "Only those that are assigned to oneself"),
    ]],
    codes: super::READS_FIELDS,
    shape: |g| g.subschema_for::<TaskPage<Task>>(),
    run: Run::Task(|call| {
        at_cases(call, |at| {
            let (all, assigned) = (!at.ask.given.is("mine"), at.ask.given.is("assigned"));
            Reply::json(&at.cases.tasks(at.who, all, assigned, at.now_s)?)
        })
    }),
    ..READING
};

fn deconfliction(at: &At<'_>) -> Result<Reply, Problem> {
    let given = &at.ask.given;
    let kind = SubjectKind::from_name(at.ask.needed("kind"));
    let kind = kind.ok_or_else(|| Problem::new(codes::FIELD_INVALID, "no such kind").at("kind"))?;
    let subject = Subject {
        kind,
        chain: given.get("chain").map(str::to_owned),
        value: at.ask.needed("value").to_owned(),
        note: String::new(),
    };
    let entity = entity_of(at.ask, &subject);
    let also_in = at.cases.also_in(at.who, &subject, entity.as_deref(), at.now_s)?;
    Reply::json(&DeconflictionView { also_in })
}
