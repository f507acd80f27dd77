//! The shielded parts: JoinSplits (formats 2 to 4), Sapling as format 4 lays it, Sapling and Orchard as format 5 does.

use super::reader::{balance, list};
use crate::bitcoin::MONEY_MAX;
use crate::bitcoin::error::{DecodeError, DecodeErrorKind, Part};
use crate::bitcoin::read::{Reader, fail};

/// Bytes of a JoinSplit with a BCTV14 proof (296 bytes), up to format 3.
pub(super) const JOINSPLIT_BCTV14: usize = 1802;
/// With a Groth16 proof (192 bytes), in format 4.
pub(super) const JOINSPLIT_GROTH16: usize = 1698;
const SPEND_V4: usize = 384;
const OUTPUT_V4: usize = 948;
const SPEND_V5: usize = 96;
const OUTPUT_V5: usize = 756;
const ACTION: usize = 820;
const PROOF: usize = 192;
const SIGNATURE: usize = 64;

/// JoinSplits: how many, and what they move into the Sprout pool.
pub(super) fn joinsplits(reader: &mut Reader<'_>, each: usize) -> Result<(usize, i64), DecodeError> {
    let count = reader.count(each, Part::JoinSplits)?;
    let mut into = 0_i64;
    for _ in 0..count {
        let at = reader.at();
        let raw = list(reader, 1, each, Part::JoinSplits)?;
        let value = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&raw[at..at + 8]);
            u64::from_le_bytes(bytes)
        };
        // what leaves the transparent side, and what comes back to it
        for value in [value(0), value(8)] {
            if value > MONEY_MAX.0 {
                return Err(fail(at, DecodeErrorKind::PoolValue(value as i64)));
            }
        }
        into = into.saturating_add(value(0) as i64 - value(8) as i64);
    }
    if into.unsigned_abs() > MONEY_MAX.0 {
        return Err(fail(reader.at(), DecodeErrorKind::PoolValue(into)));
    }
    if count > 0 {
        reader.bytes(32 + SIGNATURE, Part::JoinSplits)?; // the key that signs them, and its signature
    }
    Ok((count, into))
}

/// Format 4, before the JoinSplits: how many spends and outputs, and what Sapling gives to the transparent side.
pub(super) fn sapling_v4(reader: &mut Reader<'_>) -> Result<(usize, i64), DecodeError> {
    let value = balance(reader, Part::Sapling)?;
    let spends = reader.count(SPEND_V4, Part::Sapling)?;
    list(reader, spends, SPEND_V4, Part::Sapling)?;
    let outputs = reader.count(OUTPUT_V4, Part::Sapling)?;
    list(reader, outputs, OUTPUT_V4, Part::Sapling)?;
    Ok((spends + outputs, value))
}

/// Sapling in format 5.
#[derive(Clone, Copy)]
pub(super) struct Sapling<'a> {
    pub(super) spends: &'a [[u8; SPEND_V5]],
    pub(super) outputs: &'a [[u8; OUTPUT_V5]],
    /// What it gives to the transparent side.
    pub(super) value: i64,
    pub(super) anchor: [u8; 32],
}

pub(super) fn sapling_v5<'a>(reader: &mut Reader<'a>) -> Result<Sapling<'a>, DecodeError> {
    let count = reader.count(SPEND_V5, Part::Sapling)?;
    let spends = list(reader, count, SPEND_V5, Part::Sapling)?.as_chunks().0;
    let count = reader.count(OUTPUT_V5, Part::Sapling)?;
    let outputs: &[[u8; OUTPUT_V5]] = list(reader, count, OUTPUT_V5, Part::Sapling)?.as_chunks().0;
    let mut sapling = Sapling { spends, outputs, value: 0, anchor: [0; 32] };
    if spends.is_empty() && outputs.is_empty() {
        return Ok(sapling);
    }
    sapling.value = balance(reader, Part::Sapling)?;
    if !spends.is_empty() {
        sapling.anchor = *reader.array(Part::Sapling)?;
    }
    list(reader, spends.len(), PROOF + SIGNATURE, Part::Sapling)?;
    list(reader, outputs.len(), PROOF, Part::Sapling)?;
    reader.bytes(SIGNATURE, Part::Sapling)?;
    Ok(sapling)
}

/// Orchard, in format 5.
#[derive(Clone, Copy)]
pub(super) struct Orchard<'a> {
    pub(super) actions: &'a [[u8; ACTION]],
    pub(super) flags: u8,
    /// What it gives to the transparent side.
    pub(super) value: i64,
    pub(super) anchor: [u8; 32],
}

pub(super) fn orchard<'a>(reader: &mut Reader<'a>) -> Result<Orchard<'a>, DecodeError> {
    let count = reader.count(ACTION, Part::Orchard)?;
    let actions: &[[u8; ACTION]] = list(reader, count, ACTION, Part::Orchard)?.as_chunks().0;
    let mut orchard = Orchard { actions, flags: 0, value: 0, anchor: [0; 32] };
    if actions.is_empty() {
        return Ok(orchard);
    }
    [orchard.flags] = *reader.array(Part::Orchard)?;
    orchard.value = balance(reader, Part::Orchard)?;
    orchard.anchor = *reader.array(Part::Orchard)?;
    let proofs = reader.count(1, Part::Orchard)?;
    reader.bytes(proofs, Part::Orchard)?;
    list(reader, actions.len(), SIGNATURE, Part::Orchard)?;
    reader.bytes(SIGNATURE, Part::Orchard)?;
    Ok(orchard)
}
