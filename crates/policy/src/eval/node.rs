//! Nodes of the answer, and what all of them share.

use crate::exact::{Comparison, Quantity, Range, Unit};
use crate::truth::Truth;
use crate::verdict::{Node, NodeNumber};

/// A node made of others: `all`, `any`, `not`.
pub(super) fn join(kind: &'static str, children: Vec<Node>) -> Node {
    let values = children.iter().map(|c| c.outcome);
    let outcome = match kind {
        "not" => !Truth::all(values),
        "any" => Truth::any(values),
        _ => Truth::all(values),
    };
    Node { children, ..leaf(kind, String::new(), outcome) }
}

/// A node without numbers.
pub(super) fn leaf(kind: &'static str, asks: String, outcome: Truth) -> Node {
    Node {
        kind,
        asks,
        outcome,
        numbers: Vec::new(),
        unknown: None,
        matched: Vec::new(),
        matched_truncated: false,
        children: Vec::new(),
    }
}

/// A number beside each comparison with it; where none is asked it informs.
pub(super) fn numbers(name: &'static str, unit: Unit, range: Range, with: &[Comparison]) -> Vec<NodeNumber> {
    let quantity = |parts: Option<i128>| parts.map(|parts| Quantity::new(unit, parts));
    let number = |with: Option<&Comparison>| NodeNumber {
        name,
        at_least: quantity(range.low),
        at_most: quantity(range.high),
        comparison: with.map(|c| c.op.sign()),
        threshold: with.map(|c| c.threshold),
        outcome: with.map(|c| c.of(range)),
    };
    if with.is_empty() { vec![number(None)] } else { with.iter().map(|c| number(Some(c))).collect() }
}

/// Whether every comparison in some numbers holds.
pub(super) fn all(numbers: &[NodeNumber]) -> Truth {
    Truth::all(numbers.iter().filter_map(|n| n.outcome))
}

/// Says why a node is unknown, where it is.
pub(super) fn because(mut node: Node, why: Option<&str>) -> Node {
    if node.outcome == Truth::Unknown && node.unknown.is_none() {
        node.unknown = why.map(str::to_owned);
    }
    node
}

/// Whether each of these words stands in what is known.
pub(super) fn is_one<T: Ord>(asked: &std::collections::BTreeSet<T>, is: &T) -> bool {
    asked.is_empty() || asked.contains(is)
}
