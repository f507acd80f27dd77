//! The search of a whole text: the first pass names stretches, each is searched exactly, finds are given in order.

use crate::filter::Filter;
use crate::region::{Buffers, Region, floor};
use crate::{Find, Options};

/// Bytes of a stretch that are searched at a time, and bytes after them that are read with them: no identifier is longer.
const CHUNK: usize = 28 << 10;
const LOOKAHEAD: usize = 6 << 10;
/// Bytes before a stretch that is searched that are read for what leads into it.
const LOOKBEHIND: usize = 320;

/// Finds identifiers in text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extractor {
    options: Options,
}

impl Extractor {
    /// An extractor with options.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// Gives every find in `text` to `sink`, in order; none overlaps another. Gives the work done by the
    /// exact search, in cells looked at, letters read by forms and bytes read for words: a measure for tests and statistics. It is
    /// 0 of ordinary text and at most some sixty for a byte of hostile text.
    pub fn scan(&self, text: &str, sink: &mut dyn FnMut(Find)) -> u64 {
        let mut search = Search { text, options: self.options, buffers: Buffers::default(), done: 0, emitted: 0, sink };
        let mut pending: Option<(usize, usize)> = None;
        Filter::new(text).run(&mut |from, to| match &mut pending {
            Some((begin, end)) if from <= *end => {
                *begin = (*begin).min(from);
                *end = (*end).max(to);
                // a stretch that goes on and on is searched in parts
                if *end - *begin > 4 * CHUNK {
                    search.stretch(*begin, *end - LOOKAHEAD.min(*end - *begin), *end);
                    *begin = search.done;
                }
            }
            Some((begin, end)) => {
                search.stretch(*begin, *end, *end);
                pending = Some((from, to));
            }
            None => pending = Some((from, to)),
        });
        if let Some((begin, end)) = pending {
            search.stretch(begin, end, end);
        }
        search.buffers.steps
    }

    /// The same without the first pass: every byte is searched exactly. Slow; what [`scan`](Self::scan) must agree with.
    pub fn scan_everything(&self, text: &str, sink: &mut dyn FnMut(Find)) -> u64 {
        let mut search = Search { text, options: self.options, buffers: Buffers::default(), done: 0, emitted: 0, sink };
        search.stretch(0, text.len(), text.len());
        search.buffers.steps
    }

    /// Every find, as a list.
    pub fn finds(&self, text: &str) -> Vec<Find> {
        let mut finds = Vec::new();
        self.scan(text, &mut |find| finds.push(find));
        finds
    }
}

struct Search<'a> {
    text: &'a str,
    options: Options,
    buffers: Buffers,
    /// The byte before which everything that begins was looked for.
    done: usize,
    /// The byte after the last find.
    emitted: usize,
    sink: &'a mut dyn FnMut(Find),
}

impl Search<'_> {
    /// Searches what begins in `from..until`; what is needed to its end may go on to `to` and after.
    fn stretch(&mut self, from: usize, until: usize, to: usize) {
        let mut at = from.max(self.done);
        while at < until {
            let part = (at + CHUNK).min(until);
            let first = self.word_start(at);
            let begin = self.word_start(first.saturating_sub(LOOKBEHIND).max(from.saturating_sub(LOOKBEHIND)));
            let end = self.word_end((part + LOOKAHEAD).min(to.max(part)));
            let mut region = Region::new(self.text, self.options, &mut self.buffers, begin, end);
            let reached = region.search(first.max(self.done), part);
            self.emit();
            at = reached.max(part);
        }
        self.done = self.done.max(at);
    }

    /// The beginning of the word at `at`: it is not cut where it is not too long to matter.
    fn word_start(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let back = bytes[..at].iter().rev().take(LOOKAHEAD).take_while(|b| !b.is_ascii_whitespace()).count();
        floor(self.text, if back == LOOKAHEAD { at } else { at - back })
    }

    fn word_end(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let more = bytes[at..].iter().take(LOOKAHEAD).take_while(|b| !b.is_ascii_whitespace()).count();
        floor(self.text, at + more)
    }

    /// Gives what the last part found: of finds that overlap, the better proved one, then the longer.
    fn emit(&mut self) {
        let mut finds = std::mem::take(&mut self.buffers.finds);
        finds.sort_by_key(|find| (find.at.start, find.at.end));
        let mut best: Option<Find> = None;
        for find in finds.drain(..) {
            if find.at.start < self.emitted {
                continue;
            }
            match &best {
                Some(held) if find.at.start < held.at.end => {
                    if (find.proof, find.at.len()) > (held.proof, held.at.len()) {
                        best = Some(find);
                    }
                }
                _ => {
                    if let Some(held) = best.replace(find) {
                        self.emitted = held.at.end;
                        (self.sink)(held);
                    }
                }
            }
        }
        if let Some(held) = best {
            self.emitted = held.at.end;
            (self.sink)(held);
        }
        self.buffers.finds = finds;
    }
}
