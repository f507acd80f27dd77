//! A chain mined in the test run, with everything on it that Athar must read as the node does.

mod economy;
mod fork;
mod scripts;

use crate::{Result, Rpc};
use economy::Economy;

/// Rounds of payments before and after the stale branch; a round is about twelve transactions and one block.
const ROUNDS_BEFORE: u32 = 24;
const ROUNDS_AFTER: u32 = 16;

/// What a test must know of the chain beyond what the node says of its best branch.
pub struct World {
    /// Hashes of the blocks of the stale branch, lowest first. They are in the block files, not in the best chain.
    pub stale_blocks: Vec<String>,
    /// A payment that only the stale branch holds: on the best branch another took its place.
    pub replaced_txid: String,
    /// Transactions with outputs of every kind that wallets do not make, and the spends of them.
    pub special_txids: Vec<String>,
}

/// Mines the world on a node with an empty chain. `seed` decides who pays whom, how and how much; keys are the
/// wallets' own, so addresses differ from run to run.
pub fn build(rpc: &Rpc, seed: u64) -> Result<World> {
    let mut economy = Economy::start(rpc, seed)?;
    for round in 0..ROUNDS_BEFORE {
        economy.round(round)?;
    }
    let mut special_txids = scripts::build(&mut economy)?;
    let fork = fork::build(&mut economy)?;
    for round in 0..ROUNDS_AFTER {
        economy.round(round)?;
    }
    // once more above the fork: what was spent before it is not spent again
    special_txids.extend(scripts::build(&mut economy)?);
    economy.mine(1)?;
    Ok(World { stale_blocks: fork.stale_blocks, replaced_txid: fork.replaced_txid, special_txids })
}
