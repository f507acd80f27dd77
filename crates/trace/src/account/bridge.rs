//! What a bridge says of a passage to or from another chain, and who there may be its other end.

use athar_types::account::U256;

/// A passage of value through a bridge, as its log on this chain has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Number of the protocol, as in `BridgeEvent`.
    pub protocol: u16,
    /// Whether value left this chain here; else it arrived. Forward only the first is a passage, backward the second.
    pub is_out: bool,
    /// The other chain by its EVM chain id, where the log says it.
    pub far_chain: Option<u64>,
    /// The account on the other chain, right-aligned as logs have it.
    pub far_account: Option<[u8; 32]>,
    /// What both sides of the passage have in common, where the protocol has such a thing.
    pub message: Option<[u8; 32]>,
    /// How much, in the smallest unit of the asset on this chain.
    pub amount: U256,
    /// When, in seconds since 1970.
    pub time: i64,
}
