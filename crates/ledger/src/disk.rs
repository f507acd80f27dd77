//! The few disk operations that a commit is made of, in one place so that tests can make them fail.

use crate::error::{IoContext, LedgerError};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// The disk as the ledger writes to it. Cloning shares the same limits.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    space: Option<Arc<AtomicI64>>,
}

impl Disk {
    /// A disk on which only `bytes` more can be written before it is full: for tests of a full disk.
    pub fn with_space(bytes: u64) -> Self {
        Self { space: Some(Arc::new(AtomicI64::new(bytes.min(i64::MAX as u64) as i64))) }
    }

    /// Creates (or empties) a file for writing.
    pub(crate) fn create(&self, path: &Path) -> Result<DiskFile, LedgerError> {
        let file = File::create(path).at("create", path)?;
        Ok(DiskFile { file, disk: self.clone() })
    }

    /// Writes `bytes` beside `path` and renames them over it: readers see the old file or the new, never a part.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
        let temporary = path.with_extension("new");
        let mut file = self.create(&temporary)?;
        file.write_all(bytes).and_then(|()| file.sync()).at("write", &temporary)?;
        drop(file);
        fs::rename(&temporary, path).at("replace", path)?;
        path.parent().map_or(Ok(()), Self::sync_folder)
    }

    /// Makes names inside a folder durable.
    pub(crate) fn sync_folder(path: &Path) -> Result<(), LedgerError> {
        File::open(path).and_then(|f| f.sync_all()).at("sync", path)
    }
}

/// A file being written.
#[derive(Debug)]
pub(crate) struct DiskFile {
    pub(crate) file: File,
    disk: Disk,
}

impl DiskFile {
    /// Makes the content durable.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync_all()
    }
}

impl Write for DiskFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if let Some(space) = &self.disk.space {
            let left = space.fetch_sub(data.len() as i64, Ordering::Relaxed);
            if left < data.len() as i64 {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
        }
        self.file.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
