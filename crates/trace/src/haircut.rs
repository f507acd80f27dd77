//! Haircut: every output takes its share of the taint, in whole satoshi.
//!
//! With `T` satoshi of taint entering a transaction worth `W` (its inputs: outputs `v[j]` and the fee, the last), output
//! `j` takes `T * v[j] / W` rounded down; the satoshi that are left over go one by one to the largest remainders, ties in
//! order (Hamilton's method). An output never takes more than it holds: a share that is no whole number is below
//! `v[j]`, so rounded up it is at most that.
//!
//! Where the taint is of several kinds (outputs it comes from, hops, marks), what each output takes in all is decided
//! first and does not depend on the kinds; then the kinds, in order, share it by the same method over what is left.

use crate::taint::{Entry, Meaning, Passage, Piece, Spread};
use athar_ledger::Ledger;
use athar_types::{InputNum, OutputNum};

/// An output on the side that taint goes to, or the end of it.
#[derive(Clone, Copy, Debug)]
struct Column {
    reached: u64,
    made_by: u32,
    vout: u32,
    value: u64,
}

/// Haircut, with its buffers.
#[derive(Debug, Default)]
pub(crate) struct Haircut {
    columns: Vec<Column>,
    weights: Vec<u64>,
    /// What each column still takes.
    left: Vec<u64>,
    parts: Vec<u64>,
    /// `(column, entry, satoshi)`.
    shares: Vec<(u32, u32, u64)>,
    /// Of each entry, how much has been shared.
    taken: Vec<u64>,
    remainders: Vec<(u128, u32)>,
}

impl Haircut {
    /// Shares all taint among the columns.
    fn share(&mut self, taint: &[Entry], pieces: &mut Vec<Piece>) {
        self.weights.clear();
        self.weights.extend(self.columns.iter().map(|c| c.value));
        let total: u128 = taint.iter().map(|e| u128::from(e.hi - e.lo)).sum();
        apportion(total, &self.weights, &mut self.left, &mut self.remainders);
        self.shares.clear();
        for (index, entry) in taint.iter().enumerate() {
            apportion(u128::from(entry.hi - entry.lo), &self.left, &mut self.parts, &mut self.remainders);
            for (column, sat) in self.parts.iter().enumerate().filter(|(_, sat)| **sat > 0) {
                self.shares.push((column as u32, index as u32, *sat));
                self.left[column] -= sat;
            }
        }
        self.shares.sort_unstable();
        self.taken.clear();
        self.taken.resize(taint.len(), 0);
        for (column, index, sat) in &self.shares {
            let Column { reached, made_by, vout, value } = self.columns[*column as usize];
            let entry = &taint[*index as usize];
            let prior_lo = entry.lo + self.taken[*index as usize];
            self.taken[*index as usize] += sat;
            // where it lies in the output reached is decided with what else reaches it
            pieces.push(Piece { entry: *index, made_by, vout, reached, value, prior_lo, lo: 0, sat: *sat });
        }
    }
}

/// Shares `total` among columns in proportion to their weights, which sum to at least `total`, into `parts`.
fn apportion(total: u128, weights: &[u64], parts: &mut Vec<u64>, remainders: &mut Vec<(u128, u32)>) {
    parts.clear();
    remainders.clear();
    let whole: u128 = weights.iter().map(|w| u128::from(*w)).sum();
    if whole == total {
        parts.extend_from_slice(weights);
        return;
    }
    debug_assert!(total < whole, "more to share than there is room for");
    let mut left = total;
    for (column, weight) in weights.iter().enumerate() {
        // both are below 2^64: sources never hold more together
        let product = total * u128::from(*weight);
        let (part, rest) = (product / whole, product % whole);
        parts.push(part as u64);
        left -= part;
        if rest > 0 {
            remainders.push((rest, column as u32));
        }
    }
    let over = left as usize;
    if over == 0 {
        return;
    }
    let order = |a: &(u128, u32), b: &(u128, u32)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
    if over < remainders.len() {
        remainders.select_nth_unstable_by(over - 1, order);
    }
    for (_, column) in remainders.iter().take(over) {
        parts[*column as usize] += 1;
    }
}

fn spent(ledger: &Ledger, input: u64) -> Column {
    let input = ledger.input(InputNum(input));
    let output = ledger.spent_output(&input);
    let value = ledger.output_value(output).0;
    Column { reached: output.0, made_by: input.prev_tx.0, vout: input.prev_vout, value }
}

impl Haircut {
    /// The columns of one side, and behind them what it lacks of the other: the fee going forward. Backward that is nothing in a
    /// valid chain.
    fn lay(&mut self, columns: impl Iterator<Item = Column>, other_side: u128) {
        self.columns.clear();
        self.columns.extend(columns);
        let sum: u128 = self.columns.iter().map(|c| u128::from(c.value)).sum();
        let value = u64::try_from(other_side.saturating_sub(sum)).unwrap_or(u64::MAX);
        self.columns.push(Column { reached: Piece::END, made_by: 0, vout: 0, value });
    }
}

impl Spread for Haircut {
    const MEANING: Meaning = Meaning::Amounts;

    fn forward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        let inputs = through.inputs.clone();
        let spent: u128 = if inputs.end - inputs.start == 1 {
            u128::from(taint[0].value)
        } else {
            inputs.map(|input| u128::from(spent(ledger, input).value)).sum()
        };
        let Passage { tx, ref outputs, .. } = *through;
        let first = outputs.start;
        let made = |output: u64| Column {
            reached: output,
            made_by: tx.0,
            vout: (output - first) as u32,
            value: ledger.output_value(OutputNum(output)).0,
        };
        self.lay(outputs.clone().map(made), spent);
        self.share(taint, pieces);
    }

    fn backward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>) {
        let made = through.outputs.clone().map(|o| u128::from(ledger.output_value(OutputNum(o)).0)).sum();
        self.lay(through.inputs.clone().map(|i| spent(ledger, i)), made);
        self.share(taint, pieces);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shared(total: u128, weights: &[u64]) -> Vec<u64> {
        let (mut parts, mut remainders) = (Vec::new(), Vec::new());
        apportion(total, weights, &mut parts, &mut remainders);
        parts
    }

    #[test]
    fn satoshi_left_over_go_to_the_largest_remainders_then_in_order() {
        assert_eq!(shared(1, &[1, 1, 1]), [1, 0, 0]);
        assert_eq!(shared(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(shared(10, &[30, 60, 10]), [3, 6, 1]);
        // 7 * 5 / 16 = 2.19, 7 * 9 / 16 = 3.94, 7 * 2 / 16 = 0.875: both satoshi left go to the larger remainders
        assert_eq!(shared(7, &[5, 9, 2]), [2, 4, 1]);
        assert_eq!(shared(u128::from(u64::MAX) * 2, &[u64::MAX, u64::MAX]), [u64::MAX, u64::MAX]);
    }

    proptest! {
        #[test]
        fn all_is_shared_and_nobody_takes_more_than_there_is(
            weights in prop::collection::vec(0u64..=u64::MAX / 8, 1..8), share in 0u64..=u64::MAX,
        ) {
            let whole: u128 = weights.iter().map(|w| u128::from(*w)).sum();
            let total = whole.min(u128::from(share));
            let parts = shared(total, &weights);
            prop_assert_eq!(parts.iter().map(|p| u128::from(*p)).sum::<u128>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(part <= weight);
                let exact = u128::from(*part) * whole;
                let ideal = total * u128::from(*weight);
                prop_assert!(exact.abs_diff(ideal) < whole, "further than one satoshi from its share");
            }
        }
    }
}
