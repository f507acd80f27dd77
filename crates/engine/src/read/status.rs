//! What a store holds, and whether it still fits together.

use crate::Engine;
use crate::error::EngineError;
use athar_ledger::verify;
use athar_types::Hash32;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a store holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StatusView {
    /// Folder of the store.
    pub store: String,
    /// Program that answers.
    pub program: String,
    /// The chains in it.
    pub chains: Vec<ChainStatus>,
    /// The entities in use; none where they are not built.
    pub entities: Option<EntitiesStatus>,
    /// The labels.
    pub labels: LabelsStatus,
    /// The prices.
    pub prices: PricesStatus,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// One chain of a store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChainStatus {
    /// Chain.
    pub chain: String,
    /// Network.
    pub network: String,
    /// Height of the last block.
    pub tip_height: Option<u32>,
    /// Its hash.
    #[schemars(with = "Option<String>")]
    pub tip_hash: Option<Hash32>,
    /// Its time.
    pub tip_time: Option<String>,
    /// Blocks, from height 0 without a gap.
    pub blocks: u32,
    /// Transactions.
    pub txs: u32,
    /// Outputs.
    pub outputs: u64,
    /// Inputs that spend an output.
    pub inputs: u64,
    /// Addresses.
    pub addresses: u32,
    /// Segments.
    pub segments: u64,
    /// Bytes of the blocks that were read.
    pub block_bytes: u64,
    /// Bytes of the tables made of them.
    pub store_bytes: u64,
}

/// The entities in use.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntitiesStatus {
    /// Heuristics that tie addresses.
    pub heuristics: String,
    /// Version of the rules.
    pub heuristics_version: u32,
    /// Height of the last block that they know.
    pub as_of_height: Option<u32>,
    /// Blocks of the chain that are newer than that.
    pub blocks_behind: u32,
    /// Entities, lone addresses included.
    pub entities: u64,
    /// Merges.
    pub merges: u64,
    /// Transactions shaped like a CoinJoin, which tie nobody.
    pub coinjoins: u64,
    /// Bytes of their tables.
    pub bytes: u64,
}

/// The labels of a store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LabelsStatus {
    /// Label files in use.
    pub packs: u64,
    /// Labels accepted.
    pub labels: u64,
    /// Entries in quarantine.
    pub quarantined: u64,
    /// Accepted labels by category.
    #[schemars(with = "BTreeMap<String, u64>")]
    pub categories: BTreeMap<&'static str, u64>,
    /// Hash over the labels in use.
    pub version: String,
}

/// The prices of a store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PricesStatus {
    /// Days with a price.
    pub days: u64,
    /// Where they come from.
    pub sources: Vec<String>,
    /// Hash of the table.
    pub version: String,
}

/// What a verification read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifyView {
    /// Always true: anything that does not fit is an error that names it.
    pub ok: bool,
    /// Files whose checksum was recomputed.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Blocks whose hash and parent were checked.
    pub blocks: u64,
    /// Transactions found again by their id.
    pub txs: u64,
    /// Inputs that agree with the output they spend.
    pub inputs: u64,
    /// Outputs found again under their address.
    pub outputs: u64,
    /// Addresses found again by their key.
    pub addresses: u64,
    /// Whether the entities were built again and are the same, up to the block that they know; none where the store has
    /// none.
    pub entities: Option<bool>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

impl Engine {
    /// What the store holds.
    pub fn status(&self) -> Result<StatusView, EngineError> {
        let chains = self.store.manifest().chains.iter().map(|entry| {
            let ledger = self.ledger.as_ref().filter(|l| l.chain() == entry.chain);
            let tip = entry.tip();
            let end = entry.segments.last().map(|s| s.ranges).unwrap_or_default();
            ChainStatus {
                chain: entry.chain.to_string(),
                network: entry.network.to_string(),
                tip_height: tip.map(|t| t.height.0),
                tip_hash: tip.map(|t| t.hash),
                tip_time: tip.and_then(|t| ledger?.block(t.height)).map(|b| b.time().to_string()),
                blocks: end.blocks[1],
                txs: end.txs[1],
                outputs: end.outputs[1],
                inputs: end.inputs[1],
                addresses: end.addresses[1],
                segments: entry.segments.len() as u64,
                block_bytes: entry.segments.iter().map(|s| s.block_bytes).sum(),
                store_bytes: entry.segments.iter().flat_map(|s| &s.files).map(|f| f.bytes).sum(),
            }
        });
        let entities = self.forest.as_ref().zip(self.ledger.as_ref()).map(|(forest, ledger)| EntitiesStatus {
            heuristics: forest.manifest().heuristics.to_string(),
            heuristics_version: athar_entities::HEURISTICS_VERSION,
            as_of_height: forest.manifest().tip.map(|t| t.height.0),
            blocks_behind: self.entities_behind().map_or(0, |(_, blocks)| blocks),
            entities: u64::from(ledger.address_count()) - forest.manifest().merges,
            merges: forest.manifest().merges,
            coinjoins: forest.coinjoins().count() as u64,
            bytes: forest.manifest().files.iter().map(|f| f.bytes).sum(),
        });
        let mut categories = BTreeMap::new();
        for label in self.labels.iter().filter(|l| l.is_accepted()) {
            *categories.entry(label.category.name()).or_default() += 1;
        }
        let accepted = categories.values().sum();
        Ok(StatusView {
            store: self.folder.display().to_string(),
            program: self.basis().program.clone(),
            chains: chains.collect(),
            entities,
            labels: LabelsStatus {
                packs: self.labels.history().iter().filter(|e| e.is_live()).count() as u64,
                labels: accepted,
                quarantined: self.labels.len() as u64 - accepted,
                categories,
                version: self.basis().labels.clone(),
            },
            prices: PricesStatus {
                days: self.prices.len() as u64,
                sources: self.prices.sources().to_vec(),
                version: self.prices.version(),
            },
            snapshot: self.snapshot("status", &()),
        })
    }

    /// Reads everything again and checks it against itself; the first thing that does not fit is the error.
    pub fn verify(&self) -> Result<VerifyView, EngineError> {
        let report = verify(&self.store)?;
        self.labels.verify()?;
        let (mut files, mut bytes) = (report.files, report.bytes);
        let entities = match (&self.forest, &self.ledger) {
            (Some(forest), Some(ledger)) => {
                let built = if self.entities_behind().is_some() {
                    forest.verify_behind(ledger, &self.settings, &mut |_| ())?
                } else {
                    forest.verify(ledger, &self.settings, &mut |_| ())?
                };
                files += built.files;
                bytes += built.bytes;
                Some(true)
            }
            _ => None,
        };
        Ok(VerifyView {
            ok: true,
            files,
            bytes,
            blocks: report.blocks,
            txs: report.txs,
            inputs: report.inputs,
            outputs: report.outputs,
            addresses: report.addresses,
            entities,
            snapshot: self.snapshot("verify", &()),
        })
    }
}
