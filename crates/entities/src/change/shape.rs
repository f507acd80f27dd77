//! The facts about one transaction that recorders vote by, each with the moment from which it is known.

use super::fingerprint::Habits;
use athar_ledger::Ledger;
use athar_types::{AddressId, InputNum, ScriptKind, TxNum};

/// An output that is spent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spent {
    /// The value in satoshi.
    pub(super) value: u64,
    pub(super) address: Option<AddressId>,
    pub(super) kind: ScriptKind,
    /// The transaction that made it.
    pub(super) tx: TxNum,
}

/// What spends an output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spender {
    pub(super) tx: TxNum,
    pub(super) habits: Habits,
    /// One input, two spendable outputs.
    pub(super) is_peel: bool,
}

/// An output that can be spent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    /// Which output of the transaction.
    pub(super) vout: u32,
    /// The value in satoshi.
    pub(super) value: u64,
    pub(super) address: Option<AddressId>,
    pub(super) kind: ScriptKind,
    /// Whether no earlier output, nor another one here, pays the address.
    pub(super) is_fresh: bool,
    /// The transaction that pays the address the second time.
    pub(super) paid_again: Option<TxNum>,
    /// What spends it, at any time.
    spender: Option<Spender>,
}

impl Made {
    /// What spends it, as far as known once `at` has been seen.
    pub(super) fn spender(&self, at: TxNum) -> Option<&Spender> {
        self.spender.as_ref().filter(|spender| spender.tx <= at)
    }
}

/// One transaction. Outputs that carry data only are left out.
pub(super) struct Shape<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) tx: TxNum,
    pub(super) inputs: Vec<Spent>,
    pub(super) outputs: Vec<Made>,
    pub(super) habits: Habits,
    /// Zeros at the end of a value in satoshi that make it round.
    pub(super) round_digits: u32,
}

impl<'a> Shape<'a> {
    pub(super) fn new(ledger: &'a Ledger, tx: TxNum, round_digits: u32) -> Self {
        let inputs = ledger.inputs(tx).map(|input| {
            let spent = ledger.output(ledger.spent_output(&input));
            Spent { value: spent.value.0, address: input.address, kind: spent.kind, tx: input.prev_tx }
        });
        let outputs = ledger.outputs(tx).zip(0..).filter(|(output, _)| output.kind != ScriptKind::OpReturn);
        let outputs = outputs.map(|(output, vout)| {
            let mut payments = output.address.into_iter().flat_map(|address| ledger.address_outputs(address));
            let is_first = payments.next() == Some(output.num);
            let paid_again = if is_first { payments.next().map(|next| ledger.output_tx(next).0) } else { None };
            Made {
                vout,
                value: output.value.0,
                address: output.address,
                kind: output.kind,
                is_fresh: is_first && paid_again != Some(tx),
                paid_again,
                spender: output.spent_by.map(|spender| Spender {
                    tx: spender,
                    habits: Habits::of(ledger, spender),
                    is_peel: is_peel(ledger, spender),
                }),
            }
        });
        let (inputs, outputs) = (inputs.collect(), outputs.collect());
        Self { ledger, tx, inputs, outputs, habits: Habits::of(ledger, tx), round_digits }
    }

    /// The moments at which more becomes known: the transaction itself, and each spend of one of its outputs.
    pub(super) fn moments(&self) -> Vec<TxNum> {
        let spends = self.outputs.iter().filter_map(|output| Some(output.spender?.tx));
        let mut moments: Vec<TxNum> = std::iter::once(self.tx).chain(spends).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// The other outputs than the one at `place`.
    pub(super) fn others(&self, place: usize) -> impl Iterator<Item = &Made> {
        self.outputs.iter().enumerate().filter(move |(at, _)| *at != place).map(|(_, output)| output)
    }

    /// Whether an output pays an address of an input.
    pub(super) fn pays_input(&self, output: &Made) -> bool {
        output.address.is_some() && self.inputs.iter().any(|input| input.address == output.address)
    }
}

/// Whether a transaction has one input and two spendable outputs: what a peeling chain consists of.
pub(super) fn is_peel(ledger: &Ledger, tx: TxNum) -> bool {
    let (inputs, outputs) = (ledger.tx_inputs(tx), ledger.tx_outputs(tx));
    inputs.end - inputs.start == 1
        && (2..=3).contains(&(outputs.end - outputs.start))
        && ledger.outputs(tx).filter(|output| output.kind != ScriptKind::OpReturn).count() == 2
}

/// The inputs of a transaction as (txid, output) of what they spend, in their order.
pub(super) fn outpoints(ledger: &Ledger, tx: TxNum) -> impl Iterator<Item = ([u8; 32], u32)> + '_ {
    let range = ledger.tx_inputs(tx);
    range.map(|num| {
        let input = ledger.input(InputNum(num));
        // BIP 69 compares ids as they are shown, the last byte of the wire first
        let mut id = ledger.txid(input.prev_tx).0;
        id.reverse();
        (id, input.prev_vout)
    })
}
