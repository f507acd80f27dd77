//! Counting what entities do: two readings of the chain, front to back.
//!
//! The first finds the entities that do enough to be looked at ([`MADE_MIN`], [`RECEIPTS_MIN`]): nearly all drop out. The
//! second tells the counterparties of the others apart. Their sets are bounded ([`DISTINCT_MAX`] each, [`CountBounds::sets_max`] in all):
//! where all candidates together could need more, they take turns, each turn another reading. So memory does not
//! depend on the chain, apart from four numbers an address in scratch arrays.

use super::figures::{BATCH_PAID_MIN, DISTINCT_MAX, Figures, MADE_MIN, RECEIPTS_MIN, SAMPLE_MAX};
use crate::forest::Forest;
use crate::{Heuristic, Links, Progress, deposits};
use athar_ledger::{Ledger, LedgerError, Scratch, ScratchArray, TxFlags};
use athar_types::{AddressId, TxNum};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// A sweep has no more outputs.
const SWEEP_OUTPUTS_MAX: usize = 2;
/// Addresses whose roots are found by one task.
const CHUNK: usize = 1 << 16;
/// Stored for an entity that is no candidate.
const NONE: u32 = u32::MAX;
const SECONDS_A_DAY: u32 = 86_400;

/// Who pays in a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Payer {
    /// The entity with this root.
    Root(u32),
    /// New coins.
    Coinbase,
    /// Several people, or nobody who can be named.
    Unknown,
}

/// A transaction as the counting sees it.
struct Seen<'a> {
    tx: u32,
    payer: Payer,
    /// Addresses of its inputs and outputs, [`AddressId::NONE`] for none.
    inputs: &'a [u32],
    outputs: &'a [u32],
    values: &'a [u64],
}

/// What the counting stands on.
struct Chain<'a> {
    ledger: &'a Ledger,
    /// Root of each address.
    roots: ScratchArray<u32>,
    /// Transactions that several people made, ascending.
    mixed: Vec<u32>,
    /// Whether all inputs of every other transaction are of one entity.
    is_tied: bool,
}

impl<'a> Chain<'a> {
    fn new(ledger: &'a Ledger, forest: &Forest, scratch: &Scratch) -> Result<Self, LedgerError> {
        let mut roots = scratch.zeros::<u32>(ledger.address_count() as usize)?;
        roots.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, some)| {
            for (at, root) in some.iter_mut().enumerate() {
                *root = forest.find(AddressId((chunk * CHUNK + at) as u32)).0;
            }
        });
        let mixed = forest.coinjoins().map(|(tx, _)| tx.0).collect();
        Ok(Self { ledger, roots, mixed, is_tied: forest.manifest().heuristics.has(Heuristic::CoSpend) })
    }

    /// The root of an address, none for none.
    #[inline]
    fn root(&self, address: u32) -> Option<u32> {
        (address != AddressId::NONE).then(|| self.roots[address as usize])
    }

    /// Tells `see` every transaction in chain order.
    fn walk(&self, see: &mut impl FnMut(&Seen<'_>)) {
        let mut mixed = self.mixed.iter().copied().peekable();
        for segment in self.ledger.segments() {
            let (in_starts, out_starts) = (segment.tx_input_starts(), segment.tx_output_starts());
            let (inputs, outputs) = (segment.input_addresses(), segment.output_addresses());
            let values = segment.output_values();
            let [first, end] = segment.ranges().txs;
            for tx in first..end {
                let row = (tx - first) as usize;
                let inputs = &inputs[in_starts[row] as usize..in_starts[row + 1] as usize];
                let paid = out_starts[row] as usize..out_starts[row + 1] as usize;
                let is_mixed = mixed.next_if_eq(&tx).is_some();
                let payer = if is_mixed { Payer::Unknown } else { self.payer(tx, inputs) };
                see(&Seen { tx, payer, inputs, outputs: &outputs[paid.clone()], values: &values[paid] });
            }
        }
    }

    fn payer(&self, tx: u32, inputs: &[u32]) -> Payer {
        let flags = self.ledger.tx_flags(TxNum(tx));
        if flags.has(TxFlags::COINBASE) {
            return Payer::Coinbase;
        }
        if flags.has(TxFlags::HOGEX) || flags.has(TxFlags::SHIELDED) {
            return Payer::Unknown;
        }
        let mut own = inputs.iter().filter_map(|a| self.root(*a));
        match own.next() {
            Some(root) if self.is_tied || own.all(|other| other == root) => Payer::Root(root),
            _ => Payer::Unknown,
        }
    }
}

/// Whom to count, and with how much memory. The stored table has the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountBounds {
    /// Transactions that an entity must have made.
    pub made_min: u32,
    /// Outputs of others, coinbases among them, that must pay it.
    pub receipts_min: u32,
    /// Counterparties that all sets of one turn may hold; each takes about 18 bytes.
    pub sets_max: u64,
}

impl Default for CountBounds {
    fn default() -> Self {
        Self { made_min: MADE_MIN, receipts_min: RECEIPTS_MIN, sets_max: 32 << 20 }
    }
}

/// The figures of every entity that does enough, ascending by root. `forest` must be of the ledger's last block.
pub fn count(
    ledger: &Ledger,
    forest: &Forest,
    scratch: &Scratch,
    bounds: &CountBounds,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<(AddressId, Figures)>, LedgerError> {
    let total = u64::from(ledger.tx_count());
    progress(Progress { stage: "entities: what they do", done: 0, total });
    let chain = Chain::new(ledger, forest, scratch)?;
    let (candidates, index) = candidates(&chain, bounds, scratch)?;
    let mut rows = Vec::with_capacity(candidates.len());
    for turn in turns(&candidates, bounds.sets_max) {
        progress(Progress { stage: "entities: what they do", done: total / 2, total });
        let counters = tell_apart(&chain, &index, turn.clone());
        let some: Vec<_> = counters
            .into_par_iter()
            .zip(&candidates[turn])
            .map(|(counter, candidate)| (AddressId(candidate.root), counter.finish(ledger, forest, candidate.root)))
            .collect();
        rows.extend(some);
    }
    progress(Progress { stage: "entities: what they do", done: total, total });
    Ok(rows)
}

/// An entity that does enough to be looked at.
struct Candidate {
    root: u32,
    /// Counterparties that it can have at most, in both directions, as far as they are told apart.
    sets: u64,
}

/// The first reading: the candidates, and the place of each root's among them.
fn candidates(
    chain: &Chain<'_>,
    bounds: &CountBounds,
    scratch: &Scratch,
) -> Result<(Vec<Candidate>, ScratchArray<u32>), LedgerError> {
    let len = chain.roots.len();
    let (mut made, mut paid) = (scratch.zeros::<u32>(len)?, scratch.zeros::<u32>(len)?);
    let mut receipts = scratch.zeros::<u32>(len)?;
    let add = |count: &mut u32| *count = count.saturating_add(1);
    chain.walk(&mut |seen| {
        if let Payer::Root(payer) = seen.payer {
            add(&mut made[payer as usize]);
        }
        for root in seen.outputs.iter().filter_map(|a| chain.root(*a)) {
            if Payer::Root(root) == seen.payer {
                continue;
            }
            add(&mut receipts[root as usize]);
            if let Payer::Root(payer) = seen.payer {
                add(&mut paid[payer as usize]);
            }
        }
    });
    let mut candidates = Vec::new();
    for root in 0..len {
        let is_one = made[root] >= bounds.made_min && receipts[root] >= bounds.receipts_min;
        if is_one {
            let sets = u64::from(receipts[root].min(DISTINCT_MAX)) + u64::from(paid[root].min(DISTINCT_MAX));
            candidates.push(Candidate { root: root as u32, sets });
        }
        // the counts have done their work: from here on it is the index
        made[root] = if is_one { candidates.len() as u32 - 1 } else { NONE };
    }
    Ok((candidates, made))
}

/// Ranges of candidates whose sets together stay within `sets_max`; a single one may pass it.
fn turns(candidates: &[Candidate], sets_max: u64) -> Vec<Range<usize>> {
    let (mut turns, mut from, mut sets) = (Vec::new(), 0, 0);
    for (at, candidate) in candidates.iter().enumerate() {
        if at > from && sets + candidate.sets > sets_max {
            turns.push(from..at);
            (from, sets) = (at, 0);
        }
        sets += candidate.sets;
    }
    if from < candidates.len() {
        turns.push(from..candidates.len());
    }
    turns
}

/// A candidate's figures while they are counted.
#[derive(Clone, Default)]
struct Counter {
    figures: Figures,
    payers: FxHashSet<u32>,
    paid: FxHashSet<u32>,
}

/// The second reading, of the candidates in `turn`.
fn tell_apart(chain: &Chain<'_>, index: &[u32], turn: Range<usize>) -> Vec<Counter> {
    let mut counters = vec![Counter::default(); turn.len()];
    let place = |root: u32| {
        let at = index[root as usize];
        (at != NONE && turn.contains(&(at as usize))).then(|| at as usize - turn.start)
    };
    let mut others: Vec<(u32, u64)> = Vec::new();
    chain.walk(&mut |seen| {
        if let Payer::Root(payer) = seen.payer
            && let Some(at) = place(payer)
        {
            counters[at].pay(chain, seen, payer, &mut others);
        }
        let mut last = None;
        for (address, value) in seen.outputs.iter().zip(seen.values) {
            let Some(root) = chain.root(*address).filter(|root| Payer::Root(*root) != seen.payer) else { continue };
            let Some(at) = place(root) else { continue };
            // a coinbase that pays one entity by several outputs is one
            let again = last.replace(root) == Some(root);
            counters[at].receive(seen, *value, again);
        }
    });
    counters
}

impl Counter {
    fn touch(&mut self, tx: u32) {
        let f = &mut self.figures;
        // a candidate has transactions, and the first that is seen is its first
        if f.made == 0 && f.receipts == 0 && f.coinbases == 0 {
            f.first_tx = tx;
        }
        f.last_tx = tx;
    }

    /// Counts a transaction that it made. `others` is room for its counterparties.
    fn pay(&mut self, chain: &Chain<'_>, seen: &Seen<'_>, own: u32, others: &mut Vec<(u32, u64)>) {
        self.touch(seen.tx);
        let f = &mut self.figures;
        f.made = f.made.saturating_add(1);
        others.clear();
        let (mut returns, mut nameless) = (0, 0);
        for (address, value) in seen.outputs.iter().zip(seen.values) {
            match chain.root(*address) {
                Some(root) if root == own => returns += 1,
                Some(root) => others.push((root, *value)),
                None => nameless += 1,
            }
        }
        f.sent_sat = others.iter().fold(f.sent_sat, |sum, (_, value)| sum.saturating_add(*value));
        let joins_several = || seen.inputs.iter().any(|a| *a != seen.inputs[0]);
        if others.is_empty() && nameless == 0 && returns <= SWEEP_OUTPUTS_MAX && joins_several() {
            f.sweeps = f.sweeps.saturating_add(1);
        }
        if returns == 0 {
            // the first of the largest
            let largest = others.iter().enumerate().rev().max_by_key(|(_, (_, value))| *value).map(|(at, _)| at);
            if let Some(at) = largest {
                others.remove(at);
            }
        }
        others.sort_unstable();
        others.dedup_by_key(|(root, _)| *root);
        if others.len() >= BATCH_PAID_MIN {
            f.batches = f.batches.saturating_add(1);
        }
        for (root, _) in others.iter() {
            insert(&mut self.paid, *root);
        }
    }

    /// Counts an output of others that pays it.
    fn receive(&mut self, seen: &Seen<'_>, value: u64, again: bool) {
        self.touch(seen.tx);
        let f = &mut self.figures;
        f.received_sat = f.received_sat.saturating_add(value);
        match seen.payer {
            Payer::Coinbase if again => {}
            Payer::Coinbase => f.coinbases = f.coinbases.saturating_add(1),
            Payer::Unknown => f.receipts = f.receipts.saturating_add(1),
            Payer::Root(payer) => {
                f.receipts = f.receipts.saturating_add(1);
                insert(&mut self.payers, payer);
            }
        }
    }

    fn finish(self, ledger: &Ledger, forest: &Forest, root: u32) -> Figures {
        let mut f = self.figures;
        let entity = AddressId(root);
        f.addresses = forest.size(entity);
        let time = |tx: u32| ledger.block_time(ledger.tx_height(TxNum(tx))).0;
        // a block may say that it is older than the one before it
        f.days = time(f.last_tx).saturating_sub(time(f.first_tx)) / SECONDS_A_DAY + 1;
        (f.payers, f.paid) = (self.payers.len() as u32, self.paid.len() as u32);
        f.both = self.paid.iter().filter(|root| self.payers.contains(root)).count() as u32;
        // only what was swept can be a deposit address
        if f.sweeps > 0 {
            f.sampled = f.addresses.min(SAMPLE_MAX);
            let member = |n: u32| (u64::from(n) * u64::from(f.addresses) / u64::from(f.sampled)) as u32;
            let is_deposit = |n: &u32| {
                let found = forest.members(entity, member(*n), 1);
                found.first().is_some_and(|address| deposits(ledger, forest, *address).is_some())
            };
            f.deposits = (0..f.sampled).filter(is_deposit).count() as u32;
        }
        f
    }
}

/// Adds a counterparty while there are fewer than are told apart.
fn insert(set: &mut FxHashSet<u32>, root: u32) {
    if set.len() < DISTINCT_MAX as usize {
        set.insert(root);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_hold_every_candidate_once_and_stay_within_the_bound() {
        let candidates: Vec<Candidate> = [5, 5, 9, 30, 1, 1, 1]
            .into_iter()
            .enumerate()
            .map(|(r, sets)| Candidate { root: r as u32, sets })
            .collect();
        assert_eq!(turns(&candidates, 10), [0..2, 2..3, 3..4, 4..7]);
        assert_eq!(turns(&candidates, 1000), std::iter::once(0..7).collect::<Vec<_>>());
        assert!(turns(&[], 10).is_empty());
    }
}
