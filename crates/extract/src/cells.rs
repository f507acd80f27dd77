//! A stretch of text as a reader sees it: invisible characters left out, look-alikes and foreign digits as the ASCII they stand
//! for, and for each remaining character where it stands. Every recogniser reads cells, so each sees through the same tricks.

use std::cell::Cell;

use crate::glyph::{DIGIT, INVISIBLE, LETTER, LOOK, glyph};

/// Invisible characters stood right before this cell.
pub(crate) const HIDDEN: u8 = 4;

/// Longest run of characters between two pieces of one identifier.
const SEPARATOR_CELLS_MAX: usize = 14;

#[derive(Default, Debug)]
pub(crate) struct Cells {
    /// The character: ASCII, [`OTHER`](crate::glyph::OTHER) or [`LETTER`].
    pub(crate) ch: Vec<u8>,
    /// [`LOOK`], [`DIGIT`], [`HIDDEN`].
    pub(crate) flag: Vec<u8>,
    /// First byte in the text, and the byte after the last.
    pub(crate) at: Vec<u32>,
    pub(crate) end: Vec<u32>,
    /// Where in the whole text the stretch begins.
    pub(crate) base: usize,
    /// Whether the word at the end goes on after the stretch.
    open: bool,
    /// Letters that forms have read: the measure of their work.
    pub(crate) read: Cell<u64>,
}

impl Cells {
    /// Reads `text[from..to]`; both must be boundaries of characters.
    pub(crate) fn read(&mut self, text: &str, from: usize, to: usize) {
        self.ch.clear();
        self.flag.clear();
        self.at.clear();
        self.end.clear();
        self.base = from;
        let bytes = text.as_bytes();
        self.ch.reserve(to - from);
        self.flag.reserve(to - from);
        self.at.reserve(to - from);
        self.end.reserve(to - from);
        let mut at = from;
        let mut hidden = 0;
        while at < to {
            let byte = bytes[at];
            let (ch, flag, len) = if byte < 0x80 {
                (byte, 0, 1)
            } else {
                let c = text[at..].chars().next().unwrap_or(' ');
                let (ch, flag) = glyph(c);
                (ch, flag, c.len_utf8())
            };
            if ch == INVISIBLE {
                hidden = HIDDEN;
            } else {
                self.ch.push(ch);
                self.flag.push(flag | hidden);
                self.at.push((at - from) as u32);
                self.end.push((at - from + len) as u32);
                hidden = 0;
            }
            at += len;
        }
        self.open = text[to..].chars().next().is_some_and(|c| {
            let (ch, _) = glyph(c);
            ch.is_ascii_alphanumeric() || matches!(ch, LETTER | INVISIBLE)
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.ch.len()
    }

    /// The character at `i`; 0 past the end.
    pub(crate) fn get(&self, i: usize) -> u8 {
        self.ch.get(i).copied().unwrap_or(0)
    }

    /// Whether a letter or digit of any kind stands at `i`.
    pub(crate) fn is_word(&self, i: usize) -> bool {
        match self.ch.get(i) {
            Some(c) => c.is_ascii_alphanumeric() || *c == LETTER,
            None => self.open && i == self.ch.len(),
        }
    }

    /// The first cell after the word at `i`.
    pub(crate) fn word_end(&self, mut i: usize) -> usize {
        while self.is_word(i) {
            i += 1;
        }
        i
    }

    /// The bytes of the text that cells `i..k` take, `i < k`.
    pub(crate) fn range(&self, i: usize, k: usize) -> std::ops::Range<usize> {
        self.base + self.at[i] as usize..self.base + self.end[k - 1] as usize
    }

    /// The cell that holds the byte `at` of the text, or the first after it.
    pub(crate) fn index_of(&self, at: usize) -> usize {
        let at = at.saturating_sub(self.base) as u32;
        self.end.partition_point(|end| *end <= at)
    }

    /// Flags of what was found inside the cells `i..k`.
    pub(crate) fn flags(&self, i: usize, k: usize) -> u8 {
        // what is hidden before the first cell is not inside
        self.flag[i..k].iter().enumerate().fold(0, |all, (n, flag)| all | if n == 0 { flag & !HIDDEN } else { *flag })
    }
}

/// Pieces stood over several lines.
pub(crate) const LINES: u8 = 8;
/// Pieces were parted by blanks.
pub(crate) const SPACED: u8 = 16;
/// Pieces were parted by marks.
pub(crate) const SEPARATED: u8 = 32;

/// Reads letters and digits one after another, across what may part the pieces of one identifier.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'c> {
    pub(crate) cells: &'c Cells,
    /// The next cell.
    pub(crate) at: usize,
    /// The cell after the last letter read.
    pub(crate) end: usize,
    /// [`LINES`], [`SPACED`], [`SEPARATED`].
    pub(crate) joined: u8,
}

impl<'c> Walk<'c> {
    pub(crate) fn new(cells: &'c Cells, at: usize) -> Self {
        Self { cells, at, end: at, joined: 0 }
    }

    /// Whether the last letter read ends a word.
    pub(crate) fn at_boundary(&self) -> bool {
        !self.cells.is_word(self.end)
    }

    /// The next letter or digit and its flags; `None` at anything that no identifier goes on after.
    pub(crate) fn next(&mut self) -> Option<(u8, u8)> {
        let c = self.cells.get(self.at);
        if !c.is_ascii_alphanumeric() {
            if c == LETTER {
                return None;
            }
            self.separator()?;
        }
        self.cells.read.set(self.cells.read.get() + 1);
        let i = self.at;
        self.at += 1;
        self.end = self.at;
        Some((self.cells.ch[i], self.cells.flag[i]))
    }

    /// Skips what stands between two pieces: blanks, a few marks, at most two line ends with the marks of a quotation after them.
    pub(crate) fn separator(&mut self) -> Option<()> {
        let start = self.at;
        let (mut lines, mut marks) = (0, 0);
        loop {
            match self.cells.get(self.at) {
                b' ' | b'\t' | b'\r' => {}
                b'\n' => lines += 1,
                b'>' | b'|' if lines > 0 => {}
                b'-' | b'.' | b'_' | b'*' | b'|' | b',' | b'/' | b'\\' | b'~' | b'=' | b'+' | b'#' | b':' | b';' => {
                    marks += 1;
                }
                c if c.is_ascii_alphanumeric() => break,
                _ => return None,
            }
            self.at += 1;
            if self.at - start > SEPARATOR_CELLS_MAX || lines > 2 || marks > 3 {
                return None;
            }
        }
        self.joined |= match (lines, marks) {
            (1.., _) => LINES,
            (0, 1..) => SEPARATED,
            _ => SPACED,
        };
        Some(())
    }
}

/// Manners of a find, from the flags of its cells and of the walk.
pub(crate) fn manners(flags: u8) -> Vec<crate::Manner> {
    use crate::Manner;
    let all = [
        (LINES, Manner::Lines),
        (SPACED, Manner::Spaced),
        (SEPARATED, Manner::Separated),
        (HIDDEN, Manner::Invisible),
        (LOOK, Manner::Lookalike),
        (DIGIT, Manner::Digits),
    ];
    all.into_iter().filter(|(bit, _)| flags & bit != 0).map(|(_, manner)| manner).collect()
}
