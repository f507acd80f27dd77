//! Chains of accounts: blocks, transactions, transfers of assets and the events that say what they mean.
//!
//! The same store, commits and columns as for chains of outputs. A segment holds the rows of a range of blocks in chain
//! order and the look-ups over them. All ids are dense and follow chain order: an account's is the rank of the first row
//! that names it, and so is an asset's; number 0 is the coin. Blocks have a rank beside their number, because a store may
//! hold chosen blocks only; [`Coverage`] says which.
//!
//! Small segments are joined, and a segment is cut, by reading its rows back and building them again: ids depend on
//! nothing but the rows, so they come out the same.

mod adjacency;
mod build;
mod ledger;
mod manifest;
mod payload;
mod rows;
mod schema;
mod segment;
mod store;
mod verify;

pub(crate) use build::ACCOUNTS;
pub use build::AccountBuilder;
pub use ledger::{AccountBlockInfo, AccountLedger, AccountTx, Notice, OfAccount, Transfer};
pub use manifest::{AccountManifest, AccountRanges, AccountSegmentMeta, AccountTip, Coverage, Knows, Selection};
pub use verify::AccountVerifyReport;
pub(crate) use verify::check;

/// Stored where a transfer has no account on a side, no transaction, and so on.
pub const NONE: u32 = u32::MAX;
/// The asset number of the coin.
pub const NATIVE: u32 = 0;
