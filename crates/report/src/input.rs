//! What a report is made from: answers of the engine and a few words about them.

use crate::i18n::Language;
use athar_engine::read::{EntityAnswer, ExplainView, ScreenView, StatusView, TraceView};

/// Everything a report shows. The report adds nothing: no clock, no machine, no path.
#[derive(Clone, Copy, Debug)]
pub struct CaseReport<'a> {
    /// Title of the report.
    pub title: Title<'a>,
    /// That the chain was invented, where it was.
    pub simulated: Option<SimulatedWorld>,
    /// What the store holds. Its folder is not shown.
    pub status: &'a StatusView,
    /// Who was screened, the subject first.
    pub screens: &'a [ScreenView],
    /// The entity of the subject.
    pub entity: Option<&'a EntityAnswer>,
    /// Why two addresses of it are one entity.
    pub explain: Option<&'a ExplainView>,
    /// Where the money of the subject went (or, backward, came from).
    pub trace: &'a TraceView,
    /// Where it came from: a backward trace of the same target, beside a forward [`Self::trace`]. Only its first hop is
    /// shown, as the payers in the diagram; one hop is enough.
    pub origin: Option<&'a TraceView>,
    /// Command lines that lead to the store (simulate, ingest, import), one each. Those that read it are added by the
    /// report.
    pub reproduce: &'a [String],
    /// The language shown when the file is opened. The other is one click away, without script.
    pub opens_in: Language,
}

/// A title in each language. A title that exists in one language only is given twice.
#[derive(Clone, Copy, Debug)]
pub struct Title<'a> {
    /// English.
    pub english: &'a str,
    /// Arabic.
    pub arabic: &'a str,
}

/// Says that a chain was made by `athar simulate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimulatedWorld {
    /// Seed of the simulation.
    pub seed: u64,
    /// Its transactions.
    pub txs: u64,
}
