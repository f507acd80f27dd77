//! A facilitator: many small deposits and withdrawals, and among them a linked group's (row 9).
//!
//! Only the linked group's part is terrorist financing; the truth keeps it apart from the total. The look-alike is a
//! trading desk without such a customer.

use super::{Script, Setup};
use crate::{
    agents::{Economy, Event},
    dice::Dice,
    world::{ActorKind, DAY, HOUR, KeyId, Pay, PurseId, Role},
};

struct Facilitator {
    dice: Dice,
    desk: PurseId,
    /// Addresses that customers pay to; empty for a fresh one each.
    counters: Vec<KeyId>,
    median_cents: u64,
    /// The linked group's wallet.
    cell: Option<PurseId>,
}

const DEPOSIT: u32 = 0;
const WITHDRAW: u32 = 1;
const FUND: u32 = 2;
const LINKED_IN: u32 = 3;
const LINKED_OUT: u32 = 4;

pub(super) fn plan(mut setup: Setup<'_>) {
    let (actor, index, kind) = (setup.actor, setup.index, setup.script_kind());
    let desk = setup.purse(actor, kind);
    let monthly = setup.draw("deposits_a_month", 60, 170);
    let ratio = setup.draw("withdrawals_per_1000_deposits", 500, 1600);
    let months = setup.draw("months", 1, 2);
    let counters = setup.draw("addresses", 0, 5);
    let counters: Vec<KeyId> = (0..counters).map(|_| setup.economy.world.key(desk, Role::Receive)).collect();
    let median_cents = setup.draw("median_usd_cents", 6000, 30_000);
    let span = u64::from(DAY) * 30 * months;
    let plan = |setup: &mut Setup<'_>, count: u64, step: u32, from: u64, to: u64| {
        for _ in 0..count {
            let time = setup.start + setup.dice.range(from, to) as u32;
            setup.economy.agenda.at(time, Event::Campaign { index, step });
        }
    };
    plan(&mut setup, monthly * months, DEPOSIT, 0, span);
    plan(&mut setup, monthly * months * ratio / 1000, WITHDRAW, u64::from(DAY), span + u64::from(DAY));
    let mut published = counters.first().copied().into_iter().collect::<Vec<_>>();
    let mut cell = None;
    if setup.decoy {
        setup.economy.campaigns[index].story = "A trading desk: many customers in and out, none of them linked.".into();
    } else {
        let linked = setup.economy.world.actor(ActorKind::Campaign, format!("campaign {index} linked group"), "");
        let purse = setup.purse(linked, kind);
        // the group's address is the one that documents name
        published = vec![setup.economy.world.key(purse, Role::Receive)];
        setup.economy.world.purses[purse.index()].main = published.first().copied();
        setup.economy.world.purses[purse.index()].habits.reuses = true;
        cell = Some(purse);
        let (deposits, payouts) = (setup.draw("linked_deposits", 2, 9), setup.draw("linked_withdrawals", 0, 5));
        plan(&mut setup, 1, FUND, 0, u64::from(HOUR));
        plan(&mut setup, deposits, LINKED_IN, 4 * u64::from(DAY), span);
        plan(&mut setup, payouts, LINKED_OUT, 6 * u64::from(DAY), span);
        setup.economy.campaigns[index].story =
            "A money changer serves a listed group among many ordinary customers; only the group's part is linked."
                .into();
        setup.economy.campaigns[index].linked = Some(linked);
    }
    setup.economy.campaigns[index].published = published;
    let dice = Dice::new(setup.dice.any(), "facilitator");
    setup.economy.scripts[index] = Some(Box::new(Facilitator { dice, desk, counters, median_cents, cell }));
}

impl Facilitator {
    fn counter(&mut self, economy: &mut Economy) -> KeyId {
        if self.counters.is_empty() {
            economy.world.key(self.desk, Role::Receive)
        } else {
            self.dice.pick(&self.counters)
        }
    }

    fn amount(&mut self, economy: &Economy) -> u64 {
        economy.world.sats(self.dice.bell(self.median_cents, 3)).max(5000)
    }

    /// What the desk can pay out now, at most half of what it has.
    fn payable(&mut self, economy: &Economy) -> Option<u64> {
        let value = self.amount(economy).min(economy.world[self.desk].balance() / 2);
        (value > 5000).then_some(value)
    }
}

impl Script for Facilitator {
    fn step(&mut self, economy: &mut Economy, step: u32) {
        match (step, self.cell) {
            (DEPOSIT, _) => {
                let (to, value) = (self.counter(economy), self.amount(economy));
                let exchange = self.dice.index(economy.exchanges.len());
                match economy.someone_with(value) {
                    Some(user) => economy.pay_from(user, to, value),
                    None => economy.withdraw(exchange, to, value),
                };
            }
            (WITHDRAW, _) => {
                let user = economy.someone();
                let to = economy.address_of(user);
                if let Some(value) = self.payable(economy) {
                    economy.world.pay(self.desk, &[Pay { to, value }]);
                }
            }
            (FUND, Some(cell)) => {
                let to = economy.world.receive(cell, Role::Receive);
                let value = economy.world.sats(self.dice.octaves(150_000, 900_000));
                economy.withdraw(self.dice.index(2), to, value);
            }
            (LINKED_IN, Some(cell)) => {
                let to = economy.world.key(self.desk, Role::Linked);
                let value = (self.amount(economy) * 2).min(economy.world[cell].balance() / 2);
                if value > 5000 {
                    economy.world.pay(cell, &[Pay { to, value }]);
                }
            }
            (LINKED_OUT, Some(cell)) => {
                let to = economy.world.receive(cell, Role::Receive);
                if let Some(value) = self.payable(economy) {
                    economy.world.pay(self.desk, &[Pay { to, value }]);
                }
            }
            _ => {}
        }
    }
}
