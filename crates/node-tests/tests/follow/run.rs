//! A follower on a thread of its own, and what it tells.

use athar_engine::{
    Clustering, Credentials, Engine, EngineError, Options, RpcUrl, ZmqUrl,
    write::{FollowEvent, FollowSettings, FollowSummary, MEMORY_BYTES, Observer, Stage, follow_bitcoin},
};
use athar_node_tests::{Node, Rpc};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Nothing that a test waits for takes as long.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Everything that was told, with when.
#[derive(Default)]
pub(crate) struct Told {
    all: Mutex<Vec<Value>>,
    changed: Condvar,
}

impl Told {
    /// Also after a test failed while it looked: the follower still has to end.
    fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Listener(Arc<Told>);

impl Listener {
    fn push(&self, value: Value) {
        self.0.lock().push(value);
        self.0.changed.notify_all();
    }
}

impl Observer for Listener {
    fn event(&mut self, event: &FollowEvent) -> bool {
        self.push(serde_json::to_value(event).unwrap());
        true
    }

    fn stage(&mut self, _stage: Stage) {}

    fn warn(&mut self, text: &str) {
        self.push(json!({"kind": "warning", "text": text}));
    }
}

/// A follower that runs. Dropping it stops it.
pub(crate) struct Run {
    told: Arc<Told>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<FollowSummary, EngineError>>>,
}

impl Run {
    /// Follows with notices.
    pub(crate) fn start(node: &Node, store: &Path) -> Self {
        Self::with(settings(node, true), store)
    }

    pub(crate) fn with(settings: FollowSettings, store: &Path) -> Self {
        let (told, stop) = (Arc::new(Told::default()), Arc::new(AtomicBool::new(false)));
        let (mut listener, flag, store) = (Listener(Arc::clone(&told)), Arc::clone(&stop), store.to_owned());
        let thread = std::thread::spawn(move || follow_bitcoin(&store, &settings, &flag, &mut listener));
        Self { told, stop, thread: Some(thread) }
    }

    /// Waits for the first event at or after `from` that `is_it`; gives its place and itself.
    pub(crate) fn wait_from(&self, from: usize, what: &str, is_it: impl Fn(&Value) -> bool) -> (usize, Value) {
        let deadline = Instant::now() + WAIT_MAX;
        let mut all = self.told.lock();
        loop {
            if let Some((place, event)) = all.iter().enumerate().skip(from).find(|(_, e)| is_it(e)) {
                return (place, event.clone());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let is_over = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
            assert!(
                !left.is_zero() && !is_over,
                "{what} did not come (ended: {is_over}); from {from} on: {:#?}",
                &all[from.min(all.len())..]
            );
            all = self.told.changed.wait_timeout(all, left.min(Duration::from_millis(200))).unwrap().0;
        }
    }

    pub(crate) fn wait(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.wait_from(0, what, is_it).1
    }

    /// Waits for the first event of a kind.
    pub(crate) fn wait_kind(&self, kind: &str) -> Value {
        self.wait(kind, |e| e["kind"] == kind)
    }

    /// Waits for the commit of a block.
    pub(crate) fn wait_block(&self, hash: &str) -> Value {
        self.wait(&format!("block {hash}"), |e| e["kind"] == "block" && e["hash"] == hash)
    }

    /// Everything told so far.
    pub(crate) fn all(&self) -> Vec<Value> {
        self.told.lock().clone()
    }

    /// How many events of a kind were told.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.all().iter().filter(|e| e["kind"] == kind).count()
    }

    /// Number of events so far.
    pub(crate) fn len(&self) -> usize {
        self.told.lock().len()
    }

    /// Stops it as Ctrl-C does.
    pub(crate) fn stop(mut self) -> FollowSummary {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap().unwrap()
    }

    /// The error that it ends with.
    pub(crate) fn error(mut self) -> String {
        self.thread.take().unwrap().join().unwrap().unwrap_err().to_string()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub(crate) fn settings(node: &Node, is_listening: bool) -> FollowSettings {
    let zmq = if is_listening { node.zmq_urls() } else { Vec::new() };
    FollowSettings {
        rpc: RpcUrl::parse(&node.rpc_url()).unwrap().0,
        credentials: Credentials::Cookie(node.cookie()),
        zmq: zmq.iter().map(|url| ZmqUrl::parse(url).unwrap()).collect(),
        blocks: None,
        network: None,
        memory_bytes: MEMORY_BYTES,
        clustering: Clustering::default(),
    }
}

/// A fresh folder of a test, kept until its next run.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("follow").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    folder
}

/// The wallet `alice` with coins that can be spent.
pub(crate) fn wallet(node: &Node) -> Rpc {
    node.rpc().call("createwallet", json!(["alice"])).unwrap();
    let wallet = node.rpc().wallet("alice");
    mine(&wallet, 110);
    wallet
}

/// Mines blocks to new addresses of the wallet; their hashes.
pub(crate) fn mine(wallet: &Rpc, blocks: usize) -> Vec<String> {
    let address = wallet.text("getnewaddress", json!([])).unwrap();
    let hashes = wallet.call("generatetoaddress", json!([blocks, address])).unwrap();
    hashes.as_array().unwrap().iter().map(|h| h.as_str().unwrap().to_owned()).collect()
}

/// Every block of the store is the node's at its height, and the store ends where the node does.
pub(crate) fn check_equals_node(store: &Path, rpc: &Rpc) {
    let engine = Engine::open(store, &Options::default()).unwrap();
    let count = rpc.call("getblockcount", json!([])).unwrap().as_u64().unwrap();
    let status = engine.status().unwrap();
    assert_eq!(status.chains[0].tip_height.map(u64::from), Some(count));
    for height in 0..=count {
        let hash = rpc.text("getblockhash", json!([height])).unwrap();
        assert_eq!(engine.block(&height.to_string()).unwrap().unwrap().hash.to_string(), hash, "height {height}");
    }
    engine.verify().unwrap();
}
