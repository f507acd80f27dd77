//! The set and its movements on a chain of outputs.

use super::moves::{Figure, Moves, OUTSIDE, SERVICES_FROM, Side};
use super::units::{MEMBERS_MAX, Said, Service, Unit, Units, service_of};
use crate::Engine;
use crate::error::EngineError;
use athar_ledger::Ledger;
use athar_types::address::parse_key;
use athar_types::{AddressId, Category, TxNum};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Transactions of one set that are looked at.
const TXS_MAX: usize = 20_000_000;

/// Services met so far, by the root of their entity.
#[derive(Debug, Default)]
pub(super) struct Services {
    pub(super) rows: Vec<Service>,
    by_root: FxHashMap<u32, u32>,
    /// What every address looked at is, so that it is asked once.
    known: FxHashMap<u32, u32>,
}

impl Services {
    /// The party that a service is, by what stands for it.
    pub(super) fn party(&mut self, root: u32, make: impl FnOnce() -> Service) -> u32 {
        let next = self.rows.len() as u32;
        let at = *self.by_root.entry(root).or_insert(next);
        if at == next {
            self.rows.push(make());
        }
        SERVICES_FROM + at
    }

    pub(super) fn known(&mut self, of: u32, find: impl FnOnce(&mut Self) -> u32) -> u32 {
        if let Some(party) = self.known.get(&of) {
            return *party;
        }
        let party = find(self);
        self.known.insert(of, party);
        party
    }
}

impl Engine {
    /// The set of a category on the chain of outputs that is asked.
    pub(super) fn totals_units(&self, categories: &[Category]) -> Result<Units, EngineError> {
        let ledger = self.ledger()?;
        let mut units = Units::default();
        let mut by_address: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for label in self.labels.labels() {
            let is_ours = label.is_accepted() && label.chain == Some(ledger.chain());
            if !is_ours || !label.categories.iter().any(|c| categories.contains(c)) {
                continue;
            }
            let Ok(key) = parse_key(ledger.chain(), ledger.network(), &label.text) else { continue };
            let Some(address) = ledger.address_id(&key) else { continue };
            let actor = label.actor.as_deref().and_then(|id| self.labels.actor(id)).map(|actor| actor.label.as_str());
            let said = Said::of(label, actor);
            if label.is_service() {
                units.providers.push(said);
                continue;
            }
            by_address.entry(address.0).or_default().push(units.said.len() as u32);
            units.said.push(said);
        }
        units.labelled =
            by_address.iter().map(|(a, labels)| Unit { labels: labels.clone(), addresses: vec![*a] }).collect();
        if self.forest.is_some() {
            units.extended = Some(self.extended(&by_address, &mut units.not_extended));
        }
        Ok(units)
    }

    /// The entities of labelled addresses; of those whose entity is not theirs alone, the address.
    fn extended(
        &self,
        by_address: &BTreeMap<u32, Vec<u32>>,
        not_extended: &mut BTreeMap<&'static str, u64>,
    ) -> Vec<Unit> {
        let Some(forest) = &self.forest else { return Vec::new() };
        let mut by_root: BTreeMap<u32, Unit> = BTreeMap::new();
        let mut alone: Vec<Unit> = Vec::new();
        for (address, labels) in by_address {
            let id = AddressId(*address);
            let root = self.root_of(id);
            let why = if self.account(id).is_some() {
                Some("custody")
            } else if self.known.of_entity(root).is_some_and(|s| self.known.is_service(s)) {
                Some("service")
            } else if self.inferred_service(id).rule.is_some_and(|rule| rule.stops_traces) {
                Some("inferred_service")
            } else if self.guard.size(forest, id) > MEMBERS_MAX {
                Some("size")
            } else {
                None
            };
            match why {
                Some(why) => {
                    *not_extended.entry(why).or_default() += 1;
                    alone.push(Unit { labels: labels.clone(), addresses: vec![*address] });
                }
                None => by_root.entry(root.0).or_default().labels.extend(labels),
            }
        }
        for (root, unit) in &mut by_root {
            let members = self.guard.members(forest, AddressId(*root), 0, MEMBERS_MAX);
            unit.addresses = members.into_iter().map(|a| a.0).collect();
            unit.labels.sort_unstable();
        }
        by_root.into_values().chain(alone).collect()
    }

    /// Everything that moved in or out of the units.
    pub(super) fn totals_moves(
        &self,
        units: &[Unit],
        categories: &[Category],
        services: &mut Services,
    ) -> Result<Moves, EngineError> {
        let ledger = self.ledger()?;
        let mut unit_of: FxHashMap<u32, u32> = FxHashMap::default();
        for (at, unit) in (0_u32..).zip(units) {
            unit_of.extend(unit.addresses.iter().map(|address| (*address, at)));
        }
        let mut moves = Moves::new(units.len());
        let mut txs: Vec<TxNum> = Vec::new();
        'units: for unit in units {
            for address in &unit.addresses {
                for output in ledger.address_outputs(AddressId(*address)) {
                    if txs.len() >= 2 * TXS_MAX {
                        moves.is_truncated = true;
                        break 'units;
                    }
                    txs.push(ledger.output_tx(output).0);
                    txs.extend(ledger.spent_by(output));
                }
            }
        }
        txs.sort_unstable();
        txs.dedup();
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for tx in txs {
            from.clear();
            to.clear();
            let mut party = |address: Option<AddressId>| match address {
                None => OUTSIDE,
                Some(address) => match unit_of.get(&address.0) {
                    Some(unit) => *unit,
                    None => {
                        services.known(address.0, |services| self.service_party(ledger, address, categories, services))
                    }
                },
            };
            for input in ledger.inputs(tx) {
                let amount = ledger.output_value(ledger.spent_output(&input)).0.into();
                from.push(Side { party: party(input.address), amount });
            }
            for output in ledger.outputs(tx) {
                to.push(Side { party: party(output.address), amount: output.value.0.into() });
            }
            if !moves.push(self.tx_time(tx).day(), 0, &from, &to, true) {
                break;
            }
        }
        Ok(moves)
    }

    /// The service that an address belongs to, or [`OUTSIDE`].
    fn service_party(
        &self,
        ledger: &Ledger,
        address: AddressId,
        categories: &[Category],
        services: &mut Services,
    ) -> u32 {
        let root = self.root_of(address);
        // a customer's account at a service is the service's address
        let subject = self.known.of_entity(root).filter(|s| self.known.is_service(*s));
        let subject = subject.or_else(|| self.known.of_address(address).filter(|s| self.known.is_service(*s)));
        if let Some(subject) = subject
            && let Some((name, category, figure)) = service_of(self.known.labels(subject, &self.labels).map(|(_, l)| l))
        {
            let mut labels = self.known.labels(subject, &self.labels);
            let is_provider =
                labels.any(|(_, l)| l.is_service() && l.categories.iter().any(|c| categories.contains(c)));
            let stands = self.known.root(subject).0;
            return services.party(stands, || Service { name, category: Some(category), figure, is_provider });
        }
        match self.inferred_rule(address) {
            Some(rule) if self.inferred_service(address).rule.is_some_and(|rule| rule.stops_traces) => {
                services.party(root.0, || Service {
                    name: format!("{} {}", self.rule_name(rule), ledger.address_text(self.name_of(address))),
                    category: None,
                    figure: Figure::ToInferred,
                    is_provider: false,
                })
            }
            _ => OUTSIDE,
        }
    }

    /// The first-seen address of an entity.
    fn name_of(&self, address: AddressId) -> AddressId {
        self.forest.as_ref().map_or(address, |forest| self.guard.name(forest, address))
    }
}
