//! A plain walk over a block's fields: the least that any parser must do, and the ground of the reference.

use sha2::{Digest, Sha256};

/// Receives what a walk passes, in the order of the bytes; a transaction after its inputs and outputs.
pub(crate) trait Walker {
    /// An input: the 36 bytes that name the output it spends.
    fn input(&mut self, outpoint: &[u8; 36]);
    /// An output's value in satoshi.
    fn output(&mut self, value_sat: u64);
    /// A transaction.
    fn tx(&mut self, tx: &TxParts<'_>);
}

/// The parts of a transaction that its txid covers.
pub(crate) struct TxParts<'a> {
    parts: [&'a [u8]; 3],
    /// The first of its block.
    pub(crate) is_coinbase: bool,
}

impl TxParts<'_> {
    /// The txid, in the order it is hashed.
    pub(crate) fn txid(&self) -> [u8; 32] {
        let inner = self.parts.iter().fold(Sha256::new(), Digest::chain_update).finalize();
        Sha256::digest(inner).into()
    }
}

/// The double SHA-256 of a header.
pub(crate) fn header_hash(header: &[u8]) -> [u8; 32] {
    Sha256::digest(Sha256::digest(header)).into()
}

/// Walks every field of a block; `None` where the bytes end too early or too late.
pub(crate) fn walk(block: &[u8], walker: &mut impl Walker) -> Option<()> {
    let mut at = 80;
    for index in 0..size(block, &mut at)? {
        let start = at;
        at += 4;
        let is_segwit = *block.get(at)? == 0;
        at += if is_segwit { 2 } else { 0 };
        let body = at;
        let inputs = size(block, &mut at)?;
        for _ in 0..inputs {
            walker.input(block.get(at..)?.first_chunk()?);
            at += 36;
            at = size(block, &mut at)?.checked_add(at + 4)?;
        }
        for _ in 0..size(block, &mut at)? {
            walker.output(u64::from_le_bytes(*block.get(at..)?.first_chunk()?));
            at += 8;
            at = size(block, &mut at)?.checked_add(at)?;
        }
        let end = at;
        if is_segwit {
            for _ in 0..inputs {
                for _ in 0..size(block, &mut at)? {
                    at = size(block, &mut at)?.checked_add(at)?;
                }
            }
        }
        at += 4;
        let parts = if is_segwit {
            [block.get(start..start + 4)?, block.get(body..end)?, block.get(at - 4..at)?]
        } else {
            [block.get(start..at)?, &[], &[]]
        };
        walker.tx(&TxParts { parts, is_coinbase: index == 0 });
    }
    (at == block.len()).then_some(())
}

fn size(block: &[u8], at: &mut usize) -> Option<usize> {
    let first = *block.get(*at)?;
    *at += 1;
    let len = match first {
        0xfd => 2,
        0xfe => 4,
        0xff => 8,
        small => return Some(usize::from(small)),
    };
    let mut bytes = [0; 8];
    bytes[..len].copy_from_slice(block.get(*at..*at + len)?);
    *at += len;
    usize::try_from(u64::from_le_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitcoin::{Network, blockdata::constants::genesis_block, consensus::serialize, hashes::Hash};

    #[derive(Default)]
    struct Seen(Vec<[u8; 36]>, Vec<u64>, Vec<[u8; 32]>);

    impl Walker for Seen {
        fn input(&mut self, outpoint: &[u8; 36]) {
            self.0.push(*outpoint);
        }
        fn output(&mut self, value_sat: u64) {
            self.1.push(value_sat);
        }
        fn tx(&mut self, tx: &TxParts<'_>) {
            self.2.push(tx.txid());
        }
    }

    #[test]
    fn a_walk_agrees_with_rust_bitcoin_with_and_without_witnesses() {
        let mut block = genesis_block(Network::Regtest);
        let mut segwit = block.txdata[0].clone();
        segwit.input[0].previous_output.vout = 7;
        segwit.input[0].witness.push([1; 300]);
        segwit.output.push(segwit.output[0].clone());
        block.txdata.push(segwit);
        let bytes = serialize(&block);

        let mut seen = Seen::default();
        walk(&bytes, &mut seen).unwrap();
        let txids: Vec<_> = block.txdata.iter().map(|tx| tx.compute_txid().to_byte_array()).collect();
        assert_eq!(seen.2, txids);
        assert_eq!(seen.1, [5_000_000_000; 3]);
        assert_eq!(seen.0[1][32..], [7, 0, 0, 0]);
        assert_eq!(header_hash(&bytes[..80]), block.block_hash().to_byte_array());

        for len in 0..bytes.len() {
            assert!(walk(&bytes[..len], &mut Seen::default()).is_none(), "{len}");
        }
        assert!(walk(&[&bytes[..], &[0]].concat(), &mut Seen::default()).is_none());
    }
}
