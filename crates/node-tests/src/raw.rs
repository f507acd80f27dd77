//! Raw transactions: outputs that no wallet makes, and spends of them.

use crate::{HarnessError, Result, Rpc, rpc::coins};
use bitcoin::{
    Amount, NetworkKind, OutPoint, PrivateKey, PublicKey, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness,
    absolute::LockTime,
    consensus::encode::serialize_hex,
    opcodes::all::{OP_CHECKMULTISIG, OP_PUSHNUM_1},
    script::Builder,
    secp256k1::{Secp256k1, SecretKey},
    transaction::Version,
};
use serde_json::{Value, json};

/// A key pair for regtest. It is no secret: anyone can count to it.
pub struct Key {
    /// The private key in wallet import format.
    pub wif: String,
    /// The public key.
    pub public: PublicKey,
}

impl Key {
    /// The key pair of the number `secret`; `compressed` says how the public key is written.
    pub fn new(secret: u8, compressed: bool) -> Result<Self> {
        let mut bytes = [0; 32];
        bytes[31] = secret;
        let inner = SecretKey::from_slice(&bytes)
            .map_err(|error| HarnessError::World(format!("{secret} is no private key: {error}")))?;
        let private = PrivateKey { compressed, network: NetworkKind::Test, inner };
        Ok(Self { wif: private.to_wif(), public: private.public_key(&Secp256k1::signing_only()) })
    }

    /// The P2WPKH script of the key.
    pub fn p2wpkh(&self) -> Result<ScriptBuf> {
        let hash = self.public.wpubkey_hash();
        Ok(ScriptBuf::new_p2wpkh(&hash.map_err(|error| HarnessError::World(format!("no segwit for a key: {error}")))?))
    }
}

/// The bare multisig script of `keys`, `required` of which must sign.
pub fn multisig(required: u8, keys: &[&Key]) -> ScriptBuf {
    // OP_1 to OP_16 are consecutive
    let number = |n: u8| bitcoin::Opcode::from(OP_PUSHNUM_1.to_u8() + n - 1);
    let mut script = Builder::new().push_opcode(number(required));
    for key in keys {
        script = script.push_key(&key.public);
    }
    script.push_opcode(number(keys.len() as u8)).push_opcode(OP_CHECKMULTISIG).into_script()
}

/// An output to make or to spend.
#[derive(Clone)]
pub struct Coin {
    /// Value in satoshi.
    pub value_sat: u64,
    /// Its locking script.
    pub script: ScriptBuf,
    /// The script that a P2SH output hashes.
    pub redeem: Option<ScriptBuf>,
    /// The script that a P2WSH output hashes.
    pub witness: Option<ScriptBuf>,
    /// What unlocks it without a signature, where no signature is needed.
    pub unlock: ScriptBuf,
}

impl Coin {
    /// A coin that its script alone describes.
    pub fn new(value_sat: u64, script: ScriptBuf) -> Self {
        Self { value_sat, script, redeem: None, witness: None, unlock: ScriptBuf::new() }
    }

    /// A coin of the P2SH of `redeem`.
    pub fn p2sh(value_sat: u64, redeem: ScriptBuf) -> Self {
        let script = ScriptBuf::new_p2sh(&redeem.script_hash());
        Self { redeem: Some(redeem), ..Self::new(value_sat, script) }
    }

    /// A coin of the P2WSH of `witness`.
    pub fn p2wsh(value_sat: u64, witness: ScriptBuf) -> Self {
        let script = ScriptBuf::new_p2wsh(&witness.wscript_hash());
        Self { witness: Some(witness), ..Self::new(value_sat, script) }
    }

    /// A coin of the P2WSH of `witness`, wrapped into P2SH.
    pub fn p2sh_p2wsh(value_sat: u64, witness: ScriptBuf) -> Self {
        let program = ScriptBuf::new_p2wsh(&witness.wscript_hash());
        Self { witness: Some(witness), ..Self::p2sh(value_sat, program) }
    }
}

/// An output of the chain with all that is needed to spend it.
#[derive(Clone)]
pub struct Spendable {
    /// Where it stands.
    pub at: OutPoint,
    /// What it is.
    pub coin: Coin,
}

/// The unsigned transaction that spends `inputs` into `outputs`.
pub fn unsigned(inputs: &[Spendable], outputs: &[Coin]) -> Transaction {
    Transaction {
        version: Version::TWO,
        lock_time: LockTime::ZERO,
        input: inputs
            .iter()
            .map(|input| TxIn {
                previous_output: input.at,
                script_sig: input.coin.unlock.clone(),
                sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
                witness: Witness::new(),
            })
            .collect(),
        output: outputs
            .iter()
            .map(|coin| TxOut { value: Amount::from_sat(coin.value_sat), script_pubkey: coin.script.clone() })
            .collect(),
    }
}

/// A transaction in hex.
pub fn hex(tx: &Transaction) -> String {
    serialize_hex(tx)
}

/// Lets the node sign `tx` with `keys`.
pub fn signed_with_keys(rpc: &Rpc, tx: &Transaction, keys: &[&Key], inputs: &[Spendable]) -> Result<String> {
    let wifs: Vec<&str> = keys.iter().map(|key| key.wif.as_str()).collect();
    let prevs: Vec<Value> = inputs
        .iter()
        .map(|Spendable { at, coin }| {
            let mut prev = json!({
                "txid": at.txid.to_string(), "vout": at.vout, "scriptPubKey": coin.script.to_hex_string(),
                "amount": coins(coin.value_sat),
            });
            if let Some(redeem) = &coin.redeem {
                prev["redeemScript"] = json!(redeem.to_hex_string());
            }
            if let Some(witness) = &coin.witness {
                prev["witnessScript"] = json!(witness.to_hex_string());
            }
            prev
        })
        .collect();
    complete(&rpc.call("signrawtransactionwithkey", json!([hex(tx), wifs, prevs]))?)
}

/// Lets `wallet` sign `tx`.
pub fn signed_by_wallet(wallet: &Rpc, tx: &Transaction) -> Result<String> {
    complete(&wallet.call("signrawtransactionwithwallet", json!([hex(tx)]))?)
}

fn complete(answer: &Value) -> Result<String> {
    if answer["complete"] != json!(true) {
        return Err(HarnessError::World(format!("not every input could be signed: {}", answer["errors"])));
    }
    answer["hex"].as_str().map(str::to_owned).ok_or_else(|| HarnessError::shape("text `hex`", answer))
}

/// The outputs of a signed transaction, ready to be spent; `coins` are what they were made of, in order.
pub fn spendable(signed_hex: &str, coins: &[Coin]) -> Result<Vec<Spendable>> {
    let tx: Transaction = bitcoin::consensus::encode::deserialize_hex(signed_hex)
        .map_err(|error| HarnessError::World(format!("a signed transaction does not decode: {error}")))?;
    let txid: Txid = tx.compute_txid();
    Ok((0..).zip(coins).map(|(vout, coin)| Spendable { at: OutPoint { txid, vout }, coin: coin.clone() }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_one_has_the_forms_that_everybody_knows() {
        // the generator point itself; both forms of the private key 1 on test networks
        let compressed = Key::new(1, true).unwrap();
        assert_eq!(compressed.wif, "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA");
        assert_eq!(compressed.public.to_string(), "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        assert_eq!(
            compressed.p2wpkh().unwrap().to_hex_string(),
            "0014751e76e8199196d454941c45d1b3a323f1433bd6" // the key hash of BIP 173's examples
        );
        let uncompressed = Key::new(1, false).unwrap();
        assert!(uncompressed.public.to_string().starts_with("0479be667e"));
        assert!(uncompressed.p2wpkh().is_err());
    }

    #[test]
    fn a_bare_multisig_script_counts_its_keys() {
        let keys = [Key::new(1, true).unwrap(), Key::new(2, true).unwrap(), Key::new(3, false).unwrap()];
        let script = multisig(2, &[&keys[0], &keys[1], &keys[2]]).to_hex_string();
        assert!(script.starts_with("5221") && script.ends_with("53ae"), "{script}");
        assert_eq!(script.len() / 2, 1 + 34 + 34 + 66 + 2);
    }
}
