//! Who works on a case. A case has an owner at all times; whom a member's removal shuts out stays out until somebody adds them again, so
//! a removal is not undone.

use super::Cases;
use super::access::{Access, Who};
use super::bounds::MEMBERS_MAX;
use super::case::one;
use super::error::CaseError;
use super::journal::{self, Entry, damaged};
use super::model::{Action, Case, CaseRole, Thing};
use crate::{Tx, params};
use serde::{Deserialize, Serialize};

/// What the history keeps of a member.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberState {
    pub(crate) role: CaseRole,
}

impl MemberState {
    pub(crate) fn json(role: CaseRole) -> Result<String, CaseError> {
        serde_json::to_string(&Self { role }).map_err(|_| damaged("a member that is no JSON"))
    }
}

impl Cases<'_> {
    /// Makes a user a member with a role, or gives a member another role.
    pub fn put_member(&self, who: &Who, case: i64, user: i64, role: CaseRole, now_s: i64) -> Result<Case, CaseError> {
        self.writing(who, "member.put", case, now_s, |tx| {
            Access::to_manage(tx, who, case)?;
            let was = role_of(tx, case, user)?;
            if was != Some(role) {
                let sql = "SELECT 1 FROM users WHERE id = ?1 AND disabled = 0 AND erased_s IS NULL";
                tx.first(sql, params![user])?.ok_or(CaseError::Absent("user"))?;
                put(tx, case, user, role, now_s)?;
                check(tx, case)?;
                note(tx, who, case, user, was, Some(role), now_s)?;
            }
            Ok((one(tx, who, case, now_s)?, Some(("member", user))))
        })
    }

    /// Ends a membership.
    pub fn remove_member(&self, who: &Who, case: i64, user: i64, now_s: i64) -> Result<(), CaseError> {
        self.writing(who, "member.remove", case, now_s, |tx| {
            let access = Access::find(tx, who, case)?;
            // everybody may leave
            if who.user != Some(user) || access.role.is_none() {
                Access::to_manage(tx, who, case)?;
            }
            let was = role_of(tx, case, user)?.ok_or(CaseError::Absent("member"))?;
            tx.execute("DELETE FROM case_members WHERE case_id = ?1 AND user_id = ?2", params![case, user])?;
            check(tx, case)?;
            note(tx, who, case, user, Some(was), None, now_s)?;
            Ok(((), Some(("member", user))))
        })
    }
}

fn note(
    tx: &mut Tx<'_>,
    who: &Who,
    case: i64,
    user: i64,
    was: Option<CaseRole>,
    is: Option<CaseRole>,
    now_s: i64,
) -> Result<(), CaseError> {
    let action = match (was, is) {
        (None, _) => Action::Add,
        (Some(_), Some(_)) => Action::Change,
        (Some(_), None) => Action::Remove,
    };
    let version = journal::last(tx, case, Thing::Member, user)?.map_or(0, |last| last.version) + 1;
    let entry = Entry {
        action,
        thing: Thing::Member,
        item: user,
        state: is.map(MemberState::json).transpose()?,
        version,
        summary: is.or(was).map_or_else(String::new, |role| role.name().to_owned()),
        of: None,
    };
    journal::append(tx, who, case, now_s, &entry)?;
    Ok(())
}

/// What a user is in a case.
pub(crate) fn role_of(tx: &mut Tx<'_>, case: i64, user: i64) -> Result<Option<CaseRole>, CaseError> {
    let row = tx.first("SELECT role FROM case_members WHERE case_id = ?1 AND user_id = ?2", params![case, user])?;
    let role = row.map(|row| row.text(0)).transpose()?;
    role.map(|name| CaseRole::from_name(&name).ok_or_else(|| damaged("an unknown role"))).transpose()
}

/// Puts a member in, or gives it another role.
pub(crate) fn put(tx: &mut Tx<'_>, case: i64, user: i64, role: CaseRole, now_s: i64) -> Result<(), CaseError> {
    tx.execute(
        "INSERT INTO case_members (case_id, user_id, role, since_s) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (case_id, user_id) DO UPDATE SET role = excluded.role",
        params![case, user, role.name(), now_s],
    )?;
    Ok(())
}

/// A case has an owner, and not too many members.
pub(crate) fn check(tx: &mut Tx<'_>, case: i64) -> Result<(), CaseError> {
    let sql = "SELECT count(*), CAST(coalesce(sum(CASE WHEN role = 'owner' THEN 1 ELSE 0 END), 0) AS BIGINT)
        FROM case_members WHERE case_id = ?1";
    let row = tx.one(sql, params![case])?;
    if row.int(1)? == 0 {
        return Err(CaseError::state("a case keeps one owner at least: make another member its owner first"));
    }
    if row.int(0)? > MEMBERS_MAX as i64 {
        return Err(CaseError::TooMany { what: "members of a case", max: MEMBERS_MAX as u64 });
    }
    Ok(())
}
