//! The follower from beginning to end: its state, its turns, and what it tells.

use super::chain::{ChainSync, News};
use super::event::{FollowEvent, Happening, Observer};
use super::files::LiveFiles;
use super::pool::PoolSync;
use super::rebuild::Rebuild;
use super::{FollowSettings, FollowSummary};
use crate::error::EngineError;
use crate::write::Stage;
use athar_ingest::BlockFiles;
use athar_ledger::{Disk, LedgerError, Store, StoreLock};
use athar_node::{Backoff, ChainInfo, Change, Feed, NodeError, Removal, Rpc};
use athar_types::{Chain, Hash32};
use std::{
    collections::VecDeque,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A store that lacks this many blocks reads block files first, where they are given.
const FAR_BEHIND: u32 = 144;
/// The longest pause without looking at anything.
const IDLE: Duration = Duration::from_millis(100);

pub(super) struct Follower<'a> {
    pub(super) settings: &'a FollowSettings,
    pub(super) stop: &'a AtomicBool,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) rpc: Rpc,
    pub(super) chain: ChainSync,
    pub(super) pool: PoolSync,
    pub(super) files: LiveFiles,
    pub(super) rebuild: Rebuild,
    pub(super) feed: Option<Feed>,
    /// Per address: whether it is connected, and since when it is not.
    pub(super) sockets: Vec<Result<(), Instant>>,
    /// Whether the node publishes the sequence on one of the addresses.
    pub(super) has_sequence: bool,
    pub(super) has_raw_block: bool,
    pub(super) started: Instant,
    /// When the node was last found to run, to tell a restart from a break.
    pub(super) seen_up: Instant,
    /// Since when the node does not answer.
    pub(super) down: Option<Instant>,
    /// Since when it answers, but not as it should.
    pub(super) failing: Option<Instant>,
    pub(super) backoff: Backoff,
    pub(super) retry_at: Instant,
    /// Since when the node is known to have another tip.
    pub(super) behind: Option<Instant>,
    /// Whether the block itself may still be published.
    pub(super) is_body_coming: bool,
    pub(super) named: VecDeque<Hash32>,
    pub(super) unnamed: Option<(Hash32, Instant)>,
    pub(super) next_poll: Instant,
    pub(super) kept_why: Option<String>,
    pub(super) is_caught_up: bool,
    pub(super) is_ready_told: bool,
    pub(super) is_full_told: bool,
    pub(super) is_over: bool,
}

pub(super) fn run(
    folder: &Path,
    settings: &FollowSettings,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<FollowSummary, EngineError> {
    let rpc = Rpc::new(settings.rpc.clone(), settings.credentials.clone());
    // a mistyped folder must not leave a new store behind, and a wrong node none either
    let files = settings.blocks.as_deref().map(BlockFiles::open).transpose()?;
    let Some(info) = first_contact(&rpc, stop, observer)? else {
        return Ok(FollowSummary { tip: None, blocks_added: 0 });
    };
    let stored = match Store::open(folder) {
        Ok(store) => store.chain(Chain::Bitcoin).filter(|c| !c.segments.is_empty()).map(|c| c.network),
        Err(LedgerError::NoStore(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let network = rpc.check_network(&info, stored.or(settings.network))?;
    if let Some(asked) = settings.network.filter(|asked| *asked != network) {
        return Err(LedgerError::OtherNetwork { chain: Chain::Bitcoin, stored: network, found: asked }.into());
    }
    let lock = StoreLock::take(folder)?;
    let store = Store::open_for_writing(folder, &lock, Disk::default())?;
    let chain = ChainSync::new(store, network, settings.memory_bytes)?;
    let now = Instant::now();
    let mut follower = Follower {
        files: LiveFiles::new(folder, settings.rpc.to_string()),
        rebuild: Rebuild::new(folder, settings.clustering.clone(), settings.memory_bytes),
        settings,
        stop,
        observer,
        rpc,
        chain,
        pool: PoolSync::new(),
        feed: None,
        sockets: Vec::new(),
        has_sequence: false,
        has_raw_block: false,
        started: now,
        seen_up: now,
        down: None,
        failing: None,
        backoff: Backoff::default(),
        retry_at: now,
        behind: Some(now),
        is_body_coming: false,
        named: VecDeque::new(),
        unnamed: None,
        next_poll: now,
        kept_why: None,
        is_caught_up: false,
        is_ready_told: false,
        is_full_told: false,
        is_over: false,
    };
    follower.tell_started(&info);
    if let Some(files) = files {
        follower.read_files(&files, &info)?;
    }
    while !follower.is_ending() {
        follower.turn()?;
    }
    Ok(follower.end())
}

/// The node's state at the start; a node that is still loading is waited for. `None` where the user stops first.
fn first_contact(rpc: &Rpc, stop: &AtomicBool, observer: &mut dyn Observer) -> Result<Option<ChainInfo>, EngineError> {
    let mut backoff = Backoff::default();
    while !stop.load(Ordering::Relaxed) {
        match rpc.chain_info() {
            Ok(info) => return Ok(Some(info)),
            Err(error @ (NodeError::WarmingUp { .. } | NodeError::Busy { .. })) => {
                if backoff.tries() == 0
                    && !observer.event(&FollowEvent::now(Happening::Waiting { why: error.to_string() }))
                {
                    return Ok(None);
                }
                pause(backoff.next_wait(), stop);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

pub(super) fn pause(wait: Duration, stop: &AtomicBool) {
    let until = Instant::now() + wait;
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        thread::sleep(IDLE.min(wait));
    }
}

impl Follower<'_> {
    pub(super) fn is_ending(&self) -> bool {
        self.is_over || self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&mut self, what: Happening) {
        if !self.is_over && !self.observer.event(&FollowEvent::now(what)) {
            self.is_over = true;
        }
    }

    fn tell_started(&mut self, info: &ChainInfo) {
        let tip = self.chain.tip();
        self.tell(Happening::Started {
            chain: Chain::Bitcoin.name(),
            network: self.chain.network.name(),
            node: self.rpc.url().to_string(),
            node_height: info.blocks,
            store_height: tip.map(|t| t.height.0),
            store_hash: tip.map(|t| t.hash),
            zmq: self.settings.zmq.iter().map(ToString::to_string).collect(),
        });
        if info.is_initial_download && info.headers > info.blocks {
            let why = format!(
                "the node is still in its first synchronisation: it has {} of {} blocks",
                info.blocks, info.headers
            );
            self.tell(Happening::Waiting { why });
        }
    }

    /// Reads the node's block files where the store is far behind.
    fn read_files(&mut self, files: &BlockFiles, info: &ChainInfo) -> Result<(), EngineError> {
        let have = self.chain.ledger.block_count();
        if info.blocks.saturating_sub(have) < FAR_BEHIND {
            return Ok(());
        }
        let read = athar_ingest::Settings {
            chain: Chain::Bitcoin,
            network: Some(self.chain.network),
            memory_bytes: self.settings.memory_bytes,
        };
        let (observer, stop) = (&mut *self.observer, self.stop);
        let (files_of, tip) = (&mut self.files, self.chain.tip());
        let mut beaten = Ok(());
        let ingested = athar_ingest::ingest(&mut self.chain.store, files, read, &mut |progress| {
            observer.stage(Stage::Blocks(progress));
            beaten = files_of.beat("catching-up", tip);
            beaten.is_ok() && !stop.load(Ordering::Relaxed)
        });
        self.chain.read_elsewhere()?;
        beaten?;
        match ingested {
            Ok(report) => {
                self.chain.added += report.blocks_added;
                for damage in &report.damage {
                    self.observer.warn(&damage.to_string());
                }
                Ok(())
            }
            Err(athar_ingest::IngestError::Cancelled) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// One turn: hear, ask, tell.
    fn turn(&mut self) -> Result<(), EngineError> {
        let has_more = match self.ask() {
            Ok(has_more) => has_more,
            Err(EngineError::Node(error)) => {
                self.lost(error)?;
                false
            }
            Err(error) => return Err(error),
        };
        self.tell_news();
        self.hear(if has_more { Duration::ZERO } else { IDLE })?;
        self.tell_news();
        self.pool.settle();
        self.tell_changes();
        let tip = self.chain.tip();
        let state = match (self.down, self.is_caught_up) {
            (Some(_), _) => "disconnected",
            (None, false) => "catching-up",
            (None, true) => "following",
        };
        self.files.beat(state, tip)?;
        if self.pool.is_changed && self.is_caught_up && self.files.is_due()? {
            self.pool.is_changed = false;
            self.files.write(&self.pool.pool, self.pool.is_ready, self.chain.network, tip);
        }
        if self.is_caught_up {
            match self.rebuild.tick(&self.chain.ledger) {
                Ok(Some(rebuilt)) => self.tell_entities(&rebuilt),
                Ok(None) => {}
                // derived data: it is tried again, and the blocks go on
                Err(error) => self.observer.warn(&format!("the entities could not be built: {error}")),
            }
        }
        Ok(())
    }

    fn tell_entities(&mut self, rebuilt: &super::rebuild::Rebuilt) {
        self.tell(Happening::Entities {
            height: rebuilt.tip.height.0,
            entities: rebuilt.entities,
            ms: rebuilt.took.as_millis() as u64,
        });
    }

    pub(super) fn tell_news(&mut self) {
        if !self.chain.news.is_empty() {
            self.observer.chain_changed();
        }
        for news in std::mem::take(&mut self.chain.news) {
            let block = match news {
                News::Block(block) => block,
                News::Reorg(what) => {
                    self.tell(what);
                    continue;
                }
            };
            let rows = &block.rows;
            let time = rows.header.get(68..72).and_then(|t| t.try_into().ok()).map_or(0, u32::from_le_bytes);
            self.tell(Happening::Block {
                height: block.height,
                hash: rows.hash,
                block_time: athar_types::UnixTime(time).to_string(),
                txs: rows.txs.len() as u32,
                bytes: rows.size,
                via: block.via,
                commit_ms: block.commit_ms,
            });
            self.pool.confirmed(block.height, rows);
        }
        self.tell_changes();
    }

    pub(super) fn tell_changes(&mut self) {
        for tx in std::mem::take(&mut self.pool.entered) {
            self.observer.entered(&tx);
        }
        for change in std::mem::take(&mut self.pool.changes) {
            match &change {
                Change::Replaced { old, .. } => self.observer.left(&old.txid, "replaced"),
                Change::DoubleSpent { old, .. } => self.observer.left(&old.txid, "double-spent"),
                Change::Removed { tx, why: Removal::ParentGone { .. } } => self.observer.left(&tx.txid, "parent-gone"),
                Change::Removed { tx, why: Removal::Unknown } => self.observer.left(&tx.txid, "unknown"),
                Change::Added(_) | Change::Removed { why: Removal::Confirmed { .. }, .. } => {}
            }
            self.tell(Happening::of(&change, self.chain.network));
        }
    }

    /// The end that the user asked for.
    fn end(mut self) -> FollowSummary {
        self.feed = None;
        self.tell_news();
        let tip = self.chain.tip();
        if self.is_caught_up || self.chain.added > 0 {
            match self.rebuild.finish(tip) {
                Ok(Some(rebuilt)) => self.tell_entities(&rebuilt),
                Ok(None) => {}
                Err(error) => self.observer.warn(&format!("the entities could not be built: {error}")),
            }
        }
        self.files.end();
        let (tip, blocks_added) = (tip.map(|t| (t.height.0, t.hash)), self.chain.added);
        let what = Happening::Stopped { height: tip.map(|t| t.0), hash: tip.map(|t| t.1), blocks_added };
        if !self.is_over {
            self.observer.event(&FollowEvent::now(what));
        }
        FollowSummary { tip, blocks_added }
    }
}
