//! Keeping the files of [`crate::live`]: written on a thread of their own, so that a large view delays no block.

use crate::error::EngineError;
use crate::live::{FORMAT, Follower, Head, MempoolTxView, follower_path, mempool_path, now_ms, replace};
use athar_ledger::Tip;
use athar_node::{Mempool, MempoolTx};
use athar_types::Network;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// The mempool file is replaced at most this often …
const WRITE_EVERY: Duration = Duration::from_secs(1);
/// … and writing it takes at most this part of the time.
const WRITE_SHARE: u32 = 10;
/// How often a follower says that it is there.
const BEAT_EVERY: Duration = Duration::from_secs(2);

struct Job {
    head: Head,
    txs: Vec<Arc<MempoolTx>>,
}

/// Writes the files of a follower.
pub(super) struct LiveFiles {
    store: PathBuf,
    node: String,
    sender: Option<SyncSender<Job>>,
    done: Receiver<Result<Duration, EngineError>>,
    thread: Option<JoinHandle<()>>,
    is_busy: bool,
    next_write: Instant,
    next_beat: Instant,
    state: &'static str,
}

impl LiveFiles {
    pub(super) fn new(store: &Path, node: String) -> Self {
        let (sender, jobs) = mpsc::sync_channel::<Job>(1);
        let (told, done) = mpsc::channel();
        let path = mempool_path(store);
        let thread = thread::spawn(move || {
            for job in jobs {
                let start = Instant::now();
                if told.send(write(&path, job).map(|()| start.elapsed())).is_err() {
                    return;
                }
            }
        });
        let now = Instant::now();
        Self {
            store: store.into(),
            node,
            sender: Some(sender),
            done,
            thread: Some(thread),
            is_busy: false,
            next_write: now,
            next_beat: now,
            state: "",
        }
    }

    /// Says that the follower is there, where that is due.
    pub(super) fn beat(&mut self, state: &'static str, tip: Option<Tip>) -> Result<(), EngineError> {
        if state == self.state && Instant::now() < self.next_beat {
            return Ok(());
        }
        self.state = state;
        self.next_beat = Instant::now() + BEAT_EVERY;
        let follower = Follower {
            pid: std::process::id(),
            node: self.node.clone(),
            state: state.into(),
            beat_ms: now_ms(),
            tip_height: tip.map(|t| t.height.0),
        };
        let text = serde_json::to_vec(&follower).unwrap_or_default();
        replace(&follower_path(&self.store), |file| file.write_all(&text))
    }

    /// Whether the mempool file may be replaced now.
    pub(super) fn is_due(&mut self) -> Result<bool, EngineError> {
        while let Ok(written) = self.done.try_recv() {
            self.is_busy = false;
            self.next_write = self.next_write.max(Instant::now() + written? * WRITE_SHARE);
        }
        Ok(!self.is_busy && Instant::now() >= self.next_write)
    }

    /// Has the mempool file replaced by `pool` as it is now.
    pub(super) fn write(&mut self, pool: &Mempool, is_complete: bool, network: Network, tip: Option<Tip>) {
        let txs: Vec<Arc<MempoolTx>> = pool.iter().cloned().collect();
        let head = Head {
            format: FORMAT,
            written_ms: now_ms(),
            network,
            tip_height: tip.map(|t| t.height.0),
            tip_hash: tip.map(|t| t.hash),
            txs: txs.len() as u64,
            left_out: pool.left_out() as u64,
            complete: is_complete,
        };
        self.next_write = Instant::now() + WRITE_EVERY;
        self.is_busy = self.sender.as_ref().is_some_and(|s| s.try_send(Job { head, txs }).is_ok());
    }

    /// Ends: the mempool file stays with its age, but nobody keeps it any more.
    pub(super) fn end(mut self) {
        self.stop();
        let _ = fs::remove_file(follower_path(&self.store));
    }

    fn stop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for LiveFiles {
    fn drop(&mut self) {
        self.stop();
    }
}

fn write(path: &Path, mut job: Job) -> Result<(), EngineError> {
    job.txs.sort_unstable_by_key(|tx| (tx.seen_ms, tx.txid));
    replace(path, |file| {
        serde_json::to_writer(&mut *file, &job.head)?;
        file.write_all(b"\n")?;
        for tx in &job.txs {
            serde_json::to_writer(&mut *file, &MempoolTxView::new(tx, job.head.network, usize::MAX))?;
            file.write_all(b"\n")?;
        }
        Ok(())
    })
}
