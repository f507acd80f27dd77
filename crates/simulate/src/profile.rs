//! The benchmark's profile: uniform random wallets, a fixed shape, no story.
//!
//! - inputs a transaction: 1 in 504 of 1000, 2 in 222, 3 in 110, 4 in 55, else 5 to 11; mean 2.37;
//! - outputs: 1 in 120 of 1000, 2 in 679, 3 in 80, 4 in 40, else 5 to 13; mean 2.61;
//! - two outputs in five pay a fresh address, the others any earlier one: 2.5 outputs an address;
//! - script kinds by the address: P2PKH 350 of 1000, P2WPKH 260, P2SH-P2WPKH 240, 2-of-3 P2SH 80, 2-of-3 P2WSH 20,
//!   P2TR 50; about 496 bytes a transaction;
//! - spent outputs: three in five are among the youngest [`RECENT`] to twice as many unspent ones, uniformly, the others
//!   any older one. The ages that come of it, in transactions, are measured and in the manifest;
//! - where asked for ([`crate::Settings::hub_permille`]), a share of the outputs pays the next deposit address of one
//!   service, which sweeps a hundred of them at a time through one hot address: an entity of any size;
//! - 2,300 transactions a block, ten minutes apart; the first 200 blocks bring money into being and spread it.

use crate::{
    blocks::{BlockPlan, InputPlan, Kind, OutputPlan, Style, TxPlan, subsidy},
    dice::Dice,
    run::Planner,
};
use std::collections::BTreeMap;

/// Unspent outputs that count as recent, at least.
const RECENT: usize = 16_384;
const BLOCK_TXS: u32 = 2300;
const MATURITY: u32 = 100;
/// Blocks whose coinbases are spread over many outputs as they mature.
const SPREAD_BLOCKS: u32 = 100;
const SPREAD_OUTPUTS: u64 = 60;
/// Deposits that the service sweeps at once.
const SWEEP_INPUTS: usize = 100;
/// What a sweep weighs, in other transactions.
const SWEEP_WEIGHS: u32 = 45;
/// Customers that it pays out to at the same time.
const SWEEP_PAYOUTS: u64 = 100;
const STYLE: Style = Style { version: 2, sequence: 0xfd, locks_height: false };
const KINDS: [(Kind, u64); 6] = [
    (Kind::P2pkh, 350),
    (Kind::P2wpkh, 610),
    (Kind::P2shP2wpkh, 850),
    (Kind::P2shMultisig, 930),
    (Kind::P2wshMultisig, 950),
    (Kind::P2tr, 1000),
];

/// An unspent output.
#[derive(Clone, Copy)]
struct Slot {
    value: u64,
    tx: u32,
    key: u32,
    vout: u16,
}

/// The one service that gathers addresses.
struct Hub {
    /// Outputs that pay it, of 1000.
    permille: u64,
    /// Deposits not yet swept, the oldest first.
    waiting: std::collections::VecDeque<Slot>,
    /// Its hot address, once the first sweep made it, and the coin there.
    hot: Option<Slot>,
}

/// Plans the blocks of the profile.
pub(crate) struct Profile {
    dice: Dice,
    limit: u32,
    count: u32,
    height: u32,
    keys: u32,
    recent: Vec<Slot>,
    old: Vec<Slot>,
    /// Coinbases by height, as far as they are not yet in circulation.
    immature: std::collections::VecDeque<Slot>,
    /// How many inputs spent an output of an age of 2^i to 2^(i+1) - 1 transactions.
    ages: [u64; 32],
    hub: Option<Hub>,
    /// Sweeps in the open block.
    sweeps: u32,
}

impl Profile {
    /// A chain of exactly so many transactions, `hub_permille` of whose outputs pay the one service (0: there is none).
    pub(crate) fn new(seed: u64, limit: u32, hub_permille: u32) -> Self {
        let permille = u64::from(hub_permille);
        Self {
            hub: (permille > 0).then(|| Hub { permille, waiting: std::collections::VecDeque::new(), hot: None }),
            dice: Dice::new(seed, "profile"),
            sweeps: 0,
            limit,
            count: 1,
            height: 0,
            keys: 1,
            recent: Vec::with_capacity(2 * RECENT + 4096),
            old: Vec::new(),
            immature: std::collections::VecDeque::new(),
            ages: [0; 32],
        }
    }

    /// Addresses so far.
    pub(crate) fn keys(&self) -> u32 {
        self.keys
    }

    /// Quantiles of the age of spent outputs: the upper end of the octave, in transactions.
    pub(crate) fn measured(&self) -> BTreeMap<&'static str, u64> {
        let total: u64 = self.ages.iter().sum();
        let quantile = |percent: u64| {
            let mut left = total * percent / 100;
            self.ages.iter().position(|n| left.checked_sub(*n).map(|l| left = l).is_none()).map_or(0, |i| (2 << i) - 1)
        };
        BTreeMap::from([
            ("spent_age_txs_p25_at_most", quantile(25)),
            ("spent_age_txs_p50_at_most", quantile(50)),
            ("spent_age_txs_p75_at_most", quantile(75)),
            ("spent_age_txs_p95_at_most", quantile(95)),
            ("unspent_outputs_at_the_end", (self.recent.len() + self.old.len() + self.immature.len()) as u64),
        ])
    }

    /// The script kind of an address: always the same, so that none need be stored.
    fn kind(key: u32) -> Kind {
        let mixed = (u64::from(key) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        KINDS.iter().find(|(_, upto)| mixed % 1000 < *upto).map_or(Kind::P2pkh, |(kind, _)| *kind)
    }

    fn fresh(&mut self) -> u32 {
        self.keys += 1;
        self.keys - 1
    }

    fn address(&mut self) -> u32 {
        if self.dice.chance(400) {
            return self.fresh();
        }
        self.dice.below(u64::from(self.keys)) as u32
    }

    fn take(&mut self) -> Option<Slot> {
        let recent = !self.recent.is_empty() && (self.old.is_empty() || self.dice.chance(600));
        let from = if recent { &mut self.recent } else { &mut self.old };
        if from.is_empty() {
            return None;
        }
        let slot = from.swap_remove(self.dice.index(from.len()));
        self.ages[(self.count - slot.tx).max(1).ilog2() as usize] += 1;
        Some(slot)
    }

    fn outputs(&mut self, plan: &mut BlockPlan, value: u64, count: u64) {
        let mut left = value;
        for vout in 0..count {
            let even = left / (count - vout);
            let part = if vout + 1 == count { left } else { even / 2 + self.dice.below(even) };
            let part = part.max(600).min(left - (count - vout - 1) * 600);
            let deposit = self.hub.as_ref().map(|h| h.permille).is_some_and(|permille| self.dice.chance(permille));
            let key = if deposit { self.fresh() } else { self.address() };
            plan.outputs.push(OutputPlan { value: part, key, kind: Self::kind(key) });
            let slot = Slot { value: part, tx: self.count, key, vout: vout as u16 };
            match &mut self.hub {
                Some(hub) if deposit => hub.waiting.push_back(slot),
                _ => self.recent.push(slot),
            }
            left -= part;
        }
        if self.recent.len() >= 2 * RECENT {
            self.old.extend(self.recent.drain(..RECENT));
        }
    }

    fn close(&mut self, plan: &mut BlockPlan, fee: u64) {
        plan.txs.push(TxPlan {
            inputs_end: plan.inputs.len() as u32,
            outputs_end: plan.outputs.len() as u32,
            fee,
            style: STYLE,
        });
        self.count += 1;
    }

    fn spend(plan: &mut BlockPlan, slot: Slot) {
        plan.inputs.push(InputPlan { tx: slot.tx, vout: slot.vout, kind: Self::kind(slot.key), key: slot.key });
    }

    /// The service sweeps its oldest deposits beside its hot coin: the first output goes back to the hot address, the
    /// others to customers. False where too few deposits wait.
    fn sweep(&mut self, plan: &mut BlockPlan) -> bool {
        let Some(hub) = self.hub.as_mut().filter(|h| h.waiting.len() >= SWEEP_INPUTS) else { return false };
        let spent: Vec<Slot> = hub.waiting.drain(..SWEEP_INPUTS).chain(hub.hot.take()).collect();
        let hot = match spent.get(SWEEP_INPUTS) {
            Some(slot) => slot.key,
            None => self.fresh(),
        };
        let value: u64 = spent.iter().map(|s| s.value).sum();
        for slot in spent {
            Self::spend(plan, slot);
        }
        // every deposit brings 600 sat at least, so less than half of that pays for all
        let fee = 250 * SWEEP_INPUTS as u64;
        let payouts = SWEEP_PAYOUTS.min((value - fee) / 2000);
        let kept = if payouts == 0 { value - fee } else { (value - fee) / 10 };
        plan.outputs.push(OutputPlan { value: kept, key: hot, kind: Self::kind(hot) });
        let slot = Slot { value: kept, tx: self.count, key: hot, vout: 0 };
        let mut left = value - fee - kept;
        for vout in 1..=payouts {
            let even = left / (payouts + 1 - vout);
            let part = if vout == payouts { left } else { even / 2 + self.dice.below(even) };
            let key = self.address();
            plan.outputs.push(OutputPlan { value: part, key, kind: Self::kind(key) });
            self.recent.push(Slot { value: part, tx: self.count, key, vout: vout as u16 });
            left -= part;
        }
        if let Some(hub) = &mut self.hub {
            hub.hot = Some(slot);
        }
        self.sweeps += 1;
        self.close(plan, fee);
        true
    }

    /// One transaction; false where there is nothing to spend.
    fn transaction(&mut self, plan: &mut BlockPlan) -> bool {
        if self.sweep(plan) {
            return true;
        }
        let inputs = match self.dice.below(1000) {
            0..504 => 1,
            504..726 => 2,
            726..836 => 3,
            836..891 => 4,
            _ => self.dice.range(5, 11),
        };
        let mut outputs = match self.dice.below(1000) {
            0..120 => 1,
            120..799 => 2,
            799..879 => 3,
            879..919 => 4,
            _ => self.dice.range(5, 13),
        };
        let mut value = 0;
        let mut taken = 0;
        let fee = |inputs: u64, outputs: u64| 600 * inputs + 150 * outputs;
        // every output above dust: what is too small takes one more input along
        while taken < inputs || value < fee(taken, outputs) + outputs * 1000 {
            let Some(slot) = self.take() else { break };
            value += slot.value;
            Self::spend(plan, slot);
            taken += 1;
        }
        outputs = outputs.min(value.saturating_sub(fee(taken, outputs)) / 1000);
        if outputs == 0 {
            // only when all money is spent: what was taken is worth nothing
            plan.inputs.truncate(plan.inputs.len() - taken as usize);
            return false;
        }
        self.outputs(plan, value - fee(taken, outputs), outputs);
        self.close(plan, fee(taken, outputs));
        true
    }

    /// Brings a mature coinbase into circulation.
    fn mature(&mut self, plan: &mut BlockPlan) {
        if self.height <= MATURITY {
            return;
        }
        let Some(slot) = self.immature.pop_front() else { return };
        if self.height <= MATURITY + SPREAD_BLOCKS && self.count < self.limit {
            Self::spend(plan, slot);
            self.outputs(plan, slot.value - 50_000, SPREAD_OUTPUTS);
            self.close(plan, 50_000);
        } else {
            self.recent.push(slot);
        }
    }
}

impl Planner for Profile {
    fn next_block(&mut self) -> Option<BlockPlan> {
        if self.count == self.limit {
            return None;
        }
        self.height += 1;
        let mut plan = BlockPlan::new(self.height, 1_514_764_800 + self.height * 600, self.count);
        self.count += 1;
        self.mature(&mut plan);
        if self.height > MATURITY + SPREAD_BLOCKS {
            let end = (plan.first_tx + BLOCK_TXS).min(self.limit);
            // a sweep weighs as much as 45 others, and a block holds no more than its weight
            while self.count + SWEEP_WEIGHS * self.sweeps < end && self.transaction(&mut plan) {}
            self.sweeps = 0;
        }
        let key = self.keys;
        self.keys += 1;
        let value = subsidy(self.height) + plan.fees(plan.txs.len());
        plan.coinbase = OutputPlan { value, key, kind: Self::kind(key) };
        plan.tag = "/profile/";
        self.immature.push_back(Slot { value, tx: plan.first_tx, key, vout: 0 });
        Some(plan)
    }
}
