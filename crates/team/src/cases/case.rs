//! A case itself: made, listed, read, changed, purged.

use super::access::{Access, Who};
use super::body::{Lines, day, text};
use super::bounds::{NAME_CHARS_MAX, PAGE_MAX, REASON_CHARS_MAX, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX};
use super::error::CaseError;
use super::journal::{self, Entry, damaged, short};
use super::model::{
    Action, Case, CaseFields, CasePage, CasePatch, CaseQuery, CaseRole, CaseState, Counts, Disclosure, Humanitarian,
    Member, Person, Thing,
};
use super::{Cases, members};
use crate::{Row, Tx, Value, params};
use athar_types::Day;
use std::collections::HashMap;

/// Cases that are read at once.
const STEP: usize = 50;
/// Seconds of a day.
const DAY_S: i64 = 86_400;

/// The tables that hold anything of a case, those first that refer to others.
const TABLES: [&str; 5] = ["case_changes", "case_items", "case_holds", "case_people", "case_members"];

impl CaseFields {
    /// Holds every field to its bound.
    pub(crate) fn check(&self) -> Result<(), CaseError> {
        text("title", &self.title, 1, TITLE_CHARS_MAX, Lines::One)?;
        text("summary", &self.summary, 0, SUMMARY_CHARS_MAX, Lines::Many)?;
        text("legal_basis", &self.legal_basis, 0, REASON_CHARS_MAX, Lines::Many)?;
        text("humanitarian.note", &self.humanitarian.note, 0, REASON_CHARS_MAX, Lines::Many)?;
        day("retention_until", self.retention_until.as_deref())
    }

    /// As the history keeps them.
    pub(crate) fn json(&self) -> Result<String, CaseError> {
        serde_json::to_string(self).map_err(|_| damaged("fields that are no JSON"))
    }

    fn search(&self) -> String {
        format!("{}\n{}", self.title, self.summary).to_lowercase()
    }
}

/// Today, as a text that compares as days do.
fn today(now_s: i64) -> String {
    Day(i32::try_from(now_s.div_euclid(DAY_S)).unwrap_or(i32::MAX)).to_string()
}

impl Cases<'_> {
    /// Makes a case. Who makes it owns it.
    pub fn make(&self, who: &Who, fields: &CaseFields, now_s: i64) -> Result<Case, CaseError> {
        fields.check()?;
        let Some(user) = who.user.filter(|_| who.writes) else {
            return Err(CaseError::Forbidden("a case is made by a person who may write"));
        };
        self.team.db().write(|tx| {
            let id = insert(tx, fields, now_s, user)?;
            members::put(tx, id, user, CaseRole::Owner, now_s)?;
            let entry = Entry {
                action: Action::Made,
                thing: Thing::Case,
                item: 0,
                state: Some(fields.json()?),
                version: 1,
                summary: short(&fields.title),
                of: None,
            };
            journal::append(tx, who, id, now_s, &entry)?;
            self.team.append_in(tx, &[super::entry(who, "case.make", Some(id), None, now_s)])?;
            one(tx, who, id, now_s)
        })
    }

    /// A case.
    pub fn case(&self, who: &Who, id: i64, now_s: i64) -> Result<Case, CaseError> {
        self.reading(who, "case.read", Some(id), None, now_s, |tx| {
            Access::find(tx, who, id)?;
            one(tx, who, id, now_s)
        })
    }

    /// A page of the cases that somebody sees, newest first.
    pub fn list(&self, who: &Who, query: &CaseQuery, now_s: i64) -> Result<CasePage, CaseError> {
        let words = query.text.as_deref().unwrap_or_default();
        text("q", words, 0, NAME_CHARS_MAX, Lines::One)?;
        let limit = query.limit.clamp(1, PAGE_MAX) as usize;
        let mut like = String::from("%");
        for c in words.to_lowercase().chars() {
            if matches!(c, '%' | '_' | '\\') {
                like.push('\\');
            }
            like.push(c);
        }
        like.push('%');
        let from = if who.supervises && !query.mine {
            "cases c WHERE CAST(?1 AS BIGINT) = CAST(?1 AS BIGINT)"
        } else {
            "case_members m JOIN cases c ON c.id = m.case_id WHERE m.user_id = ?1"
        };
        let sql = format!(
            "SELECT c.id FROM {from} AND c.id < ?2 AND (?3 = '' OR c.state = ?3) AND (?4 = '%%' OR c.search LIKE ?4 ESCAPE '\\')
             AND (?5 = '' OR c.retention_until < ?5) ORDER BY c.id DESC LIMIT ?6"
        );
        let day = if query.past_retention { today(now_s) } else { String::new() };
        self.reading(who, "case.list", None, None, now_s, |tx| {
            let rows = tx.query(
                &sql,
                params![
                    who.user.unwrap_or(-1),
                    query.below.unwrap_or(i64::MAX),
                    query.state.map_or("", CaseState::name),
                    &like,
                    &day,
                    limit as i64 + 1
                ],
            )?;
            let mut ids = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
            let is_more = ids.len() > limit;
            ids.truncate(limit);
            let next = ids.last().copied().filter(|_| is_more);
            Ok(CasePage { cases: views(tx, who, &ids, now_s)?, next })
        })
    }

    /// Changes the fields of a case that has the version that was seen.
    pub fn patch(&self, who: &Who, id: i64, patch: &CasePatch, now_s: i64) -> Result<Case, CaseError> {
        self.writing(who, "case.change", id, now_s, |tx| {
            Access::to_write(tx, who, id)?;
            let now = one(tx, who, id, now_s)?;
            if now.version != patch.version {
                let current = serde_json::to_value(&now).map_err(|_| damaged("fields that are no JSON"))?;
                let (expected, found) = (patch.version, now.version);
                return Err(CaseError::Overtaken { expected, found, current: Box::new(current) });
            }
            let was = now.fields();
            let fields = CaseFields {
                title: patch.title.clone().unwrap_or_else(|| was.title.clone()),
                state: patch.state.unwrap_or(was.state),
                summary: patch.summary.clone().unwrap_or_else(|| was.summary.clone()),
                legal_basis: patch.legal_basis.clone().unwrap_or_else(|| was.legal_basis.clone()),
                retention_until: patch.retention_until.clone().unwrap_or_else(|| was.retention_until.clone()),
                humanitarian: patch.humanitarian.clone().unwrap_or_else(|| was.humanitarian.clone()),
                disclosure: patch.disclosure.unwrap_or(was.disclosure),
            };
            if fields == was {
                return Ok((now, None));
            }
            fields.check()?;
            set(tx, id, &fields, now.version + 1)?;
            let entry = Entry {
                action: Action::Change,
                thing: Thing::Case,
                item: 0,
                state: Some(fields.json()?),
                version: now.version + 1,
                summary: short(&fields.title),
                of: None,
            };
            journal::append(tx, who, id, now_s, &entry)?;
            Ok((one(tx, who, id, now_s)?, None))
        })
    }

    /// Purges a case that has the version that was seen: its items, its history, its members, and the attachments that no other case
    /// holds. It cannot be undone. The entries of the audit log stay; they hold ids and nothing that the case said.
    pub fn purge(&self, who: &Who, id: i64, version: i64, now_s: i64) -> Result<(), CaseError> {
        self.writing(who, "case.purge", id, now_s, |tx| {
            Access::to_write(tx, who, id)?;
            if !who.supervises {
                return Err(CaseError::Forbidden("a supervisor purges cases"));
            }
            let now = one(tx, who, id, now_s)?;
            if now.version != version {
                let current = serde_json::to_value(&now).map_err(|_| damaged("fields that are no JSON"))?;
                return Err(CaseError::Overtaken { expected: version, found: now.version, current: Box::new(current) });
            }
            let held = tx.query("SELECT hash FROM case_holds WHERE case_id = ?1", params![id])?;
            for table in TABLES {
                tx.execute(&format!("DELETE FROM {table} WHERE case_id = ?1"), params![id])?;
            }
            let sql =
                "DELETE FROM case_files WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM case_holds WHERE hash = ?1)";
            for row in held {
                tx.execute(sql, params![row.bytes(0)?])?;
            }
            tx.execute("DELETE FROM cases WHERE id = ?1", params![id])?;
            Ok(((), None))
        })
    }
}

impl Case {
    /// The fields that people write.
    pub fn fields(&self) -> CaseFields {
        CaseFields {
            title: self.title.clone(),
            state: self.state,
            summary: self.summary.clone(),
            legal_basis: self.legal_basis.clone(),
            retention_until: self.retention_until.clone(),
            humanitarian: self.humanitarian.clone(),
            disclosure: self.disclosure,
        }
    }
}

/// Puts a case in; gives its number.
pub(crate) fn insert(tx: &mut Tx<'_>, fields: &CaseFields, now_s: i64, by: i64) -> Result<i64, CaseError> {
    let row = tx.one(
        "INSERT INTO cases (version, title, search, state, summary, legal_basis, retention_until, humanitarian,
             humanitarian_note, disclosure, created_s, created_by, changed_s, next_item, next_seq, texts)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?10, 1, 1, 0) RETURNING id",
        params![
            &fields.title,
            fields.search(),
            fields.state.name(),
            &fields.summary,
            &fields.legal_basis,
            fields.retention_until.as_deref(),
            fields.humanitarian.flag,
            &fields.humanitarian.note,
            fields.disclosure.name(),
            now_s,
            by
        ],
    )?;
    Ok(row.int(0)?)
}

/// Sets the fields of a case.
pub(crate) fn set(tx: &mut Tx<'_>, id: i64, fields: &CaseFields, version: i64) -> Result<(), CaseError> {
    tx.execute(
        "UPDATE cases SET version = ?2, title = ?3, search = ?4, state = ?5, summary = ?6, legal_basis = ?7,
             retention_until = ?8, humanitarian = ?9, humanitarian_note = ?10, disclosure = ?11 WHERE id = ?1",
        params![
            id,
            version,
            &fields.title,
            fields.search(),
            fields.state.name(),
            &fields.summary,
            &fields.legal_basis,
            fields.retention_until.as_deref(),
            fields.humanitarian.flag,
            &fields.humanitarian.note,
            fields.disclosure.name()
        ],
    )?;
    Ok(())
}

/// A case as it is told to somebody who may see it.
pub(crate) fn one(tx: &mut Tx<'_>, who: &Who, id: i64, now_s: i64) -> Result<Case, CaseError> {
    views(tx, who, &[id], now_s)?.pop().ok_or(CaseError::Absent("case"))
}

/// Cases as they are told to somebody who may see them, in the order of their numbers given.
fn views(tx: &mut Tx<'_>, who: &Who, ids: &[i64], now_s: i64) -> Result<Vec<Case>, CaseError> {
    let today = today(now_s);
    let mut cases: HashMap<i64, Case> = HashMap::with_capacity(ids.len());
    for some in ids.chunks(STEP) {
        let columns =
            "id, version, title, state, summary, legal_basis, retention_until, humanitarian, humanitarian_note,
            disclosure, created_s, created_by, changed_s";
        for row in in_ids(tx, &format!("SELECT {columns} FROM cases WHERE id IN "), "", some)? {
            let case = view(&row, &today)?;
            cases.insert(case.id, case);
        }
        let members =
            "SELECT m.case_id, m.user_id, u.display, m.role FROM case_members m JOIN users u ON u.id = m.user_id
            WHERE m.case_id IN ";
        for row in in_ids(tx, members, " ORDER BY m.since_s, m.user_id", some)? {
            let role = CaseRole::from_name(&row.text(3)?).ok_or_else(|| damaged("an unknown role"))?;
            let Some(case) = cases.get_mut(&row.int(0)?) else { continue };
            let user = row.int(1)?;
            if who.user == Some(user) {
                case.role = Some(role);
            }
            case.members.push(Member { user, display: row.text(2)?, role });
        }
        let people = "SELECT case_id, id, display FROM case_people WHERE case_id IN ";
        for row in in_ids(tx, people, " ORDER BY id DESC", some)? {
            if let Some(case) = cases.get_mut(&row.int(0)?) {
                case.people.push(Person { user: row.int(1)?, display: row.text(2)? });
            }
        }
        let counts = "SELECT case_id, kind, count(*), CAST(coalesce(sum(is_open), 0) AS BIGINT) FROM case_items
            WHERE case_id IN ";
        for row in in_ids(tx, counts, " GROUP BY case_id, kind", some)? {
            let Some(case) = cases.get_mut(&row.int(0)?) else { continue };
            let (count, open) = (row.int(2)? as u64, row.int(3)? as u64);
            let counts = &mut case.counts;
            match row.text(1)?.as_str() {
                "subject" => counts.subjects = count,
                "note" => counts.notes = count,
                "finding" => counts.findings = count,
                "task" => (counts.tasks, counts.tasks_open) = (count, open),
                "link" => counts.links = count,
                "graph" => counts.graphs = count,
                "attachment" => counts.attachments = count,
                _ => {}
            }
        }
    }
    Ok(ids.iter().filter_map(|id| cases.remove(id)).collect())
}

/// Asks for rows of up to [`STEP`] cases. The list is always as long, so that there is one statement to prepare.
fn in_ids(tx: &mut Tx<'_>, select: &str, rest: &str, ids: &[i64]) -> Result<Vec<Row>, CaseError> {
    let Some(last) = ids.last() else { return Ok(Vec::new()) };
    let places = if ids.len() == 1 { 1 } else { STEP };
    let marks: Vec<String> = (1..=places).map(|at| format!("?{at}")).collect();
    let values: Vec<Value> = (0..places).map(|at| Value::from(*ids.get(at).unwrap_or(last))).collect();
    Ok(tx.query(&format!("{select}({}){rest}", marks.join(", ")), &values)?)
}

fn view(row: &Row, today: &str) -> Result<Case, CaseError> {
    let retention_until = row.opt_text(6)?;
    Ok(Case {
        id: row.int(0)?,
        version: row.int(1)?,
        title: row.text(2)?,
        state: CaseState::from_name(&row.text(3)?).ok_or_else(|| damaged("an unknown state"))?,
        summary: row.text(4)?,
        legal_basis: row.text(5)?,
        retention_past: retention_until.as_deref().is_some_and(|until| until < today),
        retention_until,
        humanitarian: Humanitarian { flag: row.flag(7)?, note: row.text(8)? },
        disclosure: Disclosure::from_name(&row.text(9)?).ok_or_else(|| damaged("an unknown disclosure"))?,
        created_s: row.int(10)?,
        created_by: row.int(11)?,
        changed_s: row.int(12)?,
        role: None,
        members: Vec::new(),
        people: Vec::new(),
        counts: Counts::default(),
    })
}
