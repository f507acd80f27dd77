//! Listening in the background: a thread for each address, one queue for all.

use super::notice::{Notice, Topic};
use super::socket::Socket;
use crate::backoff::Backoff;
use crate::error::NodeError;
use crate::url::ZmqUrl;
use rustc_hash::FxHashMap;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Notices waiting at most. While the queue is full nothing is read, the node drops what it cannot send, and the gap is
/// noticed by the running numbers.
const QUEUE_MAX: usize = 20_000;
/// Bytes of blocks and transactions waiting at most; beyond it the notice comes without them.
const QUEUE_BYTES_MAX: usize = 128 << 20;

/// What a feed tells.
#[derive(Debug)]
pub enum FeedEvent {
    /// An address is connected and subscribed. Whatever was published before is not known.
    Connected {
        /// Index of the address as given.
        socket: usize,
    },
    /// A connection is gone, or could not be made. Told once, not at each try; it is tried again in the background.
    Lost {
        /// Index of the address.
        socket: usize,
        /// Why.
        error: NodeError,
    },
    /// Notices of a topic were missed.
    Gap {
        /// The topic.
        topic: Topic,
        /// How many.
        missed: u32,
    },
    /// A notice.
    Notice {
        /// Index of the address.
        socket: usize,
        /// When it was received.
        received: Instant,
        /// What it says.
        notice: Notice,
    },
}

struct Shared {
    is_over: AtomicBool,
    bytes: AtomicUsize,
    /// Raised to make every connection begin anew.
    generation: AtomicU64,
}

/// Listens to a node. Dropping it ends the threads.
pub struct Feed {
    urls: Vec<ZmqUrl>,
    receiver: Option<Receiver<FeedEvent>>,
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").field("urls", &self.urls).finish_non_exhaustive()
    }
}

impl Feed {
    /// Begins to listen at each address.
    pub fn start(urls: Vec<ZmqUrl>) -> Self {
        let shared = Arc::new(Shared {
            is_over: AtomicBool::new(false),
            bytes: AtomicUsize::new(0),
            generation: AtomicU64::new(0),
        });
        let (sender, receiver) = mpsc::sync_channel(QUEUE_MAX);
        let threads = urls.iter().cloned().enumerate().map(|(socket, url)| {
            let (sender, shared) = (sender.clone(), Arc::clone(&shared));
            thread::spawn(move || listen(socket, &url, &sender, &shared))
        });
        let threads = threads.collect();
        Self { urls, receiver: Some(receiver), shared, threads }
    }

    /// The addresses, as given.
    pub fn urls(&self) -> &[ZmqUrl] {
        &self.urls
    }

    /// The next event; `None` where none comes within `wait`.
    pub fn next(&self, wait: Duration) -> Option<FeedEvent> {
        let event = match self.receiver.as_ref().map(|r| r.recv_timeout(wait)) {
            Some(Ok(event)) => event,
            Some(Err(RecvTimeoutError::Timeout)) => return None,
            // no address at all: there is nothing to listen to, but the caller counts on the wait
            Some(Err(RecvTimeoutError::Disconnected)) | None => {
                thread::sleep(wait);
                return None;
            }
        };
        if let FeedEvent::Notice { notice, .. } = &event {
            self.shared.bytes.fetch_sub(notice.bytes(), Ordering::Relaxed);
        }
        Some(event)
    }

    /// Makes every connection begin anew: for one that is silent while the node has news.
    pub fn reconnect(&self) {
        self.shared.generation.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // a thread that waits for room in the queue wakes up when nobody reads it any more
        self.receiver = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Connects and listens until the feed is dropped.
fn listen(socket: usize, url: &ZmqUrl, sender: &SyncSender<FeedEvent>, shared: &Shared) {
    let mut backoff = Backoff::default();
    let mut is_told = false;
    while !shared.is_over.load(Ordering::Relaxed) {
        let generation = shared.generation.load(Ordering::Relaxed);
        let error = match Socket::connect(url) {
            Ok(mut connection) => {
                backoff.reset();
                is_told = false;
                if sender.send(FeedEvent::Connected { socket }).is_err() {
                    return;
                }
                match read(socket, &mut connection, sender, shared, generation) {
                    Some(error) => error,
                    None if shared.is_over.load(Ordering::Relaxed) => return,
                    None => {
                        NodeError::ZmqLost { url: url.to_string(), what: "it is silent while the node has news".into() }
                    }
                }
            }
            Err(error) => error,
        };
        if !is_told {
            is_told = true;
            if sender.send(FeedEvent::Lost { socket, error }).is_err() {
                return;
            }
        }
        let until = Instant::now() + backoff.next_wait();
        while Instant::now() < until && !shared.is_over.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Reads notices until the connection ends (its error) or the feed wants no more of it.
fn read(
    socket: usize,
    connection: &mut Socket,
    sender: &SyncSender<FeedEvent>,
    shared: &Shared,
    generation: u64,
) -> Option<NodeError> {
    let mut numbers: FxHashMap<Topic, u32> = FxHashMap::default();
    loop {
        if shared.is_over.load(Ordering::Relaxed) || shared.generation.load(Ordering::Relaxed) != generation {
            return None;
        }
        let (topic, number, mut notice) = match connection.next() {
            Ok(Some(notice)) => notice,
            Ok(None) => continue,
            Err(error) => return Some(error),
        };
        let received = Instant::now();
        if let Some(last) = numbers.insert(topic, number) {
            let missed = number.wrapping_sub(last).wrapping_sub(1);
            if missed != 0 && sender.send(FeedEvent::Gap { topic, missed }).is_err() {
                return None;
            }
        }
        let bytes = notice.bytes();
        if shared.bytes.load(Ordering::Relaxed) + bytes > QUEUE_BYTES_MAX {
            match notice {
                // without its body a block is still news
                Notice::RawBlock(raw) => match raw.first_chunk::<80>() {
                    Some(header) => notice = Notice::HashBlock(athar_chains::bitcoin::Header::hash(header)),
                    None => continue,
                },
                // what it holds is asked for when the sequence names it
                Notice::RawTx(_) => continue,
                other => notice = other,
            }
        }
        shared.bytes.fetch_add(notice.bytes(), Ordering::Relaxed);
        if sender.send(FeedEvent::Notice { socket, received, notice }).is_err() {
            return None;
        }
    }
}
