//! Live nodes of account chains (Ethereum, its relatives, Tron's JSON-RPC).
//!
//! * [`EvmClient`] asks: several [`EndpointSettings`] as one, with failover; an endpoint that lies, lags or is of another
//!   chain is put aside with the reason ([`EvmError`]).
//! * [`Fetcher`] reads many blocks at once, checks that their parts belong together and that each follows the one before,
//!   and hands them on in order.
//! * [`LogFetcher`] reads only chosen tokens or accounts, by their logs.
//! * [`Follower`] hands on new blocks as they come and says what a reorganisation takes back; beside them the view of what
//!   waits ([`PendingView`]).
//! * [`token_claims`] asks tokens for their name, symbol and decimals.
//!
//! Nothing here stores anything or knows a ledger. Nothing is sent to a node but calls that only read.

mod bloom;
mod call;
mod capabilities;
mod client;
mod endpoint;
mod error;
mod fetch;
mod follow;
mod head;
mod health;
mod hex;
mod limiter;
mod metadata;
mod parts;
mod pending;
mod rows;
mod select;
mod socket;
mod url;

pub use call::{Answer, Call, CallError};
pub use capabilities::{Capabilities, Receipts, Traces};
pub use client::{ENDPOINTS_MAX, EndpointState, EvmClient, LAG_MAX, PATIENCE, Wanted};
pub use endpoint::{ANSWER_BYTES_MAX, BATCH_MAX, EndpointSettings};
pub use error::EvmError;
pub use fetch::{AHEAD_BYTES_MAX, CHUNK_BLOCKS_MAX, Fetcher, WORKERS_MAX};
pub use follow::{FollowEvent, FollowSettings, Follower, REORG_MAX};
pub use head::Head;
pub use metadata::{TokenClaims, token_claims};
pub use parts::{BlockParts, Checks};
pub use pending::{AskedTransfer, PENDING_MAX, PendingTx, PendingView};
pub use rows::{account_block, raw_block};
pub use select::{CHOSEN_MAX, LogFetcher, LogSelection};
pub use url::{Auth, EndpointUrl};
