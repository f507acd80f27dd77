//! `paths`: by which transactions money of one subject came to another.

use super::paths_view::{PathsPartyView, PathsSearchView, PathsView};
use super::trace::Known;
use crate::error::EngineError;
use crate::{Engine, target::Target};
use athar_ledger::Ledger;
use athar_trace::{
    Owners, Party, PathsLimits, PathsOrder, PathsProgress, PathsQuestion, StopReason, Stops, paths as find_paths,
};
use athar_types::{AddressId, Height, OutputNum, TxNum};
use serde::Serialize;

/// Outputs of one subject that a search starts from.
const OUTPUTS_MAX: usize = 1_000_000;
/// Addresses of an entity whose outputs a search starts from.
const MEMBERS_MAX: u32 = 100_000;
/// What stands before an address to mean all addresses of its entity.
const ENTITY: &str = "entity:";

/// Which paths to look for, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PathsOptions {
    /// Which come first.
    pub by: PathsOrder,
    /// How many to give, at least 1.
    pub count_max: usize,
    /// Hops that a path may have.
    pub hops_max: u32,
    /// Steps to look at, in each direction.
    pub edges_max: u64,
    /// A transaction of more inputs or outputs is not passed.
    pub fan_max: u32,
    /// Outputs of fewer satoshi are not passed.
    pub amount_min_sat: u64,
    /// Only transactions at or above this height.
    pub since: Option<u32>,
    /// Only transactions at or below this height.
    pub until: Option<u32>,
    /// Also from the second subject to the first.
    pub either: bool,
    /// Also through labelled services, where money of many customers is mixed: such a path says that the first paid
    /// the service and the service paid on, not that it was the same money.
    pub through_services: bool,
}

impl Default for PathsOptions {
    fn default() -> Self {
        let limits = PathsLimits::default();
        Self {
            by: PathsOrder::Hops,
            count_max: limits.count_max,
            hops_max: limits.hops_max,
            edges_max: limits.edges_max,
            fan_max: limits.fan_max,
            amount_min_sat: limits.amount_min_sat,
            since: None,
            until: None,
            either: false,
            through_services: false,
        }
    }
}

/// A subject that is on the chain.
pub(super) struct Subject<'a> {
    pub(super) party: Party<'a>,
    /// `address`, `entity`, `transaction` or `output`.
    pub(super) kind: &'static str,
    /// The address, or the first of the entity.
    pub(super) address: Option<AddressId>,
    /// The transaction, where the subject is one.
    tx: Option<TxNum>,
}

/// What is not passed, and who owns what.
struct Rules<'a> {
    known: Known<'a>,
    through_services: bool,
    /// The transaction that paths are asked to lead to. That it is a CoinJoin does not hide what goes in.
    last: Option<TxNum>,
}

impl Stops for Rules<'_> {
    fn stop(&self, output: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        if self.through_services { None } else { self.known.stop(output, address) }
    }

    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        if self.last == Some(tx) { None } else { self.known.stop_tx(tx) }
    }
}

impl Owners for Rules<'_> {
    fn is_own(&self, _: AddressId) -> bool {
        false
    }

    fn same_owner(&self, a: AddressId, b: AddressId) -> bool {
        self.known.0.root_of(a) == self.known.0.root_of(b)
    }
}

impl Engine {
    /// Paths between two subjects, each an address (what was paid to it), `entity:ADDRESS` (what was paid to any address
    /// of its entity), a transaction id (its outputs) or an output as `txid:vout`.
    pub fn paths(&self, from: &str, to: &str, options: &PathsOptions) -> Result<PathsView, EngineError> {
        self.paths_with(from, to, options, &mut |_| true)
    }

    /// The same, asking `go_on` before each transaction whether to; an answer that was cut short by it says so and has
    /// no snapshot.
    pub fn paths_with(
        &self,
        from: &str,
        to: &str,
        options: &PathsOptions,
        go_on: &mut dyn FnMut(PathsProgress) -> bool,
    ) -> Result<PathsView, EngineError> {
        let ledger = self.ledger()?;
        let inputs = [from.trim(), to.trim()];
        let [first, second] = [self.paths_subject(ledger, from)?, self.paths_subject(ledger, to)?];
        if let (Some(a), Some(b)) = (&first, &second)
            && a.party.listed() == b.party.listed()
            && a.party.is_truncated() == b.party.is_truncated()
        {
            let what = format!("the same as `{}`: a path leads from one to another", crate::shortened(inputs[0]));
            return Err(EngineError::Target { input: crate::shortened(inputs[1]), what });
        }
        let mut searches = Vec::new();
        if let (Some(a), Some(b)) = (&first, &second) {
            searches.push(self.search_paths(ledger, [a, b], inputs, options, go_on));
            if options.either {
                searches.push(self.search_paths(ledger, [b, a], [inputs[1], inputs[0]], options, go_on));
            }
        }
        let is_cut = searches.iter().any(|s: &PathsSearchView| s.gave_up.contains(&"cancelled"));
        let party = |input: &str, subject: &Option<Subject<'_>>| match subject {
            Some(subject) => self.paths_party(input, subject),
            None => PathsPartyView::unseen(input),
        };
        Ok(PathsView {
            from: party(inputs[0], &first),
            to: party(inputs[1], &second),
            by: options.by.name(),
            link: "output",
            count_max: options.count_max.max(1) as u64,
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            fan_max: options.fan_max,
            amount_min_sat: options.amount_min_sat.max(1),
            since: options.since,
            until: options.until,
            through_services: options.through_services,
            searches,
            clustering: self.clustering_view(),
            snapshot: (!is_cut).then(|| self.snapshot("paths", &(inputs, options))),
        })
    }

    fn search_paths(
        &self,
        ledger: &Ledger,
        [from, to]: [&Subject<'_>; 2],
        inputs: [&str; 2],
        options: &PathsOptions,
        go_on: &mut dyn FnMut(PathsProgress) -> bool,
    ) -> PathsSearchView {
        let rules = Rules { known: Known(self), through_services: options.through_services, last: to.tx };
        let limits = PathsLimits {
            count_max: options.count_max,
            hops_max: options.hops_max,
            since: options.since.map(Height),
            until: options.until.map(Height),
            amount_min_sat: options.amount_min_sat,
            edges_max: options.edges_max,
            fan_max: options.fan_max,
            ..PathsLimits::default()
        };
        let question = PathsQuestion {
            from: &from.party,
            to: &to.party,
            order: options.by,
            stops: &rules,
            owners: &rules,
            limits: &limits,
        };
        let found = find_paths(ledger, &question, go_on);
        self.paths_search(inputs, &found)
    }

    /// A subject by its text; `None` where the chain has no such thing.
    fn paths_subject<'a>(&'a self, ledger: &Ledger, text: &str) -> Result<Option<Subject<'a>>, EngineError> {
        let refuse = |what: String| EngineError::Target { input: crate::shortened(text), what };
        if let Some(address) = text.trim().strip_prefix(ENTITY) {
            let Some(id) = self.address_id(address)? else { return Ok(None) };
            let forest = self.forest()?;
            let root = self.root_of(id);
            let members = self.guard.members(forest, id, 0, MEMBERS_MAX);
            let is_cut = self.guard.size(forest, id) > MEMBERS_MAX;
            let has = move |_: OutputNum, a: Option<AddressId>| a.is_some_and(|a| self.root_of(a) == root);
            let party = Party::owner(ledger, members, OUTPUTS_MAX, has)?;
            let party = if is_cut { party.truncated() } else { party };
            let name = self.guard.name(forest, id);
            return Ok(Some(Subject { party, kind: "entity", address: Some(name), tx: None }));
        }
        let subject = match Target::parse(text, ledger.chain(), ledger.network()) {
            Target::Invalid(error) => {
                return Err(refuse(format!("no address, `entity:` and address, transaction id or output: {error}")));
            }
            Target::Address(address) => {
                let key = athar_types::address::parse_key(ledger.chain(), ledger.network(), &address.text);
                let Some(id) = key.ok().and_then(|key| ledger.address_id(&key)) else { return Ok(None) };
                let party = Party::addresses(ledger, [id], OUTPUTS_MAX)?;
                Subject { party, kind: "address", address: Some(id), tx: None }
            }
            Target::Hash(txid) => {
                let Some(tx) = ledger.tx_by_id(&txid) else { return Ok(None) };
                let party = Party::outputs(ledger, ledger.tx_outputs(tx).map(OutputNum))?;
                Subject { party, kind: "transaction", address: None, tx: Some(tx) }
            }
            Target::Output(txid, vout) => {
                let outputs = ledger.tx_by_id(&txid).map(|tx| ledger.tx_outputs(tx));
                let Some(output) = outputs.and_then(|mut o| o.nth(vout as usize)).map(OutputNum) else {
                    return Ok(None);
                };
                let party = Party::outputs(ledger, [output])?;
                Subject { party, kind: "output", address: ledger.output_address(output), tx: None }
            }
        };
        Ok(Some(subject))
    }
}
