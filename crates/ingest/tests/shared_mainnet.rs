//! The first 4,313 blocks of mainnet, from a real node's block file.
use athar_ingest::{BlockFiles, Settings, decode_rows, ingest};
use athar_ledger::{Disk, Store, StoreLock, verify};
use athar_types::{Chain, Height, Network, TxNum};
use std::io::Write;
use std::path::PathBuf;

/// The folder of shared data, or `None` (with a printed line) where it is absent and not required.
fn shared(path: &str) -> Option<PathBuf> {
    let base = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let path = base.join(path);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("ATHAR_REQUIRE_SHARED").is_none(), "{} is required", path.display());
    // past libtest, which keeps what a passing test prints
    let _ = writeln!(std::io::stderr(), "skipped: no {}", path.display());
    None
}

#[test]
fn the_first_4313_blocks_of_mainnet_resolve() {
    let Some(blocks) = shared("bitcoin/mainnet-0-4312/blocks") else { return };
    let folder = tempfile::tempdir().unwrap();
    let lock = StoreLock::take(folder.path()).unwrap();
    let mut store = Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap();
    let files = BlockFiles::open(&blocks).unwrap();
    let settings = Settings { chain: Chain::Bitcoin, network: None, memory_bytes: 2 << 30 };
    let report = ingest(&mut store, &files, settings, &mut |_| true).unwrap();
    assert_eq!((report.network, report.blocks_added, report.blocks_stale), (Network::Mainnet, 4313, 0));
    assert!(report.unconnected.is_none());

    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    assert_eq!(ledger.input_count(), 247);
    let spending = (0..ledger.tx_count()).filter(|tx| !ledger.tx_inputs(TxNum(*tx)).is_empty()).count();
    let multi = (0..ledger.tx_count()).filter(|tx| ledger.tx_inputs(TxNum(*tx)).count() > 1).count();
    assert_eq!((spending, multi), (58, 29));
    // the first payment between two people: Satoshi Nakamoto to Hal Finney, 10 BTC
    let txid = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16".parse().unwrap();
    let tx = ledger.tx_by_id(&txid).unwrap();
    assert_eq!(ledger.tx_height(tx), Height(170));
    let outputs: Vec<_> = ledger.outputs(tx).map(|o| (o.value.0, ledger.address_text(o.address.unwrap()))).collect();
    assert_eq!(outputs[0], (1_000_000_000, "1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3".into()));
    assert_eq!(outputs[1], (4_000_000_000, "12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S".into()));
    assert_eq!(verify(&store).unwrap().inputs, 247);
    // a second ingest finds nothing new
    let again = ingest(&mut store, &files, settings, &mut |_| true).unwrap();
    assert_eq!((again.blocks_added, again.blocks_dropped, again.blocks_stale), (0, 0, 0));
}

#[test]
fn every_single_block_flattens() {
    let Some(folder) = shared("bitcoin/single-blocks") else { return };
    let mut blocks = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let raw = std::fs::read(entry.unwrap().path()).unwrap();
        let rows = decode_rows(Chain::Bitcoin, &raw).unwrap();
        let outputs: usize = rows.txs.iter().map(|t| t.outputs as usize).sum();
        let inputs: usize = rows.txs.iter().map(|t| t.inputs as usize).sum();
        assert_eq!((outputs, inputs), (rows.outputs.len(), rows.inputs.len()));
        let with_script = rows.outputs.iter().filter(|o| !o.kind.implied_by_address()).count();
        assert_eq!(with_script, rows.scripts.len());
        blocks += 1;
    }
    assert_eq!(blocks, 8);
}
