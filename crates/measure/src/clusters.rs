//! Whole entities against owners: pairs claimed, pairs missed, entities with several owners, owners in several entities.
//!
//! Pairs are counted, not drawn: with `n` addresses in an entity, of which owner `i` has `n_i`, the entity claims
//! `n (n - 1) / 2` pairs, of which the sum of `n_i (n_i - 1) / 2` is right. Source: W. Rand, "Objective criteria for the
//! evaluation of clustering methods", JASA 66 (1971), with precision and recall in place of the index itself, which true
//! negatives drown.

use crate::{Owners, Tally};
use athar_types::AddressId;
use rustc_hash::FxHashMap;

/// A clustering in figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clusters {
    /// Pairs in one entity; wrong: of different owners.
    pub pairs: Tally,
    /// Pairs of one owner; wrong: in different entities.
    pub owner_pairs: Tally,
    /// Entities of two addresses and more; wrong: of more than one owner.
    pub entities: Tally,
    /// Owners of two addresses and more; wrong: in more than one entity.
    pub owners: Tally,
    /// Sum over those owners of the share in their largest entity, in millionths.
    pub owner_share_sum: u64,
    /// Sum over those entities of the share of their largest owner, in millionths.
    pub entity_share_sum: u64,
}

const MILLION: u64 = 1_000_000;

impl Clusters {
    /// Counts the addresses below `count` whose owner is known; `root` names the entity of each.
    pub fn count(owners: &Owners, count: u32, root: impl Fn(AddressId) -> AddressId) -> Self {
        let mut cells: FxHashMap<(u32, u32), u64> = FxHashMap::default();
        for address in (0..count).map(AddressId) {
            if let Some(owner) = owners.of(address) {
                *cells.entry((root(address).0, owner)).or_default() += 1;
            }
        }
        let mut by_entity: FxHashMap<u32, Part> = FxHashMap::default();
        let mut by_owner: FxHashMap<u32, Part> = FxHashMap::default();
        for ((entity, owner), n) in cells {
            by_entity.entry(entity).or_default().add(n);
            by_owner.entry(owner).or_default().add(n);
        }
        let (pairs, entities, entity_share_sum) = sum_up(by_entity.values());
        let (owner_pairs, owners, owner_share_sum) = sum_up(by_owner.values());
        Self { pairs, owner_pairs, entities, owners, owner_share_sum, entity_share_sum }
    }

    /// Adds the figures of another world.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.pairs, other.pairs),
            (&mut self.owner_pairs, other.owner_pairs),
            (&mut self.entities, other.entities),
            (&mut self.owners, other.owners),
        ] {
            sum.wrong += more.wrong;
            sum.of += more.of;
        }
        self.owner_share_sum += other.owner_share_sum;
        self.entity_share_sum += other.entity_share_sum;
    }

    /// Mean share of an owner's addresses in the entity with most of them, in millionths; 0 where there is no owner.
    pub fn recall_per_owner_millionths(&self) -> u64 {
        self.owner_share_sum.checked_div(self.owners.of).unwrap_or(0)
    }

    /// Mean share of an entity's addresses that belong to the owner with most of them, in millionths.
    pub fn precision_per_entity_millionths(&self) -> u64 {
        self.entity_share_sum.checked_div(self.entities.of).unwrap_or(0)
    }
}

/// One entity by owners, or one owner by entities.
#[derive(Default)]
struct Part {
    addresses: u64,
    parts: u64,
    largest: u64,
    pairs_within: u64,
}

impl Part {
    fn add(&mut self, n: u64) {
        self.addresses += n;
        self.parts += 1;
        self.largest = self.largest.max(n);
        self.pairs_within += pairs(n);
    }
}

const fn pairs(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

fn sum_up<'a>(parts: impl Iterator<Item = &'a Part>) -> (Tally, Tally, u64) {
    let (mut paired, mut whole, mut shares) = (Tally::default(), Tally::default(), 0);
    for part in parts.filter(|p| p.addresses > 1) {
        paired.of += pairs(part.addresses);
        paired.wrong += pairs(part.addresses) - part.pairs_within;
        whole.add(part.parts > 1);
        shares += MILLION * part.largest / part.addresses;
    }
    (paired, whole, shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_entities_and_owners_are_counted_by_hand() {
        // entities {0 1 2 3} {4} {5 6} {7}; owners a = 0 1 2, b = 3 4, c = 5 6, nobody knows 7
        let owners = Owners::new([Some(0), Some(0), Some(0), Some(1), Some(1), Some(2), Some(2), None]);
        let entity = [0, 0, 0, 0, 4, 5, 5, 0];
        let found = Clusters::count(&owners, 8, |a| AddressId(entity[a.index()]));
        // six pairs in the first entity, three of them right; one in the third
        assert_eq!(found.pairs, Tally { wrong: 3, of: 7 });
        // owners have 3 + 1 + 1 pairs; b's is missed
        assert_eq!(found.owner_pairs, Tally { wrong: 1, of: 5 });
        assert_eq!((found.entities, found.owners), (Tally { wrong: 1, of: 2 }, Tally { wrong: 1, of: 3 }));
        assert_eq!(found.precision_per_entity_millionths(), 875_000);
        assert_eq!(found.recall_per_owner_millionths(), (1_000_000 + 500_000 + 1_000_000) / 3);
        let mut twice = found;
        twice.add(&found);
        assert_eq!(twice.pairs, Tally { wrong: 6, of: 14 });
        assert_eq!(twice.recall_per_owner_millionths(), found.recall_per_owner_millionths());
        assert_eq!(Clusters::count(&owners, 0, |a| a), Clusters::default());
    }
}
