//! How fast taint is followed over balances of accounts.
//!
//! `cargo bench -p athar-trace --bench account [-- TRANSFERS]`. Two made worlds of five million transfers (by default), amounts of up
//! to 10^24 (a token of 18 decimals):
//!
//! * *deep*: money that passes from hand to hand: each transfer gives nearly all of what one of the last accounts received to another
//!   account, mostly a fresh one; every tenth also pays a side account. Followed from the first receipts without a bound of hops.
//! * *wide*: accounts with degrees as skewed as real ones (the account of a transfer is drawn by the inverse square of a uniform number);
//!   followed from a thousand receipts until nearly every balance has taint on it.
//!
//! Each line gives transfers looked at in a second of processor time (those of opening balances included; one that is looked at for two
//! balances counts twice), edges in a second, and how far the trace came. The median of five runs counts.

use athar_trace::account::{
    AccountLimits, AccountQuestion, AccountSources, Flows, MadeFlows, NONE, NoAccountOwners, NoAccountStops, NoSink,
    Transfer, stream,
};
use athar_trace::{Direction, Policy};
use athar_types::account::{TransferKind, U256};
use std::{error::Error, time::Instant};

/// Xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides.max(1)
    }

    /// A number below `sides`, small ones far more often.
    fn skewed(&mut self, sides: u64) -> u64 {
        let part = self.below(1 << 24) as u128;
        ((u128::from(sides) * part * part * part) >> 72) as u64
    }
}

fn transfer(from: u32, to: u32, kind: TransferKind, amount: u128) -> Transfer {
    Transfer { tx: NONE, from, to, asset: 0, amount: U256::from(amount), kind }
}

fn deep(count: u64) -> Vec<Transfer> {
    let mut dice = Dice(7);
    let mut transfers = Vec::with_capacity(count as usize);
    // accounts with money, and how much
    let mut live: Vec<(u32, u128)> = Vec::new();
    let mut fresh = 0;
    for _ in 0..1_000 {
        let amount = 1_000_000_000_000_000_000_000_000 + u128::from(dice.below(1 << 40));
        transfers.push(transfer(NONE, fresh, TransferKind::Mint, amount));
        live.push((fresh, amount));
        fresh += 1;
    }
    while (transfers.len() as u64) < count {
        let at = dice.below(live.len() as u64) as usize;
        let (from, held) = live[at];
        if dice.below(10) == 0 {
            let side = held / (2 + u128::from(dice.below(50)));
            transfers.push(transfer(from, fresh, TransferKind::Value, side));
            live[at].1 -= side;
            live.push((fresh, side));
            fresh += 1;
        } else if dice.below(20) == 0 {
            let other = dice.below(live.len() as u64) as usize;
            if other != at {
                transfers.push(transfer(from, live[other].0, TransferKind::Value, held));
                live[other].1 += held;
                live[at].1 = 0;
            }
        } else {
            transfers.push(transfer(from, fresh, TransferKind::Value, held));
            live[at] = (fresh, held);
            fresh += 1;
        }
    }
    transfers
}

fn wide(count: u64) -> Vec<Transfer> {
    let mut dice = Dice(11);
    let accounts = count / 8;
    let mut transfers = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let kind = if dice.below(10) == 0 { TransferKind::Mint } else { TransferKind::Value };
        let from = if kind == TransferKind::Mint { NONE } else { dice.skewed(accounts) as u32 };
        let amount = 1 + u128::from(dice.below(1 << 40)) * 1_000_000_000_000;
        transfers.push(transfer(from, dice.skewed(accounts) as u32, kind, amount));
    }
    transfers
}

/// Seconds that this thread has spent on a processor, where the system tells (Linux); else those since `start`. Other work on the machine
/// would count otherwise.
fn spent(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ns: Option<f64> = told.as_deref().and_then(|t| t.split(' ').next()).and_then(|ns| ns.parse().ok());
    ns.map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

fn run(
    name: &str,
    flows: &MadeFlows,
    sources: &AccountSources,
    direction: Direction,
    hops_max: u32,
) -> Result<(), Box<dyn Error>> {
    let limits = AccountLimits { hops_max, ..AccountLimits::NONE };
    for policy in [Policy::Fifo, Policy::Lifo, Policy::Haircut, Policy::Poison] {
        let question = AccountQuestion {
            policy,
            direction,
            sources,
            stops: &NoAccountStops,
            owners: &NoAccountOwners,
            limits: &limits,
        };
        let mut runs = Vec::new();
        for _ in 0..5 {
            let start = Instant::now();
            let before = spent(start);
            let totals = stream(flows, &question, &mut NoSink)?;
            runs.push((spent(start) - before, totals));
        }
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (seconds, totals) = &runs[2];
        println!(
            "{name} {direction:8} {policy:8} {:9.0} transfers/s, {:9.0} edges/s: {} transfers looked at, {} edges, {} balances, {} held, {seconds:.3} s",
            totals.looked_count as f64 / seconds,
            totals.edge_count as f64 / seconds,
            totals.looked_count,
            totals.edge_count,
            totals.place_count,
            totals.held_count,
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let count = args.iter().find_map(|a| a.parse().ok()).unwrap_or(5_000_000_u64);
    let is_asked = |name: &str| !args.iter().any(|a| ["deep", "wide"].contains(&a.as_str()) && a != name);
    let far = AccountLimits::NONE.hops_max;
    if is_asked("deep") {
        let flows = MadeFlows::new(deep(count));
        let sources = AccountSources::transfers(&flows, (0..100).map(|n| (n, 0)), usize::MAX)?;
        run("deep", &flows, &sources, Direction::Forward, far)?;
        let last = flows.transfers();
        let sources = AccountSources::transfers(&flows, (last - 10_000..last).map(|n| (n, 0)), usize::MAX)?;
        run("deep", &flows, &sources, Direction::Backward, far)?;
    }
    if is_asked("wide") {
        let flows = MadeFlows::new(wide(count));
        let sources = AccountSources::transfers(&flows, (0..1_000).map(|n| (n, 0)), usize::MAX)?;
        run("wide, 6 hops", &flows, &sources, Direction::Forward, 6)?;
        run("wide", &flows, &sources, Direction::Forward, far)?;
    }
    Ok(())
}
