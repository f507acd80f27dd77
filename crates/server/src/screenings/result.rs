//! The answer for a subject: a screening, or what was wrong with it.

use super::request::{Depth, Given, How, Request};
use super::subject::Subject;
use crate::generation::Generation;
use crate::pool::Cancel;
use crate::problem::{Problem, codes, documentation};
use athar_engine::read::{ScreenOptions, ScreenStatus, ScreenView};
use athar_engine::{Engine, Level};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

/// The answer for one subject.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ScreeningResult {
    /// The subject as given.
    #[schemars(with = "serde_json::Value")]
    subject: Echo,
    /// `known` where the chain has it, `unseen` where it does not; null with an error.
    status: Option<ScreenStatus>,
    /// The highest level of all statements; `unknown` means that nothing is known, which is not `none`. Null with an error.
    #[schemars(with = "Option<String>")]
    risk: Option<Level>,
    /// The screening, with its statements and what proves them.
    screening: Option<Box<ScreenView>>,
    /// What was wrong with the subject.
    error: Option<SubjectProblem>,
    #[serde(skip)]
    problem: Option<Box<Problem>>,
}

/// A subject as it came.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Echo {
    Read(Subject),
    Raw(Box<RawValue>),
}

/// What was wrong with a subject.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SubjectProblem {
    /// The stable code.
    #[schemars(with = "String")]
    pub(crate) code: &'static str,
    /// What the code means.
    #[schemars(with = "String")]
    pub(crate) title: &'static str,
    /// What about this subject caused it.
    pub(crate) detail: String,
    /// The field it is about.
    pub(crate) field: Option<String>,
    /// The section of the documentation.
    pub(crate) documentation: String,
}

impl SubjectProblem {
    pub(crate) fn of(problem: &Problem) -> Self {
        Self {
            code: problem.code.name,
            title: problem.code.title,
            detail: problem.detail.clone(),
            field: problem.field.clone(),
            documentation: documentation(problem.code),
        }
    }
}

/// The answer for a batch.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ScreeningsAnswer {
    /// One result a subject, in the order of the request.
    pub(crate) results: Vec<ScreeningResult>,
    /// How many were screened.
    pub(crate) screened: u64,
    /// How many have an error.
    pub(crate) failed: u64,
}

impl ScreeningsAnswer {
    pub(crate) fn of(results: Vec<ScreeningResult>) -> Self {
        let failed = results.iter().filter(|r| r.error.is_some()).count() as u64;
        Self { screened: results.len() as u64 - failed, failed, results }
    }
}

impl ScreeningResult {
    pub(super) fn of(subject: Given, view: Result<Box<ScreenView>, Problem>) -> Self {
        let subject = match subject {
            Ok(read) => Echo::Read(read),
            Err((raw, _)) => Echo::Raw(raw),
        };
        match view {
            Ok(view) => Self {
                subject,
                status: Some(view.status),
                risk: Some(view.risk),
                screening: Some(view),
                error: None,
                problem: None,
            },
            Err(problem) => Self {
                subject,
                status: None,
                risk: None,
                screening: None,
                error: Some(SubjectProblem::of(&problem)),
                problem: Some(Box::new(problem)),
            },
        }
    }

    /// The error, where there is one.
    pub(super) fn take_problem(&mut self) -> Option<Problem> {
        self.problem.take().map(|problem| *problem)
    }

    /// The cells of its row.
    pub(super) fn cells(&self) -> [String; 12] {
        let subject = match &self.subject {
            Echo::Read(subject) => subject.clone(),
            Echo::Raw(_) => Subject::default(),
        };
        let view = self.screening.as_deref();
        let mut categories: Vec<&str> =
            view.into_iter().flat_map(|v| &v.statements).map(|s| s.category.name()).collect();
        categories.sort_unstable();
        categories.dedup();
        let status = match self.status {
            Some(ScreenStatus::Known) => "known",
            Some(ScreenStatus::Unseen) => "unseen",
            Some(ScreenStatus::Invalid) => "invalid",
            None => "",
        };
        [
            subject.reference.unwrap_or_default(),
            view.map(|v| v.kind.to_owned()).or(subject.kind).unwrap_or_default(),
            view.and_then(|v| v.chain.clone()).or(subject.chain).unwrap_or_default(),
            subject.value,
            status.to_owned(),
            self.risk.map(|risk| risk.name().to_owned()).unwrap_or_default(),
            view.and_then(|v| v.entity.clone()).unwrap_or_default(),
            view.and_then(|v| v.entity_size).map(|size| size.to_string()).unwrap_or_default(),
            categories.join("|"),
            self.error.as_ref().map(|e| e.code.to_owned()).unwrap_or_default(),
            self.error.as_ref().map(|e| e.detail.clone()).unwrap_or_default(),
            view.and_then(|v| v.snapshot.clone()).unwrap_or_default(),
        ]
    }
}

/// What is known of a value itself. The only place that asks the engine for it.
pub(crate) fn direct(engine: &Engine, value: &str) -> Result<ScreenView, Problem> {
    Ok(engine.screen(value, &ScreenOptions { hops_max: 0, ..ScreenOptions::default() })?)
}

/// Screens one subject on an engine.
pub(super) fn one(engine: &Engine, subject: &Subject, how: How) -> Result<Box<ScreenView>, Problem> {
    let checked = subject.check()?;
    let view = match how.depth {
        Depth::Direct => direct(engine, &subject.value)?,
        Depth::Exposure => {
            engine.screen(&subject.value, &ScreenOptions { hops_max: how.hops, ..ScreenOptions::default() })?
        }
    };
    if view.status == ScreenStatus::Invalid {
        let reason = view.reason.unwrap_or_default();
        return Err(Problem::new(codes::SUBJECT_INVALID, reason).at("value"));
    }
    checked.agrees(view.kind, view.chain.as_deref())?;
    Ok(Box::new(view))
}

/// Screens a request's subjects in order. At the sign that nobody waits any longer the rest is left out.
pub(crate) fn batch(
    store: &Generation,
    request: Request,
    cancel: &Cancel,
    progress: &mut dyn FnMut(u64),
) -> Vec<ScreeningResult> {
    let how = request.how;
    let mut results = Vec::with_capacity(request.subjects.len());
    for given in request.subjects {
        if cancel.is_cancelled() {
            break;
        }
        let view = match &given {
            Ok(subject) => subject
                .check()
                .and_then(|checked| Ok(store.past(checked.chain, how.as_of)?))
                .and_then(|engine| one(&engine, subject, how)),
            Err((_, problem)) => Err(problem.clone()),
        };
        results.push(ScreeningResult::of(given, view));
        progress(results.len() as u64);
    }
    results
}
