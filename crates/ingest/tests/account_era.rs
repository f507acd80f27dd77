//! Archives of Ethereum's history, written by a writer of their own.
#[path = "../../chains/tests/support/era.rs"]
mod support;

use athar_chains::account::era::EraError;
use athar_ingest::account::{AccountSourceError, Format, Source};
use athar_types::Chain;
use athar_types::account::U256;
use std::path::{Path, PathBuf};
use support::{Key, Made, keccak, pack, receipt};

fn entry(kind: [u8; 2], content: &[u8]) -> Vec<u8> {
    [&kind[..], &(content.len() as u32).to_le_bytes(), &[0, 0], content].concat()
}

/// Blocks `from..to` as the body of an archive, and the hash of the last. Each has two transactions and a log.
fn blocks(from: u64, to: u64, mut parent: [u8; 32]) -> (Vec<u8>, [u8; 32]) {
    let mut out = entry([0x65, 0x32], &[]);
    for number in from..to {
        let key = Key::new(1 + (number % 7) as u8);
        let log = ([2; 20], vec![[1; 32]], number.to_be_bytes().to_vec());
        let made = Made {
            number,
            parent,
            txs: vec![
                key.first_form(number.into(), Some(1), Some([1; 20]), number.into(), &[], number % 2 == 0),
                key.typed(2, 250, 30, None, 0),
            ],
            receipts: vec![
                receipt(0, Some(true), 21_000, std::slice::from_ref(&log)),
                receipt(2, Some(true), 90_000, &[log]),
            ],
            base_fee: Some(100),
            ..Made::default()
        };
        let tuple = made.tuple();
        parent = keccak(&tuple.header);
        out.extend(entry([3, 0], &pack(&tuple.header)));
        out.extend(entry([4, 0], &pack(&tuple.body)));
        out.extend(entry([5, 0], &pack(&tuple.receipts)));
        out.extend(entry([6, 0], &[1; 32]));
    }
    (out, parent)
}

fn index(from: u64, count: u64) -> Vec<u8> {
    let words: Vec<u64> = [vec![from], vec![0; count as usize], vec![count]].concat();
    let words: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
    [entry([7, 0], &[8; 32]), entry([0x66, 0x32], &words)].concat()
}

fn write(folder: &Path, name: &str, parts: &[&[u8]]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, parts.concat()).unwrap();
    path
}

fn error(path: &Path) -> AccountSourceError {
    match Source::open(&[path.to_path_buf()], Chain::Ethereum) {
        Ok(mut source) => {
            let error = source.find_map(Result::err).unwrap();
            assert!(source.next().is_none(), "nothing after an error");
            error
        }
        Err(error) => error,
    }
}

#[test]
fn archives_are_read_in_the_order_of_their_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let (first, hash) = blocks(100, 400, [9; 32]);
    let (second, _) = blocks(400, 420, hash);
    write(folder.path(), "b.era1", &[&first, &index(100, 300)]);
    write(folder.path(), "a.era1", &[&second, &index(400, 20)]);
    let mut source = Source::open(&[folder.path().to_path_buf()], Chain::Ethereum).unwrap();
    assert_eq!(source.format(), Format::Era);
    assert!(source.knows().fees && source.knows().logs && !source.knows().traces && !source.knows().is_block_complete);
    let blocks: Vec<_> = source.by_ref().collect::<Result<_, _>>().unwrap();
    assert_eq!(blocks.iter().map(|block| block.number).collect::<Vec<_>>(), (100..420).collect::<Vec<_>>());
    assert!(blocks.windows(2).all(|pair| pair[1].parent == pair[0].hash));
    for block in &blocks {
        let key = Key::new(1 + (block.number % 7) as u8);
        assert!(block.txs.iter().all(|tx| tx.from == key.address()));
        assert_eq!(block.txs[0].value, U256::from(block.number));
        assert_eq!(block.txs[1].receipt.as_ref().unwrap().gas_price_paid, Some(U256::from(130)));
        assert_eq!(block.txs[1].receipt.as_ref().unwrap().created, Some(key.creates(2)));
    }
    let counts = source.counts();
    assert_eq!((counts.blocks, counts.transactions, counts.logs), (320, 640, 640));
}

#[test]
fn archives_that_were_cut_are_told_after_their_whole_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let (body, _) = blocks(0, 5, [0; 32]);
    let whole = [body.clone(), index(0, 5)].concat();
    // anywhere: at the end of an entry, inside of one, inside of a head
    for len in [body.len(), body.len() - 40, body.len() - 45, whole.len() - 1, whole.len() - 60, 30, 8] {
        let path = write(folder.path(), "cut.era1", &[&whole[..len]]);
        assert!(
            matches!(error(&path), AccountSourceError::EraCut { .. }),
            "{len} of {}: {}",
            whole.len(),
            error(&path)
        );
    }
    for wrong in [index(0, 4), index(1, 5)] {
        let path = write(folder.path(), "index.era1", &[&body, &wrong]);
        assert!(matches!(error(&path), AccountSourceError::EraCut { .. }));
    }
}

#[test]
fn damage_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (body, hash) = blocks(0, 5, [0; 32]);
    let mut seen = std::collections::BTreeSet::new();
    // every tenth byte, but those of total difficulties, which are passed over
    for at in (8..body.len()).step_by(10) {
        let mut changed = body.clone();
        changed[at] ^= 0x10;
        let path = write(folder.path(), "damaged.era1", &[&changed, &index(0, 5)]);
        let source = Source::open(std::slice::from_ref(&path), Chain::Ethereum);
        let end = source.and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match end {
            Err(AccountSourceError::Era { source, .. }) => {
                seen.insert(name(&source));
            }
            Err(
                AccountSourceError::EraCut { .. } | AccountSourceError::Parent { .. } | AccountSourceError::Io { .. },
            ) => {}
            Err(other) => panic!("byte {at}: {other}"),
            // the total difficulties: 32 bytes of ones, and the head before them
            Ok(blocks) => {
                let good = Source::open(&[write(folder.path(), "good.era1", &[&body, &index(0, 5)])], Chain::Ethereum);
                let good: Vec<_> = good.unwrap().map(Result::unwrap).collect();
                let is_last_hash = blocks[..4] == good[..4] && blocks[4].hash != good[4].hash;
                assert!(blocks == good || is_last_hash, "byte {at} was changed and not seen");
            }
        }
    }
    assert!(seen.contains("snappy") && seen.contains("form"), "{seen:?}");
    // a block of another chain of hashes
    let (other, _) = blocks(5, 7, [1; 32]);
    write(folder.path(), "damaged.era1", &[&body, &index(0, 5)]);
    std::fs::remove_file(folder.path().join("good.era1")).unwrap();
    write(folder.path(), "other.era1", &[&other, &index(5, 2)]);
    assert!(matches!(error(folder.path()), AccountSourceError::Parent { block: 5 }));
    // the same blocks twice
    let (again, _) = blocks(4, 6, hash);
    write(folder.path(), "other.era1", &[&again, &index(4, 2)]);
    let twice = error(folder.path());
    assert!(matches!(twice, AccountSourceError::Era { source: EraError::Block { block: 4, .. }, .. }), "{twice}");
}

/// A short name for what went wrong.
fn name(error: &EraError) -> &'static str {
    match error {
        EraError::Snappy(_) => "snappy",
        EraError::OtherForm(_) => "form",
        EraError::Block { .. } => "block",
        _ => "other",
    }
}

#[test]
fn archives_of_other_forms_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (name, kind) in [("beacon.era", [1, 0]), ("later.ere", [0x67, 0x32])] {
        let path = write(folder.path(), name, &[&entry([0x65, 0x32], &[]), &entry(kind, &[0; 16])]);
        let told = error(&path);
        assert!(matches!(&told, AccountSourceError::Era { offset: 8, source: EraError::OtherForm(_), .. }), "{told}");
    }
    // receipts before the body
    let (body, _) = blocks(0, 1, [0; 32]);
    let path = write(folder.path(), "order.era1", &[&body[..8], &entry([4, 0], &[])]);
    assert!(matches!(error(&path), AccountSourceError::EraCut { .. } | AccountSourceError::Era { .. }));
}
