//! Paths between accounts: by which transfers something of one came to another.
//!
//! A path is a chain of transfers of one asset, each after the one before and given by who received that, from an account of one party to
//! an account of the other; nobody between belongs to either. Inside a transaction of swaps it may pass a pool that told of one, and goes
//! on in another asset, and any contract that gives the same asset on there; the order inside that transaction then means nothing.
//!
//! A path proves that one who received gave later, no more: how much of it was the same money is for [`super::trace()`].
//!
//! At most one path is given for each last transfer: one of the fewest transfers. They are found layer by layer from the first party: of
//! each balance the earliest arrival within so many hops is kept, and each of its later transfers is looked at once, when it first can be
//! passed. So the number of hops of each path given is the smallest there is for its last transfer.

mod answer;
mod search;

pub use answer::{
    AccountPath, AccountPathStep, AccountPaths, AccountPathsBound, AccountPathsLimits, AccountPathsOrder,
    AccountPathsOutcome, AccountPathsQuestion, AccountPathsStopped,
};
pub use search::paths;
