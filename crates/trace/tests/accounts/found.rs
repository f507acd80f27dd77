//! Paths against the fewest hops of every transfer, worked out by going over all pairs until nothing changes.

use crate::swapping::market;
use crate::world::case;
use athar_trace::account::{
    AccountPathsBound, AccountPathsLimits, AccountPathsOrder, AccountPathsOutcome, AccountPathsQuestion, AccountStop,
    AccountStops, Flows, MadeFlows, NONE, NoAccountStops, Transfer, paths,
};
use athar_types::account::U256;
use proptest::prelude::*;

/// Of every transfer that a path can end with so far, the fewest hops.
fn fewest<S: AccountStops>(flows: &MadeFlows, q: &AccountPathsQuestion<'_, S>) -> Vec<Option<u32>> {
    let all: Vec<Transfer> = (0..flows.transfers()).map(|n| flows.transfer(n)).collect();
    let limits = q.limits;
    let may = |n: usize| {
        let (t, n) = (&all[n], n as u64);
        t.moves()
            && !t.kind.is_fee()
            && t.to != NONE
            && t.amount >= limits.amount_min
            && n >= limits.since.unwrap_or(0)
            && n < limits.until.unwrap_or(u64::MAX)
            && !q.from.contains(&t.to)
    };
    let follows = |a: usize, b: usize| {
        let (s, t) = (&all[a], &all[b]);
        if s.to != t.from || q.to.contains(&s.to) {
            return false;
        }
        let pools: Vec<u32> = flows.swap_pools(s.tx).collect();
        let is_same = s.tx == t.tx;
        if pools.contains(&s.to) {
            return is_same && s.asset != t.asset;
        }
        if q.stops.stop(s.to).is_some() || s.asset != t.asset {
            return false;
        }
        if !limits.through_contracts && flows.is_contract(s.to) {
            return is_same && !pools.is_empty();
        }
        a < b
    };
    let mut hops: Vec<Option<u32>> = (0..all.len())
        .map(|n| (may(n) && q.from.contains(&all[n].from) && q.asset.is_none_or(|a| a == all[n].asset)).then_some(1))
        .collect();
    loop {
        let mut changed = false;
        for b in (0..all.len()).filter(|b| may(*b) && !q.from.contains(&all[*b].from)) {
            let best = (0..all.len()).filter(|a| follows(*a, b)).filter_map(|a| hops[a]).min().map(|h| h + 1);
            if best.is_some() && (hops[b].is_none() || best < hops[b]) {
                (hops[b], changed) = (best, true);
            }
        }
        if !changed {
            return hops;
        }
    }
}

fn agrees<S: AccountStops>(flows: &MadeFlows, q: &AccountPathsQuestion<'_, S>) -> Result<(), TestCaseError> {
    let hops = fewest(flows, q);
    let mut expected: Vec<(u64, u32)> = hops
        .iter()
        .enumerate()
        .filter_map(|(n, h)| Some((n as u64, (*h)?)))
        .filter(|(n, h)| *h <= q.limits.hops_max && q.to.contains(&flows.transfer(*n).to))
        .collect();
    if q.order == AccountPathsOrder::Hops {
        expected.sort_by_key(|(n, h)| (*h, *n));
    }
    expected.truncate(q.limits.count_max);
    let found = paths(flows, q, |_| true);
    let told: Vec<_> = found.paths.iter().map(|p| (p.steps.last().unwrap().transfer, p.hops() as u32)).collect();
    prop_assert_eq!(&told, &expected, "{:?}", found);
    prop_assert!(found.gave_up.is_empty());
    prop_assert_eq!(found.outcome == AccountPathsOutcome::Found, !expected.is_empty());
    for path in &found.paths {
        prop_assert!(q.from.contains(&path.steps[0].from));
        for pair in path.steps.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            let is_same_tx = flows.transfer(pair[0].transfer).tx == flows.transfer(pair[1].transfer).tx;
            prop_assert!(pair[0].transfer < pair[1].transfer || is_same_tx);
            prop_assert!(pair[0].asset == pair[1].asset || is_same_tx && path.is_exchanged);
        }
        prop_assert_eq!(path.width().is_none(), path.is_exchanged);
    }
    // with little work it gives up, and never says that there is none
    let few = AccountPathsLimits { looked_max: 3, ..*q.limits };
    let short = paths(flows, &AccountPathsQuestion { limits: &few, ..*q }, |_| true);
    prop_assert!(short.looked <= 3);
    prop_assert!(short.outcome != AccountPathsOutcome::NoneWithin || expected.is_empty());
    prop_assert!(short.gave_up.is_empty() || short.gave_up == [AccountPathsBound::Looked]);
    Ok(())
}

fn limits() -> impl Strategy<Value = AccountPathsLimits> {
    let rarely = || prop_oneof![2 => Just(None), 1 => (0_u64..30).prop_map(Some)];
    (1_usize..5, 1_u32..7, rarely(), rarely(), 1_u64..6, any::<bool>()).prop_map(
        |(count_max, hops_max, since, until, min, through_contracts)| AccountPathsLimits {
            count_max,
            hops_max,
            since,
            until,
            amount_min: U256::from(min),
            through_contracts,
            ..AccountPathsLimits::default()
        },
    )
}

fn parties(from: u32, to: u32) -> [Vec<u32>; 2] {
    [vec![from % 6, from / 6], vec![to % 6, to / 6]]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn paths_have_the_fewest_hops_there_are(case in case(), from in 0_u32..36, to in 0_u32..36, limits in limits(), by_hops: bool, asset in prop::option::of(0_u32..2)) {
        let flows = case.flows();
        let [from, to] = parties(from, to);
        let order = if by_hops { AccountPathsOrder::Hops } else { AccountPathsOrder::Earliest };
        agrees(&flows, &AccountPathsQuestion { from: &from, to: &to, asset, order, stops: &case, limits: &limits })?;
    }

    #[test]
    fn paths_lead_through_swaps(market in market(), from in 0_u32..36, to in 0_u32..36, limits in limits(), by_hops: bool) {
        let flows = market.flows();
        let [from, to] = parties(from, to);
        let order = if by_hops { AccountPathsOrder::Hops } else { AccountPathsOrder::Earliest };
        let limits = AccountPathsLimits { since: None, until: None, ..limits };
        agrees(&flows, &AccountPathsQuestion { from: &from, to: &to, asset: None, order, stops: &NoAccountStops, limits: &limits })?;
    }
}

#[test]
fn none_within_is_told_apart_from_giving_up() {
    let of = |from, to| Transfer {
        tx: NONE,
        from,
        to,
        asset: 0,
        amount: U256::from(1),
        kind: athar_types::account::TransferKind::Value,
    };
    let mut flows = MadeFlows::new(vec![of(0, 1), of(1, 2), of(2, 3), of(0, 4), of(5, 3)]);
    let ask = |flows: &MadeFlows, to: u32, hops_max, fan_max, looked_max, go: bool| {
        let limits = AccountPathsLimits { hops_max, fan_max, looked_max, ..AccountPathsLimits::default() };
        let order = AccountPathsOrder::Hops;
        let q =
            AccountPathsQuestion { from: &[0], to: &[to], asset: None, order, stops: &NoAccountStops, limits: &limits };
        paths(flows, &q, |_| go)
    };
    assert_eq!(ask(&flows, 3, 3, 9, 99, true).paths[0].hops(), 3);
    let none = ask(&flows, 3, 2, 9, 99, true);
    assert_eq!((none.outcome, none.is_none_at_all, none.hops_covered), (AccountPathsOutcome::NoneWithin, false, 2));
    let none = ask(&flows, 5, 9, 9, 99, true);
    assert_eq!((none.outcome, none.is_none_at_all), (AccountPathsOutcome::NoneWithin, true));
    for (fan, looked, go, bound) in [
        (0, 99, true, AccountPathsBound::Fan),
        (9, 1, true, AccountPathsBound::Looked),
        (9, 99, false, AccountPathsBound::Cancelled),
    ] {
        let gave_up = ask(&flows, 3, 9, fan, looked, go);
        assert_eq!((gave_up.outcome, &gave_up.gave_up[..]), (AccountPathsOutcome::GaveUp, &[bound][..]));
        assert!(!gave_up.is_none_at_all);
    }
    flows.contract(1);
    let stopped = ask(&flows, 3, 9, 9, 99, true);
    assert_eq!(stopped.outcome, AccountPathsOutcome::NoneWithin);
    assert_eq!((stopped.stopped[0].stop, stopped.stopped[0].count), (AccountStop::Contract, 1));
}
