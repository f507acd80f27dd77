//! Records: what a coupon seller, an exchange or a bank knows beside the chain, and the join with it.
//!
//! * **Import** ([`Records::import`]): CSV and JSON with a column map ([`Map`]); every row is a record, known already, or in quarantine with
//!   its line and its reason ([`Receipt`]).
//! * **Pseudonyms** ([`Pseudonym`]): what leads to a person is replaced by a keyed hash before it is stored. Equal values have equal
//!   pseudonyms, so records join; the value itself is kept only where the import was told to.
//! * **Deletion** ([`Records::delete`], [`Records::delete_import`], [`Records::delete_subject`], [`Records::retain`]): every record is encrypted
//!   under a key of its own, and deleting it destroys that key. The journal keeps numbers and salted hashes.
//! * **Joins** ([`Records::voucher_flows`], [`Records::by_address`]): what rules over the joined data read.
//! * **Circumstances** ([`Records::humanitarian_context`]): what speaks for an innocent reading stands beside every answer.
//!
//! Invariants: no value that leads to a person is in a file of the store in the clear; amounts are exact; every time has its zone; importing
//! a file again adds nothing. Times come from the caller, so that the same calls give the same state.

mod delete;
mod error;
mod flows;
mod import;
mod journal;
mod kind;
mod map;
mod money;
mod note;
mod pseudonym;
mod query;
mod reason;
mod record;
mod rows;
mod store;
mod when;

pub use athar_vault::VaultError;
pub use error::RecordsError;
pub use flows::{Beneficiary, BeneficiaryId, CouponRedemption, CouponSale, FlowQuery, REDEMPTIONS_MAX, VoucherFlows};
pub use import::{Order, QUARANTINE_LISTED, Quarantined, RETAIN_DAYS_MAX, Receipt};
pub use journal::{By, JOURNAL_PAGE_MAX, JournalEntry, OPERATOR_BYTES_MAX, REASON_BYTES_MAX};
pub use kind::{Field, Kind};
pub use map::Map;
pub use money::Money;
pub use note::{NOTE_BYTES_MAX, NOTES_MAX, NewNote, Note, SOURCE_BYTES_MAX};
pub use pseudonym::Pseudonym;
pub use query::{BY_ADDRESS_MAX, PAGE_MAX, Page, Query, Subject, Unreadable};
pub use record::{Record, VALUE_BYTES_MAX, Value};
pub use rows::{ROW_BYTES_MAX, UNUSED_MAX};
pub use store::Counts;
pub use when::When;

use athar_vault::{Database, Key, Keys};

/// The records of a store. Threads share it by reference; several processes may use it at once.
#[derive(Debug)]
pub struct Records {
    db: Database<RecordsError>,
    keys: Keys,
    /// Pseudonyms and marks are made under it.
    marks: Key,
}
