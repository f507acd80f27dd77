//! A hit as it is told: the JSON line of `athar patterns run`.

use crate::json::Usd;
use athar_patterns::rule::{Anchor, Op};
use athar_patterns::{GuardResult, Hit, Standing, Subject, Sum, Unit};
use athar_types::{Bilingual, Level, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a hit is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternSubject {
    /// An entity, named by one of its addresses.
    Entity,
    /// One address.
    Address,
    /// A transaction.
    Transaction,
    /// Something off the chain: an identifier, a page, a record.
    Text,
}

/// A value that was measured, with the limit that it met where the rule has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PatternValueView {
    /// The measure.
    pub measure: String,
    /// How to read it.
    pub unit: Unit,
    /// What was measured.
    pub value: i64,
    /// How it was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<&'static str>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// Where the limit comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// How a guard ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuardOutcome {
    /// It passed.
    Passed,
    /// It did not: the severity stays low.
    Failed,
    /// What it asks is not known.
    Open,
}

/// A guard with its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PatternGuardView {
    /// Its id within the rule.
    pub id: String,
    /// The result.
    pub result: GuardOutcome,
    /// What it asks for.
    pub measure: String,
    /// What was measured; none where it is not known.
    pub value: Option<i64>,
    /// How it is compared.
    pub op: &'static str,
    /// With what.
    pub limit: i64,
}

/// What corroborates a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CorroborationView {
    /// Which kind.
    pub anchor: Anchor,
    /// What exactly.
    pub what: Bilingual,
}

/// Whether how often the rule is wrong was measured on worlds that were not used in tuning it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternStanding {
    /// Measured, and as good as asked.
    Held,
    /// Measured, and not: severity stays low.
    Below,
    /// Not measured: severity stays low.
    Unmeasured,
}

impl From<Standing> for PatternStanding {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Held => Self::Held,
            Standing::Below => Self::Below,
            Standing::Unmeasured => Self::Unmeasured,
        }
    }
}

/// A transaction on another chain.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OtherLegView {
    /// The chain.
    pub chain: String,
    /// The transaction, as that chain's explorers write it.
    pub txid: String,
}

/// A pattern that was found, with everything that its statement stands on.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PatternHitView {
    /// Hash of pattern, subject and beginning: the same hit has the same id in every run.
    pub id: String,
    /// The pattern's id.
    pub pattern: String,
    /// Its row in the table of typologies.
    pub row: u32,
    /// Version of the rule: its number and the hash of its file.
    pub rule_version: String,
    /// The chain.
    pub chain: String,
    /// Whom it is about.
    pub subject: String,
    /// What that is.
    pub subject_kind: PatternSubject,
    /// Own addresses that take part, at most 200.
    pub addresses: Vec<String>,
    /// How many more there are.
    pub more_addresses: u64,
    /// The transactions that make it, in chain order, at most 500.
    pub txids: Vec<String>,
    /// How many more there are.
    pub more_txids: u64,
    /// Transactions on other chains that belong to it, at most 500: each is the only one that fits.
    pub other_legs: Vec<OtherLegView>,
    /// First moment (UTC).
    pub start: String,
    /// Last moment.
    pub end: String,
    /// The asset of the sums.
    pub asset: String,
    /// The part that is linked to the mission, in smallest units; on chains of outputs satoshi. None where it has more than 64 bits.
    pub linked_sat: Option<u64>,
    /// Everything that moved in it. Of a service never to be attributed as a whole.
    pub total_sat: Option<u64>,
    /// The linked part, as digits.
    pub linked_units: String,
    /// Everything, as digits.
    pub total_units: String,
    /// Worth of the linked part that had a price.
    pub linked_usd: Usd,
    /// Worth of everything that had one.
    pub total_usd: Usd,
    /// Units of the total without a price.
    pub unpriced_units: String,
    /// The severity.
    #[schemars(with = "String")]
    pub severity: Level,
    /// What it would be without a cap.
    #[schemars(with = "String")]
    pub uncapped_severity: Level,
    /// Why it is capped: `unmeasured`, `below_target`, `guard`, `guard_open`.
    pub capped_by: Option<String>,
    /// Whether the rule was measured.
    pub standing: PatternStanding,
    /// What was measured.
    pub values: Vec<PatternValueView>,
    /// Every guard.
    pub guards: Vec<PatternGuardView>,
    /// What corroborates it.
    pub corroboration: Vec<CorroborationView>,
    /// Texts that belong to it.
    pub notes: Vec<Bilingual>,
    /// One paragraph.
    pub why: String,
    /// The same in Arabic.
    pub why_ar: String,
    /// Everything that it was computed on.
    pub snapshot: String,
}

fn small(sum: &Sum) -> Option<u64> {
    u64::try_from(sum.units).ok()
}

impl PatternHitView {
    pub(super) fn of(hit: &Hit, chain: &str, snapshot: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("athar pattern hit version 1");
        let first = hit.txids.first().map_or("", String::as_str);
        for part in [chain, &hit.pattern, &hit.subject_text, first] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self {
            id: hasher.finalize().to_hex()[..24].to_string(),
            pattern: hit.pattern.clone(),
            row: hit.row,
            rule_version: hit.rule_version.clone(),
            chain: chain.into(),
            subject: hit.subject_text.clone(),
            subject_kind: match hit.subject {
                Subject::Party(_) => PatternSubject::Entity,
                Subject::Address(_) => PatternSubject::Address,
                Subject::Tx(_) => PatternSubject::Transaction,
                Subject::Text(_) => PatternSubject::Text,
            },
            addresses: hit.addresses.clone(),
            more_addresses: hit.more_addresses,
            txids: hit.txids.clone(),
            more_txids: hit.more_txids,
            other_legs: hit
                .other_legs
                .iter()
                .map(|leg| OtherLegView { chain: leg.chain.clone(), txid: leg.txid.clone() })
                .collect(),
            start: UnixTime(hit.start).to_string(),
            end: UnixTime(hit.end).to_string(),
            asset: hit.asset.clone(),
            linked_sat: small(&hit.linked),
            total_sat: small(&hit.total),
            linked_units: hit.linked.units.to_string(),
            total_units: hit.total.units.to_string(),
            linked_usd: Usd(hit.linked.cents),
            total_usd: Usd(hit.total.cents),
            unpriced_units: hit.total.unpriced.to_string(),
            severity: hit.severity,
            uncapped_severity: hit.uncapped,
            capped_by: hit.capped_by.clone(),
            standing: hit.standing.into(),
            values: hit
                .values
                .iter()
                .map(|met| {
                    let test: Option<(Op, i64)> = met.test;
                    PatternValueView {
                        measure: met.measure.clone(),
                        unit: met.unit,
                        value: met.value,
                        op: test.map(|(op, _)| op.sign()),
                        limit: test.map(|(_, limit)| limit),
                        source: met.source.clone(),
                    }
                })
                .collect(),
            guards: hit
                .guards
                .iter()
                .map(|guard| PatternGuardView {
                    id: guard.id.clone(),
                    result: match guard.result {
                        GuardResult::Passed => GuardOutcome::Passed,
                        GuardResult::Failed => GuardOutcome::Failed,
                        GuardResult::Open => GuardOutcome::Open,
                    },
                    measure: guard.measure.clone(),
                    value: guard.value,
                    op: guard.op.sign(),
                    limit: guard.limit,
                })
                .collect(),
            corroboration: hit
                .corroboration
                .iter()
                .map(|c| CorroborationView { anchor: c.anchor, what: c.what.clone() })
                .collect(),
            notes: hit.notes.clone(),
            why: hit.why_en.clone(),
            why_ar: hit.why_ar.clone(),
            snapshot: snapshot.into(),
        }
    }
}
