//! `athar mempool`.

use crate::Outcome;
use crate::args::Page;
use crate::printer::Printer;
use crate::show;
use athar_engine::read::mempool;
use std::path::Path;

pub(crate) fn run(store: &Path, address: Option<&str>, page: Page, printer: &Printer) -> anyhow::Result<Outcome> {
    let Some(view) = mempool(store, address, page.offset, page.limit as usize)? else {
        if printer.is_json() {
            printer.data("null\n")?;
        }
        printer.note(
            "no follower has written a mempool view into this store\nhint: `athar follow bitcoin --rpc URL` keeps one",
        );
        return Ok(Outcome::Nothing);
    };
    printer.view(&view, show::mempool)?;
    Ok(if view.txs_matching == 0 { Outcome::Nothing } else { Outcome::Done })
}
