//! The words of a seed: BIP 39 in the languages that write with Latin letters, and Electrum's own kind.
//!
//! A seed of twelve words has only four bits of checksum: one run of listed words in sixteen passes by chance. What makes it
//! rare is the run itself: prose almost never has twelve listed words on end. A list of the words themselves, which is sorted,
//! is no seed. Source of Electrum's: HMAC-SHA512 under `Seed version`, whose first digits tell the kind.

use crate::cells::Cells;
use bip39::Language;
use hmac::{Hmac, KeyInit, Mac};
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256, Sha512};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

const LANGUAGES: [Language; 6] =
    [Language::English, Language::French, Language::Spanish, Language::Italian, Language::Portuguese, Language::Czech];

/// A word's place in the list of each language; [`ABSENT`] where it has none.
type Places = [u16; LANGUAGES.len()];

const ABSENT: u16 = u16::MAX;

static LISTED: LazyLock<FxHashMap<&'static str, Places>> = LazyLock::new(|| {
    let mut all: FxHashMap<&'static str, Places> = FxHashMap::default();
    for (n, language) in LANGUAGES.into_iter().enumerate() {
        for (place, word) in language.word_list().iter().enumerate() {
            all.entry(word).or_insert([ABSENT; LANGUAGES.len()])[n] = place as u16;
        }
    }
    all
});

fn places_of(word: &str) -> Option<&'static Places> {
    if (3..=12).contains(&word.len()) { LISTED.get(word) } else { None }
}

/// Words of a run that are looked at from one beginning.
const RUN_MAX: usize = 48;
/// Words of a seed.
const LENGTHS: [usize; 5] = [24, 21, 18, 15, 12];

/// Whether any language lists a word of lower-case letters.
pub(crate) fn is_listed(word: &str) -> bool {
    places_of(word).is_some()
}

/// What a run of listed words that begins at a cell is.
pub(crate) enum Run {
    /// A seed: its first cell and the cell after its last.
    Seed(usize, usize),
    /// None, up to this cell.
    None(usize),
}

/// Looks at the run of listed words that begins at cell `i`, the first of a word.
pub(crate) fn run_at(text: &str, cells: &Cells, i: usize) -> Run {
    // nearly every word ends here
    let first = cells.word_end(i);
    let mut letters = [0; 12];
    if first - i <= letters.len() && cells.ch[i..first].iter().all(u8::is_ascii_alphabetic) {
        let letters = &mut letters[..first - i];
        letters.copy_from_slice(&cells.ch[i..first]);
        letters.make_ascii_lowercase();
        if !is_listed(std::str::from_utf8(letters).unwrap_or_default()) {
            return Run::None(first);
        }
    }
    let mut words: Vec<(String, &Places, usize, usize)> = Vec::new();
    let mut at = i;
    let mut common = [true; LANGUAGES.len()];
    while words.len() < RUN_MAX {
        let end = cells.word_end(at);
        if end == at || end - at > 12 {
            break;
        }
        let raw = &text[cells.range(at, end)];
        let digits = raw.len() <= 2 && raw.bytes().all(|b| b.is_ascii_digit());
        if !digits {
            let lower = raw.to_lowercase();
            let word: String = if lower.is_ascii() { lower } else { lower.nfkd().collect() };
            let Some(places) = places_of(&word) else { break };
            let mut still = common;
            still.iter_mut().zip(places).for_each(|(still, place)| *still &= *place != ABSENT);
            if still == [false; LANGUAGES.len()] {
                break;
            }
            common = still;
            words.push((word, places, at, end));
        }
        let mut next = end;
        while matches!(
            cells.get(next),
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b'.' | b')' | b':' | b'-' | b';' | b'(' | b'>'
        ) && next - end < 6
        {
            next += 1;
        }
        if next == end || !cells.is_word(next) {
            break;
        }
        at = next;
    }
    let past = words.last().map_or_else(|| cells.word_end(i), |w| w.3).max(i + 1);
    if words.len() < 12 {
        return Run::None(past);
    }
    cells.read.set(cells.read.get() + 4 * words.len() as u64 * LENGTHS.len() as u64);
    for start in 0..=words.len() - 12 {
        for length in LENGTHS {
            let Some(part) = words.get(start..start + length) else { continue };
            let is_seed = (0..LANGUAGES.len()).filter(|n| common[*n]).any(|n| {
                let places: Vec<u16> = part.iter().map(|w| w.1[n]).collect();
                is_bip39(&places)
            });
            if is_seed || common[0] && is_electrum(part.iter().map(|w| w.0.as_str())) {
                return Run::Seed(part[0].2, part[length - 1].3);
            }
        }
    }
    // a run that goes on is looked at again from near its end
    Run::None(if words.len() == RUN_MAX { words[RUN_MAX - 24].2 } else { past })
}

/// Whether words at these places of one list are a seed: 11 bits each, of which the last are the first of SHA-256 of the others,
/// one for each 32 (BIP 39).
fn is_bip39(places: &[u16]) -> bool {
    // a list in its own order, or one word again and again (but for all zeros, whose last word differs)
    if places.windows(2).all(|pair| pair[0] < pair[1]) || places.windows(2).all(|pair| pair[0] == pair[1]) {
        return false;
    }
    let mut bytes = [0_u8; 33];
    let (mut bits, mut count, mut at) = (0_u32, 0, 0);
    for place in places {
        bits = bits << 11 | u32::from(*place);
        count += 11;
        while count >= 8 {
            count -= 8;
            bytes[at] = (bits >> count) as u8;
            at += 1;
        }
    }
    let entropy = places.len() / 3 * 4;
    let checksum = places.len() / 3;
    // up to eight bits of checksum follow the entropy
    let given = if count > 0 && at == entropy { (bits << (8 - count)) as u8 } else { bytes[entropy] };
    let right = Sha256::digest(&bytes[..entropy])[0];
    (given ^ right) >> (8 - checksum) == 0
}

fn is_electrum<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> bool {
    if !matches!(words.len(), 12 | 24) {
        return false;
    }
    let words: Vec<&str> = words.collect();
    if words.windows(2).all(|pair| pair[0] <= pair[1]) {
        return false;
    }
    let Ok(mut mac) = <Hmac<Sha512> as KeyInit>::new_from_slice(b"Seed version") else { return false };
    mac.update(words.join(" ").as_bytes());
    let hash = mac.finalize().into_bytes();
    // 01 standard; 100 segwit, 101 and 102 with a second factor: 12 bits
    hash[0] == 0x01 || hash[0] == 0x10 && hash[1] >> 4 <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(text: &str) -> Option<&str> {
        let mut cells = Cells::default();
        cells.read(text, 0, text.len());
        match run_at(text, &cells, 0) {
            Run::Seed(i, k) => Some(&text[cells.range(i, k)]),
            Run::None(_) => None,
        }
    }

    // of the test vectors of BIP 39
    const VECTOR: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";

    #[test]
    fn the_vectors_of_bip_39_are_seeds_in_any_layout() {
        assert_eq!(seed(VECTOR), Some(VECTOR));
        assert_eq!(seed(&format!("{VECTOR} and the rest")), Some(VECTOR));
        assert!(seed(&VECTOR.to_uppercase()).is_some());
        assert!(seed(&VECTOR.replace(' ', "\n")).is_some());
        let numbered: Vec<String> = VECTOR.split(' ').enumerate().map(|(n, w)| format!("{}. {w}", n + 1)).collect();
        assert!(seed(&numbered[..].join("\n")[3..]).is_some());
        let long = format!("{}art", "abandon ".repeat(23));
        assert_eq!(seed(&long), Some(long.as_str()));
    }

    #[test]
    fn the_documented_electrum_seed_is_one() {
        // of Electrum's documentation of its seed version system
        let text = "wild father tree among universe such mobile favorite target dynamic credit identify";
        assert_eq!(seed(text), Some(text));
    }

    #[test]
    fn a_wrong_word_and_the_list_itself_are_none() {
        assert_eq!(seed(&VECTOR.replace("yellow", "year")), None);
        assert_eq!(seed(&VECTOR.replace("yellow", "nothing")), None);
        let list = Language::English.word_list()[..40].join("\n");
        assert_eq!(seed(&list), None);
    }
}
