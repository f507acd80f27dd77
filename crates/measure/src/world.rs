//! Simulated worlds, measured one after the other.

use crate::clusters::Clusters;
use crate::ties::{ties, year};
use crate::{ALL_ERAS, MeasureError, Owners, SIMULATED, Tally};
use athar_engine::write::{IngestSettings, MEMORY_BYTES, ingest_bitcoin};
use athar_engine::{Clustering, EngineError};
use athar_entities::{
    ClusteringRate, DepositRate, ErrorRates, Forest, HEURISTICS_VERSION, Heuristic, HeuristicRate, Links,
    SERVICE_ADDRESSES_MIN, Settings, deposits,
};
use athar_ledger::{Ledger, Store};
use athar_types::{AddressId, Chain, Height, TxNum};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Which worlds to measure, and what on them.
#[derive(Clone, Debug)]
pub struct Worlds {
    /// Seeds; none of them may have been looked at while a rule was made.
    pub seeds: Vec<u64>,
    /// Transactions in each world.
    pub txs: u32,
    /// The clusterings.
    pub clusterings: Vec<Clustering>,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// By heuristic and era.
    heuristics: BTreeMap<(Heuristic, String), Tally>,
    /// By clustering, in the order asked, and era: the figures and how many worlds they are of.
    clusterings: BTreeMap<(usize, String), (Clusters, usize)>,
    deposits: DepositRate,
}

/// Simulates every world in a temporary folder, builds its entities and holds them against the truth. `progress` is told
/// each world's seed as it begins.
pub fn measure(worlds: &Worlds, progress: &mut dyn FnMut(u64)) -> Result<ErrorRates, MeasureError> {
    let mut measured = Measured::default();
    for seed in &worlds.seeds {
        progress(*seed);
        measured.add(worlds, *seed)?;
    }
    Ok(measured.rates(worlds))
}

impl Measured {
    fn add(&mut self, worlds: &Worlds, seed: u64) -> Result<(), MeasureError> {
        let in_temp = |source| MeasureError::Io { path: std::env::temp_dir(), source };
        let folder = tempfile::Builder::new().prefix("athar-measure-").tempdir().map_err(in_temp)?;
        let (world, store) = (folder.path().join("world"), folder.path().join("store"));
        let settings = athar_simulate::Settings::economy(seed, worlds.txs, &world);
        athar_simulate::simulate(&settings, &mut |_| ()).map_err(|source| MeasureError::Simulate { seed, source })?;
        let mut told: BTreeSet<Heuristic> = BTreeSet::new();
        for (place, clustering) in worlds.clusterings.iter().enumerate() {
            let wrong = |source: EngineError| MeasureError::Engine { seed, source: Box::new(source) };
            let clusterings = vec![clustering.clone()];
            let settings = IngestSettings { network: None, memory_bytes: MEMORY_BYTES, clusterings };
            ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true).map_err(wrong)?;
            let (ledger, forest) = opened(&store, clustering).map_err(wrong)?;
            let owners = Owners::read(&world.join("truth/entities.csv"), &ledger)?;
            // a heuristic that several clusterings use makes the same ties in each
            let new = ties(&ledger, &forest, &owners).into_iter().filter(|((h, _), _)| !told.contains(h));
            let new: Vec<_> = new.collect();
            told.extend(new.iter().map(|((heuristic, _), _)| *heuristic));
            for (key, tally) in new {
                let sum = self.heuristics.entry(key).or_default();
                sum.wrong += tally.wrong;
                sum.of += tally.of;
            }
            self.hold(place, &ledger, &forest, &owners);
            if place == 0 {
                self.recognise(&ledger, &forest, &owners);
            }
        }
        Ok(())
    }

    fn hold(&mut self, place: usize, ledger: &Ledger, forest: &Forest, owners: &Owners) {
        for (era, end) in ends(ledger) {
            let addresses = ledger.addresses_before(TxNum(end.0 + 1));
            let found = Clusters::count(owners, addresses, |a| forest.find_as_of(a, end));
            // the genesis block has a year of its own, and nothing to pair
            if found.owner_pairs.of > 0 {
                let (sum, worlds) = self.clusterings.entry((place, era)).or_default();
                sum.add(&found);
                *worlds += 1;
            }
        }
    }
}

impl Measured {
    /// Holds the recognition of deposit addresses against the truth, in entities that are large enough to count as services.
    fn recognise(&mut self, ledger: &Ledger, forest: &Forest, owners: &Owners) {
        let large = |a: &AddressId| forest.size(*a) >= SERVICE_ADDRESSES_MIN;
        for address in (0..owners.len()).map(AddressId).filter(large) {
            let (held, is) = (deposits(ledger, forest, address).is_some(), owners.is_deposit(address));
            if held {
                self.deposits.wrong.add(!is);
            }
            if is && ledger.address_outputs(address).any(|o| ledger.spent_by(o).is_some()) {
                self.deposits.missed.add(!held);
            }
        }
    }

    fn rates(self, worlds: &Worlds) -> ErrorRates {
        let seeds: Vec<String> = worlds.seeds.iter().map(ToString::to_string).collect();
        let heuristics = self.heuristics.into_iter();
        // a last year that only some worlds reach would stand for fewer addresses than the year before it
        let clusterings = self.clusterings.into_iter().filter(|(_, (_, of))| *of == worlds.seeds.len());
        ErrorRates {
            deposits: self.deposits,
            heuristics_version: HEURISTICS_VERSION,
            sets: vec![format!(
                "{SIMULATED}: worlds of {} transactions with the seeds {}, on which nothing was tuned",
                worlds.txs,
                seeds.join(", ")
            )],
            heuristics: heuristics
                .map(|((heuristic, era), ties)| HeuristicRate { heuristic, set: SIMULATED.into(), era, ties })
                .collect(),
            clusterings: clusterings
                .map(|((place, era), (found, _))| ClusteringRate {
                    clustering: worlds.clusterings[place].to_string(),
                    set: SIMULATED.into(),
                    era,
                    pairs: found.pairs,
                    owner_pairs: found.owner_pairs,
                    entities: found.entities,
                    owners: found.owners,
                    recall_per_owner_millionths: found.recall_per_owner_millionths(),
                    precision_per_entity_millionths: found.precision_per_entity_millionths(),
                })
                .collect(),
        }
    }
}

fn opened(store: &Path, clustering: &Clustering) -> Result<(Ledger, Forest), EngineError> {
    let settings = Settings::from(clustering);
    let missing = || EngineError::Empty { chain: Chain::Bitcoin, folder: store.into() };
    let ledger = Store::open(store)?.ledger(Chain::Bitcoin)?.ok_or_else(missing)?;
    let forest = Forest::open(store, &ledger, &settings)?.ok_or_else(missing)?;
    Ok((ledger, forest))
}

/// The last transaction of each year, by its name, and that of the chain as [`ALL_ERAS`].
fn ends(ledger: &Ledger) -> BTreeMap<String, TxNum> {
    let mut ends = BTreeMap::new();
    for block in (0..ledger.block_count()).filter_map(|height| ledger.block(Height(height))) {
        let last = TxNum(block.txs.end.saturating_sub(1));
        ends.insert(year(ledger, block.height), last);
        ends.insert(ALL_ERAS.into(), last);
    }
    ends
}
