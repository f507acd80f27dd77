//! Bytes in any encoding to text, with the place of each run of it.
//!
//! What a document declares decides. Where it declares nothing, each block of it decides for itself: what is UTF-8 is read as UTF-8,
//! else the encoding is guessed, so that a mailbox or a log that was pasted together from several encodings is read well.

use crate::Stop;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use std::ops::ControlFlow;

/// Bytes that a guess rests on, at most.
const GUESS_BYTES: usize = 256 << 10;

/// Bytes behind a fault that tell whether it is one.
const SAMPLE_BYTES: usize = 4 << 10;

/// Receives text and its marks: positions in the text and in the source, ascending, each good until the next. What is ASCII between two
/// marks stands in the source byte by byte.
pub(crate) type Give<'g> = dyn FnMut(&str, &[(u32, u64)]) -> Stop + 'g;

/// Decodes a document in blocks.
pub(crate) struct Decoder {
    declared: Option<&'static Encoding>,
    begun: bool,
    /// Bytes of an unfinished character, from the block before.
    carry: Vec<u8>,
    /// The position of the next block, or of `carry` where there is one.
    position: u64,
    guess: Option<Guess>,
    legacy: Option<Legacy>,
}

struct Guess {
    detector: EncodingDetector,
    fed: usize,
}

impl Decoder {
    /// A decoder of a document that is declared to be in an encoding, or not, whose first byte is at `position`.
    pub(crate) fn new(declared: Option<&'static Encoding>, position: u64) -> Self {
        Self { declared, begun: false, carry: Vec::new(), position, guess: None, legacy: None }
    }

    /// Decodes a block. `last` says that none follows.
    pub(crate) fn decode(&mut self, block: &[u8], last: bool, give: &mut Give<'_>) -> Stop {
        let joined;
        let mut block = block;
        if !self.carry.is_empty() {
            self.carry.extend_from_slice(block);
            joined = std::mem::take(&mut self.carry);
            block = &joined;
        }
        if !self.begun {
            if block.len() < 3 && !last {
                self.carry = block.to_vec();
                return ControlFlow::Continue(());
            }
            self.begun = true;
            if let Some((encoding, mark_bytes)) = Encoding::for_bom(block) {
                // a mark stands above every declaration (WHATWG Encoding, "decode")
                self.declared = Some(encoding);
                block = &block[mark_bytes..];
                self.position += mark_bytes as u64;
            }
        }
        match self.declared {
            Some(encoding) if encoding != UTF_8 => self.decode_legacy(encoding, block, last, give),
            _ => self.decode_utf8(block, last, give),
        }
    }

    fn decode_utf8(&mut self, block: &[u8], last: bool, give: &mut Give<'_>) -> Stop {
        let start = self.position;
        let error = match std::str::from_utf8(block) {
            Ok(text) => {
                self.legacy = None;
                self.position += block.len() as u64;
                return if text.is_empty() { ControlFlow::Continue(()) } else { give(text, &[(0, start)]) };
            }
            Err(error) => error,
        };
        let (valid, rest) = block.split_at(error.valid_up_to());
        if error.error_len().is_none() && !last {
            // a character that goes on in the next block
            self.carry = rest.to_vec();
            return self.decode_utf8(valid, false, give);
        }
        // what is UTF-8 up to a line end, and not by chance, is that whatever follows
        let lines = memchr::memrchr(b'\n', valid).map_or(0, |at| at + 1);
        if self.declared.is_none() && block[..lines].iter().filter(|&&b| b >= 0xc0).count() > 4 {
            let (text, rest) = block.split_at(lines);
            self.decode_utf8(text, false, give)?;
            return self.decode_faulty(rest, last, give);
        }
        self.decode_faulty(block, last, give)
    }

    /// A block with faults: UTF-8 with replacements, or an encoding that is guessed.
    fn decode_faulty(&mut self, block: &[u8], last: bool, give: &mut Give<'_>) -> Stop {
        let start = self.position;
        let whole = if last { block.len() } else { block.len() - unfinished(block) };
        if self.declared.is_none() && !is_mostly_utf8(block, whole) {
            let encoding = self.guess(block);
            return self.decode_legacy(encoding, block, last, give);
        }
        let (block, rest) = block.split_at(whole);
        self.carry = rest.to_vec();
        self.position += whole as u64;
        let (mut text, mut marks, mut at) = (String::with_capacity(block.len() + 64), Vec::new(), start);
        for chunk in block.utf8_chunks() {
            marks.push((text.len() as u32, at));
            text.push_str(chunk.valid());
            at += chunk.valid().len() as u64;
            if !chunk.invalid().is_empty() {
                marks.push((text.len() as u32, at));
                text.push('\u{fffd}');
                at += chunk.invalid().len() as u64;
            }
        }
        marks.dedup_by_key(|(text, _)| *text);
        if text.is_empty() { ControlFlow::Continue(()) } else { give(&text, &marks) }
    }

    /// The likeliest encoding of a block that is not UTF-8, in view of the blocks before.
    fn guess(&mut self, block: &[u8]) -> &'static Encoding {
        let guess = self
            .guess
            .get_or_insert_with(|| Guess { detector: EncodingDetector::new(Iso2022JpDetection::Deny), fed: 0 });
        if guess.fed < GUESS_BYTES {
            guess.detector.feed(&block[..block.len().min(GUESS_BYTES - guess.fed)], false);
            guess.fed += block.len();
        }
        guess.detector.guess(None, Utf8Detection::Deny)
    }

    fn decode_legacy(&mut self, encoding: &'static Encoding, block: &[u8], last: bool, give: &mut Give<'_>) -> Stop {
        let start = self.position;
        self.position += block.len() as u64;
        if self.legacy.as_ref().is_none_or(|legacy| legacy.encoding != encoding) {
            self.legacy = Some(Legacy::new(encoding));
        }
        match &mut self.legacy {
            Some(legacy) => legacy.decode(block, start, last, give),
            None => ControlFlow::Continue(()),
        }
    }
}

/// How many bytes at the end are the begin of a character of UTF-8 that may go on.
fn unfinished(block: &[u8]) -> usize {
    (1..=block.len().min(3))
        .find(|back| {
            let end = &block[block.len() - back..];
            end[0] >= 0xc0 && std::str::from_utf8(end).is_err_and(|error| error.error_len().is_none())
        })
        .unwrap_or(0)
}

/// Whether a block with faults is still rather UTF-8 than anything else, by what follows its first fault: characters of several bytes
/// do not come about by chance.
fn is_mostly_utf8(block: &[u8], whole: usize) -> bool {
    let fault = std::str::from_utf8(&block[..whole]).err().map_or(whole, |error| error.valid_up_to());
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in block[fault..whole.min(fault + SAMPLE_BYTES)].utf8_chunks() {
        good += chunk.valid().bytes().filter(|&b| b >= 0xc0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 4 * bad || (bad <= 1 && block[..fault].iter().any(|&b| b >= 0xc0))
}

/// A decoder of one encoding that is not UTF-8.
struct Legacy {
    encoding: &'static Encoding,
    decoder: encoding_rs::Decoder,
    /// Of an encoding of one byte, how many bytes of UTF-8 each of the upper 128 becomes.
    lengths: Option<Box<[u8; 128]>>,
    /// Whether the decoder waits for more bytes of a character.
    waits: bool,
    text: String,
    marks: Vec<(u32, u64)>,
}

impl Legacy {
    fn new(encoding: &'static Encoding) -> Self {
        let lengths = encoding.is_single_byte().then(|| {
            let mut lengths = Box::new([0; 128]);
            for (byte, length) in (0x80..=0xff_u8).zip(lengths.iter_mut()) {
                *length = encoding.decode_without_bom_handling(std::slice::from_ref(&byte)).0.len() as u8;
            }
            lengths
        });
        let decoder = encoding.new_decoder_without_bom_handling();
        Self { encoding, decoder, lengths, waits: false, text: String::new(), marks: Vec::new() }
    }

    fn decode(&mut self, block: &[u8], at: u64, last: bool, give: &mut Give<'_>) -> Stop {
        self.text.clear();
        self.marks.clear();
        self.marks.push((0, at));
        if self.lengths.is_some() {
            self.decode_single(block, at, last);
        } else if self.encoding == UTF_16LE || self.encoding == UTF_16BE || self.encoding == ISO_2022_JP {
            self.decode_pieces(block, at, last);
        } else {
            self.decode_multiple(block, at, last);
        }
        if self.text.is_empty() { ControlFlow::Continue(()) } else { give(&self.text, &self.marks) }
    }

    /// Marks the end of the text so far.
    fn mark(&mut self, source: u64) {
        let at = self.text.len() as u32;
        match self.marks.last_mut() {
            Some((text, from)) if *text == at => *from = source,
            _ => self.marks.push((at, source)),
        }
    }

    /// One byte a character: all at once, and marked where ASCII begins after other bytes.
    fn decode_single(&mut self, block: &[u8], at: u64, last: bool) {
        self.feed(block, last);
        let Some(lengths) = &self.lengths else { return };
        let (mut text, mut done) = (0_u32, 0);
        while done < block.len() {
            let ascii = block[done..].iter().position(|b| !b.is_ascii()).unwrap_or(block.len() - done);
            (text, done) = (text + ascii as u32, done + ascii);
            while let Some(byte) = block.get(done).filter(|byte| !byte.is_ascii()) {
                text += u32::from(lengths[usize::from(byte - 0x80)]);
                done += 1;
            }
            if done < block.len() {
                self.marks.push((text, at + done as u64));
            }
        }
        self.marks.dedup_by_key(|(text, _)| *text);
    }

    /// Encodings where ASCII bytes are no characters of their own: in pieces that end before what could begin a word.
    fn decode_pieces(&mut self, mut block: &[u8], mut at: u64, last: bool) {
        while !block.is_empty() {
            let run = if self.encoding == ISO_2022_JP {
                memchr::memchr(b'\n', block).map_or(block.len(), |at| at + 1)
            } else {
                let (low, high) = if self.encoding == UTF_16LE { (0, 1) } else { (1, 0) };
                let ends = |unit: &[u8]| unit[high] == 0 && !unit[low].is_ascii_alphanumeric();
                block.chunks_exact(2).position(ends).map_or(block.len(), |at| (at + 1) * 2)
            };
            let (piece, rest) = block.split_at(run);
            self.mark(at);
            self.feed(piece, last && rest.is_empty());
            at += run as u64;
            block = rest;
        }
    }

    /// Several bytes a character, the later of which may look like ASCII: byte by byte, so that it is known where each run of
    /// ASCII begins.
    fn decode_multiple(&mut self, mut block: &[u8], mut at: u64, last: bool) {
        while let Some(&first) = block.first() {
            let run = if first.is_ascii() && !self.waits {
                let run = Encoding::ascii_valid_up_to(block);
                self.mark(at);
                self.text.extend(block[..run].iter().copied().map(char::from));
                run
            } else {
                let before = self.text.len();
                self.feed(&block[..1], false);
                self.waits = self.text.len() == before;
                1
            };
            at += run as u64;
            block = &block[run..];
        }
        if last {
            self.feed(&[], true);
        }
    }

    /// Decodes bytes behind the text so far.
    fn feed(&mut self, bytes: &[u8], last: bool) {
        let most = self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16);
        self.text.reserve(most);
        // the buffer is large enough for all of it
        let _ = self.decoder.decode_to_string(bytes, &mut self.text, last);
    }
}
