//! From votes to ties: one transaction, or a whole range of the chain.

use super::recorder::{Recorder, Recorders, Vote};
use super::shape::Shape;
use super::{ChangePolicy, Rule};
use athar_ledger::{Ledger, TxFlags};
use athar_types::{AddressId, OutputNum, TxNum};
use rayon::prelude::*;
use serde::Serialize;
use std::ops::Range;

/// Transactions looked at by one task.
const CHUNK: usize = 1 << 13;

/// A change output tied to its transaction's inputs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChangeTie {
    /// From which transaction on it holds: `tx` itself, or the first spend of an output of `tx` by which enough is known.
    pub at: TxNum,
    /// The first input address of `tx`.
    pub a: AddressId,
    /// The address of the change.
    pub b: AddressId,
    /// The transaction whose change it is.
    pub tx: TxNum,
    /// Which of its outputs.
    pub vout: u32,
    /// The recorders that voted "change" at that moment.
    pub evidence: Recorders,
}

/// What the recorders say of one output, by all that the ledger knows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OutputEvidence {
    /// Which output of the transaction.
    pub vout: u32,
    /// Each recorder with its vote.
    pub votes: Vec<(Recorder, Vote)>,
    /// Whether the policy's rules hold of this output by the end of the ledger. A tie also needs that they hold of no
    /// other output.
    pub says_change: bool,
}

/// Every tie whose moment lies in `txs`, ascending by moment, then by the addresses. `ties_nobody` names the
/// transactions that are left out as collaborative. The ties of adjoining ranges one after the other are those of the
/// whole, also where each was asked when the ledger had only come so far.
pub fn ties(
    ledger: &Ledger,
    txs: Range<u32>,
    policy: &ChangePolicy,
    ties_nobody: &(dyn Fn(TxNum) -> bool + Sync),
) -> Vec<ChangeTie> {
    let txs = txs.start..txs.end.min(ledger.tx_count());
    if txs.is_empty() {
        return Vec::new();
    }
    // a moment is a transaction itself, or spends from it: the earlier ones are those that the range spends from
    let mut earlier: Vec<u32> = if txs.start == 0 {
        Vec::new()
    } else {
        txs.clone()
            .into_par_iter()
            .with_min_len(CHUNK)
            .flat_map_iter(|tx| ledger.inputs(TxNum(tx)).map(|input| input.prev_tx.0).filter(|tx| *tx < txs.start))
            .collect()
    };
    earlier.par_sort_unstable();
    earlier.dedup();
    let found = |tx: u32| tie_until(ledger, policy, ties_nobody, TxNum(tx), txs.end).filter(|t| txs.contains(&t.at.0));
    let mut ties: Vec<ChangeTie> = earlier.into_par_iter().with_min_len(64).filter_map(found).collect();
    ties.par_extend(txs.clone().into_par_iter().with_min_len(CHUNK).filter_map(found));
    ties.par_sort_unstable();
    ties
}

/// The tie of one transaction, as far as the ledger shows any.
pub fn tie_of(
    ledger: &Ledger,
    policy: &ChangePolicy,
    ties_nobody: &(dyn Fn(TxNum) -> bool + Sync),
    tx: TxNum,
) -> Option<ChangeTie> {
    tie_until(ledger, policy, ties_nobody, tx, u32::MAX)
}

/// The votes on each spendable output of a transaction, whether the policy ties it or not.
pub fn evidence(ledger: &Ledger, policy: &ChangePolicy, tx: TxNum) -> Vec<OutputEvidence> {
    let shape = Shape::new(ledger, tx, policy.round_digits);
    let rules = rules(ledger, policy, tx);
    let at = TxNum(ledger.tx_count());
    let of_output = |place: usize| OutputEvidence {
        vout: shape.outputs[place].vout,
        votes: Recorder::ALL.into_iter().map(|r| (r, r.vote(&shape, place, at))).collect(),
        says_change: says_change(&rules, &shape, place, at),
    };
    (0..shape.outputs.len()).map(of_output).collect()
}

/// The tie of a transaction where it holds from before `end` on.
fn tie_until(
    ledger: &Ledger,
    policy: &ChangePolicy,
    ties_nobody: &(dyn Fn(TxNum) -> bool + Sync),
    tx: TxNum,
    end: u32,
) -> Option<ChangeTie> {
    // the cheap questions first: this is asked of every transaction of the chain
    let outputs = ledger.tx_outputs(tx);
    let count = outputs.end - outputs.start;
    let hidden = TxFlags::MWEB | TxFlags::HOGEX | TxFlags::SHIELDED | TxFlags::COINBASE;
    // a few data outputs may stand beside those that count
    if count < 2 || count > u64::from(policy.outputs_max) + 2 || ledger.tx_flags(tx).0 & hidden != 0 {
        return None;
    }
    let rules = rules(ledger, policy, tx);
    if rules.is_empty() || ties_nobody(tx) {
        return None;
    }
    let a = ledger.inputs(tx).find_map(|input| input.address)?;
    if !outputs.clone().any(|num| ledger.output_address(OutputNum(num)).is_some()) {
        return None;
    }
    let shape = Shape::new(ledger, tx, policy.round_digits);
    let spendable = shape.outputs.len();
    if spendable < 2 || spendable > policy.outputs_max as usize || shape.outputs.iter().any(|o| shape.pays_input(o)) {
        return None;
    }
    shape.moments().into_iter().take_while(|at| at.0 < end).find_map(|at| {
        let mut places = (0..spendable).filter(|place| says_change(&rules, &shape, *place, at));
        let place = places.next()?;
        // two candidates are none
        if places.next().is_some() {
            return None;
        }
        let output = &shape.outputs[place];
        let evidence = Recorder::ALL.into_iter().filter(|r| r.vote(&shape, place, at) == Vote::Change).collect();
        Some(ChangeTie { at, a, b: output.address?, tx, vout: output.vout, evidence })
    })
}

/// The rules that a transaction falls under.
fn rules<'a>(ledger: &Ledger, policy: &'a ChangePolicy, tx: TxNum) -> Vec<&'a Rule> {
    let height = ledger.tx_height(tx);
    let time = ledger.block_time(height);
    policy.rules.iter().filter(|rule| rule.covers(ledger.chain(), height, time)).collect()
}

/// Whether any rule holds of the output at `place`.
fn says_change(rules: &[&Rule], shape: &Shape<'_>, place: usize, at: TxNum) -> bool {
    let vote = |recorder: Recorder| recorder.vote(shape, place, at);
    shape.outputs[place].address.is_some()
        && rules.iter().any(|rule| rule.change.holds(&vote) && !rule.unless.as_ref().is_some_and(|e| e.holds(&vote)))
}
