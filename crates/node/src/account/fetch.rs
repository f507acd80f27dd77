//! Blocks in order, many fetched at once.
//!
//! Workers take chunks of blocks, as many in one request as make about [`CHUNK_BYTES`] of answers. What is fetched ahead is
//! bounded by bytes. A chunk that does not follow the one before is asked of another endpoint; where that one agrees with
//! the block before, the first has lied, and where nobody does, the caller is told: only it can walk back.

use super::{
    capabilities::Traces,
    client::{EvmClient, Need, lock},
    error::{EvmError, hash_text},
    head::Head,
    parts::{self, BlockParts},
};
use std::{
    collections::BTreeMap,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Requests at the same time at most.
pub const WORKERS_MAX: usize = 16;
/// Requests at the same time without another word.
const WORKERS: usize = 4;
/// Blocks in one request at most.
pub const CHUNK_BLOCKS_MAX: usize = 32;
/// Bytes of answers that a request is made for.
const CHUNK_BYTES: usize = 4 << 20;
/// Bytes of answers whose blocks wait for an earlier one; then no further one is asked for. What is under way comes on
/// top: [`super::ANSWER_BYTES_MAX`] for each worker at the very most.
pub const AHEAD_BYTES_MAX: usize = 128 << 20;

/// A chunk as it was fetched: which endpoint gave it, and bytes that it came as.
struct Chunk<T> {
    rank: usize,
    bytes: usize,
    blocks: Vec<(Head, T)>,
}

struct State<T> {
    /// The next block to ask for, and its chunk's number.
    next: (u64, usize),
    /// The chunk to hand on next.
    wanted: usize,
    /// Bytes of what is done.
    bytes: usize,
    done: BTreeMap<usize, (u64, usize, Result<Chunk<T>, EvmError>)>,
    is_over: bool,
}

/// Reads blocks.
#[derive(Debug)]
pub struct Fetcher<'a> {
    client: &'a EvmClient,
    workers: usize,
    kind: Traces,
    chunk: AtomicUsize,
}

impl<'a> Fetcher<'a> {
    /// A fetcher that takes the best traces that the endpoints have.
    pub fn new(client: &'a EvmClient) -> Self {
        Self { client, workers: WORKERS, kind: client.traces(), chunk: AtomicUsize::new(4) }
    }

    /// The same with so many requests at a time, up to [`WORKERS_MAX`].
    #[must_use]
    pub fn with_workers(self, workers: usize) -> Self {
        Self { workers: workers.clamp(1, WORKERS_MAX), ..self }
    }

    /// What the blocks will know of internal transfers.
    pub fn traces(&self) -> Traces {
        self.kind
    }

    /// Fetches the blocks `from..=to`, turns each into something by `decode` (on several threads; a text says why a
    /// block cannot be read, and another endpoint is asked) and hands them to `take` in order.
    ///
    /// `parent` is the hash of the block before `from`, where it is known: the first block must follow it. Ends early
    /// where `take` gives `false` or an error, or at the first block that nobody can give, after everything before it was
    /// handed on. [`EvmError::Broken`] says that a block does not follow the one handed on before.
    pub fn run<T: Send, E: From<EvmError>>(
        &self,
        from: u64,
        to: u64,
        parent: Option<[u8; 32]>,
        decode: impl Fn(&BlockParts) -> Result<T, String> + Sync,
        mut take: impl FnMut(&Head, T) -> Result<bool, E>,
    ) -> Result<(), E> {
        if to > u64::from(u32::MAX) || from > to {
            return Err(EvmError::Range { from, to }.into());
        }
        let state = Mutex::new(State { next: (from, 0), wanted: 0, bytes: 0, done: BTreeMap::new(), is_over: false });
        let changed = Condvar::new();
        let work = || {
            while let Some((first, count, index)) = self.claim(&state, &changed, to) {
                let chunk = self.chunk(first, count, None, &decode);
                let mut guard = lock(&state);
                guard.bytes += chunk.as_ref().map_or(0, |chunk| chunk.bytes);
                guard.done.insert(index, (first, count, chunk));
                drop(guard);
                changed.notify_all();
            }
        };
        thread::scope(|scope| {
            for _ in 0..self.workers {
                scope.spawn(work);
            }
            // also where `take` panics: the workers must not wait for ever
            let _over = Over { state: &state, changed: &changed };
            let mut before = parent.map(|hash| (hash, 0));
            let mut index = 0;
            let mut next = from;
            while next <= to {
                let (first, count, chunk) = wait(&state, &changed, index);
                changed.notify_all();
                let chunk = self.joined(before, first, count, chunk?, &decode)?;
                for (head, block) in chunk.blocks {
                    before = Some((head.hash, head.time));
                    next = head.number + 1;
                    if !take(&head, block)? {
                        return Ok(());
                    }
                }
                index += 1;
            }
            Ok(())
        })
    }

    /// The next chunk for a worker, `None` when there is none left.
    fn claim<T>(&self, state: &Mutex<State<T>>, changed: &Condvar, to: u64) -> Option<(u64, usize, usize)> {
        let mut guard = lock(state);
        loop {
            let (first, index) = guard.next;
            if guard.is_over || first > to {
                return None;
            }
            // chunks are claimed in order, so the one that is waited for is never the one that must wait
            let is_wanted = index <= guard.wanted;
            if is_wanted || (guard.bytes < AHEAD_BYTES_MAX && index < guard.wanted + 4 * self.workers) {
                let left = to - first + 1;
                let count = (self.chunk.load(Ordering::Relaxed) as u64).clamp(1, left);
                guard.next = (first + count, index + 1);
                return Some((first, count as usize, index));
            }
            guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Fetches and decodes one chunk at any endpoint but one.
    fn chunk<T>(
        &self,
        first: u64,
        count: usize,
        but: Option<(usize, EvmError)>,
        decode: &impl Fn(&BlockParts) -> Result<T, String>,
    ) -> Result<Chunk<T>, EvmError> {
        let chunk = self.client.ask_but("eth_getBlockByNumber", Need::Blocks(self.kind), but, |endpoint, can| {
            let all = parts::fetch(endpoint, can, self.kind, first, count)?;
            let bytes = all.iter().map(BlockParts::len).sum();
            let blocks = all.iter().map(|parts| {
                let wrong = |what| EvmError::Block { url: endpoint.shown(), number: parts.head.number, what };
                Ok((parts.head, decode(parts).map_err(wrong)?))
            });
            Ok(Chunk { rank: endpoint.rank(), bytes, blocks: blocks.collect::<Result<_, EvmError>>()? })
        })?;
        self.adapt(count, chunk.bytes);
        Ok(chunk)
    }

    /// Requests grow and shrink towards [`CHUNK_BYTES`].
    fn adapt(&self, count: usize, bytes: usize) {
        let each = bytes / count.max(1);
        let fitting = (CHUNK_BYTES / each.max(1)).clamp(1, CHUNK_BLOCKS_MAX);
        // twice as many at most: the blocks to come can be larger
        self.chunk.store(fitting.min(2 * count.max(1)), Ordering::Relaxed);
    }

    /// The chunk itself where it follows `before`, or the one that another endpoint gives.
    fn joined<T>(
        &self,
        before: Option<([u8; 32], u64)>,
        first: u64,
        count: usize,
        chunk: Chunk<T>,
        decode: &impl Fn(&BlockParts) -> Result<T, String>,
    ) -> Result<Chunk<T>, EvmError> {
        let Some(wrong) = gap(before, &chunk) else { return Ok(chunk) };
        let again = self.chunk(first, count, Some((chunk.rank, wrong.clone())), decode)?;
        if let Some(wrong) = gap(before, &again) {
            return Err(wrong);
        }
        // another one follows, so it was no reorganisation
        self.client.failed(chunk.rank, wrong);
        Ok(again)
    }
}

/// The chunk with that number, once it is done: where it begins, its blocks, and what came of it.
fn wait<T>(state: &Mutex<State<T>>, changed: &Condvar, index: usize) -> (u64, usize, Result<Chunk<T>, EvmError>) {
    let mut guard = lock(state);
    loop {
        if let Some((first, count, chunk)) = guard.done.remove(&index) {
            guard.wanted = index + 1;
            guard.bytes -= chunk.as_ref().map_or(0, |chunk| chunk.bytes);
            return (first, count, chunk);
        }
        guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Why the chunk does not follow the block before it.
fn gap<T>(before: Option<([u8; 32], u64)>, chunk: &Chunk<T>) -> Option<EvmError> {
    let ((expected, time), head) = (before?, chunk.blocks.first()?.0);
    (head.parent != expected || head.time < time).then(|| EvmError::Broken {
        number: head.number,
        found: hash_text(&head.parent),
        expected: hash_text(&expected),
    })
}

struct Over<'a, T> {
    state: &'a Mutex<State<T>>,
    changed: &'a Condvar,
}

impl<T> Drop for Over<'_, T> {
    fn drop(&mut self) {
        lock(self.state).is_over = true;
        self.changed.notify_all();
    }
}
