//! Who asks, and what that person may do with a case.
//!
//! A case that a person may not see does not exist for them: they are told the same as of a number that no case has.

use super::error::CaseError;
use super::model::CaseRole;
use crate::{Actor, Tx, params};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The user; nothing of a program with a key, which is no member of any case.
    pub user: Option<i64>,
    /// As the audit log names them.
    pub actor: Actor,
    /// Whether they may write where their role in a case lets them.
    pub writes: bool,
    /// Whether they see and write every case.
    pub supervises: bool,
}

impl Who {
    /// The number under which their work stands: of a program with a key it is 0.
    pub fn author(&self) -> i64 {
        self.user.unwrap_or(0)
    }
}

/// What a person may do with a case that they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// What they are in it.
    pub(crate) role: Option<CaseRole>,
    writes: bool,
    supervises: bool,
}

impl Access {
    /// Looks a case up for somebody.
    pub(crate) fn find(tx: &mut Tx<'_>, who: &Who, case: i64) -> Result<Self, CaseError> {
        let sql = "SELECT m.role FROM cases c LEFT JOIN case_members m ON m.case_id = c.id AND m.user_id = ?2 WHERE c.id = ?1";
        let row = tx.first(sql, params![case, who.user.unwrap_or(-1)])?.ok_or(CaseError::Absent("case"))?;
        let role = row.opt_text(0)?.and_then(|name| CaseRole::from_name(&name));
        if role.is_none() && !who.supervises {
            return Err(CaseError::Absent("case"));
        }
        Ok(Self { role, writes: who.writes, supervises: who.supervises })
    }

    /// The same, where they may write.
    pub(crate) fn to_write(tx: &mut Tx<'_>, who: &Who, case: i64) -> Result<Self, CaseError> {
        let access = Self::find(tx, who, case)?;
        if !access.writes {
            return Err(CaseError::Forbidden("it may be read only"));
        }
        if access.supervises || matches!(access.role, Some(CaseRole::Editor | CaseRole::Owner)) {
            return Ok(access);
        }
        Err(CaseError::Forbidden("readers of a case do not change it"))
    }

    /// The same, where they may say who the members are.
    pub(crate) fn to_manage(tx: &mut Tx<'_>, who: &Who, case: i64) -> Result<Self, CaseError> {
        let access = Self::to_write(tx, who, case)?;
        if access.manages() {
            return Ok(access);
        }
        Err(CaseError::Forbidden("the owners of a case and supervisors say who its members are"))
    }

    /// Whether they say who the members are.
    pub(crate) fn manages(self) -> bool {
        self.writes && (self.supervises || self.role == Some(CaseRole::Owner))
    }
}
