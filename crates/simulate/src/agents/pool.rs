//! Miners: a few alone at first, then pools that pay their members and sell the rest.

use super::Economy;
use crate::{
    blocks::Kind,
    world::{ActorId, ActorKind, Habits, KeyId, Pay, PurseId, Role, Watch, World},
};

/// A pool, or a lone miner.
pub(crate) struct Pool {
    /// The company or person.
    pub(crate) actor: ActorId,
    purse: PurseId,
    /// Its well-known reward address.
    pub(crate) main: KeyId,
    tag: &'static str,
    /// How often it wins, among the others.
    power: u32,
    /// Mines only before this height.
    until: u32,
    /// Members, as a range of users; empty for a lone miner.
    members: (usize, usize),
}

impl Pool {
    pub(super) fn all(world: &mut World, users: usize) -> Vec<Self> {
        let mut pools = Vec::new();
        for (i, kind) in [Kind::P2pkLong, Kind::P2pk, Kind::P2pkLong].into_iter().enumerate() {
            let actor = world.actor(ActorKind::Person, format!("Lone miner {}", i + 1), "");
            let purse = world.purse(actor, kind, Habits::SERVICE);
            let main = world.key(purse, Role::Reward);
            pools.push(Self { actor, purse, main, tag: "", power: 20, until: 200, members: (0, 0) });
        }
        let plan = [
            ("Ironwood Pool", "/Ironwood/", 40, Kind::P2pkh),
            ("Glacier Pool", "/Glacier/mined/", 28, Kind::P2shP2wpkh),
            ("Seventh Pool", "/7th/", 20, Kind::P2pkh),
            ("Dune Pool", "/dune pool/", 12, Kind::P2wpkh),
        ];
        for (i, (name, tag, power, kind)) in plan.into_iter().enumerate() {
            let actor = world.actor(ActorKind::MiningPool, name.to_owned(), "");
            let purse = world.purse(actor, kind, Habits::SERVICE);
            let main = world.key(purse, Role::Reward);
            let members = (users * i / 40, users * (i + 1) / 40);
            pools.push(Self { actor, purse, main, tag, power, until: u32::MAX, members });
        }
        pools
    }
}

impl Pool {
    /// Whether it is more than one miner.
    pub(crate) fn is_company(&self) -> bool {
        self.members.1 > 0
    }
}

impl Economy {
    /// Who finds the open block.
    pub(super) fn pick_miner(&mut self) -> usize {
        let height = self.world.clock.height;
        let powers: Vec<u32> = self.pools.iter().map(|p| if height < p.until { p.power } else { 0 }).collect();
        self.world.dice.weighted(&powers)
    }

    /// The address that a miner's reward goes to. Lone miners take a new key each time, as the first software did.
    pub(super) fn reward_key(&mut self, miner: usize) -> (KeyId, &'static str) {
        let pool = &self.pools[miner];
        let (purse, main, tag) = (pool.purse, pool.main, pool.tag);
        let key = if pool.members.1 == 0 { self.world.key(purse, Role::Reward) } else { main };
        (key, tag)
    }

    pub(super) fn tick_pools(&mut self) {
        for index in 0..self.pools.len() {
            let purse = self.pools[index].purse;
            let waiting = self.world[purse].len();
            // before the opening money must reach the exchanges; later a payout waits until it is worth a transaction
            let enough = if self.world.clock.is_open() { 12 } else { 3 };
            if waiting >= enough {
                self.pay_out(index);
            }
        }
    }

    fn pay_out(&mut self, index: usize) {
        let Pool { actor, purse, members: (from, to), .. } = self.pools[index];
        let balance = self.world[purse].balance();
        let mut pays = Vec::new();
        let spare = balance / 50 + self.world.fee_of(self.world[purse].kind, 24, 24);
        let mut left = balance.saturating_sub(spare);
        if to > from {
            let count = self.world.dice.range(5, 20);
            let share = left / 10 / count;
            for _ in 0..count {
                let user = from + self.world.dice.index(to - from);
                let value = self.world.dice.bell(share, 1).min(left / 2);
                if value > 20_000 {
                    let key = self.world.receive(self.users[user].purse, Role::Receive);
                    pays.push(Pay { to: key, value });
                    left -= value;
                }
            }
        }
        if left > 50_000 {
            let exchange = self.world.dice.index(self.exchanges.len());
            let key = self.deposit_key(exchange, actor, Watch::NONE);
            pays.push(Pay { to: key, value: left });
        }
        if !pays.is_empty() {
            self.world.pay(purse, &pays);
        }
    }
}
