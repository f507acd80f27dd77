//! Watchlists: what alerts are raised for.
//!
//! A list has a name and any number of watches; a watch is one condition ([`NewWatch`]). What it names (addresses, entities, the
//! addresses that carry a category or stand in a campaign) is turned into address keys once, when a [`Matcher`] is made, so that
//! what is asked of each transaction does not depend on how many watches there are.

mod condition;
mod import;
mod list;
mod matcher;

pub use condition::{Flow, NewWatch, WATCH_NOTE_BYTES_MAX, Watch, WatchKind};
pub use import::{CSV_LINE_BYTES_MAX, WatchImport, usd_cents};
pub(crate) use list::watches_of;
pub use list::{WATCHES_MAX, WATCHLISTS_MAX, Watchlist};
pub use matcher::{Matcher, Moves, Side, TxMatch};
