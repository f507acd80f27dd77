//! Services that no label names: what the rules of [`athar_entities::services`] say of an address's entity.
//!
//! What is said here is inferred: the name of a rule, the numbers that decided it and its measured error rate, never a name.
//! Three things speak louder. A cut list: of an entity that it cuts, the counted figures do not hold, and nothing is said. A
//! label of the entity, whatever it is: a trace goes by that. And a table of a block that has left the chain: then nothing
//! was evaluated.

use crate::Engine;
use athar_entities::services::{Figures, Rule, RuleSet, Services, ServicesState};
use athar_ledger::Tip;
use athar_types::AddressId;
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// The table of figures beside the entities, and what the rules make of it.
#[derive(Debug)]
pub(crate) struct Inferences {
    state: ServicesState,
    /// The rule that recognises an entity, by the root that it had at the table's block. Made when it is first asked for.
    recognised: OnceLock<FxHashMap<u32, u32>>,
}

impl Default for Inferences {
    fn default() -> Self {
        Self::new(ServicesState::Missing)
    }
}

/// What can be said of an entity.
#[derive(Clone, Debug)]
pub(crate) enum Inferred {
    /// There is no table of figures.
    Missing,
    /// The table is of a block that has left the chain.
    Left(Tip),
    /// The cut list cuts the entity.
    Cut,
    /// What was counted; none where the entity does too little for any rule.
    Counted(Option<Figures>),
}

impl Inferences {
    pub(crate) fn new(state: ServicesState) -> Self {
        Self { state, recognised: OnceLock::new() }
    }

    /// The table, where it is of this chain.
    pub(crate) fn table(&self) -> Option<&Services> {
        match &self.state {
            ServicesState::Ready(services) => Some(services),
            _ => None,
        }
    }

    /// What of it can change an answer: the versions, and the block of the table. None where there is no table.
    pub(crate) fn basis(&self) -> Option<String> {
        let tip = match &self.state {
            ServicesState::Missing => return None,
            ServicesState::Left(tip) => Some(*tip),
            ServicesState::Ready(services) => services.manifest().tip,
        };
        let rules = RuleSet::shipped();
        Some(format!(
            "{}.{} {}",
            rules.figures_version,
            rules.version,
            tip.map_or_else(String::new, |t| t.hash.to_string())
        ))
    }

    fn recognised(&self, services: &Services) -> &FxHashMap<u32, u32> {
        self.recognised.get_or_init(|| {
            let rules = RuleSet::shipped();
            let found = services.iter().filter_map(|(root, figures)| Some((root.0, rules.first(&figures)?.id)));
            found.collect()
        })
    }
}

impl Engine {
    /// What can be said of the entity of an address.
    pub(crate) fn inferred(&self, address: AddressId) -> Inferred {
        let (Some(forest), Some(services)) = (&self.forest, self.inferences.table()) else {
            return match self.inferences.state {
                ServicesState::Left(tip) => Inferred::Left(tip),
                _ => Inferred::Missing,
            };
        };
        if self.guard.is_cut(forest, address) {
            return Inferred::Cut;
        }
        Inferred::Counted(services.figures(forest, address))
    }

    /// The number of the rule by which an address belongs to a service that no label names, for a trace to stop at. None
    /// where no rule matches, nothing was evaluated, the cut list cuts the entity, or the entity carries a label of its own
    /// in use: then that decides.
    pub fn inferred_rule(&self, address: AddressId) -> Option<u32> {
        let (forest, services) = (self.forest.as_ref()?, self.inferences.table()?);
        let recognised = self.inferences.recognised(services);
        if recognised.is_empty() {
            return None;
        }
        let rule = *recognised.get(&services.root(forest, address)?.0)?;
        if self.guard.is_cut(forest, address) || self.has_labels(address) {
            return None;
        }
        Some(rule)
    }

    /// The roots of the entities that a rule holds for services and no label names, in no order; none that the cut list cuts.
    pub(crate) fn inferred_roots(&self) -> Vec<AddressId> {
        let Some(services) = self.inferences.table() else { return Vec::new() };
        let roots = self.inferences.recognised(services).keys().map(|root| AddressId(*root));
        roots.filter(|root| self.inferred_rule(*root).is_some()).collect()
    }

    /// The name of a rule, as `exchange-like`; `unknown-rule` where no rule has that number.
    pub fn rule_name(&self, rule: u32) -> &'static str {
        rule_of(rule).map_or("unknown-rule", |rule| &rule.name)
    }

    /// Whether the entity of an address carries labels in use.
    pub(crate) fn has_labels(&self, address: AddressId) -> bool {
        self.known.of_entity(self.root_of(address)).is_some()
    }
}

fn rule_of(rule: u32) -> Option<&'static Rule> {
    RuleSet::shipped().rule(rule)
}
