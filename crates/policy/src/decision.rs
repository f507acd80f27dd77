//! From a verdict to an answer: allow, review or hold. A small table, part of a policy's file.
//!
//! A policy says how serious something is; the table says what is done about it, how long an answer may take, and what is
//! answered where the program cannot know: too late, behind the chain, or with a store that cannot be read. A policy without
//! a table of its own decides by the shipped one ([`DecisionTable::shipped`]).
//!
//! Two things no table can say: that a higher level is answered more mildly than a lower one, and that something which is no
//! address is allowed.

use crate::exact::Quantity;
use crate::parse::decision_file;
use athar_types::Level;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

/// The longest time limit that a table or a question can set, in milliseconds.
pub const TIME_LIMIT_MS_MAX: u32 = 60_000;

/// What is done with a withdrawal. The order goes from the mildest to the strictest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Nothing known speaks against it. It is no statement that somebody is clean.
    Allow,
    /// A person looks at it before it goes out.
    Review,
    /// It does not go out until somebody decides so.
    Hold,
}

impl Answer {
    /// Every answer, the mildest first.
    pub const ALL: [Self; 3] = [Self::Allow, Self::Review, Self::Hold];

    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Review => "review",
            Self::Hold => "hold",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The answer to each level of a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LevelAnswers {
    /// No rule applied: nothing is known.
    pub no_rule: Answer,
    /// Level `none`.
    pub none: Answer,
    /// Level `low`.
    pub low: Answer,
    /// Level `medium`.
    pub medium: Answer,
    /// Level `high`.
    pub high: Answer,
    /// Level `severe`.
    pub severe: Answer,
}

impl LevelAnswers {
    /// The answer to a level; `None` and `unknown` are "no rule applied".
    pub const fn of(&self, level: Option<Level>) -> Answer {
        match level {
            None | Some(Level::Unknown) => self.no_rule,
            Some(Level::None) => self.none,
            Some(Level::Low) => self.low,
            Some(Level::Medium) => self.medium,
            Some(Level::High) => self.high,
            Some(Level::Severe) => self.severe,
        }
    }
}

/// From this score on, in the weighted model, the answer is at least that.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ScoreAnswer {
    /// The least score.
    #[serde(serialize_with = "text_of")]
    pub at_least: Quantity,
    /// The answer.
    pub answer: Answer,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn text_of<S: Serializer>(quantity: &Quantity, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(quantity)
}

/// When the store is too far behind to be relied on, and what is answered then. A bound that is not there is not looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Behind {
    /// More blocks than this behind the chain that a live follower sees. Where no follower says, it counts as behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<u32>,
    /// The last block is older than this many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// No official list was imported for more days than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists_days: Option<u32>,
    /// The answer is at least this.
    pub answer: Answer,
}

/// How a policy's verdict, and what could not be known, become an answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DecisionTable {
    /// Milliseconds that an answer may take where the question does not say.
    pub time_limit_ms: u32,
    /// By the verdict's level.
    pub levels: LevelAnswers,
    /// By its score, the lowest first; empty where the level alone counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoreAnswer>,
    /// The address itself is designated, whatever the rules say.
    pub listed: Answer,
    /// A rule that could be true is not known to be false, and would be answered more strictly.
    pub undecided: Answer,
    /// An entry that names the address could not be read as a label.
    pub quarantined: Answer,
    /// A well-formed address that the chain has never seen.
    pub unknown_address: Answer,
    /// The store has no blocks of the chain: labels and lists alone speak.
    pub other_chain: Answer,
    /// It is no address of the chain. Never `allow`.
    pub malformed_address: Answer,
    /// The time was over before everything was looked at.
    pub when_late: Answer,
    /// The store cannot be read, or a newer state of it cannot.
    pub when_store_fails: Answer,
    /// The decision could not be kept.
    pub when_not_kept: Answer,
    /// The store is behind.
    pub when_behind: Behind,
}

static SHIPPED: OnceLock<DecisionTable> = OnceLock::new();
const SHIPPED_TEXT: &str = include_str!("../policies/decision.toml");

impl DecisionTable {
    /// The table of a policy that has none.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn shipped() -> &'static Self {
        SHIPPED.get_or_init(|| match decision_file(Path::new("decision.toml"), SHIPPED_TEXT) {
            Ok(table) => table,
            Err(error) => unreachable!("{error}"),
        })
    }

    /// The text of the shipped table, to begin one's own with.
    pub const fn shipped_text() -> &'static str {
        SHIPPED_TEXT
    }

    /// What the verdict of a policy is answered with.
    pub fn of_verdict(&self, level: Option<Level>, score: Option<Quantity>) -> Answer {
        let by_score = self.scores.iter().rev().find(|from| score.is_some_and(|s| s.parts >= from.at_least.parts));
        self.levels.of(level).max(by_score.map_or(Answer::Allow, |from| from.answer))
    }

    /// The version: BLAKE3 of the content, 64 hexadecimal digits.
    pub fn version(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("athar decision table version 1");
        hasher.update(&serde_json::to_vec(self).unwrap_or_default());
        hasher.finalize().to_hex().to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;
    use crate::exact::Unit;

    #[test]
    fn the_shipped_table_fails_closed_but_where_nothing_is_known_of_a_known_chain() {
        let table = DecisionTable::shipped();
        assert_eq!(table.levels.of(Some(Level::Severe)), Answer::Hold);
        assert_eq!(table.levels.of(None), table.levels.of(Some(Level::Unknown)));
        assert!(table.malformed_address > Answer::Allow && table.when_late > Answer::Allow);
        assert!(table.when_store_fails > Answer::Allow && table.when_behind.answer > Answer::Allow);
        assert_eq!(table.version().len(), 64);
    }

    #[test]
    fn a_score_makes_an_answer_stricter_and_never_milder() {
        let score = |parts| Some(Quantity::new(Unit::Score, parts));
        let mut table = DecisionTable::shipped().clone();
        table.levels = LevelAnswers { low: Answer::Review, ..table.levels };
        table.scores = vec![
            ScoreAnswer { at_least: Quantity::new(Unit::Score, 250_000), answer: Answer::Review },
            ScoreAnswer { at_least: Quantity::new(Unit::Score, 500_000), answer: Answer::Hold },
        ];
        let answer = |level, score| table.of_verdict(level, score);
        assert_eq!(answer(Some(Level::None), score(249_999)), table.levels.none);
        assert_eq!(answer(Some(Level::None), score(250_000)), Answer::Review);
        assert_eq!(answer(Some(Level::Low), score(500_000)), Answer::Hold);
        assert_eq!(answer(Some(Level::Low), score(1)), Answer::Review);
        assert_eq!(answer(Some(Level::Low), None), Answer::Review);
    }
}
