//! One block, from its bytes to the rows that the ledger keeps.

use crate::error::IngestError;
use crate::files::BlockFiles;
use crate::order::parents_first;
use crate::scan::Found;
use athar_chains::bitcoin::{
    BlockVisitor, DecodeError, FRAME_HEAD_LEN, Input, KeyReveal, Output, Script, TxHead, key_reveal,
};
use athar_chains::{classify_on, decode_block};
use athar_ledger::{BlockRows, InRow, OutRow, PoolFlow, RawScript, TxFlags, TxRow, key_hash};
use athar_types::{AddressKind, Chain, Height, Pool};

/// Sequence numbers below this signal replaceability (BIP 125).
const RBF_SEQUENCE_END: u32 = 0xffff_fffe;

/// Decodes a block of `chain` (without its frame) and flattens it.
///
/// Bitcoin Cash orders the transactions of a block by their ids, so that one may spend an output of a later one. The rows
/// come in an order in which no transaction stands before one that it spends from.
pub fn decode_rows(chain: Chain, raw: &[u8]) -> Result<BlockRows, DecodeError> {
    let mut flat = Flat::new(chain);
    let decoded = decode_block(chain, raw, &mut flat)?;
    let mut rows = flat.rows;
    rows.header = raw[..decoded.header.len].to_vec();
    rows.hash = decoded.header.hash;
    rows.time = decoded.header.fields.time.0;
    rows.size = raw.len() as u32;
    Ok(if chain == Chain::BitcoinCash { parents_first(rows) } else { rows })
}

/// Reads and decodes one block.
pub(crate) fn read_block(files: &BlockFiles, chain: Chain, found: &Found) -> Result<BlockRows, IngestError> {
    let mut raw = vec![0; found.len as usize];
    let filled = files.read(found.file, found.offset, &mut raw)?;
    let changed =
        || IngestError::Changed { path: files.path(found.file).into(), offset: found.offset - FRAME_HEAD_LEN as u64 };
    if filled < raw.len() {
        return Err(changed());
    }
    let rows = decode_rows(chain, &raw).map_err(|source| IngestError::Block {
        path: files.path(found.file).into(),
        offset: found.offset,
        height: Height(0),
        hash: found.hash,
        source: Box::new(source),
    })?;
    if rows.hash == found.hash { Ok(rows) } else { Err(changed()) }
}

struct Flat {
    chain: Chain,
    rows: BlockRows,
    /// Index of the current transaction's first row in `rows.inputs`.
    first_input: usize,
    rbf: bool,
    /// Whether the current transaction pays into Litecoin's extension block.
    pegs_in: bool,
}

impl BlockVisitor for Flat {
    #[inline]
    fn input(&mut self, _index: u32, input: &Input<'_>) {
        if input.is_null() {
            return;
        }
        self.rbf |= input.sequence < RBF_SEQUENCE_END;
        match input.script_sig {
            [] => {}
            script => {
                if let KeyReveal::PushedKey { compressed: false } = key_reveal(script, None) {
                    self.rows.uncompressed.push(self.rows.inputs.len() as u32);
                }
            }
        }
        self.rows.inputs.push(InRow { prev_txid: input.prev_txid, prev_vout: input.prev_vout });
    }

    #[inline]
    fn output(&mut self, _index: u32, output: &Output<'_>) {
        let script = classify_on(self.chain, output.script);
        let kind = script.kind();
        let mut row = OutRow { value: output.value.0, key_hash: 0, key_start: 0, key_len: 0, key_kind: 0, kind };
        match script {
            Script::P2pkh(hash) => self.key(&mut row, AddressKind::P2pkh, hash),
            Script::P2sh(hash) => self.key(&mut row, AddressKind::P2sh, hash),
            Script::P2wpkh(hash) => self.key(&mut row, AddressKind::P2wpkh, hash),
            Script::P2wsh(hash) => self.key(&mut row, AddressKind::P2wsh, hash),
            Script::P2tr(key) => self.key(&mut row, AddressKind::P2tr, key),
            other => {
                if let Some(key) = other.address() {
                    self.key(&mut row, key.kind(), key.payload());
                }
            }
        }
        if !kind.implied_by_address() {
            let start = self.rows.script_bytes.len() as u32;
            self.rows.script_bytes.extend_from_slice(output.script);
            let bytes = start..self.rows.script_bytes.len() as u32;
            self.rows.scripts.push(RawScript { output: self.rows.outputs.len() as u32, bytes });
        }
        self.rows.outputs.push(row);
    }

    #[inline]
    fn pool(&mut self, pool: Pool, value_sat: i64) {
        self.pegs_in |= pool == Pool::Mweb && value_sat > 0;
        self.rows.pools.push(PoolFlow { tx: self.rows.txs.len() as u32, pool: pool as u8, value_sat });
    }

    #[inline]
    fn tx(&mut self, head: &TxHead) {
        let mut flags = 0;
        for (bit, set) in [
            (TxFlags::COINBASE, head.coinbase),
            (TxFlags::SEGWIT, head.segwit),
            (TxFlags::RBF, self.rbf),
            (TxFlags::MWEB, self.pegs_in),
            (TxFlags::HOGEX, head.hogex),
            (TxFlags::SHIELDED, head.shielded),
        ] {
            flags |= if set { bit } else { 0 };
        }
        self.rows.txs.push(TxRow {
            txid: head.txid,
            version: head.version,
            locktime: head.locktime,
            weight: head.weight,
            flags: TxFlags(flags),
            inputs: (self.rows.inputs.len() - self.first_input) as u32,
            outputs: head.outputs,
        });
        self.first_input = self.rows.inputs.len();
        self.rbf = false;
        self.pegs_in = false;
    }
}

impl Flat {
    fn new(chain: Chain) -> Self {
        let rows = BlockRows::default();
        Self { chain, rows, first_input: 0, rbf: false, pegs_in: false }
    }

    #[inline]
    fn key(&mut self, row: &mut OutRow, kind: AddressKind, payload: &[u8]) {
        row.key_kind = kind as u8;
        row.key_hash = key_hash(kind as u8, payload);
        row.key_start = self.rows.keys.len() as u32;
        row.key_len = payload.len() as u8;
        self.rows.keys.extend_from_slice(payload);
    }
}
