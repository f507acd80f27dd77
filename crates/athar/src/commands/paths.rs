//! `athar paths`.

use super::open_engine;
use crate::Outcome;
use crate::args::Paths;
use crate::printer::Printer;
use crate::show;
use athar_engine::Options;
use athar_engine::read::PathsOptions;
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: &Paths, printer: &Printer) -> anyhow::Result<Outcome> {
    let options = PathsOptions {
        by: words.by,
        count_max: words.count as usize,
        hops_max: words.hops,
        edges_max: words.edges,
        fan_max: words.fan,
        amount_min_sat: words.min_amount,
        since: words.since,
        until: words.until,
        either: words.either,
        through_services: words.through_services,
    };
    let engine = open_engine(store, open, printer)?;
    let bar = printer.bar(words.edges, "steps", "{prefix} {bar:30} {human_pos} of at most {human_len}");
    let view = engine.paths_with(&words.from, &words.to, &options, &mut |progress| {
        bar.set_position(progress.edge_count);
        true
    })?;
    bar.finish_and_clear();
    printer.view(&view, show::paths)?;
    let found = view.searches.iter().any(|search| !search.paths.is_empty());
    Ok(if found { Outcome::Done } else { Outcome::Nothing })
}
