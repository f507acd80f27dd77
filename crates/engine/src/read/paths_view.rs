//! The shape of the answer of `paths`.

use super::paths::Subject;
use crate::Engine;
use crate::json::Usd;
use athar_trace::{Path, PathStep, Paths};
use athar_types::OutputNum;
use schemars::JsonSchema;
use serde::Serialize;

/// Steps of one path that are listed.
const STEPS_MAX: usize = 1_000;

/// Paths between two subjects.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PathsView {
    /// The first subject.
    pub from: PathsPartyView,
    /// The second.
    pub to: PathsPartyView,
    /// Which paths come first: `hops`, `value` or `earliest`.
    #[schemars(with = "String")]
    pub by: &'static str,
    /// What makes a path: `output`, where each step spends the very output that the one before made.
    #[schemars(with = "String")]
    pub link: &'static str,
    /// Paths asked for.
    pub count_max: u64,
    /// Hops that a path may have.
    pub hops_max: u32,
    /// Steps that may be looked at, in each direction.
    pub edges_max: u64,
    /// Transactions of more inputs or outputs are not passed.
    pub fan_max: u32,
    /// Outputs of fewer satoshi are not passed.
    pub amount_min_sat: u64,
    /// Only transactions at or above this height are passed.
    pub since: Option<u32>,
    /// Only transactions at or below this height are passed.
    pub until: Option<u32>,
    /// Whether paths may pass services. Then they say that somebody paid a service and the service paid somebody.
    pub through_services: bool,
    /// The answer for each direction asked for; none where a subject is not on the chain.
    pub searches: Vec<PathsSearchView>,
    /// The clustering that the answer is of: moves inside one entity make no hop.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer; none where it was cut short by the caller.
    pub snapshot: Option<String>,
}

/// One of the two subjects.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PathsPartyView {
    /// What was asked, as given.
    pub target: String,
    /// `address`, `entity`, `transaction` or `output`; none where the chain has no such thing.
    #[schemars(with = "Option<String>")]
    pub kind: Option<&'static str>,
    /// The name of the entity, where the subject has an address.
    pub entity: Option<String>,
    /// The label of that entity, by name.
    pub label: Option<String>,
    /// The category of that label.
    pub category: Option<String>,
    /// Outputs that belong to it, as far as they are listed.
    pub outputs: u64,
    /// Whether it has more, so that the search could not start from it and only look out for it.
    pub outputs_truncated: bool,
}

impl PathsPartyView {
    /// A subject that is not on the chain.
    pub(super) fn unseen(target: &str) -> Self {
        Self {
            target: target.into(),
            kind: None,
            entity: None,
            label: None,
            category: None,
            outputs: 0,
            outputs_truncated: false,
        }
    }
}

/// The answer for one direction.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PathsSearchView {
    /// Where the paths begin, as given.
    pub from: String,
    /// Where they end.
    pub to: String,
    /// `found`; `none_within`: there is none within the hops asked for; or `gave_up`: none was found, but a bound of the
    /// work was hit, so that there may be some.
    #[schemars(with = "String")]
    pub outcome: &'static str,
    /// Bounds of the work that were hit: `edges`, `fan`, `labels`, `parties`, `cancelled`. Where there are none, the
    /// paths are proven to be the first, and all there are where they are fewer than asked for.
    #[schemars(with = "Vec<String>")]
    pub gave_up: Vec<&'static str>,
    /// Every path of at most this many hops was looked at, but for those through wide transactions (`fan`); none: of no
    /// number.
    pub hops_covered: Option<u32>,
    /// Whether there is none of more hops either: the search ran out of places to look at.
    pub is_none_at_all: bool,
    /// Steps looked at.
    pub edge_count: u64,
    /// Where branches of the search ended.
    pub ended: Vec<PathsEndedView>,
    /// Outputs that belong to both subjects, which is no path.
    pub shared_outputs: u64,
    /// The paths, in the order asked for.
    pub paths: Vec<FoundPathView>,
}

/// How many outputs the search did not go past, for one reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PathsEndedView {
    /// `service`, `coinjoin`, `pool`, `amount`, `since`, `until`, `fan` or `hops`.
    #[schemars(with = "String")]
    pub why: &'static str,
    /// Outputs reached from where the paths begin.
    pub forward: u64,
    /// Outputs reached from where they end, backward.
    pub backward: u64,
}

/// A path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FoundPathView {
    /// Hops: steps from one entity to another.
    pub hops: u32,
    /// Transactions on it.
    pub step_count: u64,
    /// The smallest output on it, in satoshi: no more than this came the whole way along it. How much did is for a trace
    /// to say.
    pub width_sat: u64,
    /// The same at the price of the day of arrival; none: no price.
    pub width_usd: Option<Usd>,
    /// Time of its first transaction.
    pub left_at: String,
    /// Time of its last.
    pub arrived_at: String,
    /// Its transactions in chain order.
    pub steps: Vec<FoundStepView>,
    /// Whether there are more than are listed.
    pub steps_truncated: bool,
}

/// A transaction on a path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FoundStepView {
    /// The transaction.
    pub txid: String,
    /// Height of its block.
    pub height: u32,
    /// Time of its block.
    pub time: String,
    /// The output that it spends.
    pub from: PathsPlaceView,
    /// The output that it makes.
    pub to: PathsPlaceView,
    /// The smaller of the two, in satoshi: the most that this step carries.
    pub width_sat: u64,
    /// The same at that day's price; none: no price.
    pub width_usd: Option<Usd>,
    /// Whether it goes from one entity to another.
    pub is_hop: bool,
}

/// An output on a path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PathsPlaceView {
    /// The output, as `txid:vout`.
    pub output: String,
    /// Its value in satoshi.
    pub value_sat: u64,
    /// The address it pays.
    pub address: Option<String>,
    /// The label of that address's entity, by name.
    pub label: Option<String>,
    /// The category of that label.
    pub category: Option<String>,
    /// Whether that entity is a labelled service.
    pub is_service: bool,
}

impl Engine {
    pub(super) fn paths_party(&self, target: &str, subject: &Subject<'_>) -> PathsPartyView {
        let labelled = subject.address.and_then(|a| self.subject_of(a));
        let label = labelled.and_then(|s| self.known.heaviest(s, &self.labels));
        PathsPartyView {
            target: target.into(),
            kind: Some(subject.kind),
            entity: subject.address.and_then(|a| self.entity_name(a).ok()),
            label: label.map(|l| l.name.clone()),
            category: label.map(|l| l.category.name().to_string()),
            outputs: subject.party.listed().len() as u64,
            outputs_truncated: subject.party.is_truncated(),
        }
    }

    pub(super) fn paths_search(&self, [from, to]: [&str; 2], found: &Paths) -> PathsSearchView {
        let ended =
            |e: &athar_trace::Ended| PathsEndedView { why: e.why.name(), forward: e.forward, backward: e.backward };
        PathsSearchView {
            from: from.into(),
            to: to.into(),
            outcome: found.outcome.name(),
            gave_up: found.gave_up.iter().map(|b| b.name()).collect(),
            hops_covered: found.hops_covered,
            is_none_at_all: found.is_none_at_all,
            edge_count: found.edge_count,
            ended: found.ended.iter().map(ended).collect(),
            shared_outputs: found.shared_outputs,
            paths: found.paths.iter().map(|path| self.found_path(path)).collect(),
        }
    }

    fn found_path(&self, path: &Path) -> FoundPathView {
        let time = |step: Option<&PathStep>| step.map(|s| self.tx_time(s.tx)).unwrap_or_default();
        let (first, last) = (time(path.steps.first()), time(path.steps.last()));
        FoundPathView {
            hops: path.hops,
            step_count: path.steps.len() as u64,
            width_sat: path.width_sat,
            width_usd: self.usd(path.width_sat, last),
            left_at: first.to_string(),
            arrived_at: last.to_string(),
            steps: path.steps.iter().take(STEPS_MAX).map(|step| self.found_step(step)).collect(),
            steps_truncated: path.steps.len() > STEPS_MAX,
        }
    }

    fn found_step(&self, step: &PathStep) -> FoundStepView {
        let (ledger, time) = (self.ledger_or_empty(), self.tx_time(step.tx));
        FoundStepView {
            txid: ledger.txid(step.tx).to_string(),
            height: ledger.tx_height(step.tx).0,
            time: time.to_string(),
            from: self.paths_place(step.from_output),
            to: self.paths_place(step.to_output),
            width_sat: step.width_sat,
            width_usd: self.usd(step.width_sat, time),
            is_hop: step.is_hop,
        }
    }

    fn paths_place(&self, output: OutputNum) -> PathsPlaceView {
        let ledger = self.ledger_or_empty();
        let (tx, vout) = ledger.output_tx(output);
        let address = ledger.output_address(output);
        let subject = address.and_then(|a| self.subject_of(a));
        let label = subject.and_then(|s| self.known.heaviest(s, &self.labels));
        PathsPlaceView {
            output: format!("{}:{vout}", ledger.txid(tx)),
            value_sat: ledger.output_value(output).0,
            address: address.map(|a| ledger.address_text(a)),
            label: label.map(|l| l.name.clone()),
            category: label.map(|l| l.category.name().to_string()),
            is_service: subject.is_some_and(|s| self.known.is_service(s)),
        }
    }
}
