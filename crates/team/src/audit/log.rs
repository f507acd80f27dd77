//! Entries of reads: many wait, one thread writes them, all of them in one transaction.
//!
//! Storing one entry costs one wait for the disk, and so does storing a hundred. The thread takes whatever waits, stores it, and answers all of
//! it; what comes meanwhile is the next transaction. Nobody is answered before his entry is on the disk.

use super::{Entry, Secret, append};
use crate::login::touch;
use crate::{Database, TeamError};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread::JoinHandle;

/// Entries that may wait; who comes then is refused, and with him the read.
const QUEUE_MAX: usize = 8_192;
/// Entries of one transaction.
const BATCH_MAX: usize = 1_024;

type Answer = Box<dyn FnOnce(Result<i64, TeamError>) + Send>;

/// The writer of reads.
#[derive(Debug)]
pub struct Log {
    waiting: Arc<AtomicUsize>,
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

enum Waiting {
    Entry(Entry, Answer),
    /// A session was seen: nobody waits for that.
    Touch([u8; 32], i64),
}

impl Log {
    pub(crate) fn start(db: Arc<Database>, secret: Secret) -> Self {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let run = move || write(&db, &secret, &waiting, &counted);
        let thread = std::thread::Builder::new().name("audit".into()).spawn(run).ok();
        Self { waiting: count, queue: Some(queue), thread }
    }

    /// Appends an entry and waits until it is on the disk; gives the number of an entry that was stored with it or after it.
    pub fn append_read(&self, entry: Entry) -> Result<i64, TeamError> {
        let (answer, answered) = channel();
        self.queue_read(entry, Box::new(move |done| drop(answer.send(done))));
        answered.recv().unwrap_or_else(|_| Err(ended()))
    }

    /// The same without waiting: `answer` is called, on another thread, when the entry is on the disk or was refused.
    pub fn queue_read(&self, entry: Entry, answer: Answer) {
        if let Err(error) = entry.check() {
            return answer(Err(error));
        }
        let Some(queue) = &self.queue else { return answer(Err(ended())) };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = queue.try_send(Waiting::Entry(entry, answer));
        if sent.is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        match sent {
            Err(TrySendError::Full(Waiting::Entry(_, answer))) => {
                answer(Err(TeamError::TooMany { what: "entries that wait for the audit log", most: QUEUE_MAX as u64 }));
            }
            Err(TrySendError::Disconnected(Waiting::Entry(_, answer))) => answer(Err(ended())),
            _ => {}
        }
    }

    /// Entries that wait, for a figure of the service.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Notes that a session was seen, with the next entries; where too much waits, not.
    pub(crate) fn queue_touch(&self, session: [u8; 32], now_s: i64) {
        if let Some(queue) = &self.queue {
            let _ = queue.try_send(Waiting::Touch(session, now_s));
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn ended() -> TeamError {
    TeamError::Refused { why: "the audit log is closed".into() }
}

fn write(db: &Database, secret: &Secret, waiting: &Receiver<Waiting>, count: &AtomicUsize) {
    while let Ok(first) = waiting.recv() {
        let (mut entries, mut answers, mut touches) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut next = Some(first);
        while let Some(one) = next {
            match one {
                Waiting::Entry(entry, answer) => {
                    entries.push(entry);
                    answers.push(answer);
                }
                Waiting::Touch(session, now_s) => {
                    touches.insert(session, now_s);
                }
            }
            next = if entries.len() + touches.len() < BATCH_MAX { waiting.try_recv().ok() } else { None };
        }
        let done = db.write(|tx| {
            touches.iter().try_for_each(|(session, now_s)| touch(tx, session, *now_s))?;
            append(tx, secret, &entries)
        });
        count.fetch_sub(entries.len(), Ordering::Relaxed);
        let done = done.map_err(Arc::new);
        for answer in answers {
            let done = done.as_ref().map(|seq| *seq).map_err(|error| TeamError::Log(error.clone()));
            // whoever asked may fail; the log goes on
            let _ = catch_unwind(AssertUnwindSafe(|| answer(done)));
        }
    }
}
