//! GraphSense's published levels of confidence: the table `data/confidence.csv`.

use crate::label::Confidence;

const TABLE: &str = include_str!("../data/confidence.csv");

/// The level of a published id, 0 to 100.
pub(crate) fn level(id: &str) -> Option<u8> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.filter_map(|row| row.split_once(',')).find(|(name, _)| *name == id).and_then(|(_, level)| level.parse().ok())
}

/// A confidence as written: a published id, or a number from 0 to 100. The level of anything else is `None`.
pub(crate) fn confidence(text: &str) -> Confidence {
    let number = text.parse::<u8>().ok().filter(|n| *n <= 100);
    Confidence { id: text.to_owned(), level: level(text).or(number) }
}

/// BLAKE3 of the table: part of a pack's identity, since another table would read the same file otherwise.
pub(crate) fn hash() -> [u8; 32] {
    *blake3::hash(TABLE.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_ids_have_their_published_levels_and_numbers_their_own() {
        for (id, expected) in
            [("ownership", Some(100)), ("authority_data", Some(60)), ("forensic", Some(50)), ("unknown", Some(5))]
        {
            assert_eq!(level(id), expected, "{id}");
        }
        assert_eq!(confidence("75").level, Some(75));
        for odd in ["101", "-1", "0.8", "id", "sure"] {
            assert_eq!(confidence(odd), Confidence { id: odd.into(), level: None });
        }
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
        assert!(rows.map(|row| row.split_once(',').unwrap().0).all(|id| level(id).is_some_and(|l| l <= 100)));
    }
}
