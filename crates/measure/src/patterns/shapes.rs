//! What else a campaign's own transactions are: a campaign that was made for one row may meet the definition of another by the
//! way, as layers that lose a little at each hop are a peel chain, or as a donation address whose money goes out at once is
//! many-to-one. A hit of that row on it is right; missing it is no mistake.
//!
//! Measured here from the chain, from what came in and from where the campaign cashed out, and by no rule's code.

use super::receipts::{self, Receipt};
use super::{Case, Truth};
use crate::MeasureError;
use athar_engine::read::TxView;
use athar_engine::{Engine, EngineError, Options};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::Path;

/// Row 17: fewest hops, and the part in thousandths that each keeps.
const PEEL: (u32, usize, u64) = (17, 4, 800);
/// Row 21: fewest services, within so many seconds.
const SPRAY: (u32, usize, i64) = (21, 3, 86_400);

/// A sale at a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct CashOut {
    pub(super) service: String,
    pub(super) time: i64,
    /// US cents; none where it is not told.
    pub(super) cents: u64,
}

/// Adds to the campaigns of a world which other rows they are of by the way.
pub(super) fn add(truth: &mut Truth, store: &Path, seed: u64) -> Result<(), MeasureError> {
    let wrong = |source: EngineError| MeasureError::Engine { seed, source: Box::new(source) };
    let engine = Engine::open(store, &Options::default()).map_err(wrong)?;
    apart(truth, &engine).map_err(wrong)?;
    let large = truth.large;
    for case in truth.cases.iter_mut().filter(|case| case.look_alike.is_none() && !case.addresses.is_empty()) {
        let mut hops = FxHashMap::default();
        for txid in &case.txids {
            let Some(tx) = engine.tx(txid).map_err(wrong)? else { continue };
            if let Some(Hop(next)) = hop(&tx) {
                hops.insert(txid.clone(), next);
            }
        }
        let mut also = receipts::rows(&engine, case, large).map_err(wrong)?;
        also.extend((longest(&hops) >= PEEL.1).then_some(PEEL.0));
        also.extend(is_spread(&case.cash_outs).then_some(SPRAY.0));
        also.retain(|row| !case.rows.contains(row));
        case.also = also;
    }
    Ok(())
}

/// Takes the appeals out of the look-alikes of row 8: the broker at whom they sell is innocent, they are not. What they
/// and their layers spend is theirs.
fn apart(truth: &mut Truth, engine: &Engine) -> Result<(), EngineError> {
    let mut appeals = Vec::new();
    for case in truth.cases.iter_mut().filter(|case| !case.appeals.is_empty()) {
        let addresses = std::mem::take(&mut case.appeals);
        case.addresses.retain(|address| !addresses.contains(address));
        let (mut txids, mut sales) = (FxHashSet::default(), case.cash_outs.clone());
        for txid in &case.txids {
            let Some(tx) = engine.tx(txid)? else { continue };
            let mut spent = tx.inputs.iter().filter_map(|input| input.address.as_ref());
            if spent.any(|address| addresses.contains(address)) {
                txids.insert(txid.clone());
                // the broker is one more service at which they sell
                let paid = tx.outputs.iter().filter_map(|output| output.address.as_ref());
                let sale = || CashOut { service: case.id.clone(), time: i64::from(tx.time_unix), cents: 0 };
                sales.extend(paid.filter(|address| case.addresses.contains(*address)).map(|_| sale()));
            }
        }
        case.txids.retain(|txid| !txids.contains(txid));
        let of_appeals = |receipt: &Receipt| addresses.contains(&receipt.address);
        let (receipts, rest) = std::mem::take(&mut case.receipts).into_iter().partition(of_appeals);
        case.receipts = rest;
        let change = case.change.clone();
        let (id, cash_outs) = (format!("{}-appeals", case.id), sales);
        // of no row but those whose shape they have
        let labelled: FxHashSet<String> = case.labelled.intersection(&addresses).cloned().collect();
        case.labelled.retain(|address| !addresses.contains(address));
        appeals.push(Case { id, addresses, txids, cash_outs, receipts, labelled, change, ..Case::default() });
    }
    truth.cases.extend(appeals);
    Ok(())
}

/// A hop of a chain: the transaction that spends what is kept, where there is any.
struct Hop(Option<String>);

/// The hop that a transaction of one input and two outputs is, where one of these keeps enough.
fn hop(tx: &TxView) -> Option<Hop> {
    let ([input], [a, b]) = (tx.inputs.as_slice(), tx.outputs.as_slice()) else { return None };
    let kept = if a.value_sat >= b.value_sat { a } else { b };
    let keeps = u128::from(kept.value_sat) * 1_000 >= u128::from(input.value_sat) * u128::from(PEEL.2);
    keeps.then(|| Hop(kept.spent_by.map(|txid| txid.to_string())))
}

/// Hops of the longest chain.
fn longest(hops: &FxHashMap<String, Option<String>>) -> usize {
    let nexts: FxHashSet<&String> = hops.values().flatten().collect();
    let length = |first: &String| {
        let mut tx = Some(first);
        let next = |tx: &String| hops.get(tx);
        let mut count = 0;
        while let Some(after) = tx.and_then(next) {
            count += 1;
            tx = after.as_ref();
        }
        count
    };
    hops.keys().filter(|tx| !nexts.contains(tx)).map(length).max().unwrap_or(0)
}

/// Whether enough services bought within the window.
fn is_spread(sales: &[CashOut]) -> bool {
    sales.iter().any(|first| {
        let near = sales.iter().filter(|sale| (0..=SPRAY.2).contains(&(sale.time - first.time)));
        near.map(|sale| sale.service.as_str()).collect::<FxHashSet<_>>().len() >= SPRAY.1
    })
}

impl Case {
    /// Whether a hit of a row on it is right.
    pub fn is_of(&self, row: u32) -> bool {
        self.rows.contains(&row) || self.also.contains(&row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_chain_is_counted_from_its_beginning() {
        let chain = |pairs: &[(&str, Option<&str>)]| -> FxHashMap<String, Option<String>> {
            pairs.iter().map(|(tx, next)| (String::from(*tx), next.map(String::from))).collect()
        };
        assert_eq!(longest(&chain(&[])), 0);
        // `e` is no hop: the chain ends before it
        assert_eq!(longest(&chain(&[("a", Some("b")), ("b", Some("c")), ("c", Some("e")), ("x", None)])), 3);
    }

    #[test]
    fn services_count_within_a_day() {
        let sale = |service: &str, hours: i64| CashOut { service: service.into(), time: hours * 3_600, cents: 0 };
        assert!(is_spread(&[sale("a", 0), sale("b", 10), sale("c", 24)]));
        assert!(!is_spread(&[sale("a", 0), sale("b", 10), sale("c", 25)]));
        assert!(!is_spread(&[sale("a", 0), sale("b", 1), sale("a", 2)]));
    }
}
