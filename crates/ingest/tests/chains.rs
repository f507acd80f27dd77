//! Block files of every chain, written here in its format: from the genesis block to rows that answer.
use athar_chains::bitcoin::write::{OwnedInput, OwnedOutput, OwnedTx};
use athar_chains::proof;
use athar_chains::write::{ChainFile, RawTx, ZcashTx, extension_block};
use athar_ingest::{BlockFiles, DamageKind, IngestError, IngestReport, Settings, ingest};
use athar_ledger::{Disk, Ledger, Store, StoreLock, TxFlags, verify};
use athar_types::address::parse_key;
use athar_types::{AddressKey, AddressKind, Chain, Hash32, Height, Network, Sats, ScriptKind, UnixTime};
use std::{fs, path::Path};

fn script(seed: u8) -> Vec<u8> {
    [&[0x76, 0xa9, 20][..], &[seed; 20], &[0x88, 0xac]].concat()
}

fn key(seed: u8) -> AddressKey {
    AddressKey::new(AddressKind::P2pkh, &[seed; 20]).unwrap()
}

fn output(value: u64, script: Vec<u8>) -> OwnedOutput {
    OwnedOutput { value: Sats(value), script }
}

fn input(prev_txid: Hash32, prev_vout: u32) -> OwnedInput {
    OwnedInput { prev_txid, prev_vout, script_sig: vec![0x51], sequence: u32::MAX }
}

/// A chain under construction whose coinbases pay addresses of their own.
struct Maker {
    file: ChainFile,
    height: u8,
}

impl Maker {
    fn new(chain: Chain) -> Self {
        Self { file: ChainFile::new(chain).unwrap(), height: 0 }
    }

    fn block(&mut self, version: i32, txs: &[RawTx], tail: &[u8]) -> Hash32 {
        self.height += 1;
        self.file.block(version, &script(100 + self.height), txs, tail).unwrap()
    }

    fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("blk00000.dat"), self.file.bytes()).unwrap();
    }
}

struct Place {
    _folder: tempfile::TempDir,
    store: std::path::PathBuf,
    blocks: std::path::PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let (store, blocks) = (folder.path().join("store"), folder.path().join("blocks"));
    Place { _folder: folder, store, blocks }
}

fn run(place: &Place, chain: Chain) -> Result<IngestReport, IngestError> {
    let lock = StoreLock::take(&place.store)?;
    let mut store = Store::open_for_writing(&place.store, &lock, Disk::default())?;
    let files = BlockFiles::open(&place.blocks)?;
    ingest(&mut store, &files, Settings { chain, network: None, memory_bytes: 1 << 30 }, &mut |_| true)
}

fn ledger(place: &Place, chain: Chain) -> Ledger {
    let store = Store::open(&place.store).unwrap();
    verify(&store).unwrap();
    store.ledger(chain).unwrap().unwrap()
}

/// The addresses that a transaction pays, as its chain shows them.
fn paid(ledger: &Ledger, txid: Hash32) -> Vec<(u64, String)> {
    let tx = ledger.tx_by_id(&txid).unwrap();
    ledger.outputs(tx).map(|o| (o.value.0, o.address.map_or_else(|| "-".into(), |a| ledger.address_text(a)))).collect()
}

/// A chain of three blocks, a coinbase of the first spent in the third.
fn small(chain: Chain, version: i32) -> (Maker, Hash32) {
    let mut maker = Maker::new(chain);
    let first = maker.block(version, &[], &[]);
    maker.block(version, &[], &[]);
    let pay = match chain {
        Chain::Zcash => {
            let outputs = vec![output(10, script(1)), output(20, script(2))];
            ZcashTx { version: 1, inputs: vec![input(first, 0)], outputs, ..ZcashTx::default() }.raw().unwrap()
        }
        _ => RawTx::from(&OwnedTx {
            version: 2,
            inputs: vec![input(first, 0)],
            outputs: vec![output(10, script(1)), output(20, script(2))],
            ..OwnedTx::default()
        }),
    };
    let id = pay.txid;
    maker.block(version, &[pay], &[]);
    (maker, id)
}

#[test]
fn blocks_of_every_chain_become_a_ledger_that_answers_in_the_chains_own_addresses() {
    for (chain, version, begins) in [
        (Chain::Bitcoin, 4, "m"),
        (Chain::BitcoinCash, 4, "bchreg:q"),
        (Chain::Litecoin, 4, "m"),
        (Chain::Dogecoin, 1, "m"),
        (Chain::Dogecoin, 0x0062_0104, "m"),
        (Chain::Zcash, 4, "tm"),
    ] {
        let place = place();
        let (maker, id) = small(chain, version);
        maker.write(&place.blocks);
        let report = run(&place, chain).unwrap_or_else(|e| panic!("{chain}: {e}"));
        assert_eq!((report.network, report.blocks_added, report.damage.len()), (Network::Regtest, 4, 0), "{chain}");
        let ledger = ledger(&place, chain);
        assert_eq!((ledger.chain(), ledger.tip().unwrap().hash), (chain, maker.file.tip()));
        let block = ledger.block(Height(3)).unwrap();
        assert_eq!((block.time(), block.hash), (UnixTime(1_600_001_800), maker.file.tip()), "{chain}");
        let texts = paid(&ledger, id);
        let expected: Vec<_> =
            [(10, 1), (20, 2)].map(|(v, s)| (v, key(s).to_text_on(chain, Network::Regtest))).to_vec();
        assert_eq!(texts, expected, "{chain}");
        assert!(texts.iter().all(|(_, text)| text.starts_with(begins) || text.starts_with('n')), "{texts:?}");
        // and back: the address's text finds its outputs
        let found = parse_key(chain, Network::Regtest, &texts[0].1).unwrap();
        let address = ledger.address_id(&found).unwrap();
        assert_eq!(ledger.address_outputs(address).count(), 1, "{chain}");
        // again: nothing to add
        assert_eq!(run(&place, chain).unwrap().blocks_added, 0, "{chain}");
    }
}

#[test]
fn bitcoin_cash_spends_of_later_transactions_of_the_same_block_resolve() {
    let place = place();
    let mut maker = Maker::new(Chain::BitcoinCash);
    let first = maker.block(4, &[], &[]);
    let pay = |from: Hash32, value: u64, seed: u8| OwnedTx {
        version: 2,
        inputs: vec![input(from, 0)],
        outputs: vec![output(value, script(seed))],
        ..OwnedTx::default()
    };
    let a = pay(first, 4_000, 1);
    let b = pay(a.txid(), 3_000, 2);
    // tokens stand before the script of the last
    let mut c = pay(b.txid(), 2_000, 3);
    c.outputs[0].script = [&[0xef][..], &[5; 32], &[0x10, 9], &script(3)].concat();
    c.outputs.push(output(1, [&[0xaa, 32][..], &[8; 32], &[0x87]].concat()));
    c.outputs.push(output(1, [&[0, 20][..], &[8; 20]].concat()));
    // the chain's order is by id; here: the children first
    maker.block(4, &[RawTx::from(&c), RawTx::from(&b), RawTx::from(&a)], &[]);
    maker.write(&place.blocks);
    run(&place, Chain::BitcoinCash).unwrap();
    let ledger = ledger(&place, Chain::BitcoinCash);
    let spender = |tx: &OwnedTx| ledger.outputs(ledger.tx_by_id(&tx.txid()).unwrap()).next().unwrap().spent_by;
    assert_eq!(spender(&a), ledger.tx_by_id(&b.txid()));
    assert_eq!(spender(&b), ledger.tx_by_id(&c.txid()));
    assert_eq!(spender(&c), None);
    let texts = paid(&ledger, c.txid());
    assert_eq!(texts[0].1, key(3).to_text_on(Chain::BitcoinCash, Network::Regtest));
    assert!(texts[1].1.starts_with("bchreg:p"), "{texts:?}");
    // what looks like segwit is anybody's here, and no address
    assert_eq!(texts[2].1, "-");
}

#[test]
fn litecoins_extension_block_is_a_pool_with_two_doors_and_no_address() {
    let place = place();
    let mut maker = Maker::new(Chain::Litecoin);
    let first = maker.block(4, &[], &[]);
    let (tail, lock) = extension_block(2, &[1, 2, 3]);
    let pegin = OwnedTx {
        version: 2,
        inputs: vec![input(first, 0)],
        outputs: vec![output(3_000, [&[0x59, 32][..], &[4; 32]].concat()), output(500, script(1))],
        ..OwnedTx::default()
    };
    let hogex = OwnedTx {
        version: 2,
        inputs: vec![input(pegin.txid(), 0)],
        outputs: vec![output(1_900, lock), output(1_000, script(2))],
        ..OwnedTx::default()
    };
    maker.block(0x2000_0000, &[RawTx::from(&pegin), RawTx::hogex(&hogex)], &tail);
    maker.write(&place.blocks);
    run(&place, Chain::Litecoin).unwrap();
    let ledger = ledger(&place, Chain::Litecoin);
    let tx = |id| ledger.tx(ledger.tx_by_id(&id).unwrap());
    let (into, joined) = (tx(pegin.txid()), tx(hogex.txid()));
    assert!(into.flags.has(TxFlags::MWEB) && !into.flags.has(TxFlags::HOGEX));
    assert!(joined.flags.has(TxFlags::HOGEX) && !joined.flags.has(TxFlags::MWEB) && !joined.flags.has(TxFlags::SEGWIT));
    let kinds: Vec<_> = ledger.outputs(joined.num).map(|o| (o.kind, o.address.is_some())).collect();
    assert_eq!(kinds, [(ScriptKind::Opaque, false), (ScriptKind::P2pkh, true)]);
    assert_eq!(ledger.outputs(into.num).next().unwrap().spent_by, Some(joined.num));
}

#[test]
fn zcash_transactions_without_transparent_inputs_or_outputs_have_their_place() {
    let place = place();
    let mut maker = Maker::new(Chain::Zcash);
    let first = maker.block(4, &[], &[]);
    let shield = ZcashTx {
        version: 4,
        inputs: vec![input(first, 0)],
        sapling: Some((0, 1, -4_999_999_000)),
        ..ZcashTx::default()
    };
    let within = ZcashTx { version: 5, orchard: Some((2, 100)), sapling: Some((1, 0, -90)), ..ZcashTx::default() };
    let out =
        ZcashTx { version: 5, outputs: vec![output(700, script(9))], orchard: Some((1, 710)), ..ZcashTx::default() };
    let raws = [&shield, &within, &out].map(|tx| tx.raw().unwrap());
    maker.block(4, &raws, &[]);
    maker.write(&place.blocks);
    run(&place, Chain::Zcash).unwrap();
    let ledger = ledger(&place, Chain::Zcash);
    let counts: Vec<_> = raws
        .iter()
        .map(|raw| {
            let num = ledger.tx_by_id(&raw.txid).unwrap();
            assert!(ledger.tx(num).flags.has(TxFlags::SHIELDED));
            (ledger.tx_inputs(num).count(), ledger.tx_outputs(num).count())
        })
        .collect();
    assert_eq!(counts, [(1, 0), (0, 0), (0, 1)]);
    assert_eq!(paid(&ledger, raws[2].txid), [(700, key(9).to_text_on(Chain::Zcash, Network::Regtest))]);
}

#[test]
fn a_damaged_header_is_found_whatever_the_proof_of_work() {
    for (chain, version) in [
        (Chain::Litecoin, 4),
        (Chain::Dogecoin, 1),
        (Chain::Dogecoin, 0x0062_0104),
        (Chain::Zcash, 4),
        (Chain::BitcoinCash, 4),
    ] {
        // in the middle of the chain, and in its last block, where no child tells
        for block in [2, 3] {
            let place = place();
            let (mut maker, _) = small(chain, version);
            // regtest's work is so easy that a changed header proves it by chance: take a bit that does not
            let frame = &mut maker.file.frames()[block];
            for bit in 0..8 * 64 {
                frame[8 + 4 + bit / 8] ^= 1 << (bit % 8);
                if proof::is_proved(chain, &frame[8..]) != Ok(true) {
                    break;
                }
                frame[8 + 4 + bit / 8] ^= 1 << (bit % 8);
            }
            maker.write(&place.blocks);
            let report = run(&place, chain).unwrap();
            assert_eq!(report.blocks_added, block as u64, "{chain} block {block}: {:?}", report.damage);
            let offset = maker.file.frames()[..block].iter().map(|f| f.len() as u64).sum::<u64>();
            // the last block ends the file in zeros: where it does not decode it may as well be half written
            let [damage] = &report.damage[..] else { panic!("{chain} block {block}: {:?}", report.damage) };
            assert_eq!(damage.offset, offset, "{chain} block {block}");
            assert!(matches!(damage.kind, DamageKind::Header | DamageKind::Unfinished), "{chain}: {damage}");
            assert_eq!(report.unconnected.map(|(count, _)| count), (block == 2).then_some(1), "{chain}");
        }
    }
}

#[test]
fn files_of_another_chain_are_refused_with_its_name() {
    let place = place();
    small(Chain::Zcash, 4).0.write(&place.blocks);
    let text = run(&place, Chain::Litecoin).unwrap_err().to_string();
    assert!(
        text.ends_with("holds blocks of zcash, not of litecoin\nhint: `athar ingest zcash --blocks …` reads them"),
        "{text}"
    );
    // regtests share a magic: there the genesis block tells
    small(Chain::Dogecoin, 1).0.write(&place.blocks);
    let text = run(&place, Chain::Litecoin).unwrap_err().to_string();
    assert!(text.contains("has no parent but is not the genesis block of litecoin regtest"), "{text}");
    let lock = StoreLock::take(&place.store).unwrap();
    let mut store = Store::open_for_writing(&place.store, &lock, Disk::default()).unwrap();
    let files = BlockFiles::open(&place.blocks).unwrap();
    let settings = Settings { chain: Chain::Zcash, network: Some(Network::Signet), memory_bytes: 1 << 30 };
    let text = ingest(&mut store, &files, settings, &mut |_| true).unwrap_err().to_string();
    assert_eq!(text, "zcash has no network signet that this program knows");
}

#[test]
fn several_chains_live_in_one_store() {
    let place = place();
    for chain in [Chain::Litecoin, Chain::Zcash, Chain::BitcoinCash] {
        small(chain, 4).0.write(&place.blocks);
        run(&place, chain).unwrap();
    }
    for chain in [Chain::Litecoin, Chain::Zcash, Chain::BitcoinCash] {
        assert_eq!(ledger(&place, chain).block_count(), 4, "{chain}");
    }
    assert!(Store::open(&place.store).unwrap().ledger(Chain::Bitcoin).unwrap().is_none());
}
