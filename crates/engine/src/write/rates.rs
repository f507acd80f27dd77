//! What a euro cost in dollars: what patterns with limits in euros (coupons, reporting thresholds) need, since amounts on a chain are
//! priced in dollars.
//!
//! `STORE/patterns/rates.csv`, columns `valid_from,usd,source`; each rate holds until the next. Replaced whole by an import. Without rates such limits
//! are silent: they are never taken for dollars.

use crate::error::EngineError;
use crate::read::lock_patterns;
use athar_disk::Disk;
use athar_types::Day;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rates that a file may hold: a century of days.
pub const RATES_MAX: usize = 36_525;

/// Where the rates of a store lie.
pub(crate) fn rates_path(store: &Path) -> PathBuf {
    store.join("patterns").join("rates.csv")
}

/// What an import took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RatesReport {
    /// Days on which a rate begins.
    pub rates: u64,
    /// The first of them.
    #[schemars(with = "Option<String>")]
    pub first: Option<Day>,
    /// The last.
    #[schemars(with = "Option<String>")]
    pub last: Option<Day>,
}

/// A rate of up to six decimals in millionths of a dollar.
fn millionths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || whole.len() > 6 || part.len() > 6 || (!part.is_empty() && !digits(part)) {
        return None;
    }
    let value = whole.parse::<u64>().ok()? * 1_000_000 + format!("{part:0<6}").parse::<u64>().ok()?;
    (value > 0).then_some(value)
}

/// Reads the rates of a file with the columns `valid_from` (or `day`), `usd`, and where they are there `currency` and `source`; rows of
/// other currencies than EUR are left out. By day: millionths of a dollar, source.
fn read(file: &Path, text: &str) -> Result<BTreeMap<Day, (u64, String)>, EngineError> {
    let wrong =
        |line: u64, what: String| EngineError::Output { path: file.into(), what: format!("line {line}: {what}") };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
    let column = |names: &[&str]| header.iter().position(|name| names.contains(&name.to_ascii_lowercase().as_str()));
    let (Some(day), Some(usd)) = (column(&["valid_from", "day", "date"]), column(&["usd"])) else {
        return Err(wrong(1, "needs the columns `valid_from` (or `day`) and `usd`".into()));
    };
    let (currency, source) = (column(&["currency"]), column(&["source"]));
    let mut rates = BTreeMap::new();
    for row in reader.records() {
        let row = row.map_err(|error| wrong(error.position().map_or(0, csv::Position::line), error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let field = |at: usize| row.get(at).unwrap_or_default();
        if currency.is_some_and(|at| !field(at).eq_ignore_ascii_case("EUR")) {
            continue;
        }
        let from: Day =
            field(day).parse().map_err(|_| wrong(line, format!("`{}` is no day as 2020-01-31", field(day))))?;
        let rate = millionths(field(usd))
            .ok_or_else(|| wrong(line, format!("`{}` is no rate above 0 with at most six decimals", field(usd))))?;
        if rates.insert(from, (rate, source.map(field).unwrap_or_default().to_string())).is_some() {
            return Err(wrong(line, format!("a second rate for {from}")));
        }
        if rates.len() > RATES_MAX {
            return Err(wrong(line, format!("more than {RATES_MAX} rates")));
        }
    }
    Ok(rates)
}

/// Replaces the rates of a store by those of a CSV file. Refuses the whole file at the first line that is wrong; then nothing changes.
pub fn import_rates(store: &Path, file: &Path) -> Result<RatesReport, EngineError> {
    let text = fs::read_to_string(file).map_err(|source| EngineError::Io { path: file.into(), source })?;
    let rates = read(file, &text)?;
    let mut out = String::from("valid_from,usd,source\n");
    for (day, (rate, source)) in &rates {
        let source: String = source.chars().filter(|c| !c.is_control() && !matches!(c, ',' | '"')).collect();
        out.push_str(&format!("{day},{}.{:06},{source}\n", rate / 1_000_000, rate % 1_000_000));
    }
    let _lock = lock_patterns(store)?;
    Disk::default().replace(&rates_path(store), out.as_bytes())?;
    let (first, last) = (rates.keys().next().copied(), rates.keys().next_back().copied());
    Ok(RatesReport { rates: rates.len() as u64, first, last })
}

/// The rates in use, ascending: the second from which each holds, and millionths of a dollar for a euro.
pub(crate) fn rates(store: &Path) -> Result<Vec<(u32, u64)>, EngineError> {
    let path = rates_path(store);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(EngineError::Io { path, source }),
    };
    let seconds = |day: Day| u32::try_from(i64::from(day.0) * 86_400).unwrap_or(0);
    Ok(read(&path, &text)?.into_iter().map(|(day, (rate, _))| (seconds(day), rate)).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;

    #[test]
    fn rates_are_kept_and_a_wrong_line_changes_nothing() {
        let store = tempfile::tempdir().unwrap();
        let file = store.path().join("fx.csv");
        assert_eq!(rates(store.path()).unwrap(), vec![]);
        fs::write(
            &file,
            "valid_from,currency,usd,source\n2017-12-01,EUR,1.15,ecb\n2018-01-01,GBP,1.3,x\n2018-01-02,EUR,1.2,ecb\n",
        )
        .unwrap();
        assert_eq!(import_rates(store.path(), &file).unwrap().rates, 2);
        let kept = rates(store.path()).unwrap();
        assert_eq!(kept, vec![(1_512_086_400, 1_150_000), (1_514_851_200, 1_200_000)]);
        for text in
            ["valid_from,usd\n2017-12-01,0\n", "valid_from,usd\n2017-12-01,1.1234567\n", "day,usd\nx,1\n", "usd\n1\n"]
        {
            fs::write(&file, text).unwrap();
            assert!(import_rates(store.path(), &file).unwrap_err().to_string().contains("fx.csv: line"));
            assert_eq!(rates(store.path()).unwrap(), kept);
        }
    }
}
