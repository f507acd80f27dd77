//! The first pass: where in a text anything could stand that the exact search must look at.
//!
//! Ordinary words are passed over after one look at the classes of their bytes. What stops it: a word that mixes letters and
//! digits or capitals and small letters, or is longer than words are; single letters in a row; a letter of another script
//! inside a word; groups of digits near a word that says what they are; `@`, `://`, `+` before digits, dots inside words; and
//! twelve words on end that lists of seeds have. The search looks at a stretch around each, and finds the same there as it would in the
//! whole text: a test compares the two.
//!
//! The work for a byte is bounded: each is classed once, a word is looked at once more where it is odd, and the words around
//! digits are read once.

use crate::glyph::{DIGIT as FOREIGN_DIGIT, INVISIBLE, LETTER, LOOK, glyph};
use crate::hosts::is_plain_ending;
use crate::region::floor;
use crate::seeds::is_listed;
use crate::words::{Hit, Says, hits};

const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
const HIGH: u8 = 8;
const WORD: u8 = 15;
const TRIGGER: u8 = 16;

static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = match i as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'@' | b':' | b'.' | b'+' | b'[' | b'(' | b'{' => TRIGGER,
            128.. => HIGH,
            _ => 0,
        };
        i += 1;
    }
    table
};

/// Bytes between two odd words that can still be pieces of one text.
const GAP: usize = 40;
/// Letters of odd words near each other that make a stretch worth a search.
const HEAT: usize = 8;
/// Bytes searched before and after what was odd.
const MARGIN: usize = 64;
/// A word that is longer is no word.
const LONG: usize = 25;
/// Bytes of a web address that are searched with it.
const LINK: usize = 2_048;
/// Bytes before digits in which a word says what they are.
const SAID: usize = 72;
/// Bytes read ahead when words are looked for.
const AHEAD: usize = 512;

pub(crate) struct Filter<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// The beginning of the odd words that are near each other, the end of the last, and their letters.
    cluster: usize,
    odd_end: usize,
    heat: usize,
    /// Words of one letter in a row: how many, how many of them no digits, where the first begins and the last ends.
    singles: (usize, usize, usize, usize),
    /// Words of capitals of one length in a row: the length, how many, where the last ends.
    caps: (usize, usize, usize),
    /// Digits of groups that are parted by one mark: how many, where the last ends, where the first begins.
    group: (usize, usize, usize),
    /// The last words that a seed could have, where each begins and ends, the newest at `seed_at`; how many in a row.
    seed: [(usize, usize); 16],
    seed_at: usize,
    seed_count: usize,
    /// Whether digits or wide letters of other scripts may stand before `foreign_to`.
    foreign_digits: bool,
    foreign_to: usize,
    /// Words that say what digits are, up to `said_to`.
    said: Vec<Hit>,
    said_to: usize,
    /// Where the last number ended that a word told, beside which others are looked for.
    said_last: usize,
}

impl<'t> Filter<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            cluster: 0,
            odd_end: 0,
            heat: 0,
            singles: (0, 0, 0, 0),
            caps: (0, 0, 0),
            group: (0, 0, 0),
            seed: [(0, 0); 16],
            seed_at: 0,
            seed_count: 0,
            foreign_digits: false,
            foreign_to: 0,
            said: Vec::new(),
            said_to: 0,
            said_last: 0,
        }
    }

    /// Calls `hot` with each stretch that must be searched, in the order of their ends; they may overlap.
    pub(crate) fn run(&mut self, hot: &mut dyn FnMut(usize, usize)) {
        let bytes = self.bytes;
        let mut i = 0;
        while i < bytes.len() {
            let class = CLASS[usize::from(bytes[i])];
            if class & WORD == 0 {
                if class & TRIGGER != 0 {
                    self.trigger(i, hot);
                }
                i += 1;
                continue;
            }
            let start = i;
            let mut flags = class;
            i += 1;
            // most words go on with small letters, or are of another script throughout: eight bytes at a time
            if class & (LOWER | UPPER) != 0 {
                let run = run_of(bytes, i, small_letters);
                flags |= LOWER * u8::from(run > 0);
                i += run;
            } else if class == HIGH {
                i += run_of(bytes, i, |eight| eight & TOPS);
            }
            while i < bytes.len() {
                let class = CLASS[usize::from(bytes[i])];
                if class & WORD == 0 {
                    break;
                }
                flags |= class;
                i += 1;
            }
            match flags {
                LOWER if i - start < LONG => self.letters(start, i, hot),
                HIGH => self.foreign(start, i, hot),
                _ if flags & HIGH != 0 => self.mixed_scripts(start, i, hot),
                DIGIT => self.digits(start, i, hot),
                _ => {
                    let inner = flags & UPPER != 0 && flags & LOWER != 0 && has_inner_capital(&bytes[start..i]);
                    if flags == LOWER | UPPER && !inner && i - start < LONG {
                        self.letters(start, i, hot);
                        continue;
                    }
                    self.ascii(start, i, flags, inner, i - start, hot);
                }
            }
        }
    }

    fn emit(&self, from: usize, to: usize, hot: &mut dyn FnMut(usize, usize)) {
        hot(from.saturating_sub(MARGIN), (to + MARGIN).min(self.bytes.len()));
    }

    /// A word that could be a piece: `weight` counts towards a search.
    fn odd(&mut self, start: usize, end: usize, weight: usize, hot: &mut dyn FnMut(usize, usize)) {
        if start > self.odd_end + GAP {
            self.heat = 0;
            self.cluster = start;
        }
        self.heat += weight;
        self.odd_end = end;
        if self.heat >= HEAT {
            self.emit(self.cluster, end, hot);
            // what was searched need not be searched again when the cluster goes on
            self.cluster = end;
        }
    }

    /// A word in ASCII of more than small letters; `len` without what is invisible in it.
    fn ascii(
        &mut self,
        start: usize,
        end: usize,
        flags: u8,
        inner: bool,
        len: usize,
        hot: &mut dyn FnMut(usize, usize),
    ) {
        if len == 1 {
            return self.single(start, end, flags & DIGIT == 0, hot);
        }
        if flags & DIGIT == 0 {
            if len >= LONG {
                self.odd(start, end, len, hot);
            } else if inner {
                self.odd(start, end, if len < 10 { len.min(5) } else { len }, hot);
            } else if flags == UPPER && (2..=8).contains(&len) {
                let (size, count, last) = self.caps;
                self.caps = (len, if size == len && start <= last + 2 { count + 1 } else { 1 }, end);
                if self.caps.1 >= 4 {
                    self.odd(start, end, HEAT, hot);
                }
            }
            return self.letters(start, end, hot);
        }
        self.seed_count = 0;
        let bytes = self.bytes;
        // the beginning of an IBAN: two letters, two digits, and no more, or all of it
        let iban = len >= 4
            && (len >= 15 || matches!(bytes.get(end), Some(b' ' | b'-' | b'.')))
            && bytes[start..start + 2].iter().all(u8::is_ascii_alphabetic)
            && bytes[start + 2..start + 4].iter().all(u8::is_ascii_digit);
        // `u32`, `m2`: names of programs and units rather than pieces
        let short = len <= 3 && bytes[start].is_ascii_lowercase() && bytes[end - 1].is_ascii_digit();
        self.odd(
            start,
            end,
            if iban {
                HEAT
            } else if short {
                1
            } else {
                len
            },
            hot,
        );
        // `UID123456`
        if len >= 9 && bytes[start].is_ascii_alphabetic() {
            self.said_near(end, hot, start);
        }
    }

    fn single(&mut self, start: usize, end: usize, letter: bool, hot: &mut dyn FnMut(usize, usize)) {
        let (count, letters, first, last) = self.singles;
        self.singles = if count > 0 && start <= last + 6 {
            (count + 1, letters + usize::from(letter), first, end)
        } else {
            (1, usize::from(letter), start, end)
        };
        let (count, letters, first, _) = self.singles;
        if count >= 6 && letters >= 2 {
            self.emit(first, end, hot);
            self.singles.2 = start;
        }
    }

    /// A word of letters: perhaps one of a seed's.
    fn letters(&mut self, start: usize, end: usize, hot: &mut dyn FnMut(usize, usize)) {
        let len = end - start;
        if !(3..=12).contains(&len) {
            self.seed_count = 0;
            if len == 1 {
                self.single(start, end, true, hot);
            }
            return;
        }
        if start > self.seed[self.seed_at].1 + 8 {
            self.seed_count = 0;
        }
        self.seed_at = (self.seed_at + 1) & 15;
        self.seed[self.seed_at] = (start, end);
        self.seed_count += 1;
        if self.seed_count >= 12 {
            self.seed_run(end, hot);
        }
    }

    /// Twelve words in a row that could be a seed's: whether lists have them.
    #[inline(never)]
    fn seed_run(&mut self, end: usize, hot: &mut dyn FnMut(usize, usize)) {
        // the last of the twelve that is in no list ends every run that it stands in
        let listed = |(start, end): &(usize, usize)| {
            let word = &self.text[*start..*end];
            !word.is_ascii() || is_listed(&word.to_ascii_lowercase())
        };
        match (0..12).find(|back| !listed(&self.seed[(self.seed_at + 16 - back) & 15])) {
            Some(back) => self.seed_count = back,
            None => {
                self.seed_count = 12;
                self.emit(self.seed[(self.seed_at + 16 - 11) & 15].0, end, hot);
            }
        }
    }

    fn digits(&mut self, start: usize, end: usize, hot: &mut dyn FnMut(usize, usize)) {
        let len = end - start;
        if len > 2 {
            self.seed_count = 0;
        }
        if len == 1 {
            self.single(start, end, false, hot);
        }
        let (count, last, first) = self.group;
        let joined = last > 0 && start == last + 1 && matches!(self.bytes[last], b' ' | b'-' | b'.');
        let (count, first) = if joined { (count + len, first) } else { (len, start) };
        self.group = (count, end, first);
        if joined && count >= 12 && len <= 7 {
            self.emit(start.saturating_sub(24), end, hot);
        }
        // a word that says what a number is stands right before it; cards and telephones are looked for more widely
        let wide = count >= 12 && !joined || len >= 9 && self.bytes[start..].starts_with(b"00");
        if count >= 6 && start <= self.said_last + 8 {
            self.said_last = end;
            self.emit(start, end, hot);
        } else if wide || count >= 6 && len >= 3 && self.follows_word(first) {
            self.said_near(start, hot, start);
        }
        let more = |i: usize| {
            matches!(self.bytes.get(i), Some(b' ' | b'-' | b'('))
                && self.bytes.get(i + 1).is_some_and(u8::is_ascii_digit)
        };
        if len >= 2 && self.bytes[start..].starts_with(b"00") && len <= 6 && more(end) {
            self.emit(start, end, hot);
        }
        // TON's raw form
        if len == 1 && self.bytes[start] == b'0' && self.bytes.get(end) == Some(&b':') {
            self.odd(start, end, 1, hot);
        }
        if len >= LONG {
            self.odd(start, end, 1, hot);
        }
    }

    /// Whether the last letter or digit before `at` is a letter, and near.
    fn follows_word(&self, at: usize) -> bool {
        let before = self.bytes[at.saturating_sub(32)..at].iter().rev();
        before.map(|b| CLASS[usize::from(*b)] & WORD).find(|class| *class != 0).is_some_and(|class| class != DIGIT)
    }

    /// Searches around digits at `at` where a word before them says what they are.
    fn said_near(&mut self, at: usize, hot: &mut dyn FnMut(usize, usize), start: usize) {
        if at > self.said_to {
            let from = floor(self.text, self.said_to.saturating_sub(48).max(at.saturating_sub(SAID)));
            let to = floor(self.text, (at + AHEAD).min(self.bytes.len()));
            let keep = at.saturating_sub(SAID);
            self.said.retain(|hit| hit.end >= keep);
            hits(self.text, from, to, &mut self.said);
            self.said_to = to;
        }
        let wanted = |hit: &&Hit| {
            hit.end <= at
                && hit.end + SAID >= at
                && matches!(hit.says, Says::User | Says::Coupon(_) | Says::Card | Says::Phone)
        };
        if self.said.iter().any(|hit| wanted(&hit)) {
            self.said_last = at;
            self.emit(start, at, hot);
        }
    }

    /// A word without ASCII: digits of another script, or wide letters.
    fn foreign(&mut self, start: usize, end: usize, hot: &mut dyn FnMut(usize, usize)) {
        self.seed_count = 0;
        if end > self.foreign_to {
            // a block at a time: most have no such character at all
            let to = (start + BLOCK).max(end).min(self.bytes.len());
            self.foreign_digits = has_foreign(&self.bytes[start..to]);
            self.foreign_to = to;
        }
        if !self.foreign_digits {
            return;
        }
        let word = &self.bytes[start..end];
        let (mut digits, mut wide) = (0, 0);
        for (n, byte) in word.iter().enumerate() {
            match *byte {
                0xd9 if word.get(n + 1).is_some_and(|b| (0xa0..=0xa9).contains(b)) => digits += 1,
                0xdb if word.get(n + 1).is_some_and(|b| (0xb0..=0xb9).contains(b)) => digits += 1,
                0xe0 if word.get(n + 1).is_some_and(|b| matches!(b, 0xa5 | 0xa7 | 0xa9 | 0xab)) => digits += 1,
                0xef if matches!(
                    word.get(n + 1..n + 3),
                    Some([0xbc, 0x90..=0x99 | 0xa1..=0xba] | [0xbd, 0x81..=0x9a])
                ) =>
                {
                    wide += 1;
                }
                0xf0 if matches!(word.get(n + 1), Some(0x9d)) => wide += 1,
                _ => {}
            }
        }
        if wide >= 1 {
            self.odd(start, end, 2 * wide, hot);
        }
        if digits >= 2 {
            if digits >= 3 {
                self.said_near(start, hot, start);
            }
            let (count, last, first) = self.group;
            let joined = last > 0 && start == last + 1;
            let (count, first) = if joined { (count + digits, first) } else { (digits, start) };
            self.group = (count, end, first);
            if count >= 12 {
                self.emit(start.saturating_sub(48), end, hot);
            }
        }
    }

    /// A word in which ASCII and other characters stand together: its pieces as the exact search will see them.
    fn mixed_scripts(&mut self, start: usize, end: usize, hot: &mut dyn FnMut(usize, usize)) {
        let (mut from, mut flags, mut len, mut inner, mut foreign, mut blocked) = (start, 0_u8, 0, false, false, false);
        let mut before = 0;
        let mut plain_letters = true;
        let mut foreign_digits = 0;
        let mut at = start;
        let word_end = end;
        while at <= word_end {
            let (c, flag, size) = if at == word_end {
                (b' ', 0, 1)
            } else if self.bytes[at] < 0x80 {
                (self.bytes[at], 0, 1)
            } else {
                let c = self.text[at..].chars().next().unwrap_or(' ');
                let (c_, flag) = glyph(c);
                (c_, flag, c.len_utf8())
            };
            if c.is_ascii_alphanumeric() {
                let class = CLASS[usize::from(c)];
                inner |= class == UPPER && before == LOWER;
                before = class;
                flags |= class;
                len += 1;
                foreign |= flag & LOOK != 0;
                foreign_digits += usize::from(flag & FOREIGN_DIGIT != 0);
            } else if c == LETTER {
                blocked = true;
            } else if c != INVISIBLE {
                plain_letters &= at == word_end;
                if len > 0 && !blocked {
                    if foreign && len > 1 {
                        self.odd(from, at.min(end), len, hot);
                    }
                    if foreign_digits > 0 && len >= 3 {
                        self.said_near(from, hot, from);
                    }
                    if flags == DIGIT {
                        if at - from == len && foreign_digits == 0 {
                            self.digits(from, at, hot);
                        } else if len > 2 {
                            self.said_near(from, hot, from);
                        }
                    } else if flags == LOWER && len < LONG {
                        if len == 1 {
                            self.single(from, at, true, hot);
                        }
                    } else if at - from == len {
                        self.ascii(from, at, flags, inner, len, hot);
                    } else {
                        self.hidden(from, at, flags, inner, len, hot);
                    }
                }
                (from, flags, len, inner, foreign, blocked, before) = (at + size, 0, 0, false, false, false, 0);
                foreign_digits = 0;
            }
            at += size;
        }
        // `aérer` may be a word of a French seed
        if plain_letters && end - start <= 14 {
            self.letters(start, end, hot);
        } else {
            self.seed_count = 0;
        }
    }

    /// A piece with invisible or foreign characters inside it.
    fn hidden(
        &mut self,
        start: usize,
        end: usize,
        flags: u8,
        inner: bool,
        len: usize,
        hot: &mut dyn FnMut(usize, usize),
    ) {
        if len == 1 {
            self.single(start, end, flags & DIGIT == 0, hot);
        } else if flags & DIGIT != 0 || len >= LONG {
            self.odd(start, end, len, hot);
        } else if inner {
            self.odd(start, end, if len < 10 { len.min(5) } else { len }, hot);
        }
    }

    fn trigger(&mut self, i: usize, hot: &mut dyn FnMut(usize, usize)) {
        let bytes = self.bytes;
        let after = |n: usize| bytes.get(i + n).copied().unwrap_or(0);
        match bytes[i] {
            b'@' if after(1).is_ascii_alphanumeric() => self.emit(i, (i + 64).min(bytes.len()), hot),
            b':' if after(1) == b'/' && after(2) == b'/' => {
                let rest = &bytes[i..(i + LINK).min(bytes.len())];
                let end = rest.iter().position(|b| matches!(b, b' ' | b'\n' | b'\t' | b'\r' | b'"' | b'<'));
                self.emit(i, i + end.unwrap_or(rest.len()), hot);
            }
            b'.' if after(1).is_ascii_alphabetic() && i > 0 && bytes[i - 1].is_ascii_alphanumeric() => {
                // the last label decides: an ending that hosts have, or a path after it
                let rest = &bytes[i + 1..(i + 26).min(bytes.len())];
                let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
                let next = rest.get(len).copied().unwrap_or(b' ');
                let ends = is_plain_ending(&rest[..len])
                    || next == b'/'
                        && (2..=4).contains(&len)
                        && rest.get(len + 1).is_some_and(u8::is_ascii_alphanumeric)
                    || i >= 3 && bytes[i - 3..i].eq_ignore_ascii_case(b"www");
                if ends {
                    let from = bytes[..i].iter().rev().take(256).take_while(|b| b.is_ascii_graphic()).count();
                    self.emit(i - from, i + 64, hot);
                }
            }
            b'+' => {
                let next = bytes.get(i + 1..(i + 3).min(bytes.len())).unwrap_or_default();
                if next.iter().any(u8::is_ascii_digit) || matches!(next, [0xd9, 0xa0..=0xa9] | [0xdb, 0xb0..=0xb9]) {
                    let window = &bytes[i..(i + 28).min(bytes.len())];
                    let digits = window.iter().filter(|b| b.is_ascii_digit()).count();
                    let foreign = window.windows(2).filter(|w| matches!(w, [0xd9, 0xa0..=0xa9] | [0xdb, 0xb0..=0xb9]));
                    if digits + foreign.count() >= 7 {
                        self.emit(i, i, hot);
                    }
                }
            }
            b'[' | b'(' | b'{' => {
                let word = &bytes[i + 1..(i + 5).min(bytes.len())];
                let close = |n: usize| matches!(word.get(n), Some(b']' | b')' | b'}'));
                let mark = matches!(word.first(), Some(b'.' | b'@')) && close(1)
                    || word.get(..2).is_some_and(|w| w.eq_ignore_ascii_case(b"at")) && close(2)
                    || word.get(..3).is_some_and(|w| w.eq_ignore_ascii_case(b"dot")) && close(3);
                if mark {
                    self.emit(i, (i + 64).min(bytes.len()), hot);
                }
            }
            _ => {}
        }
    }
}

/// The top bit of each of eight bytes.
const TOPS: u64 = 0x8080_8080_8080_8080;

/// How many bytes from `i` on are of a kind; `kind` sets the top bit of those of eight bytes that are.
#[inline]
fn run_of(bytes: &[u8], i: usize, kind: impl Fn(u64) -> u64) -> usize {
    let mut run = 0;
    while let Some(eight) = bytes.get(i + run..i + run + 8) {
        let others = !kind(u64::from_le_bytes(eight.try_into().unwrap_or_default())) & TOPS;
        if others != 0 {
            return run + others.trailing_zeros() as usize / 8;
        }
        run += 8;
    }
    run
}

/// The top bit of those bytes that are `a` to `z`.
#[inline]
fn small_letters(eight: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = eight & !TOPS;
    // no carry leaves a byte whose top bit is clear
    let from_a = low + ONES * (0x80 - b'a' as u64);
    let after_z = low + ONES * (0x7f - b'z' as u64);
    from_a & !after_z & !eight & TOPS
}

/// Bytes in which characters of other scripts are looked for at a time.
const BLOCK: usize = 4 << 10;

#[allow(clippy::needless_bitwise_bool)] // without branches the loop runs on many bytes at once
/// Whether a digit of Arabic, Persian or an Indian script, or a wide or mathematical letter, may stand in `bytes`.
fn has_foreign(bytes: &[u8]) -> bool {
    bytes.windows(2).fold(false, |any, pair| {
        let second = pair[1];
        any | (pair[0] == 0xd9) & (second.wrapping_sub(0xa0) < 10)
            | (pair[0] == 0xdb) & (second.wrapping_sub(0xb0) < 10)
            | (pair[0] == 0xe0)
            | (pair[0] == 0xef) & (second & 0xfe == 0xbc)
            | (pair[0] == 0xf0) & (second == 0x9d)
    })
}

fn has_inner_capital(word: &[u8]) -> bool {
    // `Word`, `someWord` and `SomeWord` are written so; `wORD`, `WoRd` and `WORd` are not
    let mut capital = None;
    for (n, byte) in word.iter().enumerate() {
        if byte.is_ascii_uppercase() {
            if capital.is_some_and(|before| n - before < 3) || n == 1 {
                return true;
            }
            capital = Some(n);
        }
    }
    capital.is_some_and(|last| last > 0 && word.len() - last < 3)
}
