//! The engine as a world.

use crate::DeskError;
use crate::place::{Dependencies, Place};
use crate::subject::{Subject, SubjectKind, Way};
use crate::world::{Answer, Cause, Changes, Marks, State, World};
use athar_engine::read::{ScreenOptions, ScreenSummary, TransferAt};
use athar_engine::{Engine, Level};
use std::collections::BTreeMap;

/// An opened store, screened with the same options every time.
#[derive(Debug)]
pub struct EngineWorld<'a> {
    engine: &'a Engine,
    options: ScreenOptions,
}

impl<'a> EngineWorld<'a> {
    /// A world of the store that an engine has open.
    pub fn new(engine: &'a Engine, options: ScreenOptions) -> Self {
        Self { engine, options }
    }

    fn seen(&self, places: impl IntoIterator<Item = athar_engine::read::Place>) -> Vec<Place> {
        places.into_iter().map(|place| Place::seen(self.engine.chain(), place)).collect()
    }

    fn reach(&self, target: &str) -> Result<Dependencies, DeskError> {
        let reach = self.engine.reach(target, &self.options)?;
        Ok(if reach.is_everything { Dependencies::everything() } else { Dependencies::new(self.seen(reach.places)) })
    }

    /// Screens targets and puts their answers together: the highest level, all statements.
    fn screen_all(&self, targets: &[String], more: bool, dependencies: Dependencies) -> Result<Answer, DeskError> {
        let (mut level, mut summaries, mut dependencies) = (Level::Unknown, Vec::new(), dependencies);
        let mut snapshot = String::new();
        for target in targets {
            let view = self.engine.screen(target, &self.options)?;
            level = level.max(view.risk);
            summaries.push(ScreenSummary::from(&view));
            snapshot = view.snapshot.clone().unwrap_or_default();
            dependencies = dependencies.with(self.reach(target)?);
        }
        let summary = serde_json::json!({ "targets": summaries, "more_outputs": more });
        Ok(Answer {
            state: State::Screened,
            level: level.name().to_string(),
            score: None,
            policy: self.engine.basis().risk_table.clone(),
            snapshot,
            summary: summary.to_string(),
            dependencies,
        })
    }

    fn unanswered(&self, state: State, dependencies: Dependencies) -> Answer {
        Answer {
            state,
            level: Level::Unknown.name().to_string(),
            score: None,
            policy: self.engine.basis().risk_table.clone(),
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
        );
        let rules = blake3::hash(&serde_json::to_vec(&rules).unwrap_or_default()).to_hex();
        Marks {
            tip: basis.tip_height.zip(basis.tip_hash.clone()),
            labels: basis.labels.clone(),
            lists: basis.lists.clone().unwrap_or_default(),
            policy: basis.risk_table.clone(),
            rules: rules.to_string(),
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
            return self.screen_all(std::slice::from_ref(&subject.target), false, Dependencies::default());
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
                self.screen_all(&targets, more, dependencies)
            }
            TransferAt::Outputs(outputs, more) => self.screen_all(&outputs, more, dependencies),
        }
    }
}
