//! What can go wrong between Athar and a node. Every error names the address it happened at, never the password.

use athar_types::{Hash32, Network};
use std::{io, path::PathBuf};

/// An error of a node, or on the way to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// An address that cannot be one.
    #[error("`{input}`: {what}")]
    Url {
        /// What was given, without a password.
        input: String,
        /// Why it cannot be used.
        what: &'static str,
    },
    /// The cookie file cannot be read.
    #[error("cannot read the cookie file {}: {source}\nhint: the node writes `.cookie` into its data folder (of its network) when it starts, and removes it when it ends", path.display())]
    Cookie {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The node cannot be connected to.
    #[error(
        "the node at {url} cannot be reached: {what}\nhint: is it running, with -server, and is this its RPC port?"
    )]
    Unreachable {
        /// The node.
        url: String,
        /// What the connection said.
        what: String,
    },
    /// The node did not answer in time.
    #[error("the node at {url} did not answer {method} within {seconds} s")]
    Timeout {
        /// The node.
        url: String,
        /// The call.
        method: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// 401: wrong user, password or cookie.
    #[error("the node at {url} refuses the user and password (HTTP 401)\nhint: {hint}")]
    Password {
        /// The node.
        url: String,
        /// Where they came from.
        hint: String,
    },
    /// 403: the node does not talk to this machine.
    #[error(
        "the node at {url} does not allow calls from this machine, or not this call to this user (HTTP 403)\nhint: its -rpcallowip and -rpcwhitelist decide"
    )]
    Forbidden {
        /// The node.
        url: String,
    },
    /// The node is starting.
    #[error("the node at {url} is not ready yet: {message}")]
    WarmingUp {
        /// The node.
        url: String,
        /// The node's words.
        message: String,
    },
    /// The node has too much to do (HTTP 503).
    #[error("the node at {url} is busy (HTTP 503): {message}")]
    Busy {
        /// The node.
        url: String,
        /// The node's words, shortened.
        message: String,
    },
    /// The node answered a call with an error.
    #[error("the node at {url} answers {method} with error {code}: {message}")]
    Rpc {
        /// The node.
        url: String,
        /// The call.
        method: &'static str,
        /// Bitcoin Core's error code.
        code: i64,
        /// The node's words, shortened.
        message: String,
    },
    /// What answers there is no Bitcoin node.
    #[error(
        "{url} does not answer {method} as a Bitcoin node does: {what}\nhint: is this the RPC port of a Bitcoin node?"
    )]
    NotANode {
        /// The address.
        url: String,
        /// The call.
        method: &'static str,
        /// What came instead.
        what: String,
    },
    /// An answer larger than any right one.
    #[error("{url} answers {method} with more than {limit} bytes, which no Bitcoin node does")]
    TooLarge {
        /// The address.
        url: String,
        /// The call.
        method: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The node is on another network than wanted.
    #[error(
        "the node at {url} is on {found}, the store holds {expected}\nhint: use the node of that network, or another --store"
    )]
    OtherNetwork {
        /// The node.
        url: String,
        /// Its network.
        found: Network,
        /// The one wanted.
        expected: Network,
    },
    /// The node is on a network that Athar does not know.
    #[error("the node at {url} is on the chain `{chain}`, which this program does not know")]
    UnknownNetwork {
        /// The node.
        url: String,
        /// What it calls its chain, shortened.
        chain: String,
    },
    /// The node's first block is not that of its network.
    #[error("the node at {url} says that it is on {network}, but its first block is {found}, not {expected}")]
    OtherGenesis {
        /// The node.
        url: String,
        /// The network it claims.
        network: Network,
        /// Its block 0.
        found: Hash32,
        /// The block 0 of that network.
        expected: Hash32,
    },
    /// The node has deleted blocks that are still needed.
    #[error(
        "the node at {url} is pruned: it has no blocks below height {pruned_below}, and the store needs them from {needed} on\nhint: use a node that is not pruned, or bring the store up with `--blocks DIR` of one first"
    )]
    Pruned {
        /// The node.
        url: String,
        /// First height that the store lacks.
        needed: u32,
        /// First height that the node has.
        pruned_below: u32,
    },
    /// A block that the node gave cannot be read.
    #[error("the node at {url} gave a block {hash} that cannot be read: {what}")]
    Block {
        /// The node.
        url: String,
        /// The block asked for.
        hash: Hash32,
        /// What is wrong with it.
        what: String,
    },
    /// A ZMQ address cannot be connected to.
    #[error(
        "the ZMQ address {url} cannot be reached: {what}\nhint: the node's -zmqpubsequence, -zmqpubrawblock and -zmqpubrawtx name it"
    )]
    ZmqUnreachable {
        /// The address.
        url: String,
        /// What the connection said.
        what: String,
    },
    /// What listens there does not speak ZMQ, or not as a publisher.
    #[error("{url} is no ZMQ publisher: {what}")]
    NotZmq {
        /// The address.
        url: String,
        /// What came.
        what: String,
    },
    /// The ZMQ connection ended.
    #[error("the ZMQ connection to {url} ended: {what}")]
    ZmqLost {
        /// The address.
        url: String,
        /// How.
        what: String,
    },
}

impl NodeError {
    /// Whether trying again later can help without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Timeout { .. } | Self::WarmingUp { .. } | Self::Busy { .. })
    }

    /// Whether the node answered the call itself with this error code.
    pub fn is_rpc(&self, wanted: i64) -> bool {
        matches!(self, Self::Rpc { code, .. } if *code == wanted)
    }
}

/// A stranger's text, short and without control characters.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(160).flat_map(char::escape_debug).collect();
    if text.chars().nth(160).is_some() {
        short.push('…');
    }
    short
}
