//! What was imported into a store, in order: the file `prices.csv` of a store.
//!
//! ```text
//! # athar prices 2
//! # blake3 HEX                       of everything below this line
//! # import {"number":1,"file":…}     one line for each import that brought something
//! import,day,asset,usd,source
//! 1,2010-07-18,BTC,0.09,brk
//! ```
//!
//! Rows are only ever added: a later row for a day takes the place of an earlier one in the table, and the earlier one
//! stays to be seen. A row that says again what is known adds nothing and is not kept. Before this form the file had the
//! columns `day,asset,usd,source` and no heads; it is read as one import whose file nobody knows.

use crate::error::PricesError;
use crate::file::read_text;
use crate::price::{Price, Reading};
use athar_types::{Asset, Day};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::{collections::BTreeMap, path::Path};

/// Name of the journal's file in a store.
pub const FILE: &str = "prices.csv";

const HEAD: &str = "# athar prices ";
const VERSION: &str = "2";
const CHECKSUM: &str = "# blake3 ";
const IMPORT: &str = "# import ";
const COLUMNS: &str = "import,day,asset,usd,source\n";

/// One import that brought something new.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Import {
    /// Number, from 1 in order.
    pub number: u32,
    /// Name of the file, without its folder.
    pub file: String,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
    /// Columns that the file was told by; none for the table of an older store.
    pub layout: Option<String>,
    /// Day of the import; none for the table of an older store.
    pub imported: Option<Day>,
    /// Rows of it in the journal.
    pub rows: u64,
}

/// One price as an import brought it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// Number of the import.
    pub import: u32,
    /// Day.
    pub day: Day,
    /// Asset.
    pub asset: Asset,
    /// Price of one unit of it.
    pub price: Price,
    /// Where the price is from.
    pub source: String,
}

/// Every price that was imported into a store.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Journal {
    pub(crate) imports: Vec<Import>,
    pub(crate) rows: Vec<Recorded>,
}

/// The price of a day that imports settled on, and who gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settled<'a> {
    pub(crate) price: Price,
    /// Sorted, each once.
    pub(crate) sources: Vec<&'a str>,
}

impl Journal {
    /// Reads the journal of the store in `folder`; an empty one where nothing was imported.
    pub fn open(folder: &Path) -> Result<Self, PricesError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let (text, blake3) = read_text(&path)?;
        match text.strip_prefix(HEAD) {
            Some(rest) => Self::parse(&path, rest),
            None => Self::of_older_store(&path, &text, blake3),
        }
    }

    /// The imports, in order.
    pub fn imports(&self) -> &[Import] {
        &self.imports
    }

    /// Everything ever recorded of an asset on a day, in the order of the imports.
    pub fn history(&self, asset: Asset, day: Day) -> impl Iterator<Item = &Recorded> {
        self.rows.iter().filter(move |r| r.day == day && r.asset == asset)
    }

    /// BLAKE3 over the journal: what was imported, from which files and in which order.
    pub fn hash(&self) -> String {
        blake3::hash(self.body().as_bytes()).to_hex().to_string()
    }

    /// The journal as its file holds it.
    pub fn to_text(&self) -> String {
        let body = self.body();
        format!("{HEAD}{VERSION}\n{CHECKSUM}{}\n{body}", blake3::hash(body.as_bytes()).to_hex())
    }

    /// What the imports settled on: the last price of each day, with every source that gave the same after it.
    pub(crate) fn settled(&self) -> BTreeMap<(Asset, Day), Settled<'_>> {
        let mut settled: BTreeMap<(Asset, Day), Settled<'_>> = BTreeMap::new();
        for row in &self.rows {
            let new = || Settled { price: row.price, sources: Vec::new() };
            let at = settled.entry((row.asset, row.day)).or_insert_with(new);
            if at.price != row.price {
                *at = new();
            }
            if let Err(place) = at.sources.binary_search(&row.source.as_str()) {
                at.sources.insert(place, &row.source);
            }
        }
        settled
    }

    fn body(&self) -> String {
        let mut out = String::with_capacity(64 * (self.rows.len() + 2 * self.imports.len() + 1));
        for import in &self.imports {
            // a plain struct of numbers and texts: it cannot fail
            let _ = writeln!(out, "{IMPORT}{}", serde_json::to_string(import).unwrap_or_default());
        }
        out.push_str(COLUMNS);
        for row in &self.rows {
            let source = row.source.replace('"', "\"\"");
            let _ = writeln!(out, "{},{},{},{},\"{source}\"", row.import, row.day, row.asset, row.price);
        }
        out
    }

    /// `rest`: the text after [`HEAD`].
    fn parse(path: &Path, rest: &str) -> Result<Self, PricesError> {
        let damaged = || PricesError::Damaged(path.into());
        let (version, rest) = rest.split_once('\n').ok_or_else(damaged)?;
        if version != VERSION {
            let version = version.chars().take(20).flat_map(char::escape_debug).collect();
            return Err(PricesError::Version { path: path.into(), version });
        }
        let (checksum, body) = rest.split_once('\n').ok_or_else(damaged)?;
        if checksum.strip_prefix(CHECKSUM) != Some(blake3::hash(body.as_bytes()).to_hex().as_str()) {
            return Err(damaged());
        }
        // the checksum fits, so what follows was written by this program; whatever does not fit is a defect all the same
        let mut journal = Self::default();
        let mut table = body;
        while let Some((line, next)) = table.split_once('\n')
            && let Some(import) = line.strip_prefix(IMPORT)
        {
            journal.imports.push(serde_json::from_str(import).map_err(|_| damaged())?);
            table = next;
        }
        table = table.strip_prefix(COLUMNS).ok_or_else(damaged)?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
        for row in reader.records() {
            let row = row.map_err(|_| damaged())?;
            let recorded = || {
                Some(Recorded {
                    import: row[0].parse().ok()?,
                    day: row[1].parse().ok()?,
                    asset: row.get(2)?.parse().ok()?,
                    price: row.get(3)?.parse().ok()?,
                    source: row.get(4)?.into(),
                })
            };
            journal.rows.push((row.len() == 5).then(recorded).flatten().ok_or_else(damaged)?);
        }
        Ok(journal)
    }

    /// The table of a store from before this form: BTC alone, in cents. It took a zero for a price; a zero is none.
    fn of_older_store(path: &Path, text: &str, blake3: String) -> Result<Self, PricesError> {
        let bad = |line: u64, what: &str| PricesError::Input { path: path.into(), line, what: what.into() };
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let is_own = reader.headers().is_ok_and(|h| h.iter().eq(["day", "asset", "usd", "source"]));
        if !is_own {
            return Err(bad(1, "no price table of a store"));
        }
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|e| bad(e.position().map_or(0, csv::Position::line), &e.to_string()))?;
            let line = row.position().map_or(0, csv::Position::line);
            let day = row[0].parse().map_err(|e: &str| bad(line, e))?;
            let asset = row[1].parse().map_err(|_| bad(line, "an unknown asset"))?;
            match Price::read(&row[2]).map_err(|e| bad(line, &e.to_string()))? {
                Reading::Price { price, .. } => {
                    rows.push(Recorded { import: 1, day, asset, price, source: row[3].into() });
                }
                Reading::Nothing => {}
            }
        }
        let import =
            Import { number: 1, file: FILE.into(), blake3, layout: None, imported: None, rows: rows.len() as u64 };
        Ok(Self { imports: vec![import], rows })
    }
}
