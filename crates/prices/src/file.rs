//! Reading one price file whole: every row a day with a price, or an error with its line.

use crate::error::PricesError;
use crate::import::ImportOptions;
use crate::layout::{Columns, Layout};
use crate::price::{Price, Reading};
use athar_types::{Asset, Day};
use std::{
    collections::BTreeMap,
    collections::btree_map::Entry,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// No price file is larger.
pub(crate) const BYTES_MAX: u64 = 64 << 20;
/// Longest name of a source, in bytes.
pub(crate) const SOURCE_BYTES_MAX: usize = 200;
/// The day of the first block of the first chain: nothing had a price before.
const FIRST_DAY: Day = Day(14_247);

/// A price as a file gives it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Given {
    pub(crate) price: Price,
    pub(crate) source: String,
}

/// A price file, read and checked.
#[derive(Debug)]
pub(crate) struct PriceFile {
    pub(crate) path: PathBuf,
    pub(crate) blake3: String,
    pub(crate) layout: Layout,
    pub(crate) prices: BTreeMap<(Asset, Day), Given>,
    /// Rows after the header.
    pub(crate) rows: u64,
    /// Rows that say again what an earlier row said.
    pub(crate) repeated: u64,
    /// Prices with more decimals than are kept.
    pub(crate) rounded: u64,
    /// Days whose price is zero, or rounds to it: no price.
    pub(crate) nothing: Vec<(Asset, Day)>,
}

/// The text of a file, bounded and UTF-8, and its BLAKE3 in hexadecimal.
pub(crate) fn read_text(path: &Path) -> Result<(String, String), PricesError> {
    let io_at = |source| PricesError::Io { path: path.into(), source };
    let bad = |line: u64, what: String| PricesError::Input { path: path.into(), line, what };
    let mut data = Vec::new();
    // bounded while reading: a device or a growing file has no size to ask for
    File::open(path).and_then(|f| f.take(BYTES_MAX + 1).read_to_end(&mut data)).map_err(io_at)?;
    if data.len() as u64 > BYTES_MAX {
        return Err(bad(1, format!("more than the {BYTES_MAX} bytes that a price table may have")));
    }
    let blake3 = blake3::hash(&data).to_hex().to_string();
    match String::from_utf8(data) {
        Ok(text) => Ok((text, blake3)),
        Err(e) => {
            let (at, data) = (e.utf8_error().valid_up_to(), e.as_bytes());
            let line = data[..at].iter().filter(|b| **b == b'\n').count() as u64 + 1;
            Err(bad(line, format!("not UTF-8 at byte {at}")))
        }
    }
}

impl PriceFile {
    /// Reads and checks a file.
    pub(crate) fn read(path: &Path, options: &ImportOptions) -> Result<Self, PricesError> {
        let (text, blake3) = read_text(path)?;
        let bad = |line: u64, what: String| PricesError::Input { path: path.into(), line, what };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let failed = |e: csv::Error| {
            let line = e.position().map_or(1, csv::Position::line);
            let what = match e.kind() {
                csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                    format!("{len} columns where the header has {expected_len}")
                }
                _ => e.to_string(),
            };
            bad(line, what)
        };
        let header = reader.headers().map_err(failed)?.clone();
        let columns = Columns::of(&header).map_err(|what| bad(1, what))?;
        let named = Named::of(&columns, options).map_err(|what| bad(1, what))?;
        let mut file = Self {
            path: path.into(),
            blake3,
            layout: columns.layout,
            prices: BTreeMap::new(),
            rows: 0,
            repeated: 0,
            rounded: 0,
            nothing: Vec::new(),
        };
        // where each day was first given, zeros included
        let mut lines: BTreeMap<(Asset, Day), u64> = BTreeMap::new();
        for row in reader.records() {
            let row = row.map_err(failed)?;
            let line = row.position().map_or(0, csv::Position::line);
            file.rows += 1;
            let day = read_day(&row[columns.day], columns.layout).map_err(|what| bad(line, what))?;
            if day < FIRST_DAY {
                return Err(bad(line, format!("{day} is before the first block of any chain ({FIRST_DAY})")));
            }
            // a day more for whoever lives east of UTC
            if day.0 > options.today.0 + 1 {
                let today = options.today;
                return Err(bad(line, format!("{day} is in the future: this machine's clock says {today}")));
            }
            let (asset, source) = named.of_row(&columns, &row).map_err(|what| bad(line, what))?;
            let reading = Price::read(row[columns.price].trim());
            let reading = reading.map_err(|e| bad(line, format!("`{}`: {e}", shortened(&row[columns.price]))))?;
            let given = match reading {
                Reading::Price { price, rounded } => {
                    file.rounded += u64::from(rounded);
                    Some(Given { price, source })
                }
                Reading::Nothing => None,
            };
            match lines.entry((asset, day)) {
                Entry::Vacant(place) => {
                    place.insert(line);
                    match given {
                        Some(given) => drop(file.prices.insert((asset, day), given)),
                        None => file.nothing.push((asset, day)),
                    }
                }
                Entry::Occupied(first) if file.prices.get(&(asset, day)) == given.as_ref() => {
                    let _ = first;
                    file.repeated += 1;
                }
                Entry::Occupied(first) => {
                    let first = first.get();
                    return Err(bad(line, format!("another price of {asset} on {day} than in line {first}")));
                }
            }
        }
        // after the rows, so that a row cut in two is told as what it is
        if file.rows == 0 {
            return Err(bad(1, "a header and no prices".into()));
        }
        if !text.ends_with(['\n', '\r']) {
            let line = text.lines().count() as u64;
            let what = "the file ends inside a line, so its last price may be cut off\n\
                        hint: where it is whole, end its last line";
            return Err(bad(line, what.into()));
        }
        Ok(file)
    }
}

/// Asset and source as the importer named them.
struct Named {
    asset: Option<Asset>,
    source: String,
}

impl Named {
    fn of(columns: &Columns, options: &ImportOptions) -> Result<Self, String> {
        let layout = columns.layout;
        match (columns.names, options.asset, &options.source) {
            (Some(_), asset, None) => Ok(Self { asset, source: String::new() }),
            (Some(_), _, Some(_)) => {
                Err(format!("the columns {layout} name the source of every row: no --source here"))
            }
            (None, None, _) => Err(format!("the columns {layout} name no asset\nhint: --asset BTC says which it is")),
            (None, _, None) => {
                Err(format!("the columns {layout} name no source\nhint: --source NAME says where the prices are from"))
            }
            (None, Some(asset), Some(source)) => {
                Ok(Self { asset: Some(asset), source: checked_source(source).map_err(|e| format!("--source: {e}"))? })
            }
        }
    }

    fn of_row(&self, columns: &Columns, row: &csv::StringRecord) -> Result<(Asset, String), String> {
        let Some((asset_at, source_at)) = columns.names else {
            // there is one wherever the columns name none
            return self.asset.map(|a| (a, self.source.clone())).ok_or_else(|| "no asset".into());
        };
        let name = &row[asset_at];
        let asset: Asset = name.parse().map_err(|e| format!("asset `{}`: {e}", shortened(name)))?;
        if let Some(wanted) = self.asset.filter(|a| *a != asset) {
            return Err(format!("asset {asset}, where --asset says {wanted}"));
        }
        Ok((asset, checked_source(&row[source_at])?))
    }
}

/// The name of a source, white space around it removed.
fn checked_source(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > SOURCE_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(format!("a source has a name of 1 to {SOURCE_BYTES_MAX} bytes without control characters"));
    }
    Ok(text.into())
}

/// `2020-01-31`; in snapshots also with the time, `2020-01-31 00:05:11 UTC` or `2020-01-31T00:05:11Z`.
fn read_day(text: &str, layout: Layout) -> Result<Day, String> {
    let text = text.trim();
    let wrong = || format!("`{}` is no day of the form YYYY-MM-DD", shortened(text));
    let (day, time) = match layout {
        Layout::Snapshots if text.len() > 10 => text.split_at_checked(10).ok_or_else(wrong)?,
        _ => (text, ""),
    };
    let of_day = |t: &str| {
        let digits = |r: std::ops::Range<usize>, max: u8| t[r].parse::<u8>().is_ok_and(|n| n <= max);
        t.len() == 8
            && t.bytes().enumerate().all(|(i, b)| if matches!(i, 2 | 5) { b == b':' } else { b.is_ascii_digit() })
            && digits(0..2, 23)
            && digits(3..5, 59)
            && digits(6..8, 60)
    };
    let clock = match time.strip_prefix(' ') {
        Some(rest) => rest.strip_suffix(" UTC"),
        None => time.strip_prefix('T').and_then(|rest| rest.strip_suffix('Z')),
    };
    if !time.is_empty() && !clock.is_some_and(of_day) {
        return Err(format!("`{}` is no UTC time of the form YYYY-MM-DD HH:MM:SS UTC", shortened(text)));
    }
    day.parse().map_err(|_| wrong())
}

/// A cell, short and without control characters, fit for an error message.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_one_form_and_snapshots_may_have_a_time() {
        let day = Day::from_ymd(2020, 1, 31).unwrap();
        assert_eq!(FIRST_DAY, Day::from_ymd(2009, 1, 3).unwrap());
        for text in ["2020-01-31", "2020-01-31 00:00:00 UTC", "2020-01-31T23:59:60Z", " 2020-01-31 "] {
            assert_eq!(read_day(text, Layout::Snapshots), Ok(day), "{text}");
        }
        for bad in [
            "2020-01-32",
            "31.01.2020",
            "",
            "2020-01-31 00:00:00",
            "2020-01-31 24:00:00 UTC",
            "2020-01-31T00:00:00+02:00",
            "2020-01-31 ab:cd:ef UTC",
            "2020-01-3\u{661}",
            "aaaaaaaaa\u{661}b",
        ] {
            assert!(read_day(bad, Layout::Snapshots).is_err(), "{bad}");
        }
        assert!(read_day("2020-01-31 00:00:00 UTC", Layout::Own).is_err());
        assert_eq!(read_day("2020-01-31", Layout::Close), Ok(day));
    }
}
