//! Amounts that no honest token has, and balances that must be plain sums.

use crate::answer::{Collector, check};
use crate::swapping::{Market, market};
use crate::world::case;
use athar_trace::account::{
    AccountEnd, AccountLimits, AccountQuestion, AccountSink, AccountSources, AccountTotals, Flows, MadeFlows, NONE,
    NoAccountOwners, NoAccountStops, Part, Place, Sum, Transfer, stream,
};
use athar_trace::{Direction, Policy};
use athar_types::account::{TransferKind, U256};
use proptest::prelude::*;
use std::collections::BTreeMap;

const POLICIES: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Poison];

fn ask(flows: &MadeFlows, sources: &AccountSources, policy: Policy, direction: Direction) -> AccountTotals {
    let limits = AccountLimits { through_contracts: true, ..AccountLimits::NONE };
    let (stops, owners, limits) = (&NoAccountStops, &NoAccountOwners, &limits);
    let question = AccountQuestion { policy, direction, sources, stops, owners, limits };
    let totals = stream(flows, &question, &mut Sums(BTreeMap::new())).unwrap();
    check(&totals);
    totals
}

/// What is held, by place.
struct Sums(BTreeMap<Place, Sum>);

impl AccountSink for Sums {
    fn end(&mut self, place: Place, _: Option<u64>, parts: &[Part], end: AccountEnd) {
        if end == AccountEnd::Held {
            *self.0.entry(place).or_insert(Sum::ZERO) += parts.iter().fold(Sum::ZERO, |sum, p| sum + p.amount);
        }
    }
}

/// The largest amounts in place of some of the small ones.
fn enlarge(transfers: &mut [Transfer]) {
    for t in transfers {
        let small: u64 = t.amount.to();
        t.amount = match small % 5 {
            0 => U256::MAX - U256::from(small),
            1 => U256::MAX >> (small as usize),
            2 => U256::from(1) << (small as usize * 7),
            _ => t.amount,
        };
    }
}

#[test]
fn a_token_that_mints_the_largest_amount_twice_is_flagged_and_summed_exactly() {
    let of = |from, to| Transfer { tx: NONE, from, to, asset: 3, amount: U256::MAX, kind: TransferKind::Token };
    let flows = MadeFlows::new(vec![of(NONE, 0), of(NONE, 0), of(0, 1), of(0, 1), of(0, 1)]);
    for policy in POLICIES {
        let sources = AccountSources::receipts(&flows, &[0], None, 10);
        let totals = ask(&flows, &sources, policy, Direction::Forward);
        let twice = Sum::from(U256::MAX) + Sum::from(U256::MAX);
        let sums = &totals.assets[&3];
        assert!(sums.is_beyond_256_bits);
        assert_eq!(sums.source, twice);
        if policy.is_summed() {
            assert_eq!(sums.held, twice);
        }
        let json = serde_json::to_value(&totals).unwrap();
        assert_eq!(json["assets"]["3"]["source"], twice.to_string());
    }
}

#[test]
fn an_account_buried_in_worthless_tokens_is_left_at_the_bound_of_fan() {
    let of = |from, to, asset| Transfer { tx: NONE, from, to, asset, amount: U256::from(7), kind: TransferKind::Token };
    let mut transfers = vec![of(9, 1, 5); 1_001];
    transfers.extend([of(NONE, 0, 0), of(0, 1, 0), of(1, 2, 0)]);
    let flows = MadeFlows::new(transfers);
    let sources = AccountSources::receipts(&flows, &[0], Some(0), 10);
    let ask = |fan_max| {
        let limits = AccountLimits { fan_max, ..AccountLimits::NONE };
        let (stops, owners, limits) = (&NoAccountStops, &NoAccountOwners, &limits);
        let (policy, direction) = (Policy::Fifo, Direction::Forward);
        let question = AccountQuestion { policy, direction, sources: &sources, stops, owners, limits };
        let totals = stream(&flows, &question, &mut Sums(BTreeMap::new())).unwrap();
        check(&totals);
        totals.assets[&0].clone()
    };
    assert_eq!(ask(10).bounded_sum(), Sum::from(7));
    assert_eq!(ask(100).held, Sum::from(7));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_largest_amounts_are_conserved_under_every_policy(mut case in case(), is_back: bool) {
        enlarge(&mut case.transfers);
        let flows = case.flows();
        let sources = case.sources(&flows);
        let direction = if is_back { Direction::Backward } else { Direction::Forward };
        for policy in POLICIES {
            ask(&flows, &sources, policy, direction);
            let (stops, owners, limits) = (&case, &case, &case.limits);
            let question = AccountQuestion { policy, direction, sources: &sources, stops, owners, limits };
            check(&stream(&flows, &question, &mut Sums(BTreeMap::new())).unwrap());
        }
    }

    #[test]
    fn the_largest_amounts_are_conserved_through_swaps(mut market in market(), is_back: bool) {
        enlarge(&mut market.transfers);
        let flows = market.flows();
        let sources = AccountSources::transfers(&flows, market.sources.iter().copied(), 100).unwrap();
        let direction = if is_back { Direction::Backward } else { Direction::Forward };
        for policy in POLICIES {
            ask(&flows, &sources, policy, direction);
        }
    }

    /// Where every unit that came into being is a source and nobody owes, what is held is everybody's balance.
    #[test]
    fn what_is_held_of_everything_is_the_plain_sum_of_transfers(case in case(), market in market()) {
        let mut transfers = Market { pools: BTreeMap::new(), ..market }.transfers;
        transfers.extend(case.transfers.iter().filter(|t| t.kind != TransferKind::Stake).map(|t| Transfer { tx: NONE, ..*t }));
        let mut sums: BTreeMap<Place, Sum> = BTreeMap::new();
        let mut is_solvent = true;
        for t in transfers.iter().filter(|t| t.moves()) {
            let amount = Sum::from(t.amount);
            if let Some(giver) = t.giver() {
                let sum = sums.entry(giver).or_insert(Sum::ZERO);
                is_solvent &= amount <= *sum;
                *sum = sum.saturating_sub(amount);
            }
            if let Some(receiver) = t.receiver() {
                // fees are no source: what their receivers get is told apart
                *sums.entry(receiver).or_insert(Sum::ZERO) += if t.kind.is_fee() { Sum::ZERO } else { amount };
            }
        }
        prop_assume!(is_solvent);
        sums.retain(|_, sum| !sum.is_zero());
        let flows = MadeFlows::new(transfers);
        let made = (0..flows.transfers()).filter(|n| flows.transfer(*n).from == NONE).map(|n| (n, 0));
        let sources = AccountSources::transfers(&flows, made, usize::MAX).unwrap();
        for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut] {
            let limits = AccountLimits::NONE;
            let (stops, owners, limits) = (&NoAccountStops, &NoAccountOwners, &limits);
            let direction = Direction::Forward;
            let question = AccountQuestion { policy, direction, sources: &sources, stops, owners, limits };
            let mut held = Sums(BTreeMap::new());
            let totals = stream(&flows, &question, &mut held).unwrap();
            prop_assert!(totals.assets.values().all(|a| a.short.is_zero()));
            // the receiver of a fee may hold both
            let no_fees = (0..flows.transfers()).all(|n| !flows.transfer(n).kind.is_fee());
            if no_fees {
                prop_assert_eq!(&held.0, &sums);
            } else {
                prop_assert_eq!(held.0.values().fold(Sum::ZERO, |a, b| a + *b) + totals.assets.values().fold(Sum::ZERO, |a, b| a + b.fee + b.outside), totals.assets.values().fold(Sum::ZERO, |a, b| a + b.source));
            }
        }
    }

    /// Ending by hand, or at the bound of transfers looked at, loses nothing either.
    #[test]
    fn a_trace_cut_short_accounts_for_everything(mut case in case(), market in market(), most in 0_u64..60, edges in 0_u64..10) {
        struct Impatient(u64);
        impl AccountSink for Impatient {
            fn go_on(&mut self, edges: u64) -> bool {
                edges < self.0
            }
        }
        case.limits.looked_max = most;
        let (flows, swaps) = (case.flows(), market.flows());
        let of_swaps = AccountSources::transfers(&swaps, market.sources.iter().copied(), 100).unwrap();
        let limits = AccountLimits { looked_max: most, edges_max: edges, ..AccountLimits::NONE };
        for (policy, direction) in POLICIES.into_iter().flat_map(|p| [(p, Direction::Forward), (p, Direction::Backward)]) {
            let sources = case.sources(&flows);
            let question = AccountQuestion { policy, direction, sources: &sources, stops: &case, owners: &case, limits: &case.limits };
            check(&stream(&flows, &question, &mut Impatient(edges)).unwrap());
            let question = AccountQuestion { policy, direction, sources: &of_swaps, stops: &NoAccountStops, owners: &NoAccountOwners, limits: &limits };
            let totals = stream(&swaps, &question, &mut Collector::new(policy)).unwrap();
            check(&totals);
            prop_assert!(totals.edge_count <= edges);
        }
    }
}
