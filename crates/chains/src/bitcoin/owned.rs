//! Transactions that own their parts: to build some, or to keep what the decoder showed.

use super::parts::{Input, Output, TxHead};
use super::sha;
use super::visit::BlockVisitor;
use super::witness::Witness;
use super::write::{write_bytes, write_compact_size};
use athar_types::{Hash32, Sats};

/// An input that owns its script.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnedInput {
    /// The transaction whose output is spent.
    pub prev_txid: Hash32,
    /// Which output of it.
    pub prev_vout: u32,
    /// The unlocking script.
    pub script_sig: Vec<u8>,
    /// Sequence number.
    pub sequence: u32,
}

/// An output that owns its script.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnedOutput {
    /// Its value.
    pub value: Sats,
    /// The locking script.
    pub script: Vec<u8>,
}

/// A transaction that owns its parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnedTx {
    /// Version.
    pub version: i32,
    /// Inputs.
    pub inputs: Vec<OwnedInput>,
    /// Outputs.
    pub outputs: Vec<OwnedOutput>,
    /// Lock time.
    pub locktime: u32,
    /// Witness items by input, for the first inputs; inputs beyond its end have none. The transaction is written in
    /// segwit form when any item is there.
    pub witnesses: Vec<Vec<Vec<u8>>>,
}

impl OwnedTx {
    /// Whether the transaction is written in segwit form.
    pub fn is_segwit(&self) -> bool {
        self.witnesses.iter().take(self.inputs.len()).any(|items| !items.is_empty())
    }

    /// Appends the transaction as the network sends it.
    pub fn write(&self, out: &mut Vec<u8>) {
        let segwit = self.is_segwit();
        out.extend_from_slice(&self.version.to_le_bytes());
        if segwit {
            out.extend_from_slice(&[0, 1]);
        }
        self.write_body(out);
        if segwit {
            for index in 0..self.inputs.len() {
                let items = self.witnesses.get(index).map_or(&[][..], Vec::as_slice);
                write_compact_size(out, items.len() as u64);
                for item in items {
                    write_bytes(out, item);
                }
            }
        }
        out.extend_from_slice(&self.locktime.to_le_bytes());
    }

    /// Inputs and outputs, the same in both forms.
    pub(crate) fn write_body(&self, out: &mut Vec<u8>) {
        write_compact_size(out, self.inputs.len() as u64);
        for input in &self.inputs {
            out.extend_from_slice(&input.prev_txid.0);
            out.extend_from_slice(&input.prev_vout.to_le_bytes());
            write_bytes(out, &input.script_sig);
            out.extend_from_slice(&input.sequence.to_le_bytes());
        }
        write_compact_size(out, self.outputs.len() as u64);
        for output in &self.outputs {
            out.extend_from_slice(&output.value.0.to_le_bytes());
            write_bytes(out, &output.script);
        }
    }

    /// The txid: double SHA-256 of the legacy form.
    pub fn txid(&self) -> Hash32 {
        let mut body = Vec::with_capacity(512);
        self.write_body(&mut body);
        sha::sha256d_framed(self.version.to_le_bytes(), &body, self.locktime.to_le_bytes())
    }
}

/// Keeps every transaction of a decoded block. For single blocks and tests: it copies everything.
#[derive(Clone, Debug, Default)]
pub struct TxCollector {
    /// The transactions so far, each with its head, in order.
    pub txs: Vec<(TxHead, OwnedTx)>,
    current: OwnedTx,
}

impl BlockVisitor for TxCollector {
    fn input(&mut self, _: u32, input: &Input<'_>) {
        self.current.inputs.push(OwnedInput {
            prev_txid: input.prev_txid,
            prev_vout: input.prev_vout,
            script_sig: input.script_sig.to_vec(),
            sequence: input.sequence,
        });
    }

    fn output(&mut self, _: u32, output: &Output<'_>) {
        self.current.outputs.push(OwnedOutput { value: output.value, script: output.script.to_vec() });
    }

    fn witness(&mut self, _: u32, witness: &Witness<'_>) {
        self.current.witnesses.push(witness.iter().map(<[u8]>::to_vec).collect());
    }

    fn tx(&mut self, head: &TxHead) {
        let mut tx = std::mem::take(&mut self.current);
        tx.version = head.version;
        tx.locktime = head.locktime;
        self.txs.push((*head, tx));
    }
}
