//! The store: a folder, its lock, its commits.

use crate::account::ACCOUNTS;
use crate::error::{IoContext, LedgerError};
use crate::ledger::Ledger;
use crate::manifest::{ChainManifest, Manifest, Piece, Ranges, program};
use crate::merge::Merged;
use crate::run::{self, RUN};
use crate::segment::{self, finish::SEGMENT};
use athar_disk::Disk;
use athar_types::{Chain, Network};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind::NotFound, Read, Seek, Write},
    path::{Path, PathBuf},
    slice,
};

/// How often opening a ledger begins anew where a writer replaces its files meanwhile.
const OPEN_TRIES: usize = 5;

/// A store opened for reading. Any number of readers may work beside one writer: each sees the commit it opened.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    disk: Disk,
    manifest: Manifest,
    /// Whether a power cut could still bring an older manifest back: nothing that one may name is removed then.
    unsure: bool,
}

/// The right to write to a store: held by one process at a time, given up when dropped or when the process ends.
#[derive(Debug)]
pub struct StoreLock {
    file: File,
}

impl StoreLock {
    /// Takes the lock of the store in `folder`, making the folder where it is missing. Fails at once when it is held.
    pub fn take(folder: &Path) -> Result<Self, LedgerError> {
        Disk::default().create_folder(folder)?;
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
        Ok(Self { folder: folder.into(), disk: Disk::default(), manifest, unsure: true })
    }

    /// Opens the store for writing (or begins one), and removes what an interrupted write left behind.
    ///
    /// `lock` is proof that no other process writes.
    pub fn open_for_writing(folder: &Path, _lock: &StoreLock, disk: Disk) -> Result<Self, LedgerError> {
        let manifest = if let Some(manifest) = Manifest::read(folder)? {
            manifest
        } else {
            let manifest = Manifest::empty();
            if let Some(above) = folder.parent().filter(|above| above.is_dir()) {
                disk.sync_folder(above)?;
            }
            manifest.commit(&disk, folder)?;
            manifest
        };
        // whoever wrote the manifest may have been killed before it was durable
        disk.sync_folder(folder)?;
        let mut store = Self { folder: folder.into(), disk, manifest, unsure: false };
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

    /// The ledger of `chain`, `None` where none of it was ingested. It is that of the commit this store was opened at,
    /// or of a later one where a writer has joined or dropped files since.
    pub fn ledger(&self, chain: Chain) -> Result<Option<Ledger>, LedgerError> {
        let folder = self.chain_folder(chain);
        let Some(entry) = self.chain(chain) else { return Ok(None) };
        let mut opened = Ledger::open(&folder, entry);
        let mut tried = entry.clone();
        for _ in 0..OPEN_TRIES {
            let Err(error) = opened else { break };
            let now = Manifest::read(&self.folder)?.unwrap_or_else(Manifest::empty);
            let Some(entry) = now.chains.into_iter().find(|c| c.chain == chain) else { return Ok(None) };
            // damage stays where it is; a file that is missing or half written may be a writer's at work
            if entry == tried && !matches!(&error, LedgerError::Io { source, .. } if source.kind() == NotFound) {
                return Err(error);
            }
            opened = Ledger::open(&folder, &entry);
            tried = entry;
        }
        opened.map(Some)
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
                next.chains.push(ChainManifest { chain, network, segments: Vec::new(), runs: Vec::new() });
                next.chains.sort_by_key(|c| c.chain);
                self.commit(next)
            }
        }
    }

    /// Commits a finished segment and its run at the end of `chain`.
    ///
    /// After an error, take the ledger anew before building further: the commit may have been made.
    pub fn append(&mut self, chain: Chain, piece: Piece) -> Result<(), LedgerError> {
        let mut next = self.manifest.clone();
        let folder = self.chain_folder(chain);
        let Some(entry) = next.chains.iter_mut().find(|c| c.chain == chain) else {
            return Err(LedgerError::corrupt(folder, "a segment for a chain whose network is not set"));
        };
        let end = entry.segments.last().map(|s| s.ranges).unwrap_or_default();
        if !piece.segment.ranges.follows(&end) || piece.run.ranges != piece.segment.ranges {
            let [at, end] = [piece.segment.ranges.blocks[0], end.blocks[1]];
            let what = format!("a segment from block {at} on cannot follow a chain that ends before block {end}");
            return Err(LedgerError::corrupt(folder.join(piece.segment.folder), what));
        }
        entry.segments.push(piece.segment);
        entry.runs.push(piece.run);
        self.disk.sync_folder(&folder)?;
        self.commit(next)
    }

    /// Commits what was joined, in place of what it was joined from. Dropped where that is no longer in the store.
    pub(crate) fn replace(&mut self, chain: Chain, merged: Merged) -> Result<(), LedgerError> {
        let mut next = self.manifest.clone();
        let Some(entry) = next.chains.iter_mut().find(|c| c.chain == chain) else { return Ok(()) };
        let range = merged.run.ranges;
        let within = |r: &Ranges| r.blocks[0] >= range.blocks[0] && r.blocks[1] <= range.blocks[1];
        let at = entry.runs.partition_point(|r| r.ranges.blocks[1] <= range.blocks[0]);
        let old = entry.runs[at..].iter().take_while(|r| within(&r.ranges)).count();
        let covers = |first: Option<&Ranges>, last: Option<&Ranges>| {
            first.is_some_and(|f| f.blocks[0] == range.blocks[0])
                && last.is_some_and(|l| l.blocks[1] == range.blocks[1])
        };
        let runs = &entry.runs[at..at + old];
        if !covers(runs.first().map(|r| &r.ranges), runs.last().map(|r| &r.ranges)) {
            return self.remove_leftovers();
        }
        entry.runs.splice(at..at + old, [merged.run]);
        if let Some(segment) = merged.segment {
            let at = entry.segments.partition_point(|s| s.ranges.blocks[1] <= range.blocks[0]);
            let old = entry.segments[at..].iter().take_while(|s| within(&s.ranges)).count();
            entry.segments.splice(at..at + old, [segment]);
        }
        self.disk.sync_folder(&self.chain_folder(chain))?;
        self.commit(next)?;
        self.remove_leftovers()
    }

    /// Drops the blocks of `chain` at or above `height`, in one commit, to the row: a segment or run that the cut goes
    /// through is written again without what is dropped. Returns the height at which the chain now ends (exclusive).
    ///
    /// A [`crate::Merger`] at work on the chain must be cancelled before.
    pub fn unwind(&mut self, chain: Chain, height: u32) -> Result<u32, LedgerError> {
        let Some(ledger) = self.ledger(chain)?.filter(|l| l.block_count() > height) else {
            return Ok(self.chain(chain).and_then(ChainManifest::tip).map_or(0, |t| t.height.0 + 1));
        };
        let mut next = self.manifest.clone();
        let Some(entry) = next.chains.iter_mut().find(|c| c.chain == chain) else { return Ok(0) };
        entry.segments.retain(|s| s.ranges.blocks[1] <= height);
        entry.runs.retain(|r| r.ranges.blocks[1] <= height);
        if height > 0 {
            let folder = self.chain_folder(chain);
            let cut = &ledger.segments()[entry.segments.len().min(ledger.segments().len() - 1)];
            if cut.ranges().blocks[0] < height {
                entry.segments.push(segment::copy::copy(slice::from_ref(cut), height, &self.disk, &folder)?);
            }
            let end = entry.segments.last().map(|s| (s.ranges, s.tip));
            let run = &ledger.runs()[entry.runs.len().min(ledger.runs().len() - 1)];
            if let Some((end, tip)) = end
                && run.ranges().blocks[0] < height
            {
                entry.runs.push(run::merge::merge(&ledger, slice::from_ref(run), &end, &tip, &self.disk, &folder)?);
            }
            self.disk.sync_folder(&folder)?;
        }
        self.commit(next)?;
        self.remove_leftovers()?;
        Ok(height)
    }

    pub(crate) fn commit(&mut self, mut next: Manifest) -> Result<(), LedgerError> {
        next.written_by = program();
        next.format = next.format_needed();
        if let Err(error) = next.commit(&self.disk, &self.folder) {
            // it failed before the new manifest had its name, or after: what stands there now is what holds
            self.unsure = true;
            if let Ok(Some(found)) = Manifest::read(&self.folder) {
                self.manifest = found;
            }
            return Err(error);
        }
        self.manifest = next;
        self.unsure = false;
        Ok(())
    }

    /// Removes folders of segments and runs that the manifest does not name: of an interrupted write, or replaced.
    pub(crate) fn remove_leftovers(&mut self) -> Result<(), LedgerError> {
        if self.unsure {
            self.disk.sync_folder(&self.folder)?;
            self.unsure = false;
        }
        let outputs = self.manifest.chains.iter().map(|entry| {
            let runs = entry.runs.iter().map(|r| &r.folder);
            (entry.chain, entry.segments.iter().map(|s| &s.folder).chain(runs).collect())
        });
        let accounts = self.manifest.accounts.iter();
        let accounts = accounts.map(|entry| (entry.chain, entry.segments.iter().map(|s| &s.folder).collect()));
        let named: Vec<(Chain, Vec<&String>)> = outputs.chain(accounts).collect();
        for (chain, named) in named {
            let folder = self.chain_folder(chain);
            let Ok(found) = fs::read_dir(&folder) else { continue };
            for item in found {
                let item = item.at("read", &folder)?;
                let name = item.file_name();
                let name = name.to_string_lossy();
                let kinds = [SEGMENT, RUN, ACCOUNTS];
                let ours = kinds.iter().any(|kind| name.strip_prefix(kind).is_some_and(|n| n.starts_with('-')));
                if ours && !named.iter().any(|folder| **folder == *name) {
                    self.disk.remove_folder(&item.path())?;
                }
            }
        }
        Ok(())
    }
}
