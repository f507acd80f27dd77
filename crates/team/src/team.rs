//! The team: an open database with its secret and the writer of its log.

use crate::audit::{self, Anchor, AuditOf, Entry, Kept, Log, Secret, Verified};
use crate::db::{Database, Tx};
use crate::login::{Guard, SessionRules};
use crate::users::{HashCost, Hasher};
use crate::{TeamError, Value, params, random};
use serde::Serialize;
use std::sync::Arc;

/// What a team keeps, open. Threads share it by reference. Times come from the caller, in seconds since 1970.
#[derive(Debug)]
pub struct Team {
    // the writer of the log ends before the database closes
    log: Log,
    db: Arc<Database>,
    secret: Secret,
    hasher: Hasher,
    guard: Guard,
    sessions: SessionRules,
}

impl Team {
    /// Opens the database that a text names ([`Database::open`]).
    pub fn open(text: &str) -> Result<Self, TeamError> {
        let db = Arc::new(Database::open(text)?);
        let secret = Secret(db.write(begin)?);
        Ok(Self {
            log: Log::start(db.clone(), secret.clone()),
            db,
            secret,
            hasher: Hasher::new(HashCost::default()),
            guard: Guard::default(),
            sessions: SessionRules::default(),
        })
    }

    /// The same, with other rules for sessions.
    #[must_use]
    pub fn with_sessions(mut self, rules: SessionRules) -> Self {
        self.sessions = rules;
        self
    }

    /// The same, with hashes of passwords that cost another time.
    #[must_use]
    pub fn with_hash_cost(mut self, cost: HashCost) -> Self {
        self.hasher = Hasher::new(cost);
        self
    }

    /// How long sessions last.
    pub fn session_rules(&self) -> SessionRules {
        self.sessions
    }

    /// Its database.
    pub fn db(&self) -> &Database {
        &self.db
    }

    /// Appends entries inside the transaction of what they tell of; gives the number of the last.
    pub fn append_in(&self, tx: &mut Tx<'_>, entries: &[Entry]) -> Result<i64, TeamError> {
        audit::append(tx, &self.secret, entries)
    }

    /// Appends the entry of a read, and returns when it is on the disk ([`Log::append_read`]).
    pub fn append_read(&self, entry: Entry) -> Result<i64, TeamError> {
        self.log.append_read(entry)
    }

    /// The writer of reads.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// How much there is of everything, for figures of the service.
    pub fn counts(&self, now_s: i64) -> Result<Counts, TeamError> {
        let since = now_s - self.sessions.idle_s;
        self.db.read(|tx| {
            let mut count = |sql: &str, params: &[Value]| tx.one(sql, params)?.int(0);
            Ok::<_, TeamError>(Counts {
                users: count("SELECT count(*) FROM users WHERE erased_s IS NULL", &[])?,
                sessions: count("SELECT count(*) FROM sessions WHERE seen_s > ?1", params![since])?,
                cases: count("SELECT count(*) FROM cases", &[])?,
                audit: count("SELECT seq FROM audit_head", &[])?,
            })
        })
    }

    /// A page of the log, newest first.
    pub fn audit(&self, of: &AuditOf, limit: u32) -> Result<Vec<Kept>, TeamError> {
        self.db.read(|tx| audit::page(tx, of, limit))
    }

    /// The newest entry: what an operator remembers elsewhere.
    pub fn audit_head(&self) -> Result<Anchor, TeamError> {
        self.db.read(audit::head)
    }

    /// Reads the whole log and says whether it is what was written.
    pub fn verify_audit(&self, anchor: Option<Anchor>) -> Result<Verified, TeamError> {
        self.db.read(|tx| audit::verify(tx, anchor))
    }

    /// What a searched value is called in the log; nothing where it never was, or was forgotten.
    pub fn subject_in_audit(&self, kind: &str, value: &str) -> Result<Option<String>, TeamError> {
        self.db.read(|tx| audit::name_in_log(tx, &self.secret, kind, value))
    }

    /// Forgets what entries about a value were about, by destroying its salt. The log stays whole. False where there was none.
    pub fn forget_subject(&self, kind: &str, value: &str) -> Result<bool, TeamError> {
        self.db.write(|tx| audit::forget(tx, &self.secret, kind, value))
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// How much there is of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Users that are not erased.
    pub users: i64,
    /// Sessions in which something was asked within the time after which they end.
    pub sessions: i64,
    /// Cases.
    pub cases: i64,
    /// Entries of the audit log.
    pub audit: i64,
}

/// The rows that a database has from its first opening on: its secret and the head of its log.
fn begin(tx: &mut Tx<'_>) -> Result<[u8; 32], TeamError> {
    if let Some(row) = tx.first("SELECT value FROM settings WHERE name = 'secret'", &[])? {
        return row.hash(0);
    }
    let secret = random::bytes()?;
    tx.execute("INSERT INTO settings (name, value) VALUES ('secret', ?1)", params![secret])?;
    tx.execute("INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, ?1)", params![[0_u8; 32]])?;
    Ok(secret)
}
