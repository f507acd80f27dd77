//! When blocks are found, what a bitcoin costs and what miners ask, day by day, all from the seed.

use crate::dice::{Dice, scale};

/// Seconds in an hour.
pub(crate) const HOUR: u32 = 3600;
/// Seconds in a day.
pub(crate) const DAY: u32 = 86_400;
/// First day of the price table, as days since 1970: 2017-12-01.
pub(crate) const PRICES_FROM: u32 = 17_501;
/// The economy opens: 2018-01-01T00:00:00Z.
const OPENING: u32 = 1_514_764_800;
/// The economy's three years: to 2020-12-31.
const SPAN: u32 = 1096 * DAY;
/// Blocks before the opening, in which the first miners earn most of the money there will be.
const WARM_UP: u32 = 300;
/// Seconds between blocks before the opening.
const WARM_UP_INTERVAL: u32 = 600;

/// How many blocks and how far apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Schedule {
    /// Blocks before the opening.
    pub(crate) warm_up: u32,
    /// Blocks planned after it.
    pub(crate) blocks: u32,
    /// When the economy opens.
    pub(crate) opening: u32,
    /// When the last block is planned.
    pub(crate) end: u32,
}

impl Schedule {
    /// Three years whatever the size: blocks are as dense as mainnet's (about 2,300 transactions) at ten million
    /// transactions, six hours apart from 40,000 on, and fewer but not emptier below.
    pub(crate) fn of(txs: u32) -> Self {
        let blocks = if txs > 4384 * 2300 { txs / 2300 } else { (txs / 9).clamp(2192, 4384) };
        Self { warm_up: WARM_UP, blocks, opening: OPENING, end: OPENING + SPAN }
    }

    /// Height of the last planned block.
    pub(crate) const fn last(&self) -> u32 {
        self.warm_up + self.blocks
    }

    /// Mean seconds between blocks after the opening.
    pub(crate) const fn interval(&self) -> u32 {
        (self.end - self.opening) / self.blocks
    }
}

/// The clock.
pub(crate) struct Clock {
    /// The plan.
    pub(crate) schedule: Schedule,
    /// Height of the open block.
    pub(crate) height: u32,
    /// Its header's time.
    pub(crate) time: u32,
    /// US cents a bitcoin costs on its day.
    pub(crate) price: u64,
    /// Satoshi per 1,000 virtual bytes that miners ask on its day.
    pub(crate) fee_rate: u64,
    dice: Dice,
    prices: Vec<u64>,
    rates: Vec<u64>,
    /// True time, which headers are some minutes off from.
    now: u32,
    recent: [u32; 11],
}

impl Clock {
    /// At the genesis block.
    pub(crate) fn new(seed: u64, schedule: Schedule) -> Self {
        let days = (SPAN / DAY + 90) as usize;
        let now = schedule.opening - schedule.warm_up * WARM_UP_INTERVAL;
        let prices = walk(&mut Dice::new(seed, "prices"), days, 1_000_000, 48, 250_000, 6_000_000);
        let rates = walk(&mut Dice::new(seed, "fees"), days, 10_000, 130, 2_000, 40_000);
        let (price, fee_rate) = (prices[0], rates[0]);
        let dice = Dice::new(seed, "clock");
        Self { schedule, height: 0, time: 0, price, fee_rate, dice, prices, rates, now, recent: [0; 11] }
    }

    /// Moves on to the next block.
    pub(crate) fn advance(&mut self) {
        let mean = if self.height < self.schedule.warm_up { WARM_UP_INTERVAL } else { self.schedule.interval() };
        self.height += 1;
        // a quarter to seven quarters of the mean: shorter tails than chance has, because days count in campaigns
        self.now += (mean / 4) + self.dice.below(u64::from(mean) * 3 / 2) as u32;
        let header = self.now - 600 + self.dice.below(1200) as u32;
        let mut recent = self.recent;
        recent.sort_unstable();
        self.time = header.max(recent[5] + 1);
        self.recent[self.height as usize % 11] = self.time;
        let day = (self.time / DAY - PRICES_FROM) as usize;
        self.price = self.prices[day.min(self.prices.len() - 1)];
        self.fee_rate = self.rates[day.min(self.rates.len() - 1)];
    }

    /// Whether the economy is open.
    pub(crate) fn is_open(&self) -> bool {
        self.height > self.schedule.warm_up
    }

    /// US cents a bitcoin costs, for each day from [`PRICES_FROM`] on.
    pub(crate) fn prices(&self) -> &[u64] {
        &self.prices
    }
}

/// A random walk in octaves of 1/256 between two walls that it bounces off.
fn walk(dice: &mut Dice, days: usize, start: u64, steps_max: u32, low: u64, high: u64) -> Vec<u64> {
    let mut value = start;
    (0..days)
        .map(|_| {
            let steps: u64 = (0..4).map(|_| dice.below(u64::from(steps_max) * 2 + 1)).sum();
            let steps = (steps / 4) as i32 - steps_max as i32;
            let next = scale(value, steps);
            value = if (low..=high).contains(&next) { next } else { scale(value, -steps) };
            value
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_eleven_headers_never_falls_and_three_years_pass() {
        let schedule = Schedule::of(20_000);
        let mut clock = Clock::new(3, schedule);
        let mut times = Vec::new();
        let mut turned_back = 0;
        for _ in 0..schedule.last() {
            clock.advance();
            let mut last: Vec<u32> = times.iter().rev().take(11).copied().collect();
            last.sort_unstable();
            if let Some(median) = last.get(last.len() / 2) {
                assert!(clock.time > *median);
            }
            turned_back += u32::from(times.last().is_some_and(|t| *t > clock.time));
            times.push(clock.time);
        }
        assert!(turned_back > 0, "headers are a few minutes off, as real ones");
        assert!(clock.time.abs_diff(schedule.end) < 40 * DAY);
        assert!(times[schedule.warm_up as usize].abs_diff(schedule.opening) < 2 * DAY);
    }

    #[test]
    fn prices_stay_between_their_walls_and_move() {
        let clock = Clock::new(11, Schedule::of(20_000));
        let prices = clock.prices();
        assert!(prices.iter().all(|p| (250_000..=6_000_000).contains(p)));
        assert!(prices.windows(2).all(|w| w[0] * 100 <= w[1] * 115 && w[1] * 100 <= w[0] * 115));
        assert!(prices.iter().max() > prices.iter().min().map(|p| p * 2).as_ref());
    }
}
