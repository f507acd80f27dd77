//! Maps of characters: what a font's codes mean as text (`ToUnicode`), and how long a code is.

use super::lexer::{Lexer, Token};
use lopdf::Object;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Entries of one map: more than a font may have glyphs.
const ENTRIES_MAX: usize = 100_000;
/// Ranges that tell how long a code is.
const SPACES_MAX: usize = 64;

/// A map from codes to text.
#[derive(Clone, Debug, Default)]
pub(crate) struct CharacterMap {
    /// How codes begin: their length in bytes, and the codes of that length.
    spaces: Vec<(usize, RangeInclusive<u32>)>,
    single: HashMap<u32, String>,
    /// First and last code, and the text of the first, whose last character counts up.
    ranges: Vec<(u32, u32, String)>,
    /// First and last code, and the number of the first glyph.
    glyphs: Vec<(u32, u32, u32)>,
}

impl CharacterMap {
    /// Reads a map; what it cannot read of it is left out.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut map = Self::default();
        let mut lexer = Lexer::content(bytes);
        let mut operands: Vec<Object> = Vec::new();
        while let Some(token) = lexer.token() {
            match token {
                Token::Object(object) => {
                    // a section has a hundred entries by the standard; producers write more
                    if operands.len() < 3 * ENTRIES_MAX {
                        operands.push(object);
                    }
                    continue;
                }
                Token::Word(b"endcodespacerange") => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some((from, length)), Some((to, _))) = (code(&pair[0]), code(&pair[1])) {
                            map.spaces.push((length, from..=to));
                        }
                    }
                }
                Token::Word(b"endbfchar") => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some((from, _)), Some(text)) = (code(&pair[0]), text(&pair[1])) {
                            map.single.insert(from, text);
                        }
                    }
                }
                Token::Word(b"endbfrange") => {
                    for triple in operands.chunks_exact(3) {
                        map.take_range(triple);
                    }
                }
                Token::Word(b"endcidrange") => {
                    for triple in operands.chunks_exact(3) {
                        if let (Some((from, _)), Some((to, _)), Ok(glyph)) =
                            (code(&triple[0]), code(&triple[1]), triple[2].as_i64())
                        {
                            map.glyphs.push((from, to, glyph as u32));
                        }
                    }
                }
                Token::Word(b"endcidchar") => {
                    for pair in operands.chunks_exact(2) {
                        if let (Some((from, _)), Ok(glyph)) = (code(&pair[0]), pair[1].as_i64()) {
                            map.glyphs.push((from, from, glyph as u32));
                        }
                    }
                }
                Token::Word(_) => {}
            }
            operands.clear();
            if map.entries() > ENTRIES_MAX {
                break;
            }
        }
        map.spaces.truncate(SPACES_MAX);
        map.ranges.sort_by_key(|(from, ..)| *from);
        map.glyphs.sort_by_key(|(from, ..)| *from);
        map
    }

    fn take_range(&mut self, triple: &[Object]) {
        let (Some((from, _)), Some((to, _))) = (code(&triple[0]), code(&triple[1])) else { return };
        if let Object::Array(texts) = &triple[2] {
            for (code, entry) in (from..=to).zip(texts) {
                if let Some(text) = text(entry) {
                    self.single.insert(code, text);
                }
            }
        } else if let Some(text) = text(&triple[2]) {
            self.ranges.push((from, to, text));
        }
    }

    /// The text of a code.
    pub(crate) fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.single.get(&code) {
            return Some(text.clone());
        }
        let after = self.ranges.partition_point(|(from, ..)| *from <= code);
        let (from, _, first) = self.ranges[..after].last().filter(|(_, to, _)| code <= *to)?;
        let last = first.chars().next_back()?;
        let counted = char::from_u32(u32::from(last).checked_add(code - from)?)?;
        Some(format!("{}{counted}", &first[..first.len() - last.len_utf8()]))
    }

    /// The glyph of a code.
    pub(crate) fn glyph(&self, code: u32) -> Option<u32> {
        let after = self.glyphs.partition_point(|(from, ..)| *from <= code);
        let (from, _, glyph) = self.glyphs[..after].last().filter(|(_, to, _)| code <= *to)?;
        glyph.checked_add(code - from)
    }

    /// Whether codes have a length of their own here.
    pub(crate) fn has_spaces(&self) -> bool {
        !self.spaces.is_empty()
    }

    /// How many bytes the next code has.
    pub(crate) fn length(&self, bytes: &[u8]) -> Option<usize> {
        let mut code = 0u32;
        for (i, byte) in bytes.iter().take(4).enumerate() {
            code = code << 8 | u32::from(*byte);
            if self.spaces.iter().any(|(length, codes)| *length == i + 1 && codes.contains(&code)) {
                return Some(i + 1);
            }
        }
        None
    }

    /// How many entries it has.
    pub(crate) fn entries(&self) -> usize {
        self.single.len() + self.ranges.len() + self.glyphs.len() + self.spaces.len()
    }

    /// Whether it maps nothing to text.
    pub(crate) fn is_empty(&self) -> bool {
        self.single.is_empty() && self.ranges.is_empty()
    }
}

fn code(object: &Object) -> Option<(u32, usize)> {
    let bytes = object.as_str().ok().filter(|bytes| (1..=4).contains(&bytes.len()))?;
    Some((bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)), bytes.len()))
}

fn text(object: &Object) -> Option<String> {
    let bytes = object.as_str().ok().filter(|bytes| !bytes.is_empty() && bytes.len() <= 64)?;
    if let [one] = bytes {
        return Some(char::from(*one).to_string());
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maps_of_the_standard_are_read() {
        // the forms of ISO 32000-1, 9.10.3, and an array of texts
        let map = CharacterMap::read(
            b"/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <FFFF> endcodespacerange
              2 beginbfrange <0000> <005E> <0020> <005F> <0061> [<00660066> <00660069> <00660066006C>] endbfrange
              1 beginbfchar <3A51> <D840DC3E> endbfchar endcmap",
        );
        assert_eq!(map.text(0x21).as_deref(), Some("A"));
        assert_eq!(map.text(0x60).as_deref(), Some("fi"));
        assert_eq!(map.text(0x3a51).as_deref(), Some("\u{2003e}"));
        assert_eq!(map.text(0x62), None);
        assert_eq!(map.length(&[0, 1, 2]), Some(2));
        assert_eq!(map.length(&[0]), None);
    }

    #[test]
    fn a_range_of_four_billion_codes_costs_an_entry() {
        let map = CharacterMap::read(b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange");
        assert_eq!(map.text(1).as_deref(), Some("B"));
        assert_eq!(map.text(u32::MAX), None);
    }
}
