//! Athar held against a real Bitcoin node.
//!
//! A test-only crate. The library is the harness; the tests under `tests/` use it:
//!
//! - [`configured()`] finds the node that the run was given, or says that the test is skipped;
//! - [`Node`] starts it on loopback with a data folder of its own and stops it, whatever happens to the test;
//! - [`world::build`] mines a chain with every kind of output that wallets make, spends of them, and a stale branch;
//! - [`replay::shuffled`] gives the same chain to a second node with its blocks out of order;
//! - [`NodeChain`] is what the node itself says of that chain: the answers that Athar's must equal.
//!
//! - [`evm`] is the same for account chains: anvil, a scripted world of contracts, its own balances.
//!
//! Invariant: nothing here uses Athar's own code, so an error in it cannot hide on both sides of a comparison.

mod account;
mod chain;
mod configured;
mod error;
pub mod evm;
mod node;
pub mod raw;
pub mod replay;
mod rpc;
pub mod utxo;
pub mod world;

pub use account::Account;
pub use chain::{NodeBlock, NodeChain, NodeInput, NodeOutput, NodeTx, OutPointText};
pub use configured::configured;
pub use error::HarnessError;
pub use node::{BlockFiles, Node};
pub use rpc::{Rpc, sats};

/// The result of everything here that talks to a node.
pub type Result<T> = std::result::Result<T, HarnessError>;
