//! The mechanics under the economy: keys, purses, transactions that balance, blocks that fill, and a journal.
//!
//! Agents decide; this decides nothing. A payment to a key lands in the key's purse, whoever sent it.

mod actor;
mod clock;
mod journal;
mod keys;
mod purse;
mod send;
mod taint;
mod worth;

pub(crate) use actor::{Actor, ActorId, ActorKind};
pub(crate) use clock::{Clock, DAY, HOUR, PRICES_FROM, Schedule};
pub(crate) use journal::{Journal, Log, Receipt, Spend};
pub(crate) use keys::{KeyId, KeyInfo, Keys, Role, Watch};
pub(crate) use purse::{Coin, Habits, Purse, PurseId};
pub(crate) use send::{Pay, TxId};
pub(crate) use taint::{Arrival, Taint};
pub(crate) use worth::Worth;

use crate::{
    blocks::{BlockPlan, Kind, Named, OutputPlan, TX_WEIGHT, subsidy},
    dice::Dice,
};
use std::collections::VecDeque;

/// Blocks that a coinbase must wait before it can be spent: consensus rule `COINBASE_MATURITY`.
const MATURITY: u32 = 100;
/// Weight at which a block is full: 4,000,000 with room for header and coinbase.
const BLOCK_WEIGHT: u64 = 3_990_000;
/// Signature operations at which a block is full: 80,000 with room for the coinbase.
const BLOCK_SIGOPS: u64 = 79_000;

/// The state of the world that every agent works on.
pub(crate) struct World {
    /// Chance, for everything but the campaigns (they have their own streams).
    pub(crate) dice: Dice,
    /// Height, time, price and fees.
    pub(crate) clock: Clock,
    /// Every key.
    pub(crate) keys: Keys,
    /// Every purse, by [`PurseId`].
    pub(crate) purses: Vec<Purse>,
    /// Every actor, by [`ActorId`].
    pub(crate) actors: Vec<Actor>,
    /// What happened to the campaigns' money.
    pub(crate) journal: Journal,
    block: BlockPlan,
    block_weight: u64,
    block_sigops: u64,
    immature: VecDeque<(u32, PurseId, Coin)>,
    /// Transactions so far, the open block's coinbase included.
    count: u32,
    /// Transactions wanted in all.
    limit: u32,
    /// Satoshi in existence.
    pub(crate) supply: u64,
    /// What outputs to others than the sender were worth.
    pub(crate) worth: Worth,
    picked: Vec<Coin>,
    outs: Vec<Pay>,
}

impl World {
    /// A world with only the genesis block.
    pub(crate) fn new(seed: u64, limit: u32, clock: Clock) -> Self {
        Self {
            dice: Dice::new(seed, "economy"),
            clock,
            keys: Keys::default(),
            purses: Vec::new(),
            actors: Vec::new(),
            journal: Journal::default(),
            block: BlockPlan::new(0, 0, 0),
            block_weight: 0,
            block_sigops: 0,
            immature: VecDeque::new(),
            count: 1,
            limit,
            supply: 0,
            worth: Worth::default(),
            picked: Vec::new(),
            outs: Vec::new(),
        }
    }

    /// Transactions still to come.
    pub(crate) fn left(&self) -> u32 {
        self.limit - self.count
    }

    /// Transactions in the open block without the coinbase.
    pub(crate) fn block_len(&self) -> usize {
        self.block.txs.len()
    }

    /// Whether another transaction fits into the block and the world: the largest that is made here has 200 inputs of
    /// 2-of-3 multisig.
    pub(crate) fn open(&self) -> bool {
        self.count < self.limit && self.block_weight + 300_000 < BLOCK_WEIGHT && self.block_sigops + 4000 < BLOCK_SIGOPS
    }

    /// A new actor.
    pub(crate) fn actor(&mut self, kind: ActorKind, name: impl Into<Option<String>>, country: &'static str) -> ActorId {
        let id = ActorId(self.actors.len() as u32);
        self.actors.push(Actor { kind, name: name.into().map(String::into_boxed_str), country });
        id
    }

    /// A new purse of an actor.
    pub(crate) fn purse(&mut self, actor: ActorId, kind: Kind, habits: Habits) -> PurseId {
        let id = PurseId(self.purses.len() as u32);
        self.purses.push(Purse::new(actor, kind, habits));
        id
    }

    /// A new key of a purse, in the purse's own script kind.
    pub(crate) fn key(&mut self, purse: PurseId, role: Role) -> KeyId {
        self.key_of_kind(purse, role, self[purse].kind)
    }

    /// A new key of a purse.
    pub(crate) fn key_of_kind(&mut self, purse: PurseId, role: Role, kind: Kind) -> KeyId {
        let Purse { actor, watch, .. } = self[purse];
        self.keys.add(KeyInfo { purse, actor, customer: ActorId::NONE, watch, kind, secret: 0, role })
    }

    /// A new key whose coins lie in `purse` but belong to another actor, or are held for one.
    pub(crate) fn key_for(&mut self, purse: PurseId, role: Role, actor: ActorId, customer: ActorId) -> KeyId {
        let Purse { kind, watch, .. } = self[purse];
        self.keys.add(KeyInfo { purse, actor, customer, watch, kind, secret: 0, role })
    }

    /// Where an actor wants the next payment: the one address of a wallet that reuses it, else a fresh one.
    pub(crate) fn receive(&mut self, purse: PurseId, role: Role) -> KeyId {
        let Purse { main, twin, habits, .. } = self[purse];
        if habits.reuses {
            if let Some(twin) = twin
                && self.dice.chance(400)
            {
                return twin;
            }
            if let Some(key) = main {
                return key;
            }
            let key = self.key(purse, role);
            self.purses[purse.index()].main = Some(key);
            return key;
        }
        self.key(purse, role)
    }

    /// Starts the next block and lets coinbases mature.
    pub(crate) fn open_block(&mut self) {
        self.clock.advance();
        self.block.height = self.clock.height;
        self.block.time = self.clock.time;
        self.block.first_tx = self.count;
        self.count += 1;
        self.block_weight = 0;
        self.block_sigops = 0;
        while let Some((height, purse, coin)) = self.immature.front().copied()
            && height + MATURITY <= self.clock.height
        {
            self.immature.pop_front();
            self.purses[purse.index()].put(coin);
        }
    }

    /// Ends the block with a coinbase to `miner`; `stale` are the miners of stale blocks beside it.
    pub(crate) fn close_block(&mut self, miner: KeyId, tag: &'static str, stale: &[KeyId]) -> BlockPlan {
        let info = self.keys[miner];
        let plan_of = |world: &Self, key: KeyId, value| {
            let KeyInfo { secret, kind, .. } = world.keys[key];
            OutputPlan { value, key: secret, kind }
        };
        let reward = subsidy(self.clock.height);
        let value = reward + self.block.fees(self.block.txs.len());
        self.supply += reward;
        self.block.coinbase = plan_of(self, miner, value);
        self.block.tag = tag;
        self.block.stale = stale.iter().map(|key| plan_of(self, *key, 0)).collect();
        if self.keys.pay(miner) {
            self.block.named.push(Named {
                output: u32::MAX,
                actor: info.actor.0,
                customer: info.customer.0,
                role: info.role.name(),
            });
        }
        let coin = Coin { value, tx: self.block.first_tx, key: miner, vout: 0, tainted: false };
        self.immature.push_back((self.clock.height, info.purse, coin));
        let next = BlockPlan::like(&self.block, 0, 0, 0);
        std::mem::replace(&mut self.block, next)
    }

    /// Satoshi that so many US cents are worth today.
    pub(crate) fn sats(&self, cents: u64) -> u64 {
        (u128::from(cents) * 100_000_000 / u128::from(self.clock.price)) as u64
    }

    /// Fee of a transaction of that weight at today's level.
    pub(crate) fn fee(&self, weight: u64) -> u64 {
        weight * self.clock.fee_rate / 4000
    }

    /// Fee of a transaction with so many inputs and outputs of a kind.
    pub(crate) fn fee_of(&self, kind: Kind, inputs: u64, outputs: u64) -> u64 {
        self.fee(TX_WEIGHT + inputs * kind.input_weight() + outputs * kind.output_weight())
    }
}

/// US cents that so many satoshi are worth at a price in cents a bitcoin.
pub(crate) fn cents_at(sats: u64, price: u64) -> u64 {
    (u128::from(sats) * u128::from(price) / 100_000_000) as u64
}

impl std::ops::Index<PurseId> for World {
    type Output = Purse;

    fn index(&self, id: PurseId) -> &Purse {
        &self.purses[id.index()]
    }
}
