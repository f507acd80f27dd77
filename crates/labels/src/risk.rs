//! From what a label says to a level of risk: the table `data/risk_table.toml`.

use athar_types::{Basis, Category, Level, Relation};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// What the table has a column for; an account at a service stands under counterparty.
const COLUMNS: [Relation; 3] = [Relation::Ownership, Relation::Counterparty, Relation::Indirect];

const SHIPPED: &str = include_str!("../data/risk_table.toml");

/// A table of levels: for every category and relation one level where the basis decides (designation, judgment) and one
/// where it claims, and for each basis a floor below which no level falls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RiskTable {
    /// `[proven, claimed]` by category and relation.
    levels: BTreeMap<Category, [[Level; 2]; 3]>,
    floors: BTreeMap<Basis, [Level; 3]>,
    hash: [u8; 32],
}

/// Why a text is no risk table.
#[derive(Debug, thiserror::Error)]
pub enum RiskTableError {
    /// Not the TOML that a table is written in; the message names line and column.
    #[error("risk table: {0}")]
    Toml(#[from] toml::de::Error),
    /// Written right, but against a rule that every table must keep.
    #[error("risk table: {0}")]
    Rule(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    floor: BTreeMap<Basis, Cells<Level>>,
    category: BTreeMap<Category, Cells<[Level; 2]>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cells<T> {
    ownership: T,
    counterparty: T,
    indirect: T,
}

impl<T> Cells<T> {
    fn into_array(self) -> [T; 3] {
        [self.ownership, self.counterparty, self.indirect]
    }
}

impl RiskTable {
    /// The table that ships with the program.
    pub fn shipped() -> &'static Self {
        static TABLE: LazyLock<RiskTable> = LazyLock::new(|| {
            // the text is part of the program, and a test reads it
            RiskTable::from_toml(SHIPPED).unwrap_or_else(|error| panic!("{error}"))
        });
        &TABLE
    }

    /// Reads a table in the form of `data/risk_table.toml` and checks the rules written there.
    pub fn from_toml(text: &str) -> Result<Self, RiskTableError> {
        let file: File = toml::from_str(text)?;
        let rule = |text: String| Err(RiskTableError::Rule(text));
        if file.version != 1 {
            return rule(format!("version {} is not known, only 1", file.version));
        }
        let levels: BTreeMap<_, _> = file.category.into_iter().map(|(c, cells)| (c, cells.into_array())).collect();
        for category in Category::ALL {
            let Some(rows) = levels.get(category) else {
                return rule(format!("category {category} has no row"));
            };
            for (relation, [proven, claimed]) in COLUMNS.into_iter().zip(rows) {
                if *claimed == Level::Severe || (*proven == Level::Severe && relation != Relation::Ownership) {
                    return rule(format!("{category}, {relation}: severe stands only under ownership, and proven"));
                }
                if proven < claimed {
                    return rule(format!("{category}, {relation}: proven is below claimed"));
                }
            }
            if rows.windows(2).any(|pair| pair[0][0] < pair[1][0] || pair[0][1] < pair[1][1]) {
                return rule(format!("{category}: a level rises from ownership to counterparty to indirect"));
            }
        }
        let floors: BTreeMap<_, _> = file.floor.into_iter().map(|(b, cells)| (b, cells.into_array())).collect();
        for (basis, cells) in &floors {
            if cells[1..].contains(&Level::Severe) || (cells[0] == Level::Severe && !basis.can_be_severe()) {
                return rule(format!(
                    "floor of {basis}: severe stands only under ownership of a designation or judgment"
                ));
            }
        }
        Ok(Self { levels, floors, hash: *blake3::hash(text.as_bytes()).as_bytes() })
    }

    /// The level of one label of `category` on `basis`, for an address that stands in `relation` to the labelled one.
    pub fn level(&self, category: Category, basis: Basis, relation: Relation) -> Level {
        let proven = usize::from(!basis.can_be_severe());
        // an account at a service is dealing with it, not being it
        let relation = if relation == Relation::AccountAt { Relation::Counterparty } else { relation };
        let column = COLUMNS.iter().position(|c| *c == relation).unwrap_or(0);
        let cell = self.levels.get(&category).map_or(Level::Unknown, |rows| rows[column][proven]);
        let floor = self.floors.get(&basis).map_or(Level::Unknown, |cells| cells[column]);
        cell.max(floor)
    }

    /// BLAKE3 of the table's text: part of every snapshot that a level is computed on.
    pub const fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

/// The level of one label by the [shipped](RiskTable::shipped) table.
pub fn risk_of(category: Category, basis: Basis, relation: Relation) -> Level {
    RiskTable::shipped().level(category, basis, relation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_designation_or_a_judgment_makes_ownership_severe_and_nothing_else_is() {
        let mut severe = 0;
        for category in Category::ALL {
            for basis in Basis::ALL {
                for relation in Relation::ALL {
                    let level = risk_of(*category, basis, relation);
                    if level == Level::Severe {
                        assert!(basis.can_be_severe() && relation == Relation::Ownership, "{category} {basis}");
                        severe += 1;
                    }
                }
            }
            assert_eq!(risk_of(*category, Basis::Designation, Relation::Ownership), Level::Severe, "{category}");
        }
        assert!(severe > Category::ALL.len(), "judgments count too");
    }

    #[test]
    fn the_levels_a_compliance_officer_expects() {
        use Category::{Exchange, Extremism, HumanitarianOrganisation, Mixer, TerroristFinancing, User};
        let claimed = |category, relation| risk_of(category, Basis::ThirdPartyClaim, relation);
        assert_eq!(risk_of(TerroristFinancing, Basis::Complaint, Relation::Ownership), Level::High);
        assert_eq!(risk_of(TerroristFinancing, Basis::SeizureOrder, Relation::Ownership), Level::High);
        assert_eq!(risk_of(TerroristFinancing, Basis::Judgment, Relation::Ownership), Level::Severe);
        assert_eq!(claimed(TerroristFinancing, Relation::Counterparty), Level::High);
        assert_eq!(claimed(TerroristFinancing, Relation::Indirect), Level::Medium);
        assert_eq!(claimed(Exchange, Relation::Ownership), Level::None);
        assert_eq!(claimed(HumanitarianOrganisation, Relation::Counterparty), Level::None);
        assert_eq!(claimed(User, Relation::Ownership), Level::Unknown);
        assert!(claimed(Extremism, Relation::Ownership) < claimed(TerroristFinancing, Relation::Ownership));
        assert_eq!(claimed(Mixer, Relation::Counterparty), Level::Medium);
    }

    #[test]
    fn a_category_of_risk_has_a_level_above_none_and_the_others_do_not_reach_high() {
        for category in Category::ALL {
            let level = risk_of(*category, Basis::ThirdPartyClaim, Relation::Ownership);
            if category.is_risk() {
                assert!(level >= Level::Medium, "{category} {level}");
            } else {
                assert!(level < Level::High, "{category} {level}");
            }
            assert_eq!(level == Level::Unknown, category.is_silent(), "{category}");
        }
    }

    #[test]
    fn categories_are_declared_from_the_weightiest_to_the_lightest() {
        let levels = Category::ALL.iter().map(|c| risk_of(*c, Basis::ThirdPartyClaim, Relation::Ownership));
        assert!(levels.is_sorted_by(|a, b| a >= b), "the first of several categories must be the one of most risk");
    }

    #[test]
    fn tables_against_the_rules_are_refused() {
        let bad = |from: &str, to: &str| {
            let text = SHIPPED.replacen(from, to, 1);
            assert_ne!(text, SHIPPED, "{from}");
            RiskTable::from_toml(&text).unwrap_err().to_string()
        };
        assert!(bad("version = 1\n\n[floor", "version = 2\n\n[floor").contains("version 2"));
        assert!(
            bad("counterparty = [\"high\", \"high\"]", "counterparty = [\"severe\", \"high\"]").contains("only under")
        );
        assert!(
            bad("ownership = [\"severe\", \"high\"]", "ownership = [\"severe\", \"severe\"]").contains("only under")
        );
        assert!(bad("ownership = [\"severe\", \"high\"]", "ownership = [\"low\", \"high\"]").contains("below claimed"));
        assert!(bad("counterparty = [\"none\"", "counterparty = [\"low\"").contains("rises"));
        assert!(bad("unknown                   = {", "# = {").contains("has no row"));
        assert!(bad("ownership = \"severe\"", "ownership = \"worst\"").contains("worst"));
    }
}
