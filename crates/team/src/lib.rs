//! What a team keeps: users, sessions, the audit log and cases, in SQLite or PostgreSQL.
//!
//! * [`Database`]: SQLite in a file or PostgreSQL by URL, one SQL for both; [`Tx`] is a transaction.
//! * [`Team`]: an open database with its secret and the writer of its log.
//! * [`Entry`], [`Team::append_in`], [`Team::append_read`]: the audit log.
//! * [`User`], [`Role`], [`Team::login`], [`Team::session`]: who is let in, and for how long.
//! * [`Team::backup`], [`Team::restore`]: everything in one file, from either database into either.
//! * [`cases`]: cases and what is in them.
//!
//! Times come from the caller, in seconds since 1970. Calls wait for a disk or a server: not for a thread of an asynchronous runtime.

mod audit;
mod backup;
pub mod cases;
pub mod db;
mod error;
mod login;
mod random;
mod team;
mod users;

pub use audit::{AUDIT_PAGE_MAX, Actor, Anchor, AuditOf, Entry, Kept, Log, Outcome, Target, Verified};
/// [`Team::verify_audit`] in a transaction that is open, for tests.
#[doc(hidden)]
pub fn verify_in(tx: &mut Tx<'_>, anchor: Option<Anchor>) -> Result<Verified, TeamError> {
    audit::verify(tx, anchor)
}

pub use backup::{BackupReport, RestoreReport};
pub use db::{Database, Row, Tx, Value};
pub use error::TeamError;
pub use login::{LoginError, NewSession, Session, SessionRules};
pub use team::{Counts, Team};
pub use users::{
    DISPLAY_CHARS_MAX, HashCost, Identity, NAME_CHARS_MAX, NewPassword, NewUser, PASSWORD_CHARS_MAX,
    PASSWORD_CHARS_MIN, Role, USERS_MAX, User, UserChange,
};
