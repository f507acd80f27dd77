//! Athar's answers beside the node's, field by field.

use athar_engine::{
    Engine,
    read::{OutputView, TxView},
};
use athar_node_tests::{NodeChain, NodeOutput, NodeTx, OutPointText};
use athar_types::ScriptKind;
use bitcoin::{ScriptBuf, hex::DisplayHex, script::Instruction};
use std::collections::{BTreeMap, HashMap};

/// Every answer of `engine` about the chain equals what the node says.
pub(crate) fn everything(engine: &Engine, chain: &NodeChain) {
    status(engine, chain);
    blocks(engine, chain);
    txs(engine, chain);
    addresses(engine, chain);
    entities(engine, chain);
}

fn status(engine: &Engine, chain: &NodeChain) {
    let status = engine.status().unwrap();
    let [of] = &status.chains[..] else { panic!("{} chains", status.chains.len()) };
    let tip = chain.blocks.last().unwrap();
    assert_eq!((of.chain.as_str(), of.network.as_str()), ("bitcoin", "regtest"));
    assert_eq!(of.tip_height, Some(chain.blocks.len() as u32 - 1));
    assert_eq!(of.tip_hash.map(|hash| hash.to_string()).as_ref(), Some(&tip.hash));
    assert_eq!(of.blocks as usize, chain.blocks.len());
    assert_eq!(of.txs as usize, chain.txs().count());
    assert_eq!(of.outputs as usize, chain.outputs().count());
    assert_eq!(of.inputs as usize, chain.txs().map(|(_, tx)| tx.inputs.len()).sum::<usize>());
    assert_eq!(of.addresses as usize, chain.accounts().len());
    assert_eq!(of.block_bytes, chain.blocks.iter().map(|block| block.size).sum::<u64>());
}

fn blocks(engine: &Engine, chain: &NodeChain) {
    for (height, block) in chain.blocks.iter().enumerate() {
        for which in [&height.to_string(), &block.hash] {
            let view = engine.block(which).unwrap().unwrap_or_else(|| panic!("no block {which}"));
            assert_eq!((view.height as usize, view.hash.to_string()), (height, block.hash.clone()));
            let parent = block.prev_hash.clone().unwrap_or_else(|| "0".repeat(64));
            assert_eq!(view.prev_hash.to_string(), parent, "{which}");
            assert_eq!(view.merkle_root.to_string(), block.merkle_root, "{which}");
            assert_eq!(u64::from(view.time_unix), block.time, "{which}");
            // 32 bits, which the node may show unsigned
            assert_eq!(view.version as u32, block.version as u32, "{which}");
            assert_eq!(
                (view.bits.as_str(), view.nonce.map(u64::from)),
                (block.bits.as_str(), Some(block.nonce)),
                "{which}"
            );
            assert_eq!(u64::from(view.size), block.size, "{which}");
            let txids: Vec<String> = view.txs.iter().map(ToString::to_string).collect();
            assert_eq!(txids, block.txs.iter().map(|tx| tx.txid.clone()).collect::<Vec<_>>(), "{which}");
            assert_eq!((view.tx_count as usize, view.txs_truncated), (block.txs.len(), false), "{which}");
            let paid: u64 = block.txs.iter().flat_map(|tx| &tx.outputs).map(|output| output.value_sat).sum();
            assert_eq!(view.output_sat, paid, "{which}");
        }
    }
    let beyond = chain.blocks.len().to_string();
    assert!(engine.block(&beyond).unwrap().is_none(), "a block at {beyond}");
}

fn txs(engine: &Engine, chain: &NodeChain) {
    let outputs: HashMap<OutPointText, &NodeOutput> = chain.outputs().map(|(_, at, output)| (at, output)).collect();
    for (height, tx) in chain.txs() {
        let txid = &tx.txid;
        let view = engine.tx(txid).unwrap().unwrap_or_else(|| panic!("no transaction {txid}"));
        let block = &chain.blocks[height as usize];
        assert_eq!((&view.txid.to_string(), view.height), (txid, height));
        assert_eq!((view.block_hash.to_string(), u64::from(view.time_unix)), (block.hash.clone(), block.time));
        head(&view, tx);

        assert_eq!(view.inputs.len(), tx.inputs.len(), "{txid}");
        for (index, (ours, theirs)) in view.inputs.iter().zip(&tx.inputs).enumerate() {
            let at = format!("input {index} of {txid}");
            assert_eq!((ours.prev_txid.to_string(), ours.prev_vout), theirs.prev, "{at}");
            assert_eq!(ours.address, theirs.address, "{at}");
            assert_eq!(ours.value_sat, theirs.value_sat, "{at}");
            assert_eq!(ours.script_type, kind(outputs[&theirs.prev]), "{at}");
        }
        assert_eq!(view.outputs.len(), tx.outputs.len(), "{txid}");
        for (vout, (ours, theirs)) in view.outputs.iter().zip(&tx.outputs).enumerate() {
            let at = format!("output {vout} of {txid}");
            assert_eq!(ours.vout as usize, vout, "{at}");
            assert_eq!(ours.value_sat, theirs.value_sat, "{at}");
            assert_eq!(ours.address, theirs.address, "{at}");
            assert_eq!(ours.script_type, kind(theirs), "{at}");
            let spender = theirs.spent_by.as_ref().map(|(spender, _)| spender.clone());
            assert_eq!(ours.spent_by.map(|spender| spender.to_string()), spender, "{at}");
            script(ours, theirs, &at);
        }
    }
}

/// What a transaction says of itself.
fn head(view: &TxView, tx: &NodeTx) {
    let txid = &tx.txid;
    assert_eq!(view.version as u32, tx.version as u32, "{txid}");
    assert_eq!(u64::from(view.locktime), tx.locktime, "{txid}");
    assert_eq!(u64::from(view.weight), tx.weight, "{txid}");
    assert_eq!((view.segwit, view.rbf), (tx.segwit, tx.rbf), "segwit and rbf of {txid}");
    assert_eq!((view.coinbase, view.fee_sat), (tx.fee_sat.is_none(), tx.fee_sat), "coinbase and fee of {txid}");
    assert_eq!(view.input_sat, tx.inputs.iter().map(|input| input.value_sat).sum::<u64>(), "{txid}");
    assert_eq!(view.output_sat, tx.outputs.iter().map(|output| output.value_sat).sum::<u64>(), "{txid}");
}

/// The script is kept where no address implies it, and what is read from it is all there.
fn script(ours: &OutputView, theirs: &NodeOutput, at: &str) {
    let kept = (!ours.script_type.implied_by_address()).then(|| theirs.script_hex.clone());
    assert_eq!(ours.script_hex, kept, "{at}");
    let keys = ours.keys.as_ref().map(|keys| keys.iter().map(|key| format!("{:02x}{key}", key.len() / 2)));
    match ours.script_type {
        ScriptKind::P2pk => {
            let key: String = keys.unwrap().collect();
            assert_eq!(format!("{key}ac"), theirs.script_hex, "{at}");
        }
        ScriptKind::Multisig => {
            let (required, of) = (0x50 + ours.required.unwrap(), 0x50 + ours.keys.as_ref().unwrap().len());
            let keys: String = keys.unwrap().collect();
            assert_eq!(format!("{required:02x}{keys}{of:02x}ae"), theirs.script_hex, "{at}");
        }
        ScriptKind::OpReturn => {
            let script = ScriptBuf::from_hex(&theirs.script_hex).unwrap();
            let data: String = script
                .instructions()
                .filter_map(|step| match step.unwrap() {
                    Instruction::PushBytes(data) => Some(data.as_bytes().to_lower_hex_string()),
                    Instruction::Op(_) => None,
                })
                .collect();
            assert_eq!(ours.data_hex, Some(data), "{at}");
        }
        _ => assert_eq!((&ours.keys, ours.required, &ours.data_hex), (&None, None, &None), "{at}"),
    }
}

/// The kind of script under Athar's name.
fn kind(output: &NodeOutput) -> ScriptKind {
    match output.kind.as_str() {
        "pubkey" => ScriptKind::P2pk,
        "pubkeyhash" => ScriptKind::P2pkh,
        "scripthash" => ScriptKind::P2sh,
        "witness_v0_keyhash" => ScriptKind::P2wpkh,
        "witness_v0_scripthash" => ScriptKind::P2wsh,
        "witness_v1_taproot" => ScriptKind::P2tr,
        "witness_unknown" | "anchor" => ScriptKind::WitnessUnknown,
        "multisig" => ScriptKind::Multisig,
        "nulldata" => ScriptKind::OpReturn,
        "nonstandard" => ScriptKind::Unknown,
        other => panic!("a kind of script that the node did not have before: {other}"),
    }
}

fn addresses(engine: &Engine, chain: &NodeChain) {
    /// Transaction, output, height, value and spender of each output, in chain order.
    type Paid = (String, u32, u32, u64, Option<String>);
    let mut paid: HashMap<&String, Vec<Paid>> = HashMap::new();
    for (height, (txid, vout), output) in chain.outputs() {
        if let Some(address) = &output.address {
            let spender = output.spent_by.as_ref().map(|(spender, _)| spender.clone());
            paid.entry(address).or_default().push((txid, vout, height, output.value_sat, spender));
        }
    }
    for (address, account) in chain.accounts() {
        let view = engine.address(&address, 0, Some(1 << 20)).unwrap();
        let view = view.unwrap_or_else(|| panic!("no address {address}"));
        assert_eq!((&view.address, view.chain.as_str(), view.network.as_str()), (&address, "bitcoin", "regtest"));
        assert_eq!(view.received_sat, account.received_sat, "{address}");
        assert_eq!(view.sent_sat, account.sent_sat, "{address}");
        assert_eq!(view.balance_sat, account.balance_sat(), "{address}");
        assert_eq!(view.output_count, account.outputs, "{address}");
        assert_eq!((view.first_height, view.last_height), (account.first_height, account.last_height), "{address}");
        let ours = view.outputs.into_iter().map(|output| {
            let spender = output.spent_by.map(|spender| spender.to_string());
            (output.txid.to_string(), output.vout, output.height, output.value_sat, spender)
        });
        assert_eq!(ours.collect::<Vec<_>>(), paid[&address], "{address}");
        assert!(!view.outputs_truncated, "{address}");
    }
}

/// Addresses joined by the node's inputs, by the simplest rule there is. What counts as a CoinJoin is Athar's word.
fn entities(engine: &Engine, chain: &NodeChain) {
    let mut order: Vec<&String> = Vec::new();
    let mut groups: HashMap<&String, usize> = HashMap::new();
    for output in chain.outputs().filter_map(|(_, _, output)| output.address.as_ref()) {
        if !groups.contains_key(output) {
            groups.insert(output, order.len());
            order.push(output);
        }
    }
    for (_, tx) in chain.txs() {
        if engine.tx(&tx.txid).unwrap().unwrap().coinjoin.is_some() {
            continue;
        }
        let joined: Vec<usize> =
            tx.inputs.iter().filter_map(|input| input.address.as_ref()).map(|address| groups[address]).collect();
        let first = joined.iter().min().copied().unwrap_or_default();
        groups.values_mut().filter(|group| joined.contains(group)).for_each(|group| *group = first);
    }
    let mut members: BTreeMap<usize, Vec<&String>> = BTreeMap::new();
    for address in &order {
        members.entry(groups[*address]).or_default().push(address);
    }
    let accounts = chain.accounts();
    for addresses in members.values() {
        let of = |pick: fn(&athar_node_tests::Account) -> u64| addresses.iter().map(|a| pick(&accounts[*a])).sum();
        let (received, sent): (u64, u64) = (of(|account| account.received_sat), of(|account| account.sent_sat));
        for address in addresses {
            let view = engine.entity(address, 0, Some(1 << 20)).unwrap().unwrap();
            assert_eq!(&view.entity, addresses[0], "{address}");
            // the answer has them in the order in which they joined, the node says in which they were first paid
            let (mut own, mut wanted): (Vec<&String>, Vec<&String>) =
                (view.addresses.iter().collect(), addresses.clone());
            own.sort_unstable();
            wanted.sort_unstable();
            assert_eq!(own, wanted, "{address}");
            assert_eq!((view.size as usize, view.addresses_truncated), (addresses.len(), false), "{address}");
            assert_eq!((view.received_sat, view.sent_sat), (Some(received), Some(sent)), "{address}");
            assert_eq!(engine.address(address, 0, Some(0)).unwrap().unwrap().entity, view.entity);
        }
    }
    assert_eq!(engine.status().unwrap().entities.map(|status| status.entities), Some(members.len() as u64));
}

/// Every answer of `engine` about the chain as the bytes that a user gets, snapshots included.
pub(crate) fn answers(engine: &Engine, chain: &NodeChain) -> Vec<String> {
    let mut answers = Vec::new();
    for (height, block) in chain.blocks.iter().enumerate() {
        answers.push(serde_json::to_string(&engine.block(&height.to_string()).unwrap()).unwrap());
        answers.push(serde_json::to_string(&engine.block(&block.hash).unwrap()).unwrap());
    }
    answers.extend(chain.txs().map(|(_, tx)| serde_json::to_string(&engine.tx(&tx.txid).unwrap()).unwrap()));
    for address in chain.accounts().keys() {
        answers.push(serde_json::to_string(&engine.address(address, 0, None).unwrap()).unwrap());
        answers.push(serde_json::to_string(&engine.entity(address, 0, None).unwrap()).unwrap());
    }
    answers
}
