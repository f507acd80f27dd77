//! A policy tried over history, as a job: the back-test of the command line.

use super::run::Work;
use super::table::Job;
use crate::generation::Generation;
use crate::problem::{Problem, codes};
use athar_engine::Chain;
use athar_engine::policy::Policy;
use athar_engine::read::{BacktestOptions, BacktestView, backtest};
use std::path::Path;

/// What is tried.
pub(crate) enum Tried {
    /// A policy that the store knows.
    Named(String),
    /// The text of one that it need not know.
    Text(String),
}

/// A test.
pub(crate) struct PolicyTest {
    pub(crate) policy: Tried,
    pub(crate) against: String,
    pub(crate) chain: Option<Chain>,
    pub(crate) options: BacktestOptions,
}

impl From<PolicyTest> for Work {
    fn from(test: PolicyTest) -> Self {
        Self::PolicyTest(Box::new(test))
    }
}

/// Reads a policy out of a text; errors name its line.
pub(crate) fn parsed(text: &str) -> Result<Policy, Problem> {
    Policy::parse(Path::new("policy.toml"), text)
        .map_err(|error| super::import::refused(error.into(), codes::POLICY_REFUSED).at("text"))
}

pub(super) fn run(store: &Generation, job: &Job, test: &PolicyTest) -> Result<BacktestView, Problem> {
    let policy = match &test.policy {
        Tried::Named(name) => store.policy(name)?.deciding.clone(),
        Tried::Text(text) => parsed(text)?,
    };
    let against = store.policy(&test.against)?.deciding.clone();
    let open = store.options(test.chain);
    let view = backtest(store.folder(), &open, &policy, &against, &test.options, &|done, all| {
        job.set_total(all);
        job.went_on(done);
        !job.cancel.is_cancelled()
    })?;
    Ok(view)
}
