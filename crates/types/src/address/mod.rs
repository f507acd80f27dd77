//! Addresses: the key inside the ledger, the text outside, and the checks that tell a real one from a broken one.
//!
//! One file per family of formats. Every parser refuses a text that does not survive its checksum; none corrects one.

mod bitcoin;
mod error;
mod key;

pub use bitcoin::parse_bitcoin;
pub use error::AddressError;
pub use key::{AddressKey, AddressKind, hash160, sha256d};
