//! Why a report cannot be written.

/// An error of the report. A report that does not add up is refused rather than written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The trace loses or invents money: its parts are not its whole.
    #[error("the trace of `{target}` does not add up: {what} is {parts} satoshi in its parts and {whole} as a whole")]
    Unbalanced {
        /// Target of the trace.
        target: String,
        /// Which sum.
        what: &'static str,
        /// Sum of the parts, in satoshi.
        parts: u128,
        /// The whole, in satoshi.
        whole: u64,
    },
    /// The payers' side is not what belongs beside the trace.
    #[error("the origin of a report must be a backward trace of the target of its forward trace `{target}`")]
    Origin {
        /// Target of the trace.
        target: String,
    },
    /// A text of the report is missing or malformed in one of its languages.
    #[error("the report's texts in {language}: {what}")]
    Texts {
        /// Code of the language.
        language: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The template failed.
    #[error("the report's template: {0}")]
    Template(#[from] minijinja::Error),
}
