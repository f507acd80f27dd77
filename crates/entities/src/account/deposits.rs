//! Deposit addresses, and who pays each of them as its customer.

use super::collectors::{Collector, pays_few};
use super::evidence::Evidence;
use super::flows::{Flows, NOBODY};
use super::history::{Forward, History, Receipt};
use super::settings::AccountSettings;
use crate::Heuristic;
use athar_types::account::U256;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::collections::BTreeMap;

/// A deposit address: an account at a service, held by the service for one customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Deposit {
    /// The account.
    pub account: u32,
    /// The service's account that takes what is paid there.
    pub collector: u32,
    /// The transaction by which it was known: its own forwards, and that the collector is one.
    pub since: u32,
    /// The first transfer to it that was passed on whole, and the transfer that did so.
    pub received: u64,
    /// See [`received`](Self::received).
    pub passed_on: u64,
    /// Times it forwarded.
    pub forwards: u32,
    /// Thousandths of what it received that it forwarded, of the asset of which that is least.
    pub forwarded_permille: u32,
    /// Whether it is a contract (a forwarder that the service deployed for the customer).
    pub is_contract: bool,
}

/// What was found.
pub(crate) struct Found {
    /// By account.
    pub(crate) deposits: Vec<Deposit>,
    /// Payers of deposit addresses who are held for customers.
    pub(crate) evidence: Vec<Evidence>,
}

/// A payer of a deposit address with what speaks for him.
struct Payer {
    account: u32,
    count: u32,
    evidence: Evidence,
}

/// The deposit addresses of these collectors and their customers.
pub(crate) fn deposits<F: Flows>(flows: &F, collectors: &[Collector], settings: &AccountSettings) -> Found {
    let services: FxHashSet<u32> = collectors.iter().flat_map(|c| c.hubs.iter().copied().chain([c.account])).collect();
    let payouts: FxHashSet<u32> = collectors.iter().flat_map(|c| c.hubs.iter().copied()).collect();
    let forwarders: Vec<_> = collectors
        .iter()
        .flat_map(|c| c.forwarders.iter().map(move |f| (c, f)))
        .filter(|(_, f)| !services.contains(&f.account))
        .collect();
    let found: Vec<(Deposit, History)> = forwarders
        .into_par_iter()
        .filter_map(|(collector, f)| {
            let history = History::of(flows, f.account, settings)?;
            if is_paid_back(&history, collector) || is_funded_elsewhere(&history, collector, &payouts) {
                return None;
            }
            let (received, passed_on) = history.first_passed_on()?;
            let deposit = Deposit {
                received,
                passed_on,
                account: f.account,
                collector: collector.account,
                since: f.ready.max(collector.ready),
                forwards: u32::try_from(history.forwards.len()).unwrap_or(u32::MAX),
                forwarded_permille: history.forwarded_permille,
                is_contract: flows.is_contract(f.account),
            };
            Some((deposit, history))
        })
        .collect();
    let known: FxHashSet<u32> = found.iter().map(|(d, _)| d.account).collect();
    let payers: Vec<(Deposit, Vec<Payer>)> = found
        .par_iter()
        .map(|(deposit, history)| {
            let is_person = |account: u32| {
                account != NOBODY
                    && account != deposit.account
                    && !services.contains(&account)
                    && !known.contains(&account)
                    && !flows.is_contract(account)
                    && pays_few(flows, account, settings.sender_payees_max)
            };
            (*deposit, payers(deposit, history, is_person, settings))
        })
        .collect();
    let mut deposits: Vec<Deposit> = found.iter().map(|(d, _)| *d).collect();
    deposits.sort_unstable_by_key(|d| d.account);
    Found { deposits, evidence: customers(payers, settings) }
}

/// Thousandths of a token that a service may itself have paid to one of its deposit addresses: a customer can take money out
/// to it by mistake, or to hide what it is.
const PAID_BACK_PERMILLE: u32 = 100;

/// Whether the service pays tokens to the address: it pays persons, and hardly its own deposit addresses. Coins do not count,
/// they are for fees.
fn is_paid_back(history: &History, collector: &Collector) -> bool {
    let is_own = |r: &Receipt| r.from == collector.account || collector.hubs.binary_search(&r.from).is_ok();
    let mut sums: BTreeMap<u32, (U256, U256)> = BTreeMap::new();
    for receipt in history.receipts.iter().filter(|r| r.asset != 0) {
        let (own, all) = sums.entry(receipt.asset).or_default();
        // that the sum of all does not pass 2^256 was seen to when the history was read
        *all = all.saturating_add(receipt.amount);
        if is_own(receipt) {
            *own = own.saturating_add(receipt.amount);
        }
    }
    sums.values().any(|(own, all)| *own > (*all / U256::from(1_000)).saturating_mul(U256::from(PAID_BACK_PERMILLE)))
}

/// Whether all its coins came from other services, and none went on: a service pays for its own sweeps, a person takes coins
/// from wherever he has an account.
fn is_funded_elsewhere(history: &History, collector: &Collector, payouts: &FxHashSet<u32>) -> bool {
    let is_foreign = |r: &Receipt| {
        r.is_signed
            && payouts.contains(&r.from)
            && r.from != collector.account
            && collector.hubs.binary_search(&r.from).is_err()
    };
    let mut coins = history.receipts.iter().filter(|r| r.asset == 0).peekable();
    coins.peek().is_some() && coins.all(|r| r.forward.is_none() && is_foreign(r))
}

/// Who pays a deposit address of his own will and is no service, by account.
fn payers(
    deposit: &Deposit,
    history: &History,
    is_person: impl Fn(u32) -> bool,
    settings: &AccountSettings,
) -> Vec<Payer> {
    let mut received: FxHashMap<u32, U256> = FxHashMap::default();
    let mut paid: BTreeMap<u32, BTreeMap<u32, Vec<&Receipt>>> = BTreeMap::new();
    for receipt in history.receipts.iter().filter(|r| r.forward.is_some()) {
        let sum = received.entry(receipt.asset).or_default();
        *sum = sum.saturating_add(receipt.amount);
        if receipt.is_signed {
            paid.entry(receipt.from).or_default().entry(receipt.asset).or_default().push(receipt);
        }
    }
    let mut payers = Vec::new();
    for (account, assets) in paid {
        let mut counted: Vec<&Receipt> = Vec::new();
        for (asset, receipts) in assets {
            // saturated sums of a hostile token are as large as can be, and nobody's share of them is large by mistake
            let own = receipts.iter().fold(U256::ZERO, |sum, r| sum.saturating_add(r.amount));
            let least = received.get(&asset).copied().unwrap_or(U256::MAX) / U256::from(1_000);
            if own >= least.saturating_mul(U256::from(settings.share_min_permille)) {
                counted.extend(receipts);
            }
        }
        let forward = |r: &Receipt| r.forward.and_then(|f| history.forwards.get(f as usize)).copied();
        let mut counted: Vec<(&Receipt, Forward)> = counted.iter().filter_map(|r| Some((*r, forward(r)?))).collect();
        // assets are swept apart: evidence is there once the forward is
        counted.sort_unstable_by_key(|(r, f)| (f.tx, r.transfer));
        let Some((first, first_forward)) = counted.first().copied() else { continue };
        if !is_person(account) {
            continue;
        }
        let ready = counted.get(settings.deposits_min.max(1) as usize - 1).map_or(u32::MAX, |(_, f)| f.tx);
        payers.push(Payer {
            account,
            count: u32::try_from(counted.len()).unwrap_or(u32::MAX),
            evidence: Evidence {
                heuristic: Heuristic::DepositReuse,
                hub: deposit.account,
                member: account,
                since: ready.max(deposit.since),
                sent: first.transfer,
                passed_on: first_forward.transfer,
            },
        });
    }
    payers
}

/// Those payers that are held for customers: who pays often enough, an address that few pay, and no other address of the same
/// service.
fn customers(payers: Vec<(Deposit, Vec<Payer>)>, settings: &AccountSettings) -> Vec<Evidence> {
    let mut addresses: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for (deposit, payers) in &payers {
        for payer in payers {
            *addresses.entry((deposit.collector, payer.account)).or_default() += 1;
        }
    }
    let mut evidence: Vec<Evidence> = payers
        .iter()
        .filter(|(_, payers)| payers.len() <= settings.senders_max as usize)
        .flat_map(|(deposit, payers)| payers.iter().map(move |p| (deposit, p)))
        .filter(|(deposit, p)| {
            p.count >= settings.deposits_min && addresses.get(&(deposit.collector, p.account)) == Some(&1)
        })
        .map(|(_, p)| p.evidence)
        .collect();
    evidence.sort_unstable_by_key(Evidence::order);
    evidence
}
