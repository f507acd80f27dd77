//! Watching a chain while a node is followed.
//!
//! The thread that follows the node only asks the [`Matcher`]; what meets a watch is handed to a thread of its own, which stores it. So
//! neither a slow disk nor another process that holds the database keeps the follower waiting. What cannot be stored is kept and
//! tried again; where more is kept than there is room for, the blocks bring it: how far those were looked at is stored with the alerts.

use super::hit::{Seen, TxHit};
use super::raise::Raised;
use crate::DeskError;
use crate::db::{Desk, held};
use crate::watch::{Matcher, Moves, Side};
use athar_engine::{Engine, EngineError, Options};
use athar_ledger::LedgerError;
use athar_node::{Mempool, MempoolTx};
use athar_types::{Chain, Hash32, UnixTime};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often is looked whether other things are watched than before.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what labels, campaigns and prices say is read again.
const READ_EVERY: Duration = Duration::from_secs(600);
/// How long is waited after something could not be stored or read.
const RETRY: Duration = Duration::from_secs(2);
/// Hits that are kept while they cannot be stored.
const KEPT_MAX: usize = 100_000;
/// Hits that are stored at once.
const AT_ONCE: usize = 1_000;
/// Warnings that nobody has fetched.
const WARNINGS_MAX: usize = 100;

/// What is watched.
#[derive(Clone, Debug)]
pub struct WatcherSettings {
    /// The folder of the store.
    pub store: PathBuf,
    /// The chain.
    pub chain: Chain,
    /// How the store is opened.
    pub options: Options,
}

enum Told {
    Hits(Vec<TxHit>),
    Left(Hash32, &'static str),
    Listed(FxHashSet<Hash32>),
    Chain,
    Entities,
    Loaded(Result<Matcher, DeskError>),
    End,
}

#[derive(Debug, Default)]
struct Shared {
    matcher: Mutex<Option<Arc<Matcher>>>,
    warnings: Mutex<VecDeque<String>>,
    sum: Mutex<Raised>,
}

impl Shared {
    fn warn(&self, text: String) {
        let mut warnings = held(&self.warnings);
        if warnings.len() < WARNINGS_MAX && warnings.back() != Some(&text) {
            warnings.push_back(text);
        }
    }
}

/// Watches a chain until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    desk: Arc<Desk>,
    settings: WatcherSettings,
    shared: Arc<Shared>,
    told: Sender<Told>,
    thread: Option<JoinHandle<()>>,
    /// Number of the newest watch that all that waits in the mempool was held against.
    newest: AtomicI64,
}

impl Watcher {
    /// Begins to watch. What is watched is read before this returns, so that nothing that the mempool holds is missed.
    pub fn start(desk: Arc<Desk>, settings: WatcherSettings) -> Result<Self, DeskError> {
        let shared = Arc::new(Shared::default());
        match load(&desk, &settings) {
            Ok(matcher) => *held(&shared.matcher) = Some(Arc::new(matcher)),
            // it is read when there is something to read: `chain_changed`
            Err(DeskError::Engine(EngineError::Ledger(LedgerError::NoStore(_)))) => {}
            Err(error) => return Err(error),
        }
        let (told, heard) = mpsc::channel();
        let path = settings.store.clone();
        let work = Work {
            desk: Arc::clone(&desk),
            settings: settings.clone(),
            shared: Arc::clone(&shared),
            told: told.clone(),
            heard,
            ahead: VecDeque::new(),
            hits: VecDeque::new(),
            left: Vec::new(),
            waiting: FxHashSet::default(),
            is_chain_new: true,
            is_loading: false,
            is_stale: false,
            read_at: Some(Instant::now()),
            retry_at: None,
            is_over: false,
        };
        let thread = thread::Builder::new().name("watcher".into()).spawn(move || work.run());
        let thread = thread.map_err(|source| DeskError::io(path, source))?;
        let newest = AtomicI64::new(held(&shared.matcher).as_ref().map_or(0, |matcher| matcher.newest()));
        Ok(Self { desk, settings, shared, told, thread: Some(thread), newest })
    }

    /// A transaction entered the mempool, or waited there.
    pub fn entered(&self, tx: &MempoolTx) {
        if let Some(matcher) = self.matcher() {
            self.hold(&matcher, tx, 0);
        }
    }

    /// Holds a transaction against the watches whose number is above `after`.
    fn hold(&self, matcher: &Matcher, tx: &MempoolTx, after: i64) {
        if is_of_interest(matcher, tx) {
            let mut hits = TxHit::of(matcher, &moves(tx), &Seen::Mempool);
            hits.retain(|hit| hit.watch > after);
            if !hits.is_empty() {
                self.tell(Told::Hits(hits));
            }
        }
    }

    /// A transaction left the mempool, and no block of the chain holds it.
    pub fn left(&self, txid: &Hash32, why: &'static str) {
        self.tell(Told::Left(*txid, why));
    }

    /// What waits in the mempool now: it is held against watches that are new since this was last told.
    pub fn waiting(&self, pool: &Mempool) {
        // what entered before a new watch was read was held against older ones alone
        if let Some(matcher) = self.matcher() {
            let before = self.newest.fetch_max(matcher.newest(), Ordering::Relaxed);
            if matcher.newest() > before {
                pool.iter().for_each(|tx| self.hold(&matcher, tx, before));
            }
        }
    }

    /// What waits in the mempool is all known: alerts of other transactions wait no more.
    pub fn listed(&self, pool: &Mempool) {
        self.tell(Told::Listed(pool.iter().map(|tx| tx.txid).collect()));
    }

    /// The chain of the store is another.
    pub fn chain_changed(&self) {
        // a store that had no blocks did not know its network: the mempool is listed next, and has to be understood
        if self.matcher().is_none_or(|m| m.engine().is_none_or(|engine| engine.ledger_network().is_none())) {
            match load(&self.desk, &self.settings) {
                Ok(matcher) => *held(&self.shared.matcher) = Some(Arc::new(matcher)),
                Err(error) => self.shared.warn(format!("what is watched cannot be read: {error}")),
            }
        }
        self.tell(Told::Chain);
    }

    /// The entities of the store are others.
    pub fn entities_changed(&self) {
        self.tell(Told::Entities);
    }

    /// What is watched at the moment; none before it was first read.
    pub fn matcher(&self) -> Option<Arc<Matcher>> {
        held(&self.shared.matcher).clone()
    }

    /// What was raised so far.
    pub fn raised(&self) -> Raised {
        *held(&self.shared.sum)
    }

    /// What went wrong since this was last asked.
    pub fn warnings(&self) -> Vec<String> {
        held(&self.shared.warnings).drain(..).collect()
    }

    fn tell(&self, what: Told) {
        // the thread ends with this
        let _ = self.told.send(what);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.tell(Told::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The quick look at a transaction of the mempool.
fn is_of_interest(matcher: &Matcher, tx: &MempoolTx) -> bool {
    let inputs = tx.inputs.iter().filter_map(|input| input.paid?.address);
    let outputs = tx.outputs.iter().filter_map(|output| output.address);
    let largest = tx.outputs.iter().map(|output| output.value.0).max().unwrap_or(0);
    matcher.concerns(inputs.chain(outputs), largest)
}

/// What a transaction of the mempool moves.
fn moves(tx: &MempoolTx) -> Moves {
    let inputs = tx.inputs.iter().map(|input| Side {
        txid: input.output.txid,
        vout: input.output.vout,
        address: input.paid.and_then(|paid| paid.address),
        sat: input.paid.map(|paid| paid.value.0),
    });
    let outputs = tx.outputs.iter().enumerate().map(|(vout, paid)| Side {
        txid: tx.txid,
        vout: vout as u32,
        address: paid.address,
        sat: Some(paid.value.0),
    });
    let seconds = u32::try_from(tx.seen_ms / 1_000).unwrap_or(u32::MAX);
    Moves { txid: tx.txid, time: UnixTime(seconds), inputs: inputs.collect(), outputs: outputs.collect() }
}

struct Work {
    desk: Arc<Desk>,
    settings: WatcherSettings,
    shared: Arc<Shared>,
    told: Sender<Told>,
    heard: Receiver<Told>,
    /// Heard while something else was done.
    ahead: VecDeque<Told>,
    hits: VecDeque<TxHit>,
    left: Vec<(Hash32, &'static str)>,
    /// Transactions whose alerts say that they wait in the mempool.
    waiting: FxHashSet<Hash32>,
    is_chain_new: bool,
    is_loading: bool,
    /// Whether the matcher has to be made again.
    is_stale: bool,
    read_at: Option<Instant>,
    retry_at: Option<Instant>,
    is_over: bool,
}

impl Work {
    fn run(mut self) {
        match self.desk.waiting_txids(self.settings.chain.name()) {
            Ok(waiting) => self.waiting.extend(waiting),
            Err(error) => self.shared.warn(error.to_string()),
        }
        let mut look_at = Instant::now();
        while !self.is_over {
            if Instant::now() >= look_at {
                look_at = Instant::now() + LOOK_EVERY;
                self.look();
            }
            if self.is_stale && !self.is_loading {
                self.load();
            }
            let is_retry = self.retry_at.is_none_or(|at| Instant::now() >= at);
            if is_retry {
                self.store_all();
            }
            match self.ahead.pop_front().map_or_else(|| self.heard.recv_timeout(self.pause()), Ok) {
                Ok(told) => self.take(told),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => self.is_over = true,
            }
            // everything that came meanwhile is stored together
            while self.hits.len() < AT_ONCE
                && let Some(told) = self.ahead.pop_front().or_else(|| self.heard.try_recv().ok())
            {
                self.take(told);
            }
        }
        // what came before the end is stored; what cannot be is met again by the next that watches
        while let Ok(told) = self.heard.try_recv() {
            self.take(told);
        }
        self.store_all();
    }

    /// Stores what was met, then what blocks bring, and only then what left: what left the mempool for a block was not dropped.
    fn store_all(&mut self) {
        self.store();
        if self.is_chain_new {
            self.see_blocks();
        }
        if !self.is_chain_new {
            self.store_left();
        }
    }

    /// As long as nothing is to be done.
    fn pause(&self) -> Duration {
        let is_behind = self.is_chain_new && self.retry_at.is_none() && held(&self.shared.matcher).is_some();
        if is_behind { Duration::ZERO } else { Duration::from_millis(200) }
    }

    fn take(&mut self, told: Told) {
        match told {
            Told::Hits(hits) => {
                for hit in hits {
                    if self.hits.len() >= KEPT_MAX {
                        self.shared.warn(
                            "more matches wait to be stored than there is room for: their blocks will bring them"
                                .into(),
                        );
                        break;
                    }
                    self.hits.push_back(hit);
                }
            }
            Told::Left(txid, why) => self.left.push((txid, why)),
            Told::Listed(pool) => {
                let gone = self.waiting.iter().filter(|txid| !pool.contains(txid)).map(|txid| (*txid, "unknown"));
                self.left.extend(gone);
                self.is_chain_new = true;
            }
            Told::Chain => self.is_chain_new = true,
            Told::Entities => self.is_stale = true,
            Told::Loaded(loaded) => {
                self.is_loading = false;
                match loaded {
                    Ok(matcher) => {
                        *held(&self.shared.matcher) = Some(Arc::new(matcher));
                        self.read_at = Some(Instant::now());
                        self.is_chain_new = true;
                    }
                    Err(error) => {
                        self.shared.warn(format!("what is watched cannot be read: {error}"));
                        self.read_at = None;
                        self.retry_at = Some(Instant::now() + RETRY);
                        self.is_stale = true;
                    }
                }
            }
            Told::End => self.is_over = true,
        }
    }

    /// Whether other things are watched than before, or what they name may be other.
    fn look(&mut self) {
        let matcher = held(&self.shared.matcher).clone();
        let Some(matcher) = matcher else { return };
        match self.desk.watch_revision() {
            Ok(revision) => self.is_stale |= revision != matcher.revision(),
            Err(error) => self.shared.warn(error.to_string()),
        }
        self.is_stale |= self.read_at.is_some_and(|at| at.elapsed() >= READ_EVERY) && !matcher.is_empty();
    }

    /// Makes the matcher again, beside everything else.
    fn load(&mut self) {
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return;
        }
        let (desk, settings, told) = (Arc::clone(&self.desk), self.settings.clone(), self.told.clone());
        let begun = thread::Builder::new().name("watch loader".into()).spawn(move || {
            let _ = told.send(Told::Loaded(load(&desk, &settings)));
        });
        match begun {
            Ok(_) => (self.is_loading, self.is_stale) = (true, false),
            Err(error) => self.shared.warn(format!("what is watched cannot be read: {error}")),
        }
    }

    /// Stores what was met.
    fn store(&mut self) {
        while !self.hits.is_empty() {
            let piece: Vec<TxHit> = self.hits.iter().take(AT_ONCE).cloned().collect();
            match self.desk.see(&piece, clock()) {
                Ok(raised) => {
                    *held(&self.shared.sum) += raised;
                    self.hits.drain(..piece.len());
                    self.waiting.extend(piece.iter().filter_map(|hit| hit.txid.parse::<Hash32>().ok()));
                    self.retry_at = None;
                }
                Err(error) => return self.failed(&error),
            }
        }
    }

    /// Stores what left the mempool.
    fn store_left(&mut self) {
        let left: Vec<(Hash32, &str)> =
            self.left.iter().filter(|(txid, _)| self.waiting.contains(txid)).copied().collect();
        if left.is_empty() {
            self.left.clear();
            return;
        }
        match self.desk.see_left(self.settings.chain.name(), &left, clock()) {
            Ok(raised) => {
                *held(&self.shared.sum) += raised;
                self.left.clear();
                for (txid, _) in left {
                    self.waiting.remove(&txid);
                }
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Looks at new blocks. Hits of the mempool go before: they are waited for.
    fn see_blocks(&mut self) {
        let Some(matcher) = held(&self.shared.matcher).clone() else { return };
        let Self { desk, heard, ahead, settings, .. } = self;
        let mut goes_on = || {
            ahead.extend(heard.try_iter());
            !ahead.iter().any(|told| matches!(told, Told::Hits(_) | Told::End))
        };
        match desk.see_blocks(&settings.store, &matcher, &clock, &mut goes_on) {
            Ok(caught) => {
                *held(&self.shared.sum) += caught.raised;
                self.is_chain_new = caught.stopped;
                self.retry_at = None;
                // after a reorganisation addresses have other numbers
                self.is_stale |= caught.raised.reorged > 0;
                if caught.raised.confirmed > 0 {
                    self.settle();
                }
            }
            Err(error) => self.failed(&error),
        }
    }

    /// What waits in the mempool, after blocks took some.
    fn settle(&mut self) {
        match self.desk.waiting_txids(self.settings.chain.name()) {
            Ok(waiting) => self.waiting = waiting.into_iter().collect(),
            Err(error) => self.shared.warn(error.to_string()),
        }
    }

    fn failed(&mut self, error: &DeskError) {
        self.shared.warn(format!("alerts wait to be stored: {error}"));
        self.retry_at = Some(Instant::now() + RETRY);
    }
}

fn load(desk: &Desk, settings: &WatcherSettings) -> Result<Matcher, DeskError> {
    let options = Options { chain: Some(settings.chain), ..settings.options.clone() };
    Matcher::load(desk, Arc::new(Engine::open(&settings.store, &options)?))
}

fn clock() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64
}
