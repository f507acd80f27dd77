//! How Bitcoin Core lays blocks in `blk*.dat`: magic (4 bytes), length (4 bytes, little-endian), block.
//!
//! Files are preallocated in chunks of zeros, so zeros after the last block are normal. Since version 28 every byte is
//! also XORed with the eight bytes of `xor.dat`, repeated from the start of each file.

use super::header::HEADER_LEN;
use athar_types::Network;

/// Bytes of a frame's head: magic and length.
pub const FRAME_HEAD_LEN: usize = 8;
/// No frame holds fewer bytes: a header and a count of transactions.
pub const BLOCK_LEN_MIN: u32 = HEADER_LEN as u32 + 1;
/// No frame holds more bytes: Bitcoin Core's `MAX_SIZE`, eight times the largest block that consensus allows.
pub const BLOCK_LEN_MAX: u32 = 32 << 20;

/// The key that a folder of block files is XORed with (`xor.dat`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct XorKey(pub [u8; 8]);

impl XorKey {
    /// Removes (or applies: it is the same) the key from `data`, whose first byte is byte `file_offset` of its file.
    pub fn apply(&self, data: &mut [u8], file_offset: u64) {
        if self.is_zero() {
            return;
        }
        let mut key = self.0;
        key.rotate_left((file_offset % 8) as usize);
        let word = u64::from_ne_bytes(key);
        let (words, tail) = data.as_chunks_mut::<8>();
        for bytes in words {
            *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
        }
        for (byte, key) in tail.iter_mut().zip(key) {
            *byte ^= key;
        }
    }

    /// Whether the key changes nothing.
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 8]
    }
}

/// What eight bytes of a block file begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameHead {
    /// A block of `len` bytes follows.
    Block {
        /// The network of the magic.
        network: Network,
        /// Bytes of the block, [`BLOCK_LEN_MIN`] to [`BLOCK_LEN_MAX`].
        len: u32,
    },
    /// Preallocated space, or the gap that an interrupted write left.
    Zeros,
    /// Neither: no known magic, or a length that no block has.
    Garbage,
}

/// What the eight bytes at a position of a block file (XOR removed) begin.
pub fn frame_head(bytes: &[u8; FRAME_HEAD_LEN]) -> FrameHead {
    if *bytes == [0; FRAME_HEAD_LEN] {
        return FrameHead::Zeros;
    }
    let [m0, m1, m2, m3, l0, l1, l2, l3] = *bytes;
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    match Network::from_magic([m0, m1, m2, m3]) {
        Some(network) if (BLOCK_LEN_MIN..=BLOCK_LEN_MAX).contains(&len) => FrameHead::Block { network, len },
        _ => FrameHead::Garbage,
    }
}

/// Where the next magic of `network` (of any network: `None`) begins, to resynchronise after damage.
///
/// Four bytes may be a magic by chance: the caller must check what follows.
pub fn find_magic(data: &[u8], network: Option<Network>) -> Option<usize> {
    let found = |magics: &[[u8; 4]]| data.windows(4).position(|head| magics.iter().any(|magic| head == magic));
    match network {
        Some(network) => found(&[network.params().magic]),
        None => found(&Network::ALL.map(|n| n.params().magic)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(magic: [u8; 4], len: u32) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&magic);
        bytes[4..].copy_from_slice(&len.to_le_bytes());
        bytes
    }

    #[test]
    fn heads_of_every_network_are_told_from_zeros_and_garbage() {
        for network in Network::ALL {
            let magic = network.params().magic;
            for len in [BLOCK_LEN_MIN, 285, BLOCK_LEN_MAX] {
                assert_eq!(frame_head(&head(magic, len)), FrameHead::Block { network, len });
            }
            for len in [0, BLOCK_LEN_MIN - 1, BLOCK_LEN_MAX + 1, u32::MAX] {
                assert_eq!(frame_head(&head(magic, len)), FrameHead::Garbage, "{len}");
            }
        }
        assert_eq!(frame_head(&[0; 8]), FrameHead::Zeros);
        assert_eq!(frame_head(&head([0; 4], 285)), FrameHead::Garbage);
        assert_eq!(frame_head(&head([0xf9, 0xbe, 0xb4, 0xd8], 285)), FrameHead::Garbage);
    }

    #[test]
    fn the_xor_key_runs_with_the_file_offset_whatever_the_alignment() {
        let key = XorKey([1, 2, 3, 4, 5, 6, 7, 0xf8]);
        let plain: Vec<u8> = (0..100).collect();
        let file: Vec<u8> = plain.iter().enumerate().map(|(i, b)| b ^ key.0[i % 8]).collect();
        for from in 0..20 {
            for to in from..plain.len() {
                let mut part = file[from..to].to_vec();
                key.apply(&mut part, from as u64);
                assert_eq!(part, plain[from..to], "{from}..{to}");
            }
        }
        assert!(XorKey::default().is_zero());
        assert!(!key.is_zero());
    }

    #[test]
    fn the_xor_key_holds_beyond_four_gigabytes() {
        let key = XorKey([9, 8, 7, 6, 5, 4, 3, 2]);
        let mut byte = [0];
        key.apply(&mut byte, (1 << 40) + 3);
        assert_eq!(byte, [6]);
    }

    #[test]
    fn the_next_magic_is_found_or_none() {
        let main = Network::Mainnet.params().magic;
        let regtest = Network::Regtest.params().magic;
        let data = [&[0xf9, 0xbe, 0xb4][..], &regtest, &[0xf9], &main].concat();
        assert_eq!(find_magic(&data, None), Some(3));
        assert_eq!(find_magic(&data, Some(Network::Mainnet)), Some(8));
        assert_eq!(find_magic(&data[..11], Some(Network::Mainnet)), None);
        assert_eq!(find_magic(&[], None), None);
    }
}
