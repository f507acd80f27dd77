//! Campaigns that collect from many: one address, addresses one after the other, or one a donor (rows 4 to 7).
//!
//! Money comes straight from exchanges, from wallets made for the one payment, and from people's own wallets. It is
//! collected now and then, moved on, and cashed out at an exchange, some of it along a peel chain.
//! The look-alikes are a charity's appeal, a project that changes its address, a shop, and a ticket sale.

use super::{Script, Setup};
use crate::{
    agents::{Economy, Event, Peel, PeelTo},
    dice::Dice,
    world::{ActorId, DAY, HOUR, KeyId, PurseId, Role, Watch},
};

/// A time in which donors are shown one address, or each a fresh one.
pub(super) struct Phase {
    pub(super) opens: u32,
    pub(super) closes: u32,
    pub(super) donors: u64,
    /// `None`: a fresh address a donor.
    pub(super) address: Option<KeyId>,
    pub(super) rail: PurseId,
}

/// What comes after collecting.
#[derive(Clone, Copy)]
pub(super) enum Exit {
    /// Sold at an exchange.
    CashOut,
    /// Spent: partly on invoices, the rest sold.
    Supplies,
}

/// A collecting campaign.
pub(super) struct Donation {
    pub(super) index: usize,
    pub(super) dice: Dice,
    pub(super) actor: ActorId,
    pub(super) phases: Vec<Phase>,
    pub(super) role: Role,
    /// Fixed prices in US cents; empty for amounts at will.
    pub(super) prices: Vec<u64>,
    pub(super) median_cents: u64,
    pub(super) octaves: u32,
    pub(super) direct: u64,
    pub(super) single: u64,
    pub(super) repeat: u64,
    pub(super) last_fresh: Option<KeyId>,
    /// Purses between a rail and the collector.
    pub(super) before: Vec<PurseId>,
    pub(super) collector: PurseId,
    pub(super) collector_keys: Vec<KeyId>,
    pub(super) collected: u32,
    /// Purses between the collector and the exit.
    pub(super) layers: Vec<PurseId>,
    pub(super) exit: Exit,
    pub(super) exit_exchange: usize,
    pub(super) exit_key: Option<KeyId>,
    pub(super) exit_hours: (u64, u64),
    pub(super) peel: Option<(PurseId, u8, (u64, u64))>,
    pub(super) peel_share: u64,
    pub(super) exits: u32,
    /// Somebody gives soon after each address appears, and shortly before it goes.
    pub(super) steady: bool,
}

const DONATE: u32 = 1 << 24;
const COLLECT: u32 = 2 << 24;
const EXIT: u32 = 3 << 24;
/// Of a donation: straight from an exchange, so that it comes in time.
const SURE: u32 = 1 << 16;
/// Blocks that an exit waits for its money.
const EXIT_TRIES: u32 = 30;
const ARGUMENT: u32 = (1 << 24) - 1;

impl Donation {
    /// Plans every donor and every collection.
    pub(super) fn start(mut self, mut setup: Setup<'_>, collect_days: u64) {
        let watch = Watch::campaign(self.index);
        self.exit_key = Some(setup.economy.deposit_key(self.exit_exchange, self.actor, watch));
        let campaign = &mut setup.economy.campaigns[self.index];
        campaign.published = self.phases.iter().filter_map(|p| p.address).collect();
        if campaign.published.is_empty() {
            campaign.published.clone_from(&self.collector_keys);
        }
        let every = collect_days as u32 * DAY;
        let mut rails: Vec<(PurseId, u32, u32)> = Vec::new();
        for (i, phase) in self.phases.iter().enumerate() {
            for donor in 0..phase.donors {
                let random = setup.dice.below(u64::from(phase.closes - phase.opens)) as u32;
                let (time, sure) = match donor {
                    0 if self.steady => (phase.opens + random % DAY, SURE),
                    1 if self.steady => (phase.closes - random % DAY, SURE),
                    _ => (phase.opens + random, 0),
                };
                let step = DONATE | sure | i as u32;
                setup.economy.agenda.at(time, Event::Campaign { index: self.index, step });
            }
            match rails.iter_mut().find(|(rail, _, _)| *rail == phase.rail) {
                Some((_, _, end)) => *end = phase.closes,
                None => rails.push((phase.rail, phase.opens, phase.closes)),
            }
        }
        for (rail, opens, closes) in rails {
            // a last look some days after the end finds what came late
            let mut time = opens + every;
            loop {
                let late = time >= closes + 4 * DAY;
                let step = COLLECT | rail.0;
                setup.economy.agenda.at(time, Event::Campaign { index: self.index, step });
                if late {
                    break;
                }
                time += every;
            }
        }
        let index = self.index;
        setup.economy.scripts[index] = Some(Box::new(self));
    }

    fn donate(&mut self, economy: &mut Economy, phase: usize, sure: bool) {
        let Phase { address, rail, .. } = self.phases[phase];
        let to = match (address, self.last_fresh) {
            (Some(key), _) => key,
            (None, Some(key)) if self.dice.chance(self.repeat) => key,
            _ => {
                let key = economy.world.key(rail, self.role);
                self.last_fresh = Some(key);
                key
            }
        };
        let cents = if self.prices.is_empty() {
            self.dice.bell(self.median_cents, self.octaves)
        } else {
            self.dice.pick(&self.prices)
        };
        let value = economy.world.sats(cents).max(5000);
        let exchange = self.dice.index(economy.exchanges.len());
        let roll = self.dice.below(1000);
        if sure || roll < self.direct {
            economy.withdraw(exchange, to, value);
        } else if roll < self.direct + self.single {
            let (purse, own) = economy.single_use(&mut self.dice);
            let fee = economy.world.fee_of(economy.world[purse].kind, 1, 1);
            if economy.withdraw(exchange, own, value + fee) {
                let time =
                    economy.world.clock.time + self.dice.range(1, if self.steady { 24 } else { 60 }) as u32 * HOUR;
                economy.agenda.at(time, Event::SendAll { from: purse, to, tries: 40 });
            }
        } else if let Some(user) = economy.someone_with(value) {
            economy.pay_from(user, to, value);
        } else {
            economy.withdraw(exchange, to, value);
        }
    }

    fn collect(&mut self, economy: &mut Economy, rail: PurseId) {
        let world = &mut economy.world;
        if world[rail].balance() < world.sats(1000) {
            return;
        }
        let sink = self.collector_keys[self.collected as usize % self.collector_keys.len()];
        self.collected += 1;
        let now = world.clock.time;
        let mut time = now;
        let first = self.before.first().map_or(sink, |purse| world.key(*purse, Role::Layer));
        if world.sweep(rail, 100, first).is_none() {
            return;
        }
        for (i, purse) in self.before.iter().enumerate() {
            time += self.dice.range(3, 40) as u32 * HOUR;
            let to = self.before.get(i + 1).map_or(sink, |next| world.key(*next, Role::Layer));
            economy.agenda.at(time, Event::SendAll { from: *purse, to, tries: 20 });
        }
        time += self.dice.range(self.exit_hours.0, self.exit_hours.1) as u32 * HOUR;
        if let Some(layer) = self.layers.first() {
            let to = economy.world.key(*layer, Role::Layer);
            economy.agenda.at(time, Event::SendAll { from: self.collector, to, tries: 20 });
            time += self.dice.range(2, 30) as u32 * HOUR;
        }
        economy.agenda.at(time, Event::Campaign { index: self.index, step: EXIT | EXIT_TRIES });
    }

    fn leave(&mut self, economy: &mut Economy, tries: u32) {
        let from = self.layers.last().copied().unwrap_or(self.collector);
        let Some(cash) = self.exit_key else { return };
        let now = economy.world.clock.time;
        if economy.world[from].len() == 0 {
            if tries > 0 {
                economy.agenda.at(now + 1, Event::Campaign { index: self.index, step: EXIT | (tries - 1) });
            }
            return;
        }
        self.exits += 1;
        let watch = Watch::campaign(self.index);
        match (self.exit, self.peel) {
            (Exit::Supplies, _) => {
                let invoice = economy.invoice();
                let helper = economy.someone();
                let helper = economy.address_of(helper);
                economy.world.split(from, &[(invoice, 500), (helper, 300), (cash, 200)]);
            }
            // every second exit goes along a chain of its own
            (Exit::CashOut, Some((purse, hops, keep))) if self.exits % 2 == 1 => {
                let chain = economy.world.key(purse, Role::Peel);
                if economy.world.split(from, &[(chain, self.peel_share), (cash, 1000 - self.peel_share)]).is_some() {
                    let exchange = (self.exit_exchange + 1) % economy.exchanges.len();
                    let to = PeelTo::Both { exchange, customer: self.actor, watch };
                    economy.start_peel(now + 6 * HOUR, Peel { purse, hops, keep, hours: (4, 40), to, exit: cash });
                }
            }
            (Exit::CashOut, _) => {
                economy.world.sweep(from, 100, cash);
            }
        }
    }
}

impl Script for Donation {
    fn step(&mut self, economy: &mut Economy, step: u32) {
        let argument = step & ARGUMENT;
        match step & !ARGUMENT {
            DONATE => self.donate(economy, (argument & !SURE) as usize, argument & SURE != 0),
            COLLECT => self.collect(economy, PurseId(argument)),
            _ => self.leave(economy, argument),
        }
    }
}
