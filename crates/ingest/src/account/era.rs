//! Archives of Ethereum's history before the merge, entry by entry.

use super::{AccountSourceError, Counts, Knows};
use athar_chains::account::era::{self, EraError, HEAD_LEN, Index, Kind, Tuple};
use athar_chains::account::raw::RawBlock;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// What every e2store begins with.
pub(crate) const MAGIC: [u8; HEAD_LEN] = [0x65, 0x32, 0, 0, 0, 0, 0, 0];
/// Blocks that are read together, one part for each core.
const BATCH_BLOCKS: usize = 256;
/// Packed bytes after which a batch is closed.
const BATCH_BYTES: usize = 64 << 20;

/// An archive and the number of its first block.
#[derive(Clone, Debug)]
pub(crate) struct EraFile {
    pub(crate) path: PathBuf,
    pub(crate) first: u64,
}

impl EraFile {
    /// The archive at `path`; `None` where it begins with no e2store.
    pub(crate) fn of(path: &Path) -> Result<Option<Self>, AccountSourceError> {
        let io = |source| AccountSourceError::Io { path: path.to_path_buf(), source };
        let mut head = Vec::with_capacity(HEAD_LEN);
        File::open(path).map_err(io)?.take(HEAD_LEN as u64).read_to_end(&mut head).map_err(io)?;
        if head != MAGIC {
            return Ok(None);
        }
        let mut entries = Entries::open(path)?;
        while let Some((kind, bytes, offset)) = entries.next()? {
            if kind == Kind::Header {
                let first = era::unpack(&bytes).and_then(|header| era::header_number(&header));
                let first = first.map_err(|source| entries.wrong(offset, source))?;
                return Ok(Some(Self { path: path.to_path_buf(), first }));
            }
        }
        Err(entries.cut())
    }
}

/// The entries of a file that matter.
struct Entries {
    path: PathBuf,
    reader: BufReader<File>,
    offset: u64,
}

impl Entries {
    fn open(path: &Path) -> Result<Self, AccountSourceError> {
        let io = |source| AccountSourceError::Io { path: path.to_path_buf(), source };
        let file = File::open(path).map_err(io)?;
        Ok(Self { path: path.to_path_buf(), reader: BufReader::with_capacity(1 << 20, file), offset: 0 })
    }

    fn wrong(&self, offset: u64, source: EraError) -> AccountSourceError {
        AccountSourceError::Era { path: self.path.clone(), offset, source }
    }

    fn cut(&self) -> AccountSourceError {
        AccountSourceError::EraCut { path: self.path.clone(), offset: self.offset }
    }

    /// Kind, content and place of the next entry of a known kind; `None` at the end.
    fn next(&mut self) -> Result<Option<(Kind, Vec<u8>, u64)>, AccountSourceError> {
        loop {
            let offset = self.offset;
            let mut head = Vec::with_capacity(HEAD_LEN);
            let io = |source| AccountSourceError::Io { path: self.path.clone(), source };
            self.reader.by_ref().take(HEAD_LEN as u64).read_to_end(&mut head).map_err(io)?;
            if head.is_empty() {
                return Ok(None);
            }
            let head = <[u8; HEAD_LEN]>::try_from(head).map_err(|_| self.cut())?;
            let entry = era::entry_head(head).map_err(|source| self.wrong(offset, source))?;
            self.offset += HEAD_LEN as u64 + u64::from(entry.len);
            if matches!(entry.kind, Kind::Version | Kind::Other | Kind::TotalDifficulty | Kind::Accumulator) {
                self.reader.seek_relative(i64::from(entry.len)).map_err(io)?;
                continue;
            }
            // no more is allocated than the file has
            let mut bytes = Vec::new();
            self.reader.by_ref().take(u64::from(entry.len)).read_to_end(&mut bytes).map_err(io)?;
            if bytes.len() < entry.len as usize {
                return Err(self.cut());
            }
            return Ok(Some((entry.kind, bytes, offset)));
        }
    }
}

/// Packed parts of a block, and where its header stands.
#[derive(Default)]
struct Packed {
    header: Vec<u8>,
    body: Option<Vec<u8>>,
    receipts: Option<Vec<u8>>,
    offset: u64,
}

/// Archives.
pub(crate) struct Era {
    files: VecDeque<EraFile>,
    open: Option<Entries>,
    /// Blocks of the open file so far.
    count: u64,
    first: u64,
    index: Option<Index>,
    ready: VecDeque<RawBlock>,
    failure: Option<AccountSourceError>,
    last: Option<u64>,
    counts: Counts,
}

impl Era {
    pub(crate) fn open(mut files: Vec<EraFile>) -> Self {
        files.sort_by(|a, b| (a.first, &a.path).cmp(&(b.first, &b.path)));
        Self {
            files: files.into(),
            open: None,
            count: 0,
            first: 0,
            index: None,
            ready: VecDeque::new(),
            failure: None,
            last: None,
            counts: Counts::default(),
        }
    }

    pub(crate) fn knows() -> Knows {
        Knows {
            receipts: true,
            logs: true,
            token_transfers: true,
            traces: false,
            fees: true,
            has_transactions: true,
            is_block_complete: false,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    /// The next batch of one file; `None` after the last file.
    fn batch(&mut self) -> Result<Option<Vec<Packed>>, AccountSourceError> {
        if self.open.is_none() {
            let Some(file) = self.files.pop_front() else { return Ok(None) };
            self.open = Some(Entries::open(&file.path)?);
            (self.count, self.first, self.index) = (0, file.first, None);
        }
        let Some(entries) = &mut self.open else { return Ok(None) };
        let mut batch: Vec<Packed> = Vec::new();
        let mut bytes = 0;
        let mut is_done = false;
        loop {
            let is_whole = batch.last().is_none_or(|last| last.receipts.is_some());
            if is_whole && (batch.len() == BATCH_BLOCKS || bytes >= BATCH_BYTES) {
                break;
            }
            let Some((kind, content, offset)) = entries.next()? else {
                is_done = true;
                break;
            };
            bytes += content.len();
            let order = |what| entries.wrong(offset, EraError::OtherForm(what));
            match (kind, batch.last_mut()) {
                (Kind::Header, _) if is_whole && self.index.is_none() => {
                    batch.push(Packed { header: content, offset, ..Packed::default() });
                }
                (Kind::Body, Some(last)) if last.body.is_none() => last.body = Some(content),
                (Kind::Receipts, Some(last)) if last.body.is_some() && last.receipts.is_none() => {
                    last.receipts = Some(content);
                }
                (Kind::Index, _) if is_whole => {
                    self.index = Some(era::index(&content).map_err(|source| entries.wrong(offset, source))?);
                }
                _ => return Err(order("its entries are not header, body and receipts of one block after another")),
            }
        }
        self.count += batch.len() as u64;
        if is_done {
            // the index stands at the end: a file without it, or with fewer blocks than it says, was cut
            let is_whole = batch.last().is_none_or(|last| last.receipts.is_some());
            let expected = Index { first: self.first, count: self.count };
            if !is_whole || self.index != Some(expected) {
                return Err(entries.cut());
            }
            self.open = None;
        }
        Ok(Some(batch))
    }

    fn read_more(&mut self) -> Result<bool, AccountSourceError> {
        let path = self.open.as_ref().map(|entries| entries.path.clone());
        let path = path.or_else(|| self.files.front().map(|file| file.path.clone())).unwrap_or_default();
        let Some(batch) = self.batch()? else { return Ok(false) };
        let made: Vec<_> = batch
            .into_par_iter()
            .map(|packed| {
                let wrong = |source| AccountSourceError::Era { path: path.clone(), offset: packed.offset, source };
                read(&packed).map(|block| (block, packed.offset)).map_err(wrong)
            })
            .collect();
        for one in made {
            let checked = one.and_then(|(block, offset)| {
                if let Some(last) = self.last.filter(|last| block.number <= *last) {
                    let what = format!("it comes after block {last}");
                    let source = EraError::Block { block: block.number, what };
                    return Err(AccountSourceError::Era { path: path.clone(), offset, source });
                }
                self.last = Some(block.number);
                Ok(block)
            });
            match checked {
                Ok(block) => self.ready.push_back(block),
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        Ok(true)
    }
}

fn read(packed: &Packed) -> Result<RawBlock, EraError> {
    let part = |part: &Option<Vec<u8>>| era::unpack(part.as_deref().unwrap_or_default());
    let tuple =
        Tuple { header: era::unpack(&packed.header)?, body: part(&packed.body)?, receipts: part(&packed.receipts)? };
    era::block(&tuple)
}

impl Iterator for Era {
    type Item = Result<RawBlock, AccountSourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            if let Some(error) = self.failure.take() {
                return Some(Err(error));
            }
            match self.read_more() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        let block = self.ready.pop_front()?;
        self.counts.blocks += 1;
        self.counts.transactions += block.txs.len() as u64;
        self.counts.receipts += block.txs.len() as u64;
        let logs = block.txs.iter().filter_map(|tx| tx.receipt.as_ref()).map(|receipt| receipt.logs.len() as u64);
        self.counts.logs += logs.sum::<u64>();
        Some(Ok(block))
    }
}
