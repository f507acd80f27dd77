//! Importing: rows to records, with a receipt.
//!
//! Every row of a file ends as a record, as one that was there already, or in quarantine with its line and its reason; the receipt counts
//! all three. What is stored in one transaction is some thousands of rows, so a file of any length needs the same memory, and an import that
//! was killed goes on where the same file is imported again: rows that are there are not added twice.
//!
//! Two rows that say the same in every field are one record. Where a sender has rows that only their number tells apart, map it to `id`.

use crate::journal::{About, Action, append};
use crate::map::Map;
use crate::pseudonym::normal;
use crate::reason::Reason;
use crate::record::{Content, VALUE_BYTES_MAX, Value};
use crate::rows::{Row, read};
use crate::store::{OPEN, Place, THERE, mark_number};
use crate::when::Clock;
use crate::{By, Field, Kind, Money, Pseudonym, Records, RecordsError, When};
use athar_types::{Bilingual, Chain, Network, address};
use athar_vault::Key;
use rusqlite::{OptionalExtension, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::rc::Rc;

/// Rows that one transaction stores.
const ROWS_AT_ONCE: usize = 20_000;
/// Rows in quarantine that a receipt lists. All are counted.
pub const QUARANTINE_LISTED: usize = 1_000;
/// Days that records may be kept at most: a hundred years.
pub const RETAIN_DAYS_MAX: u32 = 36_525;

/// A row that is no record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "QuarantinedRow")]
pub struct Quarantined {
    /// Its line, from 1; of a JSON array its element.
    pub line: u64,
    /// Why, without the value.
    #[serde(deserialize_with = "crate::reason::read")]
    pub reason: Bilingual,
}

/// What an import did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RecordsReceipt")]
pub struct Receipt {
    /// Its number.
    pub import: u64,
    /// What the records are of.
    #[schemars(with = "Option<Kind>")]
    pub kind: Option<Kind>,
    /// The file, as it was named.
    pub file: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Rows that were read: those added, known and in quarantine together.
    pub rows: u64,
    /// Rows that are records now.
    pub added: u64,
    /// Rows that were records already, of this file or of another.
    pub known: u64,
    /// Rows in quarantine.
    pub quarantined: u64,
    /// The first thousand of them.
    pub quarantine: Vec<Quarantined>,
    /// Columns that the map does not use: nothing of them is stored. At most a hundred are named.
    pub unused: Vec<String>,
    /// Fields that pseudonyms took the place of.
    pub pseudonymised: Vec<Field>,
    /// Personal fields whose values are kept, encrypted.
    pub kept_plain: Vec<Field>,
    /// Earliest time of a record.
    pub first: Option<When>,
    /// Latest time of a record.
    pub last: Option<When>,
    /// Days after the import at which its records are deleted.
    pub retain_days: Option<u32>,
    /// When it was imported, in seconds since 1970.
    pub time: i64,
    /// By whom.
    pub operator: String,
    /// Whether the same file was imported before, with the same map, so that nothing was read again: the counts are those of then.
    #[serde(default)]
    pub already: bool,
}

/// What is asked of an import.
#[derive(Clone, Debug, Default)]
pub struct Order<'a> {
    /// What the records are of; the map may say it instead.
    pub kind: Option<Kind>,
    /// The column map.
    pub map: Map,
    /// Days after which the records are deleted.
    pub retain_days: Option<u32>,
    /// The file, as it is named in errors and in the receipt.
    pub name: &'a str,
}

/// Bytes that pass by, hashed and counted.
struct Hashed<R> {
    from: R,
    hash: Rc<RefCell<(Sha256, u64)>>,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let got = self.from.read(to)?;
        let mut hash = self.hash.borrow_mut();
        hash.0.update(&to[..got]);
        hash.1 += got as u64;
        Ok(got)
    }
}

impl Records {
    /// Imports what `open` gives, which is read twice: once for its hash, so that a file that was imported is known before its first row.
    ///
    /// `by` says who and when. On an error that ends the reading ([`RecordsError::File`]) the rows before it are stored. Where two import a
    /// file at once, both store its rows, each once, and whoever ends later is told that it was imported already. Where one deletes the
    /// import meanwhile, it stays deleted ([`RecordsError::DeletedMeanwhile`]).
    pub fn import<R: Read>(
        &self,
        order: &Order<'_>,
        by: By<'_>,
        mut open: impl FnMut() -> io::Result<R>,
    ) -> Result<Receipt, RecordsError> {
        by.check()?;
        let maker = Maker::new(self, order)?;
        if order.retain_days.is_some_and(|days| days > RETAIN_DAYS_MAX) {
            return Err(RecordsError::input("retain", format!("no more than {RETAIN_DAYS_MAX} days")));
        }
        let failed = |source| RecordsError::Io { file: order.name.into(), source };
        let (sha256, bytes) = {
            let hash = Rc::new(RefCell::new((Sha256::new(), 0)));
            let mut from = Hashed { from: open().map_err(failed)?, hash: hash.clone() };
            io::copy(&mut from, &mut io::sink()).map_err(failed)?;
            let (hash, bytes) = hash.take();
            (hex::encode(hash.finalize()), bytes)
        };
        let settings = serde_json::to_string(&(maker.kind, &order.map)).unwrap_or_default();
        let file = self.marks.mark("file", &format!("{sha256} {settings}"));
        if let Some(receipt) = self.import_of(&file)? {
            return Ok(Receipt { already: true, ..receipt });
        }
        let mut receipt = Receipt {
            kind: Some(maker.kind),
            file: order.name.into(),
            sha256,
            bytes,
            kept_plain: order.map.keep_plain.clone(),
            retain_days: order.retain_days,
            time: by.time,
            operator: by.operator.into(),
            ..Receipt::default()
        };
        receipt.import = self.begin(&file, &receipt)?;
        match self.store(order, by, &maker, open().map_err(failed)?, &mut receipt) {
            Err(RecordsError::Unknown { id, .. }) if id == receipt.import => match self.import_of(&file)? {
                Some(receipt) => Ok(Receipt { already: true, ..receipt }),
                None => Err(RecordsError::DeletedMeanwhile { id }),
            },
            stored => stored.map(|()| receipt),
        }
    }

    /// Stores the rows of an import that was begun, and ends it.
    fn store<R: Read>(
        &self,
        order: &Order<'_>,
        by: By<'_>,
        maker: &Maker<'_>,
        from: R,
        receipt: &mut Receipt,
    ) -> Result<(), RecordsError> {
        let mut batch = Vec::new();
        let columns = read(order.name, from, &order.map, &mut |row: Row<'_>| {
            receipt.rows += 1;
            let line = row.line;
            match row.fields.and_then(|fields| maker.record(&fields)) {
                Ok(content) => {
                    receipt.first = Some(receipt.first.map_or(content.time, |t| t.min(content.time)));
                    receipt.last = Some(receipt.last.map_or(content.time, |t| t.max(content.time)));
                    for (field, value) in &content.values {
                        if matches!(value, Value::Personal { value: None, .. })
                            && !receipt.pseudonymised.contains(field)
                        {
                            receipt.pseudonymised.push(*field);
                        }
                    }
                    batch.push((line, content));
                }
                Err(reason) => {
                    receipt.quarantined += 1;
                    if receipt.quarantine.len() < QUARANTINE_LISTED {
                        receipt.quarantine.push(Quarantined { line, reason: reason.said() });
                    }
                }
            }
            if batch.len() >= ROWS_AT_ONCE {
                self.store_rows(&mut batch, receipt)?;
            }
            Ok(())
        });
        self.store_rows(&mut batch, receipt)?;
        receipt.unused = columns?.unused.into_iter().collect();
        receipt.pseudonymised.sort_unstable();
        self.finish(receipt, by)?;
        self.mark_version()
    }

    /// The receipt of a finished import of this file.
    fn import_of(&self, file: &[u8]) -> Result<Option<Receipt>, RecordsError> {
        let id: Option<i64> = self.db.read(|t| {
            let mut query = t.prepare_cached("SELECT id FROM imports WHERE file = ?1 AND state = 1")?;
            Ok(query.query_row([file], |row| row.get(0)).optional()?)
        })?;
        match id.map(|id| self.receipt(id as u64)) {
            // it was deleted since
            Some(Err(RecordsError::Unknown { .. })) => Ok(None),
            receipt => receipt.transpose(),
        }
    }

    /// The number of the import: that of one which was begun and not ended, or a new one.
    fn begin(&self, file: &[u8], receipt: &Receipt) -> Result<u64, RecordsError> {
        let key = Key::random()?;
        self.db.write(|t| {
            // one that another finished since it was looked for is taken too: storing into it says so
            let mut begun = t.prepare_cached("SELECT id FROM imports WHERE file = ?1 AND state <> 3")?;
            if let Some(id) = begun.query_row([file], |row| row.get::<_, i64>(0)).optional()? {
                return Ok(id as u64);
            }
            let id = Self::numbers(t, 1)?;
            self.keys.add([(id, &key)])?;
            let words = serde_json::to_vec(&Receipt { import: id, ..receipt.clone() }).unwrap_or_default();
            t.prepare_cached("INSERT INTO imports VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute(params![
                id as i64,
                receipt.kind.map(Kind::code),
                OPEN,
                file,
                receipt.time,
                receipt.retain_days,
                key.seal(&Place::Import.of(id), &words)?
            ])?;
            Ok(id)
        })
    }

    /// Stores rows, in one transaction, and counts which were new.
    fn store_rows(&self, batch: &mut Vec<(u64, Content)>, receipt: &mut Receipt) -> Result<(), RecordsError> {
        if batch.is_empty() {
            return Ok(());
        }
        let (added, known) = self.db.write(|t| {
            let id = receipt.import;
            if !t.prepare_cached("SELECT 1 FROM imports WHERE id = ?1 AND state = 0")?.exists([id as i64])? {
                // deleted, or finished by another run, meanwhile
                return Err(RecordsError::Unknown { what: "open import", id }.into());
            }
            let mut is_there = t.prepare_cached("SELECT 1 FROM records WHERE digest = ?1")?;
            let mut fresh = Vec::with_capacity(batch.len());
            let mut seen = hashbrown::HashSet::with_capacity(batch.len());
            for (line, content) in batch.iter() {
                let digest = self.digest(content);
                if seen.insert(digest) && !is_there.exists([&digest[..]])? {
                    fresh.push((*line, content, digest));
                }
            }
            let first = Self::numbers(t, fresh.len() as u64)?;
            let keys = fresh.iter().map(|_| Key::random()).collect::<Result<Vec<_>, _>>()?;
            self.keys.add((first..).zip(&keys))?;
            let mut put = t.prepare_cached("INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
            let mut marks = Vec::with_capacity(4 * fresh.len());
            for ((id, key), (line, content, digest)) in (first..).zip(&keys).zip(&fresh) {
                put.execute(params![
                    id as i64,
                    receipt.import as i64,
                    content.kind.code(),
                    THERE,
                    content.time.seconds,
                    *line as i64,
                    &digest[..],
                    key.seal(&Place::Record.of(id), &content.bytes(true))?
                ])?;
                marks.extend(self.marks_of(content).map(|mark| (mark, id as i64)));
            }
            // in the order of the index: it is written where it is read
            marks.sort_unstable();
            let mut mark = t.prepare_cached("INSERT OR IGNORE INTO marks VALUES (?1, ?2)")?;
            for (of, record) in marks {
                mark.execute([of, record])?;
            }
            Ok((fresh.len() as u64, (batch.len() - fresh.len()) as u64))
        })?;
        receipt.added += added;
        receipt.known += known;
        batch.clear();
        Ok(())
    }

    /// Writes the receipt and an entry in the journal.
    fn finish(&self, receipt: &Receipt, by: By<'_>) -> Result<(), RecordsError> {
        let words = serde_json::to_vec(receipt).map_err(|e| RecordsError::input("receipt", e.to_string()))?;
        self.db.write(|t| {
            let id = receipt.import;
            let key = self.keys.get(id)?.ok_or(RecordsError::Unknown { what: "import", id })?;
            let sealed = key.seal(&Place::Import.of(id), &words)?;
            let changed = t
                .prepare_cached("UPDATE imports SET state = 1, sealed = ?2 WHERE id = ?1 AND state = 0")?
                .execute(params![id as i64, sealed])?;
            if changed == 0 {
                return Err(RecordsError::Unknown { what: "open import", id }.into());
            }
            append(t, by, Action::Imported, About { subject: Some(id), count: receipt.added, ..About::default() })
        })
    }

    /// The mark of all that a record says.
    fn digest(&self, content: &Content) -> [u8; 16] {
        let whole = blake3::keyed_hash(self.marks.bytes(), &content.bytes(false));
        let mut digest = [0; 16];
        digest.copy_from_slice(&whole.as_bytes()[..16]);
        digest
    }

    /// The marks that a record is found by.
    pub(crate) fn marks_of<'c>(&'c self, content: &'c Content) -> impl Iterator<Item = i64> + 'c {
        content.values.iter().filter(|(field, _)| field.is_indexed()).map(|(_, value)| match value {
            Value::Plain(text) => self.plain_mark(text),
            Value::Personal { pseudonym, .. } => mark_number(&pseudonym.0),
        })
    }
}

/// Makes records of rows.
struct Maker<'a> {
    kind: Kind,
    map: &'a Map,
    clock: Clock,
    marks: &'a Key,
}

impl<'a> Maker<'a> {
    fn new(store: &'a Records, order: &'a Order<'_>) -> Result<Self, RecordsError> {
        let map = &order.map;
        map.check()?;
        let kind = match (order.kind, map.kind) {
            (Some(one), Some(other)) if one != other => {
                return Err(RecordsError::input("kind", format!("`{one}` is asked for, and the map is of `{other}`")));
            }
            (one, other) => one.or(other).ok_or_else(|| {
                let all: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
                RecordsError::input("kind", format!("it is not said which: {}", all.join(", ")))
            })?,
        };
        map.delimiter()?;
        Ok(Self { kind, map, clock: map.clock()?, marks: &store.marks })
    }

    /// The record of a row, or why it is none.
    fn record(&self, fields: &BTreeMap<Field, &str>) -> Result<Content, Reason> {
        let given =
            |field: Field| fields.get(&field).copied().or_else(|| self.map.constants.get(&field).map(String::as_str));
        if let Some(missing) = Reason::missing_of(self.kind, |field| given(field).is_some()) {
            return Err(missing);
        }
        let time = self.clock.read(given(Field::Time).ok_or(Reason::Missing(Field::Time))?)?;
        let amount = match (given(Field::Amount), given(Field::Currency)) {
            (None, _) => None,
            (Some(_), None) => return Err(Reason::Missing(Field::Currency)),
            (Some(amount), Some(currency)) => Some(Money::read(amount, currency, self.map.decimal_comma)?),
        };
        let mut values = BTreeMap::new();
        for field in Field::ALL {
            let Some(text) = given(field) else { continue };
            if text.len() > VALUE_BYTES_MAX {
                return Err(Reason::Long(field));
            }
            let value = match field {
                Field::Time | Field::Amount | Field::Currency | Field::Chain => continue,
                Field::Address => {
                    let (text, chain) = read_address(text, given(Field::Chain))?;
                    if let Some(chain) = chain {
                        values.insert(Field::Chain, Value::Plain(chain.name().to_owned()));
                    }
                    Value::Plain(text)
                }
                Field::Country => {
                    if text.len() != 2 || !text.bytes().all(|b| b.is_ascii_alphabetic()) {
                        return Err(Reason::Country);
                    }
                    Value::Plain(text.to_ascii_uppercase())
                }
                field if field.is_personal() => {
                    if normal(field, text).is_empty() {
                        return Err(Reason::Empty(field));
                    }
                    let kept = self.map.keep_plain.contains(&field).then(|| text.to_owned());
                    Value::Personal { pseudonym: Pseudonym::of(self.marks, field, text), value: kept }
                }
                field => Value::Plain(normal(field, text)),
            };
            values.insert(field, value);
        }
        Ok(Content { kind: self.kind, time, amount, values })
    }
}

/// The canonical text of an address, of whichever network, and its chain where that is certain.
fn read_address(text: &str, chain: Option<&str>) -> Result<(String, Option<Chain>), Reason> {
    if let Some(name) = chain {
        let chain = Chain::from_name(&name.to_ascii_lowercase()).ok_or(Reason::NoSuchChain)?;
        let found = Network::ALL.into_iter().find_map(|network| address::read_on(chain, network, text).ok());
        return match found {
            Some(found) => Ok((found.text, Some(chain))),
            None => Err(Reason::NotOf(chain)),
        };
    }
    for network in Network::ALL {
        let found = address::detect_on(network, text);
        if let [one, rest @ ..] = found.as_slice() {
            return Ok((one.address.text.clone(), rest.is_empty().then_some(one.address.chain)));
        }
    }
    Err(Reason::NoAddress)
}
