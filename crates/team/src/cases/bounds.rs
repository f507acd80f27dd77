//! How much a case may hold. Every text, list and file has its bound here, so that no request and no imported file can make a
//! case that cannot be read, exported or purged again.

/// Characters of a title.
pub const TITLE_CHARS_MAX: usize = 200;
/// Characters of a summary.
pub const SUMMARY_CHARS_MAX: usize = 20_000;
/// Characters of a legal basis, of a humanitarian note, of a link's reason.
pub const REASON_CHARS_MAX: usize = 4_000;
/// Characters of a note.
pub const NOTE_CHARS_MAX: usize = 100_000;
/// Characters of a finding's statement, of a task, of a note on a subject or finding.
pub const STATEMENT_CHARS_MAX: usize = 4_000;
/// Characters of a subject's value.
pub const VALUE_CHARS_MAX: usize = 512;
/// Characters of a name: of a file, of a graph, of a person, of a case elsewhere.
pub const NAME_CHARS_MAX: usize = 200;
/// Bytes of the path of a question that a finding pins.
pub const PATH_BYTES_MAX: usize = 4_096;
/// Characters of a snapshot.
pub const SNAPSHOT_CHARS_MAX: usize = 200;
/// Bytes of an answer that a finding pins.
pub const PINNED_BYTES_MAX: usize = 256 << 10;
/// Bytes of a graph's document.
pub const DOCUMENT_BYTES_MAX: usize = 2 << 20;
/// How deep JSON of a client may be nested.
pub const JSON_DEPTH_MAX: usize = 64;
/// Members of a case.
pub const MEMBERS_MAX: usize = 200;
/// Items of all kinds that a case may hold at once.
pub const ITEMS_MAX: u64 = 20_000;
/// Changes in the history of a case.
pub const CHANGES_MAX: u64 = 500_000;
/// Bytes of the texts of a case: of its items and of what its history keeps.
pub const TEXT_BYTES_MAX: u64 = 128 << 20;
/// Bytes of one attachment.
pub const ATTACHMENT_BYTES_MAX: usize = 32 << 20;
/// Bytes of the attachments of a case, those that were taken away and can be brought back included.
pub const ATTACHMENTS_BYTES_MAX: u64 = 256 << 20;
/// Bytes of a file to import.
pub const IMPORT_BYTES_MAX: u64 = 400 << 20;
/// Earlier states that are kept of one graph: its automatic saves would else fill the case.
pub const GRAPH_STATES_MAX: u64 = 20;
/// Seconds within which saves of one graph by one person are one change.
pub const GRAPH_SAVE_S: i64 = 300;
/// Rows of a page.
pub const PAGE_MAX: u32 = 1_000;
/// Bytes of the items of a page; a page ends before the item that would pass it, but holds one at least.
pub const PAGE_BYTES_MAX: usize = 8 << 20;
/// Other cases that a question about a subject names at most.
pub const ALSO_MAX: usize = 50;
