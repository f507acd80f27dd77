//! Streaming a column to disk.

use super::{BODY_START, Element, metadata};
use crate::error::{IoContext, LedgerError};
use athar_disk::{Disk, DiskFile};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    marker::PhantomData,
    path::{Path, PathBuf},
};

const BUFFER: usize = 1 << 20;

/// A file of a segment as the manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMeta {
    /// File name inside the segment's folder.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3 over the body, then the 4,096 bytes before it, then what follows it, in hexadecimal.
    pub checksum: String,
}

/// Writes the values of one column, in order, to a file of its own.
#[derive(Debug)]
pub struct ColumnWriter<T> {
    path: PathBuf,
    name: String,
    file: DiskFile,
    buffer: Vec<u8>,
    body: u64,
    hasher: blake3::Hasher,
    element: PhantomData<T>,
}

impl<T: Element> ColumnWriter<T> {
    /// Begins the column `name` in `folder`; the file is called `name.arrow`.
    pub fn create(disk: &Disk, folder: &Path, name: &str) -> Result<Self, LedgerError> {
        let path = folder.join(format!("{name}.arrow"));
        let mut file = disk.create(&path)?;
        file.write_all(&[0; BODY_START]).at("write", &path)?;
        Ok(Self {
            path,
            name: name.into(),
            file,
            buffer: Vec::with_capacity(BUFFER),
            body: 0,
            hasher: blake3::Hasher::new(),
            element: PhantomData,
        })
    }

    /// Appends one value.
    #[inline]
    pub fn push(&mut self, value: T) -> Result<(), LedgerError> {
        self.buffer.extend_from_slice(bytemuck::bytes_of(&value));
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Appends many values.
    pub fn extend(&mut self, values: &[T]) -> Result<(), LedgerError> {
        let bytes: &[u8] = bytemuck::cast_slice(values);
        if self.buffer.len() + bytes.len() < BUFFER {
            self.buffer.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush()?;
        self.write(bytes)
    }

    fn flush(&mut self) -> Result<(), LedgerError> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = self.write(&buffer);
        buffer.clear();
        self.buffer = buffer;
        written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), LedgerError> {
        self.hasher.update(bytes);
        self.body += bytes.len() as u64;
        self.file.write_all(bytes).at("write", &self.path)
    }

    /// Writes the metadata and makes the file durable.
    pub fn finish(self) -> Result<FileMeta, LedgerError> {
        let (meta, unsynced) = self.finish_unsynced()?;
        unsynced.sync()?;
        Ok(meta)
    }

    /// Writes the metadata; the file is durable once the second part was synced.
    pub(crate) fn finish_unsynced(mut self) -> Result<(FileMeta, Unsynced), LedgerError> {
        self.flush()?;
        let rows = self.body / size_of::<T>().max(1) as u64;
        let (head, foot) = metadata::head_and_foot(&self.name, &T::data_type(), rows, self.body);
        let padding = vec![0; (metadata::padded(self.body) - self.body) as usize];
        let end = (|| {
            self.file.write_all(&padding)?;
            self.file.write_all(&foot)?;
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&head)
        })();
        end.at("write", &self.path)?;
        self.hasher.update(&head);
        self.hasher.update(&padding);
        self.hasher.update(&foot);
        let meta = FileMeta {
            name: format!("{}.arrow", self.name),
            bytes: BODY_START as u64 + self.body + (padding.len() + foot.len()) as u64,
            checksum: self.hasher.finalize().to_hex().to_string(),
        };
        Ok((meta, Unsynced { path: self.path, file: self.file }))
    }
}

/// A whole file that a power cut could still lose.
#[derive(Debug)]
pub(crate) struct Unsynced {
    path: PathBuf,
    file: DiskFile,
}

impl Unsynced {
    fn sync(mut self) -> Result<(), LedgerError> {
        self.file.sync().at("sync", self.path)
    }

    /// Makes many files durable at once: the file system joins the waits, which a small segment mostly consists of.
    pub(crate) fn sync_all(files: Vec<Self>) -> Result<(), LedgerError> {
        std::thread::scope(|scope| {
            let waits: Vec<_> = files.into_iter().map(|file| scope.spawn(move || file.sync())).collect();
            waits.into_iter().try_for_each(|wait| wait.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }
}

/// The checksum that [`ColumnWriter::finish`] gives, recomputed from the file.
pub(crate) fn checksum_of(path: &Path) -> Result<String, LedgerError> {
    let file = fs::File::open(path).at("open", path)?;
    let map = super::read::map(&file).at("map", path)?;
    if map.len() < BODY_START {
        return Err(LedgerError::corrupt(path, "too short for a column"));
    }
    let tail = metadata_start(&map).ok_or_else(|| LedgerError::corrupt(path, "no footer"))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&map[BODY_START..tail]);
    hasher.update(&map[..BODY_START]);
    hasher.update(&map[tail..]);
    Ok(hasher.finalize().to_hex().to_string())
}

/// Where the body (without padding) ends: read from the record batch, so that a damaged length shows as a wrong sum.
fn metadata_start(file: &[u8]) -> Option<usize> {
    let tail = file.len().checked_sub(10)?;
    let len = u32::from_le_bytes(file[tail..tail + 4].try_into().ok()?) as usize;
    let footer = arrow_ipc::root_as_footer(file.get(tail.checked_sub(len)?..tail)?).ok()?;
    let batch = footer.recordBatches()?;
    let batch = (batch.len() == 1).then(|| *batch.get(0))?;
    let message = file.get(usize::try_from(batch.offset()).ok()?.checked_add(8)?..BODY_START)?;
    let message = arrow_ipc::root_as_message(message).ok()?;
    let buffers = message.header_as_record_batch()?.buffers()?;
    let body = (buffers.len() == 2).then(|| buffers.get(1).length())?;
    let end = BODY_START.checked_add(usize::try_from(body).ok()?)?;
    (end <= file.len()).then_some(end)
}
