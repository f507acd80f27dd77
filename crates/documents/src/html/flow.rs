//! Text as it flows on a page: white space collapsed, blocks parted.

use super::page::Page;
use crate::Stop;
use crate::passage::Passage;
use crate::reader::Desk;
use std::ops::{ControlFlow, Range};

/// What parts the text that was from the text that comes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Gap {
    /// Nothing: an inline tag.
    None,
    /// White space.
    Blank,
    /// A forced line break.
    Line,
    /// The edge of a block.
    Block,
}

/// Text on its way from a page into a passage.
pub(crate) struct Flow {
    pub(crate) passage: Passage,
    gap: Gap,
}

impl Flow {
    pub(crate) fn new(passage: Passage) -> Self {
        Self { passage, gap: Gap::None }
    }

    /// Parts what comes from what was, at least this much. Two line breaks are an empty line.
    pub(crate) fn part(&mut self, gap: Gap) {
        let twice = gap == Gap::Line && self.gap == Gap::Line;
        self.gap = if twice { Gap::Block } else { self.gap.max(gap) };
    }

    /// Text of the page, at a range of it. Where it is `kept` its white space stays (`pre`), else it is collapsed.
    pub(crate) fn text(&mut self, page: &Page, range: Range<usize>, kept: bool, desk: &mut Desk<'_>) -> Stop {
        if kept {
            return self.push(page, range, desk);
        }
        let (text, from) = (page.text.as_bytes(), range.start);
        let mut at = from;
        while at < range.end {
            if is_white(text[at]) {
                self.part(Gap::Blank);
                at += 1;
                continue;
            }
            // up to white space that is not a single blank inside of this text
            let start = at;
            while at < range.end {
                if is_white(text[at]) && (text[at] != b' ' || at + 1 >= range.end || is_white(text[at + 1])) {
                    break;
                }
                at += 1;
            }
            self.push(page, start..at, desk)?;
        }
        ControlFlow::Continue(())
    }

    fn push(&mut self, page: &Page, range: Range<usize>, desk: &mut Desk<'_>) -> Stop {
        self.close_gap(desk)?;
        for (run, source) in page.runs(range) {
            self.passage.push(run, Some(source), desk)?;
        }
        ControlFlow::Continue(())
    }

    /// A character that stands otherwise in the page: a reference.
    pub(crate) fn reference(&mut self, text: &str, source: u64, kept: bool, desk: &mut Desk<'_>) -> Stop {
        if !kept && text.bytes().all(is_white) {
            self.part(Gap::Blank);
            return ControlFlow::Continue(());
        }
        self.close_gap(desk)?;
        self.passage.push(text, Some(source), desk)
    }

    fn close_gap(&mut self, desk: &mut Desk<'_>) -> Stop {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        if self.passage.position() == 0 {
            return ControlFlow::Continue(());
        }
        let text = match gap {
            Gap::None => return ControlFlow::Continue(()),
            Gap::Blank => " ",
            Gap::Line => "\n",
            Gap::Block => "\n\n",
        };
        self.passage.push(text, None, desk)
    }
}

/// ASCII white space as of the WHATWG. A no-break space is none, and stays.
pub(crate) fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}
