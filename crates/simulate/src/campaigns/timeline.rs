//! A campaign as a list of acts with times: what the simpler kinds are made of.
//!
//! An act whose money has not come yet waits for the next blocks. What really happens, and when, the chain says; the truth is
//! measured from it, not from the list.

use super::{Script, Setup};
use crate::{
    agents::{Economy, Event},
    dice::Dice,
    world::{HOUR, KeyId, Pay, PurseId},
};

/// Something to do.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// An exchange pays out so many US cents.
    Withdraw { exchange: usize, to: KeyId, cents: u64 },
    /// Somebody gives: straight from an exchange, from a wallet made for it, or from a wallet in use.
    Give { to: KeyId, cents: u64 },
    /// Somebody with a wallet pays at once.
    PayIn { to: KeyId, cents: u64 },
    /// The same, and in the same block thousandths of what the purse then has go on.
    PassOn { to: KeyId, cents: u64, from: PurseId, onward: KeyId, permille: u64 },
    /// Thousandths of what a purse has go to several keys in equal parts.
    Part { from: PurseId, to: Vec<KeyId>, permille: u64 },
    /// So many US cents.
    Pay { from: PurseId, to: KeyId, cents: u64 },
    /// So many US cents to whomever, in a wallet that takes it.
    PaySomebody { from: PurseId, cents: u64 },
    /// Everything, by shares in thousandths.
    Split { from: PurseId, shares: Vec<(KeyId, u64)> },
    /// Everything.
    All { from: PurseId, to: KeyId },
    /// Everything, with a coin of a second purse: who looks sees that both are one's.
    Beside { from: PurseId, second: PurseId, to: KeyId },
}

/// Blocks that an act waits for its money, unless said otherwise.
const TRIES: u32 = 20;
const PLACE: u32 = (1 << 16) - 1;

/// Acts being planned.
pub(super) struct Timeline {
    index: usize,
    dice: Dice,
    acts: Vec<Act>,
}

impl Timeline {
    /// An empty one of the campaign being set up.
    pub(super) fn new(setup: &mut Setup<'_>) -> Self {
        Self { index: setup.index, dice: Dice::new(setup.dice.any(), "timeline"), acts: Vec::new() }
    }

    /// Plans an act.
    pub(super) fn at(&mut self, setup: &mut Setup<'_>, time: u32, act: Act) {
        self.acts.push(act);
        let step = TRIES << 16 | (self.acts.len() as u32 - 1);
        setup.economy.agenda.at(time, Event::Campaign { index: self.index, step });
    }

    /// Everything is planned.
    pub(super) fn start(self, setup: Setup<'_>) {
        let index = self.index;
        setup.economy.scripts[index] = Some(Box::new(self));
    }

    /// Whether it was done, or is not worth waiting for.
    fn act(&mut self, economy: &mut Economy, act: Act) -> bool {
        match act {
            Act::Withdraw { exchange, to, cents } => {
                let most = economy.exchanges[exchange].free(&economy.world) / 20;
                let value = economy.world.sats(cents).max(5000).min(most);
                economy.withdraw(exchange, to, value)
            }
            Act::Give { to, cents } => {
                self.give(economy, to, cents);
                true
            }
            Act::PayIn { to, cents } => {
                let value = economy.world.sats(cents).max(5000);
                let Some(user) = economy.someone_with(value) else { return false };
                economy.pay_from(user, to, value)
            }
            Act::PassOn { to, cents, from, onward, permille } => {
                let paid = self.act(economy, Act::PayIn { to, cents });
                if paid {
                    self.act(economy, Act::Part { from, to: vec![onward], permille });
                }
                paid
            }
            Act::Part { from, to, permille } => {
                let balance = economy.world[from].balance();
                let fee = economy.world.fee_of(economy.world[from].kind, 3, to.len() as u64 + 1);
                if balance < fee * 2 + 5000 * to.len() as u64 {
                    return false;
                }
                if let ([to], 1000) = (to.as_slice(), permille) {
                    return economy.world.sweep(from, 100, *to).is_some();
                }
                let value = (balance / 1000 * permille).min(balance - fee) / to.len() as u64;
                let pays: Vec<Pay> = to.into_iter().map(|to| Pay { to, value }).collect();
                economy.world.pay(from, &pays).is_some()
            }
            Act::Pay { from, to, cents } => {
                let value = economy.world.sats(cents).max(2000);
                economy.world.pay(from, &[Pay { to, value }]).is_some()
            }
            Act::PaySomebody { from, cents } => {
                let value = economy.world.sats(cents).max(2000);
                let user = economy.someone();
                let to = economy.address_of(user);
                economy.world.pay(from, &[Pay { to, value }]).is_some()
            }
            Act::Split { from, shares } => economy.world.split(from, &shares).is_some(),
            Act::All { from, to } => economy.world.sweep(from, 100, to).is_some(),
            Act::Beside { from, second, to } => economy.world.sweep_with(from, 20, Some(second), to).is_some(),
        }
    }

    fn give(&mut self, economy: &mut Economy, to: KeyId, cents: u64) {
        let value = economy.world.sats(cents).max(5000);
        let exchange = self.dice.index(economy.exchanges.len());
        match self.dice.below(1000) {
            0..450 => {
                economy.withdraw(exchange, to, value);
            }
            450..800 => {
                let (purse, own) = economy.single_use(&mut self.dice);
                let fee = economy.world.fee_of(economy.world[purse].kind, 1, 1);
                if economy.withdraw(exchange, own, value + fee) {
                    let time = economy.world.clock.time + self.dice.range(1, 30) as u32 * HOUR;
                    economy.agenda.at(time, Event::SendAll { from: purse, to, tries: 40 });
                }
            }
            _ => match economy.someone_with(value) {
                Some(user) => {
                    economy.pay_from(user, to, value);
                }
                None => {
                    economy.withdraw(exchange, to, value);
                }
            },
        }
    }
}

impl Script for Timeline {
    fn step(&mut self, economy: &mut Economy, step: u32) {
        let (tries, place) = (step >> 16, step & PLACE);
        let Some(act) = self.acts.get(place as usize).cloned() else { return };
        if !self.act(economy, act) && tries > 0 {
            let step = (tries - 1) << 16 | place;
            economy.agenda.at(economy.world.clock.time + 1, Event::Campaign { index: self.index, step });
        }
    }
}
