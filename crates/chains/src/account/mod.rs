//! Chains of accounts: what nodes and dumps say of a block, as rows of transfers and events.
//!
//! Every source (JSON-RPC, Tron's HTTP API, era1, CSV and JSON dumps) is first read into the same [`raw`] parts; one
//! function makes rows of them ([`rows`]), so that a block gives the same rows wherever it was read from.

mod assemble;
pub mod era;
mod error;
pub mod etl;
mod events;
pub mod jsonrpc;
mod logs;
pub mod raw;
mod tokens;
pub mod tron;

pub use assemble::rows;
pub use error::AccountError;
pub use events::bridge_name;
pub use tokens::{Token, Tokens};

/// Reads one JSON text; `what` is the answer that it should be.
fn read_json<'a, T: serde::Deserialize<'a>>(what: &'static str, text: &'a str) -> Result<T, AccountError> {
    serde_json::from_str(text).map_err(|error| AccountError::Json { what, error: error.to_string() })
}
