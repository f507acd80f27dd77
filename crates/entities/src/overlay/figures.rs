//! What the replayed transactions add to the figures of entities and of busy addresses.

use super::Overlay;
use crate::busy::Busy;
use crate::links::Links;
use crate::members::Piece;
use crate::rows::Sums;
use crate::tables::Tables;
use athar_ledger::Ledger;
use athar_types::{AddressId, Day, Sats, TxNum};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, ops::Range};

/// Outputs that are summed up for an entity whose stored figures know transactions that have left the chain.
const REWOUND_OUTPUTS_MAX: usize = 10_000;
/// Transactions looked at by one task.
const CHUNK: u32 = 1 << 12;

/// What is added, by what it is added to.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// To an entity row of the tables: only from addresses that were paid before the cut. Everything about younger
    /// ones, and about those without a row, is asked of the ledger.
    rows: FxHashMap<usize, Sums>,
    /// To a busy address of the tables, by its row.
    busy: FxHashMap<usize, BusyChange>,
}

#[derive(Clone, Debug, Default)]
struct BusyChange {
    received: BTreeMap<Day, u64>,
    sent: u64,
    last_tx: u32,
}

impl Changes {
    /// Sums up the transactions of a range.
    pub(super) fn of(overlay: &Overlay, tables: &Tables, ledger: &Ledger, txs: Range<u32>) -> Self {
        let chunks: Vec<u32> = txs.clone().step_by(CHUNK as usize).collect();
        let some = chunks.into_par_iter().map(|from| {
            let mut changes = Self::default();
            for tx in from..from.saturating_add(CHUNK).min(txs.end) {
                changes.add(overlay, tables, ledger, TxNum(tx));
            }
            changes
        });
        some.reduce(Self::default, Self::with)
    }

    fn add(&mut self, overlay: &Overlay, tables: &Tables, ledger: &Ledger, tx: TxNum) {
        let mut day = None;
        for output in ledger.outputs(tx) {
            let Some(address) = output.address.filter(|a| a.0 < overlay.addresses_at_cut) else { continue };
            let Some(row) = stored_row(tables, address) else { continue };
            self.rows.entry(row).or_default().pay(output.value.0, tx.0);
            let Ok(busy) = tables.busy_address.binary_search(&address.0) else { continue };
            let day = *day.get_or_insert_with(|| ledger.block_time(ledger.tx_height(tx)).day());
            let change = self.busy.entry(busy).or_default();
            let sum = change.received.entry(day).or_default();
            *sum = sum.saturating_add(output.value.0);
            change.last_tx = change.last_tx.max(tx.0);
        }
        for input in ledger.inputs(tx) {
            let Some(address) = input.address.filter(|a| a.0 < overlay.addresses_at_cut) else { continue };
            let Some(row) = stored_row(tables, address) else { continue };
            let value = ledger.output_value(ledger.spent_output(&input)).0;
            self.rows.entry(row).or_default().spend(value, tx.0);
            let Ok(busy) = tables.busy_address.binary_search(&address.0) else { continue };
            let change = self.busy.entry(busy).or_default();
            change.sent = change.sent.saturating_add(value);
            change.last_tx = change.last_tx.max(tx.0);
        }
    }

    fn with(mut self, other: Self) -> Self {
        for (row, sums) in other.rows {
            self.rows.entry(row).or_default().add(&sums);
        }
        for (row, more) in other.busy {
            let change = self.busy.entry(row).or_default();
            more.received.into_iter().for_each(|(day, sum)| {
                let own = change.received.entry(day).or_default();
                *own = own.saturating_add(sum);
            });
            change.sent = change.sent.saturating_add(more.sent);
            change.last_tx = change.last_tx.max(more.last_tx);
        }
        self
    }
}

impl Overlay {
    /// Whether the figures of an entity row know no transaction from the cut on: then the entity was the same at the cut.
    fn is_of_cut(&self, tables: &Tables, row: usize) -> bool {
        !self.is_rewound || tables.entity_last_tx[row] < self.cut
    }

    /// The figures of the tree of a root of now; `None` where they would have to be summed up from more outputs than
    /// [`REWOUND_OUTPUTS_MAX`], because what is stored knows transactions that have left the chain.
    pub(crate) fn sums(&self, tables: &Tables, ledger: &Ledger, root: u32) -> Option<Sums> {
        let mut sums = Sums::default();
        let mut left = REWOUND_OUTPUTS_MAX;
        for piece in self.pieces(tables, root, TxNum(u32::MAX)) {
            let own = AddressId(piece.root(tables));
            let row = if own.0 < self.addresses_at_cut { stored_row(tables, own) } else { None };
            match row {
                Some(row) if self.is_of_cut(tables, row) => {
                    sums.add(&Sums {
                        received: tables.entity_received[row],
                        sent: tables.entity_sent[row],
                        first_tx: tables.entity_first_tx[row],
                        last_tx: tables.entity_last_tx[row],
                    });
                    if let Some(change) = self.changes.rows.get(&row) {
                        sums.add(change);
                    }
                }
                Some(_) => {
                    for address in piece.members(tables) {
                        left = left.checked_sub(sums.add_outputs(ledger, AddressId(*address), left))?;
                    }
                }
                None => {
                    debug_assert!(matches!(piece, Piece::Lone(_)), "a stored list has a row");
                    sums.add_outputs(ledger, own, usize::MAX);
                }
            }
        }
        Some(sums)
    }

    /// The figures of a busy address of the tables; `None` where they know transactions that have left the chain.
    pub(crate) fn busy(&self, row: usize, stored: Busy) -> Option<Busy> {
        if self.is_rewound && stored.last_tx.0 >= self.cut {
            return None;
        }
        let Some(change) = self.changes.busy.get(&row) else { return Some(stored) };
        let mut days = change.received.clone();
        for (day, sum) in stored.received {
            let own = days.entry(day).or_default();
            *own = own.saturating_add(sum.0);
        }
        Some(Busy {
            address: stored.address,
            received: days.into_iter().map(|(day, sum)| (day, Sats(sum))).collect(),
            sent: Sats(stored.sent.0.saturating_add(change.sent)),
            last_tx: stored.last_tx.max(TxNum(change.last_tx)),
        })
    }
}

/// The entity row that an address of before the cut has in the tables.
fn stored_row(tables: &Tables, address: AddressId) -> Option<usize> {
    tables.row(tables.find(address))
}
