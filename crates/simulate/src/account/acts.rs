//! What people do, block by block.

use super::cast::{Cast, Funder};
use super::rows::{COIN, DOLLAR, TAXED, USD};
use super::story::Story;
use super::{AccountWorld, AccountWorldSettings};
use crate::dice::Dice;
use athar_types::account::EventKind;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// Something that was begun and goes on later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Due {
    Sweep { address: u32, exchange: usize, asset: usize },
    Forward { ring: usize, mule: usize },
    Story { act: usize, tries: u32 },
}

pub(super) struct Acts {
    pub(super) cast: Cast,
    pub(super) dice: Dice,
    pub(super) due: BinaryHeap<Reverse<(u32, Due)>>,
    pub(super) sweeping: BTreeSet<(u32, usize)>,
    pub(super) deposit_of: BTreeMap<u32, usize>,
    /// Payments that somebody may imitate: payer and payee.
    pub(super) recent: Vec<(u32, u32)>,
    pub(super) story: Option<Story>,
}

impl Acts {
    pub(super) fn new(seed: u64, cast: Cast) -> Self {
        Self {
            cast,
            dice: Dice::new(seed, "accounts/acts"),
            due: BinaryHeap::new(),
            sweeping: BTreeSet::new(),
            deposit_of: BTreeMap::new(),
            recent: Vec::new(),
            story: None,
        }
    }

    pub(super) fn run(mut self, settings: &AccountWorldSettings) -> AccountWorld {
        let acts = u64::from(settings.acts);
        let days = settings.story.map_or(0, |story| story.days);
        let end = settings.start.0 + days * 86_400;
        let mut block = 0u32;
        while self.cast.rows.transfers < settings.transfers || self.cast.rows.now() < end {
            while let Some(Reverse((at, due))) = self.due.peek().copied() {
                if at > self.cast.rows.now() {
                    break;
                }
                self.due.pop();
                match due {
                    Due::Sweep { address, exchange, asset } => self.sweep(exchange, address, asset),
                    Due::Forward { ring, mule } => self.mule_forwards(ring, mule),
                    Due::Story { act, tries } => self.story_act(act, tries),
                }
            }
            for _ in 0..self.dice.range(acts / 2, acts + acts / 2) {
                self.act();
            }
            if block % 48 == 47 {
                self.refill();
            }
            block += 1;
            self.cast.rows.next_block();
        }
        let labels = self.finish_story();
        let rows = self.cast.rows;
        AccountWorld {
            labels,
            params: rows.params,
            dollar: rows.bytes(rows.tokens[DOLLAR]),
            blocks: rows.blocks,
            truth: rows.truth,
        }
    }

    fn act(&mut self) {
        let person = self.dice.index(self.cast.people.len());
        match self.dice.weighted(&[260, 260, 110, 90, 60, 25, 30, 25, 60, 3, 4, 10, 10]) {
            0 => self.takes_out(person),
            1 => self.deposits(person),
            2 => self.moves_own(person),
            3 => self.pays_friend(person),
            4 => self.pays_shop(person),
            5 => self.donates(person),
            6 => self.swaps(person),
            7 => self.bets(person),
            8 => self.mule_receives(),
            9 => self.airdrop(),
            10 => self.dust(),
            11 => self.poison(),
            _ => self.buys_coupon(person),
        }
    }

    /// An account of a person, and its rank.
    fn own(&mut self, person: usize) -> (usize, u32) {
        let accounts = &self.cast.people[person].accounts;
        let rank = self.dice.index(accounts.len());
        (rank, accounts[rank])
    }

    fn exchange_of(&mut self, person: usize) -> usize {
        let exchanges = &self.cast.people[person].exchanges;
        // the first one is the usual one
        if self.dice.chance(700) { exchanges[0] } else { exchanges[self.dice.index(exchanges.len())] }
    }

    fn asset(&mut self) -> usize {
        [DOLLAR, COIN, TAXED][self.dice.weighted(&[80, 15, 5])]
    }

    fn amount(&mut self, asset: usize) -> u128 {
        let dollars = u128::from(self.dice.bell(300, 6));
        // exchanges know cents, people like round numbers
        let cents =
            if self.dice.chance(500) { dollars / 10 * 1_000 } else { dollars * 100 + u128::from(self.dice.below(100)) };
        let cents = cents.max(1_000);
        match asset {
            COIN if self.cast.rows.is_tron() => self.cast.rows.coin(cents * 100),
            COIN => self.cast.rows.coin(cents) / 2_500,
            _ => cents * USD / 100,
        }
    }

    fn takes_out(&mut self, person: usize) {
        let (_, to) = self.own(person);
        let (exchange, asset) = (self.exchange_of(person), self.asset());
        let mut amount = self.amount(asset);
        let friend = self.dice.index(self.cast.people[person].friends.len().max(1));
        let friend = self.cast.people[person].friends.get(friend).copied();
        match friend {
            // straight to somebody else's account, or to somebody's deposit address at another service
            Some(friend) if self.dice.chance(60) => {
                let to = self.own(friend).1;
                self.withdraw(exchange, to, asset, amount);
            }
            _ if self.dice.chance(80) => {
                let other = self.exchange_of(person);
                if other != exchange {
                    let customer = self.cast.people[person].actor;
                    let address = self.deposit_address(other, customer);
                    self.withdraw(exchange, address, asset, amount);
                    self.expect_sweep(other, address, asset);
                }
            }
            _ => {
                if self.dice.chance(100) {
                    amount *= 10;
                }
                self.withdraw(exchange, to, asset, amount);
            }
        }
    }

    fn deposits(&mut self, person: usize) {
        let (_, from) = self.own(person);
        let asset = self.asset();
        let who = self.cast.people[person].pays_in_at.unwrap_or(person);
        // now and then a debt is paid where the other one wants it
        let friends = self.cast.people[person].friends.len();
        let who = if self.dice.chance(12) && friends > 0 {
            self.cast.people[person].friends[self.dice.index(friends)]
        } else {
            who
        };
        let exchange = self.exchange_of(who);
        let customer = self.cast.people[who].actor;
        if let Some(amount) = self.part_of(from, asset) {
            self.pay_in(from, exchange, customer, asset, amount);
        }
    }

    /// Some or all of what an account holds, less what a fee would take.
    fn part_of(&mut self, account: u32, asset: usize) -> Option<u128> {
        let rows = &self.cast.rows;
        let held = rows.balance(account, asset);
        let held = if asset == COIN { held.saturating_sub(rows.fee(COIN) + rows.fee(DOLLAR) * 4) } else { held };
        let least = if asset == COIN { rows.coin(1) } else { USD };
        if held < least {
            return None;
        }
        Some(match self.dice.below(100) {
            0..35 => held,
            35..60 => held / 2,
            _ => self.amount(asset).min(held),
        })
    }

    /// A payment by somebody who sees to it that the fee can be paid.
    pub(super) fn pay(&mut self, from: u32, to: u32, asset: usize, amount: u128) -> bool {
        self.fund(from, asset);
        let paid = self.cast.rows.pay(from, to, asset, amount);
        if paid {
            self.recent.push((from, to));
            if self.recent.len() > 200 {
                self.recent.drain(..100);
            }
        }
        paid
    }

    /// Sees to it that a person's account can pay a fee.
    fn fund(&mut self, account: u32, asset: usize) {
        let fee = self.cast.rows.fee(asset).max(self.cast.rows.fee(DOLLAR));
        if self.cast.rows.balance(account, COIN) >= fee {
            return;
        }
        let truth = self.cast.rows.truth.accounts[account as usize];
        // people's actors ascend, with mules' between them
        let Ok(person) = self.cast.people.binary_search_by_key(&truth.actor, |p| p.actor) else { return };
        let p = &self.cast.people[person];
        let Some(rank) = p.accounts.iter().position(|a| *a == account) else { return };
        let (exchange, main) = (p.exchanges[0], p.accounts[0]);
        let friend = p.friends.first().map(|f| self.cast.people[*f].accounts[0]);
        let amount = fee * u128::from(self.dice.range(2, 8));
        let from = match p.funders[rank] {
            Funder::Own => Some(main),
            Funder::Friend => friend,
            Funder::Exchange => None,
        };
        let funded = from.is_some_and(|from| self.cast.rows.pay(from, account, COIN, amount));
        if !funded {
            self.withdraw(exchange, account, COIN, amount);
        }
    }

    fn moves_own(&mut self, person: usize) {
        let ((_, from), (_, to), asset) = (self.own(person), self.own(person), self.asset());
        if let Some(amount) = self.part_of(from, asset).filter(|_| from != to) {
            self.pay(from, to, asset, amount);
        }
    }

    /// To a person, where that person likes to be paid.
    fn pay_person(&mut self, from: u32, to: usize, asset: usize, amount: u128) {
        if self.cast.people[to].is_paid_at_deposit {
            let (exchange, customer) = (self.cast.people[to].exchanges[0], self.cast.people[to].actor);
            self.pay_in(from, exchange, customer, asset, amount);
        } else {
            let (_, to) = self.own(to);
            self.pay(from, to, asset, amount);
        }
    }

    fn pays_friend(&mut self, person: usize) {
        let ((_, from), asset) = (self.own(person), self.asset());
        let friends = self.cast.people[person].friends.len();
        if friends == 0 {
            return;
        }
        let friend = self.cast.people[person].friends[self.dice.index(friends)];
        if let Some(amount) = self.part_of(from, asset) {
            self.pay_person(from, friend, asset, amount);
        }
    }

    fn pays_shop(&mut self, person: usize) {
        if self.cast.shops.is_empty() {
            return;
        }
        let shop = self.cast.shops[self.dice.index(self.cast.shops.len())];
        let (_, from) = self.own(person);
        let amount = u128::from(self.dice.bell(40, 4)) * USD;
        if shop != person && self.cast.rows.balance(from, DOLLAR) >= amount {
            self.pay_person(from, shop, DOLLAR, amount);
        }
    }

    fn donates(&mut self, person: usize) {
        if self.cast.campaigns.is_empty() {
            return;
        }
        let campaign = self.cast.campaigns[self.dice.index(self.cast.campaigns.len())];
        let ((_, from), (_, to)) = (self.own(person), self.own(campaign));
        let held = self.cast.rows.balance(from, DOLLAR);
        // some give all that was left there
        let amount = if self.dice.chance(200) { held } else { held.min(u128::from(self.dice.range(5, 200)) * USD) };
        if campaign != person {
            self.pay(from, to, DOLLAR, amount);
        }
    }

    fn buys_coupon(&mut self, person: usize) {
        let ((_, from), (_, to)) = (self.own(person), self.own(self.cast.coupons));
        let amount = u128::from(self.dice.pick(&[25u64, 50, 100])) * USD;
        if person != self.cast.coupons {
            self.pay(from, to, DOLLAR, amount);
        }
    }

    fn bets(&mut self, person: usize) {
        let (_, from) = self.own(person);
        let site = self.cast.site;
        let held = self.cast.rows.balance(from, DOLLAR);
        let stake = if self.dice.chance(500) { held } else { held / 3 };
        if self.pay(from, site, DOLLAR, stake) && self.dice.chance(300) {
            self.cast.rows.pay(site, from, DOLLAR, stake * 2);
        }
    }

    fn swaps(&mut self, person: usize) {
        let (_, from) = self.own(person);
        let pool = self.cast.pool;
        let dollars = self.cast.rows.balance(from, DOLLAR) / 2;
        if dollars < 10 * USD {
            return;
        }
        self.fund(from, DOLLAR);
        let rows = &mut self.cast.rows;
        let coins = if rows.is_tron() { dollars * 10 } else { rows.coin(dollars / USD) / 2_500 };
        if rows.balance(pool, COIN) < coins {
            return;
        }
        if let Some(tx) = rows.tx(from, Some(pool), rows.fee(DOLLAR), None) {
            rows.moved(tx, from, pool, DOLLAR, dollars);
            rows.moved(tx, pool, from, COIN, coins);
            let pool = rows.bytes(pool);
            rows.event(tx, EventKind::Swap { pool });
        }
    }
}
