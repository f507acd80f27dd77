//! What the chain has added to a stored forest, kept in memory: so that every answer is as of the ledger's last block
//! without writing anything.
//!
//! The stored forest is CUT at the end of the last block that it has in common with the ledger. Links never decrease on
//! the way to a root, so leaving out those from the cut on gives exactly the forest of that block: that is how a
//! reorganisation is undone. The ledger's transactions from the cut on are then REPLAYED by the rules of the builder. The
//! result is the forest that a build of the whole ledger makes, link by link; `tests/overlay.rs` compares them.
//!
//! Lists of members stay what they are too. A tree of the moment of the cut is one beginning of a stored list, since
//! children stand there in the order of their links; whatever was linked under its root later follows it. So an entity is a
//! row of PIECES: stored ranges, and single addresses.

mod figures;
mod replay;

use crate::Heuristic;
use crate::builder::BuiltMerge;
use crate::coinjoin::CoinJoinKind;
use crate::links::{Link, Links};
use crate::members::Piece;
use crate::tables::Tables;
use athar_types::{AddressId, TxNum};
use figures::Changes;
use rustc_hash::{FxHashMap, FxHashSet};

/// More transactions than this are not replayed: a forest that is further behind has to be built again.
pub(crate) const REPLAY_TXS_MAX: u32 = 2_000_000;

/// A link made in the replay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Added {
    parent: u32,
    tx: u32,
    heuristic: Heuristic,
}

/// A whole tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tree {
    /// Number of addresses.
    pub(crate) size: u32,
    /// The least of them.
    pub(crate) name: u32,
}

/// A stored forest's later part.
#[derive(Debug)]
pub(crate) struct Overlay {
    /// First transaction that is not taken from the tables.
    pub(crate) cut: u32,
    /// Addresses that were paid before it: later ids mean other addresses in the tables, if any.
    addresses_at_cut: u32,
    /// Whether the tables know transactions that have left the chain.
    pub(crate) is_rewound: bool,
    /// Addresses in all.
    pub(crate) addresses: u32,
    links: FxHashMap<u32, Added>,
    /// Children linked in the replay, in the order of their links: by transaction, heuristic and id.
    children: FxHashMap<u32, Vec<u32>>,
    /// The roots of now among those that links were made between.
    trees: FxHashMap<u32, Tree>,
    merges: Vec<BuiltMerge>,
    /// Collaborative transactions from the cut on.
    pub(crate) coinjoins: Vec<(u32, CoinJoinKind)>,
    changes: Changes,
}

impl Overlay {
    /// Number of links made in the replay.
    pub(crate) fn merges(&self) -> u64 {
        self.links.len() as u64
    }

    /// Whether the stored link of an address holds.
    #[inline]
    fn is_stored(&self, tables: &Tables, address: u32) -> bool {
        // a root's link is the largest number; so is that of an address past the end of the tables
        tables.link.get(address as usize).is_some_and(|tx| *tx < self.cut)
    }

    #[inline]
    pub(crate) fn parent(&self, tables: &Tables, address: u32) -> u32 {
        if self.is_stored(tables, address) {
            return tables.parent[address as usize];
        }
        self.links.get(&address).map_or(address, |added| added.parent)
    }

    #[inline]
    pub(crate) fn link(&self, tables: &Tables, address: u32) -> Option<Link> {
        if self.is_stored(tables, address) {
            return tables.link(AddressId(address));
        }
        self.links.get(&address).map(|added| Link { tx: TxNum(added.tx), heuristic: added.heuristic })
    }

    /// The root of an address now.
    fn find(&self, tables: &Tables, address: u32) -> u32 {
        View { overlay: self, tables }.find(AddressId(address)).0
    }

    pub(crate) fn coinjoin(&self, tx: TxNum) -> Option<CoinJoinKind> {
        self.coinjoins.binary_search_by_key(&tx.0, |(tx, _)| *tx).ok().map(|place| self.coinjoins[place].1)
    }

    /// The tree at the cut of an address that was a root then.
    fn piece(&self, tables: &Tables, root: u32) -> Piece {
        let address = AddressId(root);
        let places = if root >= self.addresses_at_cut {
            None
        } else if self.is_rewound {
            // the forest of before the first block is not stored, so there is a transaction before the cut
            tables.places_as_of(address, TxNum(self.cut - 1))
        } else {
            tables.row(address).map(|row| tables.member_range(row))
        };
        Piece::of(places, root)
    }

    /// The tree of a root of now.
    pub(crate) fn tree(&self, tables: &Tables, root: u32) -> Tree {
        self.trees.get(&root).copied().unwrap_or_else(|| {
            let piece = self.piece(tables, root);
            Tree { size: piece.len(), name: piece.least(tables).0 }
        })
    }

    /// The tree of a root as of `tx`, not before the cut: its own piece, then what was linked under it in the replay by then.
    pub(crate) fn pieces(&self, tables: &Tables, root: u32, tx: TxNum) -> Vec<Piece> {
        let mut pieces = vec![self.piece(tables, root)];
        let Some(own) = self.children.get(&root) else { return pieces };
        // only the children of the root itself can be too young: below them nothing is younger
        let end = own.partition_point(|child| self.links[child].tx <= tx.0);
        let mut rest: Vec<u32> = own[..end].iter().rev().copied().collect();
        while let Some(next) = rest.pop() {
            pieces.push(self.piece(tables, next));
            rest.extend(self.children.get(&next).into_iter().flatten().rev());
        }
        pieces
    }

    /// The entity of an address as of `tx`.
    pub(crate) fn pieces_as_of(&self, tables: &Tables, address: u32, tx: TxNum) -> Vec<Piece> {
        if tx.0 >= self.cut {
            let root = View { overlay: self, tables }.find_as_of(AddressId(address), tx);
            return self.pieces(tables, root.0, tx);
        }
        let places = if address < self.addresses_at_cut { tables.places_as_of(AddressId(address), tx) } else { None };
        vec![Piece::of(places, address)]
    }

    /// Merges of two large trees in the tree of a root of now, in chain order.
    pub(crate) fn large_merges(&self, tables: &Tables, root: u32) -> Vec<BuiltMerge> {
        let mut merges = Vec::new();
        // the tables sort them by the entities of their own tip, in which a tree of the cut may be with others
        let mut seen = FxHashSet::default();
        for piece in self.pieces(tables, root, TxNum(u32::MAX)) {
            let own = piece.root(tables);
            let stored = if own < self.addresses_at_cut { tables.find(AddressId(own)).0 } else { continue };
            if seen.insert(stored) {
                merges.extend(tables.merges_of(stored).filter(|m| self.is_stored(tables, m.child)));
            }
        }
        merges.extend(self.merges.iter().copied());
        merges.retain(|merge| self.find(tables, merge.child) == root);
        self.sort(tables, &mut merges);
        merges
    }

    /// All merges of two large trees, by their root and in chain order within each.
    pub(crate) fn all_large_merges(&self, tables: &Tables) -> Vec<BuiltMerge> {
        let stored = (0..tables.merge_root.len()).map(|row| tables.merge(row));
        let mut merges: Vec<_> = stored.filter(|m| self.is_stored(tables, m.child)).collect();
        merges.extend(self.merges.iter().copied());
        self.sort(tables, &mut merges);
        // stable
        merges.sort_by_cached_key(|merge| self.find(tables, merge.child));
        merges
    }

    fn sort(&self, tables: &Tables, merges: &mut [BuiltMerge]) {
        merges.sort_by_cached_key(|merge| self.link(tables, merge.child));
    }
}

/// A forest seen through its overlay.
struct View<'a> {
    overlay: &'a Overlay,
    tables: &'a Tables,
}

impl Links for View<'_> {
    fn address_count(&self) -> u32 {
        self.overlay.addresses
    }

    #[inline]
    fn parent(&self, address: AddressId) -> AddressId {
        AddressId(self.overlay.parent(self.tables, address.0))
    }

    #[inline]
    fn link(&self, address: AddressId) -> Option<Link> {
        self.overlay.link(self.tables, address.0)
    }
}
