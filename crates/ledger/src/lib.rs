//! What happened, per chain: blocks, transactions, inputs, outputs and addresses in immutable, memory-mapped segments.
//!
//! * A [`Store`] is a folder. Its manifest names the live segments with their checksums; replacing the manifest by an
//!   atomic rename is the only commit, so a crash leaves the last one valid.
//! * A [`Segment`] is a folder of one-column Arrow IPC files for a range of blocks (`schema` lists them all); a [`Run`]
//!   answers look-ups by key over one or more segments. [`Merger`] joins small ones into large ones under the same ids.
//! * A [`Ledger`] is a read view over the segments of one commit. It never changes and needs no lock.
//! * A [`SegmentBuilder`] turns decoded blocks, given in chain order, into the next segment.
//!
//! Ids are dense and follow chain order, so they are the same on every machine: a transaction's number is its rank, an
//! address's id is the rank of the first output that pays it. Nothing here depends on where a block was read from, and
//! nothing reads the clock: the same blocks give the same bytes.

pub mod account;
mod column;
mod error;
#[cfg(feature = "fixture")]
pub mod fixture;
mod ledger;
mod manifest;
mod merge;
mod rows;
mod run;
mod schema;
mod segment;
mod store;
mod verify;

pub use athar_disk::Disk;
pub use column::{Column, ColumnWriter, Element, FileMeta, Scratch, ScratchArray};
pub use error::LedgerError;
pub use ledger::{AddressOutputs, Ledger, SpendCursor};
pub use manifest::{ChainManifest, Manifest, Piece, Ranges, RunMeta, SegmentMeta, Tip};
pub use merge::Merger;
pub use rows::{BlockInfo, BlockRows, InRow, Input, OutRow, Output, PoolFlow, RawScript, Tx, TxFlags, TxRow, key_hash};
pub use run::Run;
pub use segment::{Segment, SegmentBuilder};
pub use store::{Store, StoreLock};
pub use verify::{VerifyReport, verify};
