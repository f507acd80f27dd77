//! What people here decided about single labels: retraction, correction, dispute. A decision never changes a pack; it is laid
//! over the labels when they are read, from its day on.
//!
//! A decision names a *statement*, not a row: the same thing said again by the next version of the same series is the same
//! statement, so that a label withdrawn as wrong does not come back with the next update of its list. A source that says
//! something else (another name, category or basis) makes another statement, which the decision does not touch.

use crate::label::{Claim, Label, SubjectKind};
use crate::risk::risk_of;
use athar_types::{Chain, Day, Relation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::{fmt, str::FromStr, sync::Arc};

/// Identity of a statement: the first 16 bytes of BLAKE3 over series, subject, name, category and basis. Shown as 32
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId([u8; 16]);

impl LabelId {
    /// The identity of what `label` states, as its source said it (a correction does not change it).
    pub fn of(label: &Label) -> Self {
        let claim = label.as_said();
        let mut hasher = blake3::Hasher::new_derive_key("athar label id version 1");
        let chain = label.chain.map_or("", Chain::name);
        let parts = [
            &*label.pack.series,
            label.subject.name(),
            chain,
            &*label.text,
            &*claim.name,
            claim.category.name(),
            claim.basis.name(),
        ];
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(id)
    }
}

impl fmt::Display for LabelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LabelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for LabelId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "not a label id of 32 hexadecimal digits";
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        u128::from_str_radix(text, 16).map(|n| Self(n.to_be_bytes())).map_err(|_| wrong)
    }
}

impl Serialize for LabelId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LabelId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is decided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// The statement is not used any more.
    Retract,
    /// A retraction was wrong: the statement is used again.
    Restore,
    /// Fields are replaced; what the source said stays beside them.
    Correct,
    /// Somebody contests the statement: it is used, and shown as disputed.
    Dispute,
    /// The dispute is over.
    Undispute,
}

impl DecisionKind {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retract => "retract",
            Self::Restore => "restore",
            Self::Correct => "correct",
            Self::Dispute => "dispute",
            Self::Undispute => "undispute",
        }
    }
}

/// A field that a correction can replace. The basis is none of them: what a statement stands on is its source's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// [`Claim::name`].
    Name,
    /// [`Claim::category`]; the other categories fall away. It cannot raise the level.
    Category,
    /// [`Claim::actor`].
    Actor,
    /// [`Claim::country`].
    Country,
    /// [`Claim::valid_from`].
    ValidFrom,
    /// [`Claim::valid_to`].
    ValidTo,
    /// [`Claim::source`].
    Source,
    /// [`Claim::confidence`]: a published id, or 0 to 100.
    Confidence,
}

/// One decision about one statement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What is decided.
    pub kind: DecisionKind,
    /// The statement.
    pub label: LabelId,
    /// What the statement is about.
    pub subject: SubjectKind,
    /// The chain of the subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
    /// The canonical text of the subject.
    pub text: String,
    /// The new values of a correction; `None` for a value that is unknown from now on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<Field, Option<String>>,
    /// Why. Never empty.
    pub reason: String,
    /// Who decided, as the user said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The day of the decision: it holds from then on along the axis of what was known.
    pub day: Day,
}

/// What the decisions make of a label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// What the source said, where a correction changed it.
    pub said: Option<Arc<Claim>>,
    /// The retraction in force.
    pub retracted: Option<Decision>,
    /// The dispute in force.
    pub disputed: Option<Decision>,
    /// The corrections, in their order.
    pub corrections: Vec<Decision>,
}

/// The claim after a correction, or why it cannot be made.
pub(crate) fn corrected(claim: &Claim, changes: &BTreeMap<Field, Option<String>>) -> Result<Claim, String> {
    let mut new = claim.clone();
    for (field, value) in changes {
        let value = value.as_deref().map(str::trim).filter(|v| !v.is_empty());
        let day =
            || value.map(|v| v.parse().map_err(|_| format!("`{v}` is not a day of the form YYYY-MM-DD"))).transpose();
        match field {
            Field::Name => value.ok_or("a label needs a name")?.clone_into(&mut new.name),
            Field::Category => {
                let value = value.ok_or("a label needs a category")?;
                new.category = value.parse().map_err(|error| format!("`{value}`: {error}"))?;
                new.categories = vec![new.category];
            }
            Field::Actor => new.actor = value.map(str::to_owned),
            Field::Country => new.country = value.map(str::to_owned),
            Field::ValidFrom => new.valid_from = day()?,
            Field::ValidTo => new.valid_to = day()?,
            Field::Source => new.source = Some(value.ok_or("a label needs a source")?.to_owned()),
            Field::Confidence => {
                let confidence = value.map(crate::confidence::confidence);
                if let Some(unknown) = confidence.as_ref().filter(|c| c.level.is_none()) {
                    return Err(format!("`{}` is neither a published id of confidence nor 0 to 100", unknown.id));
                }
                new.confidence = confidence;
            }
        }
    }
    if let (Some(from), Some(to)) = (new.valid_from, new.valid_to)
        && to < from
    {
        return Err(format!("it would end on {to}, before it begins on {from}"));
    }
    let level = |c: &Claim| c.categories.iter().map(|k| risk_of(*k, c.basis, Relation::Ownership)).max();
    if level(&new) > level(claim) {
        let message =
            "a correction cannot make a statement weigh more than its source made it: add a label of your own";
        return Err(message.into());
    }
    Ok(new)
}

/// Lays `decisions`, all of the same statement and in the order in which they were made, over a label.
pub(crate) fn apply<'a>(label: &mut Label, decisions: impl Iterator<Item = &'a Decision>) {
    let mut decided = Decided { said: None, retracted: None, disputed: None, corrections: Vec::new() };
    let mut claim: Option<Claim> = None;
    let mut any = false;
    for decision in decisions {
        any = true;
        match decision.kind {
            DecisionKind::Retract => decided.retracted = Some(decision.clone()),
            DecisionKind::Restore => decided.retracted = None,
            DecisionKind::Dispute => decided.disputed = Some(decision.clone()),
            DecisionKind::Undispute => decided.disputed = None,
            // checked when it was made; what another version of the source says differently may not fit any more, and then
            // the source's word stands
            DecisionKind::Correct => {
                if let Ok(new) = corrected(claim.as_ref().unwrap_or(&label.claim), &decision.changes) {
                    claim = Some(new);
                    decided.corrections.push(decision.clone());
                }
            }
        }
    }
    if any {
        decided.said = claim.map(|new| std::mem::replace(&mut label.claim, Arc::new(new)));
        label.decided = Some(Arc::new(decided));
    }
}
