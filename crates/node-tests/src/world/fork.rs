//! A stale branch: three blocks that were the best chain once and stay in the block files.

use super::economy::Economy;
use crate::{
    HarnessError, Result,
    rpc::{list_of, text_of},
};
use serde_json::json;

const STALE: u32 = 3;
const LONGER: u32 = 5;

pub(super) struct Fork {
    pub(super) stale_blocks: Vec<String>,
    pub(super) replaced_txid: String,
}

/// Mines a branch, makes the node leave it, replaces one of its payments, mines a longer branch, and lets the node
/// know the first again: from then on work alone decides, as it must for Athar.
pub(super) fn build(economy: &mut Economy) -> Result<Fork> {
    let last = economy.wallets.len() - 1;
    let mut stale_blocks = Vec::new();
    for _ in 1..STALE {
        for payer in 0..last {
            economy.pay(payer)?;
        }
        stale_blocks.extend(economy.mine(1)?);
    }
    // the payment to be replaced is its wallet's only one here: a wallet refuses to replace what it has built upon
    let replaced_txid = economy.pay(last)?;
    stale_blocks.extend(economy.mine(1)?);

    economy.rpc.call("invalidateblock", json!([stale_blocks[0]]))?;
    // the payments of the branch wait in the mempool again
    let bumped = economy.wallets[last].call("bumpfee", json!([replaced_txid, {"fee_rate": 50}]))?;
    let replacement = text_of(&bumped, "txid")?;
    let branch = economy.mine(LONGER)?;
    economy.rpc.call("reconsiderblock", json!([stale_blocks[0]]))?;

    let tips = json!({"tips": economy.rpc.call("getchaintips", json!([]))?});
    let has = |hash: &String, status: &str, length: u32| {
        list_of(&tips, "tips").is_ok_and(|tips| {
            tips.iter().any(|tip| {
                tip["hash"] == json!(hash) && tip["status"] == json!(status) && tip["branchlen"] == json!(length)
            })
        })
    };
    if !(has(&stale_blocks[STALE as usize - 1], "valid-fork", STALE) && has(&branch[LONGER as usize - 1], "active", 0))
    {
        return Err(HarnessError::World(format!("the fork has other branches than planned: {tips}")));
    }
    // txindex is on: the node says in which block it knows the replacement
    let confirmed = economy.rpc.call("getrawtransaction", json!([replacement, true]))?;
    if confirmed["confirmations"].as_u64().is_none_or(|count| count == 0) {
        return Err(HarnessError::World(format!("the replacement {replacement} was not mined")));
    }
    Ok(Fork { stale_blocks, replaced_txid })
}
