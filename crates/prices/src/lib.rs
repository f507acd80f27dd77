//! What a coin was worth on a day: daily prices in US dollars, each with its source.
//!
//! * [`Price`] is an exact decimal number; [`Price::cents`] says what an amount is worth. No float comes near money.
//! * [`Journal`] is what was imported into a store, in the order in which it was imported; nothing is overwritten.
//!   [`Journal::import`] reads price files ([`Layout`]) and gives the journal after them, all or nothing.
//! * [`builtin()`] is a small history that comes with the program; its source and licence stand in `data/README.md`.
//! * [`Prices`] is the table that figures come from: the last import of each day, and where there is none the built-in
//!   price. A day without a price is a state of its own, never a zero and never a neighbour's price.
//!
//! Only files that the caller names are read, and none is written: the caller replaces the journal's file with
//! [`Journal::to_text`].

mod builtin;
mod error;
mod file;
mod import;
mod journal;
mod layout;
mod price;
mod prices;
mod series;

pub use builtin::{Builtin, builtin};
pub use error::PricesError;
pub use import::{ImportOptions, ImportReport};
pub use journal::{FILE, Import, Journal, Recorded};
pub use layout::Layout;
pub use price::{Price, PriceError, Reading};
pub use prices::{Coverage, Prices, Quote, SourceDays};
