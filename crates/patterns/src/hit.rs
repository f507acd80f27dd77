//! A hit: a candidate that meets a rule, with everything that its statement needs to be proved. It can be kept as JSON, so
//! that a later run looks only at what changed.

use crate::rule::{Anchor, GuardEffect, Op};
use crate::{OtherLeg, Subject, Sum, Unit};
use athar_types::{Bilingual, Level};
use serde::{Deserialize, Serialize};

/// A measure with the limit that it met.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Met {
    /// The measure.
    pub measure: String,
    /// How to read it.
    pub unit: Unit,
    /// What was measured.
    pub value: i64,
    /// How it was compared; none where it is told only.
    pub test: Option<(Op, i64)>,
    /// Where the limit comes from: a parameter's source.
    pub source: Option<String>,
}

/// How a guard ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum GuardResult {
    /// Its condition holds.
    Passed,
    /// It does not: the hit stays at the lowest severity.
    Failed,
    /// What it asks is not known.
    Open,
}

/// A guard with its result.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Guarded {
    /// Its id within the rule.
    pub id: String,
    /// The result.
    pub result: GuardResult,
    /// The measure that it asked, with its limit.
    pub measure: String,
    /// What was measured.
    pub value: Option<i64>,
    /// The comparison.
    pub op: Op,
    /// Its limit.
    pub limit: i64,
    /// What a failure does.
    pub effect: GuardEffect,
}

/// What corroborates a hit: an anchor with what it stands on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Corroboration {
    /// Which kind.
    pub anchor: Anchor,
    /// What exactly: the label's category and address, the list and entry, the page.
    pub what: Bilingual,
}

/// Whether the rule's error rate was measured on worlds that were not used in tuning it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// Measured, and at or above what it promises.
    Held,
    /// Measured, and below: severity is capped.
    Below,
    /// Never measured: severity is capped.
    Unmeasured,
}

/// A hit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Hit {
    /// The rule's id.
    pub pattern: String,
    /// The rule's version.
    pub rule_version: String,
    /// The row of the table of typologies.
    pub row: u32,
    /// Whom it is about.
    pub subject: Subject,
    /// The subject as text: an address, a transaction's id, or what stands off the chain.
    pub subject_text: String,
    /// Own addresses that take part, at most [`crate::ADDRESSES_MAX`].
    pub addresses: Vec<String>,
    /// How many more there are.
    pub more_addresses: u64,
    /// The transactions, in chain order, at most [`crate::TXS_MAX`].
    pub txids: Vec<String>,
    /// How many more there are.
    pub more_txids: u64,
    /// Transactions on other chains that belong to it, at most [`crate::TXS_MAX`]: each is the only one that fits.
    #[serde(default)]
    pub other_legs: Vec<OtherLeg>,
    /// The newest transaction's number: what an incremental run goes by.
    pub last_tx: Option<u32>,
    /// First second.
    pub start: u32,
    /// Last second.
    pub end: u32,
    /// Symbol of the asset of the sums.
    pub asset: String,
    /// The part that is linked to the mission. Never the total of a service.
    pub linked: Sum,
    /// Everything that moved in it.
    pub total: Sum,
    /// The severity.
    pub severity: Level,
    /// What the rule alone would have given, without caps.
    pub uncapped: Level,
    /// Why it was capped, where it was: `unmeasured`, `below_target`, `guard`, `guard_open`.
    pub capped_by: Option<String>,
    /// Whether the rule was measured.
    pub standing: Standing,
    /// What was measured, requirements first.
    pub values: Vec<Met>,
    /// Every guard.
    pub guards: Vec<Guarded>,
    /// Everything that corroborates it.
    pub corroboration: Vec<Corroboration>,
    /// Texts that belong to it.
    pub notes: Vec<Bilingual>,
    /// One paragraph in English.
    pub why_en: String,
    /// One paragraph in Arabic.
    pub why_ar: String,
}
