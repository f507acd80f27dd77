//! Bytes to typed rows, per chain: pure parsing, no IO.
//!
//! [`bitcoin`] reads Bitcoin and holds what its descendants share; one module per chain holds what each does otherwise.
//! [`decode_block`], [`read_header`], [`classify_on`] and [`proof::is_proved`] choose by chain. Nothing here opens a
//! file, reads a clock or allocates in proportion to a number that the input merely claims; every function is total over
//! arbitrary bytes and says where and why it refused them.

pub mod account;
pub mod bitcoin;
pub mod bitcoin_cash;
mod block;
pub mod dogecoin;
mod frame;
mod header;
mod litecoin;
pub mod proof;
mod script;
pub mod write;
pub mod zcash;

pub use block::{DecodedBlock, decode_block};
pub use frame::{find_magic_on, frame_head_on};
pub use header::{BlockHeader, HEADER_LEN_MAX, read_header};
pub use script::classify_on;
