//! One pass over a block: header, transactions, and proof that they belong together.

use super::error::{DecodeError, DecodeErrorKind, Part};
use super::frame::BLOCK_LEN_MAX;
use super::header::{HEADER_LEN, Header};
use super::merkle;
use super::read::{Reader, fail};
use super::tx::{self, TX_LEN_MIN};
use super::visit::BlockVisitor;
use athar_types::Hash32;

/// What a decoded block is as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecodedHeader {
    /// The header.
    pub header: Header,
    /// The block's hash.
    pub hash: Hash32,
    /// Number of transactions, at least 1.
    pub tx_count: u32,
}

/// Decodes a block, showing every part of every transaction to `visitor` in the order of the bytes.
///
/// Checked: every length, count and value; the segwit marker; that the first transaction is a coinbase and no other
/// is; the merkle root, also against repeated transactions (CVE-2012-2459); that not a byte is left over. Not checked:
/// the proof of work ([`Header::proves_work`]), witnesses beyond their form (the merkle root does not cover them),
/// scripts, and whatever needs other blocks.
pub fn decode_block<V: BlockVisitor>(raw: &[u8], visitor: &mut V) -> Result<DecodedHeader, DecodeError> {
    let mut reader = Reader::new(raw);
    if raw.len() > BLOCK_LEN_MAX as usize {
        return Err(fail(reader.at(), DecodeErrorKind::TooLong(raw.len())));
    }
    let header_raw = reader.array::<HEADER_LEN>(Part::Header)?;
    let header = Header::parse(header_raw);
    let at_count = reader.at();
    let count = reader.count(TX_LEN_MIN, Part::TxCount)?;
    if count == 0 {
        return Err(fail(at_count, DecodeErrorKind::NoTransactions));
    }
    let mut txids = Vec::with_capacity(count + 1); // one more: the merkle tree may copy the last
    for index in 0..count {
        let at = reader.at();
        let head = tx::walk(&mut reader, visitor)?;
        if head.coinbase != (index == 0) {
            let kind = if index == 0 { DecodeErrorKind::CoinbaseMissing } else { DecodeErrorKind::CoinbaseExtra };
            return Err(fail(at, kind));
        }
        txids.push(head.txid.0);
    }
    if reader.left() != 0 {
        return Err(fail(reader.at(), DecodeErrorKind::Trailing(reader.left())));
    }
    let tree = merkle::reduce(txids);
    if tree.root != header.merkle_root {
        let kind = DecodeErrorKind::MerkleRoot { claimed: header.merkle_root, computed: tree.root };
        return Err(DecodeError { offset: 36, kind });
    }
    if tree.duplicated {
        return Err(fail(at_count, DecodeErrorKind::MerkleDuplicate));
    }
    Ok(DecodedHeader { header, hash: Header::hash(header_raw), tx_count: count as u32 })
}
