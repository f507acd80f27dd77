//! What a store holds, and whether it still fits together.

use crate::Engine;
use crate::account_chain::AccountChain;
use crate::engine::BuiltinUse;
use crate::error::EngineError;
use athar_entities::services::{Services, ServicesState};
use athar_entities::{EntitiesError, Forest, ForestReport};
use athar_ledger::account::AccountManifest;
use athar_ledger::{Ledger, verify};
use athar_policy::PolicyStore;
use athar_prices::Journal;
use athar_types::{Day, Hash32};
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
    /// The chains of accounts in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountChainStatus>,
    /// The entities in use, of the chain asked for; none where they are not built.
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

/// One chain of accounts of a store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AccountChainStatus {
    /// Chain.
    pub chain: String,
    /// Network.
    pub network: String,
    /// Blocks in the store.
    pub blocks: u32,
    /// Transactions.
    pub txs: u32,
    /// Transfers.
    pub transfers: u64,
    /// Accounts.
    pub accounts: u32,
    /// Assets, the coin among them.
    pub assets: u32,
    /// Segments.
    pub segments: u64,
    /// Bytes of the tables.
    pub store_bytes: u64,
    /// Which blocks it stands for, and how much of them.
    pub covered: super::CoveredView,
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

/// The prices of the chain's coin that are in use.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PricesStatus {
    /// Symbol of the coin.
    #[schemars(with = "String")]
    pub asset: &'static str,
    /// Days with a price.
    pub days: u64,
    /// First of them.
    #[schemars(with = "Option<String>")]
    pub from: Option<Day>,
    /// Last of them.
    #[schemars(with = "Option<String>")]
    pub to: Option<Day>,
    /// Where they come from.
    pub sources: Vec<String>,
    /// Whether the history that comes with the program is in use.
    pub builtin: BuiltinUse,
    /// Hash of the table in use, of every asset.
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
    /// Transfers of chains of accounts.
    pub transfers: u64,
    /// Accounts.
    pub accounts: u64,
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
            let own = self.ledger.as_ref().filter(|l| l.chain() == entry.chain).cloned();
            let ledger = own.map_or_else(|| self.store.ledger(entry.chain), |ledger| Ok(Some(ledger)))?;
            let tip = entry.tip();
            let end = entry.segments.last().map(|s| s.ranges).unwrap_or_default();
            Ok(ChainStatus {
                chain: entry.chain.to_string(),
                network: entry.network.to_string(),
                tip_height: tip.map(|t| t.height.0),
                tip_hash: tip.map(|t| t.hash),
                tip_time: tip.and_then(|t| ledger.as_ref()?.block(t.height)).map(|b| b.time().to_string()),
                blocks: end.blocks[1],
                txs: end.txs[1],
                outputs: end.outputs[1],
                inputs: end.inputs[1],
                addresses: end.addresses[1],
                segments: entry.segments.len() as u64,
                block_bytes: entry.segments.iter().map(|s| s.block_bytes).sum(),
                store_bytes: entry.segments.iter().flat_map(|s| &s.files).map(|f| f.bytes).sum(),
            })
        });
        let accounts = self.store.manifest().accounts.iter().filter_map(|entry| {
            let opened = match &self.account_chain {
                Some(chain) if chain.ledger.chain() == entry.chain => return Some(Ok(account_status(entry, chain))),
                _ => self.store.account_ledger(entry.chain),
            };
            match opened {
                Ok(Some(ledger)) => Some(Ok(account_status(entry, &AccountChain::unlabelled(ledger)))),
                Ok(None) => None,
                Err(error) => Some(Err(EngineError::from(error))),
            }
        });
        let accounts = accounts.collect::<Result<Vec<_>, _>>()?;
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
            chains: chains.collect::<Result<_, EngineError>>()?,
            accounts,
            entities,
            labels: LabelsStatus {
                packs: self.labels.history().iter().filter(|e| e.is_live()).count() as u64,
                labels: accepted,
                quarantined: self.labels.iter().filter(|l| l.quarantine.is_some()).count() as u64,
                categories,
                version: self.basis().labels.clone(),
            },
            prices: self.coin_prices(),
            snapshot: self.snapshot("status", &()),
        })
    }

    fn coin_prices(&self) -> PricesStatus {
        let coverage = self.prices.coverage().into_iter().find(|c| c.asset == self.asset());
        let mut sources: Vec<String> =
            coverage.iter().flat_map(|c| c.sources.iter().map(|s| s.source.clone())).collect();
        sources.dedup();
        PricesStatus {
            asset: self.asset().symbol(),
            days: coverage.as_ref().map_or(0, |c| c.days),
            from: coverage.as_ref().map(|c| c.from),
            to: coverage.as_ref().map(|c| c.to),
            sources,
            builtin: self.builtin,
            version: self.prices.version(),
        }
    }

    /// Reads everything again and checks it against itself; the first thing that does not fit is the error.
    pub fn verify(&self) -> Result<VerifyView, EngineError> {
        let report = verify(&self.store)?;
        self.labels.verify()?;
        self.lists.verify()?;
        PolicyStore::open(crate::write::policies_folder(&self.folder))?.verify()?;
        let (mut files, mut bytes) = (report.files, report.bytes);
        let prices = self.folder.join(athar_prices::FILE);
        if let Ok(found) = prices.metadata() {
            Journal::open(&self.folder)?;
            files += 1;
            bytes += found.len();
        }
        let mut entities = None;
        for entry in &self.store.manifest().chains {
            let Some(ledger) = self.store.ledger(entry.chain)?.filter(|ledger| ledger.tip().is_some()) else {
                continue;
            };
            let memory = crate::write::MEMORY_BYTES;
            let built = match Forest::open(&self.folder, &ledger, &self.settings)? {
                Some(forest) => {
                    let own = forest.verify(&ledger, &self.settings, memory, &mut |_| ())?;
                    let services = verify_services(&forest, &ledger, memory)?;
                    ForestReport { files: own.files + services.files, bytes: own.bytes + services.bytes, ..own }
                }
                // a follower builds them again now and then
                None => match Forest::open_extended(&self.folder, &ledger, &self.settings)? {
                    Some(forest) if forest.manifest().tip == ledger.tip() => {
                        forest.verify(&ledger, &self.settings, memory, &mut |_| ())?
                    }
                    Some(forest) => forest.verify_behind(&ledger, &self.settings, memory, &mut |_| ())?,
                    None => continue,
                },
            };
            files += built.files;
            bytes += built.bytes;
            entities = Some(true);
        }
        Ok(VerifyView {
            ok: true,
            files,
            bytes,
            blocks: report.blocks,
            txs: report.txs,
            inputs: report.inputs,
            outputs: report.outputs,
            addresses: report.addresses,
            transfers: report.transfers,
            accounts: report.accounts,
            entities,
            snapshot: self.snapshot("verify", &()),
        })
    }
}

fn account_status(entry: &AccountManifest, chain: &AccountChain) -> AccountChainStatus {
    let ledger = &chain.ledger;
    AccountChainStatus {
        chain: entry.chain.to_string(),
        network: chain.network(),
        blocks: ledger.block_count(),
        txs: ledger.tx_count(),
        transfers: ledger.transfer_count(),
        accounts: ledger.account_count(),
        assets: ledger.asset_count(),
        segments: entry.segments.len() as u64,
        store_bytes: entry.segments.iter().flat_map(|s| &s.files).map(|f| f.bytes).sum(),
        covered: chain.covered(),
    }
}

/// Checks the figures of services beside a forest of the chain's last block, where there are any.
fn verify_services(forest: &Forest, ledger: &Ledger, memory: u64) -> Result<ForestReport, EntitiesError> {
    match Services::open(forest, ledger)? {
        ServicesState::Ready(services) => services.verify(ledger, forest, memory, &mut |_| ()),
        ServicesState::Missing | ServicesState::Left(_) => Ok(ForestReport::default()),
    }
}
