//! The filter over a block's logs (Yellow Paper, 4.3.1): three of 2048 bits for each address and topic. Held against the
//! one in the head, it shows that no log is missing and none was put in.

use sha3::{Digest, Keccak256};

/// The filter, first byte first.
pub(crate) struct Bloom(pub(crate) [u8; 256]);

impl Default for Bloom {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl Bloom {
    /// Adds an address or a topic.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let hash = Keccak256::digest(bytes);
        for pair in [0, 2, 4] {
            let bit = usize::from(hash[pair] & 7) << 8 | usize::from(hash[pair + 1]);
            self.0[255 - bit / 8] |= 1 << (bit % 8);
        }
    }
}
