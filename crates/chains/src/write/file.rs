//! A regtest chain as its node would leave it in a block file, block by block.

use super::{NewBlock, RawTx, ZcashTx, regtest_genesis, write_frame};
use crate::bitcoin::write::{OwnedInput, OwnedOutput, OwnedTx};
use athar_types::{Chain, Hash32, Network, Sats, UnixTime};

/// The time of the genesis block's successor less ten minutes: 2020-09-13.
const START: u32 = 1_600_000_000;

/// A chain under construction: its genesis block, then what is added.
#[derive(Clone, Debug)]
pub struct ChainFile {
    chain: Chain,
    tip: Hash32,
    frames: Vec<Vec<u8>>,
}

impl ChainFile {
    /// A chain of nothing but the genesis block of `chain`'s regtest network. `None` where it has no block format.
    pub fn new(chain: Chain) -> Option<Self> {
        let tip = chain.params(Network::Regtest)?.genesis();
        let mut file = Self { chain, tip, frames: Vec::new() };
        file.push(&regtest_genesis(chain)?);
        Some(file)
    }

    fn push(&mut self, block: &[u8]) {
        let mut frame = Vec::new();
        write_frame(&mut frame, self.chain, Network::Regtest, block);
        self.frames.push(frame);
    }

    /// Adds a block, ten minutes after the last: a coinbase that pays 50 coins to `reward`, then `txs`, then `tail`.
    /// Gives the coinbase's id; `None` where no nonce will do.
    pub fn block(&mut self, version: i32, reward: &[u8], txs: &[RawTx], tail: &[u8]) -> Option<Hash32> {
        let height = self.frames.len() as u32;
        let input = OwnedInput {
            prev_vout: u32::MAX,
            script_sig: height.to_le_bytes().to_vec(),
            sequence: u32::MAX,
            ..OwnedInput::default()
        };
        let (inputs, outputs) =
            (vec![input], vec![OwnedOutput { value: Sats(50 * Sats::BTC), script: reward.to_vec() }]);
        let coinbase = match self.chain {
            Chain::Zcash => ZcashTx { version: 4, inputs, outputs, ..ZcashTx::default() }.raw()?,
            _ => RawTx::from(&OwnedTx { version: 1, inputs, outputs, ..OwnedTx::default() }),
        };
        let id = coinbase.txid;
        let txs: Vec<RawTx> = std::iter::once(coinbase).chain(txs.iter().cloned()).collect();
        let bits = if self.chain == Chain::Zcash { 0x200f_0f0f } else { 0x207f_ffff };
        let time = UnixTime(START + 600 * height);
        let (raw, hash) = NewBlock { version, prev: self.tip, time, bits, txs: &txs, tail }.write(self.chain)?;
        self.push(&raw);
        self.tip = hash;
        Some(id)
    }

    /// Hash of the last block.
    pub fn tip(&self) -> Hash32 {
        self.tip
    }

    /// The frames, one a block, from the genesis block on; a test may damage them.
    pub fn frames(&mut self) -> &mut Vec<Vec<u8>> {
        &mut self.frames
    }

    /// The block file.
    pub fn bytes(&self) -> Vec<u8> {
        self.frames.concat()
    }
}
