//! Opening a forest that is some blocks behind its ledger.
//!
//! `cargo bench -p athar-entities --bench extend -- STORE [BLOCKS]...` builds, for each number of blocks (1, 6 and 144 where
//! none is given), a forest of the Bitcoin ledger in STORE without its last blocks, then opens it for the whole ledger
//! several times, compares all it answers with a forest built anew, and does the same with the blocks dropped. STORE is read only: a copy of its files is written to and removed again.

#![allow(clippy::unwrap_used, reason = "a measurement has nobody to report an error to")]

use athar_entities::{Forest, Links, Settings};
use athar_ledger::{Disk, Ledger, Store, StoreLock};
use athar_types::{AddressId, Chain};
use std::{env, fs, path::Path, time::Instant};

const OPENINGS: usize = 7;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap().map(|item| item.unwrap()) {
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy(&item.path(), &target);
        } else {
            // files of a store are never changed, only replaced: a second name will do for all but the lock
            fs::hard_link(item.path(), &target).or_else(|_| fs::copy(item.path(), &target).map(|_| ())).unwrap();
        }
    }
}

fn ledger_of(folder: &Path) -> Ledger {
    Store::open(folder).unwrap().ledger(Chain::Bitcoin).unwrap().unwrap()
}

fn main() {
    let mut words = env::args().skip(1).filter(|word| word != "--bench");
    let Some(folder) = words.next() else { return println!("no store given") };
    let numbers: Vec<u32> = words.map(|word| word.parse().unwrap()).collect();
    let numbers = if numbers.is_empty() { vec![1, 6, 144] } else { numbers };
    let ledger = ledger_of(Path::new(&folder));
    let settings = Settings::default();
    println!("{folder}: {} blocks, {} transactions", ledger.block_count(), ledger.tx_count());
    for blocks in numbers {
        let copied = tempfile::tempdir_in(env::current_dir().unwrap()).unwrap();
        copy(&Path::new(&folder).join("bitcoin"), &copied.path().join("bitcoin"));
        fs::copy(Path::new(&folder).join("MANIFEST.json"), copied.path().join("MANIFEST.json")).unwrap();
        let lock = StoreLock::take(copied.path()).unwrap();
        let mut store = Store::open_for_writing(copied.path(), &lock, Disk::default()).unwrap();
        store.unwind(Chain::Bitcoin, ledger.block_count() - blocks).unwrap();
        drop(store);
        let short = ledger_of(copied.path());
        let start = Instant::now();
        Forest::build(copied.path(), &Disk::default(), &short, &settings, 1 << 30, &mut |_| {}).unwrap();
        let (built, txs) = (start.elapsed(), ledger.tx_count() - short.tx_count());
        let mut times: Vec<f64> = (0..OPENINGS)
            .map(|_| {
                let start = Instant::now();
                let forest = Forest::open_extended(copied.path(), &ledger, &settings).unwrap().unwrap();
                assert_eq!(forest.manifest().tip, ledger.tip());
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        let first = times[0];
        times.sort_unstable_by(f64::total_cmp);
        let forest = Forest::open_extended(copied.path(), &ledger, &settings).unwrap().unwrap();
        let largest = (0..forest.address_count()).map(AddressId).max_by_key(|a| forest.size(*a)).unwrap();
        let start = Instant::now();
        let view = forest.entity(&ledger, largest).unwrap();
        let asked = start.elapsed().as_secs_f64() * 1e3;
        forest.verify(&ledger, &settings, 1 << 30, &mut |_| {}).unwrap();
        println!(
            "{blocks} blocks ({txs} transactions): opened in {:.1} ms (middle of {OPENINGS}; the first in {first:.1}), figures of \
             the largest entity ({} addresses) in {asked:.1} ms; built in {:.1} s",
            times[OPENINGS / 2],
            view.size,
            built.as_secs_f64()
        );
        // the other way round: the blocks are dropped from under the forest
        Forest::build(copied.path(), &Disk::default(), &ledger, &settings, 1 << 30, &mut |_| {}).unwrap();
        let start = Instant::now();
        let forest = Forest::open_extended(copied.path(), &short, &settings).unwrap().unwrap();
        let opened = start.elapsed().as_secs_f64() * 1e3;
        let roots = (0..forest.address_count()).map(AddressId).filter(|a| forest.parent(*a) == *a);
        let unknown = roots.filter(|a| forest.entity(&short, *a).is_none()).count();
        forest.verify(&short, &settings, 1 << 30, &mut |_| {}).unwrap();
        println!("  {blocks} blocks dropped: opened in {opened:.1} ms, {unknown} entities without figures");
    }
}
