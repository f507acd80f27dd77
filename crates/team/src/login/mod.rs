//! Logging in: the lock against guessing, the password, a new session.
//!
//! An unknown name, a wrong password, a disabled user and one without password get the same answer after the same work. Failures are counted before
//! the password is looked at, so that a hundred guesses at once are a hundred guesses. What was counted is taken back when the password was right.

mod guard;
mod session;

pub(crate) use guard::{Guard, name_mark};
pub use session::{NewSession, Session, SessionRules};
pub(crate) use session::{token_hash, touch};

use crate::audit::{Actor, Entry, Outcome, Target};
use crate::users::{Checked, User, folded, user};
use crate::{Team, TeamError, params};
use std::net::IpAddr;

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The name, the password or the identity is not one that is let in. Which of them is not told.
    #[error("name or password is wrong")]
    Refused,
    /// Too many failures for this name or from this source.
    #[error("too many failed logins: wait {wait_s} seconds")]
    Locked {
        /// Seconds until it can be tried again.
        wait_s: i64,
    },
    /// Something else.
    #[error(transparent)]
    Team(#[from] TeamError),
}

impl Team {
    /// Logs a user in by name and password; gives his new session. `source` is the address that the request came from, where it is known; only a
    /// keyed hash of it is kept. `old` is the token that the browser had: that session ends, so that nobody can plant one.
    pub fn login(
        &self,
        now_s: i64,
        name: &str,
        password: &str,
        source: Option<IpAddr>,
        old: Option<&str>,
    ) -> Result<NewSession, LoginError> {
        let folded = folded(name);
        // what no user can be called is counted too, under what was typed
        let marks = guard::marks(self.secret(), folded.as_deref().unwrap_or(name), source);
        self.guard().enter(self.db(), &marks, now_s)?;
        let found = self.db().read(|tx| {
            let sql = "SELECT id, password, disabled FROM users WHERE name = ?1";
            let row = tx.first(sql, params![folded.clone().unwrap_or_default()])?;
            row.map(|row| Ok::<_, TeamError>((row.int(0)?, row.opt_text(1)?, row.flag(2)?))).transpose()
        })?;
        let (id, stored, disabled) = found.map_or((None, None, true), |(id, stored, off)| (Some(id), stored, off));
        // a password longer than any that was ever taken is not hashed whole
        let fits = password.len() <= 4 * crate::PASSWORD_CHARS_MAX;
        let checked = self.hasher().check(if fits { password } else { "" }, stored.as_deref());
        if checked.is_err() {
            self.db().write(|tx| guard::unseen(tx, &marks))?;
        }
        let checked = checked?;
        let (Checked::Right(dearer), Some(id), false, true) = (checked, id, disabled, fits) else {
            let target = id.map_or(Target::None, |id| Target::id("user", id));
            let entry = Entry::new(now_s, Actor::Nobody, "session.begin", target).outcome(Outcome::Refused);
            self.append_read(entry)?;
            return Err(LoginError::Refused);
        };
        self.db().write(|tx| {
            // between the look at the password and now an administrator may have closed the door
            let sql = "SELECT count(*) FROM users WHERE id = ?1 AND disabled = 0 AND password = ?2";
            if tx.one(sql, params![id, stored.clone()])?.int(0)? == 0 {
                return Err(LoginError::Refused);
            }
            if let Some(hash) = &dearer {
                tx.execute("UPDATE users SET password = ?2 WHERE id = ?1", params![id, hash])?;
            }
            guard::succeeded(tx, &marks)?;
            Ok(self.begin(tx, now_s, id, old)?)
        })
    }

    /// Logs in the user of an identity that a provider vouched for just now.
    pub fn login_by_identity(
        &self,
        now_s: i64,
        issuer: &str,
        subject: &str,
        old: Option<&str>,
    ) -> Result<NewSession, LoginError> {
        let found = self.user_by_identity(issuer, subject)?;
        let Some(id) = found.as_ref().filter(|user| !user.disabled && !user.erased).map(|user| user.id) else {
            let target = found.map_or(Target::None, |user| Target::id("user", user.id));
            let entry = Entry::new(now_s, Actor::Nobody, "session.begin", target).outcome(Outcome::Refused);
            self.append_read(entry)?;
            return Err(LoginError::Refused);
        };
        self.db().write(|tx| {
            let User { disabled, erased, .. } = user(tx, id)?;
            if disabled || erased {
                return Err(LoginError::Refused);
            }
            Ok(self.begin(tx, now_s, id, old)?)
        })
    }

    /// Forgets the failures of a name: an administrator lets somebody in who mistyped too often.
    pub fn unlock(&self, by: &Actor, now_s: i64, id: i64) -> Result<(), TeamError> {
        self.db().write(|tx| {
            let name = user(tx, id)?.name;
            tx.execute("DELETE FROM failures WHERE mark = ?1", params![name_mark(self.secret(), &name)])?;
            self.append_in(tx, &[Entry::new(now_s, by.clone(), "user.unlock", Target::id("user", id))])?;
            Ok(())
        })
    }
}
