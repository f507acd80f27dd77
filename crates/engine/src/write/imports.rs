//! Labels and prices: what people say, and what a bitcoin was worth.

use crate::error::EngineError;
use athar_labels::{ImportOptions, ImportOutcome, LabelStore};
use athar_ledger::{Disk, Store, StoreLock};
use athar_prices::{FILE, ImportOptions as PricesOptions, ImportReport as PricesReport, Journal};
use athar_types::{Chain, Day, Network};
use std::path::{Path, PathBuf};

/// What an import of labels did.
pub type LabelsImport = ImportOutcome;

/// Imports label files (TagPack, ActorPack, OFAC, NBCTF, plain CSV, told by their content) into the store in `folder`,
/// making it where there is none. `today` is recorded as the day from which the labels are known.
///
/// A file that is malformed as a whole is refused and changes nothing; the others are imported.
pub fn import_labels(
    folder: &Path,
    files: &[PathBuf],
    today: Day,
    license: Option<String>,
) -> Result<LabelsImport, EngineError> {
    let lock = StoreLock::take(folder)?;
    let store = Store::open_for_writing(folder, &lock, Disk::default())?;
    // labels speak of the network that the store holds: Bitcoin's, or that of its first chain
    let chain = store.chain(Chain::Bitcoin).or(store.manifest().chains.first());
    let network = chain.map_or(Network::Mainnet, |c| c.network);
    let mut labels = LabelStore::open(super::labels_folder(folder))?.with_disk(store.disk().clone());
    let options = ImportOptions { network, license, ..ImportOptions::new(today) };
    Ok(labels.import(files, &options)?)
}

/// Imports price files into the store in `folder`, making it where there is none; a report for each file, in order.
/// All or nothing: on an error the store's prices are what they were.
pub fn import_prices(
    folder: &Path,
    files: &[PathBuf],
    options: &PricesOptions,
) -> Result<Vec<PricesReport>, EngineError> {
    if !folder.exists() {
        // the files first: a bad one must not leave a new store behind
        Journal::default().import(files, options)?;
    }
    let lock = StoreLock::take(folder)?;
    let store = Store::open_for_writing(folder, &lock, Disk::default())?;
    let stored = Journal::open(folder)?;
    let (next, reports) = stored.import(files, options)?;
    if next != stored {
        store.disk().replace(&folder.join(FILE), next.to_text().as_bytes())?;
    }
    Ok(reports)
}
