//! The engine as a world.
//!
//! Level and score of an answer are those of the store's active policy ([`EngineWorld::active`]). Where no rule of it applied the
//! level is `unknown`: the risk that the screening itself names is another statement, stands in the summary, and is not put in its
//! place. A policy may ask for ages, or for dollars of today; then its answers change with the calendar of the chain alone, and
//! everybody is screened again on each new day of it.

use crate::DeskError;
use crate::place::{Dependencies, Place};
use crate::subject::{Subject, SubjectKind, Way};
use crate::world::{Answer, Cause, Changes, Marks, State, World};
use athar_engine::policy::{AmountOf, Condition, Mode, Policy, Quantity, Truth, Verdict};
use athar_engine::read::{AssessOptions, PolicySet, ScreenOptions, ScreenSummary, TransferAt};
use athar_engine::{Asset, Engine, Level};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// An opened store, screened with the same options every time.
#[derive(Debug)]
pub struct EngineWorld<'a> {
    engine: &'a Engine,
    options: ScreenOptions,
    /// Gives level and score; without it the level is that of the screening.
    policy: Option<PolicySet>,
    /// Day of the chain's last block, where the policy asks for it.
    today: Option<String>,
}

/// What a policy said of a target, in the words that matter: without numbers that move while the verdict stands.
#[derive(Serialize)]
struct Said<'v> {
    policy: &'v str,
    level: Option<Level>,
    score: Option<Quantity>,
    level_at_most: Option<Level>,
    score_at_most: Option<Quantity>,
    /// Rules that hold.
    rules: Vec<&'v str>,
    undecided: &'v [String],
}

impl<'v> Said<'v> {
    fn of(verdict: &'v Verdict) -> Self {
        let holds = verdict.rules.iter().filter(|rule| rule.outcome == Truth::True);
        Self {
            policy: &verdict.policy,
            level: verdict.level,
            score: verdict.score,
            level_at_most: verdict.level_at_most,
            score_at_most: verdict.score_at_most,
            rules: holds.map(|rule| rule.id.as_str()).collect(),
            undecided: &verdict.undecided,
        }
    }
}

/// Whether a condition asks for a time that goes on while nothing happens, or for what an amount is worth today.
fn asks_for_today(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(asks_for_today),
        Condition::Not(part) => asks_for_today(part),
        Condition::Age(_) => true,
        Condition::Listed(test) => !test.days.is_empty(),
        Condition::Amount(test) => matches!(test.of, AmountOf::Balance | AmountOf::Attempt) && !test.usd.is_empty(),
        Condition::Exposure(_) | Condition::Pattern(_) | Condition::Subject(_) | Condition::Search(_) => false,
    }
}

impl<'a> EngineWorld<'a> {
    /// A world of the store that an engine has open, by its screenings alone.
    pub fn new(engine: &'a Engine, options: ScreenOptions) -> Self {
        Self { engine, options, policy: None, today: None }
    }

    /// The same, judged by the active policy of the store in the folder `store`.
    pub fn active(engine: &'a Engine, options: ScreenOptions, store: &Path) -> Result<Self, DeskError> {
        let set = PolicySet::find(store, "active")?;
        Self::new(engine, options).judged_by(set.deciding)
    }

    /// The same, judged by a policy.
    pub fn judged_by(mut self, policy: Policy) -> Result<Self, DeskError> {
        self.today = None;
        if policy.rules.iter().filter_map(|rule| rule.when.as_ref()).any(asks_for_today) {
            self.today = self.engine.tip_day();
        }
        self.policy = Some(PolicySet::of(policy, Mode::Active));
        Ok(self)
    }

    fn version(&self) -> String {
        let table = || self.engine.basis().risk_table.clone();
        self.policy.as_ref().map_or_else(table, |set| set.deciding.version().to_owned())
    }

    fn seen(&self, places: impl IntoIterator<Item = athar_engine::read::Place>) -> Vec<Place> {
        places.into_iter().map(|place| Place::seen(self.engine.chain(), place)).collect()
    }

    fn reach(&self, target: &str) -> Result<Dependencies, DeskError> {
        let reach = self.engine.reach(target, &self.options)?;
        Ok(if reach.is_everything { Dependencies::everything() } else { Dependencies::new(self.seen(reach.places)) })
    }

    /// Screens targets and puts their answers together: the highest level, the highest score, all statements.
    fn screen_all(
        &self,
        subject: &Subject,
        targets: &[String],
        more: bool,
        dependencies: Dependencies,
    ) -> Result<Answer, DeskError> {
        let (mut level, mut score, mut dependencies) = (Level::Unknown, None, dependencies);
        let (mut summaries, mut verdicts, mut snapshot) = (Vec::new(), Vec::new(), String::new());
        let options = AssessOptions { screen: self.options, attempt_sat: self.attempt_sat(subject) };
        for target in targets {
            match &self.policy {
                Some(set) => {
                    let assessed = self.engine.assess(target, &options, set)?;
                    let verdict = assessed.assessment.verdict;
                    level = level.max(verdict.level.unwrap_or(Level::Unknown));
                    score = score.max(verdict.score.map(|score| i64::try_from(score.parts).unwrap_or(i64::MAX)));
                    summaries.push(ScreenSummary::from(&assessed.screen));
                    verdicts.push(verdict);
                    snapshot = assessed.assessment.snapshot.unwrap_or_default();
                }
                None => {
                    let view = self.engine.screen(target, &self.options)?;
                    level = level.max(view.risk);
                    summaries.push(ScreenSummary::from(&view));
                    snapshot = view.snapshot.unwrap_or_default();
                }
            }
            dependencies = dependencies.with(self.reach(target)?);
        }
        let mut summary = serde_json::json!({ "targets": summaries, "more_outputs": more });
        if self.policy.is_some() {
            let said: Vec<Said<'_>> = verdicts.iter().map(Said::of).collect();
            summary["verdicts"] = serde_json::to_value(said).unwrap_or_default();
        }
        Ok(Answer {
            state: State::Screened,
            level: level.name().to_string(),
            score,
            policy: self.version(),
            snapshot,
            summary: summary.to_string(),
            dependencies,
        })
    }

    /// What somebody wants to withdraw, where that is the coin of the chain.
    fn attempt_sat(&self, subject: &Subject) -> Option<u64> {
        let coin = Asset::coin_of(self.engine.chain());
        let is_coin = subject.asset.is_empty() || subject.asset.parse() == Ok(coin);
        let is_attempt = subject.kind == SubjectKind::WithdrawalAttempt;
        subject.amount.as_deref().filter(|_| is_attempt && is_coin)?.parse().ok()
    }

    fn unanswered(&self, state: State, dependencies: Dependencies) -> Answer {
        Answer {
            state,
            level: Level::Unknown.name().to_string(),
            score: None,
            policy: self.version(),
            snapshot: String::new(),
            summary: serde_json::json!({ "targets": [], "more_outputs": false }).to_string(),
            dependencies,
        }
    }
}

impl World for EngineWorld<'_> {
    fn chain(&self) -> String {
        self.engine.chain().to_string()
    }

    fn marks(&self) -> Marks {
        let basis = self.engine.basis();
        let rules = (
            &basis.program,
            &basis.chain,
            &basis.heuristics,
            &basis.prices,
            &basis.cuts,
            &basis.entities_tip,
            &self.options,
            &basis.risk_table,
            &basis.accounts,
        );
        let rules = blake3::hash(&serde_json::to_vec(&rules).unwrap_or_default()).to_hex();
        Marks {
            tip: basis.tip_height.zip(basis.tip_hash.clone()),
            labels: basis.labels.clone(),
            lists: basis.lists.clone().unwrap_or_default(),
            policy: self.version(),
            rules: rules.to_string(),
            today: self.today.clone(),
        }
    }

    fn said(&self) -> Result<BTreeMap<String, [u8; 16]>, DeskError> {
        Ok(self.engine.said())
    }

    fn changed(&self, before: &Marks, relabelled: &[String]) -> Result<Changes, DeskError> {
        let now = self.marks();
        let all = |cause| Ok(Changes { everything: Some(cause), ..Changes::default() });
        if before.policy != now.policy {
            return all(Cause::Policy { version: now.policy });
        }
        if before.rules != now.rules {
            let why = "the program, the heuristics, the cut list, the prices or the bounds of screening changed";
            return all(Cause::Everything { why: why.into() });
        }
        if before.today != now.today {
            let why = "the chain's last block is of another day, and the policy asks for ages or for dollars of today";
            return all(Cause::Everything { why: why.into() });
        }
        let tip = before.tip.as_ref().map(|(height, hash)| (*height, hash.as_str()));
        let touched = self.engine.touched(tip, relabelled)?;
        if let Some(why) = touched.everything {
            return all(Cause::Everything { why });
        }
        let mut changes = Changes::default();
        for (text, places) in touched.labels {
            changes.touched.push((Cause::Labels { text }, self.seen(places)));
        }
        if before.lists != now.lists {
            // lists reach the answers about addresses and transactions as labels, and those are compared text by text
            changes.touched.push((Cause::Lists, Vec::new()));
        }
        if before.tip != now.tip {
            let height = |marks: &Marks| marks.tip.as_ref().map_or(0, |(height, _)| *height);
            let cause = Cause::Blocks { from: height(before), to: height(&now) };
            changes.touched.push((cause, self.seen(touched.places)));
        }
        use athar_engine::read::Place as Seen;
        for (old, new) in touched.moved {
            for kind in [Seen::Met, Seen::Own, Seen::Traffic] {
                let [old, new] = [old, new].map(|root| Place::seen(self.engine.chain(), kind(root)));
                changes.moved.push((old, new));
            }
        }
        Ok(changes)
    }

    fn screen(&self, subject: &Subject) -> Result<Answer, DeskError> {
        if subject.kind != SubjectKind::Transfer {
            return self.screen_all(subject, std::slice::from_ref(&subject.target), false, Dependencies::default());
        }
        let txid = subject.target.split(':').next().unwrap_or_default();
        let dependencies = Dependencies::new(self.seen([athar_engine::read::Place::named(txid)]));
        match self.engine.transfer_at(&subject.target)? {
            TransferAt::Pending => Ok(self.unanswered(State::Pending, dependencies)),
            TransferAt::NoSuchOutput => Ok(self.unanswered(State::Missing, dependencies)),
            TransferAt::Outputs(outputs, more) if subject.direction == Some(Way::Sent) => {
                // whom the money went to
                let mut paid: Vec<String> =
                    outputs.iter().filter_map(|output| self.engine.paid_address(output)).collect();
                paid.sort();
                paid.dedup();
                let targets = if paid.is_empty() { outputs } else { paid };
                self.screen_all(subject, &targets, more, dependencies)
            }
            TransferAt::Outputs(outputs, more) => self.screen_all(subject, &outputs, more, dependencies),
        }
    }
}
