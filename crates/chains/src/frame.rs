//! Frames of block files by chain: every node that descends from Bitcoin Core lays its blocks as it does.

use crate::bitcoin::{BLOCK_LEN_MAX, BLOCK_LEN_MIN, FRAME_HEAD_LEN, FrameHead};
use athar_types::{Chain, Network};

/// What the eight bytes at a position of a block file of `chain` begin.
///
/// Chains share magics (Bitcoin Cash has Bitcoin's, and most have Bitcoin's for regtest), so a magic does not tell the
/// chain, only its network.
pub fn frame_head_on(chain: Chain, bytes: &[u8; FRAME_HEAD_LEN]) -> FrameHead {
    if *bytes == [0; FRAME_HEAD_LEN] {
        return FrameHead::Zeros;
    }
    let [m0, m1, m2, m3, l0, l1, l2, l3] = *bytes;
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    match chain.network_of_magic([m0, m1, m2, m3]) {
        Some(network) if (BLOCK_LEN_MIN..=BLOCK_LEN_MAX).contains(&len) => FrameHead::Block { network, len },
        _ => FrameHead::Garbage,
    }
}

/// Where the next magic of a network of `chain` begins, to resynchronise after damage. `None` also for a network that the
/// chain does not have.
///
/// Four bytes may be a magic by chance: the caller must check what follows.
pub fn find_magic_on(chain: Chain, network: Network, data: &[u8]) -> Option<usize> {
    let magic = chain.params(network)?.magic;
    data.windows(4).position(|head| *head == magic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bitcoin::{find_magic, frame_head};

    #[test]
    fn heads_are_those_of_their_own_chain_only() {
        for chain in Chain::LEDGERS {
            for network in Network::ALL {
                let Some(params) = chain.params(network) else { continue };
                let mut bytes = [0, 0, 0, 0, 0, 1, 0, 0];
                bytes[..4].copy_from_slice(&params.magic);
                assert_eq!(frame_head_on(chain, &bytes), FrameHead::Block { network, len: 256 }, "{chain} {network}");
                assert_eq!(find_magic_on(chain, network, &[&[1, 2][..], &bytes].concat()), Some(2));
                if chain == Chain::Bitcoin {
                    assert_eq!(frame_head(&bytes), frame_head_on(chain, &bytes));
                    assert_eq!(find_magic(&bytes, Some(network)), Some(0));
                }
            }
            assert_eq!(frame_head_on(chain, &[0; 8]), FrameHead::Zeros);
            assert_eq!(frame_head_on(chain, &[1; 8]), FrameHead::Garbage);
        }
        assert_eq!(find_magic_on(Chain::Zcash, Network::Signet, &[0; 8]), None);
    }
}
