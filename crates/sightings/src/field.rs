//! What is sealed of an item, and where.
//!
//! What is sealed is bound to its place: the item, the field and the number in the item are the associated data, so that no part can be put in
//! the place of another.

use crate::ItemId;

/// What is sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Field {
    /// An item's words: file, URI, channel, title, operator.
    Item,
    /// A sketch of the item's text.
    ItemSketch,
    /// The copy of the original.
    Original,
    /// A sighting's words, by its number.
    Sighting(u32),
    /// A sketch of the message that a sighting stood in.
    SightingSketch(u32),
}

impl Field {
    /// The associated data of this field of an item.
    pub(crate) fn place(self, item: ItemId) -> [u8; 29] {
        let (code, n) = match self {
            Self::Item => (1, 0),
            Self::ItemSketch => (2, 0),
            Self::Original => (3, 0),
            Self::Sighting(n) => (4, n),
            Self::SightingSketch(n) => (5, n),
        };
        let mut out = [0; 29];
        out[..16].copy_from_slice(b"athar sighting 1");
        out[16..24].copy_from_slice(&item.0.to_le_bytes());
        out[24] = code;
        out[25..].copy_from_slice(&n.to_le_bytes());
        out
    }

    /// In an error's words.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Item => "its own record".into(),
            Self::ItemSketch => "the sketch of its text".into(),
            Self::Original => "the copy of the original".into(),
            Self::Sighting(n) => format!("sighting number {n}"),
            Self::SightingSketch(n) => format!("the sketch of sighting number {n}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_vault::Key;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_alone() {
        let key = Key::random().unwrap();
        let sealed = key.seal(&Field::Sighting(3).place(ItemId(7)), b"words").unwrap();
        assert_eq!(key.open(&Field::Sighting(3).place(ItemId(7)), &sealed).unwrap(), b"words");
        for (item, field) in [
            (8, Field::Sighting(3)),
            (7, Field::Sighting(4)),
            (7, Field::SightingSketch(3)),
            (7, Field::Item),
            (7, Field::Original),
        ] {
            assert!(key.open(&field.place(ItemId(item)), &sealed).is_none(), "{item} {field:?}");
        }
    }
}
