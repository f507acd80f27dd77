//! The unpacked bytes of an archive as records are read from them: a look ahead, the place in the file of each byte, and gaps where
//! the archive was broken, over which no record is read.

use super::packed::{Piece, Unpacked};
use crate::stream::Usage;
use crate::{Limits, Trouble};
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, BufRead};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes of a block in which a broken record's successor is looked for at a time.
pub(crate) const SCAN_BYTES: usize = 64 << 10;
/// Bytes of a record's beginning that tell it from other bytes.
pub(crate) const LOOK_BYTES: usize = 4 << 10;

/// A place in the file: of a member of it, and how far into what the member unpacks to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// Bytes of the file.
    pub(crate) file: u64,
    /// Bytes unpacked since; 0 in a file that is not packed.
    pub(crate) inside: u64,
}

/// `2012`, or `0+5120` for what is 5,120 bytes into the member at 0.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inside {
            0 => write!(f, "{}", self.file),
            inside => write!(f, "{}+{inside}", self.file),
        }
    }
}

/// Members of which the places are kept. A record spans some few.
const MEMBERS_MAX: usize = 1 << 20;

/// Where a member begins, in the unpacked bytes and in the file.
#[derive(Clone, Copy)]
struct Member {
    at: u64,
    file: u64,
}

/// Unpacked bytes around the place of reading.
pub(crate) struct Stream<'r> {
    source: Unpacked<'r>,
    buffer: Vec<u8>,
    at: usize,
    base: u64,
    /// In their order, from the one that the place of reading is in.
    members: VecDeque<Member>,
    /// Positions over which no record is read, and why.
    gaps: VecDeque<(u64, Trouble)>,
    ended: bool,
    failed: Option<io::Error>,
    exhausted: bool,
    limits: Limits,
    usage: Arc<Usage>,
}

impl<'r> Stream<'r> {
    /// `begins` tells whether bytes begin a record.
    pub(crate) fn new(
        bytes: &'r mut dyn BufRead,
        begins: fn(&[u8]) -> bool,
        limits: Limits,
        usage: Arc<Usage>,
    ) -> Self {
        Self {
            source: Unpacked::new(bytes, begins, &limits),
            buffer: Vec::new(),
            at: 0,
            base: 0,
            members: VecDeque::new(),
            gaps: VecDeque::new(),
            ended: false,
            failed: None,
            exhausted: false,
            limits,
            usage,
        }
    }

    /// Unpacked bytes before the place of reading.
    pub(crate) fn position(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Where the place of reading is in the file. Forgets the members before it: only for the beginning of a record.
    pub(crate) fn place(&mut self) -> Place {
        let position = self.position();
        while self.members.get(1).is_some_and(|next| next.at <= position) {
            self.members.pop_front();
        }
        match self.members.front() {
            Some(member) if member.at <= position => Place { file: member.file, inside: position - member.at },
            _ => Place { file: position, inside: 0 },
        }
    }

    /// What follows: at least `n` bytes, fewer only where a gap or the end comes before.
    pub(crate) fn peek(&mut self, n: usize) -> &[u8] {
        loop {
            let ready = self.ready();
            if ready >= n || self.ended || self.gap_at().is_some() {
                return &self.buffer[self.at..self.at + ready];
            }
            self.fill();
        }
    }

    /// Moves on by `n` bytes that [`Self::peek`] gave.
    pub(crate) fn consume(&mut self, n: usize) {
        self.at = (self.at + n).min(self.buffer.len());
    }

    /// Puts bytes that were consumed last back.
    pub(crate) fn unread(&mut self, bytes: &[u8]) {
        if bytes.len() <= self.at {
            self.at -= bytes.len();
        } else {
            let position = self.position() - bytes.len() as u64;
            self.buffer.splice(..self.at, bytes.iter().copied());
            self.at = 0;
            self.base = position;
        }
    }

    /// Whether a member begins at the place of reading.
    pub(crate) fn member_here(&self) -> bool {
        let position = self.position();
        self.members.binary_search_by_key(&position, |member| member.at).is_ok()
    }

    /// The position of the next member's beginning after the place of reading, as far as is known.
    pub(crate) fn member_after(&self) -> Option<u64> {
        let position = self.position();
        let next = self.members.partition_point(|member| member.at <= position);
        self.members.get(next).map(|member| member.at)
    }

    /// The gap at the place of reading, which is then passed.
    pub(crate) fn take_gap(&mut self) -> Option<Trouble> {
        let here = self.gap_at() == Some(self.position());
        if here { self.gaps.pop_front().map(|(_, trouble)| trouble) } else { None }
    }

    /// Why reading ended before the end.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// Whether the bounds let no more be unpacked.
    pub(crate) fn exhausted(&self) -> bool {
        self.exhausted
    }

    fn gap_at(&self) -> Option<u64> {
        self.gaps.front().map(|(at, _)| *at)
    }

    /// Bytes that can be given now.
    fn ready(&self) -> usize {
        let end = self.base + self.buffer.len() as u64;
        (self.gap_at().map_or(end, |gap| gap.min(end)) - self.position()) as usize
    }

    fn fill(&mut self) {
        if self.at > SCAN_BYTES && self.at * 2 > self.buffer.len() {
            self.buffer.drain(..self.at);
            self.base += self.at as u64;
            self.at = 0;
        }
        let before = self.buffer.len();
        let at = self.base + before as u64;
        match self.source.next(&mut self.buffer) {
            Ok(Piece::Bytes) => {
                if !self.source.is_plain() {
                    let n = (self.buffer.len() - before) as u64;
                    let unpacked = self.usage.unpacked.fetch_add(n, Ordering::Relaxed) + n;
                    self.exhausted = unpacked > self.limits.unpacked_bytes;
                    self.ended |= self.exhausted;
                }
            }
            Ok(Piece::Member(file)) => {
                // of empty members only the last has anything at its position
                if self.members.back().is_some_and(|last| last.at == at) {
                    self.members.pop_back();
                }
                if self.members.len() >= MEMBERS_MAX {
                    self.members.pop_front();
                }
                self.members.push_back(Member { at, file });
            }
            Ok(Piece::Gap(trouble)) => self.gaps.push_back((at, trouble)),
            Ok(Piece::End) => self.ended = true,
            Err(error) => {
                self.failed = Some(error);
                self.ended = true;
            }
        }
    }

    /// Moves on to the next record's beginning, or to a gap or the end; how many bytes were passed over. `find` finds a beginning
    /// in bytes and needs at most [`LOOK_BYTES`] of it.
    pub(crate) fn seek(&mut self, find: fn(&[u8]) -> Option<usize>) -> u64 {
        let from = self.position();
        loop {
            let bytes = self.peek(SCAN_BYTES);
            let length = bytes.len();
            let found = find(bytes);
            // one that is found in the last bytes may be cut; there it is looked for again when more is at hand
            match found {
                Some(at) if length < SCAN_BYTES || at + LOOK_BYTES <= length => {
                    self.consume(at);
                    return self.position() - from;
                }
                None if length < SCAN_BYTES => {
                    self.consume(length);
                    return self.position() - from;
                }
                _ => self.consume(length - LOOK_BYTES),
            }
        }
    }
}
