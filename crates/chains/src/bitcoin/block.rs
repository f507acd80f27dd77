//! One pass over a block: header, transactions, and proof that they belong together.

use super::dialect::Bitcoin;
use super::error::{DecodeError, DecodeErrorKind, Part};
use super::frame::BLOCK_LEN_MAX;
use super::header::{HEADER_LEN, Header};
use super::merkle;
use super::parts::TxHead;
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
    let mut reader = begin(raw)?;
    let header_raw = reader.array::<HEADER_LEN>(Part::Header)?;
    let header = Header::parse(header_raw);
    let body = walk_body(&mut reader, &header, TX_LEN_MIN, visitor, |r, v| tx::walk::<Bitcoin, V>(r, v))?;
    end(&reader)?;
    Ok(DecodedHeader { header, hash: Header::hash(header_raw), tx_count: body.tx_count })
}

/// A reader of a block that is no longer than any may be.
#[inline]
pub(crate) fn begin(raw: &[u8]) -> Result<Reader<'_>, DecodeError> {
    if raw.len() > BLOCK_LEN_MAX as usize {
        return Err(fail(0, DecodeErrorKind::TooLong(raw.len())));
    }
    Ok(Reader::new(raw))
}

/// Refuses bytes behind the last transaction.
#[inline]
pub(crate) fn end(reader: &Reader<'_>) -> Result<(), DecodeError> {
    match reader.left() {
        0 => Ok(()),
        left => Err(fail(reader.at(), DecodeErrorKind::Trailing(left))),
    }
}

/// What the transactions of a block are together.
#[derive(Clone, Copy)]
pub(crate) struct Body {
    pub(crate) tx_count: u32,
    /// Whether the last transaction joins Litecoin's extension block.
    pub(crate) ends_in_hogex: bool,
}

/// Walks the transactions behind a header, each of at least `len_min` bytes and read by `walk`, and checks that they
/// are the ones that the header commits to.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the hot path, see `read`")]
pub(crate) fn walk_body<'a, V: BlockVisitor>(
    reader: &mut Reader<'a>,
    header: &Header,
    len_min: usize,
    visitor: &mut V,
    mut walk: impl FnMut(&mut Reader<'a>, &mut V) -> Result<TxHead, DecodeError>,
) -> Result<Body, DecodeError> {
    let at_count = reader.at();
    let count = reader.count(len_min, Part::TxCount)?;
    if count == 0 {
        return Err(fail(at_count, DecodeErrorKind::NoTransactions));
    }
    let mut ends_in_hogex = false;
    let mut txids = Vec::with_capacity(count + 1); // one more: the merkle tree may copy the last
    for index in 0..count {
        let at = reader.at();
        let head = walk(reader, visitor)?;
        if head.coinbase != (index == 0) {
            let kind = if index == 0 { DecodeErrorKind::CoinbaseMissing } else { DecodeErrorKind::CoinbaseExtra };
            return Err(fail(at, kind));
        }
        if head.hogex && index + 1 < count {
            return Err(fail(at, DecodeErrorKind::HogExPlace));
        }
        ends_in_hogex = head.hogex;
        txids.push(head.txid.0);
    }
    let tree = merkle::reduce(txids);
    if tree.root != header.merkle_root {
        let kind = DecodeErrorKind::MerkleRoot { claimed: header.merkle_root, computed: tree.root };
        return Err(DecodeError { offset: 36, kind });
    }
    if tree.duplicated {
        return Err(fail(at_count, DecodeErrorKind::MerkleDuplicate));
    }
    Ok(Body { tx_count: count as u32, ends_in_hogex })
}
