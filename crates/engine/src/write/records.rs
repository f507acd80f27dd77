//! Importing, deleting and noting off-chain records.
//!
//! The store of records needs no chain and takes no lock of the store: its own database knows one writer at a time.

use crate::error::EngineError;
use athar_records::{By, Order, Receipt, Records};
use std::fs::File;
use std::io;
use std::path::Path;

/// Imports a file into the records of the store in `folder`, which are made where there are none. What is past its time is deleted first.
pub fn import_records(folder: &Path, file: &Path, order: &Order<'_>, by: By<'_>) -> Result<Receipt, EngineError> {
    let store = Records::open(folder)?;
    store.retain(by)?;
    Ok(store.import(order, by, || File::open(file))?)
}

/// As [`import_records`], of bytes that are there already.
pub fn import_record_bytes(folder: &Path, bytes: &[u8], order: &Order<'_>, by: By<'_>) -> Result<Receipt, EngineError> {
    let store = Records::open(folder)?;
    store.retain(by)?;
    Ok(store.import(order, by, || io::Result::Ok(bytes))?)
}
