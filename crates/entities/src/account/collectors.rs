//! Collectors: accounts to which many others forward all they receive, and which pay out to many. Told by shape alone.

use super::flows::{Flows, NOBODY};
use super::history::History;
use super::settings::{AccountSettings, COLLECTOR_PAYEES_MAX, FED_PART, HUB_TRANSFERS_MAX, TRANSFERS_MAX};
use athar_types::account::U256;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::collections::BTreeMap;

/// An account that forwards all to one other, before it is known what that is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Forwarder {
    pub(crate) collector: u32,
    /// The transaction of the forward by which it counts.
    pub(crate) ready: u32,
    pub(crate) account: u32,
}

/// A collector.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Collector {
    pub(crate) account: u32,
    /// The transaction by which all that makes it one was there.
    pub(crate) ready: u32,
    /// Its payout wallets, itself among them where it is one; ascending.
    pub(crate) hubs: Vec<u32>,
    pub(crate) forwarders: Vec<Forwarder>,
}

/// A collector, as answers have it: an account into which a service takes what its customers paid at deposit addresses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CollectorView {
    /// The account.
    pub account: u32,
    /// The transaction by which all that makes it one was there.
    pub since: u32,
    /// Accounts that forward to it.
    pub forwarders: u32,
    /// The same service's accounts that pay out to many, ascending; itself among them where it does. A label of one of them
    /// names the service.
    pub payout: Vec<u32>,
}

/// Every account that forwards all it receives to one other, by collector, then by the order in which they count.
pub(crate) fn forwarders<F: Flows>(flows: &F, settings: &AccountSettings) -> Vec<Forwarder> {
    let mut found: Vec<Forwarder> = (0..flows.accounts())
        .into_par_iter()
        .filter_map(|account| {
            let history = History::of(flows, account, settings)?;
            let ready =
                history.forwards.iter().filter(|f| f.is_whole).nth(settings.forwards_min.max(1) as usize - 1)?;
            Some(Forwarder { collector: history.collector, ready: ready.tx, account })
        })
        .collect();
    found.sort_unstable_by_key(|f| (f.collector, f.ready, f.account));
    found
}

/// The collectors among those that `forwarders` forward to, by account.
pub(crate) fn collectors<F: Flows>(flows: &F, forwarders: &[Forwarder], settings: &AccountSettings) -> Vec<Collector> {
    let groups: Vec<&[Forwarder]> = forwarders
        .chunk_by(|a, b| a.collector == b.collector)
        .filter(|group| group.len() >= settings.forwarders_min.max(1) as usize)
        .collect();
    groups.into_par_iter().filter_map(|group| collector(flows, group, settings)).collect()
}

fn collector<F: Flows>(flows: &F, group: &[Forwarder], settings: &AccountSettings) -> Option<Collector> {
    let account = group[0].collector;
    // pools, routers and shops' contracts take in and pay out too
    if flows.is_contract(account) {
        return None;
    }
    let enough = group.get(settings.forwarders_min.max(1) as usize - 1)?.ready;
    let mut paid_out = pays_many(flows, account, settings.payees_min);
    let mut hubs = Vec::new();
    if paid_out.is_some() {
        hubs.push(account);
    } else {
        // money that is only collected goes to few accounts: the service's own
        let payees = all_payees(flows, account, COLLECTOR_PAYEES_MAX)?;
        for candidate in payees.into_iter().filter(|payee| !flows.is_contract(*payee)) {
            if let Some(tx) = pays_many(flows, candidate, settings.payees_min)
                && is_fed_by(flows, candidate, account)
            {
                paid_out = Some(paid_out.map_or(tx, |best| best.min(tx)));
                hubs.push(candidate);
            }
        }
    }
    hubs.sort_unstable();
    Some(Collector { account, ready: paid_out?.max(enough), hubs, forwarders: group.to_vec() })
}

/// The accounts that `account` paid; `None` where they are more than `max`.
fn all_payees<F: Flows>(flows: &F, account: u32, max: usize) -> Option<Vec<u32>> {
    let mut payees = Vec::new();
    for n in flows.of_account(account, 0).take(HUB_TRANSFERS_MAX) {
        let t = flows.transfer(n);
        if t.from == account && is_payment(&t) && !payees.contains(&t.to) {
            if payees.len() == max {
                return None;
            }
            payees.push(t.to);
        }
    }
    Some(payees)
}

fn is_payment(t: &super::Transfer) -> bool {
    t.to != NOBODY && t.to != t.from && !t.amount.is_zero() && !t.kind.is_fee()
}

/// The transaction in which `account` paid the `min`-th account by its own signature; `None` where it pays fewer within
/// the bound.
fn pays_many<F: Flows>(flows: &F, account: u32, min: u32) -> Option<u32> {
    let mut payees = FxHashSet::default();
    flows.of_account(account, 0).take(HUB_TRANSFERS_MAX).map(|n| flows.transfer(n)).find_map(|t| {
        let counts = t.from == account && is_payment(&t) && flows.tx_sender(t.tx) == account;
        (counts && payees.insert(t.to) && payees.len() >= min.max(1) as usize).then_some(t.tx)
    })
}

/// Whether a good part of what `wallet` receives of some asset, at least one part in [`FED_PART`], comes from `collector`. A service
/// feeds its own payout wallet; whoever pays somebody else's is one of many who do.
fn is_fed_by<F: Flows>(flows: &F, wallet: u32, collector: u32) -> bool {
    let mut sums: BTreeMap<u32, (U256, U256)> = BTreeMap::new();
    for n in flows.of_account(wallet, 0).take(HUB_TRANSFERS_MAX) {
        let t = flows.transfer(n);
        if t.to != wallet || t.from == NOBODY || t.from == wallet || t.kind.is_fee() {
            continue;
        }
        let (fed, all) = sums.entry(t.asset).or_default();
        // sums of a hostile token stop at 2^256-1, where nobody's part is known
        *all = all.saturating_add(t.amount);
        if t.from == collector {
            *fed = fed.saturating_add(t.amount);
        }
    }
    sums.values().any(|(fed, all)| !fed.is_zero() && *all != U256::MAX && *fed >= *all / U256::from(FED_PART))
}

/// Whether `account` pays at most `max` accounts in all; an account that is too busy to look at does not.
pub(crate) fn pays_few<F: Flows>(flows: &F, account: u32, max: u32) -> bool {
    let mut payees = FxHashSet::default();
    for (count, n) in flows.of_account(account, 0).enumerate() {
        let t = flows.transfer(n);
        if t.from == account && is_payment(&t) {
            payees.insert(t.to);
        }
        if count == TRANSFERS_MAX || payees.len() > max as usize {
            return false;
        }
    }
    true
}
