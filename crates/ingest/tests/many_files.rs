//! More block files than a process may hold open. In a program of its own: the limit is the whole process's.
#![allow(clippy::unwrap_used)] // tests

use athar_chains::write::ChainFile;
use athar_ingest::{BlockFiles, Settings, ingest};
use athar_ledger::{Disk, Store, StoreLock};
use athar_types::Chain;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;

#[test]
fn a_chain_in_more_files_than_may_be_open_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = folder.path().join("blocks");
    fs::create_dir(&blocks).unwrap();
    let mut file = ChainFile::new(Chain::Bitcoin).unwrap();
    for _ in 1..600 {
        file.block(4, &[0x51], &[], &[]).unwrap();
    }
    for (number, frame) in file.frames().iter().enumerate() {
        fs::write(blocks.join(format!("blk{number:05}.dat")), frame).unwrap();
    }
    // a few dozen threads and pipes of the test program count as well
    setrlimit(Resource::Nofile, Rlimit { current: Some(300), maximum: getrlimit(Resource::Nofile).maximum }).unwrap();

    let lock = StoreLock::take(folder.path()).unwrap();
    let mut store = Store::open_for_writing(folder.path(), &lock, Disk::default()).unwrap();
    let files = BlockFiles::open(&blocks).unwrap();
    assert_eq!(files.len(), 600);
    let settings = Settings { chain: Chain::Bitcoin, network: None, memory_bytes: 1 << 30 };
    let report = ingest(&mut store, &files, settings, &mut |_| true).unwrap();
    assert_eq!(report.blocks_added, 600);
}
