//! What lies on a way from one party to the other.
//!
//! Each ball knows its own distance alone. From the outputs that both know, the distances are carried on: with the
//! money's direction through what the ball from the end knows, against it through what the one from the beginning knows.
//! What then has too many hops before and after it together is on no path asked for.

use super::ball::{FAR, Side};
use super::ground::Role;
use super::search::Search;
use crate::stop::{Owners, Stops};
use athar_types::{AddressId, OutputNum};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// An output on a way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) output: OutputNum,
    pub(super) role: Role,
    pub(super) address: Option<AddressId>,
    /// Fewest hops from here to the end.
    pub(super) to_end: u32,
}

/// The outputs, in chain order, that are on a path of at most `hops_max` hops.
pub(super) fn find<S: Stops + ?Sized, O: Owners + ?Sized>(
    search: &mut Search<'_, '_, S, O>,
    hops_max: u32,
) -> Vec<Spot> {
    let (from, to) = (Side::From.index(), Side::To.index());
    let within = |hops: [u32; 2]| hops[0].saturating_add(hops[1]) <= hops_max;
    let mut joint: FxHashMap<u64, [u32; 2]> =
        search.met.iter().filter_map(|o| Some((*o, search.nodes.get(o)?.hops))).filter(|(_, h)| within(*h)).collect();
    if joint.is_empty() {
        return Vec::new();
    }
    // every step goes on in chain order, so an output taken from the heap has its distance for good
    let mut ascending: BinaryHeap<Reverse<u64>> = joint.keys().copied().map(Reverse).collect();
    while let Some(Reverse(output)) = ascending.pop() {
        let (Some(node), Some(hops)) = (search.nodes.get(&output).copied(), joint.get(&output).copied()) else {
            continue;
        };
        if !node.role.leads_on() {
            continue;
        }
        let Some(tx) = search.ground.ledger.spent_by(OutputNum(output)) else { continue };
        if search.ground.closed(tx).is_some() {
            continue;
        }
        for reached in search.ground.ledger.tx_outputs(tx) {
            let Some(next) = search.nodes.get(&reached) else { continue };
            if next.hops[from] != FAR || next.hops[to] == FAR || !next.role.takes_in() {
                continue;
            }
            let before = hops[from] + u32::from(search.ground.is_hop(node.address, next.address));
            join(&mut joint, reached, [before, next.hops[to]], from, within, |o| ascending.push(Reverse(o)));
        }
    }
    let mut descending: BinaryHeap<u64> = joint.keys().copied().collect();
    while let Some(output) = descending.pop() {
        let (Some(node), Some(hops)) = (search.nodes.get(&output).copied(), joint.get(&output).copied()) else {
            continue;
        };
        if !node.role.takes_in() {
            continue;
        }
        let tx = search.ground.ledger.output_tx(OutputNum(output)).0;
        if search.ground.closed(tx).is_some() {
            continue;
        }
        for row in search.ground.ledger.tx_inputs(tx) {
            let before = search.ground.spent(row).0.0;
            let Some(next) = search.nodes.get(&before) else { continue };
            if next.hops[to] != FAR || next.hops[from] == FAR || !next.role.leads_on() {
                continue;
            }
            let after = hops[to] + u32::from(search.ground.is_hop(next.address, node.address));
            join(&mut joint, before, [next.hops[from], after], to, within, |o| descending.push(o));
        }
    }
    let mut spots: Vec<Spot> = joint
        .into_iter()
        .filter_map(|(output, hops)| {
            let node = search.nodes.get(&output)?;
            Some(Spot { output: OutputNum(output), role: node.role, address: node.address, to_end: hops[to] })
        })
        .collect();
    spots.sort_unstable_by_key(|spot| spot.output);
    spots
}

/// Notes distances of an output, of which that at `side` may become smaller; `fresh` is told of one not noted before.
fn join(
    joint: &mut FxHashMap<u64, [u32; 2]>,
    output: u64,
    hops: [u32; 2],
    side: usize,
    within: impl Fn([u32; 2]) -> bool,
    fresh: impl FnOnce(u64),
) {
    match joint.get_mut(&output) {
        Some(known) => known[side] = known[side].min(hops[side]),
        None if within(hops) => {
            joint.insert(output, hops);
            fresh(output);
        }
        None => {}
    }
}
