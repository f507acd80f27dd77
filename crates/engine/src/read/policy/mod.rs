//! Policies asked about a target: the facts of a screening, the verdict of the policy that decides, and of those on test.
//!
//! A screening says what is known; a policy says what follows for whoever uses it. The screening's own `risk` is that of the
//! shipped risk table and stays beside the verdict.

mod backtest;
mod facts;

pub use backtest::{
    BacktestMoment, BacktestOptions, BacktestView, BacktestedTarget, ChangedTarget, EXAMPLES_MAX, SAMPLE_MAX, backtest,
};

use super::{ScreenOptions, ScreenView};
use crate::Engine;
use crate::error::EngineError;
use athar_policy::{Effect, Event, Mode, Policy, PolicyError, PolicyStore, Stored, Verdict, evaluate};
use athar_types::Bilingual;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// How to assess.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AssessOptions {
    /// How to screen.
    pub screen: ScreenOptions,
    /// What somebody wants to withdraw to the target now, in the chain's smallest unit.
    pub attempt_sat: Option<u64>,
}

/// The policies of one answer: the one whose verdict counts, and others that are shown beside it.
#[derive(Clone, Debug)]
pub struct PolicySet {
    /// Its verdict counts.
    pub deciding: Policy,
    /// Whether it is the store's active one, or was named in the question.
    pub mode: Mode,
    /// On test: evaluated and shown, never deciding.
    pub beside: Vec<Policy>,
}

impl PolicySet {
    /// A policy alone.
    pub fn of(deciding: Policy, mode: Mode) -> Self {
        Self { deciding, mode, beside: Vec::new() }
    }

    /// The policies that a text names: `active`, with those on test beside it; or a name, a version or a file, alone.
    pub fn find(folder: &Path, text: &str) -> Result<Self, EngineError> {
        let store = PolicyStore::open(crate::write::policies_folder(folder))?;
        if text != "active" {
            return Ok(Self::of(find_policy(&store, text)?, Mode::Asked));
        }
        let beside = store.testing().map(|stored| store.load(stored)).collect::<Result<_, _>>()?;
        Ok(Self { deciding: store.load(store.active())?, mode: Mode::Active, beside })
    }

    /// What an answer depends on besides the facts.
    fn versions(&self) -> Vec<&str> {
        std::iter::once(&self.deciding).chain(&self.beside).map(Policy::version).collect()
    }
}

/// The policy that a text names: a version in the store, or a file, which is told by its ending or a separator.
fn find_policy(store: &PolicyStore, text: &str) -> Result<Policy, EngineError> {
    let path = Path::new(text);
    let is_file = text.contains(std::path::MAIN_SEPARATOR) || path.extension().is_some_and(|e| e == "toml");
    if is_file {
        return Ok(Policy::read(path)?);
    }
    match store.find(text) {
        Ok(stored) => Ok(store.load(stored)?),
        // a file without an ending, beside the reader
        Err(PolicyError::NoSuch { .. }) if path.is_file() => Ok(Policy::read(path)?),
        Err(error) => Err(error.into()),
    }
}

/// What the policies say of one target.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AssessmentView {
    /// What was asked, as given.
    pub input: String,
    /// What somebody wants to withdraw to it, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt_sat: Option<u64>,
    /// The verdict that counts.
    pub verdict: Verdict,
    /// Verdicts of policies on test: shown, never deciding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<Verdict>,
    /// Snapshot of the screening that the facts are from.
    pub screen_snapshot: Option<String>,
    /// Snapshot of this answer, the versions of the policies among it.
    pub snapshot: Option<String>,
}

/// A screening with what the policies make of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AssessedScreenView {
    /// The screening.
    #[serde(flatten)]
    pub screen: ScreenView,
    /// The verdicts.
    pub assessment: AssessmentView,
}

/// The policies of a store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoliciesView {
    /// Every version.
    pub policies: Vec<PolicyLine>,
    /// What was decided about them, in order.
    pub journal: Vec<Event>,
}

/// One version of a policy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicyLine {
    /// Name, version, mode.
    #[serde(flatten)]
    pub stored: Stored,
    /// What it is called; null where its file is damaged.
    pub title: Option<Bilingual>,
    /// Number of its rules.
    pub rules: Option<usize>,
    /// What is wrong with its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defect: Option<String>,
}

/// A policy, for people.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicyView {
    /// Its version: BLAKE3 of its content, 64 hexadecimal digits.
    pub version: String,
    /// Its content in canonical form: what the version is the hash of.
    #[schemars(with = "serde_json::Value")]
    pub policy: Policy,
}

/// A policy's file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PolicyTextView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The file as it was written.
    pub text: String,
}

/// The file of a version of the store in `folder`, named as [`PolicyStore::find`] has it: never a file by its path.
pub fn policy_text(folder: &Path, named: &str) -> Result<PolicyTextView, EngineError> {
    let store = PolicyStore::open(crate::write::policies_folder(folder))?;
    let stored = store.find(named)?;
    Ok(PolicyTextView { name: stored.name.clone(), version: stored.version.clone(), text: store.text(stored)? })
}

impl PolicyView {
    /// The policy that a text names: `active`, a name, a version, or a file.
    pub fn find(folder: &Path, text: &str) -> Result<Self, EngineError> {
        let store = PolicyStore::open(crate::write::policies_folder(folder))?;
        Ok(Self::of(find_policy(&store, text)?))
    }

    /// A policy.
    pub fn of(policy: Policy) -> Self {
        Self { version: policy.version().to_owned(), policy }
    }

    /// How many rules give a level, set a score, and give a weight.
    pub fn effects(&self) -> [usize; 3] {
        let count = |is: fn(&Effect) -> bool| self.policy.rules.iter().filter(|r| is(&r.effect)).count();
        [
            count(|e| matches!(e, Effect::Level(_))),
            count(|e| matches!(e, Effect::Score(_))),
            count(|e| matches!(e, Effect::Weight { .. })),
        ]
    }
}

/// The policies of a store, each with its mode. A damaged file is told on its line, and hides no other.
pub fn policies(folder: &Path) -> Result<PoliciesView, EngineError> {
    let store = PolicyStore::open(crate::write::policies_folder(folder))?;
    let line = |stored: &Stored| match store.load(stored) {
        Ok(policy) => PolicyLine {
            stored: stored.clone(),
            rules: Some(policy.rules.len()),
            title: Some(policy.title),
            defect: None,
        },
        Err(error) => PolicyLine { stored: stored.clone(), title: None, rules: None, defect: Some(error.to_string()) },
    };
    Ok(PoliciesView { policies: store.all().iter().map(line).collect(), journal: store.events().to_vec() })
}

impl Engine {
    /// Screens a target and asks policies about it.
    pub fn assess(
        &self,
        input: &str,
        options: &AssessOptions,
        set: &PolicySet,
    ) -> Result<AssessedScreenView, EngineError> {
        let screen = self.screen(input, &options.screen)?;
        let facts = self.facts(&screen, options);
        let beside = set.beside.iter().map(|policy| evaluate(policy, &facts, Mode::Test)).collect();
        let assessment = AssessmentView {
            input: screen.input.clone(),
            attempt_sat: options.attempt_sat,
            verdict: evaluate(&set.deciding, &facts, set.mode),
            beside,
            // what a clock cut short depends on more than its question
            snapshot: screen.snapshot.is_some().then(|| {
                let question = (input.trim(), options, set.mode.name(), set.versions());
                // kept hits of patterns are facts too
                match self.kept_patterns() {
                    Some(kept) => self.snapshot("assess", &(question, kept.basis())),
                    None => self.snapshot("assess", &question),
                }
            }),
            screen_snapshot: screen.snapshot.clone(),
        };
        Ok(AssessedScreenView { screen, assessment })
    }
}
