//! Daily prices: what an amount was worth on the day it moved. No price is a state of its own, never a zero.

use crate::error::EngineError;
use crate::json::Usd;
use athar_ledger::Disk;
use athar_types::{Day, Sats, UnixTime};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

/// File name inside a store.
const FILE: &str = "prices.csv";
/// No price table is larger.
const BYTES_MAX: u64 = 64 << 20;
/// An asset's daily price never was, and will not be, above this: a larger number is a broken file.
const CENTS_MAX: u64 = 1_000_000_000_000;

/// Prices of bitcoin by day, in cents, each with its source.
#[derive(Clone, Debug, Default)]
pub struct Prices {
    cents: BTreeMap<Day, (u64, u16)>,
    sources: Vec<String>,
    hash: Option<blake3::Hash>,
}

/// What a price import did.
#[derive(Clone, Debug, Serialize)]
pub struct PricesReport {
    /// The file.
    pub file: PathBuf,
    /// Days in the file.
    pub days: u64,
    /// First and last of them.
    pub from: Option<Day>,
    /// Last of them.
    pub to: Option<Day>,
    /// Days whose stored price differed and was replaced.
    pub replaced: u64,
}

impl Prices {
    /// Reads the prices of the store in `folder`; none where there are none.
    pub fn open(folder: &Path) -> Result<Self, EngineError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        Self::read(&path)
    }

    /// Value of an amount on the day of `time`; `None` where that day has no price.
    pub fn value(&self, amount: Sats, time: UnixTime) -> Option<Usd> {
        let (cents, _) = self.cents.get(&time.day())?;
        amount.at_cents_per_btc(*cents).map(Usd)
    }

    /// Number of days with a price.
    pub fn len(&self) -> usize {
        self.cents.len()
    }

    /// Whether no day has a price.
    pub fn is_empty(&self) -> bool {
        self.cents.is_empty()
    }

    /// Where the prices come from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// BLAKE3 over the table: part of every snapshot that values an amount.
    pub fn version(&self) -> String {
        self.hash.map_or_else(|| "none".into(), |h| h.to_hex().to_string())
    }

    /// Adds the prices of a CSV file (`day,asset,usd,source`, header required; rows of other assets are refused) to
    /// the store in `folder`. All or nothing.
    pub fn import(folder: &Path, file: &Path) -> Result<PricesReport, EngineError> {
        let mut stored = Self::open(folder)?;
        let new = Self::read(file)?;
        let replaced = new.cents.iter().filter(|(d, p)| stored.cents.get(d).is_some_and(|old| old.0 != p.0)).count();
        let report = PricesReport {
            file: file.into(),
            days: new.cents.len() as u64,
            from: new.cents.keys().next().copied(),
            to: new.cents.keys().last().copied(),
            replaced: replaced as u64,
        };
        for (day, (cents, source)) in &new.cents {
            let source = stored.source(&new.sources[usize::from(*source)]);
            stored.cents.insert(*day, (*cents, source));
        }
        let mut text = String::from("day,asset,usd,source\n");
        for (day, (cents, source)) in &stored.cents {
            let source = stored.sources[usize::from(*source)].replace('"', "\"\"");
            let _ = writeln!(text, "{day},BTC,{}.{:02},\"{source}\"", cents / 100, cents % 100);
        }
        Disk::default().replace(&folder.join(FILE), text.as_bytes())?;
        Ok(report)
    }

    fn source(&mut self, name: &str) -> u16 {
        if let Some(at) = self.sources.iter().position(|s| s == name) {
            return at as u16;
        }
        self.sources.push(name.into());
        (self.sources.len() - 1) as u16
    }

    fn read(path: &Path) -> Result<Self, EngineError> {
        let io_at = |source: io::Error| EngineError::Io { path: path.into(), source };
        let bad = |line: u64, what: String| EngineError::Input { path: path.into(), line, what };
        let bytes = fs::metadata(path).map_err(io_at)?.len();
        if bytes > BYTES_MAX {
            return Err(bad(1, format!("{bytes} bytes are more than the {BYTES_MAX} that a price table may have")));
        }
        let data = fs::read(path).map_err(io_at)?;
        let text = std::str::from_utf8(&data).map_err(|e| {
            let line = data[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            bad(line, format!("not UTF-8 at byte {}", e.valid_up_to()))
        })?;
        let mut prices = Self::default();
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|e| bad(1, e.to_string()))?.clone();
        if headers.iter().ne(["day", "asset", "usd", "source"]) {
            return Err(bad(1, "the columns must be day,asset,usd,source".into()));
        }
        for row in reader.records() {
            let row = row.map_err(|e| bad(e.position().map_or(0, csv::Position::line), e.to_string()))?;
            let line = row.position().map_or(0, csv::Position::line);
            if !matches!(&row[1], "BTC" | "btc" | "bitcoin") {
                return Err(bad(line, format!("asset `{}`: only BTC has a price table so far", &row[1])));
            }
            let day: Day = row[0].parse().map_err(|e: &str| bad(line, e.into()))?;
            let cents = cents(&row[2]).ok_or_else(|| bad(line, format!("`{}` is no price", &row[2])))?;
            let source = prices.source(&row[3]);
            if prices.cents.insert(day, (cents, source)).is_some_and(|old| old.0 != cents) {
                return Err(bad(line, format!("a second price for {day}")));
            }
        }
        prices.hash = Some(blake3::hash(&data));
        Ok(prices)
    }
}

/// A price in dollars as cents, rounded half up; at most twelve decimals.
fn cents(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > 12 || !digits(whole) || !digits(part) {
        return None;
    }
    let part = format!("{part:0<3}");
    let thousandths = whole.parse::<u64>().ok()? * 1000 + part[..3].parse::<u64>().ok()?;
    Some((thousandths + 5) / 10).filter(|c| *c <= CENTS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_rounded_to_cents_and_broken_ones_refused() {
        for (text, expected) in
            [("0", 0), ("1", 100), ("19783.06", 1_978_306), ("0.0049", 0), ("0.005", 1), ("7.999", 800), ("3.1", 310)]
        {
            assert_eq!(cents(text), Some(expected), "{text}");
        }
        for bad in ["", ".5", "-1", "1e5", "NaN", "1,000", "1234567890123", "99999999999.99"] {
            assert_eq!(cents(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_day_without_a_price_has_no_value() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("in.csv");
        fs::write(&file, "day,asset,usd,source\n2020-01-01,BTC,7200.17,test \"a\"\n2020-01-03,BTC,7344.88,b\n")
            .unwrap();
        let report = Prices::import(folder.path(), &file).unwrap();
        assert_eq!((report.days, report.replaced), (2, 0));
        let prices = Prices::open(folder.path()).unwrap();
        let first = UnixTime(1_577_836_800);
        assert_eq!(prices.value(Sats(Sats::BTC), first), Some(Usd(720_017)));
        assert_eq!(prices.value(Sats(Sats::BTC), UnixTime(first.0 + 86_400)), None);
        assert_eq!(prices.sources(), ["test \"a\"", "b"]);
        let version = prices.version();
        fs::write(&file, "day,asset,usd,source\n2020-01-01,BTC,7200.18,c\n").unwrap();
        assert_eq!(Prices::import(folder.path(), &file).unwrap().replaced, 1);
        assert_ne!(Prices::open(folder.path()).unwrap().version(), version);
    }

    #[test]
    fn a_broken_table_is_refused_with_its_line_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("in.csv");
        for (text, line) in [
            (&b"date,usd\n"[..], 1),
            (b"day,asset,usd,source\n2020-01-01,BTC,1,x\n2020-01-32,BTC,1,x\n", 3),
            (b"day,asset,usd,source\n2020-01-01,ETH,1,x\n", 2),
            (b"day,asset,usd,source\n2020-01-01,BTC,1,x\n2020-01-01,BTC,2,x\n", 3),
            (b"day,asset,usd,source\n2020-01-01,BTC\n", 2),
            (b"day,asset,usd,source\n2020-01-01,BTC,1,\xff\n", 2),
        ] {
            fs::write(&file, text).unwrap();
            match Prices::import(folder.path(), &file) {
                Err(EngineError::Input { line: found, path, .. }) => assert_eq!((found, path), (line, file.clone())),
                other => panic!("{other:?}"),
            }
            assert!(Prices::open(folder.path()).unwrap().is_empty());
        }
    }
}
