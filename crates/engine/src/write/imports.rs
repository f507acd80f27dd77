//! Labels and prices: what people say, and what a bitcoin was worth.

use crate::error::EngineError;
use athar_labels::{
    BundleReport, Decision, ImportOptions, ImportOutcome, LabelError, LabelId, LabelStore, OwnLabel, Ruling,
};
use athar_ledger::{Disk, Store, StoreLock};
use athar_prices::{FILE, ImportOptions as PricesOptions, ImportReport as PricesReport, Journal};
use athar_types::{Chain, Day, Network};
use std::collections::BTreeMap;
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
    import_tables(folder, files, today, license, BTreeMap::new(), None)
}

/// As [`import_labels`], of tables whose columns are named: the file's column for each field of a label. Without any, files are
/// told by their content. `encoding`: what the files are in, where their bytes do not show it.
pub fn import_tables(
    folder: &Path,
    files: &[PathBuf],
    today: Day,
    license: Option<String>,
    columns: BTreeMap<String, String>,
    encoding: Option<String>,
) -> Result<LabelsImport, EngineError> {
    with_labels(folder, |labels, network| {
        let options = ImportOptions { network, license, columns, encoding, ..ImportOptions::new(today) };
        labels.import(files, &options)
    })
}

/// Adds a label of the user's own; `today` is the day from which it is known.
pub fn add_label(folder: &Path, own: &OwnLabel, today: Day) -> Result<LabelsImport, EngineError> {
    with_labels(folder, |labels, network| labels.add(own, &ImportOptions { network, ..ImportOptions::new(today) }))
}

/// Records a decision about a label.
pub fn decide_label(folder: &Path, label: LabelId, ruling: Ruling) -> Result<Decision, EngineError> {
    with_labels(folder, |labels, _| labels.decide_on(label, ruling))
}

/// Takes in the history of another store's labels, with the days on which they came to be known there.
pub fn adopt_labels(folder: &Path, file: &Path) -> Result<BundleReport, EngineError> {
    with_labels(folder, |labels, _| labels.import_history(file))
}

/// Opens the labels for writing, with the network that their addresses are read on.
fn with_labels<T>(
    folder: &Path,
    write: impl FnOnce(&mut LabelStore, Network) -> Result<T, LabelError>,
) -> Result<T, EngineError> {
    let lock = StoreLock::take(folder)?;
    let store = Store::open_for_writing(folder, &lock, Disk::default())?;
    // labels speak of the network that the store holds: Bitcoin's, or that of its first chain
    let chain = store.chain(Chain::Bitcoin).or(store.manifest().chains.first());
    let network = chain.map_or(Network::Mainnet, |c| c.network);
    let mut labels = LabelStore::open(super::labels_folder(folder))?.with_disk(store.disk().clone());
    Ok(write(&mut labels, network)?)
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
