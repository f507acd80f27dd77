//! The id of a version 5 transaction: a tree of BLAKE2b-256 hashes over its parts without signatures and proofs.
//!
//! Source: ZIP 244, "TxId Digest". Names and order of the functions follow its sections. Checked by the ZIP's published
//! vectors and by the merkle roots of published blocks.

use super::sapling::{Orchard, Sapling};
use athar_types::Hash32;
use blake2b_simd::{Params, State};

/// The fields at the beginning of a version 5 transaction.
pub(super) struct Head {
    /// Version with the bit that marks later formats.
    pub(super) header: u32,
    pub(super) group: u32,
    pub(super) branch: u32,
    pub(super) locktime: u32,
    pub(super) expiry: u32,
}

/// The transparent part as it stands in the bytes.
pub(super) struct TransparentBytes<'a> {
    /// Inputs without their count.
    pub(super) inputs: &'a [u8],
    /// Outputs without their count.
    pub(super) outputs: &'a [u8],
}

fn hasher(personal: &[u8; 16]) -> State {
    Params::new().hash_length(32).personal(personal).to_state()
}

fn hash(personal: &[u8; 16], parts: &[&[u8]]) -> [u8; 32] {
    let mut state = hasher(personal);
    for part in parts {
        state.update(part);
    }
    finish(&state)
}

fn finish(state: &State) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(state.finalize().as_bytes());
    out
}

/// The id of a transaction.
pub(super) fn txid(
    head: &Head,
    transparent: &TransparentBytes<'_>,
    sapling: &Sapling<'_>,
    orchard: &Orchard<'_>,
) -> Hash32 {
    let mut personal = *b"ZcashTxHash_\0\0\0\0";
    personal[12..].copy_from_slice(&head.branch.to_le_bytes());
    Hash32(hash(
        &personal,
        &[&header_digest(head), &transparent_digest(transparent), &sapling_digest(sapling), &orchard_digest(orchard)],
    ))
}

fn header_digest(head: &Head) -> [u8; 32] {
    let numbers = [head.header, head.group, head.branch, head.locktime, head.expiry].map(u32::to_le_bytes);
    hash(b"ZTxIdHeadersHash", &[numbers.as_flattened()])
}

fn transparent_digest(transparent: &TransparentBytes<'_>) -> [u8; 32] {
    if transparent.inputs.is_empty() && transparent.outputs.is_empty() {
        return hash(b"ZTxIdTranspaHash", &[]);
    }
    let mut prevouts = hasher(b"ZTxIdPrevoutHash");
    let mut sequences = hasher(b"ZTxIdSequencHash");
    let mut rest = transparent.inputs;
    // every length in these bytes was checked when they were read
    while let Some((prevout, after)) = rest.split_first_chunk::<36>() {
        let (len, at) = script_len(after);
        let Some((sequence, next)) = after.get(at + len..).and_then(|tail| tail.split_first_chunk::<4>()) else {
            break;
        };
        prevouts.update(prevout);
        sequences.update(sequence);
        rest = next;
    }
    let outputs = hash(b"ZTxIdOutputsHash", &[transparent.outputs]);
    hash(b"ZTxIdTranspaHash", &[&finish(&prevouts), &finish(&sequences), &outputs])
}

/// The length of a script and how many bytes that number takes.
fn script_len(bytes: &[u8]) -> (usize, usize) {
    match *bytes {
        [0xfd, a, b, ..] => (usize::from(u16::from_le_bytes([a, b])), 3),
        [0xfe, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 5),
        [len, ..] => (usize::from(len), 1),
        [] => (0, 1),
    }
}

/// Where the ciphertext that recipients find their money by ends, and where its memo does.
const COMPACT: usize = 52;
const MEMO_END: usize = 564;

fn sapling_digest(sapling: &Sapling<'_>) -> [u8; 32] {
    const PERSONAL: &[u8; 16] = b"ZTxIdSaplingHash";
    if sapling.spends.is_empty() && sapling.outputs.is_empty() {
        return hash(PERSONAL, &[]);
    }
    let spends = if sapling.spends.is_empty() {
        hash(b"ZTxIdSSpendsHash", &[])
    } else {
        let mut compact = hasher(b"ZTxIdSSpendCHash");
        let mut other = hasher(b"ZTxIdSSpendNHash");
        for spend in sapling.spends {
            let (cv, nullifier, rk) = (&spend[..32], &spend[32..64], &spend[64..]);
            compact.update(nullifier);
            other.update(cv).update(&sapling.anchor).update(rk);
        }
        hash(b"ZTxIdSSpendsHash", &[&finish(&compact), &finish(&other)])
    };
    let outputs = if sapling.outputs.is_empty() {
        hash(b"ZTxIdSOutputHash", &[])
    } else {
        let mut compact = hasher(b"ZTxIdSOutC__Hash");
        let mut memos = hasher(b"ZTxIdSOutM__Hash");
        let mut other = hasher(b"ZTxIdSOutN__Hash");
        for output in sapling.outputs {
            let (cv, rest) = output.split_at(32);
            let (note_and_key, ciphertexts) = rest.split_at(64); // cmu, ephemeral key
            let (enc, out) = ciphertexts.split_at(580);
            compact.update(note_and_key).update(&enc[..COMPACT]);
            memos.update(&enc[COMPACT..MEMO_END]);
            other.update(cv).update(&enc[MEMO_END..]).update(out);
        }
        hash(b"ZTxIdSOutputHash", &[&finish(&compact), &finish(&memos), &finish(&other)])
    };
    hash(PERSONAL, &[&spends, &outputs, &sapling.value.to_le_bytes()])
}

fn orchard_digest(orchard: &Orchard<'_>) -> [u8; 32] {
    const PERSONAL: &[u8; 16] = b"ZTxIdOrchardHash";
    if orchard.actions.is_empty() {
        return hash(PERSONAL, &[]);
    }
    let mut compact = hasher(b"ZTxIdOrcActCHash");
    let mut memos = hasher(b"ZTxIdOrcActMHash");
    let mut other = hasher(b"ZTxIdOrcActNHash");
    for action in orchard.actions {
        let (cv, rest) = action.split_at(32);
        let (nullifier, rest) = rest.split_at(32);
        let (rk, rest) = rest.split_at(32);
        let (note_and_key, ciphertexts) = rest.split_at(64); // cmx, ephemeral key
        let (enc, out) = ciphertexts.split_at(580);
        compact.update(nullifier).update(note_and_key).update(&enc[..COMPACT]);
        memos.update(&enc[COMPACT..MEMO_END]);
        other.update(cv).update(rk).update(&enc[MEMO_END..]).update(out);
    }
    hash(
        PERSONAL,
        &[
            &finish(&compact),
            &finish(&memos),
            &finish(&other),
            &[orchard.flags],
            &orchard.value.to_le_bytes(),
            &orchard.anchor,
        ],
    )
}
