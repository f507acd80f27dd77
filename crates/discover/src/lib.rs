//! From files to finds: documents are read, identifiers extracted, their passages scored, and sightings recorded; in parallel,
//! bounded and resumable.
//!
//! Begin reading at `run.rs` (the threads and the order of their results), then `reading.rs` (one document), `passage.rs` (which
//! text is judged around a find), `record.rs` (what a store keeps of it).
//!
//! Invariants: results come in the order of the files and of the documents in them, whatever the number of threads. Text is held only
//! while it is looked at. A secret is told as present; its text is in no result.

mod copy;
mod eyes;
mod files;
mod found;
mod mask;
mod order;
mod passage;
mod place;
mod reading;
mod record;
mod recorder;
mod run;
mod settings;

pub use eyes::Knowledge;
pub use files::{Source, Walked, walk};
pub use found::{Found, FoundKind, Posted, Problem, Solicited};
pub use mask::{is_personal, mask, masked_text};
pub use order::Totals;
pub use record::{Ended, Event, Item, Results};
pub use recorder::{Recorded, Recorder, Teller, tool};
pub use run::{Known, Progress, run, run_fed};
pub use settings::Settings;
