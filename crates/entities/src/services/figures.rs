//! What an entity does, in figures: what the rules look at, and the columns that keep them.

use crate::error::EntitiesError;
use athar_ledger::{Column, ColumnWriter, Disk, FileMeta, LedgerError};
use athar_types::AddressId;
use serde::Serialize;
use std::path::Path;

/// Layout and meaning of the figures. Any change to what is counted raises it, and a table of another one is made again.
pub const FIGURES_VERSION: u32 = 1;
/// An entity that made fewer transactions has no figures: no rule asks for fewer.
pub const MADE_MIN: u32 = 10;
/// An entity that fewer outputs of others (or coinbases) pay has no figures.
pub const RECEIPTS_MIN: u32 = 50;
/// Counterparties that are told apart in one direction; from here on a number means "so many or more".
pub const DISTINCT_MAX: u32 = 4_096;
/// A transaction that pays so many counterparties is a batch.
pub const BATCH_PAID_MIN: usize = 3;
/// Members of an entity whose use as a deposit address is looked at.
pub const SAMPLE_MAX: u32 = 200;

macro_rules! figures {
    ($($(#[$doc:meta])* $field:ident : $t:ty = $name:literal),* $(,)?) => {
        /// What one entity did, up to a block. Counterparties are entities by the same forest; transactions that several
        /// people made ([`crate::coinjoin`]) and those at the border of a hidden pool name none.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct Figures { $($(#[$doc])* pub $field: $t,)* }

        /// The columns of a table of figures, mapped.
        #[derive(Debug)]
        pub(super) struct Columns {
            /// Root of each entity that has figures, ascending.
            pub(super) root: Column<u32>,
            $($field: Column<$t>,)*
        }

        impl Columns {
            pub(super) fn open(folder: &Path) -> Result<Self, LedgerError> {
                Ok(Self {
                    root: Column::open(folder, "service.root")?,
                    $($field: Column::open(folder, $name)?,)*
                })
            }

            /// The first column that has another length than the roots.
            pub(super) fn misfit(&self) -> Option<(&'static str, String)> {
                let rows = self.root.len();
                $(if self.$field.len() != rows {
                    return Some(($name, format!("{} rows, {rows} were expected", self.$field.len())));
                })*
                None
            }

            pub(super) fn row(&self, row: usize) -> Figures {
                Figures { $($field: self.$field[row],)* }
            }
        }

        /// Writes the figures of entities, ascending by root, into `folder`.
        pub(super) fn write_all(
            disk: &Disk,
            folder: &Path,
            rows: &[(AddressId, Figures)],
        ) -> Result<Vec<FileMeta>, EntitiesError> {
            let mut files = Vec::new();
            let mut root = ColumnWriter::<u32>::create(disk, folder, "service.root")?;
            rows.iter().try_for_each(|(r, _)| root.push(r.0))?;
            files.push(root.finish()?);
            $({
                let mut column = ColumnWriter::<$t>::create(disk, folder, $name)?;
                rows.iter().try_for_each(|(_, figures)| column.push(figures.$field))?;
                files.push(column.finish()?);
            })*
            Ok(files)
        }
    };
}

figures! {
    /// Number of addresses.
    addresses: u32 = "service.addresses",
    /// First transaction in which it was paid or paid others.
    first_tx: u32 = "service.first_tx",
    /// Last such transaction.
    last_tx: u32 = "service.last_tx",
    /// Days from the block of the first to that of the last, both counted.
    days: u32 = "service.days",
    /// Outputs of others' transactions that pay it; coinbases are not among them.
    receipts: u32 = "service.receipts",
    /// Coinbases that pay it.
    coinbases: u32 = "service.coinbases",
    /// Transactions that it made.
    made: u32 = "service.made",
    /// Of those, the ones that bring coins of two and more of its addresses together in one or two outputs, all its own.
    sweeps: u32 = "service.sweeps",
    /// Of those, the ones that pay three counterparties and more ([`Figures::paid`] says what counts).
    batches: u32 = "service.batches",
    /// Entities that paid it, at most [`DISTINCT_MAX`].
    payers: u32 = "service.payers",
    /// Entities that it paid, at most [`DISTINCT_MAX`]. Where nothing of a transaction comes back to it, the largest output may be
    /// change to an address that nothing ties to it yet, and does not count.
    paid: u32 = "service.paid",
    /// Entities that are among both.
    both: u32 = "service.both",
    /// Sum of the outputs that pay it, coinbases included, in satoshi (held at 2^64-1).
    received_sat: u64 = "service.received",
    /// Sum of the outputs by which it pays others, possible change included, in satoshi (held at 2^64-1).
    sent_sat: u64 = "service.sent",
    /// Members looked at, evenly over all: at most [`SAMPLE_MAX`]; 0 where it never swept.
    sampled: u32 = "service.sampled",
    /// Of those, the ones used as a deposit address ([`crate::deposits`]).
    deposits: u32 = "service.deposits",
}
