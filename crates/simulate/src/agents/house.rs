//! A gambling house: one address that takes every bet, and pays the winners at once.

use super::Economy;
use crate::{
    blocks::Kind,
    world::{ActorId, ActorKind, Habits, KeyId, Pay, PurseId, Role, Watch, World},
};

/// The house.
pub(crate) struct House {
    /// The company.
    pub(crate) actor: ActorId,
    /// Its address.
    pub(crate) key: KeyId,
    purse: PurseId,
    buying_until: u32,
}

impl House {
    pub(super) fn new(world: &mut World) -> Self {
        let actor = world.actor(ActorKind::Gambling, "Kismet Dice".to_owned(), "");
        let habits = Habits { reuses: true, oldest_first: false, ..Habits::SERVICE };
        let purse = world.purse(actor, Kind::P2pkh, habits);
        let key = world.key(purse, Role::Bets);
        world.purses[purse.index()].main = Some(key);
        Self { actor, key, purse, buying_until: 0 }
    }
}

impl Economy {
    /// Pays a bet of `value` out where it wins; refills the bank from an exchange, or empties it there.
    pub(super) fn answer_bet(&mut self, user: usize, value: u64) {
        let House { actor, key, purse, buying_until } = self.house;
        if self.world.dice.chance(480) {
            let to = self.address_of(user);
            self.world.pay(purse, &[Pay { to, value: value * 195 / 100 }]);
        }
        let balance = self.world[purse].balance();
        if balance < self.world.sats(100_000) && self.world.clock.height > buying_until {
            let value = self.world.sats(500_000).min(self.exchanges[3].free(&self.world) / 50);
            if self.withdraw(3, key, value) {
                self.house.buying_until = self.world.clock.height + 8;
            }
        } else if balance > self.world.sats(2_000_000) || self.world[purse].len() > 150 {
            let to = self.deposit_key(3, actor, Watch::NONE);
            self.world.pay(purse, &[Pay { to, value: balance / 2 }]);
        }
    }
}
