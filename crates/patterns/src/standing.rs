//! Which rules were measured, and how that ended. The figures are generated (`athar bench patterns --write`) and built in, so that
//! a hit says what its rule is worth.
//!
//! A rule stands by its id: figures are of the shipped rule of that id. A rule of one's own under the same id and another text is
//! unmeasured.

use crate::{Rule, Standing, shipped};
use serde::Deserialize;
use std::sync::OnceLock;

/// The generated file.
const DATA: &str = include_str!("../data/pattern_rates.json");

#[derive(Deserialize, Default)]
struct Rates {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    row: u32,
    /// `measured`, or `unmeasured` where no world has the row.
    status: String,
    /// Whether anchored hits are right nine times in ten and find four of five anchored campaigns; none where there was nothing to
    /// judge by.
    #[serde(default)]
    reaches: Option<bool>,
}

fn rates() -> &'static Rates {
    static RATES: OnceLock<Rates> = OnceLock::new();
    RATES.get_or_init(|| serde_json::from_str(DATA).unwrap_or_default())
}

/// Whether a rule was measured on worlds that were not used in tuning it, and reached what it promises.
pub fn standing(rule: &Rule) -> Standing {
    let is_shipped = shipped().iter().any(|shipped| shipped.id == rule.id && shipped.version == rule.version);
    let row = rates().rows.iter().find(|row| row.row == rule.row && row.status == "measured").filter(|_| is_shipped);
    match row.and_then(|row| row.reaches) {
        Some(true) => Standing::Held,
        Some(false) => Standing::Below,
        None => Standing::Unmeasured,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn the_generated_file_can_be_read() {
        let read: Rates = serde_json::from_str(DATA).unwrap();
        assert!(read.rows.iter().all(|row| row.status == "measured" || row.status == "unmeasured"));
    }

    #[test]
    fn a_changed_rule_is_unmeasured() {
        let (file, text) = crate::FILES[0];
        let changed = Rule::parse(file, &format!("{text}\n# changed\n")).unwrap();
        assert_eq!(standing(&changed), Standing::Unmeasured);
    }
}
