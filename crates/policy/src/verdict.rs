//! The answer of a policy: the level or score, and why, node by node.

use crate::exact::Quantity;
use crate::facts::Flow;
use crate::policy::Model;
use crate::store::Mode;
use crate::truth::Truth;
use athar_types::{Bilingual, Level, Relation};
use schemars::JsonSchema;
use serde::Serialize;

/// What a policy says of one subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Verdict {
    /// Name of the policy.
    pub policy: String,
    /// Its version: BLAKE3 of its content, 64 hexadecimal digits.
    pub version: String,
    /// What it is called.
    pub title: Bilingual,
    /// Whether it decides.
    pub mode: Mode,
    /// How its rules become an answer.
    pub model: Model,
    /// From 0 to 1; null where no rule applied, and always in the levels model. Null is not 0.
    pub score: Option<Quantity>,
    /// The most that the score could be, were what is unknown known; null where it can only be null.
    pub score_at_most: Option<Quantity>,
    /// The level; null where no rule applied.
    #[schemars(with = "Option<String>")]
    pub level: Option<Level>,
    /// The highest that the level could be, were what is unknown known.
    #[schemars(with = "Option<String>")]
    pub level_at_most: Option<Level>,
    /// Ids of rules whose truth is not known.
    pub undecided: Vec<String>,
    /// How the score is made up, in the weighted model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weighed: Vec<Weighed>,
    /// Whether there are more parts than these.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub weighed_truncated: bool,
    /// Every rule, in the order of the policy.
    pub rules: Vec<RuleVerdict>,
}

/// A part of a weighted score.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Weighed {
    /// In which direction; each adds up by itself.
    pub direction: Flow,
    /// The labelled entity.
    pub entity: String,
    /// Counterparty or indirect.
    #[schemars(with = "String")]
    pub relation: Relation,
    /// The rule whose weight counts.
    pub rule: String,
    /// The weight.
    pub weight: Quantity,
    /// Share of the subject's money.
    pub share: Quantity,
    /// What of it counts: less where weightier parts have used up the whole.
    pub counted: Quantity,
    /// Counted share times weight, rounded down to a millionth. The sum is made before rounding.
    pub points: Quantity,
}

/// One rule's truth.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RuleVerdict {
    /// The rule.
    pub id: String,
    /// What it says.
    pub title: Bilingual,
    /// Whether it holds.
    pub outcome: Truth,
    /// What it does where it holds.
    pub effect: Applied,
    /// Why: each node with its truth and its numbers.
    pub tree: Node,
}

/// What a rule does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Applied {
    /// The level is at least this.
    Level(#[schemars(with = "String")] Level),
    /// The score is at least this.
    Score(Quantity),
    /// Shares count with this weight.
    Weight(Quantity),
}

/// A node of a rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Node {
    /// `all`, `any`, `not`, the kind of a condition, or a direction.
    #[schemars(with = "String")]
    pub kind: &'static str,
    /// What it asks.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub asks: String,
    /// Whether it holds.
    pub outcome: Truth,
    /// The numbers that decided it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<NodeNumber>,
    /// What is not known, where that leaves it unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Who was met: the first five.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matched: Vec<Matched>,
    /// Whether more were met.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub matched_truncated: bool,
    /// What it is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

/// A number beside what it was compared with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NodeNumber {
    /// What it is: `amount_sat`, `usd`, `share`, `entities`, `count`, `days`, …
    #[schemars(with = "String")]
    pub name: &'static str,
    /// The least it can be; null: not known. Equal to `at_most` where it is known exactly.
    pub at_least: Option<Quantity>,
    /// The most it can be; null: not known.
    pub at_most: Option<Quantity>,
    /// How it was compared; null where it only informs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub comparison: Option<&'static str>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Quantity>,
    /// Whether it compares so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Truth>,
}

/// Somebody that a condition was met by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Matched {
    /// The labelled entity.
    pub entity: String,
    /// The label that was met.
    pub label: String,
    /// Its identity.
    pub label_id: String,
}
