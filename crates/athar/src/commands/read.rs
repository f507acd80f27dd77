//! The commands that ask the store one thing.

use super::{open_engine, open_engine_for};
use crate::Outcome;
use crate::args::Page;
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use serde::Serialize;
use std::path::Path;

/// Prints what was found, or says that nothing was.
pub(crate) fn found<T: Serialize>(
    view: Option<T>,
    what: &str,
    printer: &Printer,
    show: impl FnOnce(&T) -> String,
) -> anyhow::Result<Outcome> {
    match view {
        Some(view) => {
            printer.view(&view, show)?;
            Ok(Outcome::Done)
        }
        None => {
            if printer.is_json() {
                printer.data("null\n")?;
            }
            printer.note(&format!("{what}: not on the chain in this store"));
            Ok(Outcome::Nothing)
        }
    }
}

pub(crate) fn status(store: &Path, open: &Options, printer: &Printer) -> anyhow::Result<Outcome> {
    printer.view(&open_engine(store, open, printer)?.status()?, show::status)?;
    Ok(Outcome::Done)
}

pub(crate) fn verify(store: &Path, open: &Options, printer: &Printer) -> anyhow::Result<Outcome> {
    printer.view(&open_engine(store, open, printer)?.verify()?, show::verify)?;
    Ok(Outcome::Done)
}

pub(crate) fn block(store: &Path, open: &Options, block: &str, printer: &Printer) -> anyhow::Result<Outcome> {
    let engine = open_engine_for(store, open, block, printer)?;
    if engine.is_account_chain() {
        return super::accounts::block(&engine, block, printer);
    }
    found(engine.block(block)?, block, printer, show::block)
}

pub(crate) fn tx(store: &Path, open: &Options, txid: &str, printer: &Printer) -> anyhow::Result<Outcome> {
    let engine = open_engine_for(store, open, txid, printer)?;
    if engine.is_account_chain() {
        return super::accounts::tx(&engine, txid, printer);
    }
    found(engine.tx(txid)?, txid, printer, show::tx)
}

pub(crate) fn address(
    store: &Path,
    open: &Options,
    address: &str,
    page: Page,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let engine = open_engine_for(store, open, address, printer)?;
    if engine.is_account_chain() {
        return super::accounts::address(&engine, address, page, printer);
    }
    found(engine.address(address, page.offset, Some(page.limit as usize))?, address, printer, show::address)
}
