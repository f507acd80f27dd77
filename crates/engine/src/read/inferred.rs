//! What is inferred of an entity from what it does: whether it acts as a service that no label names.

use crate::Engine;
use crate::json::Millionths;
use crate::services::Inferred;
use athar_entities::Tally;
use athar_entities::services::{Condition, FIGURES_VERSION, Figures, RuleSet, ServiceRates};
use athar_types::AddressId;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether an entity acts as a service, by a named rule. Inferred from the chain alone: no label, and no name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InferredServiceView {
    /// `recognised` (by [`Self::rule`]), `none` (no rule matches, which does not say that it is none), `not-evaluated` (nothing was
    /// counted), or `unknown` (the cut list cuts the entity, and what was counted is of the whole).
    #[schemars(with = "String")]
    pub status: &'static str,
    /// Why nothing can be said, or why a trace does not stop here although a rule matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The rule that recognises it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<InferredRuleView>,
    /// What was counted; none where it does too little for any rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<ServiceFiguresView>,
    /// Height of the last block that was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of_height: Option<u32>,
    /// Blocks of the chain that came later, and did not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks_behind: Option<u32>,
}

/// A rule and what decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InferredRuleView {
    /// Its name, as `exchange-like`.
    pub name: String,
    /// Version of the rules.
    pub rules_version: u32,
    /// Version of the figures that they look at.
    pub figures_version: u32,
    /// What it claims.
    pub claims: String,
    /// Every bound of the rule with the number that met it.
    pub conditions: Vec<ConditionView>,
    /// Whether a trace stops at this entity by the rule: a label of the entity decides otherwise.
    pub stops_traces: bool,
    /// How often the rule was right where the truth is known; none where it was not measured.
    pub rate: Option<ServiceRateView>,
}

/// A bound and the number that met it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConditionView {
    /// What was counted, as `payers`.
    #[schemars(with = "String")]
    pub measure: &'static str,
    /// `at-least` or `at-most`.
    #[schemars(with = "String")]
    pub bound: &'static str,
    /// The bound.
    pub limit: u64,
    /// What the entity has.
    pub value: u64,
}

impl From<&Condition> for ConditionView {
    fn from(c: &Condition) -> Self {
        let bound = if c.is_upper { "at-most" } else { "at-least" };
        Self { measure: c.measure.name(), bound, limit: c.limit, value: c.value }
    }
}

/// What was counted of an entity (docs/reference/services.md says how).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServiceFiguresView {
    /// Number of addresses.
    pub addresses: u32,
    /// Days from its first transaction to its last, both counted.
    pub days: u32,
    /// Outputs of others that pay it, without coinbases.
    pub receipts: u32,
    /// Coinbases that pay it.
    pub coinbases: u32,
    /// Transactions that it made.
    pub made: u32,
    /// Of those, sweeps of several of its addresses into one or two outputs of its own.
    pub sweeps: u32,
    /// Of those, payments of three counterparties and more at once.
    pub batches: u32,
    /// Entities that paid it; 4,096 stands for so many or more.
    pub payers: u32,
    /// Entities that it paid, possible change left out; 4,096 stands for so many or more.
    pub paid: u32,
    /// Entities that are among both.
    pub both: u32,
    /// Satoshi that others and coinbases paid it.
    pub received_sat: u64,
    /// Satoshi that it paid others, possible change included.
    pub sent_sat: u64,
    /// Members whose use was looked at, evenly over all.
    pub sampled: u32,
    /// Of those, the ones used as a deposit address.
    pub deposits: u32,
}

impl From<&Figures> for ServiceFiguresView {
    fn from(f: &Figures) -> Self {
        Self {
            addresses: f.addresses,
            days: f.days,
            receipts: f.receipts,
            coinbases: f.coinbases,
            made: f.made,
            sweeps: f.sweeps,
            batches: f.batches,
            payers: f.payers,
            paid: f.paid,
            both: f.both,
            received_sat: f.received_sat,
            sent_sat: f.sent_sat,
            sampled: f.sampled,
            deposits: f.deposits,
        }
    }
}

/// How often a rule was right in simulated worlds (docs/reference/service-rates.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ServiceRateView {
    /// Where it was measured: `simulated`.
    #[schemars(with = "String")]
    pub set: &'static str,
    /// Entities recognised by this rule that are no service; of how many that it recognised.
    pub entities: ShareView,
    /// Payments at which a trace stopped by this rule, though they paid no service.
    pub payments: ShareView,
    /// Services of the kinds that the rule is for which no rule recognised.
    pub missed: ShareView,
    /// Entities of campaigns and their look-alikes that any rule recognised: a trace would end at them.
    pub campaigns: ShareView,
}

/// How many of how many were wrong, with the 95 % interval of the share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ShareView {
    /// Number found wrong.
    pub wrong: u64,
    /// Number looked at.
    pub of: u64,
    /// Lower end of the interval; none where nothing was looked at.
    pub share_wrong_min: Option<Millionths>,
    /// Upper end of it, rounded up.
    pub share_wrong_max: Option<Millionths>,
}

impl From<Tally> for ShareView {
    fn from(tally: Tally) -> Self {
        let interval = tally.interval_95();
        Self {
            wrong: tally.wrong,
            of: tally.of,
            share_wrong_min: interval.map(|[low, _]| Millionths((low * 1e6).floor() as u64)),
            share_wrong_max: interval.map(|[_, high]| Millionths((high * 1e6).ceil() as u64)),
        }
    }
}

impl ServiceRateView {
    /// The shipped rate of a rule.
    fn of(rule: &str, kinds: &[String]) -> Option<Self> {
        let rates = ServiceRates::shipped();
        let own = rates.of(rule)?;
        let of_rule = rates.kinds.iter().filter(|k| kinds.contains(&k.kind)).map(|k| k.found.services);
        let missed = of_rule.fold(Tally::default(), |sum, t| Tally { wrong: sum.wrong + t.wrong, of: sum.of + t.of });
        Some(Self {
            set: "simulated",
            entities: own.entities.into(),
            payments: own.payments.into(),
            missed: missed.into(),
            campaigns: rates.campaigns.into(),
        })
    }
}

impl InferredServiceView {
    fn bare(status: &'static str, why: Option<String>) -> Self {
        Self { status, why, rule: None, figures: None, as_of_height: None, blocks_behind: None }
    }
}

impl Engine {
    /// Whether the entity of an address acts as a service.
    pub(crate) fn inferred_service(&self, address: AddressId) -> InferredServiceView {
        let figures = match self.inferred(address) {
            Inferred::Missing => {
                let why = "no figures of services were counted for these entities; the next ingest counts them";
                return InferredServiceView::bare("not-evaluated", Some(why.into()));
            }
            Inferred::Left(tip) => {
                let why = format!("the figures end with block {} ({}), which has left the chain", tip.height, tip.hash);
                return InferredServiceView::bare("not-evaluated", Some(why));
            }
            Inferred::Cut => {
                let why = "the cut list cuts this entity, and figures were counted of the whole";
                return InferredServiceView::bare("unknown", Some(why.into()));
            }
            Inferred::Counted(figures) => figures,
        };
        let tip = self.inferences.table().and_then(|table| table.manifest().tip);
        let last = self.ledger.as_ref().and_then(athar_ledger::Ledger::tip);
        let rules = RuleSet::shipped();
        let matched = figures.as_ref().and_then(|f| Some((rules.first(f)?, f)));
        let stops_traces = matched.is_some() && !self.has_labels(address);
        let rule = matched.map(|(rule, figures)| InferredRuleView {
            name: rule.name.clone(),
            rules_version: rules.version,
            figures_version: FIGURES_VERSION,
            claims: rule.claims.clone(),
            conditions: rule.conditions(figures).iter().map(ConditionView::from).collect(),
            stops_traces,
            rate: ServiceRateView::of(&rule.name, &rule.kinds),
        });
        let labelled = rule.is_some() && !stops_traces;
        InferredServiceView {
            status: if rule.is_some() { "recognised" } else { "none" },
            why: labelled.then(|| "a label of this entity decides whether a trace stops here".into()),
            rule,
            figures: figures.as_ref().map(ServiceFiguresView::from),
            as_of_height: tip.map(|t| t.height.0),
            blocks_behind: tip.zip(last).map(|(tip, last)| last.height.0.saturating_sub(tip.height.0)),
        }
    }
}
