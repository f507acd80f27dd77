//! How near two tokens are: by their letters, by the tables of variants and translations, or as initial and name.

use crate::chunks::{EMPTY, LONGEST, NONE};
use crate::letters::ARABIC;
use crate::model::{Cost, FAR, Model, UNWRITTEN};
use crate::token::{Form, Letters, Role, Token};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// By which rule two tokens were matched.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The same letters, once both are folded.
    Same,
    /// Another spelling in the same alphabet (Youssef, Yusuf).
    Spelling,
    /// The same name in another alphabet.
    Transliteration,
    /// One group of the table of variants (Mohd, Muhammad).
    Variant,
    /// Near, but not without at least one letter that no usual spelling explains.
    Typo,
    /// One letter for a name that begins with it.
    Initial,
    /// The same word of organisations' names in another language.
    Translation,
    /// One word on one side, two on the other (Binladin, bin Ladin).
    Joined,
}

impl Rule {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Spelling => "spelling",
            Self::Transliteration => "transliteration",
            Self::Variant => "variant",
            Self::Typo => "typo",
            Self::Initial => "initial",
            Self::Translation => "translation",
            Self::Joined => "joined",
        }
    }
}

/// How near two tokens are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Near {
    /// 0 (different) to 1 (the same).
    pub(crate) score: f32,
    pub(crate) rule: Rule,
}

/// Tokens less near than this are different names.
pub(crate) const NEAR_MIN: f32 = 0.55;

/// A letter for another, or one too many or too few, that no table explains.
const TYPO: Cost = 284;
/// From this cost on a difference is called a typing error.
const WRONG: Cost = 190;
/// A vowel of a Latin spelling too many or too few.
const VOWEL: Cost = 66;
/// Two letters in the wrong order.
const SWAPPED: Cost = 200;
/// An Arabic letter that the Latin spelling lacks, or a Latin consonant that no Arabic letter stands for.
const LACKING: Cost = 260;
/// A vowel sign that Arabic does not write, beyond its own cost.
const UNWRITTEN_EACH: Cost = 6;
/// Nats per letter at which the likeness is one half, and how steeply it falls there.
const HALF: f32 = 0.5;
const STEEPNESS: f32 = 2.0;
/// What an initial may cost against the first letter of a name in the other alphabet.
const INITIAL: Cost = 150;
/// Letters of a token that are compared.
const LENGTH_MAX: usize = 24;

/// Likeness of two spellings of one group of the table of variants.
const VARIANT: f32 = 0.99;
/// Likeness of a word and its translation.
const TRANSLATION: f32 = 0.96;

type Table = [[Cost; LENGTH_MAX + 1]; LENGTH_MAX + 1];

const fn vowel(code: u8) -> bool {
    matches!(code + b'a', b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// Whether every way through row `i` costs more than `most`. A step goes down at most [`LONGEST`] rows, so a way that does
/// not touch the row touches one of the next two.
fn beyond(table: &Table, i: usize, m: usize, most: Cost) -> bool {
    (i..(i + LONGEST).min(LENGTH_MAX + 1)).all(|row| table[row][..=m].iter().all(|cost| *cost > most))
}

/// What it costs to take one Latin spelling for another, or [`FAR`] where it is more than `most`: the cheapest way through both, run by run.
fn latin_latin(model: &Model, a: (&[u8], &[[u16; LONGEST]]), b: (&[u8], &[[u16; LONGEST]]), most: Cost) -> Cost {
    let ((a, runs_a), (b, runs_b)) = (a, b);
    let (n, m) = (a.len(), b.len());
    let mut table: Table = [[FAR; LENGTH_MAX + 1]; LENGTH_MAX + 1];
    table[0][0] = 0;
    for i in 0..=n {
        if beyond(&table, i, m, most) {
            return FAR;
        }
        for j in 0..=m {
            let here = table[i][j];
            if here > most {
                continue;
            }
            let mut to = |x: usize, y: usize, cost: Cost| {
                let at = &mut table[i + x][j + y];
                *at = (here + cost).min(*at);
            };
            if i < n && j < m {
                if a[i] == b[j] {
                    to(1, 1, 0);
                } else {
                    to(1, 1, if vowel(a[i]) && vowel(b[j]) { VOWEL } else { TYPO });
                    if i + 1 < n && j + 1 < m && a[i] == b[j + 1] && a[i + 1] == b[j] {
                        to(2, 2, SWAPPED);
                    }
                }
                for x in (0..LONGEST.min(n - i)).filter(|x| runs_a[i][*x] != NONE) {
                    let row = model.row(runs_a[i][x]);
                    for y in 0..LONGEST.min(m - j) {
                        let run = runs_b[j][y];
                        // single letters that are equal were taken above
                        if run == NONE || (x == 0 && y == 0 && a[i] == b[j]) {
                            continue;
                        }
                        let cost = row[run as usize];
                        if cost < FAR {
                            to(x + 1, y + 1, cost);
                        }
                    }
                }
            }
            if i < n {
                to(1, 0, if vowel(a[i]) { VOWEL } else { TYPO });
                for x in 0..LONGEST.min(n - i) {
                    if runs_a[i][x] != NONE {
                        to(x + 1, 0, model.lacking(runs_a[i][x]));
                    }
                }
            }
            if j < m {
                to(0, 1, if vowel(b[j]) { VOWEL } else { TYPO });
                for y in 0..LONGEST.min(m - j) {
                    if runs_b[j][y] != NONE {
                        to(0, y + 1, model.lacking(runs_b[j][y]));
                    }
                }
            }
        }
    }
    table[n][m]
}

/// What it costs to take a Latin spelling for an Arabic one.
fn arabic_latin(model: &Model, arabic: &[u8], latin: &[u8], runs: &[[u16; LONGEST]], most: Cost) -> Cost {
    let (n, m) = (arabic.len(), latin.len());
    let mut table: Table = [[FAR; LENGTH_MAX + 1]; LENGTH_MAX + 1];
    table[0][0] = 0;
    for i in 0..=n {
        if beyond(&table, i, m, most) {
            return FAR;
        }
        for j in 0..=m {
            let here = table[i][j];
            if here > most {
                continue;
            }
            let mut to = |x: usize, y: usize, cost: Cost| {
                let at = &mut table[i + x][j + y];
                *at = (here + cost).min(*at);
            };
            if i < n {
                let letter = arabic[i] as usize;
                to(1, 0, model.written(letter, EMPTY).min(LACKING));
                // a doubled letter is written once as a rule
                if i + 1 < n && arabic[i] == arabic[i + 1] {
                    to(1, 0, 40);
                }
                if j < m {
                    for y in 0..LONGEST.min(m - j) {
                        to(1, y + 1, model.written(letter, runs[j][y]));
                    }
                    to(1, 1, LACKING);
                }
            }
            for y in 0..LONGEST.min(m - j) {
                let cost = model.written(UNWRITTEN, runs[j][y]);
                to(0, y + 1, cost.saturating_add(UNWRITTEN_EACH));
            }
            if j < m {
                to(0, 1, if vowel(latin[j]) { VOWEL } else { LACKING });
            }
        }
    }
    table[n][m]
}

/// Groups of Arabic letters that are taken for one another, by sound or by keyboard.
const ALIKE: [&str; 10] = ["تطث", "سصثش", "زذظضژد", "كقغگ", "حهخ", "هةت", "اعء", "يءا", "بپ", "جچگژ"];

fn alike(a: u8, b: u8) -> bool {
    use std::sync::LazyLock;
    static TABLE: LazyLock<[[bool; ARABIC]; ARABIC]> = LazyLock::new(|| {
        let mut table = [[false; ARABIC]; ARABIC];
        for group in ALIKE {
            let codes: Vec<u8> = group.chars().filter_map(crate::letters::arabic_code).collect();
            for a in &codes {
                for b in &codes {
                    table[*a as usize][*b as usize] = true;
                }
            }
        }
        table
    });
    TABLE[a as usize][b as usize]
}

/// What it costs to take one Arabic spelling for another.
fn arabic_arabic(a: &[u8], b: &[u8]) -> Cost {
    // ا ع ه و ي ء: written or left out as the writer's language has it
    const WEAK: [u8; 7] = [0, 17, 25, 26, 27, 28, 34];
    let (n, m) = (a.len(), b.len());
    let mut table: Table = [[FAR; LENGTH_MAX + 1]; LENGTH_MAX + 1];
    table[0][0] = 0;
    let one = |code: u8| if WEAK.contains(&code) { 90 } else { LACKING };
    for i in 0..=n {
        for j in 0..=m {
            let here = table[i][j];
            let mut to = |x: usize, y: usize, cost: Cost| {
                let at = &mut table[i + x][j + y];
                *at = here.saturating_add(cost).min(*at);
            };
            if i < n && j < m {
                let cost = match (a[i], b[j]) {
                    (x, y) if x == y => 0,
                    (x, y) if alike(x, y) => 110,
                    _ => LACKING,
                };
                to(1, 1, cost);
                if i + 1 < n && j + 1 < m && a[i] == b[j + 1] && a[i + 1] == b[j] {
                    to(2, 2, SWAPPED);
                }
            }
            if i < n {
                to(1, 0, one(a[i]));
            }
            if j < m {
                to(0, 1, one(b[j]));
            }
        }
    }
    table[n][m]
}

/// How near two words are by their letters alone, and the rule; 0 where it is less than [`NEAR_MIN`].
pub(crate) fn letters(model: &Model, a: &Form, b: &Form) -> Near {
    let cut = |codes: &'_ [u8]| codes.len().min(LENGTH_MAX);
    if a.letters == b.letters {
        return Near { score: 1.0, rule: Rule::Same };
    }
    if a.len() == 0 || b.len() == 0 {
        return Near { score: 0.0, rule: Rule::Typo };
    }
    // the cost at which the likeness falls below what counts
    let most = |length: f32| (100.0 * length * HALF * (1.0 / NEAR_MIN - 1.0).powf(1.0 / STEEPNESS)) as Cost;
    let (cost, length, rule) = match (&a.letters, &b.letters) {
        (Letters::Latin(x), Letters::Latin(y)) => {
            let length = (x.len().max(y.len()) as f32).max(3.0);
            let (x, y) = (&x[..cut(x)], &y[..cut(y)]);
            (latin_latin(model, (x, &a.runs), (y, &b.runs), most(length)), length, Rule::Spelling)
        }
        (Letters::Arabic(x), Letters::Arabic(y)) => {
            let length = (x.len().max(y.len()) as f32 * 1.3).max(3.0);
            (arabic_arabic(&x[..cut(x)], &y[..cut(y)]), length, Rule::Spelling)
        }
        (Letters::Arabic(x), Letters::Latin(y)) | (Letters::Latin(y), Letters::Arabic(x)) => {
            let runs = if a.runs.is_empty() { &b.runs } else { &a.runs };
            let length = (x.len() as f32 * 1.3).max(y.len() as f32).max(3.0);
            let (x, y) = (&x[..cut(x)], &y[..cut(y)]);
            (arabic_latin(model, x, y, runs, most(length)), length, Rule::Transliteration)
        }
    };
    if cost >= FAR {
        return Near { score: 0.0, rule: Rule::Typo };
    }
    let unlike = f32::from(cost) / 100.0 / length;
    let score = 1.0 / (1.0 + (unlike / HALF).powf(STEEPNESS));
    Near { score, rule: if cost >= WRONG && score < 0.9 { Rule::Typo } else { rule } }
}

/// How near two tokens are.
pub(crate) fn tokens(model: &Model, a: &Token, b: &Token) -> Near {
    const DIFFERENT: Near = Near { score: 0.0, rule: Rule::Typo };
    match (a.role, b.role) {
        (Role::Number, Role::Number) => {
            return if a.text == b.text { Near { score: 1.0, rule: Rule::Same } } else { DIFFERENT };
        }
        (Role::Number, _) | (_, Role::Number) => return DIFFERENT,
        (Role::Initial, _) | (_, Role::Initial) if a.role != b.role => return initial(model, a, b),
        _ => {}
    }
    let mut best = letters(model, &a.forms[0], &b.forms[0]);
    // a prefix that may be an article costs a little when it is left out on one side alone
    for (i, x) in a.forms.iter().enumerate() {
        for (j, y) in b.forms.iter().enumerate().filter(|(j, _)| i + j > 0) {
            let near = letters(model, x, y);
            let score = if i == j { near.score } else { near.score * 0.97 };
            if score > best.score {
                best = Near { score, rule: near.rule };
            }
        }
    }
    let shared = a.variants.iter().any(|v| b.variants.contains(v));
    if shared && best.score < VARIANT {
        best = Near { score: VARIANT, rule: Rule::Variant };
    } else if !shared && !a.variants.is_empty() && !b.variants.is_empty() {
        // two names that the table tells apart (Hassan, Hussein), however near their letters are
        best.score = best.score.min(0.5);
    }
    // legal forms are translations of one another as far as a name goes: a company is registered under one of them
    let forms = a.role == Role::LegalForm && b.role == Role::LegalForm;
    if best.score < TRANSLATION && (forms || a.concepts.iter().any(|c| b.concepts.contains(c))) {
        best = Near { score: TRANSLATION, rule: Rule::Translation };
    }
    best
}

fn initial(model: &Model, a: &Token, b: &Token) -> Near {
    let (short, long) = if a.role == Role::Initial { (a, b) } else { (b, a) };
    if long.role != Role::Name && long.role != Role::Honorific {
        return Near { score: 0.0, rule: Rule::Initial };
    }
    let fits = long.forms.iter().any(|form| match (&form.letters, &short.forms[0].letters) {
        (Letters::Latin(x), Letters::Latin(y)) | (Letters::Arabic(x), Letters::Arabic(y)) => x.first() == y.first(),
        (Letters::Arabic(x), Letters::Latin(y)) | (Letters::Latin(y), Letters::Arabic(x)) => x
            .first()
            .zip(y.first())
            .is_some_and(|(x, y)| arabic_latin(model, &[*x], &[*y], &model.chunks.places(&[*y]), FAR) < INITIAL),
    });
    Near { score: if fits { 0.8 } else { 0.0 }, rule: Rule::Initial }
}
