//! What came in at a campaign, as its truth tells it, and which other rows it is of by that.
//!
//! The criteria are the typology's own, over what the truth says of senders (who they are, not what co-spending makes of them) and what the
//! chain says of where each receipt went. Who pays out of an exchange is a sender of his own, as in the typology, which asks for
//! ten senders of whom seven in ten may come from exchanges.

use super::Case;
use athar_engine::read::TxView;
use athar_engine::{Engine, EngineError};
use rustc_hash::{FxHashMap, FxHashSet};

const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

/// What a euro costs in the worlds.
const USD_CENTS_PER_EURO: u64 = 115;
/// Thresholds that reports are due from, in US cents as the worlds price them: EUR 1,000, USD 3,000, USD 10,000, EUR 10,000.
const THRESHOLDS: [u64; 4] = [1_000 * USD_CENTS_PER_EURO, 300_000, 1_000_000, 10_000 * USD_CENTS_PER_EURO];

/// Row 4 of one address: senders, most US cents of the median, thousandths from exchanges or single-use wallets, addresses paid, days.
const STATIC: (u32, usize, u64, usize, usize, u32) = (4, 10, 50_000, 700, 3, 14);
/// Row 7: senders within so many days, the coefficient of variation in thousandths, thousandths that left within so many days.
const MANY_TO_ONE: (u32, usize, u32, u128, u128, u32) = (7, 15, 30, 300, 800, 7);
/// Row 13: sums before, times the median of these, thousandths that were out within so many hours.
const SUDDEN: (u32, usize, u64, u64, u32) = (13, 5, 10, 700, 48);
/// Row 18: passages of one address, thousandths onward, within so many seconds.
const THROUGH: (u32, usize, u64, u32) = (18, 3, 900, HOUR);

/// Row 5: senders of each of two addresses, days between them at most, hops to what both reach.
const IN_TURN: (u32, usize, u32, usize) = (5, 3, 7, 3);
/// Row 19: sums within a day, each in thousandths of a threshold from here on.
const STRUCTURED: (u32, usize, u64) = (19, 3, 800);
/// Row 20: age in days at the deposit, below; hours until the whole was out; thousandths of it. How large is large the world's truth says.
const DRAINED: (u32, u32, u32, u64) = (20, 7, 24, 950);

/// A receipt from outside.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Receipt {
    pub(super) txid: String,
    pub(super) vout: u32,
    pub(super) time: u32,
    pub(super) sat: u64,
    pub(super) cents: u64,
    /// The own address that it came to, and whose that is.
    pub(super) address: String,
    pub(super) actor: u32,
    pub(super) sender: u32,
    /// Whether it came from an exchange, whose customers are many.
    pub(super) is_pooled: bool,
    /// Whether it came from an exchange or a wallet that was used once.
    pub(super) is_private: bool,
}

/// A receipt and the transaction that spends it.
struct Passed {
    receipt: Receipt,
    spent: Option<Spent>,
}

/// When a receipt was spent, and what the transaction paid.
#[derive(Clone)]
struct Spent {
    time: u32,
    /// Thousandths of it that are neither change nor back at the address.
    onward: u64,
    paid: Vec<String>,
}

/// The rows that a campaign is of by what it received and paid. `large`: US cents that one in twenty of the world's payments exceeds,
/// where its truth says so.
pub(super) fn rows(engine: &Engine, case: &Case, large: Option<u64>) -> Result<Vec<u32>, EngineError> {
    let change = &case.change;
    let mut txs: FxHashMap<String, Option<TxView>> = FxHashMap::default();
    let mut passed = Vec::with_capacity(case.receipts.len());
    for receipt in &case.receipts {
        let made = read(engine, &mut txs, &receipt.txid)?;
        let output = made.as_ref().and_then(|tx| tx.outputs.iter().find(|output| output.vout == receipt.vout));
        let spent_by = output.and_then(|output| output.spent_by).map(|txid| txid.to_string());
        let spent = match spent_by {
            Some(txid) => read(engine, &mut txs, &txid)?.as_ref().map(|tx| spent(tx, receipt, change)),
            None => None,
        };
        passed.push(Passed { receipt: receipt.clone(), spent });
    }
    passed.sort_by_key(|p| p.receipt.time);
    let mut rows = Vec::new();
    let addresses = groups(&passed, |receipt| receipt.address.clone());
    let actors = groups(&passed, |receipt| receipt.actor);
    rows.extend(addresses.iter().any(|group| is_static(group)).then_some(STATIC.0));
    rows.extend(addresses.iter().chain(&actors).any(|group| is_many_to_one(group)).then_some(MANY_TO_ONE.0));
    rows.extend(addresses.iter().any(|group| is_sudden(group)).then_some(SUDDEN.0));
    rows.extend(addresses.iter().any(|group| is_through(group)).then_some(THROUGH.0));
    let received: Vec<Vec<(i64, u64)>> =
        actors.iter().map(|g| g.iter().map(|p| (i64::from(p.receipt.time), p.receipt.cents)).collect()).collect();
    let sold: Vec<(i64, u64)> = case.cash_outs.iter().map(|sale| (sale.time, sale.cents)).collect();
    rows.extend(received.iter().chain([&sold]).any(|sums| is_structured(sums)).then_some(STRUCTURED.0));
    let inner = inner(engine, case, &mut txs)?;
    let inner = groups(&inner, |receipt| receipt.address.clone());
    let is_large = |group: &Vec<&Passed>| large.is_some_and(|large| is_drained(group, large));
    rows.extend(addresses.iter().chain(&inner).any(is_large).then_some(DRAINED.0));
    if is_any_in_turn(engine, case, &addresses, &mut txs)? {
        rows.push(IN_TURN.0);
    }
    Ok(rows)
}

/// What a campaign's own transactions pay to its own addresses that a label lies on, as to a wallet that gathers: row 20 is of an
/// account, whoever fills it. Addresses that anybody else paid are left out.
fn inner(
    engine: &Engine,
    case: &Case,
    txs: &mut FxHashMap<String, Option<TxView>>,
) -> Result<Vec<Passed>, EngineError> {
    let mut passed = Vec::new();
    for txid in &case.txids {
        let Some(tx) = read(engine, txs, txid)?.clone() else { continue };
        for output in &tx.outputs {
            let Some(address) = output.address.as_ref().filter(|a| case.labelled.contains(*a)) else { continue };
            if case.receipts.iter().any(|receipt| receipt.address == *address) {
                continue;
            }
            let usd = tx.output_usd.map_or(0, |usd| u128::from(usd.0));
            let cents = usd * u128::from(output.value_sat) / u128::from(tx.output_sat.max(1));
            let receipt = Receipt {
                time: tx.time_unix,
                sat: output.value_sat,
                cents: cents as u64,
                address: address.clone(),
                ..Receipt::default()
            };
            let spent = match output.spent_by.map(|txid| txid.to_string()) {
                Some(txid) => read(engine, txs, &txid)?.as_ref().map(|tx| spent(tx, &receipt, &case.change)),
                None => None,
            };
            passed.push(Passed { receipt, spent });
        }
    }
    passed.sort_by(|a, b| (a.receipt.time, &a.receipt.address).cmp(&(b.receipt.time, &b.receipt.address)));
    Ok(passed)
}

/// From when to when an address was in use, and the addresses that its money reached.
struct InUse {
    first: u32,
    last: u32,
    reached: FxHashSet<String>,
}

/// Whether of two addresses the one begins after the other ended, soon, and both lead to one address over the campaign's own transactions.
fn is_any_in_turn(
    engine: &Engine,
    case: &Case,
    addresses: &[Vec<&Passed>],
    txs: &mut FxHashMap<String, Option<TxView>>,
) -> Result<bool, EngineError> {
    let (_, senders_min, gap, hops) = IN_TURN;
    let mut used: Vec<InUse> = Vec::new();
    for group in addresses.iter().filter(|group| senders(group) >= senders_min) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let mut waiting: Vec<(String, u32)> = group.iter().map(|p| (p.receipt.txid.clone(), p.receipt.vout)).collect();
        let mut reached = FxHashSet::default();
        for _ in 0..hops {
            let mut next = Vec::new();
            for (txid, vout) in &waiting {
                let made = read(engine, txs, txid)?;
                let output = made.as_ref().and_then(|tx| tx.outputs.iter().find(|output| output.vout == *vout));
                let spent_by = output.and_then(|output| output.spent_by).map(|txid| txid.to_string());
                let Some(spent_by) = spent_by.filter(|txid| case.txids.contains(txid)) else { continue };
                let Some(tx) = read(engine, txs, &spent_by)? else { continue };
                reached.extend(tx.outputs.iter().filter_map(|output| output.address.clone()));
                next.extend(tx.outputs.iter().map(|output| (spent_by.clone(), output.vout)));
            }
            waiting = next;
        }
        used.push(InUse { first: first.receipt.time, last: last.receipt.time, reached });
    }
    let follows =
        |a: &InUse, b: &InUse| b.first > a.last && b.first - a.last <= gap * DAY && !a.reached.is_disjoint(&b.reached);
    Ok(used.iter().any(|a| used.iter().any(|b| follows(a, b))))
}

/// Whether enough sums within a day lie just below one threshold, and come to it together.
fn is_structured(sums: &[(i64, u64)]) -> bool {
    let (_, count, part) = STRUCTURED;
    THRESHOLDS.into_iter().any(|threshold| {
        sums.iter().any(|(first, _)| {
            let is_near = |(time, cents): &&(i64, u64)| {
                (0..i64::from(DAY)).contains(&(time - first)) && (threshold * part / 1_000..threshold).contains(cents)
            };
            let near: Vec<u64> = sums.iter().filter(is_near).map(|(_, cents)| *cents).collect();
            near.len() >= count && near.iter().sum::<u64>() >= threshold
        })
    })
}

/// Whether a young address's largest receipt was out, with all before it, within the hours.
fn is_drained(group: &[&Passed], large: u64) -> bool {
    let (_, days, hours, onward_min) = DRAINED;
    let young = group.iter().filter(|p| p.receipt.time - group[0].receipt.time < days * DAY);
    let Some(deposit) = young.max_by_key(|p| p.receipt.cents) else { return false };
    let end = deposit.receipt.time + hours * HOUR;
    let is_out = |p: &&&Passed| p.spent.as_ref().is_some_and(|s| s.time <= end && s.onward >= onward_min);
    deposit.receipt.cents >= large
        && group.iter().filter(|p| p.receipt.time <= deposit.receipt.time).all(|p| is_out(&p))
}

fn read<'t>(
    engine: &Engine,
    txs: &'t mut FxHashMap<String, Option<TxView>>,
    txid: &str,
) -> Result<&'t Option<TxView>, EngineError> {
    if !txs.contains_key(txid) {
        txs.insert(txid.to_owned(), engine.tx(txid)?);
    }
    Ok(&txs[txid])
}

fn spent(tx: &TxView, receipt: &Receipt, change: &FxHashSet<String>) -> Spent {
    let stays = |address: &String| *address == receipt.address || change.contains(address);
    let gone = tx.outputs.iter().filter(|output| output.address.as_ref().is_none_or(|address| !stays(address)));
    let gone: u64 = gone.map(|output| output.value_sat).sum();
    Spent {
        time: tx.time_unix,
        onward: gone * 1_000 / tx.output_sat.max(1),
        paid: tx.outputs.iter().filter_map(|output| output.address.clone()).collect(),
    }
}

/// Receipts by what they have in common, each group in order of time.
fn groups<K: std::hash::Hash + Eq>(passed: &[Passed], key: impl Fn(&Receipt) -> K) -> Vec<Vec<&Passed>> {
    let mut groups: FxHashMap<K, Vec<&Passed>> = FxHashMap::default();
    for one in passed {
        groups.entry(key(&one.receipt)).or_default().push(one);
    }
    groups.into_values().collect()
}

fn senders(group: &[&Passed]) -> usize {
    let (pooled, own): (Vec<&Receipt>, Vec<&Receipt>) = group.iter().map(|p| &p.receipt).partition(|r| r.is_pooled);
    pooled.len() + own.iter().map(|r| r.sender).collect::<FxHashSet<_>>().len()
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

fn is_static(group: &[&Passed]) -> bool {
    let (_, senders_min, median_max, private_min, paid_max, days) = STATIC;
    let private = group.iter().filter(|p| p.receipt.is_private).count();
    let paid: FxHashSet<&String> = group.iter().filter_map(|p| p.spent.as_ref()).flat_map(|s| &s.paid).collect();
    let life = group.last().map_or(0, |p| p.receipt.time) - group.first().map_or(0, |p| p.receipt.time);
    senders(group) >= senders_min
        && median(group.iter().map(|p| p.receipt.cents).collect()) <= median_max
        && private * 1_000 >= group.len() * private_min
        && paid.len() <= paid_max
        && life >= days * DAY
}

fn is_many_to_one(group: &[&Passed]) -> bool {
    let (_, senders_min, window, variation_min, onward_min, days) = MANY_TO_ONE;
    (0..group.len()).any(|first| {
        let end = group.partition_point(|p| p.receipt.time < group[first].receipt.time + window * DAY);
        let near = &group[first..end];
        let n = near.len() as u128;
        let values = near.iter().map(|p| u128::from(p.receipt.sat));
        let (sum, squares) = (values.clone().sum::<u128>(), values.map(|v| v * v).sum::<u128>());
        // the square of the coefficient of variation is the mean of squares over the square of the mean, less one
        let is_uneven = squares * n * 1_000_000 > sum * sum * (1_000_000 + variation_min * variation_min);
        let is_soon = |p: &&&Passed| p.spent.as_ref().is_some_and(|s| s.time <= p.receipt.time + days * DAY);
        let gone: u128 = near.iter().filter(is_soon).map(|p| u128::from(p.receipt.sat)).sum();
        senders(near) >= senders_min && is_uneven && gone * 1_000 >= sum * onward_min
    })
}

fn is_sudden(group: &[&Passed]) -> bool {
    let (_, before_min, times, onward_min, hours) = SUDDEN;
    (before_min..group.len()).any(|place| {
        let large = group[place];
        let mut before: Vec<u64> = group[..place].iter().map(|p| p.receipt.cents).collect();
        before.sort_unstable();
        // by nearest rank
        let top = before[(before.len() * 99).div_ceil(100) - 1];
        let is_out = |s: &Spent| s.time <= large.receipt.time + hours * HOUR && s.onward >= onward_min;
        large.receipt.cents > top
            && large.receipt.cents >= median(before).saturating_mul(times).max(1)
            && large.spent.as_ref().is_some_and(is_out)
    })
}

fn is_through(group: &[&Passed]) -> bool {
    let (_, passages, onward_min, seconds) = THROUGH;
    let is_quick = |s: &Spent, receipt: &Receipt| s.time <= receipt.time + seconds && s.onward >= onward_min;
    let quick = group.iter().filter(|p| p.spent.as_ref().is_some_and(|s| is_quick(s, &p.receipt)));
    // receipts that one transaction passes on are one passage
    quick.filter_map(|p| p.spent.as_ref()).map(|s| (s.time, &s.paid)).collect::<FxHashSet<_>>().len() >= passages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(day: u32, sender: u32, cents: u64) -> Receipt {
        Receipt { time: day * DAY, sender, cents, sat: cents * 10, is_private: true, ..Receipt::default() }
    }

    /// Each receipt with the days after which it was spent, to one and the same address.
    fn passed(receipts: &[Receipt], after: Option<u32>) -> Vec<Passed> {
        let spent = |receipt: &Receipt| {
            let after = after?;
            Some(Spent { time: receipt.time + after, onward: 1_000, paid: vec!["x".into(), receipt.time.to_string()] })
        };
        receipts.iter().map(|receipt| Passed { receipt: receipt.clone(), spent: spent(receipt) }).collect()
    }

    fn gifts(n: u32) -> Vec<Receipt> {
        (0..n).map(|i| receipt(i, i, 1_000 + u64::from(i * i) * 100)).collect()
    }

    #[test]
    fn ten_small_gifts_over_two_weeks_to_an_address_that_pays_few_are_row_4() {
        let is = |receipts: &[Receipt], after| is_static(&passed(receipts, after).iter().collect::<Vec<_>>());
        assert!(is(&gifts(15), None));
        assert!(!is(&gifts(14), None), "thirteen days");
        assert!(!is(&gifts(15), Some(HOUR)), "it pays many");
        let same: Vec<Receipt> = (0..20).map(|i| receipt(i, i % 9, 1_000)).collect();
        assert!(!is(&same, None), "nine senders");
        let customers: Vec<Receipt> = same.into_iter().map(|r| Receipt { is_pooled: true, ..r }).collect();
        assert!(is(&customers, None));
        let mut known = gifts(15);
        known.iter_mut().take(5).for_each(|r| r.is_private = false);
        assert!(!is(&known, None));
    }

    #[test]
    fn fifteen_uneven_gifts_in_a_month_that_are_gone_in_a_week_are_row_7() {
        let is = |receipts: &[Receipt], after| is_many_to_one(&passed(receipts, after).iter().collect::<Vec<_>>());
        assert!(is(&gifts(15), Some(7 * DAY)));
        assert!(!is(&gifts(14), Some(7 * DAY)));
        assert!(!is(&gifts(15), Some(7 * DAY + 1)));
        assert!(!is(&gifts(15), None));
        let even: Vec<Receipt> = (0..20).map(|i| receipt(i, i, 1_000)).collect();
        assert!(!is(&even, Some(DAY)));
        let slow: Vec<Receipt> = gifts(20).into_iter().map(|r| Receipt { time: r.time * 3, ..r }).collect();
        assert!(!is(&slow, Some(DAY)), "ten a month");
    }

    #[test]
    fn ten_times_the_median_after_five_sums_and_out_in_two_days_is_row_13() {
        let is = |receipts: &[Receipt], after| is_sudden(&passed(receipts, after).iter().collect::<Vec<_>>());
        let mut sums: Vec<Receipt> = (0..5).map(|i| receipt(i, i, 1_000)).collect();
        sums.push(receipt(5, 5, 10_000));
        assert!(is(&sums, Some(2 * DAY)));
        assert!(!is(&sums, Some(2 * DAY + 1)));
        assert!(!is(&sums[1..], Some(DAY)));
        sums[5].cents = 9_999;
        assert!(!is(&sums, Some(DAY)));
    }

    #[test]
    fn three_sums_below_a_threshold_in_a_day_are_row_19() {
        let sums = |cents: u64, hours: i64| [(0, cents), (hours * 1_800, cents), (hours * 3_600, cents)];
        assert!(is_structured(&sums(250_000, 23)));
        assert!(!is_structured(&sums(250_000, 24)), "a day and no less");
        assert!(!is_structured(&sums(300_000, 2)), "at the threshold");
        assert!(!is_structured(&sums(239_999, 2)));
        assert!(!is_structured(&sums(250_000, 2)[1..]));
    }

    #[test]
    fn a_young_address_that_is_emptied_in_a_day_is_row_20() {
        let is = |receipts: &[Receipt], after| is_drained(&passed(receipts, after).iter().collect::<Vec<_>>(), 5_000);
        let sums = [receipt(0, 0, 1_000), receipt(0, 1, 5_000)];
        assert!(is(&sums, Some(DAY)));
        assert!(!is(&sums, Some(DAY + 1)));
        assert!(!is(&sums[..1], Some(DAY)));
        assert!(!is(&[receipt(0, 0, 1_000), receipt(7, 1, 5_000)], Some(DAY)), "a week old");
    }

    #[test]
    fn three_passages_within_the_hour_are_row_18() {
        let is = |receipts: &[Receipt], after| is_through(&passed(receipts, after).iter().collect::<Vec<_>>());
        assert!(is(&gifts(3), Some(HOUR)));
        assert!(!is(&gifts(2), Some(HOUR)));
        assert!(!is(&gifts(3), Some(HOUR + 1)));
    }
}
