//! Athar against a real Bitcoin node on regtest. Needs `ATHAR_NODE_BITCOIND`; `cargo xtask test --nodes` sets it.

// helpers of tests are tests: a panic there is how they fail
#![allow(clippy::unwrap_used)]

mod athar_answers;
mod cli;
mod compare;
mod files;
mod fixture;
mod growing;
mod live;
mod node_answers;
mod store;
