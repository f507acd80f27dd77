//! Tables of rows (ethereum-etl, GraphSense), merged by block.

use super::row::Keyed;
use super::window::{TableFile, Window};
use super::{AccountSourceError, Counts, Knows};
use athar_chains::account::etl::{
    Assembly, BlockPart, FeePart, Fees, LogPart, Parts, ReceiptPart, Table, TracePart, TxPart, assemble,
};
use athar_chains::account::raw::RawBlock;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::path::PathBuf;

/// Blocks that are put together at a time, in parallel.
const BATCH_BLOCKS: usize = 256;
/// Rows after which a batch is closed.
const BATCH_ROWS: usize = 100_000;
/// Fees that are held at most: about 400 MB.
const FEES_MAX: usize = 4_000_000;

/// The tables of a source.
pub(crate) struct Tables {
    blocks: Window<BlockPart>,
    txs: Window<TxPart>,
    receipts: Window<ReceiptPart>,
    logs: Window<LogPart>,
    traces: Window<TracePart>,
    fees: Fees,
    has_fees: bool,
    is_tron: bool,
    ready: VecDeque<(RawBlock, Assembly)>,
    /// Why the batch after what is ready could not be made.
    failure: Option<AccountSourceError>,
    from: PathBuf,
    counts: Counts,
    told: Assembly,
    knows: Knows,
}

impl Tables {
    pub(crate) fn open(files: Vec<TableFile>, is_tron: bool, window: usize) -> Result<Self, AccountSourceError> {
        let of = |table: Table| files.iter().filter(|file| file.table == table).cloned().collect::<Vec<_>>();
        let mut logs = of(Table::Logs);
        let has_logs = !logs.is_empty();
        if !has_logs {
            logs = of(Table::TokenTransfers);
        }
        let has_transfers = !logs.is_empty();
        let fees = Window::<FeePart>::new(of(Table::Fees), window);
        let from = files.first().map(|file| file.path.clone()).unwrap_or_default();
        let mut tables = Self {
            blocks: Window::new(of(Table::Blocks), window),
            txs: Window::new(of(Table::Transactions), window),
            receipts: Window::new(of(Table::Receipts), window),
            logs: Window::new(logs, window),
            traces: Window::new(of(Table::Traces), window),
            has_fees: fees.is_there(),
            fees: Fees::default(),
            is_tron,
            ready: VecDeque::new(),
            failure: None,
            from,
            counts: Counts::default(),
            told: Assembly::default(),
            knows: Knows::default(),
        };
        tables.hold_fees(fees)?;
        let receipts_beside = files.iter().any(|file| file.table == Table::Transactions && file.has_receipts);
        let receipts = tables.receipts.is_there() || receipts_beside;
        tables.knows = Knows {
            receipts: receipts || tables.has_fees,
            logs: has_logs,
            token_transfers: has_transfers,
            traces: tables.traces.is_there(),
            fees: receipts && tables.txs.is_there() || tables.has_fees,
            has_transactions: tables.txs.is_there(),
            is_block_complete: tables.blocks.is_there()
                && tables.txs.is_there()
                && receipts
                && has_logs
                && tables.traces.is_there(),
        };
        Ok(tables)
    }

    fn hold_fees(&mut self, mut fees: Window<FeePart>) -> Result<(), AccountSourceError> {
        loop {
            let rows: Vec<Vec<Keyed<FeePart>>> = fees.read_more()?;
            if rows.is_empty() {
                self.counts.fees = fees.count;
                return Ok(());
            }
            for Keyed { row, line, file, .. } in rows.into_iter().flatten() {
                if self.fees.len() == FEES_MAX {
                    return Err(AccountSourceError::ManyFees { path: fees.file(file), line, most: FEES_MAX });
                }
                if self.fees.insert(row.tx, row).is_some() {
                    return Err(AccountSourceError::FeeTwice { path: fees.file(file), line });
                }
            }
        }
    }

    pub(crate) fn knows(&self) -> Knows {
        self.knows
    }

    /// What was read so far. Fees that no transaction has used are known at the end only.
    pub(crate) fn counts(&self) -> Counts {
        Counts { fees_unused: self.fees.len() as u64, ..self.counts }
    }

    pub(crate) fn told(&self) -> Assembly {
        self.told
    }

    /// The rows of the next block.
    fn parts(&mut self) -> Result<Option<Parts>, AccountSourceError> {
        let next =
            [self.blocks.peek()?, self.txs.peek()?, self.receipts.peek()?, self.logs.peek()?, self.traces.peek()?];
        let Some(number) = next.into_iter().flatten().min() else { return Ok(None) };
        let [blocks, txs, receipts, logs, traces] = next.map(|block| block == Some(number));
        Ok(Some(Parts {
            number,
            blocks: if blocks { self.blocks.take(number)? } else { Vec::new() },
            txs: if txs { self.txs.take(number)? } else { Vec::new() },
            receipts: if receipts { self.receipts.take(number)? } else { Vec::new() },
            logs: if logs { self.logs.take(number)? } else { Vec::new() },
            traces: match (self.traces.is_there(), traces) {
                (false, _) => None,
                (true, false) => Some(Vec::new()),
                (true, true) => Some(self.traces.take(number)?),
            },
        }))
    }

    /// Puts the next blocks together.
    fn batch(&mut self) -> Option<AccountSourceError> {
        let mut batch = Vec::new();
        let mut rows = 0;
        let mut failure = None;
        while batch.len() < BATCH_BLOCKS && rows < BATCH_ROWS {
            match self.parts() {
                Ok(Some(parts)) => {
                    rows += parts.txs.len() + parts.receipts.len() + parts.logs.len();
                    rows += parts.traces.as_ref().map_or(0, Vec::len);
                    batch.push(parts);
                }
                Ok(None) => break,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        for parts in &batch {
            self.counts.add(parts, self.knows.logs);
        }
        let (fees, is_tron) = (&self.fees, self.is_tron);
        let made: Vec<_> = batch.into_par_iter().map(|parts| assemble(parts, fees, is_tron)).collect();
        for block in made {
            match block {
                Ok(block) => self.ready.push_back(block),
                Err(source) => return Some(AccountSourceError::Block { path: self.from.clone(), source }),
            }
        }
        failure
    }
}

impl Iterator for Tables {
    type Item = Result<RawBlock, AccountSourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ready.is_empty() {
            if let Some(error) = self.failure.take() {
                return Some(Err(error));
            }
            self.failure = self.batch();
        }
        let Some((block, told)) = self.ready.pop_front() else { return self.failure.take().map(Err) };
        self.told += told;
        if !self.fees.is_empty() {
            for tx in &block.txs {
                self.fees.remove(&tx.hash);
            }
        }
        Some(Ok(block))
    }
}
