//! Block headers by chain: where one ends, what its block is called, how much work it claims.

use crate::bitcoin::error::{DecodeError, DecodeErrorKind, Part};
use crate::bitcoin::read::{Reader, fail};
use crate::bitcoin::{HEADER_LEN, Header};
use crate::zcash;
use athar_types::{Chain, Hash32};

/// The longest header of any chain: Zcash's with a solution on its main network.
pub const HEADER_LEN_MAX: usize = zcash::HEADER_LEN_MAX;

/// The part of a block that its hash is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockHeader {
    /// Its fields. Of Zcash the nonce, which has 32 bytes, is left out (0).
    pub fields: Header,
    /// The block's hash: double SHA-256 of the header.
    pub hash: Hash32,
    /// Bytes of the header: 80, or on Zcash 140 and the solution behind its length.
    pub len: usize,
}

impl BlockHeader {
    /// How many hashes are expected to find such a block, see [`Header::work`]. A claim: see [`crate::proof`].
    pub fn work(&self) -> Option<u128> {
        self.fields.work()
    }
}

/// Reads the header that begins `raw`. [`HEADER_LEN_MAX`] bytes are enough of any block.
pub fn read_header(chain: Chain, raw: &[u8]) -> Result<BlockHeader, DecodeError> {
    read(chain, &mut Reader::new(raw))
}

pub(crate) fn read(chain: Chain, reader: &mut Reader<'_>) -> Result<BlockHeader, DecodeError> {
    match chain {
        Chain::Bitcoin | Chain::BitcoinCash | Chain::Litecoin | Chain::Dogecoin => {
            let raw = reader.array::<HEADER_LEN>(Part::Header)?;
            Ok(BlockHeader { fields: Header::parse(raw), hash: Header::hash(raw), len: HEADER_LEN })
        }
        Chain::Zcash => zcash::read_header(reader),
        other => Err(fail(reader.at(), DecodeErrorKind::Chain(other))),
    }
}
