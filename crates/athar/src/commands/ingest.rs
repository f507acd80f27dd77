//! `athar ingest`.

use crate::Outcome;
use crate::args::{Ingest, IngestWords};
use crate::printer::Printer;
use crate::show;
use athar_engine::write::{IngestSettings, IngestSummary, Stage, ingest_blocks};
use athar_engine::{Chain, Clustering};
use indicatif::ProgressBar;
use std::path::Path;

pub(crate) fn run(
    store: &Path,
    ingest: &Ingest,
    clusterings: Vec<Clustering>,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let (chain, words) = match ingest.chain.parts() {
        (chain, IngestWords::Blocks(words)) => (chain, words),
        (chain, IngestWords::Accounts(words)) => return super::accounts::ingest(store, chain, words, printer),
    };
    let settings = IngestSettings { network: words.network, memory_bytes: words.memory, clusterings };
    let summary = with_progress(store, chain, &words.blocks, settings, printer)?;
    for damage in &summary.damage {
        printer.warn(damage);
    }
    printer.view(&summary, show::ingest)?;
    match &summary.unconnected {
        None => Ok(Outcome::Done),
        Some(why) => {
            printer.warn(&format!(
                "{why}\n{} blocks are not in the store\nhint: a node that is still syncing stores blocks out of order; \
                 ingest again when it has them",
                summary.blocks_unconnected
            ));
            Ok(Outcome::Partly)
        }
    }
}

/// Ingests with a bar for each stage.
pub(crate) fn with_progress(
    store: &Path,
    chain: Chain,
    blocks: &Path,
    settings: IngestSettings,
    printer: &Printer,
) -> anyhow::Result<IngestSummary> {
    let mut reading: Option<ProgressBar> = None;
    let mut joining: Option<ProgressBar> = None;
    let summary = ingest_blocks(store, chain, blocks, settings, &mut |stage| {
        match stage {
            Stage::Blocks(p) => {
                let bar = reading.get_or_insert_with(|| {
                    let template = "{prefix:>9} {wide_bar} height {msg}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta}";
                    printer.bar(p.bytes_total, "blocks", template)
                });
                bar.set_position(p.bytes);
                bar.set_message(p.height.to_string());
            }
            Stage::Entities { done, total } => {
                let bar = joining.get_or_insert_with(|| {
                    printer.bar(total, "entities", "{prefix:>9} {wide_bar} {human_pos}/{human_len} transactions  {eta}")
                });
                bar.set_position(done);
            }
        }
        true
    });
    for bar in [reading, joining].into_iter().flatten() {
        bar.finish_and_clear();
    }
    Ok(summary?)
}
