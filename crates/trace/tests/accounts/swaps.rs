//! Swaps as conversions: the forms that pools and routers have, and random ones against the reference.

use crate::answer::{Collector, check};
use crate::swapping::{Market, market, replay};
use athar_trace::account::{
    AccountEnd, AccountLimits, AccountQuestion, AccountSources, AccountStop, AccountTotals, Conversion, MadeFlows,
    NONE, NoAccountOwners, NoAccountStops, Place, Sum, Transfer, stream,
};
use athar_trace::{Direction, Policy};
use athar_types::account::{TransferKind, U256};
use proptest::prelude::*;

const POLICIES: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Poison];

fn ask(flows: &MadeFlows, sources: &[u64], policy: Policy, direction: Direction) -> (Collector, AccountTotals) {
    let sources = AccountSources::transfers(flows, sources.iter().map(|n| (*n, 0)), 100).unwrap();
    let (stops, owners, limits) = (&NoAccountStops, &NoAccountOwners, &AccountLimits::NONE);
    let question = AccountQuestion { policy, direction, sources: &sources, stops, owners, limits };
    let mut sink = Collector::new(policy);
    let totals = stream(flows, &question, &mut sink).unwrap();
    check(&totals);
    (sink, totals)
}

/// Transfers as `(tx, from, to, asset, amount)`.
fn flows(rows: &[(u32, u32, u32, u32, u64)], swaps: &[(u32, u32)], contracts: &[u32]) -> MadeFlows {
    let of = |&(tx, from, to, asset, amount): &(u32, u32, u32, u32, u64)| {
        let kind = if from == NONE { TransferKind::Mint } else { TransferKind::Token };
        Transfer { tx, from, to, asset, amount: U256::from(amount), kind }
    };
    let mut flows = MadeFlows::new(rows.iter().map(of).collect());
    for (tx, pool) in swaps {
        flows.swap(*tx, *pool);
    }
    for account in contracts {
        flows.contract(*account);
    }
    flows
}

fn held(sink: &Collector, account: u32, asset: u32) -> u64 {
    let end = format!("{:?}", AccountEnd::Held);
    let of = |(place, how, ..): &&(Place, String, u32, u32)| *place == Place::free(account, asset) && *how == end;
    sink.answer.ends.iter().filter(|(key, _)| of(key)).map(|(_, amount)| amount).sum()
}

fn sums(c: &Conversion) -> (u32, u64, u64, u32, u64, u64) {
    (c.asset_in, c.amount_in.to(), c.tainted_in.to(), c.asset_out, c.amount_out.to(), c.tainted_out.to())
}

const ALICE: u32 = 0;
const BOB: u32 = 1;
const PAIR: u32 = 10;
const OTHER: u32 = 11;
const ROUTER: u32 = 12;

#[test]
fn a_swap_goes_over_to_what_it_bought_whether_paid_before_or_after() {
    // 60 of 100 are tainted under FIFO; 7 of the other come out: 7 * 60 / 100 = 4.2
    let paid_first = [(1, ALICE, PAIR, 0, 100), (1, PAIR, BOB, 1, 7)];
    let paid_last = [paid_first[1], paid_first[0]];
    for swap in [paid_first, paid_last] {
        let rows = [&[(NONE, NONE, ALICE, 0, 60), (NONE, NONE, ALICE, 0, 40)], &swap[..]].concat();
        let flows = flows(&rows, &[(1, PAIR)], &[]);
        let (sink, totals) = ask(&flows, &[0], Policy::Fifo, Direction::Forward);
        assert_eq!(sink.conversions.iter().map(sums).collect::<Vec<_>>(), [(0, 100, 60, 1, 7, 4)]);
        assert_eq!(held(&sink, BOB, 1), 4);
        assert_eq!(totals.assets[&0].converted_out, Sum::from(60));
        assert_eq!(totals.assets[&1].converted_in, Sum::from(4));
        // one hop: into the pool is none
        assert!(sink.answer.edges.iter().all(|(n, _, hop)| *hop == u32::from(rows[*n as usize].1 == PAIR)));
        let (sink, _) = ask(&flows, &[0], Policy::Poison, Direction::Forward);
        assert!(sink.answer.ends.keys().any(|(place, ..)| *place == Place::free(BOB, 1)));
    }
}

#[test]
fn hops_over_two_pools_are_followed_through_in_every_form() {
    let paid = (NONE, NONE, ALICE, 0, 100);
    let forms: [&[(u32, u32, u32, u32, u64)]; 3] = [
        // pair to pair, as Uniswap v2 has it
        &[(1, ALICE, PAIR, 0, 100), (1, PAIR, OTHER, 1, 50), (1, OTHER, BOB, 2, 9)],
        // the last pool gives first, the payer pays last (exact output, v3)
        &[(1, OTHER, BOB, 2, 9), (1, PAIR, OTHER, 1, 50), (1, ALICE, PAIR, 0, 100)],
        // everything over a router that holds the middle for a moment
        &[
            (1, ALICE, ROUTER, 0, 100),
            (1, PAIR, ROUTER, 1, 50),
            (1, ROUTER, PAIR, 0, 100),
            (1, OTHER, ROUTER, 2, 9),
            (1, ROUTER, OTHER, 1, 50),
            (1, ROUTER, BOB, 2, 9),
        ],
    ];
    for form in forms {
        let rows = [&[paid], form].concat();
        let flows = flows(&rows, &[(1, PAIR), (1, OTHER)], &[ROUTER]);
        for policy in POLICIES {
            let (sink, totals) = ask(&flows, &[0], policy, Direction::Forward);
            let converted: Vec<_> = sink.conversions.iter().map(|c| (c.pool, sums(c))).collect();
            assert_eq!(
                converted,
                [(PAIR, (0, 100, 100, 1, 50, 50)), (OTHER, (1, 50, 50, 2, 9, 9))],
                "{policy} {form:?}"
            );
            if policy.is_summed() {
                assert_eq!(held(&sink, BOB, 2), 9);
                assert_eq!(totals.assets[&2].held, Sum::from(9));
                assert!(totals.bounds.is_empty());
                assert_eq!(totals.stopped_count, 0);
            }
        }
        // and back: Bob's nine came from what Alice was paid
        let last = rows.iter().position(|r| r.2 == BOB).unwrap() as u64;
        let (sink, totals) = ask(&flows, &[last], Policy::Fifo, Direction::Backward);
        assert_eq!(totals.assets[&0].outside, Sum::from(100), "{form:?}");
        let converted: Vec<_> = sink.conversions.iter().map(|c| (c.pool, sums(c))).collect();
        assert_eq!(converted, [(OTHER, (1, 50, 50, 2, 9, 9)), (PAIR, (0, 100, 100, 1, 50, 50))]);
    }
}

#[test]
fn without_a_swap_a_contract_stops_and_so_does_a_pool_that_took_two_assets() {
    let stopped = |totals: &AccountTotals, asset: u32| totals.assets[&asset].stopped.to::<u64>();
    let paid = [(NONE, NONE, ALICE, 0, 100), (NONE, NONE, ALICE, 1, 5)];
    let rows = [&paid[..], &[(1, ALICE, PAIR, 0, 100), (1, PAIR, BOB, 1, 7)]].concat();
    let (sink, totals) = ask(&flows(&rows, &[], &[PAIR]), &[0], Policy::Fifo, Direction::Forward);
    assert_eq!((stopped(&totals, 0), totals.conversion_count), (100, 0));
    let end = format!("{:?}", AccountEnd::Stopped(AccountStop::Contract));
    assert!(sink.answer.ends.contains_key(&(Place::free(PAIR, 0), end, 1, 0)));
    let rows = [&paid[..], &[(1, ALICE, PAIR, 0, 100), (1, ALICE, PAIR, 1, 5), (1, PAIR, BOB, 2, 7)]].concat();
    let (_, totals) = ask(&flows(&rows, &[(1, PAIR)], &[]), &[0], Policy::Fifo, Direction::Forward);
    assert_eq!((stopped(&totals, 0), totals.conversion_count), (100, 0));
}

#[test]
fn what_a_router_keeps_stops_there_and_a_flash_swap_is_paid_back_first() {
    let rows =
        [(NONE, NONE, ALICE, 0, 100), (1, ALICE, ROUTER, 0, 100), (1, ROUTER, PAIR, 0, 90), (1, PAIR, BOB, 1, 9)];
    let (_, totals) = ask(&flows(&rows, &[(1, PAIR)], &[ROUTER]), &[0], Policy::Fifo, Direction::Forward);
    assert_eq!(totals.assets[&0].stopped, Sum::from(10));
    assert_eq!(totals.assets[&0].converted_out, Sum::from(90));
    // Bob pays the second pool with what he borrows from the first, and the first with what that gave and his tainted 100
    let rows = [
        (NONE, NONE, BOB, 0, 100),
        (1, PAIR, BOB, 1, 50),
        (1, BOB, OTHER, 1, 50),
        (1, OTHER, BOB, 0, 30),
        (1, BOB, PAIR, 0, 120),
    ];
    let (_, totals) = ask(&flows(&rows, &[(1, PAIR), (1, OTHER)], &[]), &[0], Policy::Fifo, Direction::Forward);
    // 100 of the 120 bought 41 of the 50, which pay back what he gave before he had it
    assert_eq!(totals.assets[&1].converted_in, Sum::from(50 * 100 / 120));
    assert_eq!(totals.assets[&1].bounded_sum(), Sum::from(41));
    assert_eq!(totals.assets[&1].short, Sum::ZERO);
}

fn agrees(market: &Market, direction: Direction) -> Result<(), TestCaseError> {
    let flows = market.flows();
    let sources = AccountSources::transfers(&flows, market.sources.iter().copied(), 100).unwrap();
    let (stops, owners, limits) = (&NoAccountStops, &NoAccountOwners, &AccountLimits::NONE);
    let question = AccountQuestion { policy: Policy::Fifo, direction, sources: &sources, stops, owners, limits };
    let mut sink = Collector::new(Policy::Fifo);
    check(&stream(&flows, &question, &mut sink).unwrap());
    let expected = replay(market, direction);
    prop_assert_eq!(&(sink.answer, sink.conversions), &expected, "{}: {:#?}", direction, market);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn swaps_forward_are_what_replaying_everybody_gives(market in market()) {
        agrees(&market, Direction::Forward)?;
    }

    #[test]
    fn swaps_backward_are_what_replaying_everybody_gives(market in market()) {
        agrees(&market, Direction::Backward)?;
    }

    /// Every policy conserves through swaps, and asks twice with one answer.
    #[test]
    fn every_policy_conserves_through_swaps(market in market(), is_back: bool) {
        let flows = market.flows();
        let direction = if is_back { Direction::Backward } else { Direction::Forward };
        for policy in POLICIES {
            let sources: Vec<_> = market.sources.iter().map(|(n, _)| *n).collect();
            let (first, totals) = ask(&flows, &sources, policy, direction);
            let (second, again) = ask(&flows, &sources, policy, direction);
            prop_assert_eq!(first.answer, second.answer);
            prop_assert_eq!(totals, again);
            for c in first.conversions.iter().filter(|_| policy.is_summed()) {
                let (given, taken) = if is_back { (c.amount_in, c.amount_out) } else { (c.amount_out, c.amount_in) };
                let (to, from) = if is_back { (c.tainted_in, c.tainted_out) } else { (c.tainted_out, c.tainted_in) };
                prop_assert!(from <= taken && to <= given && to <= given * from / taken, "{:?}", c);
            }
        }
    }
}
