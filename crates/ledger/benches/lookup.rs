//! Point look-ups in a real store: an address, a transaction id, a block by height and by hash, a page of a busy address.
//!
//! `cargo bench -p athar-ledger --bench lookup -- STORE`. Prints p50 and p99 in microseconds. *warm*: every page in
//! memory. *cold*: before each look-up the store is closed and its pages are dropped from the page cache (the file
//! system's own metadata stays), so every page it needs comes from the disk. Half of the address and transaction look-ups
//! are of keys that are not in the store.

use athar_ledger::{Ledger, Store};
use athar_types::{AddressId, AddressKey, Chain, Hash32, Height, TxNum};
use std::{error::Error, fs, hint::black_box, path::Path, time::Instant};

const WARM: usize = 200_000;
const COLD: usize = 40;
const PAGE: usize = 100;

/// The same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0 ^ self.0 >> 31) * u128::from(end)) >> 64) as u64
    }
}

enum Question {
    Address(AddressKey),
    Tx(Hash32),
    Height(Height),
    Hash(Hash32),
    Page(AddressId, usize),
}

impl Question {
    fn ask(&self, ledger: &Ledger) -> bool {
        match self {
            Self::Address(key) => black_box(ledger.address_id(key)).is_some(),
            Self::Tx(id) => black_box(ledger.tx_by_id(id)).is_some(),
            Self::Height(height) => black_box(ledger.block(*height)).is_some(),
            Self::Hash(hash) => black_box(ledger.height_of(hash)).is_some(),
            Self::Page(address, skip) => {
                let page = ledger.address_outputs(*address).skip(*skip).take(PAGE).map(|output| {
                    let (tx, vout) = ledger.output_tx(output);
                    (ledger.output(output), ledger.txid(tx), vout, ledger.tx_height(tx))
                });
                page.map(black_box).count() > 0
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = std::env::args().skip(1).find(|a| !a.starts_with("--")) else {
        eprintln!("lookup: no store given, nothing measured (-- STORE)");
        return Ok(());
    };
    let folder = Path::new(&folder);
    let open = || -> Result<Ledger, Box<dyn Error>> {
        Ok(Store::open(folder)?.ledger(Chain::Bitcoin)?.ok_or("no bitcoin in the store")?)
    };
    let ledger = open()?;
    println!(
        "{} transactions, {} outputs, {} addresses, {} segments, {} runs",
        ledger.tx_count(),
        ledger.output_count(),
        ledger.address_count(),
        ledger.segments().len(),
        ledger.runs().len()
    );
    let busiest = (0..ledger.address_count()).map(AddressId).max_by_key(|a| ledger.address_output_count(*a));
    let busiest = busiest.ok_or("no addresses")?;
    let outputs = ledger.address_output_count(busiest);
    let mut numbers = Numbers(1);
    let mut questions = |kind: usize, count: usize| -> Vec<Question> {
        (0..count)
            .map(|i| match kind {
                0 => {
                    let key = ledger.address_key(AddressId(numbers.below(u64::from(ledger.address_count())) as u32));
                    let mut payload = key.payload().to_vec();
                    // every second one is no address of the store
                    payload[3] ^= (i % 2) as u8;
                    AddressKey::new(key.kind(), &payload).map_or(Question::Height(Height(0)), Question::Address)
                }
                1 => {
                    let mut id = ledger.txid(TxNum(numbers.below(u64::from(ledger.tx_count())) as u32));
                    id.0[9] ^= (i % 2) as u8;
                    Question::Tx(id)
                }
                2 => Question::Height(Height(numbers.below(u64::from(ledger.block_count())) as u32)),
                3 => {
                    let height = Height(numbers.below(u64::from(ledger.block_count())) as u32);
                    ledger.block(height).map_or(Question::Height(height), |block| Question::Hash(block.hash))
                }
                _ => Question::Page(busiest, numbers.below(outputs) as usize),
            })
            .collect()
    };
    let page = format!("page of {PAGE}, address of {outputs} outputs");
    println!("{:<44}{:>12}{:>12}{:>12}{:>12}", "us", "warm p50", "warm p99", "cold p50", "cold p99");
    let names = ["address", "txid", "block by height", "block by hash", &page];
    let mut asked: Vec<(Vec<Question>, Vec<Question>)> = Vec::new();
    for kind in 0..names.len() {
        asked.push((questions(kind, if kind < 3 { WARM } else { WARM / 100 }), questions(kind, COLD)));
    }
    let mut warm = Vec::new();
    for (questions, _) in &asked {
        black_box(questions.iter().filter(|q| q.ask(&ledger)).count());
        warm.push(quantiles(questions.iter().map(|q| time(q, &ledger)).collect()));
    }
    // pages that are mapped are not dropped
    drop(ledger);
    for ((name, [w50, w99]), (_, questions)) in names.into_iter().zip(warm).zip(&asked) {
        let mut cold = Vec::new();
        for question in questions {
            drop_pages(folder)?;
            cold.push(time(question, &open()?));
        }
        let [c50, c99] = quantiles(cold);
        println!("{name:<44}{w50:>12.2}{w99:>12.2}{c50:>12.1}{c99:>12.1}");
    }
    Ok(())
}

fn time(question: &Question, ledger: &Ledger) -> u128 {
    let start = Instant::now();
    black_box(question.ask(ledger));
    start.elapsed().as_nanos()
}

fn quantiles(mut ns: Vec<u128>) -> [f64; 2] {
    ns.sort_unstable();
    [50, 99].map(|percent| ns[(ns.len() - 1) * percent / 100] as f64 / 1000.0)
}

/// Drops the pages of all files below `folder` from the page cache, as far as nothing maps them.
fn drop_pages(folder: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            drop_pages(&path)?;
        } else {
            let file = fs::File::open(&path)?;
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
        }
    }
    Ok(())
}
