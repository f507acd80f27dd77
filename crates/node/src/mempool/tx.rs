//! An unconfirmed transaction, decoded, and what it spends.

use athar_chains::bitcoin::{BlockVisitor, DecodeError, Input, Output, classify, decode_tx_with};
use athar_types::{AddressKey, Hash32, Sats};

/// Sequence numbers below this signal replaceability (BIP 125).
const RBF_SEQUENCE_END: u32 = 0xffff_fffe;

/// An output by the transaction that makes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OutPoint {
    /// The transaction.
    pub txid: Hash32,
    /// Which of its outputs.
    pub vout: u32,
}

/// What an output pays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paid {
    /// How much.
    pub value: Sats,
    /// To whom, where its script has an address.
    pub address: Option<AddressKey>,
}

/// What an input spends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spent {
    /// The output.
    pub output: OutPoint,
    /// What that output pays; `None` while it is known neither from the chain nor from the mempool.
    pub paid: Option<Paid>,
}

/// Where confirmed outputs are looked up.
pub trait Outputs {
    /// What an output of the chain pays; `None` where no block of it makes that output.
    fn output(&self, output: &OutPoint) -> Option<Paid>;

    /// Whether a transaction is in a block of the chain.
    fn is_confirmed(&self, txid: &Hash32) -> bool;
}

/// An unconfirmed transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MempoolTx {
    /// Its id.
    pub txid: Hash32,
    /// Weight units.
    pub weight: u32,
    /// Whether it signals that it may be replaced (BIP 125). Nodes may replace others too.
    pub is_replaceable: bool,
    /// When this follower first saw it, in milliseconds since 1970.
    pub seen_ms: u64,
    /// What it spends.
    pub inputs: Vec<Spent>,
    /// What it pays.
    pub outputs: Vec<Paid>,
}

impl MempoolTx {
    /// The sum of its outputs.
    pub fn value(&self) -> Sats {
        self.outputs.iter().map(|o| o.value).sum()
    }

    /// Inputs less outputs; `None` while an input is unresolved.
    pub fn fee(&self) -> Option<Sats> {
        let inputs = self.inputs.iter().try_fold(0_u64, |sum, i| sum.checked_add(i.paid?.value.0))?;
        inputs.checked_sub(self.value().0).map(Sats)
    }

    /// Inputs whose output is not known.
    pub fn unresolved(&self) -> usize {
        self.inputs.iter().filter(|i| i.paid.is_none()).count()
    }

    /// Memory that it takes, with its places in the indexes: an estimate from above.
    pub(super) fn memory_bytes(&self) -> usize {
        256 + self.inputs.len() * (size_of::<Spent>() + 2 * size_of::<(OutPoint, Hash32)>())
            + self.outputs.len() * size_of::<Paid>()
    }
}

/// Decodes a transaction; its inputs are unresolved yet. An error where the bytes are no transaction, or more than one.
pub fn parse_tx(raw: &[u8], seen_ms: u64) -> Result<MempoolTx, DecodeError> {
    let mut parts = Parts::default();
    let (head, _) = decode_tx_with(raw, &mut parts)?;
    Ok(MempoolTx {
        txid: head.txid,
        weight: head.weight,
        is_replaceable: parts.is_replaceable,
        seen_ms,
        inputs: parts.inputs,
        outputs: parts.outputs,
    })
}

#[derive(Default)]
struct Parts {
    inputs: Vec<Spent>,
    outputs: Vec<Paid>,
    is_replaceable: bool,
}

impl BlockVisitor for Parts {
    fn input(&mut self, _index: u32, input: &Input<'_>) {
        if !input.is_null() {
            self.is_replaceable |= input.sequence < RBF_SEQUENCE_END;
            let output = OutPoint { txid: input.prev_txid, vout: input.prev_vout };
            self.inputs.push(Spent { output, paid: None });
        }
    }

    fn output(&mut self, _index: u32, output: &Output<'_>) {
        self.outputs.push(Paid { value: output.value, address: classify(output.script).address() });
    }
}
