//! What the desk needs to know of whatever it screens with. The engine is one such world; tests have small ones.

use crate::DeskError;
use crate::place::{Dependencies, Place};
use crate::subject::Subject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the answers of a world depend on, in short. Two equal marks mean equal answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Marks {
    /// Height and hash of the chain's last block.
    pub tip: Option<(u32, String)>,
    /// Version of the labels in use.
    pub labels: String,
    /// Version of the official lists.
    pub lists: String,
    /// Version of the risk policy.
    pub policy: String,
    /// Everything else: program, entity heuristics, cut list, prices.
    pub rules: String,
    /// Day of the last block, where answers depend on it beside what blocks touch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
}

/// Why a subject is screened again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// It was registered.
    Registered,
    /// Somebody asked for it.
    Asked,
    /// The labels of a text changed: came, went, were corrected or contested.
    Labels {
        /// The address, transaction id or account.
        text: String,
    },
    /// Blocks touched what the answer was read from.
    Blocks {
        /// Last block before.
        from: u32,
        /// Last block now.
        to: u32,
    },
    /// The official lists changed.
    Lists,
    /// The risk policy changed.
    Policy {
        /// The version now.
        version: String,
    },
    /// Something changed that may alter every answer.
    Everything {
        /// What.
        why: String,
    },
    /// It was screened by a world that others had gone past.
    Overtaken,
}

impl Cause {
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Whether a subject could be screened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Yes.
    Screened,
    /// The chain does not have it yet, or no more.
    Pending,
    /// It names something that its transaction does not have.
    Missing,
}

impl State {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Screened => "screened",
            Self::Pending => "pending",
            Self::Missing => "missing",
        }
    }

    pub(crate) fn of(name: &str) -> Self {
        match name {
            "pending" => Self::Pending,
            "missing" => Self::Missing,
            _ => Self::Screened,
        }
    }
}

/// The answer to one screening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether there is one.
    pub state: State,
    /// The level, by name. `unknown` where nothing is known, which is not `none`.
    pub level: String,
    /// The score of the policy; none where no rule applied.
    pub score: Option<i64>,
    /// Version of the policy that gave level and score.
    pub policy: String,
    /// Snapshot that the answer was computed on.
    pub snapshot: String,
    /// The statements in JSON, without anything that changes when they do not: two answers say the same exactly when this is
    /// the same.
    pub summary: String,
    /// What it was read from.
    pub dependencies: Dependencies,
}

/// What a change of the world touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Why every answer counts as touched, where it does.
    pub everything: Option<Cause>,
    /// Causes, and the places that each touches; of several that touch one subject the first is named.
    pub touched: Vec<(Cause, Vec<Place>)>,
    /// Places that are found under another number from now on: old, new.
    pub moved: Vec<(Place, Place)>,
}

/// Something that can be screened.
///
/// The claim that re-screening rests on: when [`Self::changed`] names no place among an answer's dependencies (after
/// earlier moves), [`Self::screen`] gives the same level, score and summary as before.
pub trait World {
    /// The chain that it answers for, by name: subjects of other chains are left alone.
    fn chain(&self) -> String;

    /// What its answers depend on.
    fn marks(&self) -> Marks;

    /// A digest of what labels say, by text.
    fn said(&self) -> Result<BTreeMap<String, [u8; 16]>, DeskError>;

    /// What is touched since `before`, when the labels of `relabelled` texts changed too.
    fn changed(&self, before: &Marks, relabelled: &[String]) -> Result<Changes, DeskError>;

    /// Screens a subject.
    fn screen(&self, subject: &Subject) -> Result<Answer, DeskError>;
}
