//! A path built from the forest alone: longer than need be, but always there.

use super::{Graph, Step};
use crate::error::EntitiesError;
use crate::{Heuristic, Links};
use athar_types::{AddressId, TxNum};
use rustc_hash::{FxHashMap, FxHashSet};

/// Addresses that one event ties to one another.
struct Group {
    tx: TxNum,
    heuristic: Heuristic,
    addresses: Vec<AddressId>,
}

/// What is left to write down, the next thing last.
enum Rest {
    Path(AddressId, AddressId),
    Step(Step),
}

/// A path from `a` to `b`, which must be one; `None` where it has more than `steps_max` steps.
///
/// No address occurs twice: the two trees that a transaction joins have none in common.
pub(super) fn path(
    graph: &Graph<'_>,
    a: AddressId,
    b: AddressId,
    steps_max: usize,
) -> Result<Option<Vec<Step>>, EntitiesError> {
    let mut steps = Vec::new();
    let mut rest = vec![Rest::Path(a, b)];
    while let Some(next) = rest.pop() {
        match next {
            Rest::Step(step) => steps.push(step),
            Rest::Path(a, b) if a == b => continue,
            Rest::Path(a, b) => {
                let link = graph.forest.joined(a, b);
                let across = link.and_then(|link| steps_at(graph, link.tx, a, b));
                let Some(across) = across else {
                    let what = format!("no transaction joins the addresses {a} and {b}, which are said to be one");
                    return Err(graph.forest.wrong("forest.link", &what));
                };
                let mut end = b;
                for step in across.into_iter().rev() {
                    rest.push(Rest::Path(step.b, end));
                    rest.push(Rest::Step(step));
                    end = step.a;
                }
                rest.push(Rest::Path(a, end));
            }
        }
        if steps.len() > steps_max {
            return Ok(None);
        }
    }
    Ok(Some(steps))
}

/// The steps that `tx` adds between the trees of `a` and of `b`, which it joins: one, unless forms of keys are tied
/// from the same transaction on. Between one step and the next lies a tree that stood before `tx`.
fn steps_at(graph: &Graph<'_>, tx: TxNum, a: AddressId, b: AddressId) -> Option<Vec<Step>> {
    let tree = |address| match tx.0.checked_sub(1) {
        Some(before) => graph.forest.find_as_of(address, TxNum(before)),
        None => address,
    };
    let (start, goal) = (tree(a), tree(b));
    let groups: Vec<(Group, Vec<AddressId>)> = groups_at(graph, tx)
        .into_iter()
        .map(|group| {
            let trees = group.addresses.iter().map(|x| tree(*x)).collect();
            (group, trees)
        })
        .collect();

    // from tree to tree: how each was entered
    let mut entered: FxHashMap<AddressId, Option<(AddressId, Step)>> = FxHashMap::from_iter([(start, None)]);
    let mut used: FxHashSet<usize> = FxHashSet::default();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(from) = queue.pop_front() {
        for (number, (group, trees)) in groups.iter().enumerate() {
            let places = || (0..trees.len()).filter(|place| trees[*place] == from);
            // the address asked for itself makes the shorter path
            let own = places().find(|place| group.addresses[*place] == a).or_else(|| places().next());
            let Some(own) = own.filter(|_| used.insert(number)) else { continue };
            for (place, to) in trees.iter().enumerate() {
                let (x, y) = (group.addresses[own], group.addresses[place]);
                let known = entered.contains_key(to);
                let better =
                    *to == goal && y == b && entered.get(to).is_some_and(|e| e.is_some_and(|(t, _)| t == from));
                if !known || better {
                    let step = Step { tx: group.tx, since: tx, heuristic: group.heuristic, a: x, b: y };
                    entered.insert(*to, Some((from, step)));
                }
                if !known {
                    queue.push_back(*to);
                }
            }
        }
    }
    let mut steps = Vec::new();
    let mut at = goal;
    while let Some((from, step)) = *entered.get(&at)? {
        steps.push(step);
        at = from;
    }
    steps.reverse();
    Some(steps)
}

/// Everything that is tied from `tx` on.
fn groups_at(graph: &Graph<'_>, tx: TxNum) -> Vec<Group> {
    let mut groups = Vec::new();
    if graph.ties_inputs(tx) {
        let mut seen = FxHashSet::default();
        let addresses = graph.input_addresses(tx).filter(|x| seen.insert(*x)).collect();
        groups.push(Group { tx, heuristic: Heuristic::CoSpend, addresses });
    }
    groups.extend(graph.forest.key_ties_at(tx).map(|tie| Group {
        tx: tie.reveal,
        heuristic: Heuristic::SameKey,
        addresses: vec![tie.a, tie.b],
    }));
    groups.extend(graph.forest.change_ties_at(graph.ledger, tx).into_iter().map(|tie| Group {
        tx: tie.tx,
        heuristic: Heuristic::Change,
        addresses: vec![tie.a, tie.b],
    }));
    groups
}
