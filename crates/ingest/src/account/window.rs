//! The rows of one table in the order of their blocks.
//!
//! Exporters that work in parallel write rows a little out of order, and small dumps need not be ordered at all. So the
//! rows within a window of the table's text are sorted; what is further out of place is refused, with its line.

use super::AccountSourceError;
use super::row::{Keyed, Row, Shape, rows};
use super::text::{Chunk, Chunks, ROW_BYTES_MAX};
use athar_chains::account::etl::Table;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::path::PathBuf;

/// Text that one core parses at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Rows of one block in one table. The blocks of the attacks of 2016 had some 100,000 traces.
pub(crate) const BLOCK_ROWS_MAX: usize = 4_000_000;

/// A file of a table.
#[derive(Clone, Debug)]
pub(crate) struct TableFile {
    pub(crate) path: PathBuf,
    pub(crate) table: Table,
    pub(crate) shape: Shape,
    /// Whether its rows say what came of a transaction.
    pub(crate) has_receipts: bool,
    /// The block of its first row, by which the files of a table are ordered.
    pub(crate) first: u64,
}

/// A table.
pub(crate) struct Window<R> {
    files: Vec<TableFile>,
    next_file: usize,
    open: Option<Chunks>,
    /// Rows in the order of their blocks, in the pieces that they were read in. None is empty.
    pieces: VecDeque<VecDeque<Keyed<R>>>,
    held: usize,
    window: usize,
    /// The last block given out.
    done: Option<u64>,
    /// Rows read so far.
    pub(crate) count: u64,
}

impl<R: Row> Window<R> {
    /// The table in `files`, whose rows may be out of order within `window` bytes.
    pub(crate) fn new(mut files: Vec<TableFile>, window: usize) -> Self {
        files.sort_by(|a, b| (a.first, &a.path).cmp(&(b.first, &b.path)));
        Self { files, next_file: 0, open: None, pieces: VecDeque::new(), held: 0, window, done: None, count: 0 }
    }

    /// Whether the table is in the source at all.
    pub(crate) fn is_there(&self) -> bool {
        !self.files.is_empty()
    }

    /// The file with that number.
    pub(crate) fn file(&self, file: u32) -> PathBuf {
        self.files.get(file as usize).map(|file| file.path.clone()).unwrap_or_default()
    }

    fn is_read(&self) -> bool {
        self.open.is_none() && self.next_file == self.files.len()
    }

    /// The next chunk, and the file that it is of.
    fn chunk(&mut self) -> Result<Option<(Chunk, usize)>, AccountSourceError> {
        loop {
            let Some(chunks) = &mut self.open else {
                let Some(file) = self.files.get(self.next_file) else { return Ok(None) };
                self.open = Some(Chunks::open(&file.path, ROW_BYTES_MAX)?);
                self.next_file += 1;
                continue;
            };
            match chunks.next(CHUNK_BYTES)? {
                Some(chunk) => return Ok(Some((chunk, self.next_file - 1))),
                None => self.open = None,
            }
        }
    }

    /// Reads a few chunks, one for each core.
    pub(crate) fn read_more(&mut self) -> Result<Vec<Vec<Keyed<R>>>, AccountSourceError> {
        let mut chunks = Vec::new();
        for _ in 0..rayon::current_num_threads() {
            let Some(chunk) = self.chunk()? else { break };
            chunks.push(chunk);
        }
        let files = &self.files;
        let read: Vec<Vec<_>> = chunks
            .par_iter()
            .map(|(chunk, file)| {
                let TableFile { path, table, shape, .. } = &files[*file];
                rows::<R>(chunk, shape, *table, path, *file as u32)
            })
            .collect::<Result<_, _>>()?;
        self.count += read.iter().map(|rows| rows.len() as u64).sum::<u64>();
        Ok(read)
    }

    fn fill(&mut self) -> Result<(), AccountSourceError> {
        let mut is_sorted = true;
        while !self.is_read() && self.held < self.window {
            for piece in self.read_more()? {
                let mut last = self.pieces.back().and_then(VecDeque::back).map(|row| row.block);
                for row in &piece {
                    if let Some(after) = self.done.filter(|done| row.block <= *done) {
                        return Err(AccountSourceError::Order {
                            path: self.file(row.file),
                            line: row.line,
                            block: row.block,
                            after,
                            window_bytes: self.window,
                        });
                    }
                    is_sorted &= last.is_none_or(|last| last <= row.block);
                    last = Some(row.block);
                    self.held += row.len as usize;
                }
                if !piece.is_empty() {
                    self.pieces.push_back(piece.into());
                }
            }
        }
        if !is_sorted {
            let mut rows: Vec<_> = self.pieces.drain(..).flatten().collect();
            // stable: rows of a block keep the order of the files
            rows.sort_by_key(|row| row.block);
            self.pieces.push_back(rows.into());
        }
        Ok(())
    }

    /// The block of the next row.
    pub(crate) fn peek(&mut self) -> Result<Option<u64>, AccountSourceError> {
        // half a window must be read before a row is believed to be the first
        if !self.is_read() && (self.pieces.is_empty() || self.held < self.window / 2) {
            self.fill()?;
        }
        Ok(self.pieces.front().and_then(VecDeque::front).map(|row| row.block))
    }

    /// The rows of `block`, which is the next.
    pub(crate) fn take(&mut self, block: u64) -> Result<Vec<R>, AccountSourceError> {
        let mut out = Vec::new();
        while self.peek()? == Some(block) {
            let Some(piece) = self.pieces.front_mut() else { break };
            let Some(row) = piece.pop_front() else { break };
            if piece.is_empty() {
                self.pieces.pop_front();
            }
            self.held -= row.len as usize;
            if out.len() == BLOCK_ROWS_MAX {
                let (path, line) = (self.file(row.file), row.line);
                return Err(AccountSourceError::LargeBlock { path, line, block, most: BLOCK_ROWS_MAX });
            }
            out.push(row.row);
        }
        self.done = Some(block);
        Ok(out)
    }
}
