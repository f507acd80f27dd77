//! Outputs that wallets do not make, each spent where it can be: bare keys and multisig, wrapped scripts, one key
//! under all its addresses, data, unknown programs, scripts without a name.

use super::economy::Economy;
use crate::{
    HarnessError, Result,
    raw::{self, Coin, Key, Spendable},
    rpc::sats,
};
use bitcoin::{OutPoint, ScriptBuf, opcodes::OP_TRUE, script::Builder, script::PushBytesBuf};
use serde_json::json;

const VALUE_SAT: u64 = 10_000_000;
const FEE_SAT: u64 = 50_000;

/// Mines them in four blocks; gives the txids of the transactions that make and spend them.
pub(super) fn build(economy: &mut Economy) -> Result<Vec<String>> {
    let [one, two, three] = [Key::new(11, true)?, Key::new(12, true)?, Key::new(13, true)?];
    let old = Key::new(14, false)?;
    let keys = [&one, &two, &three, &old];

    // a coinbase that pays a key directly, as the first miners' did
    economy.rpc.call("generatetodescriptor", json!([1, format!("pk({})", one.public)]))?;

    let signed = vec![
        // one key under every address it has; the first two are one address, paid twice in one transaction
        Coin::new(VALUE_SAT, ScriptBuf::new_p2pk(&one.public)),
        Coin::new(VALUE_SAT + 1, ScriptBuf::new_p2pkh(&one.public.pubkey_hash())),
        Coin::new(VALUE_SAT + 2, ScriptBuf::new_p2pkh(&one.public.pubkey_hash())),
        Coin::new(VALUE_SAT + 3, one.p2wpkh()?),
        Coin::p2sh(VALUE_SAT + 4, one.p2wpkh()?),
        // an uncompressed key hashes to another address than its compressed form
        Coin::new(VALUE_SAT + 5, ScriptBuf::new_p2pk(&old.public)),
        Coin::new(VALUE_SAT + 6, ScriptBuf::new_p2pkh(&old.public.pubkey_hash())),
        Coin::new(VALUE_SAT + 7, raw::multisig(1, &[&one, &two])),
        Coin::new(VALUE_SAT + 8, raw::multisig(2, &[&one, &two, &old])),
        Coin::p2sh(VALUE_SAT + 9, raw::multisig(2, &[&one, &two, &three])),
        Coin::p2wsh(VALUE_SAT + 10, raw::multisig(2, &[&one, &two, &three])),
        Coin::p2sh_p2wsh(VALUE_SAT + 11, raw::multisig(1, &[&two, &three])),
    ];
    let made = fund(economy, &signed, &[])?;
    let spendable = raw::spendable(&made, &signed)?;
    economy.mine_exactly(std::slice::from_ref(&made))?;

    let target = economy.address(1)?;
    let back = Coin::new(signed.iter().map(|coin| coin.value_sat).sum::<u64>() - FEE_SAT, script_of(economy, &target)?);
    let spend = raw::signed_with_keys(
        &economy.rpc,
        &raw::unsigned(&spendable, std::slice::from_ref(&back)),
        &keys,
        &spendable,
    )?;
    economy.mine_exactly(std::slice::from_ref(&spend))?;

    // nobody signs for these; made and spent in one block
    let anyone = Builder::new().push_opcode(OP_TRUE).into_script();
    let free = vec![
        Coin::new(VALUE_SAT + 12, anyone.clone()),
        Coin { unlock: anyone, ..Coin::new(VALUE_SAT + 13, ScriptBuf::new()) },
        // OP_1 with two bytes: pay to anchor
        Coin::new(VALUE_SAT + 14, ScriptBuf::from_bytes(vec![0x51, 0x02, 0x4e, 0x73])),
        // OP_2 with 32 bytes: a witness version of the future
        Coin::new(VALUE_SAT + 15, ScriptBuf::from_bytes([vec![0x52, 0x20], vec![7; 32]].concat())),
    ];
    let data = PushBytesBuf::try_from(b"athar: a payload of more than a few bytes".to_vec())
        .map_err(|error| HarnessError::World(format!("a payload too long: {error}")))?;
    let kept = vec![
        Coin::new(0, ScriptBuf::new_op_return(&data)),
        // data that burns money, in two pushes
        Coin::new(1_000, ScriptBuf::from_bytes(vec![0x6a, 0x02, 0xca, 0xfe, 0x01, 0xff])),
        // OP_RETURN alone
        Coin::new(0, ScriptBuf::from_bytes(vec![0x6a])),
        // spendable, but of no value
        Coin::new(0, two.p2wpkh()?),
        Coin::new(775, raw::multisig(1, &[&two, &three])),
        Coin::p2wsh(776, raw::multisig(1, &[&two, &three])),
        Coin::new(777, ScriptBuf::from_bytes([vec![0x53, 0x14], vec![9; 20]].concat())),
        // and a script of no form that has a name
        Coin::new(778, ScriptBuf::from_bytes(vec![0x76, 0x87])),
    ];
    let exotic = fund(economy, &free, &kept)?;
    let inputs = raw::spendable(&exotic, &free)?;
    let back = Coin::new(free.iter().map(|coin| coin.value_sat).sum::<u64>() - FEE_SAT, back.script);
    let freed = raw::hex(&raw::unsigned(&inputs, &[back]));
    economy.mine_exactly(&[exotic.clone(), freed.clone()])?;

    [&made, &spend, &exotic, &freed]
        .into_iter()
        .map(|tx| Ok(raw::spendable(tx, &[Coin::new(0, ScriptBuf::new())])?[0].at.txid.to_string()))
        .collect()
}

/// A signed transaction of `coins` and `more` outputs, paid by the first wallet's largest coin, change last.
fn fund(economy: &mut Economy, coins: &[Coin], more: &[Coin]) -> Result<String> {
    let (txid, vout, amount, script) = economy.largest_coin(0)?;
    let wrong = |what: &str| HarnessError::World(format!("listunspent gave no {what}: {txid}:{vout} {script}"));
    let at = OutPoint { txid: txid.parse().map_err(|_| wrong("txid"))?, vout };
    let script = ScriptBuf::from_hex(&script).map_err(|_| wrong("script"))?;
    let funding = Spendable { at, coin: Coin::new(sats(&amount)?, script) };
    let mut outputs = [coins, more].concat();
    let paid: u64 = outputs.iter().map(|coin| coin.value_sat).sum::<u64>() + FEE_SAT;
    let change = funding.coin.value_sat.checked_sub(paid);
    let change =
        change.ok_or_else(|| HarnessError::World("the first wallet has no coin that is large enough".into()))?;
    let address = economy.address(0)?;
    outputs.push(Coin::new(change, script_of(economy, &address)?));
    raw::signed_by_wallet(&economy.wallets[0], &raw::unsigned(&[funding], &outputs))
}

/// The script of an address, as the node knows it.
fn script_of(economy: &Economy, address: &str) -> Result<ScriptBuf> {
    let info = economy.rpc.call("validateaddress", json!([address]))?;
    let hex = info["scriptPubKey"].as_str().unwrap_or_default();
    ScriptBuf::from_hex(hex).map_err(|_| HarnessError::shape("the script of an address", &info))
}
