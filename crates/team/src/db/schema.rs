//! The tables, version by version. Entry `n` takes version `n` to `n + 1`; an entry that was released is never changed.

/// What was done to the tables, in order.
pub(crate) const STEPS: [&str; 2] = [include_str!("../../sql/0001-team.sql"), include_str!("../../sql/0002-cases.sql")];
