//! One pass over a block of any chain.

use crate::bitcoin::block::{begin, end, walk_body};
use crate::bitcoin::dialect::{BitcoinCash, Litecoin};
use crate::bitcoin::error::{DecodeError, DecodeErrorKind};
use crate::bitcoin::read::fail;
use crate::bitcoin::tx::{self, TX_LEN_MIN};
use crate::bitcoin::{self, BlockVisitor, HEADER_LEN};
use crate::header::{self, BlockHeader};
use crate::{dogecoin, litecoin, zcash};
use athar_types::Chain;

/// What a decoded block is as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodedBlock {
    /// Its header.
    pub header: BlockHeader,
    /// Number of transactions, at least 1.
    pub tx_count: u32,
}

/// Decodes a block of `chain` (without its frame), showing every part of every transaction to `visitor` in the order of
/// the bytes. What is checked is said at [`bitcoin::decode_block`]; beyond that
///
/// - Litecoin: that the hidden extension block is there where the last transaction joins it, and that its header is the
///   one committed to. Its body is passed over unread.
/// - Dogecoin: that merge-mined work commits to this block ([`dogecoin`]). Whether it is work: [`crate::proof`].
/// - Zcash: the length of every shielded part, and that no pool gives or takes more than all money. Proofs and signatures
///   are passed over.
///
/// A chain without a decoder is refused ([`DecodeErrorKind::Chain`]).
pub fn decode_block<V: BlockVisitor>(chain: Chain, raw: &[u8], visitor: &mut V) -> Result<DecodedBlock, DecodeError> {
    match chain {
        Chain::Bitcoin => {
            let decoded = bitcoin::decode_block(raw, visitor)?;
            let header = BlockHeader { fields: decoded.header, hash: decoded.hash, len: HEADER_LEN };
            Ok(DecodedBlock { header, tx_count: decoded.tx_count })
        }
        Chain::BitcoinCash => {
            let mut reader = begin(raw)?;
            let header = header::read(chain, &mut reader)?;
            let body =
                walk_body(&mut reader, &header.fields, TX_LEN_MIN, visitor, |r, v| tx::walk::<BitcoinCash, V>(r, v))?;
            end(&reader)?;
            Ok(DecodedBlock { header, tx_count: body.tx_count })
        }
        Chain::Litecoin => {
            let mut reader = begin(raw)?;
            let header = header::read(chain, &mut reader)?;
            let mut seen = litecoin::HogEx::new(visitor);
            let body =
                walk_body(&mut reader, &header.fields, TX_LEN_MIN, &mut seen, |r, v| tx::walk::<Litecoin, _>(r, v))?;
            // Litecoin Core looks for the extension block behind two transactions or more only
            if body.ends_in_hogex && body.tx_count > 1 {
                litecoin::extension(&mut reader, seen.commitment())?;
            }
            end(&reader)?;
            Ok(DecodedBlock { header, tx_count: body.tx_count })
        }
        Chain::Dogecoin => {
            let mut reader = begin(raw)?;
            let header = header::read(chain, &mut reader)?;
            if dogecoin::is_merge_mined(&header.fields) {
                dogecoin::read_auxpow(&mut reader, &header.hash)?;
            }
            let body = walk_body(&mut reader, &header.fields, TX_LEN_MIN, visitor, |r, v| {
                tx::walk::<bitcoin::dialect::Dogecoin, V>(r, v)
            })?;
            end(&reader)?;
            Ok(DecodedBlock { header, tx_count: body.tx_count })
        }
        Chain::Zcash => {
            let mut reader = begin(raw)?;
            let header = header::read(chain, &mut reader)?;
            let body = walk_body(&mut reader, &header.fields, zcash::TX_LEN_MIN, visitor, |r, v| zcash::walk(r, v))?;
            end(&reader)?;
            Ok(DecodedBlock { header, tx_count: body.tx_count })
        }
        other => Err(fail(0, DecodeErrorKind::Chain(other))),
    }
}
