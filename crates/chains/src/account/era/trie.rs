//! The root of the trie over a list, by which a header names its transactions and receipts.
//!
//! Source: Ethereum's yellow paper, appendix D; keys are the RLP of the ranks.

use super::keccak;
use super::rlp::{list, text};

/// The root over `values` in their order: transactions or receipts as they stand in the trie (RLP, or a type and RLP).
pub fn ordered_root(values: &[&[u8]]) -> [u8; 32] {
    if values.is_empty() {
        return keccak(&text(&[]));
    }
    let mut leaves: Vec<(Vec<u8>, &[u8])> = (0_u64..)
        .zip(values)
        .map(|(rank, value)| {
            let key = alloy_rlp::encode(rank);
            (key.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect(), *value)
        })
        .collect();
    leaves.sort();
    keccak(&node(&leaves, 0))
}

/// The node over leaves that share their first `depth` nibbles. No key begins another, so it ends after a key's length.
fn node(leaves: &[(Vec<u8>, &[u8])], depth: usize) -> Vec<u8> {
    let [(first, value), .., (last, _)] = leaves else {
        return match leaves {
            [(key, value)] => list(&[&text(&path(&key[depth..], true)), &text(value)]),
            _ => text(&[]),
        };
    };
    debug_assert!(first < last, "{value:?}");
    let shared = first.iter().zip(last).skip(depth).take_while(|(a, b)| a == b).count();
    if shared > 0 {
        let below = reference(&node(leaves, depth + shared));
        return list(&[&text(&path(&first[depth..depth + shared], false)), &below]);
    }
    let mut children: Vec<Vec<u8>> = Vec::with_capacity(17);
    let mut rest = leaves;
    for nibble in 0..16 {
        let count = rest.iter().take_while(|(key, _)| key[depth] == nibble).count();
        let (own, after) = rest.split_at(count);
        children.push(if own.is_empty() { text(&[]) } else { reference(&node(own, depth + 1)) });
        rest = after;
    }
    children.push(text(&[]));
    list(&children.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// A short node itself, or the hash of a longer one.
fn reference(node: &[u8]) -> Vec<u8> {
    if node.len() < 32 { node.to_vec() } else { text(&keccak(node)) }
}

/// Nibbles as bytes, with what tells a leaf from a branch and an odd count from an even one.
fn path(nibbles: &[u8], is_leaf: bool) -> Vec<u8> {
    let flag = if is_leaf { 0x20 } else { 0 };
    let (head, rest) = match nibbles {
        [first, rest @ ..] if nibbles.len() % 2 == 1 => (flag | 0x10 | first, rest),
        _ => (flag, nibbles),
    };
    std::iter::once(head).chain(rest.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1])).collect()
}
