//! Undoing and doing again.
//!
//! An undoing is a change: it gives a thing the state that it had before another change, and is written into the history as any. Without
//! a number the latest change of whoever asks is undone that is not undone yet; with one that change, whoever made it, where nothing that still
//! holds touched the same thing later. Doing again takes back the latest undoing of whoever asks, until they change something else.
//! The state that a change is taken back to is kept by the history, and it is held against what the thing is now: where the two do not meet, nothing
//! is done.

use super::Cases;
use super::access::{Access, Who};
use super::body::Body;
use super::bounds::PAGE_MAX;
use super::case::{self, one};
use super::error::CaseError;
use super::items;
use super::journal::{self, Entry, Kept, State, damaged};
use super::members::{self, MemberState};
use super::model::{Action, CaseFields, Change, ChangePage, Thing};
use crate::{Tx, params};

impl Cases<'_> {
    /// A page of the history, newest first: the changes below a number.
    pub fn history(
        &self,
        who: &Who,
        case: i64,
        below: Option<i64>,
        limit: u32,
        now_s: i64,
    ) -> Result<ChangePage, CaseError> {
        let limit = limit.clamp(1, PAGE_MAX);
        self.reading(who, "history.read", Some(case), None, now_s, |tx| {
            Access::find(tx, who, case)?;
            let mut rows = journal::page(tx, case, below.unwrap_or(i64::MAX), limit + 1)?;
            let is_more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let next = rows.last().map(|last| last.seq).filter(|_| is_more);
            let changes = rows.into_iter().map(|row| row.view(None)).collect::<Result<_, _>>()?;
            Ok(ChangePage { changes, next })
        })
    }

    /// One change, with what the thing was before and after.
    pub fn history_of(&self, who: &Who, case: i64, seq: i64, now_s: i64) -> Result<Change, CaseError> {
        self.reading(who, "change.read", Some(case), Some(("change", seq)), now_s, |tx| {
            Access::find(tx, who, case)?;
            let change = journal::change(tx, case, seq)?.ok_or(CaseError::Absent("change"))?;
            let before = journal::before(tx, case, change.thing, change.item, change.seq)?;
            change.view(before.and_then(|before| before.state))
        })
    }

    /// Undoes the change of that number, or without one the latest of whoever asks; gives the change that is undone now.
    pub fn undo(&self, who: &Who, case: i64, seq: Option<i64>, now_s: i64) -> Result<Change, CaseError> {
        self.writing(who, "case.undo", case, now_s, |tx| {
            let access = Access::to_write(tx, who, case)?;
            let change = match seq {
                Some(seq) => journal::change(tx, case, seq)?.ok_or(CaseError::Absent("change"))?,
                None => latest(tx, who, access, case)?,
            };
            may_be_undone(tx, access, case, &change)?;
            let before = journal::before(tx, case, change.thing, change.item, change.seq)?;
            if before.as_ref().is_some_and(|before| !before.is_kept) {
                return Err(CaseError::state("the state before that change is kept no longer"));
            }
            let target = before.and_then(|before| before.state);
            let number = change.seq;
            let done = turn(
                tx,
                who,
                case,
                now_s,
                Turn { of: &change, from: change.state.as_deref(), to: target, action: Action::Undo },
            )?;
            let sql = "UPDATE case_changes SET undone_seq = ?3, undone_by = ?4 WHERE case_id = ?1 AND seq = ?2";
            tx.execute(sql, params![case, number, done, who.author()])?;
            let change = journal::change(tx, case, number)?.ok_or(CaseError::Absent("change"))?;
            Ok((change.without_state().view(None)?, Some(("change", number))))
        })
    }

    /// Takes back the latest undoing of whoever asks; gives the change that holds again.
    pub fn redo(&self, who: &Who, case: i64, now_s: i64) -> Result<Change, CaseError> {
        self.writing(who, "case.redo", case, now_s, |tx| {
            let access = Access::to_write(tx, who, case)?;
            let nothing = || CaseError::state("there is nothing to do again");
            let sql = "SELECT seq FROM case_changes WHERE case_id = ?1 AND undone_by = ?2 AND undone_seq > (
                    SELECT coalesce(max(seq), 0) FROM case_changes
                    WHERE case_id = ?1 AND by_id = ?2 AND action IN ('add', 'change', 'remove'))
                ORDER BY undone_seq DESC LIMIT 1";
            let row = tx.first(sql, params![case, who.author()])?.ok_or_else(nothing)?;
            let number = row.int(0)?;
            let change = journal::change(tx, case, number)?.ok_or_else(nothing)?;
            if change.thing == Thing::Member && !access.manages() {
                return Err(CaseError::Forbidden("the owners of a case and supervisors say who its members are"));
            }
            let before = journal::before(tx, case, change.thing, change.item, change.seq)?;
            let held = before.and_then(|before| before.state);
            let target = change.state.clone();
            turn(tx, who, case, now_s, Turn { of: &change, from: held.as_deref(), to: target, action: Action::Redo })?;
            let sql = "UPDATE case_changes SET undone_seq = NULL, undone_by = NULL WHERE case_id = ?1 AND seq = ?2";
            tx.execute(sql, params![case, number])?;
            let change = journal::change(tx, case, number)?.ok_or_else(nothing)?;
            Ok((change.without_state().view(None)?, Some(("change", number))))
        })
    }
}

/// The latest change of whoever asks that can be undone and is not. Passed over is what never can be: a removed member, the coming in of
/// a member who was removed later, and what the history keeps no state for. What somebody else's change covers is not passed over: the
/// person is told so, and nothing else is undone in its place.
fn latest(tx: &mut Tx<'_>, who: &Who, access: Access, case: i64) -> Result<Kept, CaseError> {
    const LOOKED_AT_MAX: i64 = 100;
    let members = if access.manages() {
        "(c.kind <> 'member' OR c.action <> 'remove' AND NOT EXISTS (
            SELECT 1 FROM case_changes l WHERE l.case_id = ?1 AND l.kind = 'member' AND l.item = c.item AND l.seq > c.seq
            AND l.action = 'remove'))"
    } else {
        "c.kind <> 'member'"
    };
    let sql = format!(
        "SELECT c.seq FROM case_changes c WHERE c.case_id = ?1 AND c.by_id = ?2
         AND c.action IN ('add', 'change', 'remove') AND c.undone_seq IS NULL AND c.kept = 1 AND {members}
         ORDER BY c.seq DESC LIMIT ?3"
    );
    for row in tx.query(&sql, params![case, who.author(), LOOKED_AT_MAX])? {
        let change = journal::change(tx, case, row.int(0)?)?.ok_or_else(|| damaged("a change that is gone"))?;
        let before = journal::before(tx, case, change.thing, change.item, change.seq)?;
        if before.is_none_or(|before| before.is_kept) {
            return Ok(change);
        }
    }
    Err(CaseError::state("there is nothing of yours to undo"))
}

fn may_be_undone(tx: &mut Tx<'_>, access: Access, case: i64, change: &Kept) -> Result<(), CaseError> {
    let why = match (change.action, change.thing) {
        (Action::Undo | Action::Redo, _) => "an undoing is taken back by doing again, and the other way round",
        (Action::Made, _) => "the making of a case cannot be undone: a supervisor can purge the case",
        (Action::Remove, Thing::Member) => "the removal of a member cannot be undone: add the member again",
        _ if change.undone.is_some() => "it is undone already",
        _ if !change.is_kept => "the state of that change is kept no longer",
        _ => "",
    };
    if !why.is_empty() {
        return Err(CaseError::state(why));
    }
    if change.thing == Thing::Member && !access.manages() {
        return Err(CaseError::Forbidden("the owners of a case and supervisors say who its members are"));
    }
    let sql = "SELECT seq FROM case_changes WHERE case_id = ?1 AND kind = ?2 AND item = ?3 AND seq > ?4
        AND action IN ('add', 'change', 'remove') AND undone_seq IS NULL ORDER BY seq LIMIT 1";
    match tx.first(sql, params![case, change.thing.name(), change.item, change.seq])? {
        Some(row) => Err(CaseError::state(format!("change {} touched the same thing later", row.int(0)?))),
        None => Ok(()),
    }
}

/// From what to what the thing of a change is turned.
struct Turn<'a> {
    of: &'a Kept,
    from: Option<&'a str>,
    to: Option<String>,
    action: Action,
}

/// Gives the thing of a change another state, where it has the one that is expected; writes that down and gives its number.
fn turn(tx: &mut Tx<'_>, who: &Who, case: i64, now_s: i64, turn: Turn<'_>) -> Result<i64, CaseError> {
    let Turn { of: change, from: expected, to: target, action } = turn;
    let (thing, item) = (change.thing, change.item);
    let last = journal::last(tx, case, thing, item)?.ok_or_else(|| damaged("a thing without a history"))?;
    if last.state.as_deref() != expected || !last.is_kept {
        return Err(CaseError::state("the thing is no longer what that change would be taken back from"));
    }
    let version = last.version + 1;
    match thing {
        Thing::Case => {
            let text = target.as_deref().ok_or_else(|| damaged("a case without fields"))?;
            let fields: CaseFields = serde_json::from_str(text).map_err(|_| damaged("fields that cannot be read"))?;
            let now = one(tx, who, case, now_s)?;
            case::set(tx, case, &fields, now.version + 1)?;
        }
        Thing::Member => {
            match target.as_deref() {
                Some(text) => {
                    let state: MemberState =
                        serde_json::from_str(text).map_err(|_| damaged("a member that cannot be read"))?;
                    let sql = "SELECT 1 FROM users WHERE id = ?1 AND disabled = 0 AND erased_s IS NULL";
                    tx.first(sql, params![item])?.ok_or(CaseError::Absent("user"))?;
                    members::put(tx, case, item, state.role, now_s)?;
                }
                None => {
                    let sql = "DELETE FROM case_members WHERE case_id = ?1 AND user_id = ?2";
                    tx.execute(sql, params![case, item])?;
                }
            }
            members::check(tx, case)?;
        }
        _ => match target.as_deref() {
            Some(text) => {
                let kind = thing.item().ok_or_else(|| damaged("an unknown kind"))?;
                let state: State = serde_json::from_str(text).map_err(|_| damaged("a state that cannot be read"))?;
                let body = Body::read(kind, state.body.get().as_bytes())?;
                items::store(tx, case, item, version, &state, &body, (now_s, who.author()))?;
            }
            None => {
                tx.execute("DELETE FROM case_items WHERE case_id = ?1 AND id = ?2", params![case, item])?;
            }
        },
    }
    let summary = change.summary.clone();
    let entry = Entry { action, thing, item, state: target, version, summary, of: Some(change.seq) };
    journal::append(tx, who, case, now_s, &entry)
}
