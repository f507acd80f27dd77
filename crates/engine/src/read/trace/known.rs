//! Where a trace stops, and who is met: what the engine knows, told to the trace.

use crate::Engine;
use athar_entities::coinjoin::{ShapeBuffer, recognise_in};
use athar_ledger::TxFlags;
use athar_trace::{Labels, Owners, StopReason, Stops};
use athar_types::{AddressId, OutputNum, TxNum};
use rustc_hash::FxHashSet;

/// What the engine knows of services and CoinJoins, for a trace.
pub(crate) struct Known<'a>(pub(crate) &'a Engine);

impl Stops for Known<'_> {
    fn stop(&self, _output: OutputNum, address: Option<AddressId>) -> Option<StopReason> {
        let address = address?;
        match self.0.subject_of(address) {
            Some(subject) => self.0.known.is_service(subject).then_some(StopReason::Service { label: subject }),
            // what a label says goes before what a rule infers
            None => self.0.inferred_rule(address).map(|rule| StopReason::InferredService { rule }),
        }
    }

    fn stop_tx(&self, tx: TxNum) -> Option<StopReason> {
        // what crosses the border of a hidden pool is nobody's in particular on the other side
        // (new coins are new, though part of them may be made inside)
        let crosses = |flags: TxFlags| flags.has(TxFlags::HOGEX) || flags.has(TxFlags::SHIELDED);
        let hidden = |flags: TxFlags| crosses(flags) && !flags.has(TxFlags::COINBASE);
        if self.0.ledger.as_ref().is_some_and(|ledger| hidden(ledger.tx_flags(tx))) {
            return Some(StopReason::Pool);
        }
        // inside a CoinJoin the order of inputs and outputs says nothing about whose money is whose
        self.0.coinjoin_kind(tx).map(|_| StopReason::CoinJoin { anonymity_set: self.0.anonymity_set(tx) })
    }
}

impl Labels for Known<'_> {
    fn label_of(&self, address: AddressId) -> Option<u32> {
        self.0.subject_of(address)
    }

    /// The categories of a subject's labels.
    fn groups_of(&self, label: u32) -> &[u32] {
        self.0.known.categories(label)
    }
}

impl Engine {
    /// How many outputs of a CoinJoin cannot be told apart: those of its most frequent value.
    pub(crate) fn anonymity_set(&self, tx: TxNum) -> u32 {
        let Some(ledger) = &self.ledger else { return 0 };
        let found = recognise_in(ledger, tx, &mut ShapeBuffer::default());
        found.map_or(0, |found| u32::try_from(found.facts.equal_outputs).unwrap_or(u32::MAX))
    }

    /// The labelled subject that an address belongs to.
    pub(crate) fn subject_of(&self, address: AddressId) -> Option<u32> {
        let root = self.root_of(address);
        self.known.subject(address, root)
    }
}

/// Whose money a trace follows: what moves among these is no hop.
pub(crate) struct Own<'a> {
    pub(crate) engine: &'a Engine,
    /// Single addresses.
    pub(crate) addresses: FxHashSet<AddressId>,
    /// Roots of whole entities.
    pub(crate) roots: FxHashSet<AddressId>,
}

impl Owners for Own<'_> {
    fn is_own(&self, address: AddressId) -> bool {
        self.addresses.contains(&address)
            || (!self.roots.is_empty() && self.roots.contains(&self.engine.root_of(address)))
    }
}
