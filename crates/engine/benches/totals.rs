//! How long totals take over a whole simulated chain: `cargo bench -p athar-engine --bench totals`. `ATHAR_BENCH_TXS` is the size
//! of the world (1,000,000 transactions), `ATHAR_BENCH_STORE` a store of Bitcoin blocks to use instead.
#![allow(missing_docs)] // a program

use athar_engine::read::{TotalsBy, TotalsOptions, totals};
use athar_engine::write::{IngestSettings, import_labels, import_prices, ingest_bitcoin};
use athar_engine::{Category, Clustering, Day, Engine, Options, PricesOptions};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

const DAY: Day = Day(20_000);

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo test` builds and runs benches too
    if std::env::args().any(|arg| arg == "--test") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let store = match std::env::var_os("ATHAR_BENCH_STORE") {
        Some(store) => PathBuf::from(store),
        None => {
            let txs = std::env::var("ATHAR_BENCH_TXS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
            let (world, store) = (folder.path().join("world"), folder.path().join("store"));
            let begun = Instant::now();
            athar_simulate::simulate(&athar_simulate::Settings::economy(5, txs, &world), &mut |_| ())?;
            println!("world of {txs} transactions in {:.1} s", begun.elapsed().as_secs_f64());
            let clusterings = vec![Clustering::default()];
            let settings = IngestSettings { network: None, memory_bytes: 1 << 30, clusterings };
            let begun = Instant::now();
            ingest_bitcoin(&store, &world.join("blocks"), settings, &mut |_| true)?;
            import_labels(&store, &[world.join("analyst/labels.csv")], DAY, None)?;
            let prices = [world.join("analyst/prices.csv")];
            import_prices(&store, &prices, &PricesOptions { today: DAY, ..PricesOptions::default() })?;
            println!("ingested in {:.1} s", begun.elapsed().as_secs_f64());
            store
        }
    };
    let engine = Engine::open(&store, &Options::default())?;
    println!(
        "{:<28} {:>10} {:>10} {:>10} {:>12} {:>9}",
        "", "addresses", "extended", "labels", "transactions", "seconds"
    );
    let charity = Category::HumanitarianOrganisation;
    for (categories, by) in [
        (vec![Category::TerroristFinancing], TotalsBy::Month),
        (vec![Category::TerroristFinancing], TotalsBy::Organisation),
        (vec![Category::TerroristFinancing, charity], TotalsBy::Month),
    ] {
        let name = format!("{} by {}", categories.len(), by.name());
        let options = TotalsOptions { categories, by };
        let begun = Instant::now();
        let view = totals(&options, &[engine.totals_part(&options)?]);
        println!(
            "{name:<28} {:>10} {:>10} {:>10} {:>12} {:>9.3}",
            view.labelled.addresses,
            view.extended.addresses,
            view.extended.labels,
            view.extended.transactions,
            begun.elapsed().as_secs_f64()
        );
    }
    // every address of the largest labelled set there is: half the labels of the world
    let begun = Instant::now();
    let options = TotalsOptions { categories: Category::ALL.to_vec(), by: TotalsBy::Month };
    let view = totals(&options, &[engine.totals_part(&options)?]);
    println!(
        "{:<28} {:>10} {:>10} {:>10} {:>12} {:>9.3}",
        "all categories by month",
        view.labelled.addresses,
        view.extended.addresses,
        view.extended.labels,
        view.extended.transactions,
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}
