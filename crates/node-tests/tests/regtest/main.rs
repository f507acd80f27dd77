//! Athar against a real Bitcoin node on regtest. Needs `ATHAR_NODE_BITCOIND`; `cargo xtask test --nodes` sets it.

// helpers of tests are tests: a panic there is how they fail
#![allow(clippy::unwrap_used)]

mod fixture;
mod node_answers;
