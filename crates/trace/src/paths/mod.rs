//! Paths between two subjects: by which transactions money of one came to the other.
//!
//! A step goes from an output to an output: a transaction spends the former and makes the latter. A path is a chain of
//! steps in which each spends the output that the one before made, from an output of one [`Party`] to an output of the
//! other. It begins where the money leaves the first for the last time and ends where it first reaches the second: no
//! output between its ends belongs to either. Two paths are the same if they pass the same transactions in the same
//! order; of the outputs that lie between those, the best by the order asked for are named.
//!
//! A path proves that coins of the one went, transaction by transaction, into coins of the other. How much of the first
//! one's money is in the last output is another question: that is for [`crate::trace`], which divides every transaction
//! under a policy. A path's `width_sat` is the smallest output that it passes, and no more than a bound on that.
//!
//! How it is found: [`ball`] grows the outputs within so many hops of each party, the smaller side first, until both
//! together cover the hops asked for ([`search`]); [`region`] keeps what lies on a way from one to the other, and
//! [`rank`] finds the first paths among those, in chain order, since every step goes forward in it. What may be passed
//! at all is in [`ground`].

mod answer;
mod ball;
mod ground;
mod party;
mod question;
mod rank;
mod region;
mod search;

pub use answer::{Ended, Path, PathStep, Paths, PathsBound, PathsEnd, PathsOutcome};
pub use party::Party;
pub use question::{PathsLimits, PathsOrder, PathsProgress, PathsQuestion};
pub use search::paths;
