//! The mempool as a follower last wrote it down.

use crate::error::EngineError;
use crate::live::{FORMAT, Head, MempoolTxView, follower, mempool_path, now_ms, rfc3339};
use athar_types::Hash32;
use athar_types::address::parse_bitcoin;
use schemars::JsonSchema;
use serde::Serialize;
use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

/// Inputs and outputs that are listed of one transaction.
const SIDES_MAX: usize = 1000;
/// A follower that has not said so for this long is taken to be gone.
const SILENT_MS: u64 = 15_000;
/// Bytes of one line at most: the largest transaction with every side listed takes less.
const LINE_BYTES_MAX: usize = 64 << 20;

/// Unconfirmed transactions that one node holds, as a follower saw them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MempoolView {
    /// When the view was written down.
    pub as_of: String,
    /// Milliseconds since then.
    pub age_ms: u64,
    /// Who keeps the view now; `null` where nobody does: then it only gets older.
    pub follower: Option<FollowerView>,
    /// Network.
    pub network: String,
    /// Height of the last block of the store when the view was written down.
    pub tip_height: Option<u32>,
    /// Its hash.
    #[schemars(with = "Option<String>")]
    pub tip_hash: Option<Hash32>,
    /// Transactions in the view.
    pub txs_total: u64,
    /// Transactions of the node that the view had no room for.
    pub left_out: u64,
    /// Whether the view holds all that the node listed; false while it is first read.
    pub complete: bool,
    /// The address asked for.
    pub address: Option<String>,
    /// Transactions that pay it or spend from it; all without an address.
    pub txs_matching: u64,
    /// What they pay to it, in satoshi.
    pub incoming_sat: Option<u64>,
    /// What they spend from it, in satoshi.
    pub outgoing_sat: Option<u64>,
    /// A page of them, the first seen first.
    pub txs: Vec<MempoolTxView>,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more after the page.
    pub txs_truncated: bool,
    /// Always `null`: what is not confirmed is no part of any snapshot.
    pub snapshot: Option<String>,
}

/// The process that keeps the view.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FollowerView {
    /// Its process id.
    pub pid: u32,
    /// The node it follows.
    pub node: String,
    /// `catching-up`, `following` or `disconnected`.
    pub state: String,
    /// Milliseconds since it last said so.
    pub silent_ms: u64,
}

/// The mempool view in the store in `folder`, all of it or the transactions of one address; `None` where no follower ever
/// wrote one.
pub fn mempool(
    folder: &Path,
    address: Option<&str>,
    offset: u64,
    limit: usize,
) -> Result<Option<MempoolView>, EngineError> {
    let path = mempool_path(folder);
    let io = |source| EngineError::Io { path: path.clone(), source };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    let wrong = |line: u64, what: String| EngineError::Input { path: path.clone(), line, what };
    let mut lines = Lines { reader: BufReader::with_capacity(1 << 20, file), line: Vec::new() };
    let first = lines.next().map_err(io)?.ok_or_else(|| wrong(1, "the file is empty".into()))?;
    let head: Head = serde_json::from_slice(first).map_err(|e| wrong(1, e.to_string()))?;
    if head.format != FORMAT {
        return Err(wrong(1, format!("format {}, this program reads format {FORMAT}", head.format)));
    }
    let wanted = address.map(|text| {
        parse_bitcoin(text, head.network)
            .map(|key| key.to_text(head.network))
            .map_err(|error| EngineError::Target { input: crate::shortened(text), what: error.to_string() })
    });
    let wanted = wanted.transpose()?;
    let now = now_ms();
    let beat = follower(folder).map(|f| (now.saturating_sub(f.beat_ms), f)).filter(|(silent, _)| *silent <= SILENT_MS);
    let mut view = MempoolView {
        as_of: rfc3339(head.written_ms),
        age_ms: now.saturating_sub(head.written_ms),
        follower: beat.map(|(silent_ms, f)| FollowerView { pid: f.pid, node: f.node, state: f.state, silent_ms }),
        network: head.network.name().into(),
        tip_height: head.tip_height,
        tip_hash: head.tip_hash,
        txs_total: head.txs,
        left_out: head.left_out,
        complete: head.complete,
        incoming_sat: wanted.as_ref().map(|_| 0),
        outgoing_sat: wanted.as_ref().map(|_| 0),
        address: wanted,
        txs_matching: 0,
        txs: Vec::new(),
        offset,
        txs_truncated: false,
        snapshot: None,
    };
    let mut number = 1;
    while let Some(line) = lines.next().map_err(io)? {
        number += 1;
        view.take(line, limit).map_err(|e| wrong(number, e.to_string()))?;
    }
    if number - 1 != head.txs {
        return Err(wrong(number, format!("{} transactions, the head says {}", number - 1, head.txs)));
    }
    Ok(Some(view))
}

impl MempoolView {
    /// Adds a transaction to counts and page where it is asked for.
    fn take(&mut self, line: &[u8], limit: usize) -> Result<(), serde_json::Error> {
        let in_page = self.txs_matching >= self.offset && self.txs.len() < limit;
        if let Some(address) = &self.address {
            let quoted = format!("\"{address}\"");
            if !line.windows(quoted.len()).any(|w| w == quoted.as_bytes()) {
                return Ok(());
            }
            let tx: MempoolTxView = serde_json::from_slice(line)?;
            let sum = |sides: &[crate::live::MempoolSide]| -> u64 {
                sides.iter().filter(|s| s.address.as_ref() == Some(address)).filter_map(|s| s.value_sat).sum()
            };
            let (incoming, outgoing) = (sum(&tx.outputs), sum(&tx.inputs));
            self.incoming_sat = self.incoming_sat.map(|sat| sat + incoming);
            self.outgoing_sat = self.outgoing_sat.map(|sat| sat + outgoing);
            self.add(tx, in_page);
        } else if in_page {
            let tx = serde_json::from_slice(line)?;
            self.add(tx, true);
        } else {
            self.skip();
        }
        Ok(())
    }

    fn add(&mut self, mut tx: MempoolTxView, in_page: bool) {
        if in_page {
            tx.shorten(SIDES_MAX);
            self.txs.push(tx);
            self.txs_matching += 1;
        } else {
            self.skip();
        }
    }

    fn skip(&mut self) {
        self.txs_truncated |= self.txs_matching >= self.offset;
        self.txs_matching += 1;
    }
}

struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let mut limited = io::Read::take(&mut self.reader, LINE_BYTES_MAX as u64);
        if limited.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        Ok(Some(self.line.strip_suffix(b"\n").unwrap_or(&self.line)))
    }
}
