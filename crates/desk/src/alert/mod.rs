//! Alerts: what was met of what is watched, and what became of it.
//!
//! * **Raised** ([`Desk::see`], [`Desk::see_blocks`], [`Desk::see_patterns`]): one alert for a watch and a transaction, however
//!   often and wherever it is seen; its block confirms it, a reorganisation is told.
//! * **Handled** ([`Handling`]): open, in review, escalated, closed with a reason. Closing a severe one needs a second person. Every
//!   change is appended to a history and raises the version, by which two people cannot overwrite each other.
//! * **Held back** ([`NewSuppression`]): by subject, watch or pattern, for a time, with a reason.
//! * **Told**: an event and its deliveries are stored in the transaction that changes the alert.
//!
//! [`Desk::see`]: crate::Desk::see
//! [`Desk::see_blocks`]: crate::Desk::see_blocks
//! [`Desk::see_patterns`]: crate::Desk::see_patterns

mod blocks;
mod counts;
mod handle;
mod hit;
mod model;
mod pattern;
mod raise;
mod rounds;
mod state;
mod suppress;
mod watcher;

pub use blocks::{BLOCKS_KEPT, Caught};
pub use counts::{AlertCount, AlertFigures, QueueFigures};
pub use handle::{Done as Handled, Handling};
pub use hit::{PatternHit, Seen, TxHit};
pub use model::{Alert, AlertFilter, AlertOrder, HistoryEntry, Pending};
pub use raise::Raised;
pub use rounds::PatternRounds;
pub use state::{AlertState, Stage};
pub use suppress::{NewSuppression, SUPPRESSED_SECONDS_MAX, Suppression, SuppressionKind};
pub use watcher::{Watcher, WatcherSettings};
