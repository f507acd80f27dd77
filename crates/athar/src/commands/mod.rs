//! One file for each group of commands: words in, engine calls, views out.

pub(crate) mod accounts;
pub(crate) mod alerts;
pub(crate) mod bench;
pub(crate) mod bench_patterns;
pub(crate) mod bench_screen;
pub(crate) mod check;
pub(crate) mod coinjoin;
pub(crate) mod demo;
pub(crate) mod demo_desk;
pub(crate) mod desk;
pub(crate) mod discover;
pub(crate) mod entity;
#[cfg(feature = "parquet")]
pub(crate) mod export;
pub(crate) mod fetch;
pub(crate) mod follow;
pub(crate) mod ingest;
pub(crate) mod labels;
pub(crate) mod lists;
pub(crate) mod mempool;
pub(crate) mod names;
pub(crate) mod paths;
pub(crate) mod patterns;
pub(crate) mod policy;
pub(crate) mod prices;
pub(crate) mod published;
pub(crate) mod read;
pub(crate) mod records;
pub(crate) mod screen;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod team;
pub(crate) mod totals;
pub(crate) mod trace;

use crate::printer::Printer;
use athar_engine::{Day, Engine, Options};
use std::path::Path;

/// Opens the store for a reading command, whose amounts are in the coin of its chain, and says so where its entities are
/// older than its chain, or their figures not all known.
pub(crate) fn open_engine(store: &Path, open: &Options, printer: &Printer) -> anyhow::Result<Engine> {
    let engine = Engine::open(store, open)?;
    crate::show::set_chain(engine.chain());
    if let Some((height, behind)) = engine.entities_behind() {
        let blocks = if behind == 1 { "block" } else { "blocks" };
        printer.note(&format!("entities are as of height {height}, {behind} {blocks} behind the chain"));
    }
    if let Some(stale) = engine.cuts_stale() {
        printer.warn(&format!("{stale}; `athar entity conflicts` makes it again"));
    }
    if let Some(height) = engine.entities_rewound() {
        printer.note(&format!(
            "the stored entities end with block {height}, which the chain does not hold: figures of some large ones are not \
             known until they are built again"
        ));
    }
    Ok(engine)
}

/// As [`open_engine`], for a question about `target`: where no chain was named, the chain of the store that the text is an
/// address of is asked, if there is one.
pub(crate) fn open_engine_for(store: &Path, open: &Options, target: &str, printer: &Printer) -> anyhow::Result<Engine> {
    let found = if open.chain.is_none() { Engine::chains_of(store, target)? } else { Vec::new() };
    let Some((chain, others)) = found.split_first() else { return open_engine(store, open, printer) };
    if !others.is_empty() {
        let names: Vec<_> = others.iter().map(|chain| chain.name()).collect();
        printer.note(&format!("asked of {chain}; --chain asks {}, which the store has too", names.join(", ")));
    }
    open_engine(store, &Options { chain: Some(*chain), ..open.clone() }, printer)
}

/// Today in UTC: the day from which an import is known. The only clock that a store's content sees.
pub(crate) fn today() -> Day {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Day((now.as_secs() / 86_400) as i32)
}
