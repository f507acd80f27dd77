//! One pass over a transaction, copying nothing: the parts go to a visitor as they are met.
#![allow(clippy::inline_always, reason = "the hot path, see `read`")]

use super::dialect::{Bitcoin, Dialect};
use super::error::{DecodeError, DecodeErrorKind, Part};
use super::frame::BLOCK_LEN_MAX;
use super::parts::{Input, Output, TxHead};
use super::read::{Reader, fail};
use super::sha;
use super::visit::{BlockVisitor, NoVisitor};
use super::witness::Witness;
use athar_types::{Hash32, Pool, Sats};

/// The flag of witnesses behind the inputs and outputs (BIP 144).
const WITNESS: u8 = 1;
/// Litecoin's flag of a part in the extension block (LIP 2).
const MWEB: u8 = 8;
/// Outpoint, empty script, sequence.
pub(crate) const INPUT_LEN_MIN: usize = 41;
/// Value, empty script.
pub(crate) const OUTPUT_LEN_MIN: usize = 9;
/// Version, one input, one output, lock time.
pub(crate) const TX_LEN_MIN: usize = 4 + 1 + INPUT_LEN_MIN + 1 + OUTPUT_LEN_MIN + 4;

/// Decodes the transaction that begins `raw`, in legacy or segwit form, and says how many bytes it takes.
pub fn decode_tx(raw: &[u8]) -> Result<(TxHead, usize), DecodeError> {
    decode_tx_with(raw, &mut NoVisitor)
}

/// As [`decode_tx`], showing the parts to a visitor.
pub fn decode_tx_with<V: BlockVisitor>(raw: &[u8], visitor: &mut V) -> Result<(TxHead, usize), DecodeError> {
    // no more than fits in a block: sizes and weights are 32-bit numbers
    let mut reader = Reader::new(&raw[..raw.len().min(BLOCK_LEN_MAX as usize)]);
    let head = walk::<Bitcoin, V>(&mut reader, visitor)?;
    Ok((head, reader.at()))
}

/// Walks one transaction from the reader's position.
#[inline(always)]
pub(crate) fn walk<D: Dialect, V: BlockVisitor>(
    reader: &mut Reader<'_>,
    visitor: &mut V,
) -> Result<TxHead, DecodeError> {
    let start = reader.at();
    let version = reader.array::<4>(Part::Version)?;
    // no transaction has 0 inputs, so a 0 there marks the segwit form, its flags behind it
    let marked = D::SEGWIT && reader.peek() == Some(0);
    let mut flags = 0;
    if marked {
        let marker = reader.at();
        flags = reader.array::<2>(Part::SegwitFlag)?[1];
        match flags {
            WITNESS => {}
            0 => return Err(fail(marker, DecodeErrorKind::NoInputs)),
            flag if D::MWEB && flag & !(WITNESS | MWEB) == 0 => {}
            flag => return Err(fail(marker, DecodeErrorKind::SegwitFlag(flag))),
        }
    }
    let segwit = flags & WITNESS != 0;
    let body_from = reader.at();
    let (inputs, coinbase) = walk_inputs(reader, visitor)?;
    let paid = walk_outputs::<D, V>(reader, visitor)?;
    let body_to = reader.at();
    if segwit {
        walk_witnesses(reader, inputs, visitor)?;
    }
    let hogex = D::MWEB && flags & MWEB != 0;
    if hogex {
        let at = reader.at();
        // a transaction's own part of the extension block travels between nodes only; in a block it is left out
        if reader.array::<1>(Part::MwebTx)? != &[0] {
            return Err(fail(at, DecodeErrorKind::MwebTx));
        }
    }
    let locktime = reader.array::<4>(Part::LockTime)?;
    let end = reader.at();
    let size = end - start;
    let (txid, stripped) = if marked {
        let body = reader.between(body_from, body_to);
        (sha::sha256d_framed(*version, body, *locktime), body.len() + 8)
    } else {
        (sha::sha256d(reader.between(start, end)), size)
    };
    if D::MWEB {
        // of the transaction that joins the extension block the first output holds the pool, the others leave it
        let into = if hogex { -((paid.sum - paid.first) as i64) } else { paid.pegged as i64 };
        if into != 0 {
            visitor.pool(Pool::Mweb, into);
        }
    }
    let head = TxHead {
        txid,
        version: i32::from_le_bytes(*version),
        locktime: u32::from_le_bytes(*locktime),
        weight: (stripped * 3 + size) as u32, // a block's length, and four times it, fit in 32 bits
        size: size as u32,
        segwit,
        coinbase,
        inputs,
        outputs: paid.count,
        hogex,
        shielded: false,
    };
    visitor.tx(&head);
    Ok(head)
}

/// Walks the inputs: how many there are, and whether they make a coinbase.
#[inline(always)]
fn walk_inputs<V: BlockVisitor>(reader: &mut Reader<'_>, visitor: &mut V) -> Result<(u32, bool), DecodeError> {
    let start = reader.at();
    let count = reader.count(INPUT_LEN_MIN, Part::InputCount)? as u32;
    if count == 0 {
        return Err(fail(start, DecodeErrorKind::NoInputs));
    }
    let mut coinbase = false;
    for index in 0..count {
        let at = reader.at();
        let prev = reader.array::<36>(Part::PrevOutput)?;
        let (txid, vout) = split_prev(prev);
        let len = reader.count(1, Part::ScriptSigLen)?;
        let script_sig = reader.bytes(len, Part::ScriptSig)?;
        let sequence = u32::from_le_bytes(*reader.array(Part::Sequence)?);
        let input = Input { prev_txid: txid, prev_vout: vout, script_sig, sequence };
        if input.is_null() {
            if count != 1 {
                return Err(fail(at, DecodeErrorKind::CoinbaseExtra));
            }
            coinbase = true;
        }
        visitor.input(index, &input);
    }
    Ok((count, coinbase))
}

#[inline]
pub(crate) fn split_prev(prev: &[u8; 36]) -> (Hash32, u32) {
    let mut txid = [0; 32];
    let mut vout = [0; 4];
    txid.copy_from_slice(&prev[..32]);
    vout.copy_from_slice(&prev[32..]);
    (Hash32(txid), u32::from_le_bytes(vout))
}

/// What the outputs are together.
#[derive(Clone, Copy, Default)]
pub(crate) struct Paid {
    pub(crate) count: u32,
    pub(crate) sum: u64,
    /// Value of the first.
    pub(crate) first: u64,
    /// Sum of those that go into Litecoin's extension block.
    pub(crate) pegged: u64,
}

/// Walks the outputs.
#[inline(always)]
fn walk_outputs<D: Dialect, V: BlockVisitor>(reader: &mut Reader<'_>, visitor: &mut V) -> Result<Paid, DecodeError> {
    let start = reader.at();
    let count = reader.count(OUTPUT_LEN_MIN, Part::OutputCount)? as u32;
    if count == 0 {
        return Err(fail(start, DecodeErrorKind::NoOutputs));
    }
    let mut paid = Paid { count, ..Paid::default() };
    for index in 0..count {
        let at = reader.at();
        let value = u64::from_le_bytes(*reader.array(Part::Value)?);
        if value > D::MONEY_MAX {
            return Err(fail(at, DecodeErrorKind::Value(value)));
        }
        paid.sum = paid.sum.saturating_add(value); // too much stays too much
        let len = reader.count(1, Part::ScriptLen)?;
        let script = reader.bytes(len, Part::Script)?;
        if D::MWEB {
            paid.first = if index == 0 { value } else { paid.first };
            paid.pegged += if is_pegin(script) { value } else { 0 };
        }
        visitor.output(index, &Output { value: Sats(value), script });
    }
    if paid.sum > D::MONEY_MAX {
        return Err(fail(start, DecodeErrorKind::ValueSum(paid.sum)));
    }
    Ok(paid)
}

/// Whether a script sends money into Litecoin's extension block: a witness program of version 9 and 32 bytes (LIP 3).
#[inline]
fn is_pegin(script: &[u8]) -> bool {
    script.len() == 34 && script[..2] == [0x59, 32]
}

/// Walks one witness for each input; at least one must not be empty (Bitcoin Core: superfluous witness record).
#[inline(always)]
fn walk_witnesses<V: BlockVisitor>(reader: &mut Reader<'_>, inputs: u32, visitor: &mut V) -> Result<(), DecodeError> {
    let start = reader.at();
    let mut any = false;
    for index in 0..inputs {
        let witness = Witness::read(reader)?;
        any |= witness.count() != 0;
        visitor.witness(index, &witness);
    }
    if any { Ok(()) } else { Err(fail(start, DecodeErrorKind::EmptyWitness)) }
}
