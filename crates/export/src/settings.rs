//! What to export.

use crate::{Sizes, Table};
use athar_types::Chain;

/// What to export.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The chain.
    pub chain: Chain,
    /// First block of the tables of the chain; `None` for the genesis block. Addresses, entities and labels are always
    /// whole, so that every id leads somewhere.
    pub from: Option<u32>,
    /// Last block of the same, itself included; `None` for the tip.
    pub to: Option<u32>,
    /// Which tables; in any order, repetitions do not matter.
    pub tables: Vec<Table>,
    /// Whether files of another state of the store, or of other settings, are replaced.
    pub overwrite: bool,
    /// How tables are cut into files.
    pub sizes: Sizes,
}

impl Settings {
    /// All tables of the whole of a chain.
    pub fn new(chain: Chain) -> Self {
        Self { chain, from: None, to: None, tables: Table::ALL.to_vec(), overwrite: false, sizes: Sizes::default() }
    }
}
