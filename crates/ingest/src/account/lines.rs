//! One block a line: answers of a node that somebody recorded.
//!
//! Lines are read in parallel and stay in their order. Blocks must ascend; a file with several blocks of one number is no
//! recording of one chain.

use super::text::{Chunk, Chunks};
use super::{AccountSourceError, Counts, Format, Knows};
use athar_chains::account::etl::Assembly;
use athar_chains::account::raw::RawBlock;
use athar_chains::account::{AccountError, jsonrpc, tron};
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// A whole block with receipts and traces as one line longer than this is refused.
pub(crate) const BLOCK_BYTES_MAX: usize = 512 << 20;
/// Text that is read at a time.
const CHUNK_BYTES: usize = 16 << 20;
/// Text at the beginning of the first file in which internal transactions are looked for.
const PEEK_BYTES: usize = 16 << 20;

/// The form of the lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineForm {
    /// `{"block": …, "infos": …}`, or the block alone.
    TronHttp,
    /// `{"block": …, "receipts": …, "traces": …}`.
    JsonRpc,
}

/// A line, before its parts are read.
#[derive(Deserialize)]
pub(crate) struct Line<'a> {
    #[serde(borrow)]
    pub(crate) block: &'a RawValue,
    #[serde(default, borrow)]
    pub(crate) infos: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) receipts: Option<&'a RawValue>,
    /// The result of `trace_block`.
    #[serde(default, borrow)]
    pub(crate) traces: Option<&'a RawValue>,
    /// The result of `debug_traceBlockByNumber` with the `callTracer`.
    #[serde(default, borrow)]
    pub(crate) calls: Option<&'a RawValue>,
}

/// A file of lines, and the number of its first block.
#[derive(Clone, Debug)]
pub(crate) struct LineFile {
    pub(crate) path: PathBuf,
    pub(crate) form: LineForm,
    pub(crate) first: u64,
    pub(crate) knows: Knows,
}

impl LineFile {
    pub(crate) fn format(&self) -> Format {
        match self.form {
            LineForm::TronHttp => Format::TronHttp,
            LineForm::JsonRpc => Format::JsonRpc,
        }
    }

    /// What `line`, the first of the file at `path`, shows it to be; `None` where it is no block.
    pub(crate) fn of(path: &Path, line: &str) -> Result<Option<Self>, AccountSourceError> {
        let bare: Result<Bare<'_>, _> = serde_json::from_str(line);
        let form = if bare.is_ok() { Some(LineForm::TronHttp) } else { form_of(line) };
        let Some(form) = form else { return Ok(None) };
        let wrong = |source| AccountSourceError::Line { path: path.to_path_buf(), line: 1, source };
        let (block, _) = read(line, form).map_err(wrong)?;
        let (receipts, traces, logs) = match serde_json::from_str::<Line<'_>>(line) {
            Ok(line) if form == LineForm::JsonRpc => {
                (line.receipts.is_some(), line.traces.is_some() || line.calls.is_some(), line.receipts.is_some())
            }
            Ok(line) => (line.infos.is_some(), false, line.infos.is_some()),
            Err(_) => (false, false, false),
        };
        let knows = Knows {
            receipts: receipts || form == LineForm::TronHttp,
            logs,
            token_transfers: logs,
            traces,
            fees: receipts,
            has_transactions: true,
            is_block_complete: receipts && traces,
        };
        Ok(Some(Self { path: path.to_path_buf(), form, first: block.number, knows }))
    }
}

#[derive(Deserialize)]
struct Bare<'a> {
    #[serde(rename = "blockID", borrow)]
    _id: &'a RawValue,
    #[serde(rename = "block_header", borrow)]
    _header: &'a RawValue,
}

fn form_of(line: &str) -> Option<LineForm> {
    let read: Line<'_> = serde_json::from_str(line).ok()?;
    Some(if serde_json::from_str::<Bare<'_>>(read.block.get()).is_ok() {
        LineForm::TronHttp
    } else {
        LineForm::JsonRpc
    })
}

/// Reads a line.
fn read(line: &str, form: LineForm) -> Result<(RawBlock, Assembly), AccountError> {
    let mut told = Assembly::default();
    let parts: Result<Line<'_>, _> = serde_json::from_str(line);
    let block = match (form, parts) {
        (LineForm::TronHttp, parts) => {
            let (block, infos) = match &parts {
                Ok(parts) => (parts.block.get(), parts.infos.map(RawValue::get)),
                Err(_) => (line, None),
            };
            let (block, said) = tron::block(block, infos)?;
            told.not_told = said.not_told;
            block
        }
        (LineForm::JsonRpc, Ok(parts)) => {
            let mut block = jsonrpc::block(parts.block.get())?;
            if let Some(receipts) = parts.receipts {
                jsonrpc::receipts(receipts.get(), &mut block)?;
            }
            if let Some(traces) = parts.traces {
                jsonrpc::trace_block(traces.get(), &mut block)?;
            } else if let Some(calls) = parts.calls {
                jsonrpc::debug_trace_block(calls.get(), &mut block)?;
            }
            block
        }
        (LineForm::JsonRpc, Err(error)) => {
            return Err(AccountError::Json { what: "a recorded block", error: error.to_string() });
        }
    };
    Ok((block, told))
}

/// Files of lines.
pub(crate) struct Lines {
    files: Vec<LineFile>,
    next_file: usize,
    open: Option<Chunks>,
    ready: VecDeque<(RawBlock, Assembly, u64)>,
    failure: Option<AccountSourceError>,
    last: Option<u64>,
    knows: Knows,
    counts: Counts,
    told: Assembly,
}

impl Lines {
    pub(crate) fn open(mut files: Vec<LineFile>) -> Result<Self, AccountSourceError> {
        files.sort_by(|a, b| (a.first, &a.path).cmp(&(b.first, &b.path)));
        let mut knows = files.first().map(|file| file.knows).unwrap_or_default();
        // Tron's nodes keep internal transactions only when told to: none in a long text are none at all
        if let Some(first) = files.first().filter(|file| file.form == LineForm::TronHttp) {
            let chunk = Chunks::open(&first.path, BLOCK_BYTES_MAX)?.next(PEEK_BYTES)?;
            knows.traces =
                chunk.is_some_and(|chunk| memchr::memmem::find(&chunk.bytes, b"\"internal_transactions\"").is_some());
            knows.is_block_complete = knows.fees && knows.traces;
        }
        Ok(Self {
            files,
            next_file: 0,
            open: None,
            ready: VecDeque::new(),
            failure: None,
            last: None,
            knows,
            counts: Counts::default(),
            told: Assembly::default(),
        })
    }

    pub(crate) fn knows(&self) -> Knows {
        self.knows
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) fn told(&self) -> Assembly {
        self.told
    }

    fn chunk(&mut self) -> Result<Option<(Chunk, usize)>, AccountSourceError> {
        loop {
            let Some(chunks) = &mut self.open else {
                let Some(file) = self.files.get(self.next_file) else { return Ok(None) };
                self.open = Some(Chunks::open(&file.path, BLOCK_BYTES_MAX)?);
                self.next_file += 1;
                continue;
            };
            match chunks.next(CHUNK_BYTES)? {
                Some(chunk) => return Ok(Some((chunk, self.next_file - 1))),
                None => self.open = None,
            }
        }
    }

    fn read_more(&mut self) -> Result<bool, AccountSourceError> {
        let Some((chunk, file)) = self.chunk()? else { return Ok(false) };
        let LineFile { path, form, .. } = &self.files[file];
        let lines: Vec<_> = chunk.lines().collect();
        let made: Vec<_> = lines
            .into_par_iter()
            .map(|(line, bytes)| {
                let path = || path.clone();
                let text =
                    std::str::from_utf8(bytes).map_err(|_| AccountSourceError::Encoding { path: path(), line })?;
                let made = read(text, *form).map_err(|source| AccountSourceError::Line { path: path(), line, source });
                made.map(|(block, told)| (block, told, line))
            })
            .collect();
        let (mut last, wanted) = (self.last, self.knows);
        for one in made {
            let checked = one.and_then(|(block, told, line)| {
                let path = path.clone();
                if let Some(after) = last.filter(|last| block.number <= *last) {
                    return Err(AccountSourceError::Order { path, line, block: block.number, after, window_bytes: 0 });
                }
                // a source that knows less of some blocks would be believed to know it of all
                let has_fees = block.txs.iter().all(|tx| {
                    tx.receipt.as_ref().is_some_and(|receipt| receipt.fee.is_some() || *form == LineForm::JsonRpc)
                });
                if wanted.fees && !has_fees && block.number != 0 {
                    return Err(AccountSourceError::Missing { path, line, block: block.number, what: "receipts" });
                }
                if wanted.traces && block.calls.is_none() {
                    return Err(AccountSourceError::Missing { path, line, block: block.number, what: "traces" });
                }
                last = Some(block.number);
                Ok((block, told, line))
            });
            match checked {
                Ok(block) => self.ready.push_back(block),
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        self.last = last;
        Ok(true)
    }
}

impl Iterator for Lines {
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
        let (block, told, _) = self.ready.pop_front()?;
        self.told += told;
        self.counts.blocks += 1;
        self.counts.transactions += block.txs.len() as u64;
        let receipts = block.txs.iter().filter_map(|tx| tx.receipt.as_ref());
        for receipt in receipts {
            self.counts.receipts += 1;
            self.counts.logs += receipt.logs.len() as u64;
        }
        self.counts.traces += block.calls.as_ref().map_or(0, Vec::len) as u64;
        self.counts.withdrawals += block.withdrawals.len() as u64;
        Some(Ok(block))
    }
}
