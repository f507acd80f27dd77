//! Exported tables.

use super::words::{grouped, plain_table, size};
use athar_export::Summary;

pub(crate) fn export(s: &Summary) -> String {
    let rows =
        s.tables.iter().map(|t| vec![format!("  {}", t.table), grouped(t.rows), grouped(t.files), size(t.bytes)]);
    format!(
        "{}, blocks {} to {}, as of block {} {}\n{}\n{} rows, {} in {}\n{} files written, {} kept from earlier",
        s.chain,
        grouped(u64::from(s.from)),
        grouped(u64::from(s.to)),
        grouped(u64::from(s.tip_height)),
        s.tip_hash,
        plain_table(&["  table", "rows", "files", "size"], rows.collect()),
        grouped(s.rows),
        size(s.bytes),
        s.folder.display(),
        grouped(s.files_written),
        grouped(s.files_kept)
    )
}
