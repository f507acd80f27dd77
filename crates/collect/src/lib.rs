//! The polite collector: fetches the URLs that the user names, by GET alone, and keeps the raw answers as WARC with hash and time.
//!
//! Begin reading at `fetch.rs` (what happens to a list), then `wire.rs` (how the raw bytes are kept), `robots.rs`, `warc.rs`.
//!
//! Invariants: nothing is fetched that the user did not name, but for the `robots.txt` of its host; no link and no redirect is
//! followed, no form sent, no cookie kept, no script run. An `.onion` host is never looked up in DNS and never asked without a proxy.

mod error;
mod fetch;
mod list;
mod robots;
mod warc;
mod wire;

pub use error::CollectError;
pub use fetch::{Collected, Collector, Outcome, Settings, Summary};
pub use list::{Listed, read_list};
pub use robots::Robots;
pub use warc::{RecordHead, WarcWriter};
