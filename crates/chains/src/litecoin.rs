//! What a Litecoin block has beyond Bitcoin's: the hidden extension block behind its transactions (MWEB, LIP 2 to 4).
//!
//! The last transaction (HogEx) joins the two: its first output holds all money inside, locked by `OP_8` and the hash of
//! the extension block's header; its other outputs are what leaves. Money goes in by outputs locked by `OP_9` and 32
//! bytes. What happens inside is hidden by design: the header is read, hashed and compared, the body passed over.
//! Sources: Litecoin Core's `primitives/block.h`, `mweb/mweb_node.cpp`; `wire/mwebheader.go` of ltcd for the header.

use crate::bitcoin::error::{DecodeError, DecodeErrorKind, Part};
use crate::bitcoin::read::{Reader, fail};
use crate::bitcoin::{BlockVisitor, Input, Output, TxHead, Witness};
use athar_types::{Hash32, Pool};

/// Shows everything to another visitor and keeps the commitment in the first output of the last transaction.
pub(crate) struct HogEx<'v, V> {
    visitor: &'v mut V,
    first: Option<[u8; 32]>,
    commitment: Option<[u8; 32]>,
}

impl<'v, V> HogEx<'v, V> {
    pub(crate) fn new(visitor: &'v mut V) -> Self {
        Self { visitor, first: None, commitment: None }
    }

    /// The hash that the last transaction seen holds its pool under, if it is the one that joins the extension block.
    pub(crate) fn commitment(&self) -> Option<Hash32> {
        self.commitment.map(Hash32)
    }
}

impl<V: BlockVisitor> BlockVisitor for HogEx<'_, V> {
    #[inline]
    fn input(&mut self, index: u32, input: &Input<'_>) {
        self.visitor.input(index, input);
    }

    #[inline]
    fn output(&mut self, index: u32, output: &Output<'_>) {
        if index == 0 {
            self.first = pool_commitment(output.script);
        }
        self.visitor.output(index, output);
    }

    #[inline]
    fn witness(&mut self, input_index: u32, witness: &Witness<'_>) {
        self.visitor.witness(input_index, witness);
    }

    #[inline]
    fn pool(&mut self, pool: Pool, value_sat: i64) {
        self.visitor.pool(pool, value_sat);
    }

    #[inline]
    fn tx(&mut self, head: &TxHead) {
        self.commitment = self.first.take().filter(|_| head.hogex);
        self.visitor.tx(head);
    }
}

/// The hash in the script that locks the pool: a witness program of version 8 and 32 bytes.
fn pool_commitment(script: &[u8]) -> Option<[u8; 32]> {
    match script {
        [0x58, 32, hash @ ..] => hash.try_into().ok(),
        _ => None,
    }
}

/// Reads the extension block that fills the rest of a block: a byte 1, its header, its body.
pub(crate) fn extension(reader: &mut Reader<'_>, commitment: Option<Hash32>) -> Result<(), DecodeError> {
    let at = reader.at();
    if reader.array::<1>(Part::MwebHeader)? != &[1] {
        return Err(fail(at, DecodeErrorKind::MwebMissing));
    }
    let start = reader.at();
    var_int(reader)?; // height
    reader.bytes(5 * 32, Part::MwebHeader)?; // roots and offsets
    var_int(reader)?; // size of the output set
    var_int(reader)?; // number of kernels
    let header = reader.between(start, reader.at());
    let computed = Hash32(*blake3::hash(header).as_bytes());
    match commitment {
        None => return Err(fail(at, DecodeErrorKind::MwebHash { claimed: Hash32::ZERO, computed })),
        Some(claimed) if claimed != computed => {
            return Err(fail(start, DecodeErrorKind::MwebHash { claimed, computed }));
        }
        Some(_) => {}
    }
    reader.bytes(reader.left(), Part::MwebHeader)?;
    Ok(())
}

/// Passes over a number in Bitcoin Core's internal variable form: seven bits a byte, the top bit set but in the last.
fn var_int(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    for _ in 0..10 {
        if reader.array::<1>(Part::MwebHeader)?[0] & 0x80 == 0 {
            return Ok(());
        }
    }
    Err(fail(reader.at(), DecodeErrorKind::NonCanonical(Part::MwebHeader)))
}
