//! Finding near-duplicates among many sketches: locality-sensitive hashing by bands (Leskovec, Rajaraman, Ullman, "Mining of Massive
//! Datasets", chapter 3).
//!
//! 25 bands of 5 minima: a pair of similarity 0.8 meets in a band with a probability of 0.99995, one of 0.7 with 0.99, of 0.5 with
//! 0.55, of 0.3 with 0.06; whoever meets is compared by the whole sketch. A band is a sorted array: 200 bytes a sketch.

use crate::sketch::{Sketch, mix};

/// Bands.
pub const BANDS: usize = 25;
/// Minima in a band.
pub const BAND_MINIMA: usize = 5;
/// The similarity from which two texts are called near-duplicates.
pub const NEAR_MIN: f64 = 0.8;
/// Sketches that one search compares.
pub const COMPARED_MAX: usize = 100_000;
/// Comparisons of one grouping: some seconds. Texts made to be half alike would cost the square of their number.
pub const GROUPING_COMPARED_MAX: u64 = 100_000_000;

/// A sketch that is near.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Near {
    /// Its place in what the index was built of.
    pub index: usize,
    /// Estimated Jaccard similarity.
    pub similarity: f64,
}

/// An index of sketches.
#[derive(Clone, Debug)]
pub struct SketchIndex {
    sketches: Vec<Sketch>,
    /// For each band, the hash of the band above the place, sorted.
    bands: Vec<Vec<u64>>,
}

impl SketchIndex {
    /// Builds it. At most `u32::MAX` sketches; later ones are left out.
    pub fn new(mut sketches: Vec<Sketch>) -> Self {
        sketches.truncate(u32::MAX as usize);
        let bands = (0..BANDS).map(|band| {
            let mut entries: Vec<u64> =
                sketches.iter().enumerate().map(|(n, sketch)| hash(sketch, band) << 32 | n as u64).collect();
            entries.sort_unstable();
            entries
        });
        Self { bands: bands.collect(), sketches }
    }

    /// How many sketches it holds.
    pub fn len(&self) -> usize {
        self.sketches.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.sketches.is_empty()
    }

    /// The sketches whose similarity is at least `min`, the most similar first; and whether [`COMPARED_MAX`] was reached, so that there may
    /// be more. A `min` under 0.7 misses some, see above.
    pub fn near(&self, sketch: &Sketch, min: f64) -> (Vec<Near>, bool) {
        let (found, _, cut) = self.near_where(sketch, min, |_| true);
        (found, cut)
    }

    /// The same among the places for which `wanted` holds, and how many sketches were compared; the others cost next to nothing.
    fn near_where(&self, sketch: &Sketch, min: f64, wanted: impl Fn(usize) -> bool) -> (Vec<Near>, usize, bool) {
        let mut met: Vec<u32> = Vec::new();
        let mut cut = false;
        for (band, entries) in self.bands.iter().enumerate() {
            let hash = hash(sketch, band);
            let first = entries.partition_point(|entry| entry >> 32 < hash);
            let same = entries[first..].iter().take_while(|entry| **entry >> 32 == hash).map(|entry| *entry as u32);
            for place in same.filter(|place| wanted(*place as usize)) {
                if met.len() >= COMPARED_MAX * BANDS {
                    cut = true;
                    break;
                }
                met.push(place);
            }
        }
        met.sort_unstable();
        met.dedup();
        if met.len() > COMPARED_MAX {
            met.truncate(COMPARED_MAX);
            cut = true;
        }
        let compared = met.len();
        let mut found: Vec<Near> = met
            .into_iter()
            .map(|place| {
                let index = place as usize;
                Near { index, similarity: sketch.similarity(&self.sketches[index]) }
            })
            .filter(|near| near.similarity >= min)
            .collect();
        found.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.index.cmp(&b.index)));
        (found, compared, cut)
    }
}

fn hash(sketch: &Sketch, band: usize) -> u64 {
    let minima = &sketch.minima()[band * BAND_MINIMA..][..BAND_MINIMA];
    minima.iter().fold(band as u64, |hash, minimum| mix(hash << 1 ^ u64::from(*minimum))) >> 32
}

/// Texts in groups of near-duplicates: for each sketch the place of the first of its group, itself where it is the first or alone.
///
/// A group is the first text in the given order that is in no group yet, and all after it that are near to it: every member is near to
/// the first, so that a chain of small changes does not make one group of unlike texts. Also whether a bound was reached.
pub fn groups(sketches: Vec<Sketch>, min: f64) -> (Vec<usize>, bool) {
    groups_within(sketches, min, GROUPING_COMPARED_MAX)
}

/// After `compared_max` comparisons every text that is in no group yet is alone.
fn groups_within(sketches: Vec<Sketch>, min: f64, compared_max: u64) -> (Vec<usize>, bool) {
    let mut first: Vec<Option<usize>> = vec![None; sketches.len()];
    let index = SketchIndex::new(sketches);
    let (mut any_cut, mut all_compared) = (false, 0);
    for place in 0..index.len() {
        if first[place].is_some() {
            continue;
        }
        if all_compared > compared_max {
            any_cut = true;
            break;
        }
        first[place] = Some(place);
        let (near, compared, cut) = index.near_where(&index.sketches[place], min, |other| first[other].is_none());
        any_cut |= cut;
        all_compared += compared as u64;
        for near in near {
            first[near.index] = Some(place);
        }
    }
    (first.into_iter().enumerate().map(|(place, first)| first.unwrap_or(place)).collect(), any_cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of made-up words: `seed` decides which, `changes` how many of every hundred are others.
    fn text(seed: u64, changes: u64) -> String {
        let word =
            |n: u64| -> String { (0..3 + n % 6).map(|k| (b'a' + (mix(n * 17 + k) % 26) as u8) as char).collect() };
        let words = (0..120u64).map(|n| {
            let changed = mix(seed ^ n << 20 ^ changes << 40) % 100 < changes;
            word(mix(seed << 8 ^ n) % 5_000 + if changed { 10_000 + changes } else { 0 })
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_near_duplicate_is_found_and_nothing_else() {
        let mut sketches: Vec<Sketch> = (0..3_000).map(|n| Sketch::of(&text(n, 0)).unwrap()).collect();
        sketches.extend((0..300).map(|n| Sketch::of(&text(n * 10, 3)).unwrap()));
        let index = SketchIndex::new(sketches.clone());
        assert_eq!(index.len(), 3_300);
        for (n, sketch) in sketches.iter().enumerate().step_by(7) {
            // every pair compared, without an index
            let all = sketches.iter().map(|other| sketch.similarity(other)).enumerate();
            let truth: Vec<usize> = all.filter(|(_, s)| *s >= NEAR_MIN).map(|(place, _)| place).collect();
            let (found, cut) = index.near(sketch, NEAR_MIN);
            let mut places: Vec<usize> = found.iter().map(|near| near.index).collect();
            assert_eq!(places[0], n, "itself first, with 1");
            places.sort_unstable();
            assert_eq!((places, cut), (truth, false));
        }
    }

    #[test]
    fn groups_are_of_texts_near_to_the_first() {
        let texts = [text(1, 0), text(2, 0), text(1, 2), text(3, 0), text(2, 3), text(1, 0)];
        let (first, cut) = groups(texts.iter().map(|t| Sketch::of(t).unwrap()).collect(), NEAR_MIN);
        assert_eq!((first, cut), (vec![0, 1, 0, 3, 1, 0], false));
        assert_eq!(groups(Vec::new(), NEAR_MIN).0, Vec::<usize>::new());
        let sketches: Vec<Sketch> = texts.iter().map(|t| Sketch::of(t).unwrap()).collect();
        assert_eq!(groups_within(sketches, NEAR_MIN, 1), (vec![0, 1, 0, 3, 4, 0], true), "bounded, and told");
    }
}
