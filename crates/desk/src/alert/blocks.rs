//! Watching the blocks of a chain: from the last one that was looked at to the tip, whoever added them and whenever.
//!
//! How far the chain was looked at is stored with the alerts of its blocks in one transaction. So a process that is killed at any
//! moment goes on where it was, and two that watch the same chain do not raise anything twice. The hashes of the last blocks are
//! kept: where they are no longer the chain's, the chain was reorganised, and the alerts of the blocks that left are told.

use super::hit::{Seen, TxHit};
use super::raise::{Raised, go, of_tx, see};
use super::state::Stage;
use crate::DeskError;
use crate::db::Desk;
use crate::watch::{Matcher, Moves, Side};
use athar_ledger::{Ledger, Store};
use athar_types::{Chain, Hash32, Height, TxNum, UnixTime};
use rusqlite::params;
use rustc_hash::FxHashSet;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// Blocks whose hashes are kept: a deeper reorganisation is taken for one of this depth.
pub const BLOCKS_KEPT: u32 = 1_000;
/// Blocks, and hits, that are stored at once at most.
const BLOCKS_AT_ONCE: usize = 200;
const HITS_AT_ONCE: usize = 5_000;

/// What watching the blocks brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Caught {
    /// Blocks that were looked at.
    pub blocks: u64,
    /// Their transactions.
    pub txs: u64,
    /// What came of them.
    pub raised: Raised,
    /// Height up to which the chain is watched now.
    pub height: Option<u32>,
    /// Whether the caller stopped it before the tip.
    pub stopped: bool,
}

/// Blocks that were looked at, to be stored.
struct Looked {
    /// Last block that was looked at before, as it is stored.
    before: Option<(u32, String)>,
    /// Blocks above this height have left the chain.
    fork: Option<i64>,
    blocks: Vec<(u32, String)>,
    hits: Vec<TxHit>,
    /// Transactions in them whose alerts say that no block holds them.
    held: Vec<(String, u32, String)>,
}

impl Desk {
    /// Looks at the blocks of the store in the folder `store` that were not looked at yet. A chain that was never watched is watched
    /// from its tip on. `clock` gives seconds since 1970; `goes_on` is asked between pieces, each of which is stored whole.
    pub fn see_blocks(
        &self,
        store: &Path,
        matcher: &Matcher,
        clock: &dyn Fn() -> i64,
        goes_on: &mut dyn FnMut() -> bool,
    ) -> Result<Caught, DeskError> {
        let chain = matcher.chain().name();
        let mut caught = Caught::default();
        loop {
            // the chain is opened after it was read how far it was looked at, and that is compared again when it is stored: so a chain
            // that is shorter than what was looked at has lost blocks, and is never just an older state of it
            let kept = self.watched_blocks(chain)?;
            let Some(ledger) = open(store, matcher.chain())? else { return Ok(caught) };
            let Some(tip) = ledger.tip() else { return Ok(caught) };
            caught.height = kept.first().map(|(height, _)| *height);
            let Some((top, _)) = kept.first() else {
                let looked = Looked {
                    before: None,
                    fork: None,
                    blocks: vec![(tip.height.0, tip.hash.to_string())],
                    hits: Vec::new(),
                    held: Vec::new(),
                };
                self.store_looked(chain, &looked, clock())?;
                caught.height = Some(tip.height.0);
                return Ok(caught);
            };
            let is_ours = |(height, hash): &&(u32, String)| {
                ledger.block(Height(*height)).is_some_and(|block| block.hash.to_string() == *hash)
            };
            let lowest = kept.last().map_or(0, |(height, _)| i64::from(*height));
            let common = kept.iter().find(is_ours).map_or(lowest - 1, |(height, _)| i64::from(*height));
            if common == i64::from(*top) && common >= i64::from(tip.height.0) {
                return Ok(caught);
            }
            if !goes_on() {
                caught.stopped = true;
                return Ok(caught);
            }
            let fork = (common < i64::from(*top)).then_some(common);
            let looked = self.look(&ledger, matcher, kept.first().cloned(), fork, common, &mut caught)?;
            // somebody else was quicker: what he stored is read again
            if let Some(raised) = self.store_looked(chain, &looked, clock())? {
                caught.raised += raised;
                caught.blocks += looked.blocks.len() as u64;
                caught.height = looked.blocks.last().map(|(height, _)| *height).or(caught.height);
            }
        }
    }

    /// Sets a chain that was never watched to be watched from this block on.
    pub fn watch_from(&self, ledger: &Ledger) -> Result<(), DeskError> {
        let chain = ledger.chain().name();
        let Some(tip) = ledger.tip() else { return Ok(()) };
        self.write(|t| {
            t.execute(
                "INSERT INTO watched_blocks SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM watched_blocks WHERE chain = ?1)",
                params![chain, tip.height.0, tip.hash.to_string()],
            )?;
            Ok(())
        })
    }

    /// Height up to which a chain is watched; none where it never was.
    pub fn watched_height(&self, chain: &str) -> Result<Option<u32>, DeskError> {
        self.read(|t| {
            Ok(t.query_row("SELECT max(height) FROM watched_blocks WHERE chain = ?1", [chain], |row| row.get(0))?)
        })
    }

    /// The last blocks that were looked at, the highest first.
    fn watched_blocks(&self, chain: &str) -> Result<Vec<(u32, String)>, DeskError> {
        self.read(|t| {
            let mut query =
                t.prepare_cached("SELECT height, hash FROM watched_blocks WHERE chain = ?1 ORDER BY height DESC")?;
            Ok(query.query_map([chain], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// Looks at the blocks after height `common`, as many as are stored at once.
    fn look(
        &self,
        ledger: &Ledger,
        matcher: &Matcher,
        before: Option<(u32, String)>,
        fork: Option<i64>,
        common: i64,
        caught: &mut Caught,
    ) -> Result<Looked, DeskError> {
        let unsettled = self.unsettled(ledger.chain().name(), fork)?;
        let mut looked = Looked { before, fork, blocks: Vec::new(), hits: Vec::new(), held: Vec::new() };
        let is_idle = matcher.is_empty() && unsettled.is_empty();
        let mut first = u32::try_from(common + 1).unwrap_or(0);
        if is_idle {
            // nothing is watched: only where the chain is has to be known
            first = first.max(ledger.block_count().saturating_sub(BLOCKS_KEPT));
        }
        for height in first..ledger.block_count() {
            let Some(block) = ledger.block(Height(height)) else { break };
            let hash = block.hash.to_string();
            if !is_idle {
                let seen = Seen::Block { height, hash: hash.clone() };
                for tx in block.txs.clone().map(TxNum) {
                    if is_of_interest(ledger, matcher, tx) {
                        looked.hits.extend(TxHit::of(matcher, &moves(ledger, tx, block.time), &seen));
                    }
                    if !unsettled.is_empty() {
                        let txid = ledger.txid(tx);
                        if unsettled.contains(&txid) {
                            looked.held.push((txid.to_string(), height, hash.clone()));
                        }
                    }
                }
                caught.txs += u64::from(block.txs.end - block.txs.start);
            }
            looked.blocks.push((height, hash));
            let is_full = looked.blocks.len() >= BLOCKS_AT_ONCE && !is_idle;
            if is_full || looked.hits.len() >= HITS_AT_ONCE {
                break;
            }
        }
        Ok(looked)
    }

    /// The transactions whose alerts say that no block holds them, or hold one above the fork.
    fn unsettled(&self, chain: &str, fork: Option<i64>) -> Result<FxHashSet<Hash32>, DeskError> {
        self.read(|t| {
            let mut query = t.prepare_cached(
                "SELECT txid FROM alerts WHERE chain = ?1 AND txid <> '' AND stage <> 'block'
                 UNION SELECT txid FROM alerts WHERE chain = ?1 AND txid <> '' AND stage = 'block' AND block_height > ?2",
            )?;
            let above = fork.unwrap_or(i64::MAX);
            let found = query.query_map(params![chain, above], |row| row.get::<_, String>(0))?;
            Ok(found.collect::<Result<Vec<_>, _>>()?.iter().filter_map(|txid| txid.parse().ok()).collect())
        })
    }

    /// Stores what was looked at; none where somebody else stored blocks since.
    fn store_looked(&self, chain: &str, looked: &Looked, now: i64) -> Result<Option<Raised>, DeskError> {
        self.write(|t| {
            let mut top = t.prepare_cached(
                "SELECT height, hash FROM watched_blocks WHERE chain = ?1 ORDER BY height DESC LIMIT 1",
            )?;
            let top: Option<(u32, String)> =
                top.query_map([chain], |row| Ok((row.get(0)?, row.get(1)?)))?.next().transpose()?;
            if top != looked.before {
                return Ok(None);
            }
            let mut sum = Raised::default();
            if let Some(fork) = looked.fork {
                let mut left = t.prepare_cached(
                    "SELECT id, block_height, block_hash FROM alerts
                     WHERE chain = ?1 AND txid <> '' AND stage = 'block' AND block_height > ?2 ORDER BY id",
                )?;
                let left = left
                    .query_map(params![chain, fork], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                    .collect::<Result<Vec<(i64, u32, Option<String>)>, _>>()?;
                for (id, height, hash) in left {
                    let why = format!("block {height} {} has left the chain", hash.unwrap_or_default());
                    go(t, id, Stage::Reorged, None, &why, now)?;
                    sum.reorged += 1;
                }
                t.execute("DELETE FROM watched_blocks WHERE chain = ?1 AND height > ?2", params![chain, fork])?;
            }
            for hit in &looked.hits {
                see(t, hit, now, &mut sum)?;
            }
            // also those whose watch was taken away meanwhile
            for (txid, height, hash) in &looked.held {
                for stage in [Stage::Mempool, Stage::Reorged, Stage::Dropped] {
                    for id in of_tx(t, chain, txid, stage.name())? {
                        go(t, id, Stage::Block, Some((*height, hash)), "", now)?;
                        sum.confirmed += 1;
                    }
                }
            }
            let mut add = t.prepare_cached("INSERT OR REPLACE INTO watched_blocks VALUES (?1, ?2, ?3)")?;
            for (height, hash) in &looked.blocks {
                add.execute(params![chain, height, hash])?;
            }
            if let Some((last, _)) = looked.blocks.last() {
                let query = "DELETE FROM watched_blocks WHERE chain = ?1 AND height + ?2 <= ?3";
                t.execute(query, params![chain, BLOCKS_KEPT, last])?;
            }
            Ok(Some(sum))
        })
    }
}

/// The chain as it is stored now; none where the store has no blocks of it.
fn open(store: &Path, chain: Chain) -> Result<Option<Ledger>, DeskError> {
    let ledger = Store::open(store).and_then(|store| store.ledger(chain));
    ledger.map_err(|error| DeskError::Engine(error.into()))
}

/// The quick look at a transaction of a ledger.
fn is_of_interest(ledger: &Ledger, matcher: &Matcher, tx: TxNum) -> bool {
    let inputs = ledger.inputs(tx).filter_map(|input| input.address);
    let outputs = ledger.outputs(tx).filter_map(|output| output.address);
    let largest = ledger.outputs(tx).map(|output| output.value.0).max().unwrap_or(0);
    matcher.concerns(inputs.chain(outputs).map(|address| ledger.address_key(address)), largest)
}

/// What a transaction of a ledger moves.
fn moves(ledger: &Ledger, tx: TxNum, time: UnixTime) -> Moves {
    let txid = ledger.txid(tx);
    let inputs = ledger.inputs(tx).map(|input| Side {
        txid: ledger.txid(input.prev_tx),
        vout: input.prev_vout,
        address: input.address.map(|address| ledger.address_key(address)),
        sat: Some(ledger.output_value(ledger.spent_output(&input)).0),
    });
    let outputs = ledger.outputs(tx).enumerate().map(|(vout, output)| Side {
        txid,
        vout: vout as u32,
        address: output.address.map(|address| ledger.address_key(address)),
        sat: Some(output.value.0),
    });
    Moves { txid, time, inputs: inputs.collect(), outputs: outputs.collect() }
}
