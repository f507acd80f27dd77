//! A coupon service: coupons are bought for cash at counters, their worth is paid out in bitcoin to any address.

use super::Economy;
use crate::{
    blocks::Kind,
    world::{ActorKind, Habits, KeyId, Pay, PurseId, Role, World},
};
use std::collections::VecDeque;

/// US cents a euro costs, the same on every day of this world.
pub(crate) const USD_CENTS_PER_EURO: u64 = 115;
/// What is paid out of each coupon's worth, in percent.
const PAID_PERCENT: u64 = 95;

/// A coupon that somebody redeemed.
#[derive(Clone, Copy)]
pub(crate) struct Redeemed {
    /// To be paid to.
    pub(crate) key: KeyId,
    /// Its worth.
    pub(crate) euro_cents: u64,
    /// When.
    pub(crate) time: u32,
}

/// The service.
pub(crate) struct Coupons {
    /// Working funds.
    pub(crate) hot: PurseId,
    /// Its address.
    pub(crate) hot_key: KeyId,
    /// Every coupon that was redeemed, in order: what the service's own books hold.
    pub(crate) redeemed: Vec<Redeemed>,
    queue: VecDeque<Pay>,
    queued: u64,
    /// Height until which a purchase of more bitcoin is under way.
    buying_until: u32,
}

impl Coupons {
    pub(super) fn new(world: &mut World) -> Self {
        let actor = world.actor(ActorKind::CouponService, "Bonbleu Coupons".to_owned(), "FR");
        let hot = world.purse(actor, Kind::P2wpkh, Habits { reuses: true, ..Habits::SERVICE });
        let hot_key = world.key(hot, Role::Hot);
        world.purses[hot.index()].main = Some(hot_key);
        Self { hot, hot_key, redeemed: Vec::new(), queue: VecDeque::new(), queued: 0, buying_until: 0 }
    }
}

impl Economy {
    /// Redeems a coupon of so many euro cents to a key, with one of the next blocks; what will be paid, in satoshi.
    pub(crate) fn redeem(&mut self, to: KeyId, euro_cents: u64) -> u64 {
        let value = self.world.sats(euro_cents * USD_CENTS_PER_EURO * PAID_PERCENT / 10_000).max(2000);
        self.coupons.redeemed.push(Redeemed { key: to, euro_cents, time: self.world.clock.time });
        self.coupons.queue.push_back(Pay { to, value });
        self.coupons.queued += value;
        value
    }

    pub(super) fn tick_coupons(&mut self) {
        let Coupons { hot, hot_key, buying_until, queued, .. } = self.coupons;
        let reserve = self.world.sats(400_000) + 3 * queued;
        if self.world[hot].balance() < reserve && self.world.clock.height > buying_until && self.world.clock.is_open() {
            let value = reserve.min(self.exchanges[0].free(&self.world) / 50);
            if self.withdraw(0, hot_key, value) {
                self.coupons.buying_until = self.world.clock.height + 6;
            }
        }
        while !self.coupons.queue.is_empty() {
            let count = self.coupons.queue.len().min(6);
            let pays: Vec<Pay> = self.coupons.queue.iter().take(count).copied().collect();
            if self.world.pay(hot, &pays).is_none() {
                break;
            }
            self.coupons.queue.drain(..count);
            self.coupons.queued -= pays.iter().map(|p| p.value).sum::<u64>();
        }
    }
}
