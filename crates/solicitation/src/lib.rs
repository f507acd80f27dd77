//! How much a text solicits money for a terrorist or extremist cause, with every reason; and what speaks against it: news, court,
//! research and warning text that quotes.
//!
//! Invariants: no IO. The score is a sum that its reasons explain to the last point. Religious words alone score nothing. A named
//! group counts only where it comes from a list that the user imported.

mod groups;
mod language;
mod lexicon;
#[cfg(test)]
mod lexicon_tests;
mod passage;
mod quotes;
mod reasons;
mod rerank;
mod score;
mod term;
mod text;

pub use groups::{Groups, Ignored, IgnoredWhy};
pub use language::{Languages, language};
pub use lexicon::{Class, Entry, Lexicon, LexiconError, Rules, Signs};
pub use passage::{Language, Passage, Reason, ReasonKind, Solicitation};
pub use rerank::{Rerank, reranked};
pub use score::Scorer;
pub use text::TEXT_MAX;
