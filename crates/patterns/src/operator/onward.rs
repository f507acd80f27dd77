//! What leaves a party, told apart from its change, and which receipts it was.
//!
//! On chains of outputs a payment returns the rest to a fresh address of the payer. Co-spending does not tie that address to
//! him, so on his timeline a payment of a tenth looks like "everything left". What may be change is therefore not counted as
//! sent: of a transaction with several outputs the largest that went to an address nobody used before or after but to spend
//! it once. Where payee and change are both fresh, the larger counts as change: the error is to see too little forwarded.
//! Whoever pays many with one transaction and keeps nothing is thus seen short by one output.

use super::At;
use super::start::read;
use crate::{Move, Shape, Timeline, World};

/// Movements of another party that are read to see whether an address was fresh.
const FRESH_MOVES_MAX: u64 = 2_000;

/// Payments out of a party.
pub(super) struct Leaving<'t> {
    /// What was sent to others, in order.
    pub(super) sent: Vec<&'t Move>,
    /// What may be its own change.
    pub(super) change: Vec<&'t Move>,
}

/// Tells payments from change.
pub(super) fn leaving<'t>(at: &At<'_>, timeline: &'t Timeline) -> Leaving<'t> {
    let mut leaving = Leaving { sent: Vec::new(), change: Vec::new() };
    if at.world.shape() == Shape::Accounts {
        leaving.sent.extend(timeline.sent());
        return leaving;
    }
    let sent: Vec<&Move> = timeline.sent().collect();
    for of_tx in sent.chunk_by(|a, b| a.tx == b.tx) {
        let change = change(at, of_tx);
        for movement in of_tx {
            let is_change = change.is_some_and(|change| std::ptr::eq(change, *movement));
            if is_change { &mut leaving.change } else { &mut leaving.sent }.push(movement);
        }
    }
    leaving
}

/// The output of one transaction that may be the payer's change. `of_tx`: what he sent with it.
pub(super) fn change<'t>(at: &At<'_>, of_tx: &[&'t Move]) -> Option<&'t Move> {
    let first = of_tx.first()?;
    // one output is the payment; with more outputs than left the party, one of them came back to it
    if of_tx.len() < 2 || at.world.output_count(first.tx) as usize > of_tx.len() {
        return None;
    }
    let mut largest: Option<&Move> = None;
    for movement in of_tx {
        if largest.is_none_or(|known| movement.units > known.units) && is_fresh(at.world, at, movement) {
            largest = Some(movement);
        }
    }
    largest
}

/// Whether the receiving address had no other receipt, and nothing says whose it is.
fn is_fresh(world: &dyn World, at: &At<'_>, movement: &Move) -> bool {
    if movement.other == u32::MAX
        || !world.classes(movement.party).is_empty()
        || !world.address_classes(movement.other).is_empty()
        || world.facts().deposits.contains(&movement.other)
    {
        return false;
    }
    if world.is_single_use(movement.party) {
        return true;
    }
    // spent later together with others: the address itself may still have been used once
    if world.size(movement.party) == 1 || world.is_heavier(movement.party, FRESH_MOVES_MAX) {
        return false;
    }
    let other = read(at, movement.party, FRESH_MOVES_MAX as usize);
    other.received().filter(|m| m.own == movement.other).count() == 1
}

/// Of each receipt, the units that were sent on within so many seconds, in the same asset. A payment is used once, for the
/// receipt before it that still waits, so that an old balance explains nothing.
///
/// On chains of outputs a receipt also has to be spent in time: what stays unspent was not passed on, whatever else was.
pub(super) fn forwarded(at: &At<'_>, received: &[&Move], sent: &[&Move], seconds: u32) -> Vec<u128> {
    let by_outputs = at.world.shape() == Shape::Outputs;
    let mut rest: Vec<u128> = sent.iter().map(|m| m.units).collect();
    let mut first = 0;
    let mut all = Vec::with_capacity(received.len());
    for receipt in received {
        while first < sent.len() && (rest[first] == 0 || sent[first].tx < receipt.tx) {
            first += 1;
        }
        let mut passed = 0;
        if !by_outputs || (receipt.left != crate::NEVER && receipt.left.saturating_sub(receipt.time) <= seconds) {
            for (payment, rest) in sent[first..].iter().zip(&mut rest[first..]) {
                if payment.time.saturating_sub(receipt.time) > seconds || passed == receipt.units {
                    break;
                }
                if payment.asset == receipt.asset && payment.tx >= receipt.tx {
                    let taken = (*rest).min(receipt.units - passed);
                    passed += taken;
                    *rest -= taken;
                }
            }
        }
        all.push(passed);
    }
    all
}
