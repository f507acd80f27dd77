//! `athar simulate`.

use crate::Outcome;
use crate::args::Simulate;
use crate::printer::Printer;
use crate::show;
use athar_simulate::{Settings, Summary};
use serde::Serialize;

pub(crate) fn run(words: &Simulate, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut settings = if words.profile {
        Settings::profile(words.seed, words.txs, &words.out)
    } else {
        Settings::economy(words.seed, words.txs, &words.out)
    };
    settings.campaigns = words.campaigns;
    settings.hub_permille = words.hub_permille;
    settings.overwrite = words.overwrite;
    let summary = with_progress(&settings, printer)?;
    printer.view(&SimulateView::from(&summary), show::simulate)?;
    Ok(Outcome::Done)
}

/// Simulates with a bar.
pub(crate) fn with_progress(settings: &Settings, printer: &Printer) -> anyhow::Result<Summary> {
    let template = "{prefix:>9} {wide_bar} {human_pos}/{human_len} transactions  {eta}";
    let bar = printer.bar(u64::from(settings.txs), "simulate", template);
    let summary = athar_simulate::simulate(settings, &mut |p| bar.set_position(p.txs));
    bar.finish_and_clear();
    Ok(summary?)
}

/// What was written.
#[derive(Debug, Serialize)]
pub(crate) struct SimulateView {
    /// Transactions on the best chain.
    pub(crate) txs: u64,
    /// Blocks on the best chain.
    pub(crate) blocks: u64,
    /// Blocks beside it.
    pub(crate) stale_blocks: u64,
    /// Inputs that spend an output.
    pub(crate) inputs: u64,
    /// Outputs.
    pub(crate) outputs: u64,
    /// Bytes of blocks and frames.
    pub(crate) block_bytes: u64,
    /// Campaigns and look-alikes.
    pub(crate) campaigns: usize,
    /// SHA-256 over the hashes of all files.
    pub(crate) digest: String,
}

impl From<&Summary> for SimulateView {
    fn from(s: &Summary) -> Self {
        Self {
            txs: s.txs,
            blocks: s.blocks,
            stale_blocks: s.stale_blocks,
            inputs: s.inputs,
            outputs: s.outputs,
            block_bytes: s.block_bytes,
            campaigns: s.campaigns,
            digest: s.digest.clone(),
        }
    }
}
