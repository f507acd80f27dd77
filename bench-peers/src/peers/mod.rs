//! The parsers of other projects, each called as its documentation shows.

pub(crate) mod block_parser;
pub(crate) mod blocks_iterator;
#[cfg(feature = "explorer")]
pub(crate) mod explorer;
