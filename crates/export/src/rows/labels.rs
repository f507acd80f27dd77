//! Rows of `labels`.

use super::{View, array, lists};
use arrow_array::{ArrayRef, Date32Array, Int32Array, Int64Array, StringArray, UInt32Array};
use athar_labels::{Label, SubjectKind};
use athar_types::address::parse_bitcoin;
use athar_types::{AddressId, Category, Chain, Day, Hash32};
use std::ops::Range;

/// The accepted labels at those places of the store.
pub(super) fn columns(view: &View<'_>, rows: Range<u64>) -> Vec<ArrayRef> {
    let labels: Vec<(u64, &Label)> = rows
        .clone()
        .zip(view.labels.iter().skip(rows.start as usize))
        .filter(|(_, label)| label.is_accepted())
        .collect();
    let addresses: Vec<Option<AddressId>> = labels.iter().map(|(_, label)| address(view, label)).collect();
    let entity = |(address, (_, label)): (&Option<AddressId>, &(u64, &Label))| {
        let stays = label.categories.contains(&Category::CustodialAccount);
        address.filter(|_| !stays).map(|a| view.forest.name(a).0)
    };
    let text = |value: &dyn Fn(&Label) -> String| {
        array(StringArray::from_iter_values(labels.iter().map(|(_, label)| value(label))))
    };
    let said = |value: &dyn for<'a> Fn(&'a Label) -> Option<&'a str>| {
        array(labels.iter().map(|(_, label)| value(label)).collect::<StringArray>())
    };
    let day = |value: &dyn Fn(&Label) -> Option<Day>| {
        array(labels.iter().map(|(_, label)| value(label).map(|d| d.0)).collect::<Date32Array>())
    };
    let list = |value: &dyn Fn(&Label) -> Vec<String>| lists(labels.iter().map(|(_, label)| Some(value(label))));
    let level = |label: &Label| label.confidence.as_ref().and_then(|c| c.level).map(i32::from);
    vec![
        array(Int64Array::from_iter_values(labels.iter().map(|(place, _)| *place as i64))),
        text(&|l| l.subject.name().into()),
        said(&|l| l.chain.map(Chain::name)),
        text(&|l| l.text.to_string()),
        array(addresses.iter().map(|a| a.map(|a| a.0)).collect::<UInt32Array>()),
        array(labels.iter().map(|(_, label)| tx(view, label)).collect::<UInt32Array>()),
        array(addresses.iter().zip(&labels).map(entity).collect::<UInt32Array>()),
        text(&|l| l.name.clone()),
        text(&|l| l.category.to_string()),
        list(&|l| l.categories.iter().map(ToString::to_string).collect()),
        text(&|l| l.basis.to_string()),
        said(&|l| l.source.as_deref()),
        said(&|l| l.confidence.as_ref().map(|c| c.id.as_str())),
        array(labels.iter().map(|(_, label)| level(label)).collect::<Int32Array>()),
        said(&|l| l.actor.as_deref()),
        said(&|l| l.country.as_deref()),
        said(&|l| l.asset.as_deref()),
        day(&|l| l.valid_from),
        day(&|l| l.valid_to),
        day(&|l| l.lastmod),
        said(&|l| l.entry.as_deref()),
        list(&|l| l.concepts.clone()),
        list(&|l| l.aliases.clone()),
        said(&|l| l.context.as_deref()),
        said(&|l| l.as_written.as_deref()),
        said(&|l| l.note.map(athar_labels::DefectKind::name)),
        text(&|l| l.pack.id.to_string()),
        text(&|l| l.pack.title.clone()),
        text(&|l| l.pack.format.name().into()),
        day(&|l| l.pack.as_of),
        said(&|l| l.license()),
        array(Int32Array::from_iter_values(labels.iter().map(|(_, label)| label.line as i32))),
    ]
}

/// The address of this chain that a label is about, where an output ever paid it.
fn address(view: &View<'_>, label: &Label) -> Option<AddressId> {
    if label.subject != SubjectKind::Address || label.chain != Some(view.ledger.chain()) {
        return None;
    }
    let key = parse_bitcoin(&label.text, view.ledger.network()).ok()?;
    view.ledger.address_id(&key)
}

/// The transaction of this chain that a label is about.
fn tx(view: &View<'_>, label: &Label) -> Option<u32> {
    if label.subject != SubjectKind::Transaction || label.chain != Some(view.ledger.chain()) {
        return None;
    }
    let txid: Hash32 = label.text.parse().ok()?;
    view.ledger.tx_by_id(&txid).map(|tx| tx.0)
}
