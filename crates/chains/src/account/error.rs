//! Why a block of a chain of accounts cannot be read.

/// An error that names the block, and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// A text is no JSON, or not of the form that the method answers with.
    #[error("{what}: {error}")]
    Json {
        /// Which answer.
        what: &'static str,
        /// Where and why, in the words of the reader.
        error: String,
    },
    /// A field does not hold what it should.
    #[error("block {block}: {what}")]
    Block {
        /// Number of the block.
        block: u64,
        /// What does not fit, with the field or the transaction.
        what: String,
    },
}

impl AccountError {
    pub(crate) fn block(block: u64, what: impl Into<String>) -> Self {
        Self::Block { block, what: what.into() }
    }
}
