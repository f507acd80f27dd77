//! Price files into a journal: all of them, or none.

use crate::builtin::builtin;
use crate::error::PricesError;
use crate::file::{BYTES_MAX, PriceFile};
use crate::journal::{Import, Journal, Recorded};
use crate::price::Price;
use athar_types::{Asset, Day};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// Days named one by one in a report; the counts are whole.
const DAYS_MAX: usize = 10;
/// A price so many times the one of the day before (or the other way round) is worth a second look.
const JUMP: u64 = 10;

/// What the files themselves do not say.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The asset: required where the columns name none; otherwise every row must be of it.
    pub asset: Option<Asset>,
    /// Where the prices are from: required where the columns name no source, refused where they do.
    pub source: Option<String>,
    /// Today in UTC: recorded as the day of the import, and no price may be of a day after tomorrow.
    pub today: Day,
}

/// What the import of one file did. `new_days` + `unchanged` + `confirmed` + `replaced` = `days`, and `days` +
/// `repeated` + `no_price` = `rows`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ImportReport {
    /// The file.
    pub file: PathBuf,
    /// Its BLAKE3, in hexadecimal.
    pub blake3: String,
    /// Columns that it was told by.
    pub layout: &'static str,
    /// Assets in it.
    pub assets: Vec<&'static str>,
    /// Rows after the header.
    pub rows: u64,
    /// Days with a price, of every asset.
    pub days: u64,
    /// First of them.
    pub from: Option<Day>,
    /// Last of them.
    pub to: Option<Day>,
    /// Days of which no import had a price.
    pub new_days: u64,
    /// Days of which the same source had given the same price.
    pub unchanged: u64,
    /// Days of which another source had given the same price: both are kept.
    pub confirmed: u64,
    /// Days of which earlier imports had another price: it is in use no longer, and stays in the history.
    pub replaced: u64,
    /// The first of those days.
    pub replaced_days: Vec<Day>,
    /// Days of which the built-in history has another price.
    pub differs_from_builtin: u64,
    /// Rows that say again what an earlier row of the file said.
    pub repeated: u64,
    /// Rows whose price is zero, or rounds to it: that day gets no price from this file.
    pub no_price: u64,
    /// The first of those days.
    pub no_price_days: Vec<Day>,
    /// Days between an asset's first and last of which the file has no row.
    pub missing: u64,
    /// The first of those days.
    pub missing_days: Vec<Day>,
    /// Prices with more than ten decimals, rounded half up.
    pub rounded: u64,
    /// Days whose price is more than ten times the one of the day before, or less than a tenth of it: a slipped point?
    pub jumps: u64,
    /// The first of those days.
    pub jump_days: Vec<Day>,
}

impl Journal {
    /// Reads price files and gives the journal after them, with a report on each. Files count in the order given: where
    /// two differ, the later one holds. On any error nothing is imported.
    pub fn import(&self, files: &[PathBuf], options: &ImportOptions) -> Result<(Self, Vec<ImportReport>), PricesError> {
        let mut journal = self.clone();
        let mut reports = Vec::with_capacity(files.len());
        for path in files {
            let file = PriceFile::read(path, options)?;
            reports.push(journal.add(&file, options.today));
        }
        // what is written must be readable again
        let bytes = journal.to_text().len() as u64;
        if bytes > BYTES_MAX {
            let path = files.last().cloned().unwrap_or_default();
            let what = format!("the store's prices would take {bytes} bytes, more than the {BYTES_MAX} they may have");
            return Err(PricesError::Input { path, line: 1, what });
        }
        Ok((journal, reports))
    }

    fn add(&mut self, file: &PriceFile, today: Day) -> ImportReport {
        let number = self.imports.last().map_or(0, |i| i.number) + 1;
        let mut report = ImportReport::of(file);
        let settled = self.settled();
        let mut rows = Vec::new();
        for ((asset, day), given) in &file.prices {
            match settled.get(&(*asset, *day)) {
                None => report.new_days += 1,
                Some(known) if known.price != given.price => {
                    report.replaced += 1;
                    name(&mut report.replaced_days, *day);
                }
                Some(known) if known.sources.contains(&given.source.as_str()) => {
                    report.unchanged += 1;
                    continue;
                }
                Some(_) => report.confirmed += 1,
            }
            let (asset, day, price, source) = (*asset, *day, given.price, given.source.clone());
            rows.push(Recorded { import: number, day, asset, price, source });
        }
        drop(settled);
        if !rows.is_empty() {
            self.imports.push(Import {
                number,
                file: file_name(&file.path),
                blake3: file.blake3.clone(),
                layout: Some(file.layout.name().into()),
                imported: Some(today),
                rows: rows.len() as u64,
            });
            self.rows.append(&mut rows);
        }
        report
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Names a day, where there is room.
fn name(days: &mut Vec<Day>, day: Day) {
    if days.len() < DAYS_MAX {
        days.push(day);
    }
}

impl ImportReport {
    /// What a file says by itself.
    fn of(file: &PriceFile) -> Self {
        let mut report = Self {
            file: file.path.clone(),
            blake3: file.blake3.clone(),
            layout: file.layout.name(),
            assets: Vec::new(),
            rows: file.rows,
            days: file.prices.len() as u64,
            from: file.prices.keys().map(|(_, day)| *day).min(),
            to: file.prices.keys().map(|(_, day)| *day).max(),
            new_days: 0,
            unchanged: 0,
            confirmed: 0,
            replaced: 0,
            replaced_days: Vec::new(),
            differs_from_builtin: 0,
            repeated: file.repeated,
            no_price: file.nothing.len() as u64,
            no_price_days: file.nothing.iter().map(|(_, day)| *day).take(DAYS_MAX).collect(),
            missing: 0,
            missing_days: Vec::new(),
            rounded: file.rounded,
            jumps: 0,
            jump_days: Vec::new(),
        };
        // a row without a price is told by itself: it is no gap
        let rows: BTreeSet<(Asset, Day)> = file.prices.keys().chain(&file.nothing).copied().collect();
        let rows: Vec<(Asset, Day)> = rows.into_iter().collect();
        for pair in rows.windows(2).filter(|p| p[0].0 == p[1].0) {
            for day in pair[0].1.0 + 1..pair[1].1.0 {
                report.missing += 1;
                name(&mut report.missing_days, Day(day));
            }
        }
        let mut by_asset: BTreeMap<Asset, Vec<(Day, Price)>> = BTreeMap::new();
        for ((asset, day), given) in &file.prices {
            by_asset.entry(*asset).or_default().push((*day, given.price));
            let known = builtin().iter().find(|b| b.asset == *asset).and_then(|b| b.price(*day));
            report.differs_from_builtin += u64::from(known.is_some_and(|p| p != given.price));
        }
        for prices in by_asset.values() {
            for pair in prices.windows(2).filter(|p| p[1].0.0 - p[0].0.0 == 1) {
                let (a, b) = (pair[0].1.units(), pair[1].1.units());
                if a.max(b) / a.min(b) >= JUMP && a.max(b) > a.min(b) * JUMP {
                    report.jumps += 1;
                    name(&mut report.jump_days, pair[1].0);
                }
            }
        }
        let assets: BTreeSet<Asset> = rows.iter().map(|(asset, _)| *asset).collect();
        report.assets = assets.into_iter().map(Asset::symbol).collect();
        report
    }
}

/// What was done, a line for each thing worth knowing.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} days of {}", self.file.display(), self.days, self.assets.join(", "))?;
        if let (Some(from), Some(to)) = (self.from, self.to) {
            write!(f, ", {from} to {to}")?;
        }
        let named = |days: &[Day], count: u64| {
            let days: Vec<String> = days.iter().map(ToString::to_string).collect();
            let more = if count > days.len() as u64 { ", …" } else { "" };
            if days.is_empty() { String::new() } else { format!(" ({}{more})", days.join(", ")) }
        };
        write!(f, "\n  columns {}; {} new, {} unchanged", self.layout, self.new_days, self.unchanged)?;
        for (count, what, days) in [
            (self.confirmed, "confirmed by another source", &[][..]),
            (self.replaced, "replaced: another price was imported before", &self.replaced_days),
            (self.differs_from_builtin, "differ from the built-in history", &[]),
            (self.repeated, "repeated inside the file", &[]),
            (self.no_price, "without a price: zero in the file", &self.no_price_days),
            (self.missing, "missing between the first and the last", &self.missing_days),
            (self.rounded, "rounded to ten decimals", &[]),
            (self.jumps, "more than tenfold or less than a tenth of the day before: look again", &self.jump_days),
        ] {
            if count > 0 {
                write!(f, "\n  {count} {what}{}", named(days, count))?;
            }
        }
        Ok(())
    }
}
