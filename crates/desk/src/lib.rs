//! The desk: the mutable state of the service.
//!
//! * **Register** ([`Desk::register`]): what is watched, each with the reference of whoever asked.
//! * **Screenings** ([`Desk::record`], [`Desk::screenings`]): every answer with its snapshot, appended, never changed.
//! * **Screening again** ([`Desk::rescreen`]): when labels, lists, policy or chain change, exactly those whose answers can
//!   have changed. Each answer keeps what it was read from ([`Dependencies`]); a [`World`] says what a change touches.
//! * **Changes** and **webhooks** ([`webhook`]): signed, repeated with back-off, kept when given up.
//! * **Watchlists** ([`watch`]) and **alerts** ([`alert`]): what is to be told when the chain or the mempool shows it, and what people
//!   make of it. They are delivered as changes are, and by mail, syslog and JSON lines too ([`sink`]).
//! * **Idempotency** ([`Desk::begin`]): a request that is sent again is not carried out again.
//!
//! Invariants: a transaction that was answered survives the end of the process at any moment; an answer, its change and the
//! deliveries of that are stored together or not at all; nothing leaves the machine but to endpoints that the user named.
//! Times come from the caller, so that the same calls give the same state.

pub mod alert;
mod db;
mod decisions;
mod engine_world;
mod error;
mod event;
mod idempotency;
mod place;
mod record;
mod register;
mod rescreen;
pub mod sink;
mod subject;
pub mod watch;
pub mod webhook;
mod world;

pub use athar_vault::VaultError;
pub use db::Desk;
pub use decisions::{DECISION_BYTES_MAX, DECISIONS_PAGE_MAX, DecisionJournal, DecisionsOf, KeptDecision, NewDecision};
pub use engine_world::EngineWorld;
pub use error::DeskError;
pub use event::{EventKind, WAITING_MAX};
pub use idempotency::{
    Begin, KEPT_SECONDS, KEY_BYTES_MAX, LEASE_SECONDS, REQUESTS_MAX, RESPONSE_BYTES_MAX, Response, Ticket,
};
pub use place::{Dependencies, PLACES_MAX, Place};
pub use record::{Change, Recorded, SUMMARY_BYTES_MAX, Screening};
pub use register::{Counts, PAGE_MAX, Page, REGISTER_MAX, Registered, SUBJECTS_MAX};
pub use rescreen::Rescreened;
pub use subject::{NewSubject, Subject, SubjectKind, Way};
pub use world::{Answer, Cause, Changes, Marks, State, World};
