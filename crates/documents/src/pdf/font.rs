//! Fonts: the codes of a string as text and widths.
//!
//! Only what the file says is used. The glyphs themselves are not looked at, so a font without a map of characters and without
//! names for its glyphs has no text; how many characters that were is told.

use super::cmap::CharacterMap;
use super::file::{File, into_dictionary, number};
use lopdf::{Dictionary, Document, Object};
use std::collections::HashMap;

/// Bytes of a map of characters.
const MAP_BYTES_MAX: usize = 4 << 20;
/// Widths that a font gives.
const WIDTHS_MAX: usize = 70_000;

/// A font.
#[derive(Debug)]
pub(crate) struct Font {
    /// Codes of more than one byte.
    composite: bool,
    /// What a composite font's codes are: its map to glyphs, where it has one of its own.
    codes: Option<CharacterMap>,
    /// The codes are UTF-16.
    utf16: bool,
    unicode: Option<CharacterMap>,
    /// The text of each code of a simple font.
    simple: Vec<Option<String>>,
    widths: HashMap<u32, f32>,
    width_default: f32,
}

/// One code of a string.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Shown {
    /// What it says; `None` where the file does not tell.
    pub(crate) text: Option<String>,
    /// How far it moves, in text space at size 1.
    pub(crate) width: f32,
    /// Whether it is the code 32 of one byte, which word spacing widens.
    pub(crate) space: bool,
}

impl Font {
    /// Reads a font's dictionary.
    pub(crate) fn read(file: &File<'_>, font: &Dictionary) -> Self {
        let unicode = match file.get(font, b"ToUnicode") {
            Some(Object::Stream(stream)) => {
                file.decoded(&stream, 0, MAP_BYTES_MAX).ok().map(|bytes| CharacterMap::read(&bytes))
            }
            _ => None,
        };
        let mut read = Self {
            composite: false,
            codes: None,
            utf16: false,
            unicode: unicode.filter(|map| !map.is_empty()),
            simple: Vec::new(),
            widths: HashMap::new(),
            width_default: 0.5,
        };
        if file.name(font, b"Subtype").as_deref() == Some(b"Type0") {
            read.read_composite(file, font);
        } else {
            read.read_simple(file, font);
        }
        read
    }

    fn read_composite(&mut self, file: &File<'_>, font: &Dictionary) {
        self.composite = true;
        match file.get(font, b"Encoding") {
            Some(Object::Stream(stream)) => {
                let bytes = file.decoded(&stream, 0, MAP_BYTES_MAX).unwrap_or_default();
                self.codes = Some(CharacterMap::read(&bytes)).filter(CharacterMap::has_spaces);
            }
            Some(Object::Name(name)) => self.utf16 = contains(&name, b"UCS2") || contains(&name, b"UTF16"),
            _ => {}
        }
        self.width_default = 1.0;
        let descendants = file.array(font, b"DescendantFonts").unwrap_or_default();
        let Some(descendant) = descendants.first().and_then(|d| file.resolved(d)).and_then(into_dictionary) else {
            return;
        };
        if let Some(width) = file.number(&descendant, b"DW") {
            self.width_default = width as f32 / 1000.0;
        }
        let array = file.array(&descendant, b"W").unwrap_or_default();
        let mut entries = array.iter().map(|entry| file.resolved(entry).unwrap_or(Object::Null));
        // ranges may cover each other: their lengths are counted, not the codes
        let mut left = WIDTHS_MAX;
        // `first [w w w]` or `first last w`
        while let (Some(first), Some(next)) = (entries.next(), entries.next()) {
            let Some(first) = number(&first).map(|n| n as u32) else { continue };
            if let Object::Array(widths) = next {
                for (code, width) in (first..=u32::MAX).zip(&widths) {
                    self.take_width(code, number(width));
                }
            } else if let (Some(last), Some(width)) = (number(&next), entries.next()) {
                for code in (first..=last as u32).take(left) {
                    left -= 1;
                    self.take_width(code, number(&width));
                }
            }
        }
    }

    fn take_width(&mut self, code: u32, width: Option<f64>) {
        if self.widths.len() < WIDTHS_MAX
            && let Some(width) = width
        {
            self.widths.insert(code, width as f32 / 1000.0);
        }
    }

    fn read_simple(&mut self, file: &File<'_>, font: &Dictionary) {
        let base = file.name(font, b"BaseFont").unwrap_or_default();
        let own_codes = contains(&base, b"Symbol") || contains(&base, b"Dingbats");
        let (encoding, differences) = match file.get(font, b"Encoding") {
            Some(Object::Name(name)) => (Some(name), Vec::new()),
            Some(Object::Dictionary(dictionary)) => {
                (file.name(&dictionary, b"BaseEncoding"), file.array(&dictionary, b"Differences").unwrap_or_default())
            }
            _ => (None, Vec::new()),
        };
        let encoding = encoding.unwrap_or_else(|| b"StandardEncoding".to_vec());
        self.simple = if own_codes { vec![None; 256] } else { encoded(&encoding) };
        let mut code = 0usize;
        for entry in differences.iter().take(1024) {
            match file.resolved(entry) {
                Some(Object::Integer(first)) => code = usize::try_from(first).unwrap_or(256),
                Some(Object::Name(name)) => {
                    if let Some(place) = self.simple.get_mut(code) {
                        *place = named(&name);
                    }
                    code += 1;
                }
                _ => {}
            }
        }
        // a font that draws its own glyphs measures them by a matrix of its own
        let matrix = file.array(font, b"FontMatrix").unwrap_or_default();
        let is_drawn = file.name(font, b"Subtype").as_deref() == Some(b"Type3");
        let scale = match matrix.first().and_then(number) {
            Some(scale) if is_drawn => scale.abs(),
            _ => 0.001,
        };
        let first = file.number(font, b"FirstChar").unwrap_or(0.0) as u32;
        let widths = file.array(font, b"Widths").unwrap_or_default();
        for (code, width) in (first..=u32::MAX).zip(widths.iter().take(256)) {
            if let Some(width) = file.resolved(width).as_ref().and_then(number) {
                self.widths.insert(code, (width * scale) as f32);
            }
        }
        let descriptor = file.dictionary(font, b"FontDescriptor");
        let missing = descriptor.and_then(|d| file.number(&d, b"MissingWidth")).filter(|width| *width > 0.0);
        self.width_default = missing.map_or(0.5, |width| width as f32 / 1000.0);
        if self.widths.is_empty() {
            let fixed = contains(&base, b"Courier");
            for (code, width) in (32..).zip(WIDTHS_SANS) {
                self.widths.insert(code, if fixed { 0.6 } else { f32::from(width) / 1000.0 });
            }
        }
    }

    /// How many entries its maps have.
    pub(crate) fn entries(&self) -> usize {
        let of = |map: &Option<CharacterMap>| map.as_ref().map_or(0, CharacterMap::entries);
        of(&self.codes) + of(&self.unicode) + self.widths.len() + self.simple.len()
    }

    /// The codes of a string.
    pub(crate) fn shown(&self, string: &[u8]) -> Vec<Shown> {
        let mut shown = Vec::new();
        let mut rest = string;
        while !rest.is_empty() {
            let length = self.length(rest).min(rest.len());
            let (bytes, after) = rest.split_at(length);
            rest = after;
            let code = bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte));
            let glyph = self.codes.as_ref().and_then(|codes| codes.glyph(code)).unwrap_or(code);
            shown.push(Shown {
                text: self.text(code, bytes),
                width: self.widths.get(&glyph).copied().unwrap_or(self.width_default),
                space: length == 1 && code == 32,
            });
        }
        shown
    }

    fn length(&self, bytes: &[u8]) -> usize {
        if !self.composite {
            return 1;
        }
        self.codes.as_ref().and_then(|codes| codes.length(bytes)).unwrap_or(2)
    }

    fn text(&self, code: u32, bytes: &[u8]) -> Option<String> {
        if let Some(text) = self.unicode.as_ref().and_then(|map| map.text(code)) {
            return Some(text);
        }
        if !self.composite {
            return self.simple.get(code as usize)?.clone();
        }
        if self.utf16 && bytes.len() == 2 {
            return char::from_u32(code).map(String::from);
        }
        None
    }
}

fn contains(name: &[u8], part: &[u8]) -> bool {
    name.windows(part.len()).any(|window| window == part)
}

/// What each of 256 codes means in an encoding of the standard, by `lopdf`'s tables.
fn encoded(name: &[u8]) -> Vec<Option<String>> {
    let known: &[&[u8]] = &[b"StandardEncoding", b"MacRomanEncoding", b"WinAnsiEncoding", b"PDFDocEncoding"];
    let name = if known.contains(&name) { name } else { b"WinAnsiEncoding" };
    let mut font = Dictionary::new();
    font.set("Type", "Font");
    font.set("Encoding", Object::Name(name.to_vec()));
    let document = Document::new();
    let encoding = font.get_font_encoding(&document);
    let text = |code: u8| {
        let text = encoding.as_ref().ok()?.bytes_to_string(&[code]).ok()?;
        (!text.is_empty() && text != "\u{fffd}").then_some(text)
    };
    (0..=255).map(text).collect()
}

/// What the name of a glyph means, by the names that Adobe listed and by the forms `uni0041`, `u1F600`.
fn named(name: &[u8]) -> Option<String> {
    let whole = std::str::from_utf8(name).ok()?;
    // `f_i` is two glyphs in one, `a.alt` a form of `a`
    let plain = whole.split('.').next().filter(|plain| !plain.is_empty())?;
    let parts = plain.split('_').take(8).map(|part| {
        let code = part.strip_prefix("uni").or_else(|| part.strip_prefix('u'));
        let code = code.filter(|c| (4..=6).contains(&c.len())).and_then(|c| u32::from_str_radix(c, 16).ok());
        code.and_then(char::from_u32).map(String::from).or_else(|| listed(part))
    });
    parts.collect()
}

fn listed(name: &str) -> Option<String> {
    let mut encoding = Dictionary::new();
    // a name that is not known falls back to what the standard has at the code, which is nothing at 0
    encoding.set("Differences", vec![Object::Integer(0), Object::Name(name.as_bytes().to_vec())]);
    let mut font = Dictionary::new();
    font.set("Type", "Font");
    font.set("Encoding", Object::Dictionary(encoding));
    let document = Document::new();
    let text = font.get_font_encoding(&document).ok()?.bytes_to_string(&[0]).ok()?;
    (!text.is_empty()).then_some(text)
}

/// Widths of the characters 32 to 126 in the metrics that Adobe published for Helvetica, for fonts that give none.
const WIDTHS_SANS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_are_known_by_their_names() {
        assert_eq!(named(b"A").as_deref(), Some("A"));
        assert_eq!(named(b"f_i").as_deref(), Some("fi"));
        assert_eq!(named(b"uni0628").as_deref(), Some("\u{628}"));
        assert_eq!(named(b"u1F600").as_deref(), Some("\u{1f600}"));
        assert_eq!(named(b"one.oldstyle").as_deref(), Some("1"));
        assert_eq!(named(b"g123"), None);
        assert_eq!(named(b".notdef"), None);
    }

    #[test]
    fn the_encodings_of_the_standard_have_their_letters() {
        let windows = encoded(b"WinAnsiEncoding");
        assert_eq!(windows[0x41].as_deref(), Some("A"));
        assert_eq!(windows[0xe9].as_deref(), Some("é"));
        assert_eq!(windows[0x80].as_deref(), Some("€"));
        assert_eq!(encoded(b"MacRomanEncoding")[0x8e].as_deref(), Some("é"));
        // for bitcoin addresses the quote of the standard encoding does not matter, its digits do
        assert_eq!(encoded(b"StandardEncoding")[0x31].as_deref(), Some("1"));
    }
}
