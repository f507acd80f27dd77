//! An entity as it was known at a moment in the past, and how it grew.

use super::address::PAGE;
use crate::Engine;
use crate::error::EngineError;
use athar_entities::Links;
use athar_types::{AddressId, Day, Height, TxNum, UnixTime};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Members whose outputs are summed up for the figures of a past moment.
const MEMBERS_MAX: u32 = 1_000;
/// Outputs that are summed up for them.
const OUTPUTS_MAX: usize = 10_000;
/// Moments of a growth, evenly apart in blocks.
const MOMENTS: u32 = 24;
/// Large merges listed, the largest of all.
const MERGES_MAX: usize = 100;

/// A moment of the chain: the end of a block, or of a day (UTC).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Once the block of that height had been seen.
    Height(u32),
    /// Once the last block with a time stamp of that day, or an earlier one, had been seen.
    Day(Day),
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Height(height) => height.fmt(f),
            Self::Day(day) => day.fmt(f),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// A height, or a day as `2020-01-31`.
impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(Self::Height).map_err(|_| "no such height".into());
        }
        text.parse().map(Self::Day).map_err(|_| "neither a height nor a day as 2020-01-31".into())
    }
}

/// An entity as of a moment, with a page of its addresses.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntityPastView {
    /// Its name then: the first-seen address in it.
    pub entity: String,
    /// Number of addresses then.
    pub size: u32,
    /// A page of its addresses, in the order in which they joined.
    pub addresses: Vec<String>,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more addresses after the page.
    pub addresses_truncated: bool,
    /// Height of the last block that counts.
    pub as_of_height: u32,
    /// Its time.
    pub as_of_time: String,
    /// Sum of every output paid to its addresses by then; none where they are too many to be summed up.
    pub received_sat: Option<u64>,
    /// Sum of every such output spent by then.
    pub sent_sat: Option<u64>,
    /// The difference.
    pub balance_sat: Option<u64>,
    /// The bound that left the figures out: `outputs`.
    pub figures_bound: Option<String>,
    /// Name of the entity that the address is in now.
    pub entity_now: String,
    /// Number of addresses in that.
    pub size_now: u32,
    /// Heuristics that tie its addresses.
    pub heuristics: String,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// How an entity grew.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntityGrowthView {
    /// The address that is followed through time.
    pub address: String,
    /// Name of its entity now.
    pub entity: String,
    /// Number of addresses in it now.
    pub size: u32,
    /// How many addresses were one with the address, from its first transaction to the last block.
    pub moments: Vec<SizeView>,
    /// Merges of two trees of at least 100 addresses each in the entity of now, in chain order; the largest ones where
    /// there are more than are listed.
    pub merges: Vec<MergeView>,
    /// Number of such merges.
    pub merges_total: u64,
    /// Heuristics that tie its addresses.
    pub heuristics: String,
    /// The clustering that the answer is of.
    pub clustering: super::ClusteringView,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// The size of an entity at a moment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SizeView {
    /// Height of the last block that counts.
    pub height: u32,
    /// Its time.
    pub time: String,
    /// Number of addresses.
    pub size: u32,
}

/// A merge of two large trees.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MergeView {
    /// The transaction in which they became one.
    pub txid: String,
    /// Height of its block.
    pub height: u32,
    /// Its time.
    pub time: String,
    /// Why.
    pub heuristic: String,
    /// Addresses in the smaller tree before.
    pub joined: u32,
    /// Addresses in the larger tree before.
    pub to: u32,
    /// Whether the address followed was in the smaller one.
    pub is_own: bool,
}

impl Engine {
    /// The last transaction of a moment, and its height.
    fn moment(&self, at: Moment) -> Result<(TxNum, Height), EngineError> {
        let ledger = self.ledger()?;
        let tip = self.forest()?.manifest().tip.map_or(0, |t| t.height.0);
        let height = match at {
            Moment::Height(height) => height,
            // time stamps may go back from one block to the next, so the last one counts
            Moment::Day(day) => (0..=tip)
                .rev()
                .find(|h| ledger.block_time(Height(*h)).day() <= day)
                .ok_or_else(|| self.no_moment(day.to_string(), "before the first block"))?,
        };
        let block = ledger.block(Height(height)).filter(|_| height <= tip);
        let block =
            block.ok_or_else(|| self.no_moment(height.to_string(), &format!("the entities end at height {tip}")))?;
        Ok((TxNum(block.txs.end.saturating_sub(1)), block.height))
    }

    #[allow(clippy::unused_self)] // beside the question it answers
    fn no_moment(&self, input: String, what: &str) -> EngineError {
        EngineError::Target { input, what: format!("no such moment: {what}") }
    }

    /// The entity of an address as of a moment; `None` where no output ever paid the address, and an error for a moment
    /// that the store does not know.
    pub fn entity_at(
        &self,
        address: &str,
        at: Moment,
        offset: u64,
        limit: Option<usize>,
    ) -> Result<Option<EntityPastView>, EngineError> {
        let forest = self.forest()?;
        let Some(id) = self.address_id(address)? else { return Ok(None) };
        let (tx, height) = self.moment(at)?;
        let ledger = self.ledger()?;
        let limit = limit.unwrap_or(PAGE);
        let size = forest.size_as_of(id, tx);
        let page = forest.members_as_of(id, tx, u32::try_from(offset).unwrap_or(u32::MAX), limit as u32);
        let figures =
            if size <= MEMBERS_MAX { self.figures_at(&forest.members_as_of(id, tx, 0, size), tx) } else { None };
        let name = ledger.address_text(forest.name_as_of(id, tx));
        Ok(Some(EntityPastView {
            size,
            addresses_truncated: offset + (page.len() as u64) < u64::from(size),
            addresses: page.into_iter().map(|a| ledger.address_text(a)).collect(),
            offset,
            as_of_height: height.0,
            as_of_time: self.block_time(height).to_string(),
            received_sat: figures.map(|(received, _)| received),
            sent_sat: figures.map(|(_, sent)| sent),
            balance_sat: figures.map(|(received, sent)| received.saturating_sub(sent)),
            figures_bound: figures.is_none().then(|| "outputs".into()),
            entity_now: ledger.address_text(forest.name(id)),
            size_now: forest.size(id),
            heuristics: self.settings.heuristics.to_string(),
            clustering: self.clustering_view(),
            snapshot: self.snapshot("entity at", &(&name, at, offset, limit)),
            entity: name,
        }))
    }

    /// What addresses had received and sent by a transaction; `None` where their outputs are too many.
    fn figures_at(&self, members: &[AddressId], tx: TxNum) -> Option<(u64, u64)> {
        let ledger = self.ledger.as_ref()?;
        let (mut received, mut sent, mut looked_at) = (0_u64, 0_u64, 0);
        for output in members.iter().flat_map(|a| ledger.address_outputs(*a)) {
            looked_at += 1;
            if looked_at > OUTPUTS_MAX {
                return None;
            }
            let paid = ledger.output(output);
            if ledger.output_tx(output).0 <= tx {
                received = received.saturating_add(paid.value.0);
            }
            if paid.spent_by.is_some_and(|spender| spender <= tx) {
                sent = sent.saturating_add(paid.value.0);
            }
        }
        Some((received, sent))
    }

    /// How the entity of an address grew; `None` where no output ever paid the address.
    pub fn entity_growth(&self, address: &str) -> Result<Option<EntityGrowthView>, EngineError> {
        let forest = self.forest()?;
        let Some(id) = self.address_id(address)? else { return Ok(None) };
        let ledger = self.ledger()?;
        let last = forest.manifest().tip.map_or(0, |t| t.height.0);
        let first = ledger.address_outputs(id).next().map_or(last, |o| ledger.tx_height(ledger.output_tx(o).0).0);
        let first = first.min(last);
        let mut heights: Vec<u32> = (0..=MOMENTS)
            .map(|n| first + (u64::from(last - first) * u64::from(n) / u64::from(MOMENTS)) as u32)
            .collect();
        heights.dedup();
        let mut moments = Vec::new();
        for height in heights {
            let (tx, height) = self.moment(Moment::Height(height))?;
            let time = self.block_time(height).to_string();
            moments.push(SizeView { height: height.0, time, size: forest.size_as_of(id, tx) });
        }
        let mut merges: Vec<_> = forest.large_merges(id).collect();
        let merges_total = merges.len() as u64;
        merges.sort_by_key(|m| (std::cmp::Reverse(m.child_size), m.tx));
        merges.truncate(MERGES_MAX);
        merges.sort_by_key(|m| (m.tx, m.child));
        let merges = merges.into_iter().map(|m| {
            let time: UnixTime = self.tx_time(m.tx);
            // the address was in the smaller tree where, without the last link, both have the same root
            let before = m.tx.0.checked_sub(1).map(TxNum);
            let is_own = before.is_some_and(|before| forest.find_as_of(id, before) == m.child);
            MergeView {
                txid: ledger.txid(m.tx).to_string(),
                height: ledger.tx_height(m.tx).0,
                time: time.to_string(),
                heuristic: m.heuristic.to_string(),
                joined: m.child_size,
                to: m.other_size,
                is_own,
            }
        });
        Ok(Some(EntityGrowthView {
            address: ledger.address_text(id),
            entity: ledger.address_text(forest.name(id)),
            size: forest.size(id),
            moments,
            merges: merges.collect(),
            merges_total,
            heuristics: self.settings.heuristics.to_string(),
            clustering: self.clustering_view(),
            snapshot: self.snapshot("entity growth", &ledger.address_text(id)),
        }))
    }

    /// The moment up to which an explanation counts: of an answer as of now all there is.
    pub(crate) fn as_of(&self, at: Option<Moment>) -> Result<TxNum, EngineError> {
        at.map_or(Ok(TxNum(u32::MAX - 1)), |at| Ok(self.moment(at)?.0))
    }
}
