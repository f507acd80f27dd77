//! Notes on the circumstances of a person: what speaks for an innocent reading, recorded where the records are.
//!
//! In the French coupon case some of those who sent money were relatives of people held in camps. Whoever looks at a hit must see what is
//! known of that, so every answer that names a subject carries its notes. A note is encrypted like a record, and goes with its subject.

use crate::delete::bury_note;
use crate::error::Done;
use crate::journal::{About, Action, append};
use crate::query::Wanted;
use crate::store::{Place, THERE};
use crate::{By, Pseudonym, Records, RecordsError, Subject};
use athar_types::{Network, address};
use athar_vault::Key;
use rusqlite::{params, params_from_iter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of a note's text.
pub const NOTE_BYTES_MAX: usize = 10_000;
/// Bytes of a note's source.
pub const SOURCE_BYTES_MAX: usize = 2_000;
/// Notes that a store holds at most.
pub const NOTES_MAX: u64 = 100_000;

/// A note.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HumanitarianNote")]
pub struct Note {
    /// Its number.
    pub id: u64,
    /// Whom it is about: a pseudonym or a crypto address.
    pub subject: String,
    /// What is known: `mother of a woman held at a camp; sent EUR 50 a month for food`.
    pub text: String,
    /// Where that is known from: a document, a statement, an organisation.
    pub source: String,
    /// When it was so, or was learned: seconds since 1970.
    pub time: i64,
    /// When it was recorded: seconds since 1970.
    pub recorded: i64,
    /// By whom.
    pub operator: String,
}

/// A note to be recorded.
#[derive(Clone, Debug)]
pub struct NewNote<'a> {
    /// Whom it is about. A value must be named by a record, so that a misspelt one is noticed; a pseudonym or a crypto address need not.
    pub subject: Subject,
    /// What is known.
    pub text: &'a str,
    /// Where that is known from.
    pub source: &'a str,
    /// When it was so, or was learned: seconds since 1970.
    pub time: i64,
}

impl Records {
    /// Records the humanitarian context of a subject. It is kept until the note or the subject is deleted.
    pub fn humanitarian_context(&self, note: &NewNote<'_>, by: By<'_>) -> Result<Note, RecordsError> {
        by.check()?;
        for (field, text, max) in [("text", note.text, NOTE_BYTES_MAX), ("source", note.source, SOURCE_BYTES_MAX)] {
            if text.trim().is_empty() || text.len() > max {
                return Err(RecordsError::input(field, format!("it must not be empty, nor longer than {max} bytes")));
            }
        }
        let subject = self.subject_text(&note.subject)?;
        let key = Key::random()?;
        let note = self.db.write(|t| {
            let count: i64 = t.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?;
            if count as u64 >= NOTES_MAX {
                return Err(RecordsError::TooMany { what: "notes", max: NOTES_MAX }.into());
            }
            let id = Self::numbers(t, 1)?;
            let note = Note {
                id,
                subject: subject.clone(),
                text: note.text.trim().to_owned(),
                source: note.source.trim().to_owned(),
                time: note.time,
                recorded: by.time,
                operator: by.operator.to_owned(),
            };
            let words = serde_json::to_vec(&note).map_err(|e| RecordsError::input("text", e.to_string()))?;
            self.keys.add([(id, &key)])?;
            t.prepare_cached("INSERT INTO notes VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                id as i64,
                THERE,
                self.mark_of_text(&subject),
                key.seal(&Place::Note.of(id), &words)?
            ])?;
            append(t, by, Action::Noted, About { subject: Some(id), ..About::default() })?;
            Ok(note)
        })?;
        self.mark_version()?;
        Ok(note)
    }

    /// The notes on a subject, the oldest first.
    pub fn notes(&self, subject: &Subject) -> Result<Vec<Note>, RecordsError> {
        let wanted = Wanted::of(self, subject);
        let holders = vec!["?"; wanted.marks.len()].join(", ");
        let notes = self.read_notes(&format!("AND mark IN ({holders})"), &wanted.marks)?;
        Ok(notes.into_iter().filter(|note| wanted.names(&note.subject)).collect())
    }

    /// Every note, the oldest first.
    pub fn all_notes(&self) -> Result<Vec<Note>, RecordsError> {
        self.read_notes("", &[])
    }

    /// Deletes a note; whether there was one.
    pub fn delete_note(&self, id: u64, by: By<'_>) -> Result<bool, RecordsError> {
        by.check()?;
        let was = self.db.write(|t| {
            let was = bury_note(t, id)?;
            if was {
                append(t, by, Action::DeletedNote, About { subject: Some(id), ..About::default() })?;
            }
            Ok(was)
        })?;
        self.finish_dying()?;
        Ok(was)
    }

    fn read_notes(&self, which: &str, bound: &[i64]) -> Result<Vec<Note>, RecordsError> {
        self.db.read(|t| -> Done<Vec<Note>> {
            let mut query =
                t.prepare_cached(&format!("SELECT id, sealed FROM notes WHERE state = 1 {which} ORDER BY id"))?;
            let mut rows = query.query(params_from_iter(bound))?;
            let mut notes = Vec::new();
            while let Some(row) = rows.next()? {
                let id = row.get::<_, i64>(0)? as u64;
                let sealed: Vec<u8> = row.get(1)?;
                let plain = self.keys.get(id)?.and_then(|key| key.open(&Place::Note.of(id), &sealed));
                let note = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
                match note {
                    Some(note) => notes.push(note),
                    // deleted since this read began
                    None if !self.has_note(id)? => {}
                    None => return Err(self.unreadable(id, None).into()),
                }
            }
            Ok(notes)
        })
    }

    fn has_note(&self, id: u64) -> Result<bool, RecordsError> {
        self.db
            .read(|t| Ok(t.prepare_cached("SELECT 1 FROM notes WHERE id = ?1 AND state = 1")?.exists([id as i64])?))
    }

    /// What a note names its subject by.
    fn subject_text(&self, subject: &Subject) -> Result<String, RecordsError> {
        let value = match subject {
            Subject::Pseudonym(pseudonym) => return Ok(pseudonym.to_string()),
            Subject::Value(value) => value,
        };
        for network in Network::ALL {
            if let Some(found) = address::detect_on(network, value).into_iter().find(|found| found.checked) {
                return Ok(found.address.text);
            }
        }
        let (ids, texts) = self.found(subject)?;
        match texts.into_iter().next().filter(|_| !ids.is_empty()) {
            Some(text) => Ok(text),
            None => Err(RecordsError::input("subject", "no record names it; give its pseudonym or a crypto address")),
        }
    }

    fn mark_of_text(&self, text: &str) -> i64 {
        text.parse::<Pseudonym>().map_or_else(|_| self.plain_mark(text), |p| crate::store::mark_number(&p.0))
    }
}
