//! Sessions of a browser.
//!
//! A token is 256 random bits; the database has only its hash, so a copy of the database lets nobody in. What defends against forged requests (CSRF) is
//! made of the token and the database's secret, and is stored nowhere. Every check reads the database: a session that was ended on one server is ended on all.
//! When a session was last seen is written once a minute at most, with the entries of the audit log.

use crate::audit::{Actor, Entry, Target};
use crate::db::Tx;
use crate::users::{Role, User, user};
use crate::{Team, TeamError, params, random};
use data_encoding::BASE64URL_NOPAD;
use std::fmt;

/// How long sessions last and how many a user has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// It ends after so many seconds without a request.
    pub idle_s: i64,
    /// It ends after so many seconds in any case.
    pub absolute_s: i64,
    /// A user's sessions; the oldest ends where one more begins.
    pub most: u32,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { idle_s: 30 * 60, absolute_s: 12 * 3_600, most: 10 }
    }
}

/// A session's last request is written this often at most, in seconds.
const SEEN_EVERY_S: i64 = 60;
/// Ended sessions of anybody that one login sweeps away.
const SWEEP_MAX: i64 = 1_000;

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub user: User,
    /// What a request that changes something must carry.
    pub csrf: String,
    /// When it ends if nothing more is asked, or in any case, in seconds since 1970.
    pub ends_s: i64,
}

/// A session that was begun.
pub struct NewSession {
    /// What the browser keeps; it is told once and stored nowhere.
    pub token: String,
    /// The session.
    pub session: Session,
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Team {
    /// The open session of a token; nothing where there is none, or no more.
    pub fn session(&self, now_s: i64, token: &str) -> Result<Option<Session>, TeamError> {
        let SessionRules { idle_s, absolute_s, .. } = self.session_rules();
        let hash = token_hash(token);
        let row = self.db().first(
            "SELECT s.created_s, s.seen_s, u.id, u.version, u.name, u.display, u.role, u.language, u.password IS NOT NULL, u.created_s
             FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.hash = ?1 AND s.seen_s > ?2 AND s.created_s > ?3 AND u.disabled = 0 AND u.erased_s IS NULL",
            params![hash, now_s - idle_s, now_s - absolute_s],
        )?;
        let Some(row) = row else { return Ok(None) };
        let (created_s, seen_s) = (row.int(0)?, row.int(1)?);
        if now_s - seen_s >= SEEN_EVERY_S {
            self.log().queue_touch(hash, now_s);
        }
        let role: Role = row.text(6)?.parse()?;
        let user = User {
            id: row.int(2)?,
            version: row.int(3)?,
            name: row.text(4)?,
            display: row.text(5)?,
            role,
            language: row.text(7)?,
            disabled: false,
            has_password: row.flag(8)?,
            created_s: row.int(9)?,
            erased: false,
        };
        let ends_s = (now_s + idle_s).min(created_s + absolute_s);
        Ok(Some(Session { user, csrf: self.csrf(token), ends_s }))
    }

    /// Whether a request carries what its session asks for; compared in constant time.
    pub fn csrf_fits(&self, token: &str, csrf: &str) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.csrf(token).as_bytes(), csrf.as_bytes()).into()
    }

    /// Ends a session; false where there was none.
    pub fn logout(&self, now_s: i64, token: &str) -> Result<bool, TeamError> {
        self.db().write(|tx| {
            let sql = "DELETE FROM sessions WHERE hash = ?1 RETURNING user_id";
            let Some(row) = tx.first(sql, params![token_hash(token)])? else { return Ok(false) };
            let id = row.int(0)?;
            self.append_in(tx, &[Entry::new(now_s, Actor::User(id), "session.end", Target::id("user", id))])?;
            Ok(true)
        })
    }

    /// Ends all sessions of a user; gives how many.
    pub fn end_sessions(&self, by: &Actor, now_s: i64, id: i64) -> Result<u64, TeamError> {
        self.db().write(|tx| {
            let ended = tx.execute("DELETE FROM sessions WHERE user_id = ?1", params![id])?;
            self.append_in(tx, &[Entry::new(now_s, by.clone(), "session.end", Target::id("user", id))])?;
            Ok(ended)
        })
    }

    /// Begins a session in a transaction in which the user was seen to be let in.
    pub(super) fn begin(
        &self,
        tx: &mut Tx<'_>,
        now_s: i64,
        id: i64,
        old: Option<&str>,
    ) -> Result<NewSession, TeamError> {
        let rules = self.session_rules();
        if let Some(old) = old {
            tx.execute("DELETE FROM sessions WHERE hash = ?1", params![token_hash(old)])?;
        }
        // what ended long ago, of anybody; and this user's oldest, so that there is room for one
        tx.execute(
            "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE seen_s <= ?1 ORDER BY seen_s LIMIT ?2)",
            params![now_s - rules.idle_s, SWEEP_MAX],
        )?;
        tx.execute(
            "DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions WHERE user_id = ?1 ORDER BY created_s DESC, hash LIMIT 100000 OFFSET ?2)",
            params![id, i64::from(rules.most.max(1)) - 1],
        )?;
        let token = BASE64URL_NOPAD.encode(&random::bytes::<32>()?);
        tx.execute(
            "INSERT INTO sessions (hash, user_id, created_s, seen_s) VALUES (?1, ?2, ?3, ?3)",
            params![token_hash(&token), id, now_s],
        )?;
        self.append_in(tx, &[Entry::new(now_s, Actor::User(id), "session.begin", Target::id("user", id))])?;
        let ends_s = now_s + rules.idle_s.min(rules.absolute_s);
        let session = Session { user: user(tx, id)?, csrf: self.csrf(&token), ends_s };
        Ok(NewSession { token, session })
    }

    fn csrf(&self, token: &str) -> String {
        BASE64URL_NOPAD.encode(&self.secret().mark("csrf", token))
    }
}

/// What is stored of a token.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

/// A session was seen.
pub(crate) fn touch(tx: &mut Tx<'_>, hash: &[u8; 32], now_s: i64) -> Result<(), TeamError> {
    tx.execute("UPDATE sessions SET seen_s = ?2 WHERE hash = ?1 AND seen_s < ?2", params![hash, now_s]).map(drop)
}
