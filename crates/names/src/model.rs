//! What it costs to write one letter as another: the tables that two tokens are compared with.
//!
//! The base is one table: how often each Arabic letter is written as which run of Latin letters (`data/costs.tsv`). Its
//! second use is between two Latin spellings: runs that stand for the same Arabic letter cost little against each other
//! (`ou` and `u`, `dj` and `j`), the less the more often both are used for it.

use crate::chunks::{Chunks, NONE};
use crate::letters::{ARABIC, arabic_code};
use std::sync::LazyLock;

/// Costs in hundredths of a nat (natural logarithm of a probability ratio).
pub(crate) type Cost = u16;

/// More than any path that is of use.
pub(crate) const FAR: Cost = 3_000;

/// A table of costs.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) chunks: Chunks,
    /// By letter, then by number of the run: what it costs to write the letter so, above its usual rendering. The row
    /// after the last letter is what stands where Arabic writes nothing.
    pub(crate) written: Vec<Cost>,
    /// By number of run, twice: what one run costs against another in two Latin spellings of one name.
    pub(crate) between: Vec<Cost>,
}

/// Costs up to this are those of usual spellings, of which a share counts; what is beyond counts in full. Chosen as the
/// numbers of [`crate::score`] were.
const USUAL: Cost = 273;
/// The share that counts between a Latin and an Arabic spelling, in hundredths.
const SHARE_MIXED: u32 = 37;
/// The same between two Latin spellings.
const SHARE_LATIN: u32 = 47;

fn counted(cost: Cost, percent: u32) -> Cost {
    if cost >= FAR {
        return FAR;
    }
    let usual = cost.min(USUAL);
    (u32::from(usual) * percent / 100) as Cost + (cost - usual)
}

/// The row for what Arabic does not write.
pub(crate) const UNWRITTEN: usize = ARABIC;

const COSTS: &str = include_str!("../data/costs.tsv");
const BEGINNING: &str = include_str!("../data/arabic_latin.tsv");

/// Why a text is no table of costs.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TableError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl Model {
    /// The table that ships with the program.
    pub(crate) fn shipped() -> &'static Self {
        static MODEL: LazyLock<Model> = LazyLock::new(|| {
            // the text is part of the program, and a test reads it
            let weights = Weights::read(COSTS).unwrap_or_else(|error| panic!("costs.tsv: {error}"));
            Model::new(&weights)
        });
        &MODEL
    }

    /// Costs from weights.
    pub(crate) fn new(weights: &Weights) -> Self {
        let mut chunks = Chunks::default();
        for (_, run, _) in &weights.rows {
            chunks.add(run);
        }
        let width = chunks.len();
        let mut share = vec![0.0f32; (ARABIC + 1) * width];
        for (letter, run, weight) in &weights.rows {
            if let Some(number) = chunks.add(run) {
                share[*letter * width + number as usize] += weight;
            }
        }
        for row in share.chunks_mut(width) {
            let sum: f32 = row.iter().sum();
            for share in row {
                *share /= sum.max(f32::MIN_POSITIVE);
            }
        }
        let cost = |ratio: f32| if ratio <= 0.0 { FAR } else { (-100.0 * ratio.ln()).clamp(0.0, FAR as f32) as Cost };
        let mut written = vec![FAR; share.len()];
        for (out, row) in written.chunks_mut(width).zip(share.chunks(width)) {
            let most = row.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
            out.iter_mut().zip(row).for_each(|(out, share)| *out = cost(share / most));
        }
        // letters that keyboards and fonts confuse are read as each other, at a price
        for (written_as, meant) in [('ك', 'گ'), ('ج', 'چ'), ('ب', 'پ'), ('ز', 'ژ'), ('ف', 'ڤ')] {
            let (Some(a), Some(b)) = (arabic_code(written_as), arabic_code(meant)) else { continue };
            for run in 0..width {
                let other = written[b as usize * width + run].saturating_add(CONFUSED).min(FAR);
                let at = &mut written[a as usize * width + run];
                *at = other.min(*at);
            }
        }
        // a pair of runs is as near as the letter that ties them best makes it
        let mut between = vec![FAR; width * width];
        for row in share.chunks(width) {
            let used: Vec<usize> = (0..width).filter(|i| row[*i] > 0.0).collect();
            let most = row.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
            for &a in &used {
                for &b in &used {
                    // how much rarer the two are than the usual rendering, the geometric mean of both
                    let tie = cost((row[a] / most).sqrt() * (row[b] / most).sqrt()).saturating_add(SPELLING);
                    let at = &mut between[a * width + b];
                    *at = tie.min(*at);
                }
            }
        }
        for a in 0..width {
            between[a * width + a] = 0;
        }
        for cost in &mut written {
            *cost = counted(*cost, SHARE_MIXED);
        }
        for cost in &mut between {
            *cost = counted(*cost, SHARE_LATIN);
        }
        Self { chunks, written, between }
    }

    pub(crate) fn written(&self, letter: usize, run: u16) -> Cost {
        if run == NONE { FAR } else { self.written[letter * self.chunks.len() + run as usize] }
    }

    /// How a letter is written most often, when it is written.
    pub(crate) fn usual(&self, letter: u8) -> &str {
        let width = self.chunks.len();
        let row = &self.written[letter as usize * width..(letter as usize + 1) * width];
        let best = (1..width).min_by_key(|i| row[*i]);
        best.map_or("", |i| self.chunks.text(i as u16))
    }

    /// What a run costs against every other in two Latin spellings of one name, by number.
    pub(crate) fn row(&self, run: u16) -> &[Cost] {
        let width = self.chunks.len();
        &self.between[run as usize * width..(run as usize + 1) * width]
    }

    /// What it costs that one of two Latin spellings lacks a run.
    pub(crate) fn lacking(&self, run: u16) -> Cost {
        self.between[run as usize]
    }
}

/// What two different renderings of the same letter cost at least.
const SPELLING: Cost = 12;

/// What it costs to read a letter as one that is typed for it (kaf for gaf).
const CONFUSED: Cost = 60;

/// Weights of renderings, as read from a table or learned.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Weights {
    /// Letter by its code ([`UNWRITTEN`] for what Arabic does not write), run, weight.
    pub(crate) rows: Vec<(usize, String, f32)>,
}

impl Weights {
    /// The table that learning begins with: the judgement of its authors, `data/arabic_latin.tsv`.
    pub fn shipped_beginning() -> Self {
        // the text is part of the program, and a test reads it
        Self::read(BEGINNING).unwrap_or_else(|error| panic!("arabic_latin.tsv: {error}"))
    }

    /// Reads a table in the form of `data/arabic_latin.tsv`.
    pub fn read(text: &str) -> Result<Self, TableError> {
        let mut rows = Vec::new();
        for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#') && !l.trim().is_empty()) {
            let error = |message: String| TableError { line: i + 1, message };
            let (letter, runs) = line.split_once('\t').ok_or_else(|| error("no tab".into()))?;
            let letter = match letter {
                "+" => UNWRITTEN,
                _ => {
                    let code = letter.chars().next().and_then(arabic_code);
                    code.ok_or_else(|| error(format!("{letter:?} is no letter of the alphabet")))? as usize
                }
            };
            for run in runs.split_whitespace() {
                let (run, weight) = run.split_once(':').ok_or_else(|| error(format!("{run:?} has no weight")))?;
                let weight: f32 = weight.parse().map_err(|_| error(format!("{weight:?} is no weight")))?;
                let run = if run == "-" { "" } else { run };
                if run.len() > 3 || run.bytes().any(|b| !b.is_ascii_lowercase()) || !(0.0..=1e9).contains(&weight) {
                    return Err(error(format!("{run:?} is no run of one to three letters with a weight")));
                }
                rows.push((letter, run.to_owned(), weight));
            }
        }
        match (0..=UNWRITTEN).find(|letter| !rows.iter().any(|(l, ..)| l == letter)) {
            Some(letter) => Err(TableError { line: 0, message: format!("letter {letter} has no line") }),
            None => Ok(Self { rows }),
        }
    }
}
