//! Live nodes of account chains (Ethereum, its relatives, Tron's JSON-RPC).
//!
//! * [`EvmClient`] asks: several [`EndpointSettings`] as one, with failover; an endpoint that lies, lags or is of another
//!   chain is put aside with the reason ([`EvmError`]).
//! * [`Fetcher`] reads many blocks at once, checks that their parts belong together and that each follows the one before,
//!   and hands them on in order.
//!
//! Nothing here stores anything or knows a ledger. Nothing is sent to a node but calls that only read.

mod bloom;
mod call;
mod capabilities;
mod client;
mod endpoint;
mod error;
mod fetch;
mod head;
mod health;
mod hex;
mod limiter;
mod parts;
mod rows;
mod url;

pub use call::{Answer, Call, CallError};
pub use capabilities::{Capabilities, Receipts, Traces};
pub use client::{ENDPOINTS_MAX, EndpointState, EvmClient, LAG_MAX, PATIENCE, Wanted};
pub use endpoint::{ANSWER_BYTES_MAX, BATCH_MAX, EndpointSettings};
pub use error::EvmError;
pub use fetch::{AHEAD_BYTES_MAX, CHUNK_BLOCKS_MAX, Fetcher, WORKERS_MAX};
pub use head::Head;
pub use parts::{BlockParts, Checks};
pub use rows::{account_block, raw_block};
pub use url::{Auth, EndpointUrl};
