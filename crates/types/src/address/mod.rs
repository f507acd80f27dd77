//! Addresses: the key inside the ledger, the text outside, and the checks that tell a real one from a broken one.
//!
//! One file per family of formats. Every parser refuses a text that does not survive its checksum; none corrects one.

mod any;
mod bitcoin;
mod cardano;
mod cashaddr;
mod error;
mod evm;
mod forms;
mod key;
mod monero;
mod other;
mod polkadot;
mod stellar;
mod ton;
mod tron;
mod twin;

pub use any::{Candidate, NormalAddress, detect, detect_on, parse_for, parse_on, read_on};
pub use bitcoin::parse_bitcoin;
pub use error::AddressError;
pub use evm::{evm_has_checksum, evm_text, parse_evm};
pub use forms::parse_key;
pub use key::{AddressKey, AddressKind, hash160, sha256d};
pub use other::{parse_ripple_x, ripple_seed_checks};
pub use stellar::{is_stellar_seed, stellar_account};
pub use ton::ton_text;
pub use tron::{parse_tron, tron_text};
pub use twin::{Holder, Twin, TwinReason, twins};
