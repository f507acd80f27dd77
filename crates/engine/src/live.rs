//! What a follower leaves for other processes to read, beside the ledger and never part of it:
//!
//! ```text
//! STORE/live/follower.json    who follows, and when it last said so
//! STORE/live/mempool.jsonl    the mempool view: a head, then one transaction a line
//! ```
//!
//! Both are replaced whole by a rename and not made durable: after a power cut they may be missing, and nothing is lost.

use crate::error::EngineError;
use athar_node::MempoolTx;
use athar_types::{Hash32, Network, UnixTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

const FOLDER: &str = "live";
const FOLLOWER: &str = "follower.json";
const MEMPOOL: &str = "mempool.jsonl";
/// Layout of both files.
pub(crate) const FORMAT: u32 = 1;

/// What a follower says of itself every two seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Follower {
    pub(crate) pid: u32,
    pub(crate) node: String,
    /// `catching-up`, `following` or `disconnected`.
    pub(crate) state: String,
    pub(crate) beat_ms: u64,
    pub(crate) tip_height: Option<u32>,
}

/// The first line of the mempool file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) format: u32,
    pub(crate) written_ms: u64,
    pub(crate) network: Network,
    pub(crate) tip_height: Option<u32>,
    pub(crate) tip_hash: Option<Hash32>,
    /// Lines that follow.
    pub(crate) txs: u64,
    /// Transactions of the node that the view has no room for.
    pub(crate) left_out: u64,
    /// Whether the view holds all that the node listed.
    pub(crate) complete: bool,
}

/// An unconfirmed transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MempoolTxView {
    /// Transaction id.
    #[schemars(with = "String")]
    pub txid: Hash32,
    /// When the follower first saw it.
    pub seen: String,
    /// Sum of its outputs, in satoshi.
    pub value_sat: u64,
    /// Its fee; `null` while an input is unresolved.
    pub fee_sat: Option<u64>,
    /// Weight units.
    pub weight: u32,
    /// Whether it signals that it may be replaced (BIP 125).
    pub replaceable: bool,
    /// Inputs whose output is known neither from the chain nor from the mempool.
    pub unresolved_inputs: u32,
    /// What it spends.
    pub inputs: Vec<MempoolSide>,
    /// What it pays.
    pub outputs: Vec<MempoolSide>,
    /// Whether inputs or outputs were left out of the two lists.
    pub truncated: bool,
}

/// One input or output of an unconfirmed transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MempoolSide {
    /// The output that is spent or made, as `txid:vout`.
    pub output: String,
    /// Its address, where its script has one.
    pub address: Option<String>,
    /// Its value; `null` where the spent output is not known.
    pub value_sat: Option<u64>,
}

impl MempoolTxView {
    /// A transaction with at most `sides` inputs and outputs.
    pub(crate) fn new(tx: &MempoolTx, network: Network, sides: usize) -> Self {
        let inputs = tx.inputs.iter().take(sides).map(|input| MempoolSide {
            output: format!("{}:{}", input.output.txid, input.output.vout),
            address: input.paid.and_then(|p| p.address).map(|a| a.to_text(network)),
            value_sat: input.paid.map(|p| p.value.0),
        });
        let outputs = tx.outputs.iter().take(sides).enumerate().map(|(vout, paid)| MempoolSide {
            output: format!("{}:{vout}", tx.txid),
            address: paid.address.map(|a| a.to_text(network)),
            value_sat: Some(paid.value.0),
        });
        Self {
            txid: tx.txid,
            seen: rfc3339(tx.seen_ms),
            value_sat: tx.value().0,
            fee_sat: tx.fee().map(|f| f.0),
            weight: tx.weight,
            replaceable: tx.is_replaceable,
            unresolved_inputs: tx.unresolved() as u32,
            inputs: inputs.collect(),
            outputs: outputs.collect(),
            truncated: tx.inputs.len() > sides || tx.outputs.len() > sides,
        }
    }

    /// Leaves at most `sides` inputs and outputs.
    pub(crate) fn shorten(&mut self, sides: usize) {
        self.truncated |= self.inputs.len() > sides || self.outputs.len() > sides;
        self.inputs.truncate(sides);
        self.outputs.truncate(sides);
    }
}

pub(crate) fn follower_path(store: &Path) -> PathBuf {
    store.join(FOLDER).join(FOLLOWER)
}

pub(crate) fn mempool_path(store: &Path) -> PathBuf {
    store.join(FOLDER).join(MEMPOOL)
}

/// Replaces a file of the live folder with what `write` writes.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<fs::File>) -> io::Result<()>,
) -> Result<(), EngineError> {
    let at = |source| EngineError::Io { path: path.into(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at)?;
    }
    let new = path.with_extension("new");
    let mut file = BufWriter::with_capacity(1 << 16, fs::File::create(&new).map_err(at)?);
    write(&mut file).and_then(|()| file.flush()).map_err(at)?;
    drop(file);
    fs::rename(&new, path).map_err(at)
}

/// Reads what a follower said of itself last; `None` where none did, or what stands there cannot be read.
pub(crate) fn follower(store: &Path) -> Option<Follower> {
    serde_json::from_slice(&fs::read(follower_path(store)).ok()?).ok()
}

/// Now, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64)
}

/// A time in milliseconds since 1970 as `2026-01-31T12:00:00.123Z`.
pub(crate) fn rfc3339(ms: u64) -> String {
    let seconds = UnixTime(u32::try_from(ms / 1000).unwrap_or(u32::MAX)).to_string();
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_a_zone() {
        assert_eq!(rfc3339(1_231_006_505_007), "2009-01-03T18:15:05.007Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
    }
}
