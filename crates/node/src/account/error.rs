//! What can go wrong between Athar and the nodes of an account chain. Every error names the endpoint, never its secrets.

use athar_types::Chain;

/// An error of an endpoint, of all of them, or on the way to one.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvmError {
    /// An address that cannot be one.
    #[error("`{input}`: {what}")]
    Url {
        /// What was given, without what could be a secret.
        input: String,
        /// Why it cannot be used.
        what: &'static str,
    },
    /// The endpoint cannot be connected to.
    #[error(
        "{url} cannot be reached: {what}\nhint: is the node running with its HTTP interface, and is this its port?"
    )]
    Unreachable {
        /// The endpoint.
        url: String,
        /// What the connection said.
        what: String,
    },
    /// The endpoint did not answer in time.
    #[error("{url} did not answer {method} within {seconds} s")]
    Timeout {
        /// The endpoint.
        url: String,
        /// The call.
        method: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The endpoint asks for slower questions (HTTP 429, or its like in JSON).
    #[error("{url} asks for fewer calls (429): {message}\nhint: set calls per second for this endpoint")]
    RateLimited {
        /// The endpoint.
        url: String,
        /// Seconds that it asks to wait, where it says.
        after_seconds: Option<u64>,
        /// Its words, shortened.
        message: String,
    },
    /// 401 or 403: user, password, token or key are wrong, or missing.
    #[error(
        "{url} refuses the call (HTTP {status})\nhint: are user and password, the token or the key in its address right?"
    )]
    Refused {
        /// The endpoint.
        url: String,
        /// 401 or 403.
        status: u16,
    },
    /// A status that says that the endpoint is in trouble itself.
    #[error("{url} is in trouble (HTTP {status}): {message}")]
    Trouble {
        /// The endpoint.
        url: String,
        /// 5xx.
        status: u16,
        /// Its words, shortened.
        message: String,
    },
    /// The endpoint answered a call with an error.
    #[error("{url} answers {method} with error {code}: {message}")]
    Rpc {
        /// The endpoint.
        url: String,
        /// The call.
        method: &'static str,
        /// Its code.
        code: i64,
        /// Its words, shortened.
        message: String,
    },
    /// What answers there is no node of an account chain.
    #[error("{url} does not answer {method} as a node does: {what}\nhint: is this the JSON-RPC address of a node?")]
    NotANode {
        /// The endpoint.
        url: String,
        /// The call.
        method: &'static str,
        /// What came instead.
        what: String,
    },
    /// An answer larger than the limit.
    #[error("{url} answers {method} with more than {limit} bytes")]
    TooLarge {
        /// The endpoint.
        url: String,
        /// The call.
        method: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The endpoint takes no batch of this size.
    #[error("{url} refuses {calls} calls in one request: {message}")]
    BatchRefused {
        /// The endpoint.
        url: String,
        /// Calls in the request.
        calls: usize,
        /// Its words, shortened.
        message: String,
    },
    /// The endpoint is a node of another chain.
    #[error("{url} is a node of chain id {found}, not {expected}")]
    OtherChain {
        /// The endpoint.
        url: String,
        /// Its chain id.
        found: u64,
        /// The one wanted.
        expected: u64,
    },
    /// The endpoint has another first block than the store, or than the other endpoints.
    #[error("{url} says that block 0 is {found}, not {expected}: another chain with the same id")]
    OtherGenesis {
        /// The endpoint.
        url: String,
        /// Its block 0.
        found: String,
        /// The one wanted.
        expected: String,
    },
    /// A chain that has no nodes of this kind.
    #[error("{0} is no chain of accounts")]
    NoAccounts(Chain),
    /// What an endpoint says of a block cannot be right, or cannot be read.
    #[error("{url} gives a block {number} that cannot be right: {what}")]
    Block {
        /// The endpoint.
        url: String,
        /// Its number.
        number: u64,
        /// What is wrong with it.
        what: String,
    },
    /// An endpoint does not have a block that others have.
    #[error("{url} does not have block {number}")]
    Missing {
        /// The endpoint.
        url: String,
        /// The block asked for.
        number: u64,
    },
    /// The next block does not follow the last one: the chain was reorganised, or somebody lies.
    #[error(
        "block {number} does not follow the block before it: its parent is {found}, not {expected}\nhint: the chain was reorganised, or an endpoint lies"
    )]
    Broken {
        /// The block that does not follow.
        number: u64,
        /// Its parent.
        found: String,
        /// The hash of the block before.
        expected: String,
    },
    /// No endpoint is left.
    #[error("no endpoint can answer {method}:{}", reasons.iter().map(|r| format!("\n  {r}")).collect::<String>())]
    Nobody {
        /// The call.
        method: &'static str,
        /// What happened at each of them.
        reasons: Vec<String>,
    },
    /// A reorganisation goes deeper than the follower walks back.
    #[error(
        "no common block with the node within {depth} blocks below {from}: this is no reorganisation but another chain\nhint: is the store of this network?"
    )]
    TooDeep {
        /// Blocks walked back.
        depth: usize,
        /// Where the walk began.
        from: u64,
    },
    /// A number beyond what a ledger holds, or a range that is none.
    #[error("blocks {from} to {to} are no range that a store can hold")]
    Range {
        /// First.
        from: u64,
        /// Last.
        to: u64,
    },
    /// Nothing is chosen, or too much.
    #[error(
        "{chosen} tokens and accounts are chosen: it must be 1 to {max}\nhint: without a choice fetch whole blocks"
    )]
    Chosen {
        /// How many.
        chosen: usize,
        /// How many at most.
        max: usize,
    },
    /// The WebSocket failed.
    #[error("the WebSocket {url} failed: {what}")]
    Socket {
        /// The address.
        url: String,
        /// How.
        what: String,
    },
}

impl EvmError {
    /// Whether trying again later, at the same endpoint, can help without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Timeout { .. }
                | Self::RateLimited { .. }
                | Self::Trouble { .. }
                | Self::Missing { .. }
                | Self::Socket { .. }
        )
    }

    /// Whether the endpoint said something that cannot be true.
    pub(crate) fn is_lie(&self) -> bool {
        matches!(self, Self::NotANode { .. } | Self::Block { .. } | Self::Broken { .. } | Self::TooLarge { .. })
    }

    /// Whether it can never be of use.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::OtherChain { .. } | Self::OtherGenesis { .. })
    }
}

/// 32 bytes as they are shown.
pub(crate) fn hash_text(hash: &[u8; 32]) -> String {
    hash.iter().fold(String::from("0x"), |text, byte| text + &format!("{byte:02x}"))
}
