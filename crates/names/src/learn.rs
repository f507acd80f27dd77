//! Learning how letters are written from pairs of spellings: expectation and maximisation over all ways to cut the Latin
//! spelling into what each Arabic letter is written as.
//!
//! Source of the method: Dempster, Laird and Rubin, "Maximum Likelihood from Incomplete Data via the EM Algorithm" (1977);
//! for letters and runs of letters Jiampojamarn, Kondrak and Sherif, "Applying Many-to-Many Alignments" (2007), here with
//! one letter on the Arabic side.

use crate::chunks::{Chunks, LONGEST, NONE};
use crate::letters::ARABIC;
use crate::model::{UNWRITTEN, Weights};
use crate::token::{Letters, parts};

/// A pair of spellings of one name.
#[derive(Clone, PartialEq, Debug)]
pub struct Spelling {
    /// In Arabic letters, one word.
    pub arabic: String,
    /// In Latin letters, one word.
    pub latin: String,
    /// How much it counts.
    pub weight: f32,
}

/// Share of the learned table that the table it began with keeps.
const KEPT: f64 = 0.35;
/// The same in letters seen, for letters that the pairs hardly have.
const KEPT_LEAST: f64 = 400.0;
/// How probable it is that something unwritten stands at a place.
const UNWRITTEN_AT_ALL: f64 = 0.35;
/// Pairs whose likelihood for each letter is lower than this are two different words.
const LIKELY_MIN: f64 = 0.02;
/// What a run that the first table does not have begins with.
const NEW: f64 = 1e-4;

impl Weights {
    /// Learns from pairs, beginning with `self`, in `rounds` rounds.
    #[must_use]
    pub fn learn(&self, pairs: &[Spelling], rounds: usize) -> Self {
        let mut chunks = Chunks::default();
        for (_, run, _) in &self.rows {
            chunks.add(run);
        }
        for c in b'a'..=b'z' {
            chunks.add(&String::from(c as char));
        }
        let width = chunks.len();
        let mut first = vec![0.0f64; (ARABIC + 1) * width];
        for (letter, run, weight) in &self.rows {
            if let Some(number) = chunks.add(run) {
                first[letter * width + number as usize] += f64::from(*weight);
            }
        }
        normalise(&mut first, &chunks, NEW);
        let mut table = first.clone();
        let words: Vec<(Vec<u8>, Vec<u8>, f64)> = pairs.iter().filter_map(read).collect();
        for _ in 0..rounds {
            let mut counts = vec![0.0f64; table.len()];
            for (arabic, latin, weight) in &words {
                expect(&chunks, &table, arabic, latin, *weight, &mut counts);
            }
            for letter in 0..=UNWRITTEN {
                let row = letter * width..(letter + 1) * width;
                let seen: f64 = counts[row.clone()].iter().sum();
                let kept = (seen * KEPT / (1.0 - KEPT)).max(KEPT_LEAST);
                for (to, (count, first)) in
                    table[row.clone()].iter_mut().zip(counts[row.clone()].iter().zip(&first[row]))
                {
                    *to = count + kept * first;
                }
            }
            normalise(&mut table, &chunks, 0.0);
        }
        let mut rows = Vec::new();
        for letter in 0..=UNWRITTEN {
            let row = &table[letter * width..(letter + 1) * width];
            let mut kept: Vec<(usize, f64)> = row.iter().copied().enumerate().filter(|(_, p)| *p > 4e-4).collect();
            kept.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            for (number, p) in kept {
                rows.push((letter, chunks.text(number as u16).to_owned(), ((p * 10_000.0).round() / 10.0) as f32));
            }
        }
        Self { rows }
    }
}

fn normalise(table: &mut [f64], chunks: &Chunks, floor: f64) {
    let width = chunks.len();
    for (letter, row) in table.chunks_mut(width).enumerate() {
        let sum: f64 = row.iter().sum();
        for p in row.iter_mut() {
            *p = if sum > 0.0 { *p / sum } else { 0.0 }.max(floor);
        }
        if letter == UNWRITTEN {
            // nothing unwritten is no event of its own
            row[0] = 0.0;
            // and consonants are always written, save the silent ones
            for (number, p) in row.iter_mut().enumerate() {
                if !chunks.text(number as u16).bytes().all(|c| b"aeiouyhw".contains(&c)) {
                    *p = 0.0;
                }
            }
        }
        let sum: f64 = row.iter().sum();
        for p in row {
            *p /= sum.max(f64::MIN_POSITIVE);
        }
    }
}

/// One word each as codes; `None` where a side is no single word of its alphabet.
fn read(pair: &Spelling) -> Option<(Vec<u8>, Vec<u8>, f64)> {
    let one = |text: &str| match parts(text).tokens.as_slice() {
        [token] => token.forms.first().map(|f| f.letters.clone()),
        _ => None,
    };
    match (one(&pair.arabic)?, one(&pair.latin)?) {
        (Letters::Arabic(a), Letters::Latin(l)) if !a.is_empty() && !l.is_empty() && a.len() <= 20 && l.len() <= 24 => {
            Some((a, l, f64::from(pair.weight)))
        }
        _ => None,
    }
}

/// Adds what one pair is expected to have used to `counts`.
fn expect(chunks: &Chunks, table: &[f64], arabic: &[u8], latin: &[u8], weight: f64, counts: &mut [f64]) {
    let (n, m, width) = (arabic.len(), latin.len(), chunks.len());
    let runs = chunks.places(latin);
    let at = |i: usize, j: usize| i * (m + 1) + j;
    let mut forward = vec![0.0f64; (n + 1) * (m + 1)];
    forward[0] = 1.0;
    let steps = |i: usize, j: usize, each: &mut dyn FnMut(usize, usize, usize, f64)| {
        for y in 0..=LONGEST.min(m - j) {
            let run = if y == 0 { 0 } else { runs[j][y - 1] };
            if run == NONE {
                continue;
            }
            if i < n {
                let cell = arabic[i] as usize * width + run as usize;
                each(i + 1, j + y, cell, table[cell]);
            }
            if y > 0 {
                let cell = UNWRITTEN * width + run as usize;
                each(i, j + y, cell, UNWRITTEN_AT_ALL * table[cell]);
            }
        }
    };
    for i in 0..=n {
        for j in 0..=m {
            let here = forward[at(i, j)];
            if here > 0.0 {
                steps(i, j, &mut |to_i, to_j, _, p| forward[at(to_i, to_j)] += here * p);
            }
        }
    }
    let all = forward[at(n, m)];
    if all <= 0.0 || all.powf(1.0 / n.max(m) as f64) < LIKELY_MIN {
        return;
    }
    let mut backward = vec![0.0f64; (n + 1) * (m + 1)];
    backward[at(n, m)] = 1.0;
    for i in (0..=n).rev() {
        for j in (0..=m).rev() {
            let mut sum = backward[at(i, j)];
            steps(i, j, &mut |to_i, to_j, _, p| {
                if (to_i, to_j) != (i, j) {
                    sum += p * backward[at(to_i, to_j)];
                }
            });
            backward[at(i, j)] = sum;
        }
    }
    for i in 0..=n {
        for j in 0..=m {
            let here = forward[at(i, j)];
            if here > 0.0 {
                steps(i, j, &mut |to_i, to_j, cell, p| {
                    counts[cell] += weight * here * p * backward[at(to_i, to_j)] / all;
                });
            }
        }
    }
}

/// A table in the form of `data/arabic_latin.tsv`, without its heading.
impl std::fmt::Display for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for letter in 0..=UNWRITTEN {
            match crate::letters::ARABIC_LETTERS.get(letter) {
                Some(c) => write!(f, "{c}\t")?,
                None => write!(f, "+\t")?,
            }
            let runs = self.rows.iter().filter(|(l, ..)| *l == letter);
            let text: Vec<String> =
                runs.map(|(_, run, w)| format!("{}:{w}", if run.is_empty() { "-" } else { run })).collect();
            writeln!(f, "{}", text.join(" "))?;
        }
        Ok(())
    }
}
