//! Two names against each other: which part matches which, and one number for the whole.

use crate::frequency::{Frequencies, weight};
use crate::model::Model;
use crate::similar::{self, NEAR_MIN, Near, Rule};
use crate::token::{Form, Letters, Parts, Role, Token, concepts_of};

/// The parts of a name with their weights.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side<'a> {
    pub(crate) tokens: Vec<&'a Token>,
    pub(crate) weights: Vec<f32>,
    pub(crate) bits: Vec<f32>,
}

impl<'a> Side<'a> {
    pub(crate) fn new(parts: &'a Parts, list: &Frequencies) -> Self {
        let mut side = Self::default();
        for token in &parts.tokens {
            let (weight, bits) = weight(list, token);
            side.push(token, weight, bits);
        }
        side
    }

    pub(crate) fn push(&mut self, token: &'a Token, weight: f32, bits: f32) {
        self.tokens.push(token);
        self.weights.push(weight);
        self.bits.push(bits);
    }
}

/// One part of one name matched with one part of another: one or two tokens each.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Pair {
    pub(crate) a: (usize, usize),
    pub(crate) b: (usize, usize),
    pub(crate) near: Near,
}

/// Two names against each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) score: f32,
    pub(crate) pairs: Vec<Pair>,
    /// What the matched parts say together, in bits.
    pub(crate) bits: f32,
}

/// The numbers of the score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    /// What a part of the first name weighs that nothing matches.
    pub(crate) lacking_a: f32,
    /// The same for the second.
    pub(crate) lacking_b: f32,
    /// What weighs besides when both have such parts: they contradict each other.
    pub(crate) both: f32,
    /// How much more a difference inside a pair weighs than likeness.
    pub(crate) unlike: f32,
    /// Every part out of order.
    pub(crate) order: f32,
    /// How much a match loses that says nothing, and the bits over which the loss fades.
    pub(crate) common: f32,
    pub(crate) fading: f32,
}

/// Found by random search on the entries of the UN list of 2026 with an even data id and invented strangers, then rounded by
/// hand, the order to a smaller loss than the search wanted; see docs/reference/names.md.
pub(crate) const NUMBERS: Numbers =
    Numbers { lacking_a: 1.1, lacking_b: 0.9, both: 0.03, unlike: 0.97, order: 0.2, common: 0.53, fading: 5.5 };

/// Compares two names. `near` gives the likeness of token `i` of the first and `j` of the second.
pub(crate) fn verdict(a: &Side<'_>, b: &Side<'_>, near: impl Fn(usize, usize) -> Near) -> Verdict {
    let (n, m) = (a.tokens.len(), b.tokens.len());
    let mut found: Vec<(f32, usize, usize, Near)> = Vec::new();
    for i in 0..n {
        for j in 0..m {
            if a.weights[i] == 0.0 && b.weights[j] == 0.0 {
                continue;
            }
            let pair = near(i, j);
            if pair.score >= NEAR_MIN {
                // the nearest first; of equals those in the same place
                let place = (i as f32 / n as f32 - j as f32 / m as f32).abs();
                found.push((pair.score - 0.01 * place, i, j, pair));
            }
        }
    }
    found.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let (mut of_a, mut of_b) = (vec![None; n], vec![None; m]);
    let mut pairs: Vec<Pair> = Vec::new();
    for (_, i, j, near) in found {
        if of_a[i].is_none() && of_b[j].is_none() {
            (of_a[i], of_b[j]) = (Some(pairs.len()), Some(pairs.len()));
            pairs.push(Pair { a: (i, i + 1), b: (j, j + 1), near });
        }
    }
    join(a, b, &mut pairs, &mut of_a, &mut of_b);
    total(a, b, pairs)
}

/// Looks for two tokens of one name that the other writes as one, among those that found no good match.
fn join(a: &Side<'_>, b: &Side<'_>, pairs: &mut Vec<Pair>, of_a: &mut [Option<usize>], of_b: &mut [Option<usize>]) {
    const GOOD: f32 = 0.9;
    const JOINED_MIN: f32 = 0.7;
    const JOINED_MEANT: f32 = 0.95;
    let model = Model::shipped();
    let open = |of: &[Option<usize>], pairs: &[Pair], i: usize| of[i].is_none_or(|p| pairs[p].near.score < GOOD);
    let mut better: Vec<Pair> = Vec::new();
    let sides = [(a, b, false), (b, a, true)];
    for (two, one, swapped) in sides {
        let (of_two, of_one): (&[_], &[_]) = if swapped { (of_b, of_a) } else { (of_a, of_b) };
        for i in 0..two.tokens.len().saturating_sub(1) {
            // an article between the two belongs to them
            let next = i + 1 + usize::from(two.tokens[i + 1].role == Role::Article);
            let Some(y) = two.tokens.get(next) else { continue };
            let x = two.tokens[i];
            // the second must be a name without a good match
            if y.role != Role::Name || x.role == Role::Article || !open(of_two, pairs, next) {
                continue;
            }
            let Some(joined) = joined(&x.forms[0], &y.forms[0]) else { continue };
            let meaning = concepts_of(&joined);
            for j in 0..one.tokens.len() {
                let token = one.tokens[j];
                if !matches!(token.role, Role::Name | Role::Honorific)
                    || !open(of_one, pairs, j)
                    || token.forms[0].len() < 4
                {
                    continue;
                }
                let mut near = similar::letters(model, &joined, &token.forms[0]);
                // a word with a space in it by mistake may be one of the words that organisations share
                let meant = token.concepts.iter().any(|c| meaning.contains(c));
                if meant && near.score < JOINED_MEANT {
                    near.score = JOINED_MEANT;
                }
                if near.score >= JOINED_MIN {
                    let near = Near { score: near.score * 0.98, rule: Rule::Joined };
                    let (wide, narrow) = ((i, next + 1), (j, j + 1));
                    better.push(if swapped {
                        Pair { a: narrow, b: wide, near }
                    } else {
                        Pair { a: wide, b: narrow, near }
                    });
                }
            }
        }
    }
    better.sort_by(|x, y| y.near.score.total_cmp(&x.near.score).then((x.a, x.b).cmp(&(y.a, y.b))));
    for pair in better {
        let touched = |p: &Pair| {
            let meets = |x: (usize, usize), y: (usize, usize)| x.0 < y.1 && y.0 < x.1;
            meets(p.a, pair.a) || meets(p.b, pair.b)
        };
        // it replaces weaker pairs only
        let gain = |p: &Pair| {
            let width =
                (p.a.0..p.a.1).map(|i| a.weights[i]).sum::<f32>() + (p.b.0..p.b.1).map(|j| b.weights[j]).sum::<f32>();
            width * p.near.score
        };
        let lost: f32 = pairs.iter().filter(|p| touched(p)).map(gain).sum();
        if gain(&pair) > lost {
            pairs.retain(|p| !touched(p));
            pairs.push(pair);
        }
    }
}

pub(crate) fn joined(x: &Form, y: &Form) -> Option<Form> {
    let both = match (&x.letters, &y.letters) {
        (Letters::Latin(x), Letters::Latin(y)) => Some(Letters::Latin(x.iter().chain(y).copied().collect())),
        (Letters::Arabic(x), Letters::Arabic(y)) => Some(Letters::Arabic(x.iter().chain(y).copied().collect())),
        _ => None,
    };
    both.map(Form::new)
}

/// The score of a matching.
///
/// `matched / (matched + differences + what nothing matches)`, every part by its weight, less what is out of order, and
/// less where the matched parts are so common that they say little.
fn total(a: &Side<'_>, b: &Side<'_>, mut pairs: Vec<Pair>) -> Verdict {
    pairs.sort_by_key(|p| (p.a, p.b));
    let (mut used_a, mut used_b) = (vec![false; a.weights.len()], vec![false; b.weights.len()]);
    let (mut matched, mut whole, mut bits, mut pair_weight) = (0.0f32, 0.0f32, 0.0f32, f32::MIN_POSITIVE);
    for pair in &pairs {
        let (i, j) = (pair.a.0..pair.a.1, pair.b.0..pair.b.1);
        used_a[i.clone()].fill(true);
        used_b[j.clone()].fill(true);
        let (of_a, of_b): (f32, f32) = (a.weights[i.clone()].iter().sum(), b.weights[j.clone()].iter().sum());
        let weight = f32::midpoint(of_a, of_b);
        let score = pair.near.score;
        matched += weight * score;
        pair_weight += weight;
        whole += weight * (score + NUMBERS.unlike * (1.0 - score));
        let known = a.bits[i].iter().sum::<f32>().min(b.bits[j].iter().sum());
        bits += known * score;
    }
    let open = |used: &[bool], weights: &[f32]| {
        used.iter().zip(weights).filter(|(used, _)| !**used).map(|(_, w)| *w).sum::<f32>()
    };
    let (open_a, open_b) = (open(&used_a, &a.weights), open(&used_b, &b.weights));
    whole += NUMBERS.lacking_a * open_a + NUMBERS.lacking_b * open_b + NUMBERS.both * open_a.min(open_b);
    if whole <= 0.0 {
        return Verdict::default();
    }
    // pairs are in the order of the first name: every step back in the second is out of order
    let names: Vec<&Pair> =
        pairs.iter().filter(|p| a.weights[p.a.0] >= 0.2 && p.near.rule != Rule::Translation).collect();
    let back = names.windows(2).filter(|w| w[1].b.0 < w[0].b.0).count();
    let share = matched / whole * (1.0 - NUMBERS.order * back.min(3) as f32);
    let score = share * (1.0 - NUMBERS.common * (-bits / NUMBERS.fading).exp());
    let score = if is_latin(&a.tokens) == is_latin(&b.tokens) { score } else { across(score) };
    let score = score.max(contained(open_a.min(open_b), bits, if whole > 0.0 { matched / pair_weight } else { 0.0 }));
    Verdict { score: score.clamp(0.0, 1.0), pairs, bits }
}

/// The least score of a name that stands whole inside the other (`Osama bin Laden` in `Usama Muhammad Awad bin Laden`), by how
/// rare what they share is. It stays below the threshold that ships: who leaves out parts of a name leaves out what tells
/// people apart, so such a hit is for those who ask for it.
fn contained(open: f32, bits: f32, likeness: f32) -> f32 {
    /// Particles and titles may be lacking all the same.
    const OPEN: f32 = 0.25;
    const MOST: f32 = 0.79;
    const FADING: f32 = 12.0;
    if open > OPEN { 0.0 } else { MOST * likeness * (1.0 - (-bits / FADING).exp()) }
}

/// Whether names are in Latin letters, as far as they are compared in.
pub(crate) fn is_latin<T: std::borrow::Borrow<Token>>(tokens: &[T]) -> bool {
    let name = tokens.iter().map(std::borrow::Borrow::borrow).find(|t: &&Token| t.role == Role::Name);
    name.or(tokens.first().map(std::borrow::Borrow::borrow))
        .is_none_or(|t| matches!(t.forms[0].letters, Letters::Latin(_)))
}

/// The exponent that makes scores across alphabets mean what others mean.
const ACROSS: f32 = 0.674;

/// A score between Arabic or Hebrew letters and Latin ones on the scale of other scores: at the same score the same share
/// of strangers is hit. Vowels that nobody wrote make every likeness across alphabets a little smaller.
pub(crate) fn across(score: f32) -> f32 {
    score.powf(ACROSS)
}

/// The reverse of [`across`].
pub(crate) fn not_across(score: f32) -> f32 {
    score.powf(1.0 / ACROSS)
}

/// Compares two names on their own.
pub(crate) fn of_two(a: &Side<'_>, b: &Side<'_>) -> Verdict {
    let model = Model::shipped();
    verdict(a, b, |i, j| similar::tokens(model, a.tokens[i], b.tokens[j]))
}
