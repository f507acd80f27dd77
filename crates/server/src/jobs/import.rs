//! Imports as jobs: the same code as the command line's, over a file that was sent.
//!
//! The file lies in a folder of its own for as long as it is read, under the name that it was sent with: reports and refusals name it
//! so. One import writes at a time; another process that writes is told at once.

use super::run::Work;
use super::table::Job;
use crate::generation::Generation;
use crate::problem::{Problem, codes};
use crate::settings::UNREAD_MAX;
use athar_engine::discovery::{Event, Settings};
use athar_engine::lists::ReadOptions;
use athar_engine::records::{By, Order};
use athar_engine::write::{
    Refusal, check_writable, discover_bytes_with, import_lists, import_prices, import_rates, import_record_bytes,
    import_tables,
};
use athar_engine::{Bilingual, Day, EngineError, LabelsOutcome, PricesOptions};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Refusals that a result lists.
const REFUSALS_MAX: usize = 1_000;

/// Held by the import or change that writes into the store in a folder.
fn turn(folder: &Path) -> Arc<Mutex<()>> {
    static TURNS: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    let mut turns = TURNS.lock().unwrap_or_else(PoisonError::into_inner);
    turns.entry(folder.to_owned()).or_default().clone()
}

/// What is imported, and how it is read.
pub(crate) enum What {
    Labels { license: Option<String>, encoding: Option<String> },
    Lists(ReadOptions),
    Prices { asset: Option<athar_engine::Asset>, source: Option<String> },
    Rates,
    Records { kind: athar_engine::records::Kind, map: athar_engine::records::Map },
    Documents(Box<Settings>),
}

impl What {
    const fn name(&self) -> &'static str {
        match self {
            Self::Labels { .. } => "labels",
            Self::Lists(_) => "lists",
            Self::Prices { .. } => "prices",
            Self::Rates => "rates",
            Self::Records { .. } => "records",
            Self::Documents(_) => "documents",
        }
    }
}

/// An import.
pub(crate) struct Import {
    pub(crate) what: What,
    /// The file's name, without a folder.
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    pub(crate) today: Day,
    pub(crate) now_s: i64,
    pub(crate) operator: String,
}

impl From<Import> for Work {
    fn from(import: Import) -> Self {
        Self::Import(Box::new(import))
    }
}

/// What an import did.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImportView {
    /// `labels`, `lists`, `prices`, `rates`, `records` or `documents`.
    #[schemars(with = "String")]
    what: &'static str,
    /// The file.
    name: String,
    /// Entries that were taken: labels, entries of a list, days with a price, records, finds.
    taken: u64,
    /// Entries that were not taken as they are: kept apart, or left out.
    refused: u64,
    /// Whether everything was there already, so that nothing changed.
    already: bool,
    /// Where and why, in the order of the file; at most 1,000.
    refusals: Vec<RefusalView>,
    /// Whether there are more.
    refusals_truncated: bool,
    /// The whole report, as the command line prints it with `--json`.
    report: Value,
}

/// Why one entry was not taken.
#[derive(Debug, Serialize, JsonSchema)]
struct RefusalView {
    /// Its line, from 1; of a JSON array its element; none where it is not known.
    line: Option<u64>,
    /// Why, in words. In Arabic, what is said of a kind of defect and of a document is the English text: the kind has a name in either.
    what: Bilingual,
    /// The kind of defect, where it is of a known one: `checksum`, `no_name`.
    kind: Option<String>,
    /// The text concerned, cut; never of what belongs to a person.
    text: Option<String>,
}

/// Today, in UTC.
pub(crate) fn today() -> Day {
    Day(i32::try_from(crate::app::clock() / 86_400).unwrap_or_default())
}

/// Refuses at once where another process writes.
pub(crate) fn check(folder: &Path) -> Result<(), Problem> {
    // an import of this process ends before the next one begins
    match turn(folder).try_lock() {
        Ok(_held) => check_writable(folder).map_err(|error| refused(error, codes::IMPORT_REFUSED)),
        Err(_) => Ok(()),
    }
}

/// Changes the store: one at a time.
pub(crate) fn writing<T>(
    folder: &Path,
    code: codes::Code,
    write: impl FnOnce(&Path) -> Result<T, EngineError>,
) -> Result<T, Problem> {
    let turn = turn(folder);
    let _held = turn.lock().unwrap_or_else(PoisonError::into_inner);
    write(folder).map_err(|error| refused(error, code))
}

/// An error of a write for the client, where it speaks of what was given; `code` is what is said then.
pub(crate) fn refused(error: EngineError, code: codes::Code) -> Problem {
    match Refusal::of(&error) {
        Refusal::Locked => {
            let mut problem = Problem::new(codes::STORE_LOCKED, "wait for it to end; nothing was stored").retry(5);
            problem.cause = Some(error.to_string());
            problem
        }
        Refusal::Input => Problem::new(code, first_line(&error.to_string())),
        Refusal::Unknown => Problem::new(codes::NOT_FOUND, first_line(&error.to_string())),
        Refusal::Store => error.into(),
    }
}

/// A message without the hints for the command line.
fn first_line(text: &str) -> String {
    text.split("\nhint:").next().unwrap_or_default().chars().take(2_000).collect()
}

/// Imports. How much there is to read nobody knows before it was read, so the job has no total; of documents those that were read are
/// counted.
pub(super) fn run(store: &Generation, job: &Job, import: Import) -> Result<ImportView, Problem> {
    let held = tempfile::tempdir().map_err(|e| Problem::internal(e.to_string()))?;
    let done = stored(store, job, &import, held.path());
    // nobody is told where the file lay
    let away = |text: &str| text.replace(&format!("{}/", held.path().display()), "");
    let mut view = done.map_err(|problem| Problem { detail: away(&problem.detail), ..problem })?;
    let report = away(&view.report.to_string());
    view.report = serde_json::from_str(&report).map_err(|e| Problem::internal(e.to_string()))?;
    view.refusals.iter_mut().for_each(|refusal| {
        refusal.what = Bilingual::new(away(&refusal.what.en), away(&refusal.what.ar));
    });
    view.refusals_truncated |= view.refusals.len() > REFUSALS_MAX;
    view.refusals.truncate(REFUSALS_MAX);
    Ok(view)
}

fn stored(store: &Generation, job: &Job, import: &Import, held: &Path) -> Result<ImportView, Problem> {
    let Import { what, name, bytes, today, now_s, operator } = import;
    let folder = store.folder();
    let file = |held: &Path| -> Result<PathBuf, Problem> {
        let path = held.join(name);
        std::fs::write(&path, bytes).map_err(|e| Problem::internal(e.to_string()))?;
        Ok(path)
    };
    let none = |report: Value| ImportView {
        what: what.name(),
        name: name.clone(),
        taken: 0,
        refused: 0,
        already: false,
        refusals: Vec::new(),
        refusals_truncated: false,
        report,
    };
    let code = codes::IMPORT_REFUSED;
    match what {
        What::Labels { license, encoding } => {
            let files = [file(held)?];
            let done = writing(folder, code, |folder| {
                import_tables(folder, &files, *today, license.clone(), BTreeMap::new(), encoding.clone())
            })?;
            if let Some(error) = done.refused.into_iter().next() {
                return Err(refused(error.into(), code));
            }
            let mut view = none(whole(&done.reports)?);
            for report in &done.reports {
                view.taken +=
                    report.accepted + report.transactions + report.identifiers + report.actors + report.concepts;
                view.refused += report.quarantined;
                view.already |= matches!(report.outcome, LabelsOutcome::AlreadyStored);
                view.refusals_truncated |= report.defects_unlisted > 0;
                view.refusals.extend(report.defects.iter().map(|defect| RefusalView {
                    line: Some(defect.line.into()),
                    what: Bilingual::same(defect.message.clone()),
                    kind: Some(defect.kind.name().into()),
                    text: Some(defect.text.clone()),
                }));
            }
            Ok(view)
        }
        What::Lists(options) => {
            let files = [file(held)?];
            let done = writing(folder, code, |folder| import_lists(folder, &files, options, *today))?;
            if let Some(error) = done.lists.refused.into_iter().next() {
                return Err(refused(EngineError::Lists(error), code));
            }
            let report = json!({ "lists": whole(&done.lists.imports)?, "labels": whole(&done.labels.reports)? });
            let mut view = none(report);
            for list in &done.lists.imports {
                view.taken += list.version.info.entries;
                view.refused += list.report.total();
                view.already |= list.already_stored;
                view.refusals_truncated |= list.report.total() > list.report.defects.len() as u64;
                view.refusals.extend(list.report.defects.iter().map(|defect| RefusalView {
                    line: Some(defect.line.into()),
                    what: Bilingual::same(defect.kind.name().replace('_', " ")),
                    kind: Some(defect.kind.name().into()),
                    text: Some(defect.text.clone()),
                }));
                view.refusals.extend(list.report.notes.iter().map(|note| RefusalView {
                    line: None,
                    what: Bilingual::same(note.clone()),
                    kind: None,
                    text: None,
                }));
            }
            Ok(view)
        }
        What::Prices { asset, source } => {
            let files = [file(held)?];
            let options = PricesOptions { asset: *asset, source: source.clone(), today: *today };
            let reports = writing(folder, code, |folder| import_prices(folder, &files, &options))?;
            let mut view = none(whole(&reports)?);
            view.taken = reports.iter().map(|report| report.days).sum();
            view.refused = reports.iter().map(|report| report.no_price).sum();
            view.already = reports.iter().all(|report| report.unchanged == report.days);
            Ok(view)
        }
        What::Rates => {
            let path = file(held)?;
            let report = writing(folder, code, |folder| import_rates(folder, &path))?;
            Ok(ImportView { taken: report.rates, ..none(whole(&report)?) })
        }
        What::Records { kind, map } => {
            let order = Order { kind: Some(*kind), map: map.clone(), retain_days: None, name };
            let by = By { time: *now_s, operator, reason: "" };
            let receipt = import_record_bytes(folder, bytes, &order, by)?;
            let mut view = none(whole(&receipt)?);
            (view.taken, view.refused) = (receipt.added, receipt.quarantined);
            view.already = receipt.already || (receipt.added == 0 && receipt.known > 0);
            view.refusals_truncated = receipt.quarantined > receipt.quarantine.len() as u64;
            view.refusals = receipt
                .quarantine
                .iter()
                .map(|row| RefusalView { line: Some(row.line), what: row.reason.clone(), kind: None, text: None })
                .collect();
            Ok(view)
        }
        What::Documents(settings) => {
            let mut unread: Vec<RefusalView> = Vec::new();
            let mut read = 0;
            let tell = |event: &Event| {
                if matches!(event, Event::End(..) | Event::Known(_)) {
                    read += 1;
                    job.went_on(read);
                }
                if let Event::Problem(problem) = event
                    && unread.len() < UNREAD_MAX
                {
                    let value = serde_json::to_value(&**problem).unwrap_or_default();
                    let text = |name: &str| value[name].as_str().map(str::to_owned);
                    unread.push(RefusalView {
                        line: value["line"].as_u64(),
                        what: Bilingual::same(text("message").or(text("what")).unwrap_or_else(|| value.to_string())),
                        kind: None,
                        text: text("item").or(text("file")),
                    });
                }
                !job.cancel.is_cancelled()
            };
            let known = store.passages()?;
            let summary = discover_bytes_with(&known, folder, name, bytes, settings, true, tell)?;
            let mut view = none(whole(&summary)?);
            (view.taken, view.refused) = (summary.totals.finds, summary.totals.problems);
            view.refusals_truncated = summary.totals.problems > unread.len() as u64;
            view.refusals = unread;
            Ok(view)
        }
    }
}

/// A report as JSON.
fn whole(report: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(report).map_err(|e| Problem::internal(e.to_string()))
}
