//! `verify`: re-reads every file of a forest, and builds it again to compare.

use crate::build::{Built, Progress, build};
use crate::builder::BuiltMerge;
use crate::busy::{Busy, sum_up};
use crate::error::EntitiesError;
use crate::forest::Forest;
use crate::links::NO_LINK;
use crate::rows::Rows;
use crate::tables::{large_merges, least};
use crate::{BuiltForest, EntityView, Links, Settings};
use athar_ledger::{Ledger, Scratch};
use athar_types::AddressId;
use std::path::PathBuf;

/// What a verification read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForestReport {
    /// Files whose checksum was recomputed.
    pub files: u64,
    /// Bytes of those files.
    pub bytes: u64,
    /// Addresses whose link was compared.
    pub addresses: u64,
    /// Entities whose members were compared.
    pub entities: u64,
}

impl Forest {
    /// Checks every file against the manifest, then builds the forest from `ledger` again in memory and compares: every
    /// link, every member, the collaborative transactions and the key ties. The first thing that does not fit is the
    /// error. Of a forest that was extended in memory ([`Forest::open_extended`]) the answers are compared.
    pub fn verify(
        &self,
        ledger: &Ledger,
        settings: &Settings,
        memory_bytes: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ForestReport, EntitiesError> {
        let mut report = self.verify_files()?;
        if !self.manifest.fits(ledger, settings) {
            return Err(self.wrong("forest.parent", "built from another ledger or with other settings"));
        }
        let scratch = Scratch::new(self.home.join(&self.manifest.folder), memory_bytes);
        let built = build(ledger, settings, &scratch, progress)?;
        if self.overlay.is_some() {
            let rows = Rows::new(ledger, &built.forest, &scratch)?;
            self.extended_fits(ledger, &built, &rows, &scratch, progress)?;
            report.addresses = u64::from(ledger.address_count());
            report.entities = rows.roots.len() as u64;
            return Ok(report);
        }
        for id in 0..ledger.address_count() {
            let (parent, link, heuristic) = built.forest.row(id);
            let t = &self.tables;
            let at = id as usize;
            if (t.parent[at], t.link[at], t.heuristic_of(at)) != (parent, link, heuristic) {
                return Err(
                    self.wrong("forest.link", &format!("the link of address {id} does not follow from the chain"))
                );
            }
        }
        report.addresses = u64::from(ledger.address_count());
        if !self.coinjoins().map(|(tx, kind)| (tx.0, kind)).eq(built.coinjoins) {
            return Err(self.wrong("coinjoin.tx", "other transactions than the chain shows"));
        }
        let ties = (0..self.tables.same_key_at.len()).map(|row| self.key_tie(row));
        if !ties.eq(built.keys) {
            return Err(self.wrong("same_key.at", "other ties than the chain shows"));
        }
        let rows = Rows::new(ledger, &built.forest, &scratch)?;
        report.entities = self.rows_fit(ledger, &built.forest, &rows, &scratch, progress)?;
        Ok(report)
    }

    /// Checks every file against the manifest, and nothing else.
    pub fn verify_files(&self) -> Result<ForestReport, EntitiesError> {
        let folder = self.home.join(&self.manifest.folder);
        let mut report = ForestReport::default();
        for file in &self.manifest.files {
            file.verify(&folder)?;
            report.files += 1;
            report.bytes += file.bytes;
        }
        Ok(report)
    }

    /// Checks a forest that stayed behind `ledger` ([`Forest::open_extended`]): every file against the manifest, and every link
    /// against a forest built anew from the whole ledger, cut where this one ends. Links are made in chain order, so the
    /// two are equal there.
    pub fn verify_behind(
        &self,
        ledger: &Ledger,
        settings: &Settings,
        memory_bytes: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ForestReport, EntitiesError> {
        let mut report = self.verify_files()?;
        if !self.manifest.fits_beginning(ledger, settings) {
            return Err(self.wrong("forest.parent", "built from another ledger or with other settings"));
        }
        let scratch = Scratch::new(self.home.join(&self.manifest.folder), memory_bytes);
        let built = build(ledger, settings, &scratch, progress)?;
        let end = self.manifest.txs;
        for id in 0..self.manifest.addresses {
            let (parent, link, heuristic) = built.forest.row(id);
            let wanted = if link < end { (parent, link, heuristic) } else { (id, NO_LINK, 0) };
            let (t, at) = (&self.tables, id as usize);
            if (t.parent[at], t.link[at], t.heuristic_of(at)) != wanted {
                return Err(
                    self.wrong("forest.link", &format!("the link of address {id} does not follow from the chain"))
                );
            }
        }
        report.addresses = u64::from(self.manifest.addresses);
        let coinjoins = built.coinjoins.iter().take_while(|(tx, _)| *tx < end).copied();
        if !self.coinjoins().map(|(tx, kind)| (tx.0, kind)).eq(coinjoins) {
            return Err(self.wrong("coinjoin.tx", "other transactions than the chain shows"));
        }
        Ok(report)
    }

    /// What an extended forest answers is what a forest built anew says.
    fn extended_fits(
        &self,
        ledger: &Ledger,
        built: &Built,
        rows: &Rows,
        scratch: &Scratch,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), EntitiesError> {
        for id in (0..ledger.address_count()).map(AddressId) {
            if (self.parent(id), self.link(id)) != (built.forest.parent(id), built.forest.link(id)) {
                let what = format!("the link of address {id} does not follow from the chain");
                return Err(self.wrong("forest.link", &what));
            }
        }
        if !self.coinjoins().map(|(tx, kind)| (tx.0, kind)).eq(built.coinjoins.iter().copied()) {
            return Err(self.wrong("coinjoin.tx", "other transactions than the chain shows"));
        }
        let merges = large_merges(&built.forest);
        let own = self.all_large_merges().map(|m| (m.child.0, m.child_size, m.other_size));
        if !own.eq(merges.iter().map(|(_, m)| (m.child, m.child_size, m.other_size))) {
            return Err(self.wrong("merge.child", "does not follow from the chain"));
        }
        let (sums, members) = (rows.sums(ledger, scratch, progress)?, rows.members(&built.forest, scratch)?);
        for (row, root) in rows.roots.iter().copied().map(AddressId).enumerate() {
            let members = &members[rows.starts[row] as usize..rows.starts[row + 1] as usize];
            if !self.members(root, 0, u32::MAX).iter().map(|a| a.0).eq(members.iter().copied()) {
                return Err(self.wrong("member.address", "does not follow from the chain"));
            }
            let s = sums[row];
            let is_other = |view: EntityView| {
                (view.received.0, view.sent.0, view.first_tx.0, view.last_tx.0)
                    != (s.received, s.sent, s.first_tx, s.last_tx)
            };
            if self.entity(ledger, root).is_some_and(is_other) {
                return Err(self.wrong("entity.received", "does not follow from the chain"));
            }
        }
        let differs = |id: &u32| {
            let address = AddressId(*id);
            self.busy(address).is_some_and(|busy| busy != Busy::sum_up(ledger, address))
        };
        if self.tables.busy_address.iter().any(differs) {
            return Err(self.wrong("busy.address", "does not follow from the chain"));
        }
        Ok(())
    }

    /// The tables by entity say what the forest and the ledger say.
    fn rows_fit(
        &self,
        ledger: &Ledger,
        forest: &BuiltForest,
        rows: &Rows,
        scratch: &Scratch,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<u64, EntitiesError> {
        let t = &self.tables;
        let sums = rows.sums(ledger, scratch, progress)?;
        let busy = sum_up(ledger, &rows.busy);
        let members = rows.members(forest, scratch)?;
        let of_row = |row: usize| {
            let (child_size, other_size) = (t.merge_child_size[row], t.merge_other_size[row]);
            (t.merge_root[row], BuiltMerge { child: t.merge_child[row], child_size, other_size })
        };
        let merges = (0..t.merge_root.len()).map(of_row).eq(large_merges(forest));
        let stored = t.busy_address.iter().map(|a| self.busy(AddressId(*a)));
        let fits = [
            ("entity.root", *rows.roots == *t.entity_root),
            ("member.start", *rows.starts == *t.member_start),
            ("member.address", *members == *t.member_address),
            ("member.least", least(&members).eq(t.member_least.iter().copied())),
            ("merge.child", merges),
            ("entity.received", sums.iter().map(|s| s.received).eq(t.entity_received.iter().copied())),
            ("entity.sent", sums.iter().map(|s| s.sent).eq(t.entity_sent.iter().copied())),
            ("entity.first_tx", sums.iter().map(|s| s.first_tx).eq(t.entity_first_tx.iter().copied())),
            ("entity.last_tx", sums.iter().map(|s| s.last_tx).eq(t.entity_last_tx.iter().copied())),
            ("busy.address", stored.eq(busy.into_iter().map(Some))),
        ];
        match fits.into_iter().find(|(_, fits)| !fits) {
            None => Ok(rows.roots.len() as u64),
            Some((column, _)) => Err(self.wrong(column, "does not follow from the chain")),
        }
    }

    pub(crate) fn wrong(&self, column: &str, what: &str) -> EntitiesError {
        let path: PathBuf = self.home.join(&self.manifest.folder).join(format!("{column}.arrow"));
        EntitiesError::Corrupt { path, what: what.into(), forest: self.home.clone() }
    }
}
