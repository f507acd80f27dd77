//! The store: a folder, its lock, its commits.

use crate::disk::Disk;
use crate::error::{IoContext, LedgerError};
use crate::ledger::Ledger;
use crate::manifest::{ChainManifest, Manifest, SegmentMeta, program};
use athar_types::{Chain, Network};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

/// A store opened for reading. Any number of readers may work beside one writer: each sees the commit it opened.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    disk: Disk,
    manifest: Manifest,
}

/// The right to write to a store: held by one process at a time, given up when dropped or when the process ends.
#[derive(Debug)]
pub struct StoreLock {
    file: File,
}

impl StoreLock {
    /// Takes the lock of the store in `folder`, making the folder where it is missing. Fails at once when it is held.
    pub fn take(folder: &Path) -> Result<Self, LedgerError> {
        fs::create_dir_all(folder).at("create the folder", folder)?;
        let path = folder.join("LOCK");
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).at("open", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let holder = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(LedgerError::Locked { path: folder.into(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(source).at("lock", path),
        }
        let pid = std::process::id().to_string();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(pid.as_bytes()))
            .at("write", &path)?;
        Ok(Self { file })
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // closing the file gives the lock up anyway; an error here has no reader
        let _ = self.file.unlock();
    }
}

impl Store {
    /// Opens the store in `folder` at its last commit. [`LedgerError::NoStore`] where there is none.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let manifest = Manifest::read(folder)?.ok_or_else(|| LedgerError::NoStore(folder.into()))?;
        Ok(Self { folder: folder.into(), disk: Disk::default(), manifest })
    }

    /// Opens the store for writing (or begins one), and removes what an interrupted write left behind.
    ///
    /// `lock` is proof that no other process writes.
    pub fn open_for_writing(folder: &Path, _lock: &StoreLock, disk: Disk) -> Result<Self, LedgerError> {
        let manifest = if let Some(manifest) = Manifest::read(folder)? {
            manifest
        } else {
            let manifest = Manifest::empty();
            manifest.commit(&disk, folder)?;
            manifest
        };
        let store = Self { folder: folder.into(), disk, manifest };
        store.remove_leftovers()?;
        Ok(store)
    }

    /// The manifest of the commit this store was opened at, or of its own last commit since.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The store's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How this store writes.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The folder that holds the segments of `chain`.
    pub fn chain_folder(&self, chain: Chain) -> PathBuf {
        self.folder.join(chain.name())
    }

    /// The manifest's entry for `chain`.
    pub fn chain(&self, chain: Chain) -> Option<&ChainManifest> {
        self.manifest.chains.iter().find(|c| c.chain == chain)
    }

    /// The ledger of `chain`, `None` where none of it was ingested.
    pub fn ledger(&self, chain: Chain) -> Result<Option<Ledger>, LedgerError> {
        let Some(entry) = self.chain(chain) else { return Ok(None) };
        Ledger::open(&self.chain_folder(chain), entry).map(Some)
    }

    /// Says which network of `chain` the store holds from now on; an error where it already holds another one.
    pub fn set_network(&mut self, chain: Chain, network: Network) -> Result<(), LedgerError> {
        match self.chain(chain) {
            Some(entry) if entry.network == network => Ok(()),
            Some(entry) if !entry.segments.is_empty() => {
                Err(LedgerError::OtherNetwork { chain, stored: entry.network, found: network })
            }
            _ => {
                let mut next = self.manifest.clone();
                next.chains.retain(|c| c.chain != chain);
                next.chains.push(ChainManifest { chain, network, segments: Vec::new() });
                next.chains.sort_by_key(|c| c.chain);
                self.commit(next)
            }
        }
    }

    /// Commits a finished segment at the end of `chain`.
    pub fn append(&mut self, chain: Chain, segment: SegmentMeta) -> Result<(), LedgerError> {
        let mut next = self.manifest.clone();
        if let Some(entry) = next.chains.iter_mut().find(|c| c.chain == chain) {
            entry.segments.push(segment);
        }
        Disk::sync_folder(&self.chain_folder(chain))?;
        self.commit(next)
    }

    /// Drops the segments of `chain` that hold any block at or above `height`, in one commit. Returns the height at
    /// which the chain now ends (exclusive).
    pub fn unwind(&mut self, chain: Chain, height: u32) -> Result<u32, LedgerError> {
        let mut next = self.manifest.clone();
        let mut end = 0;
        if let Some(entry) = next.chains.iter_mut().find(|c| c.chain == chain) {
            entry.segments.retain(|s| s.ranges.blocks[1] <= height);
            end = entry.segments.last().map_or(0, |s| s.ranges.blocks[1]);
        }
        self.commit(next)?;
        self.remove_leftovers()?;
        Ok(end)
    }

    fn commit(&mut self, mut next: Manifest) -> Result<(), LedgerError> {
        next.written_by = program();
        next.commit(&self.disk, &self.folder)?;
        self.manifest = next;
        Ok(())
    }

    /// Removes segment folders that the manifest does not name: an interrupted build, or segments that were unwound.
    fn remove_leftovers(&self) -> Result<(), LedgerError> {
        for entry in &self.manifest.chains {
            let folder = self.chain_folder(entry.chain);
            let Ok(found) = fs::read_dir(&folder) else { continue };
            for item in found {
                let item = item.at("read", &folder)?;
                let name = item.file_name();
                let name = name.to_string_lossy();
                let known = entry.segments.iter().any(|s| s.folder == name) || !name.starts_with("segment-");
                if !known {
                    fs::remove_dir_all(item.path()).at("remove", item.path())?;
                }
            }
        }
        Ok(())
    }
}
