//! The node's set of unspent outputs: its second, independent account of the same chain.

use crate::{
    HarnessError, NodeChain, OutPointText, Result, Rpc,
    rpc::{list_of, number_of, sats, text_of},
};
use serde_json::json;
use std::collections::BTreeMap;

/// An unspent output in the set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unspent {
    /// Value in satoshi.
    pub value_sat: u64,
    /// Height of its block.
    pub height: u64,
    /// Script in hex.
    pub script_hex: String,
}

/// The set as a whole, and every output of it that pays one of the chain's scripts.
pub struct UtxoSet {
    /// Number of outputs in the set.
    pub outputs: u64,
    /// Satoshi in the set.
    pub total_sat: u64,
    /// Outputs found by their script.
    pub found: BTreeMap<OutPointText, Unspent>,
}

impl UtxoSet {
    /// Asks the node: `gettxoutsetinfo` for the totals, `scantxoutset` for the outputs of every script in `chain`.
    pub fn read(rpc: &Rpc, chain: &NodeChain) -> Result<Self> {
        let info = rpc.call("gettxoutsetinfo", json!(["none"]))?;
        let mut scripts: Vec<String> =
            chain.outputs().map(|(_, _, output)| format!("raw({})", output.script_hex)).collect();
        scripts.sort_unstable();
        scripts.dedup();
        // a descriptor of no bytes is refused; such an output is still in the totals
        scripts.retain(|script| script != "raw()");
        let scan = rpc.call("scantxoutset", json!(["start", scripts]))?;
        if scan["success"] != json!(true) {
            return Err(HarnessError::shape("`success`", &scan));
        }
        let mut found = BTreeMap::new();
        for unspent in list_of(&scan, "unspents")? {
            let at = (text_of(unspent, "txid")?, number_of(unspent, "vout")? as u32);
            let value_sat = sats(&unspent["amount"])?;
            let script_hex = text_of(unspent, "scriptPubKey")?;
            found.insert(at, Unspent { value_sat, height: number_of(unspent, "height")?, script_hex });
        }
        Ok(Self { outputs: number_of(&info, "txouts")?, total_sat: sats(&info["total_amount"])?, found })
    }
}
