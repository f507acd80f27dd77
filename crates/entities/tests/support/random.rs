//! Random small chains.

use proptest::prelude::*;
use std::{fmt::Write, ops::Range};

/// A transaction: which of the unspent outputs it spends, and what it pays.
type RandomTx = (Vec<prop::sample::Index>, Vec<(String, u32)>);

/// Random blocks: addresses of few names, so that much is spent together; values of few kinds, so that some transactions
/// have the shape of a CoinJoin.
pub(crate) fn blocks(count: Range<usize>) -> impl Strategy<Value = Vec<Vec<RandomTx>>> {
    let name = (0..14_u8, 0..5_u8).prop_map(|(n, kind)| match kind {
        0 => format!("p2wpkh/n{n}"),
        1 => format!("wrapped/n{n}"),
        2 => format!("p2tr/n{n}"),
        _ => format!("n{n}"),
    });
    let output = (name, prop_oneof![Just(10_000), Just(7_000), 1..50_000_u32]);
    let tx = (prop::collection::vec(any::<prop::sample::Index>(), 1..6), prop::collection::vec(output, 1..6));
    prop::collection::vec(prop::collection::vec(tx, 0..5), count)
}

/// The text of a chain of such blocks; chains that begin with the same blocks have the same text there.
pub(crate) fn text(blocks: &[Vec<RandomTx>]) -> String {
    let mut text = String::new();
    let mut unspent: Vec<String> = Vec::new();
    for (height, txs) in blocks.iter().enumerate() {
        let (one, other) = (height % 14, (height * 5 + 1) % 14);
        writeln!(text, "block\ncoinbase c{height} -> n{one} 100000 n{other} 50000").unwrap();
        for (number, (spends, outputs)) in txs.iter().enumerate() {
            let mut inputs: Vec<String> = Vec::new();
            for pick in spends.iter().take(unspent.len()) {
                inputs.push(unspent.swap_remove(pick.index(unspent.len())));
            }
            if inputs.is_empty() {
                continue;
            }
            let id = format!("t{height}x{number}");
            let paid: Vec<String> = outputs.iter().map(|(name, value)| format!("{name} {value}")).collect();
            writeln!(text, "tx {id}: {} -> {}", inputs.join(" "), paid.join(" ")).unwrap();
            unspent.extend((0..outputs.len()).map(|vout| format!("{id}:{vout}")));
        }
        unspent.extend([format!("c{height}:0"), format!("c{height}:1")]);
    }
    text
}
