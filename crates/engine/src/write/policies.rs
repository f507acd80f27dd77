//! Policies: which ones a store keeps, and which one decides.

use crate::error::EngineError;
use athar_ledger::{Disk, Store, StoreLock};
use athar_policy::{Policy, PolicyStore, Stored};
use athar_types::Day;
use std::path::Path;

/// What is done with a policy.
#[derive(Clone, Copy, Debug)]
pub enum PolicyChange<'a> {
    /// A file is added and put on test.
    Add(&'a Path),
    /// A version that is known, also a shipped one, is put on test.
    TakeUp(&'a str),
    /// A version decides from now on.
    Activate(&'a str),
    /// A version is no longer on test.
    Retire(&'a str),
}

/// Changes the policies of the store in `folder`, making it where there is none; `today` goes into the journal. What is
/// refused changes nothing.
pub fn change_policy(folder: &Path, change: PolicyChange<'_>, today: Day) -> Result<Stored, EngineError> {
    // a bad file must not make a store
    let read = match change {
        PolicyChange::Add(path) => {
            let text = Policy::read_text(path)?;
            let policy = Policy::parse(path, &text)?;
            Some((text, policy))
        }
        _ => None,
    };
    let lock = StoreLock::take(folder)?;
    let disk = Store::open_for_writing(folder, &lock, Disk::default())?.disk().clone();
    let mut store = PolicyStore::open(super::policies_folder(folder))?.with_disk(disk);
    let found = |store: &PolicyStore, text: &str| store.find(text).cloned();
    let stored = match (change, read) {
        (PolicyChange::TakeUp(text), _) => {
            let stored = found(&store, text)?;
            store.take_up(&stored, today)?
        }
        (PolicyChange::Activate(text), _) => {
            let stored = found(&store, text)?;
            store.activate(&stored, today)?
        }
        (PolicyChange::Retire(text), _) => {
            let stored = found(&store, text)?;
            store.retire(&stored, today)?
        }
        (PolicyChange::Add(_), Some((text, policy))) => store.add(&text, &policy, today)?,
        (PolicyChange::Add(_), None) => unreachable!("a file that is added was read"),
    };
    Ok(stored)
}
