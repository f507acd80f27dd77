//! `athar bench patterns`: precision and recall of every pattern on simulated worlds.
//!
//! The patterns are run by this very program, as anybody would run them (`athar patterns run --json`): what is scored is what a user
//! gets, to the last filter of the command line.

use super::bench::{in_project, keep};
use crate::Outcome;
use crate::args::BenchPatterns;
use crate::printer::Printer;
use anyhow::{Context, ensure};
use athar_engine::Chain;
use athar_measure::patterns::{Asked, Hit, PatternWorlds, Verdict, measure_patterns, table};
use serde::Serialize;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A line of the verdicts.
#[derive(Serialize)]
struct Line {
    seed: u64,
    #[serde(flatten)]
    verdict: Verdict,
}

/// Hits of one run at most: a rule that finds more than this in a world is broken, and must not fill the memory.
const HITS_MAX: usize = 5_000_000;

pub(crate) fn run(words: &BenchPatterns, printer: &Printer) -> anyhow::Result<Outcome> {
    if words.write {
        // the files may be new, their folders are not
        let folder = |path: &'static str| path.rsplit_once('/').map_or("", |(folder, _)| folder);
        in_project(&[folder(table::PAGE), folder(table::DATA)])?;
    }
    if words.hits.is_some() {
        ensure!(words.seeds.len() == 1, "--hits is of one world: give one seed with --seeds");
    }
    let open = |path: &PathBuf| File::create(path).with_context(|| format!("cannot write {}", path.display()));
    let mut out = words.verdicts.as_ref().map(open).transpose()?.map(BufWriter::new);
    let mut failed = None;
    let worlds = PatternWorlds {
        seeds: words.seeds.clone(),
        txs: words.txs,
        campaigns: words.campaigns,
        people: words.people,
        keep: words.keep.clone(),
        ..PatternWorlds::default()
    };
    let run = |asked: &Asked<'_>| match &words.hits {
        Some(path) => {
            let file = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
            read_hits(BufReader::new(file), &path.display().to_string(), &mut Vec::new())
        }
        None => {
            let mut hits = Vec::new();
            for chain in asked.chains {
                hits = run_patterns(asked, *chain, hits)?;
            }
            Ok(hits)
        }
    };
    let rates = measure_patterns(&worlds, &run, &mut |world| printer.note(world), &mut |seed, verdict| {
        let Some(out) = &mut out else { return };
        let line = serde_json::to_string(&Line { seed, verdict }).map_err(std::io::Error::from);
        if let Err(error) = line.and_then(|line| writeln!(out, "{line}")) {
            failed.get_or_insert(error);
        }
    })?;
    if let (Some(mut out), Some(path)) = (out, &words.verdicts) {
        let written = failed.map_or_else(|| out.flush(), Err);
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    if words.write {
        keep(table::DATA, &rates, table::PAGE, &table::page(&rates))?;
    }
    printer.view(&rates, table::page)?;
    Ok(Outcome::Done)
}

/// Runs `athar patterns run --json` over a store, in a process of its own.
fn run_patterns(asked: &Asked<'_>, chain: Chain, mut hits: Vec<Hit>) -> Result<Vec<Hit>, String> {
    let program = std::env::current_exe().map_err(|e| format!("this program's own file: {e}"))?;
    let import = |words: &[&str], file: &Path| {
        let mut command = Command::new(&program);
        command.arg("--store").arg(asked.store).args(["--quiet", "--json", "--chain", Chain::Bitcoin.name()]);
        let status = command.args(words).arg(file).stdout(Stdio::null()).status();
        let told = || format!("athar {} {}", words.join(" "), file.display());
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{}: {status}", told())),
            Err(error) => Err(format!("{}: {error}", told())),
        }
    };
    if let Some(events) = asked.events {
        import(&["patterns", "events", "import"], events)?;
        // the rates lie beside the events, and so do the books of the coupon seller
        import(&["patterns", "rates", "import"], &events.with_file_name("fx.csv"))?;
        let books = [("coupon_sale", "coupon_sales.csv"), ("redemption", "redemptions.csv")];
        for (kind, file) in books.map(|(kind, file)| (kind, events.with_file_name(file))) {
            if asked.only.is_empty() && file.exists() {
                import(&["records", "import", "--kind", kind, "--retain", "365"], &file)?;
            }
        }
    }
    let mut command = Command::new(&program);
    command.arg("--store").arg(asked.store).args(["--chain", &chain.to_string(), "--quiet", "--json"]);
    // the caps of what was not measured yet must not decide what is measured
    command.args(["patterns", "run", "--as-measured", "--min-severity", "unknown"]);
    command.args(asked.only.iter().flat_map(|id| ["--only", id]));
    let told = "athar patterns run";
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|e| format!("{told}: {e}"))?;
    let out = child.stdout.take().ok_or_else(|| format!("{told}: no output"))?;
    let read = read_hits(BufReader::new(out), told, &mut hits);
    let status = child.wait().map_err(|e| format!("{told}: {e}"))?;
    // 1 says that nothing was found
    if !matches!(status.code(), Some(0 | 1)) {
        return Err(format!("{told}: {status}"));
    }
    read
}

/// Adds the hits of JSON lines to those before them.
fn read_hits(lines: impl BufRead, from: &str, hits: &mut Vec<Hit>) -> Result<Vec<Hit>, String> {
    for (number, line) in (1..).zip(lines.lines()) {
        let line = line.map_err(|e| format!("{from}: line {number}: {e}"))?;
        if line.trim().is_empty() {
            continue;
        }
        if hits.len() == HITS_MAX {
            return Err(format!("{from}: more than {HITS_MAX} hits"));
        }
        hits.push(serde_json::from_str(&line).map_err(|e| format!("{from}: line {number}: {e}"))?);
    }
    Ok(std::mem::take(hits))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_bad_line_is_named() {
        let mut hits = Vec::new();
        let found = read_hits("{\"pattern\":\"a\"}\n\n".as_bytes(), "f", &mut hits).unwrap();
        assert_eq!(found.len(), 1);
        let error = read_hits("{\"pattern\":\"a\"}\n{\"patern\":\"a\"}\n".as_bytes(), "f", &mut hits).unwrap_err();
        assert!(error.starts_with("f: line 2: missing field `pattern`"), "{error}");
    }
}
