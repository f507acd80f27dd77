//! The integration tests of this package as one program: linked once, and its worlds and servers made once.
#![allow(clippy::unwrap_used)] // tests

mod alerts;
mod bench_patterns;
mod chains;
mod check;
mod cli;
mod coupon_case;
mod desk;
mod discover;
mod full_disk;
mod lists;
mod policy;
mod records;
mod serve;
mod tables;
mod team;
mod two_servers;
