//! The diagram loses nothing: worlds of random payments, summed up and added up again.

use super::graph::{Column, Flow, Kind, hop_ranges};
use super::names::Names;
use crate::common::{Ledger, address, campaign, mix};
use crate::limits::{BOXES_MAX, HOP_COLUMNS_MAX};
use athar_engine::read::TraceView;

/// A world of random payments, some of them to services, some back to the target, some beyond a bound.
fn random(seed: u64) -> TraceView {
    let target = address(1);
    let mut ledger = Ledger::new(&target);
    for i in 0..12 {
        ledger.services.insert(address(100 + i), (format!("service {i}"), "exchange".into()));
    }
    ledger.coinjoins.push(address(120));
    ledger.beyond.extend([address(130), address(131)]);
    let mut turn = mix(seed);
    let mut roll = |n: u64| {
        turn = mix(turn);
        turn % n
    };
    let mut coins: Vec<(usize, u64)> = Vec::new();
    for _ in 0..40 + roll(60) {
        if coins.len() < 2 || roll(5) == 0 {
            let sat = 1_000 + roll(5_000_000);
            coins.push((ledger.fund(sat), sat));
            continue;
        }
        let inputs: Vec<(usize, u64)> =
            (0..=roll(3)).map_while(|_| (!coins.is_empty()).then(|| coins.swap_remove(0))).collect();
        let taken: u64 = inputs.iter().map(|c| c.1).sum();
        let mut left = taken - taken.min(roll(400));
        let mut payments = Vec::new();
        for _ in 0..=roll(4) {
            let part = if left < 50 { left } else { 1 + roll(left) };
            let to = match roll(10) {
                0..=2 => 100 + roll(12),
                3 => 120 + roll(20),
                4 => 1,
                _ => 200 + roll(30),
            };
            if part > 0 {
                payments.push((address(to), part));
                left -= part;
            }
        }
        let inputs: Vec<usize> = inputs.into_iter().map(|c| c.0).collect();
        let made = ledger.spend(&inputs, &payments);
        let goes_on = |to: &str| (200..240).any(|i| address(i) == to) || to == target;
        coins.extend(made.into_iter().zip(payments).filter(|(_, (to, _))| goes_on(to)).map(|(c, (_, sat))| (c, sat)));
    }
    ledger.trace(60)
}

fn check(flow: &Flow, trace: &TraceView) {
    let taken = |at: usize| flow.links.iter().filter(|l| l.far == at).map(|l| l.sat).sum::<u64>();
    let given = |at: usize| flow.links.iter().filter(|l| l.near == at).map(|l| l.sat).sum::<u64>();
    assert!(flow.nodes.len() <= BOXES_MAX, "{} boxes", flow.nodes.len());
    assert!(flow.links.iter().all(|l| flow.nodes[l.near].column < flow.nodes[l.far].column && l.sat > 0));
    let mut ends = 0;
    for (at, node) in flow.nodes.iter().enumerate() {
        match (node.kind, &flow.columns[node.column]) {
            (Kind::Source, _) => assert_eq!((given(at), node.sat), (trace.source_sat, trace.source_sat)),
            (Kind::Hop | Kind::HopOthers, _) => assert_eq!([taken(at), given(at)], [node.sat; 2], "{node:?}"),
            (_, Column::Payers) => assert_eq!(given(at), node.sat),
            (_, Column::Ends) => {
                assert_eq!(taken(at), node.sat);
                ends += node.sat;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ends, trace.source_sat);
}

#[test]
fn every_box_gives_out_what_it_took_in_and_the_ends_are_the_whole() {
    for seed in 0..300 {
        let trace = random(seed);
        let flow = Flow::of(&trace, None, &Names::default());
        check(&flow, &trace);
        let end = |kind: Kind| flow.nodes.iter().filter(|n| n.kind == kind).map(|n| n.sat).sum::<u64>();
        assert_eq!(end(Kind::Held), trace.held_sat);
        assert_eq!(end(Kind::Returned), trace.internal_sat + trace.returned_sat);
        assert_eq!(end(Kind::Service) + end(Kind::OtherServices) + end(Kind::CoinJoin), trace.stopped_sat);
        assert_eq!(end(Kind::Fee) + end(Kind::Bounded) + end(Kind::FeeBounded), trace.fee_sat + trace.bounded_sat);
        assert_eq!(end(Kind::Unlisted), 0);
    }
}

#[test]
fn what_the_answer_does_not_list_is_one_box_and_nothing_is_guessed() {
    for seed in 0..100 {
        let mut trace = random(seed);
        trace.edges.truncate(trace.edges.len() / 2);
        trace.edges_truncated = true;
        let flow = Flow::of(&trace, None, &Names::default());
        check(&flow, &trace);
        assert!(!flow.nodes.iter().any(|n| matches!(n.kind, Kind::Fee | Kind::Bounded | Kind::FeeBounded)));
        let mut trace = random(seed);
        trace.held.truncate(1);
        trace.places_truncated = true;
        check(&Flow::of(&trace, None, &Names::default()), &trace);
    }
}

#[test]
fn payers_of_a_campaign_are_summed_up_by_label() {
    let case = campaign();
    let report = case.report(crate::Language::English);
    let flow = Flow::of(&case.trace, case.origin.as_ref(), &Names::of(&report));
    check(&flow, &case.trace);
    let payers: Vec<(Kind, Option<&str>)> = flow
        .nodes
        .iter()
        .filter(|n| flow.columns[n.column] == Column::Payers)
        .map(|n| (n.kind, n.name.as_deref()))
        .collect();
    let wanted =
        [(Kind::Payer, Some("Oasis Exchange")), (Kind::Payer, Some("Coupon Corner")), (Kind::OtherPayers, None)];
    assert_eq!(payers, wanted);
    let paid: u64 = flow.nodes.iter().filter(|n| n.column == 0).map(|n| n.sat).sum();
    assert_eq!(paid, case.trace.source_sat);
}

#[test]
fn a_backward_trace_is_drawn_from_its_far_end() {
    let trace = campaign().origin.unwrap();
    let flow = Flow::of(&trace, None, &Names::default());
    assert!(flow.backward);
    check(&flow, &trace);
    let kinds: Vec<Kind> = flow.nodes.iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [Kind::Source, Kind::Service, Kind::Service, Kind::Bounded]);
}

#[test]
fn hops_share_columns_only_when_there_are_many() {
    assert_eq!(hop_ranges(0), []);
    assert_eq!(hop_ranges(3), [(1, 1), (2, 2), (3, 3)]);
    assert_eq!(hop_ranges(6), [(1, 1), (2, 3), (4, 6)]);
    let columns = HOP_COLUMNS_MAX;
    for hops in columns as u32 + 1..200 {
        let ranges = hop_ranges(hops);
        assert_eq!((ranges.len(), ranges[0], ranges[columns - 1].1), (columns, (1, 1), hops));
        assert!(ranges.windows(2).all(|w| w[0].1 + 1 == w[1].0 && w[1].0 <= w[1].1));
    }
}
