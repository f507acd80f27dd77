//! Typologies as rules: how the financing of terrorism with digital currencies looks, in terms that can be computed.
//!
//! * A **rule** ([`Rule`]) is a file: which operator measures, which measures make a hit, guards, severity, sentences.
//! * An **operator** ([`operator`]) measures: over timelines of parties, flows between them, or facts beside the chain.
//! * A **world** ([`World`]) is one chain as operators see it; the engine gives it, for chains of outputs and of accounts.
//! * A **run** ([`run`]) gives hits ([`Hit`]): each with its transactions, the values that matched, its guards, what
//!   corroborates it, and why its severity is what it is.
//!
//! Nothing here reads a file or a store. A shape alone never gives more than the lowest severity; more needs corroboration,
//! because no single flag is determinative.

mod anchor;
mod candidate;
mod classes;
mod error;
mod explain;
mod facts;
#[cfg(any(test, feature = "fixture"))]
pub mod fixture;
mod hit;
mod judge;
mod measure;
pub mod operator;
pub mod rule;
mod run;
mod shipped;
mod standing;
mod timeline;
mod unit;
mod world;

pub use candidate::{ADDRESSES_MAX, Candidate, OtherLeg, Subject, Sum, TXS_MAX};
pub use classes::Classes;
pub use error::RuleError;
pub use facts::{
    ActorOverChains, Bridging, DatedEvent, Elsewhere, Facts, Listing, Memo, NameHit, Publication, Redemption,
};
pub use hit::{Corroboration, GuardResult, Guarded, Hit, Met, Standing};
pub use measure::{Measures, median, permille};
pub use rule::Rule;
pub use run::{Found, MOVES_MAX, RunOptions, renew, run};
pub use shipped::{FILES, parse_all, shipped};
pub use standing::standing;
pub use timeline::{Move, NEVER, Party, Timeline, UNPRICED, Way};
pub use unit::Unit;
pub use world::{Shape, Split, World};
