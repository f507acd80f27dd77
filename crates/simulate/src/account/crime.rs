//! What nobody asked for, and those who are used.

use super::acts::{Acts, Due};
use super::rows::{COIN, DOLLAR, GIFT, USD};
use std::cmp::Reverse;

impl Acts {
    fn strangers(&mut self, count: u64) -> Vec<u32> {
        let accounts = self.cast.rows.truth.accounts.len();
        (0..count).map(|_| self.dice.index(accounts) as u32).collect()
    }

    /// A token is given to many, deposit addresses and services among them.
    pub(super) fn airdrop(&mut self) {
        let to = self.strangers(30);
        self.cast.rows.scatter(self.cast.airdropper, GIFT, 100 * USD, &to);
    }

    /// Almost nothing for many.
    pub(super) fn dust(&mut self) {
        let to = self.strangers(25);
        let amount = u128::from(self.dice.range(1, 900));
        self.cast.rows.scatter(self.cast.duster, DOLLAR, amount, &to);
    }

    /// Look-alikes of whom people paid: transfers of amount zero in the payers' names, and now and then a few cents to the
    /// payee from an account that looks like the payer.
    pub(super) fn poison(&mut self) {
        let count = self.dice.range(1, 6);
        let mut victims = Vec::new();
        for _ in 0..count {
            if self.recent.is_empty() {
                return;
            }
            let (payer, payee) = self.recent[self.dice.index(self.recent.len())];
            let actor = self.cast.rows.truth.accounts[self.cast.poisoner as usize].actor;
            let fake = self.cast.rows.look_alike(actor, payee);
            victims.push((payer, fake));
            if self.dice.chance(300) {
                let fake = self.cast.rows.look_alike(actor, payer);
                let fee = self.cast.rows.fee(DOLLAR);
                let poisoner = self.cast.poisoner;
                self.cast.rows.pay(poisoner, fake, COIN, fee * 3);
                self.cast.rows.pay(poisoner, fake, DOLLAR, USD / 5);
                for _ in 0..2 {
                    self.cast.rows.pay(fake, payee, DOLLAR, USD / 20);
                }
            }
        }
        self.cast.rows.poison(self.cast.poisoner, &victims);
    }

    /// Somebody who was deceived pays a mule.
    pub(super) fn mule_receives(&mut self) {
        if self.cast.rings.is_empty() {
            return;
        }
        let ring = self.dice.index(self.cast.rings.len());
        let mule = self.dice.index(self.cast.rings[ring].mules.len());
        let victim = self.dice.index(self.cast.people.len());
        let victim = &self.cast.people[victim];
        let from = victim.accounts[self.dice.index(victim.accounts.len())];
        let held = self.cast.rows.balance(from, DOLLAR);
        let amount = held.min(u128::from(self.dice.bell(500, 3)) * USD);
        let to = self.cast.rings[ring].mules[mule];
        if self.pay(from, to, DOLLAR, amount) {
            let at = self.cast.rows.now() + self.dice.range(600, 40_000) as u32;
            self.due.push(Reverse((at, Due::Forward { ring, mule })));
        }
    }

    /// A mule passes all on to the boss, who pays for the gas, and who takes it to a service.
    pub(super) fn mule_forwards(&mut self, ring: usize, mule: usize) {
        let ring = &self.cast.rings[ring];
        let (boss, boss_person, mule) = (ring.boss, ring.boss_person, ring.mules[mule]);
        let fee = self.cast.rows.fee(DOLLAR);
        if self.cast.rows.balance(mule, COIN) < fee {
            let exchange = self.cast.people[boss_person].exchanges[0];
            if self.cast.rows.balance(boss, COIN) < fee * 5 {
                self.withdraw(exchange, boss, COIN, fee * 50);
            }
            self.cast.rows.pay(boss, mule, COIN, fee * 2);
        }
        let held = self.cast.rows.balance(mule, DOLLAR);
        self.pay(mule, boss, DOLLAR, held);
        if self.dice.chance(300) {
            let (exchange, customer) =
                (self.cast.people[boss_person].exchanges[0], self.cast.people[boss_person].actor);
            let held = self.cast.rows.balance(boss, DOLLAR);
            self.pay_in(boss, exchange, customer, DOLLAR, held);
        }
    }
}
