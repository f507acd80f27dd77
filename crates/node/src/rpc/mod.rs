//! The node's JSON-RPC: only calls that read.

mod answer;
mod client;

pub use answer::{ChainInfo, HeaderInfo, MempoolList, ZmqTopic};
pub use client::Rpc;
