//! One entity in figures.

use crate::forest::Forest;
use crate::links::Links;
use crate::rows::Sums;
use athar_ledger::Ledger;
use athar_types::{AddressId, Sats, TxNum};
use serde::Serialize;

/// An entity in figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct EntityView {
    /// Its name: the first-seen address.
    pub name: AddressId,
    /// Number of addresses.
    pub size: u32,
    /// First transaction that pays it.
    pub first_tx: TxNum,
    /// Last transaction that pays it or spends from it.
    pub last_tx: TxNum,
    /// Sum of every output ever paid to its addresses (held at 2^64-1 satoshi where it would pass it).
    pub received: Sats,
    /// Sum of every such output that was spent.
    pub sent: Sats,
}

impl Forest {
    /// The entity of an address. `ledger` must be the one the forest was built from.
    pub fn entity(&self, ledger: &Ledger, address: AddressId) -> EntityView {
        let root = self.find(address);
        let t = &self.tables;
        match self.row(root) {
            Some(row) => {
                let members = self.member_range(row);
                EntityView {
                    name: self.least(members.clone()),
                    size: members.len() as u32,
                    first_tx: TxNum(t.entity_first_tx[row]),
                    last_tx: TxNum(t.entity_last_tx[row]),
                    received: Sats(t.entity_received[row]),
                    sent: Sats(t.entity_sent[row]),
                }
            }
            None => EntityView::of(ledger, root, &[root]),
        }
    }
}

impl EntityView {
    /// The figures of some addresses, from all their outputs: for a few.
    pub fn of(ledger: &Ledger, name: AddressId, members: &[AddressId]) -> Self {
        let mut sums = Sums::default();
        for num in members.iter().flat_map(|a| ledger.address_outputs(*a)) {
            let output = ledger.output(num);
            sums.pay(output.value.0, ledger.output_tx(num).0.0);
            if let Some(tx) = output.spent_by {
                sums.spend(output.value.0, tx.0);
            }
        }
        Self {
            name,
            size: members.len() as u32,
            first_tx: TxNum(sums.first_tx),
            last_tx: TxNum(sums.last_tx),
            received: Sats(sums.received),
            sent: Sats(sums.sent),
        }
    }
}
