//! Text that grows, given away in segments of bounded size.
//!
//! Where it must be cut, an empty line is the best place: nothing that is one find stands on both sides of it. A line end, a blank
//! or a plain character boundary may part an address that is written over lines or in groups, so there the next segment begins
//! again with the last few KiB ([`Segment::overlap`]).

use crate::boundary;
use crate::reader::Desk;
use crate::{Message, Segment, SegmentKind, SourceMap, Stop};
use std::ops::ControlFlow;

/// Bytes that are given again after a cut inside a paragraph, at most. The longest finds (a Lightning invoice, the words of a seed over
/// lines) are under 2 KiB.
const OVERLAP_BYTES: usize = 4 << 10;

/// Text of one kind on its way into segments.
#[derive(Debug)]
pub(crate) struct Passage {
    kind: SegmentKind,
    message: Option<Box<Message>>,
    context: Option<String>,
    bytes_max: usize,
    text: String,
    map: Vec<(u32, u64)>,
    overlap: usize,
    /// Bytes of text before `text`, given away and not repeated.
    gone: u64,
}

impl Passage {
    /// An empty passage whose segments are of `kind`, as long as the desk's limits let them be.
    pub(crate) fn new(kind: SegmentKind, desk: &Desk<'_>) -> Self {
        Self {
            kind,
            message: None,
            context: None,
            bytes_max: desk.limits.segment_bytes,
            text: String::new(),
            map: Vec::new(),
            overlap: 0,
            gone: 0,
        }
    }

    /// The same, each segment of it as (part of) a message.
    pub(crate) fn of(self, message: Option<Box<Message>>) -> Self {
        Self { message, ..self }
    }

    /// The same, each segment of it with this text around it.
    pub(crate) fn around(self, context: Option<String>) -> Self {
        Self { context, ..self }
    }

    /// What was not given away yet, with what is repeated of the segment before.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The position of the end of [`Self::text`] in all text that there was.
    pub(crate) fn position(&self) -> u64 {
        self.gone + self.text.len() as u64
    }

    /// The position of the begin of [`Self::text`] in all text that there was.
    pub(crate) fn begin(&self) -> u64 {
        self.gone
    }

    /// Whether `more` bytes would be too many for one segment, so that the next push cuts.
    pub(crate) fn is_full(&self, more: usize) -> bool {
        self.text.len() + more > self.bytes_max
    }

    /// Adds text that stands at `source` in the document, as it stands there. `None` where the document has no such positions.
    pub(crate) fn push(&mut self, mut text: &str, mut source: Option<u64>, desk: &mut Desk<'_>) -> Stop {
        loop {
            let room = self.bytes_max - self.text.len();
            let fits = boundary::floor(text, room);
            self.append(&text[..fits], source);
            if fits == text.len() {
                return ControlFlow::Continue(());
            }
            text = &text[fits..];
            source = source.map(|source| source + fits as u64);
            self.cut(desk)?;
        }
    }

    /// Adds text with marks of where it stands: positions in it and in the document, ascending, the first of them 0.
    pub(crate) fn push_marked(&mut self, mut text: &str, marks: &[(u32, u64)], desk: &mut Desk<'_>) -> Stop {
        let (mut done, mut next) = (0_usize, 0_usize);
        loop {
            let room = self.bytes_max - self.text.len();
            let fits = boundary::floor(text, room);
            // the mark before goes on here
            let source = next
                .checked_sub(1)
                .and_then(|last| marks.get(last))
                .map(|(at, from)| from + (done as u64 - u64::from(*at)));
            let base = self.text.len();
            self.append(&text[..fits], source);
            while let Some((at, source)) = marks.get(next).filter(|(at, _)| (*at as usize) < done + fits) {
                self.mark(base + (*at as usize - done), *source);
                next += 1;
            }
            if fits == text.len() {
                return ControlFlow::Continue(());
            }
            text = &text[fits..];
            done += fits;
            self.cut(desk)?;
        }
    }

    fn mark(&mut self, at: usize, source: u64) {
        let at = at as u32;
        match self.map.last_mut() {
            Some((text, from)) if *text == at => *from = source,
            Some((text, from)) if *from + u64::from(at - *text) == source => {}
            _ => self.map.push((at, source)),
        }
    }

    fn append(&mut self, text: &str, source: Option<u64>) {
        if let Some(source) = source.filter(|_| !text.is_empty()) {
            self.mark(self.text.len(), source);
        }
        self.text.push_str(text);
    }

    /// Gives what is there up to the best place for a cut.
    fn cut(&mut self, desk: &mut Desk<'_>) -> Stop {
        // not in the first half, so that segments stay long and the work for each byte is bounded
        let half = (self.text.len() / 2).max(self.overlap);
        let late = &self.text.as_bytes()[half.min(self.text.len())..];
        let empty_line = [&b"\n\n"[..], b"\n\r\n"]
            .iter()
            .filter_map(|end| memchr::memmem::rfind(late, end).map(|at| at + end.len()))
            .max()
            .map(|at| half + at);
        let end = empty_line
            .or_else(|| memchr::memrchr(b'\n', late).map(|at| half + at + 1))
            .or_else(|| memchr::memrchr3(b' ', b'\t', b'\r', late).map(|at| half + at + 1))
            .unwrap_or(self.text.len());
        let overlap = if empty_line.is_some() { 0 } else { OVERLAP_BYTES.min(self.bytes_max / 4).min(end) };
        let keep = boundary::ceil(&self.text, end - overlap);
        let kept = self.text[keep..].to_owned();
        let after = self.map.partition_point(|(at, _)| *at as usize <= keep);
        let mut kept_map: Vec<(u32, u64)> = Vec::new();
        if let Some((at, source)) = after.checked_sub(1).map(|last| self.map[last]) {
            kept_map.push((0, source + (keep as u64 - u64::from(at))));
        }
        kept_map.extend(self.map[after..].iter().map(|(at, source)| (at - keep as u32, *source)));
        self.map.truncate(self.map.partition_point(|(at, _)| (*at as usize) < end));
        self.text.truncate(end);
        self.give(desk)?;
        self.gone += keep as u64;
        self.text = kept;
        self.map = kept_map;
        self.overlap = end - keep;
        ControlFlow::Continue(())
    }

    /// Gives what is there, and begins anew.
    pub(crate) fn flush(&mut self, desk: &mut Desk<'_>) -> Stop {
        self.gone += self.text.len() as u64;
        let stop = if self.text.len() > self.overlap { self.give(desk) } else { ControlFlow::Continue(()) };
        self.text.clear();
        self.map.clear();
        self.overlap = 0;
        stop
    }

    fn give(&mut self, desk: &mut Desk<'_>) -> Stop {
        let map = SourceMap(std::mem::take(&mut self.map));
        // nothing can be found in white space
        if self.text[self.overlap..].trim().is_empty() {
            return ControlFlow::Continue(());
        }
        desk.segment(Segment {
            kind: self.kind,
            text: std::mem::take(&mut self.text),
            map,
            overlap: self.overlap,
            context: self.context.clone(),
            message: self.message.clone(),
            page: None,
        })
    }
}
