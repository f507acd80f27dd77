//! The history of a case: every change, and what the thing was after it. What it was before is what the change before left.
//!
//! The history serves two ends. It tells who changed what, and it is what undoing works from; so no state is ever edited in it, and
//! a change that undoes another is a change itself. Two things keep it bounded: saves of one graph by one person within some minutes are
//! one change, and of one graph only the latest states are kept, since a drawing that saves itself would fill the case.

use super::access::Who;
use super::body::Kind;
use super::bounds::{CHANGES_MAX, GRAPH_SAVE_S, GRAPH_STATES_MAX, TEXT_BYTES_MAX};
use super::error::CaseError;
use super::model::{Action, Change, RawJson, Thing};
use crate::{Row, TeamError, Tx, params};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What an item is, as the history keeps it: all but its version and who changed it last.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) created_s: i64,
    pub(crate) created_by: i64,
    /// Of a subject: the key of the entity that it belonged to when it was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) party: Option<String>,
    pub(crate) body: Box<RawValue>,
}

/// A change to be written down.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) action: Action,
    pub(crate) thing: Thing,
    /// The item or the member; 0 of the case itself.
    pub(crate) item: i64,
    /// What the thing is now; nothing where it is gone.
    pub(crate) state: Option<String>,
    /// The version it has now.
    pub(crate) version: i64,
    pub(crate) summary: String,
    /// Of an undoing or a doing again: the change it is of.
    pub(crate) of: Option<i64>,
}

/// A change as it stands in the history.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) seq: i64,
    pub(crate) action: Action,
    pub(crate) thing: Thing,
    pub(crate) item: i64,
    pub(crate) state: Option<String>,
    pub(crate) is_kept: bool,
    pub(crate) version: i64,
    pub(crate) summary: String,
    pub(crate) undone: Option<i64>,
    at_s: i64,
    by: i64,
    of: Option<i64>,
}

const COLUMNS: &str = "seq, at_s, by_id, action, kind, item, kept, version, summary, of_seq, undone_seq";

/// A word of the database that this program does not know.
pub(crate) fn damaged(what: &str) -> CaseError {
    TeamError::Damaged { database: "the team's database".into(), what: format!("{what} in a case") }.into()
}

fn kept(row: &Row, state: Option<String>) -> Result<Kept, CaseError> {
    Ok(Kept {
        seq: row.int(0)?,
        at_s: row.int(1)?,
        by: row.int(2)?,
        action: Action::from_name(&row.text(3)?).ok_or_else(|| damaged("an unknown action"))?,
        thing: Thing::from_name(&row.text(4)?).ok_or_else(|| damaged("an unknown kind"))?,
        item: row.int(5)?,
        is_kept: row.flag(6)?,
        version: row.int(7)?,
        summary: row.text(8)?,
        of: row.opt_int(9)?,
        undone: row.opt_int(10)?,
        state,
    })
}

impl Kept {
    /// The same for a list, where no state is told.
    pub(crate) fn without_state(self) -> Self {
        Self { state: None, ..self }
    }

    /// As it is told.
    pub(crate) fn view(self, before: Option<String>) -> Result<Change, CaseError> {
        let json = |text: Option<String>| -> Result<Option<Box<RawJson>>, CaseError> {
            let raw = text.map(RawValue::from_string).transpose().map_err(|_| damaged("a state that is no JSON"))?;
            Ok(raw.map(|raw| Box::new(RawJson(raw))))
        };
        Ok(Change {
            seq: self.seq,
            at_s: self.at_s,
            by: self.by,
            action: self.action,
            kind: self.thing,
            item: (self.thing != Thing::Case).then_some(self.item),
            undone: self.undone.is_some(),
            undoable: self.is_undoable(),
            of: self.of,
            summary: self.summary,
            before: json(before)?,
            after: json(self.state)?,
        })
    }

    /// Whether it is of a kind that can be undone. Of one that is it may still be that something later touched the same thing.
    pub(crate) fn is_undoable(&self) -> bool {
        let is_own = matches!(self.action, Action::Add | Action::Change | Action::Remove);
        let is_removal = self.thing == Thing::Member && self.action == Action::Remove;
        is_own && !is_removal && self.is_kept
    }
}

/// Writes a change down; gives its number.
pub(crate) fn append(tx: &mut Tx<'_>, who: &Who, case: i64, now_s: i64, entry: &Entry) -> Result<i64, CaseError> {
    if entry.thing == Thing::Graph
        && entry.action == Action::Change
        && let Some(seq) = join(tx, who, case, now_s, entry)?
    {
        return Ok(seq);
    }
    let bytes = entry.state.as_ref().map_or(0, String::len) as i64;
    let sql = "UPDATE cases SET changed_s = ?2, next_seq = next_seq + 1, texts = texts + ?3 WHERE id = ?1
        RETURNING next_seq - 1, texts";
    let row = tx.first(sql, params![case, now_s, bytes])?.ok_or(CaseError::Absent("case"))?;
    let (seq, texts) = (row.int(0)?, row.int(1)?);
    bound(seq, texts, bytes)?;
    tx.execute(
        "INSERT INTO case_changes (case_id, seq, at_s, by_id, action, kind, item, state, kept, version, summary, of_seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?11)",
        params![
            case,
            seq,
            now_s,
            who.author(),
            entry.action.name(),
            entry.thing.name(),
            entry.item,
            entry.state.as_deref(),
            entry.version,
            &entry.summary,
            entry.of
        ],
    )?;
    if entry.thing == Thing::Graph {
        prune(tx, case, entry.item)?;
    }
    Ok(seq)
}

fn bound(seq: i64, texts: i64, bytes: i64) -> Result<(), CaseError> {
    if bytes > 0 && texts > TEXT_BYTES_MAX as i64 {
        return Err(CaseError::TooMany { what: "bytes of texts in a case and its history", max: TEXT_BYTES_MAX });
    }
    if seq > CHANGES_MAX as i64 {
        return Err(CaseError::TooMany { what: "changes of a case", max: CHANGES_MAX });
    }
    Ok(())
}

/// Joins a save of a graph with the one before, where that is of the same person and of the last minutes.
fn join(tx: &mut Tx<'_>, who: &Who, case: i64, now_s: i64, entry: &Entry) -> Result<Option<i64>, CaseError> {
    let Some(last) = last(tx, case, entry.thing, entry.item)? else { return Ok(None) };
    let is_one = last.action == Action::Change && last.undone.is_none() && last.is_kept && last.by == who.author();
    if !is_one || now_s.saturating_sub(last.at_s) > GRAPH_SAVE_S {
        return Ok(None);
    }
    let bytes = |text: Option<&String>| text.map_or(0, String::len) as i64;
    let more = bytes(entry.state.as_ref()) - bytes(last.state.as_ref());
    let sql = "UPDATE cases SET changed_s = ?2, texts = texts + ?3 WHERE id = ?1 RETURNING texts";
    let row = tx.first(sql, params![case, now_s, more])?.ok_or(CaseError::Absent("case"))?;
    bound(last.seq, row.int(0)?, more)?;
    let sql = "UPDATE case_changes SET state = ?3, version = ?4, summary = ?5 WHERE case_id = ?1 AND seq = ?2";
    tx.execute(sql, params![case, last.seq, entry.state.as_deref(), entry.version, &entry.summary])?;
    Ok(Some(last.seq))
}

/// Lets go of the older states of a graph.
fn prune(tx: &mut Tx<'_>, case: i64, item: i64) -> Result<(), CaseError> {
    let sql = "SELECT seq FROM case_changes WHERE case_id = ?1 AND kind = 'graph' AND item = ?2 AND kept = 1
        ORDER BY seq DESC LIMIT 1 OFFSET ?3";
    let Some(row) = tx.first(sql, params![case, item, GRAPH_STATES_MAX as i64])? else { return Ok(()) };
    let oldest = row.int(0)?;
    let which = "case_id = ?1 AND kind = 'graph' AND item = ?2 AND kept = 1 AND seq <= ?3";
    let sql = format!("SELECT CAST(coalesce(sum(octet_length(state)), 0) AS BIGINT) FROM case_changes WHERE {which}");
    let freed = tx.one(&sql, params![case, item, oldest])?.int(0)?;
    tx.execute(&format!("UPDATE case_changes SET state = NULL, kept = 0 WHERE {which}"), params![case, item, oldest])?;
    tx.execute("UPDATE cases SET texts = texts - ?2 WHERE id = ?1", params![case, freed])?;
    Ok(())
}

/// A change by its number.
pub(crate) fn change(tx: &mut Tx<'_>, case: i64, seq: i64) -> Result<Option<Kept>, CaseError> {
    let sql = format!("SELECT {COLUMNS}, state FROM case_changes WHERE case_id = ?1 AND seq = ?2");
    tx.first(&sql, params![case, seq])?.map(|row| kept(&row, row.opt_text(11)?)).transpose()
}

/// The last change of a thing.
pub(crate) fn last(tx: &mut Tx<'_>, case: i64, thing: Thing, item: i64) -> Result<Option<Kept>, CaseError> {
    before(tx, case, thing, item, i64::MAX)
}

/// The last change of a thing before another one.
pub(crate) fn before(tx: &mut Tx<'_>, case: i64, thing: Thing, item: i64, seq: i64) -> Result<Option<Kept>, CaseError> {
    let sql = format!(
        "SELECT {COLUMNS}, state FROM case_changes WHERE case_id = ?1 AND kind = ?2 AND item = ?3 AND seq < ?4
         ORDER BY seq DESC LIMIT 1"
    );
    tx.first(&sql, params![case, thing.name(), item, seq])?.map(|row| kept(&row, row.opt_text(11)?)).transpose()
}

/// A page of the history, newest first, without states.
pub(crate) fn page(tx: &mut Tx<'_>, case: i64, below: i64, limit: u32) -> Result<Vec<Kept>, CaseError> {
    let sql = format!("SELECT {COLUMNS} FROM case_changes WHERE case_id = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3");
    tx.query(&sql, params![case, below, i64::from(limit)])?.iter().map(|row| kept(row, None)).collect()
}

/// The beginning of what a body is about, for the history.
pub(crate) fn summary(kind: Kind, body: &super::body::Body) -> String {
    use super::body::Body;
    let text = match body {
        Body::Subject(subject) => &subject.value,
        Body::Note(note) => &note.text,
        Body::Finding(finding) => &finding.statement,
        Body::Task(task) => &task.text,
        Body::Link(link) => match (&link.elsewhere, link.case) {
            (Some(words), _) => words,
            (None, case) => return case.map_or_else(|| kind.name().to_owned(), |case| case.to_string()),
        },
        Body::Graph(graph) => &graph.name,
        Body::Attachment(file) => &file.name,
    };
    short(text)
}

/// The first line of a text, or the beginning of it.
pub(crate) fn short(text: &str) -> String {
    const CHARS_MAX: usize = 100;
    let line = text.trim().lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(CHARS_MAX).collect();
    if line.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}
