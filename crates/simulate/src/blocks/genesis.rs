//! What every regtest chain begins with. Source: `CreateGenesisBlock` in Bitcoin Core's `kernel/chainparams.cpp`.

/// Time of regtest's genesis block: 2011-02-02.
pub(super) const GENESIS_TIME: u32 = 1_296_688_602;

/// The genesis coinbase, the same on every network of 2011.
pub(super) fn genesis_coinbase() -> Vec<u8> {
    const TEXT: &[u8] = b"The Times 03/Jan/2009 Chancellor on brink of second bailout for banks";
    const KEY: [u8; 65] = [
        0x04, 0x67, 0x8a, 0xfd, 0xb0, 0xfe, 0x55, 0x48, 0x27, 0x19, 0x67, 0xf1, 0xa6, 0x71, 0x30, 0xb7, 0x10, 0x5c,
        0xd6, 0xa8, 0x28, 0xe0, 0x39, 0x09, 0xa6, 0x79, 0x62, 0xe0, 0xea, 0x1f, 0x61, 0xde, 0xb6, 0x49, 0xf6, 0xbc,
        0x3f, 0x4c, 0xef, 0x38, 0xc4, 0xf3, 0x55, 0x04, 0xe5, 0x1e, 0xc1, 0x12, 0xde, 0x5c, 0x38, 0x4d, 0xf7, 0xba,
        0x0b, 0x8d, 0x57, 0x8a, 0x4c, 0x70, 0x2b, 0x6b, 0xf1, 0x1d, 0x5f,
    ];
    let mut tx = Vec::with_capacity(204);
    tx.extend_from_slice(&1u32.to_le_bytes());
    tx.push(1);
    tx.extend_from_slice(&[0; 32]);
    tx.extend_from_slice(&[0xff; 4]);
    tx.push(8 + TEXT.len() as u8);
    tx.extend_from_slice(&[4, 0xff, 0xff, 0, 0x1d, 1, 4, TEXT.len() as u8]);
    tx.extend_from_slice(TEXT);
    tx.extend_from_slice(&[0xff; 4]);
    tx.push(1);
    tx.extend_from_slice(&5_000_000_000u64.to_le_bytes());
    tx.extend_from_slice(&[67, 65]);
    tx.extend_from_slice(&KEY);
    tx.push(0xac);
    tx.extend_from_slice(&0u32.to_le_bytes());
    tx
}
