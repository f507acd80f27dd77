//! One block.

use crate::error::EngineError;
use crate::{Engine, json::Usd, worth::PriceView};
use athar_chains::read_header;
use athar_types::{Chain, Hash32, Height, Sats, TxNum};
use schemars::JsonSchema;
use serde::Serialize;

/// Transaction ids listed at most.
const TXS_MAX: usize = 10_000;

/// A block of the best chain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BlockView {
    /// Height.
    pub height: u32,
    /// Hash.
    #[schemars(with = "String")]
    pub hash: Hash32,
    /// Hash of the block before it.
    #[schemars(with = "String")]
    pub prev_hash: Hash32,
    /// Root of the merkle tree over its transactions.
    #[schemars(with = "String")]
    pub merkle_root: Hash32,
    /// The miner's time stamp.
    pub time: String,
    /// The same in seconds since 1970.
    pub time_unix: u32,
    /// Version bits.
    pub version: i32,
    /// Target in compact form, as eight hexadecimal digits.
    pub bits: String,
    /// Nonce; none on Zcash, where it has 32 bytes.
    pub nonce: Option<u32>,
    /// Serialised size in bytes.
    pub size: u32,
    /// Number of transactions.
    pub tx_count: u32,
    /// Sum of all outputs, in satoshi.
    pub output_sat: u64,
    /// The same at that day's price; none: no price.
    pub output_usd: Option<Usd>,
    /// That price.
    pub price: Option<PriceView>,
    /// Transaction ids in order, at most 10,000. On Bitcoin Cash, whose own order is by id, in one in which what is
    /// spent comes first.
    #[schemars(with = "Vec<String>")]
    pub txs: Vec<Hash32>,
    /// Whether ids were left out.
    pub txs_truncated: bool,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    /// The block at a height or with a hash; `None` where the best chain has none such.
    pub fn block(&self, which: &str) -> Result<Option<BlockView>, EngineError> {
        let ledger = self.ledger()?;
        let height = if let Ok(height) = which.parse::<u32>() {
            Some(Height(height))
        } else if let Ok(hash) = which.parse::<Hash32>() {
            ledger.height_of(&hash)
        } else {
            return Err(EngineError::Target {
                input: crate::shortened(which),
                what: "neither a height nor a block hash (64 hexadecimal digits)".into(),
            });
        };
        let Some(block) = height.and_then(|h| ledger.block(h)) else { return Ok(None) };
        let Ok(header) = read_header(ledger.chain(), &block.header).map(|h| h.fields) else { return Ok(None) };
        let outputs = |tx| ledger.tx_outputs(TxNum(tx));
        let range = outputs(block.txs.start).start..outputs(block.txs.end - 1).end;
        let output: Sats = range.map(|o| ledger.output_value(athar_types::OutputNum(o))).sum();
        Ok(Some(BlockView {
            height: block.height.0,
            hash: block.hash,
            prev_hash: header.prev,
            merkle_root: header.merkle_root,
            time: header.time.to_string(),
            time_unix: header.time.0,
            version: header.version,
            bits: format!("{:08x}", header.bits),
            nonce: (ledger.chain() != Chain::Zcash).then_some(header.nonce),
            size: block.size,
            tx_count: block.txs.len() as u32,
            output_sat: output.0,
            output_usd: self.usd(output.0, header.time),
            price: self.price_of(header.time),
            txs: block.txs.clone().take(TXS_MAX).map(|tx| ledger.txid(TxNum(tx))).collect(),
            txs_truncated: block.txs.len() > TXS_MAX,
            snapshot: self.snapshot("block", &which),
        }))
    }
}
