//! A file being written.

use crate::Disk;
use crate::plan::{Op, Verdict};
use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::PathBuf,
};

/// A file being written, on the disk that created it.
#[derive(Debug)]
pub struct DiskFile {
    pub(crate) file: File,
    pub(crate) path: PathBuf,
    pub(crate) disk: Disk,
}

impl DiskFile {
    /// Makes the content durable.
    pub fn sync(&mut self) -> io::Result<()> {
        let (file, syncs) = (&self.file, self.disk.syncs());
        self.disk.perform(Op::Sync, &self.path, |verdict| match verdict {
            Verdict::Whole if syncs => file.sync_all(),
            Verdict::Whole => Ok(()),
            // after a sync that failed, what was written may be gone without another word
            Verdict::Half => file.set_len(0),
        })
    }
}

impl Write for DiskFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if let Some(plan) = &self.disk.plan {
            plan.take_space(data.len())?;
        }
        let file = &mut self.file;
        self.disk.perform(Op::Write, &self.path, |verdict| match verdict {
            Verdict::Whole => file.write(data),
            Verdict::Half => file.write_all(&data[..data.len() / 2]).map(|()| data.len() / 2),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for DiskFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
