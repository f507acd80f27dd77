//! The policies that lay money on a line: first in, first out; last in, first out; taint in, highest out.
//!
//! The satoshi of one side of a transaction lie on one line, those of the other side on another of the same length, and every
//! satoshi keeps its place. The policies differ in the order of the slots alone:
//!
//! | policy | side that the taint comes from | side that it goes to |
//! |---|---|---|
//! | FIFO | in order | in order, then the fee |
//! | LIFO forward | last input first | outputs in order, then the fee |
//! | LIFO backward | outputs in order | last input first |
//! | TIHO | the tainted satoshi alone, in order | largest value first, then the fee |
//!
//! Sources: [`crate::Policy`]. Only as much of the transaction is read as lies before the last tainted satoshi.

use crate::taint::{Entry, Meaning, Passage, Piece, Spread};
use athar_ledger::Ledger;
use athar_types::{InputNum, OutputNum};
use std::cmp::Reverse;

/// [`Line`] by first in, first out.
pub(crate) const FIFO: u8 = 0;
/// [`Line`] by last in, first out.
pub(crate) const LIFO: u8 = 1;
/// [`Line`] by taint in, highest out.
pub(crate) const TIHO: u8 = 2;

/// The tainted part of an entry on the line. 128 bits, so that no chain of amounts, however broken, can overflow it.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: u128,
    end: u128,
    entry: u32,
}

/// A slot of the side that taint goes to.
#[derive(Clone, Copy, Debug)]
struct Slot {
    output: u64,
    made_by: u32,
    vout: u32,
    value: u64,
}

/// A policy of this module, with its buffers.
#[derive(Debug, Default)]
pub(crate) struct Line<const ORDER: u8> {
    line: Vec<Stretch>,
    slots: Vec<Slot>,
}

impl<const ORDER: u8> Line<ORDER> {
    #[inline]
    fn lay(&mut self, base: u128, entry: &Entry, index: usize) {
        let (start, end) = (base + u128::from(entry.lo), base + u128::from(entry.hi));
        self.line.push(Stretch { start, end, entry: index as u32 });
    }

    /// Lays the tainted satoshi one behind the other, with nothing between.
    fn pack(&mut self, taint: &[Entry]) {
        let mut start = 0;
        for (index, entry) in taint.iter().enumerate() {
            let end = start + u128::from(entry.hi - entry.lo);
            self.line.push(Stretch { start, end, entry: index as u32 });
            start = end;
        }
    }

    /// Lays the entries on the line where their outputs stand among the inputs; under TIHO one behind the other, in that order.
    fn line_up(&mut self, ledger: &Ledger, inputs: impl Iterator<Item = u64>, taint: &[Entry]) {
        let mut base = 0;
        for input in inputs {
            let input = ledger.input(InputNum(input));
            let place = (input.prev_tx.0, input.prev_vout);
            let first = taint.partition_point(|e| (e.made_by, e.vout) < place);
            let mut value = None;
            for (index, entry) in taint.iter().enumerate().skip(first) {
                if (entry.made_by, entry.vout) != place {
                    break;
                }
                if ORDER == TIHO {
                    let end = base + u128::from(entry.hi - entry.lo);
                    self.line.push(Stretch { start: base, end, entry: index as u32 });
                    base = end;
                } else {
                    self.lay(base, entry, index);
                }
                value = Some(entry.value);
            }
            if self.line.len() == taint.len() {
                break;
            }
            if ORDER == TIHO {
                continue;
            }
            base += u128::from(value.unwrap_or_else(|| ledger.output_value(ledger.spent_output(&input)).0));
        }
    }

    /// Cuts the stretches at the ends of the slots of the other side. `next` gives the next slot.
    #[inline]
    fn cut(&self, taint: &[Entry], pieces: &mut Vec<Piece>, mut next: impl FnMut() -> Option<Slot>) {
        let (mut slot, mut base, mut end) = (None, 0, 0);
        let mut open = true;
        for stretch in &self.line {
            let mut at = stretch.start;
            while at < stretch.end {
                while open && at >= end {
                    base = end;
                    slot = next();
                    open = slot.is_some();
                    end += u128::from(slot.map_or(0, |s: Slot| s.value));
                }
                let cut = if open { end.min(stretch.end) } else { stretch.end };
                let Slot { output, made_by, vout, value } =
                    slot.unwrap_or(Slot { output: Piece::END, made_by: 0, vout: 0, value: 0 });
                let entry = &taint[stretch.entry as usize];
                pieces.push(Piece {
                    entry: stretch.entry,
                    made_by,
                    vout,
                    reached: output,
                    value,
                    prior_lo: entry.lo + (at - stretch.start) as u64,
                    lo: if open { (at - base) as u64 } else { 0 },
                    sat: (cut - at) as u64,
                });
                at = cut;
            }
        }
    }

    /// Cuts at the slots given, the largest value first; of equal ones in the order given.
    fn cut_highest(&mut self, slots: impl Iterator<Item = Slot>, taint: &[Entry], pieces: &mut Vec<Piece>) {
        let mut sorted = std::mem::take(&mut self.slots);
        sorted.clear();
        sorted.extend(slots);
        sorted.sort_by_key(|slot| Reverse(slot.value));
        let mut left = sorted.iter();
        self.cut(taint, pieces, || left.next().copied());
        self.slots = sorted;
    }
}

/// The output that an input spends, as a slot.
#[inline]
fn spent(ledger: &Ledger, input: u64) -> Slot {
    let input = ledger.input(InputNum(input));
    let output = ledger.spent_output(&input);
    let value = ledger.output_value(output).0;
    Slot { output: output.0, made_by: input.prev_tx.0, vout: input.prev_vout, value }
}

impl<const ORDER: u8> Spread for Line<ORDER> {
    const MEANING: Meaning = Meaning::Places;

    fn forward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        self.line.clear();
        if through.inputs.end - through.inputs.start == 1 && ORDER == TIHO {
            self.pack(taint);
        } else if through.inputs.end - through.inputs.start == 1 {
            // the usual case: all taint comes from the one input there is, and its row need not be read
            for (index, entry) in taint.iter().enumerate() {
                self.lay(0, entry, index);
            }
        } else if ORDER == LIFO {
            self.line_up(ledger, through.inputs.clone().rev(), taint);
        } else {
            self.line_up(ledger, through.inputs.clone(), taint);
        }
        let Passage { tx, ref outputs, .. } = *through;
        let first = outputs.start;
        let made = |output: u64| Slot {
            output,
            made_by: tx.0,
            vout: (output - first) as u32,
            value: ledger.output_value(OutputNum(output)).0,
        };
        let mut left = outputs.clone();
        if ORDER == TIHO {
            self.cut_highest(left.map(made), taint, pieces);
        } else {
            self.cut(taint, pieces, || left.next().map(made));
        }
    }

    fn backward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        self.line.clear();
        if ORDER == TIHO {
            self.pack(taint);
            return self.cut_highest(through.inputs.clone().map(|i| spent(ledger, i)), taint, pieces);
        }
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
        let mut next = || if ORDER == LIFO { left.next_back() } else { left.next() };
        self.cut(taint, pieces, || next().map(|input| spent(ledger, input)));
    }
}
