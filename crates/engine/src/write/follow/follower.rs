//! The follower: what is heard, what is asked, what is told.

use super::chain::{ChainSync, Synced};
use super::event::{FollowEvent, Happening, Observer};
use super::files::LiveFiles;
use super::pool::PoolSync;
use super::rebuild::Rebuild;
use super::{FollowSettings, FollowSummary};
use crate::error::EngineError;
use crate::write::Stage;
use athar_ingest::BlockFiles;
use athar_ledger::{Disk, LedgerError, Store, StoreLock};
use athar_node::{
    Backoff, ChainInfo, Feed, FeedEvent, MEMPOOL_BYTES_MAX, MEMPOOL_TXS_MAX, NodeError, Notice, Rpc, SequenceNotice,
    Topic,
};
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
/// How often the node is asked for its best block: without notices, and with them (they can be lost).
const POLL_ALONE: Duration = Duration::from_secs(1);
const POLL_BESIDE: Duration = Duration::from_secs(10);
/// How long a block is waited for after it was named, before it is asked for.
const BODY_WAIT: Duration = Duration::from_millis(30);
/// The longest pause without looking at anything.
const IDLE: Duration = Duration::from_millis(100);
/// Events taken before something else gets its turn.
const EVENTS_MAX: usize = 10_000;
/// Named blocks that are remembered, to tell whether notices still come.
const NAMED_MAX: usize = 64;
/// A block that was asked for and not named within this time means that the notices are dead.
const NAMED_WAIT: Duration = Duration::from_secs(15);
/// How long errors that a restart explains are put up with; after that they end the follower.
const RESTART_MAX: Duration = Duration::from_secs(120);

struct Follower<'a> {
    settings: &'a FollowSettings,
    stop: &'a AtomicBool,
    observer: &'a mut dyn Observer,
    rpc: Rpc,
    chain: ChainSync,
    pool: PoolSync,
    files: LiveFiles,
    rebuild: Rebuild,
    feed: Option<Feed>,
    /// Per address: whether it is connected, and since when it is not.
    sockets: Vec<Result<(), Instant>>,
    /// Whether the node publishes the sequence on one of the addresses.
    has_sequence: bool,
    has_raw_block: bool,
    started: Instant,
    /// When the node was last found to run, to tell a restart from a break.
    seen_up: Instant,
    /// Since when the node does not answer.
    down: Option<Instant>,
    /// Since when it answers, but not as it should.
    failing: Option<Instant>,
    backoff: Backoff,
    retry_at: Instant,
    /// Since when the node is known to have another tip.
    behind: Option<Instant>,
    /// Whether the block itself may still be published.
    is_body_coming: bool,
    named: VecDeque<Hash32>,
    unnamed: Option<(Hash32, Instant)>,
    next_poll: Instant,
    kept_why: Option<String>,
    is_caught_up: bool,
    is_ready_told: bool,
    is_full_told: bool,
    is_over: bool,
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
        rebuild: Rebuild::new(folder, settings.heuristics),
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

fn pause(wait: Duration, stop: &AtomicBool) {
    let until = Instant::now() + wait;
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        thread::sleep(IDLE.min(wait));
    }
}

impl Follower<'_> {
    fn is_ending(&self) -> bool {
        self.is_over || self.stop.load(Ordering::Relaxed)
    }

    fn tell(&mut self, what: Happening) {
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
        let read =
            athar_ingest::Settings { network: Some(self.chain.network), memory_bytes: self.settings.memory_bytes };
        let (observer, stop) = (&mut *self.observer, self.stop);
        let (files_of, tip) = (&mut self.files, self.chain.tip());
        let mut beaten = Ok(());
        let ingested = athar_ingest::ingest(&mut self.chain.store, files, read, &mut |progress| {
            observer.stage(Stage::Blocks(progress));
            beaten = files_of.beat("catching-up", tip);
            beaten.is_ok() && !stop.load(Ordering::Relaxed)
        });
        self.chain.reopen()?;
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
        self.tell_committed();
        self.hear(if has_more { Duration::ZERO } else { IDLE })?;
        self.tell_committed();
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
            match self.rebuild.tick(tip) {
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

    /// Takes what the node published. Nothing here asks the node.
    fn hear(&mut self, wait: Duration) -> Result<(), EngineError> {
        let Some(feed) = self.feed.take() else {
            pause(wait, self.stop);
            return Ok(());
        };
        let mut next = feed.next(if self.behind.is_some() { wait.min(Duration::from_millis(5)) } else { wait });
        let mut result = Ok(());
        let mut count = 0;
        while let Some(event) = next {
            result = self.heard(event);
            count += 1;
            if result.is_err() || count == EVENTS_MAX || self.is_ending() {
                break;
            }
            // news is told as it comes, not after everything behind it was read
            self.tell_committed();
            self.tell_changes();
            next = feed.next(Duration::ZERO);
        }
        self.feed = Some(feed);
        result
    }

    fn heard(&mut self, event: FeedEvent) -> Result<(), EngineError> {
        match event {
            FeedEvent::Connected { socket } => {
                if let Some(Err(since)) = self.sockets.get(socket).copied() {
                    let url = self.settings.zmq[socket].to_string();
                    let ms = since.elapsed().as_millis() as u64;
                    self.tell(Happening::Reconnected { what: "zmq", url, ms, restarted: None });
                }
                self.sockets[socket] = Ok(());
                self.pool.list_again();
                self.is_behind(false);
            }
            FeedEvent::Lost { socket, error } => {
                if self.sockets[socket].is_ok() {
                    self.sockets[socket] = Err(Instant::now());
                    let url = self.settings.zmq[socket].to_string();
                    self.tell(Happening::Disconnected { what: "zmq", url, error: error.to_string() });
                }
                self.next_poll = Instant::now();
            }
            FeedEvent::Gap { topic: Topic::Sequence, .. } => {
                self.pool.list_again();
                self.is_behind(false);
            }
            FeedEvent::Gap { topic: Topic::RawBlock | Topic::HashBlock, .. } => self.is_behind(false),
            // what it would have carried is asked for
            FeedEvent::Gap { topic: Topic::RawTx, .. } => {}
            FeedEvent::Notice { received, notice, .. } => self.noticed(notice, received)?,
        }
        Ok(())
    }

    fn noticed(&mut self, notice: Notice, received: Instant) -> Result<(), EngineError> {
        match notice {
            Notice::RawBlock(raw) => {
                if let Some(header) = raw.first_chunk::<80>() {
                    self.name(athar_chains::bitcoin::Header::hash(header));
                }
                if self.is_caught_up && self.chain.published(raw, received)? {
                    self.behind = None;
                } else {
                    self.is_behind(false);
                }
            }
            Notice::HashBlock(hash) => {
                self.name(hash);
                if hash != self.chain.tip_hash() {
                    self.is_behind(self.has_raw_block);
                }
            }
            Notice::Sequence(SequenceNotice::Connected(hash)) => {
                self.has_sequence = true;
                self.name(hash);
                let is_known = self.chain.committed.iter().any(|c| c.rows.hash == hash);
                if hash != self.chain.tip_hash() && !is_known {
                    self.is_behind(self.has_raw_block);
                }
            }
            Notice::Sequence(SequenceNotice::Disconnected(_)) => {
                self.has_sequence = true;
                self.is_behind(false);
            }
            Notice::Sequence(notice) => {
                self.has_sequence = true;
                self.pool.told(notice, &self.chain.ledger);
            }
            Notice::RawTx(raw) => self.pool.published(&raw),
        }
        Ok(())
    }

    /// The node has another tip. Where its body is about to be published, it is given a moment.
    fn is_behind(&mut self, is_body_coming: bool) {
        self.behind.get_or_insert_with(Instant::now);
        self.is_body_coming = is_body_coming;
    }

    fn name(&mut self, hash: Hash32) {
        if self.unnamed.is_some_and(|(unnamed, _)| unnamed == hash) {
            self.unnamed = None;
        }
        if self.named.contains(&hash) {
            return;
        }
        if self.named.len() == NAMED_MAX {
            self.named.pop_front();
        }
        self.named.push_back(hash);
    }

    /// Asks the node what has to be asked now. Whether there is more to ask at once.
    fn ask(&mut self) -> Result<bool, EngineError> {
        if self.down.is_some() {
            if Instant::now() < self.retry_at {
                return Ok(false);
            }
            self.reconnect()?;
        }
        let now = Instant::now();
        if now >= self.next_poll {
            let is_heard = self.is_heard();
            self.next_poll = now + if is_heard { POLL_BESIDE } else { POLL_ALONE };
            let best = self.rpc.best_hash()?;
            if best != self.chain.tip_hash() {
                self.is_behind(false);
                if is_heard && self.unnamed.is_none() && !self.named.contains(&best) {
                    self.unnamed = Some((best, now));
                }
            }
            if let Some((_, since)) = self.unnamed
                && since.elapsed() > NAMED_WAIT
                && let Some(feed) = &self.feed
            {
                self.unnamed = None;
                feed.reconnect();
            }
        }
        if self.behind.is_some_and(|since| !self.is_body_coming || since.elapsed() >= BODY_WAIT) {
            self.sync()?;
        }
        if !self.is_caught_up || self.is_ending() {
            return Ok(false);
        }
        let has_more = self.pool.work(&self.rpc, &self.chain.ledger, self.has_sequence && self.is_heard())?;
        if self.pool.is_ready && !self.is_ready_told {
            self.is_ready_told = true;
            let (txs, left_out) = (self.pool.pool.len() as u64, self.pool.pool.left_out() as u64);
            self.tell(Happening::MempoolReady { txs, left_out });
        }
        if self.pool.pool.left_out() > 0 && !self.is_full_told {
            self.is_full_told = true;
            self.tell(Happening::MempoolFull { txs_max: MEMPOOL_TXS_MAX as u64, bytes_max: MEMPOOL_BYTES_MAX as u64 });
        }
        self.backoff.reset();
        self.failing = None;
        Ok(has_more)
    }

    /// Whether every address is connected.
    fn is_heard(&self) -> bool {
        !self.sockets.is_empty() && self.sockets.iter().all(Result::is_ok) && self.feed.is_some()
    }

    fn sync(&mut self) -> Result<(), EngineError> {
        let since = self.behind.take();
        let mut observer = Beating {
            observer: &mut *self.observer,
            files: &mut self.files,
            tip: self.chain.tip(),
            is_beating: !self.is_caught_up,
        };
        let synced = self.chain.sync(&self.rpc, self.stop, &mut observer);
        if std::mem::take(&mut self.chain.is_reorganised) {
            self.pool.list_again();
        }
        match synced {
            Ok(Synced::AtTip) => self.kept_why = None,
            Ok(Synced::Stopped) => return Ok(()),
            Ok(Synced::Kept(why)) => {
                if self.kept_why.is_none() {
                    self.tell(Happening::Waiting { why: why.clone() });
                }
                self.kept_why = Some(why);
                self.next_poll = Instant::now() + POLL_ALONE;
                return Ok(());
            }
            Err(error) => {
                // not done: the next time begins here
                self.behind = since;
                return Err(error);
            }
        }
        if !self.is_caught_up {
            self.caught_up()?;
        }
        Ok(())
    }

    /// The store has all blocks for the first time: from here on notices are listened for, and each block is told.
    fn caught_up(&mut self) -> Result<(), EngineError> {
        let Some(tip) = self.chain.tip() else { return Ok(()) };
        if self.feed.is_none() && !self.settings.zmq.is_empty() {
            self.check_topics()?;
            self.sockets = vec![Ok(()); self.settings.zmq.len()];
            self.feed = Some(Feed::start(self.settings.zmq.clone()));
        }
        self.is_caught_up = true;
        self.chain.is_following = true;
        let ms = self.started.elapsed().as_millis() as u64;
        self.tell(Happening::CaughtUp { height: tip.height.0, hash: tip.hash, blocks_added: self.chain.added, ms });
        Ok(())
    }

    /// Compares the addresses given with what the node says that it publishes.
    fn check_topics(&mut self) -> Result<(), EngineError> {
        let topics = self.rpc.zmq_topics()?;
        let ports: Vec<u16> = self.settings.zmq.iter().map(athar_node::ZmqUrl::port).collect();
        let has = |kind: &str| topics.iter().any(|t| t.kind == kind && t.port().is_some_and(|p| ports.contains(&p)));
        (self.has_sequence, self.has_raw_block) = (has("pubsequence"), has("pubrawblock"));
        let mut list: Vec<String> =
            topics.iter().map(|t| format!("{} at {}", t.kind.trim_start_matches("pub"), t.address)).collect();
        list.sort();
        let list = if list.is_empty() { "nothing".to_owned() } else { list.join(", ") };
        for url in &self.settings.zmq {
            if !topics.iter().any(|t| t.port() == Some(url.port())) {
                self.observer.warn(&format!(
                    "{url}: the node at {} publishes nothing on that port; it publishes {list}",
                    self.rpc.url()
                ));
            }
        }
        for (topic, is_there, instead) in [
            ("sequence", self.has_sequence, "the mempool is listed every few seconds instead"),
            ("rawblock", self.has_raw_block, "blocks are asked for instead"),
        ] {
            if !is_there {
                self.observer.warn(&format!(
                    "the node at {} does not publish `{topic}` at any --zmq address: {instead}\nhint: start it with -zmqpub{topic}=tcp://127.0.0.1:PORT",
                    self.rpc.url()
                ));
            }
        }
        Ok(())
    }

    /// The node did not answer. Told once; what no waiting can mend ends the follower.
    fn lost(&mut self, error: NodeError) -> Result<(), EngineError> {
        let is_final = matches!(
            error,
            NodeError::OtherNetwork { .. }
                | NodeError::OtherGenesis { .. }
                | NodeError::UnknownNetwork { .. }
                | NodeError::Pruned { .. }
        );
        // a node that stops answers strangely for a moment, and its cookie is gone until it is back
        if error.is_transient() {
            self.failing = None;
        } else if is_final || self.failing.get_or_insert_with(Instant::now).elapsed() > RESTART_MAX {
            return Err(error.into());
        }
        if self.down.is_none() {
            self.down = Some(Instant::now());
            self.tell(Happening::Disconnected {
                what: "rpc",
                url: self.rpc.url().to_string(),
                error: error.to_string(),
            });
        }
        self.retry_at = Instant::now() + self.backoff.next_wait();
        Ok(())
    }

    /// Whether the node is back, and still the right one.
    fn reconnect(&mut self) -> Result<(), EngineError> {
        let info = self.rpc.chain_info()?;
        self.rpc.check_network(&info, Some(self.chain.network))?;
        let uptime = Duration::from_secs(self.rpc.uptime_seconds()?);
        // a second for the rounding of either clock
        let restarted = uptime + Duration::from_secs(1) < self.seen_up.elapsed();
        if restarted {
            self.seen_up = Instant::now().checked_sub(uptime).unwrap_or_else(Instant::now);
        }
        let ms = self.down.take().map_or(0, |since| since.elapsed().as_millis() as u64);
        self.pool.list_again();
        self.is_behind(false);
        let url = self.rpc.url().to_string();
        self.tell(Happening::Reconnected { what: "rpc", url, ms, restarted: Some(restarted) });
        Ok(())
    }

    fn tell_committed(&mut self) {
        for block in std::mem::take(&mut self.chain.committed) {
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

    fn tell_changes(&mut self) {
        for change in std::mem::take(&mut self.pool.changes) {
            self.tell(Happening::of(&change, self.chain.network));
        }
    }

    /// The end that the user asked for.
    fn end(mut self) -> FollowSummary {
        self.feed = None;
        self.tell_committed();
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

/// Says on the way that the follower is still there.
struct Beating<'a> {
    observer: &'a mut dyn Observer,
    files: &'a mut LiveFiles,
    tip: Option<athar_ledger::Tip>,
    is_beating: bool,
}

impl Observer for Beating<'_> {
    fn event(&mut self, event: &FollowEvent) -> bool {
        self.observer.event(event)
    }

    fn stage(&mut self, stage: Stage) {
        if self.is_beating {
            // the next turn reports what is wrong with the disk
            let _ = self.files.beat("catching-up", self.tip);
        }
        self.observer.stage(stage);
    }

    fn warn(&mut self, text: &str) {
        self.observer.warn(text);
    }
}
