//! Arrays for a job that may outgrow memory: anonymous while they fit a budget, in files without a name beyond it.
//!
//! A file without a name is given back by the system when the job ends, however it ends. Its pages are the page cache's:
//! they count as memory only as long as there is some to spare.

use super::read::{atomics, atomics32, map_mut};
use crate::error::{IoContext, LedgerError};
use bytemuck::Pod;
use memmap2::MmapMut;
use std::{
    fs::{self, OpenOptions},
    ops::{Deref, DerefMut},
    path::PathBuf,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
};

/// Where a job's arrays go.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    memory_left: AtomicU64,
    files: AtomicU64,
}

impl Scratch {
    /// Arrays of at most `memory_bytes` together in anonymous memory, the others in `folder`.
    pub fn new(folder: impl Into<PathBuf>, memory_bytes: u64) -> Self {
        Self { folder: folder.into(), memory_left: AtomicU64::new(memory_bytes), files: AtomicU64::new(0) }
    }

    /// Arrays in anonymous memory, whatever their size: for tests and small jobs.
    pub fn in_memory() -> Self {
        Self::new(PathBuf::new(), u64::MAX)
    }

    /// Bytes of anonymous memory that are not taken yet. What an array took is not given back before the job ends.
    pub fn memory_left(&self) -> u64 {
        self.memory_left.load(Relaxed)
    }

    /// An array of `len` zeros.
    pub fn zeros<T: Pod>(&self, len: usize) -> Result<ScratchArray<T>, LedgerError> {
        let bytes = len as u64 * size_of::<T>() as u64;
        let taken = self.memory_left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes));
        if taken.is_ok() || bytes == 0 {
            return Ok(ScratchArray(memory(len, bytes)));
        }
        let number = self.files.fetch_add(1, Relaxed);
        let path = self.folder.join(format!("scratch-{}-{number}", std::process::id()));
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path).at("create", &path)?;
        // the name goes at once: nothing is left behind by a job that is killed
        fs::remove_file(&path).at("remove", &path)?;
        file.set_len(bytes).at("make room for", &path)?;
        let map = map_mut(&file).at("map", &path)?;
        Ok(ScratchArray(Backing::File { map, len }))
    }
}

/// From so many bytes on an array is worth pages of its own.
const LARGE: u64 = 8 << 20;

/// Zeros in anonymous memory. Large arrays ask for large pages: what is read in no order misses the processor's table of
/// small ones nearly every time.
fn memory<T: Pod>(len: usize, bytes: u64) -> Backing<T> {
    if bytes >= LARGE
        && let Ok(map) = MmapMut::map_anon(bytes as usize)
    {
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        return Backing::File { map, len };
    }
    Backing::Memory(vec![T::zeroed(); len])
}

impl ScratchArray<u64> {
    /// The numbers as atomics, for threads that read what one of them writes.
    pub fn atomics(&mut self) -> &[AtomicU64] {
        atomics(self)
    }
}

impl ScratchArray<u32> {
    /// The numbers as atomics, for threads that write side by side.
    pub fn atomics(&mut self) -> &[AtomicU32] {
        atomics32(self)
    }
}

/// An array of a fixed length: derefs to a slice.
#[derive(Debug)]
pub struct ScratchArray<T>(Backing<T>);

#[derive(Debug)]
enum Backing<T> {
    Memory(Vec<T>),
    /// Of a file without a name, or of large pages of memory.
    File {
        map: MmapMut,
        len: usize,
    },
}

impl<T> Default for ScratchArray<T> {
    fn default() -> Self {
        Self(Backing::Memory(Vec::new()))
    }
}

impl<T: Pod> Deref for ScratchArray<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Backing::Memory(values) => values,
            Backing::File { map, len } => &bytemuck::cast_slice(map)[..*len],
        }
    }
}

impl<T: Pod> DerefMut for ScratchArray<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Backing::Memory(values) => values,
            Backing::File { map, len } => &mut bytemuck::cast_slice_mut(map)[..*len],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_outgrows_memory_lies_in_a_file_that_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(folder.path(), 1000);
        let mut small = scratch.zeros::<u64>(100).unwrap();
        let mut large = scratch.zeros::<u64>(100_000).unwrap();
        assert_eq!(scratch.memory_left(), 200);
        assert!(matches!((&small.0, &large.0), (Backing::Memory(_), Backing::File { .. })));
        for array in [&mut small, &mut large] {
            assert!(array.iter().all(|v| *v == 0));
            array.iter_mut().enumerate().for_each(|(i, v)| *v = i as u64);
            assert!(array.iter().enumerate().all(|(i, v)| *v == i as u64));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(scratch.zeros::<u32>(0).unwrap().is_empty());
    }

    #[test]
    fn a_folder_that_takes_no_file_is_named() {
        let scratch = Scratch::new("/nonexistent/scratch", 0);
        let error = scratch.zeros::<u8>(1).unwrap_err().to_string();
        assert!(error.contains("/nonexistent/scratch"), "{error}");
    }
}
