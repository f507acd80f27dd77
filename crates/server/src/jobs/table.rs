//! The jobs there are, bounded in number, bytes and time.

use crate::auth::Caller;
use crate::generation::held;
use crate::keys::now_s;
use crate::pool::Cancel;
use crate::problem::{Problem, codes};
use crate::screenings::SubjectProblem;
use crate::settings::{JOB_KEPT, JOB_RESULT_BYTES_MAX, JOB_RESULTS_BYTES_MAX, JOBS_ACTIVE_MAX, JOBS_KEPT_MAX};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::watch;

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobState {
    /// For a place in the pool.
    Waiting,
    /// It runs.
    Running,
    /// It ended well.
    Done,
    /// It ended with an error.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl JobState {
    /// Whether it has ended.
    pub(crate) fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) state: JobState,
    pub(crate) done: u64,
}

/// A job, as clients see it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct JobView {
    /// Its id.
    pub(crate) id: String,
    /// `trace`, `patterns`, `screenings`, `import` or `policy_test`.
    #[schemars(with = "String")]
    pub(crate) kind: &'static str,
    /// Where it is.
    pub(crate) state: JobState,
    /// Items done: subjects of a batch, documents that an import has read, targets of a test.
    pub(crate) done: u64,
    /// Items in all; none where the work has none that could be counted.
    pub(crate) total: Option<u64>,
    /// Seconds since 1970 at which it was begun.
    pub(crate) created_s: u64,
    /// Seconds since 1970 at which it ended.
    pub(crate) finished_s: Option<u64>,
    /// The result: of the shape that the direct question answers with.
    #[schemars(with = "Option<serde_json::Value>")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "shared")]
    pub(crate) result: Option<Arc<RawValue>>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<SubjectProblem>,
}

/// A result is kept once, however many ask for it.
#[allow(clippy::ref_option)] // the form that serde calls
fn shared<S: serde::Serializer>(result: &Option<Arc<RawValue>>, s: S) -> Result<S::Ok, S::Error> {
    result.as_deref().serialize(s)
}

#[derive(Debug, Default)]
struct Outcome {
    result: Option<Arc<RawValue>>,
    error: Option<Problem>,
    finished: Option<(Instant, u64)>,
}

/// A job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    kind: &'static str,
    owner: Option<Arc<str>>,
    created_s: u64,
    total: std::sync::OnceLock<u64>,
    pub(crate) cancel: Cancel,
    progress: watch::Sender<Progress>,
    outcome: Mutex<Outcome>,
}

impl Job {
    /// As clients see it.
    pub(crate) fn view(&self, with_result: bool) -> JobView {
        let outcome = held(&self.outcome);
        let Progress { state, done } = *self.progress.borrow();
        JobView {
            id: self.id.clone(),
            kind: self.kind,
            state,
            done,
            total: self.total.get().copied(),
            created_s: self.created_s,
            finished_s: outcome.finished.map(|(_, s)| s),
            result: outcome.result.clone().filter(|_| with_result),
            error: outcome.error.as_ref().map(SubjectProblem::of),
        }
    }

    /// To be told how it goes on.
    pub(crate) fn follow(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// It has so many items.
    pub(crate) fn set_total(&self, items: u64) {
        let _ = self.total.set(items);
    }

    /// It runs, and so many items are done.
    pub(crate) fn went_on(&self, done: u64) {
        self.progress.send_if_modified(|progress| {
            let is_new = !progress.state.is_over();
            if is_new {
                *progress = Progress { state: JobState::Running, done };
            }
            is_new
        });
    }

    /// It ended. A job that was cancelled before stays so, without a result.
    pub(crate) fn end(&self, result: Result<Box<RawValue>, Problem>) {
        let mut outcome = held(&self.outcome);
        if outcome.finished.is_some() {
            return;
        }
        let result = result.and_then(|json| match json.get().len() {
            0..=JOB_RESULT_BYTES_MAX => Ok(Arc::from(json)),
            bytes => {
                let detail = format!("{bytes} bytes, more than {JOB_RESULT_BYTES_MAX}: ask for less");
                Err(Problem::new(codes::JOB_RESULT_TOO_LARGE, detail))
            }
        });
        let state = if result.is_ok() { JobState::Done } else { JobState::Failed };
        match result {
            Ok(json) => outcome.result = Some(json),
            Err(problem) => outcome.error = Some(problem),
        }
        outcome.finished = Some((Instant::now(), now_s()));
        self.progress.send_modify(|progress| progress.state = state);
    }

    fn cancel(&self) {
        self.cancel.cancel();
        let mut outcome = held(&self.outcome);
        outcome.result = None;
        outcome.finished.get_or_insert((Instant::now(), now_s()));
        self.progress.send_modify(|progress| progress.state = JobState::Cancelled);
    }

    fn is_over(&self) -> bool {
        self.progress.borrow().state.is_over()
    }

    fn is_expired(&self) -> bool {
        held(&self.outcome).finished.is_some_and(|(at, _)| at.elapsed() >= JOB_KEPT)
    }

    fn bytes(&self) -> usize {
        held(&self.outcome).result.as_ref().map_or(0, |json| json.get().len())
    }
}

/// All jobs, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<VecDeque<Arc<Job>>>);

impl Jobs {
    /// A new job of an owner.
    pub(crate) fn begin(&self, kind: &'static str, owner: Option<Arc<str>>) -> Result<Arc<Job>, Problem> {
        let mut jobs = held(&self.0);
        clean(&mut jobs);
        if jobs.iter().filter(|job| !job.is_over()).count() >= JOBS_ACTIVE_MAX {
            return Err(Problem::new(codes::JOBS_FULL, format!("{JOBS_ACTIVE_MAX} jobs wait or run")).retry(10));
        }
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|e| Problem::internal(format!("no random numbers from the system: {e}")))?;
        let job = Arc::new(Job {
            id: id.iter().map(|b| format!("{b:02x}")).collect(),
            kind,
            owner,
            created_s: now_s(),
            total: std::sync::OnceLock::new(),
            cancel: Cancel::default(),
            progress: watch::Sender::new(Progress { state: JobState::Waiting, done: 0 }),
            outcome: Mutex::default(),
        });
        jobs.push_back(Arc::clone(&job));
        Ok(job)
    }

    /// The job of that id, where the caller may see it.
    pub(crate) fn find(&self, id: &str, caller: &Caller) -> Result<Arc<Job>, Problem> {
        let mut jobs = held(&self.0);
        clean(&mut jobs);
        let found = jobs.iter().find(|job| job.id == id && caller.owns(job.owner.as_ref())).cloned();
        found.ok_or_else(|| Problem::new(codes::JOB_UNKNOWN, "it was never begun, or ended more than an hour ago"))
    }

    /// The jobs that the caller may see, the newest first.
    pub(crate) fn of(&self, caller: &Caller) -> Vec<Arc<Job>> {
        let mut jobs = held(&self.0);
        clean(&mut jobs);
        jobs.iter().rev().filter(|job| caller.owns(job.owner.as_ref())).cloned().collect()
    }

    /// Cancels a job.
    #[allow(clippy::unused_self)] // jobs are changed through their table
    pub(crate) fn cancel(&self, job: &Job) {
        job.cancel();
    }

    /// Cancels all, when the service is stopped.
    pub(crate) fn cancel_all(&self) {
        held(&self.0).iter().filter(|job| !job.is_over()).for_each(|job| job.cancel());
    }
}

/// Drops what is kept no longer: expired jobs, and beyond the bounds the oldest finished ones.
fn clean(jobs: &mut VecDeque<Arc<Job>>) {
    jobs.retain(|job| !job.is_expired());
    let mut bytes: usize = jobs.iter().map(|job| job.bytes()).sum();
    while jobs.len() >= JOBS_KEPT_MAX || bytes > JOB_RESULTS_BYTES_MAX {
        let Some(oldest) = jobs.iter().position(|job| job.is_over()) else { break };
        bytes -= jobs.remove(oldest).map_or(0, |job| job.bytes());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    fn json(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.into()).unwrap()
    }

    #[test]
    fn a_cancelled_job_stays_cancelled_and_has_no_result() {
        let jobs = Jobs::default();
        let job = jobs.begin("trace", None).unwrap();
        job.went_on(1);
        jobs.cancel(&job);
        job.went_on(2);
        job.end(Ok(json("1")));
        let view = job.view(true);
        assert_eq!((view.state, view.result.is_none(), job.cancel.is_cancelled()), (JobState::Cancelled, true, true));
    }

    #[test]
    fn as_many_jobs_are_kept_as_may_be_and_strangers_see_none() {
        let jobs = Jobs::default();
        let owner: Option<Arc<str>> = Some("a".into());
        let active: Vec<_> = (0..JOBS_ACTIVE_MAX).map(|_| jobs.begin("trace", owner.clone()).unwrap()).collect();
        assert_eq!(jobs.begin("trace", None).unwrap_err().code, codes::JOBS_FULL);
        active[0].end(Ok(json("1")));
        for _ in 0..JOBS_KEPT_MAX + 10 {
            jobs.begin("trace", owner.clone()).unwrap().end(Ok(json("1")));
        }
        assert!(held(&jobs.0).len() <= JOBS_KEPT_MAX);
        let caller = |key: &str, is_admin| Caller { is_admin, ..Caller::of_key(key, &[]) };
        assert!(jobs.find(&active[1].id, &caller("a", false)).is_ok());
        assert!(jobs.find(&active[1].id, &caller("b", true)).is_ok());
        assert_eq!(jobs.find(&active[1].id, &caller("b", false)).unwrap_err().code, codes::JOB_UNKNOWN);
        // the oldest finished one went
        assert!(jobs.find(&active[0].id, &caller("a", false)).is_err());
    }
}
