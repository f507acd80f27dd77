//! Whether a campaign meets its typology's definition, measured from what happened.
//!
//! The definitions and thresholds are those of the project's starting table of typologies (here rows 4-7, 9, 10, 17, 23; the
//! others in `flows`).
//! Where a row leaves a word open, the reading taken here is in the criterion's name and limit.

use crate::{
    agents::{Economy, Exchange, USD_CENTS_PER_EURO},
    campaigns::{Campaign, CampaignKind},
    world::{ActorId, ActorKind, DAY, HOUR, KeyId, Log, Receipt, Role, Spend, cents_at},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One condition of a definition.
#[derive(Serialize, Clone, Debug)]
pub(super) struct Criterion {
    /// What is measured, with its unit.
    name: &'static str,
    /// The measured value.
    value: u64,
    /// What the definition wants.
    limit: String,
    /// Whether the value is within.
    pub(super) met: bool,
}

pub(super) fn at_least(name: &'static str, value: u64, limit: u64) -> Criterion {
    Criterion { name, value, limit: format!("at least {limit}"), met: value >= limit }
}

pub(super) fn at_most(name: &'static str, value: u64, limit: u64) -> Criterion {
    Criterion { name, value, limit: format!("at most {limit}"), met: value <= limit }
}

pub(super) fn between(name: &'static str, value: u64, low: u64, high: u64) -> Criterion {
    Criterion { name, value, limit: format!("{low} to {high}"), met: (low..=high).contains(&value) }
}

/// A campaign's log with what it takes to read it.
pub(super) struct Case<'a> {
    pub(super) economy: &'a Economy,
    pub(super) campaign: &'a Campaign,
    pub(super) log: &'a Log,
    /// Which spend takes an output.
    pub(super) spent: BTreeMap<(u32, u16), usize>,
}

/// Every condition of the campaign's definition, measured.
pub(super) fn measure(economy: &Economy, index: usize) -> Vec<Criterion> {
    let (campaign, log) = (&economy.campaigns[index], &economy.world.journal.logs[index]);
    let mut spent = BTreeMap::new();
    for (i, spend) in log.spends.iter().enumerate() {
        spent.extend(spend.coins.iter().map(|c| ((c.tx, c.vout), i)));
    }
    let case = Case { economy, campaign, log, spent };
    match campaign.kind {
        CampaignKind::Appeal => {
            let mut all = case.static_address();
            all.extend(case.rotation());
            all.extend(case.peel_chain());
            all
        }
        CampaignKind::StaticDonation => case.static_address(),
        CampaignKind::Rotation => case.rotation(),
        CampaignKind::FreshPerDonor => case.fresh_per_donor(),
        CampaignKind::ManyToOneExit => case.many_to_one(),
        CampaignKind::Facilitator => case.facilitator(),
        CampaignKind::Voucher => case.voucher(),
        CampaignKind::PeelChain => case.peel_chain(),
        CampaignKind::Purchase => case.purchase(),
        CampaignKind::Hub => case.hub(),
        CampaignKind::Migration => case.migration(),
        CampaignKind::SuddenDonation => case.sudden_donation(),
        CampaignKind::EventSpike => case.event_spike(),
        CampaignKind::PassThrough => case.pass_through(),
        CampaignKind::Structuring => case.structuring(),
        CampaignKind::Drain => case.drain(),
        CampaignKind::Spray => case.spray(),
    }
}

/// Whether a receipt is one that the truth follows: from outside, to a source key.
pub(super) fn is_source(economy: &Economy, log: &Log, receipt: &Receipt) -> bool {
    economy.world.keys[receipt.key].role.is_source() && !log.own.contains(&receipt.sender)
}

impl Case<'_> {
    pub(super) fn sources(&self) -> impl Iterator<Item = &Receipt> {
        self.log.receipts.iter().filter(|r| is_source(self.economy, self.log, r))
    }

    pub(super) fn kind_of(&self, actor: ActorId) -> ActorKind {
        self.economy.world.actors[actor.index()].kind
    }

    pub(super) fn spend_of(&self, receipt: &Receipt) -> Option<&Spend> {
        self.spent.get(&(receipt.tx, receipt.vout)).map(|i| &self.log.spends[*i])
    }

    /// Row 4, of the address that was published first.
    fn static_address(&self) -> Vec<Criterion> {
        let Some(key) = self.campaign.published.first() else { return vec![at_least("addresses", 0, 1)] };
        let receipts: Vec<&Receipt> = self.sources().filter(|r| r.key == *key).collect();
        let senders: BTreeSet<ActorId> = receipts.iter().map(|r| r.sender).collect();
        let few = receipts.iter().filter(|r| r.single_use || self.kind_of(r.sender) == ActorKind::Exchange).count();
        let mut out = BTreeSet::new();
        for spend in receipts.iter().filter_map(|r| self.spend_of(r)) {
            out.extend(spend.outs.iter().map(|(to, _)| *to));
        }
        vec![
            at_least("senders", senders.len() as u64, 10),
            at_most("median_usd_cents", median(receipts.iter().map(|r| cents_at(r.value, r.price)).collect()), 50_000),
            at_least("from_exchanges_or_single_use_permille", permille(few, receipts.len()), 700),
            at_most("addresses_paid", out.len() as u64, 3),
            at_least("life_days", life(&receipts), 14),
        ]
    }

    /// Row 5, of the published addresses.
    fn rotation(&self) -> Vec<Criterion> {
        let mut periods = Vec::new();
        let mut sinks: Option<BTreeSet<KeyId>> = None;
        for key in &self.campaign.published {
            let receipts: Vec<&Receipt> = self.sources().filter(|r| r.key == *key).collect();
            let (Some(first), Some(last)) = (receipts.first(), receipts.last()) else { continue };
            periods.push((first.time, last.time));
            let reached = self.reached(&receipts, 3);
            sinks = Some(match sinks {
                Some(before) => before.intersection(&reached).copied().collect(),
                None => reached,
            });
        }
        periods.sort_unstable();
        let gaps = periods.windows(2).map(|w| w[1].0.checked_sub(w[0].1));
        let overlaps = gaps.clone().filter(Option::is_none).count();
        let longest = gaps.flatten().max().unwrap_or(0);
        vec![
            at_least("addresses", periods.len() as u64, 2),
            at_most("overlapping_periods", overlaps as u64, 0),
            at_most("longest_gap_hours", u64::from(longest / HOUR), 7 * 24),
            at_least("common_sinks_within_3_hops", sinks.map_or(0, |s| s.len() as u64), 1),
        ]
    }

    /// Addresses that what was received reaches in so many of the campaign's own transactions.
    fn reached(&self, receipts: &[&Receipt], hops: u32) -> BTreeSet<KeyId> {
        let mut outputs: BTreeSet<(u32, u16)> = receipts.iter().map(|r| (r.tx, r.vout)).collect();
        let mut keys = BTreeSet::new();
        for _ in 0..hops {
            let mut next = BTreeSet::new();
            for spend in outputs.iter().filter_map(|o| self.spent.get(o)).map(|i| &self.log.spends[*i]) {
                for (vout, (to, _)) in spend.outs.iter().enumerate() {
                    keys.insert(*to);
                    next.insert((spend.tx, vout as u16));
                }
            }
            outputs = next;
        }
        keys
    }

    /// Row 6.
    fn fresh_per_donor(&self) -> Vec<Criterion> {
        let mut counts: BTreeMap<KeyId, u32> = BTreeMap::new();
        let mut senders: BTreeMap<ActorId, u32> = BTreeMap::new();
        let mut sinks = BTreeSet::new();
        for receipt in self.sources() {
            *counts.entry(receipt.key).or_default() += 1;
            if self.kind_of(receipt.sender) != ActorKind::Exchange {
                *senders.entry(receipt.sender).or_default() += 1;
            }
            if let Some(spend) = self.spend_of(receipt) {
                sinks.extend(spend.outs.iter().map(|(to, _)| self.economy.world.keys[*to].purse));
            }
        }
        let repeated = senders.values().filter(|n| **n > 1).count();
        vec![
            at_least("addresses_with_one_receipt", counts.values().filter(|n| **n == 1).count() as u64, 10),
            at_most("addresses_with_more", counts.values().filter(|n| **n > 1).count() as u64, 0),
            between("wallets_swept_to", sinks.len() as u64, 1, 1),
            at_most("donors_seen_twice", repeated as u64, 0),
        ]
    }

    /// Row 7: of the 30 days with most senders.
    fn many_to_one(&self) -> Vec<Criterion> {
        let receipts: Vec<&Receipt> = self.sources().collect();
        let window = busiest(&receipts, |w| w.iter().map(|r| r.sender).collect::<BTreeSet<_>>().len());
        let senders: BTreeSet<ActorId> = window.iter().map(|r| r.sender).collect();
        let values: Vec<u128> = window.iter().map(|r| u128::from(r.value)).collect();
        let (sum, squares) = (values.iter().sum::<u128>(), values.iter().map(|v| v * v).sum::<u128>());
        // the square of the coefficient of variation: mean of squares over square of mean, less one
        let ratio = (squares * values.len() as u128 * 1_000_000).checked_div(sum * sum).unwrap_or(1_000_000);
        let forwarded: u64 = window
            .iter()
            .filter(|r| self.spend_of(r).is_some_and(|s| s.time <= r.time + 7 * DAY))
            .map(|r| r.value)
            .sum();
        vec![
            at_least("senders_in_30_days", senders.len() as u64, 15),
            at_least("squared_variation_per_million", (ratio.max(1_000_000) - 1_000_000) as u64, 90_001),
            at_least("forwarded_within_7_days_permille", permille(forwarded as usize, sum as usize), 800),
        ]
    }

    /// Row 9. "Low balance over turnover" is read as at most a quarter left at the end.
    fn facilitator(&self) -> Vec<Criterion> {
        let world = &self.economy.world;
        let own = |actor: ActorId| actor == self.campaign.actor;
        let mut deposits: Vec<&Receipt> = Vec::new();
        let (mut linked_in, mut linked_out, mut turnover) = (0, 0, 0);
        for receipt in &self.log.receipts {
            let info = world.keys[receipt.key];
            if own(info.actor) && !own(receipt.sender) {
                deposits.push(receipt);
                turnover += receipt.value;
                linked_in += u64::from(info.role == Role::Linked);
            } else if Some(info.actor) == self.campaign.linked && own(receipt.sender) {
                linked_out += 1;
            }
        }
        let paid = |spend: &Spend| spend.coins.iter().any(|c| own(world.keys[c.key].actor));
        let outs = self.log.spends.iter().filter(|s| paid(s)).flat_map(|s| &s.outs);
        let withdrawals = outs.filter(|(to, _)| !own(world.keys[*to].actor)).count();
        let month = busiest(&deposits, <[&Receipt]>::len);
        let left: u64 = world.purses.iter().filter(|p| own(p.actor)).map(crate::world::Purse::balance).sum();
        vec![
            between("withdrawals_per_1000_deposits", permille(withdrawals, deposits.len()), 800, 1250),
            at_least("deposits_in_30_days", month.len() as u64, 100),
            at_most("left_at_the_end_permille_of_turnover", permille(left as usize, turnover as usize), 250),
            at_least("deposits_of_the_linked_group", linked_in, 1),
            at_least("payments_to_the_linked_group", linked_out, 1),
        ]
    }

    /// Row 10, of the 30 days with most redemptions. "Moved on within 24 h" is read as half of the money or more.
    fn voucher(&self) -> Vec<Criterion> {
        let fits = |r: &&Receipt| {
            let euro_cents = cents_at(r.value, r.price) * 100 / USD_CENTS_PER_EURO;
            (1000..=15_000).contains(&euro_cents)
        };
        let redeemed: Vec<&Receipt> = self.sources().filter(fits).collect();
        let window = busiest(&redeemed, <[&Receipt]>::len);
        let points: BTreeSet<u32> = self.campaign.redemptions.iter().map(|r| r.point_of_sale).collect();
        let risk = self.economy.exchanges[Exchange::OFF_RAMP].actor;
        let (mut all, mut quick) = (0, 0);
        for receipt in &window {
            all += receipt.value;
            let arrived = self.arrival(receipt.tx, receipt.vout, 4);
            if arrived.is_some_and(|(time, actor)| actor == risk && time <= receipt.time + DAY) {
                quick += receipt.value;
            }
        }
        vec![
            at_least("redemptions_of_10_to_150_euros_in_30_days", window.len() as u64, 5),
            at_least("points_of_sale", points.len() as u64, 3),
            at_least("at_the_off_ramp_within_24_hours_permille", permille(quick as usize, all as usize), 500),
        ]
    }

    /// When the first part of an output reaches a service, and which.
    fn arrival(&self, tx: u32, vout: u16, hops: u32) -> Option<(u32, ActorId)> {
        let spend = &self.log.spends[*self.spent.get(&(tx, vout))?];
        for (vout, (to, _)) in spend.outs.iter().enumerate() {
            let owner = self.economy.world.keys[*to].actor;
            if self.kind_of(owner).is_service() {
                return Some((spend.time, owner));
            }
            if hops > 0
                && let Some(found) = self.arrival(spend.tx, vout as u16, hops - 1)
            {
                return Some(found);
            }
        }
        None
    }

    /// Row 17: the longest run of hops.
    fn peel_chain(&self) -> Vec<Criterion> {
        let mut longest = 0;
        let mut lengths: BTreeMap<(u32, u16), u64> = BTreeMap::new();
        for spend in &self.log.spends {
            let ([coin], [(_, a), (_, b)]) = (spend.coins.as_slice(), spend.outs.as_slice()) else { continue };
            let (vout, rest) = if a > b { (0, *a) } else { (1, *b) };
            if rest * 10 >= coin.value * 8 {
                let length = lengths.get(&(coin.tx, coin.vout)).copied().unwrap_or(0) + 1;
                lengths.insert((spend.tx, vout), length);
                longest = longest.max(length);
            }
        }
        vec![at_least("hops_that_keep_80_percent", longest, 4)]
    }

    /// Row 23.
    fn purchase(&self) -> Vec<Criterion> {
        let bought = self.sources().find(|r| self.kind_of(r.sender) == ActorKind::Exchange);
        let market = self.economy.market.actor;
        let spent = self.log.spends.iter().find_map(|s| {
            let out = s.outs.iter().find(|(to, _)| self.economy.world.keys[*to].actor == market)?;
            Some((s.time, out.1))
        });
        let mut criteria = vec![
            at_least("bought_at_an_exchange", u64::from(bought.is_some()), 1),
            at_least("paid_to_a_labelled_market", u64::from(spent.is_some()), 1),
        ];
        if let (Some(bought), Some((time, value))) = (bought, spent) {
            let cents = cents_at(value, bought.price);
            criteria.push(at_most("held_hours", u64::from((time - bought.time.min(time)) / HOUR), 48));
            criteria.push(between("usd_cents_at_the_price_of_purchase", cents, 5000, 500_000));
        }
        criteria
    }
}

/// The receipts of the 30 days that score highest; receipts come in order of time.
fn busiest<'a>(receipts: &[&'a Receipt], score: impl Fn(&[&'a Receipt]) -> usize) -> Vec<&'a Receipt> {
    let mut best: &[&Receipt] = &[];
    let mut most = 0;
    for (i, first) in receipts.iter().enumerate() {
        let end = receipts.partition_point(|r| r.time < first.time + 30 * DAY);
        let window = &receipts[i..end.max(i)];
        let scored = score(window);
        if scored > most {
            (best, most) = (window, scored);
        }
    }
    best.to_vec()
}

pub(super) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

pub(super) fn permille(part: usize, whole: usize) -> u64 {
    (part as u128 * 1000).checked_div(whole as u128).unwrap_or(0) as u64
}

pub(super) fn life(receipts: &[&Receipt]) -> u64 {
    match (receipts.first(), receipts.last()) {
        (Some(first), Some(last)) => u64::from((last.time - first.time.min(last.time)) / DAY),
        _ => 0,
    }
}
