//! `athar discover`, `athar sightings`, `athar campaigns`.

use crate::Outcome;
use crate::args::{Campaigns, Discover, DiscoverQuestion, Kept, Look, Sightings, SightingsQuestion};
use crate::commands::{fetch, open_engine, published};
use crate::printer::Printer;
use crate::show;
use anyhow::Context;
use athar_engine::discovery::{Event, Progress, Settings, walk};
use athar_engine::documents::{ChatColumns, Limits, OcrSettings};
use athar_engine::sightings::{Keep, Query};
use athar_engine::write::{DiscoverSummary, discover, discover_op_returns};
use athar_engine::{Options, read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) fn run(store: &Path, open: &Options, words: &Discover, printer: &Printer) -> anyhow::Result<Outcome> {
    if let Some(DiscoverQuestion::Fetch(words)) = &words.question {
        return fetch::run(words, printer);
    }
    let settings = settings(&words.look)?;
    let record = words.look.record;
    let mut telling = Telling { printer, broken: None, solicits: 0, finds: 0, problems: 0 };
    let (files, unreadable) = walk(&words.paths, store);
    for (path, error) in &unreadable {
        printer.warn(&format!("{}: {error}", path.display()));
    }
    let mut all_known = true;
    if !words.paths.is_empty() {
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let (progress, done) = (Progress::default(), AtomicBool::new(false));
        let summary = std::thread::scope(|scope| {
            scope.spawn(|| watch(&progress, bytes, &done, printer));
            let summary = discover(store, &files, &settings, record, &progress, |event| telling.tell(event));
            done.store(true, Ordering::Relaxed);
            summary
        });
        all_known &= telling.end(summary?)?;
    }
    if words.look.op_return {
        let engine = open_engine(store, open, printer)?;
        let progress = Progress::default();
        let summary = discover_op_returns(&engine, &settings, record, &progress, |event| telling.tell(event))?;
        all_known &= telling.end(summary)?;
    }
    Ok(if !unreadable.is_empty() || telling.problems > 0 {
        Outcome::Partly
    } else if telling.finds == 0 && !all_known {
        Outcome::Nothing
    } else {
        Outcome::Done
    })
}

fn settings(look: &Look) -> anyhow::Result<Settings> {
    let defaults = Settings::default();
    Ok(Settings {
        limits: Limits { document_bytes: u64::from(look.document_mib) << 20, ..Limits::default() },
        threads: look.threads.map_or(defaults.threads, usize::from),
        unmasked: look.unmasked,
        excerpts: look.excerpts,
        keep: match look.keep {
            Kept::Excerpt => Keep::Excerpt,
            Kept::Original => Keep::Original,
        },
        bare_hashes: look.bare_hashes,
        test_networks: look.test_networks,
        score_min: look.min_score,
        operator: look.operator.clone(),
        ocr: look.ocr.clone().map(|program| OcrSettings { program, languages: look.ocr_languages.clone() }),
        chat_columns: look.columns.as_deref().map(columns).transpose()?,
    })
}

/// The columns of `text=body,author=from`.
fn columns(map: &str) -> anyhow::Result<ChatColumns> {
    let mut columns = ChatColumns::default();
    for pair in map.split(',') {
        let (part, column) = pair.split_once('=').with_context(|| format!("--columns: `{pair}` is no PART=COLUMN"))?;
        let column = column.trim().to_owned();
        match part.trim() {
            "text" => columns.text = column,
            "author" => columns.author = Some(column),
            "at" => columns.at = Some(column),
            "channel" => columns.channel = Some(column),
            "id" => columns.id = Some(column),
            "reply_to" => columns.reply_to = Some(column),
            "forwarded_from" => columns.forwarded_from = Some(column),
            other => {
                anyhow::bail!("--columns: `{other}` is none of text, author, at, channel, id, reply_to, forwarded_from")
            }
        }
    }
    anyhow::ensure!(!columns.text.is_empty(), "--columns must say which column is text");
    Ok(columns)
}

/// Shows how far it is until `done`.
fn watch(progress: &Progress, bytes: u64, done: &AtomicBool, printer: &Printer) {
    let template = "{prefix:>9} {wide_bar} {bytes}/{total_bytes}  {msg}";
    let bar = printer.bar(bytes, "discover", template);
    while !done.load(Ordering::Relaxed) {
        bar.set_position(progress.bytes_done.load(Ordering::Relaxed));
        bar.set_message(format!(
            "{} documents, {} finds",
            progress.documents.load(Ordering::Relaxed),
            progress.finds.load(Ordering::Relaxed)
        ));
        std::thread::sleep(Duration::from_millis(50));
    }
    bar.finish_and_clear();
}

/// Prints finds as they come, and troubles beside them.
struct Telling<'a> {
    printer: &'a Printer,
    broken: Option<anyhow::Error>,
    solicits: u64,
    finds: u64,
    problems: u64,
}

impl Telling<'_> {
    fn tell(&mut self, event: &Event) -> bool {
        let told = match event {
            Event::Find(found, _) => {
                self.finds += 1;
                self.solicits += u64::from(found.solicitation.solicits);
                let line = if self.printer.is_json() {
                    serde_json::to_string(found).map_err(anyhow::Error::from)
                } else {
                    Ok(show::found(found))
                };
                line.and_then(|line| self.printer.data(&(line + "\n")))
            }
            Event::Problem(problem) => {
                self.problems += 1;
                self.printer.warn(&show::problem(problem));
                Ok(())
            }
            _ => Ok(()),
        };
        match told {
            Ok(()) => true,
            Err(error) => {
                self.broken = Some(error);
                false
            }
        }
    }

    /// The end of one source; gives whether everything in it was known before.
    fn end(&mut self, summary: DiscoverSummary) -> anyhow::Result<bool> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        self.printer.note(&show::discovered(&summary));
        Ok(summary.totals.files_known > 0 && summary.totals.files == 0)
    }
}

pub(crate) fn sightings(store: &Path, open: &Options, words: &Sightings, printer: &Printer) -> anyhow::Result<Outcome> {
    match &words.question {
        None => {
            let published_in = words.published_in.clone();
            let is_host = published_in.as_deref().is_some_and(|name| name.contains('.') && !name.contains(' '));
            let (site, channel) = if is_host { (published_in, None) } else { (None, published_in) };
            let query = Query {
                value: words.value.clone(),
                kind: words.kind.clone(),
                chain: open.chain,
                file: words.file.clone(),
                site,
                channel,
                score_min: words.min_score,
                after: words.page.offset,
                limit: words.page.limit,
                ..Query::default()
            };
            let view = read::sightings(store, &query, words.unmasked)?;
            let view = published::recorded(view)?;
            printer.view(&view, show::sightings)?;
            Ok(if view.sightings.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Some(question) => sightings_question(store, question, printer),
    }
}

fn sightings_question(store: &Path, question: &SightingsQuestion, printer: &Printer) -> anyhow::Result<Outcome> {
    match question {
        SightingsQuestion::Item { item, unmasked } => {
            let view = read::sighted_item(store, *item, *unmasked)?;
            super::read::found(view, &format!("document {item}"), printer, show::sighted_item)
        }
        SightingsQuestion::Original { item, out, operator } => {
            published::original(store, *item, out, operator.as_deref(), printer)
        }
        SightingsQuestion::Delete { items, reason, operator } => {
            published::delete(store, items, reason, operator.as_deref(), printer)
        }
        SightingsQuestion::Custody { page } => {
            let view = published::recorded(read::custody(store, page.offset, page.limit)?)?;
            printer.view(&view, show::custody)?;
            Ok(if view.check.wrong.is_empty() { Outcome::Done } else { Outcome::Partly })
        }
        SightingsQuestion::Export { format, min_score, creator } => {
            published::export(store, *format, *min_score, creator, printer)
        }
    }
}

pub(crate) fn campaigns(store: &Path, open: &Options, words: &Campaigns, printer: &Printer) -> anyhow::Result<Outcome> {
    match &words.campaign {
        None => {
            let view = read::campaigns_view(store, words.page.offset, words.page.limit as usize)?;
            let view = published::recorded(view)?;
            printer.view(&view, show::campaigns)?;
            Ok(if view.campaigns.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Some(named) => {
            let view = published::campaign(store, open, named, words.unmasked)?;
            super::read::found(view, named, printer, |view| show::campaign(view, words.language))
        }
    }
}
