//! Official lists: every version kept, their addresses among the labels.

use crate::error::EngineError;
use athar_labels::{ImportOptions, ImportOutcome, LabelStore};
use athar_ledger::{Disk, Store, StoreLock};
use athar_lists::{ListError, ListImportOutcome, ListStore, ReadOptions};
use athar_types::{Chain, Day, Network};
use std::path::{Path, PathBuf};

/// What an import of lists did.
#[derive(Debug)]
pub struct ListsImport {
    /// The lists.
    pub lists: ListImportOutcome,
    /// The labels that their addresses became.
    pub labels: ImportOutcome,
}

/// Imports official lists into the store in `folder`, making it where there is none. `today` is recorded as the day from
/// which they are known. A file that is malformed as a whole is refused and changes nothing; the others are imported.
///
/// The versions of the lists are committed first, then the labels of their addresses: two commits. A crash between them
/// leaves lists without their labels, and the same import again completes it, since labels are made from every list that is
/// given, whether its version was stored before or not.
pub fn import_lists(
    folder: &Path,
    files: &[PathBuf],
    options: &ReadOptions,
    today: Day,
) -> Result<ListsImport, EngineError> {
    let lock = StoreLock::take(folder)?;
    let store = Store::open_for_writing(folder, &lock, Disk::default())?;
    let chain = store.chain(Chain::Bitcoin).or(store.manifest().chains.first());
    let network = chain.map_or(Network::Mainnet, |c| c.network);
    let mut lists = ListStore::open(super::lists_folder(folder))?.with_disk(store.disk().clone());
    let outcome = lists.import(files, options, today)?;
    let read = outcome.imports.iter().map(|i| Ok((i.path.clone(), lists.load(&i.version.version)?)));
    let read: Vec<_> = read.collect::<Result<_, ListError>>()?;
    let mut labels = LabelStore::open(super::labels_folder(folder))?.with_disk(store.disk().clone());
    let labels = labels.import_lists(&read, &ImportOptions { network, ..ImportOptions::new(today) })?;
    Ok(ListsImport { lists: outcome, labels })
}
