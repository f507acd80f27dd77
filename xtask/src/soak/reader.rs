//! A reader beside the writers that are killed: whatever they leave, it gets an answer or is told in words why there is
//! none yet.

use super::program::Program;
use anyhow::{Result, bail};
use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

/// What a reader may be told while a store is still being made. Anything else is an error.
const NOT_YET: [&str; 3] = ["no store in", "holds no blocks of bitcoin yet", "has no entities"];
/// Between two questions: the writer must have time to write.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks again and again until it is stopped.
#[derive(Default)]
pub(crate) struct Reader {
    stopped: AtomicBool,
    /// Held while asking; whoever removes the store takes it first.
    gate: Mutex<()>,
    answers: AtomicU64,
    not_yet: AtomicU64,
}

impl Reader {
    /// Asks for the status and for addresses of the store in turn. An error ends it.
    pub(crate) fn run(&self, program: &Program, store: &Path, addresses: &[String]) -> Result<()> {
        let mut turn = 0;
        while !self.stopped.load(Ordering::Relaxed) {
            let address;
            let words: &[&str] = if turn % 2 == 0 || addresses.is_empty() {
                &["status"]
            } else {
                address = ["address", &addresses[turn / 2 % addresses.len()]];
                &address
            };
            turn += 1;
            let gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            let output = program.ask(store, words)?;
            drop(gate);
            let said = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0 | 1) if serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok() => {
                    self.answers.fetch_add(1, Ordering::Relaxed);
                }
                Some(2) if NOT_YET.iter().any(|words| said.contains(words)) => {
                    self.not_yet.fetch_add(1, Ordering::Relaxed);
                }
                _ => bail!("a reader beside the writer: `athar {}`: {}: {said}", words.join(" "), output.status),
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Ends it after the question that is asked now.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Does something that no reader must see in the middle.
    pub(crate) fn without<T>(&self, work: impl FnOnce() -> T) -> T {
        let _gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        work()
    }

    /// Questions that were answered, and those that were told "not yet".
    pub(crate) fn counts(&self) -> [u64; 2] {
        [self.answers.load(Ordering::Relaxed), self.not_yet.load(Ordering::Relaxed)]
    }
}
