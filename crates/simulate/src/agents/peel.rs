//! Peel chains: one coin, again and again split into a small payment and a large remainder, until an exit.

use super::{Economy, Event};
use crate::world::{ActorId, HOUR, KeyId, Pay, PurseId, Role, Watch};

/// Who gets what is peeled off.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PeelTo {
    /// Anybody with a wallet.
    People,
    /// A customer's account at an exchange.
    Deposit {
        /// The exchange.
        exchange: usize,
        /// The customer.
        customer: ActorId,
        /// Whose log notes it.
        watch: Watch,
    },
    /// One and the other by turns.
    Both {
        /// The exchange.
        exchange: usize,
        /// The customer.
        customer: ActorId,
        /// Whose log notes it.
        watch: Watch,
    },
}

/// A peel chain on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peel {
    /// Holds the one coin.
    pub(crate) purse: PurseId,
    /// Hops still to take before the exit.
    pub(crate) hops: u8,
    /// Thousandths that stay at each hop, least and most.
    pub(crate) keep: (u64, u64),
    /// Hours between hops, least and most.
    pub(crate) hours: (u64, u64),
    /// Who gets the peeled part.
    pub(crate) to: PeelTo,
    /// Where the rest goes in the end.
    pub(crate) exit: KeyId,
}

impl Economy {
    /// Starts a chain at a time; the coin may arrive later.
    pub(crate) fn start_peel(&mut self, time: u32, peel: Peel) {
        let index = self.peels.len();
        self.peels.push(peel);
        self.agenda.at(time, Event::Peel { index, tries: 60 });
    }

    pub(super) fn peel(&mut self, index: usize, tries: u8) {
        let Peel { purse, hops, keep, hours, to, exit } = self.peels[index];
        let now = self.world.clock.time;
        let kind = self.world[purse].kind;
        let fee = self.world.fee_of(kind, 1, 2);
        let ready = self.world.open() && self.world[purse].len() > 0;
        let value = self.world[purse].coins().next().map_or(0, |c| c.value);
        if !ready {
            if tries > 0 {
                self.agenda.at(now + 1, Event::Peel { index, tries: tries - 1 });
            }
            return;
        }
        let kept = self.world.dice.range(keep.0, keep.1);
        let off = value / 1000 * (1000 - kept);
        if hops == 0 || off < 3000 || value < off + fee + 3000 {
            self.world.sweep(purse, 100, exit);
            return;
        }
        let Some(coin) = self.world.purses[purse.index()].take_oldest() else { return };
        let payee = match to {
            PeelTo::Deposit { exchange, customer, watch } => self.deposit_key(exchange, customer, watch),
            PeelTo::Both { exchange, customer, watch } if hops % 2 == 0 => self.deposit_key(exchange, customer, watch),
            PeelTo::People | PeelTo::Both { .. } => {
                let user = self.someone();
                self.address_of(user)
            }
        };
        let rest = self.world.key(purse, Role::Peel);
        let mut outs = [Pay { to: payee, value: off }, Pay { to: rest, value: value - off - fee }];
        if self.world.dice.chance(500) {
            outs.swap(0, 1);
        }
        let style = self.world[purse].habits.style;
        self.world.commit(&[coin], &outs, style);
        self.peels[index].hops = hops - 1;
        let wait = self.world.dice.range(hours.0, hours.1) as u32 * HOUR;
        self.agenda.at(now + wait.max(1), Event::Peel { index, tries: 60 });
    }
}
