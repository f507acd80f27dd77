//! `follow`: the chain of a node into the store, and its mempool beside it, for as long as the user wants.
//!
//! One thread does everything that changes the store, in this order: what the node published, then what has to be asked.
//! A block that follows the tip is committed the moment it is published; everything else (gaps, branches, missing
//! notices, no ZMQ at all) is found by asking the node for its best block and going from there, so that notices only make
//! it quick, never right or wrong.

mod ask;
mod chain;
mod event;
mod files;
mod follower;
mod hear;
mod pool;
mod rebuild;

pub use event::{FollowEvent, Happening, Observer};

use crate::error::EngineError;
use athar_entities::Clustering;
use athar_node::{Credentials, RpcUrl, ZmqUrl};
use athar_types::{Hash32, Network};
use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

/// Whom to follow, and how.
#[derive(Clone, Debug)]
pub struct FollowSettings {
    /// The node's RPC.
    pub rpc: RpcUrl,
    /// Who calls.
    pub credentials: Credentials,
    /// Where the node publishes; without any, it is asked.
    pub zmq: Vec<ZmqUrl>,
    /// The node's block files, which are quicker to read than RPC where the store is far behind.
    pub blocks: Option<PathBuf>,
    /// The network to expect; `None` takes the store's, or the node's for a new store.
    pub network: Option<Network>,
    /// Anonymous memory to stay within while catching up, in bytes.
    pub memory_bytes: u64,
    /// Which heuristics tie addresses.
    pub clustering: Clustering,
}

/// What a follower did by its end.
#[derive(Clone, Copy, Debug)]
pub struct FollowSummary {
    /// Height and hash of the last block.
    pub tip: Option<(u32, Hash32)>,
    /// Blocks added.
    pub blocks_added: u64,
}

/// Follows a Bitcoin node until `stop` is set: everything committed by then stays. The store's lock is held for as long;
/// readers are never blocked.
///
/// Ends with an error where the node cannot be reached at the start, is the wrong one, refuses the password, or has deleted
/// blocks that are needed. A node that goes away later is waited for.
pub fn follow_bitcoin(
    folder: &Path,
    settings: &FollowSettings,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<FollowSummary, EngineError> {
    follower::run(folder, settings, stop, observer)
}
