//! Why two addresses are held for one actor's: a path of transactions between them.
//!
//! Every step names two addresses and the transaction that ties them: both are inputs of it, both are forms of a key that
//! it revealed, or one is an input of it and the other its change. Anyone can look each step up; nothing has to be believed.
//!
//! First the shortest path is searched from both ends over the adjacency of addresses and transactions, inside what the
//! forest's own recorders would tie. That is bounded in edges: large entities hold hubs with millions of neighbours.
//! Where the bound is hit, the forest itself gives a path that always exists: the transaction that joined `a` and `b`
//! ties some `x` that was already one with `a` to some `y` that was already one with `b`; the same question for `a` and
//! `x`, and for `y` and `b`, is about earlier links, until nothing is left to ask.

mod construct;
mod neighbours;
mod search;
mod without;

pub use without::{Part, Without, without};

use crate::change::ChangeTie;
use crate::error::EntitiesError;
use crate::forest::Forest;
use crate::links::{Link, Links};
use crate::{Heuristic, Selection};
use athar_ledger::Ledger;
use athar_types::{AddressId, TxNum};
use serde::{Deserialize, Serialize};

/// What an explanation may cost, counted in things looked at, so that the same question gets the same answer anywhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Bounds {
    /// Outputs, inputs and ties that the search for a shortest path may look at.
    pub edges_max: u64,
    /// Steps of a path built from the forest.
    pub steps_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { edges_max: 20_000, steps_max: 1_000 }
    }
}

/// A bound that an explanation hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoundHit {
    /// [`Bounds::edges_max`]: the path holds, but a shorter one may exist.
    Edges,
    /// [`Bounds::steps_max`]: the two are one, but the path is longer than asked for and left out.
    Steps,
}

/// One step of an explanation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Step {
    /// The transaction that shows it: its inputs come from `a` and `b`, it reveals the key of which both are forms, or
    /// one is an input of it and the other its change.
    pub tx: TxNum,
    /// From which transaction on the step holds: `tx` itself, for forms of one key the first at which both existed, for
    /// change the first by which enough was known.
    pub since: TxNum,
    /// Why.
    pub heuristic: Heuristic,
    /// The address nearer to the first one asked.
    pub a: AddressId,
    /// The address nearer to the second one asked.
    pub b: AddressId,
}

/// Whether and why two addresses are one entity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Whether they are.
    pub linked: bool,
    /// What first made them one; `None` where they are not, or are the same address. Steps may be younger: a later
    /// transaction can show more directly what was already known.
    pub since: Option<Link>,
    /// The path: the first step begins at the first address asked, the last one ends at the second, and each begins
    /// where the one before it ended. Empty where they are not one, or are the same address.
    pub steps: Vec<Step>,
    /// The bound that was hit, if any.
    pub bound_hit: Option<BoundHit>,
}

/// Explains why `a` and `b` are one entity now. `ledger` must be the one the forest was built from.
pub fn explain(
    ledger: &Ledger,
    forest: &Forest,
    a: AddressId,
    b: AddressId,
    bounds: &Bounds,
) -> Result<Explanation, EntitiesError> {
    explain_as_of(ledger, forest, a, b, TxNum(u32::MAX - 1), bounds)
}

/// Explains why `a` and `b` were one entity once the transaction `as_of` had been seen, by what had been seen by then.
pub fn explain_as_of(
    ledger: &Ledger,
    forest: &Forest,
    a: AddressId,
    b: AddressId,
    as_of: TxNum,
    bounds: &Bounds,
) -> Result<Explanation, EntitiesError> {
    explain_without(ledger, forest, a, b, as_of, &[], bounds)
}

/// As [`explain_as_of`], by a path that leads through none of the transactions `without`. Where only the forest itself has a
/// path, and it leads through one of them, there are no steps and [`BoundHit::Edges`] says why.
pub fn explain_without(
    ledger: &Ledger,
    forest: &Forest,
    a: AddressId,
    b: AddressId,
    as_of: TxNum,
    without: &[TxNum],
    bounds: &Bounds,
) -> Result<Explanation, EntitiesError> {
    let mut explanation = Explanation { linked: true, since: None, steps: Vec::new(), bound_hit: None };
    if a == b {
        return Ok(explanation);
    }
    if forest.find_as_of(a, as_of) != forest.find_as_of(b, as_of) {
        explanation.linked = false;
        return Ok(explanation);
    }
    explanation.since = forest.joined(a, b);
    let graph = Graph { ledger, forest, heuristics: forest.manifest().heuristics, as_of, without };
    match search::shortest(&graph, a, b, bounds.edges_max) {
        Some(steps) => explanation.steps = steps,
        // the forest knows nothing of what is left out
        None => match construct::path(&Graph { without: &[], ..graph }, a, b, bounds.steps_max)? {
            Some(steps) => {
                let cut = steps.iter().any(|step| without.contains(&step.tx));
                explanation.steps = if cut { Vec::new() } else { steps };
                explanation.bound_hit = Some(BoundHit::Edges);
            }
            None => explanation.bound_hit = Some(BoundHit::Steps),
        },
    }
    Ok(explanation)
}

/// What ties addresses, as the recorders see it, up to a moment.
#[derive(Clone, Copy)]
struct Graph<'a> {
    ledger: &'a Ledger,
    forest: &'a Forest,
    heuristics: Selection,
    as_of: TxNum,
    /// Transactions whose inputs tie nobody, whatever they are.
    without: &'a [TxNum],
}

impl Graph<'_> {
    /// Whether the inputs of `tx` tie their addresses.
    fn ties_inputs(&self, tx: TxNum) -> bool {
        self.heuristics.has(Heuristic::CoSpend)
            && tx <= self.as_of
            && !self.without.contains(&tx)
            && self.forest.coinjoin(tx).is_none()
    }

    /// The tie of a transaction's change output, where change ties addresses.
    fn change_tie(&self, tx: TxNum) -> Option<ChangeTie> {
        self.forest.change_policy().filter(|_| !self.without.contains(&tx))?;
        self.forest.change_tie(self.ledger, tx).filter(|tie| tie.at <= self.as_of)
    }

    /// The addresses of a transaction's inputs, in order; one may occur again.
    fn input_addresses(&self, tx: TxNum) -> impl Iterator<Item = AddressId> + '_ {
        self.ledger.inputs(tx).filter_map(|input| input.address)
    }
}
