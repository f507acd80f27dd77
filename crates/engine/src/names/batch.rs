//! A file of customers against the lists: in parallel, in the order of the file, and going on where it stopped.

use super::{Customers, Hit, NameScreener, Session, Wanted};
use crate::error::EngineError;
use athar_disk::Disk;
use athar_labels::guarded;
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Customers between two states on disk.
const STEP: usize = 16_384;

/// One customer's answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BatchLine {
    /// The name as the file has it.
    pub name: String,
    /// The listed subjects it could be, the best first.
    pub hits: Vec<Hit>,
}

/// How answers are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchFormat {
    /// A [`BatchLine`] a line, for every customer.
    JsonLines,
    /// A row for each hit: customers without one have none.
    Csv,
}

/// What a run did.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct BatchSummary {
    /// Customers in the file.
    pub customers: u64,
    /// How many of them an earlier run had answered.
    pub before: u64,
    /// Customers with a hit, among those answered by this run.
    pub with_hits: u64,
    /// Snapshot of all answers.
    pub snapshot: String,
}

/// What a run asks.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The lists.
    pub screener: &'a NameScreener,
    /// The customers.
    pub customers: &'a Customers,
    /// Which hits to give.
    pub wanted: Wanted,
    /// How to write them.
    pub format: BatchFormat,
}

/// What stands beside an output that is not complete.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct State {
    snapshot: String,
    done: u64,
    bytes: u64,
}

impl Batch<'_> {
    /// BLAKE3 over all that the answers depend on.
    pub fn snapshot(&self) -> String {
        let question = (&self.customers.hash, self.wanted.threshold, self.wanted.top, self.format);
        self.screener.snapshot(&serde_json::json!(question))
    }

    /// Writes every answer to `out`; `progress` hears how many customers are answered.
    pub fn write(&self, out: &mut impl Write, progress: &mut dyn FnMut(u64)) -> Result<BatchSummary, EngineError> {
        let path = PathBuf::from("output");
        self.heading(out).map_err(|source| EngineError::Io { path: path.clone(), source })?;
        self.run(0, out, &path, progress, &mut |_, _| Ok(()))
    }

    /// Writes every answer to the file at `path`. Beside a file that is not complete stands `path.state`: the same question
    /// then goes on where it stopped, and another one is refused. `overwrite`: what stands there is replaced.
    pub fn write_file(
        &self,
        path: &Path,
        overwrite: bool,
        progress: &mut dyn FnMut(u64),
    ) -> Result<BatchSummary, EngineError> {
        let io = |source: io::Error| EngineError::Io { path: path.into(), source };
        let beside = PathBuf::from(format!("{}.state", path.display()));
        let snapshot = self.snapshot();
        let known: Option<State> = fs::read(&beside).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let known = known.filter(|state| !overwrite && state.snapshot == snapshot && path.is_file());
        if !overwrite && known.is_none() && path.exists() {
            let what = if beside.exists() {
                "holds a part of the answers to another question, or of other lists; --overwrite replaces it"
            } else {
                "exists; --overwrite replaces it"
            };
            return Err(EngineError::Output { path: path.into(), what: what.into() });
        }
        let disk = Disk::default();
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        let done = if let Some(state) = &known {
            // what was written after the last state may be half a line
            file.set_len(state.bytes).map_err(io)?;
            file.seek(SeekFrom::End(0)).map_err(io)?;
            state.done
        } else {
            let state = State { snapshot: snapshot.clone(), done: 0, bytes: 0 };
            save(&disk, &beside, &state)?;
            file.set_len(0).map_err(io)?;
            self.heading(&mut file).map_err(io)?;
            0
        };
        let mut keep = |file: &mut File, done: u64| -> Result<(), EngineError> {
            file.sync_data().map_err(io)?;
            let bytes = file.stream_position().map_err(io)?;
            save(&disk, &beside, &State { snapshot: snapshot.clone(), done, bytes })
        };
        keep(&mut file, done)?;
        let summary = self.run(done as usize, &mut file, path, progress, &mut keep)?;
        fs::remove_file(&beside).map_err(|source| EngineError::Io { path: beside.clone(), source })?;
        Ok(summary)
    }

    fn heading(&self, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            BatchFormat::JsonLines => Ok(()),
            BatchFormat::Csv => {
                out.write_all(b"row,name,list,id,matched_name,weak_alias,score,grade,name_score,matched,unmatched\n")
            }
        }
    }

    fn run<W: Write>(
        &self,
        from: usize,
        out: &mut W,
        path: &Path,
        progress: &mut dyn FnMut(u64),
        keep: &mut dyn FnMut(&mut W, u64) -> Result<(), EngineError>,
    ) -> Result<BatchSummary, EngineError> {
        let threads = rayon::current_num_threads();
        let mut sessions: Vec<Session> = (0..threads).map(|_| Session::default()).collect();
        let mut summary = BatchSummary {
            customers: self.customers.queries.len() as u64,
            before: from as u64,
            with_hits: 0,
            snapshot: self.snapshot(),
        };
        let mut done = from;
        for step in self.customers.queries[from.min(self.customers.queries.len())..].chunks(STEP) {
            let piece = step.len().div_ceil(threads);
            let first = done;
            let texts: Vec<(Vec<u8>, u64)> = step
                .par_chunks(piece)
                .zip(&mut sessions)
                .enumerate()
                .map(|(i, (queries, session))| {
                    let (mut text, mut with_hits) = (Vec::with_capacity(queries.len() * 64), 0);
                    for (j, query) in queries.iter().enumerate() {
                        let hits = self.screener.screen(query, &self.wanted, session);
                        with_hits += u64::from(!hits.is_empty());
                        self.line(first + i * piece + j + 1, &query.name, hits, &mut text);
                    }
                    (text, with_hits)
                })
                .collect();
            for (text, with_hits) in texts {
                out.write_all(&text).map_err(|source| EngineError::Io { path: path.into(), source })?;
                summary.with_hits += with_hits;
            }
            done += step.len();
            keep(out, done as u64)?;
            progress(done as u64);
        }
        out.flush().map_err(|source| EngineError::Io { path: path.into(), source })?;
        Ok(summary)
    }

    /// Adds one answer. Writing to memory cannot fail.
    fn line(&self, row: usize, name: &str, hits: Vec<Hit>, text: &mut Vec<u8>) {
        match self.format {
            BatchFormat::JsonLines => {
                let line = BatchLine { name: name.to_owned(), hits };
                if serde_json::to_writer(&mut *text, &line).is_ok() {
                    text.push(b'\n');
                }
            }
            // a writer has a buffer of its own: most customers need none
            BatchFormat::Csv if hits.is_empty() => {}
            BatchFormat::Csv => {
                let mut writer = csv::Writer::from_writer(text);
                for hit in hits {
                    let pair = |p: &athar_names::MatchedPart| format!("{} = {} ({})", p.query, p.listed, p.rule.name());
                    let matched: Vec<String> = hit.why.parts.iter().map(pair).collect();
                    let open: Vec<&str> =
                        hit.why.unmatched_query.iter().chain(&hit.why.unmatched_listed).map(String::as_str).collect();
                    let _ = writer.write_record([
                        row.to_string(),
                        guarded(name),
                        guarded(&hit.list),
                        guarded(&hit.id),
                        guarded(&hit.matched_name),
                        hit.weak_alias.to_string(),
                        format!("{:.3}", hit.score),
                        hit.grade.name().to_owned(),
                        format!("{:.3}", hit.why.name_score),
                        guarded(&matched.join("; ")),
                        guarded(&open.join(" ")),
                    ]);
                }
                let _ = writer.flush();
            }
        }
    }
}

fn save(disk: &Disk, path: &Path, state: &State) -> Result<(), EngineError> {
    let bytes = serde_json::to_vec(state).unwrap_or_default();
    disk.replace(path, &bytes).map_err(|error| EngineError::Output { path: path.into(), what: error.to_string() })
}
