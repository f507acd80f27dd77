//! The torture set: texts made from a seed, with identifiers planted in every disguise and in eight languages, and decoys that look
//! like identifiers and are none. For tests and benchmarks, of this crate and of those that read documents.
//!
//! Nothing in it is anybody's: every address is made from the seed, and every sentence was written for the set.

mod decoys;
mod make;
mod plant;
mod score;

pub use decoys::{DECOYS, decoy};
pub use make::{FORMS, Form, Made};
pub use plant::{DISGUISES, Disguise, LANGUAGES, fits, sentence};
pub use score::{Score, Tally};

use crate::Kind;
use athar_types::Chain;

/// A source of numbers that are the same for the same seed on every machine (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Begins at a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.roll() as u8)
    }

    /// `n` letters of an alphabet.
    pub fn letters(&mut self, n: usize, alphabet: &[u8]) -> String {
        (0..n).map(|_| char::from(self.pick(alphabet))).collect()
    }
}

/// An identifier in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planted {
    /// What it is.
    pub kind: Kind,
    /// The chain it was made for, of an address.
    pub chain: Option<Chain>,
    /// Its normal text (of an address on that chain).
    pub value: String,
    /// What the rows of a report call its form.
    pub form: &'static str,
    /// The disguise.
    pub disguise: Disguise,
    /// The host of the link that it stands in, which is a find of its own.
    pub host: Option<&'static str>,
}

/// A text of the set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// The text.
    pub text: String,
    /// The language of the sentence around; of a decoy `en`.
    pub language: &'static str,
    /// What is planted in it; `None` of a decoy, in which nothing must be found.
    pub planted: Option<Planted>,
    /// The kind of decoy, or empty.
    pub decoy: &'static str,
}

/// The set of a seed: each form in each disguise that fits it in each language `rounds` times, then each decoy as often.
pub fn cases(seed: u64, rounds: usize) -> impl Iterator<Item = Case> {
    let mut dice = Dice::new(seed);
    let mut decoy_dice = Dice::new(seed ^ 0xdeca_f000);
    let planted = (0..rounds).flat_map(move |_| {
        let mut batch = Vec::new();
        for form in FORMS {
            for disguise in DISGUISES.into_iter().filter(|d| fits(form, *d)) {
                for language in LANGUAGES {
                    batch.push(plant::case(form, disguise, language, &mut dice));
                }
            }
        }
        batch
    });
    let decoys = (0..rounds * LANGUAGES.len()).flat_map(move |_| {
        DECOYS.map(|name| Case { text: decoy(name, &mut decoy_dice), language: "en", planted: None, decoy: name })
    });
    planted.chain(decoys)
}
