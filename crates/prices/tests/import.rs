//! Price files as people have them, good and bad, into a journal.
use athar_prices::{FILE, ImportOptions, ImportReport, Journal, Prices, PricesError};
use athar_types::{Asset, Day};
use proptest::prelude::*;
use std::{fs, path::PathBuf};
use tempfile::TempDir;

const OWN: &str = "day,asset,usd,source\n";

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Imports texts one after the other, each in its own call.
    fn journal(&self, texts: &[&str]) -> Journal {
        texts.iter().fold(Journal::default(), |journal, text| {
            let file = self.file("in.csv", text);
            journal.import(&[file], &options()).unwrap().0
        })
    }
}

fn options() -> ImportOptions {
    ImportOptions { asset: None, source: None, today: day("2026-11-25") }
}

fn named(asset: Asset, source: &str) -> ImportOptions {
    ImportOptions { asset: Some(asset), source: Some(source.into()), ..options() }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn price(prices: &Prices, asset: Asset, of: &str) -> Option<String> {
    prices.price(asset, day(of)).map(|p| p.to_string())
}

fn one(desk: &Desk, text: &str, options: &ImportOptions) -> (Journal, ImportReport) {
    let (journal, mut reports) = Journal::default().import(&[desk.file("in.csv", text)], options).unwrap();
    (journal, reports.remove(0))
}

#[test]
fn every_layout_gives_its_price_and_its_source() {
    let desk = Desk::new();
    let own = format!("{OWN}2020-01-01,BTC,7200.17,desk\n2020-01-01,doge,0.00203,\"a, \"\"b\"\"\"\n");
    let (journal, report) = one(&desk, &own, &options());
    assert_eq!((report.layout, report.days, report.assets), ("day,asset,usd,source", 2, vec!["BTC", "DOGE"]));
    let prices = Prices::of(journal, false);
    assert_eq!(price(&prices, Asset::Btc, "2020-01-01").as_deref(), Some("7200.17"));
    let quote = prices.quote(Asset::Doge, day("2020-01-01")).unwrap();
    assert_eq!((quote.price.to_string().as_str(), quote.sources), ("0.00203", vec!["a, \"b\""]));

    let bars = "date,open,high,low,close\r\n2020-01-01,1,4,0.5,3\r\n";
    let prices = Prices::of(one(&desk, bars, &named(Asset::Ltc, "vendor")).0, false);
    assert_eq!(price(&prices, Asset::Ltc, "2020-01-01").as_deref(), Some("3.00"));
    assert_eq!(prices.quote(Asset::Ltc, day("2020-01-01")).unwrap().sources, ["vendor"]);

    let snapshots = "\u{feff}snapped_at,price,market_cap,total_volume\n2020-01-01 00:05:11 UTC,8.4e-06,0.0,1\n";
    let (journal, report) = one(&desk, snapshots, &named(Asset::Trx, "x"));
    assert_eq!(price(&Prices::of(journal, false), Asset::Trx, "2020-01-01").as_deref(), Some("0.0000084"));
    assert_eq!((report.rounded, report.blake3.len()), (0, 64));
}

#[test]
fn a_day_of_zero_has_no_price_and_is_reported() {
    let desk = Desk::new();
    let text = "date,open,high,low,close\n2010-07-10,0.0,0.0,0.0,0.0\n2010-07-11,0.0,0.01,0.0,0.00\n\
                2010-07-12,0.0,0.01,0.0,0.01\n2010-07-15,0.02,0.07,0.02,0.4\n2010-07-16,0.02,0.07,0.02,0.039\n";
    let (journal, report) = one(&desk, text, &named(Asset::Btc, "x"));
    assert_eq!((report.rows, report.days, report.no_price), (5, 3, 2));
    assert_eq!(report.no_price_days, [day("2010-07-10"), day("2010-07-11")]);
    assert_eq!(
        (report.missing, report.missing_days.as_slice()),
        (2, [day("2010-07-13"), day("2010-07-14")].as_slice())
    );
    assert_eq!((report.from, report.to), (Some(day("2010-07-12")), Some(day("2010-07-16"))));
    assert_eq!((report.jumps, report.jump_days.as_slice()), (1, [day("2010-07-16")].as_slice()));
    let words = report.to_string();
    for part in ["2 without a price: zero in the file (2010-07-10, 2010-07-11)", "2 missing", "1 more than tenfold"] {
        assert!(words.contains(part), "{words}");
    }
    let prices = Prices::of(journal, false);
    assert_eq!(price(&prices, Asset::Btc, "2010-07-11"), None);
    assert_eq!(prices.cents(Asset::Btc, 100_000_000, 8, day("2010-07-12")), Some(1));
    assert_eq!(prices.cents(Asset::Btc, 100_000_000, 8, day("2010-07-13")), None);
}

#[test]
fn a_bad_file_is_refused_with_its_line_and_nothing_is_imported() {
    let desk = Desk::new();
    let good = desk.file("good.csv", format!("{OWN}2020-01-01,BTC,1,x\n"));
    let bars = named(Asset::Btc, "x");
    let own = options();
    let long = format!("{OWN}2020-01-01,BTC,1,{}\n", "x".repeat(201));
    let cases: [(&[u8], &ImportOptions, u64, &str); 27] = [
        (b"", &own, 1, "no columns of a price table"),
        (b"date,usd\n", &own, 1, "hint: day,asset,usd,source or date,open,high,low,close"),
        (b"day,asset,usd,source\n", &own, 1, "a header and no prices"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1,x\n2020-01-32,BTC,1,x\n", &own, 3, "`2020-01-32` is no day"),
        (b"day,asset,usd,source\n01/02/2020,BTC,1,x\n", &own, 2, "no day of the form YYYY-MM-DD"),
        (b"day,asset,usd,source\n2009-01-02,BTC,1,x\n", &own, 2, "before the first block"),
        (b"day,asset,usd,source\n2062-01-02,BTC,1,x\n", &own, 2, "in the future: this machine's clock says 2026-11-25"),
        (
            b"day,asset,usd,source\n2020-01-01,EUR,1,x\n",
            &own,
            2,
            "asset `EUR`: no asset that prices are kept of\nhint: one of BTC",
        ),
        (b"day,asset,usd,source\n2020-01-01,BTC,-1,x\n", &own, 2, "`-1`: a price below zero"),
        (b"day,asset,usd,source\n2020-01-01,BTC,,x\n", &own, 2, "``: no price"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1 000,x\n", &own, 2, "`1 000`: no price"),
        (b"day,asset,usd,source\n2020-01-01,BTC,NaN,x\n", &own, 2, "`NaN`: no price"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1e12,x\n", &own, 2, "more than the 1000000000 dollars"),
        (
            b"day,asset,usd,source\n2020-01-01,BTC,1,x\n2020-01-01,XBT,2,x\n",
            &own,
            3,
            "another price of BTC on 2020-01-01 than in line 2",
        ),
        (b"day,asset,usd,source\n2020-01-01,BTC,0,x\n2020-01-01,BTC,2,x\n", &own, 3, "than in line 2"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1,x\n2020-01-01,BTC,1,y\n", &own, 3, "than in line 2"),
        (b"day,asset,usd,source\n2020-01-01,BTC\n", &own, 2, "2 columns where the header has 4"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1,\xff\n", &own, 2, "not UTF-8 at byte 38"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1, \n", &own, 2, "a source has a name"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1,\"a\x1b[2J\"\n", &own, 2, "without control characters"),
        (long.as_bytes(), &own, 2, "1 to 200 bytes"),
        (b"day,asset,usd,source\n2020-01-01,BTC,1,x\n", &bars, 1, "name the source of every row: no --source here"),
        // cut off: in a row, and inside a price, where every column is there
        (b"date,open,high,low,close\n2020-01-01,1,1,1,1\n2020-01-02,1,1", &bars, 3, "3 columns where the header has 5"),
        (b"date,open,high,low,close\n2020-01-01,1,1,1,70\n2020-01-02,1,1,1,6560", &bars, 3, "may be cut off"),
        (b"date,open,high,low,close\n2020-01-01,1,1,1,1\n", &own, 1, "hint: --asset BTC says which it is"),
        (b"snapped_at,price\n2020-01-01 25:00:00 UTC,1\n", &bars, 2, "no UTC time of the form"),
        (b"date,close,CLOSE\n2020-01-01,1,1\n", &bars, 1, "close stands there twice"),
    ];
    for (text, options, line, words) in cases {
        let bad = desk.file("bad.csv", text);
        // the good file before it is not imported either
        let files = if options.source.is_none() { vec![good.clone(), bad.clone()] } else { vec![bad.clone()] };
        match Journal::default().import(&files, options) {
            Err(PricesError::Input { path, line: found, what }) => {
                assert_eq!((path, found), (bad, line), "{what}");
                assert!(what.contains(words), "`{what}` lacks `{words}`");
            }
            other => panic!("{}: {other:?}", String::from_utf8_lossy(text)),
        }
    }
    let no_source = ImportOptions { asset: Some(Asset::Btc), ..options() };
    let bars = desk.file("bars.csv", "date,close\n2020-01-01,1\n");
    let error = Journal::default().import(&[bars], &no_source).unwrap_err().to_string();
    assert!(error.contains("bars.csv line 1") && error.contains("hint: --source NAME"), "{error}");
    let other = ImportOptions { asset: Some(Asset::Ltc), ..options() };
    let error = Journal::default().import(&[good], &other).unwrap_err().to_string();
    assert!(error.contains("good.csv line 2: asset BTC, where --asset says LTC"), "{error}");
    let error = Journal::default().import(&[desk.folder.path().join("none.csv")], &options()).unwrap_err().to_string();
    assert!(error.contains("none.csv"), "{error}");
}

#[test]
fn a_later_price_takes_the_place_of_an_earlier_one_which_stays_to_be_seen() {
    let desk = Desk::new();
    let first = format!("{OWN}2020-01-01,BTC,7200.17,a\n2020-01-02,BTC,6985.47,a\n2020-01-02,BTC,6985.47,a\n");
    let second = format!("{OWN}2020-01-01,BTC,7200.17,b\n2020-01-02,BTC,7000,b\n2020-01-03,BTC,7344.88,b\n");
    let journal = desk.journal(&[&first]);
    let (journal, reports) = journal.import(&[desk.file("second.csv", &second)], &options()).unwrap();
    let report = &reports[0];
    assert_eq!((report.new_days, report.unchanged, report.confirmed, report.replaced), (1, 0, 1, 1));
    assert_eq!(report.replaced_days, [day("2020-01-02")]);
    let prices = Prices::of(journal.clone(), false);
    assert_eq!(prices.quote(Asset::Btc, day("2020-01-01")).unwrap().sources, ["a", "b"]);
    let quote = prices.quote(Asset::Btc, day("2020-01-02")).unwrap();
    assert_eq!((quote.price.to_string().as_str(), quote.sources), ("7000.00", vec!["b"]));
    let history: Vec<(u32, String)> =
        journal.history(Asset::Btc, day("2020-01-02")).map(|r| (r.import, r.price.to_string())).collect();
    assert_eq!(history, [(1, "6985.47".into()), (2, "7000.00".into())]);
    assert_eq!(journal.imports()[1].file, "second.csv");

    // the same file again: nothing to add, nothing added
    let (again, reports) = journal.import(&[desk.file("second.csv", &second)], &options()).unwrap();
    assert_eq!((reports[0].unchanged, reports[0].new_days + reports[0].replaced), (3, 0));
    assert_eq!(again, journal);
    // the first again: its price holds again, and that is said
    let (back, reports) = journal.import(&[desk.file("first.csv", &first)], &options()).unwrap();
    assert_eq!((reports[0].replaced, reports[0].unchanged, reports[0].repeated), (1, 1, 1));
    assert_eq!(price(&Prices::of(back, false), Asset::Btc, "2020-01-02").as_deref(), Some("6985.47"));
}

#[test]
fn the_same_prices_have_the_same_version_in_whatever_order_and_files_they_came() {
    let desk = Desk::new();
    let rows = [
        "2020-01-01,BTC,7200.17,a\n",
        "2020-01-02,BTC,6985.47,a\n",
        "2020-01-01,ETH,130.8,b\n",
        "2020-01-01,BTC,7200.170,c\n",
    ];
    let text = |order: &[usize]| format!("{OWN}{}", order.iter().map(|i| rows[*i]).collect::<String>());
    let version = |texts: &[String]| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Prices::of(desk.journal(&texts), false).version()
    };
    let once = version(&[text(&[0, 1, 2]), text(&[3])]);
    assert_eq!(once.len(), 64);
    assert_eq!(version(&[text(&[3]), text(&[2]), text(&[1]), text(&[0])]), once);
    assert_eq!(version(&[text(&[2, 1]), text(&[0]), text(&[3]), text(&[0])]), once);
    // another price, another source, another day: each another version
    assert_ne!(version(&[text(&[0, 1, 2])]), once);
    assert_ne!(version(&[text(&[0, 1, 2]), text(&[3]), format!("{OWN}2020-01-02,BTC,6985.48,a\n")]), once);
    assert_eq!(Prices::of(Journal::default(), false).version(), "none");
}

#[test]
fn an_imported_price_holds_before_the_built_in_one_and_both_can_be_told_apart() {
    let desk = Desk::new();
    let journal = desk.journal(&[&format!("{OWN}2020-01-01,BTC,1.5,mine\n2009-06-01,BTC,0.001,mine\n")]);
    let (alone, laid) = (Prices::of(journal.clone(), false), Prices::of(journal, true));
    let of = |prices: &Prices, text| prices.quote(Asset::Btc, day(text)).map(|q| (q.price.to_string(), q.is_builtin));
    assert_eq!(of(&laid, "2020-01-01"), Some(("1.50".into(), false)));
    assert_eq!(of(&laid, "2009-06-01"), Some(("0.001".into(), false)));
    assert!(of(&laid, "2020-01-02").is_some_and(|(_, builtin)| builtin));
    assert_eq!((of(&alone, "2020-01-01"), of(&alone, "2020-01-02")), (Some(("1.50".into(), false)), None));
    let builtin = Prices::of(Journal::default(), true);
    let versions = [alone.version(), laid.version(), builtin.version()];
    assert!(versions[0] != versions[1] && versions[1] != versions[2] && versions[0] != versions[2]);
    let coverage = &laid.coverage()[0];
    assert_eq!((coverage.asset, coverage.days, coverage.from), (Asset::Btc, 5696, day("2009-06-01")));
    assert_eq!(coverage.gaps, [(day("2009-06-02"), day("2010-07-11"))]);
    let sources: Vec<(bool, u64)> = coverage.sources.iter().map(|s| (s.is_builtin, s.days)).collect();
    assert_eq!(sources, [(true, 5694), (false, 2)]);
}

#[test]
fn a_journal_reads_back_and_damage_to_it_is_not_believed() {
    let desk = Desk::new();
    let journal = desk.journal(&[
        &format!("{OWN}2020-01-01,BTC,7200.17,\"a, \"\"b\"\" # c\"\n2020-01-01,ETH,0.6875857091,شركة\n"),
        &format!("{OWN}2020-01-01,BTC,7000,=x\n"),
    ]);
    let text = journal.to_text();
    let store = desk.folder.path();
    fs::write(store.join(FILE), &text).unwrap();
    assert_eq!(Journal::open(store).unwrap(), journal);
    assert_eq!(Journal::open(&store.join("none")).unwrap(), Journal::default());
    for bad in
        [&text[..text.len() - 3], &text.replace("7200.17", "7200.18"), &format!("{text}\n"), "# athar prices 2\n"]
    {
        fs::write(store.join(FILE), bad).unwrap();
        let error = Journal::open(store).unwrap_err();
        assert!(matches!(error, PricesError::Damaged(_)), "{error}");
        assert!(error.to_string().contains(FILE) && error.to_string().contains("checksum"));
    }
    fs::write(store.join(FILE), text.replace("prices 2", "prices 3")).unwrap();
    let error = Journal::open(store).unwrap_err().to_string();
    assert!(error.contains("version 3") && error.contains(FILE), "{error}");
}

#[test]
fn the_price_table_of_an_older_store_still_opens_and_goes_on() {
    let desk = Desk::new();
    let store = desk.folder.path();
    // as the version before wrote it: cents, quoted sources, zeros taken for prices
    let old = "day,asset,usd,source\n2020-01-01,BTC,7200.17,\"test \"\"a\"\"\"\n2020-01-02,BTC,0.00,\"b\"\n";
    fs::write(store.join(FILE), old).unwrap();
    let journal = Journal::open(store).unwrap();
    let prices = Prices::of(journal.clone(), false);
    assert_eq!(price(&prices, Asset::Btc, "2020-01-01").as_deref(), Some("7200.17"));
    assert_eq!(price(&prices, Asset::Btc, "2020-01-02"), None);
    assert_eq!(prices.quote(Asset::Btc, day("2020-01-01")).unwrap().sources, ["test \"a\""]);
    assert_eq!((journal.imports()[0].imported, journal.imports()[0].layout.as_deref()), (None, None));
    let new = desk.file("new.csv", format!("{OWN}2020-01-01,BTC,7200.17,c\n"));
    let (next, reports) = journal.import(&[new], &options()).unwrap();
    assert_eq!(reports[0].confirmed, 1);
    fs::write(store.join(FILE), next.to_text()).unwrap();
    assert_eq!(Journal::open(store).unwrap().imports().len(), 2);
    fs::write(store.join(FILE), "who,what\n").unwrap();
    assert!(Journal::open(store).unwrap_err().to_string().contains("line 1"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_file_breaks_the_importer_and_what_it_takes_reads_back(
        header in prop_oneof![Just("day,asset,usd,source\n"), Just("date,open,close\n"), Just("snapped_at,price\n"), Just("")],
        rows in "([0-9]{4}-0[1-9]-[0-2][0-9](,(BTC|eth|[0-9.e-]{1,9}|\"|x))*\r?\n|\\PC{0,30}\n?){0,12}",
    ) {
        let desk = Desk::new();
        let file = desk.file("any.csv", format!("{header}{rows}"));
        for options in [options(), named(Asset::Btc, "x")] {
            let Ok((journal, reports)) = Journal::default().import(std::slice::from_ref(&file), &options) else { continue };
            let report = &reports[0];
            prop_assert_eq!(report.rows, report.days + report.repeated + report.no_price);
            prop_assert_eq!(report.days, report.new_days);
            fs::write(desk.folder.path().join(FILE), journal.to_text()).unwrap();
            prop_assert_eq!(Journal::open(desk.folder.path()).unwrap(), journal);
        }
    }
}
