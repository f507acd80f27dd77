//! Athar's client of account chains, held against a real anvil: needs `ATHAR_NODE_ANVIL` (`cargo xtask test --nodes` sets
//! it), and says that it is skipped without.
#![allow(clippy::unwrap_used)] // tests

mod balances;
mod fixture;
mod follow;
mod select;
mod store;
