//! Charities: a published address, and money spent on goods and helpers.

use super::Economy;
use crate::{
    blocks::Kind,
    world::{ActorKind, Habits, KeyId, Pay, PurseId, Role, World},
};

/// A charity.
pub(crate) struct Charity {
    /// Its published address.
    pub(crate) key: KeyId,
    purse: PurseId,
    /// Who is paid for goods and work, as users.
    helpers: [usize; 3],
    spent_at: u32,
}

impl Charity {
    pub(super) fn all(world: &mut World) -> Vec<Self> {
        [
            ("Open Wells Relief", "CH", Kind::P2pkh),
            ("Lantern Aid", "SE", Kind::P2shP2wpkh),
            ("Harbour Kitchens", "GR", Kind::P2wpkh),
        ]
        .map(|(name, country, kind)| {
            let actor = world.actor(ActorKind::Charity, name.to_owned(), country);
            let purse = world.purse(actor, kind, Habits { reuses: true, ..Habits::SERVICE });
            let key = world.key(purse, Role::Receive);
            world.purses[purse.index()].main = Some(key);
            let helpers = [0; 3].map(|_| world.dice.index(300));
            Self { key, purse, helpers, spent_at: 0 }
        })
        .into()
    }
}

impl Economy {
    pub(super) fn tick_charities(&mut self) {
        for index in 0..self.charities.len() {
            let Charity { purse, helpers, spent_at, .. } = self.charities[index];
            let balance = self.world[purse].balance();
            if self.world.clock.time < spent_at + 28 * 86_400 || balance < self.world.sats(30_000) {
                continue;
            }
            self.charities[index].spent_at = self.world.clock.time;
            let helper = self.world.dice.pick(&helpers);
            let pays = [
                Pay { to: self.invoice(), value: balance * 45 / 100 },
                Pay { to: self.address_of(helper), value: balance * 30 / 100 },
            ];
            self.world.pay(purse, &pays);
        }
    }
}
