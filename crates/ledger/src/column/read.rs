//! A mapped column, used as a slice.
//!
//! The only module of the project with `unsafe`: mapping a file is unsafe because another process could change it under
//! us. Column files are written once, made durable, named in the manifest and never changed, only removed whole; on the
//! systems we support a removed file stays readable while it is mapped. Lengths are checked when the file is opened.
#![allow(unsafe_code)]

use super::{BODY_START, Element, metadata};
use crate::error::{IoContext, LedgerError};
use memmap2::{Mmap, MmapMut};
use std::{
    fs::File,
    marker::PhantomData,
    ops::Deref,
    path::Path,
    sync::Arc,
    sync::atomic::{AtomicU32, AtomicU64},
};

pub(super) fn map(file: &File) -> std::io::Result<Mmap> {
    // SAFETY: see the module's head; the file belongs to the store and is immutable once it has its name.
    unsafe { Mmap::map(file) }
}

pub(super) fn map_mut(file: &File) -> std::io::Result<MmapMut> {
    // SAFETY: the file has no name, so nobody else can open it, and its length is never changed again.
    unsafe { MmapMut::map_mut(file) }
}

/// Numbers as atomics, for threads that read what one of them writes.
pub(super) fn atomics(values: &mut [u64]) -> &[AtomicU64] {
    // SAFETY: an atomic has the size, the bit validity and, as asserted, the alignment of its number. The exclusive borrow
    // is given up for as long as the shared one lives, so every access until then goes through the atomics.
    const { assert!(align_of::<AtomicU64>() == align_of::<u64>()) };
    unsafe { std::slice::from_raw_parts(values.as_mut_ptr().cast::<AtomicU64>(), values.len()) }
}

/// As [`atomics`], of 32 bits.
pub(super) fn atomics32(values: &mut [u32]) -> &[AtomicU32] {
    // SAFETY: as above.
    const { assert!(align_of::<AtomicU32>() == align_of::<u32>()) };
    unsafe { std::slice::from_raw_parts(values.as_mut_ptr().cast::<AtomicU32>(), values.len()) }
}

/// A column of a segment: derefs to a slice of its values. Cloning shares the mapping.
pub struct Column<T> {
    map: Arc<Mmap>,
    len: usize,
    element: PhantomData<T>,
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        Self { map: Arc::clone(&self.map), len: self.len, element: PhantomData }
    }
}

impl<T> std::fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column of {} rows", self.len)
    }
}

impl<T: Element> Column<T> {
    /// Maps the column `name` of a segment's folder and checks its metadata.
    pub fn open(folder: &Path, name: &str) -> Result<Self, LedgerError> {
        let path = folder.join(format!("{name}.arrow"));
        let file = File::open(&path).at("open", &path)?;
        let map = map(&file).at("map", &path)?;
        let len = metadata::rows_of(&map, &T::data_type(), size_of::<T>())
            .map_err(|what| LedgerError::corrupt(&path, what))?;
        Ok(Self { map: Arc::new(map), len, element: PhantomData })
    }
}

impl<T: Element> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: `open` checked that `len` values lie in the mapping after BODY_START; a page-aligned mapping plus
        // 4,096 is aligned for every element type, any bit pattern is a valid one (`Pod`), and the mapping lives as
        // long as `self`.
        unsafe { std::slice::from_raw_parts(self.map.as_ptr().add(BODY_START).cast::<T>(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnWriter, Disk};

    #[test]
    fn a_column_reads_back_and_every_damage_to_its_frame_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let values: Vec<u32> = (0..300_000).collect();
        let mut writer = ColumnWriter::create(&Disk::default(), folder.path(), "x").unwrap();
        writer.push(0).unwrap();
        writer.extend(&values[1..]).unwrap();
        let meta = writer.finish().unwrap();
        let path = folder.path().join("x.arrow");
        assert_eq!(meta.bytes, std::fs::metadata(&path).unwrap().len());
        assert_eq!(meta.checksum, super::super::write::checksum_of(&path).unwrap());
        assert_eq!(&*Column::<u32>::open(folder.path(), "x").unwrap(), &values[..]);
        assert!(matches!(Column::<u64>::open(folder.path(), "x"), Err(LedgerError::Corrupt { .. })));

        let good = std::fs::read(&path).unwrap();
        for cut in [0, 5, 4095, 4096, 10_000, good.len() - 1] {
            std::fs::write(&path, &good[..cut]).unwrap();
            assert!(Column::<u32>::open(folder.path(), "x").is_err(), "cut at {cut}");
        }
        // any single flipped byte changes the checksum or is refused
        for at in (0..good.len()).step_by(997).chain(good.len() - 400..good.len()).chain(0..600) {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            std::fs::write(&path, &bad).unwrap();
            let sum = super::super::write::checksum_of(&path);
            assert!(!sum.is_ok_and(|s| s == meta.checksum), "flip at {at}");
        }
    }

    #[test]
    fn an_empty_column_is_a_column() {
        let folder = tempfile::tempdir().unwrap();
        ColumnWriter::<[u8; 20]>::create(&Disk::default(), folder.path(), "e").unwrap().finish().unwrap();
        assert!(Column::<[u8; 20]>::open(folder.path(), "e").unwrap().is_empty());
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = ColumnWriter::<u64>::create(&Disk::with_space(10_000), folder.path(), "f").unwrap();
        let error = (0..10_000_000).find_map(|i| writer.push(i).err()).unwrap();
        assert!(error.to_string().contains("f.arrow"), "{error}");
    }
}
