//! What a disk of a test records, and what goes wrong on it.

use crate::model::{Before, Model};
use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// EIO, which has no name in `std`.
const INPUT_OUTPUT_ERROR: i32 = 5;

/// A kind of operation on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// A folder is created.
    CreateFolder,
    /// A file is created or emptied.
    Create,
    /// Bytes are written to a file.
    Write,
    /// The content of a file is made durable.
    Sync,
    /// A file is renamed to this name, over what had it.
    Rename,
    /// The names in a folder are made durable.
    SyncFolder,
    /// A file, or a folder with all in it, is removed.
    Remove,
}

/// One operation. Names, not numbers, say which: threads may change their order, but not what each of them does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// What is done.
    pub op: Op,
    /// To which file or folder, inside the disk's root.
    pub path: PathBuf,
    /// For the how manieth time, from 0.
    pub nth: u32,
}

/// How an operation fails. Every one but a cut happens once: what is tried afterwards works again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is done; the system reports an input/output error.
    Refused,
    /// Nothing is done; the system reports a full disk.
    Full,
    /// Half of it is done, then the disk is full: of a write or removal the first half, of a sync nothing, and what was
    /// not durable is gone. Any other operation is [refused](Failure::Refused).
    Torn,
    /// It is done, and yet an input/output error is reported.
    Late,
    /// The power fails: the operation and all later ones fail, and of what was not durable this is left.
    Power(Cut),
}

/// What of the work that was not synced a power cut leaves. The two extremes: a file system may write names and contents
/// to the device in any order between two syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Removals only: contents, created names and renames that were not synced are gone.
    LeavesRemovals,
    /// Removals and renames: contents and created names that were not synced are gone.
    LeavesRenames,
}

/// What goes wrong, and where.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The operation that fails.
    pub step: Step,
    /// How.
    pub failure: Failure,
}

/// How much of an operation to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Verdict {
    Whole,
    Half,
}

/// What was recorded and what is to fail.
#[derive(Debug)]
pub(crate) struct Plan {
    /// `None` on a disk that only counts its space.
    root: Option<PathBuf>,
    fault: Option<Fault>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    space: Option<u64>,
    steps: Vec<Step>,
    counts: HashMap<(Op, PathBuf), u32>,
    model: Model,
    failed: bool,
    dead: bool,
}

fn failed() -> io::Error {
    io::Error::from_raw_os_error(INPUT_OUTPUT_ERROR)
}

fn full() -> io::Error {
    io::ErrorKind::StorageFull.into()
}

impl Plan {
    pub(crate) fn with_space(bytes: u64) -> Self {
        let state = State { space: Some(bytes), ..State::default() };
        Self { root: None, fault: None, state: Mutex::new(state) }
    }

    pub(crate) fn new(root: &Path, fault: Option<Fault>) -> Self {
        Self { root: Some(root.into()), fault, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        self.state().steps.clone()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.state().failed
    }

    pub(crate) fn syncs(&self) -> bool {
        self.root.is_none()
    }

    /// Takes the room for a write.
    pub(crate) fn take_space(&self, bytes: usize) -> io::Result<()> {
        let mut state = self.state();
        let Some(space) = state.space else { return Ok(()) };
        let left = space.checked_sub(bytes as u64);
        state.space = Some(left.unwrap_or(0));
        left.map(|_| ()).ok_or_else(full)
    }

    /// Records an operation and does as much of it as the plan lets. One at a time, so that a cut falls between two.
    pub(crate) fn perform<T>(&self, op: Op, path: &Path, work: impl FnOnce(Verdict) -> io::Result<T>) -> io::Result<T> {
        let Some(root) = &self.root else { return work(Verdict::Whole) };
        let mut state = self.state();
        if state.dead {
            return Err(failed());
        }
        let step = state.record(op, path.strip_prefix(root).unwrap_or(path));
        let failure = self.fault.as_ref().filter(|fault| fault.step == step).map(|fault| fault.failure);
        state.failed |= failure.is_some();
        let halves = matches!(op, Op::Write | Op::Sync | Op::Remove);
        match failure {
            None => {
                let before = Before::of(op, path);
                let done = work(Verdict::Whole)?;
                state.model.after(op, path, before);
                Ok(done)
            }
            Some(Failure::Late) => {
                let before = Before::of(op, path);
                work(Verdict::Whole)?;
                state.model.after(op, path, before);
                Err(failed())
            }
            Some(Failure::Torn) if halves => {
                work(Verdict::Half)?;
                Err(if op == Op::Write { full() } else { failed() })
            }
            Some(Failure::Full) => Err(full()),
            Some(Failure::Refused | Failure::Torn) => Err(failed()),
            Some(Failure::Power(cut)) => {
                state.dead = true;
                state.model.cut(cut)?;
                Err(failed())
            }
        }
    }
}

impl State {
    fn record(&mut self, op: Op, path: &Path) -> Step {
        let count = self.counts.entry((op, path.into())).or_default();
        let step = Step { op, path: path.into(), nth: *count };
        *count += 1;
        self.steps.push(step.clone());
        step
    }
}
