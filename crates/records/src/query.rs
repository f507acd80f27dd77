//! Reading: records by kind, time, import and by whom or what they name.

use crate::error::Done;
use crate::pseudonym::normal;
use crate::record::Value;
use crate::store::{RAW, Raw, mark_number};
use crate::{Field, Kind, Pseudonym, Record, Records, RecordsError};
use athar_types::{Network, address};
use rusqlite::types::Value as Sql;
use rusqlite::{OptionalExtension, Transaction, params, params_from_iter};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Records that one page gives.
pub const PAGE_MAX: u32 = 10_000;
/// Records of one address that one call gives.
pub const BY_ADDRESS_MAX: u64 = 100_000;

/// Whom or what records are asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A pseudonym, as answers show it.
    Pseudonym(Pseudonym),
    /// A value itself: an account, a serial, a telephone number, a crypto address, a transaction id. It is looked for in every form that a
    /// field would bring it into, and kept nowhere.
    Value(String),
}

impl Subject {
    /// A pseudonym where the text is one, else a value.
    pub fn of(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Value(text.trim().to_owned()), Self::Pseudonym)
    }
}

/// Shown as it is: never write it into a log.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pseudonym(pseudonym) => pseudonym.fmt(f),
            Self::Value(value) => f.pad(value),
        }
    }
}

/// Which records are asked for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Of this import.
    pub import: Option<u64>,
    /// That name this.
    pub subject: Option<Subject>,
    /// From this second on, since 1970.
    pub from: Option<i64>,
    /// Before this second.
    pub to: Option<i64>,
    /// With a number after this.
    pub after: u64,
    /// At most so many; 0 stands for [`PAGE_MAX`], which is also the most.
    pub limit: u32,
}

/// A record that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "UnreadableRecord")]
pub struct Unreadable {
    /// Its number.
    pub id: u64,
    /// Why.
    pub what: String,
}

/// A page of records, in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Those that cannot be decrypted.
    pub unreadable: Vec<Unreadable>,
    /// The number after which the next page begins, where there is one.
    pub next: Option<u64>,
}

impl Records {
    /// A page of the records that are asked for.
    pub fn list(&self, query: &Query) -> Result<Page, RecordsError> {
        let limit = if query.limit == 0 { PAGE_MAX } else { query.limit.min(PAGE_MAX) } as usize;
        let wanted = query.subject.as_ref().map(|subject| Wanted::of(self, subject));
        self.db.read(|t| {
            let mut page = Page::default();
            let mut after = query.after;
            // marks are only the first half of a pseudonym: what they find and does not name the subject is passed over
            loop {
                let room = limit - page.records.len() - page.unreadable.len();
                let ids = Self::ids(t, query, wanted.as_ref(), after, room + 1)?;
                let Some(last) = ids.last() else {
                    page.next = None;
                    return Ok(page);
                };
                let whole = ids.len() <= room;
                after = *last;
                for id in ids {
                    if page.records.len() + page.unreadable.len() >= limit {
                        return Ok(page);
                    }
                    let Some(raw) = Self::raw(t, id)? else { continue };
                    match raw.open(self.keys.get(id)?.as_ref()) {
                        Ok(record) if wanted.as_ref().is_none_or(|w| w.is_in(&record)) => page.records.push(record),
                        Ok(_) => {}
                        Err(_) if self.is_gone(id)? => {}
                        Err(what) => page.unreadable.push(Unreadable { id, what: what.into() }),
                    }
                    page.next = (!whole).then_some(id);
                }
                if whole {
                    page.next = None;
                    return Ok(page);
                }
            }
        })
    }

    /// One record.
    pub fn record(&self, id: u64) -> Result<Record, RecordsError> {
        self.db.read(|t| {
            let unknown = RecordsError::Unknown { what: "record", id };
            let Some(raw) = Self::raw(t, id)? else { return Err(unknown.into()) };
            match raw.open(self.keys.get(id)?.as_ref()) {
                Ok(record) => Ok(record),
                Err(_) if self.is_gone(id)? => Err(unknown.into()),
                Err(what) => Err(self.unreadable(id, Some(what)).into()),
            }
        })
    }

    /// Every record that names a crypto address, in whatever form that is written, in the order of time. Those that cannot be decrypted are
    /// left out; [`Self::verify`] names them.
    ///
    /// # Errors
    ///
    /// [`RecordsError::TooMany`] where there are more than [`BY_ADDRESS_MAX`].
    pub fn by_address(&self, address: &str) -> Result<Vec<Record>, RecordsError> {
        let mut query = Query { subject: Some(Subject::Value(address.trim().to_owned())), ..Query::default() };
        let mut all = Vec::new();
        loop {
            let page = self.list(&query)?;
            all.extend(page.records);
            if all.len() as u64 > BY_ADDRESS_MAX {
                return Err(RecordsError::TooMany { what: "records of one address", max: BY_ADDRESS_MAX });
            }
            let Some(next) = page.next else { break };
            query.after = next;
        }
        all.sort_by_key(|record| (record.time.seconds, record.id));
        Ok(all)
    }

    /// The pseudonyms that a value could have, one for each form that a field brings it into. What a list of records is searched with.
    pub fn pseudonyms_of(&self, value: &str) -> Vec<Pseudonym> {
        Pseudonym::all_of(&self.marks, value)
    }

    /// The numbers of all records that name a subject, in order, and what they name: its pseudonyms or addresses, as text.
    pub(crate) fn found(&self, subject: &Subject) -> Result<(Vec<u64>, Vec<String>), RecordsError> {
        let wanted = Wanted::of(self, subject);
        self.db.read(|t| {
            let mut found = Vec::new();
            let mut texts = Vec::new();
            for id in Self::ids(t, &Query::default(), Some(&wanted), 0, usize::MAX)? {
                let Some(raw) = Self::raw(t, id)? else { continue };
                match raw.open(self.keys.get(id)?.as_ref()) {
                    Ok(record) if wanted.is_in(&record) => {
                        texts.extend(wanted.named_by(&record));
                        texts.sort_unstable();
                        texts.dedup();
                        found.push(id);
                    }
                    Ok(_) => {}
                    // it may name the subject: to be asked about it, and to be deleted with it
                    Err(_) => found.push(id),
                }
            }
            if texts.is_empty() {
                texts.extend(wanted.first());
            }
            Ok((found, texts))
        })
    }

    fn ids(t: &Transaction<'_>, query: &Query, wanted: Option<&Wanted>, after: u64, limit: usize) -> Done<Vec<u64>> {
        let mut bound: Vec<Sql> = Vec::new();
        let mut sql = match wanted {
            None => "SELECT r.id FROM records r WHERE r.id > ?".to_owned(),
            Some(wanted) => {
                bound.extend(wanted.marks.iter().map(|mark| Sql::Integer(*mark)));
                let holders = vec!["?"; wanted.marks.len()].join(", ");
                format!(
                    "SELECT DISTINCT r.id FROM marks m CROSS JOIN records r ON r.id = m.record
                     WHERE m.mark IN ({holders}) AND m.record > ?"
                )
            }
        };
        bound.push(Sql::Integer(after as i64));
        sql.push_str(" AND r.state = 1");
        for (words, value) in [
            (" AND r.kind = ?", query.kind.map(|kind| i64::from(kind.code()))),
            (" AND r.import = ?", query.import.map(|id| id as i64)),
            (" AND r.time >= ?", query.from),
            (" AND r.time < ?", query.to),
        ] {
            if let Some(value) = value {
                sql.push_str(words);
                bound.push(Sql::Integer(value));
            }
        }
        sql.push_str(" ORDER BY r.id LIMIT ?");
        bound.push(Sql::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
        let mut statement = t.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(bound), |row| row.get::<_, i64>(0))?;
        Ok(rows.map(|id| id.map(|id| id as u64)).collect::<Result<_, _>>()?)
    }

    fn raw(t: &Transaction<'_>, id: u64) -> Done<Option<Raw>> {
        let mut query = t.prepare_cached(&format!("SELECT {RAW} FROM records WHERE id = ?1 AND state = 1"))?;
        Ok(query.query_row(params![id as i64], Raw::of).optional()?)
    }

    /// Whether a record was deleted since this read began: then that its key is gone is no damage.
    pub(crate) fn is_gone(&self, id: u64) -> Result<bool, RecordsError> {
        self.db.read(|t| Ok(Self::raw(t, id)?.is_none()))
    }
}

/// What is looked for: the marks, and what they stand for.
pub(crate) struct Wanted {
    pseudonyms: Vec<Pseudonym>,
    texts: Vec<String>,
    pub(crate) marks: Vec<i64>,
}

impl Wanted {
    pub(crate) fn of(store: &Records, subject: &Subject) -> Self {
        let (pseudonyms, texts) = match subject {
            Subject::Pseudonym(pseudonym) => (vec![*pseudonym], Vec::new()),
            Subject::Value(value) => {
                let mut texts = vec![value.clone(), normal(Field::Txid, value)];
                for network in Network::ALL {
                    texts.extend(address::detect_on(network, value).into_iter().map(|c| c.address.text));
                }
                texts.sort_unstable();
                texts.dedup();
                (Pseudonym::all_of(&store.marks, value), texts)
            }
        };
        let mut marks: Vec<i64> = pseudonyms.iter().map(|p| mark_number(&p.0)).collect();
        marks.extend(texts.iter().map(|text| store.plain_mark(text)));
        marks.sort_unstable();
        marks.dedup();
        Self { pseudonyms, texts, marks }
    }

    fn named_by<'r>(&'r self, record: &'r Record) -> impl Iterator<Item = String> + 'r {
        record.values.values().filter_map(|value| match value {
            Value::Personal { pseudonym, .. } => self.pseudonyms.contains(pseudonym).then(|| pseudonym.to_string()),
            Value::Plain(text) => self.texts.contains(text).then(|| text.clone()),
        })
    }

    fn is_in(&self, record: &Record) -> bool {
        self.named_by(record).next().is_some()
    }

    pub(crate) fn names(&self, text: &str) -> bool {
        self.texts.iter().any(|t| t == text) || self.pseudonyms.iter().any(|p| p.to_string() == text)
    }

    /// What stands for it where no record names it.
    fn first(&self) -> Option<String> {
        self.pseudonyms.first().map(ToString::to_string)
    }
}
