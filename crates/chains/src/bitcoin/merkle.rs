//! The merkle tree over a block's txids.

use super::sha;
use athar_types::Hash32;

/// A merkle root, and whether the list it was computed from could be another one in disguise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MerkleRoot {
    /// The root; zero for an empty list.
    pub(crate) root: Hash32,
    /// Two equal hashes stood side by side where neither was the copy that an odd layer gets: a shorter list has the
    /// same root (CVE-2012-2459). Bitcoin Core's `ComputeMerkleRoot` calls this mutated.
    pub(crate) duplicated: bool,
}

/// The merkle root of a list of txids; zero for an empty one.
pub fn merkle_root(txids: &[Hash32]) -> Hash32 {
    reduce(txids.iter().map(|t| t.0).collect()).root
}

/// The merkle root of `layer`, which is used up.
pub(crate) fn reduce(mut layer: Vec<[u8; 32]>) -> MerkleRoot {
    const LANES: usize = 4;
    let mut duplicated = false;
    while layer.len() > 1 {
        duplicated |= layer.chunks_exact(2).any(|pair| pair[0] == pair[1]);
        if layer.len() % 2 == 1
            && let Some(last) = layer.last()
        {
            layer.push(*last);
        }
        let pairs = layer.len() / 2;
        let mut done = 0;
        while done + LANES <= pairs {
            let mut messages = [[0; 64]; LANES];
            messages.as_flattened_mut().copy_from_slice(layer[2 * done..2 * (done + LANES)].as_flattened());
            for (slot, hash) in layer[done..].iter_mut().zip(sha::sha256d_64(&messages)) {
                *slot = hash.0;
            }
            done += LANES;
        }
        while done < pairs {
            layer[done] = sha::sha256d(layer[2 * done..2 * done + 2].as_flattened()).0;
            done += 1;
        }
        layer.truncate(pairs);
    }
    MerkleRoot { root: Hash32(layer.first().copied().unwrap_or_default()), duplicated }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(n: u8) -> Vec<[u8; 32]> {
        (0..n).map(|i| [i; 32]).collect()
    }

    /// The definition, hash by hash.
    fn plain(mut layer: Vec<[u8; 32]>) -> [u8; 32] {
        while layer.len() > 1 {
            layer = layer
                .chunks(2)
                .map(|pair| athar_types::address::sha256d(&[pair[0], pair[pair.len() - 1]].concat()))
                .collect();
        }
        layer[0]
    }

    #[test]
    fn roots_equal_the_plain_definition_at_every_size() {
        for n in 1..70 {
            let tree = reduce(leaves(n));
            assert_eq!(tree.root.0, plain(leaves(n)), "{n} leaves");
            assert!(!tree.duplicated, "{n} leaves");
        }
        assert_eq!(merkle_root(&[]), Hash32::ZERO);
    }

    #[test]
    fn a_repeated_tail_has_the_same_root_and_is_noticed() {
        for (n, tail) in [(3, 1), (6, 2), (5, 1), (7, 1), (12, 4)] {
            let honest = leaves(n);
            let mut repeated = honest.clone();
            repeated.extend_from_slice(&honest[honest.len() - tail..]);
            let tree = reduce(repeated);
            assert_eq!(tree.root, reduce(honest).root, "{n} leaves");
            assert!(tree.duplicated, "{n} leaves");
        }
    }
}
