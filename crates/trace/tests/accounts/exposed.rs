//! Exposure against plain sums and against what traces say.

use crate::world::{Case, case};
use athar_trace::account::{
    AccountEnd, AccountExposure, AccountExposureQuestion, AccountExposures, AccountLabels, AccountLimits,
    AccountOwners, AccountQuestion, AccountSink, AccountSources, AccountStop, Flows, MadeFlows, NONE, NoAccountStops,
    Part, Place, Sum, Transfer, exposure, stream,
};
use athar_trace::{Direction, Policy};
use athar_types::Relation;
use athar_types::account::{TransferKind, U256};
use proptest::prelude::*;
use std::collections::BTreeMap;

const POLICIES: [Policy; 4] = [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Poison];

/// Every stop is a label of its own number; 100 is the group of all.
impl AccountLabels for Case {
    fn label_of(&self, account: u32) -> Option<u32> {
        self.stops.contains(&account).then_some(account)
    }

    fn groups_of(&self, _: u32) -> &[u32] {
        &[100]
    }
}

/// Labels by account, and no stops.
struct Marks(BTreeMap<u32, u32>);

impl AccountLabels for Marks {
    fn label_of(&self, account: u32) -> Option<u32> {
        self.0.get(&account).copied()
    }
}

fn ask<S: athar_trace::account::AccountStops, L: AccountLabels>(
    flows: &MadeFlows,
    accounts: &[u32],
    policy: Policy,
    stops: &S,
    labels: &L,
    limits: &AccountLimits,
) -> AccountExposures {
    let question = AccountExposureQuestion {
        policy,
        accounts,
        asset: None,
        stops,
        labels,
        limits,
        sources_max: 1_000,
        transfers_max: 1_000,
        evidence_max: 2,
    };
    let found = exposure(flows, &question).unwrap();
    assert!(found.received.totals.check() && found.sent.totals.check());
    found
}

fn told(list: &[AccountExposure]) -> Vec<(u32, Relation, u64, u32, u64)> {
    list.iter().map(|e| (e.label, e.relation, e.amount.to(), e.hops_min, e.transfers)).collect()
}

#[test]
fn counterparties_are_summed_as_they_are_and_indirect_ones_by_policy() {
    let of = |from, to, amount: u64| Transfer {
        tx: NONE,
        from,
        to,
        asset: 0,
        amount: U256::from(amount),
        kind: TransferKind::Token,
    };
    // 7 and 8 are labelled; the subject is 0; 7 -> 1 -> 0 -> 2 -> 8, and 0 -> 8 once
    let rows =
        [of(NONE, 7, 100), of(NONE, 1, 50), of(7, 1, 100), of(1, 0, 120), of(0, 2, 60), of(2, 8, 50), of(0, 8, 10)];
    let flows = MadeFlows::new(rows.to_vec());
    let marks = Marks(BTreeMap::from([(7, 1), (8, 2)]));
    use Relation::{Counterparty, Indirect};
    let ask = |policy| ask(&flows, &[0], policy, &NoAccountStops, &marks, &AccountLimits::NONE);
    let fifo = ask(Policy::Fifo);
    // of the 120 the first 50 were the other's own
    assert_eq!(told(&fifo.received.exposures), [(1, Indirect, 70, 2, 1)]);
    assert_eq!(told(&fifo.sent.exposures), [(2, Counterparty, 10, 1, 1), (2, Indirect, 50, 2, 1)]);
    assert_eq!(fifo.received.total, BTreeMap::from([(0, Sum::from(120))]));
    assert_eq!(fifo.sent.total, BTreeMap::from([(0, Sum::from(70))]));
    let evidence = &fifo.sent.exposures[1].evidence[0];
    assert_eq!((evidence.transfer, evidence.account, evidence.amount()), (5, 8, Sum::from(50)));
    // two thirds of what the giver had: 100 of 150, so 80 of 120
    assert_eq!(told(&ask(Policy::Haircut).received.exposures), [(1, Indirect, 80, 2, 1)]);
    assert_eq!(told(&ask(Policy::Lifo).received.exposures), [(1, Indirect, 100, 2, 1)]);
    assert_eq!(told(&ask(Policy::Poison).received.exposures), [(1, Indirect, 0, 2, 1)]);
    let json = serde_json::to_value(&fifo).unwrap();
    assert_eq!(json["sent"]["exposures"][0]["amount"], "10");
    assert_eq!(json["sent"]["exposures"][0]["evidence"][0]["amount"], "10");
}

#[test]
fn a_unit_counts_once_for_a_label_and_for_a_group() {
    let of = |from, to| Transfer { tx: NONE, from, to, asset: 0, amount: U256::from(9), kind: TransferKind::Value };
    // through two accounts of one label, and one of another
    let flows = MadeFlows::new(vec![of(NONE, 0), of(0, 1), of(1, 2), of(2, 3), of(3, 4)]);
    let marks = Marks(BTreeMap::from([(2, 5), (3, 5), (4, 6)]));
    let found = ask(&flows, &[0], Policy::Fifo, &NoAccountStops, &marks, &AccountLimits::NONE);
    let (five, six) = (&found.sent.exposures[0], &found.sent.exposures[1]);
    assert_eq!((five.label, five.amount, five.hops_min, five.transfers), (5, Sum::from(9), 2, 1));
    assert_eq!((six.label, six.amount, six.hops_min), (6, Sum::from(9), 4));
    // one that was met as a counterparty is not met again further on
    let marks = Marks(BTreeMap::from([(1, 5), (3, 5)]));
    let found = ask(&flows, &[0], Policy::Fifo, &NoAccountStops, &marks, &AccountLimits::NONE);
    assert_eq!(told(&found.sent.exposures), [(5, Relation::Counterparty, 9, 1, 1)]);
}

/// What stopped at labels with two hops or more, by label and asset.
struct Stopped(BTreeMap<(u32, u32), Sum>);

impl AccountSink for Stopped {
    fn end(&mut self, place: Place, _: Option<u64>, parts: &[Part], end: AccountEnd) {
        if let AccountEnd::Stopped(AccountStop::Service { label }) = end {
            for part in parts.iter().filter(|p| p.hop > 1) {
                *self.0.entry((label, place.asset)).or_insert(Sum::ZERO) += part.amount;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    /// Where every label stops, what is indirect is what a trace stops there.
    #[test]
    fn exposure_is_plain_sums_and_what_traces_stop(case in case()) {
        let flows = case.flows();
        let accounts: Vec<u32> = case.own.iter().copied().filter(|a| !case.stops.contains(a)).collect();
        let case = Case { own: accounts.iter().copied().collect(), ..case };
        let sources = AccountSources::receipts(&flows, &accounts, None, 1_000);
        for policy in POLICIES {
            let found = ask(&flows, &accounts, policy, &case, &case, &case.limits);
            for side in [&found.received, &found.sent] {
                let is_back = side.flow == athar_trace::Flow::Received;
                let mut sums: BTreeMap<(u32, u32), Sum> = BTreeMap::new();
                for t in (0..flows.transfers()).map(|n| flows.transfer(n)) {
                    let (subject, other) = if is_back { (t.to, t.from) } else { (t.from, t.to) };
                    if case.is_own(subject) && case.stops.contains(&other) && !t.amount.is_zero() && !t.kind.is_fee() {
                        *sums.entry((other, t.asset)).or_insert(Sum::ZERO) += Sum::from(t.amount);
                    }
                }
                let of = |list: &[AccountExposure], relation| -> BTreeMap<(u32, u32), Sum> {
                    list.iter().filter(|e| e.relation == relation).map(|e| ((e.label, e.asset), e.amount)).collect()
                };
                prop_assert_eq!(&of(&side.exposures, Relation::Counterparty), &sums);
                let direction = if is_back { Direction::Backward } else { Direction::Forward };
                let mut stopped = Stopped(BTreeMap::new());
                let question =
                    AccountQuestion { policy, direction, sources: &sources, stops: &case, owners: &case, limits: &case.limits };
                stream(&flows, &question, &mut stopped).unwrap();
                if policy.is_summed() {
                    prop_assert_eq!(&of(&side.exposures, Relation::Indirect), &stopped.0, "{} {:?}", policy, direction);
                } else {
                    let keys: Vec<_> = of(&side.exposures, Relation::Indirect).into_keys().collect();
                    prop_assert!(stopped.0.keys().all(|key| keys.contains(key)));
                }
                // a group of all is met by no less than the largest and no more than all together
                for group in &side.groups {
                    let parts = side.exposures.iter().filter(|e| (e.relation, e.asset) == (group.relation, group.asset));
                    let all = parts.clone().fold(Sum::ZERO, |sum, e| sum + e.amount);
                    prop_assert_eq!(group.amount, all, "each unit stops once");
                    prop_assert_eq!(Some(group.hops_min), parts.map(|e| e.hops_min).min());
                }
            }
        }
    }
}
