//! Small chains from small text, for tests of everything that stands on the ledger.
//!
//! ```text
//! block
//! coinbase mint -> miner 50
//! tx pay: mint:0 -> alice 30 bob 19      (value is fixed: the fee is what is left)
//! tx data: pay:1 -> - 0 carol 18         ("-" is an output without address, "-send_here" one that carries that text)
//! ```
//! `block other` is a block with another hash than the one that `block` makes in its place: of another branch.
//!
//! An output can be written `p2wpkh/alice`, `p2sh/alice`, … to choose the kind of address; `wrapped/alice` is the
//! P2SH-wrapped form of alice's key. Names stand for keys: `alice` and `p2wpkh/alice` have the same payload.

use crate::{
    BlockRows, Disk, InRow, Ledger, LedgerError, OutRow, RawScript, SegmentBuilder, Store, StoreLock, TxFlags,
};
use crate::{TxRow, key_hash};
use athar_types::address::sha256d;
use athar_types::{AddressId, AddressKey, AddressKind, Chain, Hash32, Network, ScriptKind, TxNum};
use std::path::Path;

/// The key that a fixture's name stands for.
///
/// # Panics
/// On a kind that is none.
pub fn key(name: &str) -> AddressKey {
    let (kind, name) = name.split_once('/').unwrap_or(("p2pkh", name));
    let hash = *blake3::hash(name.as_bytes()).as_bytes();
    let mut short = [0; 20];
    short.copy_from_slice(&hash[..20]);
    let made = match kind {
        "p2pkh" => AddressKey::new(AddressKind::P2pkh, &short),
        "p2sh" => AddressKey::new(AddressKind::P2sh, &short),
        "p2wpkh" => AddressKey::new(AddressKind::P2wpkh, &short),
        "p2wsh" => AddressKey::new(AddressKind::P2wsh, &hash),
        "p2tr" => AddressKey::new(AddressKind::P2tr, &hash),
        "wrapped" => Some(AddressKey::wrapped_p2wpkh(&short)),
        _ => None,
    };
    made.unwrap_or_else(|| panic!("no kind of address: {kind}"))
}

/// The transaction id that a fixture's name stands for.
pub fn txid(name: &str) -> Hash32 {
    Hash32(*blake3::hash(format!("tx {name}").as_bytes()).as_bytes())
}

/// The blocks of a fixture text.
///
/// # Panics
/// On a line that it cannot read.
pub fn blocks(text: &str) -> Vec<BlockRows> {
    let mut blocks: Vec<BlockRows> = Vec::new();
    for line in text.lines().map(|l| l.split('#').next().unwrap_or("").trim()).filter(|l| !l.is_empty()) {
        if let Some(branch) = line.strip_prefix("block").filter(|rest| rest.is_empty() || rest.starts_with(' ')) {
            let parent = blocks.last().map_or(Hash32::ZERO, |b| b.hash);
            let mut header = vec![0; 80];
            header[4..36].copy_from_slice(&parent.0);
            // ten minutes apart from 2020-01-01
            let time = 1_577_836_800 + 600 * blocks.len() as u32;
            header[68..72].copy_from_slice(&time.to_le_bytes());
            if !branch.is_empty() {
                header[36..68].copy_from_slice(&txid(branch.trim()).0);
            }
            let hash = Hash32(sha256d(&header));
            blocks.push(BlockRows { header, hash, time, size: 1000, ..BlockRows::default() });
            continue;
        }
        let block = blocks.last_mut().unwrap_or_else(|| panic!("{line}: before the first block"));
        let (left, right) = line.split_once("->").unwrap_or_else(|| panic!("{line}: no arrow"));
        let mut words = left.split_whitespace();
        let coinbase = words.next() == Some("coinbase");
        let name = words.next().unwrap_or_else(|| panic!("{line}: no name")).trim_end_matches(':');
        let mut row = TxRow { txid: txid(name), version: 2, weight: 800, ..TxRow::default() };
        row.flags = TxFlags(if coinbase { TxFlags::COINBASE } else { 0 });
        for spent in words {
            let (tx, vout) = spent.split_once(':').unwrap_or_else(|| panic!("{line}: {spent}"));
            let vout: u32 = vout.parse().unwrap_or_else(|_| panic!("{line}: {spent}"));
            block.inputs.push(InRow { prev_txid: txid(tx), prev_vout: vout });
            row.inputs += 1;
        }
        let outputs: Vec<&str> = right.split_whitespace().collect();
        for pair in outputs.chunks(2) {
            let value = pair.get(1).and_then(|v| v.parse().ok()).unwrap_or_else(|| panic!("{line}: {pair:?}"));
            push_output(block, pair[0], value);
            row.outputs += 1;
        }
        block.txs.push(row);
    }
    blocks
}

fn push_output(block: &mut BlockRows, name: &str, value: u64) {
    if let Some(text) = name.strip_prefix('-') {
        let data = if text.is_empty() { "A".to_owned() } else { text.replace('_', " ") };
        let start = block.script_bytes.len() as u32;
        // one push by its length alone
        assert!(data.len() <= 75, "{name}: too long for a fixture");
        block.script_bytes.extend_from_slice(&[0x6a, data.len() as u8]);
        block.script_bytes.extend_from_slice(data.as_bytes());
        let bytes = start..block.script_bytes.len() as u32;
        block.scripts.push(RawScript { output: block.outputs.len() as u32, bytes });
        let kind = ScriptKind::OpReturn;
        block.outputs.push(OutRow { value, key_hash: 0, key_start: 0, key_len: 0, key_kind: 0, kind });
        return;
    }
    let key = key(name);
    let key_start = block.keys.len() as u32;
    block.keys.extend_from_slice(key.payload());
    block.outputs.push(OutRow {
        value,
        key_hash: key_hash(key.kind() as u8, key.payload()),
        key_start,
        key_len: key.payload().len() as u8,
        key_kind: key.kind() as u8,
        kind: key.kind().script_kind(),
    });
}

/// Ingests a fixture text into a new store in `folder`, a segment for every `per_segment` blocks.
pub fn store(folder: &Path, text: &str, per_segment: usize) -> Result<Store, LedgerError> {
    let lock = StoreLock::take(folder)?;
    let mut store = Store::open_for_writing(folder, &lock, Disk::default())?;
    store.set_network(Chain::Bitcoin, Network::Regtest)?;
    let chain_folder = store.chain_folder(Chain::Bitcoin);
    for part in blocks(text).chunks(per_segment.max(1)) {
        let ledger = store.ledger(Chain::Bitcoin)?.ok_or_else(|| LedgerError::NoStore(folder.into()))?;
        let mut builder = SegmentBuilder::new(ledger.end(), ledger.tip().map_or(Hash32::ZERO, |t| t.hash));
        part.iter().try_for_each(|block| builder.push(block))?;
        let piece = builder.finish(&ledger, store.disk(), &chain_folder)?;
        store.append(Chain::Bitcoin, piece)?;
    }
    Ok(store)
}

/// The ledger of a fixture text, in one segment.
///
/// # Panics
/// Where the text is no valid chain.
pub fn ledger(folder: &Path, text: &str) -> Ledger {
    store(folder, text, usize::MAX)
        .and_then(|s| s.ledger(Chain::Bitcoin))
        .ok()
        .flatten()
        .unwrap_or_else(|| panic!("no valid chain:\n{text}"))
}

/// The number of the transaction of that name.
///
/// # Panics
/// Where the ledger has none.
pub fn tx(ledger: &Ledger, name: &str) -> TxNum {
    ledger.tx_by_id(&txid(name)).unwrap_or_else(|| panic!("no transaction {name}"))
}

/// The id of the address of that name.
///
/// # Panics
/// Where the ledger has none.
pub fn address(ledger: &Ledger, name: &str) -> AddressId {
    ledger.address_id(&key(name)).unwrap_or_else(|| panic!("no address {name}"))
}
