//! The stored forest: built from a ledger, opened again, asked.

use crate::build::{build, merges_before};
use crate::change::{self, ChangePolicy, ChangeTie};
use crate::coinjoin::CoinJoinKind;
use crate::error::{EntitiesError, IoContext};
use crate::links::{Link, Links};
use crate::manifest::{ForestManifest, LocatorBlock, locator};
use crate::overlay::{Overlay, REPLAY_TXS_MAX};
use crate::same_key::KeyTie;
use crate::tables::{self, Tables};
use crate::{Progress, Settings};
use athar_ledger::{Disk, Ledger, LedgerError, Scratch, Tip};
use athar_types::{AddressId, TxNum};
use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Folder of all forests inside a store.
const FOLDER: &str = "entities";
/// What the names of the folders of columns begin with.
const PREFIX: &str = "forest-";
/// How often opening begins anew where a builder replaces the forest meanwhile.
pub(crate) const OPEN_TRIES: usize = 3;

/// A merge forest on disk, with its tables by entity. Answers through [`Links`] and the methods here.
///
/// Ids that a query takes must come from the ledger that it was opened with. Where that has gone on since the forest was
/// stored, [`Forest::open_extended`] adds the rest in memory.
#[derive(Debug)]
pub struct Forest {
    pub(crate) home: PathBuf,
    pub(crate) manifest: ForestManifest,
    pub(crate) tables: Tables,
    pub(crate) overlay: Option<Overlay>,
    /// The tip of the tables, where `manifest` speaks of a later one.
    stored_tip: Option<Tip>,
    /// The policy that change ties were made by.
    change: Option<Arc<ChangePolicy>>,
}

/// The folder of the forest with `settings` of the ledger's chain in a store.
fn home(store: &Path, ledger: &Ledger, settings: &Settings) -> PathBuf {
    store.join(FOLDER).join(ledger.chain().name()).join(settings.folder())
}

impl Forest {
    /// Builds the forest of the whole of `ledger` into the store in the folder `store`, in place of an earlier one
    /// with the same settings, and opens it. Arrays beyond
    /// `memory_bytes` of anonymous memory lie in files. The caller holds the store's lock. Until the last step, replacing the
    /// manifest, an earlier forest stays valid; readers who have it open keep it.
    pub fn build(
        store: &Path,
        disk: &Disk,
        ledger: &Ledger,
        settings: &Settings,
        memory_bytes: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, EntitiesError> {
        let home = home(store, ledger, settings);
        disk.create_folder(&home)?;
        // a damaged manifest must not stand in the way of replacing it
        let earlier = ForestManifest::read(&home).ok().flatten();
        if earlier.is_none() {
            // a build that was killed may have made them without making their names durable
            home.ancestors().skip(1).take_while(|a| a.starts_with(store)).try_for_each(|a| disk.sync_folder(a))?;
        }
        let generation = earlier.map_or(0, |m| m.generation + 1);
        let mut manifest = ForestManifest::new(ledger, settings, generation);
        remove_folders(disk, &home, PREFIX, |name| name == manifest.folder)?;
        let folder = home.join(&manifest.folder);
        disk.create_folder(&folder)?;

        let scratch = Scratch::new(&folder, memory_bytes);
        let built = build(ledger, settings, &scratch, progress)?;
        manifest.merges = built.forest.merges();
        manifest.locator = locator(ledger);
        let ends: Vec<u32> = manifest.locator.iter().map(|block| block.txs).collect();
        for (block, merges) in manifest.locator.iter_mut().zip(merges_before(&built.forest, &ends)) {
            block.merges = merges;
        }
        manifest.files = tables::write_all(disk, &folder, ledger, &built, &scratch, progress)?;
        drop(built);
        disk.sync_folder(&folder)?;
        disk.sync_folder(&home)?;
        manifest.commit(disk, &home)?;
        remove_folders(disk, &home, PREFIX, |name| name != manifest.folder)?;
        Self::open_at(home, manifest, settings)
    }

    /// Opens the forest with `settings` in the store in the folder `store`. `None` where there is none, or where it
    /// was built from another tip of the ledger, with other settings or by other rules: then it has to be built.
    pub fn open(store: &Path, ledger: &Ledger, settings: &Settings) -> Result<Option<Self>, EntitiesError> {
        Self::open_where(store, ledger, settings, |manifest| manifest.fits(ledger, settings))
    }

    /// As [`open`](Self::open), but a forest that is behind the ledger, or ahead of it, or of a branch that the ledger has left
    /// will do: it is taken up to the last block in common, and the ledger's transactions after that are replayed in memory.
    /// It answers as one that was built of the whole ledger; the exceptions are [`Self::entity`] and [`Self::busy`] after a
    /// reorganisation, which say so.
    ///
    /// Two things are not replayed: more than 2,000,000 transactions, and other ties than co-spend (of forms of one key, since
    /// which key a P2SH address hides is only found by trying all of them; of change, not yet). Then the forest is opened as it is, as long as its tip
    /// is in the ledger, and answers as of that ([`ForestManifest::tip`]): an address that was first paid later is an entity
    /// of its own. `None` where its tip is not in the ledger, where there is no block in common, and where `open` has
    /// none for another reason than the tip.
    pub fn open_extended(store: &Path, ledger: &Ledger, settings: &Settings) -> Result<Option<Self>, EntitiesError> {
        Self::open_extended_within(store, ledger, settings, REPLAY_TXS_MAX)
    }

    /// As [`open_extended`](Self::open_extended), with another bound on the transactions to replay.
    pub fn open_extended_within(
        store: &Path,
        ledger: &Ledger,
        settings: &Settings,
        txs_max: u32,
    ) -> Result<Option<Self>, EntitiesError> {
        let replayed = |fork: LocatorBlock| {
            let is_bounded = ledger.tx_count() - fork.txs <= txs_max;
            is_bounded && Overlay::can_replay(settings.heuristics)
        };
        let opened = Self::open_where(store, ledger, settings, |manifest| {
            manifest.fits(ledger, settings)
                || manifest.fits_beginning(ledger, settings)
                || manifest.fork(ledger, settings).is_some_and(replayed)
        })?;
        let Some(mut forest) = opened else { return Ok(None) };
        if forest.manifest.fits(ledger, settings) {
            return Ok(Some(forest));
        }
        if let Some(fork) = forest.manifest.fork(ledger, settings).filter(|fork| replayed(*fork)) {
            forest.extend(ledger, settings, fork);
        }
        Ok(Some(forest))
    }

    /// Cuts the forest after `fork` and replays the ledger from there.
    fn extend(&mut self, ledger: &Ledger, settings: &Settings, fork: LocatorBlock) {
        // as `Overlay::can_replay` says, there are none besides co-spend
        let later = std::iter::empty();
        let overlay = Overlay::new(&self.tables, self.manifest.txs, ledger, settings, fork.txs, later);
        self.stored_tip = self.manifest.tip;
        self.manifest.tip = ledger.tip();
        self.manifest.txs = ledger.tx_count();
        self.manifest.addresses = ledger.address_count();
        self.manifest.merges = fork.merges + overlay.merges();
        self.overlay = Some(overlay);
    }

    /// The block that the stored forest ends with, where that is not in the ledger: everything is answered as of the ledger's
    /// tip, but some figures cannot be ([`Self::entity`]).
    pub fn rewound_from(&self) -> Option<Tip> {
        self.stored_tip.filter(|_| self.overlay.as_ref().is_some_and(|overlay| overlay.is_rewound))
    }

    fn open_where(
        store: &Path,
        ledger: &Ledger,
        settings: &Settings,
        fits: impl Fn(&ForestManifest) -> bool,
    ) -> Result<Option<Self>, EntitiesError> {
        let home = home(store, ledger, settings);
        let mut last = None;
        for _ in 0..OPEN_TRIES {
            let Some(manifest) = ForestManifest::read(&home)? else { return Ok(None) };
            if !fits(&manifest) {
                return Ok(None);
            }
            match Self::open_at(home.clone(), manifest.clone(), settings) {
                // a builder may have replaced the forest between the manifest and the columns
                Err(EntitiesError::Ledger(LedgerError::Io { source, .. }))
                    if source.kind() == io::ErrorKind::NotFound && last.as_ref() != Some(&manifest) =>
                {
                    last = Some(manifest);
                }
                opened => return opened.map(Some),
            }
        }
        Ok(None)
    }

    fn open_at(home: PathBuf, manifest: ForestManifest, settings: &Settings) -> Result<Self, EntitiesError> {
        let folder = home.join(&manifest.folder);
        let tables = Tables::open(&folder)?;
        if let Some((name, what)) = tables.misfit(manifest.addresses as usize) {
            return Err(EntitiesError::Corrupt { path: folder.join(format!("{name}.arrow")), what, forest: home });
        }
        let change = settings.change_policy().cloned();
        Ok(Self { home, manifest, tables, overlay: None, stored_tip: None, change })
    }

    /// What the forest answers for: what it was built from, or the ledger that it was extended to. The files are always the stored
    /// ones.
    pub fn manifest(&self) -> &ForestManifest {
        &self.manifest
    }

    /// Number of addresses in the entity of `address`.
    pub fn size(&self, address: AddressId) -> u32 {
        let root = self.find(address);
        match &self.overlay {
            Some(overlay) => overlay.tree(&self.tables, root.0).size,
            None => self.tables.row(root).map_or(1, |row| self.tables.member_range(row).len() as u32),
        }
    }

    /// The name of the entity of `address`: its first-seen address, which has the smallest id.
    pub fn name(&self, address: AddressId) -> AddressId {
        let root = self.find(address);
        match &self.overlay {
            Some(overlay) => AddressId(overlay.tree(&self.tables, root.0).name),
            None => self.tables.row(root).map_or(root, |row| self.tables.least(self.tables.member_range(row))),
        }
    }

    /// A page of the addresses of an entity in the order in which they joined it: at most `limit`, from the one at `offset`
    /// on.
    pub fn members(&self, address: AddressId, offset: u32, limit: u32) -> Vec<AddressId> {
        self.page(&self.pieces(address), offset, limit)
    }

    /// The kind of collaborative transaction that `tx` was held for, so that it ties nobody.
    pub fn coinjoin(&self, tx: TxNum) -> Option<CoinJoinKind> {
        if let Some(overlay) = self.overlay.as_ref().filter(|overlay| tx.0 >= overlay.cut) {
            return overlay.coinjoin(tx);
        }
        let place = self.tables.coinjoin_tx.binary_search(&tx.0).ok()?;
        CoinJoinKind::from_code(self.tables.coinjoin_kind[place])
    }

    /// All collaborative transactions in chain order.
    pub fn coinjoins(&self) -> impl Iterator<Item = (TxNum, CoinJoinKind)> + '_ {
        let cut = self.overlay.as_ref().map_or(u32::MAX, |overlay| overlay.cut);
        let kinds = self.tables.coinjoin_kind.iter().filter_map(|k| CoinJoinKind::from_code(*k));
        let stored = self.tables.coinjoin_tx.iter().copied().take_while(move |tx| *tx < cut).map(TxNum).zip(kinds);
        stored.chain(self.overlay.iter().flat_map(|overlay| overlay.coinjoins.iter().map(|(tx, k)| (TxNum(*tx), *k))))
    }

    /// The ties between forms of one key that `address` has part in.
    pub fn key_ties(&self, address: AddressId) -> impl Iterator<Item = KeyTie> + '_ {
        equal_range(&self.tables.same_key_address, address.0)
            .map(|place| self.key_tie(self.tables.same_key_row[place] as usize))
    }

    /// The ties between forms of one key that hold from `tx` on.
    pub fn key_ties_at(&self, tx: TxNum) -> impl Iterator<Item = KeyTie> + '_ {
        equal_range(&self.tables.same_key_at, tx.0).map(|row| self.key_tie(row))
    }

    pub(crate) fn key_tie(&self, row: usize) -> KeyTie {
        let t = &self.tables;
        KeyTie {
            at: TxNum(t.same_key_at[row]),
            a: AddressId(t.same_key_a[row]),
            b: AddressId(t.same_key_b[row]),
            reveal: TxNum(t.same_key_reveal[row]),
        }
    }

    /// The policy that change ties were made by; `None` where change ties nobody.
    pub fn change_policy(&self) -> Option<&ChangePolicy> {
        self.change.as_deref()
    }

    /// The tie of a transaction's change output, computed from the ledger that the forest was built from.
    pub fn change_tie(&self, ledger: &Ledger, tx: TxNum) -> Option<ChangeTie> {
        change::tie_of(ledger, self.change_policy()?, &|tx| self.coinjoin(tx).is_some(), tx)
    }

    /// The ties of change outputs that hold from `tx` on.
    pub fn change_ties_at(&self, ledger: &Ledger, tx: TxNum) -> Vec<ChangeTie> {
        self.change_policy().map_or_else(Vec::new, |policy| {
            change::ties(ledger, tx.0..tx.0.saturating_add(1), policy, &|tx| self.coinjoin(tx).is_some())
        })
    }
}

/// Places of `value` in an ascending column.
fn equal_range(column: &[u32], value: u32) -> Range<usize> {
    column.partition_point(|x| *x < value)..column.partition_point(|x| *x <= value)
}

impl Links for Forest {
    fn address_count(&self) -> u32 {
        self.overlay.as_ref().map_or(self.tables.address_count(), |overlay| overlay.addresses)
    }

    #[inline]
    fn parent(&self, address: AddressId) -> AddressId {
        match &self.overlay {
            None => self.tables.parent(address),
            Some(overlay) => AddressId(overlay.parent(&self.tables, address.0)),
        }
    }

    #[inline]
    fn link(&self, address: AddressId) -> Option<Link> {
        match &self.overlay {
            None => self.tables.link(address),
            Some(overlay) => overlay.link(&self.tables, address.0),
        }
    }
}

/// Removes the folders in `home` that a build left behind, whose names begin with `prefix`, and which `which` names.
pub(crate) fn remove_folders(
    disk: &Disk,
    home: &Path,
    prefix: &str,
    which: impl Fn(&str) -> bool,
) -> Result<(), EntitiesError> {
    for item in fs::read_dir(home).at("read", home)? {
        let item = item.at("read", home)?;
        let name = item.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(prefix) && which(&name) {
            disk.remove_folder(&item.path())?;
        }
    }
    Ok(())
}
