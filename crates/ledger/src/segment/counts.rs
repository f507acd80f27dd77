//! How many rows belong to each transaction, a byte each, and where they begin.
//!
//! Starts of four bytes a transaction would be a fiftieth of the store. Here a transaction has a byte, every 64th a start;
//! where a transaction's rows begin is that start and at most 63 bytes added up, which lie in one cache line.

use super::build::exception;

/// Transactions that share a start.
const GROUP: usize = 64;

/// The columns of a count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts<'a> {
    /// Rows of each transaction; 255 where they stand in `many_count`.
    pub(crate) count: &'a [u8],
    /// Where the rows of every 64th transaction begin; one entry more than there are whole groups.
    pub(crate) base: &'a [u32],
    /// Transactions (ascending) with at least 255 rows.
    pub(crate) many_tx: &'a [u32],
    /// How many.
    pub(crate) many_count: &'a [u32],
}

/// The same, to be written.
#[derive(Debug, Default)]
pub(crate) struct CountData {
    pub(crate) count: Vec<u8>,
    pub(crate) base: Vec<u32>,
    pub(crate) many_tx: Vec<u32>,
    pub(crate) many_count: Vec<u32>,
}

impl CountData {
    /// From the starts of all transactions, and the end.
    pub(crate) fn from_starts(starts: &[u32]) -> Self {
        let mut data = Self { base: starts.iter().step_by(GROUP).copied().collect(), ..Self::default() };
        data.count = Vec::with_capacity(starts.len());
        for (tx, pair) in (0..).zip(starts.windows(2)) {
            let count = pair[1] - pair[0];
            let small = u8::try_from(count).ok().filter(|c| *c != u8::MAX);
            data.count.push(small.unwrap_or(u8::MAX));
            if small.is_none() {
                data.many_tx.push(tx);
                data.many_count.push(count);
            }
        }
        data
    }
}

impl Counts<'_> {
    /// Number of transactions.
    pub(crate) fn len(&self) -> usize {
        self.count.len()
    }

    /// Whether the columns fit `txs` transactions with `rows` rows.
    pub(crate) fn fit(&self, txs: usize, rows: usize) -> bool {
        self.count.len() == txs
            && self.base.len() == txs / GROUP + 1
            && self.many_tx.len() == self.many_count.len()
            && self.many_tx.last().is_none_or(|tx| (*tx as usize) < txs)
            && self.start(txs) as usize == rows
    }

    #[inline]
    fn of(&self, tx: usize) -> u32 {
        match self.count[tx] {
            u8::MAX => exception(self.many_tx, self.many_count, tx as u32).unwrap_or(u32::from(u8::MAX)),
            count => u32::from(count),
        }
    }

    /// Where the rows of a transaction begin; for the number of all, where they end.
    #[inline]
    pub(crate) fn start(&self, tx: usize) -> u32 {
        let group = tx / GROUP;
        let before = &self.count[group * GROUP..tx];
        let mut sum = self.base[group] + before.iter().map(|c| u32::from(*c)).sum::<u32>();
        if !self.many_tx.is_empty() && before.contains(&u8::MAX) {
            let many = (group * GROUP..tx).filter(|t| self.count[*t] == u8::MAX);
            sum += many.map(|t| self.of(t) - u32::from(u8::MAX)).sum::<u32>();
        }
        sum
    }

    /// The rows of a transaction.
    #[inline]
    pub(crate) fn range(&self, tx: usize) -> std::ops::Range<u32> {
        let start = self.start(tx);
        start..start + self.of(tx)
    }

    /// The transaction that a row belongs to, and where its rows begin.
    #[inline]
    pub(crate) fn tx_of(&self, row: u32) -> (usize, u32) {
        let group = self.base.partition_point(|base| *base <= row) - 1;
        let mut start = self.base[group];
        let mut tx = group * GROUP;
        while tx + 1 < self.len() {
            let count = self.of(tx);
            if row < start + count {
                break;
            }
            start += count;
            tx += 1;
        }
        (tx, start)
    }

    /// The starts of the first `txs` transactions, and their end.
    pub(crate) fn starts(&self, txs: usize) -> Vec<u32> {
        let mut starts = Vec::with_capacity(txs + 1);
        let mut at = 0;
        starts.push(0);
        starts.extend((0..txs).map(|tx| {
            at += self.of(tx);
            at
        }));
        starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_and_owners_come_back_whatever_the_counts() {
        let mut state = 3_u32;
        for txs in [0, 1, 63, 64, 65, 500] {
            let mut starts = vec![0];
            for _ in 0..txs {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // coinbases have no inputs, and some transactions have very many rows
                let count = [0, 1, 2, 7, 254, 255, 256, 70_000][(state >> 28) as usize % 8];
                starts.push(starts[starts.len() - 1] + count);
            }
            let data = CountData::from_starts(&starts);
            let counts =
                Counts { count: &data.count, base: &data.base, many_tx: &data.many_tx, many_count: &data.many_count };
            assert!(counts.fit(txs, starts[txs] as usize));
            assert_eq!(counts.starts(txs), starts);
            for tx in 0..txs {
                assert_eq!(counts.range(tx), starts[tx]..starts[tx + 1]);
                for row in
                    [starts[tx], starts[tx + 1].wrapping_sub(1)].into_iter().filter(|r| counts.range(tx).contains(r))
                {
                    assert_eq!(counts.tx_of(row), (tx, starts[tx]));
                }
            }
            assert_eq!(counts.start(txs), starts[txs]);
        }
    }
}
