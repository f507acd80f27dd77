//! A policy tried over history: what it would have said of many addresses, on several days, beside the one that decides.
//!
//! The history is that of knowledge: labels and decisions as the store knew them at the end of each day. The chain is as it is
//! now, so a payment of later counts too.

use super::{AssessOptions, PolicySet};
use crate::read::{KeptPatterns, ScreenOptions};
use crate::{Engine, EngineError, Options};
use athar_labels::AsOf;
use athar_policy::{Mode, Policy, Quantity, RuleVerdict, Truth, Verdict, evaluate};
use athar_types::{AddressId, Day, Level};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Addresses of a sample, at most.
pub const SAMPLE_MAX: u64 = 1_000_000;
/// Examples of changes that are listed for one day.
pub const EXAMPLES_MAX: usize = 50;
/// Targets assessed between two looks at whether to go on.
const STEP: usize = 256;

/// What to try a policy on.
#[derive(Clone, Debug, Default)]
pub struct BacktestOptions {
    /// How to screen.
    pub screen: ScreenOptions,
    /// These targets; none: a sample.
    pub targets: Option<Vec<String>>,
    /// Addresses of the chain to take, where no targets are given: the same ones for the same chain.
    pub sample: u64,
    /// As the labels were known at the end of each of these days; none: as they are known now.
    pub days: Vec<Day>,
}

/// What a policy would have said.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BacktestView {
    /// The policy, as `name@version`.
    pub policy: String,
    /// What it is compared with.
    pub against: String,
    /// Targets asked for.
    pub targets: u64,
    /// Whether they are a sample of the chain's addresses.
    pub is_sample: bool,
    /// Whether it was ended before all was done.
    pub is_cancelled: bool,
    /// One for each day.
    pub moments: Vec<BacktestMoment>,
    /// Snapshot of this answer; null where it was ended early.
    pub snapshot: Option<String>,
}

/// What a policy would have said with the knowledge of one day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BacktestMoment {
    /// The day; null: as it is known now.
    #[schemars(with = "Option<String>")]
    pub known_on: Option<Day>,
    /// Targets assessed.
    pub assessed: u64,
    /// How many got which level from the policy; `no_rule` where none applied.
    pub levels: BTreeMap<&'static str, u64>,
    /// The same of the policy that it is compared with.
    pub against_levels: BTreeMap<&'static str, u64>,
    /// Targets of which the policy leaves a rule open that could raise the level.
    pub undecided: u64,
    /// Targets whose level differs, or whose score where both policies give one.
    pub changed: u64,
    /// Of these, how many went from which level to which, as `low -> high`.
    pub changes: BTreeMap<String, u64>,
    /// The first that differ, in the order of the targets.
    pub examples: Vec<ChangedTarget>,
    /// Whether more differ than are listed.
    pub examples_truncated: bool,
    /// Snapshot of the store's state that the moment was computed on.
    pub basis: String,
}

/// A target of which two policies say different things.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangedTarget {
    /// The target.
    pub target: String,
    /// What the compared policy says.
    pub against: BacktestedTarget,
    /// What the policy says.
    pub verdict: BacktestedTarget,
}

/// A verdict in short, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BacktestedTarget {
    /// The level; null where no rule applied.
    #[schemars(with = "Option<String>")]
    pub level: Option<Level>,
    /// The score; null where no rule applied, or the policy has none.
    pub score: Option<Quantity>,
    /// The rules that hold.
    pub rules: Vec<String>,
}

impl BacktestedTarget {
    fn of(verdict: &Verdict) -> Self {
        let holds = |r: &&RuleVerdict| r.outcome == Truth::True;
        let rules = verdict.rules.iter().filter(holds).map(|r| r.id.clone()).collect();
        Self { level: verdict.level, score: verdict.score, rules }
    }
}

/// Whether two policies say different things: of one without a score only the level can be compared.
fn differ(new: &Verdict, old: &Verdict) -> bool {
    new.level != old.level || (new.model == old.model && new.score != old.score)
}

fn name_of(level: Option<Level>) -> &'static str {
    level.map_or("no_rule", Level::name)
}

/// Tries `policy` beside `against`. `keep_going` hears how many assessments of how many are done, and ends it with `false`:
/// what was found until then is the answer.
pub fn backtest(
    folder: &Path,
    open: &Options,
    policy: &Policy,
    against: &Policy,
    options: &BacktestOptions,
    keep_going: &dyn Fn(u64, u64) -> bool,
) -> Result<BacktestView, EngineError> {
    let days: Vec<Option<Day>> =
        if options.days.is_empty() { vec![None] } else { options.days.iter().copied().map(Some).collect() };
    let mut view = BacktestView {
        policy: policy.short(),
        against: against.short(),
        targets: 0,
        is_sample: options.targets.is_none(),
        is_cancelled: false,
        moments: Vec::new(),
        snapshot: None,
    };
    let (mut done, mut targets, mut of_first) = (0, Vec::new(), None);
    for known_on in &days {
        let labels_as_of = AsOf { known_on: *known_on, ..open.labels_as_of };
        let engine = Engine::open(folder, &Options { labels_as_of, ..open.clone() })?;
        if view.moments.is_empty() {
            targets = match &options.targets {
                Some(targets) => targets.clone(),
                None => engine.sample_addresses(options.sample.min(SAMPLE_MAX))?,
            };
            view.targets = targets.len() as u64;
        }
        let all = targets.len() as u64 * days.len() as u64;
        let mut moment = BacktestMoment::new(
            *known_on,
            engine.snapshot("backtest basis", &engine.kept_patterns().map(KeptPatterns::basis)),
        );
        for step in targets.chunks(STEP) {
            if !keep_going(done, all) {
                view.is_cancelled = true;
                break;
            }
            let both = |target: &String| engine.both(target, policy, against, options.screen);
            let verdicts: Vec<_> = step.par_iter().map(both).collect::<Result<_, EngineError>>()?;
            step.iter().zip(verdicts).for_each(|(target, [new, old])| moment.add(target, &new, &old));
            done += step.len() as u64;
        }
        view.moments.push(moment);
        of_first.get_or_insert(engine);
        if view.is_cancelled {
            return Ok(view);
        }
    }
    keep_going(done, done);
    if let Some(engine) = of_first {
        let bases: Vec<&str> = view.moments.iter().map(|m| m.basis.as_str()).collect();
        let question = (policy.version(), against.version(), options.screen, &targets, &options.days, bases);
        view.snapshot = Some(engine.snapshot("policy test", &question));
    }
    Ok(view)
}

impl BacktestMoment {
    fn new(known_on: Option<Day>, basis: String) -> Self {
        Self {
            known_on,
            assessed: 0,
            levels: BTreeMap::new(),
            against_levels: BTreeMap::new(),
            undecided: 0,
            changed: 0,
            changes: BTreeMap::new(),
            examples: Vec::new(),
            examples_truncated: false,
            basis,
        }
    }

    fn add(&mut self, target: &str, new: &Verdict, old: &Verdict) {
        self.assessed += 1;
        *self.levels.entry(name_of(new.level)).or_default() += 1;
        *self.against_levels.entry(name_of(old.level)).or_default() += 1;
        self.undecided += u64::from(new.level_at_most != new.level);
        if !differ(new, old) {
            return;
        }
        self.changed += 1;
        *self.changes.entry(format!("{} -> {}", name_of(old.level), name_of(new.level))).or_default() += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(ChangedTarget {
                target: target.into(),
                against: BacktestedTarget::of(old),
                verdict: BacktestedTarget::of(new),
            });
        } else {
            self.examples_truncated = true;
        }
    }
}

impl Engine {
    /// What two policies say of the same facts: the first, then the second.
    fn both(
        &self,
        target: &str,
        policy: &Policy,
        against: &Policy,
        screen: ScreenOptions,
    ) -> Result<[Verdict; 2], EngineError> {
        let options = AssessOptions { screen, attempt_sat: None };
        let facts = self.facts(&self.screen(target, &screen)?, &options);
        Ok([policy, against].map(|policy| evaluate(policy, &facts, Mode::Asked)))
    }

    /// Addresses of the chain, by a hash: the same ones for the same chain, in the order of their first appearance.
    fn sample_addresses(&self, count: u64) -> Result<Vec<String>, EngineError> {
        let ledger = self.ledger()?;
        let all = u64::from(ledger.address_count());
        let mut taken: BTreeSet<u32> = BTreeSet::new();
        if count >= all {
            taken.extend(0..ledger.address_count());
        }
        let mut at = 0_u64;
        while (taken.len() as u64) < count.min(all) {
            let hash =
                blake3::Hasher::new_derive_key("athar policy sample version 1").update(&at.to_le_bytes()).finalize();
            let mut first = [0; 8];
            first.copy_from_slice(&hash.as_bytes()[..8]);
            taken.insert((u64::from_le_bytes(first) % all) as u32);
            at += 1;
        }
        Ok(taken.into_iter().map(|id| ledger.address_text(AddressId(id))).collect())
    }
}

impl PolicySet {
    /// The policy that a text names, alone, whatever its mode.
    pub fn one(folder: &Path, text: &str) -> Result<Policy, EngineError> {
        Ok(Self::find(folder, text)?.deciding)
    }
}
