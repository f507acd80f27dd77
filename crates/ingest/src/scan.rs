//! Finding every block in the files: magic, length and header of each, without reading the rest.
//!
//! Every header kept is proved intact. Where the hash that names a block is its proof of work (Bitcoin, Bitcoin Cash,
//! Zcash), each header proves itself. Litecoin's and Dogecoin's proof is another hash some hundred times as dear: there a
//! header is proved by a block that names it as its parent, and only headers that none names prove their work, so that
//! every chain is proved from its end to its beginning. Zcash's Equihash solutions are checked at those ends too.

use crate::decode::read_block;
use crate::error::IngestError;
use crate::files::BlockFiles;
use athar_chains::bitcoin::{FRAME_HEAD_LEN, FrameHead, HEADER_LEN};
use athar_chains::{BlockHeader, HEADER_LEN_MAX, find_magic_on, frame_head_on, proof, read_header};
use athar_types::{Chain, Hash32, Network};
use rustc_hash::FxHashSet;
use std::fmt;

/// How much is read at once. Small early blocks share a window; of large blocks only this much is touched.
const WINDOW: usize = 16 << 10;
/// How much is looked through at once for the end of unused space or of damage.
const STRIDE: usize = 64 << 10;
/// How much of a block is read to see its proof of work: a header and, merge-mined, another chain's coinbase.
const PROOF: usize = 1 << 20;

/// Bytes of a frame head and the longest header of a chain.
fn head_len(chain: Chain) -> usize {
    FRAME_HEAD_LEN + if chain == Chain::Zcash { HEADER_LEN_MAX } else { HEADER_LEN }
}

/// A block found in a file.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Hash of its header.
    pub hash: Hash32,
    /// Its parent.
    pub prev: Hash32,
    /// Expected hashes to find it.
    pub work: u128,
    /// Which file.
    pub file: u32,
    /// Where the block itself begins, after magic and length.
    pub offset: u64,
    /// Its length in bytes.
    pub len: u32,
}

/// A part of a file that holds no readable block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Path of the file.
    pub file: String,
    /// Where it begins.
    pub offset: u64,
    /// How long it is, in bytes.
    pub len: u64,
    /// What it is.
    pub kind: DamageKind,
}

/// What a part of a file without a readable block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// The file ends inside a block: an interrupted write, or a copy cut short.
    Truncated,
    /// Bytes that are neither a block nor preallocated zeros.
    Garbage,
    /// A frame whose header does not prove its work: flipped bits.
    Header,
    /// The end of a block is still space allocated in advance: a node is writing it, or was stopped while it did.
    Unfinished,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            DamageKind::Truncated => "the file ends inside a block",
            DamageKind::Garbage => "neither a block nor unused space",
            DamageKind::Header => "a block whose header does not prove its work",
            DamageKind::Unfinished => "a block that is not written to its end",
        };
        write!(f, "{} at byte {}: {what} ({} bytes)", self.file, self.offset, self.len)
    }
}

/// Everything found in the files.
#[derive(Debug)]
pub struct Scan {
    /// The chain of all blocks.
    pub chain: Chain,
    /// The network of all blocks.
    pub network: Network,
    /// The blocks, in the order of the files.
    pub blocks: Vec<Found>,
    /// What could not be read.
    pub damage: Vec<Damage>,
}

impl Scan {
    /// Finds the blocks of `chain` in all files. `expected`: the network asked for or already in the store.
    pub fn run(files: &BlockFiles, chain: Chain, expected: Option<Network>) -> Result<Self, IngestError> {
        let network = expected.unwrap_or(Network::Mainnet);
        let mut scan = Self { chain, network, blocks: Vec::new(), damage: Vec::new() };
        let mut network = expected;
        for file in 0..files.len() as u32 {
            scan.file(files, file, &mut network)?;
        }
        scan.prove_ends(files)?;
        match network {
            Some(network) if !scan.blocks.is_empty() => scan.network = network,
            _ => return Err(other_chain(files, chain)?.unwrap_or_else(|| IngestError::NoBlocks(files.path(0).into()))),
        }
        Ok(scan)
    }

    /// Removes blocks that no other block names as its parent and whose work does not hold, until none is left.
    fn prove_ends(&mut self, files: &BlockFiles) -> Result<(), IngestError> {
        if matches!(self.chain, Chain::Bitcoin | Chain::BitcoinCash) {
            return Ok(()); // each has proved itself
        }
        let mut proved: FxHashSet<Hash32> = FxHashSet::default();
        loop {
            let parents: FxHashSet<Hash32> = self.blocks.iter().map(|block| block.prev).collect();
            let mut wrong = Vec::new();
            for (i, block) in self.blocks.iter().enumerate() {
                if parents.contains(&block.hash) || proved.contains(&block.hash) {
                    continue;
                }
                if is_proved(files, self.chain, block)? {
                    proved.insert(block.hash);
                } else {
                    wrong.push(i);
                }
            }
            if wrong.is_empty() {
                break;
            }
            for i in wrong.into_iter().rev() {
                let block = self.blocks.remove(i);
                let (offset, len) =
                    (block.offset - FRAME_HEAD_LEN as u64, u64::from(block.len) + FRAME_HEAD_LEN as u64);
                self.note(files, block.file, offset, len, DamageKind::Header);
            }
        }
        self.damage.sort_by(|a, b| (&a.file, a.offset).cmp(&(&b.file, b.offset)));
        Ok(())
    }

    fn file(&mut self, files: &BlockFiles, file: u32, network: &mut Option<Network>) -> Result<(), IngestError> {
        let chain = self.chain;
        let mut window = Window { files, chain, file, start: 0, raw: Vec::new(), decoded: Vec::new() };
        let end = files.bytes(file);
        let mut at = 0;
        while at < end {
            if window.is_unused(at)? {
                at = window.skip_unused(at, end)?;
                continue;
            }
            let head = window.get(at, head_len(chain))?;
            let Some(frame) = head.first_chunk::<FRAME_HEAD_LEN>() else {
                self.note(files, file, at, end - at, DamageKind::Truncated);
                break;
            };
            match frame_head_on(chain, frame) {
                FrameHead::Block { network: found, len } => {
                    let expected = *network.get_or_insert(found);
                    if found != expected {
                        let path = files.path(file).into();
                        return Err(IngestError::OtherNetwork { path, offset: at, found, expected });
                    }
                    let next = at + FRAME_HEAD_LEN as u64 + u64::from(len);
                    let header = read_header(chain, &head[FRAME_HEAD_LEN..]);
                    if header.is_err() && head.len() < head_len(chain) {
                        self.note(files, file, at, end - at, DamageKind::Truncated);
                        break;
                    }
                    let intact = header.ok().filter(|header| is_intact(chain, header));
                    match intact.and_then(|header| Some((header, header.work()?))) {
                        None => {
                            // the length may be as wrong as the header: look for the next block right behind
                            let resumed = window.find_block(at + 4, end, expected)?;
                            self.note(files, file, at, resumed - at, DamageKind::Header);
                            at = resumed;
                        }
                        Some(_) if next > end => {
                            // a length cut short may hide later blocks of a file that was damaged in the middle
                            let resumed = window.find_block(at + head_len(chain) as u64, end, expected)?;
                            self.note(files, file, at, resumed - at, DamageKind::Truncated);
                            at = resumed;
                        }
                        Some((header, work)) => {
                            let offset = at + FRAME_HEAD_LEN as u64;
                            let (hash, prev) = (header.hash, header.fields.prev);
                            let block = Found { hash, prev, work, file, offset, len };
                            // most blocks end with zeros (XORed: seldom): only decoding tells whether this one is whole
                            if window.ends_in_unused(next, end)? && !is_whole(files, chain, &block)? {
                                self.note(files, file, at, next - at, DamageKind::Unfinished);
                            } else {
                                self.blocks.push(block);
                            }
                            at = next;
                        }
                    }
                }
                FrameHead::Garbage | FrameHead::Zeros => {
                    let resumed = match *network {
                        Some(network) => window.find_block(at, end, network)?,
                        // nothing known yet: this file is not XORed as we think, or no block file
                        None => end,
                    };
                    self.note(files, file, at, resumed - at, DamageKind::Garbage);
                    at = resumed;
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, files: &BlockFiles, file: u32, offset: u64, len: u64, kind: DamageKind) {
        self.damage.push(Damage { file: files.path(file).display().to_string(), offset, len, kind });
    }
}

/// Whether a header may be kept for now: it proves itself, or its chain's proof is dear and looked at in the end.
fn is_intact(chain: Chain, header: &BlockHeader) -> bool {
    !proof::is_in_the_hash(chain) || header.fields.proves_work(&header.hash)
}

/// Whether a block proves its work.
fn is_proved(files: &BlockFiles, chain: Chain, block: &Found) -> Result<bool, IngestError> {
    let mut raw = vec![0; (block.len as usize).min(PROOF)];
    let filled = files.read(block.file, block.offset, &mut raw)?;
    Ok(proof::is_proved(chain, &raw[..filled]) == Ok(true))
}

/// Another chain whose blocks the first file begins with.
fn other_chain(files: &BlockFiles, expected: Chain) -> Result<Option<IngestError>, IngestError> {
    let mut head = [0; FRAME_HEAD_LEN];
    if files.read(0, 0, &mut head)? < head.len() {
        return Ok(None);
    }
    let found =
        Chain::LEDGERS.into_iter().find(|chain| matches!(frame_head_on(*chain, &head), FrameHead::Block { .. }));
    let path = files.path(0).into();
    Ok(found.filter(|found| *found != expected).map(|found| IngestError::OtherChain { path, found, expected }))
}

/// Whether a block decodes: its transactions fill it and have the merkle root of its header.
fn is_whole(files: &BlockFiles, chain: Chain, block: &Found) -> Result<bool, IngestError> {
    match read_block(files, chain, block) {
        Ok(_) => Ok(true),
        Err(IngestError::Block { .. } | IngestError::Changed { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A sliding part of a file, as it stands on disk, and the part of it last asked for, XOR removed.
struct Window<'a> {
    files: &'a BlockFiles,
    chain: Chain,
    file: u32,
    start: u64,
    raw: Vec<u8>,
    decoded: Vec<u8>,
}

impl Window<'_> {
    /// Up to `len` bytes from `at`; fewer at the end of the file.
    fn raw(&mut self, at: u64, len: usize) -> Result<&[u8], IngestError> {
        let inside = at >= self.start && at + len as u64 <= self.start + self.raw.len() as u64;
        if !inside {
            self.raw.resize(WINDOW.max(len), 0);
            let filled = self.files.read_raw(self.file, at, &mut self.raw)?;
            self.raw.truncate(filled);
            self.start = at;
        }
        let from = (at - self.start) as usize;
        Ok(&self.raw[from..self.raw.len().min(from + len)])
    }

    /// The same, XOR removed.
    fn get(&mut self, at: u64, len: usize) -> Result<&[u8], IngestError> {
        let mut decoded = std::mem::take(&mut self.decoded);
        decoded.clear();
        decoded.extend_from_slice(self.raw(at, len)?);
        self.files.decode(&mut decoded, at);
        self.decoded = decoded;
        Ok(&self.decoded)
    }

    /// Whether unused space begins at `at`. Space is allocated as plain zeros, below the XOR.
    fn is_unused(&mut self, at: u64) -> Result<bool, IngestError> {
        Ok(self.raw(at, FRAME_HEAD_LEN)?.iter().all(|b| *b == 0))
    }

    /// Whether a block that ends at `next` could run into unused space, which a node fills from its beginning.
    fn ends_in_unused(&mut self, next: u64, end: u64) -> Result<bool, IngestError> {
        Ok(self.raw(next - 1, 1)? == [0] && (next == end || self.is_unused(next)?))
    }

    /// The end of unused space that begins at `at`.
    fn skip_unused(&mut self, mut at: u64, end: u64) -> Result<u64, IngestError> {
        while at < end {
            let part = self.raw(at, STRIDE)?;
            if part.is_empty() {
                return Ok(end);
            }
            match part.iter().position(|b| *b != 0) {
                Some(zeros) => return Ok(at + zeros as u64),
                None => at += part.len() as u64,
            }
        }
        Ok(end)
    }

    /// The next place from `at` where a block of `network` begins whose header proves its work, or `end`.
    fn find_block(&mut self, mut at: u64, end: u64, network: Network) -> Result<u64, IngestError> {
        let chain = self.chain;
        while at < end {
            let part = self.get(at, STRIDE)?;
            if part.len() < FRAME_HEAD_LEN + HEADER_LEN {
                break;
            }
            let Some(found) = find_magic_on(chain, network, part) else {
                at += (part.len() - 3) as u64;
                continue;
            };
            at += found as u64;
            let head = self.get(at, FRAME_HEAD_LEN)?;
            let Some(FrameHead::Block { len, .. }) = head.first_chunk().map(|frame| frame_head_on(chain, frame)) else {
                at += 4;
                continue;
            };
            // the proof itself where it is dear: chance magics are rare
            let wanted = if proof::is_in_the_hash(chain) { head_len(chain) } else { STRIDE.min(len as usize) };
            let block = self.get(at + FRAME_HEAD_LEN as u64, wanted)?;
            let proves = match read_header(chain, block) {
                Err(_) => false,
                Ok(header) if proof::is_in_the_hash(chain) => header.fields.proves_work(&header.hash),
                Ok(_) => proof::is_proved(chain, block) == Ok(true),
            };
            if proves {
                return Ok(at);
            }
            at += 4;
        }
        Ok(end)
    }
}
