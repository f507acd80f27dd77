//! Following a real Bitcoin node on regtest. Needs `ATHAR_NODE_BITCOIND`; `cargo xtask test --nodes` sets it.

// helpers of tests are tests: a panic there is how they fail
#![allow(clippy::unwrap_used)]

mod alerts;
mod catch_up;
#[path = "../regtest/compare.rs"]
#[allow(dead_code)]
mod compare;
mod kills;
mod mempool;
mod refusals;
mod reorg;
mod restart;
mod run;
