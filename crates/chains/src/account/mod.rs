//! Chains of accounts: what nodes and dumps say of a block, as rows of transfers and events.
//!
//! Every source (JSON-RPC, Tron's HTTP API, era1, CSV and JSON dumps) is first read into the same [`raw`] parts; one
//! function makes rows of them ([`rows`]), so that a block gives the same rows wherever it was read from.

mod assemble;
pub mod era;
mod error;
pub mod etl;
pub mod events;
pub mod jsonrpc;
mod logs;
pub mod metadata;
pub mod raw;
pub mod tokens;
pub mod tron;

pub use assemble::rows;
pub use error::AccountError;
pub use logs::topic as event_topic;
pub use tokens::{Token, Tokens};

/// Characters that an error quotes of what a source wrote.
const QUOTE_MAX: usize = 300;

/// Reads one JSON text; `what` is the answer that it should be.
fn read_json<'a, T: serde::Deserialize<'a>>(what: &'static str, text: &'a str) -> Result<T, AccountError> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let error = error.to_string();
        let error = match error.char_indices().nth(QUOTE_MAX) {
            // the text names the place at its end
            Some((end, _)) => format!("{}… at line {line} column {column}", &error[..end]),
            None => error,
        };
        AccountError::Json { what, error }
    })
}
