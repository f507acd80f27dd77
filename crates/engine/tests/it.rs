//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod accounts;
mod chains;
mod extended;
mod flows;
mod guard;
mod labels;
mod lists;
mod names;
mod op_returns;
mod paths;
mod policy;
mod prices;
mod published;
mod records;
mod schemas;
mod screening;
mod services;
mod shared_coinjoins;
mod shared_identifiers;
mod shared_mainnet;
mod support;
mod totals;
mod world;
