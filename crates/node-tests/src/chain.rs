//! What the node says of its best chain: every block, transaction, input and output, from `getblock` with verbosity 3.

use crate::{
    Account, HarnessError, Result, Rpc,
    rpc::{list_of, number_of, sats, text_of},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// An output by the node's name of its transaction and its position.
pub type OutPointText = (String, u32);

/// The best chain in the node's words, genesis first.
pub struct NodeChain {
    /// Blocks; the index is the height.
    pub blocks: Vec<NodeBlock>,
}

/// A block.
pub struct NodeBlock {
    /// Its hash as shown.
    pub hash: String,
    /// Its parent's hash; `None` for the genesis block.
    pub prev_hash: Option<String>,
    /// Root of the merkle tree over its transactions, as shown.
    pub merkle_root: String,
    /// Unix seconds of its header.
    pub time: u64,
    /// Version field: 32 bits, see [`NodeTx::version`].
    pub version: i64,
    /// Target in compact form, eight hexadecimal digits.
    pub bits: String,
    /// Nonce.
    pub nonce: u64,
    /// Serialised size in bytes.
    pub size: u64,
    /// Its transactions in order.
    pub txs: Vec<NodeTx>,
}

/// A transaction.
pub struct NodeTx {
    /// Its id as shown.
    pub txid: String,
    /// Version field: 32 bits, which the node shows unsigned or signed depending on its own version.
    pub version: i64,
    /// Lock-time field.
    pub locktime: u64,
    /// Weight units (BIP 141).
    pub weight: u64,
    /// Whether it carries witness data.
    pub segwit: bool,
    /// Whether one of its inputs signals replaceability (BIP 125: a sequence number below 0xfffffffe).
    pub rbf: bool,
    /// Fee in satoshi; `None` for a coinbase.
    pub fee_sat: Option<u64>,
    /// Inputs in order; none for a coinbase.
    pub inputs: Vec<NodeInput>,
    /// Outputs in order.
    pub outputs: Vec<NodeOutput>,
}

/// An input, with the output that it spends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeInput {
    /// The output spent.
    pub prev: OutPointText,
    /// Its value in satoshi.
    pub value_sat: u64,
    /// Its address, see [`NodeOutput::address`].
    pub address: Option<String>,
    /// Its script in hex.
    pub script_hex: String,
}

/// An output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeOutput {
    /// Value in satoshi.
    pub value_sat: u64,
    /// The node's name for the kind of script: `pubkey`, `witness_v0_keyhash`, ...
    pub kind: String,
    /// The address that the node gives for the script. For a public key paid directly it gives none; there it is asked
    /// for the address of `pkh(KEY)`.
    pub address: Option<String>,
    /// Script in hex.
    pub script_hex: String,
    /// Transaction and input index that spend it in the best chain.
    pub spent_by: Option<OutPointText>,
}

impl NodeChain {
    /// Reads the whole best chain.
    pub fn read(rpc: &Rpc) -> Result<Self> {
        let tip = rpc.call("getblockcount", json!([]))?;
        let tip = tip.as_u64().ok_or_else(|| HarnessError::shape("a height", &tip))?;
        let mut keys = KeyAddresses { rpc, known: HashMap::new() };
        let mut blocks = Vec::new();
        for height in 0..=tip {
            let hash = rpc.text("getblockhash", json!([height]))?;
            let block = rpc.call("getblock", json!([hash, 3]))?;
            blocks.push(NodeBlock {
                prev_hash: block["previousblockhash"].as_str().map(str::to_owned),
                merkle_root: text_of(&block, "merkleroot")?,
                time: number_of(&block, "time")?,
                version: signed_of(&block, "version")?,
                bits: text_of(&block, "bits")?,
                nonce: number_of(&block, "nonce")?,
                size: number_of(&block, "size")?,
                txs: list_of(&block, "tx")?.iter().map(|tx| keys.tx(tx)).collect::<Result<_>>()?,
                hash,
            });
        }
        let mut chain = Self { blocks };
        chain.mark_spent();
        Ok(chain)
    }

    /// Writes into every output which input spends it.
    fn mark_spent(&mut self) {
        let mut spends: HashMap<OutPointText, OutPointText> = HashMap::new();
        for (_, tx) in self.txs() {
            for (index, input) in tx.inputs.iter().enumerate() {
                spends.insert(input.prev.clone(), (tx.txid.clone(), index as u32));
            }
        }
        for tx in self.blocks.iter_mut().flat_map(|block| &mut block.txs) {
            for (vout, output) in tx.outputs.iter_mut().enumerate() {
                output.spent_by = spends.remove(&(tx.txid.clone(), vout as u32));
            }
        }
    }

    /// Every transaction with its height, in chain order.
    pub fn txs(&self) -> impl Iterator<Item = (u32, &NodeTx)> {
        self.blocks.iter().enumerate().flat_map(|(height, block)| block.txs.iter().map(move |tx| (height as u32, tx)))
    }

    /// Every output with its height and place, in chain order.
    pub fn outputs(&self) -> impl Iterator<Item = (u32, OutPointText, &NodeOutput)> {
        self.txs().flat_map(|(height, tx)| {
            tx.outputs.iter().enumerate().map(move |(vout, output)| (height, (tx.txid.clone(), vout as u32), output))
        })
    }

    /// What each address received, sent and holds, derived from nothing but the answers.
    pub fn accounts(&self) -> BTreeMap<String, Account> {
        let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
        for (height, tx) in self.txs() {
            for input in &tx.inputs {
                if let Some(address) = &input.address {
                    accounts.entry(address.clone()).or_default().send(height, input.value_sat);
                }
            }
            for output in &tx.outputs {
                if let Some(address) = &output.address {
                    accounts.entry(address.clone()).or_default().receive(height, output.value_sat);
                }
            }
        }
        accounts
    }
}

/// Addresses of public keys, as the node derives them, each asked once.
struct KeyAddresses<'a> {
    rpc: &'a Rpc,
    known: HashMap<String, String>,
}

impl KeyAddresses<'_> {
    fn tx(&mut self, tx: &Value) -> Result<NodeTx> {
        let inputs = list_of(tx, "vin")?;
        let txid = text_of(tx, "txid")?;
        Ok(NodeTx {
            version: signed_of(tx, "version")?,
            locktime: number_of(tx, "locktime")?,
            weight: number_of(tx, "weight")?,
            // the hash covers the witness, the id does not
            segwit: text_of(tx, "hash")? != txid,
            rbf: inputs.iter().any(|input| {
                input.get("coinbase").is_none() && input["sequence"].as_u64().is_some_and(|n| n < 0xffff_fffe)
            }),
            fee_sat: tx.get("fee").map(sats).transpose()?,
            inputs: inputs
                .iter()
                .filter(|input| input.get("coinbase").is_none())
                .map(|input| self.input(input))
                .collect::<Result<_>>()?,
            outputs: list_of(tx, "vout")?.iter().map(|output| self.output(output)).collect::<Result<_>>()?,
            txid,
        })
    }

    fn input(&mut self, input: &Value) -> Result<NodeInput> {
        let prevout = input.get("prevout").ok_or_else(|| HarnessError::shape("`prevout`", input))?;
        let spent = self.output(prevout)?;
        Ok(NodeInput {
            prev: (text_of(input, "txid")?, number_of(input, "vout")? as u32),
            value_sat: spent.value_sat,
            address: spent.address,
            script_hex: spent.script_hex,
        })
    }

    fn output(&mut self, output: &Value) -> Result<NodeOutput> {
        let script = output.get("scriptPubKey").ok_or_else(|| HarnessError::shape("`scriptPubKey`", output))?;
        let kind = text_of(script, "type")?;
        let address = match script["address"].as_str() {
            Some(address) => Some(address.to_owned()),
            None if kind == "pubkey" => Some(self.of_key(&text_of(script, "asm")?)?),
            None => None,
        };
        let script_hex = text_of(script, "hex")?;
        Ok(NodeOutput { value_sat: sats(&output["value"])?, kind, address, script_hex, spent_by: None })
    }

    /// The P2PKH address of the key in `KEY OP_CHECKSIG`.
    fn of_key(&mut self, asm: &str) -> Result<String> {
        let key = asm.split(' ').next().unwrap_or_default();
        if let Some(known) = self.known.get(key) {
            return Ok(known.clone());
        }
        let descriptor = self.rpc.call("getdescriptorinfo", json!([format!("pkh({key})")]))?;
        let addresses = self.rpc.call("deriveaddresses", json!([text_of(&descriptor, "descriptor")?]))?;
        let address = addresses[0].as_str().ok_or_else(|| HarnessError::shape("an address", &addresses))?;
        self.known.insert(key.to_owned(), address.to_owned());
        Ok(address.to_owned())
    }
}

/// A whole number of `answer[field]` that may be negative.
fn signed_of(answer: &Value, field: &str) -> Result<i64> {
    answer[field].as_i64().ok_or_else(|| HarnessError::shape(format!("number `{field}`"), answer))
}
