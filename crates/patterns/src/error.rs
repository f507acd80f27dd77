//! What can be wrong with a rule file.

/// An error in a rule file; it names the rule or file and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// Not TOML, or not of the form.
    #[error("rule {file}: {what}")]
    Form {
        /// The file.
        file: String,
        /// What TOML says, with line and column.
        what: String,
    },
    /// A part says something that cannot be.
    #[error("rule {rule}: {place}: {what}")]
    Part {
        /// The rule's id.
        rule: String,
        /// Which part.
        place: String,
        /// Why not.
        what: String,
    },
    /// Two rules have one id.
    #[error("two rules have the id {0}")]
    Twice(String),
    /// No rule has the id.
    #[error("no rule has the id {0}")]
    Unknown(String),
}

impl RuleError {
    pub(crate) fn part(rule: &str, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Part { rule: rule.into(), place: place.into(), what: what.into() }
    }
}
