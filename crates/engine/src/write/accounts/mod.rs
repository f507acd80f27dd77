//! `ingest` of a chain of accounts: blocks from files or nodes into the ledger, whatever they come from.

mod node;
mod select;

pub use node::{AccountHappening, AccountNodeSettings, follow_accounts, ingest_account_node, read_genesis};
pub use select::Selected;

use crate::account_chain::entities;
use crate::error::EngineError;
use athar_chains::account::{Tokens, rows};
use athar_ingest::account::{Format, Settings, Source};
use athar_ledger::account::{AccountBuilder, AccountLedger, Coverage, Knows};
use athar_ledger::{Disk, Store, StoreLock};
use athar_types::Chain;
use athar_types::account::{AccountBlock, AccountBytes, AccountParams, AddressForm};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

/// Transfers of a segment at most: they are then put down, whatever memory is left.
const SEGMENT_TRANSFERS_MAX: u64 = 8_000_000;
/// Blocks that are made rows of together, and handed over together.
const BATCH_BLOCKS: usize = 64;
/// Batches that may wait.
const QUEUE: usize = 4;

/// What answers of JSON-RPC tell on a chain. Tron's do not say of what asset a value is, nor what a transaction cost:
/// `RawBlock::is_value_vague` of `athar_chains`.
fn by_json_rpc(params: &AccountParams, knows: Knows) -> Knows {
    let is_whole = params.form == AddressForm::Evm;
    Knows { txs: knows.txs && is_whole, receipts: knows.receipts && is_whole, ..knows }
}

/// How to ingest a chain of accounts.
#[derive(Clone, Debug)]
pub struct AccountIngestSettings {
    /// The chain.
    pub chain: Chain,
    /// What its nodes answer to `eth_chainId`, where that is not the main network's.
    pub chain_id: Option<u64>,
    /// Bytes of memory for the segment that is being built.
    pub memory_bytes: u64,
    /// What to keep.
    pub selected: Selected,
    /// The format of the files; `None` takes what they look like.
    pub format: Option<Format>,
    /// First and last block to keep.
    pub blocks: [u32; 2],
}

/// Where an ingest of a chain of accounts stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountsProgress {
    /// Blocks added.
    pub blocks: u64,
    /// Transfers added.
    pub transfers: u64,
    /// Number of the last block.
    pub number: u32,
}

/// What an ingest of a chain of accounts did.
#[derive(Clone, Debug, Serialize)]
pub struct AccountIngestSummary {
    /// Chain.
    pub chain: &'static str,
    /// Chain id.
    pub chain_id: u64,
    /// Blocks added.
    pub blocks_added: u64,
    /// Blocks that were in the store already, or outside of the blocks asked for.
    pub blocks_skipped: u64,
    /// Transactions added.
    pub txs_added: u64,
    /// Transfers added.
    pub transfers_added: u64,
    /// Logs that look like transfers and are none.
    pub odd_logs: u64,
    /// Segments written.
    pub segments: u64,
    /// Number of the last block in the store.
    pub tip_number: Option<u32>,
    /// Its time.
    pub tip_time: Option<String>,
    /// What the source left open, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Entities of several accounts after the ingest.
    pub entities: u64,
    /// Which blocks the store stands for now, and how much of them.
    pub coverage: Vec<Coverage>,
}

/// Something that puts blocks at the end of a chain of a store.
pub(crate) struct Appender<'a> {
    store: &'a mut Store,
    chain: Chain,
    memory_bytes: u64,
    ledger: Option<AccountLedger>,
    builder: AccountBuilder,
    summary: AccountIngestSummary,
}

impl<'a> Appender<'a> {
    pub(crate) fn new(
        store: &'a mut Store,
        params: &AccountParams,
        chain_id: u64,
        memory_bytes: u64,
    ) -> Result<Self, EngineError> {
        let chain = params.chain;
        store.set_chain_id(chain, chain_id)?;
        let ledger = store.account_ledger(chain)?.filter(|ledger| ledger.tip().is_some());
        let builder = AccountBuilder::new(ledger.as_ref());
        let summary = AccountIngestSummary {
            chain: chain.name(),
            chain_id,
            blocks_added: 0,
            blocks_skipped: 0,
            txs_added: 0,
            transfers_added: 0,
            odd_logs: 0,
            segments: 0,
            tip_number: None,
            tip_time: None,
            told: Vec::new(),
            entities: 0,
            coverage: Vec::new(),
        };
        Ok(Self { store, chain, memory_bytes, ledger, builder, summary })
    }

    /// The last block that was committed.
    pub(crate) fn tip(&self) -> Option<athar_ledger::account::AccountTip> {
        self.ledger.as_ref().and_then(AccountLedger::tip)
    }

    /// Adds a block; it is committed when enough have come together, or by [`Self::commit`].
    pub(crate) fn push(&mut self, block: &AccountBlock) -> Result<(), EngineError> {
        self.builder.push(block, self.ledger.as_ref())?;
        self.summary.blocks_added += 1;
        self.summary.txs_added += block.txs.len() as u64;
        self.summary.transfers_added += block.transfers.len() as u64;
        self.summary.odd_logs += u64::from(block.odd_logs);
        Ok(())
    }

    /// Says which blocks were added since the last time.
    pub(crate) fn cover(&mut self, coverage: Coverage) {
        self.builder.cover(coverage);
    }

    /// Whether the segment is large enough to be put down. Only between blocks whose coverage was told.
    pub(crate) fn is_full(&self) -> bool {
        self.builder.memory() > self.memory_bytes || self.builder.transfers() > SEGMENT_TRANSFERS_MAX
    }

    /// Commits what was added.
    pub(crate) fn commit(&mut self) -> Result<(), EngineError> {
        let builder = std::mem::replace(&mut self.builder, AccountBuilder::new(None));
        let folder = self.store.chain_folder(self.chain);
        let disk = self.store.disk().clone();
        disk.create_folder(&folder).map_err(athar_ledger::LedgerError::from)?;
        if let Some(segment) = builder.finish(&disk, &folder)? {
            self.ledger = None;
            self.store.append_account(self.chain, segment)?;
            self.summary.segments += 1;
        }
        self.ledger = self.store.account_ledger(self.chain)?.filter(|ledger| ledger.tip().is_some());
        self.builder = AccountBuilder::new(self.ledger.as_ref());
        Ok(())
    }

    /// Drops the blocks above `number`; what was added since the last commit must have been committed.
    pub(crate) fn unwind(&mut self, number: u32) -> Result<(), EngineError> {
        self.ledger = None;
        self.store.unwind_account(self.chain, number)?;
        self.ledger = self.store.account_ledger(self.chain)?.filter(|ledger| ledger.tip().is_some());
        self.builder = AccountBuilder::new(self.ledger.as_ref());
        Ok(())
    }

    /// The ledger of the last commit.
    pub(crate) fn ledger(&self) -> Option<&AccountLedger> {
        self.ledger.as_ref()
    }

    pub(crate) fn skip(&mut self) {
        self.summary.blocks_skipped += 1;
    }

    pub(crate) fn progress(&self, number: u32) -> AccountsProgress {
        AccountsProgress { blocks: self.summary.blocks_added, transfers: self.summary.transfers_added, number }
    }

    pub(crate) fn finish(mut self) -> Result<AccountIngestSummary, EngineError> {
        self.commit()?;
        if let Some(ledger) = &self.ledger {
            self.summary.coverage = ledger.coverage();
            self.summary.tip_number = ledger.tip().map(|tip| tip.number);
            self.summary.tip_time = ledger.tip().map(|tip: athar_ledger::account::AccountTip| tip.time.to_string());
            let built = entities::build(self.store.folder(), self.store.disk(), ledger)?;
            self.summary.entities = built as u64;
        }
        Ok(self.summary)
    }
}

/// Brings a chain of accounts of the store in `folder` up to the blocks in files. `progress` is told where it stands;
/// returning `false` ends with what was read so far.
///
/// # Errors
/// On an error everything read before it is committed and stays.
pub fn ingest_account_files(
    folder: &Path,
    files: &[PathBuf],
    settings: &AccountIngestSettings,
    progress: &mut dyn FnMut(AccountsProgress) -> bool,
) -> Result<AccountIngestSummary, EngineError> {
    let params = account_params(settings.chain)?;
    // the files first: a mistyped folder must not leave a new store behind
    let reading = Settings { format: settings.format, ..Settings::default() };
    let source = Source::open_with(files, settings.chain, reading)?;
    let knows = source.knows();
    let knows = Knows {
        txs: knows.has_transactions,
        receipts: knows.receipts,
        tokens: knows.token_transfers,
        events: knows.logs,
        calls: knows.traces,
    };
    let knows = if source.format() == Format::JsonRpc { by_json_rpc(params, knows) } else { knows };
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    let chain_id = settings.chain_id.unwrap_or(params.chain_id);
    let mut appender = Appender::new(&mut store, params, chain_id, settings.memory_bytes)?;
    let tip = appender.tip().map(|tip| tip.number);
    let selection = settings.selected.told();
    let wanted = |number: u32| {
        number >= settings.blocks[0] && number <= settings.blocks[1] && tip.is_none_or(|tip| number > tip)
    };
    let mut told = Vec::new();
    let added = thread::scope(|scope| -> Result<(), EngineError> {
        let (sender, receiver) = sync_channel(QUEUE);
        let selected = &settings.selected;
        let reader = scope.spawn(move || decode(source, params, selected, &sender));
        for batch in receiver {
            for block in batch? {
                if !wanted(block.number) {
                    appender.skip();
                    continue;
                }
                appender.push(&block)?;
                let number = block.number;
                appender.cover(Coverage { from: number, to: number, knows, selection: selection.clone() });
                if appender.is_full() {
                    appender.commit()?;
                }
                if !progress(appender.progress(number)) {
                    return Ok(());
                }
            }
        }
        told = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(())
    });
    // what came before an error is whole, and stays
    let mut summary = appender.finish()?;
    summary.told = told;
    added.map(|()| summary)
}

/// Puts blocks that are rows already at the end of a chain of accounts: of a simulated world, say. `coverage` says what they
/// stand for.
///
/// # Errors
/// Blocks that do not follow the chain; those before them are committed.
pub fn ingest_account_blocks(
    folder: &Path,
    chain: Chain,
    chain_id: Option<u64>,
    knows: Knows,
    memory_bytes: u64,
    blocks: impl IntoIterator<Item = AccountBlock>,
) -> Result<AccountIngestSummary, EngineError> {
    let params = account_params(chain)?;
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    let mut appender = Appender::new(&mut store, params, chain_id.unwrap_or(params.chain_id), memory_bytes)?;
    for block in blocks {
        appender.push(&block)?;
        let selection = athar_ledger::account::Selection::default();
        appender.cover(Coverage { from: block.number, to: block.number, knows, selection });
        if appender.is_full() {
            appender.commit()?;
        }
    }
    appender.finish()
}

type Batch = Result<Vec<AccountBlock>, EngineError>;

/// Reads blocks and makes rows of them, batch by batch, until the receiver is gone. What was read before an error goes first.
/// What the files leave open is told at the end.
fn decode(mut source: Source, params: &AccountParams, selected: &Selected, sender: &SyncSender<Batch>) -> Vec<String> {
    use rayon::prelude::*;
    let tokens = Tokens::shipped();
    loop {
        let mut failed = None;
        let mut raw = Vec::with_capacity(BATCH_BLOCKS);
        while raw.len() < BATCH_BLOCKS && failed.is_none() {
            match source.next() {
                Some(Ok(block)) => raw.push(block),
                Some(Err(error)) => failed = Some(EngineError::from(error)),
                None => break,
            }
        }
        let is_last = raw.len() < BATCH_BLOCKS;
        let made: Vec<Result<AccountBlock, EngineError>> = raw
            .par_iter()
            .map(|raw| {
                let mut block = rows(raw, params, tokens)?;
                selected.apply(&mut block);
                Ok(block)
            })
            .collect();
        let mut blocks = Vec::with_capacity(made.len());
        for block in made {
            match block {
                Ok(block) => blocks.push(block),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if !blocks.is_empty() && sender.send(Ok(blocks)).is_err() {
            return Vec::new();
        }
        if let Some(error) = failed {
            let _ = sender.send(Err(error));
            return Vec::new();
        }
        if is_last {
            return told(&source);
        }
    }
}

/// What files left open, in words.
fn told(source: &Source) -> Vec<String> {
    let (of, counts) = (source.told(), source.counts());
    let facts = [
        (
            of.blocks_without_facts,
            "blocks have no row of their own: hash and time are those that their transactions name",
        ),
        (of.txs_by_trace, "transactions are known by their traces alone, without a fee"),
        (of.txs_by_hash, "transactions are known by their hash alone"),
        (of.txs_absent, "transactions that blocks say they have are not in the files"),
        (of.txs_of_other_block, "transactions name another block than the one they stand in"),
        (of.ranks_claimed_twice, "transactions claim a rank that another has"),
        (of.values_lost, "traces have an amount below zero in the file, which is unknown"),
        (of.values_without_recipient, "transactions have a value and no recipient (votes, resources): no transfer"),
        (of.receipts_alone, "receipts are of transactions that are in no other table"),
        (of.not_told, "transactions move coins or tokens in a way that the source does not tell in full"),
        (counts.fees_unused, "fees are of transactions that are not in the files"),
    ];
    let mut lines: Vec<String> =
        facts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    lines.extend(source.skipped().iter().map(|file| format!("{}: left alone, {}", file.path.display(), file.why)));
    lines
}

/// The parameters of a chain, or the error that it is none of accounts.
pub(crate) fn account_params(chain: Chain) -> Result<&'static AccountParams, EngineError> {
    chain.account().ok_or(EngineError::NotAccounts(chain))
}

/// The contract of a token: an address, or a symbol that the registry has of the chain.
///
/// # Errors
/// [`EngineError::Target`] for a text that is neither.
pub fn account_token(chain: Chain, text: &str) -> Result<AccountBytes, EngineError> {
    let params = account_params(chain)?;
    if let Some(token) = Tokens::shipped().by_symbol(chain, text) {
        return Ok(token.contract);
    }
    params.form.parse(text).map_err(|error| EngineError::Target {
        input: crate::shortened(text),
        what: format!("no token that the registry has of {chain}, and no address of it: {error}"),
    })
}
