//! The vault: what every mutable part of a store stands on.
//!
//! * [`Database`]: an SQLite database whose answered transactions are on the disk: versions, one writer, readers beside it.
//! * [`Keys`]: a key for each item in a database of their own. Destroying a key is final, and with it goes what was sealed under it,
//!   wherever copies of that lie.
//! * [`Key`]: sealing (XChaCha20-Poly1305) and marks (keyed hashes).
//!
//! The crate knows nothing of what is stored. Errors name the file ([`VaultError`]).

mod database;
mod error;
mod files;
mod key;
mod keys;

pub use database::{CHECKPOINT_PAGES, Database, Done, Failure, held, integrity};
pub use error::VaultError;
pub use files::{private_file, private_folder};
pub use key::{KEY_BYTES, Key, MARK_BYTES};
pub use keys::{Keys, KeysInOrder};
