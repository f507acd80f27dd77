//! A forest of accounts on disk: a folder of columns and a manifest, derived, and opened only where it fits.

use super::forest::AccountForest;
use super::settings::{ACCOUNT_HEURISTICS_VERSION, AccountSettings};
use super::tables::Tables;
use crate::error::EntitiesError;
use crate::manifest::{commit_checked, read_checked};
use athar_ledger::{Disk, FileMeta};
use athar_types::{Chain, Hash32};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// File name of the manifest.
const FILE: &str = "ACCOUNTS.json";
/// Layout of columns and manifest.
const FORMAT: u32 = 1;

/// What a forest of accounts was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTip {
    /// The chain.
    pub chain: Chain,
    /// Number of the last block.
    pub block: u32,
    /// Its hash; zeros where the source does not say.
    pub hash: Hash32,
    /// Number of accounts up to it.
    pub accounts: u32,
    /// Number of transfers up to it.
    pub transfers: u64,
}

/// What a stored forest of accounts says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountManifest {
    /// Layout of columns and manifest.
    pub format: u32,
    /// [`ACCOUNT_HEURISTICS_VERSION`].
    pub heuristics_version: u32,
    /// The bounds it was built with.
    pub settings: AccountSettings,
    /// What it was built from.
    pub tip: AccountTip,
    /// Counts the builds in this folder.
    pub generation: u64,
    /// Folder of the columns, beside this manifest.
    pub folder: String,
    /// The columns with their checksums.
    pub files: Vec<FileMeta>,
}

impl AccountForest {
    /// Writes the forest, which was built of the chain up to `tip`, into the folder `home`, in place of an earlier one. The
    /// caller holds the store's lock. Replacing the manifest is the commit; until then an earlier forest stays valid.
    pub fn write(&self, disk: &Disk, home: &Path, tip: AccountTip) -> Result<AccountManifest, EntitiesError> {
        disk.create_folder(home)?;
        // a damaged manifest must not stand in the way of replacing it
        let earlier: Option<AccountManifest> = read_checked(home, FILE, FORMAT).ok().flatten();
        let generation = earlier.map_or(0, |m| m.generation + 1);
        let folder = format!("accounts-{generation}");
        crate::forest::remove_folders(disk, home, "accounts-", |name| name == folder)?;
        disk.create_folder(&home.join(&folder))?;
        let files = self.tables.write(disk, &home.join(&folder))?;
        disk.sync_folder(&home.join(&folder))?;
        disk.sync_folder(home)?;
        let manifest = AccountManifest {
            format: FORMAT,
            heuristics_version: ACCOUNT_HEURISTICS_VERSION,
            settings: self.settings.clone(),
            tip,
            generation,
            folder,
            files,
        };
        commit_checked(disk, home, FILE, &manifest)?;
        crate::forest::remove_folders(disk, home, "accounts-", |name| name != manifest.folder)?;
        Ok(manifest)
    }

    /// Opens the forest in the folder `home`; `None` where there is none, or one of another tip, other settings or other
    /// rules: then it has to be built.
    pub fn open(home: &Path, tip: AccountTip, settings: &AccountSettings) -> Result<Option<Self>, EntitiesError> {
        Ok(Self::open_of(home, settings, |found| *found == tip)?.map(|(forest, _)| forest))
    }

    /// As [`Self::open`], of any tip that `fits`: an earlier block of the same chain, say. It then answers as of that
    /// tip, which is given with it; an account that came later is not in it.
    pub fn open_of(
        home: &Path,
        settings: &AccountSettings,
        fits: impl FnOnce(&AccountTip) -> bool,
    ) -> Result<Option<(Self, AccountTip)>, EntitiesError> {
        let Some(manifest) = read_checked::<AccountManifest>(home, FILE, FORMAT)? else { return Ok(None) };
        let rules = (&manifest.settings, manifest.heuristics_version) == (settings, ACCOUNT_HEURISTICS_VERSION);
        if !rules || !fits(&manifest.tip) {
            return Ok(None);
        }
        let folder = home.join(&manifest.folder);
        let tables = Tables::open(&folder)?;
        if let Some((name, what)) = tables.misfit(manifest.tip.accounts as usize) {
            let path = folder.join(format!("{name}.arrow"));
            return Err(EntitiesError::Corrupt { path, what, forest: home.into() });
        }
        Ok(Some((Self { tables, settings: settings.clone() }, manifest.tip)))
    }
}
