//! The columns of a forest of accounts, in memory or mapped.

use crate::Heuristic;
use crate::links::{Link, Links, NO_LINK};
use athar_ledger::{Column, ColumnWriter, Disk, Element, FileMeta, LedgerError};
use athar_types::{AddressId, TxNum};
use std::{ops::Deref, path::Path};

/// A column in memory or on disk.
#[derive(Debug)]
pub(crate) enum Values<T> {
    Owned(Vec<T>),
    Mapped(Column<T>),
}

impl<T: Element> Deref for Values<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(values) => values,
            Self::Mapped(column) => column,
        }
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident : $t:ty = $name:literal),* $(,)?) => {
        /// A forest's columns.
        #[derive(Debug)]
        pub(crate) struct Tables { $($(#[$doc])* pub(crate) $field: Values<$t>,)* }

        impl Tables {
            pub(crate) fn open(folder: &Path) -> Result<Self, LedgerError> {
                Ok(Self { $($field: Values::Mapped(Column::open(folder, $name)?),)* })
            }

            pub(crate) fn write(&self, disk: &Disk, folder: &Path) -> Result<Vec<FileMeta>, LedgerError> {
                Ok(vec![$({
                    let mut writer = ColumnWriter::create(disk, folder, $name)?;
                    writer.extend(&self.$field)?;
                    writer.finish()?
                }),*])
            }
        }
    };
}

tables! {
    /// Parent of each account; a root is its own.
    parent: u32 = "forest.parent",
    /// Transaction of the link to the parent; 2^32-1 for a root.
    link: u32 = "forest.link",
    /// Number of [`Heuristic`] of that link; 0 for a root.
    heuristic: u8 = "forest.heuristic",

    /// Root of each entity of at least two accounts, ascending.
    entity_root: u32 = "entity.root",
    /// Where the members of each begin in `member.account`; one more entry at the end.
    member_start: u32 = "member.start",
    /// Members of each entity, ascending.
    member_account: u32 = "member.account",

    /// Deposit addresses, ascending.
    deposit_account: u32 = "deposit.account",
    /// The account to which each forwards.
    deposit_collector: u32 = "deposit.collector",
    /// The transaction by which it was known.
    deposit_since: u32 = "deposit.since",
    /// The first transfer to it that was passed on.
    deposit_received: u64 = "deposit.received",
    /// The transfer that did so.
    deposit_passed_on: u64 = "deposit.passed_on",
    /// Times it forwarded.
    deposit_forwards: u32 = "deposit.forwards",
    /// Thousandths of what it received that it forwarded.
    deposit_permille: u32 = "deposit.permille",
    /// 1 for a contract.
    deposit_contract: u8 = "deposit.contract",

    /// Collectors, ascending.
    collector_account: u32 = "collector.account",
    /// The transaction by which each was known.
    collector_since: u32 = "collector.since",
    /// Accounts that forward to it.
    collector_forwarders: u32 = "collector.forwarders",
    /// Where its payout wallets begin in `payout.account`; one more entry at the end.
    payout_start: u32 = "payout.start",
    /// Payout wallets of each collector, ascending.
    payout_account: u32 = "payout.account",

    /// Evidence, by hub, heuristic, moment and member: the deposit address or the funder.
    evidence_hub: u32 = "evidence.hub",
    /// Number of [`Heuristic`].
    evidence_heuristic: u8 = "evidence.heuristic",
    /// The account that is tied.
    evidence_member: u32 = "evidence.member",
    /// The transaction by which all of it was there.
    evidence_since: u32 = "evidence.since",
    /// The transfer that shows it.
    evidence_sent: u64 = "evidence.sent",
    /// The transfer that passed it on.
    evidence_passed_on: u64 = "evidence.passed_on",
    /// Rows of the evidence by member.
    evidence_by_member: u32 = "evidence.by_member",
}

impl Tables {
    /// The first column whose length does not follow from the others, and what it should be.
    pub(crate) fn misfit(&self, accounts: usize) -> Option<(&'static str, String)> {
        let (deposits, evidence) = (self.deposit_account.len(), self.evidence_hub.len());
        let collectors = self.collector_account.len();
        let payouts = self.payout_start.last().map_or(0, |end| *end as usize);
        let members = self.member_start.last().map_or(0, |end| *end as usize);
        [
            ("forest.parent", self.parent.len(), accounts),
            ("forest.link", self.link.len(), accounts),
            ("forest.heuristic", self.heuristic.len(), accounts),
            ("member.start", self.member_start.len(), self.entity_root.len() + 1),
            ("member.account", self.member_account.len(), members),
            ("deposit.collector", self.deposit_collector.len(), deposits),
            ("deposit.since", self.deposit_since.len(), deposits),
            ("deposit.received", self.deposit_received.len(), deposits),
            ("deposit.passed_on", self.deposit_passed_on.len(), deposits),
            ("collector.since", self.collector_since.len(), collectors),
            ("collector.forwarders", self.collector_forwarders.len(), collectors),
            ("payout.start", self.payout_start.len(), collectors + 1),
            ("payout.account", self.payout_account.len(), payouts),
            ("deposit.forwards", self.deposit_forwards.len(), deposits),
            ("deposit.permille", self.deposit_permille.len(), deposits),
            ("deposit.contract", self.deposit_contract.len(), deposits),
            ("evidence.heuristic", self.evidence_heuristic.len(), evidence),
            ("evidence.member", self.evidence_member.len(), evidence),
            ("evidence.since", self.evidence_since.len(), evidence),
            ("evidence.sent", self.evidence_sent.len(), evidence),
            ("evidence.passed_on", self.evidence_passed_on.len(), evidence),
            ("evidence.by_member", self.evidence_by_member.len(), evidence),
        ]
        .into_iter()
        .find(|(_, found, expected)| found != expected)
        .map(|(name, found, expected)| (name, format!("{found} rows, {expected} were expected")))
    }
}

impl Links for Tables {
    fn address_count(&self) -> u32 {
        self.parent.len() as u32
    }

    fn parent(&self, account: AddressId) -> AddressId {
        // an account that is younger than the forest is its own root
        AddressId(self.parent.get(account.index()).copied().unwrap_or(account.0))
    }

    fn link(&self, account: AddressId) -> Option<Link> {
        let tx = self.link.get(account.index()).copied().filter(|tx| *tx != NO_LINK)?;
        let heuristic = Heuristic::from_code(self.heuristic.get(account.index()).copied()?)?;
        Some(Link { tx: TxNum(tx), heuristic })
    }
}
