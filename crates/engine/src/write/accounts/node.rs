//! A node of a chain of accounts: what it has into the store, and its new blocks as they come.

use super::{AccountIngestSummary, AccountsProgress, Appender, Selected, account_params, by_json_rpc};
use crate::error::EngineError;
use athar_chains::account::Tokens;
use athar_ledger::account::{Coverage, Knows};
use athar_ledger::{Disk, Store, StoreLock};
use athar_node::account::{
    EndpointSettings, EvmClient, EvmError, FollowEvent as NodeEvent, FollowSettings, Follower, LogFetcher,
    LogSelection, PendingTx, Traces, Wanted,
};
use athar_types::account::{AccountBlock, AccountBytes, AccountParams, AssetKey, TransferKind, TransferRow, U256};
use athar_types::{Chain, UnixTime};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Blocks remembered, for the way back after a reorganisation.
const RECENT: u32 = 1_024;
/// How long a step waits for something to happen.
const STEP: Duration = Duration::from_secs(1);
/// Blocks that are committed together while catching up.
const COMMIT_BLOCKS: u32 = 2_000;

/// Which node, and what of it.
#[derive(Clone, Debug)]
pub struct AccountNodeSettings {
    /// The chain.
    pub chain: Chain,
    /// The id that the nodes must answer to `eth_chainId`; `None` takes the main network's.
    pub chain_id: Option<u64>,
    /// The nodes.
    pub endpoints: Vec<EndpointSettings>,
    /// First block, of a store that has none.
    pub from: u32,
    /// Last block; `None` is the newest.
    pub to: Option<u32>,
    /// What to keep.
    pub selected: Selected,
    /// Balances before the first block.
    pub genesis: Vec<(AccountBytes, U256)>,
    /// Bytes of memory for the segment that is being built.
    pub memory_bytes: u64,
}

/// What is known where only logs are read.
const LOGS_ALONE: Knows = Knows { txs: false, receipts: false, tokens: true, events: true, calls: false };

/// What happened while a chain of accounts is followed.
#[derive(Clone, Debug)]
pub enum AccountHappening {
    /// A block is in the store.
    Block {
        /// Its number.
        number: u32,
        /// Its hash, as shown.
        hash: [u8; 32],
        /// Transfers kept of it.
        transfers: u64,
    },
    /// Blocks are gone: the chain was reorganised.
    Dropped {
        /// The last block that is left.
        to: u32,
        /// How many are gone.
        depth: u64,
    },
    /// Transactions that wait. They have not happened, and may never.
    Pending(Vec<PendingTx>),
    /// The node's newest block is in the store.
    CaughtUp {
        /// Its number.
        number: u32,
    },
    /// The way by which the node tells of blocks is there.
    Connected,
    /// It is lost; the node is asked by the clock until it is back.
    Lost(String),
    /// The node failed; it is asked again.
    Failed(String),
}

/// Why a step ended.
enum Halt {
    Enough,
    Engine(EngineError),
    Node(EvmError),
}

impl From<EvmError> for Halt {
    fn from(error: EvmError) -> Self {
        Self::Node(error)
    }
}

struct Taking<'a, 'b> {
    appender: Appender<'a>,
    settings: &'b AccountNodeSettings,
    knows: Knows,
    /// First block since the last commit.
    pending_from: Option<u32>,
    last: Option<u32>,
    is_new: bool,
}

impl Taking<'_, '_> {
    fn commit(&mut self) -> Result<(), EngineError> {
        if let (Some(from), Some(to)) = (self.pending_from.take(), self.last) {
            let selection = self.settings.selected.told();
            self.appender.cover(Coverage { from, to, knows: self.knows, selection });
            self.appender.commit()?;
        }
        Ok(())
    }

    fn block(&mut self, mut block: AccountBlock) -> Result<(u32, [u8; 32], u64), EngineError> {
        if std::mem::take(&mut self.is_new) {
            let opening = self.settings.genesis.iter().map(|(account, amount)| TransferRow {
                tx: None,
                from: None,
                to: Some(*account),
                asset: AssetKey::Native,
                amount: *amount,
                kind: TransferKind::Genesis,
            });
            block.transfers.splice(0..0, opening);
        }
        self.settings.selected.apply(&mut block);
        self.appender.push(&block)?;
        self.last = Some(block.number);
        let from = *self.pending_from.get_or_insert(block.number);
        if self.appender.is_full() || block.number - from >= COMMIT_BLOCKS {
            self.commit()?;
        }
        Ok((block.number, block.hash, block.transfers.len() as u64))
    }

    fn dropped(&mut self, to: u64) -> Result<u32, EngineError> {
        self.commit()?;
        let to = u32::try_from(to).unwrap_or(u32::MAX);
        self.appender.unwind(to)?;
        self.last = self.appender.tip().map(|tip| tip.number);
        Ok(to)
    }
}

fn connect(settings: &AccountNodeSettings, params: &AccountParams) -> Result<EvmClient, EngineError> {
    let chain_id = settings.chain_id.unwrap_or(params.chain_id);
    let wanted = Wanted { chain_id: Some(chain_id), ..Wanted::default() };
    Ok(EvmClient::connect(settings.endpoints.clone(), wanted)?)
}

/// The last blocks of the store, where the one asked for follows on them.
fn recent(appender: &Appender<'_>, from: u32) -> Vec<(u64, [u8; 32])> {
    let Some(ledger) = appender.ledger() else { return Vec::new() };
    let count = ledger.block_count();
    let next = ledger.tip().map_or(0, |tip| tip.number.saturating_add(1));
    if from > next {
        return Vec::new();
    }
    let known = (count.saturating_sub(RECENT)..count).map(|rank| ledger.block(rank));
    known.map(|block| (u64::from(block.number), block.hash)).collect()
}

/// Brings a chain of accounts of the store in `folder` up to a node's newest block, or to [`AccountNodeSettings::to`]. Goes on
/// where the store ends; after a reorganisation, from the last block in common.
///
/// # Errors
/// A node that cannot be reached, lies, or is of another chain; everything before the error is committed and stays.
pub fn ingest_account_node(
    folder: &Path,
    settings: &AccountNodeSettings,
    progress: &mut dyn FnMut(AccountsProgress) -> bool,
) -> Result<AccountIngestSummary, EngineError> {
    let params = account_params(settings.chain)?;
    // the node first: a mistyped address must not leave a new store behind
    let client = connect(settings, params)?;
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    let mut taking = taking(&mut store, &client, settings, params)?;
    if let Some(chosen) = settings.selected.by_logs() {
        taking.knows = LOGS_ALONE;
        let done = by_logs(&client, &chosen, &mut taking, params, progress);
        taking.commit()?;
        let summary = taking.appender.finish()?;
        return match done {
            Ok(()) | Err(Halt::Enough) => Ok(summary),
            Err(Halt::Engine(error)) => Err(error),
            Err(Halt::Node(error)) => Err(error.into()),
        };
    }
    let known = recent(&taking.appender, settings.from);
    let mut follower =
        Follower::new(&client, params, Tokens::shipped(), u64::from(settings.from), known, FollowSettings::default());
    let is_done = |last: Option<u32>| settings.to.is_some_and(|to| last.is_some_and(|last| last >= to));
    let mut done = if is_done(taking.appender.tip().map(|tip| tip.number)) { Err(Halt::Enough) } else { Ok(()) };
    if done.is_ok() {
        done = follower.catch_up(&mut |event| {
            match event {
                NodeEvent::Block(block) => {
                    if settings.to.is_some_and(|to| block.number > to) {
                        return Err(Halt::Enough);
                    }
                    let (number, ..) = taking.block(*block).map_err(Halt::Engine)?;
                    if !progress(taking.appender.progress(number)) || is_done(Some(number)) {
                        return Err(Halt::Enough);
                    }
                }
                NodeEvent::Drop { to, .. } => {
                    taking.dropped(to).map_err(Halt::Engine)?;
                }
                _ => {}
            }
            Ok(())
        });
    }
    taking.commit()?;
    let summary = taking.appender.finish()?;
    match done {
        Ok(()) | Err(Halt::Enough) => Ok(summary),
        Err(Halt::Engine(error)) => Err(error),
        Err(Halt::Node(error)) => Err(error.into()),
    }
}

/// Reads chosen tokens by their logs alone: the node finds them, and nothing else is fetched.
fn by_logs(
    client: &EvmClient,
    chosen: &LogSelection,
    taking: &mut Taking<'_, '_>,
    params: &'static AccountParams,
    progress: &mut dyn FnMut(AccountsProgress) -> bool,
) -> Result<(), Halt> {
    back_to_the_fork(client, taking)?;
    let settings = taking.settings;
    let from = taking.last.map_or(settings.from, |last| settings.from.max(last.saturating_add(1)));
    let head = client.head()?;
    let to = settings.to.map_or(head.number, |to| u64::from(to).min(head.number));
    if u64::from(from) > to {
        return Ok(());
    }
    taking.pending_from = Some(from);
    taking.is_new = false;
    LogFetcher::new(client, params, Tokens::shipped(), chosen)?.run(u64::from(from), to, |blocks, reached| {
        let mut last = None;
        for block in blocks {
            last = Some(u64::from(block.number));
            taking.pending_from.get_or_insert(block.number);
            taking.block(block).map_err(Halt::Engine)?;
        }
        // how far was looked is told by a block, also where nothing that was chosen is in it: the next ingest goes on there
        if last != Some(reached) {
            let block = empty(client, reached)?;
            taking.block(block).map_err(Halt::Engine)?;
        }
        let number = u32::try_from(reached).unwrap_or(u32::MAX);
        taking.commit().map_err(Halt::Engine)?;
        taking.pending_from = number.checked_add(1);
        Ok::<bool, Halt>(progress(taking.appender.progress(number)))
    })?;
    taking.pending_from = None;
    Ok(())
}

/// A block of which nothing is kept but where it stands.
fn empty(client: &EvmClient, number: u64) -> Result<AccountBlock, Halt> {
    let head = client.heads(&[number])?.into_iter().flatten().next();
    let head = head.ok_or_else(|| {
        let what = "the node no longer has it".to_string();
        Halt::Engine(athar_ledger::LedgerError::AccountBlock { number: number as u32, what }.into())
    })?;
    Ok(AccountBlock {
        number: u32::try_from(head.number).unwrap_or(u32::MAX),
        hash: head.hash,
        parent: head.parent,
        time: UnixTime(u32::try_from(head.time).unwrap_or(u32::MAX)),
        ..AccountBlock::default()
    })
}

/// Drops what the node's chain no longer has.
fn back_to_the_fork(client: &EvmClient, taking: &mut Taking<'_, '_>) -> Result<(), Halt> {
    let known = recent(&taking.appender, 0);
    let numbers: Vec<u64> = known.iter().rev().map(|(number, _)| *number).collect();
    for chunk in numbers.chunks(32) {
        let heads = client.heads(chunk)?;
        for (number, head) in chunk.iter().zip(heads) {
            let ours = known.iter().find(|(of, _)| of == number).map(|(_, hash)| *hash);
            if head.is_some_and(|head| Some(head.hash) == ours) {
                if Some(*number) != numbers.first().copied() {
                    taking.dropped(*number).map_err(Halt::Engine)?;
                }
                return Ok(());
            }
        }
    }
    match numbers.last() {
        None => Ok(()),
        Some(first) => {
            let what = format!("the node's chain has none of the store's last {} blocks", numbers.len());
            Err(Halt::Engine(
                athar_ledger::LedgerError::AccountBlock { number: u32::try_from(*first).unwrap_or(u32::MAX), what }
                    .into(),
            ))
        }
    }
}

fn taking<'a, 'b>(
    store: &'a mut Store,
    client: &EvmClient,
    settings: &'b AccountNodeSettings,
    params: &AccountParams,
) -> Result<Taking<'a, 'b>, EngineError> {
    let (chain_id, _) = client.identity();
    let appender = Appender::new(store, params, chain_id, settings.memory_bytes)?;
    let knows = by_json_rpc(params, Knows { calls: client.traces() != Traces::None, ..Knows::ALL });
    let last = appender.tip().map(|tip| tip.number);
    let is_new = last.is_none();
    Ok(Taking { appender, settings, knows, pending_from: None, last, is_new })
}

/// Follows a node until `stop` is set: each block is committed as it comes, everything committed stays.
///
/// A node that fails is asked again for as long as it takes, and `observer` is told; giving `false` ends it too.
///
/// # Errors
/// At the start a node that cannot be reached or is of another chain; later only what is wrong with the store.
pub fn follow_accounts(
    folder: &Path,
    settings: &AccountNodeSettings,
    following: FollowSettings,
    stop: &AtomicBool,
    observer: &mut dyn FnMut(&AccountHappening) -> bool,
) -> Result<AccountIngestSummary, EngineError> {
    let params = account_params(settings.chain)?;
    let client = connect(settings, params)?;
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    let mut taking = taking(&mut store, &client, settings, params)?;
    let known = recent(&taking.appender, settings.from);
    let mut follower = Follower::new(&client, params, Tokens::shipped(), u64::from(settings.from), known, following);
    let (mut goes_on, mut told) = (true, None);
    while goes_on && !stop.load(Ordering::Relaxed) {
        let stepped = follower.step(STEP, |event| -> Result<(), Halt> {
            let happening = match event {
                NodeEvent::Block(block) => {
                    let (number, hash, transfers) = taking.block(*block).map_err(Halt::Engine)?;
                    AccountHappening::Block { number, hash, transfers }
                }
                NodeEvent::Drop { to, depth, .. } => {
                    AccountHappening::Dropped { to: taking.dropped(to).map_err(Halt::Engine)?, depth }
                }
                NodeEvent::Pending(waiting) => AccountHappening::Pending(waiting),
                NodeEvent::Connected => AccountHappening::Connected,
                NodeEvent::Lost(error) => AccountHappening::Lost(error.to_string()),
            };
            goes_on &= observer(&happening);
            if goes_on && !stop.load(Ordering::Relaxed) { Ok(()) } else { Err(Halt::Enough) }
        });
        taking.commit()?;
        match stepped {
            Ok(()) => {
                if taking.last != told
                    && let Some(number) = taking.last
                {
                    told = taking.last;
                    goes_on &= observer(&AccountHappening::CaughtUp { number });
                }
            }
            Err(Halt::Enough) => {}
            Err(Halt::Engine(error)) => {
                return Err(error);
            }
            Err(Halt::Node(error)) => {
                goes_on &= observer(&AccountHappening::Failed(error.to_string()));
                std::thread::sleep(STEP);
            }
        }
    }
    taking.appender.finish()
}

/// Balances before the first block, from a genesis file in geth's form: `{"alloc": {"ADDRESS": {"balance": "0x…"}}}`.
///
/// # Errors
/// [`EngineError::Output`] with the file for a text that is not of this form.
pub fn read_genesis(path: &Path) -> Result<Vec<(AccountBytes, U256)>, EngineError> {
    #[derive(serde::Deserialize)]
    struct Held {
        balance: String,
    }
    #[derive(serde::Deserialize)]
    struct Genesis {
        alloc: std::collections::BTreeMap<String, Held>,
    }
    let text = std::fs::read_to_string(path).map_err(|source| EngineError::Io { path: path.into(), source })?;
    let wrong = |what: String| EngineError::Output { path: path.into(), what };
    let genesis: Genesis = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    genesis
        .alloc
        .into_iter()
        .map(|(account, held)| {
            let digits = account.strip_prefix("0x").unwrap_or(&account);
            let mut bytes = [0; 20];
            hex::decode_to_slice(digits, &mut bytes)
                .map_err(|_| wrong(format!("`{}` is no address", crate::shortened(&account))))?;
            let balance = match held.balance.strip_prefix("0x") {
                Some(digits) => U256::from_str_radix(digits, 16).ok(),
                None => held.balance.parse().ok(),
            };
            let balance =
                balance.ok_or_else(|| wrong(format!("`{}` is no amount", crate::shortened(&held.balance))))?;
            Ok((bytes, balance))
        })
        .collect()
}
