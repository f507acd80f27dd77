//! Changing a store: stages in one order, each a whole commit.
//!
//! ```text
//! 1 blocks    block files -> ledger                  (write/blocks.rs)
//! 2 entities  ledger -> merge forest                 (write/entities.rs)
//! ```
//!
//! [`follow_bitcoin`] runs both for as long as a node is followed (write/follow/).
//!
//! [`discover()`] reads pages, chats and archives; sightings lie beside the ledger and touch none of it.
//!
//! Labels and prices are imported on their own: they depend on nothing here, and nothing here depends on them. Every
//! function takes the store's lock for as long as it writes; readers are never blocked.

mod accounts;
mod blocks;
mod cuts;
mod discover;
mod entities;
mod events;
mod follow;
mod imports;
mod lists;
mod policies;
mod rates;
mod records;
mod refusal;

pub use accounts::{
    AccountHappening, AccountIngestSettings, AccountIngestSummary, AccountNodeSettings, AccountsProgress, Selected,
    account_token, follow_accounts, ingest_account_blocks, ingest_account_files, ingest_account_node, read_genesis,
};
pub use athar_ingest::account::Format as FileFormat;
pub use blocks::{IngestSettings, IngestSummary, ingest_bitcoin, ingest_blocks};
pub use cuts::update_cuts;
pub(crate) use discover::group_names;
pub use discover::{DiscoverSummary, discover, discover_bytes, discover_bytes_with, discover_op_returns, knowledge};
pub use events::{EventsImport, import_events};
pub use follow::{FollowEvent, FollowSettings, FollowSummary, Happening, Observer, follow_bitcoin};
pub use imports::{LabelsImport, add_label, adopt_labels, decide_label, import_labels, import_prices, import_tables};
pub use lists::{ListsImport, import_lists};
pub use policies::{PolicyChange, change_policy};
pub(crate) use rates::rates;
pub use rates::{RATES_MAX, RatesReport, import_rates};
pub use records::{forget_hits_on_records, import_record_bytes, import_records};
pub use refusal::{Refusal, check_writable};

pub use athar_node::{Mempool, MempoolTx};
pub use athar_types::Hash32;
use std::path::{Path, PathBuf};

/// Default for the memory that a write stays within: 2 GiB.
pub const MEMORY_BYTES: u64 = 2 << 30;

/// A stage of an ingest, for progress.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// Reading block files into the ledger.
    Blocks(athar_ingest::Progress),
    /// Joining addresses to entities.
    Entities {
        /// Transactions read.
        done: u64,
        /// Transactions to read.
        total: u64,
    },
}

/// Where the official lists of a store live.
pub(crate) fn lists_folder(store: &Path) -> PathBuf {
    store.join("lists")
}

/// Where the risk policies of a store live.
pub(crate) fn policies_folder(store: &Path) -> PathBuf {
    store.join("policies")
}

/// Where the labels of a store live.
pub(crate) fn labels_folder(store: &Path) -> PathBuf {
    store.join("labels")
}
