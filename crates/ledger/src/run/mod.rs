//! A run: what is looked up by key or learned later, over the rows of one or more segments. Runs are merged into ever
//! larger ones, so that a look-up touches few; segments keep their rows and their ids.

pub(crate) mod index;
pub(crate) mod merge;

use crate::error::LedgerError;
use crate::manifest::{Ranges, RunMeta};
use crate::schema::RunColumns;
use crate::segment::misfit;
use athar_types::{AddressId, TxNum};
use index::Index;
use std::{ops::Range, path::Path};

/// How the folders of runs begin.
pub(crate) const RUN: &str = "run";

/// An opened run.
#[derive(Debug)]
pub struct Run {
    pub(crate) ranges: Ranges,
    pub(crate) columns: RunColumns,
}

impl Run {
    /// Maps a run of the chain in `folder` and checks that its columns fit together.
    pub(crate) fn open(folder: &Path, meta: &RunMeta) -> Result<Self, LedgerError> {
        let folder = folder.join(&meta.folder);
        let columns = RunColumns::open(&folder)?;
        let run = Self { ranges: meta.ranges, columns };
        match run.misfit() {
            None => Ok(run),
            Some(what) => Err(LedgerError::corrupt(folder, what)),
        }
    }

    fn misfit(&self) -> Option<String> {
        let (r, c) = (&self.ranges, &self.columns);
        let txs = (r.txs[1] - r.txs[0]) as usize;
        let outputs = (r.outputs[1] - r.outputs[0]) as usize;
        let addresses = (r.addresses[1] - r.addresses[0]) as usize;
        let lengths = [
            ("paid.start", c.paid_start.len(), c.paid_again.len() + addresses + 1),
            ("paid.output", c.paid_output.len(), c.paid_start.last().map_or(0, |end| *end as usize)),
            ("spent.by", c.spent_by.len(), outputs),
            ("late.spent_by", c.late_spent_by.len(), c.late_output.len()),
        ];
        let of_index = |name: &str, index: Index<'_>, len: usize| {
            (!index.fits(len)).then(|| format!("the columns of {name} do not fit {len} rows"))
        };
        misfit(&lengths)
            .or_else(|| of_index("txid", self.txids(), txs))
            .or_else(|| of_index("key", self.keys(), addresses))
    }

    /// Its id ranges.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// The look-up of transactions by id; rows are relative.
    pub(crate) fn txids(&self) -> Index<'_> {
        let c = &self.columns;
        Index { head: &c.txid_head, row: &c.txid_tx, bucket: &c.txid_bucket }
    }

    /// The look-up of addresses by the hash of their key; rows are relative.
    pub(crate) fn keys(&self) -> Index<'_> {
        let c = &self.columns;
        Index { head: &c.key_head, row: &c.key_address, bucket: &c.key_bucket }
    }

    /// Places in `paid.output` of the outputs of an address, by chain-wide id.
    pub(crate) fn paid(&self, address: AddressId) -> Range<usize> {
        let c = &self.columns;
        let again = c.paid_again.len();
        let slot = if address.0 >= self.ranges.addresses[1] {
            return 0..0;
        } else if address.0 >= self.ranges.addresses[0] {
            again + (address.0 - self.ranges.addresses[0]) as usize
        } else if let Ok(slot) = c.paid_again.binary_search(&address.0) {
            slot
        } else {
            return 0..0;
        };
        c.paid_start[slot] as usize..c.paid_start[slot + 1] as usize
    }

    /// The transaction of this run that spends an output of an earlier one.
    pub(crate) fn late_spend(&self, output: u64) -> Option<TxNum> {
        let at = self.columns.late_output.binary_search(&output).ok()?;
        Some(TxNum(self.columns.late_spent_by[at]))
    }

    /// The same, looked for from place `at` on (back and forth), which is moved to where the output stands or would.
    pub(crate) fn late_spend_near(&self, output: u64, at: &mut usize) -> Option<TxNum> {
        let late = &self.columns.late_output[..];
        let start = (*at).min(late.len());
        // strides that double, until the output lies between two of them
        let (mut lo, mut hi, mut stride) = (start, start, 1);
        if late[start..].first().is_some_and(|o| *o <= output) {
            while hi < late.len() && late[hi] <= output {
                lo = hi;
                hi = hi.saturating_add(stride).min(late.len());
                stride *= 2;
            }
        } else {
            while lo > 0 && late[lo - 1] >= output {
                hi = lo;
                lo = lo.saturating_sub(stride);
                stride *= 2;
            }
        }
        let found = late[lo..hi].partition_point(|o| *o < output) + lo;
        *at = found;
        (late.get(found) == Some(&output)).then(|| TxNum(self.columns.late_spent_by[found]))
    }

    /// The addresses that outputs of this run pay, ascending, with the number of those outputs.
    pub fn paid_counts(&self) -> impl Iterator<Item = (AddressId, u64)> + '_ {
        let c = &self.columns;
        let addresses = c.paid_again.iter().copied().chain(self.ranges.addresses[0]..self.ranges.addresses[1]);
        addresses.zip(c.paid_start.windows(2)).map(|(a, pair)| (AddressId(a), u64::from(pair[1] - pair[0])))
    }

    /// For each output of the run, the transaction of the run that spends it; [`TxNum::NONE`] for none.
    pub fn output_spenders(&self) -> &[u32] {
        &self.columns.spent_by
    }

    /// Outputs of earlier runs that this one spends (chain-wide, ascending), and the transaction that spends each.
    pub fn late_spends(&self) -> (&[u64], &[u32]) {
        (&self.columns.late_output, &self.columns.late_spent_by)
    }
}
