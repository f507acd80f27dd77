//! Keys under which tokens that could be the same name are found: consonants in coarse classes, in either alphabet.

use crate::token::Letters;

/// Keys of one token at most, before letters are left out.
const EXPANSIONS_MAX: usize = 6;
/// Consonants of a key; later ones are left out.
const LENGTH_MAX: usize = 12;
/// From this many consonants on, one may be wrong.
const FORGIVING: usize = 4;

/// A class of consonants, from 1; four bits in a key.
type Class = u8;

const B: Class = 1; // b p
const F: Class = 2; // f v
const T: Class = 3; // t d
const S: Class = 4; // s z sh
const J: Class = 5; // j zh
const K: Class = 6; // k q g gh kh
const L: Class = 7;
const M: Class = 8;
const N: Class = 9;
const R: Class = 10;

/// The choices for one place: up to two classes, an empty first one for "not written".
type Choice = (Class, Class);

fn arabic(code: u8) -> Option<Choice> {
    // in the order of ARABIC_LETTERS
    const TABLE: [Choice; 35] = [
        (0, 0),
        (B, B),
        (T, T),
        (T, S),
        (J, J),
        (0, 0),
        (K, K),
        (T, T),
        (T, S),
        (R, R),
        (S, S),
        (S, S),
        (S, S),
        (S, S),
        (T, S),
        (T, T),
        (S, T),
        (0, 0),
        (K, K),
        (F, F),
        (K, K),
        (K, K),
        (L, L),
        (M, M),
        (N, N),
        (0, 0),
        (0, 0),
        (0, 0),
        (0, 0),
        (B, B),
        (S, J),
        (J, S),
        (K, J),
        (F, F),
        (0, T),
    ];
    TABLE.get(code as usize).copied().filter(|c| *c != (0, 0))
}

fn latin(codes: &[u8], choices: &mut Vec<Choice>) {
    let letters: Vec<u8> = codes.iter().map(|c| c + b'a').collect();
    let mut i = 0;
    while i < letters.len() {
        let (c, next) = (letters[i], letters.get(i + 1).copied().unwrap_or(0));
        let (choice, used) = match (c, next) {
            (b's', b'h' | b'z') => ((S, S), 2),
            (b's', b'c') if letters.get(i + 2) == Some(&b'h') => ((S, S), 3),
            (b't', b'c') if letters.get(i + 2) == Some(&b'h') => ((S, S), 3),
            (b'c', b'h') => ((S, K), 2),
            (b'k' | b'g', b'h') => ((K, K), 2),
            (b't' | b'd', b'h') => ((T, S), 2),
            (b'p', b'h') => ((F, F), 2),
            (b'd', b'j') | (b'z', b'h') => ((J, J), 2),
            (b'd', b'z') => ((S, J), 2),
            (b'c', b'e' | b'i' | b'y') => ((S, K), 1),
            (b'g', _) => ((K, J), 1),
            (b'b' | b'p', _) => ((B, B), 1),
            (b'f', _) => ((F, F), 1),
            // v stands for waw too, which is no consonant here
            (b'v', _) => ((F, 0), 1),
            (b't' | b'd', _) => ((T, T), 1),
            (b's' | b'z', _) => ((S, S), 1),
            (b'j', _) => ((J, J), 1),
            (b'c', _) => ((K, J), 1),
            (b'k' | b'q' | b'x', _) => ((K, K), 1),
            (b'l', _) => ((L, L), 1),
            (b'm', _) => ((M, M), 1),
            (b'n', _) => ((N, N), 1),
            (b'r', _) => ((R, R), 1),
            _ => ((0, 0), 1),
        };
        // a doubled letter is one
        let doubled = used == 1 && i > 0 && letters[i - 1] == c;
        if choice != (0, 0) && !doubled {
            choices.push(choice);
        }
        i += used;
    }
}

/// The skeletons of a token: its consonants as classes, every reading of letters that have two. At least one.
pub(crate) fn skeletons(letters: &Letters) -> Vec<u64> {
    let mut choices = Vec::new();
    match letters {
        Letters::Latin(codes) => latin(codes, &mut choices),
        Letters::Arabic(codes) => {
            let mut last = None;
            for code in codes {
                if last != Some(code) {
                    choices.extend(arabic(*code));
                }
                last = Some(code);
            }
        }
    }
    choices.truncate(LENGTH_MAX);
    let mut keys = vec![0u64];
    for (a, b) in choices {
        let expand = a != b && keys.len() * 2 <= EXPANSIONS_MAX;
        let with = |key: u64, class: Class| if class == 0 { key } else { (key << 4) | u64::from(class) };
        let other: Vec<u64> = if expand { keys.iter().map(|k| with(*k, b)).collect() } else { Vec::new() };
        for key in &mut keys {
            *key = with(*key, a);
        }
        keys.extend(other);
    }
    keys
}

/// The first skeleton: the one to count frequencies by.
pub(crate) fn skeleton(letters: &Letters) -> u64 {
    skeletons(letters)[0]
}

fn length(key: u64) -> usize {
    (64 - key.leading_zeros() as usize).div_ceil(4)
}

/// All keys that a token is filed and looked up under: its skeletons, and where they are long enough each with one
/// consonant left out, so that two tokens that differ in one consonant meet (Garbe's symmetric delete).
pub(crate) fn keys(letters: &Letters) -> Vec<u64> {
    let mut keys = Vec::new();
    for key in skeletons(letters) {
        keys.push(key);
        let n = length(key);
        if n >= FORGIVING {
            for i in 0..n {
                let low = key & ((1u64 << (4 * i)) - 1);
                let high = key >> (4 * (i + 1)) << (4 * i);
                keys.push(high | low);
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}
