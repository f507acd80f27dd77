//! Paths to the few places that are shown: all of them in one look through the links of the walk, from the last to the
//! first.
//!
//! A walk tells of the links to an output before those that go on from it. So whoever looks from the end finds the link
//! that reached a place, then, further on, the one that reached what was before it, until that is a source. Under FIFO
//! each satoshi has come one way only, so no link has to be looked at twice, and none has to be sorted.

use super::sink::Place;
use athar_trace::{Direction, Link, Sources, Step};
use athar_types::OutputNum;
use rustc_hash::FxHashMap;

/// A path that is being followed back.
struct Cursor {
    /// Which of the places.
    place: usize,
    /// The satoshi of the output that it has come to.
    at: u64,
}

fn is_source(sources: &Sources, output: OutputNum, at: u64) -> bool {
    sources.of(output).iter().any(|s| s.lo <= at && at < s.hi)
}

/// Fills in the path of each place.
pub(super) fn fill(mut places: Vec<&mut Place>, links: &[Link], direction: Direction, sources: &Sources) {
    let mut open: FxHashMap<u64, Vec<Cursor>> = FxHashMap::default();
    for (place, of) in places.iter().enumerate() {
        if !is_source(sources, of.output, of.at) {
            open.entry(of.output.0).or_default().push(Cursor { place, at: of.at });
        }
    }
    for link in links.iter().rev() {
        if open.is_empty() {
            break;
        }
        let Some(here) = open.get_mut(&link.reached.0) else { continue };
        let through = |c: &mut Cursor| link.reached_lo <= c.at && c.at - link.reached_lo < link.sat;
        let moved: Vec<Cursor> = here.extract_if(.., through).collect();
        if here.is_empty() {
            open.remove(&link.reached.0);
        }
        let (from_output, to_output) = match direction {
            Direction::Forward => (link.before, link.reached),
            Direction::Backward => (link.reached, link.before),
        };
        for Cursor { place, at } in moved {
            places[place].path.push(Step { tx: link.tx, from_output, to_output, sat: link.sat });
            let (output, at) = (link.before, link.before_lo + (at - link.reached_lo));
            if !is_source(sources, output, at) {
                open.entry(output.0).or_default().push(Cursor { place, at });
            }
        }
    }
    for place in places {
        place.path.reverse();
    }
}
