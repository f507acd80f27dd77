//! The funder of an account's first coins, where he keeps it: coins again and again, and something back.
//!
//! A fresh account cannot pay fees, so somebody gave it its first coins. Services and friends do so too; therefore the funder
//! must pay few accounts, must have sent coins repeatedly and must have been sent something back by the account. Off unless
//! asked for: see the measured error in `docs/reference/account-heuristics.md`.

use super::collectors::pays_few;
use super::evidence::Evidence;
use super::flows::{Flows, Lent, NOBODY};
use super::settings::{AccountSettings, TRANSFERS_MAX};
use crate::Heuristic;
use athar_types::account::U256;
use rayon::prelude::*;

/// Accounts that were kept by their first funder, ordered by [`Evidence::order`]. `is_service`: deposit addresses,
/// collectors and payout wallets.
pub(crate) fn funded<F: Flows>(
    flows: &F,
    is_service: impl Fn(u32) -> bool + Sync,
    settings: &AccountSettings,
) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = (0..flows.accounts())
        .into_par_iter()
        .filter(|account| !is_service(*account) && !flows.is_contract(*account))
        .filter_map(|account| funding(flows, account, settings))
        .filter(|e| !is_service(e.hub) && !flows.is_contract(e.hub))
        .filter(|e| pays_few(flows, e.hub, settings.funder_payees_max))
        .collect();
    found.sort_unstable_by_key(Evidence::order);
    // who keeps many accounts keeps other people's: mules
    found
        .chunk_by(|a, b| a.hub == b.hub)
        .filter(|kept| kept.len() <= settings.kept_max as usize)
        .flatten()
        .copied()
        .collect()
}

/// The evidence that the first funder of `account` keeps it.
fn funding<F: Flows>(flows: &F, account: u32, settings: &AccountSettings) -> Option<Evidence> {
    let mut funder: Option<(u32, u64)> = None;
    let mut fundings = 0;
    let mut enough: Option<u32> = None;
    let lent: Vec<Lent> = flows.lent_to(account).take(TRANSFERS_MAX).collect();
    let mut back: Option<(u64, u32)> = None;
    let (mut from_funder, mut from_all) = (U256::ZERO, U256::ZERO);
    for (count, n) in flows.of_account(account, 0).enumerate() {
        if count == TRANSFERS_MAX {
            return None;
        }
        let t = flows.transfer(n);
        if t.amount.is_zero() || t.kind.is_fee() || t.from == t.to || t.from == NOBODY || t.to == NOBODY {
            continue;
        }
        let is_signed = flows.tx_sender(t.tx) == t.from;
        if t.to == account && t.asset == 0 {
            from_all = from_all.saturating_add(t.amount);
            if !is_signed && funder.is_none() {
                return None;
            }
            let (who, _) = *funder.get_or_insert((t.from, n));
            if who == t.from {
                from_funder = from_funder.saturating_add(t.amount);
                fundings += 1;
                // energy that he lent before counts as well
                let lent = lent.iter().take_while(|lent| lent.tx <= t.tx).filter(|lent| lent.from == who).count();
                if fundings + lent >= settings.fundings_min as usize && enough.is_none() {
                    enough = Some(t.tx);
                }
            }
        } else if t.from == account && is_signed && back.is_none() && funder.is_some_and(|(who, _)| who == t.to) {
            back = Some((n, t.tx));
        }
    }
    let (hub, sent) = funder?;
    let (passed_on, back_tx) = back?;
    // whom another lent energy before the first coins, another keeps
    let first = flows.transfer(sent).tx;
    if lent.first().is_some_and(|lent| lent.tx < first && lent.from != hub) {
        return None;
    }
    // whose coins come mostly from elsewhere is kept by nobody
    if from_funder < from_all / U256::from(2) {
        return None;
    }
    let since = enough?.max(back_tx);
    Some(Evidence { heuristic: Heuristic::SharedFunder, hub, member: account, since, sent, passed_on })
}
