//! Documents and pictures found again: the same original by its hash, the same wording or picture by likeness.
//!
//! [`Sightings::items_of_original`](crate::Sightings::items_of_original) finds an original to the last bit. This finds what was edited, cut,
//! signed anew or given another address. A translation is not found: across languages there are only shared values.

use crate::campaign::UnitRef;
use crate::near::SketchIndex;
use crate::pictures::{PictureIndex, is_telling};
use crate::{Material, Sketch};

/// Where a likeness was seen before.
#[derive(Clone, PartialEq, Debug)]
pub struct Again {
    /// The item, and the message of it.
    pub unit: UnitRef,
    /// Estimated Jaccard similarity of texts; of pictures, the share of equal bits.
    pub similarity: f64,
}

/// The texts and pictures of a store, for finding them again. About 720 bytes a text.
#[derive(Clone, Debug)]
pub struct Known {
    texts: SketchIndex,
    text_units: Vec<UnitRef>,
    pictures: PictureIndex,
    picture_units: Vec<UnitRef>,
}

impl Known {
    /// Those of finished items and their messages.
    pub fn of(material: &Material) -> Self {
        let (mut sketches, mut text_units) = (Vec::new(), Vec::new());
        for item in &material.items {
            if let Some(sketch) = Sketch::from_bytes(&item.sketch) {
                sketches.push(sketch);
                text_units.push(UnitRef { item: item.id, message: None, n: None });
            }
        }
        let mut last = None;
        for seen in &material.sightings {
            // the sightings of a message follow one another, each with its sketch
            let unit = (seen.item, seen.channel.as_deref(), seen.message.as_deref());
            if last == Some(unit) {
                continue;
            }
            if let Some(sketch) = Sketch::from_bytes(&seen.sketch) {
                last = Some(unit);
                sketches.push(sketch);
                text_units.push(UnitRef { item: seen.item, message: seen.message.clone(), n: Some(seen.n) });
            }
        }
        let telling =
            material.items.iter().filter_map(|item| Some((item.id, item.picture_hash.filter(|h| is_telling(*h))?)));
        let (picture_units, hashes) =
            telling.map(|(item, hash)| (UnitRef { item, message: None, n: None }, hash)).unzip();
        Self { texts: SketchIndex::new(sketches), text_units, pictures: PictureIndex::new(hashes), picture_units }
    }

    /// Where a text of at least this similarity was seen, the most similar first; and whether a bound was reached, so that there may be more.
    pub fn texts(&self, sketch: &Sketch, min: f64) -> (Vec<Again>, bool) {
        let (near, cut) = self.texts.near(sketch, min);
        let again =
            |near: crate::Near| Again { unit: self.text_units[near.index].clone(), similarity: near.similarity };
        (near.into_iter().map(again).collect(), cut)
    }

    /// Where a picture was seen whose hash differs in at most so many bits, the nearest first; nothing for a hash that tells nothing.
    pub fn pictures(&self, hash: u64, bits: u32) -> Vec<Again> {
        let near = if is_telling(hash) { self.pictures.near(hash, bits) } else { Vec::new() };
        let again = |(place, distance): (usize, u32)| Again {
            unit: self.picture_units[place].clone(),
            similarity: f64::from(64 - distance) / 64.0,
        };
        near.into_iter().map(again).collect()
    }
}
