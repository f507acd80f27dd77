//! A payment processor: a fresh address for every invoice, sweeps, and payouts to shops.

use super::Economy;
use crate::{
    blocks::Kind,
    world::{ActorId, ActorKind, Habits, KeyId, Pay, PurseId, Role, Watch, World},
};

/// The processor.
pub(crate) struct Processor {
    /// The company.
    pub(crate) actor: ActorId,
    /// Paid invoices, not yet swept.
    pub(crate) invoices: PurseId,
    /// Working funds.
    pub(crate) settle: PurseId,
    /// Where sweeps go.
    pub(crate) settle_key: KeyId,
    /// Shops, as users.
    shops: Vec<usize>,
    paid_at: u32,
}

impl Processor {
    pub(super) fn new(world: &mut World, users: usize) -> Self {
        let actor = world.actor(ActorKind::PaymentProcessor, "Plaza Payments".to_owned(), "NL");
        let invoices = world.purse(actor, Kind::P2wpkh, Habits::SERVICE);
        let settle = world.purse(actor, Kind::P2wpkh, Habits { reuses: true, ..Habits::SERVICE });
        let settle_key = world.key(settle, Role::Hot);
        world.purses[settle.index()].main = Some(settle_key);
        let shops = (0..(users / 60).clamp(8, 400)).map(|_| world.dice.index(users)).collect();
        Self { actor, invoices, settle, settle_key, shops, paid_at: 0 }
    }
}

impl Economy {
    /// The address of a new invoice.
    pub(crate) fn invoice(&mut self) -> KeyId {
        self.world.key(self.processor.invoices, Role::Invoice)
    }

    pub(super) fn tick_processor(&mut self) {
        let Processor { actor, invoices, settle, settle_key, paid_at, .. } = self.processor;
        while self.world[invoices].len() >= 15 {
            if self.world.sweep_with(invoices, 50, Some(settle), settle_key).is_none() {
                break;
            }
        }
        let balance = self.world[settle].balance();
        if self.world.clock.time < paid_at + 5 * 86_400 || balance < self.world.sats(50_000) {
            return;
        }
        self.processor.paid_at = self.world.clock.time;
        // shops want bank money mostly: the larger part is sold
        let exchange = self.world.dice.pick(&[1, 4]);
        let mut pays = vec![Pay { to: self.deposit_key(exchange, actor, Watch::NONE), value: balance / 2 }];
        let count = self.world.dice.range(3, 9);
        for _ in 0..count {
            let shop = self.world.dice.pick(&self.processor.shops);
            pays.push(Pay { to: self.address_of(shop), value: balance * 35 / 100 / count });
        }
        self.world.pay(settle, &pays);
    }
}
