//! Poison: whatever a transaction makes of a tainted output is tainted whole; backward, whatever it spends.
//!
//! The pieces say which outputs are reached from which; their satoshi are the value of the output reached, and are never
//! summed.

use crate::taint::{Entry, Meaning, Passage, Piece, Spread};
use athar_ledger::Ledger;
use athar_types::{InputNum, OutputNum};

/// Poison. It has nothing to remember.
#[derive(Debug, Default)]
pub(crate) struct Poison;

/// Reaches one output from each of the outputs that taint comes from.
fn reach(reached: u64, made_by: u32, vout: u32, value: u64, taint: &[Entry], pieces: &mut Vec<Piece>) {
    if value == 0 {
        return;
    }
    for (index, entry) in taint.iter().enumerate() {
        // parts of one output are one place
        if index > 0 && taint[index - 1].output == entry.output {
            continue;
        }
        let entry_lo = entry.lo;
        let entry = index as u32;
        pieces.push(Piece { entry, made_by, vout, reached, value, prior_lo: entry_lo, lo: 0, sat: value });
    }
}

impl Spread for Poison {
    const MEANING: Meaning = Meaning::Reach;

    fn forward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        for output in through.outputs.clone() {
            let vout = (output - through.outputs.start) as u32;
            reach(output, through.tx.0, vout, ledger.output_value(OutputNum(output)).0, taint, pieces);
        }
    }

    fn backward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        for input in through.inputs.clone() {
            let input = ledger.input(InputNum(input));
            let output = ledger.spent_output(&input);
            let value = ledger.output_value(output).0;
            reach(output.0, input.prev_tx.0, input.prev_vout, value, taint, pieces);
        }
    }
}
