//! Many blocks at once, handed on in order.

use crate::error::NodeError;
use crate::rpc::Rpc;
use athar_types::Hash32;
use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// Blocks asked for at the same time: a node answers RPC with four threads by default.
const WORKERS: usize = 4;
/// Blocks that may be ahead of the one handed on. With blocks of 4 MB and their rows, about 400 MB.
const AHEAD_MAX: usize = 24;

struct State<T> {
    /// The next block to fetch.
    next: usize,
    /// The next block to hand on.
    wanted: usize,
    done: BTreeMap<usize, Result<T, NodeError>>,
    is_over: bool,
}

/// Fetches the blocks `hashes` from the node, turns each into something by `decode` (on several threads) and hands
/// them to `take` in the order of `hashes`. Ends early where `take` gives `false` or an error, or at the first block that
/// cannot be fetched, after everything before it was handed on.
pub fn fetch_blocks<T: Send, E: From<NodeError>>(
    rpc: &Rpc,
    hashes: &[Hash32],
    decode: impl Fn(&Hash32, Vec<u8>) -> T + Sync,
    mut take: impl FnMut(T) -> Result<bool, E>,
) -> Result<(), E> {
    let state = Mutex::new(State { next: 0, wanted: 0, done: BTreeMap::new(), is_over: false });
    let changed = Condvar::new();
    let work = || {
        while let Some(index) = claim(&state, &changed, hashes.len()) {
            let block = rpc.block(&hashes[index]).map(|raw| decode(&hashes[index], raw));
            lock(&state).done.insert(index, block);
            changed.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 0..WORKERS.min(hashes.len()) {
            scope.spawn(work);
        }
        // also where `take` panics: the workers must not wait for ever
        let _over = Over { state: &state, changed: &changed };
        for index in 0..hashes.len() {
            let block = {
                let mut guard = lock(&state);
                loop {
                    if let Some(block) = guard.done.remove(&index) {
                        guard.wanted = index + 1;
                        break block;
                    }
                    guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
                }
            };
            changed.notify_all();
            if !take(block?)? {
                break;
            }
        }
        Ok(())
    })
}

/// The next block for a worker, `None` when there is none left.
fn claim<T>(state: &Mutex<State<T>>, changed: &Condvar, count: usize) -> Option<usize> {
    let mut guard = lock(state);
    loop {
        if guard.is_over || guard.next == count {
            return None;
        }
        if guard.next < guard.wanted + AHEAD_MAX {
            guard.next += 1;
            return Some(guard.next - 1);
        }
        guard = changed.wait(guard).unwrap_or_else(PoisonError::into_inner);
    }
}

fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
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
