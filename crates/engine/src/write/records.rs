//! Importing, deleting and noting off-chain records.
//!
//! The store of records needs no chain and takes no lock of the store: its own database knows one writer at a time.

use crate::error::EngineError;
use crate::read::forget_recorded_hits;
use athar_records::{By, Order, Receipt, Records};
use std::fs::File;
use std::io;
use std::path::Path;

/// Imports a file into the records of the store in `folder`, which are made where there are none. What is past its time is deleted first.
pub fn import_records(folder: &Path, file: &Path, order: &Order<'_>, by: By<'_>) -> Result<Receipt, EngineError> {
    let store = Records::open(folder)?;
    retain(&store, folder, by)?;
    Ok(store.import(order, by, || File::open(file))?)
}

/// As [`import_records`], of bytes that are there already.
pub fn import_record_bytes(folder: &Path, bytes: &[u8], order: &Order<'_>, by: By<'_>) -> Result<Receipt, EngineError> {
    let store = Records::open(folder)?;
    retain(&store, folder, by)?;
    Ok(store.import(order, by, || io::Result::Ok(bytes))?)
}

/// To be called after records or notes were deleted: takes the hits of patterns that stood on records out of what is kept, and gives how
/// many there were. They are found again, as far as the records that are left show them, by the next run that keeps hits.
pub fn forget_hits_on_records(folder: &Path) -> Result<u64, EngineError> {
    forget_recorded_hits(folder)
}

fn retain(store: &Records, folder: &Path, by: By<'_>) -> Result<(), EngineError> {
    if store.retain(by)? > 0 {
        forget_hits_on_records(folder)?;
    }
    Ok(())
}
