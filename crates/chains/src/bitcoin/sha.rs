//! Double SHA-256 over whole blocks in place.
//!
//! The general hasher buffers and tracks state for input of any shape; here every input is one slice, or one slice
//! between two 4-byte fields, so only the first and last block are ever copied. `compress256` uses the processor's SHA
//! instructions where it finds them at run time.

use athar_types::Hash32;
use sha2::block_api::compress256;

/// Initial state (FIPS 180-4, section 5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The second block of every 64-byte message: padding and the length of 512 bits.
const PADDING_64: [u8; 64] = {
    let mut block = [0; 64];
    block[0] = 0x80;
    block[62] = 2;
    block
};

/// Double SHA-256 of a slice.
#[inline]
pub(crate) fn sha256d(data: &[u8]) -> Hash32 {
    let (blocks, tail) = data.as_chunks::<64>();
    let mut last = [[0; 64]; 2];
    last.as_flattened_mut()[..tail.len()].copy_from_slice(tail);
    let used = pad(&mut last, tail.len(), data.len());
    let mut state = START;
    if !blocks.is_empty() {
        compress256(&mut state, blocks);
    }
    compress256(&mut state, &last[..used]);
    outer(&state)
}

/// Double SHA-256 of `head`, `body` and `tail` one after the other: the txid of a segwit transaction.
#[inline]
pub(crate) fn sha256d_framed(head: [u8; 4], body: &[u8], tail: [u8; 4]) -> Hash32 {
    let mut last = [[0; 64]; 2];
    let flat = last.as_flattened_mut();
    let Some((start, rest)) = body.split_first_chunk::<60>() else {
        let used = 8 + body.len();
        flat[..4].copy_from_slice(&head);
        flat[4..used - 4].copy_from_slice(body);
        flat[used - 4..used].copy_from_slice(&tail);
        return sha256d(&flat[..used]);
    };
    let mut first = [0; 64];
    first[..4].copy_from_slice(&head);
    first[4..].copy_from_slice(start);
    let (blocks, end) = rest.as_chunks::<64>();
    flat[..end.len()].copy_from_slice(end);
    flat[end.len()..end.len() + 4].copy_from_slice(&tail);
    let used = pad(&mut last, end.len() + 4, body.len() + 8);
    let mut state = START;
    compress256(&mut state, &[first]);
    if !blocks.is_empty() {
        compress256(&mut state, blocks);
    }
    compress256(&mut state, &last[..used]);
    outer(&state)
}

/// Ends the last blocks of a message of `len` bytes, of which `used` (at most 119) bytes are in place and the others
/// zero; says how many blocks count.
#[inline]
fn pad(last: &mut [[u8; 64]; 2], used: usize, len: usize) -> usize {
    let flat = last.as_flattened_mut();
    flat[used] = 0x80;
    let blocks = if used < 56 { 1 } else { 2 };
    flat[blocks * 64 - 8..blocks * 64].copy_from_slice(&(len as u64 * 8).to_be_bytes());
    blocks
}

/// The second hash, of the 32 bytes of the first.
#[inline]
fn outer(inner: &[u32; 8]) -> Hash32 {
    let mut state = START;
    compress256(&mut state, &[second(inner)]);
    bytes(&state)
}

/// The only block of the second hash.
#[inline]
fn second(inner: &[u32; 8]) -> [u8; 64] {
    let mut words = [0; 16];
    words[..8].copy_from_slice(inner);
    words[8] = 0x8000_0000;
    words[15] = 256; // bits
    let mut block = [0; 64];
    for (word, bytes) in words.iter().zip(block.as_chunks_mut::<4>().0) {
        *bytes = word.to_be_bytes();
    }
    block
}

#[inline]
fn bytes(state: &[u32; 8]) -> Hash32 {
    let mut out = [0; 32];
    for (word, bytes) in state.iter().zip(out.as_chunks_mut::<4>().0) {
        *bytes = word.to_be_bytes();
    }
    Hash32(out)
}

/// Double SHA-256 of each of `N` independent 64-byte messages.
///
/// Step by step for all of them rather than message by message: the steps of different messages do not wait for each
/// other, so the processor overlaps them.
#[inline]
pub(crate) fn sha256d_64<const N: usize>(messages: &[[u8; 64]; N]) -> [Hash32; N] {
    let mut states = [START; N];
    for (state, message) in states.iter_mut().zip(messages) {
        compress256(state, std::slice::from_ref(message));
    }
    for state in &mut states {
        compress256(state, &[PADDING_64]);
    }
    let messages = states.each_ref().map(second);
    states = [START; N];
    for (state, message) in states.iter_mut().zip(&messages) {
        compress256(state, std::slice::from_ref(message));
    }
    states.each_ref().map(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use athar_types::address;

    #[test]
    fn every_length_around_the_block_boundaries_equals_the_plain_hasher() {
        let data: Vec<u8> = (0..400_u32).map(|i| (i * 7) as u8).collect();
        for len in 0..data.len() {
            assert_eq!(sha256d(&data[..len]).0, address::sha256d(&data[..len]), "{len} bytes");
        }
        for len in 8..data.len() {
            let (head, rest) = data[..len].split_first_chunk().unwrap();
            let (body, tail) = rest.split_last_chunk().unwrap();
            assert_eq!(sha256d_framed(*head, body, *tail).0, address::sha256d(&data[..len]), "{len} bytes in parts");
        }
    }

    #[test]
    fn lanes_equal_one_by_one() {
        let messages: [[u8; 64]; 4] = std::array::from_fn(|lane| [lane as u8 * 3; 64]);
        for (hash, message) in sha256d_64(&messages).iter().zip(&messages) {
            assert_eq!(hash.0, address::sha256d(message));
        }
    }
}
