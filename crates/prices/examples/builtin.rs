//! Writes the built-in price tables from the files that they are taken from (see `data/README.md`), or with `--check`
//! says whether they are the same: `cargo run -p athar-prices --example builtin -- FOLDER [--check]`.
//!
//! FOLDER holds `btc_usd_daily.csv` and `eth_usd_daily.csv`. The files are read by the importer that users have.

use athar_prices::{Builtin, ImportOptions, Journal, Prices};
use athar_types::{Asset, Day};
use std::{error::Error, fs, path::Path};

/// File, asset, the source's name, and the table.
const TABLES: [(&str, Asset, &str, &str); 2] = [
    ("btc_usd_daily.csv", Asset::Btc, "bitcoinresearchkit/brk (daily close)", "btc.txt"),
    ("eth_usd_daily.csv", Asset::Eth, "studiofarzulla/sentiment-without-structure (CoinGecko, 00:00 UTC)", "eth.txt"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (folder, check) = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [folder] => (folder.to_string(), false),
        [folder, "--check"] | ["--check", folder] => (folder.to_string(), true),
        _ => return Err("usage: builtin FOLDER [--check]".into()),
    };
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for (file, asset, source, table) in TABLES {
        // the last day there is: no row of a public file is of the future
        let options = ImportOptions { asset: Some(asset), source: Some(source.into()), today: Day(40_000) };
        let (journal, reports) = Journal::default().import(&[Path::new(&folder).join(file)], &options)?;
        println!("{}", reports[0]);
        let prices = Prices::of(journal, false);
        let coverage = prices.coverage();
        let span = coverage.first().ok_or("no prices")?;
        let prices = (span.from.0..=span.to.0).map(|day| prices.price(asset, Day(day))).collect();
        let text = Builtin { asset, source: source.into(), from: span.from, prices }.to_text();
        let path = data.join(table);
        if check {
            let same = fs::read_to_string(&path).is_ok_and(|stored| stored == text);
            println!("  {} {}", path.display(), if same { "is the same" } else { "DIFFERS" });
            if !same {
                return Err(format!("{} is not what {file} gives", path.display()).into());
            }
        } else {
            fs::write(&path, &text)?;
            println!("  {} written, {} bytes", path.display(), text.len());
        }
    }
    Ok(())
}
