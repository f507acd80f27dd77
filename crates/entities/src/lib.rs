//! Which addresses act as one, why, and since when.
//!
//! * A recorder ([`cospend`], [`same_key`], [`change`]) reads the ledger and says which addresses a transaction ties together.
//!   Transactions shaped like a CoinJoin ([`coinjoin`]) tie nobody.
//! * The [`Forest`] keeps those ties: for every address its parent, the transaction of the link and the heuristic, in
//!   chain order, joined by size and never compressed. It answers who belongs together now ([`Links::find`]), who did
//!   at any earlier transaction ([`Links::find_as_of`]), and what joined two addresses ([`Links::joined`]).
//! * [`services`] tells which entities act as a service that pools the money of many, by named rules on what they do.
//! * [`account`] does the same for chains of accounts, where payers of one deposit address are one actor.
//! * [`EntityView`] and [`Forest::members`] describe one entity; [`explain`] gives a readable path between two
//!   addresses in which every step is a transaction that anyone can look up.
//!
//! Invariants: the forest depends on the chain and on the [`Settings`] alone, never on labels; the same chain gives the
//! same tables whatever its segments; links never decrease on the way to a root. Everything here can be rebuilt from
//! the ledger, and [`Forest::verify`] does so to compare.

pub mod account;
mod build;
mod builder;
mod busy;
pub mod change;
mod clustering;
pub mod coinjoin;
pub mod cospend;
mod custody;
mod entity;
mod error;
mod explain;
mod forest;
mod heuristic;
mod links;
mod manifest;
mod members;
mod overlay;
mod partition;
mod rates;
mod rows;
pub mod same_key;
pub mod services;
mod settings;
mod tables;
mod verify;

pub use build::Progress;
pub use builder::{BuiltForest, ForestBuilder, LARGE_MERGE_MIN};
pub use busy::{BUSY_OUTPUTS_MIN, Busy};
pub use clustering::{Clustering, ClusteringError};
pub use coinjoin::{CoinJoin, CoinJoinKind, Hint};
pub use custody::{Deposits, SERVICE_ADDRESSES_MIN, deposits};
pub use entity::EntityView;
pub use error::EntitiesError;
pub use explain::{
    BoundHit, Bounds, Explanation, Part, Step, Without, explain, explain_as_of, explain_without, without,
};
pub use forest::Forest;
pub use heuristic::{HEURISTICS_VERSION, Heuristic, Selection, SelectionError};
pub use links::{Link, Links};
pub use manifest::{ForestManifest, LocatorBlock};
pub use members::LargeMerge;
pub use partition::{PartOfEntity, partition};
pub use rates::{ClusteringRate, DepositRate, ErrorRates, HeuristicRate, Tally};
pub use settings::{CoinJoins, Settings};
pub use verify::ForestReport;
