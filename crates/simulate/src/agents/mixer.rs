//! A coordinator of Whirlpool-like mixes: a first transaction splits a wallet into equal coins, then rounds of five
//! equal inputs and five equal outputs of five different people, over and over.
//!
//! Shapes after the public description of Samourai's Whirlpool: pool sizes, a coordinator's fee and a data output in the
//! first transaction, newcomers pay a round's fee.

use super::Economy;
use crate::{
    blocks::{Kind, Style},
    world::{ActorId, ActorKind, Coin, Habits, KeyId, Pay, PurseId, Role, TxId, World},
};
use std::collections::VecDeque;

/// Sizes of the pools' coins, in satoshi.
const POOLS: [u64; 3] = [100_000, 1_000_000, 5_000_000];
/// People in a round.
const SIZE: usize = 5;
/// Bytes of data in a first transaction.
const DATA_LEN: u8 = 64;

/// A transaction of several people, for the truth.
#[derive(Clone, Debug)]
pub(crate) struct CoinJoin {
    /// Number of the transaction.
    pub(crate) tx: TxId,
    /// Whether it is a round; otherwise it splits one person's coins before the first.
    pub(crate) round: bool,
    /// The pool's coin, in satoshi.
    pub(crate) pool: u64,
    /// Whose inputs, in input order.
    pub(crate) people: Vec<ActorId>,
}

/// A coin on its way through the mixes.
#[derive(Clone, Copy)]
struct Seat {
    coin: Coin,
    user: usize,
}

/// The coordinator.
pub(crate) struct Mixer {
    fees: PurseId,
    /// Purse that coins on their way pass through, of everybody.
    transit: PurseId,
    newcomers: [VecDeque<Seat>; 3],
    remixers: [VecDeque<Seat>; 3],
    /// Every transaction of several people so far.
    pub(crate) log: Vec<CoinJoin>,
    /// The address that took the first fee.
    pub(crate) fee_key: Option<KeyId>,
}

impl Mixer {
    pub(super) fn new(world: &mut World) -> Self {
        let actor = world.actor(ActorKind::Mixer, "Millrace Mixer".to_owned(), "");
        let fees = world.purse(actor, Kind::P2wpkh, Habits::SERVICE);
        let transit = world.purse(actor, Kind::P2wpkh, Habits::SERVICE);
        let (newcomers, remixers) = Default::default();
        Self { fees, transit, newcomers, remixers, log: Vec::new(), fee_key: None }
    }
}

impl Economy {
    /// Splits a user's coins into as many of a pool's as fit, at most five.
    pub(super) fn enter_mix(&mut self, user: usize, balance: u64) {
        // most go to the middle pool: a round needs five people in the same one
        let pool = self.world.dice.weighted(&[15, 70, 15]);
        if balance < POOLS[pool] * 3 / 2 {
            return;
        }
        let (size, purse) = (POOLS[pool], self.users[user].purse);
        let owner = self.world[purse].actor;
        let share = self.world.fee_of(Kind::P2wpkh, SIZE as u64, SIZE as u64) * 6 / 10 + 200;
        let fit = (balance * 8 / 10 / (size + share)).min(5);
        let count = self.world.dice.range(1, fit.max(1));
        let fee_key = self.world.key(self.mixer.fees, Role::MixFee);
        let mut pays =
            vec![Pay { to: KeyId::data(DATA_LEN), value: 0 }, Pay { to: fee_key, value: (size / 20).max(2000) }];
        for _ in 0..count {
            let to = self.world.key_for(self.mixer.transit, Role::Premix, owner, ActorId::NONE);
            pays.push(Pay { to, value: size + share });
        }
        let Some(tx) = self.world.pay(purse, &pays) else { return };
        self.mixer.fee_key.get_or_insert(fee_key);
        self.mixer.log.push(CoinJoin { tx, round: false, pool: size, people: vec![owner] });
        while let Some(coin) = self.world.purses[self.mixer.transit.index()].take_oldest() {
            self.mixer.newcomers[pool].push_back(Seat { coin, user });
        }
    }

    pub(super) fn tick_mixer(&mut self) {
        for pool in 0..POOLS.len() {
            while self.world.open()
                && let Some(seats) = self.seats(pool)
            {
                self.round(pool, seats);
            }
        }
    }

    /// Five seats of five people, or none: two newcomers, who pay the round's fee, and three who were mixed before; or
    /// newcomers alone where too few of those wait.
    fn seats(&mut self, pool: usize) -> Option<Vec<Seat>> {
        let Mixer { newcomers, remixers, .. } = &mut self.mixer;
        let (newcomers, remixers) = (&mut newcomers[pool], &mut remixers[pool]);
        for wanted in [2, SIZE] {
            let mut seats: Vec<Seat> = Vec::with_capacity(SIZE);
            seat(newcomers, wanted, &mut seats);
            if seats.len() == wanted {
                seat(remixers, SIZE, &mut seats);
            }
            if seats.len() == SIZE {
                return Some(seats);
            }
            for (i, seat) in seats.into_iter().enumerate().rev() {
                if i < wanted { newcomers.push_front(seat) } else { remixers.push_front(seat) }
            }
        }
        None
    }

    fn round(&mut self, pool: usize, mut seats: Vec<Seat>) {
        let size = POOLS[pool];
        self.world.dice.shuffle(&mut seats);
        let coins: Vec<Coin> = seats.iter().map(|s| s.coin).collect();
        let mut outs: Vec<(Pay, usize, bool)> = seats
            .iter()
            .map(|seat| {
                let stays = self.world.dice.chance(550);
                let purse = self.users[seat.user].purse;
                let to = if stays {
                    let owner = self.world[purse].actor;
                    self.world.key_for(self.mixer.transit, Role::Mixed, owner, ActorId::NONE)
                } else {
                    self.world.key_of_kind(purse, Role::Mixed, Kind::P2wpkh)
                };
                (Pay { to, value: size }, seat.user, stays)
            })
            .collect();
        self.world.dice.shuffle(&mut outs);
        let pays: Vec<Pay> = outs.iter().map(|(pay, _, _)| *pay).collect();
        let people = coins.iter().map(|c| self.world.keys[c.key].actor).collect();
        let style = Style { version: 1, sequence: 0xff, locks_height: false };
        let tx = self.world.commit(&coins, &pays, style);
        self.mixer.log.push(CoinJoin { tx, round: true, pool: size, people });
        for (_, user, _) in outs.iter().filter(|(_, _, stays)| *stays) {
            if let Some(coin) = self.world.purses[self.mixer.transit.index()].take_oldest() {
                self.mixer.remixers[pool].push_back(Seat { coin, user: *user });
            }
        }
    }
}

/// Seats people who wait until so many sit, nobody twice.
fn seat(waiting: &mut VecDeque<Seat>, until: usize, seats: &mut Vec<Seat>) {
    let mut i = 0;
    while seats.len() < until && i < waiting.len() {
        if seats.iter().all(|s| s.user != waiting[i].user) {
            seats.extend(waiting.remove(i));
        } else {
            i += 1;
        }
    }
}
