//! What a follower tells. The field names are documented in `docs/reference/follow.md`.

use crate::live::{MempoolTxView, now_ms, rfc3339};
use crate::write::Stage;
use athar_node::{Change, Mempool, MempoolTx, Removal};
use athar_types::{Hash32, Network};
use serde::Serialize;

/// Inputs and outputs that an event lists at most.
const SIDES_MAX: usize = 100;

/// Something that happened, and when it was told.
#[derive(Clone, Debug, Serialize)]
pub struct FollowEvent {
    /// When, by this machine's clock, to the millisecond (RFC 3339, UTC).
    pub time: String,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

impl FollowEvent {
    pub(super) fn now(what: Happening) -> Self {
        Self { time: rfc3339(now_ms()), what }
    }
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Happening {
    /// The node answers and is the right one.
    Started {
        /// Chain.
        chain: &'static str,
        /// Network.
        network: &'static str,
        /// The node's RPC address.
        node: String,
        /// Height of its best block.
        node_height: u32,
        /// Height of the store's last block.
        store_height: Option<u32>,
        /// Its hash.
        store_hash: Option<Hash32>,
        /// Where notices are listened for.
        zmq: Vec<String>,
    },
    /// The store has every block of the node.
    CaughtUp {
        /// Height of the last block.
        height: u32,
        /// Its hash.
        hash: Hash32,
        /// Blocks added since the start.
        blocks_added: u64,
        /// Milliseconds since the start.
        ms: u64,
    },
    /// A block was committed.
    Block {
        /// Height.
        height: u32,
        /// Hash.
        hash: Hash32,
        /// The miner's time stamp.
        block_time: String,
        /// Transactions.
        txs: u32,
        /// Serialised size.
        bytes: u32,
        /// `zmq` where the node published it, `rpc` where it was asked for.
        via: &'static str,
        /// Milliseconds from the announcement to the commit.
        commit_ms: u64,
    },
    /// The node left blocks of the store for another branch.
    Reorg {
        /// Blocks that were dropped.
        depth: u32,
        /// Height of the last block that stays.
        fork_height: u32,
        /// Its hash.
        fork_hash: Hash32,
        /// Height of the last block before.
        old_height: u32,
        /// Its hash.
        old_hash: Hash32,
    },
    /// The mempool view holds all that the node listed.
    MempoolReady {
        /// Transactions in it.
        txs: u64,
        /// Transactions that it has no room for.
        left_out: u64,
    },
    /// A transaction entered the mempool.
    MempoolAdded(MempoolTxView),
    /// A transaction took the place of another.
    MempoolReplaced {
        /// The one that left.
        txid: Hash32,
        /// The one that took its place.
        by: Hash32,
        /// An output that both spend, as `txid:vout`.
        output: String,
        /// Whether the one that left had signalled that it may be replaced.
        signalled: bool,
        /// Sum of the outputs of the one that left, in satoshi.
        value_sat: u64,
        /// Addresses that the one that left would have paid.
        paid: Vec<String>,
    },
    /// A block spends what a waiting transaction wanted to spend.
    DoubleSpend {
        /// The one that waited, and can no longer be confirmed.
        txid: Hash32,
        /// The one in the block.
        by: Hash32,
        /// Height of the block.
        height: u32,
        /// An output that both spend, as `txid:vout`.
        output: String,
        /// Sum of the outputs of the one that waited, in satoshi.
        value_sat: u64,
        /// Addresses that the one that waited would have paid.
        paid: Vec<String>,
    },
    /// A transaction left the mempool.
    MempoolRemoved {
        /// Which.
        txid: Hash32,
        /// `confirmed`, `parent-gone` or `unknown`.
        reason: &'static str,
        /// Height of the block that holds it.
        height: Option<u32>,
        /// The transaction that made its parent impossible.
        by: Option<Hash32>,
    },
    /// The mempool view reached its maximum; more is counted and left out.
    MempoolFull {
        /// Transactions at most.
        txs_max: u64,
        /// Bytes of memory at most.
        bytes_max: u64,
    },
    /// A connection is lost; it is tried again until it stands.
    Disconnected {
        /// `rpc` or `zmq`.
        what: &'static str,
        /// Which.
        url: String,
        /// Why.
        error: String,
    },
    /// A connection stands again.
    Reconnected {
        /// `rpc` or `zmq`.
        what: &'static str,
        /// Which.
        url: String,
        /// Milliseconds without it.
        ms: u64,
        /// Whether the node was started anew meanwhile; not told for `zmq`.
        restarted: Option<bool>,
    },
    /// The node cannot be followed right now; the store keeps what it has.
    Waiting {
        /// Why.
        why: String,
    },
    /// The entities were built again.
    Entities {
        /// Height up to which they are.
        height: u32,
        /// How many.
        entities: u64,
        /// Milliseconds that it took.
        ms: u64,
    },
    /// The follower ends as asked.
    Stopped {
        /// Height of the last block.
        height: Option<u32>,
        /// Its hash.
        hash: Option<Hash32>,
        /// Blocks added since the start.
        blocks_added: u64,
    },
}

impl Happening {
    /// A change of the mempool.
    pub(super) fn of(change: &Change, network: Network) -> Self {
        let paid = |tx: &MempoolTx| {
            tx.outputs.iter().filter_map(|o| o.address).take(SIDES_MAX).map(|a| a.to_text(network)).collect()
        };
        match change {
            Change::Added(tx) => Self::MempoolAdded(MempoolTxView::new(tx, network, SIDES_MAX)),
            Change::Replaced { old, by, output } => Self::MempoolReplaced {
                txid: old.txid,
                by: *by,
                output: format!("{}:{}", output.txid, output.vout),
                signalled: old.is_replaceable,
                value_sat: old.value().0,
                paid: paid(old),
            },
            Change::DoubleSpent { old, by, height, output } => Self::DoubleSpend {
                txid: old.txid,
                by: *by,
                height: *height,
                output: format!("{}:{}", output.txid, output.vout),
                value_sat: old.value().0,
                paid: paid(old),
            },
            Change::Removed { tx, why } => {
                let (reason, height, by) = match why {
                    Removal::Confirmed { height } => ("confirmed", Some(*height), None),
                    Removal::ParentGone { by } => ("parent-gone", None, Some(*by)),
                    Removal::Unknown => ("unknown", None, None),
                };
                Self::MempoolRemoved { txid: tx.txid, reason, height, by }
            }
        }
    }
}

/// Who is told.
pub trait Observer {
    /// Something happened. `false` ends the follower: nobody listens any more.
    fn event(&mut self, event: &FollowEvent) -> bool;

    /// How far catching up is.
    fn stage(&mut self, stage: Stage);

    /// Something that needs attention but ends nothing.
    fn warn(&mut self, text: &str);

    /// A transaction is new in the mempool view, or was part of what waited there at first: in full, and before its event. What this
    /// takes the follower waits.
    fn entered(&mut self, _tx: &MempoolTx) {}

    /// A transaction left the mempool without a block of the chain holding it: `replaced`, `double-spent`, `parent-gone` or `unknown`.
    fn left(&mut self, _txid: &Hash32, _why: &'static str) {}

    /// The view holds all that the node listed: what is not in it waits no more.
    fn listed(&mut self, _pool: &Mempool) {}
    /// What waits now; told again and again once all is known, so it must be cheap where nothing is to be done.
    fn waiting(&mut self, _pool: &Mempool) {}

    /// The committed chain is another than before: blocks were added, or dropped and added.
    fn chain_changed(&mut self) {}
}
