//! Change on a simulated world: each recorder's votes, and the shipped policy's ties, against the owners.
//!
//! `ATHAR_CHANGE_SEEDS=1,2 ATHAR_CHANGE_TXS=100000 cargo test -p athar-measure --test it change -- --nocapture` prints the
//! figures of other worlds, and those of another policy with `ATHAR_CHANGE_POLICY=FILE`.
use athar_engine::Clustering;
use athar_engine::write::{IngestSettings, MEMORY_BYTES, ingest_bitcoin};
use athar_entities::{Forest, Heuristic, Links, Settings};
use athar_ledger::Store;
use athar_measure::{ALL_ERAS, Owners, clusters::Clusters, recorders, ties};
use athar_types::Chain;
use std::env;

fn share_wrong(wrong: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { 100.0 * wrong as f64 / of as f64 }
}

#[test]
fn extended_entities_are_right_in_999_of_1000_pairs() {
    let seeds = env::var("ATHAR_CHANGE_SEEDS").unwrap_or_else(|_| "1".into());
    let txs = env::var("ATHAR_CHANGE_TXS").map_or(20_000, |text| text.parse().unwrap());
    let extended = env::var("ATHAR_CHANGE_POLICY")
        .map_or_else(|_| Clustering::extended(), |path| Clustering::find(&path).unwrap());
    for seed in seeds.split(',').map(|seed| seed.parse::<u64>().unwrap()) {
        let folder = tempfile::tempdir().unwrap();
        let (world, store) = (folder.path().join("world"), folder.path().join("store"));
        athar_simulate::simulate(&athar_simulate::Settings::economy(seed, txs, &world), &mut |_| ()).unwrap();
        let clusterings = vec![Clustering::strict(), extended.clone()];
        let how = IngestSettings { network: None, memory_bytes: MEMORY_BYTES, clusterings };
        ingest_bitcoin(&store, &world.join("blocks"), how, &mut |_| true).unwrap();
        let ledger = Store::open(&store).unwrap().ledger(Chain::Bitcoin).unwrap().unwrap();
        let owners = Owners::read(&world.join("truth/entities.csv"), &ledger).unwrap();
        let open = |c: &Clustering| Forest::open(&store, &ledger, &Settings::from(c)).unwrap().unwrap();
        let (narrow, wide) = (open(&Clustering::strict()), open(&extended));
        println!("seed {seed}, {txs} transactions");
        for (recorder, [change, not]) in recorders(&ledger, &wide, wide.change_policy().unwrap(), &owners) {
            println!(
                "  {:14} change {:7} votes, {:6.3} % wrong; not change {:7} votes, {:6.3} % wrong",
                recorder.name(),
                change.of,
                share_wrong(change.wrong, change.of),
                not.of,
                share_wrong(not.wrong, not.of)
            );
        }
        let tied = ties(&ledger, &wide, &owners);
        let change = tied.get(&(Heuristic::Change, ALL_ERAS.into())).copied().unwrap_or_default();
        println!("  the policy's ties: {} of {} wrong", change.wrong, change.of);
        let count = |forest: &Forest| Clusters::count(&owners, ledger.address_count(), |a| forest.find(a));
        let (before, after) = (count(&narrow), count(&wide));
        for (name, found) in [("strict", &before), ("extended", &after)] {
            println!(
                "  {name:8} pairs {} of {} wrong, recall {:.4} %, per owner {:.3} %, mixed entities {} of {}",
                found.pairs.wrong,
                found.pairs.of,
                100.0 - share_wrong(found.owner_pairs.wrong, found.owner_pairs.of),
                found.recall_per_owner_millionths() as f64 / 1e4,
                found.entities.wrong,
                found.entities.of
            );
        }
        assert_eq!(before.pairs.wrong, 0, "strict");
        assert!(change.of > 0, "no change is tied: nothing is tested");
        assert!(after.pairs.wrong * 1000 <= after.pairs.of, "extended: {} of {}", after.pairs.wrong, after.pairs.of);
        assert!(after.owner_pairs.wrong < before.owner_pairs.wrong, "extended reaches no further than strict");
    }
}
