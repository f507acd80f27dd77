//! `athar screen`.

use super::open_engine;
use crate::Outcome;
use crate::args::{Screen, ScreenDepth};
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_engine::read::{AssessOptions, AssessedScreenView, Depth, PolicySet, ScreenOptions};
use athar_engine::{Chain, Engine, EngineError, Level, Options};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Lines of a file of targets are cut at this length: no target is longer.
const LINE_MAX: u64 = 4096;
/// Targets of one call at most.
const TARGETS_MAX: usize = 1_000_000;

pub(crate) fn run(store: &Path, open: &Options, words: &Screen, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut targets = words.targets.clone();
    if let Some(file) = &words.file {
        read_targets(file, &mut targets)?;
    }
    let open = Options { labels_as_of: words.moment.as_of(), ..open.clone() };
    let parts = by_chain(store, &open, &targets, printer)?;
    if let Some(policy) = &words.policy {
        let set = PolicySet::find(store, policy)?;
        let screen =
            ScreenOptions { hops_max: words.hops, time_limit_ms: words.time_limit, ..ScreenOptions::default() };
        let options = AssessOptions { screen, attempt_sat: words.attempt_sat };
        return assess(&parts, &targets, &options, &set, words.fail_on, printer);
    }
    let bar = printer.bar(targets.len() as u64, "screen", "{prefix:>9} {wide_bar} {human_pos}/{human_len}  {eta}");
    let done = || bar.inc(1);
    let depth = match words.depth {
        ScreenDepth::Indirect => None,
        ScreenDepth::Ownership => Some(Depth::Ownership),
        ScreenDepth::Counterparty => Some(Depth::Counterparty),
    };
    let risks: Vec<Level> = if let Some(depth) = depth {
        let views = answered(&parts, &targets, |engine, of| engine.screen_direct_batch(of, depth, &done))?;
        bar.finish_and_clear();
        printer.view(&views, |views| views.iter().map(show::screen_direct).collect::<Vec<_>>().join("\n"))?;
        views.iter().map(|v| v.risk).collect()
    } else {
        let limit = words.time_limit;
        let options = ScreenOptions { hops_max: words.hops, time_limit_ms: limit, ..ScreenOptions::default() };
        let views = answered(&parts, &targets, |engine, of| engine.screen_batch(of, &options, &done))?;
        bar.finish_and_clear();
        printer.view(&views, |views| views.iter().map(show::screen).collect::<Vec<_>>().join("\n"))?;
        views.iter().map(|v| v.risk).collect()
    };
    let reached = words.fail_on.is_some_and(|asked| risks.iter().any(|risk| reaches(*risk, asked)));
    // "nothing is known" is an answer too: whoever wants to stop on it says `--fail-on unknown`
    Ok(if reached { Outcome::Reached } else { Outcome::Done })
}

/// An opened chain, and which of the targets are asked of it.
type Part = (Engine, Vec<usize>);

/// Who is to be asked about each target: the chain that was named, or of the chains in the store the first that the target
/// can belong to, or the one that is asked where none can.
fn by_chain(store: &Path, open: &Options, targets: &[String], printer: &Printer) -> anyhow::Result<Vec<Part>> {
    let held = if open.chain.is_none() { Engine::chains_held(store)? } else { Vec::new() };
    if held.len() < 2 {
        return Ok(vec![(open_engine(store, open, printer)?, (0..targets.len()).collect())]);
    }
    let mut places: Vec<(Option<Chain>, Vec<usize>)> = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        let chain = Engine::chains_of(store, target)?.first().copied();
        match places.iter_mut().find(|(of, _)| *of == chain) {
            Some((_, all)) => all.push(at),
            None => places.push((chain, vec![at])),
        }
    }
    let opened = places.into_iter().map(|(chain, all)| {
        let options = Options { chain: chain.or(open.chain), ..open.clone() };
        Ok((open_engine(store, &options, printer)?, all))
    });
    opened.collect()
}

/// Answers to all targets, in their order.
fn answered<V>(
    parts: &[Part],
    targets: &[String],
    ask: impl Fn(&Engine, &[&str]) -> Result<Vec<V>, EngineError>,
) -> anyhow::Result<Vec<V>> {
    let mut views: Vec<Option<V>> = targets.iter().map(|_| None).collect();
    for (engine, places) in parts {
        let of: Vec<&str> = places.iter().map(|at| targets[*at].as_str()).collect();
        for (at, view) in places.iter().zip(ask(engine, &of)?) {
            views[*at] = Some(view);
        }
    }
    Ok(views.into_iter().flatten().collect())
}

/// The same with policies: the level that counts is that of the verdict, and no rule is no level.
fn assess(
    parts: &[Part],
    targets: &[String],
    options: &AssessOptions,
    set: &PolicySet,
    fail_on: Option<Level>,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let bar = printer.bar(targets.len() as u64, "screen", "{prefix:>9} {wide_bar} {human_pos}/{human_len}  {eta}");
    let views = answered(parts, targets, |engine, of| {
        let one = |target: &&str| {
            let view = engine.assess(target, options, set);
            bar.inc(1);
            view
        };
        of.iter().map(one).collect()
    })?;
    bar.finish_and_clear();
    printer.view(&views, |views| views.iter().map(show::assessment).collect::<Vec<_>>().join("\n"))?;
    let level = |view: &AssessedScreenView| view.assessment.verdict.level.unwrap_or(Level::Unknown);
    let reached = fail_on.is_some_and(|asked| views.iter().any(|v| reaches(level(v), asked)));
    Ok(if reached { Outcome::Reached } else { Outcome::Done })
}

/// `unknown` is reached by `unknown` alone: it is no level of risk but the absence of knowledge.
fn reaches(risk: Level, asked: Level) -> bool {
    if asked == Level::Unknown { risk == Level::Unknown } else { risk >= asked }
}

/// Adds the targets of a file, one a line.
pub(super) fn read_targets(file: &Path, targets: &mut Vec<String>) -> anyhow::Result<()> {
    let name = file.display();
    let source: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).with_context(|| format!("cannot read {name}"))?)
    };
    let mut source = BufReader::new(source);
    for line in 1.. {
        let mut bytes = Vec::new();
        let read = source.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes);
        if read.with_context(|| format!("cannot read {name}"))? == 0 {
            break;
        }
        anyhow::ensure!(bytes.len() < LINE_MAX as usize, "{name} line {line}: longer than {LINE_MAX} bytes");
        let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{name} line {line}: not UTF-8"))?;
        let text = text.trim();
        if !text.is_empty() {
            targets.push(text.to_string());
        }
        anyhow::ensure!(
            targets.len() <= TARGETS_MAX,
            "{name} line {line}: more than {TARGETS_MAX} targets in one call"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_reached_by_unknown_alone() {
        assert!(reaches(Level::Unknown, Level::Unknown));
        for level in [Level::None, Level::Low, Level::Severe] {
            assert!(!reaches(level, Level::Unknown));
        }
        assert!(reaches(Level::Severe, Level::High) && !reaches(Level::Medium, Level::High));
        assert!(!reaches(Level::Unknown, Level::Low));
    }
}
