//! Simulated worlds of accounts: how fast they are made, numbered and joined into a forest.
//!
//! `cargo bench -p athar-entities --bench accounts`; `ATHAR_TRANSFERS` gives another size.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

use athar_entities::account::{AccountForest, AccountSettings, Flows, MemoryFlows};
use athar_simulate::account::{AccountWorldSettings, world};
use athar_types::Chain;
use athar_types::account::AccountParams;
use std::time::Instant;

fn main() {
    let transfers = std::env::var("ATHAR_TRANSFERS").map_or(1_000_000, |n| n.parse().unwrap());
    for chain in [Chain::Ethereum, Chain::Tron] {
        let settings = AccountWorldSettings::new(AccountParams::of(chain).unwrap(), transfers);
        let begun = Instant::now();
        let world = world(1, &settings);
        let simulated = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let flows = MemoryFlows::of(&world.blocks).unwrap();
        let numbered = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let forest = AccountForest::build(&flows, &AccountSettings::default()).unwrap();
        let built = begun.elapsed().as_secs_f64();
        let per_second = |secs: f64| flows.transfers() as f64 / secs;
        println!(
            "{chain}: {} transfers, {} accounts, {} deposit addresses, {} entities; transfers/s: simulated {:.0}, numbered {:.0}, forest {:.0}",
            flows.transfers(),
            flows.accounts(),
            forest.deposits(),
            forest.entities(),
            per_second(simulated),
            per_second(numbered),
            per_second(built),
        );
    }
}
