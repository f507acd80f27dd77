//! Exchanges: deposit addresses for every customer, sweeps of them, batched withdrawals, a reserve.

use super::Economy;
use crate::{
    blocks::Kind,
    world::{ActorId, ActorKind, Coin, Habits, KeyId, Pay, PurseId, Role, World},
};
use std::collections::VecDeque;

/// An exchange.
pub(crate) struct Exchange {
    /// The company.
    pub(crate) actor: ActorId,
    /// Customers' deposits, not yet swept.
    pub(crate) deposits: PurseId,
    /// Working funds.
    pub(crate) hot: PurseId,
    /// Reserve.
    pub(crate) cold: PurseId,
    /// Where sweeps go.
    pub(crate) hot_key: KeyId,
    /// Where the reserve lies.
    pub(crate) cold_key: KeyId,
    queue: VecDeque<Pay>,
    queued: u64,
    batch_max: usize,
    sweep_at: usize,
    /// Pays withdrawals one by one out of one large coin, which makes a peel chain without any secret behind it.
    peels: bool,
    idle: u32,
}

impl Exchange {
    /// The exchange in the jurisdiction that voucher networks cash out in.
    pub(crate) const OFF_RAMP: usize = 2;

    pub(super) fn all(world: &mut World) -> Vec<Self> {
        let plan = [
            ("Kestrel Exchange", "US", Kind::P2shMultisig, Kind::P2wshMultisig, 40, 10, false, true),
            ("Blauwald Exchange", "DE", Kind::P2wpkh, Kind::P2wshMultisig, 25, 8, false, false),
            ("Yakamoz Exchange", "TR", Kind::P2shP2wpkh, Kind::P2shMultisig, 16, 6, false, true),
            ("Tidewater Exchange", "SG", Kind::P2pkh, Kind::P2pkh, 60, 12, false, true),
            ("Ambergate Exchange", "GB", Kind::P2pkh, Kind::P2shMultisig, 1, 6, true, false),
        ];
        plan.map(|(name, country, hot_kind, cold_kind, batch_max, sweep_at, peels, reuses)| {
            let actor = world.actor(ActorKind::Exchange, name.to_owned(), country);
            let deposits = world.purse(actor, hot_kind, Habits::SERVICE);
            let hot = world.purse(actor, hot_kind, Habits { reuses, change_last: peels, ..Habits::SERVICE });
            let cold = world.purse(actor, cold_kind, Habits { reuses: true, ..Habits::SERVICE });
            let hot_key = world.key(hot, Role::Hot);
            let cold_key = world.key(cold, Role::Cold);
            if reuses {
                world.purses[hot.index()].main = Some(hot_key);
            }
            world.purses[cold.index()].main = Some(cold_key);
            let (queue, queued, idle) = (VecDeque::new(), 0, 0);
            Self { actor, deposits, hot, cold, hot_key, cold_key, queue, queued, batch_max, sweep_at, peels, idle }
        })
        .into()
    }

    /// Satoshi that customers could still take out.
    pub(crate) fn free(&self, world: &World) -> u64 {
        let held: u64 = [self.deposits, self.hot, self.cold].iter().map(|p| world[*p].balance()).sum();
        held.saturating_sub(self.queued)
    }

    /// Asks for a withdrawal, paid with one of the next blocks. False where the exchange could not pay it.
    pub(crate) fn withdraw(&mut self, world: &World, to: KeyId, value: u64) -> bool {
        // a twentieth stays for fees
        let can = value >= 2000 && value <= self.free(world) / 20 * 19;
        if can {
            self.queue.push_back(Pay { to, value });
            self.queued += value;
        }
        can
    }

    fn tick(&mut self, world: &mut World) {
        self.sweep(world);
        self.idle += 1;
        if !self.queue.is_empty() && (self.queue.len() >= self.batch_max.min(12) || self.idle >= 2) {
            self.flush(world);
            self.idle = 0;
        }
        let (hot, cold) = (world[self.hot].balance(), world[self.cold].balance());
        if hot > cold / 8 + self.queued + world.sats(2_000_000) {
            world.pay(self.hot, &[Pay { to: self.cold_key, value: hot / 2 }]);
        }
    }

    fn sweep(&mut self, world: &mut World) {
        while world[self.deposits].len() >= self.sweep_at {
            // one of the hot coins pays along: that is what ties customers' addresses to the exchange for an observer
            if world.sweep_with(self.deposits, 40, Some(self.hot), self.hot_key).is_none() {
                break;
            }
        }
    }

    fn flush(&mut self, world: &mut World) {
        while !self.queue.is_empty() && world.open() {
            let count = self.queue.len().min(self.batch_max);
            let value: u64 = self.queue.iter().take(count).map(|p| p.value).sum();
            let margin = world.fee(world[self.hot].kind.input_weight() * 30 + 150 * count as u64) + 10_000;
            if world[self.hot].balance() < value + margin && !self.refill(world, value + margin) {
                break;
            }
            let pays: Vec<Pay> = self.queue.drain(..count).collect();
            let done = if self.peels { self.peel(world, pays[0]) } else { world.pay(self.hot, &pays).is_some() };
            if !done {
                pays.into_iter().rev().for_each(|p| self.queue.push_front(p));
                break;
            }
            self.queued -= value;
        }
    }

    /// Brings money into the hot purse, from the reserve or from deposits.
    fn refill(&mut self, world: &mut World, need: u64) -> bool {
        let missing = need.saturating_sub(world[self.hot].balance());
        let cold = world[self.cold].balance();
        if cold > missing + missing / 10 + 200_000 {
            let value = (missing * 2).max(cold / 20).min(cold - cold / 20).max(missing);
            if world.pay(self.cold, &[Pay { to: self.hot_key, value }]).is_some() {
                return true;
            }
        }
        world[self.deposits].balance() > missing
            && world.sweep_with(self.deposits, 80, Some(self.hot), self.hot_key).is_some()
            && world[self.hot].balance() >= need
    }

    /// One withdrawal out of the coin that the last one left.
    fn peel(&mut self, world: &mut World, pay: Pay) -> bool {
        if !world.open() {
            return false;
        }
        let fee = world.fee_of(world[self.hot].kind, 1, 2);
        let mut small: Vec<Coin> = Vec::new();
        let purse = &mut world.purses[self.hot.index()];
        let mut found = None;
        while let Some(coin) = purse.take_youngest() {
            if coin.value >= pay.value + fee + 10_000 {
                found = Some(coin);
                break;
            }
            small.push(coin);
            if small.len() > 20 {
                break;
            }
        }
        // what was too small waits at the other end for a sweep or a larger payment
        for coin in small {
            purse.put_back(coin);
        }
        let Some(coin) = found else { return world.pay(self.hot, &[pay]).is_some() };
        let change = world.key(self.hot, Role::Change);
        let style = world[self.hot].habits.style;
        world.commit(&[coin], &[pay, Pay { to: change, value: coin.value - pay.value - fee }], style);
        true
    }
}

impl Economy {
    pub(super) fn tick_exchanges(&mut self) {
        for exchange in &mut self.exchanges {
            exchange.tick(&mut self.world);
        }
        if self.world.clock.is_open() && self.world.dice.chance(50) {
            self.rebalance();
        }
    }

    /// The fullest exchange sells to the emptiest when that one runs low.
    fn rebalance(&mut self) {
        let free: Vec<u64> = self.exchanges.iter().map(|e| e.free(&self.world)).collect();
        let by = |i: &usize| free[*i];
        let (Some(low), Some(high)) = ((0..free.len()).min_by_key(by), (0..free.len()).max_by_key(by)) else { return };
        if free[low] < free[high] / 4 {
            let customer = self.exchanges[high].actor;
            let to = self.deposit_key(low, customer, crate::world::Watch::NONE);
            let value = free[high] / 5;
            self.exchanges[high].withdraw(&self.world, to, value);
        }
    }

    /// Asks an exchange to pay a key.
    pub(crate) fn withdraw(&mut self, exchange: usize, to: KeyId, value: u64) -> bool {
        self.exchanges[exchange].withdraw(&self.world, to, value)
    }

    /// Satoshi in every exchange, in thousandths of all there is.
    pub(super) fn exchange_share(&self) -> u64 {
        let free: u64 = self.exchanges.iter().map(|e| e.free(&self.world)).sum();
        free.saturating_mul(1000) / self.world.supply.max(1)
    }
}
