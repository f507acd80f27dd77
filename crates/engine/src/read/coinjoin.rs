//! Is a transaction a CoinJoin, or another that several people made? Of a stored one, or of one in a file.

use crate::Engine;
use crate::error::EngineError;
use athar_chains::bitcoin::classify;
use athar_entities::coinjoin::{
    CoinJoin, Facts, KindRate, Shape, ShapeBuffer, ShapeInput, ShapeOutput, hints, recognise, shape_in,
};
use athar_types::{AddressId, Hash32, Sats, ScriptKind};
use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the shape of a transaction says about who made it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CoinJoinView {
    /// The transaction.
    pub txid: String,
    /// `whirlpool`, `whirlpool-tx0`, `wasabi1`, `wasabi2`, `joinmarket-like`, `stonewall-like`, `equal-output`, or `none`.
    pub kind: String,
    /// Whether its inputs are held for several people's, so that they are tied to nobody.
    pub ties_nobody: bool,
    /// What matched, as sentences in English; empty for `none`.
    pub reasons: Vec<String>,
    /// The same in Arabic, sentence by sentence.
    pub reasons_ar: Vec<String>,
    /// What it may also be without changing anything: `payjoin-candidate`.
    pub hints: Vec<String>,
    /// What was counted; none where the transaction has no output.
    pub facts: Option<FactsView>,
    /// How often this kind was found, and wrongly found, where the truth is known; none for `none`.
    pub rate: Option<KindRateView>,
}

/// What the rules look at.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FactsView {
    /// Inputs.
    pub inputs: usize,
    /// Different addresses among them.
    pub input_addresses: usize,
    /// Outputs.
    pub outputs: usize,
    /// Outputs with the most frequent value.
    pub equal_outputs: usize,
    /// That value.
    pub equal_sat: u64,
    /// Different addresses that they pay.
    pub equal_addresses: usize,
    /// Per cent of the outputs that are standard denominations of Wasabi 2.
    pub standard_percent: usize,
    /// Whether an input is of dust value, as tokens are carried.
    pub marks: bool,
    /// Whether two sets of inputs bring an equal output, a change and half the fee each.
    pub halves: bool,
    /// Value of an entry of a mix, for a Tx0; 0 elsewhere.
    pub entry_sat: u64,
}

impl From<Facts> for FactsView {
    fn from(f: Facts) -> Self {
        Self {
            inputs: f.inputs,
            input_addresses: f.input_addresses,
            outputs: f.outputs,
            equal_outputs: f.equal_outputs,
            equal_sat: f.equal_value.0,
            equal_addresses: f.equal_addresses,
            standard_percent: f.standard_percent,
            marks: f.marks,
            halves: f.halves,
            entry_sat: f.entry.0,
        }
    }
}

/// How often a recogniser was right on real transactions (docs/reference/coinjoins.md).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KindRateView {
    /// Labelled transactions of this kind that were found.
    pub found: u64,
    /// Labelled transactions of this kind.
    pub of: u64,
    /// Transactions wrongly held for any kind, among those with as many equal outputs (below 2, or 2 and more).
    pub wrong: u64,
    /// Transactions looked at for that.
    pub wrong_of: u64,
}

impl From<KindRate> for KindRateView {
    fn from(r: KindRate) -> Self {
        Self { found: r.found, of: r.of, wrong: r.wrong, wrong_of: r.wrong_of }
    }
}

impl CoinJoinView {
    fn new(txid: String, shape: &Shape<'_>) -> Self {
        let found = recognise(shape);
        let facts = found.map(|c| c.facts).or_else(|| Facts::of(shape));
        Self {
            txid,
            kind: found.map_or("none", |c| c.kind.name()).into(),
            ties_nobody: found.is_some_and(|c| c.kind.ties_nobody()),
            reasons: found.as_ref().map(CoinJoin::reasons).unwrap_or_default(),
            reasons_ar: found.as_ref().map(CoinJoin::reasons_ar).unwrap_or_default(),
            hints: if found.is_some() { Vec::new() } else { hints(shape).iter().map(|h| h.name().into()).collect() },
            facts: facts.map(FactsView::from),
            rate: found.and_then(|c| KindRate::of(c.kind, c.facts.equal_outputs)).map(KindRateView::from),
        }
    }
}

impl Engine {
    /// What the shape of a stored transaction says about who made it; `None` where the chain does not have it.
    pub fn coinjoin_view(&self, txid: &str) -> Result<Option<CoinJoinView>, EngineError> {
        let id: Hash32 = txid.trim().parse().map_err(|_| EngineError::Target {
            input: crate::shortened(txid),
            what: "a transaction id has 64 hexadecimal digits".into(),
        })?;
        let ledger = self.ledger()?;
        let Some(tx) = ledger.tx_by_id(&id) else { return Ok(None) };
        let mut buffer = ShapeBuffer::default();
        Ok(Some(CoinJoinView::new(id.to_string(), &shape_in(ledger, tx, &mut buffer))))
    }
}

/// A transaction in a file of JSON lines: `txid`, `inputs` and `outputs`, each with `value_sat` and `script_hex`; other
/// fields are passed over.
#[derive(Debug, Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    txid: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    inputs: Vec<CoinRecord<'a>>,
    #[serde(borrow)]
    outputs: Vec<CoinRecord<'a>>,
}

#[derive(Debug, Deserialize)]
struct CoinRecord<'a> {
    value_sat: u64,
    #[serde(borrow)]
    script_hex: std::borrow::Cow<'a, str>,
}

/// Reads one line of JSON and says what the transaction is. The error says what is wrong with the line.
pub fn coinjoin_of_line(line: &str) -> Result<CoinJoinView, String> {
    let record: Record<'_> = serde_json::from_str(line).map_err(|e| e.to_string())?;
    if record.txid.parse::<Hash32>().is_err() {
        return Err(format!("`{}` is no transaction id", crate::shortened(&record.txid)));
    }
    let mut scripts: FxHashMap<&str, u32> = FxHashMap::default();
    let mut inputs = Vec::with_capacity(record.inputs.len());
    for coin in &record.inputs {
        let next = scripts.len() as u32;
        let id = *scripts.entry(&coin.script_hex).or_insert(next);
        inputs.push(ShapeInput { value: Sats(coin.value_sat), address: Some(AddressId(id)) });
    }
    let mut outputs = Vec::with_capacity(record.outputs.len());
    for coin in &record.outputs {
        let script = hex::decode(coin.script_hex.as_bytes())
            .map_err(|e| format!("`{}` is no script in hexadecimal: {e}", crate::shortened(&coin.script_hex)))?;
        let kind = classify(&script).kind();
        let is_data = kind == ScriptKind::OpReturn;
        let next = scripts.len() as u32;
        let id = *scripts.entry(&coin.script_hex).or_insert(next);
        outputs.push(ShapeOutput {
            value: Sats(coin.value_sat),
            address: (!is_data).then_some(AddressId(id)),
            kind,
            script_len: if is_data { script.len() as u32 } else { 0 },
        });
    }
    Ok(CoinJoinView::new(record.txid.to_string(), &Shape { inputs: &inputs, outputs: &outputs }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TXID: &str = "89e97c00d014519989683623b160d44b449ff7058096137acec8092dadbaa6c5";

    fn line(inputs: &[(u64, u32)], outputs: &[(u64, u32)]) -> String {
        let coins = |coins: &[(u64, u32)]| {
            let list: Vec<_> = coins
                .iter()
                .map(|(value, key)| format!("{{\"value_sat\":{value},\"script_hex\":\"0014{key:040x}\"}}"))
                .collect();
            list.join(",")
        };
        format!(
            "{{\"kind\":\"ignored\",\"txid\":\"{TXID}\",\"inputs\":[{}],\"outputs\":[{}]}}",
            coins(inputs),
            coins(outputs)
        )
    }

    #[test]
    fn a_line_is_recognised_whatever_its_kind_says() {
        let mix: Vec<(u64, u32)> = (0..5).map(|i| (1_000_000, i)).collect();
        let out: Vec<(u64, u32)> = (0..5).map(|i| (1_000_000, 10 + i)).collect();
        let view = coinjoin_of_line(&line(&mix, &out)).unwrap();
        assert_eq!((view.txid.as_str(), view.kind.as_str(), view.ties_nobody), (TXID, "whirlpool", true));
        assert!(view.reasons.len() > 1 && view.rate.is_some());
        assert_eq!(view.reasons_ar.len(), view.reasons.len());
        let plain = coinjoin_of_line(&line(&[(5_000, 1)], &[(2_000, 2), (2_500, 3)])).unwrap();
        assert_eq!((plain.kind.as_str(), plain.ties_nobody, plain.reasons.len()), ("none", false, 0));
        assert!(plain.rate.is_none() && plain.facts.is_some());
    }

    #[test]
    fn a_wrong_line_is_refused_with_the_reason() {
        let good = line(&[(5_000, 1)], &[(2_000, 2)]);
        for (bad, what) in [
            (good.replace("\"inputs\"", "\"in\""), "missing field `inputs`"),
            (good.replace(TXID, "xyz"), "`xyz` is no transaction id"),
            (good.replace("0014000", "00140zz"), "no script in hexadecimal"),
            (good.replace("2000", "-1"), "invalid value"),
            (good[..40].to_string(), "EOF"),
        ] {
            let error = coinjoin_of_line(&bad).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        // an input's script need not be readable: it is only compared
        assert!(coinjoin_of_line("{\"txid\":\"").is_err());
    }
}
