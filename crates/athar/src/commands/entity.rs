//! `athar entity`.

use super::{open_engine, read::found};
use crate::Outcome;
use crate::args::{Entity, EntityQuestion};
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: &Entity, printer: &Printer) -> anyhow::Result<Outcome> {
    let engine = open_engine(store, open, printer)?;
    match (&words.question, &words.address) {
        (Some(EntityQuestion::Without { txid, address, edges }), _) => {
            let view = engine.entity_without(txid, address, *edges)?;
            found(view, &format!("{txid} or {address}"), printer, show::without)
        }
        (None, address) => {
            // without a question the address is required
            let address = address.as_deref().unwrap_or_default();
            let page = words.page;
            found(engine.entity(address, page.offset, Some(page.limit as usize))?, address, printer, show::entity)
        }
    }
}
