//! Small random worlds and questions.

use athar_trace::account::{
    AccountLimits, AccountOwners, AccountSources, AccountStop, AccountStops, MadeFlows, NONE, Sum, Transfer,
};
use athar_types::account::{TransferKind, U256};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A world and what is asked of it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) transfers: Vec<Transfer>,
    /// Number and mark.
    pub(crate) sources: Vec<(u64, u32)>,
    pub(crate) are_reached: bool,
    pub(crate) stops: BTreeSet<u32>,
    pub(crate) own: BTreeSet<u32>,
    pub(crate) contracts: BTreeSet<u32>,
    pub(crate) limits: AccountLimits,
}

impl Case {
    pub(crate) fn flows(&self) -> MadeFlows {
        let mut flows = MadeFlows::new(self.transfers.clone());
        self.contracts.iter().for_each(|account| flows.contract(*account));
        flows
    }

    pub(crate) fn sources(&self, flows: &MadeFlows) -> AccountSources {
        let sources = AccountSources::transfers(flows, self.sources.iter().copied(), usize::MAX).unwrap();
        if self.are_reached { sources.reached() } else { sources }
    }
}

impl AccountStops for Case {
    fn stop(&self, account: u32) -> Option<AccountStop> {
        self.stops.contains(&account).then_some(AccountStop::Service { label: account })
    }
}

impl AccountOwners for Case {
    fn is_own(&self, account: u32) -> bool {
        self.own.contains(&account)
    }
}

/// One transfer among so many accounts: mostly values, at times fees, mints, burns and coins put aside.
fn transfer(accounts: u32, assets: u32, high: u64) -> impl Strategy<Value = Transfer> {
    (0_u32..24, 0..accounts, 0..accounts, 0..assets, 0..=high).prop_map(|(sort, a, b, asset, amount)| {
        let (from, to, kind) = match sort {
            0 => (a, b, TransferKind::Fee),
            1 => (a, NONE, TransferKind::FeeBurned),
            2..=4 => (NONE, b, TransferKind::Mint),
            5 => (a, NONE, TransferKind::Burn),
            6 => (a, NONE, TransferKind::Stake),
            7 => (NONE, a, TransferKind::Stake),
            8 => (NONE, b, TransferKind::Reward),
            _ => (a, b, TransferKind::Value),
        };
        Transfer { tx: NONE, from, to, asset, amount: U256::from(amount), kind }
    })
}

fn limits() -> impl Strategy<Value = AccountLimits> {
    let rarely = |range: std::ops::Range<u64>| prop_oneof![2 => Just(None), 1 => range.prop_map(Some)];
    (rarely(1..5), rarely(0..12), rarely(1..9), rarely(0..8), rarely(0..40), rarely(0..40), any::<bool>()).prop_map(
        |(hops, edges, fan, min, since, until, through_contracts)| AccountLimits {
            hops_max: hops.map_or(AccountLimits::NONE.hops_max, |h| h as u32),
            edges_max: edges.unwrap_or(u64::MAX),
            fan_max: fan.unwrap_or(u64::MAX),
            amount_min: min.map_or_else(BTreeMap::new, |min| BTreeMap::from([(0, Sum::from(min))])),
            since,
            until,
            through_contracts,
            ..AccountLimits::NONE
        },
    )
}

/// A world of up to 40 transfers and a question.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    let size = (2_u32..7, 1_u32..3, 1_u64..30);
    size.prop_flat_map(|(accounts, assets, high)| {
        let transfers = prop::collection::vec(transfer(accounts, assets, high), 1..40);
        let some = |most| prop::collection::btree_set(0..accounts, 0..most);
        (transfers, some(2), some(3), some(2), limits(), any::<bool>(), any::<prop::sample::Index>()).prop_flat_map(
            |(transfers, stops, own, contracts, limits, are_reached, one)| {
                let count = transfers.len() as u64;
                let first = one.index(transfers.len()) as u64;
                prop::collection::vec((0..count, 0_u32..3), 0..4).prop_map(move |mut sources| {
                    sources.push((first, 0));
                    Case {
                        transfers: transfers.clone(),
                        sources,
                        are_reached,
                        stops: stops.clone(),
                        own: own.clone(),
                        contracts: contracts.clone(),
                        limits: limits.clone(),
                    }
                })
            },
        )
    })
}
