//! Whole traces: lists that add up, and ways that lead there.

use crate::swapping::market;
use crate::world::case;
use athar_trace::account::{
    AccountLimits, AccountOwners, AccountQuestion, AccountSources, AccountStep, AccountStops, AccountTrace, Flows,
    Keep, MadeFlows, NoAccountOwners, NoAccountStops, Place, trace,
};
use athar_trace::{Direction, Policy};
use proptest::prelude::*;
use std::collections::HashSet;

const POLICIES: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Poison];

/// A way is a chain of transfers that carried taint, from the place of a source, each after the one before.
fn is_way(
    flows: &MadeFlows,
    sources: &AccountSources,
    trace: &AccountTrace,
    to: Place,
    way: &[AccountStep],
    is_in_order: bool,
) {
    let is_back = trace.direction == Direction::Backward;
    let ends = |step: &AccountStep| if is_back { (step.to, step.from) } else { (step.from, step.to) };
    let edges: HashSet<u64> = trace.edges.iter().map(|e| e.transfer).collect();
    let exchanges: HashSet<u64> = trace.conversions.iter().map(|c| c.transfer).collect();
    let starts: HashSet<Option<Place>> = sources
        .parts()
        .iter()
        .map(|(n, _)| flows.transfer(*n))
        .map(|t| if is_back || !sources.are_reached() { t.receiver() } else { t.giver() })
        .collect();
    assert!(starts.contains(&way.first().map_or(Some(to), |step| ends(step).0)), "{way:?} begins nowhere");
    assert_eq!(way.last().map_or(Some(to), |step| ends(step).1), Some(to));
    for step in way {
        assert!(if step.is_exchange { exchanges.contains(&step.transfer) } else { edges.contains(&step.transfer) });
    }
    for pair in way.windows(2) {
        assert_eq!(ends(&pair[0]).1, ends(&pair[1]).0, "{way:?} is broken");
        if is_in_order {
            assert!(if is_back { pair[0].transfer > pair[1].transfer } else { pair[0].transfer < pair[1].transfer });
        }
    }
}

fn ask<S: AccountStops, O: AccountOwners>(
    flows: &MadeFlows,
    sources: &AccountSources,
    stops: &S,
    owners: &O,
    limits: &AccountLimits,
    direction: Direction,
    is_in_order: bool,
) {
    for policy in POLICIES {
        let question = AccountQuestion { policy, direction, sources, stops, owners, limits };
        let whole = trace(flows, &question, Keep::default()).unwrap();
        assert!(whole.check());
        for left in whole.held.iter().chain(&whole.stopped).chain(&whole.bounded) {
            // what a bound of work left is still where it was; what was never come to has no way
            let way = whole.way_to(left.place);
            assert!(way.is_some() || left.hops == 0, "{policy}: no way to {left:?}");
            if let Some(way) = way {
                is_way(flows, sources, &whole, left.place, &way, is_in_order);
                assert!(
                    owners.is_own(left.place.account)
                        || !way.is_empty()
                        || left.hops == 0
                        || whole.sources_truncated
                        || sources.parts().iter().any(|(n, _)| flows.transfer(*n).receiver() == Some(left.place)
                            || flows.transfer(*n).giver() == Some(left.place))
                );
            }
        }
        assert!(serde_json::to_value(&whole).unwrap()["totals"]["assets"].is_object());
        // fewer kept, the same sums, and says so
        let keep = Keep { edges_max: 1, conversions_max: 0, ends_max: 1, ways: false };
        let short = trace(flows, &question, keep).unwrap();
        assert!(short.check());
        assert_eq!(short.totals, whole.totals);
        assert!(short.edges.len() <= 1 && short.held.len() <= 1);
        assert_eq!(short.edges_truncated, whole.edges.len() > 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn lists_add_up_and_ways_lead_there(case in case(), is_back: bool) {
        let flows = case.flows();
        let sources = case.sources(&flows);
        let direction = if is_back { Direction::Backward } else { Direction::Forward };
        ask(&flows, &sources, &case, &case, &case.limits, direction, true);
    }

    #[test]
    fn ways_lead_through_pools(market in market(), is_back: bool) {
        let flows = market.flows();
        let sources = AccountSources::transfers(&flows, market.sources.iter().copied(), 100).unwrap();
        let direction = if is_back { Direction::Backward } else { Direction::Forward };
        ask(&flows, &sources, &NoAccountStops, &NoAccountOwners, &AccountLimits::NONE, direction, false);
    }
}
