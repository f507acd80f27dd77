//! Dollars in the answers: where they come from, which coins have any, and what a sum says that lacks some.
use athar_engine::read::{ScreenOptions, TraceOptions};
use athar_engine::write::{import_labels, import_prices};
use athar_engine::{Asset, BuiltinUse, Day, Engine, EngineError, Network, Options, PricesOptions, Usd};
use athar_entities::{Forest, Settings};
use athar_ledger::{Disk, SegmentBuilder, Store, StoreLock, fixture};
use athar_types::{Chain, Hash32};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const BTC: u64 = 100_000_000;
const TODAY: Day = Day(20_000);
/// Bitcoin's close in the built-in history, as its source has it.
const FIRST_DAY_CENTS: u64 = 717_565;
const SECOND_DAY_CENTS: u64 = 694_569;

/// A store whose chain pays alice two coins on 2020-01-01 and three on 2020-01-02, all five from a shop; then alice pays
/// them to an exchange on 2020-01-02.
struct Shop {
    folder: TempDir,
    alice: String,
    exchange: String,
}

impl Shop {
    fn on(network: Network) -> Self {
        let mut text = String::new();
        for height in 0..160 {
            let _ = writeln!(text, "block\ncoinbase m{height} -> shop {}", 10 * BTC);
            match height {
                10 => writeln!(text, "tx first: m0:0 -> alice {} shop {}", 2 * BTC, 8 * BTC).unwrap(),
                150 => writeln!(text, "tx second: m1:0 -> alice {} shop {}", 3 * BTC, 7 * BTC).unwrap(),
                155 => writeln!(text, "tx out: first:0 second:0 -> exchange {}", 5 * BTC).unwrap(),
                _ => {}
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let lock = StoreLock::take(&path).unwrap();
        let mut store = Store::open_for_writing(&path, &lock, Disk::default()).unwrap();
        store.set_network(Chain::Bitcoin, network).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        let mut builder = SegmentBuilder::new(ledger.end(), Hash32::ZERO);
        for block in &fixture::blocks(&text) {
            builder.push(block).unwrap();
        }
        let chain = store.chain_folder(Chain::Bitcoin);
        let segment = builder.finish(&ledger, store.disk(), &chain).unwrap();
        store.append(Chain::Bitcoin, segment).unwrap();
        let ledger = store.ledger(Chain::Bitcoin).unwrap().unwrap();
        let settings = Settings::default();
        Forest::build(&path, store.disk(), &ledger, &settings, u64::MAX, &mut |_| ()).unwrap();
        let [alice, exchange] = ["alice", "exchange"].map(|name| ledger.address_text(fixture::address(&ledger, name)));
        drop((store, lock));
        let shop = Self { folder, alice, exchange };
        let labels = format!("address,label,category,source\n{},The Exchange,exchange,test\n", shop.exchange);
        let labels = import_labels(&shop.store(), &[shop.file("labels.csv", &labels)], TODAY, None).unwrap();
        assert!(labels.refused.is_empty() && labels.reports[0].accepted == 1);
        shop
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, rows: &str) {
        let file = self.file("prices.csv", &format!("day,asset,usd,source\n{rows}"));
        import_prices(&self.store(), &[file], &options()).unwrap();
    }

    fn open(&self, no_builtin_prices: bool) -> Engine {
        Engine::open(&self.store(), &Options { no_builtin_prices, ..Options::default() }).unwrap()
    }
}

fn options() -> PricesOptions {
    PricesOptions { today: TODAY, ..PricesOptions::default() }
}

/// Dollars and satoshi without a price: of the address, of the trace's source, and of what was sent to the exchange.
fn figures(shop: &Shop, engine: &Engine) -> [(Option<u64>, u64); 3] {
    let cents = |usd: Option<Usd>| usd.map(|u| u.0);
    let address = engine.address(&shop.alice, 0, None).unwrap().unwrap();
    let trace = engine.trace(&shop.alice, &TraceOptions::default()).unwrap().unwrap();
    let screen = engine.screen(&shop.alice, &ScreenOptions::default()).unwrap();
    let sent = screen.statements.iter().find(|s| s.label == "The Exchange").unwrap();
    assert_eq!((address.received_sat, trace.source_sat, sent.amount_sat), (5 * BTC, 5 * BTC, Some(5 * BTC)));
    [
        (cents(address.received_usd), address.received_unpriced_sat),
        (cents(trace.source_usd), trace.source_unpriced_sat),
        (cents(sent.usd), sent.unpriced_sat.unwrap()),
    ]
}

#[test]
fn coins_of_mainnet_have_the_built_in_prices_and_say_where_they_are_from() {
    let shop = Shop::on(Network::Mainnet);
    let engine = shop.open(false);
    let received = Some(2 * FIRST_DAY_CENTS + 3 * SECOND_DAY_CENTS);
    // paid at the prices of two days, sent at the price of the second
    assert_eq!(figures(&shop, &engine), [(received, 0), (received, 0), (Some(5 * SECOND_DAY_CENTS), 0)]);
    let price = engine.block("10").unwrap().unwrap().price.unwrap();
    assert_eq!((price.usd.to_string().as_str(), price.day.to_string().as_str()), ("7175.65", "2020-01-01"));
    assert!(price.builtin && price.sources[0].contains("brk"), "{:?}", price.sources);
    let status = engine.status().unwrap().prices;
    assert_eq!((status.asset, status.days, status.builtin), ("BTC", 5695, BuiltinUse::Used));
    // switched off, the same amounts have no price, and the snapshot is another
    let off = shop.open(true);
    assert_eq!(figures(&shop, &off), [(None, 5 * BTC); 3]);
    assert_eq!((off.status().unwrap().prices.days, off.basis().prices.as_str()), (0, "none"));
    assert_ne!(off.basis(), engine.basis());
}

#[test]
fn coins_of_a_test_network_have_no_price_but_an_imported_one() {
    for network in [Network::Regtest, Network::Testnet3, Network::Testnet4, Network::Signet] {
        let shop = Shop::on(network);
        let engine = shop.open(false);
        assert_eq!(figures(&shop, &engine), [(None, 5 * BTC); 3], "{network}");
        let status = engine.prices_status();
        assert_eq!((status.builtin, status.assets.len()), (BuiltinUse::NoMarket, 0));
        assert_eq!(engine.price_day("2020-01-01".parse().unwrap(), None).price, None);
        shop.import("2020-01-01,BTC,10,desk\n2020-01-02,BTC,20,desk\n");
        let engine = shop.open(false);
        assert_eq!(figures(&shop, &engine), [(Some(8_000), 0), (Some(8_000), 0), (Some(10_000), 0)], "{network}");
    }
}

#[test]
fn a_sum_of_which_a_part_has_no_price_says_how_much() {
    let shop = Shop::on(Network::Regtest);
    shop.import("2020-01-01,BTC,10,desk\n2020-01-02,BTC,0,desk\n");
    let engine = shop.open(false);
    assert_eq!(figures(&shop, &engine), [(Some(2_000), 3 * BTC), (Some(2_000), 3 * BTC), (None, 5 * BTC)]);
    let out = engine.trace(&shop.alice, &TraceOptions::default()).unwrap().unwrap();
    assert_eq!((out.stopped.len(), out.stopped[0].usd), (1, None));
    let address = serde_json::to_value(engine.address(&shop.alice, 0, None).unwrap()).unwrap();
    assert_eq!(address["received_usd"].to_string(), "20.0");
    assert_eq!(
        (&address["outputs"][0]["usd"].to_string(), &address["outputs"][1]["usd"]),
        (&"20.0".into(), &serde_json::Value::Null)
    );
}

#[test]
fn a_day_shows_its_price_its_sources_and_what_held_before() {
    let shop = Shop::on(Network::Mainnet);
    shop.import("2020-01-01,BTC,7200,desk\n2020-01-01,TRX,0.0131,desk\n");
    shop.import("2020-01-01,BTC,7200.17,exchange\n");
    let engine = shop.open(false);
    let day: Day = "2020-01-01".parse().unwrap();
    let view = engine.price_day(day, None);
    let price = view.price.unwrap();
    assert_eq!(
        (price.usd.to_string().as_str(), price.sources, price.builtin),
        ("7200.17", vec!["exchange".into()], false)
    );
    assert_eq!(view.builtin_usd.unwrap().to_string(), "7175.65");
    let history: Vec<_> = view.history.iter().map(|r| (r.import, r.usd.to_string(), r.source.as_str())).collect();
    assert_eq!(history, [(1, "7200.00".into(), "desk"), (2, "7200.17".into(), "exchange")]);
    assert_eq!((view.history[1].file.as_str(), view.history[1].imported), ("prices.csv", Some(TODAY)));
    assert_eq!(engine.price_day(day, Some(Asset::Trx)).price.unwrap().usd.to_string(), "0.0131");
    assert_eq!(engine.price_day(day, Some(Asset::Zec)).price, None);
    let list = engine.prices(None, Some(day), Some(Day(day.0 + 9)), 1, 3);
    assert_eq!((list.total, list.prices.len(), list.offset, list.truncated), (10, 3, 1, true));
    assert_eq!((list.prices[0].day.0, list.prices[0].builtin), (day.0 + 1, true));
    let status = engine.prices_status();
    let assets: Vec<_> = status.assets.iter().map(|a| (a.asset, a.days, a.missing, a.sources.len())).collect();
    assert_eq!(assets, [("BTC", 5695, 0, 2), ("ETH", 3685, 1, 1), ("TRX", 1, 0, 1)]);
    assert_eq!(status.assets[1].gaps[0].from.to_string(), "2015-08-09");
    assert_eq!(status.imports.len(), 2);
}

#[test]
fn the_same_table_gives_the_same_snapshot_and_a_history_of_its_own_another_day_view() {
    let (a, b) = (Shop::on(Network::Mainnet), Shop::on(Network::Mainnet));
    a.import("2020-01-01,BTC,7200,desk\n");
    a.import("2020-01-02,BTC,7000,desk\n2020-01-01,BTC,7100,desk\n");
    b.import("2020-01-01,BTC,7100,desk\n2020-01-02,BTC,7000,desk\n");
    let (a, b) = (a.open(false), b.open(false));
    assert_eq!(a.basis(), b.basis());
    let day: Day = "2020-01-01".parse().unwrap();
    let json = |engine: &Engine| serde_json::to_string(&engine.prices(None, Some(day), None, 0, 5)).unwrap();
    assert_eq!(json(&a), json(&b));
    // what was imported before is shown here, so the snapshots differ as the answers do
    assert_ne!(a.price_day(day, None).snapshot, b.price_day(day, None).snapshot);
}

#[test]
fn a_bad_price_file_changes_nothing_and_leaves_no_store_behind() {
    let shop = Shop::on(Network::Mainnet);
    shop.import("2020-01-01,BTC,7200,desk\n");
    let before = std::fs::read(shop.store().join("prices.csv")).unwrap();
    let good = shop.file("good.csv", "day,asset,usd,source\n2020-01-02,BTC,1,x\n");
    let bad = shop.file("bad.csv", "day,asset,usd,source\n2020-01-02,BTC,1,x\n2020-01-03,BTC,one,x\n");
    let refused = |store: &Path| match import_prices(store, &[good.clone(), bad.clone()], &options()) {
        Err(EngineError::Prices(error)) => assert!(error.to_string().contains("bad.csv line 3"), "{error}"),
        other => panic!("{other:?}"),
    };
    refused(&shop.store());
    assert_eq!(std::fs::read(shop.store().join("prices.csv")).unwrap(), before);
    let new = shop.folder.path().join("new");
    refused(&new);
    assert!(!new.exists());
    assert!(shop.open(false).verify().is_ok());
    // a damaged table is found when the store is opened
    let cut = &before[..before.len() - 4];
    std::fs::write(shop.store().join("prices.csv"), cut).unwrap();
    let error = Engine::open(&shop.store(), &Options::default()).unwrap_err().to_string();
    assert!(error.contains("prices.csv") && error.contains("checksum"), "{error}");
}
