//! Taint on outputs, and the policies that say how a transaction carries it on.
//!
//! Taint on an output is a list of [`Span`]s: ranges of its satoshi. What a transaction does to them is the policy's
//! business alone ([`Spread`]): it is given the tainted spans of the outputs on one side and answers with
//! [`Piece`]s on the other. Everything else (order, stops, bounds, sums, paths) is the same for every policy; what the
//! spans mean is its [`Meaning`].

use athar_ledger::Ledger;
use athar_types::{AddressId, OutputNum, TxNum};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range, str::FromStr};

/// Which way a trace goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Where the money went.
    Forward,
    /// Where it came from.
    Backward,
}

impl Direction {
    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a transaction hands taint from its inputs to its outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Policy {
    /// First in, first out: a transaction's inputs, in order, fill its outputs, in order, then its fee.
    ///
    /// Source: Clayton's Case (Devaynes v Noble, 1816) as applied to Bitcoin by Anderson, Shumailov and Ahmed, "Making
    /// Bitcoin Legal", Security Protocols Workshop 2018.
    #[default]
    Fifo,
    /// Last in, first out: the inputs, the last one first, fill the outputs in order, then the fee. Within one input
    /// satoshi keep their order.
    ///
    /// Source: the stack beside FIFO's queue in Tironsakkul, Maarek, Eross and Just, "Context matters: methods for
    /// Bitcoin tracking", 2022.
    Lifo,
    /// Taint in, highest out: tainted satoshi go to the outputs of the largest value first (of equal ones in order) and to
    /// the fee last. Backward the mirror image: to the inputs of the largest value first.
    ///
    /// Source: Tironsakkul, Maarek, Eross and Just, "The unique dressing of transactions" (2022): whoever launders is
    /// likely to keep the larger part.
    Tiho,
    /// Haircut: every output, and the fee, takes the share of the taint that it has of the transaction's value, in whole
    /// satoshi by largest remainders (Hamilton's method; ties in order, the fee last).
    ///
    /// Source: Möser, Böhme and Breuker, "Towards Risk Scoring of Bitcoin Transactions", Bitcoin workshop 2014.
    Haircut,
    /// Poison: whatever a tainted output's transaction makes is tainted whole. A set of places reached: it conserves nothing and
    /// is never summed. Outputs of no value are not reached.
    ///
    /// Source: Möser, Böhme and Breuker, 2014.
    Poison,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 5] = [Self::Fifo, Self::Lifo, Self::Tiho, Self::Haircut, Self::Poison];

    /// The name in answers and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::Lifo => "lifo",
            Self::Tiho => "tiho",
            Self::Haircut => "haircut",
            Self::Poison => "poison",
        }
    }

    /// Whether amounts are conserved, so that they may be added up: all but poison.
    pub const fn is_summed(self) -> bool {
        !matches!(self, Self::Poison)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no known taint policy (fifo, lifo, tiho, haircut, poison)")]
pub struct PolicyError;

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        Self::ALL.into_iter().find(|p| p.name() == text).ok_or(PolicyError)
    }
}

/// Tainted satoshi `lo..hi` of one output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First satoshi.
    pub lo: u64,
    /// End, exclusive.
    pub hi: u64,
    /// Hops from the source: transactions that carried it from one owner to another.
    pub hop: u32,
    /// The [`crate::Sink`]'s own mark, handed on with the taint; 0 at the source. Spans with different marks are never
    /// merged.
    pub tag: u32,
}

impl Span {
    /// How many satoshi.
    #[inline]
    pub const fn sat(&self) -> u64 {
        self.hi - self.lo
    }
}

/// Adds a span behind those there are, merged with the last one where they touch and are of one kind.
#[inline]
pub(crate) fn push_span(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if last.hi == span.lo && last.hop == span.hop && last.tag == span.tag => last.hi = span.hi,
        _ => spans.push(span),
    }
}

/// A tainted span that waits for the transaction it goes through next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The order of that transaction in the trace, ascending.
    pub(crate) key: u32,
    pub(crate) hop: u32,
    pub(crate) tag: u32,
    /// Address of the output, [`AddressId::NONE`] for none.
    pub(crate) address: u32,
    /// Transaction that made the output.
    pub(crate) made_by: u32,
    /// Which of its outputs it is.
    pub(crate) vout: u32,
    pub(crate) output: u64,
    pub(crate) lo: u64,
    pub(crate) hi: u64,
    /// Value of the output.
    pub(crate) value: u64,
}

impl Entry {
    #[inline]
    pub(crate) fn span(&self) -> Span {
        Span { lo: self.lo, hi: self.hi, hop: self.hop, tag: self.tag }
    }

    #[inline]
    pub(crate) fn output(&self) -> OutputNum {
        OutputNum(self.output)
    }

    #[inline]
    pub(crate) fn address(&self) -> Option<AddressId> {
        (self.address != AddressId::NONE).then_some(AddressId(self.address))
    }
}

/// Taint that a transaction carried from one span of an entry to one output on its other side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    /// Which of the entries it comes from.
    pub(crate) entry: u32,
    /// Transaction that made the output reached.
    pub(crate) made_by: u32,
    /// Which of its outputs it is.
    pub(crate) vout: u32,
    /// The output reached, or [`Piece::END`].
    pub(crate) reached: u64,
    /// Its value.
    pub(crate) value: u64,
    /// First satoshi of the piece in the output of the entry.
    pub(crate) prior_lo: u64,
    /// First satoshi of the piece in the output reached.
    pub(crate) lo: u64,
    /// Satoshi.
    pub(crate) sat: u64,
}

impl Piece {
    /// Reached where the piece leaves the graph: the fee going forward, nothing at all going backward.
    pub(crate) const END: u64 = u64::MAX;
}

/// A transaction that taint goes through.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    pub(crate) tx: TxNum,
    /// Numbers of its inputs.
    pub(crate) inputs: Range<u64>,
    /// Numbers of its outputs.
    pub(crate) outputs: Range<u64>,
}

/// What a policy's spans and pieces mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Single satoshi: each has its place in an output.
    Places,
    /// How many satoshi there are: those of one kind on an output are laid together, from the first satoshi on.
    Amounts,
    /// That the output was reached at all: its span is the whole output, with the fewest hops of any way there.
    Reach,
}

/// A policy: how one transaction carries taint. Amounts must be conserved, but for [`Meaning::Reach`]: the pieces of an entry
/// hold as much as its span. Entries come sorted by output and span; pieces of one output reached must come together, in
/// span order.
pub(crate) trait Spread {
    /// What its spans mean.
    const MEANING: Meaning;

    /// From outputs that a transaction spends to outputs that it makes and its fee.
    fn forward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>);

    /// From outputs that a transaction makes to outputs that it spends. What no input covers leaves the graph: nothing in a
    /// valid chain but a coinbase, which is never asked about.
    fn backward(&mut self, ledger: &Ledger, through: &Passage, taint: &[Entry], pieces: &mut Vec<Piece>);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_and_serialised_by_name() {
        for policy in Policy::ALL {
            assert_eq!(policy.name().parse(), Ok(policy));
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.name());
            assert!(PolicyError.to_string().contains(policy.name()));
        }
        assert_eq!("FIFO".parse::<Policy>(), Err(PolicyError));
        assert_eq!(serde_json::to_value(Direction::Backward).unwrap(), Direction::Backward.name());
    }

    #[test]
    fn spans_merge_only_where_they_touch_and_are_of_one_kind() {
        let mut spans = Vec::new();
        for (lo, hi, hop, tag) in [(0, 2, 1, 0), (2, 3, 1, 0), (3, 4, 2, 0), (4, 5, 2, 1), (6, 7, 2, 1)] {
            push_span(&mut spans, Span { lo, hi, hop, tag });
        }
        let ends: Vec<_> = spans.iter().map(|s| (s.lo, s.hi)).collect();
        assert_eq!(ends, [(0, 3), (3, 4), (4, 5), (6, 7)]);
    }
}
