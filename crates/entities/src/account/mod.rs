//! Which accounts act as one, on chains where nothing is spent together (Ethereum, its relatives, Tron).
//!
//! * **Deposit addresses** ([`Deposit`]): accounts that pass on (nearly) all they receive to one *collector*, again and
//!   again, soon after it came. A collector is told by its shape alone: many such accounts forward to it, and it, or an
//!   account it pays, pays out to many. No label is asked, so that the forest depends on the chain alone; labels name
//!   the collector afterwards.
//! * **Deposit-address reuse** ([`Heuristic::DepositReuse`](crate::Heuristic)): a service gives each customer a deposit
//!   address of his own, so accounts that pay the same one again and again are one customer's. Source: F. Victor,
//!   "Address Clustering Heuristics for Ethereum", FC 2020 (there: at most 0.01 ether and 3,200 blocks between receipt
//!   and forward, exchanges known by label). What is asked for beyond that is in [`AccountSettings`].
//! * **Shared funder** ([`Heuristic::SharedFunder`](crate::Heuristic)): off unless asked for; its measured error is why.
//!
//! What nobody asked for ties nobody: mints, airdrops, dust, transfers of amount zero and transfers that another than
//! the payer signed. A contract is no person and never a member. A deposit address is the service's and never a member
//! either: its customers are no counterparties of one another.
//!
//! A rule that says "always" or "only" is judged by the whole chain up to its tip; a tie is dated by the transaction at
//! which the last piece of its evidence was there. So [`AccountForest::name_as_of`] speaks of the evidence that was there
//! by then, less what has been contradicted since.

mod collectors;
mod deposits;
mod evidence;
mod explain;
mod flows;
mod forest;
mod funder;
mod history;
mod memory;
mod rates;
mod settings;
mod store;
mod tables;
#[cfg(test)]
mod tests;

pub use collectors::CollectorView;
pub use deposits::Deposit;
pub use explain::{AccountBounds, AccountExplanation, AccountStep, Sent};
pub use flows::{Flows, Lent, NOBODY, Transfer};
pub use forest::AccountForest;
pub use memory::{MemoryFlows, MemoryFlowsError};
pub use rates::AccountRates;
pub use settings::{ACCOUNT_HEURISTICS_VERSION, AccountSettings};
pub use store::{AccountManifest, AccountTip};
