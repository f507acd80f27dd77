//! Chains of accounts: what nodes and dumps say of a block, as rows of transfers and events.
//!
//! Every source (JSON-RPC, Tron's HTTP API, era1, CSV and JSON dumps) is first read into the same [`raw`] parts; one
//! function makes rows of them, so that a block gives the same rows wherever it was read from.

pub mod events;
pub mod metadata;
pub mod raw;
pub mod tokens;
