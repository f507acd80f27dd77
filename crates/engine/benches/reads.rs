//! What the application's pages ask most: what a text is, whom a subject dealt with, when, and what went between nodes.
//!
//! `cargo bench -p athar-engine --bench reads [-- TRANSACTIONS]`. Simulates a world (200,000 transactions where nothing is given), asks
//! about addresses spread over it, and prints for each question the median, the 99th percentile and the slowest answer in milliseconds.
//! Then the same of an address that 100,000 outputs pay, a third of them spent in transactions of two inputs.

mod chain;

use athar_engine::read::{ActivityBy, DealingsAsk, Of, ResolveFrom, Sides};
use athar_engine::write::{IngestSettings, import_labels, ingest_bitcoin};
use athar_engine::{Chain, Clustering, Day, Engine, EngineError, Options};
use athar_ledger::{InRow, TxFlags, TxRow};
use athar_types::{AddressKey, AddressKind, Network};
use chain::{block_on, build, pay, txid};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Subjects that are asked about.
const SUBJECTS: usize = 400;
/// Nodes of one graph.
const NODES: usize = 100;
/// Outputs that pay the busy address.
const BUSY: u32 = 100_000;
const BLOCK_TXS: u32 = 2_000;

type Failed = Box<dyn Error>;

fn main() -> Result<(), Failed> {
    let wanted = std::env::args().skip(1).find_map(|a| a.parse::<u32>().ok()).unwrap_or(200_000);
    let folder = tempfile::tempdir()?;
    let (world, store) = (folder.path().join("world"), folder.path().join("store"));
    athar_simulate::simulate(&athar_simulate::Settings::economy(1, wanted, &world), &mut |_| ())?;
    let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings: vec![Clustering::default()] };
    ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true)?;
    import_labels(&store, &[world.join("analyst/labels.csv")], Day(20_000), None)?;
    let engine = Engine::open(&store, &Options::default())?;
    let truth = std::fs::read_to_string(world.join("truth/entities.csv"))?;
    let rows: Vec<&str> = truth.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let all: Vec<String> = rows.iter().step_by((rows.len() / SUBJECTS).max(1)).map(|row| (*row).to_owned()).collect();
    println!("a world of {wanted} transactions, {} addresses asked about", all.len());
    ask_about(&engine, &all)?;

    let busy = busy(&folder.path().join("busy"))?;
    let (busy_engine, address) = busy;
    println!("an address that {BUSY} outputs pay");
    ask_about(&busy_engine, &[address])
}

fn ask_about(engine: &Engine, subjects: &[String]) -> Result<(), Failed> {
    timed("resolve an address", subjects, |text: &String| resolve(engine, text))?;
    timed("resolve a name", &["tidewater exchange".to_owned(), "nobody of that name".to_owned()], |text: &String| {
        resolve(engine, text)
    })?;
    for of in [Of::Address, Of::Entity] {
        let ask = |text: &String| DealingsAsk { address: text.clone(), of, from: None, to: None };
        timed(&format!("counterparties of the {}", of.name()), subjects, |text| {
            Ok(engine.dealt_with(&ask(text), Sides::Both, 0, 100)?.map_or(0, |view| view.parties.len()))
        })?;
        timed(&format!("activity of the {}", of.name()), subjects, |text| {
            Ok(engine.activity(&ask(text), ActivityBy::Day)?.map_or(0, |view| view.periods.len()))
        })?;
    }
    let graphs: Vec<Vec<String>> = subjects.chunks(NODES).map(<[String]>::to_vec).collect();
    for of in [Of::Address, Of::Entity] {
        timed(&format!("links of {NODES} nodes, {}", of.name()), &graphs, |nodes| {
            Ok(engine.links(nodes, of)?.links.len())
        })?;
    }
    Ok(())
}

fn resolve(engine: &Engine, text: &str) -> Result<usize, EngineError> {
    let mut engine_of = |_: Chain| -> Result<Option<Arc<Engine>>, EngineError> { Ok(None) };
    let mut from = ResolveFrom { held: &[], engine_of: &mut engine_of, names: None, campaigns: None };
    Ok(engine.resolve(text, &mut from)?.matches.len())
}

fn timed<T>(what: &str, questions: &[T], ask: impl Fn(&T) -> Result<usize, EngineError>) -> Result<(), Failed> {
    // a few questions are asked several times
    let rounds = 25_usize.div_ceil(questions.len().max(1));
    let (mut times, mut rows) = (Vec::new(), 0);
    for question in std::iter::repeat_n(questions, rounds).flatten() {
        let begun = Instant::now();
        rows += ask(question)?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("{what:<34} p50 {:>9.3} ms   p99 {:>9.3} ms   max {:>9.3} ms   {rows} rows", at(0.5), at(0.99), at(1.0));
    Ok(())
}

/// Each transaction spends the change of the one before, every third one also what the one before paid the busy address.
fn busy(folder: &Path) -> Result<(Engine, String), Failed> {
    build(folder, BUSY.div_ceil(BLOCK_TXS), |height, parent| {
        let mut block = block_on(parent, 1_500_000_000 + height * 86_400);
        let first = height * BLOCK_TXS;
        for number in first..first + BLOCK_TXS {
            let coinbase = number == first;
            let before = block.inputs.len();
            if !coinbase {
                block.inputs.push(InRow { prev_txid: txid(number - 1), prev_vout: 0 });
                if number % 3 == 0 && number > first + 1 {
                    block.inputs.push(InRow { prev_txid: txid(number - 2), prev_vout: 1 });
                }
            }
            let mut own = [0; 20];
            own[..4].copy_from_slice(&(number % 50_000).to_le_bytes());
            pay(&mut block, own, 1_000_000);
            pay(&mut block, [7; 20], 1_000);
            let flags = TxFlags(if coinbase { TxFlags::COINBASE } else { 0 });
            let inputs = (block.inputs.len() - before) as u32;
            let row = TxRow { txid: txid(number), version: 2, weight: 600, flags, inputs, outputs: 2, locktime: 0 };
            block.txs.push(row);
        }
        block
    })?;
    let key = AddressKey::new(AddressKind::P2pkh, &[7; 20]).ok_or("no key")?;
    Ok((Engine::open(folder, &Options::default())?, key.to_text(Network::Regtest)))
}
