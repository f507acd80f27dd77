//! People: they buy, pay each other and shops, save, gamble, give, mix, and now and then buy what they should not.

use super::Economy;
use crate::{
    blocks::{Kind, Style},
    world::{ActorKind, Habits, KeyId, Pay, PurseId, Role, Watch, World},
};

/// A person with a wallet and an account at an exchange.
#[derive(Clone, Copy)]
pub(crate) struct User {
    /// The wallet.
    pub(crate) purse: PurseId,
    /// The exchange.
    pub(crate) home: u8,
    tastes: u8,
    deposit: Option<KeyId>,
}

const GAMBLES: u8 = 1;
const MIXES: u8 = 2;
const FORBIDDEN: u8 = 4;
const CAREFUL: u8 = 8;
const RICH: u8 = 16;

/// What shops ask, in US cents.
const PRICE_POINTS: [u64; 10] = [999, 1499, 1999, 2999, 4900, 4999, 7900, 9900, 14_900, 29_900];

/// What somebody's software makes transactions look like, by the highest three of `bits`.
const fn style(bits: u64) -> Style {
    match bits >> 62 {
        0 => Style { version: 1, sequence: 0xff, locks_height: false },
        1 => Style { version: 2, sequence: 0xfe, locks_height: true },
        _ => Style { version: 2, sequence: 0xfd, locks_height: bits >> 61 & 1 == 1 },
    }
}

impl User {
    pub(super) fn all(world: &mut World, txs: u32, exchanges: usize) -> Vec<Self> {
        const KINDS: [Kind; 7] = [
            Kind::P2pkh,
            Kind::P2shP2wpkh,
            Kind::P2wpkh,
            Kind::P2tr,
            Kind::P2shMultisig,
            Kind::P2wshMultisig,
            Kind::P2pkh,
        ];
        let count = 300 + txs / 25;
        (0..count)
            .map(|_| {
                let actor = world.actor(ActorKind::Person, None, "");
                let kind = KINDS[world.dice.weighted(&[240, 290, 340, 45, 35, 15, 35])];
                let bits = world.dice.any();
                let chance = |shift: u32, permille: u64| ((bits >> shift) & 1023) * 1000 / 1024 < permille;
                let habits = Habits {
                    reuses: chance(0, 220),
                    change_last: chance(10, 250),
                    mirrors: chance(44, 100) && !chance(0, 220),
                    asks_rbf: chance(48, 80),
                    oldest_first: chance(20, 650),
                    style: style(bits),
                };
                let purse = world.purse(actor, kind, habits);
                let single = matches!(kind, Kind::P2pkh | Kind::P2wpkh | Kind::P2shP2wpkh);
                if habits.reuses && single && chance(55, 200) {
                    let main = world.key(purse, Role::Receive);
                    let other = if kind == Kind::P2pkh { Kind::P2wpkh } else { Kind::P2pkh };
                    world.purses[purse.index()].main = Some(main);
                    world.purses[purse.index()].twin = Some(world.keys.add_twin(main, other));
                }
                let tastes =
                    [(30, 90, GAMBLES), (35, 120, MIXES), (40, 35, FORBIDDEN), (45, 40, CAREFUL), (50, 40, RICH)]
                        .into_iter()
                        .filter(|(shift, permille, _)| chance(*shift, *permille))
                        .fold(0, |all, (_, _, taste)| all | taste);
                let home = world.dice.index(exchanges) as u8;
                Self { purse, home, tastes, deposit: None }
            })
            .collect()
    }
}

impl Economy {
    /// Lets people act until the block has as many transactions as wanted, or nobody can.
    pub(super) fn people(&mut self, wanted: usize) {
        let mut tries = 60 + 8 * wanted.saturating_sub(self.world.block_len());
        while self.world.block_len() < wanted && tries > 0 && self.world.open() {
            tries -= 1;
            let user = self.someone();
            self.act(user);
        }
    }

    /// Anybody, the active ones more often: the smaller of two draws.
    pub(crate) fn someone(&mut self) -> usize {
        let count = self.users.len();
        self.world.dice.index(count).min(self.world.dice.index(count))
    }

    /// Somebody who could spend so much and more, if one is found in a few tries.
    pub(crate) fn someone_with(&mut self, value: u64) -> Option<usize> {
        (0..40).find_map(|_| {
            let user = self.someone();
            (self.world[self.users[user].purse].balance() > value + value / 2 + 40_000).then_some(user)
        })
    }

    /// Pays a key from somebody's wallet.
    pub(crate) fn pay_from(&mut self, user: usize, to: KeyId, value: u64) -> bool {
        self.world.pay(self.users[user].purse, &[Pay { to, value }]).is_some()
    }

    /// Where somebody takes a payment.
    pub(crate) fn address_of(&mut self, user: usize) -> KeyId {
        self.world.receive(self.users[user].purse, Role::Receive)
    }

    /// Somebody's own deposit address at their exchange: mostly the same one again.
    pub(crate) fn own_deposit(&mut self, user: usize) -> KeyId {
        let User { purse, home, deposit, .. } = self.users[user];
        if let Some(key) = deposit
            && !self.world.dice.chance(120)
        {
            return key;
        }
        let actor = self.world[purse].actor;
        let key = self.deposit_key(usize::from(home), actor, Watch::NONE);
        self.users[user].deposit = Some(key);
        key
    }

    fn act(&mut self, user: usize) {
        let User { purse, tastes, .. } = self.users[user];
        self.migrate(purse);
        let balance = self.world[purse].balance();
        let fee = self.world.fee_of(Kind::P2pkh, 2, 2);
        if balance < self.world.sats(1500) + 3 * fee {
            return self.buy(user);
        }
        let roll = self.world.dice.below(1000);
        match roll {
            0..300 => self.pay_somebody(user, balance),
            300..490 => self.sell(user, balance),
            490..650 => self.shop(user),
            650..760 => self.buy(user),
            760..830 if tastes & GAMBLES != 0 => self.bet(user, balance),
            830..860 if tastes & FORBIDDEN != 0 => self.buy_forbidden(user, balance),
            860..885 if tastes & MIXES != 0 => self.enter_mix(user, balance),
            885..900 => self.give(user, balance),
            900..925 => self.redeem_coupon(user),
            925..950 if self.world[purse].len() >= 4 => {
                let key = self.world.receive(purse, Role::Receive);
                self.world.sweep(purse, 30, key);
            }
            950..965 => {
                let len = self.world.dice.pick(&[20, 32, 40, 80]);
                self.world.pay(purse, &[Pay { to: KeyId::data(len), value: 0 }]);
            }
            965..975 if tastes & CAREFUL != 0 => {
                let key = self.world.key_of_kind(purse, Role::Vault, Kind::BareMultisig);
                self.world.pay(purse, &[Pay { to: key, value: balance / 2 }]);
            }
            _ => self.pay_somebody(user, balance),
        }
    }

    /// Now and then somebody changes to other software, which may use another script for what comes from now on.
    fn migrate(&mut self, purse: PurseId) {
        if self.world[purse].habits.reuses || !self.world.dice.chance(4) {
            return;
        }
        let bits = self.world.dice.any();
        let purse = &mut self.world.purses[purse.index()];
        purse.habits.style = style(bits);
        if bits & 1 == 0 && matches!(purse.kind, Kind::P2pkh | Kind::P2shP2wpkh | Kind::P2wpkh) {
            purse.kind = if purse.kind == Kind::P2wpkh { Kind::P2tr } else { Kind::P2wpkh };
        }
    }

    /// Buys from the exchange; the coins come with one of its next withdrawals.
    fn buy(&mut self, user: usize) {
        let User { purse, home, tastes, .. } = self.users[user];
        // the less is for sale, the less one gets
        let share = self.exchange_share();
        let median = if tastes & RICH != 0 { 300_000 } else { 20_000 } * share.min(500) / 500;
        let value = {
            let cents = self.world.dice.bell(median, 5);
            self.world.sats(cents)
        };
        if share < 60 || !self.world.dice.chance(share * 3) {
            return;
        }
        let to = self.world.receive(purse, Role::Receive);
        self.withdraw(usize::from(home), to, value);
    }

    fn spend_at_most(&mut self, balance: u64, cents: u64) -> u64 {
        self.world.sats(cents).min(balance * 6 / 10).max(3000)
    }

    fn pay_somebody(&mut self, user: usize, balance: u64) {
        let other = self.someone();
        let cents = self.world.dice.bell(3500, 7);
        let value = {
            let value = self.spend_at_most(balance, cents);
            // many think in bitcoin rather than in money
            let unit = self.world.dice.pick(&[1, 1, 100_000, 1_000_000]);
            if value >= unit { value / unit * unit } else { value }
        };
        if other != user {
            let to = self.address_of(other);
            self.pay_from(user, to, value);
        }
    }

    fn sell(&mut self, user: usize, balance: u64) {
        let share = self.world.dice.range(20, 95);
        let to = self.own_deposit(user);
        if self.world.dice.chance(400) {
            self.world.sweep(self.users[user].purse, 60, to);
        } else {
            self.pay_from(user, to, (balance / 100 * share).max(3000));
        }
    }

    fn shop(&mut self, user: usize) {
        let cents = self.world.dice.pick(&PRICE_POINTS);
        let value = self.world.sats(cents);
        if self.world[self.users[user].purse].balance() > value + value / 10 {
            let to = self.invoice();
            self.pay_from(user, to, value);
        }
    }

    fn bet(&mut self, user: usize, balance: u64) {
        let cents = self.world.dice.bell(800, 5);
        let value = self.spend_at_most(balance, cents);
        let house = self.house.key;
        if self.pay_from(user, house, value) {
            self.answer_bet(user, value);
        }
    }

    fn buy_forbidden(&mut self, user: usize, balance: u64) {
        let cents = self.world.dice.bell(12_000, 5);
        let value = self.spend_at_most(balance, cents);
        let customer = self.world[self.users[user].purse].actor;
        let to = self.market_order(customer, Watch::NONE);
        self.pay_from(user, to, value);
    }

    fn give(&mut self, user: usize, balance: u64) {
        let cents = self.world.dice.bell(3000, 4);
        let value = self.spend_at_most(balance, cents);
        let which = self.world.dice.index(self.charities.len());
        let to = self.charities[which].key;
        self.pay_from(user, to, value);
    }

    fn redeem_coupon(&mut self, user: usize) {
        let euros = self.world.dice.pick(&[10, 15, 20, 25, 50, 50, 100, 150]);
        let to = self.address_of(user);
        self.redeem(to, euros * 100);
    }
}
