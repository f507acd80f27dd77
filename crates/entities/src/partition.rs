//! The exact parts of an entity without some transactions, by joining its members anew.
//!
//! Cutting links of the forest would not do: whatever joined later hangs under the root that was larger then, on either
//! side. So the ties inside the entity are made again, without those that do not count. That costs time in proportion to
//! the entity: it is a job for whoever writes a cut list, not for a question.

use crate::builder::ForestBuilder;
use crate::forest::Forest;
use crate::links::Links;
use crate::rows::Sums;
use crate::{Heuristic, Selection};
use athar_ledger::{Ledger, LedgerError, Scratch};
use athar_types::{AddressId, Sats, TxNum};
use std::collections::BTreeMap;

/// A part of an entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartOfEntity {
    /// Its addresses, ascending: the first one is its name.
    pub addresses: Vec<AddressId>,
    /// Sum of every output ever paid to them.
    pub received: Sats,
    /// Sum of every such output that was spent.
    pub sent: Sats,
    /// First transaction that pays one of them.
    pub first_tx: TxNum,
    /// Last transaction that pays one of them or spends from one.
    pub last_tx: TxNum,
}

/// The parts into which the entity of `address` falls without what the transactions `cuts` (ascending) tie, the largest
/// first. A single part: it holds together.
pub fn partition(
    ledger: &Ledger,
    forest: &Forest,
    address: AddressId,
    cuts: &[TxNum],
    scratch: &Scratch,
) -> Result<Vec<PartOfEntity>, LedgerError> {
    let heuristics: Selection = forest.manifest().heuristics;
    let mut members = forest.members(address, 0, u32::MAX);
    members.sort_unstable();
    // every member is in the list, so its place is found
    let place = |a: AddressId| members.binary_search(&a).ok().map(|at| at as u32);
    let mut spends: Vec<TxNum> = Vec::new();
    let mut sums = vec![Sums::default(); members.len()];
    for (sums, member) in sums.iter_mut().zip(&members) {
        for output in ledger.address_outputs(*member) {
            let paid = ledger.output(output);
            sums.pay(paid.value.0, ledger.output_tx(output).0.0);
            if let Some(tx) = paid.spent_by {
                sums.spend(paid.value.0, tx.0);
                spends.push(tx);
            }
        }
    }
    spends.sort_unstable();
    spends.dedup();
    spends.retain(|tx| cuts.binary_search(tx).is_err());
    let changes = if heuristics.has(Heuristic::Change) { spends.clone() } else { Vec::new() };
    let mut builder = ForestBuilder::new(members.len() as u32, false, scratch)?;
    let mut tied: Vec<u32> = Vec::new();
    if heuristics.has(Heuristic::CoSpend) {
        for tx in spends.into_iter().filter(|tx| forest.coinjoin(*tx).is_none()) {
            tied.clear();
            tied.extend(ledger.inputs(tx).filter_map(|input| place(input.address?)));
            builder.join(tx, Heuristic::CoSpend, &tied);
        }
    }
    // what follows comes after every transaction: order does not matter here, only what is one in the end
    let last = TxNum(u32::MAX - 1);
    for tx in changes {
        if let Some(tie) = forest.change_tie(ledger, tx)
            && let (Some(a), Some(b)) = (place(tie.a), place(tie.b))
        {
            builder.join(last, Heuristic::CoSpend, &[a, b]);
        }
    }
    if heuristics.has(Heuristic::SameKey) {
        for tie in members.iter().flat_map(|a| forest.key_ties(*a)) {
            if let (Some(a), Some(b)) = (place(tie.a), place(tie.b)) {
                builder.join(last, Heuristic::CoSpend, &[a, b]);
            }
        }
    }
    let joined = builder.finish();
    let mut parts: BTreeMap<AddressId, (Vec<AddressId>, Sums)> = BTreeMap::new();
    for (at, (member, sums)) in members.iter().zip(sums).enumerate() {
        let part = parts.entry(joined.find(AddressId(at as u32))).or_default();
        part.0.push(*member);
        part.1.add(&sums);
    }
    let mut parts: Vec<PartOfEntity> = parts
        .into_values()
        .map(|(addresses, sums)| PartOfEntity {
            addresses,
            received: Sats(sums.received),
            sent: Sats(sums.sent),
            first_tx: TxNum(sums.first_tx),
            last_tx: TxNum(sums.last_tx),
        })
        .collect();
    parts.sort_by_key(|part| (std::cmp::Reverse(part.addresses.len()), part.addresses[0]));
    Ok(parts)
}
