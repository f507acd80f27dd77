//! Single votes on change outputs against owners: how often is a recorder right that speaks?

use crate::{Owners, Tally};
use athar_entities::Forest;
use athar_entities::change::{ChangePolicy, Recorder, Vote, evidence};
use athar_ledger::Ledger;
use athar_types::TxNum;
use std::collections::BTreeMap;

/// For each recorder its votes "change" and its votes "not change", and how many of them are wrong, by all that the
/// ledger knows at its end. Looked at are the spendable outputs with a known owner of transactions that are not left out,
/// have inputs of a single known owner, and at least two outputs.
pub fn recorders(
    ledger: &Ledger,
    forest: &Forest,
    policy: &ChangePolicy,
    owners: &Owners,
) -> BTreeMap<Recorder, [Tally; 2]> {
    let mut found: BTreeMap<Recorder, [Tally; 2]> = BTreeMap::new();
    for tx in (0..ledger.tx_count()).map(TxNum).filter(|tx| forest.coinjoin(*tx).is_none()) {
        let mut payers = ledger.inputs(tx).map(|input| input.address.and_then(|a| owners.of(a)));
        let Some(Some(payer)) = payers.next() else { continue };
        if payers.any(|other| other != Some(payer)) {
            continue;
        }
        let votes = evidence(ledger, policy, tx);
        if votes.len() < 2 {
            continue;
        }
        let outputs: Vec<_> = ledger.outputs(tx).collect();
        for output in votes {
            let Some(owner) = outputs[output.vout as usize].address.and_then(|a| owners.of(a)) else { continue };
            for (recorder, vote) in output.votes {
                let tallies = found.entry(recorder).or_default();
                match vote {
                    Vote::Change => tallies[0].add(owner != payer),
                    Vote::NotChange => tallies[1].add(owner == payer),
                    Vote::Silent => {}
                }
            }
        }
    }
    found
}
