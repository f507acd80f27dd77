//! How often the rules were right in worlds whose truth is known.
//!
//! `data/service_rates.json` is written by `athar bench services --write`, never by hand.

use crate::Tally;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// How often one rule was right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRate {
    /// The rule.
    pub rule: String,
    /// Entities that it recognised; wrong: their main owner pools nobody's money.
    pub entities: Tally,
    /// The same entities; wrong: their main owner is no service of the rule's own kinds.
    pub of_kind: Tally,
    /// Payments of others that a trace would stop at by it; wrong: to addresses of somebody who pools nobody's money.
    pub payments: Tally,
}

/// How many of those there are were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRate {
    /// Services; wrong: none of their entities was recognised.
    pub services: Tally,
    /// Payments of others to them; wrong: no trace would stop there.
    pub payments: Tally,
}

/// What was found of one kind of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFound {
    /// The kind, as the worlds name it.
    pub kind: String,
    /// How many were missed.
    pub found: FoundRate,
}

/// One world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldRate {
    /// Its seed.
    pub seed: u64,
    /// By rule, in the order of the rules.
    pub rules: Vec<RuleRate>,
    /// How many services were missed.
    pub found: FoundRate,
    /// Entities that hold addresses of campaigns and look-alikes; wrong: recognised.
    pub campaigns: Tally,
}

/// Entities of somebody who pools nobody's money, by what that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongStop {
    /// What the owner is, as `campaign static_donation`, `charity`, `person`.
    pub kind: String,
    /// Entities; wrong: recognised.
    pub entities: Tally,
}

/// All rates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRates {
    /// [`super::RuleSet::version`] that they were measured with.
    pub rules_version: u32,
    /// [`super::FIGURES_VERSION`].
    pub figures_version: u32,
    /// The worlds, in words.
    pub sets: Vec<String>,
    /// By rule, over all worlds.
    pub rules: Vec<RuleRate>,
    /// By kind of service, over all worlds.
    pub kinds: Vec<KindFound>,
    /// Over all worlds and kinds.
    pub found: FoundRate,
    /// Campaigns and look-alikes over all worlds; wrong: recognised.
    pub campaigns: Tally,
    /// Of those, the ones that do enough to have figures at all: the others no rule can recognise.
    pub campaigns_counted: Tally,
    /// Who else must not be recognised.
    pub others: Vec<WrongStop>,
    /// By world.
    pub worlds: Vec<WorldRate>,
}

impl ServiceRates {
    /// The rates that come with the program.
    ///
    /// # Panics
    /// Where the file compiled in is damaged; a test reads it.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<ServiceRates> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../../data/service_rates.json")).expect("the shipped rates of services")
        });
        &SHIPPED
    }

    /// The rate of a rule over all worlds.
    pub fn of(&self, rule: &str) -> Option<&RuleRate> {
        self.rules.iter().find(|r| r.rule == rule)
    }
}
