//! A dark market: an address for every order, a purse that holds the money, payouts to vendors.

use super::Economy;
use crate::{
    blocks::Kind,
    world::{ActorId, ActorKind, Habits, KeyId, Pay, PurseId, Role, Watch, World},
};

/// The market.
pub(crate) struct Market {
    /// Its operators.
    pub(crate) actor: ActorId,
    /// Paid orders, not yet swept.
    pub(crate) orders: PurseId,
    /// What is held for vendors.
    pub(crate) hot: PurseId,
    /// Where sweeps go.
    pub(crate) hot_key: KeyId,
    /// Vendors, as users.
    vendors: Vec<usize>,
    paid_at: u32,
}

impl Market {
    pub(super) fn new(world: &mut World, users: usize) -> Self {
        let actor = world.actor(ActorKind::DarkMarket, "Nightjar Market".to_owned(), "");
        let orders = world.purse(actor, Kind::P2shMultisig, Habits::SERVICE);
        let hot = world.purse(actor, Kind::P2pkh, Habits::SERVICE);
        let hot_key = world.key(hot, Role::Hot);
        let vendors = (0..(users / 100).clamp(6, 300)).map(|_| world.dice.index(users)).collect();
        Self { actor, orders, hot, hot_key, vendors, paid_at: 0 }
    }
}

impl Economy {
    /// The address of a new order.
    pub(crate) fn market_order(&mut self, customer: ActorId, watch: Watch) -> KeyId {
        let Market { actor, orders, .. } = self.market;
        let key = self.world.key_for(orders, Role::Deposit, actor, customer);
        self.world.keys.watch(key, watch);
        key
    }

    pub(super) fn tick_market(&mut self) {
        let Market { orders, hot, hot_key, paid_at, .. } = self.market;
        while self.world[orders].len() >= 5 {
            if self.world.sweep_with(orders, 30, Some(hot), hot_key).is_none() {
                break;
            }
        }
        let balance = self.world[hot].balance();
        if self.world.clock.time < paid_at + 4 * 86_400 || balance < self.world.sats(40_000) {
            return;
        }
        self.market.paid_at = self.world.clock.time;
        let count = self.world.dice.range(2, 6);
        let pays: Vec<Pay> = (0..count)
            .map(|_| {
                let vendor = self.world.dice.pick(&self.market.vendors);
                Pay { to: self.address_of(vendor), value: balance * 9 / 10 / count }
            })
            .collect();
        self.world.pay(hot, &pays);
    }
}
