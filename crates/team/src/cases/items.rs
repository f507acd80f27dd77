//! Items of a case: added, changed, taken away, read. One path for all kinds; what a kind adds is in its body.

use super::Cases;
use super::access::{Access, Who};
use super::body::{Body, Kind, SubjectKind};
use super::bounds::{ITEMS_MAX, PAGE_BYTES_MAX, PAGE_MAX};
use super::error::CaseError;
use super::journal::{self, Entry, State, damaged};
use super::model::{Action, Added, Item, ItemPage, LinkPage, LinkTitle, LinkedFrom};
use super::{deconflict, subject};
use crate::{Row, Tx, params};
use serde_json::value::RawValue;

const COLUMNS: &str = "id, version, created_s, created_by, changed_s, changed_by, body";

/// A row of `case_items` as it is told.
pub(crate) fn item(row: &Row) -> Result<Item, CaseError> {
    Ok(Item {
        id: row.int(0)?,
        version: row.int(1)?,
        created_s: row.int(2)?,
        created_by: row.int(3)?,
        changed_s: row.int(4)?,
        changed_by: row.int(5)?,
        body: RawValue::from_string(row.text(6)?).map_err(|_| damaged("a body that is no JSON"))?,
    })
}

/// An item with the key of its entity.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    case: i64,
    kind: Kind,
    id: i64,
) -> Result<Option<(Item, Option<String>)>, CaseError> {
    let sql = format!("SELECT {COLUMNS}, party_key FROM case_items WHERE case_id = ?1 AND id = ?2 AND kind = ?3");
    let row = tx.first(&sql, params![case, id, kind.name()])?;
    row.map(|row| Ok((item(&row)?, row.opt_text(7)?))).transpose()
}

/// Stores an item as it is now; what its kind makes it findable by is taken from its body.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    case: i64,
    id: i64,
    version: i64,
    state: &State,
    body: &Body,
    changed: (i64, i64),
) -> Result<(), CaseError> {
    let (mut subject_key, mut party_key, mut is_open, mut linked) = (None, None, None, None);
    match body {
        Body::Subject(subject) => {
            let chain = subject.chain.as_deref();
            subject_key = Some(subject::key(subject.kind, chain, &subject.value));
            party_key.clone_from(&state.party);
        }
        Body::Task(task) => is_open = Some(i64::from(!task.done)),
        Body::Link(link) => linked = link.case,
        _ => {}
    }
    tx.execute(
        "INSERT INTO case_items (case_id, id, kind, version, created_s, created_by, changed_s, changed_by, body,
             subject_key, party_key, is_open, linked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (case_id, id) DO UPDATE SET version = excluded.version, changed_s = excluded.changed_s,
             changed_by = excluded.changed_by, body = excluded.body, subject_key = excluded.subject_key,
             party_key = excluded.party_key, is_open = excluded.is_open, linked = excluded.linked",
        params![
            case,
            id,
            body.kind().name(),
            version,
            state.created_s,
            state.created_by,
            changed.0,
            changed.1,
            state.body.get(),
            subject_key,
            party_key,
            is_open,
            linked
        ],
    )?;
    Ok(())
}

/// Adds an item in a transaction that has looked whether that may be; gives its number.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    who: &Who,
    case: i64,
    now_s: i64,
    body: &Body,
    party: Option<String>,
) -> Result<i64, CaseError> {
    let count = tx.one("SELECT count(*) FROM case_items WHERE case_id = ?1", params![case])?.int(0)?;
    if count >= ITEMS_MAX as i64 {
        return Err(CaseError::TooMany { what: "items of a case", max: ITEMS_MAX });
    }
    check(tx, who, case, body)?;
    let sql = "UPDATE cases SET next_item = next_item + 1 WHERE id = ?1 RETURNING next_item - 1";
    let id = tx.first(sql, params![case])?.ok_or(CaseError::Absent("case"))?.int(0)?;
    let state = State { created_s: now_s, created_by: who.author(), party, body: raw(body)? };
    store(tx, case, id, 1, &state, body, (now_s, who.author()))?;
    let entry = Entry {
        action: Action::Add,
        thing: body.kind().into(),
        item: id,
        state: Some(json(&state)?),
        version: 1,
        summary: journal::summary(body.kind(), body),
        of: None,
    };
    journal::append(tx, who, case, now_s, &entry)?;
    Ok(id)
}

/// An item as somebody saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number within the case.
    pub item: i64,
    /// The version that it had.
    pub version: i64,
}

/// What a body names must be there, for the person who writes it.
fn check(tx: &mut Tx<'_>, who: &Who, case: i64, body: &Body) -> Result<(), CaseError> {
    match body {
        Body::Task(task) => {
            let Some(user) = task.assignee else { return Ok(()) };
            let sql = "SELECT 1 FROM case_members WHERE case_id = ?1 AND user_id = ?2";
            match tx.first(sql, params![case, user])? {
                Some(_) => Ok(()),
                None => Err(CaseError::input("assignee", "is no member of the case")),
            }
        }
        Body::Link(link) => match link.case {
            Some(other) if other == case => Err(CaseError::input("case", "is the case itself")),
            Some(other) => Access::find(tx, who, other)
                .map(|_| ())
                .map_err(|e| if matches!(e, CaseError::Absent(_)) { no_case() } else { e }),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn no_case() -> CaseError {
    CaseError::input("case", "is the number of no case that you see")
}

pub(crate) fn raw(body: &Body) -> Result<Box<RawValue>, CaseError> {
    RawValue::from_string(body.to_json()?).map_err(|_| damaged("a body that is no JSON"))
}

pub(crate) fn json(state: &State) -> Result<String, CaseError> {
    serde_json::to_string(state).map_err(|_| damaged("a state that is no JSON"))
}

impl Cases<'_> {
    /// Adds an item. `entity` names the entity that a subject belongs to, by one of its addresses: two cases with two addresses of one
    /// entity then learn of each other. An attachment is added with its bytes, by [`Cases::attach`].
    pub fn add(&self, who: &Who, case: i64, body: Body, entity: Option<&str>, now_s: i64) -> Result<Added, CaseError> {
        let body = body.checked()?;
        let kind = body.kind();
        if kind == Kind::Attachment {
            return Err(CaseError::input("body", "of an attachment comes with its bytes"));
        }
        let party = party_of(&body, entity);
        self.writing(who, kind.actions().add, case, now_s, |tx| {
            Access::to_write(tx, who, case)?;
            let id = insert(tx, who, case, now_s, &body, party.clone())?;
            let also_in = match &body {
                Body::Subject(subject) => {
                    let chain = subject.chain.as_deref();
                    let key = subject::key(subject.kind, chain, &subject.value);
                    Some(deconflict::others(tx, who, Some(case), &key, party.as_deref())?)
                }
                _ => None,
            };
            let (item, _) = find(tx, case, kind, id)?.ok_or(CaseError::Absent("item"))?;
            Ok((Added { item, also_in }, Some((kind.name(), id))))
        })
    }

    /// Changes an item that has the version that was seen. A body that says what the item says already changes nothing.
    pub fn change(
        &self,
        who: &Who,
        case: i64,
        Seen { item: id, version }: Seen,
        body: Body,
        entity: Option<&str>,
        now_s: i64,
    ) -> Result<Item, CaseError> {
        let body = body.checked()?;
        let kind = body.kind();
        if kind == Kind::Attachment {
            return Err(CaseError::state("an attachment is not changed: attach another"));
        }
        let party = party_of(&body, entity);
        self.writing(who, kind.actions().change, case, now_s, |tx| {
            Access::to_write(tx, who, case)?;
            let (now, before_party) = find(tx, case, kind, id)?.ok_or(CaseError::Absent("item"))?;
            seen(&now, version)?;
            check(tx, who, case, &body)?;
            let new = raw(&body)?;
            // an entity that is not told now was told before: it stays while the subject does
            let is_same_subject = party.is_none() && same_subject(&now, &body);
            let party = if is_same_subject { before_party.clone() } else { party.clone() };
            if new.get() == now.body.get() && party == before_party {
                return Ok((now, Some((kind.name(), id))));
            }
            let state = State { created_s: now.created_s, created_by: now.created_by, party, body: new };
            store(tx, case, id, version + 1, &state, &body, (now_s, who.author()))?;
            let entry = Entry {
                action: Action::Change,
                thing: kind.into(),
                item: id,
                state: Some(json(&state)?),
                version: version + 1,
                summary: journal::summary(kind, &body),
                of: None,
            };
            journal::append(tx, who, case, now_s, &entry)?;
            let (item, _) = find(tx, case, kind, id)?.ok_or(CaseError::Absent("item"))?;
            Ok((item, Some((kind.name(), id))))
        })
    }

    /// Takes an item away that has the version that was seen. Its history keeps what it said until the case is purged.
    pub fn remove(
        &self,
        who: &Who,
        case: i64,
        kind: Kind,
        id: i64,
        version: Option<i64>,
        now_s: i64,
    ) -> Result<(), CaseError> {
        self.writing(who, kind.actions().remove, case, now_s, |tx| {
            Access::to_write(tx, who, case)?;
            let (now, _) = find(tx, case, kind, id)?.ok_or(CaseError::Absent("item"))?;
            seen(&now, version.unwrap_or(now.version))?;
            let body = Body::read(kind, now.body.get().as_bytes())?;
            tx.execute("DELETE FROM case_items WHERE case_id = ?1 AND id = ?2", params![case, id])?;
            let entry = Entry {
                action: Action::Remove,
                thing: kind.into(),
                item: id,
                state: None,
                version: now.version + 1,
                summary: journal::summary(kind, &body),
                of: None,
            };
            journal::append(tx, who, case, now_s, &entry)?;
            Ok(((), Some((kind.name(), id))))
        })
    }

    /// An item.
    pub fn item(&self, who: &Who, case: i64, kind: Kind, id: i64, now_s: i64) -> Result<Item, CaseError> {
        self.reading(who, kind.actions().read, Some(case), Some((kind.name(), id)), now_s, |tx| {
            Access::find(tx, who, case)?;
            Ok(find(tx, case, kind, id)?.ok_or(CaseError::Absent("item"))?.0)
        })
    }

    /// A page of the items of a kind, those after a number.
    pub fn items(
        &self,
        who: &Who,
        case: i64,
        kind: Kind,
        after: i64,
        limit: u32,
        now_s: i64,
    ) -> Result<ItemPage, CaseError> {
        self.reading(who, kind.actions().list, Some(case), None, now_s, |tx| {
            Access::find(tx, who, case)?;
            page(tx, case, kind, after, limit)
        })
    }

    /// A page of the links of a case, with the titles of the cases that they name and the links of other cases to this one: of each what
    /// the person may see.
    pub fn links(&self, who: &Who, case: i64, after: i64, limit: u32, now_s: i64) -> Result<LinkPage, CaseError> {
        self.reading(who, Kind::Link.actions().list, Some(case), None, now_s, |tx| {
            Access::find(tx, who, case)?;
            let ItemPage { items, next } = page(tx, case, Kind::Link, after, limit)?;
            let user = who.user.unwrap_or(-1);
            let visible = "(?2 = 1 OR EXISTS (SELECT 1 FROM case_members m WHERE m.case_id = c.id AND m.user_id = ?3))";
            let mut titles = Vec::new();
            let sql = format!(
                "SELECT DISTINCT c.id, c.title FROM case_items i JOIN cases c ON c.id = i.linked
                 WHERE i.case_id = ?1 AND i.kind = 'link' AND {visible} ORDER BY c.id LIMIT ?4"
            );
            let limit = i64::from(PAGE_MAX);
            for row in tx.query(&sql, params![case, who.supervises, user, limit])? {
                titles.push(LinkTitle { case: row.int(0)?, title: row.text(1)? });
            }
            let mut linked_from = Vec::new();
            if after <= 0 {
                let sql = format!(
                    "SELECT c.id, c.title, i.body FROM case_items i JOIN cases c ON c.id = i.case_id
                     WHERE i.linked = ?1 AND {visible} ORDER BY c.id, i.id LIMIT ?4"
                );
                for row in tx.query(&sql, params![case, who.supervises, user, limit])? {
                    let Body::Link(link) = Body::read(Kind::Link, row.text(2)?.as_bytes())? else { continue };
                    linked_from.push(LinkedFrom { case: row.int(0)?, title: row.text(1)?, why: link.why });
                }
            }
            Ok(LinkPage { items, next, titles, linked_from })
        })
    }
}

/// The key of the entity that a subject belongs to.
fn party_of(body: &Body, entity: Option<&str>) -> Option<String> {
    match body {
        Body::Subject(subject) if matches!(subject.kind, SubjectKind::Address | SubjectKind::Entity) => {
            Some(subject::party(subject.chain.as_deref()?, entity?))
        }
        _ => None,
    }
}

fn same_subject(now: &Item, body: &Body) -> bool {
    match (Body::read(Kind::Subject, now.body.get().as_bytes()), body) {
        (Ok(Body::Subject(was)), Body::Subject(is)) => {
            (was.kind, &was.chain, &was.value) == (is.kind, &is.chain, &is.value)
        }
        _ => false,
    }
}

fn seen(now: &Item, version: i64) -> Result<(), CaseError> {
    if now.version == version {
        return Ok(());
    }
    let current = serde_json::to_value(now).map_err(|_| damaged("a body that is no JSON"))?;
    Err(CaseError::Overtaken { expected: version, found: now.version, current: Box::new(current) })
}

fn page(tx: &mut Tx<'_>, case: i64, kind: Kind, after: i64, limit: u32) -> Result<ItemPage, CaseError> {
    let limit = limit.clamp(1, PAGE_MAX) as usize;
    // lengths first: a page of graphs would else be read whole to be cut
    let sql = "SELECT id, octet_length(body) FROM case_items WHERE case_id = ?1 AND kind = ?2 AND id > ?3
        ORDER BY id LIMIT ?4";
    let lengths = tx.query(sql, params![case, kind.name(), after, limit as i64 + 1])?;
    let (mut bytes, mut rows, mut last) = (0, 0, after);
    for row in lengths.iter().take(limit) {
        bytes += row.int(1)? as usize;
        if rows > 0 && bytes > PAGE_BYTES_MAX {
            break;
        }
        rows += 1;
        last = row.int(0)?;
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM case_items WHERE case_id = ?1 AND kind = ?2 AND id > ?3 AND id <= ?4 ORDER BY id"
    );
    let items = tx.query(&sql, params![case, kind.name(), after, last])?;
    let items = items.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    Ok(ItemPage { next: (rows < lengths.len()).then_some(last), items })
}
