//! The answer for a subject: a screening, or what was wrong with it.

use super::request::{Depth, Given, How, Request};
use super::subject::Subject;
use crate::generation::Generation;
use crate::pool::Cancel;
use crate::problem::{Problem, codes, documentation};
use athar_engine::read::{
    AssessOptions, AssessmentView, DirectView, PolicySet, ScreenOptions, ScreenStatus, ScreenView,
};
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
    screening: Option<Screened>,
    /// What the policies make of it, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    assessment: Option<Box<AssessmentView>>,
    /// Its number at the desk, where it is watched by this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) watched: Option<i64>,
    /// What was wrong with the subject.
    error: Option<SubjectProblem>,
    #[serde(skip)]
    problem: Option<Box<Problem>>,
}

/// A screening, in the shape of its depth.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Screened {
    /// Of the depths `direct` and `counterparty`.
    Direct(Box<DirectView>),
    /// Of the depth `exposure`, and of every one that a policy is asked about.
    Full(Box<ScreenView>),
}

impl Screened {
    pub(super) fn status(&self) -> ScreenStatus {
        match self {
            Self::Direct(view) => view.status,
            Self::Full(view) => view.status,
        }
    }

    fn risk(&self) -> Level {
        match self {
            Self::Direct(view) => view.risk,
            Self::Full(view) => view.risk,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Direct(view) => view.kind,
            Self::Full(view) => view.kind,
        }
    }

    pub(super) fn chain(&self) -> Option<&str> {
        match self {
            Self::Direct(view) => view.chain,
            Self::Full(view) => view.chain.as_deref(),
        }
    }

    fn reason(&mut self) -> String {
        match self {
            Self::Direct(view) => view.reason.take(),
            Self::Full(view) => view.reason.take(),
        }
        // an error of the service is English, as all of them
        .map(|reason| reason.en)
        .unwrap_or_default()
    }

    fn entity(&self) -> (Option<&str>, Option<u64>) {
        match self {
            Self::Direct(view) => (view.entity.as_deref(), view.entity_size),
            Self::Full(view) => (view.entity.as_deref(), view.entity_size),
        }
    }

    /// The categories of its statements, each once.
    fn categories(&self) -> Vec<&'static str> {
        let mut all: Vec<&str> = match self {
            Self::Direct(view) => {
                let own = view.statements.iter().map(|s| s.category.name());
                own.chain(view.counterparties.iter().map(|c| c.category.name())).collect()
            }
            Self::Full(view) => view.statements.iter().map(|s| s.category.name()).collect(),
        };
        all.sort_unstable();
        all.dedup();
        all
    }

    fn snapshot(&self) -> Option<&str> {
        match self {
            Self::Direct(view) => Some(&view.snapshot),
            Self::Full(view) => view.snapshot.as_deref(),
        }
    }
}

/// What was found out about a subject.
#[derive(Debug)]
pub(super) struct Found {
    screening: Screened,
    assessment: Option<Box<AssessmentView>>,
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
            field: problem.field.as_deref().map(str::to_owned),
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
    pub(super) fn of(subject: Given, found: Result<Found, Problem>) -> Self {
        let subject = match subject {
            Ok(read) => Echo::Read(read),
            Err((raw, _)) => Echo::Raw(raw),
        };
        let mut result = Self {
            subject,
            status: None,
            risk: None,
            screening: None,
            assessment: None,
            watched: None,
            error: None,
            problem: None,
        };
        match found {
            Ok(Found { screening, assessment }) => {
                (result.status, result.risk) = (Some(screening.status()), Some(screening.risk()));
                (result.screening, result.assessment) = (Some(screening), assessment);
            }
            Err(problem) => result.fail(problem),
        }
        result
    }

    /// Makes it an error, and nothing else.
    pub(super) fn fail(&mut self, problem: Problem) {
        (self.status, self.risk, self.screening, self.assessment) = (None, None, None, None);
        self.error = Some(SubjectProblem::of(&problem));
        self.problem = Some(Box::new(problem));
    }

    /// The subject and its screening, where it is to be watched and could be screened.
    pub(super) fn to_watch(&self) -> Option<(&Subject, &Screened)> {
        match (&self.subject, &self.screening) {
            (Echo::Read(subject), Some(screening)) if subject.monitor == Some(true) => Some((subject, screening)),
            _ => None,
        }
    }

    /// The error, where there is one.
    pub(super) fn take_problem(&mut self) -> Option<Problem> {
        self.problem.take().map(|problem| *problem)
    }

    /// The cells of its row.
    pub(super) fn cells(&self) -> [String; 15] {
        let subject = match &self.subject {
            Echo::Read(subject) => subject.clone(),
            Echo::Raw(_) => Subject::default(),
        };
        let view = self.screening.as_ref();
        let status = match self.status {
            Some(ScreenStatus::Known) => "known",
            Some(ScreenStatus::Unseen) => "unseen",
            Some(ScreenStatus::Invalid) => "invalid",
            None => "",
        };
        let (entity, size) = view.map(Screened::entity).unwrap_or_default();
        let verdict = self.assessment.as_deref().map(|assessment| &assessment.verdict);
        [
            subject.reference.unwrap_or_default(),
            view.map(|v| v.kind().to_owned()).or(subject.kind).unwrap_or_default(),
            view.and_then(|v| v.chain().map(str::to_owned)).or(subject.chain).unwrap_or_default(),
            subject.value,
            status.to_owned(),
            self.risk.map(|risk| risk.name().to_owned()).unwrap_or_default(),
            entity.unwrap_or_default().to_owned(),
            size.map(|size| size.to_string()).unwrap_or_default(),
            view.map(|v| v.categories().join("|")).unwrap_or_default(),
            verdict.map(|v| format!("{}@{}", v.policy, v.version)).unwrap_or_default(),
            verdict.and_then(|v| v.level).map(|level| level.name().to_owned()).unwrap_or_default(),
            verdict.and_then(|v| v.score).map(|score| score.to_string()).unwrap_or_default(),
            self.error.as_ref().map(|e| e.code.to_owned()).unwrap_or_default(),
            self.error.as_ref().map(|e| e.detail.clone()).unwrap_or_default(),
            view.and_then(|v| v.snapshot()).unwrap_or_default().to_owned(),
        ]
    }
}

/// What is known of a value itself. The only place that asks the engine for it.
pub(crate) fn direct(engine: &Engine, value: &str) -> Result<DirectView, Problem> {
    Ok(engine.screen_direct(value, athar_engine::read::Depth::Ownership)?)
}

/// Screens one subject on an engine, and asks the policies where there are any.
pub(super) fn one(
    engine: &Engine,
    subject: &Subject,
    how: &How,
    policies: Option<&PolicySet>,
) -> Result<Found, Problem> {
    let checked = subject.check()?;
    let hops_max = if how.depth == Depth::Exposure { how.hops } else { 1 };
    let options = ScreenOptions { hops_max, ..ScreenOptions::default() };
    let value = &subject.value;
    let (mut screening, assessment) = match (policies, how.depth) {
        (Some(set), _) => {
            let options = AssessOptions {
                screen: options,
                attempt_sat: subject.attempt_sat(checked.chain.unwrap_or(engine.chain()))?,
            };
            let assessed = engine.assess(value, &options, set)?;
            (Screened::Full(Box::new(assessed.screen)), Some(Box::new(assessed.assessment)))
        }
        (None, Depth::Direct) => (Screened::Direct(Box::new(direct(engine, value)?)), None),
        (None, Depth::Counterparty) => {
            let view = engine.screen_direct(value, athar_engine::read::Depth::Counterparty)?;
            (Screened::Direct(Box::new(view)), None)
        }
        (None, Depth::Exposure) => (Screened::Full(Box::new(engine.screen(value, &options)?)), None),
    };
    if screening.status() == ScreenStatus::Invalid {
        return Err(Problem::new(codes::SUBJECT_INVALID, screening.reason()).at("value"));
    }
    checked.agrees(screening.kind(), screening.chain())?;
    Ok(Found { screening, assessment })
}

/// Screens a request's subjects in order. At the sign that nobody waits any longer the rest is left out.
pub(crate) fn batch(
    store: &Generation,
    request: Request,
    cancel: &Cancel,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<ScreeningResult>, Problem> {
    let how = request.how;
    let policies = how.policy.as_deref().map(|name| store.policy(name)).transpose()?;
    let mut results = Vec::with_capacity(request.subjects.len());
    for given in request.subjects {
        if cancel.is_cancelled() {
            break;
        }
        let found = match &given {
            Ok(subject) => subject
                .check()
                .and_then(|checked| Ok(store.past(checked.chain, how.as_of)?))
                .and_then(|engine| one(&engine, subject, &how, policies.as_deref())),
            Err((_, problem)) => Err(problem.clone()),
        };
        results.push(ScreeningResult::of(given, found));
        progress(results.len() as u64);
    }
    Ok(results)
}
