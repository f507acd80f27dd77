//! The pipeline: plan, encode, write, and then the truth.

use crate::{
    Settings, SimulateError, Story,
    agents::Economy,
    blocks::{BlockFiles, BlockPlan, Disorder, Encoded, Encoder, FileEntry, HashedFile},
    profile::Profile,
    truth::{self, Counts},
};
use athar_chains::bitcoin::XorKey;
use athar_types::{Hash32, UnixTime};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs, io,
    num::NonZeroUsize,
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Blocks that wait between two stages.
const QUEUE_BLOCKS: usize = 16;

/// What is being written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Block files.
    Blocks,
    /// The truth and the analyst's files; short.
    Truth,
}

/// How far a simulation has come; told after every block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// What is being written.
    pub stage: Stage,
    /// Transactions written.
    pub txs: u64,
    /// Transactions wanted.
    pub txs_total: u64,
    /// Height of the last block written or held back for a few blocks.
    pub height: u32,
    /// Its time.
    pub time: UnixTime,
    /// Bytes of blocks and frames written.
    pub block_bytes: u64,
}

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Transactions on the best chain, coinbases and the genesis block's included.
    pub txs: u64,
    /// Blocks on the best chain, the genesis block included.
    pub blocks: u64,
    /// Blocks beside it.
    pub stale_blocks: u64,
    /// Spending inputs on the best chain.
    pub inputs: u64,
    /// Outputs on the best chain, without the commitments of coinbases.
    pub outputs: u64,
    /// Bytes of blocks and frames, the tail of zeros left out.
    pub block_bytes: u64,
    /// Files written, the manifest included.
    pub files: usize,
    /// Campaigns and look-alikes; 0 for a profile.
    pub campaigns: usize,
    /// SHA-256 over the hashes of all files (see the manifest).
    pub digest: String,
    /// Time of the last block.
    pub last_time: UnixTime,
}

/// Makes the blocks of a chain, one after the other.
pub(crate) trait Planner: Send {
    /// The next block; `None` at the end.
    fn next_block(&mut self) -> Option<BlockPlan>;
}

impl Planner for Economy {
    fn next_block(&mut self) -> Option<BlockPlan> {
        Self::next_block(self)
    }
}

/// Writes a world into [`Settings::out`].
///
/// `progress` is called on this thread after every block.
pub fn simulate(settings: &Settings, progress: &mut dyn FnMut(Progress)) -> Result<Summary, SimulateError> {
    settings.check()?;
    prepare(settings)?;
    match settings.story {
        Story::Economy => {
            let economy = Economy::new(settings.seed, settings.txs, settings.disorder, settings.campaigns);
            let (economy, chain) = run(settings, economy, progress)?;
            progress(chain.progress(settings, Stage::Truth));
            let (files, campaigns) = truth::write(settings, &economy, &chain.txids)?;
            let counts = Counts {
                keys: economy.world.keys.iter().len() as u64,
                actors: economy.world.actors.len() as u64,
                campaigns: campaigns as u64,
                ..chain.counts
            };
            finish(settings, chain, counts, &BTreeMap::new(), files)
        }
        Story::Profile => {
            let (profile, chain) =
                run(settings, Profile::new(settings.seed, settings.txs, settings.hub_permille), progress)?;
            let counts = Counts { keys: u64::from(profile.keys()), ..chain.counts.clone() };
            finish(settings, chain, counts, &profile.measured(), Vec::new())
        }
    }
}

fn finish(
    settings: &Settings,
    chain: Chain,
    counts: Counts,
    measured: &BTreeMap<&'static str, u64>,
    mut files: Vec<FileEntry>,
) -> Result<Summary, SimulateError> {
    files.extend(chain.files);
    let count = files.len() + 1;
    let digest = truth::write_manifest(settings, &counts, measured, files)?;
    Ok(Summary {
        txs: counts.txs,
        blocks: counts.blocks,
        stale_blocks: counts.stale_blocks,
        inputs: counts.inputs,
        outputs: counts.outputs,
        block_bytes: counts.block_bytes,
        files: count,
        campaigns: counts.campaigns as usize,
        digest,
        last_time: UnixTime(counts.last_time as u32),
    })
}

/// Makes the folder, and refuses one that holds anything else than an earlier world that may be replaced.
fn prepare(settings: &Settings) -> Result<(), SimulateError> {
    let root = &settings.out;
    fs::create_dir_all(root).map_err(SimulateError::io(root))?;
    let manifest = root.join(truth::MANIFEST);
    if settings.overwrite && is_ours(&manifest) {
        // the manifest goes first: what is left by an interruption does not look whole
        fs::remove_file(&manifest).map_err(SimulateError::io(&manifest))?;
        for name in ["blocks", "analyst", "truth"] {
            let folder = root.join(name);
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(SimulateError::io(folder)(error)),
                _ => {}
            }
        }
    }
    match fs::read_dir(root).map_err(SimulateError::io(root))?.next() {
        None => Ok(()),
        Some(_) => Err(SimulateError::NotEmpty { path: root.clone() }),
    }
}

/// Whether a file is a manifest that this program wrote.
fn is_ours(path: &Path) -> bool {
    let Ok(text) = fs::read(path) else { return false };
    let value: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
    value.is_some_and(|v| v["program"] == env!("CARGO_PKG_NAME"))
}

/// A written chain.
struct Chain {
    txids: Vec<Hash32>,
    counts: Counts,
    files: Vec<FileEntry>,
}

impl Chain {
    fn progress(&self, settings: &Settings, stage: Stage) -> Progress {
        Progress {
            stage,
            txs: self.counts.txs,
            txs_total: u64::from(settings.txs),
            height: self.counts.blocks.saturating_sub(1) as u32,
            time: UnixTime(self.counts.last_time as u32),
            block_bytes: self.counts.block_bytes,
        }
    }
}

/// Runs the three stages until the planner has no more blocks; gives it back.
fn run<P: Planner>(
    settings: &Settings,
    planner: P,
    progress: &mut dyn FnMut(Progress),
) -> Result<(P, Chain), SimulateError> {
    let threads = settings.threads.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| SimulateError::Threads { threads, reason: e.to_string() })?;
    let entities = settings.entities && settings.story == Story::Economy;
    let encoder = Encoder::new(settings.seed, settings.txs, entities, pool.current_num_threads() > 1);
    let (plan_out, plan_in) = sync_channel(QUEUE_BLOCKS);
    let (block_out, block_in) = sync_channel(QUEUE_BLOCKS);
    // a stage that ends early drops its end of a channel, and the stages before it end too
    thread::scope(|scope| {
        let planner = scope.spawn(move || plan(planner, &plan_out));
        let encoder = scope.spawn(move || pool.install(move || encode(encoder, plan_in, block_out)));
        let written = write(settings, entities, block_in, progress);
        let planner = planner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let encoder = encoder.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (counts, files) = written?;
        Ok((planner, Chain { txids: encoder.into_txids(), counts, files }))
    })
}

fn plan<P: Planner>(mut planner: P, out: &SyncSender<BlockPlan>) -> P {
    while let Some(plan) = planner.next_block() {
        if out.send(plan).is_err() {
            break;
        }
    }
    planner
}

fn encode(mut encoder: Encoder, plans: Receiver<BlockPlan>, out: SyncSender<Encoded>) -> Encoder {
    let mut open = out.send(encoder.genesis()).is_ok();
    while open && let Ok(plan) = plans.recv() {
        open = out.send(encoder.encode(&plan)).is_ok();
    }
    encoder
}

fn write(
    settings: &Settings,
    entities: bool,
    blocks: Receiver<Encoded>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Counts, Vec<FileEntry>), SimulateError> {
    let key = if settings.xor { xor_key(settings.seed) } else { XorKey::default() };
    let mut files = BlockFiles::create(&settings.out, key, settings.file_len_max, settings.tail_multiple)?;
    let mut rows = None;
    if entities {
        let mut file = HashedFile::create(&settings.out, "truth/entities.csv")?;
        file.put(truth::ENTITIES_HEAD)?;
        rows = Some(file);
    }
    let mut order = Disorder::new(settings.seed, settings.disorder);
    let mut counts = Counts::default();
    for block in blocks {
        counts.txs += block.txs as u64;
        counts.inputs += block.inputs as u64;
        counts.outputs += block.outputs as u64;
        counts.blocks += 1;
        counts.stale_blocks += block.stale.len() as u64;
        counts.last_time = u64::from(block.time);
        if let Some(file) = &mut rows {
            file.put(&block.rows)?;
        }
        let (height, time) = (block.height, UnixTime(block.time));
        order.push(block, |bytes| files.put(bytes))?;
        counts.block_bytes = files.bytes;
        progress(Progress {
            stage: Stage::Blocks,
            txs: counts.txs,
            txs_total: u64::from(settings.txs),
            height,
            time,
            block_bytes: files.bytes,
        });
    }
    order.finish(|bytes| files.put(bytes))?;
    counts.block_bytes = files.bytes;
    let mut done = files.close()?;
    if let Some(file) = rows {
        done.push(file.close(0)?);
    }
    Ok((counts, done))
}

/// The key of `xor.dat`.
fn xor_key(seed: u64) -> XorKey {
    let mut hash = Sha256::new();
    hash.update(b"athar-simulate/xor/");
    hash.update(seed.to_le_bytes());
    let mut key = [0; 8];
    key.copy_from_slice(&hash.finalize()[..8]);
    XorKey(key)
}
