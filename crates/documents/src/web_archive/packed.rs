//! A web archive's bytes unpacked: plain, gzip (a member for each record, or one for all) or zstd frames.
//!
//! The libraries' own readers of many members hide where one ends, and end for good at the first broken one. Here each member's place
//! is told, because it is how a record is found again; and a broken member is told as a gap, after which reading goes on at the next
//! member that begins a record.

use super::window::Window;
use crate::{Limits, Trouble, TroubleKind};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use memchr::memmem;
use std::io::{self, BufRead};
use zstd::stream::raw::{Decoder as Zstd, InBuffer, Operation, OutBuffer};

const GZIP: &[u8] = &[0x1f, 0x8b, 8];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// A skippable frame that holds a dictionary, as `.warc.zst` has it at its beginning.
const ZSTD_DICTIONARY: &[u8] = &[0x5d, 0x2a, 0x4d, 0x18];
/// Bytes that are unpacked at a time.
const STEP_BYTES: usize = 64 << 10;
/// Bytes of a member that are looked at to see whether it begins a record.
const TRIAL_BYTES: usize = 4 << 10;
/// Bytes of a gzip header with its name and comment.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Bytes of a dictionary.
const DICTIONARY_BYTES_MAX: usize = 16 << 20;

/// What comes next of an archive.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Bytes were added; perhaps none, where the packed form was only taken in.
    Bytes,
    /// A member begins here, at this place in the file.
    Member(u64),
    /// What follows does not join what came before.
    Gap(Trouble),
    /// Nothing.
    End,
}

/// How an archive is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// An archive unpacked.
pub(crate) struct Unpacked<'r> {
    window: Window<'r>,
    packing: Option<Packing>,
    begins: fn(&[u8]) -> bool,
    ratio: u64,
    /// Where the member that is being unpacked begins.
    member: Option<u64>,
    member_out: u64,
    codec: Codec,
}

/// How the beginning of packed bytes unpacks: for telling what a document is. Empty where they are not packed, or not soundly.
pub(crate) fn unpacked_head(head: &[u8]) -> Vec<u8> {
    let mut head = head;
    let mut codec = Codec::default();
    let packing = packing_of(head);
    if packing == Packing::Zstd && head.starts_with(ZSTD_DICTIONARY) {
        let size = head.get(4..8).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
        match head.get(8..).and_then(|rest| rest.split_at_checked(size)) {
            Some((dictionary, rest)) => {
                codec.dictionary = plain_dictionary(dictionary);
                head = rest;
            }
            // the dictionary alone is longer than what is at hand
            None => return Vec::new(),
        }
    }
    codec.trial(packing, head)
}

fn packing_of(head: &[u8]) -> Packing {
    match head {
        _ if head.starts_with(GZIP) => Packing::Gzip,
        _ if head.starts_with(ZSTD) || head.starts_with(ZSTD_DICTIONARY) => Packing::Zstd,
        _ => Packing::Plain,
    }
}

impl<'r> Unpacked<'r> {
    /// `begins` tells whether bytes begin a record.
    pub(crate) fn new(bytes: &'r mut dyn BufRead, begins: fn(&[u8]) -> bool, limits: &Limits) -> Self {
        Self {
            window: Window::new(bytes),
            packing: None,
            begins,
            ratio: limits.ratio,
            member: None,
            member_out: 0,
            codec: Codec::default(),
        }
    }

    /// Whether nothing is unpacked.
    pub(crate) fn is_plain(&self) -> bool {
        self.packing == Some(Packing::Plain)
    }

    /// Adds what comes next to `out`.
    pub(crate) fn next(&mut self, out: &mut Vec<u8>) -> io::Result<Piece> {
        let packing = match self.packing {
            Some(packing) => packing,
            None => {
                let packing = packing_of(self.window.peek(4)?);
                self.packing = Some(packing);
                packing
            }
        };
        if packing == Packing::Plain {
            let bytes = self.window.peek(1)?;
            let n = bytes.len();
            out.extend_from_slice(bytes);
            self.window.consume(n);
            return Ok(if n == 0 { Piece::End } else { Piece::Bytes });
        }
        let Some(start) = self.member else {
            return self.open(packing);
        };
        let before = out.len();
        match self.codec.step(packing, &mut self.window, out)? {
            Step::More => {}
            Step::Done => self.member = None,
            Step::Broken(kind, words) => return self.resynchronise(packing, start, kind, &words).map(Piece::Gap),
        }
        self.member_out += (out.len() - before) as u64;
        let packed = self.window.position() - start;
        if self.member_out > (1 << 20) + packed.saturating_mul(self.ratio) {
            let words = format!("unpacks to more than {} times its size", self.ratio);
            return self.resynchronise(packing, start, TroubleKind::Bound, &words).map(Piece::Gap);
        }
        Ok(Piece::Bytes)
    }

    fn open(&mut self, packing: Packing) -> io::Result<Piece> {
        let start = self.window.position();
        let head = self.window.peek(4)?;
        if head.is_empty() {
            return Ok(Piece::End);
        }
        if packing == Packing::Zstd
            && head.len() >= 4
            && (0x50..=0x5f).contains(&head[0])
            && head[1..4] == [0x2a, 0x4d, 0x18]
        {
            return self.skippable(start);
        }
        let opened = match packing {
            Packing::Gzip => gzip_header(self.window.peek(HEADER_BYTES_MAX)?),
            Packing::Zstd | Packing::Plain => head.starts_with(ZSTD).then_some(0),
        };
        let Some(header) = opened else {
            return self.resynchronise(packing, start, TroubleKind::Malformed, "is no such member").map(Piece::Gap);
        };
        self.window.consume(header);
        self.codec.reset(packing);
        self.member = Some(start);
        self.member_out = 0;
        Ok(Piece::Member(start))
    }

    /// Takes a dictionary from its frame, passes over any other.
    fn skippable(&mut self, start: u64) -> io::Result<Piece> {
        let head = self.window.peek(8)?;
        let size = head.get(4..8).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
        if size > DICTIONARY_BYTES_MAX {
            return self
                .resynchronise(Packing::Zstd, start, TroubleKind::Bound, "is a dictionary that is too long")
                .map(Piece::Gap);
        }
        let frame = self.window.peek(8 + size)?;
        if frame.len() < 8 + size {
            return self.resynchronise(Packing::Zstd, start, TroubleKind::Truncated, "is cut").map(Piece::Gap);
        }
        if frame.starts_with(ZSTD_DICTIONARY) {
            self.codec.dictionary = plain_dictionary(&frame[8..8 + size]);
        }
        self.window.consume(8 + size);
        Ok(Piece::Bytes)
    }

    /// Finds the next member after `start` that begins a record.
    fn resynchronise(&mut self, packing: Packing, start: u64, kind: TroubleKind, words: &str) -> io::Result<Trouble> {
        let magic = if packing == Packing::Gzip { GZIP } else { ZSTD };
        self.member = None;
        let finder = memmem::Finder::new(magic);
        // one for all trials: to make one costs more than a trial
        let mut trial = Codec { dictionary: self.codec.dictionary.clone(), ..Codec::default() };
        self.window.rewind(start + 1);
        loop {
            let bytes = self.window.peek(STEP_BYTES)?;
            let (length, found) = (bytes.len(), finder.find(bytes));
            if let Some(at) = found {
                self.window.consume(at);
                let bytes = self.window.peek(TRIAL_BYTES)?;
                let bytes = &bytes[..bytes.len().min(TRIAL_BYTES)];
                if (self.begins)(trial.trial(packing, bytes).trim_ascii_start()) {
                    break;
                }
                self.window.consume(1);
            } else if length < magic.len() {
                self.window.consume(length);
                break;
            } else {
                // a magic number may begin in the last bytes
                self.window.consume((length - (magic.len() - 1)).max(1));
            }
        }
        let end = self.window.position();
        let words = format!("the packed member at {start} {words}; reading goes on at {end}");
        Ok(Trouble { kind, offset: Some(start), words })
    }
}

/// A dictionary may itself be packed.
fn plain_dictionary(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(ZSTD) {
        zstd::bulk::decompress(bytes, DICTIONARY_BYTES_MAX).unwrap_or_default()
    } else {
        bytes.to_vec()
    }
}

/// The length of a gzip member's header (RFC 1952, 2.3); `None` where it is none or is longer than `bytes`.
fn gzip_header(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(GZIP) || bytes.len() < 10 || bytes[3] & 0xe0 != 0 {
        return None;
    }
    let flags = bytes[3];
    let mut at = 10;
    if flags & 4 != 0 {
        let length = bytes.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    (at <= bytes.len()).then_some(at)
}

enum Step {
    More,
    Done,
    /// The bytes cannot be read on, or were read and their checksum is another's: then they may be the next member's.
    Broken(TroubleKind, String),
}

/// What unpacks members, one after the other.
#[derive(Default)]
struct Codec {
    inflate: Option<Decompress>,
    crc: Crc,
    inflated: bool,
    zstd: Option<Zstd<'static>>,
    dictionary: Vec<u8>,
    /// Room for one step.
    step: Vec<u8>,
}

impl Codec {
    fn reset(&mut self, packing: Packing) {
        self.crc = Crc::new();
        self.inflated = false;
        if packing == Packing::Gzip {
            self.inflate.get_or_insert_with(|| Decompress::new(false)).reset(false);
        } else {
            // a frame may need the dictionary anew
            self.zstd = Zstd::with_dictionary(&self.dictionary).ok();
        }
    }

    /// Unpacks one step from `window` to the end of `out`.
    fn step(&mut self, packing: Packing, window: &mut Window<'_>, out: &mut Vec<u8>) -> io::Result<Step> {
        if self.inflated {
            return self.trailer(window);
        }
        let bytes = window.peek(1)?;
        if bytes.is_empty() {
            return Ok(Step::Broken(TroubleKind::Truncated, "is cut".into()));
        }
        match self.unpack(packing, bytes, out) {
            Ok((taken, done)) => {
                window.consume(taken);
                match packing {
                    Packing::Gzip if done => {
                        self.inflated = true;
                        Ok(Step::More)
                    }
                    _ if done => Ok(Step::Done),
                    _ => Ok(Step::More),
                }
            }
            Err(words) => Ok(Step::Broken(TroubleKind::Malformed, words)),
        }
    }

    /// Unpacks what fits into a step; how much of `bytes` it took, and whether the member ended.
    fn unpack(&mut self, packing: Packing, bytes: &[u8], out: &mut Vec<u8>) -> Result<(usize, bool), String> {
        // once, for to make room anew for each of many small members costs more than to unpack them
        let mut step = std::mem::take(&mut self.step);
        step.resize(STEP_BYTES, 0);
        // what came out before an error is kept too
        let (given, result) = match (packing, &mut self.inflate, &mut self.zstd) {
            (Packing::Gzip, Some(inflate), _) => {
                let (taken, given) = (inflate.total_in(), inflate.total_out());
                let status = inflate.decompress(bytes, &mut step, FlushDecompress::None);
                let (taken, given) = (inflate.total_in() - taken, (inflate.total_out() - given) as usize);
                (given, status.map(|status| (taken as usize, status == Status::StreamEnd)).map_err(|e| e.to_string()))
            }
            (Packing::Zstd, _, Some(zstd)) => {
                let (mut input, mut output) = (InBuffer::around(bytes), OutBuffer::around(&mut step[..]));
                let hint = zstd.run(&mut input, &mut output);
                (output.pos(), hint.map(|hint| (input.pos(), hint == 0)).map_err(|e| e.to_string()))
            }
            _ => (0, Err("cannot be unpacked".to_owned())),
        };
        let given = given.min(step.len());
        let result = match result {
            Ok((0, false)) if given == 0 => Err("cannot be unpacked further".to_owned()),
            other => other,
        };
        self.crc.update(&step[..given]);
        out.extend_from_slice(&step[..given]);
        self.step = step;
        result
    }

    fn trailer(&mut self, window: &mut Window<'_>) -> io::Result<Step> {
        let bytes = window.peek(8)?;
        let Some(trailer) = bytes.get(..8) else {
            return Ok(Step::Broken(TroubleKind::Truncated, "is cut at its end".into()));
        };
        let told = |at: usize| u32::from_le_bytes([trailer[at], trailer[at + 1], trailer[at + 2], trailer[at + 3]]);
        let sound = told(0) == self.crc.sum() && told(4) == self.crc.amount();
        window.consume(8);
        Ok(if sound { Step::Done } else { Step::Broken(TroubleKind::Malformed, "does not match its checksum".into()) })
    }

    /// The first bytes of a member that begins with `bytes`; empty where it cannot be unpacked.
    fn trial(&mut self, packing: Packing, bytes: &[u8]) -> Vec<u8> {
        let header = match packing {
            Packing::Gzip => gzip_header(bytes),
            Packing::Zstd => Some(0),
            Packing::Plain => None,
        };
        let Some(header) = header else { return Vec::new() };
        self.reset(packing);
        let mut out = Vec::new();
        // what came out before an error is kept: a cut member still tells what it is
        let _ = self.unpack(packing, &bytes[header..], &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(b"WARC/")
    }

    /// The whole unpacked, the members' places, the troubles.
    fn read(mut packed: &[u8]) -> (Vec<u8>, Vec<u64>, Vec<Trouble>) {
        let mut source = Unpacked::new(&mut packed, begins, &Limits::default());
        let (mut all, mut members, mut troubles) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            match source.next(&mut all).unwrap() {
                Piece::Bytes => {}
                Piece::Member(at) => members.push(at),
                Piece::Gap(trouble) => troubles.push(trouble),
                Piece::End => return (all, members, troubles),
            }
        }
    }

    /// Bytes that do not pack.
    fn noise(n: usize, seed: u32) -> Vec<u8> {
        let mut state = seed;
        (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    #[test]
    fn members_are_read_one_after_the_other_with_their_places() {
        let (one, two) = (gzip(b"WARC/one"), gzip(&[b"WARC/two".to_vec(), noise(300_000, 1)].concat()));
        let (all, members, troubles) = read(&[one.clone(), two, one.clone()].concat());
        assert!(all.starts_with(b"WARC/oneWARC/two") && all.ends_with(b"WARC/one"));
        assert_eq!(members.len(), 3);
        assert_eq!(members[..2], [0, one.len() as u64]);
        assert!(troubles.is_empty());
    }

    #[test]
    fn after_a_cut_member_reading_goes_on_at_the_next() {
        let cut = gzip(&[b"WARC/cut".to_vec(), noise(200_000, 2)].concat());
        let good = gzip(b"WARC/good");
        let at = 150_000;
        let (all, members, troubles) = read(&[&cut[..at], &good].concat());
        assert!(all.ends_with(b"WARC/good"));
        assert_eq!(members, [0, at as u64]);
        assert_eq!(troubles.len(), 1);
        assert_eq!(troubles[0].offset, Some(0));
        assert!(troubles[0].words.contains("goes on at 150000"), "{}", troubles[0].words);
    }

    #[test]
    fn rubbish_between_members_and_a_wrong_checksum_are_told() {
        let mut wrong = gzip(b"WARC/wrong");
        let at = wrong.len() - 6;
        wrong[at] ^= 0xff;
        let good = gzip(b"WARC/good");
        let (all, _, troubles) = read(&[&wrong[..], &good, b"rubbish", &good].concat());
        assert_eq!(all, b"WARC/wrongWARC/goodWARC/good");
        assert_eq!(troubles.len(), 2);
        assert!(troubles[0].words.contains("checksum"));
        assert_eq!(troubles[1].offset, Some((wrong.len() + good.len()) as u64));
    }

    #[test]
    fn a_bomb_ends_at_its_bound_and_the_next_member_is_read() {
        let bomb = gzip(&[b"WARC/bomb".to_vec(), vec![0; 50 << 20]].concat());
        let (all, _, troubles) = read(&[bomb.clone(), gzip(b"WARC/good")].concat());
        assert!(all.ends_with(b"WARC/good"));
        assert!(all.len() < (2 << 20) + bomb.len() * 200);
        assert_eq!(troubles[0].kind, TroubleKind::Bound);
    }

    #[test]
    fn frames_of_zstd_with_a_dictionary_are_read() {
        let dictionary = [b"WARC/1.0 a dictionary of words that records share".to_vec(), noise(2_000, 3)].concat();
        let mut packer = zstd::bulk::Compressor::with_dictionary(3, &dictionary).unwrap();
        let text = b"WARC/1.0 a dictionary of words that records share, and more";
        let frame = packer.compress(text).unwrap();
        let skippable = [ZSTD_DICTIONARY, &(dictionary.len() as u32).to_le_bytes(), &dictionary].concat();
        let (all, members, troubles) = read(&[&skippable[..], &frame, &frame].concat());
        assert_eq!(all, [&text[..], text].concat());
        assert_eq!(members, [skippable.len() as u64, (skippable.len() + frame.len()) as u64]);
        assert!(troubles.is_empty());
        assert_eq!(unpacked_head(&[&skippable[..], &frame].concat()), text);
    }
}
