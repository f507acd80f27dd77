//! Building and asking the forest of a store, for instance of a simulated world.
//!
//! `cargo bench -p athar-entities --bench store -- STORE [SELECTION]...` builds the forest of the Bitcoin ledger in STORE into a
//! temporary folder, with co-spend alone and with same-key, then asks it about members of its largest entity and about
//! addresses drawn at random, and prints times and how often an explanation hit its bound.

#![allow(clippy::unwrap_used, reason = "a measurement has nobody to report an error to")]

use athar_entities::{BoundHit, Bounds, Forest, Links, Settings, explain, without};
use athar_ledger::{Disk, Ledger, Store};
use athar_types::{AddressId, Chain, TxNum};
use std::{env, path::Path, time::Instant};

const QUESTIONS: usize = 2_000;

/// A small generator of the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(n.max(1))) as u32
    }
}

/// Asks `QUESTIONS` times and prints the middle, the 99th hundredth and the longest, in microseconds.
fn asked(what: &str, mut ask: impl FnMut()) {
    let mut times: Vec<f64> = (0..QUESTIONS)
        .map(|_| {
            let start = Instant::now();
            ask();
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| times[(QUESTIONS - 1) * share / 100];
    println!("  {what:44} p50 {:9.1}  p99 {:9.1}  max {:9.1} us", at(50), at(99), at(100));
}

fn questions(ledger: &Ledger, forest: &Forest) {
    let count = forest.address_count();
    let largest = (0..count).map(AddressId).max_by_key(|a| forest.size(*a)).unwrap();
    let size = forest.size(largest);
    println!("  largest entity: {size} of {count} addresses");
    let mut numbers = Numbers(1);
    let members = forest.members(largest, 0, u32::MAX);
    let mut member = move || members[numbers.below(size) as usize];
    let mut numbers = Numbers(2);
    let mut any = move || AddressId(numbers.below(count));
    asked("entity now, any address", || {
        std::hint::black_box(forest.find(any()));
    });
    let mut numbers = Numbers(3);
    asked("entity as of any moment, any address", || {
        let tx = TxNum(numbers.below(ledger.tx_count()));
        std::hint::black_box(forest.find_as_of(any(), tx));
    });
    asked("figures, any address", || {
        std::hint::black_box(forest.entity(ledger, any()));
    });
    asked("figures, member of the largest", || {
        std::hint::black_box(forest.entity(ledger, member()));
    });
    asked("first 100 members of the largest", || {
        std::hint::black_box(forest.members(member(), 0, 100));
    });
    let mut moment = {
        let mut numbers = Numbers(4);
        move || TxNum(numbers.below(ledger.tx_count()))
    };
    asked("size as of any moment, member of the largest", || {
        std::hint::black_box(forest.size_as_of(member(), moment()));
    });
    asked("name as of any moment, member of the largest", || {
        std::hint::black_box(forest.name_as_of(member(), moment()));
    });
    asked("first 100 members as of any moment", || {
        std::hint::black_box(forest.members_as_of(member(), moment(), 0, 100));
    });
    asked("a page of 100 from anywhere in the largest", || {
        let offset = moment().0 % size;
        std::hint::black_box(forest.members(member(), offset, 100));
    });
    asked("growth: size at 25 moments", || {
        let of = member();
        let every = ledger.tx_count() / 25;
        std::hint::black_box((0..25).map(|n| forest.size_as_of(of, TxNum(n * every))).collect::<Vec<_>>());
    });
    asked("without the transaction that joined two of them", || {
        let (a, b) = (member(), member());
        if let Some(link) = forest.joined(a, b) {
            std::hint::black_box(without(ledger, forest, link.tx, a, 200_000));
        }
    });
    println!("  {} merges of two trees of 100 and more in it", forest.large_merges(largest).count());
    for bounds in [Bounds::default(), Bounds { edges_max: 2_000, ..Bounds::default() }] {
        let (mut hits, mut steps, mut longest) = (0, 0, 0);
        asked(&format!("explain two of the largest, {} edges", bounds.edges_max), || {
            let found = explain(ledger, forest, member(), member(), &bounds).unwrap();
            hits += usize::from(found.bound_hit == Some(BoundHit::Edges));
            steps += found.steps.len();
            longest = longest.max(found.steps.len());
        });
        let mean = steps as f64 / QUESTIONS as f64;
        println!("  {hits} of {QUESTIONS} hit the bound; {mean:.1} steps on average, {longest} at most");
    }
}

fn main() {
    let Some(store) = env::args().skip(1).find(|a| !a.starts_with("--")) else {
        println!("usage: cargo bench -p athar-entities --bench store -- STORE");
        return;
    };
    let ledger = Store::open(Path::new(&store)).unwrap().ledger(Chain::Bitcoin).unwrap().unwrap();
    println!(
        "{} transactions, {} inputs, {} addresses",
        ledger.tx_count(),
        ledger.input_count(),
        ledger.address_count()
    );
    let asked_for: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).skip(1).collect();
    let all = ["co-spend", "co-spend,same-key"].map(String::from).to_vec();
    for heuristics in if asked_for.is_empty() { all } else { asked_for } {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { heuristics: heuristics.parse().unwrap(), ..Settings::default() };
        let (start, mut stage, mut stages) = (Instant::now(), "", Vec::new());
        let forest = Forest::build(folder.path(), &Disk::default(), &ledger, &settings, u64::MAX, &mut |p| {
            if p.stage != stage {
                stage = p.stage;
                stages.push((stage, Instant::now()));
            }
        })
        .unwrap();
        let end = Instant::now();
        println!("{heuristics}: {} links in {:.2} s", forest.manifest().merges, (end - start).as_secs_f64());
        let links = forest.manifest().files.iter().filter(|f| f.name.starts_with("forest."));
        let bytes: u64 = links.map(|f| f.bytes).sum();
        println!("  stored: {:.2} bytes an address for links", bytes as f64 / f64::from(ledger.address_count()));
        let ends = stages.iter().skip(1).map(|(_, at)| *at).chain([end]);
        for ((name, from), to) in stages.iter().zip(ends) {
            println!("  {name:44} {:8.3} s", (to - *from).as_secs_f64());
        }
        questions(&ledger, &forest);
    }
}
