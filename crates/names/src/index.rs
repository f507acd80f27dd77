//! The names of lists, filed so that the few that could match are found without looking at the rest.

use crate::frequency::{Frequencies, weight};
use crate::key::keys;
use crate::model::Model;
use crate::score::{NUMBERS, Side, Verdict, is_latin, joined, not_across, verdict};
use crate::similar::{self, NEAR_MIN, Near};
use crate::token::{Form, Letters, Parts, Role, Token};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names that are compared part by part for one query.
const COMPARED_MAX: usize = 44;
/// Weight that initials, particles and words that no key found may still add to what was reached.
const SLACK: f32 = 0.3;
/// Likenesses of one word that a memory keeps.
const REMEMBERED_MAX: usize = 200_000;

/// Rows that share a key, one behind the other.
#[derive(Debug, Default)]
struct Rows {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Rows {
    fn new(count: usize, pairs: &[(u32, u32)]) -> Self {
        let mut starts = vec![0u32; count + 1];
        for (key, _) in pairs {
            starts[*key as usize + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; pairs.len()];
        for (key, row) in pairs {
            let at = &mut next[*key as usize];
            rows[*at as usize] = *row;
            *at += 1;
        }
        Self { starts, rows }
    }

    fn of(&self, key: u32) -> &[u32] {
        &self.rows[self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize]
    }
}

/// Names, filed by their words.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Another number for every index of this process, never 0.
    number: u64,
    frequencies: Frequencies,
    /// The different words of all names, with weight and bits.
    tokens: Vec<(Token, f32, f32)>,
    /// The words of each name.
    of_name: Rows,
    /// The names of each word.
    of_token: Rows,
    /// What the words of each name weigh together.
    sums: Vec<f32>,
    /// Whether a name is in Latin letters.
    latin: Vec<bool>,
    /// Words by key.
    filed: FxHashMap<u64, u32>,
    of_key: Rows,
    of_variant: FxHashMap<u16, Vec<u32>>,
    of_concept: FxHashMap<u16, Vec<u32>>,
}

/// What one thread remembers from query to query: customers share their words.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Which index it remembers.
    of: u64,
    alike: FxHashMap<(String, u8), Arc<Vec<(u32, Near)>>>,
    seen: Vec<u32>,
    stamp: u32,
    reached: Vec<(f32, f32, u16)>,
    touched: Vec<u32>,
}

impl Index {
    pub(crate) fn new(names: &[Parts]) -> Self {
        let frequencies = Frequencies::count(names.iter());
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed) + 1;
        let mut index = Self { number, frequencies, ..Self::default() };
        let mut known: FxHashMap<(&str, bool), u32> = FxHashMap::default();
        let (mut of_name, mut of_token) = (Vec::new(), Vec::new());
        for (i, name) in names.iter().enumerate() {
            let mut sum = 0.0;
            for token in &name.tokens {
                // a word has one reading, save that one letter or digits may stand for themselves
                let latin = matches!(token.forms[0].letters, Letters::Latin(_));
                let id = *known.entry((&token.text, latin)).or_insert_with(|| {
                    let (weight, bits) = weight(&index.frequencies, token);
                    index.tokens.push((token.clone(), weight, bits));
                    index.tokens.len() as u32 - 1
                });
                sum += index.tokens[id as usize].1;
                of_name.push((i as u32, id));
                of_token.push((id, i as u32));
            }
            index.sums.push(sum);
            index.latin.push(is_latin(&name.tokens));
        }
        of_token.sort_unstable();
        of_token.dedup();
        index.of_name = Rows::new(names.len(), &of_name);
        index.of_token = Rows::new(index.tokens.len(), &of_token);
        let mut filed: Vec<(u64, u32)> = Vec::new();
        for (id, (token, ..)) in index.tokens.iter().enumerate() {
            let id = id as u32;
            if matches!(token.role, Role::Name | Role::Honorific) {
                for key in token.forms.iter().flat_map(|f| keys(&f.letters)) {
                    filed.push((key, id));
                }
            }
            for variant in &token.variants {
                index.of_variant.entry(*variant).or_default().push(id);
            }
            for concept in &token.concepts {
                index.of_concept.entry(*concept).or_default().push(id);
            }
        }
        filed.sort_unstable();
        filed.dedup();
        let mut pairs = Vec::with_capacity(filed.len());
        for (key, id) in filed {
            let next = index.filed.len() as u32;
            pairs.push((*index.filed.entry(key).or_insert(next), id));
        }
        index.of_key = Rows::new(index.filed.len(), &pairs);
        index
    }

    /// The parts of a name again.
    pub(crate) fn parts(&self, name: u32) -> Parts {
        let tokens = self.of_name.of(name).iter().map(|id| self.tokens[*id as usize].0.clone()).collect();
        Parts { tokens, odd: Vec::new() }
    }

    /// The filed words that share a key with `letters`, each once.
    fn candidates(&self, forms: &[Form], memory: &mut Memory, mut each: impl FnMut(u32)) {
        memory.seen.resize(self.tokens.len(), 0);
        memory.stamp += 1;
        for key in forms.iter().flat_map(|f| keys(&f.letters)) {
            let Some(row) = self.filed.get(&key) else { continue };
            for id in self.of_key.of(*row) {
                let seen = &mut memory.seen[*id as usize];
                if *seen != memory.stamp {
                    *seen = memory.stamp;
                    each(*id);
                }
            }
        }
    }

    /// The filed words that are near a word.
    fn alike(&self, token: &Token, memory: &mut Memory) -> Arc<Vec<(u32, Near)>> {
        let latin = u8::from(matches!(token.forms[0].letters, Letters::Latin(_)));
        let key = (token.text.clone(), latin);
        if let Some(known) = memory.alike.get(&key) {
            return Arc::clone(known);
        }
        let model = Model::shipped();
        let mut ids = Vec::new();
        self.candidates(&token.forms, memory, |id| ids.push(id));
        let stamp = memory.stamp;
        let others = token.variants.iter().filter_map(|v| self.of_variant.get(v));
        let others = others.chain(token.concepts.iter().filter_map(|c| self.of_concept.get(c)));
        for id in others.flatten() {
            if memory.seen[*id as usize] != stamp {
                memory.seen[*id as usize] = stamp;
                ids.push(*id);
            }
        }
        let mut near: Vec<(u32, Near)> = ids
            .into_iter()
            .map(|id| (id, similar::tokens(model, token, &self.tokens[id as usize].0)))
            .filter(|(_, near)| near.score >= NEAR_MIN)
            .collect();
        near.sort_unstable_by_key(|(id, _)| *id);
        let near = Arc::new(near);
        if memory.alike.len() >= REMEMBERED_MAX {
            memory.alike.clear();
        }
        memory.alike.insert(key, Arc::clone(&near));
        near
    }

    /// Every name whose score against `query` is at least `least`, as (name, verdict), the best first.
    pub(crate) fn search(&self, query: &Parts, least: f32, memory: &mut Memory) -> Vec<(u32, Verdict)> {
        if memory.of != self.number {
            *memory = Memory { of: self.number, ..Memory::default() };
        }
        let side = Side::new(query, &self.frequencies);
        let whole: f32 = side.weights.iter().sum();
        let model = Model::shipped();
        let mut alike: Vec<Arc<Vec<(u32, Near)>>> = Vec::with_capacity(side.tokens.len());
        for (token, weight) in side.tokens.iter().zip(&side.weights) {
            let looked = matches!(token.role, Role::Name | Role::Honorific) && *weight >= 0.1;
            alike.push(if looked { self.alike(token, memory) } else { Arc::default() });
        }
        // two words that a list writes as one
        let mut written_as_one: Vec<(f32, Vec<(u32, f32)>)> = Vec::new();
        for i in 0..side.tokens.len().saturating_sub(1) {
            let (x, y) = (side.tokens[i], side.tokens[i + 1]);
            if y.role != Role::Name || !matches!(x.role, Role::Name | Role::Filiation | Role::Kunya) {
                continue;
            }
            let Some(both) = joined(&x.forms[0], &y.forms[0]) else { continue };
            let mut near = Vec::new();
            let mut ids = Vec::new();
            self.candidates(std::slice::from_ref(&both), memory, |id| ids.push(id));
            for id in ids {
                let other = &self.tokens[id as usize].0.forms[0];
                // a word that is near one of the two by itself is reached already
                let reached = |i: usize| alike[i].binary_search_by_key(&id, |(id, _)| *id).is_ok();
                if other.len() + 2 < both.len() || reached(i) || reached(i + 1) {
                    continue;
                }
                let score = similar::letters(model, &both, other).score;
                if score >= 0.75 {
                    near.push((id, score));
                }
            }
            written_as_one.push((side.weights[i] + side.weights[i + 1], near));
        }
        memory.reached.resize(self.sums.len(), (0.0, 0.0, 0));
        let Memory { reached, touched, .. } = memory;
        // `open`: a name may be reached here first; else only those reached before count, since all that is left of the query
        // could not bring a name to the least score
        let mut reach = |step: u16, id: u32, gain: f32, open: bool| {
            for name in self.of_token.of(id) {
                let (sum, last, by) = &mut reached[*name as usize];
                if *sum == 0.0 {
                    if !open {
                        continue;
                    }
                    touched.push(*name);
                }
                // of several words of the name that are near one of the query the nearest counts
                let more = if *by == step { (gain - *last).max(0.0) } else { gain };
                if more > 0.0 {
                    (*sum, *last, *by) = (*sum + more, gain, step);
                }
            }
        };
        for (i, (weight, near)) in written_as_one.iter().enumerate() {
            for (id, score) in near {
                reach(1_000 + i as u16, *id, weight * score, true);
            }
        }
        let reachable = |sum: f32| sum / (sum + NUMBERS.lacking_a * (whole - sum - SLACK).max(0.0));
        let mut order: Vec<usize> = (0..alike.len()).filter(|i| !alike[*i].is_empty()).collect();
        order.sort_by(|a, b| side.weights[*b].total_cmp(&side.weights[*a]));
        let mut left: f32 = order.iter().map(|i| side.weights[*i]).sum();
        for i in order {
            let open = reachable(left) >= not_across(least);
            for (id, near) in alike[i].iter() {
                reach(i as u16 + 1, *id, side.weights[i] * near.score, open);
            }
            left -= side.weights[i];
        }
        let latin = is_latin(&query.tokens);
        // no name can score more than if all that was reached were matched and the rest of the query were lacking
        let mut best: Vec<(f32, u32)> = Vec::new();
        for name in touched.drain(..) {
            let (sum, ..) = std::mem::take(&mut reached[name as usize]);
            let sum = sum.min(whole);
            let lacking = (self.sums[name as usize] - 1.35 * sum - SLACK).max(0.0);
            // initials, particles and what no key found may still add
            let bound = sum / (sum + NUMBERS.lacking_a * (whole - sum - SLACK).max(0.0) + NUMBERS.lacking_b * lacking);
            let least = if latin == self.latin[name as usize] { least } else { not_across(least) };
            if bound >= least {
                best.push((bound, name));
            }
        }
        let order = |x: &(f32, u32), y: &(f32, u32)| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1));
        if best.len() > COMPARED_MAX {
            best.select_nth_unstable_by(COMPARED_MAX, order);
            best.truncate(COMPARED_MAX);
        }
        let mut other: FxHashMap<(usize, u32), Near> = FxHashMap::default();
        let mut found = Vec::new();
        for (_, name) in best {
            let ids = self.of_name.of(name);
            let mut listed = Side::default();
            for id in ids {
                let (token, weight, bits) = &self.tokens[*id as usize];
                listed.push(token, *weight, *bits);
            }
            // likenesses that the keys did not find are worked out when they are asked for
            for (i, token) in side.tokens.iter().enumerate() {
                for id in ids {
                    other.entry((i, *id)).or_insert_with(|| match alike[i].binary_search_by_key(id, |(id, _)| *id) {
                        Ok(at) => alike[i][at].1,
                        Err(_) => similar::tokens(model, token, &self.tokens[*id as usize].0),
                    });
                }
            }
            let verdict = verdict(&side, &listed, |i, j| other[&(i, ids[j])]);
            if verdict.score >= least {
                found.push((name, verdict));
            }
        }
        found.sort_by(|x, y| y.1.score.total_cmp(&x.1.score).then(x.0.cmp(&y.0)));
        found
    }
}
