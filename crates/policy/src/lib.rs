//! Risk policies as files: which facts about an address make which level, and why.
//!
//! * [`Policy`] is read from TOML ([`Policy::parse`]) and has a version by content ([`Policy::version`]).
//! * [`Facts`] is what is known of one subject: plain data, open where nothing is known.
//! * [`evaluate`] gives a [`Verdict`]: the level or score, and for each rule the whole tree with each node's truth value and
//!   the numbers that decided it. Truth is three-valued ([`Truth`]): what is not known makes nothing false.
//! * [`diff`] tells what changed from one policy to another; [`PolicyStore`] keeps versions and says which one decides.
//!
//! Nothing here reads a chain or a label; the only IO is a policy's file and the store's folder. The format is documented in
//! `docs/reference/policy.md`.

mod condition;
mod decision;
mod diff;
mod error;
mod eval;
mod exact;
mod facts;
mod parse;
mod policy;
mod shipped;
mod store;
mod truth;
mod verdict;

pub use condition::{
    AgeOf, AgeTest, AmountOf, AmountTest, Categories, Condition, ExposureTest, ListedTest, PatternTest, SearchTest,
    Selector, Side, SubjectTest,
};
pub use decision::{Answer, Behind, DecisionTable, LevelAnswers, ScoreAnswer, TIME_LIMIT_MS_MAX};
pub use diff::{Change, PolicyDiff, RuleChange, diff};
pub use error::PolicyError;
pub use eval::evaluate;
pub use exact::{Comparison, Op, Quantity, Range, Unit};
pub use facts::{Exposure, Facts, Flow, LabelFact, Money, Reach, Subject, SubjectKind, SubjectStatus, Taint};
pub use policy::{
    BYTES_MAX, DEPTH_MAX, Effect, LevelFrom, Model, NODES_MAX, Policy, RULES_MAX, Rule, TEXT_MAX, WORDS_MAX, Why,
};
pub use shipped::{DEFAULT, shipped, shipped_file};
pub use store::{Event, EventKind, Mode, PolicyStore, Stored};
pub use truth::Truth;
pub use verdict::{Applied, Matched, Node, NodeNumber, RuleVerdict, Verdict, Weighed};
