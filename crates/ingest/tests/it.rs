//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod account_era;
mod account_lines;
mod account_tables;
mod block_files;
mod chains;
mod shared_account;
mod shared_mainnet;
