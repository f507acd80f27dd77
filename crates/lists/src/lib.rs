//! Official lists of designated persons and organisations: reading them in their own formats, keeping every version,
//! telling versions apart, and answering what was listed when.
//!
//! [`read`] tells the format by content and refuses a file that is cut off or damaged as a whole; a defect of one entry
//! is counted and told, and the entry is kept as written. A [`ListStore`] keeps each version as an immutable file, and
//! replacing its manifest is the only commit. The crate reads the files that it is given and its store, and nothing else.

mod date;
mod diff;
mod entry;
mod error;
mod find;
mod format;
mod list;
mod listed;
mod source;
mod store;
mod xml;

pub use date::PartialDay;
pub use diff::{EntryChange, EntrySummary, FieldChange, ListDiff, WalletSummary, diff};
pub use entry::{Birth, Detail, EntryKind, Identifier, ListEntry, ListedName, NameKind, Quality, Wallet};
pub use error::ListError;
pub use find::{Found, Identifiers, normal};
pub use format::{ReadOptions, decode_text, read, read_names_csv, read_text};
pub use list::{DEFECTS_MAX, List, ListDefect, ListDefectKind, ListFormat, ListInfo, Report, SHOWN_MAX, shown};
pub use listed::{Answer, Listed, Presence};
pub use source::Limits;
pub use store::{ListImport, ListImportOutcome, ListStore, ListVersion};
