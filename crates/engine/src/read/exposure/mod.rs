//! `exposure`: what a target has to do with every category, directly and through others.

mod view;

pub use view::{
    CategoryExposureView, ExposureAsOfView, ExposureSideView, ExposureSumView, ExposureView, FollowedView, LinkedView,
    OwnView,
};

use super::exposed::{PLACES_MAX, SOURCES_MAX};
use super::screen::MEMBERS_MAX;
use super::trace::{Known, Own};
use super::{BoundedView, Direction, Moment, PathStep};
use crate::error::EngineError;
use crate::json::Millionths;
use crate::known::{place_of, shown_categories};
use crate::{Engine, Options, target::Target, worth::Worth};
use athar_labels::{AsOf, Label, RiskTable};
use athar_trace::{Exposure, ExposureQuestion, Exposures, Flow, Limits, Policy, Side, Subject, exposure};
use athar_types::address::parse_key;
use athar_types::{AddressId, Category, Day, Height, Level, OutputNum, Relation, TxNum};
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Entities listed for a category.
const ENTITIES_MAX: usize = 20;
/// Ways listed for an entity.
const PATHS_MAX: usize = 3;

/// How to look for exposure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExposureOptions {
    /// The policies to give, each once.
    pub policies: Vec<Policy>,
    /// Hops to follow.
    pub hops_max: u32,
    /// Edges that each trace may have.
    pub edges_max: u64,
    /// Only what had happened by then; the entity as it was then.
    pub at: Option<Moment>,
}

impl Default for ExposureOptions {
    fn default() -> Self {
        Self { policies: Policy::ALL.to_vec(), hops_max: 5, edges_max: 200_000, at: None }
    }
}

/// What is asked about, found on the chain.
struct Found {
    kind: &'static str,
    address: Option<AddressId>,
    /// The addresses whose money is followed.
    members: Vec<AddressId>,
    /// Whether there are more than are followed.
    is_cut: bool,
    is_account: bool,
    output: Option<OutputNum>,
    tx: Option<TxNum>,
}

impl Engine {
    /// What a target (an address, a transaction id or an output) has to do with every category. `None` where the chain has
    /// no such thing (by the moment asked for).
    pub fn exposure(&self, target: &str, options: &ExposureOptions) -> Result<Option<ExposureView>, EngineError> {
        let ledger = self.ledger()?;
        let until = options.at.map(|at| self.until(at)).transpose()?;
        let tip = ledger.tip().map_or(Height(0), |t| t.height);
        let height = until.map_or(tip, |u| u.min(tip));
        let last = ledger.block(height).map_or(0, |b| b.txs.end);
        let Some(found) = self.exposed_target(target, TxNum(last.saturating_sub(1)), until.is_some())? else {
            return Ok(None);
        };
        let own = Own {
            engine: self,
            addresses: found.members.iter().copied().collect::<FxHashSet<_>>(),
            roots: FxHashSet::default(),
        };
        let limits = Limits {
            hops_max: options.hops_max,
            edges_max: options.edges_max,
            sources_max: SOURCES_MAX,
            edges_listed_max: 0,
            until,
            ..Limits::default()
        };
        let subject = match (found.tx, found.output) {
            (Some(tx), _) => Subject::Transaction(tx),
            (_, Some(output)) => Subject::Output(output),
            _ => Subject::Addresses(&found.members),
        };
        let mut by_policy: Vec<(Policy, Exposures)> = Vec::new();
        for policy in &options.policies {
            if by_policy.iter().any(|(p, _)| p == policy) {
                continue;
            }
            let known = Known(self);
            let question = ExposureQuestion {
                policy: *policy,
                subject,
                stops: &known,
                owners: &own,
                labels: &known,
                limits: &limits,
                evidence_max: PLACES_MAX,
            };
            by_policy.push((*policy, exposure(ledger, &question)?));
        }
        let side = |of: fn(&Exposures) -> &Side| {
            let sides: Vec<_> = by_policy.iter().map(|(policy, found)| (*policy, of(found))).collect();
            self.exposure_side(&sides, &found)
        };
        let name = |id: AddressId| match &self.forest {
            Some(forest) if until.is_some() => {
                ledger.address_text(forest.name_as_of(id, TxNum(last.saturating_sub(1))))
            }
            Some(forest) => ledger.address_text(self.guard.name(forest, id)),
            None => ledger.address_text(id),
        };
        Ok(Some(ExposureView {
            target: target.trim().into(),
            kind: found.kind,
            entity: found.address.map(name),
            addresses: found.members.len() as u64,
            account_at: if found.is_account { self.held_at(found.address)? } else { None },
            hops_max: options.hops_max,
            as_of_height: height.0,
            as_of_time: self.block_time(height).to_string(),
            ownership: self.ownership_of(&found),
            received: side(|e| &e.received),
            sent: side(|e| &e.sent),
            clustering: self.clustering_view(),
            snapshot: self.snapshot("exposure", &(target.trim(), options)),
        }))
    }

    /// The same as of a moment, by the labels that were true and known on its day, and by those known now where they differ.
    pub fn exposure_as_of(
        &self,
        target: &str,
        at: Moment,
        options: &ExposureOptions,
    ) -> Result<Option<ExposureAsOfView>, EngineError> {
        let options = ExposureOptions { at: Some(at), ..options.clone() };
        let day: Day = match at {
            Moment::Day(day) => day,
            Moment::Height(height) => self.block_time(Height(height)).day(),
        };
        let then = Self::open(
            &self.folder,
            &Options { labels_as_of: AsOf { true_on: Some(day), known_on: Some(day) }, ..self.options.clone() },
        )?;
        if then.basis().tip_hash != self.basis().tip_hash {
            return Err(EngineError::Moved { folder: self.folder.clone() });
        }
        let Some(known_then) = then.exposure(target, &options)? else { return Ok(None) };
        let known_now = self.exposure(target, &options)?;
        let says = |view: &ExposureView| ExposureView { snapshot: String::new(), ..view.clone() };
        let known_now = known_now.filter(|now| says(now) != says(&known_then));
        Ok(Some(ExposureAsOfView { known_on: day, known_then, known_now }))
    }

    /// Finds what is asked about among the transactions up to `last`.
    fn exposed_target(&self, target: &str, last: TxNum, is_past: bool) -> Result<Option<Found>, EngineError> {
        let ledger = self.ledger()?;
        let nothing = Found {
            kind: "address",
            address: None,
            members: Vec::new(),
            is_cut: false,
            is_account: false,
            output: None,
            tx: None,
        };
        let found = match Target::parse(target, ledger.chain(), ledger.network()) {
            Target::Invalid(error) => {
                let what = format!("no address, transaction id or output: {error}");
                return Err(EngineError::Target { input: crate::shortened(target), what });
            }
            Target::Hash(txid) => {
                let Some(tx) = ledger.tx_by_id(&txid).filter(|tx| *tx <= last) else { return Ok(None) };
                return Ok(Some(Found { kind: "transaction", tx: Some(tx), ..nothing }));
            }
            Target::Output(txid, vout) => {
                let Some(tx) = ledger.tx_by_id(&txid).filter(|tx| *tx <= last) else { return Ok(None) };
                let Some(output) = ledger.tx_outputs(tx).nth(vout as usize).map(OutputNum) else { return Ok(None) };
                Found { kind: "output", output: Some(output), address: ledger.output_address(output), ..nothing }
            }
            Target::Address(address) => {
                let key = parse_key(ledger.chain(), ledger.network(), &address.text);
                let id = key.ok().and_then(|key| ledger.address_id(&key));
                let paid = |id: &AddressId| {
                    ledger.address_outputs(*id).next().is_some_and(|first| ledger.output_tx(first).0 <= last)
                };
                let Some(id) = id.filter(paid) else { return Ok(None) };
                Found { address: Some(id), ..nothing }
            }
        };
        let Some(id) = found.address else { return Ok(Some(found)) };
        if self.account(id).is_some() {
            // of a customer's account only its own money is followed, not that of all the service's customers
            return Ok(Some(Found { members: vec![id], is_account: true, ..found }));
        }
        let (mut members, size) = match &self.forest {
            Some(forest) if is_past => (forest.members_as_of(id, last, 0, MEMBERS_MAX), forest.size_as_of(id, last)),
            Some(forest) => (self.guard.members(forest, id, 0, MEMBERS_MAX), self.guard.size(forest, id)),
            None => (vec![id], 1),
        };
        if !members.contains(&id) {
            members.push(id);
        }
        Ok(Some(Found { is_cut: size as usize > members.len(), members, ..found }))
    }

    /// The service that holds an account, by label or else by name.
    fn held_at(&self, address: Option<AddressId>) -> Result<Option<String>, EngineError> {
        let view = address.map(|id| self.account_view(id)).transpose()?.flatten();
        Ok(view.map(|v| v.label.unwrap_or(v.entity)))
    }

    fn ownership_of(&self, found: &Found) -> Vec<OwnView> {
        let Some(id) = found.address else { return Vec::new() };
        let all = |subject: Option<u32>| subject.into_iter().flat_map(|s| self.known.labels(s, &self.labels));
        let mut owned = Vec::new();
        if found.is_account {
            let root = self.root_of(id);
            owned.extend(all(self.known.of_address(id)).map(|(_, l)| (Relation::Ownership, l)));
            for (on, label) in all(self.known.of_entity(root)) {
                owned.push((if on == id { Relation::Ownership } else { Relation::AccountAt }, label));
            }
        } else {
            owned.extend(all(self.subject_of(id)).map(|(_, l)| (Relation::Ownership, l)));
        }
        let mut views: Vec<OwnView> = Vec::new();
        for (relation, label) in owned {
            for category in shown_categories(label) {
                let view = OwnView {
                    relation,
                    category,
                    level: RiskTable::shipped().level(category, label.basis, relation),
                    basis: label.basis,
                    label: label.name.clone(),
                    source: label.source.clone(),
                };
                if !views.contains(&view) {
                    views.push(view);
                }
            }
        }
        views.sort_by_key(|v| (Reverse(v.level), v.category));
        views
    }

    fn exposure_side(&self, sides: &[(Policy, &Side)], found: &Found) -> ExposureSideView {
        let flow = sides.first().map_or(Flow::Received, |(_, side)| side.flow);
        let direction = match flow {
            Flow::Received => Direction::Received,
            Flow::Sent => Direction::Sent,
        };
        let mut met: BTreeMap<(u32, Relation), Vec<(Policy, &Exposure, &Side)>> = BTreeMap::new();
        for (policy, side) in sides {
            for group in &side.groups {
                met.entry((group.label, group.relation)).or_default().push((*policy, group, side));
            }
        }
        let mut categories: Vec<_> = met
            .into_iter()
            .map(|((place, relation), sums)| {
                let category = Category::ALL[place as usize];
                let by_policy = sums.iter().map(|(policy, sum, _)| self.exposure_sum(*policy, sum, found.tx)).collect();
                let (entities, entities_truncated) = self.linked(category, relation, sides, found.tx);
                let level = entities.iter().map(|e| e.level).max().unwrap_or(Level::Unknown);
                CategoryExposureView { category, relation, level, by_policy, entities, entities_truncated }
            })
            .collect();
        categories.sort_by_key(|c| {
            let most = c.by_policy.iter().filter_map(|p| p.amount_sat).max();
            (Reverse(c.level), c.relation, Reverse(most), c.category)
        });
        let followed = sides.iter().map(|(policy, side)| self.followed(*policy, side, found)).collect();
        let total_sat = sides.iter().find(|(p, _)| p.is_summed()).map_or(0, |(_, side)| side.total_sat);
        ExposureSideView { direction, total_sat, categories, followed }
    }

    #[allow(clippy::unused_self)] // beside the rest
    fn followed(&self, policy: Policy, side: &Side, found: &Found) -> FollowedView {
        let mut bounded: Vec<_> = side.bounded().iter().map(BoundedView::from).collect();
        let mut cut = |bound: &str| {
            bounded.push(BoundedView { bound: bound.into(), direction: None, amount_sat: 0, outputs: 0 });
        };
        if side.sources_truncated {
            cut("sources");
        }
        if found.is_cut {
            cut("members");
        }
        FollowedView {
            policy: policy.name(),
            is_complete: side.is_complete() && !found.is_cut,
            bounded,
            edge_count: side.totals.edge_count,
        }
    }

    /// What the places of an exposure were worth when the money moved there.
    fn exposure_worth(&self, exposure: &Exposure, tx: Option<TxNum>) -> Worth {
        let ledger = self.ledger_or_empty();
        let (mut worth, mut valued_sat) = (Worth::default(), 0);
        for place in &exposure.evidence {
            // the transaction that moved it: received money was spent from the place, sent money was paid to it
            let moved = match exposure.flow {
                Flow::Received => ledger.spent_by(place.output).or(tx),
                Flow::Sent => Some(ledger.output_tx(place.output).0),
            };
            worth.add(place.sat, moved.and_then(|moved| self.usd(place.sat, self.tx_time(moved))));
            valued_sat += place.sat;
        }
        // what lies beyond the places listed is not valued, and said to be left out
        worth.add(exposure.amount_sat.saturating_sub(valued_sat), None);
        worth
    }

    fn exposure_sum(&self, policy: Policy, sum: &Exposure, tx: Option<TxNum>) -> ExposureSumView {
        let is_summed = policy.is_summed();
        let worth = if is_summed { self.exposure_worth(sum, tx) } else { Worth::default() };
        ExposureSumView {
            policy: policy.name(),
            amount_sat: is_summed.then_some(sum.amount_sat),
            usd: worth.usd().filter(|_| is_summed),
            unpriced_sat: worth.unpriced_sat(),
            share: is_summed.then(|| Millionths(u64::try_from(sum.share.millionths()).unwrap_or(u64::MAX))),
            hops_min: sum.hops_min,
            outputs: sum.outputs,
        }
    }

    /// The entities of a category that were met, each by the first policy that meets it.
    fn linked(
        &self,
        category: Category,
        relation: Relation,
        sides: &[(Policy, &Side)],
        tx: Option<TxNum>,
    ) -> (Vec<LinkedView>, bool) {
        let place = place_of(category);
        let mut met: BTreeMap<u32, (Policy, &Exposure)> = BTreeMap::new();
        for (policy, side) in sides {
            for exposure in side.exposures.iter().filter(|e| e.relation == relation) {
                if self.known.categories(exposure.label).contains(&place) {
                    met.entry(exposure.label).or_insert((*policy, exposure));
                }
            }
        }
        let mut met: Vec<_> = met.into_values().collect();
        met.sort_by_key(|(_, e)| (Reverse(e.amount_sat), e.label));
        let truncated = met.len() > ENTITIES_MAX;
        met.truncate(ENTITIES_MAX);
        let views = met.into_iter().filter_map(|(policy, e)| self.linked_view(category, policy, e, tx));
        (views.collect(), truncated)
    }

    fn linked_view(
        &self,
        category: Category,
        policy: Policy,
        exposure: &Exposure,
        tx: Option<TxNum>,
    ) -> Option<LinkedView> {
        let ledger = self.ledger_or_empty();
        let level = |label: &Label| RiskTable::shipped().level(category, label.basis, exposure.relation);
        let label = self
            .known
            .labels(exposure.label, &self.labels)
            .map(|(_, label)| label)
            .filter(|label| shown_categories(label).any(|c| c == category))
            .reduce(|a, b| if level(b) > level(a) { b } else { a })?;
        let root = self.known.root(exposure.label);
        let is_lone = self.known.of_address(root) == Some(exposure.label);
        let (name, total) = match &self.forest {
            Some(forest) if !is_lone => {
                let figures = self.guard.entity(ledger, forest, root);
                let total = figures.map(|f| match exposure.flow {
                    Flow::Received => f.sent.0,
                    Flow::Sent => f.received.0,
                });
                (self.guard.name(forest, root), total)
            }
            _ => (root, None),
        };
        let is_summed = policy.is_summed();
        let steps = |place: &athar_trace::Evidence| -> Vec<PathStep> {
            let mut steps: Vec<_> = place.path.iter().map(|step| self.path_step(step)).collect();
            if exposure.flow == Flow::Received {
                steps.reverse(); // the way begins at the target; money came the other way
            }
            steps
        };
        Some(LinkedView {
            entity: ledger.address_text(name),
            label: label.name.clone(),
            basis: label.basis,
            level: level(label),
            policy: policy.name(),
            linked_sat: is_summed.then_some(exposure.amount_sat),
            linked_usd: if is_summed { self.exposure_worth(exposure, tx).usd() } else { None },
            total_sat: total,
            hops_min: exposure.hops_min,
            evidence: exposure.evidence.iter().take(PATHS_MAX).map(steps).filter(|s| !s.is_empty()).collect(),
        })
    }
}
