//! Where the money came from and where it went: taint over the graph of unspent outputs, and exposure.
//!
//! * [`Sources`] say which satoshi are asked about: outputs, parts of outputs, everything an address was paid.
//! * [`trace`] follows them through transactions, forward or backward, under a [`Policy`], and gives a [`Trace`]:
//!   where they are held, where they were stopped, what went to fees, which bounds were hit, and the path to each place.
//! * [`exposure`] asks the same in both directions for a subject and sums it up per labelled counterparty.
//! * [`paths()`] finds the ways by which money of one subject came to another.
//! * [`stream`] is the engine under both: it hands every event to a [`Sink`] and keeps only the frontier in memory.
//!
//! What belongs to whom, and what is a service, is not known here: the caller says so through [`Stops`], [`Owners`] and
//! [`Labels`].
//!
//! Invariants: amounts are integers and are conserved to the last satoshi ([`Totals::check`]; poison, which is a set of
//! places reached, is never summed); every transaction is handled once, in chain order, with all of its taint known; every bound has a name, is counted in edges, hops,
//! satoshi or heights, never in time, and an answer that hit one says so; the same question gives the same answer.

pub mod account;
mod bounds;
mod error;
mod exposure;
mod haircut;
mod line;
mod path;
mod paths;
mod poison;
mod queue;
mod share;
mod sink;
mod source;
mod stop;
mod taint;
mod totals;
mod trace;
mod walk;

pub use bounds::{Bound, Bounded, Limits};
pub use error::TraceError;
pub use exposure::{Evidence, Exposure, ExposureQuestion, Exposures, Flow, Side, Subject, exposure};
pub use path::Step;
pub use paths::{
    Ended, Party, Path, PathStep, Paths, PathsBound, PathsEnd, PathsLimits, PathsOrder, PathsOutcome, PathsProgress,
    PathsQuestion, paths,
};
pub use share::Share;
pub use sink::{Arrival, Edge, End, Link, Sink};
pub use source::{Source, Sources};
pub use stop::{Labels, NoLabels, NoOwners, NoStops, Owners, StopReason, Stops};
pub use taint::{Direction, Policy, PolicyError, Span};
pub use totals::Totals;
pub use trace::{Held, Stopped, Trace, trace};
pub use walk::{Question, stream};
