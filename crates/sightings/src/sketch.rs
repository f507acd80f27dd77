//! Sketches: a text as half a kilobyte that tells how much of it another text shares.
//!
//! A sketch holds 128 minima over the text's shingles of five normal characters, from which the Jaccard similarity of two texts is estimated
//! (Broder, "On the resemblance and containment of documents", 1997), and a SimHash of its words (Charikar, "Similarity estimation
//! techniques from rounding algorithms", 2002). One hash a shingle fills one of 128 bins (Li, Owen, Zhang, "One Permutation Hashing",
//! 2012); an empty bin takes the value of another (Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing",
//! 2017): so a text is read as fast as it is normalised, where 128 hashes a shingle would take a hundred times as long.
//!
//! What is compared is the wording: case, points and vowel marks, forms of Arabic letters, punctuation, digits and addresses do not count, so
//! that the same appeal with another address is near. A translation is not near: across languages nothing but shared addresses,
//! handles, links and pictures ties two texts.

use std::sync::OnceLock;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Minima in a sketch.
pub const SKETCH_MINIMA: usize = 128;
/// Normal characters in a shingle.
pub const SHINGLE_CHARS: usize = 5;
/// Shingles below which a text says too little to be compared.
pub const SHINGLES_MIN: u32 = 48;
/// Bytes of a sketch.
pub const SKETCH_BYTES: usize = 1 + 4 + 8 + SKETCH_MINIMA * 4;
/// Bins that must have a shingle of their own: a text that repeats a few characters has not.
const BINS_MIN: usize = 24;
/// ASCII letters and digits in a row that are taken for an address, where a digit is among them.
const ADDRESS_CHARS: usize = 20;
/// The same, without a digit.
const ADDRESS_LETTERS: usize = 30;
/// Characters of a word that are held at once.
const WORD_CHARS: usize = 256;
const VERSION: u8 = 1;
/// What stands for a run of digits.
const DIGITS: u32 = 0x11_0000;
/// What stands for an address.
const ADDRESS: u32 = 0x11_0001;
const EMPTY: u32 = u32::MAX;

/// A text, sketched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sketch {
    minima: [u32; SKETCH_MINIMA],
    simhash: u64,
    shingles: u32,
}

impl Sketch {
    /// The sketch of a text; `None` where it has too little text.
    pub fn of(text: &str) -> Option<Self> {
        let mut sketcher = Sketcher::default();
        sketcher.push(text);
        sketcher.finish()
    }

    /// The estimated Jaccard similarity of the shingles, 0 to 1. Its standard error is at most 0.045 (`sqrt(J(1-J)/128)`), at 0.8 it is
    /// 0.035; more for texts of fewer than some hundred shingles.
    pub fn similarity(&self, other: &Self) -> f64 {
        let equal = self.minima.iter().zip(&other.minima).filter(|(a, b)| a == b).count();
        equal as f64 / SKETCH_MINIMA as f64
    }

    /// In how many of 64 bits the SimHashes of the words differ: about 32 of unrelated texts, few where most words are the same.
    pub fn simhash_distance(&self, other: &Self) -> u32 {
        (self.simhash ^ other.simhash).count_ones()
    }

    /// How many shingles the text had.
    pub fn shingles(&self) -> u32 {
        self.shingles
    }

    pub(crate) fn minima(&self) -> &[u32; SKETCH_MINIMA] {
        &self.minima
    }

    /// As it is stored: [`SKETCH_BYTES`] bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(SKETCH_BYTES);
        out.push(VERSION);
        out.extend(self.shingles.to_le_bytes());
        out.extend(self.simhash.to_le_bytes());
        out.extend(self.minima.iter().flat_map(|m| m.to_le_bytes()));
        out
    }

    /// Back from [`Self::to_bytes`]; `None` of anything else, and of a sketch of another version.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != SKETCH_BYTES || bytes[0] != VERSION {
            return None;
        }
        let shingles = u32::from_le_bytes(bytes[1..5].try_into().ok()?);
        let simhash = u64::from_le_bytes(bytes[5..13].try_into().ok()?);
        let mut minima = [0; SKETCH_MINIMA];
        for (minimum, bytes) in minima.iter_mut().zip(bytes[13..].chunks_exact(4)) {
            *minimum = u32::from_le_bytes(bytes.try_into().ok()?);
        }
        Some(Self { minima, simhash, shingles })
    }
}

/// Sketches a text that comes in pieces. Memory does not grow with the text.
#[derive(Clone, Debug)]
pub struct Sketcher {
    bins: [u32; SKETCH_MINIMA],
    votes: Votes,
    shingles: u32,
    /// The last characters, and a rolling hash over them.
    last: [u32; SHINGLE_CHARS],
    chars: u64,
    rolling: u64,
    word: Vec<u32>,
    /// Whether the word is of ASCII letters and digits so far, and has a digit.
    ascii: bool,
    digit: bool,
    /// Whether the word before was digits alone: `1,250` is one number.
    number: bool,
}

impl Default for Sketcher {
    fn default() -> Self {
        Self {
            bins: [EMPTY; SKETCH_MINIMA],
            votes: Votes::default(),
            shingles: 0,
            last: [0; SHINGLE_CHARS],
            chars: 0,
            rolling: 0,
            word: Vec::with_capacity(WORD_CHARS),
            ascii: true,
            digit: false,
            number: false,
        }
    }
}

/// Base of the rolling hash, and that to the power of the shingle's length.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const BASE_OUT: u64 = {
    let (mut power, mut n) = (1u64, 0);
    while n < SHINGLE_CHARS {
        power = power.wrapping_mul(BASE);
        n += 1;
    }
    power
};

impl Sketcher {
    /// Adds a piece of the text. Pieces do not run into one another.
    pub fn push(&mut self, text: &str) {
        let table = table();
        for c in text.chars() {
            match table.get(c as usize).copied().unwrap_or(Part::Several) {
                Part::Letter(letter) => self.letter(letter),
                Part::Digit => self.digit(),
                Part::Nothing => {}
                Part::Between => self.end_word(),
                Part::Several => normal(c, &mut |part| match part {
                    Part::Letter(letter) => self.letter(letter),
                    Part::Digit => self.digit(),
                    _ => self.end_word(),
                }),
            }
        }
        self.end_word();
    }

    /// The sketch; `None` where there was too little text.
    pub fn finish(self) -> Option<Sketch> {
        let full = self.bins.iter().filter(|b| **b != EMPTY).count();
        if self.shingles < SHINGLES_MIN || full < BINS_MIN {
            return None;
        }
        let mut minima = self.bins;
        for (bin, minimum) in minima.iter_mut().enumerate().filter(|(_, m)| **m == EMPTY) {
            // the same bins in the same order for every text, until one is full; one is, see above
            let mut tries = (1u64..).map(|n| mix((bin as u64) << 32 | n) as usize % SKETCH_MINIMA);
            if let Some(from) = tries.find(|from| self.bins[*from] != EMPTY) {
                *minimum = self.bins[from];
            }
        }
        Some(Sketch { minima, simhash: self.votes.majority(), shingles: self.shingles })
    }

    fn letter(&mut self, c: u32) {
        self.ascii &= c < 128;
        self.put(c);
    }

    fn digit(&mut self) {
        self.digit = true;
        self.put(DIGITS);
    }

    fn put(&mut self, c: u32) {
        if self.word.len() == WORD_CHARS {
            // a word without end: its beginning is taken as it stands
            self.words_chars();
        }
        self.word.push(c);
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() {
            let number = self.words_chars();
            if !(number && self.number) {
                self.emit(u32::from(b' '));
            }
            self.number = number;
        }
    }

    /// Emits the characters that are held; gives whether they are digits alone, which are not emitted after digits alone.
    fn words_chars(&mut self) -> bool {
        let length = self.word.len();
        let address = self.ascii && (length >= ADDRESS_LETTERS || length >= ADDRESS_CHARS && self.digit);
        if address {
            self.word.clear();
            self.word.push(ADDRESS);
        } else {
            self.word.dedup_by(|a, b| *a == DIGITS && *b == DIGITS);
        }
        let number = self.word == [DIGITS];
        if number && self.number {
            self.word.clear();
            (self.ascii, self.digit) = (true, false);
            return true;
        }
        let mut hash = 0u64;
        for n in 0..self.word.len() {
            let c = self.word[n];
            hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(c) + 1);
            self.emit(c);
        }
        self.votes.add(mix(hash));
        self.word.clear();
        (self.ascii, self.digit) = (true, false);
        number
    }

    fn emit(&mut self, c: u32) {
        let slot = &mut self.last[(self.chars % SHINGLE_CHARS as u64) as usize];
        let out = u64::from(std::mem::replace(slot, c));
        self.rolling =
            self.rolling.wrapping_mul(BASE).wrapping_add(u64::from(c)).wrapping_sub(out.wrapping_mul(BASE_OUT));
        self.chars += 1;
        if self.chars >= SHINGLE_CHARS as u64 {
            self.shingles = self.shingles.saturating_add(1);
            let hash = mix(self.rolling);
            let bin = &mut self.bins[(hash >> 57) as usize];
            *bin = (*bin).min(((hash >> 24) as u32).min(EMPTY - 1));
        }
    }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// How often each bit of 64 is set, among hashes that are added: bit planes of a counter for each bit, emptied before they overflow.
#[derive(Clone, Debug)]
struct Votes {
    planes: [u64; PLANES],
    in_planes: u32,
    set: [u64; 64],
    total: u64,
}

const PLANES: usize = 8;

impl Default for Votes {
    fn default() -> Self {
        Self { planes: [0; PLANES], in_planes: 0, set: [0; 64], total: 0 }
    }
}

impl Votes {
    fn add(&mut self, hash: u64) {
        let mut carry = hash;
        for plane in &mut self.planes {
            if carry == 0 {
                break;
            }
            (*plane, carry) = (*plane ^ carry, *plane & carry);
        }
        self.in_planes += 1;
        if self.in_planes == (1 << PLANES) - 1 {
            self.empty();
        }
    }

    fn empty(&mut self) {
        for (bit, set) in self.set.iter_mut().enumerate() {
            *set += self.planes.iter().enumerate().map(|(n, plane)| (plane >> bit & 1) << n).sum::<u64>();
        }
        self.total += u64::from(self.in_planes);
        (self.planes, self.in_planes) = ([0; PLANES], 0);
    }

    /// The bits that are set in more than half.
    fn majority(mut self) -> u64 {
        self.empty();
        let set = self.set.iter().enumerate().filter(|(_, set)| **set * 2 > self.total);
        set.fold(0, |all, (bit, _)| all | 1 << bit)
    }
}

/// What a character is to a sketch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Letter(u32),
    Digit,
    Nothing,
    /// Neither letter nor digit: it parts words.
    Between,
    /// More than one of these.
    Several,
}

/// What each character of the alphabets below U+0800 is (Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic), worked out once.
fn table() -> &'static [Part] {
    static TABLE: OnceLock<Vec<Part>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let of = |n: u32| {
            let (mut found, mut count) = (Part::Nothing, 0);
            normal(char::from_u32(n).unwrap_or(' '), &mut |part| (found, count) = (part, count + 1));
            if count > 1 { Part::Several } else { found }
        };
        (0..0x800).map(of).collect()
    })
}

/// A character as letters, digits and what parts words.
fn normal(c: char, then: &mut impl FnMut(Part)) {
    if is_unseen(c) {
        return;
    }
    decompose_compatible(c, |part| {
        if is_combining_mark(part) || is_unseen(part) {
            return;
        }
        for lower in part.to_lowercase() {
            then(match fold(lower) {
                folded if folded.is_alphabetic() => Part::Letter(folded as u32),
                folded if folded.is_numeric() => Part::Digit,
                _ => Part::Between,
            });
        }
    });
}

/// Characters that are not seen: zero width, direction marks, soft hyphen, and the Arabic stretch.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{640}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Letters of the Arabic script that are written for one another. Hamza carriers are taken apart by the decomposition before.
fn fold(c: char) -> char {
    match c {
        'ى' | 'ی' | 'ې' | 'ے' => 'ي',
        'ة' | 'ہ' | 'ھ' | 'ە' => 'ه',
        'ک' | 'ڪ' => 'ك',
        'ٱ' => 'ا',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "Our workshop repairs bicycles for the children of the village. Whoever wants to help us can send a donation to \
        the address below; every amount counts, and we publish what we bought with it at the end of each month.";

    fn near(a: &str, b: &str) -> f64 {
        Sketch::of(a).unwrap().similarity(&Sketch::of(b).unwrap())
    }

    #[test]
    fn another_address_amount_or_case_changes_nothing() {
        let one = format!("{TEXT} bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 Goal: 1,250 USD");
        let two = format!("{} 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 goal 98 usd", TEXT.to_uppercase());
        assert_eq!(near(&one, &two), 1.0);
    }

    #[test]
    fn arabic_forms_and_vowels_do_not_count() {
        let plain =
            "تبرعوا لبناء مدرسة في القرية الصغيرة على العنوان التالي وكل مبلغ مهما كان قليلا يساعد الاطفال على التعلم";
        let marked =
            "تَبَرَّعوا لبناء مدرســـة في القريه الصغيرة علي العنوان التالي وكل مبلغ مهما كان قليلاً يساعد الأطفال على التعلّم";
        assert_eq!(near(plain, marked), 1.0);
    }

    #[test]
    fn unrelated_texts_are_far_and_a_translation_is_no_neighbour() {
        let other = "The committee met on Tuesday to discuss the new timetable of the regional railway, which brings fewer trains \
            at night and more in the morning; passengers may send their remarks until the end of the week.";
        assert!(near(TEXT, other) < 0.1);
        let french = "Notre atelier répare des vélos pour les enfants du village. Qui veut nous aider peut envoyer un don à \
            l'adresse ci-dessous; chaque somme compte, et nous publions nos achats à la fin de chaque mois.";
        assert!(near(TEXT, french) < 0.15, "wording is compared, not meaning");
        let (a, b) = (Sketch::of(TEXT).unwrap(), Sketch::of(other).unwrap());
        assert!(a.simhash_distance(&b) > 10);
        assert_eq!(a.simhash_distance(&a), 0);
    }

    #[test]
    fn too_little_text_has_no_sketch() {
        for text in ["", "thanks", "subscribe to our channel", &"a".repeat(10_000), &"1 ".repeat(10_000), "....."] {
            assert_eq!(Sketch::of(text), None, "{text:.20}");
        }
        assert!(Sketch::of(&TEXT[..80]).is_some());
    }

    #[test]
    fn the_estimate_is_that_of_the_shingles() {
        // the true Jaccard similarity, by sets of the normal text
        let shingles = |text: &str| -> std::collections::BTreeSet<Vec<char>> {
            let words: Vec<String> =
                text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
            let chars: Vec<char> = words.iter().flat_map(|w| w.chars().chain([' '])).collect();
            chars.windows(SHINGLE_CHARS).map(<[char]>::to_vec).collect()
        };
        let words: Vec<String> = (0..2_000u64)
            .map(|n| {
                format!("w{}", mix(n)).replace(|c: char| c.is_ascii_digit(), "")
                    + &(0..6).map(|k| (b'a' + (mix(n * 31 + k) % 26) as u8) as char).collect::<String>()
            })
            .collect();
        let mut worst = 0f64;
        for shared in [100, 400, 800, 1_000] {
            let one = words[..1_000].join(" ");
            let two = words[1_000 - shared..2_000 - shared].join(" ");
            let (a, b) = (shingles(&one), shingles(&two));
            let truth = a.intersection(&b).count() as f64 / a.union(&b).count() as f64;
            worst = worst.max((near(&one, &two) - truth).abs());
        }
        assert!(worst < 0.14, "three standard errors of 128 samples: {worst}");
    }

    proptest! {
        #[test]
        fn votes_are_those_of_counting(hashes in prop::collection::vec(any::<u64>(), 0..700)) {
            let mut votes = Votes::default();
            for hash in &hashes {
                votes.add(*hash);
            }
            let more = |bit: u32| hashes.iter().filter(|h| *h >> bit & 1 == 1).count() * 2 > hashes.len();
            prop_assert_eq!(votes.majority(), (0..64).filter(|bit| more(*bit)).fold(0, |all, bit| all | 1 << bit));
        }

        #[test]
        fn the_table_says_what_the_slow_way_says(n in 0u32..0x800) {
            let mut parts = Vec::new();
            normal(char::from_u32(n).unwrap(), &mut |part| parts.push(part));
            let wanted = if parts.len() > 1 { Part::Several } else { parts.first().copied().unwrap_or(Part::Nothing) };
            prop_assert_eq!(table()[n as usize], wanted);
        }

        #[test]
        fn bytes_come_back(text in "\\PC{80,400}", flip in 0usize..SKETCH_BYTES) {
            if let Some(sketch) = Sketch::of(&text) {
                let mut bytes = sketch.to_bytes();
                prop_assert_eq!(Sketch::from_bytes(&bytes), Some(sketch));
                prop_assert_eq!(Sketch::from_bytes(&bytes[..flip]), None);
                bytes[0] = 9;
                prop_assert_eq!(Sketch::from_bytes(&bytes), None);
            }
        }

        #[test]
        fn any_text_is_sketched_the_same_twice(text in "\\PC{0,2000}") {
            prop_assert_eq!(Sketch::of(&text), Sketch::of(&text));
        }
    }
}
