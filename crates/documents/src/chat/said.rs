//! One message on its way to the sink: its text part by part, then what hangs on it.

use crate::boundary;
use crate::passage::Passage;
use crate::reader::Desk;
use crate::{Message, SegmentKind, Stop};
use std::ops::ControlFlow;

/// Bytes of the message that are told as the context of a link in it.
const CONTEXT_BYTES: usize = 300;

/// A text with the places of its parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Placed {
    pub(crate) text: String,
    /// Where in the text a part begins, and where it stands in the document; `None` for what the reader put between.
    parts: Vec<(usize, Option<u64>)>,
}

impl Placed {
    /// Adds text that stands at `source`, as it stands there.
    pub(crate) fn push(&mut self, text: &str, source: Option<u64>) {
        if text.is_empty() {
            return;
        }
        let goes_on = match (self.parts.last(), source) {
            (Some((at, Some(from))), Some(source)) => from + (self.text.len() - at) as u64 == source,
            (Some((_, None)), None) => true,
            _ => false,
        };
        if !goes_on {
            self.parts.push((self.text.len(), source));
        }
        self.text.push_str(text);
    }

    /// Adds text of bytes at `source`; what is no UTF-8 becomes replacement characters.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8], source: u64) {
        let mut at = source;
        for chunk in bytes.utf8_chunks() {
            self.push(chunk.valid(), Some(at));
            at += chunk.valid().len() as u64;
            if !chunk.invalid().is_empty() {
                self.push("\u{fffd}", Some(at));
                at += chunk.invalid().len() as u64;
            }
        }
    }

    /// Cuts blanks off the end.
    pub(crate) fn trim_end(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        while self.parts.last().is_some_and(|(at, _)| *at >= end) {
            self.parts.pop();
        }
    }

    /// Adds a line end, where there is text before.
    pub(crate) fn line(&mut self) {
        if !self.text.is_empty() {
            self.push("\n", None);
        }
    }

    /// Adds a text as a line of its own.
    pub(crate) fn join(&mut self, line: &Self) {
        if !line.is_empty() {
            self.line();
            line.pour_into(0, line.text.len(), self);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The part between two places of the text.
    pub(crate) fn slice(&self, from: usize, to: usize) -> Self {
        let mut out = Self::default();
        self.pour_into(from, to, &mut out);
        out
    }

    /// Adds the part between two places of the text to another.
    pub(crate) fn pour_into(&self, from: usize, to: usize, out: &mut Self) {
        let first = self.parts.partition_point(|(at, _)| *at <= from).saturating_sub(1);
        for (i, (at, source)) in self.parts.iter().enumerate().skip(first) {
            if *at >= to {
                break;
            }
            let end = self.parts.get(i + 1).map_or(self.text.len(), |(next, _)| *next);
            let (start, end) = ((*at).max(from), end.min(to));
            if start < end {
                out.push(&self.text[start..end], source.map(|source| source + (start - at) as u64));
            }
        }
    }

    /// Puts it into a passage.
    pub(crate) fn pour(&self, passage: &mut Passage, desk: &mut Desk<'_>) -> Stop {
        for (i, (at, source)) in self.parts.iter().enumerate() {
            let end = self.parts.get(i + 1).map_or(self.text.len(), |(next, _)| *next);
            passage.push(&self.text[*at..end], *source, desk)?;
        }
        ControlFlow::Continue(())
    }
}

/// What was said at one time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Said {
    /// What the service wrote, not the author.
    pub(crate) notice: bool,
    pub(crate) text: Placed,
    /// Targets of links, what buttons hold, names of files.
    pub(crate) values: Vec<Placed>,
    pub(crate) message: Message,
}

impl Said {
    /// Adds a value, unless it is empty or was just added: a file's name mostly stands there twice.
    pub(crate) fn add_value(&mut self, value: Placed) {
        // not against all of them, of which a hostile message has millions
        let known = self.values.iter().rev().take(8).any(|before| before.text == value.text);
        if !value.is_empty() && !known {
            self.values.push(value);
        }
    }

    /// Gives it to the sink.
    pub(crate) fn give(self, desk: &mut Desk<'_>) -> Stop {
        let message = Box::new(self.message);
        let kind = if self.notice { SegmentKind::Notice } else { SegmentKind::Message };
        if !self.text.is_empty() {
            let mut passage = Passage::new(kind, desk).of(Some(message.clone()));
            self.text.pour(&mut passage, desk)?;
            passage.flush(desk)?;
        }
        if self.values.is_empty() {
            return ControlFlow::Continue(());
        }
        let cut = boundary::floor(&self.text.text, CONTEXT_BYTES);
        let context = Some(self.text.text[..cut].trim()).filter(|t| !t.is_empty()).map(str::to_owned);
        for value in self.values {
            let mut passage =
                Passage::new(SegmentKind::Attribute, desk).of(Some(message.clone())).around(context.clone());
            value.pour(&mut passage, desk)?;
            passage.flush(desk)?;
        }
        ControlFlow::Continue(())
    }
}

/// Bytes at the end that begin a character and do not end it.
pub(crate) fn cut_tail(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    let Some(at) = tail.iter().rposition(|b| *b >= 0xc0) else { return 0 };
    let needed = match tail[at] {
        0xf0.. => 4,
        0xe0.. => 3,
        _ => 2,
    };
    let have = tail.len() - at;
    if have < needed { have } else { 0 }
}
