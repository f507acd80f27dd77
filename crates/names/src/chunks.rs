//! Runs of one to three Latin letters as small numbers: what one letter of another alphabet is written as.

use rustc_hash::FxHashMap;

/// The number of the empty run.
pub(crate) const EMPTY: u16 = 0;
/// No run of the table.
pub(crate) const NONE: u16 = u16::MAX;
/// Letters of the longest run.
pub(crate) const LONGEST: usize = 3;

/// The runs that a table knows.
#[derive(Debug)]
pub(crate) struct Chunks {
    texts: Vec<String>,
    numbers: FxHashMap<String, u16>,
    /// By place of [`slot`]: the number of each run of one to three letters.
    slots: Vec<u16>,
}

/// A run of one to three codes (0–25) as an index; the three lengths lie one behind the other.
fn slot(codes: &[u8]) -> Option<usize> {
    match *codes {
        [a] => Some(a as usize),
        [a, b] => Some(26 + a as usize * 26 + b as usize),
        [a, b, c] => Some(26 + 676 + (a as usize * 26 + b as usize) * 26 + c as usize),
        _ => None,
    }
}

impl Default for Chunks {
    fn default() -> Self {
        let slots = vec![NONE; 26 + 676 + 17_576];
        Self { texts: vec![String::new()], numbers: FxHashMap::from_iter([(String::new(), EMPTY)]), slots }
    }
}

impl Chunks {
    /// The number of a run, given anew where it is not known. `None`: not one to three letters `a`–`z`, nor empty.
    pub(crate) fn add(&mut self, text: &str) -> Option<u16> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        let codes: Vec<u8> = text.bytes().map(|b| b.wrapping_sub(b'a')).collect();
        if codes.iter().any(|c| *c >= 26) {
            return None;
        }
        let slot = slot(&codes)?;
        let number = self.texts.len() as u16;
        self.slots[slot] = number;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        Some(number)
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn text(&self, number: u16) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }

    /// For each place of a text of codes (0–25) the numbers of the runs of one, two and three letters that begin there;
    /// [`NONE`] where the table has no such run.
    pub(crate) fn places(&self, codes: &[u8]) -> Vec<[u16; LONGEST]> {
        let at = |from: usize, length: usize| {
            codes.get(from..from + length).and_then(slot).map_or(NONE, |slot| self.slots[slot])
        };
        (0..codes.len()).map(|i| [at(i, 1), at(i, 2), at(i, 3)]).collect()
    }
}
