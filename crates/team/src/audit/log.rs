//! Entries of reads: many wait, one thread writes them, all of them in one transaction.
//!
//! Storing one entry costs one wait for the disk, and so does storing a hundred. The thread takes whatever waits, stores it, and answers all of
//! it; what comes meanwhile is the next transaction. Nobody is answered before his entry is on the disk.

use super::{Entry, Secret, append};
use crate::{Database, TeamError};
use std::sync::Arc;
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
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

struct Waiting {
    entry: Entry,
    answer: Answer,
}

impl Log {
    pub(crate) fn start(db: Arc<Database>, secret: Secret) -> Self {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new().name("audit".into()).spawn(move || write(&db, &secret, &waiting)).ok();
        Self { queue: Some(queue), thread }
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
        match queue.try_send(Waiting { entry, answer }) {
            Ok(()) => {}
            Err(TrySendError::Full(waiting)) => {
                (waiting.answer)(Err(TeamError::TooMany { what: "entries that wait for the audit log", most: QUEUE_MAX as u64 }));
            }
            Err(TrySendError::Disconnected(waiting)) => (waiting.answer)(Err(ended())),
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

fn write(db: &Database, secret: &Secret, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        let mut entries = vec![first.entry];
        let mut answers = vec![first.answer];
        while entries.len() < BATCH_MAX
            && let Ok(next) = waiting.try_recv()
        {
            entries.push(next.entry);
            answers.push(next.answer);
        }
        match db.write(|tx| append(tx, secret, &entries)) {
            Ok(seq) => answers.into_iter().for_each(|answer| answer(Ok(seq))),
            Err(error) => {
                let error = Arc::new(error);
                answers.into_iter().for_each(|answer| answer(Err(TeamError::Log(error.clone()))));
            }
        }
    }
}
