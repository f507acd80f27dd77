//! The questions that the links of a merge forest answer, whether it lies on disk or in memory.

use crate::Heuristic;
use athar_types::{AddressId, TxNum};

/// Stored as the link of a root.
pub(crate) const NO_LINK: u32 = u32::MAX;

/// No address lies deeper than this: a tree grows by a level only by at least doubling, and ids have 32 bits.
pub(crate) const DEPTH_MAX: usize = 32;

/// What joined two trees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Link {
    /// The transaction in which they became one. Under [`Heuristic::SameKey`] the first one at which the key was
    /// revealed and both forms existed, which need not be the one that revealed it.
    pub tx: TxNum,
    /// Why.
    pub heuristic: Heuristic,
}

/// A merge forest: every address has a parent and the link to it, a root is its own parent. Links were made in chain
/// order between roots, the smaller tree under the larger (at equal size the root with the higher id under the other),
/// so they never decrease on the way to the root: cutting every link after a moment gives the forest of that moment.
pub trait Links {
    /// Number of addresses.
    fn address_count(&self) -> u32;

    /// The parent of an address; a root is its own.
    fn parent(&self, address: AddressId) -> AddressId;

    /// The link from an address to its parent, `None` for a root.
    fn link(&self, address: AddressId) -> Option<Link>;

    /// The root of an address's tree: equal for two addresses exactly when they are one entity.
    ///
    /// # Panics
    /// On an id past the end, or where the stored forest was damaged after it was opened. So do all queries here.
    #[inline]
    fn find(&self, address: AddressId) -> AddressId {
        let mut at = address;
        for _ in 0..=DEPTH_MAX {
            let parent = self.parent(at);
            if parent == at {
                return at;
            }
            at = parent;
        }
        too_deep(address)
    }

    /// The root of an address's tree as it was once `tx` had been seen: links made later are not followed.
    #[inline]
    fn find_as_of(&self, address: AddressId, tx: TxNum) -> AddressId {
        let mut at = address;
        for _ in 0..=DEPTH_MAX {
            match self.link(at) {
                Some(link) if link.tx <= tx => at = self.parent(at),
                _ => return at,
            }
        }
        too_deep(address)
    }

    /// What first made `a` and `b` one: the last link on the way between them. `None` where they are not one, or are
    /// the same address.
    fn joined(&self, a: AddressId, b: AddressId) -> Option<Link> {
        let way: Vec<AddressId> = self.way(a);
        let mut at = b;
        let mut last: Option<Link> = None;
        for _ in 0..=DEPTH_MAX {
            if let Some(meeting) = way.iter().position(|x| *x == at) {
                // links never decrease upwards, so the last one below the meeting is the largest of its side
                let own = meeting.checked_sub(1).and_then(|below| self.link(way[below]));
                return own.max(last);
            }
            last = Some(self.link(at)?);
            at = self.parent(at);
        }
        too_deep(b)
    }

    /// Number of links between an address and its root.
    fn depth(&self, address: AddressId) -> usize {
        self.way(address).len() - 1
    }

    /// The addresses from `address` to its root, both included.
    fn way(&self, address: AddressId) -> Vec<AddressId> {
        let mut way = vec![address];
        let mut at = address;
        while way.len() <= DEPTH_MAX + 1 {
            let parent = self.parent(at);
            if parent == at {
                return way;
            }
            way.push(parent);
            at = parent;
        }
        too_deep(address)
    }
}

#[cold]
fn too_deep(address: AddressId) -> ! {
    panic!("address {address} has no root within {DEPTH_MAX} links: the stored forest is damaged, run `athar verify`")
}
