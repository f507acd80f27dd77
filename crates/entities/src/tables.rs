//! The columns of a stored forest, all of them, by file name.
//!
//! An ENTITY ROW exists for every entity of at least two addresses, and for every lone address that very many outputs
//! pay; rows are ordered by root. Everything else about a lone address is quicker asked of the ledger.

use crate::build::{Built, Progress};
use crate::builder::BuiltMerge;
use crate::busy::{Busy, sum_up};
use crate::coinjoin::CoinJoinKind;
use crate::error::EntitiesError;
use crate::links::{Link, NO_LINK};
use crate::members::BLOCK;
use crate::rows::Rows;
use crate::same_key::KeyTie;
use crate::{BuiltForest, Heuristic, Links};
use athar_ledger::{Column, ColumnWriter, Disk, Element, FileMeta, Ledger, LedgerError, Scratch};
use athar_types::{AddressId, TxNum};
use std::{ops::Range, path::Path};

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident : $t:ty = $name:literal),* $(,)?) => {
        /// A forest's columns, mapped.
        #[derive(Debug)]
        pub(crate) struct Tables { $($(#[$doc])* pub(crate) $field: Column<$t>,)* }

        impl Tables {
            pub(crate) fn open(folder: &Path) -> Result<Self, LedgerError> {
                Ok(Self { $($field: Column::open(folder, $name)?,)* })
            }
        }
    };
}

tables! {
    /// Parent of each address; a root is its own.
    parent: u32 = "forest.parent",
    /// Transaction of the link to the parent; 2^32-1 for a root.
    link: u32 = "forest.link",
    /// Number of [`crate::Heuristic`] of that link; 0 for a root. Empty where every link is of co-spend.
    heuristic: u8 = "forest.heuristic",

    /// Root of each entity row, ascending.
    entity_root: u32 = "entity.root",
    /// Sum of all outputs ever paid to the entity, in satoshi (held at 2^64-1 where it would pass it).
    entity_received: u64 = "entity.received",
    /// Sum of those that were spent.
    entity_sent: u64 = "entity.sent",
    /// First transaction that pays it.
    entity_first_tx: u32 = "entity.first_tx",
    /// Last transaction that pays it or spends from it.
    entity_last_tx: u32 = "entity.last_tx",
    /// Where the members of each entity row begin in `member.address`; one more entry at the end.
    member_start: u32 = "member.start",
    /// Members of each entity row in the order in which they joined it: see `members.rs`.
    member_address: u32 = "member.address",
    /// The least id of every 1024 members; the last entry may stand for fewer.
    member_least: u32 = "member.least",

    /// Merges of two trees of at least 100 addresses each: root of the entity that they are in now, ascending; within one in
    /// chain order.
    merge_root: u32 = "merge.root",
    /// Root of the tree that was put under the other: its link says when and why.
    merge_child: u32 = "merge.child",
    /// Addresses in that tree at that moment.
    merge_child_size: u32 = "merge.child_size",
    /// Addresses in the other at that moment.
    merge_other_size: u32 = "merge.other_size",

    /// Addresses that more than [`crate::BUSY_OUTPUTS_MIN`] outputs pay, ascending.
    busy_address: u32 = "busy.address",
    /// Sum of those outputs that were spent, in satoshi.
    busy_sent: u64 = "busy.sent",
    /// Last transaction that pays the address or spends from it.
    busy_last_tx: u32 = "busy.last_tx",
    /// Where the days of each begin in `busy.day`; one more entry at the end.
    busy_start: u32 = "busy.start",
    /// Days (since 1970-01-01) on which it is paid, ascending in each.
    busy_day: i32 = "busy.day",
    /// Sum of the outputs that pay it on that day, in satoshi.
    busy_received: u64 = "busy.received",

    /// Collaborative transactions, ascending: they tie nobody.
    coinjoin_tx: u32 = "coinjoin.tx",
    /// Number of [`crate::CoinJoinKind`] of each.
    coinjoin_kind: u8 = "coinjoin.kind",

    /// Ties between forms of one key, by ascending moment: the transaction at which the key was known and both existed.
    same_key_at: u32 = "same_key.at",
    /// The transaction that first revealed the key.
    same_key_reveal: u32 = "same_key.reveal",
    /// The older form.
    same_key_a: u32 = "same_key.a",
    /// The younger form.
    same_key_b: u32 = "same_key.b",
    /// Addresses in those ties, ascending, once for each tie.
    same_key_address: u32 = "same_key.address",
    /// The row of that tie.
    same_key_row: u32 = "same_key.row",
}

impl Tables {
    /// Number of the heuristic of an address's link; 0 for a root.
    #[inline]
    pub(crate) fn heuristic_of(&self, address: usize) -> u8 {
        match self.heuristic.get(address) {
            Some(code) => *code,
            None if self.link[address] == NO_LINK => 0,
            None => Heuristic::CoSpend as u8,
        }
    }

    /// The entity row of a root, where it has one.
    pub(crate) fn row(&self, root: AddressId) -> Option<usize> {
        self.entity_root.binary_search(&root.0).ok()
    }

    /// Places of the members of an entity row in `member.address`.
    pub(crate) fn member_range(&self, row: usize) -> Range<usize> {
        self.member_start[row] as usize..self.member_start[row + 1] as usize
    }

    /// The first column whose length does not follow from the others.
    pub(crate) fn misfit(&self, addresses: usize) -> Option<(&'static str, String)> {
        let rows = self.entity_root.len();
        let members = self.member_start.last().map_or(0, |end| *end as usize);
        let ties = self.same_key_at.len();
        let lengths = [
            ("forest.parent", self.parent.len(), addresses),
            ("forest.link", self.link.len(), addresses),
            ("forest.heuristic", self.heuristic.len(), if self.heuristic.is_empty() { 0 } else { addresses }),
            ("entity.received", self.entity_received.len(), rows),
            ("entity.sent", self.entity_sent.len(), rows),
            ("entity.first_tx", self.entity_first_tx.len(), rows),
            ("entity.last_tx", self.entity_last_tx.len(), rows),
            ("member.start", self.member_start.len(), rows + 1),
            ("member.address", self.member_address.len(), members),
            ("member.least", self.member_least.len(), members.div_ceil(BLOCK)),
            ("merge.child", self.merge_child.len(), self.merge_root.len()),
            ("merge.child_size", self.merge_child_size.len(), self.merge_root.len()),
            ("merge.other_size", self.merge_other_size.len(), self.merge_root.len()),
            ("busy.sent", self.busy_sent.len(), self.busy_address.len()),
            ("busy.last_tx", self.busy_last_tx.len(), self.busy_address.len()),
            ("busy.start", self.busy_start.len(), self.busy_address.len() + 1),
            ("busy.start", self.busy_start.last().map_or(0, |end| *end as usize), self.busy_day.len()),
            ("busy.received", self.busy_received.len(), self.busy_day.len()),
            ("coinjoin.kind", self.coinjoin_kind.len(), self.coinjoin_tx.len()),
            ("same_key.reveal", self.same_key_reveal.len(), ties),
            ("same_key.a", self.same_key_a.len(), ties),
            ("same_key.b", self.same_key_b.len(), ties),
            ("same_key.address", self.same_key_address.len(), 2 * ties),
            ("same_key.row", self.same_key_row.len(), 2 * ties),
        ];
        lengths
            .into_iter()
            .find(|(_, found, expected)| found != expected)
            .map(|(name, found, expected)| (name, format!("{found} rows, {expected} were expected")))
    }
}

/// The forest as it was stored.
impl Links for Tables {
    fn address_count(&self) -> u32 {
        self.parent.len() as u32
    }

    #[inline]
    fn parent(&self, address: AddressId) -> AddressId {
        // an address that is younger than the forest is its own root
        AddressId(self.parent.get(address.index()).copied().unwrap_or(address.0))
    }

    #[inline]
    fn link(&self, address: AddressId) -> Option<Link> {
        let tx = self.link.get(address.index()).copied().unwrap_or(NO_LINK);
        if tx == NO_LINK {
            return None;
        }
        Heuristic::from_code(self.heuristic_of(address.index())).map(|heuristic| Link { tx: TxNum(tx), heuristic })
    }
}

/// Writes a whole column.
fn write<T: Element>(
    disk: &Disk,
    folder: &Path,
    name: &str,
    values: impl IntoIterator<Item = T>,
) -> Result<FileMeta, EntitiesError> {
    let mut writer = ColumnWriter::create(disk, folder, name)?;
    values.into_iter().try_for_each(|value| writer.push(value))?;
    Ok(writer.finish()?)
}

/// Writes all tables of a built forest into `folder`.
pub(crate) fn write_all(
    disk: &Disk,
    folder: &Path,
    ledger: &Ledger,
    built: &Built,
    scratch: &Scratch,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<FileMeta>, EntitiesError> {
    let count = ledger.address_count();
    let forest = &built.forest;
    let mut files = vec![
        write(disk, folder, "forest.parent", (0..count).map(|a| forest.row(a).0))?,
        write(disk, folder, "forest.link", (0..count).map(|a| forest.row(a).1))?,
        write(
            disk,
            folder,
            "forest.heuristic",
            (0..if forest.is_mixed() { count } else { 0 }).map(|a| forest.row(a).2),
        )?,
    ];
    let rows = Rows::new(ledger, forest, scratch)?;
    files.push(write(disk, folder, "entity.root", rows.roots.iter().copied())?);
    files.push(write(disk, folder, "member.start", rows.starts.iter().copied())?);
    let members = rows.members(forest, scratch)?;
    files.push(write(disk, folder, "member.address", members.iter().copied())?);
    files.push(write(disk, folder, "member.least", least(&members))?);
    drop(members);
    let merges = large_merges(forest);
    files.push(write(disk, folder, "merge.root", merges.iter().map(|(root, _)| *root))?);
    files.push(write(disk, folder, "merge.child", merges.iter().map(|(_, m)| m.child))?);
    files.push(write(disk, folder, "merge.child_size", merges.iter().map(|(_, m)| m.child_size))?);
    files.push(write(disk, folder, "merge.other_size", merges.iter().map(|(_, m)| m.other_size))?);
    let sums = rows.sums(ledger, scratch, progress)?;
    files.push(write(disk, folder, "entity.received", sums.iter().map(|s| s.received))?);
    files.push(write(disk, folder, "entity.sent", sums.iter().map(|s| s.sent))?);
    files.push(write(disk, folder, "entity.first_tx", sums.iter().map(|s| s.first_tx))?);
    files.push(write(disk, folder, "entity.last_tx", sums.iter().map(|s| s.last_tx))?);
    files.extend(busy_tables(disk, folder, &sum_up(ledger, &rows.busy))?);
    files.extend(coinjoin_tables(disk, folder, &built.coinjoins)?);
    files.extend(key_tables(disk, folder, &built.keys)?);
    Ok(files)
}

/// The least of every [`BLOCK`] members.
pub(crate) fn least(members: &[u32]) -> impl Iterator<Item = u32> + '_ {
    members.chunks(BLOCK).map(|some| some.iter().copied().fold(u32::MAX, u32::min))
}

/// The merges of two large trees by the root that they are under now, in chain order within each.
pub(crate) fn large_merges(forest: &BuiltForest) -> Vec<(u32, BuiltMerge)> {
    let mut merges: Vec<_> =
        forest.large_merges().iter().map(|merge| (forest.find(AddressId(merge.child)).0, *merge)).collect();
    // stable: they were made in chain order
    merges.sort_by_key(|(root, _)| *root);
    merges
}

fn busy_tables(disk: &Disk, folder: &Path, busy: &[Busy]) -> Result<[FileMeta; 6], EntitiesError> {
    let mut end = 0;
    let ends = busy.iter().map(|b| {
        end += b.received.len() as u32;
        end
    });
    let starts: Vec<u32> = [0].into_iter().chain(ends).collect();
    let days = || busy.iter().flat_map(|b| &b.received);
    Ok([
        write(disk, folder, "busy.address", busy.iter().map(|b| b.address.0))?,
        write(disk, folder, "busy.sent", busy.iter().map(|b| b.sent.0))?,
        write(disk, folder, "busy.last_tx", busy.iter().map(|b| b.last_tx.0))?,
        write(disk, folder, "busy.start", starts)?,
        write(disk, folder, "busy.day", days().map(|(day, _)| day.0))?,
        write(disk, folder, "busy.received", days().map(|(_, sum)| sum.0))?,
    ])
}

fn coinjoin_tables(disk: &Disk, folder: &Path, found: &[(u32, CoinJoinKind)]) -> Result<[FileMeta; 2], EntitiesError> {
    Ok([
        write(disk, folder, "coinjoin.tx", found.iter().map(|(tx, _)| *tx))?,
        write(disk, folder, "coinjoin.kind", found.iter().map(|(_, kind)| *kind as u8))?,
    ])
}

fn key_tables(disk: &Disk, folder: &Path, ties: &[KeyTie]) -> Result<[FileMeta; 6], EntitiesError> {
    let mut by_address: Vec<(u32, u32)> =
        ties.iter().enumerate().flat_map(|(row, tie)| [(tie.a.0, row as u32), (tie.b.0, row as u32)]).collect();
    by_address.sort_unstable();
    Ok([
        write(disk, folder, "same_key.at", ties.iter().map(|t| t.at.0))?,
        write(disk, folder, "same_key.reveal", ties.iter().map(|t| t.reveal.0))?,
        write(disk, folder, "same_key.a", ties.iter().map(|t| t.a.0))?,
        write(disk, folder, "same_key.b", ties.iter().map(|t| t.b.0))?,
        write(disk, folder, "same_key.address", by_address.iter().map(|(address, _)| *address))?,
        write(disk, folder, "same_key.row", by_address.iter().map(|(_, row)| *row))?,
    ])
}
