//! What a contender saw: enough to tell whether all did the same work.

use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// Totals over blocks. `None` stands for what a contender does not give out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Blocks.
    pub(crate) blocks: u64,
    /// Transactions.
    pub(crate) txs: u64,
    /// Inputs that spend an output: those of coinbases are left out.
    pub(crate) inputs: u64,
    /// Outputs.
    pub(crate) outputs: u64,
    /// Sum of the values of all outputs, in satoshi.
    pub(crate) output_sat: Option<u128>,
    /// Exclusive or of the first eight bytes of every txid, in the order they are hashed.
    pub(crate) txid_fold: Option<u64>,
    /// Inputs whose spent output is known.
    pub(crate) resolved: Option<u64>,
    /// Sum of the values of those outputs, in satoshi.
    pub(crate) resolved_sat: Option<u128>,
}

impl Counts {
    /// The names of the fields in which both have a value and the values differ, with the values.
    pub(crate) fn differences(&self, expected: &Self) -> Vec<String> {
        let rows = [
            ("blocks", Some(self.blocks.into()), Some(expected.blocks.into())),
            ("transactions", Some(self.txs.into()), Some(expected.txs.into())),
            ("inputs", Some(self.inputs.into()), Some(expected.inputs.into())),
            ("outputs", Some(self.outputs.into()), Some(expected.outputs.into())),
            ("output value", self.output_sat, expected.output_sat),
            ("txid fold", self.txid_fold.map(u128::from), expected.txid_fold.map(u128::from)),
            ("resolved inputs", self.resolved.map(u128::from), expected.resolved.map(u128::from)),
            ("resolved value", self.resolved_sat, expected.resolved_sat),
        ];
        rows.into_iter()
            .filter_map(|(name, ours, theirs)| {
                let (ours, theirs) = (ours?, theirs?);
                (ours != theirs).then(|| format!("{name} {ours}, expected {theirs}"))
            })
            .collect()
    }

    /// Adds a txid, given its bytes in the order they are hashed (the reverse of how it is written).
    pub(crate) fn fold_txid(&mut self, txid: &[u8; 32]) {
        let mut head = [0; 8];
        head.copy_from_slice(&txid[..8]);
        *self.txid_fold.get_or_insert(0) ^= u64::from_be_bytes(head);
    }

    /// Adds a spent output.
    pub(crate) fn resolve(&mut self, value_sat: u64) {
        *self.resolved.get_or_insert(0) += 1;
        *self.resolved_sat.get_or_insert(0) += u128::from(value_sat);
    }

    /// Adds an output's value.
    pub(crate) fn pay(&mut self, value_sat: u64) {
        *self.output_sat.get_or_insert(0) += u128::from(value_sat);
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        fn both<T>(ours: Option<T>, theirs: Option<T>, add: impl Fn(T, T) -> T) -> Option<T> {
            match (ours, theirs) {
                (Some(ours), Some(theirs)) => Some(add(ours, theirs)),
                (ours, theirs) => ours.or(theirs),
            }
        }
        self.blocks += other.blocks;
        self.txs += other.txs;
        self.inputs += other.inputs;
        self.outputs += other.outputs;
        self.output_sat = both(self.output_sat, other.output_sat, |a, b| a + b);
        self.txid_fold = both(self.txid_fold, other.txid_fold, |a, b| a ^ b);
        self.resolved = both(self.resolved, other.resolved, |a, b| a + b);
        self.resolved_sat = both(self.resolved_sat, other.resolved_sat, |a, b| a + b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Counts {
        let mut counts = Counts { blocks: 2, txs: 3, inputs: 4, outputs: 5, ..Counts::default() };
        counts.pay(70);
        counts.fold_txid(&[9; 32]);
        counts
    }

    #[test]
    fn only_what_both_know_can_differ() {
        let mut other = some();
        assert!(some().differences(&other).is_empty());
        other.resolve(7);
        assert!(some().differences(&other).is_empty());
        other.pay(1);
        other.inputs = 3;
        assert_eq!(some().differences(&other), ["inputs 4, expected 3", "output value 70, expected 71"]);
    }

    #[test]
    fn adding_keeps_what_one_side_alone_knows() {
        let mut sum = some();
        sum += Counts { blocks: 1, resolved: Some(2), ..Counts::default() };
        assert_eq!((sum.blocks, sum.resolved, sum.output_sat), (3, Some(2), Some(70)));
        sum += some();
        // the same txid twice takes itself away
        assert_eq!((sum.txid_fold, sum.output_sat), (Some(0), Some(140)));
    }
}
