//! The whole of a store, for jobs that read all of it: not an answer, but what answers are made of.

use crate::error::EngineError;
use crate::{Basis, Engine};
use athar_entities::Forest;
use athar_labels::LabelStore;
use athar_ledger::Ledger;
use athar_prices::Prices;
use athar_types::Chain;

/// One commit of everything a store holds of a chain.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'a> {
    /// What happened; it has at least one block.
    pub ledger: &'a Ledger,
    /// Which addresses act as one.
    pub forest: &'a Forest,
    /// Who somebody says an address is.
    pub labels: &'a LabelStore,
    /// What a coin was worth.
    pub prices: &'a Prices,
    /// What all of it stands on.
    pub basis: &'a Basis,
}

impl Engine {
    /// Everything the store holds of `chain`, or the error that says how to get it.
    pub fn whole(&self, chain: Chain) -> Result<Whole<'_>, EngineError> {
        let ledger = self.ledger()?;
        if ledger.chain() != chain {
            return Err(EngineError::Target {
                input: chain.to_string(),
                what: format!("the store holds {} only", ledger.chain()),
            });
        }
        if let Some((height, behind)) = self.entities_behind() {
            return Err(EngineError::Target {
                input: chain.to_string(),
                what: format!(
                    "its entities are as of height {height}, {behind} blocks behind the chain\nhint: end `athar follow`, which builds them as it ends"
                ),
            });
        }
        if let Some(height) = self.entities_rewound() {
            return Err(EngineError::Target {
                input: chain.to_string(),
                what: format!(
                    "its stored entities end with block {height}, which the chain does not hold, so some figures are not known\nhint: end `athar follow`, which builds them as it ends"
                ),
            });
        }
        let (labels, prices) = (&self.labels, &self.prices);
        Ok(Whole { ledger, forest: self.forest()?, labels, prices, basis: self.basis() })
    }
}
