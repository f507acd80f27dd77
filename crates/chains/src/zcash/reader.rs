//! Reading what Zcash's formats share: transparent inputs and outputs, and lists of parts of fixed length.

use crate::bitcoin::error::{DecodeError, DecodeErrorKind, Part};
use crate::bitcoin::read::{Reader, fail};
use crate::bitcoin::tx::{INPUT_LEN_MIN, OUTPUT_LEN_MIN, split_prev};
use crate::bitcoin::{BlockVisitor, Input, MONEY_MAX, Output};
use athar_types::Sats;
use std::ops::Range;

/// The transparent part of a transaction, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Transparent {
    pub(super) inputs: u32,
    pub(super) outputs: u32,
    pub(super) coinbase: bool,
    /// Bytes of each input behind the count of inputs.
    pub(super) input_bytes: Range<usize>,
    /// Bytes of each output behind the count of outputs.
    pub(super) output_bytes: Range<usize>,
}

/// Walks the transparent inputs and outputs, of which there may be none.
pub(super) fn transparent<V: BlockVisitor>(
    reader: &mut Reader<'_>,
    visitor: &mut V,
) -> Result<Transparent, DecodeError> {
    let inputs = reader.count(INPUT_LEN_MIN, Part::InputCount)? as u32;
    let input_start = reader.at();
    let mut coinbase = false;
    for index in 0..inputs {
        let at = reader.at();
        let (prev_txid, prev_vout) = split_prev(reader.array::<36>(Part::PrevOutput)?);
        let len = reader.count(1, Part::ScriptSigLen)?;
        let script_sig = reader.bytes(len, Part::ScriptSig)?;
        let sequence = u32::from_le_bytes(*reader.array(Part::Sequence)?);
        let input = Input { prev_txid, prev_vout, script_sig, sequence };
        if input.is_null() {
            if inputs != 1 {
                return Err(fail(at, DecodeErrorKind::CoinbaseExtra));
            }
            coinbase = true;
        }
        visitor.input(index, &input);
    }
    let input_bytes = input_start..reader.at();
    let at_outputs = reader.at();
    let outputs = reader.count(OUTPUT_LEN_MIN, Part::OutputCount)? as u32;
    let output_start = reader.at();
    let mut sum = 0_u64;
    for index in 0..outputs {
        let at = reader.at();
        let value = u64::from_le_bytes(*reader.array(Part::Value)?);
        if value > MONEY_MAX.0 {
            return Err(fail(at, DecodeErrorKind::Value(value)));
        }
        sum = sum.saturating_add(value);
        let len = reader.count(1, Part::ScriptLen)?;
        let script = reader.bytes(len, Part::Script)?;
        visitor.output(index, &Output { value: Sats(value), script });
    }
    if sum > MONEY_MAX.0 {
        return Err(fail(at_outputs, DecodeErrorKind::ValueSum(sum)));
    }
    Ok(Transparent { inputs, outputs, coinbase, input_bytes, output_bytes: output_start..reader.at() })
}

/// A list of `count` parts of `each` bytes, as one slice.
pub(super) fn list<'a>(
    reader: &mut Reader<'a>,
    count: usize,
    each: usize,
    part: Part,
) -> Result<&'a [u8], DecodeError> {
    // a count was bounded by the bytes left when it was read; the product of two such numbers fits
    reader.bytes(count.saturating_mul(each), part)
}

/// A 32-bit number.
pub(super) fn number(reader: &mut Reader<'_>, part: Part) -> Result<u32, DecodeError> {
    Ok(u32::from_le_bytes(*reader.array(part)?))
}

/// What a pool gives to the transparent side (negative: takes), refused beyond all money.
pub(super) fn balance(reader: &mut Reader<'_>, part: Part) -> Result<i64, DecodeError> {
    let at = reader.at();
    let value = i64::from_le_bytes(*reader.array(part)?);
    if value.unsigned_abs() > MONEY_MAX.0 {
        return Err(fail(at, DecodeErrorKind::PoolValue(value)));
    }
    Ok(value)
}
