//! What campaigns do, one act at a time.

use super::super::acts::{Acts, Due};
use super::super::rows::{COIN, DOLLAR, USD};
use athar_types::account::{AccountBytes, BridgeEvent, EventKind, U256};
use std::cmp::Reverse;

/// Something to do; amounts are of the dollar token, in its smallest unit.
#[derive(Clone, Debug)]
pub(in super::super) enum Act {
    /// An exchange pays a customer out.
    Out { exchange: usize, to: u32, amount: u128 },
    /// Somebody gives, from an account or straight from an exchange.
    Gift { to: u32, amount: u128 },
    /// Everything goes to the owner's account at an exchange.
    PayIn { from: u32, exchange: usize },
    /// Into the bridge.
    HopOut { rank: u32, from: u32, amount: u128, far: AccountBytes, message: Option<[u8; 32]> },
    /// Out of the bridge.
    HopIn { rank: u32, to: u32, amount: u128, message: Option<[u8; 32]> },
}

/// Blocks that an act waits for its money.
pub(super) const TRIES: u32 = 300;

/// The bridge's number in `bridges.toml`: USDT0.
const BRIDGE: u16 = 11;

impl Acts {
    pub(in super::super) fn story_act(&mut self, act: usize, tries: u32) {
        let Some(todo) = self.story.as_ref().and_then(|story| story.acts.get(act)).cloned() else { return };
        if !self.try_act(&todo) && tries > 0 {
            let at = self.cast.rows.now() + 1;
            self.due.push(Reverse((at, Due::Story { act, tries: tries - 1 })));
        }
    }

    fn story_dice(&mut self, n: usize) -> usize {
        self.story.as_mut().map_or(0, |story| story.dice.index(n))
    }

    fn try_act(&mut self, act: &Act) -> bool {
        match *act {
            Act::Out { exchange, to, amount } => {
                let hot = self.cast.exchanges[exchange].hot;
                self.cast.rows.pay(hot, to, DOLLAR, amount)
            }
            Act::Gift { to, amount } => self.gift(to, amount),
            Act::PayIn { from, exchange } => {
                let held = self.cast.rows.balance(from, DOLLAR);
                if held < USD {
                    return false;
                }
                let owner = self.cast.rows.truth.accounts[from as usize].actor;
                let address = self.deposit_address(exchange, owner);
                let paid = self.sent(from, address, held);
                if paid {
                    self.expect_sweep(exchange, address, DOLLAR);
                }
                paid
            }
            Act::HopOut { rank, from, amount, far, message } => self.hop_out(rank, from, amount, far, message),
            Act::HopIn { rank, to, amount, message } => self.hop_in(rank, to, amount, message),
        }
    }

    fn gift(&mut self, to: u32, amount: u128) -> bool {
        let person = self.story_dice(self.cast.people.len());
        let giver = &self.cast.people[person];
        let (from, exchange) = (giver.accounts[0], giver.exchanges[0]);
        if self.story_dice(2) == 0 && self.cast.rows.balance(from, DOLLAR) >= amount {
            return self.pay(from, to, DOLLAR, amount);
        }
        let hot = self.cast.exchanges[exchange].hot;
        self.cast.rows.pay(hot, to, DOLLAR, amount)
    }

    /// A payment of a campaign's account, whose fee its funder pays.
    fn sent(&mut self, from: u32, to: u32, amount: u128) -> bool {
        if self.cast.rows.balance(from, DOLLAR) < amount {
            return false;
        }
        self.gas(from);
        self.cast.rows.pay(from, to, DOLLAR, amount)
    }

    fn gas(&mut self, account: u32) {
        let fee = self.cast.rows.fee(DOLLAR);
        if self.cast.rows.balance(account, COIN) >= fee {
            return;
        }
        let funder = self.story.as_ref().and_then(|story| story.funders.get(&account)).copied();
        let owner = self.cast.rows.truth.accounts[account as usize].actor as usize;
        let hot = self.cast.exchanges[owner % self.cast.exchanges.len()].hot;
        match funder {
            Some(funder) => {
                if self.cast.rows.balance(funder, COIN) < fee * 6 {
                    self.cast.rows.pay(hot, funder, COIN, fee * 60);
                }
                self.cast.rows.pay(funder, account, COIN, fee * 3);
            }
            None => {
                self.cast.rows.pay(hot, account, COIN, fee * 3);
            }
        }
    }

    fn hop_out(&mut self, rank: u32, from: u32, amount: u128, far: AccountBytes, message: Option<[u8; 32]>) -> bool {
        if self.cast.rows.balance(from, DOLLAR) < amount {
            return false;
        }
        self.gas(from);
        let Some((bridge, far_chain)) = self.story.as_ref().map(|s| (s.bridge, s.far_chain)) else { return true };
        let rows = &mut self.cast.rows;
        let Some(tx) = rows.tx(from, Some(bridge), rows.fee(DOLLAR), None) else { return false };
        rows.moved(tx, from, bridge, DOLLAR, amount);
        let event = BridgeEvent {
            protocol: BRIDGE,
            contract: rows.bytes(bridge),
            is_out: true,
            account: Some(rows.bytes(from)),
            far_chain: Some(far_chain),
            // a bridge that names no message names at least whom it is for
            far_account: message.is_none().then(|| right_aligned(far)),
            token: Some(rows.bytes(rows.tokens[DOLLAR])),
            amount: U256::from(amount),
            message,
        };
        rows.event(tx, EventKind::Bridge(event));
        let hash = rows.hash(tx);
        rows.truth.hops.push((rank, hash));
        true
    }

    fn hop_in(&mut self, rank: u32, to: u32, amount: u128, message: Option<[u8; 32]>) -> bool {
        let Some(story) = &self.story else { return true };
        let (bridge, relayer, far_chain) = (story.bridge, story.relayer, story.far_chain);
        let rows = &mut self.cast.rows;
        let Some(tx) = rows.tx(relayer, Some(bridge), rows.fee(DOLLAR), None) else { return false };
        rows.moved(tx, bridge, to, DOLLAR, amount);
        let event = BridgeEvent {
            protocol: BRIDGE,
            contract: rows.bytes(bridge),
            is_out: false,
            account: Some(rows.bytes(to)),
            far_chain: Some(far_chain),
            far_account: None,
            token: Some(rows.bytes(rows.tokens[DOLLAR])),
            amount: U256::from(amount),
            message,
        };
        rows.event(tx, EventKind::Bridge(event));
        let hash = rows.hash(tx);
        rows.truth.hops.push((rank, hash));
        true
    }
}

fn right_aligned(account: AccountBytes) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&account);
    word
}
