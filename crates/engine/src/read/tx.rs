//! One transaction, with everything its inputs spend.

use crate::error::EngineError;
use crate::{Engine, json::Usd, worth::PriceView};
use athar_chains::bitcoin::{Script, disassemble, op_return_payload};
use athar_chains::classify_on;
use athar_ledger::TxFlags;
use athar_types::{Chain, Hash32, ScriptKind, TxNum};
use schemars::JsonSchema;
use serde::Serialize;

/// A transaction of the best chain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TxView {
    /// Its id.
    #[schemars(with = "String")]
    pub txid: Hash32,
    /// Height of its block.
    pub height: u32,
    /// Hash of its block.
    #[schemars(with = "String")]
    pub block_hash: Hash32,
    /// The block's time stamp.
    pub time: String,
    /// The same in seconds since 1970.
    pub time_unix: u32,
    /// Whether it makes new coins.
    pub coinbase: bool,
    /// Version.
    pub version: i32,
    /// Lock time as serialised.
    pub locktime: u32,
    /// Weight units (BIP 141).
    pub weight: u32,
    /// Carries witness data.
    pub segwit: bool,
    /// Signals replaceability (BIP 125).
    pub rbf: bool,
    /// Sum of the outputs it spends, in satoshi; 0 for a coinbase.
    pub input_sat: u64,
    /// Sum of its outputs, in satoshi.
    pub output_sat: u64,
    /// The same at that day's price; none: no price.
    pub output_usd: Option<Usd>,
    /// That price.
    pub price: Option<PriceView>,
    /// What the miner was paid; none for a coinbase, and where it cannot be told from a hidden pool's flows.
    pub fee_sat: Option<u64>,
    /// What it moves between transparent outputs and hidden pools.
    pub pools: Vec<PoolView>,
    /// The CoinJoin that its shape is, by name; none where it is none.
    pub coinjoin: Option<String>,
    /// How it touches a hidden pool: `mweb` pays into Litecoin's extension block, `hogex` joins that to its block and
    /// pays out what leaves, `shielded` has a part in one of Zcash's pools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<&'static str>,
    /// The outputs it spends.
    pub inputs: Vec<InputView>,
    /// Its outputs.
    pub outputs: Vec<OutputView>,
    /// Labels of the transaction itself, by name.
    pub labels: Vec<String>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// An output that a transaction spends.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct InputView {
    /// The transaction that made it.
    #[schemars(with = "String")]
    pub prev_txid: Hash32,
    /// Which of its outputs.
    pub prev_vout: u32,
    /// The address it paid.
    pub address: Option<String>,
    /// Its value in satoshi.
    pub value_sat: u64,
    /// Kind of its script.
    #[schemars(with = "String")]
    pub script_type: ScriptKind,
    /// The kind of CoinJoin that it comes out of, where the transaction that made it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_mix: Option<String>,
}

/// An output of a transaction.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OutputView {
    /// Which output.
    pub vout: u32,
    /// Value in satoshi.
    pub value_sat: u64,
    /// The address it pays.
    pub address: Option<String>,
    /// Kind of its script.
    #[schemars(with = "String")]
    pub script_type: ScriptKind,
    /// The transaction that spends it.
    #[schemars(with = "Option<String>")]
    pub spent_by: Option<Hash32>,
    /// The kind of CoinJoin that it goes into, where the transaction that spends it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into_mix: Option<String>,
    /// The whole script in hexadecimal, where the address does not imply it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_hex: Option<String>,
    /// The same, readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_asm: Option<String>,
    /// The data after `OP_RETURN`, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_hex: Option<String>,
    /// The same as text, where it is UTF-8 without control characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_text: Option<String>,
    /// Signatures that a bare multisig requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<u8>,
    /// The public keys of a bare multisig, or the key paid directly, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
}

impl OutputView {
    /// Fills in what the kept script says.
    fn read_script(&mut self, chain: Chain, script: &[u8]) {
        self.script_hex = Some(hex(script));
        self.script_asm = Some(disassemble(script));
        match classify_on(chain, script) {
            Script::P2pk { key } => self.keys = Some(vec![hex(key)]),
            Script::Multisig { required, keys } => {
                self.required = Some(required);
                self.keys = Some(keys.map(hex).collect());
            }
            Script::OpReturn { .. } => {
                let data = op_return_payload(script).map(|d| d.data).unwrap_or_default();
                self.data_text =
                    String::from_utf8(data.clone()).ok().filter(|t| !t.is_empty() && !t.chars().any(char::is_control));
                self.data_hex = Some(hex(&data));
            }
            _ => {}
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Value that a transaction moves into a hidden pool, or out of it.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct PoolView {
    /// Name of the pool: `mweb`, `sprout`, `sapling`, `orchard`.
    pub pool: &'static str,
    /// Satoshi that enter it; negative where they leave it.
    pub value_sat: i64,
}

impl Engine {
    /// The transaction with that id; `None` where the best chain has none such.
    pub fn tx(&self, txid: &str) -> Result<Option<TxView>, EngineError> {
        let id: Hash32 = txid.trim().parse().map_err(|_| EngineError::Target {
            input: crate::shortened(txid),
            what: "a transaction id has 64 hexadecimal digits".into(),
        })?;
        let ledger = self.ledger()?;
        Ok(ledger.tx_by_id(&id).map(|num| self.tx_view(num)))
    }

    pub(crate) fn tx_view(&self, num: TxNum) -> TxView {
        let ledger = self.ledger_or_empty();
        let tx = ledger.tx(num);
        let txid = ledger.txid(num);
        let (block_hash, time) = ledger.block(tx.height).map(|b| (b.hash, b.time())).unwrap_or_default();
        let inputs: Vec<InputView> = ledger
            .inputs(num)
            .map(|input| {
                let spent = ledger.output(ledger.spent_output(&input));
                InputView {
                    prev_txid: ledger.txid(input.prev_tx),
                    prev_vout: input.prev_vout,
                    address: spent.address.map(|a| ledger.address_text(a)),
                    value_sat: spent.value.0,
                    script_type: spent.kind,
                    from_mix: self.coinjoin(input.prev_tx),
                }
            })
            .collect();
        let outputs: Vec<OutputView> = ledger
            .outputs(num)
            .enumerate()
            .map(|(vout, output)| {
                let mut view = OutputView {
                    vout: vout as u32,
                    value_sat: output.value.0,
                    address: output.address.map(|a| ledger.address_text(a)),
                    script_type: output.kind,
                    spent_by: output.spent_by.map(|tx| ledger.txid(tx)),
                    into_mix: output.spent_by.and_then(|tx| self.coinjoin(tx)),
                    script_hex: None,
                    script_asm: None,
                    data_hex: None,
                    data_text: None,
                    required: None,
                    keys: None,
                };
                if let Some(script) = ledger.output_script(output.num) {
                    view.read_script(ledger.chain(), script);
                }
                view
            })
            .collect();
        let input_sat: u64 = inputs.iter().map(|i| i.value_sat).sum();
        let output_sat: u64 = outputs.iter().map(|o| o.value_sat).sum();
        let coinbase = tx.flags.has(TxFlags::COINBASE);
        let pools: Vec<PoolView> =
            ledger.pool_flows(num).map(|(pool, value_sat)| PoolView { pool: pool.name(), value_sat }).collect();
        // what enters a shielded pool is no fee; a HogEx pays its fee from inside the extension block
        let shielded = tx.flags.has(TxFlags::SHIELDED);
        let into_pools: i128 = if shielded { pools.iter().map(|p| i128::from(p.value_sat)).sum() } else { 0 };
        let fee_sat = u64::try_from(i128::from(input_sat) - i128::from(output_sat) - into_pools).ok();
        let fee_sat = fee_sat.filter(|_| !coinbase && !tx.flags.has(TxFlags::HOGEX));
        TxView {
            txid,
            height: tx.height.0,
            block_hash,
            time: time.to_string(),
            time_unix: time.0,
            coinbase,
            version: tx.version,
            locktime: tx.locktime,
            weight: tx.weight,
            segwit: tx.flags.has(TxFlags::SEGWIT),
            rbf: tx.flags.has(TxFlags::RBF),
            input_sat,
            output_sat,
            output_usd: self.usd(output_sat, time),
            price: self.price_of(time),
            fee_sat,
            pools,
            coinjoin: self.coinjoin(num),
            hidden: [(TxFlags::MWEB, "mweb"), (TxFlags::HOGEX, "hogex"), (TxFlags::SHIELDED, "shielded")]
                .into_iter()
                .find_map(|(flag, name)| tx.flags.has(flag).then_some(name)),
            inputs,
            outputs,
            labels: self.labels.lookup_transaction(ledger.chain(), &txid.to_string()).map(|l| l.name.clone()).collect(),
            snapshot: self.snapshot("tx", &txid),
        }
    }
}
