//! Questions about chains other than Bitcoin, from their block files to the answers.
use athar_chains::bitcoin::write::{OwnedInput, OwnedOutput, OwnedTx};
use athar_chains::write::{ChainFile, RawTx, ZcashTx, extension_block};
use athar_engine::read::{ScreenOptions, ScreenStatus, TraceOptions};
use athar_engine::write::{IngestSettings, import_labels, ingest_blocks};
use athar_engine::{Chain, Clustering, Day, Engine, Network, Options, Selection};
use athar_types::{AddressKey, AddressKind, Hash32, Sats};
use std::path::{Path, PathBuf};

fn script(seed: u8) -> Vec<u8> {
    [&[0x76, 0xa9, 20][..], &[seed; 20], &[0x88, 0xac]].concat()
}

fn address(chain: Chain, seed: u8) -> String {
    AddressKey::new(AddressKind::P2pkh, &[seed; 20]).unwrap().to_text_on(chain, Network::Regtest)
}

fn output(value: u64, script: Vec<u8>) -> OwnedOutput {
    OwnedOutput { value: Sats(value), script }
}

fn input(prev_txid: Hash32, prev_vout: u32) -> OwnedInput {
    OwnedInput { prev_txid, prev_vout, script_sig: vec![0x51], sequence: u32::MAX }
}

fn pay(chain: Chain, inputs: Vec<OwnedInput>, outputs: Vec<OwnedOutput>) -> RawTx {
    match chain {
        Chain::Zcash => ZcashTx { version: 4, inputs, outputs, ..ZcashTx::default() }.raw().unwrap(),
        _ => RawTx::from(&OwnedTx { version: 2, inputs, outputs, ..OwnedTx::default() }),
    }
}

struct Place {
    _folder: tempfile::TempDir,
    store: PathBuf,
    blocks: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let (store, blocks) = (folder.path().join("store"), folder.path().join("blocks"));
    std::fs::create_dir_all(&blocks).unwrap();
    Place { _folder: folder, store, blocks }
}

impl Place {
    fn ingest(&self, chain: Chain, file: &ChainFile) {
        self.ingest_by(chain, file, Selection::default());
    }

    fn ingest_by(&self, chain: Chain, file: &ChainFile, heuristics: Selection) {
        std::fs::write(self.blocks.join("blk00000.dat"), file.bytes()).unwrap();
        let settings =
            IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::of(heuristics)] };
        let summary = ingest_blocks(&self.store, chain, &self.blocks, settings, &mut |_| true).unwrap();
        assert_eq!((summary.chain, summary.damage.len()), (chain.name(), 0));
    }
}

fn open(store: &Path, chain: Option<Chain>) -> Engine {
    Engine::open(store, &Options { chain, ..Options::default() }).unwrap()
}

/// Two coinbases (to 1 and 2) spent together by one transaction that pays 3 and 4. Gives that transaction.
fn joined(chain: Chain) -> (ChainFile, Hash32) {
    let mut file = ChainFile::new(chain).unwrap();
    let version = if chain == Chain::Dogecoin { 0x0062_0104 } else { 4 };
    let a = file.block(version, &script(1), &[], &[]).unwrap();
    let b = file.block(version, &script(2), &[], &[]).unwrap();
    let both = pay(
        chain,
        vec![input(a, 0), input(b, 0)],
        vec![output(6_000_000_000, script(3)), output(3_999_990_000, script(4))],
    );
    let id = both.txid;
    file.block(version, &script(5), &[both], &[]).unwrap();
    (file, id)
}

#[test]
fn every_chain_answers_in_its_own_addresses() {
    for chain in Chain::LEDGERS {
        let place = place();
        let (file, id) = joined(chain);
        place.ingest(chain, &file);
        // the only chain in the store is the one that is asked
        let engine = open(&place.store, None);
        assert_eq!(engine.chain(), chain);
        let [one, two, three] = [1, 2, 3].map(|seed| address(chain, seed));
        let tx = engine.tx(&id.to_string()).unwrap().unwrap();
        assert_eq!((tx.input_sat, tx.output_sat, tx.fee_sat), (10_000_000_000, 9_999_990_000, Some(10_000)), "{chain}");
        let inputs: Vec<_> = tx.inputs.iter().map(|i| i.address.clone().unwrap()).collect();
        assert_eq!(inputs, [one.clone(), two.clone()], "{chain}");
        assert_eq!((tx.output_usd, tx.hidden), (None, None));
        let paid = engine.address(&three, 0, None).unwrap().unwrap();
        assert_eq!(
            (paid.address.as_str(), paid.chain.as_str(), paid.balance_sat),
            (three.as_str(), chain.name(), 6_000_000_000)
        );
        // spent together: one owner
        let entity = engine.entity(&one, 0, None).unwrap().unwrap();
        assert_eq!((entity.size, entity.addresses), (2, vec![one.clone(), two.clone()]), "{chain}");
        assert!(engine.explain(&one, &two).unwrap().unwrap().linked);
        let trace = engine.trace(&one, &TraceOptions::default()).unwrap().unwrap();
        assert_eq!((trace.source_sat, trace.held_sat), (5_000_000_000, 5_000_000_000), "{chain}");
        assert_eq!(trace.held[0].address.as_deref(), Some(three.as_str()), "{chain}");
        let block = engine.block("3").unwrap().unwrap();
        assert_eq!(
            (block.hash, block.time_unix, block.nonce.is_none()),
            (file.tip(), 1_600_001_800, chain == Chain::Zcash)
        );
        let screen = engine.screen(&three, &ScreenOptions::default()).unwrap();
        assert_eq!((screen.status, screen.chain.as_deref()), (ScreenStatus::Known, Some(chain.name())));
        assert!(engine.verify().unwrap().entities.unwrap());
        let status = engine.status().unwrap();
        assert_eq!(
            (status.chains.len(), status.chains[0].chain.as_str(), status.chains[0].blocks),
            (1, chain.name(), 4)
        );
    }
}

#[test]
fn addresses_are_found_in_every_form_that_their_users_write() {
    let place = place();
    place.ingest(Chain::BitcoinCash, &joined(Chain::BitcoinCash).0);
    let engine = open(&place.store, None);
    let own = address(Chain::BitcoinCash, 3);
    let old = AddressKey::new(AddressKind::P2pkh, &[3; 20]).unwrap().to_text(Network::Regtest);
    for text in [own.as_str(), own.strip_prefix("bchreg:").unwrap(), &own.to_uppercase(), &old] {
        assert_eq!(engine.address(text, 0, None).unwrap().unwrap().address, own, "{text}");
    }
    let error = engine.address("t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC", 0, None).unwrap_err().to_string();
    assert!(error.contains("not an address of bitcoin-cash regtest"), "{error}");
}

#[test]
fn labels_meet_the_addresses_of_their_chain() {
    let place = place();
    place.ingest(Chain::Litecoin, &joined(Chain::Litecoin).0);
    let csv = place.blocks.join("labels.csv");
    let text = format!(
        "address,label,category,source,chain\n{},Some Exchange,exchange,a test,litecoin\n",
        address(Chain::Litecoin, 3)
    );
    std::fs::write(&csv, text).unwrap();
    let imported = import_labels(&place.store, &[csv], Day(20_000), None).unwrap();
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    assert_eq!(imported.reports[0].quarantined, 0, "{}", imported.reports[0]);
    let engine = open(&place.store, None);
    assert_eq!(engine.address(&address(Chain::Litecoin, 3), 0, None).unwrap().unwrap().labels, ["Some Exchange"]);
    let trace = engine.trace(&address(Chain::Litecoin, 1), &TraceOptions::default()).unwrap().unwrap();
    assert_eq!((trace.stopped_sat, trace.stopped[0].reason.as_str()), (5_000_000_000, "service"));
}

#[test]
fn a_trace_ends_at_the_border_of_a_hidden_pool() {
    let place = place();
    let mut file = ChainFile::new(Chain::Litecoin).unwrap();
    let first = file.block(4, &script(1), &[], &[]).unwrap();
    let (tail, lock) = extension_block(2, &[1, 2, 3]);
    let pegin = OwnedTx {
        version: 2,
        inputs: vec![input(first, 0)],
        outputs: vec![output(3_000_000_000, [&[0x59, 32][..], &[4; 32]].concat()), output(2_000_000_000, script(2))],
        ..OwnedTx::default()
    };
    let hogex = OwnedTx {
        version: 2,
        inputs: vec![input(pegin.txid(), 0)],
        outputs: vec![output(1_900_000_000, lock), output(1_000_000_000, script(3))],
        ..OwnedTx::default()
    };
    file.block(0x2000_0000, &script(9), &[RawTx::from(&pegin), RawTx::hogex(&hogex)], &tail).unwrap();
    place.ingest(Chain::Litecoin, &file);
    let engine = open(&place.store, None);
    let trace = engine.trace(&address(Chain::Litecoin, 1), &TraceOptions::default()).unwrap().unwrap();
    let stopped: Vec<_> =
        trace.stopped.iter().map(|p| (p.reason.as_str(), p.amount_sat, p.address.as_deref())).collect();
    assert_eq!(stopped, [("pool", 3_000_000_000, None)]);
    assert_eq!(trace.held_sat, 2_000_000_000);
    let hidden = |id: Hash32| engine.tx(&id.to_string()).unwrap().unwrap().hidden;
    assert_eq!((hidden(pegin.txid()), hidden(hogex.txid())), (Some("mweb"), Some("hogex")));
    // what comes out is nobody's in particular inside
    let back = TraceOptions { backward: true, ..TraceOptions::default() };
    let origin = engine.trace(&address(Chain::Litecoin, 3), &back).unwrap().unwrap();
    assert_eq!((origin.stopped_sat, origin.stopped[0].reason.as_str()), (1_000_000_000, "pool"));
}

#[test]
fn zcashs_shielded_parts_leave_no_false_fee_and_no_false_trail() {
    let place = place();
    let mut file = ChainFile::new(Chain::Zcash).unwrap();
    let first = file.block(4, &script(1), &[], &[]).unwrap();
    let shield = ZcashTx {
        version: 5,
        inputs: vec![input(first, 0)],
        outputs: vec![output(1_000_000_000, script(2))],
        orchard: Some((2, -3_999_990_000)),
        ..ZcashTx::default()
    };
    let out = ZcashTx {
        version: 5,
        outputs: vec![output(700_000_000, script(3))],
        orchard: Some((2, 700_010_000)),
        ..ZcashTx::default()
    };
    let raws = [&shield, &out].map(|tx| tx.raw().unwrap());
    file.block(4, &script(9), &raws, &[]).unwrap();
    place.ingest(Chain::Zcash, &file);
    let engine = open(&place.store, Some(Chain::Zcash));
    for raw in &raws {
        let tx = engine.tx(&raw.txid.to_string()).unwrap().unwrap();
        // what enters and leaves the pool is known, so the fee is
        assert_eq!((tx.fee_sat, tx.hidden, tx.coinbase), (Some(10_000), Some("shielded"), false));
        assert_eq!(tx.pools.iter().map(|p| p.pool).collect::<Vec<_>>(), ["orchard"]);
    }
    let trace = engine.trace(&address(Chain::Zcash, 1), &TraceOptions::default()).unwrap().unwrap();
    assert_eq!((trace.stopped_sat, trace.fee_sat, trace.held_sat), (5_000_000_000, 0, 0));
    assert_eq!(trace.stopped[0].reason, "pool");
    let back = TraceOptions { backward: true, ..TraceOptions::default() };
    let origin = engine.trace(&address(Chain::Zcash, 3), &back).unwrap().unwrap();
    assert_eq!((origin.stopped_sat, origin.minted_sat), (700_000_000, 0));
}

#[test]
fn forms_of_one_key_are_tied_only_where_the_chain_has_segwit() {
    let heuristics: Selection = "co-spend,same-key".parse().unwrap();
    for (chain, size) in [(Chain::Litecoin, 2), (Chain::BitcoinCash, 1), (Chain::Dogecoin, 1)] {
        let place = place();
        let mut file = ChainFile::new(chain).unwrap();
        let first = file.block(4, &script(1), &[], &[]).unwrap();
        // the same key hash, wrapped as segwit would: on the other chains anybody's script
        let wrapped = AddressKey::wrapped_p2wpkh(&[1; 20]);
        let p2sh = [&[0xa9, 20][..], wrapped.payload(), &[0x87]].concat();
        file.block(4, &p2sh, &[], &[]).unwrap();
        let spend = pay(chain, vec![input(first, 0)], vec![output(1_000, script(7))]);
        file.block(4, &script(8), &[spend], &[]).unwrap();
        place.ingest_by(chain, &file, heuristics);
        let engine =
            Engine::open(&place.store, &Options { clustering: Clustering::of(heuristics), ..Options::default() })
                .unwrap();
        assert_eq!(engine.entity(&address(chain, 1), 0, None).unwrap().unwrap().size, size, "{chain}");
    }
}

#[test]
fn a_store_of_several_chains_is_asked_by_chain() {
    let place = place();
    for chain in [Chain::Dogecoin, Chain::Zcash] {
        place.ingest(chain, &joined(chain).0);
    }
    for chain in [Chain::Dogecoin, Chain::Zcash] {
        let engine = open(&place.store, Some(chain));
        assert_eq!(engine.address(&address(chain, 3), 0, None).unwrap().unwrap().chain, chain.name());
        let status = engine.status().unwrap();
        assert!(status.chains.iter().all(|c| c.tip_time.is_some()) && status.chains.len() == 2);
        let verified = engine.verify().unwrap();
        assert_eq!((verified.blocks, verified.entities), (8, Some(true)));
    }
    // nothing was said and there is no Bitcoin: the first in the order of the chains, and only that one
    let unsaid = open(&place.store, None);
    let (first, second) = (Chain::Dogecoin.min(Chain::Zcash), Chain::Dogecoin.max(Chain::Zcash));
    assert_eq!(unsaid.address(&address(first, 3), 0, None).unwrap().unwrap().chain, first.name());
    assert!(!matches!(unsaid.address(&address(second, 3), 0, None), Ok(Some(_))));
    // Bitcoin that was asked for and is not there is an error, not another chain's answer
    let error = open(&place.store, Some(Chain::Bitcoin)).address("1BoatSLRHtKNngkdXEeobR76b53LETtpyT", 0, None);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("holds no blocks of bitcoin yet\nhint: `athar ingest bitcoin --blocks DIR`"), "{error}");
}
