//! Services recognised by rules against worlds whose truth names the services.
//!
//! Three questions, each by world and over all: of the entities that a rule recognises, how many pool nobody's money
//! (precision); of the services there are, how many have no recognised entity (recall); and both again by payments,
//! since a trace stops at payments, not at entities. What matters most stands apart: campaigns at which a trace would
//! wrongly end.

pub mod table;

use crate::truth::{Actors, Campaign, is_pooling};
use crate::{MeasureError, Owners};
use athar_engine::write::{IngestSettings, MEMORY_BYTES, ingest_bitcoin};
use athar_engine::{Clustering, EngineError};
use athar_entities::services::{
    FIGURES_VERSION, Figures, FoundRate, KindFound, RuleRate, RuleSet, ServiceRates, Services, ServicesState,
    WorldRate, WrongStop,
};
use athar_entities::{Forest, Links, Settings, Tally};
use athar_ledger::{Ledger, Store};
use athar_types::{AddressId, Chain, TxNum};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Which worlds to measure.
#[derive(Clone, Debug)]
pub struct ServiceWorlds {
    /// Seeds; none of them may have been looked at while a bound was chosen.
    pub seeds: Vec<u64>,
    /// Transactions in each world.
    pub txs: u32,
}

/// An entity that has figures, with what its main owner is: what bounds are chosen by.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// The world.
    pub seed: u64,
    /// What owns most of its addresses: a kind of actor, or a campaign.
    pub owner: String,
    /// The rule that recognises it, if one does.
    pub rule: Option<String>,
    /// Of 1,000 addresses that were looked at, how many are used as a deposit address.
    pub deposit_permille: Option<u32>,
    /// The figures.
    pub figures: Figures,
}

/// Simulates every world in a temporary folder, and holds what the shipped rules say of it against the truth. `progress` is told
/// each world's seed as it begins, `see` every entity that has figures.
pub fn measure_services(
    worlds: &ServiceWorlds,
    progress: &mut dyn FnMut(u64),
    see: &mut dyn FnMut(Candidate),
) -> Result<ServiceRates, MeasureError> {
    let rules = RuleSet::shipped();
    let mut all = Sums::default();
    let mut by_world = Vec::new();
    for seed in &worlds.seeds {
        progress(*seed);
        let world = World::make(*seed, worlds.txs)?;
        let sums = world.count(rules, *seed, see);
        by_world.push(WorldRate {
            seed: *seed,
            rules: sums.rules(rules),
            found: sums.found(),
            campaigns: sums.campaigns(),
        });
        all.add(sums);
    }
    let seeds: Vec<String> = worlds.seeds.iter().map(ToString::to_string).collect();
    Ok(ServiceRates {
        rules_version: rules.version,
        figures_version: FIGURES_VERSION,
        sets: vec![format!(
            "simulated: worlds of {} transactions with the seeds {}, on which no bound was chosen",
            worlds.txs,
            seeds.join(", ")
        )],
        rules: all.rules(rules),
        kinds: all.kinds.iter().map(|(kind, found)| KindFound { kind: kind.clone(), found: *found }).collect(),
        found: all.found(),
        campaigns: all.campaigns(),
        campaigns_counted: all.campaigns_counted,
        others: all
            .others
            .iter()
            .map(|(kind, entities)| WrongStop { kind: kind.clone(), entities: *entities })
            .collect(),
        worlds: by_world,
    })
}

/// A world in a store, with its truth.
struct World {
    ledger: Ledger,
    forest: Forest,
    services: Services,
    owners: Owners,
    actors: Actors,
    campaigns: Vec<Campaign>,
    // the store is mapped: it goes last
    _folder: tempfile::TempDir,
}

impl World {
    fn make(seed: u64, txs: u32) -> Result<Self, MeasureError> {
        let in_temp = |source| MeasureError::Io { path: std::env::temp_dir(), source };
        let folder = tempfile::Builder::new().prefix("athar-measure-").tempdir().map_err(in_temp)?;
        let (world, store) = (folder.path().join("world"), folder.path().join("store"));
        let settings = athar_simulate::Settings::economy(seed, txs, &world);
        athar_simulate::simulate(&settings, &mut |_| ()).map_err(|source| MeasureError::Simulate { seed, source })?;
        let wrong = |source: EngineError| MeasureError::Engine { seed, source: Box::new(source) };
        let clusterings = vec![Clustering::strict()];
        let how = IngestSettings { network: None, memory_bytes: MEMORY_BYTES, clusterings };
        ingest_bitcoin(&store, &world.join("blocks"), how, &mut |_| true).map_err(wrong)?;
        let (ledger, forest, services) = opened(&store).map_err(wrong)?;
        Ok(Self {
            owners: Owners::read(&world.join("truth/entities.csv"), &ledger)?,
            actors: Actors::read(&world.join("truth/actors.csv"))?,
            campaigns: Campaign::read(&world.join("truth/campaigns.json"), &ledger)?,
            ledger,
            forest,
            services,
            _folder: folder,
        })
    }

    /// What most addresses of each entity belong to.
    fn main_owners(&self) -> FxHashMap<u32, u32> {
        let mut cells: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        for address in (0..self.owners.len()).map(AddressId) {
            if let Some(owner) = self.owners.of(address) {
                *cells.entry((self.forest.find(address).0, owner)).or_default() += 1;
            }
        }
        let mut most: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
        for ((root, owner), count) in cells {
            let own = most.entry(root).or_insert((0, owner));
            // of two with as many, the lower number
            *own = (*own).max_by_count(count, owner);
        }
        most.into_iter().map(|(root, (_, owner))| (root, owner)).collect()
    }

    fn count(&self, rules: &RuleSet, seed: u64, see: &mut dyn FnMut(Candidate)) -> Sums {
        let mut sums = Sums::default();
        let main = self.main_owners();
        let kind_of = |root: u32| main.get(&root).map_or("", |owner| self.actors.kind(*owner));
        // entities of campaigns, each once, by the first that names it
        let mut campaigns: BTreeMap<u32, &str> = BTreeMap::new();
        for campaign in &self.campaigns {
            for address in &campaign.addresses {
                campaigns.entry(self.forest.find(*address).0).or_insert(&campaign.kind);
            }
        }
        let mut recognised: FxHashMap<u32, usize> = FxHashMap::default();
        let mut found: FxHashSet<u32> = FxHashSet::default();
        for (root, figures) in self.services.iter() {
            let rule = rules.rules.iter().position(|rule| rule.matches(&figures));
            let kind = kind_of(root.0);
            if let Some(at) = rule {
                recognised.insert(root.0, at);
                found.extend(main.get(&root.0));
                let rate = sums.by_rule.entry(at).or_default();
                rate.entities.add(!is_pooling(kind));
                rate.of_kind.add(!rules.rules[at].kinds.iter().any(|own| own == kind));
            }
            if campaigns.contains_key(&root.0) {
                sums.campaigns_counted.add(rule.is_some());
            } else if !is_pooling(kind) {
                sums.others.entry(kind.into()).or_default().add(rule.is_some());
            }
            see(Candidate {
                seed,
                owner: campaigns.get(&root.0).map_or(kind, |campaign| campaign).into(),
                rule: rule.map(|at| rules.rules[at].name.clone()),
                deposit_permille: (figures.sampled > 0).then(|| 1000 * figures.deposits / figures.sampled),
                figures,
            });
        }
        for (root, kind) in campaigns {
            sums.others.entry(kind.into()).or_default().add(recognised.contains_key(&root));
        }
        let paid: FxHashSet<u32> = (0..self.owners.len()).filter_map(|a| self.owners.of(AddressId(a))).collect();
        for (actor, kind) in self.actors.iter().filter(|(actor, kind)| is_pooling(kind) && paid.contains(actor)) {
            sums.kinds.entry(kind.into()).or_default().services.add(!found.contains(&actor));
        }
        self.payments(&recognised, &mut sums);
        sums
    }

    /// Every output that somebody pays to somebody else, where both are known and the transaction is one person's.
    fn payments(&self, recognised: &FxHashMap<u32, usize>, sums: &mut Sums) {
        for tx in (0..self.ledger.tx_count()).map(TxNum).filter(|tx| self.forest.coinjoin(*tx).is_none()) {
            let payer = self.ledger.inputs(tx).find_map(|input| input.address.and_then(|a| self.owners.of(a)));
            let Some(payer) = payer else { continue };
            for address in self.ledger.outputs(tx).filter_map(|output| output.address) {
                let Some(owner) = self.owners.of(address).filter(|owner| *owner != payer) else { continue };
                let kind = self.actors.kind(owner);
                let rule = recognised.get(&self.forest.find(address).0);
                if let Some(rule) = rule {
                    sums.by_rule.entry(*rule).or_default().payments.add(!is_pooling(kind));
                }
                if is_pooling(kind) {
                    sums.kinds.entry(kind.into()).or_default().payments.add(rule.is_none());
                }
            }
        }
    }
}

/// Picks the larger of two counted owners.
trait MaxByCount {
    fn max_by_count(self, count: u32, owner: u32) -> Self;
}

impl MaxByCount for (u32, u32) {
    fn max_by_count(self, count: u32, owner: u32) -> Self {
        if count > self.0 || (count == self.0 && owner < self.1) { (count, owner) } else { self }
    }
}

#[derive(Clone, Copy, Default)]
struct RuleSums {
    entities: Tally,
    of_kind: Tally,
    payments: Tally,
}

/// What was counted in one world, or in several.
#[derive(Default)]
struct Sums {
    /// By the place of the rule.
    by_rule: BTreeMap<usize, RuleSums>,
    /// By kind of service.
    kinds: BTreeMap<String, FoundRate>,
    /// By what else an entity is.
    others: BTreeMap<String, Tally>,
    /// Entities of campaigns that have figures.
    campaigns_counted: Tally,
}

fn plus(sum: &mut Tally, more: Tally) {
    sum.wrong += more.wrong;
    sum.of += more.of;
}

impl Sums {
    fn add(&mut self, other: Self) {
        for (at, more) in other.by_rule {
            let own = self.by_rule.entry(at).or_default();
            plus(&mut own.entities, more.entities);
            plus(&mut own.of_kind, more.of_kind);
            plus(&mut own.payments, more.payments);
        }
        for (kind, more) in other.kinds {
            let own = self.kinds.entry(kind).or_default();
            plus(&mut own.services, more.services);
            plus(&mut own.payments, more.payments);
        }
        plus(&mut self.campaigns_counted, other.campaigns_counted);
        for (kind, more) in other.others {
            plus(self.others.entry(kind).or_default(), more);
        }
    }

    fn rules(&self, rules: &RuleSet) -> Vec<RuleRate> {
        let rate = |(at, rule): (usize, &athar_entities::services::Rule)| {
            let RuleSums { entities, of_kind, payments } = self.by_rule.get(&at).copied().unwrap_or_default();
            RuleRate { rule: rule.name.clone(), entities, of_kind, payments }
        };
        rules.rules.iter().enumerate().map(rate).collect()
    }

    fn found(&self) -> FoundRate {
        let mut found = FoundRate::default();
        for more in self.kinds.values() {
            plus(&mut found.services, more.services);
            plus(&mut found.payments, more.payments);
        }
        found
    }

    fn campaigns(&self) -> Tally {
        let mut sum = Tally::default();
        let told = |kind: &str| kind.starts_with("campaign ") || kind.starts_with("look-alike ");
        self.others.iter().filter(|(kind, _)| told(kind)).for_each(|(_, more)| plus(&mut sum, *more));
        sum
    }
}

fn opened(store: &Path) -> Result<(Ledger, Forest, Services), EngineError> {
    let missing = || EngineError::Empty { chain: Chain::Bitcoin, folder: store.into() };
    let ledger = Store::open(store)?.ledger(Chain::Bitcoin)?.ok_or_else(missing)?;
    let forest = Forest::open(store, &ledger, &Settings::default())?.ok_or_else(missing)?;
    match Services::open(&forest, &ledger)? {
        ServicesState::Ready(services) => Ok((ledger, forest, *services)),
        _ => Err(missing()),
    }
}
