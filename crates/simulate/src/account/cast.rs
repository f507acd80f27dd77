//! Who takes part, and what belongs to whom at the beginning.

use super::rows::{COIN, DOLLAR, GIFT, Rows, TAXED, USD};
use super::{AccountActor, AccountRole, AccountWorldSettings};
use crate::dice::Dice;
use std::collections::BTreeMap;

pub(super) struct Exchange {
    pub(super) actor: u32,
    /// Takes what is swept; the hot wallet itself for some.
    pub(super) collector: u32,
    pub(super) hot: u32,
    pub(super) gas: u32,
    /// Median seconds from a deposit to its sweep.
    pub(super) delay: u32,
    /// Whether deposit addresses are contracts.
    pub(super) contracts: bool,
    /// Deposit address by customer.
    pub(super) deposits: BTreeMap<u32, u32>,
}

pub(super) struct Person {
    pub(super) actor: u32,
    pub(super) accounts: Vec<u32>,
    pub(super) exchanges: Vec<usize>,
    /// Persons whom this one pays.
    pub(super) friends: Vec<usize>,
    /// Whose deposit address this one uses for want of an own.
    pub(super) pays_in_at: Option<usize>,
    /// Whether this one is paid at the deposit address.
    pub(super) is_paid_at_deposit: bool,
    /// Who pays the fees of each account: an account of the same rank in `accounts`, or a service.
    pub(super) funders: Vec<Funder>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Funder {
    Exchange,
    Own,
    Friend,
}

pub(super) struct Ring {
    pub(super) boss: u32,
    pub(super) boss_person: usize,
    pub(super) mules: Vec<u32>,
}

pub(super) struct Cast {
    pub(super) rows: Rows,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) people: Vec<Person>,
    /// Shops, sellers of coupons: ranks in `people`, for they live like people, but are paid.
    pub(super) shops: Vec<usize>,
    pub(super) coupons: usize,
    /// Persons behind campaigns; each account of theirs is published.
    pub(super) campaigns: Vec<usize>,
    pub(super) rings: Vec<Ring>,
    pub(super) site: u32,
    pub(super) pool: u32,
    pub(super) issuer: u32,
    pub(super) airdropper: u32,
    pub(super) duster: u32,
    pub(super) poisoner: u32,
}

fn actor(rows: &mut Rows, kind: AccountActor) -> u32 {
    rows.truth.actors.push(kind);
    rows.truth.actors.len() as u32 - 1
}

fn single(rows: &mut Rows, kind: AccountActor, role: AccountRole) -> u32 {
    let actor = actor(rows, kind);
    rows.account(actor, role, None)
}

impl Cast {
    pub(super) fn new(seed: u64, settings: &AccountWorldSettings) -> Self {
        let mut dice = Dice::new(seed, "accounts/cast");
        let mut rows = Rows::new(seed, settings);
        rows.producer = single(&mut rows, AccountActor::Producer, AccountRole::Own);
        let issuer = single(&mut rows, AccountActor::Issuer, AccountRole::Own);
        let issuing = rows.truth.accounts[issuer as usize].actor;
        for asset in [DOLLAR, TAXED, GIFT] {
            rows.tokens[asset] = rows.account(issuing, AccountRole::Contract, None);
        }
        if settings.story.is_some() {
            super::story::place_dollar(&mut rows);
        }
        rows.taxman = rows.account(issuing, AccountRole::Own, None);
        let exchanges =
            (0..4 + settings.people as usize / 2_000).map(|rank| exchange(&mut rows, &mut dice, rank)).collect();
        let pool = single(&mut rows, AccountActor::Pool, AccountRole::Contract);
        let site = single(&mut rows, AccountActor::BettingSite, AccountRole::Own);
        let airdropper = single(&mut rows, AccountActor::Airdropper, AccountRole::Own);
        let duster = single(&mut rows, AccountActor::Duster, AccountRole::Own);
        let poisoner = single(&mut rows, AccountActor::Poisoner, AccountRole::Own);
        let mut cast = Self {
            rows,
            exchanges,
            people: Vec::new(),
            shops: Vec::new(),
            coupons: 0,
            campaigns: Vec::new(),
            rings: Vec::new(),
            site,
            pool,
            issuer,
            airdropper,
            duster,
            poisoner,
        };
        cast.populate(settings.people as usize, &mut dice);
        cast.endow();
        cast
    }

    fn populate(&mut self, people: usize, dice: &mut Dice) {
        for rank in 0..people {
            let kind = match rank {
                0 => AccountActor::CouponSeller,
                _ if rank % 40 == 1 => AccountActor::Shop,
                _ if rank % 60 == 2 => AccountActor::Campaign,
                _ if rank % 120 == 3 => AccountActor::Boss,
                _ => AccountActor::Person,
            };
            let actor = actor(&mut self.rows, kind);
            let count = 1 + dice.weighted(&[40, 30, 20, 10]);
            let accounts = (0..count).map(|_| self.rows.account(actor, AccountRole::Own, None)).collect();
            let mut exchanges = vec![dice.index(self.exchanges.len())];
            let second = dice.index(self.exchanges.len());
            if dice.chance(400) && second != exchanges[0] {
                exchanges.push(second);
            }
            let funders = (0..count).map(|n| match dice.below(100) {
                _ if n == 0 => Funder::Exchange,
                0..55 => Funder::Own,
                55..95 => Funder::Exchange,
                _ => Funder::Friend,
            });
            let funders = funders.collect();
            let friends = (0..dice.range(2, 6)).map(|_| dice.index(people)).filter(|f| *f != rank).collect();
            self.people.push(Person {
                actor,
                accounts,
                exchanges,
                friends,
                // a few have no account of their own at a service and use one of the household
                pays_in_at: (kind == AccountActor::Person && dice.chance(8)).then(|| dice.index(people)),
                is_paid_at_deposit: match kind {
                    AccountActor::Shop => dice.chance(300),
                    _ => dice.chance(15),
                },
                funders,
            });
            match kind {
                AccountActor::CouponSeller => self.coupons = rank,
                AccountActor::Shop => self.shops.push(rank),
                AccountActor::Campaign => self.campaigns.push(rank),
                AccountActor::Boss => {
                    let mules = (0..dice.range(6, 25))
                        .map(|_| single(&mut self.rows, AccountActor::Mule, AccountRole::Own))
                        .collect();
                    let boss = self.people[rank].accounts[0];
                    self.rings.push(Ring { boss, boss_person: rank, mules });
                }
                _ => {}
            }
        }
    }

    /// Genesis, contracts and the first tokens.
    fn endow(&mut self) {
        let rows = &mut self.rows;
        let rich = rows.coin(1_000_000_000_000);
        let services: Vec<u32> = self.exchanges.iter().flat_map(|e| [e.hot, e.gas]).collect();
        let others = [self.issuer, self.site, self.pool, self.airdropper, self.duster, self.poisoner];
        for account in services.iter().chain(&others) {
            rows.genesis(*account, rich);
        }
        for asset in [DOLLAR, TAXED, GIFT] {
            rows.deploy(self.issuer, rows.tokens[asset]);
        }
        rows.deploy(self.issuer, self.pool);
        let hot: Vec<u32> = self.exchanges.iter().map(|e| e.hot).collect();
        for to in hot.iter().chain(&others) {
            rows.mint(self.issuer, *to, DOLLAR, 1_000_000_000_000 * USD);
            rows.mint(self.issuer, *to, TAXED, 1_000_000_000_000 * USD);
        }
        rows.mint(self.issuer, self.airdropper, GIFT, 1_000_000_000_000 * USD);
        debug_assert!(rows.balance(self.pool, COIN) > 0);
        rows.next_block();
    }
}

fn exchange(rows: &mut Rows, dice: &mut Dice, rank: usize) -> Exchange {
    let actor = actor(rows, AccountActor::Exchange);
    let hot = rows.account(actor, AccountRole::HotWallet, None);
    // every second one collects into an account of its own first
    let collector = if rank % 2 == 1 { rows.account(actor, AccountRole::Collector, None) } else { hot };
    let gas = if dice.chance(700) { rows.account(actor, AccountRole::GasStation, None) } else { hot };
    let contracts = rank % 4 == 2 && !rows.is_tron();
    let delay = dice.pick(&[600, 3_600, 14_400, 43_200]);
    Exchange { actor, collector, hot, gas, delay, contracts, deposits: BTreeMap::new() }
}
