//! A store that follows a growing chain gives the answers of one that read it at once, also over a reorganisation and
//! over a write that the node has not finished.

use crate::{
    compare,
    files::{OneFile, Tail, block_files},
    fixture::{Fixture, fixture},
    store,
};
use athar_engine::{Engine, write::IngestSummary};
use bitcoin::{block::Header, consensus::deserialize};
use std::path::PathBuf;
use tempfile::TempDir;

/// A store beside the node's file as it was at chosen times.
struct Following {
    file: OneFile,
    /// Hashes of the blocks in the order in which the node wrote them.
    hashes: Vec<String>,
    folder: TempDir,
}

impl Following {
    fn of(fixture: &Fixture) -> Self {
        let blocks = block_files(&fixture.blocks).remove(0);
        let hash = |block: &Vec<u8>| deserialize::<Header>(&block[8..88]).unwrap().block_hash().to_string();
        Self {
            file: OneFile::read(&fixture.blocks),
            hashes: blocks.iter().map(hash).collect(),
            folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Reads the file as it was when `bytes` of it were written.
    fn ingest_as_of(&self, bytes: usize, tail: Tail) -> IngestSummary {
        let blocks = self.folder.path().join("blocks");
        self.file.write_as_of(bytes, tail, &blocks);
        let summary = store::ingest(&self.store(), &blocks);
        summary.unwrap_or_else(|error| panic!("{bytes} bytes, {tail:?}: {error}"))
    }

    /// Reads the file as it was after its first `blocks` blocks.
    fn ingest(&self, blocks: usize) -> IngestSummary {
        let summary = self.ingest_as_of(self.file.ends[blocks - 1], Tail::Allocated);
        assert_eq!(summary.damage, Vec::<String>::new(), "after {blocks} blocks");
        assert_eq!(summary.blocks_found as usize, blocks);
        summary
    }

    fn engine(&self) -> Engine {
        store::open(&self.store())
    }

    /// Blocks in the file when the last block of the stale branch was its end.
    fn before_the_reorganisation(&self, fixture: &Fixture) -> usize {
        let last = fixture.world.stale_blocks.last().unwrap();
        self.hashes.iter().position(|hash| hash == last).unwrap() + 1
    }

    /// The store says what one says that read the whole file at once.
    fn check_equals_at_once(&self, fixture: &Fixture) {
        let engine = self.engine();
        compare::everything(&engine, &fixture.chain);
        let (grown, at_once) = (
            compare::answers(&engine, &fixture.chain),
            compare::answers(&store::mined(fixture).engine, &fixture.chain),
        );
        assert_eq!(grown.len(), at_once.len());
        for (grown, at_once) in grown.iter().zip(&at_once) {
            assert_eq!(grown, at_once);
        }
        assert_eq!(engine.basis(), store::mined(fixture).engine.basis());
        engine.verify().unwrap();
    }
}

fn tip(summary: &IngestSummary) -> String {
    summary.tip_hash.unwrap().to_string()
}

#[test]
fn a_store_that_grew_in_many_steps_gives_the_answers_of_one_that_read_all_at_once() {
    let Some(fixture) = fixture() else { return };
    let following = Following::of(fixture);
    let (total, stale_end) = (following.hashes.len(), following.before_the_reorganisation(fixture));
    let mut steps: Vec<usize> = vec![1, 2, 3, 17, 101, 125, 140];
    // the branch before the node left it is one of the states; block by block while the other branch overtakes it
    steps.retain(|step| *step < stale_end - 3);
    steps.extend(stale_end - 3..stale_end + 6);
    steps.extend([total - 5, total - 1, total]);
    let (mut added, mut dropped, mut last) = (0, 0, 0);
    for blocks in steps {
        let summary = following.ingest(blocks);
        added += summary.blocks_added;
        dropped += summary.blocks_dropped;
        assert!(summary.tip_height.unwrap() >= last, "the chain became shorter at {blocks} blocks");
        last = summary.tip_height.unwrap();
    }
    assert_eq!(dropped, 3);
    // what is dropped with a whole segment and still on the best chain is added again
    assert!(added >= fixture.chain.blocks.len() as u64 + 3, "{added}");
    following.check_equals_at_once(fixture);
}

#[test]
fn nothing_changes_when_nothing_is_new() {
    let Some(fixture) = fixture() else { return };
    let following = Following::of(fixture);
    let total = following.hashes.len();
    following.ingest(total);
    let before = compare::answers(&following.engine(), &fixture.chain);
    let again = following.ingest(total);
    assert_eq!((again.blocks_added, again.blocks_dropped, again.segments), (0, 0, 0));
    assert_eq!(again.blocks_stale, 3);
    // an older copy of the files takes nothing back
    let older = following.ingest(total - 10);
    assert_eq!((older.blocks_added, older.blocks_dropped), (0, 0));
    assert_eq!(tip(&older), *following.hashes.last().unwrap());
    assert_eq!(compare::answers(&following.engine(), &fixture.chain), before);
}

#[test]
fn a_store_from_before_invalidateblock_leaves_the_stale_branch_as_the_node_did() {
    let Some(fixture) = fixture() else { return };
    let following = Following::of(fixture);
    let (stale, replaced) = (&fixture.world.stale_blocks, &fixture.world.replaced_txid);
    let before = following.before_the_reorganisation(fixture);

    let summary = following.ingest(before);
    assert_eq!(tip(&summary), stale[2]);
    assert_eq!((summary.blocks_stale, summary.blocks_unconnected), (0, 0));
    let engine = following.engine();
    assert!(stale.iter().all(|hash| engine.block(hash).unwrap().is_some()));
    assert_eq!(engine.tx(replaced).unwrap().unwrap().block_hash.to_string(), stale[2]);
    engine.verify().unwrap();

    // as much work as the branch that is stored: the first seen stays, as it does at a node
    let summary = following.ingest(before + 3);
    assert_eq!((tip(&summary), summary.blocks_stale), (stale[2].clone(), 3));
    assert_eq!((summary.blocks_added, summary.blocks_dropped), (0, 0));

    let summary = following.ingest(before + 4);
    assert_eq!((tip(&summary), summary.blocks_stale), (following.hashes[before + 3].clone(), 3));
    assert_eq!(summary.blocks_dropped, 3);
    // an engine that was opened before still answers for its commit
    assert!(engine.tx(replaced).unwrap().is_some());
    let engine = following.engine();
    assert!(stale.iter().all(|hash| engine.block(hash).unwrap().is_none()));
    assert!(engine.tx(replaced).unwrap().is_none());

    following.ingest(following.hashes.len());
    following.check_equals_at_once(fixture);
}

#[test]
fn a_block_that_the_node_has_not_finished_writing_comes_with_the_next_ingest() {
    let Some(fixture) = fixture() else { return };
    let following = Following::of(fixture);
    let total = following.hashes.len();
    let (start, end) = (following.file.ends[total - 2], following.file.ends[total - 1]);
    let parent = fixture.chain.blocks.len() - 2;
    // inside the magic, behind it, behind the length, inside the header, behind it, inside the transactions, at their
    // last byte
    for written in [3, 4, 8, 40, 88, (end - start) / 2, end - start - 1] {
        for tail in [Tail::End, Tail::Allocated] {
            if tail == Tail::Allocated && following.file.is_zero(start + written, end) {
                continue;
            }
            let summary = following.ingest_as_of(start + written, tail);
            assert_eq!(summary.tip_height, Some(parent as u32), "{written} bytes written, {tail:?}");
            assert_eq!(tip(&summary), fixture.chain.blocks[parent].hash, "{written} bytes written, {tail:?}");
        }
    }
    following.ingest(total);
    following.check_equals_at_once(fixture);
}
