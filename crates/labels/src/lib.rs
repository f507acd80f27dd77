//! Who somebody says an address is: tags, lists, taxonomy, look-ups.
//!
//! A file is read by the importer of its format (recognised by content), checked entry by entry, and becomes an
//! immutable pack in a [`LabelStore`]. Entries that fail a check stay in quarantine and stand in the [`ImportReport`];
//! nothing is dropped and no address is corrected. Nothing that was stored is overwritten: a newer version of a pack
//! supersedes the older one, which stays as history.
//!
//! What a label says is data of its source; what it weighs ([`Basis`](athar_types::Basis), [`risk_of`]) is data of the
//! files in `data/`, each of which says its reasons.

mod as_of;
mod assets;
mod bases;
mod bundle;
mod confidence;
mod conflicts;
mod decision;
mod defect;
mod error;
mod export;
mod import;
mod index;
mod journal;
mod label;
mod manifest;
mod pack;
mod report;
mod risk;
mod store;
mod taxonomy;

pub use as_of::{AsOf, OwnLabel, Ruling};
pub use assets::{Asset, asset};
pub use bundle::{BundleReport, HISTORY_BYTES_MAX};
pub use conflicts::{Conflict, ConflictKind};
pub use decision::{Decided, Decision, DecisionKind, Field, LabelId};
pub use defect::{Defect, DefectKind, SHOWN_MAX, shown};
pub use error::LabelError;
pub use export::{export_actorpack, export_csv, export_tagpack, export_tagpacks, guarded, unguarded};
pub use import::{ImportOptions, Limits, check_file, official_meaning};
pub use index::{Matches, mentioned};
pub use label::{Claim, Confidence, Label, SubjectKind};
pub use manifest::Entry;
pub use pack::{Actor, Concept, Format, Pack, PackId, PackInfo};
pub use report::{DEFECTS_MAX, ImportOutcome, ImportReport, Outcome};
pub use risk::{RiskTable, RiskTableError, risk_of};
pub use store::LabelStore;
pub use taxonomy::{Meaning, Scheme, concepts, concepts_of, meaning};
