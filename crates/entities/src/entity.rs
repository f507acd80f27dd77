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
    /// The entity of an address. `ledger` must be the one the forest was opened with. `None` where its figures are not known:
    /// it was paid or spent in blocks that have left the chain since the forest was stored, and has too many outputs to sum
    /// them up anew ([`Self::rewound_from`]).
    pub fn entity(&self, ledger: &Ledger, address: AddressId) -> Option<EntityView> {
        let root = self.find(address);
        let t = &self.tables;
        let sums = match (&self.overlay, t.row(root)) {
            (Some(overlay), _) => overlay.sums(t, ledger, root.0)?,
            (None, Some(row)) => Sums {
                received: t.entity_received[row],
                sent: t.entity_sent[row],
                first_tx: t.entity_first_tx[row],
                last_tx: t.entity_last_tx[row],
            },
            (None, None) => {
                // lone, with few outputs
                let mut sums = Sums::default();
                sums.add_outputs(ledger, root, usize::MAX);
                sums
            }
        };
        Some(EntityView {
            name: self.name(address),
            size: self.size(address),
            first_tx: TxNum(sums.first_tx),
            last_tx: TxNum(sums.last_tx),
            received: Sats(sums.received),
            sent: Sats(sums.sent),
        })
    }
}

impl EntityView {
    /// The figures of some addresses, from all their outputs: for a few.
    pub fn of(ledger: &Ledger, name: AddressId, members: &[AddressId]) -> Self {
        let mut sums = Sums::default();
        for member in members {
            sums.add_outputs(ledger, *member, usize::MAX);
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
