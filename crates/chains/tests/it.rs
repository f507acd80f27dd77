//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod account_damage;
mod account_jsonrpc;
mod account_rows;
mod chains;
mod damage;
mod era;
mod etl;
mod oracle;
mod published;
mod shared_addresses;
mod shared_blocks;
mod shared_ethereum;
mod shared_events;
mod support;
mod tron;
