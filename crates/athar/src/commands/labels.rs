//! `athar labels`.

use crate::Outcome;
use crate::args::{Labels, Ruled};
use crate::commands::{open_engine, today};
use crate::printer::Printer;
use crate::show;
use anyhow::{Context, bail};
use athar_engine::read::{LabelsOf, taxonomy};
use athar_engine::write::{add_label, adopt_labels, decide_label, import_tables};
use athar_engine::{DecisionKind, Engine, LabelField, LabelId, Options, OwnLabel, Ruling};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

pub(crate) fn run(store: &Path, open: &Options, words: Labels, printer: &Printer) -> anyhow::Result<Outcome> {
    match words {
        Labels::Import { files, license, columns, encoding } => {
            let import = import_tables(store, &files, today(), license, columns.into_iter().collect(), encoding)?;
            printer.view(&import.reports, |reports| {
                reports.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            })?;
            for refused in &import.refused {
                printer.warn(&refused.to_string());
            }
            Ok(if import.refused.is_empty() { Outcome::Done } else { Outcome::Partly })
        }
        Labels::Adopt { file } => {
            let report = adopt_labels(store, &file)?;
            printer.view(&report, |r| {
                format!("{} imports and {} decisions taken in, {} known already", r.imports, r.decisions, r.known)
            })?;
            Ok(Outcome::Done)
        }
        Labels::Retract(ruled) => decide(store, open, DecisionKind::Retract, ruled, BTreeMap::new(), printer),
        Labels::Restore(ruled) => decide(store, open, DecisionKind::Restore, ruled, BTreeMap::new(), printer),
        Labels::Dispute(ruled) => decide(store, open, DecisionKind::Dispute, ruled, BTreeMap::new(), printer),
        Labels::Undispute(ruled) => decide(store, open, DecisionKind::Undispute, ruled, BTreeMap::new(), printer),
        Labels::Correct { ruled, name, category, actor, country, valid_from, valid_to, source, confidence } => {
            let given = [
                (LabelField::Name, name),
                (LabelField::Category, category),
                (LabelField::Actor, actor),
                (LabelField::Country, country),
                (LabelField::ValidFrom, valid_from),
                (LabelField::ValidTo, valid_to),
                (LabelField::Source, source),
                (LabelField::Confidence, confidence),
            ];
            let changes = given
                .into_iter()
                .filter_map(|(field, value)| value.map(|v| (field, Some(v).filter(|v| !v.trim().is_empty()))));
            decide(store, open, DecisionKind::Correct, ruled, changes.collect(), printer)
        }
        Labels::Add(words) => {
            let own = OwnLabel {
                subject: words.subject,
                kind: words.kind,
                chain: words.on,
                name: words.name,
                category: words.category,
                basis: words.basis,
                source: words.source,
                confidence: words.confidence,
                country: words.country,
                actor: words.actor,
                valid_from: words.valid_from,
                valid_to: words.valid_to,
                context: words.context,
                license: words.license,
            };
            let import = add_label(store, &own, today())?;
            printer.view(&import.reports, |reports| {
                reports.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
            })?;
            Ok(Outcome::Done)
        }
        Labels::Conflicts { page } => {
            let view = open_engine(store, open, printer)?.label_conflicts(page.offset, page.limit as usize);
            printer.view(&view, show::label_conflicts)?;
            Ok(if view.conflicts.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Labels::Taxonomy => {
            printer.view(&taxonomy(), |view| show::taxonomy(view))?;
            Ok(Outcome::Done)
        }
        Labels::List { subject, quarantined, all, moment, page } => {
            let open = Options { labels_as_of: moment.as_of(), ..open.clone() };
            let engine = open_engine(store, &open, printer)?;
            let which = match (quarantined, all) {
                (true, _) => LabelsOf::Quarantined,
                (_, true) => LabelsOf::All,
                _ => LabelsOf::InUse,
            };
            let view = engine.labels(subject.as_deref(), which, page.offset, page.limit as usize)?;
            printer.view(&view, show::labels)?;
            Ok(if view.labels.is_empty() { Outcome::Nothing } else { Outcome::Done })
        }
        Labels::Export { format, out } => {
            if out.is_some() && format != "tagpack" {
                bail!("--out is for --format tagpack: the other formats are one file, and go to stdout");
            }
            let engine = open_engine(store, open, printer)?;
            if let Some(folder) = out {
                return write_tagpacks(&engine, &folder, printer);
            }
            if format == "pack" {
                engine.labels_history(std::io::stdout().lock())?;
                return Ok(Outcome::Done);
            }
            let text = match &*format {
                "tagpack" => engine.labels_tagpack()?,
                "actorpack" => engine.labels_actorpack()?,
                _ => engine.labels_csv()?,
            };
            printer.data(&text)?;
            Ok(Outcome::Done)
        }
    }
}

/// Writes a TagPack for each imported file into a folder. A file that is there already is never overwritten.
fn write_tagpacks(engine: &Engine, folder: &Path, printer: &Printer) -> anyhow::Result<Outcome> {
    let files = engine.labels_tagpacks()?;
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (name, text) in &files {
        let path = folder.join(name);
        let mut file = std::fs::File::create_new(&path).with_context(|| path.display().to_string())?;
        file.write_all(text).with_context(|| path.display().to_string())?;
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    printer.view(&names, |names| names.join("\n"))?;
    Ok(if files.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

/// Records a decision about the label that was named by its id, or by an address that has just one.
fn decide(
    store: &Path,
    open: &Options,
    kind: DecisionKind,
    words: Ruled,
    changes: BTreeMap<LabelField, Option<String>>,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let id = match words.label.parse::<LabelId>() {
        Ok(id) => id,
        Err(_) => only_label(store, open, &words.label, printer)?,
    };
    let ruling = Ruling { kind, changes, reason: words.reason, by: words.by, day: today() };
    let decision = decide_label(store, id, ruling)?;
    printer.view(&decision, |d| format!("{}: {} from {} on", d.label, d.kind.name(), d.day))?;
    Ok(Outcome::Done)
}

fn only_label(store: &Path, open: &Options, subject: &str, printer: &Printer) -> anyhow::Result<LabelId> {
    let view = open_engine(store, open, printer)?.labels(Some(subject), LabelsOf::All, 0, 100)?;
    let of_it = view.labels.iter().filter(|l| l.quarantine.is_none());
    let mut ids: Vec<&str> = of_it.map(|l| l.id.as_str()).collect();
    ids.dedup();
    match ids[..] {
        [id] => id.parse().map_err(anyhow::Error::msg),
        [] => bail!("no label on {}", show::safe(subject)),
        _ => bail!("{} labels on {}: name one by its id: {}", ids.len(), show::safe(subject), ids.join(", ")),
    }
}
