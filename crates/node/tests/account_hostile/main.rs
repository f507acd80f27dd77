//! Servers on loopback that answer as no node should: another endpoint is asked where there is one, the error is in words
//! where there is none, and nothing half goes on.
#![allow(clippy::unwrap_used)] // tests

mod alone;
mod failover;
mod logs;
mod server;
