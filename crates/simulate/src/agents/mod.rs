//! Everybody who acts in the economy, and the order in which a block hears them.
//!
//! A block is filled in this order: what was planned for its time (campaigns, wages), what services do by themselves
//! (flush withdrawals, sweep deposits, run mixes), then people, picked at random until the block is as full as the
//! schedule wants it.

mod agenda;
mod charity;
mod coupon;
mod dated;
mod exchange;
mod house;
mod market;
mod mixer;
mod payroll;
mod peel;
mod people;
mod pool;
mod processor;

pub(crate) use agenda::{Agenda, Event};
pub(crate) use charity::Charity;
pub(crate) use coupon::{Coupons, USD_CENTS_PER_EURO};
pub(crate) use dated::Dated;
pub(crate) use exchange::Exchange;
pub(crate) use house::House;
pub(crate) use market::Market;
pub(crate) use mixer::Mixer;
pub(crate) use payroll::Employer;
pub(crate) use peel::{Peel, PeelTo};
pub(crate) use people::User;
pub(crate) use pool::Pool;
pub(crate) use processor::Processor;

use crate::{
    CampaignSet,
    blocks::{BlockPlan, Kind},
    campaigns::{Campaign, Script},
    dice::Dice,
    world::{ActorId, ActorKind, Clock, Habits, KeyId, PurseId, Role, Schedule, Watch, World},
};

/// The whole economy.
pub(crate) struct Economy {
    /// Keys, purses, the open block.
    pub(crate) world: World,
    /// What is planned.
    pub(crate) agenda: Agenda,
    /// People with wallets.
    pub(crate) users: Vec<User>,
    /// Exchanges; [`Exchange::OFF_RAMP`] is the one in the risk jurisdiction.
    pub(crate) exchanges: Vec<Exchange>,
    /// Mining pools and, first, lone miners.
    pub(crate) pools: Vec<Pool>,
    /// The shops' payment processor.
    pub(crate) processor: Processor,
    /// The coupon service.
    pub(crate) coupons: Coupons,
    /// The dark market.
    pub(crate) market: Market,
    /// The coordinator of mixes.
    pub(crate) mixer: Mixer,
    /// The gambling house.
    pub(crate) house: House,
    /// Charities.
    pub(crate) charities: Vec<Charity>,
    /// Employers.
    pub(crate) employers: Vec<Employer>,
    /// Peel chains on their way.
    pub(crate) peels: Vec<Peel>,
    /// Campaigns and look-alikes.
    pub(crate) campaigns: Vec<Campaign>,
    /// Their behaviour; out of its place while it acts.
    pub(crate) scripts: Vec<Option<Box<dyn Script>>>,
    /// Which campaigns there are.
    pub(crate) set: CampaignSet,
    /// Dated events; none in the usual worlds.
    pub(crate) dated: Vec<Dated>,
    /// Where stale blocks go.
    stale: Dice,
    disorder: bool,
}

impl Economy {
    /// The economy before its first block.
    pub(crate) fn new(seed: u64, txs: u32, disorder: bool, set: CampaignSet) -> Self {
        let schedule = Schedule::of(txs);
        let mut world = World::new(seed, txs, Clock::new(seed, schedule));
        let exchanges = Exchange::all(&mut world);
        let users = User::all(&mut world, txs, exchanges.len());
        let pools = Pool::all(&mut world, users.len());
        let processor = Processor::new(&mut world, users.len());
        let coupons = Coupons::new(&mut world);
        let market = Market::new(&mut world, users.len());
        let mixer = Mixer::new(&mut world);
        let house = House::new(&mut world);
        let charities = Charity::all(&mut world);
        let mut economy = Self {
            world,
            agenda: Agenda::default(),
            users,
            exchanges,
            pools,
            processor,
            coupons,
            market,
            mixer,
            house,
            charities,
            employers: Vec::new(),
            peels: Vec::new(),
            campaigns: Vec::new(),
            scripts: Vec::new(),
            set,
            dated: Dated::all(seed, &schedule, set),
            stale: Dice::new(seed, "stale"),
            disorder,
        };
        economy.hire(txs);
        crate::campaigns::plan(&mut economy, seed, txs, set);
        economy
    }

    /// The next block; `None` when the world has all its transactions.
    pub(crate) fn next_block(&mut self) -> Option<BlockPlan> {
        if self.world.left() == 0 {
            return None;
        }
        self.world.open_block();
        let wanted = self.wanted();
        self.run_agenda();
        self.tick_pools();
        self.tick_exchanges();
        self.tick_processor();
        self.tick_coupons();
        self.tick_market();
        self.tick_mixer();
        self.tick_charities();
        self.people(wanted);
        let miner = self.pick_miner();
        let (key, tag) = self.reward_key(miner);
        let stale = self.stale_miners(miner);
        Some(self.world.close_block(key, tag, &stale))
    }

    /// How many transactions (without the coinbase) the open block should have.
    fn wanted(&mut self) -> usize {
        let schedule = self.world.clock.schedule;
        let height = self.world.clock.height;
        if !self.world.clock.is_open() {
            return usize::from(height > 120) * self.users.len().min(3000) / 1000;
        }
        // coinbases of the blocks to come are not for people to fill
        let blocks = schedule.last().saturating_sub(height);
        let left = self.world.left().saturating_sub(blocks);
        if blocks == 0 {
            return left as usize;
        }
        let even = u64::from(left) * 1000 / u64::from(blocks + 1);
        let swing = self.world.dice.range(600, 1400);
        (even * swing / 1_000_000 * Dated::surge(&self.dated, self.world.clock.time) / 1000) as usize
    }

    fn run_agenda(&mut self) {
        while let Some(event) = self.agenda.due(self.world.clock.time) {
            match event {
                Event::Campaign { index, step } => self.step(index, step),
                Event::SendAll { from, to, tries } => self.send_all(from, to, tries),
                Event::Peel { index, tries } => self.peel(index, tries),
                Event::FundWages { employer } => self.fund_wages(employer),
                Event::PayWages { employer, tries } => self.pay_wages(employer, tries),
            }
        }
    }

    fn step(&mut self, index: usize, step: u32) {
        if let Some(mut script) = self.scripts[index].take() {
            script.step(self, step);
            self.scripts[index] = Some(script);
        }
    }

    /// Sends all that a purse has; where it has nothing yet, tries again with the next block.
    fn send_all(&mut self, from: PurseId, to: KeyId, tries: u8) {
        let sent = self.world.sweep(from, 100, to).is_some();
        if !sent && tries > 0 {
            self.agenda.at(self.world.clock.time + 1, Event::SendAll { from, to, tries: tries - 1 });
        }
    }

    /// A deposit address of an actor at an exchange.
    pub(crate) fn deposit_key(&mut self, exchange: usize, customer: ActorId, watch: Watch) -> KeyId {
        let Exchange { actor, deposits, .. } = self.exchanges[exchange];
        let key = self.world.key_for(deposits, Role::Deposit, actor, customer);
        self.world.keys.watch(key, watch);
        key
    }

    /// A person with a wallet for one payment, and its address.
    pub(crate) fn single_use(&mut self, dice: &mut Dice) -> (PurseId, KeyId) {
        let actor = self.world.actor(ActorKind::Person, None, "");
        let kind = dice.pick(&[Kind::P2wpkh, Kind::P2shP2wpkh, Kind::P2pkh]);
        let purse = self.world.purse(actor, kind, Habits::WALLET);
        self.world.purses[purse.index()].single_use = true;
        (purse, self.world.key(purse, Role::Receive))
    }

    /// Miners whose blocks lose against this one: rarely one, once in a while with a second block on top.
    fn stale_miners(&mut self, winner: usize) -> Vec<KeyId> {
        let schedule = self.world.clock.schedule;
        let safe = self.world.left() > 200 && self.world.clock.height > schedule.warm_up;
        // about eight in a world, so that small ones have some too
        if !self.disorder || self.stale.below(u64::from(schedule.blocks) / 8) != 0 || !safe {
            return Vec::new();
        }
        let other = (winner + 1) % self.pools.len();
        vec![self.pools[other].main; if self.stale.chance(300) { 2 } else { 1 }]
    }
}
