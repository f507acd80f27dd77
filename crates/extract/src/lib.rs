//! Addresses, transaction ids and other identifiers in text: found however they are written, checked by checksum.
//!
//! Invariants: no IO and no clock. Nothing is corrected into a find: a text that fails its checksum is no address. A secret
//! (a private key, the words of a seed) is told as present and never copied.
//!
//! [`Extractor::scan`] makes two passes. The first looks at each byte's class alone and leaves ordinary words alone (`filter`);
//! the second reads the stretches that are left as a reader sees them (`cells`, `glyph`) and tries every form (`forms`, `numbers`,
//! `hosts`, `seeds`) with the words around it (`words`). Memory does not grow with the text, and the work for a byte is bounded.

mod cells;
mod extractor;
mod filter;
mod find;
mod forms;
mod glyph;
mod hosts;
mod numbers;
mod options;
mod redact;
mod region;
mod seeds;
#[cfg(feature = "torture")]
pub mod torture;
mod words;

pub use extractor::Extractor;
pub use find::{Candidate, Find, Kind, Manner, Proof};
pub use options::Options;
pub use redact::{mask, redact};
