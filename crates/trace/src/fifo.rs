//! First in, first out: inputs in order lie on one line, outputs in order and then the fee on another of the same
//! length, and every satoshi keeps its place.
//!
//! Source: Anderson, Shumailov and Ahmed, "Making Bitcoin Legal" (2018), after Clayton's Case. Only as much of the
//! transaction is read as lies before the last tainted satoshi.

use crate::taint::{Entry, Passage, Piece, Spread};
use athar_ledger::Ledger;
use athar_types::{InputNum, OutputNum};

/// The tainted part of an entry on the line. 128 bits, so that no chain of amounts, however broken, can overflow it.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: u128,
    end: u128,
    entry: u32,
}

/// FIFO, with its buffers.
#[derive(Debug, Default)]
pub(crate) struct Fifo {
    line: Vec<Stretch>,
}

impl Fifo {
    #[inline]
    fn lay(&mut self, base: u128, entry: &Entry, index: usize) {
        let (start, end) = (base + u128::from(entry.lo), base + u128::from(entry.hi));
        self.line.push(Stretch { start, end, entry: index as u32 });
    }

    /// Lays the entries on the line where their outputs stand among the inputs.
    fn line_up(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry]) {
        let mut base = 0;
        for input in through.inputs.clone() {
            let input = ledger.input(InputNum(input));
            let place = (input.prev_tx.0, input.prev_vout);
            let first = taint.partition_point(|e| (e.made_by, e.vout) < place);
            let mut value = None;
            for (index, entry) in taint.iter().enumerate().skip(first) {
                if (entry.made_by, entry.vout) != place {
                    break;
                }
                self.lay(base, entry, index);
                value = Some(entry.value);
            }
            if self.line.len() == taint.len() {
                break;
            }
            base += u128::from(value.unwrap_or_else(|| ledger.output_value(ledger.spent_output(&input)).0));
        }
    }

    /// Cuts the stretches at the ends of the slots of the other side. `next` gives the next slot: output, transaction
    /// that made it, which of its outputs, value.
    #[inline]
    fn cut(&self, taint: &[Entry], pieces: &mut Vec<Piece>, mut next: impl FnMut() -> Option<(u64, u32, u32, u64)>) {
        let (mut slot, mut base, mut end) = (None, 0, 0);
        let mut open = true;
        for stretch in &self.line {
            let mut at = stretch.start;
            while at < stretch.end {
                while open && at >= end {
                    base = end;
                    slot = next();
                    open = slot.is_some();
                    end += u128::from(slot.map_or(0, |s| s.3));
                }
                let cut = if open { end.min(stretch.end) } else { stretch.end };
                let (reached, made_by, vout, value) = slot.unwrap_or((Piece::END, 0, 0, 0));
                let entry = &taint[stretch.entry as usize];
                pieces.push(Piece {
                    entry: stretch.entry,
                    made_by,
                    vout,
                    reached,
                    value,
                    prior_lo: entry.lo + (at - stretch.start) as u64,
                    lo: if open { (at - base) as u64 } else { 0 },
                    sat: (cut - at) as u64,
                });
                at = cut;
            }
        }
    }
}

impl Spread for Fifo {
    fn forward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        self.line.clear();
        if through.inputs.end - through.inputs.start == 1 {
            // the usual case: all taint comes from the one input there is, and its row need not be read
            for (index, entry) in taint.iter().enumerate() {
                self.lay(0, entry, index);
            }
        } else {
            self.line_up(ledger, through, taint);
        }
        let Passage { tx, ref outputs, .. } = *through;
        let mut left = outputs.clone();
        self.cut(taint, pieces, || {
            let output = left.next()?;
            Some((output, tx.0, (output - outputs.start) as u32, ledger.output_value(OutputNum(output)).0))
        });
    }

    fn backward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        self.line.clear();
        let (mut base, mut vout) = (0, 0);
        for (index, entry) in taint.iter().enumerate() {
            while vout < entry.vout {
                let before = OutputNum(through.outputs.start + u64::from(vout));
                base += u128::from(ledger.output_value(before).0);
                vout += 1;
            }
            self.lay(base, entry, index);
        }
        let mut left = through.inputs.clone();
        self.cut(taint, pieces, || {
            let input = ledger.input(InputNum(left.next()?));
            let output = ledger.spent_output(&input);
            Some((output.0, input.prev_tx.0, input.prev_vout, ledger.output_value(output).0))
        });
    }
}
