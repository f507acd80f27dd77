//! The members of an entity in the order in which they joined it, and what follows from that order.
//!
//! The list of an entity is its link tree written in preorder: the root, then the lists of its children in the order of
//! their links (by transaction, heuristic and id). Three things follow. The list of any subtree is one range. Along the
//! children of one node the moment of the link ascends. So the entity of an address as of any past transaction is the
//! beginning of a range: from the root of that moment to the first child that was linked later. Where that is, is found by
//! halving: from any place in the list one climbs to the child that it belongs to. No table but the list itself is needed
//! to say how large an entity was, who was in it and how it grew.

use crate::builder::BuiltMerge;
use crate::forest::Forest;
use crate::links::Links;
use crate::tables::Tables;
use crate::{BuiltForest, Heuristic};
use athar_ledger::{LedgerError, Scratch, ScratchArray};
use athar_types::{AddressId, TxNum};
use std::ops::Range;

/// Members whose least id is kept together, so that the first-seen of millions is found at once.
pub(crate) const BLOCK: usize = 1024;

/// What orders the children of one node: the link's transaction and heuristic, then the id.
type Key = (u32, u8, u32);

/// Writes the lists of `roots`, one after the other; `len` is their length together.
pub(crate) fn lists(
    forest: &BuiltForest,
    roots: &[u32],
    len: usize,
    scratch: &Scratch,
) -> Result<ScratchArray<u32>, LedgerError> {
    let count = forest.address_count();
    // children by parent: first how many, then where they begin, then the children themselves
    let mut starts = scratch.zeros::<u32>(count as usize + 1)?;
    for id in 0..count {
        let parent = forest.parent(AddressId(id)).0;
        if parent != id {
            starts[parent as usize] += 1;
        }
    }
    let mut begin = 0;
    for start in starts.iter_mut() {
        begin += std::mem::replace(start, begin);
    }
    let mut children = scratch.zeros::<u32>(begin as usize)?;
    for id in 0..count {
        let parent = forest.parent(AddressId(id)).0;
        if parent != id {
            let place = &mut starts[parent as usize];
            children[*place as usize] = id;
            *place += 1;
        }
    }
    // each start has moved to its end, which is where the next one began
    let range = |node: u32| {
        let from = if node == 0 { 0 } else { starts[node as usize - 1] as usize };
        from..starts[node as usize] as usize
    };
    let key = |child: u32| -> Key {
        let (_, tx, heuristic) = forest.row(child);
        (tx, heuristic, child)
    };
    for node in 0..count {
        let own = &mut children[range(node)];
        if own.len() > 1 && !own.is_sorted_by_key(|c| key(*c)) {
            own.sort_unstable_by_key(|c| key(*c));
        }
    }
    let mut list = scratch.zeros::<u32>(len)?;
    let mut at = 0;
    // a frame for each level: the children that are left of it
    let mut frames: Vec<Range<usize>> = Vec::new();
    for root in roots {
        list[at] = *root;
        at += 1;
        frames.push(range(*root));
        while let Some(frame) = frames.last_mut() {
            let Some(next) = frame.next() else {
                frames.pop();
                continue;
            };
            let child = children[next];
            list[at] = child;
            at += 1;
            let own = range(child);
            if !own.is_empty() {
                frames.push(own);
            }
        }
    }
    debug_assert_eq!(at, len);
    Ok(list)
}

/// A merge of two trees that were both large.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LargeMerge {
    /// The transaction.
    pub tx: TxNum,
    /// Why.
    pub heuristic: Heuristic,
    /// Root of the tree that was put under the other.
    pub child: AddressId,
    /// Addresses in it.
    pub child_size: u32,
    /// Addresses in the other before that.
    pub other_size: u32,
}

impl Tables {
    /// The range of an address's subtree in the list of members; `None` for a lone address without a row.
    fn subtree(&self, address: AddressId) -> Option<Range<usize>> {
        let way = self.way(address);
        let root = way[way.len() - 1];
        let mut range = self.member_range(self.row(root)?);
        for pair in way.windows(2).rev() {
            let (child, node) = (pair[0], pair[1]);
            let key = self.key(child);
            // beyond the node itself
            let rest = range.start + 1..range.end;
            let from = self.first_where(&rest, node, |k| k >= key);
            let to = self.first_where(&(from..rest.end), node, |k| k > key);
            range = from..to;
        }
        Some(range)
    }

    /// The first place in `range` (of a node's list, without the node) whose child of `node` has a key that is `wanted`.
    fn first_where(&self, range: &Range<usize>, node: AddressId, wanted: impl Fn(Key) -> bool) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if wanted(self.key(self.child_below(node, AddressId(self.member_address[middle])))) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// The child of `node` that `address`, one of its descendants, belongs to.
    fn child_below(&self, node: AddressId, address: AddressId) -> AddressId {
        let mut at = address;
        loop {
            let parent = self.parent(at);
            // a root below another node would be a damaged list; then any answer ends the search
            if parent == node || parent == at {
                return at;
            }
            at = parent;
        }
    }

    fn key(&self, child: AddressId) -> Key {
        (self.link[child.index()], self.heuristic_of(child.index()), child.0)
    }

    /// Places of the members of an address's entity as of a transaction.
    pub(crate) fn places_as_of(&self, address: AddressId, tx: TxNum) -> Option<Range<usize>> {
        let root = self.find_as_of(address, tx);
        let all = self.subtree(root)?;
        let end = self.first_where(&(all.start + 1..all.end), root, |key| key.0 > tx.0);
        Some(all.start..end)
    }

    /// The least id in a range of the list, which is not empty.
    pub(crate) fn least(&self, places: Range<usize>) -> AddressId {
        let list = &self.member_address[..];
        let (first, last) = (places.start.div_ceil(BLOCK), places.end / BLOCK);
        let mut least = u32::MAX;
        let mut look = |some: &[u32]| least = some.iter().copied().fold(least, u32::min);
        if first < last {
            look(&list[places.start..first * BLOCK]);
            look(&self.member_least[first..last]);
            look(&list[last * BLOCK..places.end]);
        } else {
            look(&list[places]);
        }
        AddressId(least)
    }

    /// Merges of two large trees that the entity of a root holds, in chain order.
    pub(crate) fn merges_of(&self, root: u32) -> impl Iterator<Item = BuiltMerge> + '_ {
        let rows = self.merge_root.partition_point(|r| *r < root)..self.merge_root.partition_point(|r| *r <= root);
        rows.map(|row| self.merge(row))
    }

    pub(crate) fn merge(&self, row: usize) -> BuiltMerge {
        let (child_size, other_size) = (self.merge_child_size[row], self.merge_other_size[row]);
        BuiltMerge { child: self.merge_child[row], child_size, other_size }
    }
}

/// One list of members, or a single address that is in none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Piece {
    /// Places in `member.address`, not empty.
    Places(Range<usize>),
    /// An address.
    Lone(u32),
}

impl Piece {
    /// The list at `places`, or else the address.
    pub(crate) fn of(places: Option<Range<usize>>, address: u32) -> Self {
        places.map_or(Self::Lone(address), Self::Places)
    }

    pub(crate) fn len(&self) -> u32 {
        match self {
            Self::Places(places) => places.len() as u32,
            Self::Lone(_) => 1,
        }
    }

    pub(crate) fn members<'a>(&'a self, tables: &'a Tables) -> &'a [u32] {
        match self {
            Self::Places(places) => &tables.member_address[places.clone()],
            Self::Lone(address) => std::slice::from_ref(address),
        }
    }

    /// The root of the tree: the first of its list.
    pub(crate) fn root(&self, tables: &Tables) -> u32 {
        self.members(tables)[0]
    }

    pub(crate) fn least(&self, tables: &Tables) -> AddressId {
        match self {
            Self::Places(places) => tables.least(places.clone()),
            Self::Lone(address) => AddressId(*address),
        }
    }
}

impl Forest {
    /// The lists that make up the entity of `address` as of `tx`, one after the other.
    fn pieces_as_of(&self, address: AddressId, tx: TxNum) -> Vec<Piece> {
        match &self.overlay {
            Some(overlay) => overlay.pieces_as_of(&self.tables, address.0, tx),
            None => vec![Piece::of(self.tables.places_as_of(address, tx), address.0)],
        }
    }

    /// The lists that make up the entity of `address` now.
    pub(crate) fn pieces(&self, address: AddressId) -> Vec<Piece> {
        let root = self.find(address);
        match &self.overlay {
            Some(overlay) => overlay.pieces(&self.tables, root.0, TxNum(u32::MAX)),
            None => vec![Piece::of(self.tables.row(root).map(|row| self.tables.member_range(row)), root.0)],
        }
    }

    /// Number of addresses in the entity of `address` once `tx` had been seen; 1 also for an address that was first paid
    /// later.
    pub fn size_as_of(&self, address: AddressId, tx: TxNum) -> u32 {
        self.pieces_as_of(address, tx).iter().map(Piece::len).sum()
    }

    /// A page of the members of that entity, in the order in which they joined.
    pub fn members_as_of(&self, address: AddressId, tx: TxNum, offset: u32, limit: u32) -> Vec<AddressId> {
        self.page(&self.pieces_as_of(address, tx), offset, limit)
    }

    /// The name of that entity: its first-seen address.
    pub fn name_as_of(&self, address: AddressId, tx: TxNum) -> AddressId {
        let pieces = self.pieces_as_of(address, tx);
        pieces.iter().map(|piece| piece.least(&self.tables)).min().unwrap_or(address)
    }

    pub(crate) fn page(&self, pieces: &[Piece], offset: u32, limit: u32) -> Vec<AddressId> {
        let (mut skip, limit) = (offset as usize, limit as usize);
        let mut page = Vec::new();
        for piece in pieces {
            let some = piece.members(&self.tables);
            let wanted = some.iter().skip(skip).take(limit - page.len());
            page.extend(wanted.copied().map(AddressId));
            skip = skip.saturating_sub(some.len());
            if page.len() == limit {
                break;
            }
        }
        page
    }

    /// Merges of two trees of at least [`crate::LARGE_MERGE_MIN`] addresses each, in the entity of `address`, in chain
    /// order.
    pub fn large_merges(&self, address: AddressId) -> impl Iterator<Item = LargeMerge> + '_ {
        let root = self.find(address);
        let merges = match &self.overlay {
            Some(overlay) => overlay.large_merges(&self.tables, root.0),
            None => self.tables.merges_of(root.0).collect(),
        };
        merges.into_iter().map(|merge| self.large_merge(merge))
    }

    /// All of them, by the entity that they are in now.
    pub fn all_large_merges(&self) -> impl Iterator<Item = LargeMerge> + '_ {
        let merges = match &self.overlay {
            Some(overlay) => overlay.all_large_merges(&self.tables),
            None => (0..self.tables.merge_root.len()).map(|row| self.tables.merge(row)).collect(),
        };
        merges.into_iter().map(|merge| self.large_merge(merge))
    }

    fn large_merge(&self, merge: BuiltMerge) -> LargeMerge {
        let child = AddressId(merge.child);
        let link = self.link(child);
        LargeMerge {
            tx: link.map_or(TxNum(0), |l| l.tx),
            heuristic: link.map_or(Heuristic::CoSpend, |l| l.heuristic),
            child,
            child_size: merge.child_size,
            other_size: merge.other_size,
        }
    }
}
