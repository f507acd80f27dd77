//! Ids, amounts, addresses, time and categories: the words every other crate speaks.
//!
//! Invariants: no IO, no async, no clock, and no float that holds money. Hashes and texts appear only at
//! the edges of the system; inside, everything is a dense id ([`TxNum`], [`AddressId`], [`OutputNum`]).

pub mod account;
pub mod address;
mod amount;
mod asset;
mod basis;
mod bilingual;
mod category;
mod chain;
mod hash;
mod ids;
mod params;
mod pool;
mod risk;
mod script;
mod time;
mod words;

pub use address::{AddressError, AddressKey, AddressKind, NormalAddress};
pub use amount::{Sats, SatsError};
pub use asset::{Asset, AssetError};
pub use basis::{Basis, BasisError};
pub use bilingual::{Bilingual, isolated};
pub use category::{Category, CategoryError};
pub use chain::{Chain, Network};
pub use hash::{Hash32, HashError};
pub use ids::{AddressId, Height, InputNum, OutputNum, TxNum};
pub use params::ChainParams;
pub use pool::Pool;
pub use risk::{Level, LevelError, Relation};
pub use script::ScriptKind;
pub use time::{Day, UnixTime};
pub use words::{CategoryWords, words};
