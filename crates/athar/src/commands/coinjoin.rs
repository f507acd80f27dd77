//! `athar coinjoin`.

use super::{open_engine, read::found};
use crate::Outcome;
use crate::printer::Printer;
use crate::show;
use anyhow::{Context, bail};
use athar_engine::Options;
use athar_engine::read::{CoinJoinView, coinjoin_of_line};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, target: &str, printer: &Printer) -> anyhow::Result<Outcome> {
    if target == "-" {
        return lines("stdin", io::stdin().lock(), printer);
    }
    let is_id = target.len() == 64 && target.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_id || Path::new(target).exists() {
        let file = File::open(target).with_context(|| {
            format!("{target}: neither a transaction id (64 hexadecimal digits) nor a readable file")
        })?;
        return lines(target, BufReader::with_capacity(1 << 20, file), printer);
    }
    found(open_engine(store, open, printer)?.coinjoin_view(target)?, target, printer, show::coinjoin)
}

/// One answer a line, as the file is read; what was answered before a wrong line stands.
fn lines(name: &str, mut file: impl BufRead, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut line = String::new();
    for number in 1_u64.. {
        line.clear();
        let read = file.read_line(&mut line);
        if read.as_ref().is_ok_and(|n| *n == 0) {
            break;
        }
        if read.is_ok() && line.trim().is_empty() {
            continue;
        }
        let view = match read.map_err(|e| e.to_string()).and_then(|_| coinjoin_of_line(line.trim())) {
            Ok(view) => view,
            Err(what) => {
                out.flush()?;
                bail!("{name} line {number}: {what}");
            }
        };
        if printer.is_json() {
            serde_json::to_writer(&mut out, &view)?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "{}", short(&view))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn short(view: &CoinJoinView) -> String {
    let why = if view.reasons.is_empty() { view.hints.join(", ") } else { view.reasons.join("; ") };
    format!("{} {:15} {why}", view.txid, view.kind)
}
