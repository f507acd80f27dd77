//! Labels as the project's own table; what it writes, the import of plain tables reads back.

use super::guarded;
use crate::label::{Label, SubjectKind};
use std::io::Write;

const COLUMNS: [&str; 17] = [
    "address",
    "label",
    "category",
    "source",
    "confidence",
    "basis",
    "country",
    "valid_from",
    "valid_to",
    "chain",
    "asset",
    "actor",
    "concepts",
    "lastmod",
    "entry",
    "context",
    "license",
];

/// Writes the accepted address labels as a table and gives their number. Labels of transactions and accounts, and
/// quarantined entries, have no place in it.
///
/// Every cell is [guarded](guarded) against spreadsheets.
pub fn export_csv<'a>(labels: impl IntoIterator<Item = &'a Label>, out: impl Write) -> std::io::Result<u64> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS)?;
    let mut written = 0;
    for label in labels.into_iter().filter(|l| l.is_accepted() && l.subject == SubjectKind::Address) {
        let text = |text: &Option<String>| guarded(text.as_deref().unwrap_or_default());
        let day = |day: Option<athar_types::Day>| day.map(|d| d.to_string()).unwrap_or_default();
        writer.write_record([
            guarded(&label.text),
            guarded(&label.name),
            label.category.to_string(),
            text(&label.source),
            guarded(label.confidence.as_ref().map_or("", |c| &c.id)),
            label.basis.to_string(),
            text(&label.country),
            day(label.valid_from),
            day(label.valid_to),
            label.chain.map(|c| c.to_string()).unwrap_or_default(),
            text(&label.asset),
            text(&label.actor),
            guarded(&label.concepts.join("|")),
            day(label.lastmod),
            text(&label.entry),
            guarded(label.context.as_deref().unwrap_or_default()),
            guarded(label.license().unwrap_or_default()),
        ])?;
        written += 1;
    }
    writer.flush()?;
    Ok(written)
}
