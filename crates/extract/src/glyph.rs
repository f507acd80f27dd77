//! Characters: what a character that is not ASCII stands for in an identifier.
//!
//! Sources: Unicode's compatibility decompositions (full-width and mathematical letters), its table of confusables (UTS 39,
//! through `unicode-security`), and for Cyrillic and Greek a table of our own that comes first, because UTS 39 maps some
//! capitals to small letters (`І` to `l`), which no address would survive.

use std::sync::LazyLock;
use unicode_normalization::char::decompose_compatible;
use unicode_security::confusable_detection::skeleton;

/// A character of a script whose letters do not look Latin, a symbol, or a picture: it parts words.
pub(crate) const OTHER: u8 = 0x80;
/// A letter of Latin, Greek or Cyrillic that stands for no ASCII letter: a word with it is a word.
pub(crate) const LETTER: u8 = 0x81;
/// A character without width, or a mark on the one before it.
pub(crate) const INVISIBLE: u8 = 0x82;

/// The character stands for an ASCII letter or digit that it looks like.
pub(crate) const LOOK: u8 = 1;
/// The character is a digit of another script.
pub(crate) const DIGIT: u8 = 2;

/// Letters that look alike, as pairs of strings of equal length: ours before those of UTS 39.
const PAIRS: [(&str, &str); 4] = [
    ("АВСЕНІЈКМОРЅТХУҮԌԜЗ", "ABCEHIJKMOPSTXYYGW3"),
    ("асԁеһіјкорԛѕԝхуѵүьгпи", "acdehijkopqswxyvybrnu"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    ("ανικορτυχωηγε", "avikoptuxwnye"),
];

/// Zeros of the scripts whose digits are in use.
const ZEROS: [u32; 18] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
    0x17e0, 0x1810,
];

const TABLE_END: u32 = 0x3100;

/// What each character below [`TABLE_END`] stands for, with its flag.
static TABLE: LazyLock<Vec<(u8, u8)>> =
    LazyLock::new(|| (0..TABLE_END).map(|c| char::from_u32(c).map_or((OTHER, 0), compute)).collect());

/// What a character stands for: an ASCII character, or one of the codes above; and [`LOOK`] or [`DIGIT`].
pub(crate) fn glyph(c: char) -> (u8, u8) {
    TABLE.get(c as usize).copied().unwrap_or_else(|| compute(c))
}

fn compute(c: char) -> (u8, u8) {
    let code = c as u32;
    if code < 0x80 {
        return (code as u8, 0);
    }
    match code {
        // soft hyphen, joiners, zero widths, direction marks, isolates, fillers, variation selectors, tags, marks on letters
        0xad
        | 0x34f
        | 0x61c
        | 0x115f
        | 0x1160
        | 0x17b4
        | 0x17b5
        | 0x180b..=0x180f
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x206f
        | 0x3164
        | 0xfe00..=0xfe0f
        | 0xfeff
        | 0xffa0
        | 0xe0000..=0xe01ef
        | 0x300..=0x36f
        | 0x483..=0x489
        | 0x20d0..=0x20ff => return (INVISIBLE, 0),
        0x85 | 0x2028 | 0x2029 => return (b'\n', 0),
        0xa0 | 0x1680 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => return (b' ', 0),
        0x2010..=0x2015 | 0x2212 | 0xfe58 | 0xfe63 => return (b'-', 0),
        0xb7 | 0x2022 | 0x2027 | 0x2219 | 0x22c5 | 0x30fb | 0x25cf | 0x2024 => return (b'.', 0),
        0x60c => return (b',', 0),
        _ => {}
    }
    if let Some(zero) = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)) {
        return (b'0' + (code - zero) as u8, DIGIT);
    }
    for (from, to) in PAIRS {
        if let Some(at) = from.chars().position(|f| f == c) {
            return (to.as_bytes()[at], LOOK);
        }
    }
    let mut plain = Vec::new();
    decompose_compatible(c, |part| plain.push(part));
    if let [one] = plain[..]
        && one.is_ascii_graphic()
    {
        return (one as u8, if one.is_ascii_alphanumeric() { LOOK } else { 0 });
    }
    // scripts that UTS 39 finds Latin look-alikes in and that are in use for that; others only part words
    let alike = matches!(code, 0xc0..=0x58f | 0x13a0..=0x13ff | 0x1c80..=0x1cff | 0x1d00..=0x1fff | 0x2c60..=0x2dff | 0xa640..=0xa7ff | 0xab30..=0xabbf);
    if alike && c.is_alphanumeric() {
        let text = c.to_string();
        let mut letters = skeleton(&text);
        if let (Some(one), None) = (letters.next(), letters.next())
            && one.is_ascii_alphanumeric()
        {
            return (one as u8, LOOK);
        }
        return (LETTER, 0);
    }
    (OTHER, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_digits_and_invisible_characters_are_told() {
        for (c, expected) in [
            ('А', (b'A', LOOK)),
            ('і', (b'i', LOOK)),
            ('Ο', (b'O', LOOK)),
            ('Ｑ', (b'Q', LOOK)),
            ('７', (b'7', LOOK)),
            ('𝐀', (b'A', LOOK)),
            ('𝟗', (b'9', LOOK)),
            ('٣', (b'3', DIGIT)),
            ('۳', (b'3', DIGIT)),
            ('\u{200b}', (INVISIBLE, 0)),
            ('\u{ad}', (INVISIBLE, 0)),
            ('\u{336}', (INVISIBLE, 0)),
            ('\u{a0}', (b' ', 0)),
            ('–', (b'-', 0)),
            ('é', (LETTER, 0)),
            ('ж', (LETTER, 0)),
            ('ب', (OTHER, 0)),
            ('💰', (OTHER, 0)),
            ('：', (b':', 0)),
        ] {
            assert_eq!(glyph(c), expected, "{c:?}");
        }
        for (from, to) in PAIRS {
            assert_eq!(from.chars().count(), to.len());
        }
    }
}
