//! Block files as a node leaves them, and as accidents do: made here, byte by byte.
use athar_chains::bitcoin::XorKey;
use athar_chains::bitcoin::write::{BlockBuilder, OwnedInput, OwnedOutput, OwnedTx, REGTEST_BITS};
use athar_ingest::{BlockFiles, DamageKind, IngestError, IngestReport, Settings, ingest};
use athar_ledger::{Disk, Store, StoreLock, verify};
use athar_types::{Chain, Hash32, Network, Sats, UnixTime};
use std::{fs, path::Path};

/// A block with its frame.
#[derive(Clone)]
struct Block {
    hash: Hash32,
    framed: Vec<u8>,
    coinbase: Hash32,
}

fn genesis(network: bitcoin::Network) -> Block {
    let block = bitcoin::constants::genesis_block(network);
    let raw = bitcoin::consensus::serialize(&block);
    let mut framed = bitcoin::p2p::Magic::from(network).to_bytes().to_vec();
    framed.extend_from_slice(&(raw.len() as u32).to_le_bytes());
    framed.extend_from_slice(&raw);
    let hash = Hash32(*bitcoin::hashes::Hash::as_byte_array(&block.block_hash()));
    Block { hash, framed, coinbase: Hash32::ZERO }
}

fn p2pkh(seed: u32) -> Vec<u8> {
    let mut script = vec![0x76, 0xa9, 20];
    script.extend_from_slice(&seed.to_le_bytes().repeat(5));
    script.extend_from_slice(&[0x88, 0xac]);
    script
}

/// A block on top of `parent` that spends the coinbase `spend`; `salt` makes siblings differ.
fn block(parent: &Block, height: u32, salt: u32, spend: Option<Hash32>) -> Block {
    let mut builder = BlockBuilder::new();
    let tag = [height.to_le_bytes(), salt.to_le_bytes()].concat();
    let coinbase = OwnedTx {
        version: 1,
        inputs: vec![OwnedInput { prev_vout: u32::MAX, script_sig: tag, sequence: u32::MAX, ..OwnedInput::default() }],
        outputs: vec![OwnedOutput { value: Sats(50 * Sats::BTC), script: p2pkh(salt) }],
        ..OwnedTx::default()
    };
    let id = builder.push(&coinbase);
    if let Some(prev_txid) = spend {
        let outputs =
            (0..3).map(|i| OwnedOutput { value: Sats(Sats::BTC), script: p2pkh(1000 * height + i) }).collect();
        let input = OwnedInput { prev_txid, script_sig: vec![0x51; 100], sequence: u32::MAX, ..OwnedInput::default() };
        builder.push(&OwnedTx { version: 2, inputs: vec![input], outputs, ..OwnedTx::default() });
    }
    let mut framed = Vec::new();
    let time = UnixTime(1_600_000_000 + 600 * height);
    let (_, hash) =
        builder.finish_framed(&mut framed, Network::Regtest, 0x2000_0000, parent.hash, time, REGTEST_BITS).unwrap();
    Block { hash, framed, coinbase: id }
}

/// A chain of `len` blocks; every block spends the coinbase three blocks below.
fn chain(len: u32) -> Vec<Block> {
    let mut blocks = vec![genesis(bitcoin::Network::Regtest)];
    grow(&mut blocks, len, 0);
    blocks
}

fn grow(blocks: &mut Vec<Block>, len: u32, salt: u32) {
    for height in blocks.len() as u32..len {
        let spend = height.checked_sub(3).filter(|h| *h > 0).map(|h| blocks[h as usize].coinbase);
        blocks.push(block(&blocks[height as usize - 1], height, salt, spend));
    }
}

/// Writes block files of the given blocks, XORed, with some unused zeros at the end of each.
fn write(folder: &Path, files: &[&[Block]], key: [u8; 8]) {
    fs::create_dir_all(folder).unwrap();
    for old in fs::read_dir(folder).unwrap() {
        fs::remove_file(old.unwrap().path()).unwrap();
    }
    fs::write(folder.join("xor.dat"), key).unwrap();
    for (i, blocks) in files.iter().enumerate() {
        let mut data: Vec<u8> = blocks.iter().flat_map(|b| b.framed.clone()).collect();
        XorKey(key).apply(&mut data, 0);
        // a node allocates space as plain zeros, below the XOR
        data.resize(data.len() + 70_000, 0);
        fs::write(folder.join(format!("blk{i:05}.dat")), data).unwrap();
    }
}

fn run(store: &Path, blocks: &Path) -> Result<IngestReport, IngestError> {
    let lock = StoreLock::take(store)?;
    let mut store = Store::open_for_writing(store, &lock, Disk::default())?;
    let files = BlockFiles::open(blocks)?;
    ingest(&mut store, &files, Settings { chain: Chain::Bitcoin, network: None, memory_bytes: 1 << 30 }, &mut |_| true)
}

fn tip(store: &Path) -> Option<(u32, Hash32)> {
    let store = Store::open(store).unwrap();
    verify(&store).unwrap();
    store.ledger(Chain::Bitcoin).unwrap().and_then(|l| l.tip()).map(|t| (t.height.0, t.hash))
}

const KEY: [u8; 8] = [0x3a, 0, 0xff, 0x91, 7, 0x55, 0xc3, 0x18];

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

/// Every file under the store with its bytes, the lock apart.
fn bytes(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().unwrap() != "LOCK" {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_order_of_blocks_and_files_changes_no_byte() {
    let mut all = chain(60);
    let mut branch = all[..40].to_vec();
    grow(&mut branch, 50, 7); // ten stale blocks
    let stale = branch.split_off(40);
    let expected_tip = all[59].hash;
    let first = place();
    write(&first.blocks, &[&all, &stale], KEY);
    let report = run(&first.store, &first.blocks).unwrap();
    assert_eq!(report.damage, []);
    assert_eq!((report.blocks_found, report.blocks_added, report.blocks_stale), (70, 60, 10));
    assert_eq!(tip(&first.store), Some((59, expected_tip)));

    all.extend(stale);
    all.reverse();
    let second = place();
    write(&second.blocks, &[&all[50..], &all[..20], &all[20..50]], [0; 8]);
    run(&second.store, &second.blocks).unwrap();
    assert!(bytes(&first.store) == bytes(&second.store), "tables differ");
}

#[test]
fn a_longer_branch_replaces_the_stored_one() {
    let place = place();
    let old = chain(30);
    write(&place.blocks, &[&old], KEY);
    run(&place.store, &place.blocks).unwrap();
    assert_eq!(tip(&place.store), Some((29, old[29].hash)));

    let mut new = old[..25].to_vec();
    grow(&mut new, 30, 9);
    // equal work: the stored branch stays
    write(&place.blocks, &[&old, &new[25..]], KEY);
    let report = run(&place.store, &place.blocks).unwrap();
    assert_eq!((report.blocks_added, report.blocks_dropped, report.blocks_stale), (0, 0, 5));
    assert_eq!(tip(&place.store), Some((29, old[29].hash)));

    grow(&mut new, 32, 9);
    write(&place.blocks, &[&old, &new[25..]], KEY);
    let report = run(&place.store, &place.blocks).unwrap();
    assert_eq!((report.blocks_dropped, report.blocks_stale), (5, 5));
    assert_eq!(tip(&place.store), Some((31, new[31].hash)));
    let store = Store::open(&place.store).unwrap();
    let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
    assert_eq!(ledger.tx_by_id(&old[29].coinbase), None);
    assert!(ledger.tx_by_id(&new[29].coinbase).is_some());
}

#[test]
fn a_later_ingest_goes_on_where_the_last_one_ended() {
    let place = place();
    let blocks = chain(40);
    for end in [10, 11, 25, 40] {
        write(&place.blocks, &[&blocks[..end]], KEY);
        run(&place.store, &place.blocks).unwrap();
        assert_eq!(tip(&place.store), Some((end as u32 - 1, blocks[end - 1].hash)));
    }
    // only the new blocks need to be there
    let mut more = blocks.clone();
    grow(&mut more, 45, 1);
    write(&place.blocks, &[&more[40..]], KEY);
    assert_eq!(run(&place.store, &place.blocks).unwrap().blocks_added, 5);
}

#[test]
fn a_truncated_tail_keeps_every_whole_block() {
    let place = place();
    let blocks = chain(20);
    let whole: Vec<u8> = blocks.iter().flat_map(|b| b.framed.clone()).collect();
    let last = blocks[19].framed.len();
    fs::create_dir_all(&place.blocks).unwrap();
    for cut in [1, 50, last - 81, last - 8, last - 7, last - 3] {
        fs::write(place.blocks.join("blk00000.dat"), &whole[..whole.len() - cut]).unwrap();
        let _ = fs::remove_dir_all(&place.store);
        let report = run(&place.store, &place.blocks).unwrap();
        assert_eq!(report.damage[0].kind, DamageKind::Truncated, "{cut} bytes cut");
        assert_eq!(report.damage[0].offset, (whole.len() - last) as u64);
        assert_eq!(tip(&place.store), Some((18, blocks[18].hash)));
    }
}

#[test]
fn any_flipped_bit_is_named_and_what_came_before_stays() {
    let blocks = chain(8);
    let starts: Vec<usize> = blocks
        .iter()
        .scan(0, |at, b| {
            let s = *at;
            *at += b.framed.len();
            Some(s)
        })
        .collect();
    let whole: Vec<u8> = blocks.iter().flat_map(|b| b.framed.clone()).collect();
    for at in (0..whole.len()).step_by(19) {
        let place = place();
        fs::create_dir_all(&place.blocks).unwrap();
        let mut bad = whole.clone();
        bad[at] ^= 1 << (at % 8);
        fs::write(place.blocks.join("blk00000.dat"), &bad).unwrap();
        let hit = starts.partition_point(|s| *s <= at) - 1;
        let result = run(&place.store, &place.blocks);
        if hit == 0 {
            assert!(result.is_err(), "bit in byte {at} of the genesis block");
            continue;
        }
        let (text, damaged) = match &result {
            Ok(report) => {
                let (count, why) = report.unconnected.as_ref().map_or((0, String::new()), |(n, e)| (*n, e.to_string()));
                // a header can still prove its work by chance, half of the time at regtest's target
                // the blocks above it, and the block itself where its parent's hash was hit
                assert!(hit == 7 || [7, 8].contains(&(count + hit as u64)), "byte {at}: {count}");
                let damage: Vec<_> = report.damage.iter().map(ToString::to_string).collect();
                (
                    format!("{why} {}", damage.join(" ")),
                    !report.damage.is_empty() || report.unconnected.is_some() || report.blocks_added == 8,
                )
            }
            Err(error) => (error.to_string(), true),
        };
        assert!(damaged, "byte {at}");
        let in_header = (starts[hit] + 8..starts[hit] + 88).contains(&at);
        let another_tip = hit == 7 && in_header && result.is_ok_and(|r| r.blocks_added == 8);
        assert!(another_tip || text.contains("blk00000.dat at byte"), "byte {at}: {text}");
        let (height, hash) = tip(&place.store).unwrap();
        // at regtest's target every second header proves its work whatever was flipped in it: it is then another
        // block, whose child is reported as unconnected
        let another = in_header && height == hit as u32 && hash != blocks[hit].hash;
        assert!(another || hash == blocks[hit - 1].hash, "byte {at}: the chain ends at {height}");
    }
}

#[test]
fn a_wrong_xor_key_is_said_so() {
    let place = place();
    write(&place.blocks, &[&chain(5)], KEY);
    fs::write(place.blocks.join("xor.dat"), [1; 8]).unwrap();
    let error = run(&place.store, &place.blocks).unwrap_err();
    assert!(matches!(error, IngestError::NoBlocks(_)) && error.to_string().contains("xor.dat"), "{error}");
    fs::write(place.blocks.join("xor.dat"), [1; 7]).unwrap();
    assert!(matches!(run(&place.store, &place.blocks).unwrap_err(), IngestError::XorFile { bytes: 7, .. }));
    assert_eq!(tip(&place.store), None);
}

#[test]
fn a_missing_parent_is_named_with_file_and_byte() {
    let place = place();
    let blocks = chain(20);
    write(&place.blocks, &[&blocks[..10], &blocks[11..]], [0; 8]);
    let report = run(&place.store, &place.blocks).unwrap();
    let (count, why) = report.unconnected.unwrap();
    assert_eq!(count, 9);
    let expected = IngestError::MissingParent {
        path: place.blocks.join("blk00001.dat"),
        offset: 0,
        hash: blocks[11].hash,
        parent: blocks[10].hash,
    };
    assert_eq!(why.to_string(), expected.to_string());
    assert_eq!(tip(&place.store), Some((9, blocks[9].hash)));
    // nothing leads anywhere
    let _ = fs::remove_dir_all(&place.store);
    write(&place.blocks, &[&blocks[11..]], [0; 8]);
    assert!(matches!(run(&place.store, &place.blocks), Err(IngestError::MissingParent { .. })));
}

#[test]
fn files_of_another_network_are_refused() {
    let place = place();
    let blocks = chain(5);
    write(&place.blocks, &[&blocks, &[genesis(bitcoin::Network::Signet)]], [0; 8]);
    let error = run(&place.store, &place.blocks).unwrap_err();
    assert!(matches!(error, IngestError::OtherNetwork { found: Network::Signet, expected: Network::Regtest, .. }));
    write(&place.blocks, &[&blocks], [0; 8]);
    run(&place.store, &place.blocks).unwrap();
    write(&place.blocks, &[&[genesis(bitcoin::Network::Bitcoin)]], [0; 8]);
    assert!(matches!(run(&place.store, &place.blocks), Err(IngestError::OtherNetwork { .. })));
    assert_eq!(tip(&place.store), Some((4, blocks[4].hash)));
    // a made-up first block
    let other = self::place();
    let root = Block { hash: Hash32::ZERO, framed: Vec::new(), coinbase: Hash32::ZERO };
    write(&other.blocks, &[&[block(&root, 0, 1, None)]], [0; 8]);
    assert!(matches!(run(&other.store, &other.blocks), Err(IngestError::OtherGenesis { .. })));
}

#[test]
fn garbage_between_blocks_is_skipped_and_reported() {
    let place = place();
    let blocks = chain(6);
    fs::create_dir_all(&place.blocks).unwrap();
    let mut data: Vec<u8> = blocks[..3].iter().flat_map(|b| b.framed.clone()).collect();
    let start = data.len() as u64;
    data.extend_from_slice(&[0xfa, 0xbf, 0xb5, 0xda, 1, 0, 0, 0]); // a frame too short for a block
    data.extend(std::iter::repeat_n(0xee, 100_000));
    let len = data.len() as u64 - start;
    data.extend(blocks[3..].iter().flat_map(|b| b.framed.clone()));
    fs::write(place.blocks.join("blk00000.dat"), data).unwrap();
    let report = run(&place.store, &place.blocks).unwrap();
    let damage = &report.damage[0];
    assert_eq!((damage.kind, damage.offset, damage.len), (DamageKind::Garbage, start, len));
    assert_eq!(tip(&place.store), Some((5, blocks[5].hash)));
    assert_eq!(report.blocks_added, 6);
}

#[test]
fn a_folder_without_block_files_is_said_so() {
    let place = place();
    fs::create_dir_all(&place.blocks).unwrap();
    assert!(matches!(run(&place.store, &place.blocks), Err(IngestError::NoBlockFiles(_))));
    assert!(matches!(run(&place.store, &place.blocks.join("nowhere")), Err(IngestError::Io { .. })));
}

#[test]
fn a_store_that_cannot_be_written_is_said_so() {
    let place = place();
    write(&place.blocks, &[&chain(3)], [0; 8]);
    fs::write(&place.store, "a file where the folder should be").unwrap();
    let error = run(&place.store, &place.blocks).unwrap_err().to_string();
    assert!(error.contains(place.store.to_str().unwrap()), "{error}");
}
