//! Rows of `entities`.

use super::figures::figures;
use super::{View, array, sum};
use arrow_array::{ArrayRef, Int32Array, Int64Array, StringArray, UInt32Array};
use athar_entities::EntityView;
use athar_types::{AddressId, Sats, TxNum};
use std::ops::Range;

/// The entities whose names are among the addresses in `rows`.
pub(super) fn columns(view: &View<'_>, rows: Range<u64>) -> Vec<ArrayRef> {
    let (ledger, forest) = (view.ledger, view.forest);
    let is_lone = |id: AddressId| forest.size(id) == 1;
    // one that has many addresses has its sums in the forest already; only lone ones are summed up here
    let figures = figures(view, rows.clone(), is_lone);
    let entities: Vec<EntityView> = rows
        .zip(figures)
        .filter_map(|(id, figures)| {
            let id = AddressId(id as u32);
            if is_lone(id) {
                let (first_tx, last_tx) = figures.txs(view);
                let (received, sent) = (Sats(figures.received_sat), Sats(figures.sent_sat));
                return Some(EntityView { name: id, size: 1, first_tx, last_tx, received, sent });
            }
            if forest.name(id) == id { forest.entity(ledger, id) } else { None }
        })
        .collect();
    let height = |tx: TxNum| ledger.tx_height(tx).0 as i32;
    let int64 = |value: &dyn Fn(&EntityView) -> i64| array(Int64Array::from_iter_values(entities.iter().map(value)));
    let int32 = |value: &dyn Fn(&EntityView) -> i32| array(Int32Array::from_iter_values(entities.iter().map(value)));
    vec![
        array(UInt32Array::from_iter_values(entities.iter().map(|e| e.name.0))),
        array(StringArray::from_iter_values(entities.iter().map(|e| ledger.address_text(e.name)))),
        int64(&|e| i64::from(e.size)),
        int64(&|e| sum(e.received.0)),
        int64(&|e| sum(e.sent.0)),
        array(UInt32Array::from_iter_values(entities.iter().map(|e| e.first_tx.0))),
        array(UInt32Array::from_iter_values(entities.iter().map(|e| e.last_tx.0))),
        int32(&|e| height(e.first_tx)),
        int32(&|e| height(e.last_tx)),
    ]
}
