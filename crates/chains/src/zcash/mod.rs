//! Zcash: longer headers with an Equihash solution, and transactions with shielded parts.
//!
//! Of a transaction the transparent inputs and outputs are shown as Bitcoin's are. Of its shielded parts every length is
//! checked and the value that enters or leaves each pool is told ([`athar_types::Pool`]); proofs, signatures and
//! ciphertexts are passed over. Formats 1 and 2 (Sprout), 3 (Overwinter), 4 (Sapling) and 5 (NU5) are known; any other
//! is refused, since what it moves could not be told. Sources: the protocol specification, section 7.1; ZIP 202, 225 and
//! 243; ZIP 244 for the ids of version 5.

mod digest;
mod header;
mod reader;
mod sapling;
mod tx;

pub(crate) use header::{HEADER_LEN_MAX, HEADER_LEN_PLAIN, read as read_header};
pub use tx::decode_tx;
pub(crate) use tx::{TX_LEN_MIN, walk};
