//! Single ties against owners: does what a heuristic ties belong to one owner?

use crate::{ALL_ERAS, Owners, Tally};
use athar_entities::{Forest, Heuristic, change, same_key};
use athar_ledger::Ledger;
use athar_types::{AddressId, Height, TxNum};
use std::collections::BTreeMap;

/// How many ties of each heuristic are wrong, by the year of the tie and over all years ([`ALL_ERAS`]).
///
/// A tie of co-spend is a transaction that is not left out and has inputs of at least two addresses with known owners; it
/// is wrong where they are not all the same. A tie of same-key is one pair of forms of a key, one of change
/// an output and the first input of its transaction. A tie counts whether or not
/// earlier ones have already said the same: what is measured is the rule, not the order in which it was applied.
pub fn ties(ledger: &Ledger, forest: &Forest, owners: &Owners) -> BTreeMap<(Heuristic, String), Tally> {
    let mut found: BTreeMap<(Heuristic, String), Tally> = BTreeMap::new();
    let mut add = |heuristic, tx: TxNum, wrong| {
        let year = year(ledger, ledger.tx_height(tx));
        for era in [year, ALL_ERAS.to_string()] {
            found.entry((heuristic, era)).or_default().add(wrong);
        }
    };
    let used = forest.manifest().heuristics;
    if used.has(Heuristic::CoSpend) {
        let mut own: Vec<(AddressId, u32)> = Vec::new();
        for tx in (0..ledger.tx_count()).map(TxNum).filter(|tx| forest.coinjoin(*tx).is_none()) {
            own.clear();
            own.extend(ledger.inputs(tx).filter_map(|i| i.address).filter_map(|a| Some((a, owners.of(a)?))));
            own.sort_unstable();
            own.dedup();
            if own.len() > 1 {
                add(Heuristic::CoSpend, tx, own.iter().any(|(_, owner)| *owner != own[0].1));
            }
        }
    }
    if used.has(Heuristic::SameKey) {
        for tie in same_key::ties(ledger) {
            if let (Some(a), Some(b)) = (owners.of(tie.a), owners.of(tie.b)) {
                add(Heuristic::SameKey, tie.at, a != b);
            }
        }
    }
    if let Some(policy) = forest.change_policy() {
        let nobody = |tx| forest.coinjoin(tx).is_some();
        for tie in change::ties(ledger, 0..ledger.tx_count(), policy, &nobody) {
            if let (Some(a), Some(b)) = (owners.of(tie.a), owners.of(tie.b)) {
                add(Heuristic::Change, tie.at, a != b);
            }
        }
    }
    found
}

/// The year of a block.
pub(crate) fn year(ledger: &Ledger, height: Height) -> String {
    ledger.block_time(height).to_string().chars().take(4).collect()
}
