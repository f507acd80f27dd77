//! The same chain in other block files: a second node that gets the blocks out of order.
//!
//! A node writes blocks in the order in which they arrive. Once it knows all headers it takes the blocks in any order,
//! as it does in a first sync from many peers, so its files hold children before their parents.

use crate::{HarnessError, Result, Rpc};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// Hands the blocks `hashes` (each after its parent) from one node to another, shuffled by `seed`. Afterwards both
/// nodes have the same best block, which is checked.
pub fn shuffled(from: &Rpc, to: &Rpc, hashes: &[String], seed: u64) -> Result<()> {
    for hash in hashes {
        let header = from.text("getblockheader", json!([hash, false]))?;
        to.call("submitheader", json!([header]))?;
    }
    let mut order: Vec<&String> = hashes.iter().collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    for hash in order {
        let block = from.text("getblock", json!([hash, 0]))?;
        match to.call("submitblock", json!([block]))? {
            Value::Null => {}
            // stored, but not on the best chain (yet)
            Value::String(word) if word == "inconclusive" => {}
            other => return Err(HarnessError::World(format!("submitblock of {hash}: {other}"))),
        }
    }
    let (first, second) = (from.text("getbestblockhash", json!([]))?, to.text("getbestblockhash", json!([]))?);
    if first != second {
        return Err(HarnessError::World(format!("the copy's best block is {second}, the original's {first}")));
    }
    Ok(())
}
