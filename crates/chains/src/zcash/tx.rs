//! One pass over a transaction of any format.

use super::digest::{self, Head, TransparentBytes};
use super::reader::{Transparent, number, transparent};
use super::sapling::{JOINSPLIT_BCTV14, JOINSPLIT_GROTH16, joinsplits, orchard, sapling_v4, sapling_v5};
use crate::bitcoin::error::{DecodeError, DecodeErrorKind, Part};
use crate::bitcoin::read::{Reader, fail};
use crate::bitcoin::{BLOCK_LEN_MAX, BlockVisitor, TxHead, sha};
use athar_types::{Hash32, Pool};

/// Version, no inputs, no outputs, lock time: shorter than any that is valid.
pub(crate) const TX_LEN_MIN: usize = 4 + 1 + 1 + 4;
/// The bit of the version that marks formats from Overwinter on, which name a version group.
const OVERWINTERED: u32 = 1 << 31;
const OVERWINTER_GROUP: u32 = 0x03c4_8270;
const SAPLING_GROUP: u32 = 0x892f_2085;
const NU5_GROUP: u32 = 0x26a7_270a;
const SIGNATURE: usize = 64;

/// What the shielded parts are together: whether there are any, and what goes into each pool.
#[derive(Default)]
struct Shielded {
    any: bool,
    flows: [(Option<Pool>, i64); 3],
}

impl Shielded {
    fn add(&mut self, slot: usize, pool: Pool, parts: usize, into: i64) {
        self.any |= parts > 0;
        self.flows[slot] = (Some(pool), into);
    }
}

/// Decodes the transaction that begins `raw`, showing its transparent parts to `visitor`, and says how many bytes it
/// takes.
pub fn decode_tx<V: BlockVisitor>(raw: &[u8], visitor: &mut V) -> Result<(TxHead, usize), DecodeError> {
    // no more than fits in a block: sizes and weights are 32-bit numbers
    let mut reader = Reader::new(&raw[..raw.len().min(BLOCK_LEN_MAX as usize)]);
    let head = walk(&mut reader, visitor)?;
    Ok((head, reader.at()))
}

/// Walks one transaction from the reader's position.
pub(crate) fn walk<V: BlockVisitor>(reader: &mut Reader<'_>, visitor: &mut V) -> Result<TxHead, DecodeError> {
    let start = reader.at();
    let header = number(reader, Part::Version)?;
    let version = header & !OVERWINTERED;
    let (mut group, mut shielded) = (0, Shielded::default());
    if header & OVERWINTERED != 0 {
        group = number(reader, Part::Version)?;
    }
    let refused = fail(start, DecodeErrorKind::TxVersion { version, group });
    let (txid, locktime, parts) = match (header & OVERWINTERED != 0, version, group) {
        // before Overwinter any version from 2 on may have JoinSplits
        (false, 1.., _) | (true, 3, OVERWINTER_GROUP) => {
            let parts = transparent(reader, visitor)?;
            let locktime = number(reader, Part::LockTime)?;
            if group != 0 {
                number(reader, Part::LockTime)?; // the height that it expires at
            }
            if version >= 2 {
                let (count, into) = joinsplits(reader, JOINSPLIT_BCTV14)?;
                shielded.add(0, Pool::Sprout, count, into);
            }
            (whole(reader, start), locktime, parts)
        }
        (true, 4, SAPLING_GROUP) => {
            let parts = transparent(reader, visitor)?;
            let locktime = number(reader, Part::LockTime)?;
            number(reader, Part::LockTime)?;
            let (count, out_of) = sapling_v4(reader)?;
            shielded.add(1, Pool::Sapling, count, -out_of);
            let (splits, into) = joinsplits(reader, JOINSPLIT_GROTH16)?;
            shielded.add(0, Pool::Sprout, splits, into);
            if count > 0 {
                reader.bytes(SIGNATURE, Part::Sapling)?;
            } else if out_of != 0 {
                return Err(fail(start, DecodeErrorKind::PoolValue(out_of)));
            }
            (whole(reader, start), locktime, parts)
        }
        (true, 5, NU5_GROUP) => {
            let branch = number(reader, Part::Version)?;
            let locktime = number(reader, Part::LockTime)?;
            let expiry = number(reader, Part::LockTime)?;
            let parts = transparent(reader, visitor)?;
            let sapling = sapling_v5(reader)?;
            shielded.add(1, Pool::Sapling, sapling.spends.len() + sapling.outputs.len(), -sapling.value);
            let orchard = orchard(reader)?;
            shielded.add(2, Pool::Orchard, orchard.actions.len(), -orchard.value);
            let bytes = |range: &std::ops::Range<usize>| reader.between(range.start, range.end);
            let in_the_open =
                TransparentBytes { inputs: bytes(&parts.input_bytes), outputs: bytes(&parts.output_bytes) };
            let head = Head { header, group, branch, locktime, expiry };
            (digest::txid(&head, &in_the_open, &sapling, &orchard), locktime, parts)
        }
        _ => return Err(refused),
    };
    finish(reader, visitor, start, version, (txid, locktime, parts), &shielded)
}

/// The id of formats 1 to 4: the double SHA-256 of all bytes.
fn whole(reader: &Reader<'_>, start: usize) -> Hash32 {
    sha::sha256d(reader.between(start, reader.at()))
}

fn finish<V: BlockVisitor>(
    reader: &Reader<'_>,
    visitor: &mut V,
    start: usize,
    version: u32,
    (txid, locktime, parts): (Hash32, u32, Transparent),
    shielded: &Shielded,
) -> Result<TxHead, DecodeError> {
    // value comes from somewhere and goes somewhere
    if !shielded.any && parts.inputs == 0 {
        return Err(fail(start, DecodeErrorKind::NoInputs));
    }
    if !shielded.any && parts.outputs == 0 {
        return Err(fail(start, DecodeErrorKind::NoOutputs));
    }
    for (pool, into) in shielded.flows {
        if let Some(pool) = pool.filter(|_| into != 0) {
            visitor.pool(pool, into);
        }
    }
    let size = reader.at() - start;
    let head = TxHead {
        txid,
        version: version as i32,
        locktime,
        weight: 4 * size as u32, // a block's length, and four times it, fit in 32 bits
        size: size as u32,
        segwit: false,
        coinbase: parts.coinbase,
        inputs: parts.inputs,
        outputs: parts.outputs,
        hogex: false,
        shielded: shielded.any,
    };
    visitor.tx(&head);
    Ok(head)
}
