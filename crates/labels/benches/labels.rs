//! Import rate and look-up time, printed: `cargo bench -p athar-labels`.
//!
//! The labels are made up (`ATHAR_BENCH_LABELS` of them, 200,000 unless told): half a TagPack with one claim, half with
//! a name for each tag. Look-ups are half hits, half misses, in an order that no cache likes.

use athar_labels::{ImportOptions, LabelStore};
use athar_types::{AddressKey, AddressKind, Chain, Day, Network};
use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

fn address(i: u64) -> String {
    let mut bytes = [0; 20];
    let hash = blake3::hash(&i.to_le_bytes());
    bytes.copy_from_slice(&hash.as_bytes()[..20]);
    let kind = if i.is_multiple_of(2) { AddressKind::P2wpkh } else { AddressKind::P2pkh };
    AddressKey::new(kind, &bytes).map(|key| key.to_text(Network::Mainnet)).unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::var("ATHAR_BENCH_LABELS").ok().and_then(|n| n.parse().ok()).unwrap_or(200_000);
    let folder = tempfile::tempdir()?;
    let mut paths = Vec::new();
    for part in 0..2 {
        let mut pack = format!(
            "title: Bench {part}\ncreator: bench\ncurrency: BTC\nsource: https://example.org\nconfidence: forensic\n\
             category: exchange\nlabel: shared\ntags:\n"
        );
        for i in (part * count / 2)..((part + 1) * count / 2) {
            writeln!(pack, "- address: {}", address(i))?;
            if part == 1 {
                writeln!(pack, "  label: service {i}\n  lastmod: 2021-03-04")?;
            }
        }
        let path = folder.path().join(format!("{part}.yaml"));
        std::fs::write(&path, pack)?;
        paths.push(path);
    }
    let bytes: u64 = paths.iter().filter_map(|p| std::fs::metadata(p).ok()).map(|m| m.len()).sum();
    let dir = folder.path().join("labels");
    let options = ImportOptions::new(Day::default());
    let mut store = LabelStore::open(&dir)?;

    let start = Instant::now();
    let outcome = store.import(&paths, &options)?;
    let seconds = start.elapsed().as_secs_f64();
    let accepted: u64 = outcome.reports.iter().map(|r| r.accepted).sum();
    println!(
        "import   {accepted} tags, {:.1} MB of YAML: {seconds:.2} s, {:.0} tags/s, {:.1} MB/s",
        bytes as f64 / 1e6,
        accepted as f64 / seconds,
        bytes as f64 / 1e6 / seconds
    );

    let start = Instant::now();
    let store = LabelStore::open(&dir)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("open     {} labels: {seconds:.2} s, {:.0} labels/s", store.len(), store.len() as f64 / seconds);

    // a fixed permutation of hits and misses
    let queries: Vec<String> = (0..400_000_u64).map(|i| address(i.wrapping_mul(0x9e37_79b1) % (2 * count))).collect();
    // the median of short rounds: on a shared machine most of them run without being put aside
    let mut found = 0;
    let mut rounds: Vec<f64> = queries
        .chunks(2_000)
        .map(|round| {
            let start = Instant::now();
            for query in round {
                found += black_box(store.lookup(Chain::Bitcoin, black_box(query))).count();
            }
            start.elapsed().as_secs_f64() * 1e9 / round.len() as f64
        })
        .collect();
    rounds.sort_unstable_by(f64::total_cmp);
    println!(
        "look-up  {} queries, {found} labels found: median {:.0} ns, best {:.0} ns each",
        queries.len(),
        rounds[rounds.len() / 2],
        rounds[0]
    );
    // the clock alone, which is part of what follows
    let mut clock: Vec<u128> = (0..200_000).map(|_| black_box(Instant::now()).elapsed().as_nanos()).collect();
    clock.sort_unstable();
    println!("the clock alone: p50 {} ns, p99 {} ns", clock[clock.len() / 2], clock[clock.len() * 99 / 100]);
    // hits and misses apart, one by one and by 16: each look-up waits for the one before it, whose result names the next
    for (what, from) in [("hits", 0), ("misses", count)] {
        let of = |i: u64| address(from + i.wrapping_mul(0x9e37_79b1) % count);
        let queries: Vec<String> = (0..200_000_u64).map(of).collect();
        for batch in [1, 16] {
            let mut each: Vec<f64> = queries
                .chunks(batch)
                .map(|queries| {
                    let start = Instant::now();
                    let mut found = 0;
                    for i in 0..queries.len() {
                        let at = i ^ usize::from(found > batch);
                        found += black_box(store.lookup(Chain::Bitcoin, black_box(&queries[at]))).count();
                    }
                    black_box(found);
                    start.elapsed().as_nanos() as f64 / queries.len() as f64
                })
                .collect();
            each.sort_unstable_by(f64::total_cmp);
            let mean = each.iter().sum::<f64>() / each.len() as f64;
            let (p50, p99) = (each[each.len() / 2], each[each.len() * 99 / 100]);
            println!("{what} by {batch}: p50 {p50:.0} ns, p99 {p99:.0} ns, mean {mean:.0} ns each, the clock included");
        }
    }
    Ok(())
}
