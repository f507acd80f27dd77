//! The two real price files: they import whole, and the built-in history is what they say.
//!
//! The expectations are from a separate script (Python's `csv` and `datetime`), not from the importer.
use athar_prices::{ImportOptions, ImportReport, Journal, Prices, builtin};
use athar_types::{Asset, Day};
use std::path::{Path, PathBuf};

/// The folder of the shared prices, or `None` (told) where it is absent and not required.
fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("ATHAR_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from)
        .join("prices");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("ATHAR_REQUIRE_SHARED").is_none_or(|v| v != "1"),
        "the shared data is required and absent: {}",
        folder.display()
    );
    println!("skipped: no shared data at {}", folder.display());
    None
}

fn import(folder: &Path, file: &str, asset: Asset) -> (Prices, ImportReport) {
    let options = ImportOptions { asset: Some(asset), source: Some("shared".into()), today: Day(20_782) };
    let (journal, mut reports) = Journal::default().import(&[folder.join(file)], &options).unwrap();
    (Prices::of(journal, false), reports.remove(0))
}

#[test]
fn both_files_import_whole() {
    let Some(folder) = shared() else { return };
    let (btc, report) = import(&folder, "btc_usd_daily.csv", Asset::Btc);
    assert_eq!((report.layout, report.rows, report.days, report.new_days), ("date,close", 5695, 5695, 5695));
    assert_eq!((report.no_price, report.missing, report.rounded, report.repeated), (0, 0, 0, 0));
    assert_eq!(report.differs_from_builtin, 0);
    let (eth, report) = import(&folder, "eth_usd_daily.csv", Asset::Eth);
    assert_eq!((report.layout, report.rows, report.days), ("snapped_at,price", 3685, 3685));
    assert_eq!((report.no_price, report.missing, report.missing_days.len(), report.repeated), (0, 1, 1, 0));
    assert_eq!((report.missing_days[0].to_string().as_str(), report.differs_from_builtin), ("2015-08-09", 0));
    for (prices, asset, day, expected) in [
        (&btc, Asset::Btc, "2010-07-12", Some("0.01")),
        (&btc, Asset::Btc, "2026-02-09", Some("70138.00")),
        (&btc, Asset::Btc, "2026-02-13", None),
        (&eth, Asset::Eth, "2015-08-09", None),
        (&eth, Asset::Eth, "2025-09-08", Some("4304.032421076")),
    ] {
        let found = prices.price(asset, day.parse().unwrap()).map(|p| p.to_string());
        assert_eq!(found.as_deref(), expected, "{asset} {day}");
    }
}

#[test]
fn the_built_in_history_is_the_shared_files() {
    let Some(folder) = shared() else { return };
    for (file, asset) in [("btc_usd_daily.csv", Asset::Btc), ("eth_usd_daily.csv", Asset::Eth)] {
        let (prices, _) = import(&folder, file, asset);
        let table = builtin().iter().find(|b| b.asset == asset).unwrap();
        let span = &prices.coverage()[0];
        assert_eq!((span.from, span.to.0), (table.from, table.from.0 + table.prices.len() as i32 - 1));
        for (at, price) in table.prices.iter().enumerate() {
            let day = Day(table.from.0 + at as i32);
            assert_eq!(prices.price(asset, day), *price, "{asset} {day}");
        }
    }
}
