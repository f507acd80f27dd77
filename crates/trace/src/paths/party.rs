//! One end of the paths: which outputs belong to a subject.

use crate::error::TraceError;
use athar_ledger::Ledger;
use athar_types::{AddressId, OutputNum};
use rustc_hash::FxHashSet;
use std::fmt;

type Has<'a> = dyn Fn(OutputNum, Option<AddressId>) -> bool + 'a;

/// A subject as one end of the paths: a list of its outputs to search from, and a test that tells every output of it.
///
/// The list may be cut short where the subject has too many; the test may not. A side whose list is cut short is not
/// searched from, but still reached from the other side.
pub struct Party<'a> {
    outputs: Vec<OutputNum>,
    truncated: bool,
    has: Box<Has<'a>>,
}

impl fmt::Debug for Party<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party")
            .field("outputs", &self.outputs.len())
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}

impl<'a> Party<'a> {
    /// These outputs and no others.
    pub fn outputs(ledger: &Ledger, outputs: impl IntoIterator<Item = OutputNum>) -> Result<Self, TraceError> {
        let (mut outputs, count) = (Vec::from_iter(outputs), ledger.output_count());
        if let Some(output) = outputs.iter().copied().find(|o| o.0 >= count) {
            return Err(TraceError::UnknownOutput { output, count });
        }
        outputs.sort_unstable();
        outputs.dedup();
        let known = outputs.clone();
        Ok(Self { outputs, truncated: false, has: Box::new(move |output, _| known.binary_search(&output).is_ok()) })
    }

    /// Everything that was ever paid to the addresses; of it at most `outputs_max` outputs are listed.
    pub fn addresses(
        ledger: &Ledger,
        addresses: impl IntoIterator<Item = AddressId>,
        outputs_max: usize,
    ) -> Result<Self, TraceError> {
        let addresses: FxHashSet<u32> = addresses.into_iter().map(|a| a.0).collect();
        let mut ascending: Vec<u32> = addresses.iter().copied().collect();
        ascending.sort_unstable();
        let has = move |_: OutputNum, address: Option<AddressId>| address.is_some_and(|a| addresses.contains(&a.0));
        Self::owner(ledger, ascending.into_iter().map(AddressId), outputs_max, has)
    }

    /// Everything that was ever paid to an owner of many addresses: `has` tells its outputs, and outputs of `addresses`,
    /// which may be some of its addresses only, are listed, at most `outputs_max`. Where addresses are left out, say so
    /// by [`Self::truncated`].
    pub fn owner(
        ledger: &Ledger,
        addresses: impl IntoIterator<Item = AddressId>,
        outputs_max: usize,
        has: impl Fn(OutputNum, Option<AddressId>) -> bool + 'a,
    ) -> Result<Self, TraceError> {
        let (mut outputs, mut truncated) = (Vec::new(), false);
        for address in addresses {
            if address.0 >= ledger.address_count() {
                return Err(TraceError::UnknownAddress { address, count: ledger.address_count() });
            }
            let mut paid = ledger.address_outputs(address);
            outputs.extend(paid.by_ref().take(outputs_max.saturating_sub(outputs.len())));
            if paid.next().is_some() {
                truncated = true;
                break;
            }
        }
        outputs.sort_unstable();
        outputs.dedup();
        Ok(Self { outputs, truncated, has: Box::new(has) })
    }

    /// The same, marked as listing a part of its outputs only.
    #[must_use]
    pub fn truncated(mut self) -> Self {
        self.truncated = true;
        self
    }

    /// Whether it has more outputs than it lists.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The outputs listed, ascending.
    pub fn listed(&self) -> &[OutputNum] {
        &self.outputs
    }

    /// Whether an output, whose address the caller has looked up, is one of its own.
    #[inline]
    pub fn has(&self, output: OutputNum, address: Option<AddressId>) -> bool {
        (self.has)(output, address)
    }
}
