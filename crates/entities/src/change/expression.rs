//! Expressions over the votes of recorders, as policy files write them.
//!
//! ```toml
//! change = { all = ["one-time", { any = ["address-type", "optimal-change"] }, { not = { against = "fingerprint" } }] }
//! change = { votes = 3, of = ["one-time", "address-type", "round-value", "fingerprint"] }
//! ```

use super::recorder::{Recorder, Vote};
use serde::de::{Error, MapAccess, Visitor, value::StrDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// An expression; true or false of one output at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expression {
    /// The recorder votes "change".
    For(Recorder),
    /// The recorder votes "not change".
    Against(Recorder),
    /// All hold.
    All(Vec<Expression>),
    /// At least one holds.
    Any(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// Votes for "change" less votes for "not change" reach a threshold.
    Votes {
        /// The threshold, at least 1.
        votes: u32,
        /// Whose votes.
        of: Vec<Recorder>,
    },
}

impl Expression {
    /// Whether it holds, given the recorders' votes.
    pub(super) fn holds(&self, vote: &dyn Fn(Recorder) -> Vote) -> bool {
        match self {
            Self::For(recorder) => vote(*recorder) == Vote::Change,
            Self::Against(recorder) => vote(*recorder) == Vote::NotChange,
            Self::All(all) => all.iter().all(|e| e.holds(vote)),
            Self::Any(any) => any.iter().any(|e| e.holds(vote)),
            Self::Not(not) => !not.holds(vote),
            Self::Votes { votes, of } => {
                let worth = |recorder: &Recorder| match vote(*recorder) {
                    Vote::Change => 1,
                    Vote::NotChange => -1,
                    Vote::Silent => 0,
                };
                of.iter().map(worth).sum::<i64>() >= i64::from(*votes)
            }
        }
    }
}

/// Reads expressions so that an error speaks of the word that is wrong, not of all the forms that it could have had.
impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Reader)
    }
}

struct Reader;

const KEYS: &[&str] = &["all", "any", "not", "against", "votes", "of"];

impl<'de> Visitor<'de> for Reader {
    type Value = Expression;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a recorder, or a table with `all`, `any`, `not`, `against`, or `votes` and `of`")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Expression, E> {
        Recorder::deserialize(StrDeserializer::new(name)).map(Expression::For)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Expression, M::Error> {
        let (mut found, mut votes, mut of) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            let expression = match key.as_str() {
                "all" => Expression::All(some(map.next_value()?)?),
                "any" => Expression::Any(some(map.next_value()?)?),
                "not" => Expression::Not(map.next_value()?),
                "against" => Expression::Against(map.next_value()?),
                "votes" => {
                    votes = Some(map.next_value::<u32>()?);
                    continue;
                }
                "of" => {
                    of = Some(map.next_value::<Vec<Recorder>>()?);
                    continue;
                }
                other => return Err(M::Error::unknown_field(other, KEYS)),
            };
            if found.replace(expression).is_some() {
                return Err(M::Error::custom(format!("`{key}` stands beside another key: an expression has one")));
            }
        }
        match (found, votes, of) {
            (Some(expression), None, None) => Ok(expression),
            (None, Some(votes), Some(of)) if votes > 0 && votes as usize <= of.len() => {
                Ok(Expression::Votes { votes, of })
            }
            (None, Some(votes), Some(of)) => {
                Err(M::Error::custom(format!("{votes} votes of {} recorders can say nothing", of.len())))
            }
            (None, None, None) => Err(M::Error::custom("an expression without a key")),
            _ => Err(M::Error::custom("`votes` and `of` belong together, and to nothing else")),
        }
    }
}

/// An empty list would hold of everything, or of nothing: neither is meant.
fn some<E: Error>(list: Vec<Expression>) -> Result<Vec<Expression>, E> {
    if list.is_empty() { Err(E::custom("an empty list of expressions")) } else { Ok(list) }
}
