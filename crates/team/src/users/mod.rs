//! Users: making, changing, erasing them.
//!
//! Each change is in the audit log by ids alone. An erased user leaves his id, so that what he did still has somebody who did it; his names and his password are
//! gone, and his name is free.

mod hash;
mod identity;
mod name;
mod password;
mod role;

pub use hash::HashCost;
pub(crate) use hash::{Checked, Hasher};
pub use identity::Identity;
pub(crate) use name::folded;
pub use name::{DISPLAY_CHARS_MAX, NAME_CHARS_MAX};
pub(crate) use password::check as check_password;
pub use password::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
pub use role::Role;

use crate::audit::{Actor, Entry, Target};
use crate::db::{Row, Tx};
use crate::{Team, TeamError, params};
use serde::Serialize;

/// Users that are not erased, at most.
pub const USERS_MAX: i64 = 10_000;

/// A user. The hash of his password never leaves the crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// His id, never used again.
    pub id: i64,
    /// Grows by one with each change; a change names the one it saw.
    pub version: i64,
    /// What he types at the login; empty where he was erased.
    pub name: String,
    /// How he is shown; empty where he was erased.
    pub display: String,
    /// His role.
    pub role: Role,
    /// The language he reads, `en` or `ar`; `und` until he has chosen one: then the browser decides.
    pub language: String,
    /// Whether he is kept out.
    pub disabled: bool,
    /// Whether he has a password; one who comes by OpenID Connect may have none.
    pub has_password: bool,
    /// When he was made.
    pub created_s: i64,
    /// Whether he was erased.
    pub erased: bool,
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What he types at the login: letters and digits of any script, and `. _ - @ +`; kept in small letters.
    pub name: String,
    /// How he is shown.
    pub display: String,
    /// His role.
    pub role: Role,
    /// The language he reads.
    pub language: String,
    /// His password, or none.
    pub password: NewPassword,
}

/// The password of a new user.
#[derive(Clone)]
pub enum NewPassword {
    /// This one.
    Given(String),
    /// One that is made and told once.
    Made,
    /// None: he comes by OpenID Connect.
    None,
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Given(_) => "Given",
            Self::Made => "Made",
            Self::None => "None",
        })
    }
}

/// What is changed of a user; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// How he is shown.
    pub display: Option<String>,
    /// His role.
    pub role: Option<Role>,
    /// Whether he is kept out.
    pub disabled: Option<bool>,
    /// A new password, given by an administrator.
    pub password: Option<NewPassword>,
}

const COLUMNS: &str =
    "id, version, name, display, role, language, disabled, password IS NOT NULL, created_s, erased_s IS NOT NULL";

impl Team {
    /// Makes a user; gives the password that was made, where one was.
    pub fn create_user(&self, by: &Actor, now_s: i64, new: &NewUser) -> Result<(User, Option<String>), TeamError> {
        let name = name::checked(&new.name)?;
        let display = name::display(&new.display)?;
        let language = name::language(&new.language)?;
        let (hash, made) = self.new_password(&new.password, &name)?;
        let user = self.db().write(|tx| {
            let count = tx.one("SELECT count(*) FROM users WHERE erased_s IS NULL", &[])?.int(0)?;
            if count >= USERS_MAX {
                return Err(TeamError::TooMany { what: "users", most: USERS_MAX as u64 });
            }
            let row = tx.first(
                "INSERT INTO users (version, name, display, role, language, disabled, password, created_s, changed_s)
                 VALUES (1, ?1, ?2, ?3, ?4, 0, ?5, ?6, ?6) ON CONFLICT (name) DO NOTHING RETURNING id",
                params![name.as_str(), display.as_str(), new.role.text(), language.as_str(), hash.clone(), now_s],
            )?;
            let id = row.ok_or_else(|| TeamError::Taken { what: format!("the user {name:?}") })?.int(0)?;
            self.append_in(tx, &[Entry::new(now_s, by.clone(), "user.create", Target::id("user", id))])?;
            user(tx, id)
        })?;
        Ok((user, made))
    }

    /// Changes a user whose version is `seen`. Another role, being kept out and another password end his sessions.
    pub fn change_user(
        &self,
        by: &Actor,
        now_s: i64,
        id: i64,
        seen: i64,
        change: &UserChange,
    ) -> Result<(User, Option<String>), TeamError> {
        let display = change.display.as_deref().map(name::display).transpose()?;
        let name = self.user(id)?.name;
        let (hash, made) = match &change.password {
            Some(password) => self.new_password(password, &name)?,
            None => (None, None),
        };
        let user = self.db().write(|tx| {
            let old = user(tx, id)?;
            if old.erased {
                return Err(TeamError::NotFound { what: "user" });
            }
            if old.version != seen {
                return Err(TeamError::Version { what: "user", seen, current: old.version });
            }
            let role = change.role.unwrap_or(old.role);
            let disabled = change.disabled.unwrap_or(old.disabled);
            let rules = was_admin(&old) && (role != Role::Admin || disabled);
            if rules {
                another_admin(tx, id)?;
            }
            tx.execute(
                "UPDATE users SET version = version + 1, display = ?2, role = ?3, disabled = ?4, changed_s = ?5 WHERE id = ?1",
                params![id, display.as_ref().unwrap_or(&old.display), role.text(), disabled, now_s],
            )?;
            if change.password.is_some() {
                tx.execute("UPDATE users SET password = ?2 WHERE id = ?1", params![id, hash.clone()])?;
            }
            if role != old.role || disabled != old.disabled || change.password.is_some() {
                tx.execute("DELETE FROM sessions WHERE user_id = ?1", params![id])?;
            }
            let said = [
                (display.as_ref().is_some_and(|display| *display != old.display), "user.display"),
                (role != old.role, "user.role"),
                (disabled && !old.disabled, "user.disable"),
                (!disabled && old.disabled, "user.enable"),
                (change.password.is_some(), "user.password.set"),
            ];
            let entry = |action| Entry::new(now_s, by.clone(), action, Target::id("user", id));
            let entries: Vec<Entry> = said.iter().filter(|(did, _)| *did).map(|(_, action)| entry(action)).collect();
            if !entries.is_empty() {
                self.append_in(tx, &entries)?;
            }
            user(tx, id)
        })?;
        Ok((user, made))
    }

    /// Erases the person: names, password, identities, sessions. The id stays, and the name is free.
    pub fn erase_user(&self, by: &Actor, now_s: i64, id: i64) -> Result<(), TeamError> {
        self.db().write(|tx| {
            let old = user(tx, id)?;
            if old.erased {
                return Err(TeamError::NotFound { what: "user" });
            }
            if was_admin(&old) {
                another_admin(tx, id)?;
            }
            tx.execute(
                "UPDATE users SET version = version + 1, name = NULL, display = '', language = 'en', password = NULL, disabled = 1,
                 changed_s = ?2, erased_s = ?2 WHERE id = ?1",
                params![id, now_s],
            )?;
            tx.execute("DELETE FROM sessions WHERE user_id = ?1", params![id])?;
            tx.execute("DELETE FROM identities WHERE user_id = ?1", params![id])?;
            tx.execute("DELETE FROM failures WHERE mark = ?1", params![crate::login::name_mark(self.secret(), &old.name)])?;
            self.append_in(tx, &[Entry::new(now_s, by.clone(), "user.erase", Target::id("user", id))])?;
            Ok::<_, TeamError>(())
        })?;
        self.db().sweep(&["users", "identities"])
    }

    /// Changes a user's own password; all his sessions end but the one with the token `keep`.
    pub fn change_password(
        &self,
        now_s: i64,
        id: i64,
        current: &str,
        new: &str,
        keep: Option<&str>,
    ) -> Result<(), TeamError> {
        let (name, stored) = self.db().read(|tx| {
            let row = tx.first("SELECT name, password FROM users WHERE id = ?1 AND erased_s IS NULL", params![id])?;
            let row = row.ok_or(TeamError::NotFound { what: "user" })?;
            Ok::<_, TeamError>((row.text(0)?, row.opt_text(1)?))
        })?;
        check_password("new", new, &name)?;
        if self.hasher().check(current, stored.as_deref())? == Checked::Wrong {
            let entry = Entry::new(now_s, Actor::User(id), "user.password.change", Target::id("user", id));
            self.append_read(entry.outcome(crate::Outcome::Refused))?;
            return Err(TeamError::invalid("current", "is not the present password"));
        }
        let hash = self.hasher().hash(new)?;
        self.db().write(|tx| {
            // somebody else may have set another one meanwhile
            let done = tx.execute(
                "UPDATE users SET version = version + 1, password = ?2, changed_s = ?3 WHERE id = ?1 AND password = ?4",
                params![id, hash.clone(), now_s, stored.clone()],
            )?;
            if done == 0 {
                return Err(TeamError::Refused { why: "the password was changed by somebody else meanwhile".into() });
            }
            let kept = keep.map_or_else(Vec::new, |token| crate::login::token_hash(token).to_vec());
            tx.execute("DELETE FROM sessions WHERE user_id = ?1 AND hash <> ?2", params![id, kept])?;
            self.append_in(tx, &[Entry::new(now_s, Actor::User(id), "user.password.change", Target::id("user", id))])?;
            Ok(())
        })
    }

    /// Sets the language a user reads.
    pub fn set_language(&self, id: i64, language: &str) -> Result<(), TeamError> {
        let language = name::language(language)?;
        self.db().write(|tx| {
            let sql = "UPDATE users SET language = ?2 WHERE id = ?1 AND erased_s IS NULL";
            let done = tx.execute(sql, params![id, language.as_str()])?;
            if done == 0 { Err(TeamError::NotFound { what: "user" }) } else { Ok(()) }
        })
    }

    /// All users that are not erased, by name.
    pub fn users(&self) -> Result<Vec<User>, TeamError> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE erased_s IS NULL ORDER BY name");
        self.db().read(|tx| tx.query(&sql, &[])?.iter().map(made).collect())
    }

    /// A user, erased or not.
    pub fn user(&self, id: i64) -> Result<User, TeamError> {
        self.db().read(|tx| user(tx, id))
    }

    /// The user with a name, in any spelling of it.
    pub fn user_by_name(&self, name: &str) -> Result<Option<User>, TeamError> {
        let Some(name) = folded(name) else { return Ok(None) };
        let sql = format!("SELECT {COLUMNS} FROM users WHERE name = ?1");
        self.db().read(|tx| tx.first(&sql, params![name.as_str()])?.as_ref().map(made).transpose())
    }

    /// Whether somebody could log in as an administrator: where not, the first one is made on the command line.
    pub fn has_admin(&self) -> Result<bool, TeamError> {
        let sql = "SELECT count(*) FROM users WHERE role = 'admin' AND disabled = 0 AND erased_s IS NULL";
        self.db().read(|tx| tx.one(sql, &[])?.flag(0))
    }

    fn new_password(&self, password: &NewPassword, name: &str) -> Result<(Option<String>, Option<String>), TeamError> {
        match password {
            NewPassword::None => Ok((None, None)),
            NewPassword::Given(password) => {
                check_password("password", password, name)?;
                Ok((Some(self.hasher().hash(password)?), None))
            }
            NewPassword::Made => {
                let password = password::generate()?;
                Ok((Some(self.hasher().hash(&password)?), Some(password)))
            }
        }
    }
}

/// A user in a transaction, erased or not.
pub(crate) fn user(tx: &mut Tx<'_>, id: i64) -> Result<User, TeamError> {
    let row = tx.first(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"), params![id])?;
    made(&row.ok_or(TeamError::NotFound { what: "user" })?)
}

fn made(row: &Row) -> Result<User, TeamError> {
    Ok(User {
        id: row.int(0)?,
        version: row.int(1)?,
        name: row.opt_text(2)?.unwrap_or_default(),
        display: row.text(3)?,
        role: row.text(4)?.parse()?,
        language: row.text(5)?,
        disabled: row.flag(6)?,
        has_password: row.flag(7)?,
        created_s: row.int(8)?,
        erased: row.flag(9)?,
    })
}

fn was_admin(user: &User) -> bool {
    user.role == Role::Admin && !user.disabled
}

/// Somebody must be able to let people in again.
fn another_admin(tx: &mut Tx<'_>, id: i64) -> Result<(), TeamError> {
    let sql = "SELECT count(*) FROM users WHERE role = 'admin' AND disabled = 0 AND erased_s IS NULL AND id <> ?1";
    if tx.one(sql, params![id])?.int(0)? == 0 {
        return Err(TeamError::Refused { why: "this is the last administrator: make another one first".into() });
    }
    Ok(())
}
