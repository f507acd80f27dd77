//! What the operators over facts share: names of measures, the movements of one address, short texts.

use super::{MeasureSpec, ParamSpec};
use crate::{Move, Party, Timeline, Unit, World};
use std::collections::BTreeMap;

/// Movements of a party up to which those of one of its addresses are picked out of them. Of a larger party, a service as a
/// rule, they are not looked at, and the candidate says so (`bound_hit`).
pub(super) const READ_MAX: u64 = 200_000;
/// Addresses of such a party at most: to weigh one with more takes long.
const ADDRESSES_READ_MAX: u32 = 20_000;
/// Notes of a candidate.
pub(super) const NOTES_MAX: usize = 20;
/// Characters of a note.
const NOTE_CHARS: usize = 200;

pub(super) const fn p(name: &'static str, unit: Unit, about: &'static str) -> ParamSpec {
    ParamSpec { name, unit, about }
}

pub(super) const fn m(name: &'static str, unit: Unit, about: &'static str) -> MeasureSpec {
    MeasureSpec { name, unit, about }
}

/// The movements of some addresses of one party; `None` where it has too many.
pub(super) fn moves_of(world: &dyn World, party: Party, is_own: impl Fn(u32) -> bool) -> Option<Vec<Move>> {
    if party == Party::NOBODY {
        return Some(Vec::new());
    }
    if world.size(party) > ADDRESSES_READ_MAX || world.is_heavier(party, READ_MAX) {
        return None;
    }
    let mut timeline = Timeline::default();
    world.fill(party, READ_MAX as usize, &mut timeline);
    timeline.moves.retain(|m| is_own(m.own));
    (!timeline.is_cut).then_some(timeline.moves)
}

/// Movements with those of the asset that is worth most first, so that a candidate's sum is of it: on chains of accounts the first
/// receipt is often a little of the coin, for fees.
pub(super) fn ranked<'a>(moves: impl IntoIterator<Item = &'a Move>) -> Vec<&'a Move> {
    let mut moves: Vec<&Move> = moves.into_iter().collect();
    let mut worth: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for movement in &moves {
        let (cents, count) = worth.entry(movement.asset).or_default();
        (*cents, *count) = (cents.saturating_add(movement.worth().unwrap_or(0)), *count + 1);
    }
    let main = worth.into_iter().max_by_key(|(asset, of)| (*of, std::cmp::Reverse(*asset))).map(|(asset, _)| asset);
    moves.sort_by_key(|movement| Some(movement.asset) != main);
    moves
}

/// A text that is short enough for a note, without what changes the direction of writing.
pub(super) fn note(text: &str) -> String {
    let is_plain = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut short: String = text.chars().filter(is_plain).take(NOTE_CHARS).collect();
    if text.chars().filter(is_plain).nth(NOTE_CHARS).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::fixture::HandWorld;
    use crate::{Hit, Publication, RunOptions, Standing, run, shipped};
    use athar_types::UnixTime;

    /// The hits of one shipped rule.
    pub(in crate::operator) fn hits(world: &HandWorld, id: &str) -> Vec<Hit> {
        hits_since(world, id, None)
    }

    pub(in crate::operator) fn hits_since(world: &HandWorld, id: &str, since: Option<u32>) -> Vec<Hit> {
        let rules: Vec<&crate::Rule> = shipped().iter().filter(|r| r.id == id).collect();
        assert_eq!(rules.len(), 1, "{id}");
        run(world, &rules, &|_| Standing::Held, RunOptions { since }).hits
    }

    /// A measure of a hit.
    pub(in crate::operator) fn value(hit: &Hit, name: &str) -> Option<i64> {
        hit.values.iter().find(|v| v.measure == name).map(|v| v.value)
    }

    /// A passage that solicits.
    pub(in crate::operator) fn appeal(address: u32, place: &str) -> Publication {
        Publication {
            address: Some(address),
            text: format!("address-{address}"),
            item: format!("item at {place}"),
            place: place.into(),
            time: UnixTime(1_500),
            solicitation: 70,
            solicits: true,
            asks: 18,
            cause: 18,
            is_proved: true,
            ..Publication::default()
        }
    }

    #[test]
    fn notes_are_short_and_keep_their_direction() {
        assert_eq!(note("a\u{202e}b\nc"), "abc");
        let long = note(&"ع".repeat(500));
        assert_eq!(long.chars().count(), 201);
        assert_eq!(note(&"x".repeat(200)).chars().count(), 200);
    }

    #[test]
    fn an_empty_world_has_no_hits() {
        for world in [HandWorld::outputs(), HandWorld::accounts()] {
            for rule in shipped() {
                assert!(hits(&world, &rule.id).is_empty(), "{}", rule.id);
                assert!(hits_since(&world, &rule.id, Some(0)).is_empty(), "{}", rule.id);
            }
        }
    }

    #[test]
    fn the_asset_that_is_worth_most_comes_first() {
        let mut world = HandWorld::accounts();
        world.pay(10, 5, 0, 100);
        world.pay(20, 5, 0, 70_000);
        world.last(1, true);
        world.pay(30, 5, 0, 200);
        let moves = moves_of(&world, Party(0), |_| true).unwrap();
        assert_eq!(
            ranked(&moves).iter().map(|m| (m.asset, m.cents)).collect::<Vec<_>>(),
            [(1, 70_000), (0, 100), (0, 200)]
        );
        assert!(ranked(&[]).is_empty());
    }

    #[test]
    fn movements_of_one_address_are_picked_out_of_its_party() {
        let mut world = HandWorld::outputs();
        world.pay(10, 5, 0, 100);
        world.pay(20, 5, 1, 200);
        world.tie(&[0, 1]);
        let moves = moves_of(&world, Party(0), |own| own == 1).unwrap();
        assert_eq!(moves.iter().map(|m| m.cents).collect::<Vec<_>>(), [200]);
        assert_eq!(moves_of(&world, Party::NOBODY, |_| true), Some(Vec::new()));
    }
}
