//! Chains of accounts: what nodes and dumps say of a block, as rows of transfers and events.
//!
//! Every source (JSON-RPC, Tron's HTTP API, era1, CSV and JSON dumps) is first read into the same [`raw`] parts; one
//! function makes rows of them, so that a block gives the same rows wherever it was read from.

pub mod raw;
mod assemble;
mod error;
pub mod jsonrpc;
mod logs;

pub use assemble::rows;
pub use error::AccountError;
mod events;
mod tokens;

pub use events::bridge_name;
pub use tokens::{Token, Tokens};
