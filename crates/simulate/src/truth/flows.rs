//! Whether a campaign meets its definition, continued: rows 8, 12 to 14 and 18 to 21.
//!
//! Blocks are hours apart in these worlds, so "within 60 minutes" is within the same block. Where a row leaves a word open, the reading
//! taken is in the criterion's name and limit, and in the comments here.

use super::criteria::{Case, Criterion, at_least, at_most, median, permille};
use crate::{
    agents::Dated,
    campaigns::THRESHOLDS,
    world::{ActorId, ActorKind, DAY, HOUR, KeyId, Receipt, Role, Spend, cents_at},
};
use std::collections::{BTreeMap, BTreeSet};

/// Hops that are looked along for a hub.
const HOPS_MAX: u64 = 8;

impl Case<'_> {
    fn owner(&self, key: KeyId) -> ActorId {
        self.economy.world.keys[key].actor
    }

    /// Receipts of the first published address from outside, in order of time.
    fn receipts_of_first(&self) -> Vec<&Receipt> {
        let key = self.campaign.published.first();
        self.sources().filter(|r| Some(&r.key) == key).collect()
    }

    /// Of a transaction's outputs, in thousandths: those that leave the purse of a key.
    fn onward_permille(&self, spend: &Spend, key: KeyId) -> u64 {
        let keys = &self.economy.world.keys;
        let purse = keys[key].purse;
        let sum: u64 = spend.outs.iter().map(|(_, value)| value).sum();
        let gone: u64 = spend.outs.iter().filter(|(to, _)| keys[*to].purse != purse).map(|(_, value)| value).sum();
        permille(gone as usize, sum as usize)
    }

    /// Row 8, of the hub: the last published address. An entity counts where 600 of 1000 parts of what it received reach the
    /// hub in 2 to 6 transactions, its money mixed in each by parts.
    pub(super) fn hub(&self) -> Vec<Criterion> {
        let Some((hub, entities)) = self.campaign.published.split_last() else {
            return vec![at_least("published_addresses", 0, 1)];
        };
        let reach = entities.iter().filter(|key| self.reaches(**key, *hub)).count();
        let mut paid: Vec<(u32, ActorId)> = Vec::new();
        for spend in self.log.spends.iter().filter(|s| s.coins.iter().any(|c| c.key == *hub)) {
            paid.extend(spend.outs.iter().map(|(to, _)| (spend.time, self.owner(*to))));
        }
        let own = self.owner(*hub);
        paid.retain(|(_, actor)| *actor != own);
        paid.sort_unstable();
        let groups = paid.iter().map(|(first, _)| {
            let near = paid.iter().filter(|(time, _)| (*first..*first + 14 * DAY).contains(time));
            near.map(|(_, actor)| *actor).collect::<BTreeSet<_>>().len()
        });
        vec![
            at_least("entities_that_reach_the_hub_in_2_to_6_hops_with_600_permille", reach as u64, 3),
            at_least("groups_paid_by_the_hub_in_14_days", groups.max().unwrap_or(0) as u64, 3),
        ]
    }

    fn reaches(&self, from: KeyId, hub: KeyId) -> bool {
        let receipts: Vec<&Receipt> = self.sources().filter(|r| r.key == from).collect();
        let all: u64 = receipts.iter().map(|r| r.value).sum();
        let mut held: BTreeMap<(u32, u16), u64> = receipts.iter().map(|r| ((r.tx, r.vout), r.value)).collect();
        let mut arrived = 0;
        for hop in 1..=HOPS_MAX {
            let mut spends: BTreeMap<usize, u64> = BTreeMap::new();
            for (output, value) in &held {
                if let Some(spend) = self.spent.get(output) {
                    *spends.entry(*spend).or_default() += value;
                }
            }
            held.clear();
            for (place, value) in spends {
                let spend = &self.log.spends[place];
                let sum: u64 = spend.outs.iter().map(|(_, value)| value).sum();
                for (vout, (to, out)) in spend.outs.iter().enumerate() {
                    let part = (u128::from(value) * u128::from(*out) / u128::from(sum.max(1))) as u64;
                    if *to != hub {
                        held.insert((spend.tx, vout as u16), part);
                    } else if (2..=6).contains(&hop) {
                        arrived += part;
                    }
                }
            }
        }
        permille(arrived as usize, all as usize) >= 600
    }

    /// Row 12, the half that this chain shows; the other half is measured on the other chain.
    pub(super) fn migration(&self) -> Vec<Criterion> {
        let receipts = self.receipts_of_first();
        vec![at_least("gifts", receipts.len() as u64, 1)]
    }

    /// Row 13, of the largest sum of the first published address. With fewer than a hundred sums before it, above the 99th
    /// percentile is above all of them.
    pub(super) fn sudden_donation(&self) -> Vec<Criterion> {
        let key = self.campaign.published.first();
        let all: Vec<&Receipt> = self.log.receipts.iter().filter(|r| Some(&r.key) == key).collect();
        let cents = |r: &Receipt| cents_at(r.value, r.price);
        let Some(large) = all.iter().max_by_key(|r| cents(r)) else { return vec![at_least("sums", 0, 1)] };
        let before: Vec<u64> = all.iter().filter(|r| r.tx < large.tx).map(|r| cents(r)).collect();
        let exceeded = before.iter().filter(|c| **c < cents(large)).count();
        let middle = median(before.clone());
        let out = self
            .spend_of(large)
            .filter(|s| s.time <= large.time + 48 * HOUR)
            .map_or(0, |s| self.onward_permille(s, large.key));
        vec![
            at_least("sums_before", before.len() as u64, 5),
            at_least("sums_before_that_are_smaller_permille", permille(exceeded, before.len()), 990),
            at_least("tenths_of_the_median_before", cents(large) * 10 / middle.max(1), 100),
            at_least("out_within_48_hours_permille", out, 700),
        ]
    }

    /// Row 14: receipts in the 15 days around each event against those in the 15-day windows of the 180 days before, at least three
    /// of them. The deviation is at least one receipt, so that a quiet address is not spiked by its second.
    pub(super) fn event_spike(&self) -> Vec<Criterion> {
        let receipts = self.receipts_of_first();
        let Some(first) = receipts.first() else { return vec![at_least("gifts", 0, 1)] };
        let width = 2 * Dated::DAYS + 1;
        let mut best = (0, 0);
        for event in &self.economy.dated {
            let opens = event.time - Dated::DAYS * DAY;
            let count = |from: u32| {
                let to = from + width * DAY;
                receipts.iter().filter(|r| (from..to).contains(&r.time)).count() as u64
            };
            let windows: Vec<u64> = (1..=12)
                .map(|back| opens.saturating_sub(back * width * DAY))
                .take_while(|from| *from >= first.time)
                .map(count)
                .collect();
            // as many payments as usual count as many times less where the whole market pays more
            let found = count(opens) * 1000 / event.market_permille;
            if windows.len() < 3 {
                continue;
            }
            let n = windows.len() as u64;
            let (sum, squares): (u64, u64) = (windows.iter().sum(), windows.iter().map(|c| c * c).sum());
            // n times the variance is squares - sum^2 / n; the deviation in hundredths
            let deviation = ((squares * n - sum * sum) * 10_000 / (n * n)).isqrt().max(100);
            let excess = (found * 100).saturating_sub(sum * 100 / n);
            best = best.max((excess * 100 / deviation, n));
        }
        vec![
            at_least("windows_before_the_event", best.1, 3),
            at_least("hundredths_of_a_deviation_above_the_mean", best.0, 301),
        ]
    }

    /// Row 18, of one address.
    pub(super) fn pass_through(&self) -> Vec<Criterion> {
        let mut quick: BTreeMap<KeyId, u64> = BTreeMap::new();
        for receipt in self.sources() {
            let spend = self.spend_of(receipt).filter(|s| s.time <= receipt.time + HOUR);
            if spend.is_some_and(|s| self.onward_permille(s, receipt.key) >= 900) {
                *quick.entry(receipt.key).or_default() += 1;
            }
        }
        let most = quick.into_values().max().unwrap_or(0);
        vec![at_least("passages_of_900_permille_within_60_minutes", most, 3)]
    }

    /// Row 19, of any of the thresholds: payments out of the first address's purse to others, or receipts of it.
    pub(super) fn structuring(&self) -> Vec<Criterion> {
        let keys = &self.economy.world.keys;
        let own = |key: KeyId| keys[key].actor == self.campaign.actor;
        let mut sums: Vec<(u32, u64)> = Vec::new();
        let mut got: Vec<(u32, u64)> = Vec::new();
        for spend in self.log.spends.iter().filter(|s| s.coins.iter().any(|c| own(c.key))) {
            // the price of the day is that of any receipt in the transaction
            let price = self.price_at(spend.time);
            sums.extend(spend.outs.iter().filter(|(to, _)| !own(*to)).map(|(_, v)| (spend.time, cents_at(*v, price))));
        }
        got.extend(self.sources().map(|r| (r.time, cents_at(r.value, r.price))));
        let mut best = (0, 0);
        for side in [&sums, &got] {
            for threshold in THRESHOLDS {
                for (first, _) in side {
                    let near = |(time, cents): &&(u32, u64)| {
                        (*first..*first + DAY).contains(time) && (threshold * 8 / 10..threshold).contains(cents)
                    };
                    let found: Vec<u64> = side.iter().filter(near).map(|(_, cents)| *cents).collect();
                    let sum: u64 = found.iter().sum();
                    best = best.max((found.len() as u64, sum * 1000 / threshold));
                }
            }
        }
        vec![
            at_least("payments_of_800_to_1000_permille_of_a_threshold_in_24_hours", best.0, 3),
            at_least("their_sum_in_permille_of_it", best.1, 1000),
        ]
    }

    fn price_at(&self, time: u32) -> u64 {
        let prices = self.economy.world.clock.prices();
        let day = (time / DAY).saturating_sub(crate::world::PRICES_FROM) as usize;
        prices.get(day).or(prices.last()).copied().unwrap_or(0)
    }

    /// Row 20, of the largest sum of the first published address; "above p95" is above what 50 of 1000 payments of this world
    /// exceed, "the whole balance" 950 of 1000 parts.
    pub(super) fn drain(&self) -> Vec<Criterion> {
        let key = self.campaign.published.first();
        let all: Vec<&Receipt> = self.log.receipts.iter().filter(|r| Some(&r.key) == key).collect();
        let Some(large) = all.iter().max_by_key(|r| r.value) else { return vec![at_least("sums", 0, 1)] };
        let age = all.first().map_or(0, |first| (large.time - first.time.min(large.time)) / HOUR);
        let spend = self.spend_of(large);
        let hours = spend.map_or(u32::MAX, |s| (s.time - large.time.min(s.time)) / HOUR);
        let limit = self.economy.world.worth.exceeded_by(50);
        vec![
            at_most("age_hours", u64::from(age), 7 * 24 - 1),
            at_least("usd_cents", cents_at(large.value, large.price), limit),
            at_most("drained_after_hours", u64::from(hours), 24),
            at_least("drained_permille", spend.map_or(0, |s| self.onward_permille(s, large.key)), 950),
        ]
    }

    /// Row 21: exchanges that the campaign's own accounts were paid at within 24 hours.
    pub(super) fn spray(&self) -> Vec<Criterion> {
        let world = &self.economy.world;
        let exchange = |r: &&Receipt| {
            let info = world.keys[r.key];
            info.role == Role::Deposit && self.kind_of(info.actor) == ActorKind::Exchange
        };
        let sold: Vec<(u32, ActorId)> =
            self.log.receipts.iter().filter(exchange).map(|r| (r.time, self.owner(r.key))).collect();
        let most = sold.iter().map(|(first, _)| {
            let near = sold.iter().filter(|(time, _)| (*first..=*first + DAY).contains(time));
            near.map(|(_, actor)| *actor).collect::<BTreeSet<_>>().len()
        });
        vec![at_least("exchanges_within_24_hours", most.max().unwrap_or(0) as u64, 3)]
    }
}
