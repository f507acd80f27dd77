//! What a team keeps: users, sessions, the audit log and cases, in SQLite or PostgreSQL.
//!
//! * [`Database`]: SQLite in a file or PostgreSQL by URL, one SQL for both; [`Tx`] is a transaction.
//! * [`Team`]: an open database with its secret and the writer of its log.
//! * [`Entry`], [`Team::append_in`], [`Team::append_read`]: the audit log.
//! * [`cases`]: cases and what is in them.
//!
//! Times come from the caller, in seconds since 1970. Calls wait for a disk or a server: not for a thread of an asynchronous runtime.

mod audit;
pub mod cases;
pub mod db;
mod error;
mod random;
mod team;

pub use audit::{AUDIT_PAGE_MAX, Actor, Anchor, AuditOf, Entry, Kept, Log, Outcome, Target, Verified};
pub use db::{Database, Row, Tx, Value};
pub use error::TeamError;
pub use team::Team;
