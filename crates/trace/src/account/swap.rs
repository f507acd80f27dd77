//! One transaction in which pools told of swaps: the order its transfers are followed in, and what each pool takes in.
//!
//! Some pools give before they are paid (Uniswap v3 calls back for its pay), so the chain's order would have taint arrive after
//! what it bought has left. Inside such a transaction the next transfer followed is therefore the first in trace order that is
//! not waiting; what a pool gives of one asset waits for what the transaction still brings it of other assets. Where all that
//! are left wait (pools that trade in a circle), the first goes.

use super::amount::{Sum, is_zero, share_down, sum_of};
use super::flows::{Place, Transfer};
use super::pot::Part;
use rustc_hash::FxHashMap;
use std::{cmp::Reverse, collections::BTreeMap, collections::BinaryHeap};

/// What a pool takes in of one asset.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// All that the transaction brings.
    whole: Sum,
    /// The taint on what came so far.
    pub(super) parts: Vec<Part>,
    tainted: Sum,
    /// How many of the parts were exchanged.
    pub(super) used: usize,
}

/// A transaction of swaps; without pools, one transfer by itself.
pub(super) struct Swaps<P> {
    /// The key that it begins at.
    pub(super) start: u64,
    /// What has been followed so far.
    pub(super) done: Vec<(u64, Transfer)>,
    /// Ascending.
    pools: Vec<u32>,
    /// By pool and asset.
    pub(super) intakes: BTreeMap<(u32, u32), Intake>,
    /// By account and asset, how many transfers out are still to come.
    gives: FxHashMap<(u32, u32), u32>,
    /// Contracts that hand on what they are given in this transaction, without regard to what else they hold.
    pub(super) through: BTreeMap<Place, P>,
}

/// What a pool exchanged for one transfer.
pub(super) struct Exchange {
    pub(super) asset_in: u32,
    pub(super) amount_in: Sum,
    pub(super) tainted_in: Sum,
    pub(super) tainted_out: Sum,
}

impl<P> Swaps<P> {
    /// One transfer by itself.
    pub(super) fn none() -> Self {
        Self {
            start: 0,
            done: Vec::new(),
            pools: Vec::new(),
            intakes: BTreeMap::new(),
            gives: FxHashMap::default(),
            through: BTreeMap::new(),
        }
    }

    /// A transaction with these transfers, in trace order, and these pools, ascending.
    pub(super) fn new(start: u64, transfers: &[(u64, Transfer)], pools: Vec<u32>) -> Self {
        let mut swaps = Self { start, pools, ..Self::none() };
        for (_, t) in transfers {
            if swaps.is_pool(t.to) {
                swaps.intakes.entry((t.to, t.asset)).or_default().whole += sum_of(t.amount);
            }
            *swaps.gives.entry((t.from, t.asset)).or_default() += 1;
        }
        swaps
    }

    /// Whether this is a transaction of swaps.
    #[inline]
    pub(super) fn is_group(&self) -> bool {
        !self.pools.is_empty()
    }

    #[inline]
    pub(super) fn is_pool(&self, account: u32) -> bool {
        self.pools.binary_search(&account).is_ok()
    }

    /// Notes that a transfer is being followed.
    pub(super) fn gives_up(&mut self, transfer: &Transfer) {
        if let Some(left) = self.gives.get_mut(&(transfer.from, transfer.asset)) {
            *left -= 1;
        }
    }

    /// Whether an account gives of that asset later in the transaction.
    pub(super) fn gives_on(&self, account: u32, asset: u32) -> bool {
        self.gives.get(&(account, asset)).is_some_and(|left| *left > 0)
    }

    /// Takes taint into a pool.
    pub(super) fn enter(&mut self, pool: u32, asset: u32, parts: &[Part]) {
        let intake = self.intakes.entry((pool, asset)).or_default();
        for part in parts.iter().filter(|p| !p.is_clean()) {
            intake.tainted += part.amount;
            intake.parts.push(*part);
        }
    }

    /// Lays the taint that a pool exchanged on what it gives with `transfer`: on its clean units, the first ones first. Nothing where the
    /// pool took no other asset in, or more than one: nobody says, then, which bought what.
    pub(super) fn exchange(&mut self, transfer: &Transfer, parts: &mut Vec<Part>, is_summed: bool) -> Option<Exchange> {
        let pool = transfer.from;
        let mut others =
            self.intakes.range_mut((pool, 0)..=(pool, u32::MAX)).filter(|((_, asset), _)| *asset != transfer.asset);
        let ((_, asset_in), intake) = others.next()?;
        if others.next().is_some() || intake.parts.is_empty() {
            return None;
        }
        intake.used = intake.parts.len();
        let amount = sum_of(transfer.amount);
        let mut exchange = Exchange {
            asset_in: *asset_in,
            amount_in: intake.whole,
            tainted_in: intake.tainted,
            tainted_out: Sum::ZERO,
        };
        if !is_summed {
            let nearest = intake.parts.iter().min_by_key(|p| (p.hop, p.tag))?;
            *parts = vec![Part { amount, ..*nearest }];
            return Some(exchange);
        }
        let (mut before, mut given) = (Sum::ZERO, Sum::ZERO);
        let mut bought = Vec::new();
        for part in &intake.parts {
            before += part.amount;
            // what all up to here bought, less what those before did: the sum is rounded down once
            let until = share_down(amount, before, intake.whole);
            if until > given {
                bought.push(Part { amount: until - given, ..*part });
            }
            given = until;
        }
        exchange.tainted_out = overlay(parts, &bought);
        Some(exchange)
    }
}

/// Puts taint on clean units, the first ones first, and says on how many.
fn overlay(parts: &mut Vec<Part>, bought: &[Part]) -> Sum {
    let mut laid = Vec::with_capacity(parts.len() + bought.len());
    let mut sum = Sum::ZERO;
    let mut bought = bought.iter().copied();
    let mut next = bought.next();
    for part in parts.iter() {
        let mut left = part.amount;
        while let (true, Some(lot)) = (part.is_clean() && !is_zero(&left), &mut next) {
            let amount = left.min(lot.amount);
            laid.push(Part { amount, ..*lot });
            (left, lot.amount, sum) = (left - amount, lot.amount - amount, sum + amount);
            if is_zero(&lot.amount) {
                next = bought.next();
            }
        }
        if !is_zero(&left) {
            laid.push(Part { amount: left, ..*part });
        }
    }
    *parts = laid;
    sum
}

/// Of one pool: how much of each asset is still to come in, and what waits for it, by asset given.
#[derive(Default)]
struct Waiting {
    coming: BTreeMap<u32, u32>,
    outs: BTreeMap<u32, Vec<usize>>,
}

impl Waiting {
    fn waits(&self, asset: u32) -> bool {
        self.coming.keys().any(|a| *a != asset)
    }
}

/// The order in which the transfers of a transaction of swaps are followed, as positions.
pub(super) fn order(transfers: &[(u64, Transfer)], pools: &[u32]) -> Vec<usize> {
    let is_pool = |account: u32| pools.binary_search(&account).is_ok();
    let mut waiting: FxHashMap<u32, Waiting> = FxHashMap::default();
    for (_, t) in transfers.iter().filter(|(_, t)| is_pool(t.to)) {
        *waiting.entry(t.to).or_default().coming.entry(t.asset).or_default() += 1;
    }
    let mut ready = BinaryHeap::new();
    for (at, (_, t)) in transfers.iter().enumerate() {
        match waiting.get_mut(&t.from) {
            Some(pool) if pool.waits(t.asset) => pool.outs.entry(t.asset).or_default().push(at),
            _ => ready.push(Reverse(at)),
        }
    }
    let (mut order, mut is_done, mut first) = (Vec::with_capacity(transfers.len()), vec![false; transfers.len()], 0);
    while order.len() < transfers.len() {
        let at = if let Some(Reverse(at)) = ready.pop() {
            at
        } else {
            while is_done[first] {
                first += 1;
            }
            first
        };
        if std::mem::replace(&mut is_done[at], true) {
            continue;
        }
        order.push(at);
        let t = &transfers[at].1;
        let Some(pool) = waiting.get_mut(&t.to) else { continue };
        if let Some(left) = pool.coming.get_mut(&t.asset) {
            *left -= 1;
            if *left == 0 {
                pool.coming.remove(&t.asset);
            }
        }
        match (pool.coming.len(), pool.coming.keys().next().copied()) {
            (0, _) => ready.extend(std::mem::take(&mut pool.outs).into_values().flatten().map(Reverse)),
            (1, Some(asset)) => ready.extend(pool.outs.remove(&asset).into_iter().flatten().map(Reverse)),
            _ => {}
        }
    }
    order
}
