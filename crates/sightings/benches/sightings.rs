//! Sightings recorded and looked up, campaigns, sketches and near-duplicates: `cargo bench -p athar-sightings` prints their figures.
//!
//! `ATHAR_SIGHTINGS_BENCH` sets how many sightings the look-up is measured among (1,000,000); `ATHAR_SIGHTINGS_TEXTS` how many sketches
//! are searched (1,000,000). All data are made up from fixed seeds. What is given as arguments chooses parts: `store`, `campaigns`, `near`.
#![allow(missing_docs, clippy::unwrap_used)] // a program

use athar_sightings::{
    Hosts, Item, ItemEnd, ItemId, NEAR_MIN, NewItem, NewSighting, Params, Query, Sighting, Sightings, Sketch,
    SketchIndex, campaigns,
};
use athar_types::{Chain, UnixTime};
use std::hint::black_box;
use std::time::Instant;

const PER_ITEM: u64 = 20;

fn spread(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// Wall time and the processor time of this process, in seconds: on a machine that does other things too they differ.
struct Clock {
    wall: Instant,
    processor: f64,
}

impl Clock {
    fn start() -> Self {
        Self { wall: Instant::now(), processor: processor() }
    }

    /// Processor seconds, where the system tells them, else wall seconds.
    fn work(&self) -> f64 {
        let spent = processor() - self.processor;
        if spent > 0.0 { spent } else { self.wall.elapsed().as_secs_f64() }
    }

    fn both(&self) -> String {
        format!("{:.2} s ({:.2} s of processor)", self.wall.elapsed().as_secs_f64(), self.work())
    }
}

#[cfg(unix)]
fn processor() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(not(unix))]
fn processor() -> f64 {
    0.0
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn address(n: u64) -> String {
    format!("0x{:016x}{:016x}{:08x}", spread(n), spread(n ^ 1 << 40), n as u32)
}

/// A text of about `words` made-up words: some are common, most are rare.
fn text(seed: u64, words: u64) -> String {
    let word =
        |n: u64| -> String { (0..3 + n % 7).map(|k| (b'a' + (spread(n * 31 + k) % 26) as u8) as char).collect() };
    let pick = |n: u64| {
        let draw = spread(seed << 16 ^ n);
        word(if draw % 3 == 0 { draw >> 8 & 63 } else { draw >> 8 & 0xffff })
    };
    (0..words).map(pick).collect::<Vec<_>>().join(" ")
}

fn percentiles(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[times.len() * share / 100];
    format!("p50 {:.3} ms, p99 {:.3} ms of processor", at(50), at(99))
}

fn store() {
    let count = number("ATHAR_SIGHTINGS_BENCH", 1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let store = Sightings::open(folder.path()).unwrap();
    let distinct = count / 4;
    let sketch = Sketch::of(&text(1, 200)).unwrap().to_bytes();
    let start = Clock::start();
    let mut writer = store.writer();
    for n in 0..count / PER_ITEM {
        let item = NewItem {
            kind: "html".into(),
            file: format!("archive-{}.warc.gz", n / 1000),
            member: Some(format!("record {n}")),
            uri: Some(format!("https://site{}.example/page/{n}", n % 5_000)),
            captured: Some(UnixTime(1_500_000_000 + n as u32)),
            read_at: 1_700_000_000,
            sha256: Some(std::array::from_fn(|k| spread(n * 32 + k as u64) as u8)),
            sketch: sketch.clone(),
            tool: "bench".into(),
            ..NewItem::default()
        };
        let id = writer.begin(item).unwrap();
        let seen: Vec<NewSighting> = (0..PER_ITEM)
            .map(|k| {
                let personal = k % 5 == 4;
                let value = if personal {
                    format!("+1555{:07}", spread(n * PER_ITEM + k) % 10_000_000)
                } else {
                    address(spread(n * PER_ITEM + k) % distinct)
                };
                NewSighting {
                    kind: if personal { "phone" } else { "address" }.into(),
                    chains: if personal { Vec::new() } else { vec![(Chain::Ethereum, value.clone())] },
                    value,
                    proof: "checksum".into(),
                    segment: "text".into(),
                    excerpt: "x".repeat(240),
                    score: (k * 5) as u8,
                    solicits: k > 12,
                    language: Some("en".into()),
                    ..NewSighting::default()
                }
            })
            .collect();
        writer.add(id, &seen).unwrap();
        writer.finish(id, ItemEnd::default()).unwrap();
    }
    writer.flush().unwrap();
    let (took, work) = (start.both(), start.work());
    let files = std::fs::read_dir(folder.path().join("sightings")).unwrap();
    let bytes: u64 = files.map(|e| e.unwrap().metadata().unwrap().len()).sum();
    println!(
        "recorded: {count} sightings of {} items in {took}, {:.0} a second of processor; {} bytes a sighting with its item, keys and log",
        count / PER_ITEM,
        count as f64 / work,
        bytes / count
    );
    for (what, value) in [("address", true), ("telephone number", false)] {
        let mut found = 0;
        let times = (0..2_000u64)
            .map(|n| {
                let value = if value {
                    address(spread(n ^ 0x4d) % distinct)
                } else {
                    format!("+1555{:07}", spread(n * PER_ITEM + 4) % 10_000_000)
                };
                let start = Clock::start();
                let page = store.sightings(&Query { value: Some(value), limit: 100, ..Query::default() }).unwrap();
                found += page.sightings.len();
                start.work() * 1e3
            })
            .collect();
        println!(
            "look-up of one {what} among {count}: {} ({:.1} sightings each, decrypted)",
            percentiles(times),
            found as f64 / 2_000.0
        );
    }
    let start = Clock::start();
    let material = store.material().unwrap();
    println!("all {} sightings decrypted in {}", material.sightings.len(), start.both());
    drop(material);
    let start = Clock::start();
    let gone: Vec<ItemId> = (1..=1_000).map(ItemId).collect();
    let deleted = store.delete(&gone, 1, "bench", "bench").unwrap();
    println!("{deleted} items deleted, keys destroyed, in {}", start.both());
    let start = Clock::start();
    let check = store.verify_custody(None).unwrap();
    println!("custody log of {} entries checked in {}", check.entries, start.both());
    assert!(check.wrong.is_empty());
}

fn campaign_rows(count: u64) -> (Vec<Item>, Vec<Sighting>) {
    let (mut items, mut seen) = (Vec::new(), Vec::new());
    for n in 0..count / 5 {
        let group = spread(n) % (count / 200 + 1);
        items.push(Item {
            id: ItemId(n + 1),
            kind: "html".into(),
            file: format!("f{n}"),
            site: Some(format!("site{}.example", group * 3 + spread(n ^ 5) % 3)),
            read_at: 1_700_000_000 + (spread(n) % 10_000_000) as i64,
            sketch: Sketch::of(&text(group * 2 + spread(n ^ 6) % 2, 60)).map(|s| s.to_bytes()).unwrap_or_default(),
            ..Item::default()
        });
        for k in 0..5 {
            let (kind, value) = match k {
                0..2 => ("address", address(group * 4 + spread(n * 5 + k) % 4)),
                2 => ("email", format!("m{group}@example.org")),
                3 => ("site", ["facebook.com", "blockchair.com", "common.example"][(n % 3) as usize].into()),
                _ => ("handle", format!("telegram:h{}", group * 2 + n % 2)),
            };
            seen.push(Sighting {
                id: n * 5 + k,
                item: ItemId(n + 1),
                n: k as u32,
                kind: kind.into(),
                chains: if kind == "address" { vec![(Chain::Ethereum, value.clone())] } else { Vec::new() },
                value,
                solicits: n % 4 != 0,
                score: 70,
                ..Sighting::default()
            });
        }
    }
    (items, seen)
}

fn campaign() {
    for count in [100_000, 1_000_000] {
        let (items, seen) = campaign_rows(count);
        let start = Clock::start();
        let found = campaigns(&items, &seen, &Hosts::built_in(), &Params::default());
        println!(
            "campaigns of {} sightings in {} items: {} in {}",
            seen.len(),
            items.len(),
            found.campaigns.len(),
            start.both()
        );
    }
}

/// What is done to a text.
const MUTATIONS: [&str; 8] = [
    "another address and amount",
    "signature added (15 words)",
    "3% of words changed",
    "10% of words changed",
    "25% of words changed",
    "two halves swapped",
    "last 15% cut off",
    "last 50% cut off",
];

fn mutated(seed: u64, how: usize, words: u64) -> String {
    let text = text(seed, words);
    let mut all: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let change = |all: &mut Vec<String>, share: u64| {
        for (n, word) in all.iter_mut().enumerate() {
            if spread(seed * 1_000 + n as u64) % 100 < share {
                *word = format!("changed{}", (b'a' + (n % 26) as u8) as char);
            }
        }
    };
    match how {
        0 => all.push(format!("{} 125 usd", address(seed + 9))),
        1 => all.extend(self::text(seed ^ 0xffff, 15).split(' ').map(str::to_owned)),
        2 => change(&mut all, 3),
        3 => change(&mut all, 10),
        4 => change(&mut all, 25),
        5 => all.rotate_left(words as usize / 2),
        6 => all.truncate(words as usize * 85 / 100),
        _ => all.truncate(words as usize / 2),
    }
    all.join(" ")
}

fn near() {
    let sample = text(1, 200_000);
    let start = Clock::start();
    black_box(Sketch::of(&sample));
    println!("sketched: {:.0} MB/s of processor time, Latin text", sample.len() as f64 / 1e6 / start.work());
    let arabic: String = "تبرعوا لبناء مدرسة في القرية الصغيرة على العنوان التالي وكل مبلغ مهما كان ".repeat(10_000);
    let start = Clock::start();
    black_box(Sketch::of(&arabic));
    println!("sketched: {:.0} MB/s of processor time, Arabic text", arabic.len() as f64 / 1e6 / start.work());

    let count = number("ATHAR_SIGHTINGS_TEXTS", 1_000_000);
    const WORDS: u64 = 80;
    let start = Clock::start();
    let sketches: Vec<Sketch> = (0..count).map(|n| Sketch::of(&text(n, WORDS)).unwrap()).collect();
    println!("{count} texts of {WORDS} words made and sketched in {}", start.both());
    let start = Clock::start();
    let index = SketchIndex::new(sketches);
    println!("index of {} sketches built in {}", index.len(), start.both());
    // a text is found where its original is among what is given; anything else that is given is wrong
    for (how, name) in MUTATIONS.iter().enumerate() {
        let (mut found, mut wrong, mut similarity) = (0u32, 0u32, 0.0);
        let mut times = Vec::new();
        for n in 0..1_000u64 {
            let original = spread(n ^ 0xabcd) % count;
            let sketch = Sketch::of(&mutated(original, how, WORDS)).unwrap();
            let start = Clock::start();
            let (near, _) = index.near(&sketch, NEAR_MIN);
            times.push(start.work() * 1e3);
            found += u32::from(near.iter().any(|near| near.index as u64 == original));
            wrong += near.iter().filter(|near| near.index as u64 != original).count() as u32;
            similarity += sketch.similarity(&Sketch::of(&text(original, WORDS)).unwrap());
        }
        println!(
            "{name}: found {:.1}%, others given {wrong} in 1000 searches, mean similarity {:.2}; {}",
            f64::from(found) / 10.0,
            similarity / 1_000.0,
            percentiles(times)
        );
    }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, part) in [("store", store as fn()), ("campaigns", campaign), ("near", near)] {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            part();
        }
    }
}
