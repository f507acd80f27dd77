//! What the node's answers hold, as far as Athar needs it.

use athar_types::{Hash32, Network};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The node's state (`getblockchaininfo`).
#[derive(Clone, Debug, Deserialize)]
pub struct ChainInfo {
    /// Its name of the network: `main`, `test`, `testnet4`, `signet`, `regtest`.
    pub chain: String,
    /// Height of its best block.
    pub blocks: u32,
    /// Height of its best header.
    pub headers: u32,
    /// Hash of its best block.
    #[serde(rename = "bestblockhash")]
    pub best: Hash32,
    /// Work in its best chain, 64 hexadecimal digits.
    pub chainwork: String,
    /// Whether it is still in its first synchronisation.
    #[serde(rename = "initialblockdownload", default)]
    pub is_initial_download: bool,
    /// Whether it deletes old blocks.
    #[serde(default)]
    pub pruned: bool,
    /// First height that it still has, where it is pruned.
    #[serde(default)]
    pub pruneheight: Option<u32>,
}

impl ChainInfo {
    /// The network, `None` for one that Athar does not know.
    pub fn network(&self) -> Option<Network> {
        Some(match self.chain.as_str() {
            "main" => Network::Mainnet,
            "test" => Network::Testnet3,
            "testnet4" => Network::Testnet4,
            "signet" => Network::Signet,
            "regtest" => Network::Regtest,
            _ => return None,
        })
    }
}

/// What the node knows of a header (`getblockheader`).
#[derive(Clone, Debug, Deserialize)]
pub struct HeaderInfo {
    /// Blocks on it, itself included; -1 off the best chain.
    pub confirmations: i64,
    /// Its height.
    pub height: u32,
    /// Work up to it, 64 hexadecimal digits.
    pub chainwork: String,
    /// Transactions; 0 where the node has only the header.
    #[serde(rename = "nTx", default)]
    pub txs: u32,
}

/// All ids in the mempool at one moment (`getrawmempool false true`).
#[derive(Clone, Debug, Deserialize)]
pub struct MempoolList {
    /// Transaction ids.
    pub txids: Vec<Hash32>,
    /// The number of the next change: notices with a lower number are in the list already.
    #[serde(rename = "mempool_sequence")]
    pub sequence: u64,
}

/// One topic that the node publishes (`getzmqnotifications`).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct ZmqTopic {
    /// `pubsequence`, `pubrawblock`, `pubrawtx` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where, as the node binds it.
    pub address: String,
}

impl ZmqTopic {
    /// The port in its address.
    pub fn port(&self) -> Option<u16> {
        self.address.rsplit_once(':')?.1.parse().ok()
    }
}

/// The envelope of one answer.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) error: Option<RpcError>,
    #[serde(default)]
    pub(super) id: Option<u64>,
}

/// The node's own error.
#[derive(Debug, Deserialize)]
pub(super) struct RpcError {
    #[serde(default)]
    pub(super) code: i64,
    #[serde(default)]
    pub(super) message: String,
}

/// The bytes that a JSON text of hexadecimal digits stands for.
pub(super) fn bytes(raw: &RawValue) -> Option<Vec<u8>> {
    let digits = raw.get().as_bytes().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let value = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        b'A'..=b'F' => Some(b - b'A' + 10),
        _ => None,
    };
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_texts_become_bytes_or_nothing() {
        let raw = |text: &str| bytes(&RawValue::from_string(text.to_owned()).unwrap());
        assert_eq!(raw("\"00fFa1\""), Some(vec![0, 255, 161]));
        assert_eq!(raw("\"\""), Some(Vec::new()));
        for bad in ["\"0\"", "\"0g\"", "7", "null", "\"\\u0030\\u0030\""] {
            assert_eq!(raw(bad), None, "{bad}");
        }
    }

    #[test]
    fn answers_of_a_real_node_are_read() {
        let info: ChainInfo = serde_json::from_str(
            r#"{"chain":"main","blocks":5,"headers":9,"bestblockhash":"00000000000000000000000000000000000000000000000000000000000000ab",
            "chainwork":"00","initialblockdownload":true,"pruned":true,"pruneheight":3,"warnings":[]}"#,
        )
        .unwrap();
        assert_eq!((info.network(), info.pruneheight), (Some(Network::Mainnet), Some(3)));
        assert_eq!(ChainInfo { chain: "liquid".into(), ..info }.network(), None);
        let topic: ZmqTopic =
            serde_json::from_str(r#"{"type":"pubrawtx","address":"tcp://0.0.0.0:28333","hwm":1000}"#).unwrap();
        assert_eq!(topic.port(), Some(28_333));
    }
}
