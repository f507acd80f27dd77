//! `athar simulate`.

use crate::Outcome;
use crate::args::Simulate;
use crate::printer::Printer;
use crate::show;
use athar_simulate::{Settings, Summary};

pub(crate) fn run(words: &Simulate, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut settings = if words.profile {
        Settings::profile(words.seed, words.txs, &words.out)
    } else {
        Settings::economy(words.seed, words.txs, &words.out)
    };
    settings.overwrite = words.overwrite;
    let summary = with_progress(&settings, printer)?;
    printer.view(&summary, show::simulate)?;
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
