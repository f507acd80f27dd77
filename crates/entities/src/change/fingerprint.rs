//! The traces that a wallet's software leaves in a transaction, and whether they go on where an output is spent.
//!
//! Compared are version, signalled replaceability (BIP 125), lock-time habit, and the order of inputs and outputs
//! (BIP 69). Source: G. Kappos et al., "How to Peel a Million", USENIX Security 2022 (features of a hop); H. Kalodner et
//! al., "BlockSci", 2020. Signatures are not stored, so low-R grinding is not among them; nor are sequence numbers
//! beyond what BIP 125 says. The script type has a recorder of its own.

use super::recorder::Vote;
use super::shape::{Shape, outpoints};
use athar_ledger::{Ledger, TxFlags};
use athar_types::TxNum;

/// Blocks by which a transaction may be confirmed late (a week) and still count as locked to the height of its time.
const LATE_BLOCKS_MAX: u32 = 1008;
/// Lock times from here on are times: BIP 113, `LOCKTIME_THRESHOLD`.
const LOCKTIME_THRESHOLD: u32 = 500_000_000;
/// From how many places in order on a sorted list is no accident: 4! orders of outputs or inputs.
const SORTED_MIN: usize = 4;

/// What a lock time says of the software.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lock {
    /// None.
    Zero,
    /// The height of the chain, or a little less.
    Height,
    /// Something else.
    Other,
}

/// What the order of inputs and outputs says of the software.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// Not that of BIP 69.
    Free,
    /// That of BIP 69, with so many places that chance is out.
    Sorted,
    /// Could be either.
    Unknown,
}

/// A transaction's traces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Habits {
    pub(super) version: i32,
    pub(super) is_replaceable: bool,
    pub(super) lock: Lock,
    pub(super) order: Order,
}

impl Habits {
    pub(super) fn of(ledger: &Ledger, tx: TxNum) -> Self {
        let row = ledger.tx(tx);
        let lock = match row.locktime {
            0 => Lock::Zero,
            at if at < LOCKTIME_THRESHOLD
                && at <= row.height.0
                && at.saturating_add(LATE_BLOCKS_MAX) >= row.height.0 =>
            {
                Lock::Height
            }
            _ => Lock::Other,
        };
        Self { version: row.version, is_replaceable: row.flags.has(TxFlags::RBF), lock, order: order(ledger, tx) }
    }

    /// Whether one wallet can have made both.
    pub(super) fn is_like(self, other: Self) -> bool {
        let orders = [self.order, other.order];
        self.version == other.version
            && self.is_replaceable == other.is_replaceable
            && self.lock == other.lock
            && !(orders.contains(&Order::Free) && orders.contains(&Order::Sorted))
    }
}

/// BIP 69: inputs by id and number of what they spend, outputs by value. Of equal values it also orders the scripts,
/// which is not looked at.
fn order(ledger: &Ledger, tx: TxNum) -> Order {
    let values: Vec<u64> =
        ledger.tx_outputs(tx).map(|num| ledger.output_value(athar_types::OutputNum(num)).0).collect();
    if !values.is_sorted() || !outpoints(ledger, tx).is_sorted() {
        return Order::Free;
    }
    let inputs = ledger.tx_inputs(tx);
    let places = values.len().max((inputs.end - inputs.start) as usize);
    if places >= SORTED_MIN { Order::Sorted } else { Order::Unknown }
}

/// Change: spent with the payer's traces, while every other output was spent with others. Not change: spent with others.
pub(super) fn vote(shape: &Shape<'_>, place: usize, at: TxNum) -> Vote {
    match continuity(shape, place, at) {
        Vote::Change => {
            let mut others = shape.others(place).map(|other| other.spender(at));
            let is_alone = others.all(|other| other.is_some_and(|spender| !spender.habits.is_like(shape.habits)));
            if is_alone && shape.outputs.len() > 1 { Vote::Change } else { Vote::Silent }
        }
        vote => vote,
    }
}

/// Change: spent with the payer's traces. Not change: spent with others. Weak, since much software is common.
pub(super) fn continuity(shape: &Shape<'_>, place: usize, at: TxNum) -> Vote {
    match shape.outputs[place].spender(at) {
        None => Vote::Silent,
        Some(spender) if spender.habits.is_like(shape.habits) => Vote::Change,
        Some(_) => Vote::NotChange,
    }
}
