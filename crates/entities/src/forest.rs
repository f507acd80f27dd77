//! The stored forest: built from a ledger, opened again, asked.

use crate::build::build;
use crate::change::{self, ChangePolicy, ChangeTie};
use crate::coinjoin::CoinJoinKind;
use crate::error::{EntitiesError, IoContext};
use crate::links::{Link, Links, NO_LINK};
use crate::manifest::ForestManifest;
use crate::same_key::KeyTie;
use crate::tables::{self, Tables};
use crate::{Heuristic, Progress, Settings};
use athar_ledger::{Disk, Ledger, LedgerError, Scratch};
use athar_types::{AddressId, TxNum};
use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Folder of all forests inside a store.
const FOLDER: &str = "entities";
/// How often opening begins anew where a builder replaces the forest meanwhile.
const OPEN_TRIES: usize = 3;

/// A merge forest on disk, with its tables by entity. Answers through [`Links`] and the methods here.
///
/// Ids that a query takes must come from the ledger that it was opened with. Where that has gone on since the forest was
/// built ([`Forest::open_behind`]), later addresses are entities of their own.
#[derive(Debug)]
pub struct Forest {
    pub(crate) home: PathBuf,
    pub(crate) manifest: ForestManifest,
    pub(crate) tables: Tables,
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
        remove_folders(disk, &home, |name| name == manifest.folder)?;
        let folder = home.join(&manifest.folder);
        disk.create_folder(&folder)?;

        let scratch = Scratch::new(&folder, memory_bytes);
        let built = build(ledger, settings, &scratch, progress)?;
        manifest.merges = built.forest.merges();
        manifest.files = tables::write_all(disk, &folder, ledger, &built, &scratch, progress)?;
        drop(built);
        disk.sync_folder(&folder)?;
        disk.sync_folder(&home)?;
        manifest.commit(disk, &home)?;
        remove_folders(disk, &home, |name| name != manifest.folder)?;
        Self::open_at(home, manifest, settings)
    }

    /// Opens the forest with `settings` in the store in the folder `store`. `None` where there is none, or where it
    /// was built from another tip of the ledger, with other settings or by other rules: then it has to be built.
    pub fn open(store: &Path, ledger: &Ledger, settings: &Settings) -> Result<Option<Self>, EntitiesError> {
        Self::open_where(store, ledger, settings, |manifest| manifest.fits(ledger, settings))
    }

    /// As [`open`](Self::open), but a forest of an earlier tip of the same chain will do: it answers as of its own tip
    /// ([`ForestManifest::tip`]), and an address that was first paid after it is an entity of its own. `None` also where
    /// its tip has left the chain.
    pub fn open_behind(store: &Path, ledger: &Ledger, settings: &Settings) -> Result<Option<Self>, EntitiesError> {
        Self::open_where(store, ledger, settings, |manifest| manifest.fits_beginning(ledger, settings))
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
        Ok(Self { home, manifest, tables, change: settings.change_policy().cloned() })
    }

    /// What the forest was built from.
    pub fn manifest(&self) -> &ForestManifest {
        &self.manifest
    }

    /// Number of addresses in the entity of `address`.
    pub fn size(&self, address: AddressId) -> u32 {
        self.row(self.find(address)).map_or(1, |row| self.member_range(row).len() as u32)
    }

    /// The name of the entity of `address`: its first-seen address, which has the smallest id.
    pub fn name(&self, address: AddressId) -> AddressId {
        let root = self.find(address);
        self.row(root).map_or(root, |row| self.least(self.member_range(row)))
    }

    /// A page of the addresses of an entity in the order in which they joined it: at most `limit`, from the one at `offset`
    /// on.
    pub fn members(&self, address: AddressId, offset: u32, limit: u32) -> Vec<AddressId> {
        let root = self.find(address);
        match self.row(root) {
            Some(row) => self.page(self.member_range(row), offset, limit),
            None => [root].into_iter().skip(offset as usize).take(limit as usize).collect(),
        }
    }

    /// The kind of collaborative transaction that `tx` was held for, so that it ties nobody.
    pub fn coinjoin(&self, tx: TxNum) -> Option<CoinJoinKind> {
        let place = self.tables.coinjoin_tx.binary_search(&tx.0).ok()?;
        CoinJoinKind::from_code(self.tables.coinjoin_kind[place])
    }

    /// All collaborative transactions in chain order.
    pub fn coinjoins(&self) -> impl Iterator<Item = (TxNum, CoinJoinKind)> + '_ {
        let kinds = self.tables.coinjoin_kind.iter().filter_map(|k| CoinJoinKind::from_code(*k));
        self.tables.coinjoin_tx.iter().copied().map(TxNum).zip(kinds)
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

    /// The entity row of a root, where it has one.
    pub(crate) fn row(&self, root: AddressId) -> Option<usize> {
        self.tables.entity_root.binary_search(&root.0).ok()
    }

    /// Places of the members of an entity row in `member.address`.
    pub(crate) fn member_range(&self, row: usize) -> Range<usize> {
        self.tables.member_start[row] as usize..self.tables.member_start[row + 1] as usize
    }
}

/// Places of `value` in an ascending column.
fn equal_range(column: &[u32], value: u32) -> Range<usize> {
    column.partition_point(|x| *x < value)..column.partition_point(|x| *x <= value)
}

impl Links for Forest {
    fn address_count(&self) -> u32 {
        self.tables.parent.len() as u32
    }

    #[inline]
    fn parent(&self, address: AddressId) -> AddressId {
        // an address that is younger than the forest is its own root
        AddressId(self.tables.parent.get(address.index()).copied().unwrap_or(address.0))
    }

    #[inline]
    fn link(&self, address: AddressId) -> Option<Link> {
        let tx = self.tables.link.get(address.index()).copied().unwrap_or(NO_LINK);
        if tx == NO_LINK {
            return None;
        }
        Heuristic::from_code(self.tables.heuristic_of(address.index()))
            .map(|heuristic| Link { tx: TxNum(tx), heuristic })
    }
}

/// Removes the folders in `home` that a build left behind and `which` names.
fn remove_folders(disk: &Disk, home: &Path, which: impl Fn(&str) -> bool) -> Result<(), EntitiesError> {
    for item in fs::read_dir(home).at("read", home)? {
        let item = item.at("read", home)?;
        let name = item.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("forest-") && which(&name) {
            disk.remove_folder(&item.path())?;
        }
    }
    Ok(())
}
