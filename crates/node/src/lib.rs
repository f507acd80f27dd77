//! Live nodes as a source. Those of account chains are in [`account`]; the rest is Bitcoin's:
//!
//! * [`Rpc`] asks: kept connections, named time and size limits, a cookie that is read again after the node restarted,
//!   and an error in words for each way in which a node can be the wrong one ([`NodeError`]).
//! * [`Feed`] listens: a thread for each ZMQ address turns what the node publishes into [`Notice`]s, says when a
//!   connection is lost or a notice was missed, and connects again by itself.
//! * [`fetch_blocks`] reads many blocks at once and hands them on in order.
//! * [`Mempool`] is the view of what is not confirmed: added, replaced, spent twice, removed, confirmed.
//!
//! Nothing here stores anything or knows a ledger; what a mempool transaction spends is asked of whoever implements
//! [`Outputs`]. Nothing is sent to the node but calls that only read.

pub mod account;
mod backoff;
mod error;
mod fetch;
mod mempool;
mod rpc;
mod url;
mod zmq;

pub use backoff::Backoff;
pub use error::NodeError;
pub use fetch::fetch_blocks;
pub use mempool::{
    Change, MEMPOOL_BYTES_MAX, MEMPOOL_TXS_MAX, Mempool, MempoolTx, OutPoint, Outputs, Paid, Removal, SETTLE, Spent,
    parse_tx,
};
pub use rpc::{ChainInfo, HeaderInfo, MempoolList, Rpc, ZmqTopic};
pub use url::{Credentials, RpcUrl, ZmqUrl};
pub use zmq::{Feed, FeedEvent, Notice, SequenceNotice, Topic};
