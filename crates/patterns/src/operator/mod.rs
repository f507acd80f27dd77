//! The operators: the small set of measurements over timelines, flows and facts that every rule is made of.
//!
//! An operator knows no threshold of its own: a rule gives its parameters, it gives candidates with measures, and the rule's
//! requirements decide. It may leave out what cannot meet the rule only by parameters that the rule gave it.

mod below;
mod beside;
mod bridged;
mod contact;
mod converge;
mod drain;
mod exit;
mod exposure;
mod flow;
mod fresh;
mod gather;
mod increments;
mod listed;
mod migrated;
mod mixed;
mod named;
mod noted;
mod onward;
#[cfg(test)]
mod ordinary;
mod outflow;
mod outlier;
mod peel;
mod published;
#[cfg(test)]
mod random;
mod redeem;
mod seeds;
mod sequence;
mod specs;
mod spike;
mod spray;
mod start;
mod swept;
mod through;
mod turnover;

use crate::rule::Params;
use crate::{Candidate, Party, RuleError, Timeline, Unit, World};
use std::fmt;

/// A parameter that an operator reads.
#[derive(Clone, Copy, Debug)]
pub struct ParamSpec {
    /// Its name.
    pub name: &'static str,
    /// Its unit; lists of names are counted as [`Unit::Count`].
    pub unit: Unit,
    /// What it does.
    pub about: &'static str,
}

/// A measure that an operator takes.
#[derive(Clone, Copy, Debug)]
pub struct MeasureSpec {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// What it is.
    pub about: &'static str,
}

/// An operator.
pub struct Spec {
    /// Its name in rule files.
    pub name: &'static str,
    /// What it looks at.
    pub about: &'static str,
    /// What a rule must give it.
    pub parameters: &'static [ParamSpec],
    /// What it measures.
    pub measures: &'static [MeasureSpec],
    /// Reads a rule's parameters.
    pub bind: fn(&Params<'_>) -> Result<Box<dyn Bound>, RuleError>,
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "operator {}", self.name)
    }
}

/// What an operator is run over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Each party with at least so many movements, with its timeline.
    Parties {
        /// Fewest movements ([`World::weight`]) of a party that can give a candidate.
        least: u64,
    },
    /// The whole chain at once: the operator finds its own way, from labels, facts or transactions.
    Whole,
}

/// What is looked at in one run.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The world.
    pub world: &'a dyn World,
    /// Of an incremental run: the first new transaction.
    pub since: Option<u32>,
    /// Of an incremental run: the parties that took part in new transactions, ascending.
    pub changed: Option<&'a [Party]>,
}

impl At<'_> {
    /// Whether a party has to be looked at.
    pub fn is_due(&self, party: Party) -> bool {
        self.changed.is_none_or(|changed| changed.binary_search(&party).is_ok())
    }
}

/// What an operator gives where only new transactions are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renewal {
    /// Every candidate whose subject's party took part in something new ([`At::is_due`]), with its whole past: earlier hits on
    /// such parties are made again, or are none any more.
    Subjects,
    /// Every candidate in which a new transaction takes part. Earlier hits stay; one of the same subject and beginning replaces
    /// the earlier one.
    Added,
    /// Everything, each time: what it measures of one party can change by what others do. Earlier hits are dropped.
    Whole,
}

/// An operator with the parameters of a rule.
pub trait Bound: Send + Sync {
    /// What it is run over.
    fn scope(&self) -> Scope;

    /// What it gives where only new transactions are looked at.
    fn renewal(&self) -> Renewal {
        Renewal::Subjects
    }

    /// Whether a party can give a candidate at all, told without its timeline: reading a large service's is dear. Asked for
    /// [`Scope::Parties`] alone.
    fn wants(&self, at: &At<'_>, party: Party) -> bool {
        let _ = (at, party);
        true
    }

    /// Looks at one party. Called for [`Scope::Parties`] alone, by several threads.
    fn party(&self, at: &At<'_>, timeline: &Timeline, found: &mut Vec<Candidate>) {
        let _ = (at, timeline, found);
    }

    /// Looks at everything. Called for [`Scope::Whole`] alone; it may use rayon.
    fn whole(&self, at: &At<'_>, found: &mut Vec<Candidate>) {
        let _ = (at, found);
    }
}

/// Every operator.
pub static ALL: &[&Spec] = &[
    &below::SPEC,
    &bridged::SPEC,
    &contact::SPEC,
    &converge::SPEC,
    &drain::SPEC,
    &exit::SPEC,
    &exposure::SPEC,
    &fresh::SPEC,
    &gather::SPEC,
    &increments::SPEC,
    &listed::SPEC,
    &migrated::SPEC,
    &mixed::SPEC,
    &named::SPEC,
    &noted::SPEC,
    &outflow::SPEC,
    &outlier::SPEC,
    &peel::SPEC,
    &published::SPEC,
    &redeem::SPEC,
    &sequence::SPEC,
    &spike::SPEC,
    &spray::SPEC,
    &swept::SPEC,
    &through::SPEC,
    &turnover::SPEC,
];

/// The operator of a name.
pub fn find(name: &str) -> Option<&'static Spec> {
    ALL.iter().copied().find(|spec| spec.name == name)
}

pub(crate) fn names() -> String {
    ALL.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ")
}
