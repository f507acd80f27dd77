//! Worlds to run patterns over, made one after the other in a temporary folder.

use super::rates::{PatternRate, PatternRates, RateStatus, Tuning, WorldSet};
use super::{Asked, ROWS, Run, Score, Truth, Verdict, accounts, dealings, score, shapes};
use crate::MeasureError;
use athar_engine::write::{IngestSettings, MEMORY_BYTES, import_labels, import_lists, import_prices, ingest_bitcoin};
use athar_engine::{Chain, Clustering, Day, EngineError, PricesOptions};
use athar_lists::ReadOptions;
use athar_simulate::account::AccountWorldSettings;
use athar_simulate::{CampaignSet, Settings, simulate};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The day on which labels and prices are imported, after the worlds' end: 2026-01-01. A fixed one, so that the figures do not
/// depend on when they are made.
const TODAY: Day = Day(20_454);

/// Which worlds to run patterns over.
#[derive(Clone, Debug)]
pub struct PatternWorlds {
    /// Seeds. Rules are tuned on seeds 1 to 99; nothing may be tuned on 900 to 999.
    pub seeds: Vec<u64>,
    /// Transactions in each world of bitcoin.
    pub txs: u32,
    /// Which campaigns they have.
    pub campaigns: CampaignSet,
    /// People in each of the two worlds of accounts that go with each world of bitcoin; 0 for none, and rows 11, 12 and 22 unmeasured.
    pub people: u32,
    /// Where worlds and stores are kept, each in a folder named after its seed; otherwise they are removed.
    pub keep: Option<PathBuf>,
    /// Alters the settings of the worlds of accounts; for tests, which have no time for large ones.
    pub change: fn(AccountWorldSettings) -> AccountWorldSettings,
}

impl PatternWorlds {
    /// Seeds on which rules may be tuned.
    pub const TUNING: std::ops::RangeInclusive<u64> = 1..=99;
    /// Seeds on which nothing may be tuned.
    pub const HELD_ASIDE: std::ops::RangeInclusive<u64> = 900..=999;
}

impl Default for PatternWorlds {
    /// What the published figures are of.
    fn default() -> Self {
        Self {
            seeds: (900..910).collect(),
            txs: 3_000_000,
            campaigns: CampaignSet::Rare,
            people: 80_000,
            keep: None,
            change: |settings| settings,
        }
    }
}

/// What was counted so far.
#[derive(Default)]
struct Sums {
    /// By row: the score, and transactions of the worlds that it is of.
    rows: BTreeMap<u32, (Score, u64)>,
    txs: u64,
    addresses: u64,
    campaign_addresses: u64,
}

impl Sums {
    /// Adds what a world's truth says of some rows.
    fn add_rows(&mut self, truth: &Truth, scores: &BTreeMap<u32, Score>) {
        for (row, score) in scores {
            let own = self.rows.entry(*row).or_default();
            own.0.add(score);
            own.1 += truth.txs;
        }
    }

    /// The same, and counts the world.
    fn add(&mut self, truth: &Truth, scores: &BTreeMap<u32, Score>) {
        self.add_rows(truth, scores);
        self.txs += truth.txs;
        self.addresses += truth.addresses;
        self.campaign_addresses += truth.campaign_addresses();
    }

    fn rates(self, sets: Vec<WorldSet>) -> PatternRates {
        let row = |(row, pattern): (u32, &str)| {
            let found = self.rows.get(&row);
            let (score, txs) = found.cloned().unwrap_or_default();
            PatternRate {
                row,
                pattern: pattern.into(),
                status: if found.is_some() { RateStatus::Measured } else { RateStatus::Unmeasured },
                look_alikes: score.look_alikes(),
                reaches: score.anchored.reaches(),
                all: score.all,
                anchored: score.anchored,
                outside: score.outside,
                txs,
            }
        };
        PatternRates {
            sets,
            txs: self.txs,
            addresses: self.addresses,
            campaign_addresses: self.campaign_addresses,
            rows: ROWS.into_iter().map(row).collect(),
        }
    }
}

/// Makes every world, runs the patterns over it and scores their hits. `progress` is told each world as it begins.
pub fn measure_patterns(
    worlds: &PatternWorlds,
    run: &Run<'_>,
    progress: &mut dyn FnMut(&str),
    see: &mut dyn FnMut(u64, Verdict),
) -> Result<PatternRates, MeasureError> {
    let mut sums = Sums::default();
    for seed in &worlds.seeds {
        progress(&format!("world {seed}"));
        economy(worlds, *seed, run, &mut sums, see)?;
    }
    let (aside, tuning) = (PatternWorlds::HELD_ASIDE, PatternWorlds::TUNING);
    let tuning = if worlds.seeds.iter().all(|seed| aside.contains(seed)) {
        Tuning::HeldAside
    } else if worlds.seeds.iter().any(|seed| tuning.contains(seed)) {
        Tuning::Tuned
    } else {
        Tuning::Neither
    };
    let set = WorldSet {
        txs: worlds.txs,
        campaigns: worlds.campaigns.name().to_owned(),
        people: worlds.people,
        seeds: worlds.seeds.clone(),
        tuning,
    };
    Ok(sums.rates(vec![set]))
}

fn economy(
    worlds: &PatternWorlds,
    seed: u64,
    run: &Run<'_>,
    sums: &mut Sums,
    see: &mut dyn FnMut(u64, Verdict),
) -> Result<(), MeasureError> {
    let in_temp = |source| MeasureError::Io { path: std::env::temp_dir(), source };
    let folder = tempfile::Builder::new().prefix("athar-measure-").tempdir().map_err(in_temp)?;
    let root = worlds.keep.as_ref().map_or_else(|| folder.path().to_owned(), |keep| keep.join(seed.to_string()));
    let (world, store) = (root.join("world"), root.join("store"));
    let settings = Settings { campaigns: worlds.campaigns, ..Settings::economy(seed, worlds.txs, &world) };
    simulate(&settings, &mut |_| ()).map_err(|source| MeasureError::Simulate { seed, source })?;
    fill(&store, &world).map_err(|source| MeasureError::Engine { seed, source: Box::new(source) })?;
    // what the patterns do not need is not kept while they run
    let blocks = world.join("blocks");
    std::fs::remove_dir_all(&blocks).map_err(|source| MeasureError::Io { path: blocks, source })?;
    let events = world.join("analyst/events.csv");
    let events = events.exists().then_some(events.as_path());
    let asked = Asked { store: &store, chains: &[Chain::Bitcoin], events, only: &[] };
    let wrong = |what| MeasureError::Patterns { seed, what };
    let mut hits = run(&asked).map_err(wrong)?;
    let mut truth = Truth::of_economy(&world)?;
    shapes::add(&mut truth, &store, seed)?;
    sums.add(&truth, &score(&truth, &hits, &mut |verdict| see(seed, verdict)));
    let contacts = dealings::contacts(&truth, &store, &world, seed)?;
    sums.add_rows(&contacts, &score(&contacts, &hits, &mut |verdict| see(seed, verdict)));
    if worlds.people > 0 {
        let truth = accounts::fill(&store, &world, seed, worlds.people, TODAY, worlds.change)?;
        // what concerns several chains may be told on any of them
        let chains = [Chain::Bitcoin, accounts::CHAINS[0], accounts::CHAINS[1]];
        hits = run(&Asked { chains: &chains, only: &ids(&truth.rows), ..asked }).map_err(wrong)?;
        sums.add(&truth, &score(&truth, &hits, &mut |verdict| see(seed, verdict)));
    }
    // last: a list raises what it names for every other rule
    let (list, listed) = dealings::list(&truth, &store, &world, seed)?;
    let lists = import_lists(&store, &[list], &ReadOptions::default(), TODAY);
    lists.map_err(|source| MeasureError::Engine { seed, source: Box::new(source) })?;
    hits = run(&Asked { only: &ids(&listed.rows), ..asked }).map_err(wrong)?;
    sums.add_rows(&listed, &score(&listed, &hits, &mut |verdict| see(seed, verdict)));
    Ok(())
}

/// The patterns of some rows.
fn ids(rows: &[u32]) -> Vec<&'static str> {
    ROWS.into_iter().filter(|(row, _)| rows.contains(row)).map(|(_, id)| id).collect()
}

/// Reads a world's blocks into a store, and what an analyst would know.
fn fill(store: &Path, world: &Path) -> Result<(), EngineError> {
    let how = IngestSettings { network: None, memory_bytes: MEMORY_BYTES, clusterings: vec![Clustering::strict()] };
    ingest_bitcoin(store, &world.join("blocks"), how, &mut |_| true)?;
    import_labels(store, &[world.join("analyst/labels.csv")], TODAY, None)?;
    let prices = PricesOptions { today: TODAY, ..PricesOptions::default() };
    import_prices(store, &[world.join("analyst/prices.csv")], &prices)?;
    Ok(())
}
