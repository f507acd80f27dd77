//! What a block will hold, before any byte of it exists: transactions by number, keys by number.
//!
//! The economy never needs a hash, so it can run ahead while earlier blocks are encoded.

use super::Kind;

/// An output to spend.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InputPlan {
    /// Number of the transaction that made it, over the whole chain.
    pub(crate) tx: u32,
    /// Which of its outputs.
    pub(crate) vout: u16,
    /// How it is locked.
    pub(crate) kind: Kind,
    /// To which key.
    pub(crate) key: u32,
}

/// An output to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputPlan {
    /// In satoshi.
    pub(crate) value: u64,
    /// To which key; of a data output, the payload's length.
    pub(crate) key: u32,
    /// How it is locked.
    pub(crate) kind: Kind,
}

/// What differs between the software of wallets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Version of its transactions.
    pub(crate) version: u8,
    /// Low byte of its inputs' sequence numbers; the others are 0xff.
    pub(crate) sequence: u8,
    /// Whether it locks transactions to the height before, as Bitcoin Core does against fee sniping.
    pub(crate) locks_height: bool,
}

/// A transaction: the ends of its inputs and outputs in the block's lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TxPlan {
    /// One past its last input.
    pub(crate) inputs_end: u32,
    /// One past its last output.
    pub(crate) outputs_end: u32,
    /// What is left to the miner, in satoshi.
    pub(crate) fee: u64,
    /// The sender's software.
    pub(crate) style: Style,
}

/// An address paid for the first time, for the truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    /// The output, by its place in the block's list; `u32::MAX` is the coinbase.
    pub(crate) output: u32,
    /// The actor who can spend it.
    pub(crate) actor: u32,
    /// The actor on whose behalf a service holds it; `u32::MAX` is nobody.
    pub(crate) customer: u32,
    /// What it is for.
    pub(crate) role: &'static str,
}

/// A block: its coinbase, and the others in order.
#[derive(Clone, Debug)]
pub(crate) struct BlockPlan {
    /// Height; the first is 1.
    pub(crate) height: u32,
    /// The header's time.
    pub(crate) time: u32,
    /// Number of the coinbase; the others follow.
    pub(crate) first_tx: u32,
    /// The coinbase's reward: subsidy and fees.
    pub(crate) coinbase: OutputPlan,
    /// A few bytes that the miner leaves in the coinbase's input.
    pub(crate) tag: &'static str,
    /// Coinbases of stale blocks to make beside it (a second one stands on the first), none or one or two.
    pub(crate) stale: Vec<OutputPlan>,
    /// Transactions.
    pub(crate) txs: Vec<TxPlan>,
    /// Their inputs.
    pub(crate) inputs: Vec<InputPlan>,
    /// Their outputs.
    pub(crate) outputs: Vec<OutputPlan>,
    /// Addresses first paid here.
    pub(crate) named: Vec<Named>,
}

impl BlockPlan {
    /// An empty block.
    pub(crate) const fn new(height: u32, time: u32, first_tx: u32) -> Self {
        Self {
            height,
            time,
            first_tx,
            coinbase: OutputPlan { value: 0, key: 0, kind: Kind::P2pkh },
            tag: "",
            stale: Vec::new(),
            txs: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            named: Vec::new(),
        }
    }

    /// An empty block with room for as much as another has, and a little more.
    pub(crate) fn like(other: &Self, height: u32, time: u32, first_tx: u32) -> Self {
        let more = |len: usize| len + len / 4 + 8;
        Self {
            txs: Vec::with_capacity(more(other.txs.len())),
            inputs: Vec::with_capacity(more(other.inputs.len())),
            outputs: Vec::with_capacity(more(other.outputs.len())),
            named: Vec::with_capacity(more(other.named.len())),
            ..Self::new(height, time, first_tx)
        }
    }

    /// The fees of its first `count` transactions (without the coinbase).
    pub(crate) fn fees(&self, count: usize) -> u64 {
        self.txs[..count].iter().map(|t| t.fee).sum()
    }
}

/// The coinbase's reward without fees at a height: 50 bitcoin, halved every 150 blocks.
/// Source: regtest in Bitcoin Core's `kernel/chainparams.cpp`, `nSubsidyHalvingInterval`.
pub(crate) const fn subsidy(height: u32) -> u64 {
    let halvings = height / 150;
    if halvings >= 64 { 0 } else { 5_000_000_000 >> halvings }
}
