//! One account's receipts and forwards: whether it passes on all that it receives, to whom, and when.

use super::flows::{Flows, NOBODY, Transfer};
use super::settings::{ASSETS_MAX, AccountSettings, TRANSFERS_MAX};
use athar_types::account::{TransferKind, U256};

/// Thousandths of a forward that may go elsewhere in the same transaction: what a token with a fee takes.
const SIDE_PERMILLE: u32 = 100;

/// Accounts that it may give to, the collector and those that get the costs of a token.
const PAYEES_MAX: usize = 16;

/// A payment of a deposit address to its collector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forward {
    pub(crate) transfer: u64,
    pub(crate) tx: u32,
    /// Whether it emptied the account of the asset, soon after a receipt.
    pub(crate) is_whole: bool,
}

/// A payment to a deposit address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receipt {
    pub(crate) transfer: u64,
    pub(crate) from: u32,
    pub(crate) asset: u32,
    pub(crate) amount: U256,
    /// Whether who gave it signed the transaction: then it was asked for.
    pub(crate) is_signed: bool,
    /// The whole forward that took it on, as an index.
    pub(crate) forward: Option<u32>,
}

/// The history of an account that gives to one other account only.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) collector: u32,
    pub(crate) forwards: Vec<Forward>,
    pub(crate) receipts: Vec<Receipt>,
    /// Thousandths of what it received, of the asset it received relatively least on, that it forwarded.
    pub(crate) forwarded_permille: u32,
}

/// What lies there of one asset.
struct Held {
    asset: u32,
    balance: U256,
    received: U256,
    forwarded: U256,
    /// When the last of it came.
    last: Option<u32>,
    /// Receipts that no whole forward has taken yet, as indices.
    waiting: Vec<u32>,
}

impl History {
    /// The first receipt that a whole forward took on, and that forward, as transfers.
    pub(crate) fn first_passed_on(&self) -> Option<(u64, u64)> {
        let receipt = self.receipts.iter().find(|r| r.forward.is_some())?;
        Some((receipt.transfer, self.forwards.get(receipt.forward? as usize)?.transfer))
    }

    /// The history of `account`; `None` where it gives to more than one account (costs of a forward aside), or too seldom or
    /// too little at a time to be a deposit address, or is too busy to be one.
    pub(crate) fn of<F: Flows>(flows: &F, account: u32, settings: &AccountSettings) -> Option<Self> {
        // what it never gives is nobody's business: else anybody could hide it under gifts of a hundred tokens
        let given_assets = given_assets(flows, account)?;
        let mut walk = Walk::default();
        let mut given: Vec<(u64, Transfer)> = Vec::new();
        for (count, n) in flows.of_account(account, 0).enumerate() {
            if count == TRANSFERS_MAX {
                return None;
            }
            let t = flows.transfer(n);
            if given.first().is_some_and(|(_, first)| first.tx != t.tx) {
                walk.give(flows, &mut given, settings)?;
            }
            if t.amount.is_zero() || t.from == t.to || (t.asset != 0 && !given_assets.contains(&t.asset)) {
                continue;
            }
            if t.from != account {
                walk.receive(flows, n, &t)?;
            } else if t.kind.is_fee() {
                let held = walk.held(t.asset)?;
                held.balance = held.balance.saturating_sub(t.amount);
            } else if t.kind == TransferKind::Stake || t.to == NOBODY {
                return None;
            } else {
                given.push((n, t));
            }
        }
        walk.give(flows, &mut given, settings)?;
        walk.finish(settings)
    }
}

/// The assets that `account` gives; `None` where it gives none, or to so many accounts or of so many assets that it cannot be
/// a deposit address.
fn given_assets<F: Flows>(flows: &F, account: u32) -> Option<Vec<u32>> {
    let (mut assets, mut payees) = (Vec::new(), Vec::new());
    for n in flows.of_account(account, 0).take(TRANSFERS_MAX) {
        let t = flows.transfer(n);
        if t.from != account || t.to == account || t.kind.is_fee() || t.amount.is_zero() {
            continue;
        }
        if !assets.contains(&t.asset) {
            assets.push(t.asset);
        }
        if !payees.contains(&t.to) {
            payees.push(t.to);
        }
        if assets.len() > ASSETS_MAX || payees.len() > PAYEES_MAX {
            return None;
        }
    }
    (!assets.is_empty()).then_some(assets)
}

#[derive(Default)]
struct Walk {
    collector: Option<u32>,
    forwards: Vec<Forward>,
    receipts: Vec<Receipt>,
    held: Vec<Held>,
}

impl Walk {
    fn held(&mut self, asset: u32) -> Option<&mut Held> {
        let at = match self.held.iter().position(|held| held.asset == asset) {
            Some(at) => at,
            None if self.held.len() == ASSETS_MAX => return None,
            None => {
                self.held.push(Held {
                    asset,
                    balance: U256::ZERO,
                    received: U256::ZERO,
                    forwarded: U256::ZERO,
                    last: None,
                    waiting: Vec::new(),
                });
                self.held.len() - 1
            }
        };
        self.held.get_mut(at)
    }

    /// `None` where sums of a hostile token pass 2^256: then nothing is known of the account.
    fn receive<F: Flows>(&mut self, flows: &F, n: u64, t: &Transfer) -> Option<()> {
        let index = u32::try_from(self.receipts.len()).ok()?;
        let time = flows.tx_time(t.tx).0;
        let is_signed = t.from != NOBODY && flows.tx_sender(t.tx) == t.from;
        let held = self.held(t.asset)?;
        held.balance = held.balance.checked_add(t.amount)?;
        held.received = held.received.checked_add(t.amount)?;
        // what was not asked for does not make a late forward a prompt one
        if is_signed || held.last.is_none() {
            held.last = Some(time);
        }
        held.waiting.push(index);
        self.receipts.push(Receipt {
            transfer: n,
            from: t.from,
            asset: t.asset,
            amount: t.amount,
            is_signed,
            forward: None,
        });
        Some(())
    }

    /// What the account gave in one transaction. `None` where that rules it out.
    fn give<F: Flows>(
        &mut self,
        flows: &F,
        given: &mut Vec<(u64, Transfer)>,
        settings: &AccountSettings,
    ) -> Option<()> {
        while let Some((n, main)) = given.iter().max_by_key(|(n, t)| (t.amount, u64::MAX - n)).copied() {
            let mut costs = U256::ZERO;
            for (_, t) in given.iter().filter(|(other, t)| *other != n && t.asset == main.asset) {
                costs = costs.checked_add(t.amount)?;
            }
            given.retain(|(_, t)| t.asset != main.asset);
            if costs.checked_mul(U256::from(1_000))? > main.amount.checked_mul(U256::from(SIDE_PERMILLE))? {
                return None;
            }
            if *self.collector.get_or_insert(main.to) != main.to {
                return None;
            }
            let forward = u32::try_from(self.forwards.len()).ok()?;
            let time = flows.tx_time(main.tx).0;
            let held = self.held(main.asset)?;
            let before = held.balance;
            // more than was seen to come: the source does not cover all of it
            held.balance = before.saturating_sub(main.amount).saturating_sub(costs);
            held.forwarded = held.forwarded.checked_add(main.amount)?.checked_add(costs)?;
            let left = held.balance.checked_mul(U256::from(1_000))?;
            let is_empty = left <= before.checked_mul(U256::from(settings.slack_permille))?;
            let is_prompt = held.last.is_some_and(|last| time.saturating_sub(last) <= settings.window_secs);
            let is_whole = is_empty && is_prompt && !held.waiting.is_empty();
            if is_whole {
                for receipt in std::mem::take(&mut held.waiting) {
                    self.receipts[receipt as usize].forward = Some(forward);
                }
            }
            self.forwards.push(Forward { transfer: n, tx: main.tx, is_whole });
        }
        Some(())
    }

    fn finish(self, settings: &AccountSettings) -> Option<History> {
        let whole = self.forwards.iter().filter(|f| f.is_whole).count() as u64;
        let enough = whole * 1_000 >= self.forwards.len() as u64 * u64::from(settings.whole_permille);
        if whole < u64::from(settings.forwards_min) || !enough {
            return None;
        }
        let share = |held: &Held| {
            let share = held.forwarded.checked_mul(U256::from(1_000)).map(|f| f / held.received.max(U256::ONE));
            share.and_then(|share| u32::try_from(share).ok()).unwrap_or(1_000).min(1_000)
        };
        let forwarded = self.held.iter().filter(|held| !held.forwarded.is_zero());
        Some(History {
            collector: self.collector?,
            forwarded_permille: forwarded.map(share).min().unwrap_or(0),
            forwards: self.forwards,
            receipts: self.receipts,
        })
    }
}
