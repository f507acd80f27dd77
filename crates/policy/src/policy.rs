//! A policy: a name, its words in two languages, rules, and how they become a score and a level.

use crate::condition::{Categories, Condition, Selector};
use crate::decision::DecisionTable;
use crate::exact::Quantity;
use athar_types::{Bilingual, Category, Level};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Length of a policy file in bytes, at most.
pub const BYTES_MAX: usize = 256 * 1024;
/// Rules of a policy, at most.
pub const RULES_MAX: usize = 256;
/// Conditions below one another, at most.
pub const DEPTH_MAX: usize = 12;
/// Conditions of one rule, at most.
pub const NODES_MAX: usize = 256;
/// Words of one list of words, at most.
pub const WORDS_MAX: usize = 128;
/// Characters of one text, at most.
pub const TEXT_MAX: usize = 600;

/// How rules become an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// The highest level of the rules that hold. There is no score.
    Levels,
    /// The sum of shares times weights, and what a rule sets as the least; thresholds make a level of it.
    Weighted,
}

impl Model {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Levels => "levels",
            Self::Weighted => "weighted",
        }
    }
}

/// What a rule does where it holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The level is at least this.
    Level(#[serde(serialize_with = "name_of")] Level),
    /// The score is at least this, in millionths of 1.
    Score(#[serde(serialize_with = "text_of")] Quantity),
    /// The share of these exposures counts with this weight, in millionths of 1.
    Weight {
        /// The weight.
        #[serde(serialize_with = "text_of")]
        weight: Quantity,
        /// Which exposures.
        of: Box<Selector>,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn name_of<S: Serializer>(level: &Level, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(level.name())
}

fn text_of<S: Serializer>(quantity: &Quantity, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(quantity)
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(level) => write!(f, "level {level}"),
            Self::Score(score) => write!(f, "score {score}"),
            Self::Weight { weight, .. } => write!(f, "weight {weight}"),
        }
    }
}

/// Why a rule is as it is: in a language of its author's choice, or in both.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(untagged)]
pub enum Why {
    /// One text.
    Text(String),
    /// English and Arabic.
    Titles(Bilingual),
}

impl Why {
    /// The text in a language, or the one that there is.
    pub fn of(&self, language: &str) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Titles(titles) => titles.of(language),
        }
    }
}

/// One rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Rule {
    /// Its id, one of a kind in the policy.
    pub id: String,
    /// What it says.
    pub title: Bilingual,
    /// Why it is so: a source, or that the number is a proposal.
    pub why: Option<Why>,
    /// What must hold. None only beside a weight, whose exposures are then all that is asked.
    pub when: Option<Condition>,
    /// What it does then.
    pub effect: Effect,
}

/// A threshold: from this score on the level is that.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LevelFrom {
    /// The level.
    #[serde(serialize_with = "name_of")]
    pub level: Level,
    /// The least score.
    #[serde(serialize_with = "text_of")]
    pub score: Quantity,
}

/// A risk policy, read and checked.
///
/// Its serialised form is canonical: white space, comments, the order of keys, the order of words in a list and the way a
/// number is written (`1`, `1.00`, `100%`) leave it unchanged; ids, texts, thresholds and the order of rules do not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Policy {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: String,
    /// What it is called.
    pub title: Bilingual,
    /// What it is for.
    pub about: Option<Bilingual>,
    /// How rules become an answer.
    pub model: Model,
    /// Groups of categories, by name.
    pub groups: BTreeMap<String, BTreeSet<Category>>,
    /// Thresholds of levels, the lowest first; empty in the levels model.
    pub levels: Vec<LevelFrom>,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// How its verdict becomes an answer; none: as in the shipped table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionTable>,
    /// Made when the policy is read.
    #[serde(skip)]
    pub(crate) version: String,
}

impl Policy {
    /// The version: BLAKE3 over the canonical form, 64 hexadecimal digits. It is that of the policy as it was read.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("athar policy version 1");
        // JSON of plain structs and ordered maps: equal values give equal bytes
        hasher.update(&serde_json::to_vec(self).unwrap_or_default());
        hasher.finalize().to_hex().to_string()
    }

    /// How its verdict becomes an answer.
    pub fn decision(&self) -> &DecisionTable {
        self.decision.as_ref().unwrap_or_else(|| DecisionTable::shipped())
    }

    /// `name@` and the beginning of the version.
    pub fn short(&self) -> String {
        format!("{}@{}", self.name, &self.version()[..12])
    }

    /// The categories that a word of this policy means; the built-in groups are `any-risk` and `any-service`.
    pub(crate) fn group(groups: &BTreeMap<String, BTreeSet<Category>>, word: &str) -> Option<BTreeSet<Category>> {
        let all = || Category::ALL.iter().copied();
        match word {
            "any-risk" => Some(all().filter(|c| c.is_risk()).collect()),
            "any-service" => Some(all().filter(|c| c.is_service()).collect()),
            _ => match groups.get(word) {
                Some(group) => Some(group.clone()),
                None => Category::ALL.iter().find(|c| c.name() == word).map(|c| BTreeSet::from([*c])),
            },
        }
    }
}

impl Categories {
    /// Whether a category is meant.
    pub fn has(&self, category: Category) -> bool {
        self.words.is_empty() || self.of.contains(&category)
    }
}
