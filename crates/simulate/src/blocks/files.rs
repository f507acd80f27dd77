//! Files whose bytes are hashed on the way out, and among them `blk00000.dat` and its successors.

use crate::SimulateError;
use athar_chains::bitcoin::XorKey;
use athar_types::Network;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// A finished file, for the manifest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct FileEntry {
    /// Path below the world's folder, with forward slashes.
    pub(crate) path: String,
    /// Length.
    pub(crate) bytes: u64,
    /// SHA-256, as `sha256sum` prints it.
    pub(crate) sha256: String,
}

/// A new file below the world's folder.
pub(crate) struct HashedFile {
    name: String,
    path: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    len: u64,
}

impl HashedFile {
    /// Makes `name` below `root`, and the folders above it; there must be no such file.
    pub(crate) fn create(root: &Path, name: &str) -> Result<Self, SimulateError> {
        let path = root.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(SimulateError::io(folder))?;
        }
        let file = File::create_new(&path).map_err(SimulateError::io(&path))?;
        let file = BufWriter::with_capacity(1 << 20, file);
        Ok(Self { name: name.to_owned(), path, file, hash: Sha256::new(), len: 0 })
    }

    /// Writes a whole file at once.
    pub(crate) fn whole(root: &Path, name: &str, bytes: &[u8]) -> Result<FileEntry, SimulateError> {
        let mut file = Self::create(root, name)?;
        file.put(bytes)?;
        file.close(0)
    }

    /// Appends bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), SimulateError> {
        self.file.write_all(bytes).map_err(SimulateError::io(&self.path))?;
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Ends the file, filled with zeros up to a multiple of `multiple` bytes (0 or 1: as it is).
    pub(crate) fn close(mut self, multiple: u64) -> Result<FileEntry, SimulateError> {
        let io = |e| SimulateError::io(&self.path)(e);
        self.file.flush().map_err(io)?;
        let full = if multiple > 1 { self.len.next_multiple_of(multiple) } else { self.len };
        if full > self.len {
            self.file.get_ref().set_len(full).map_err(io)?;
            let zeros = [0; 4096];
            let mut left = full - self.len;
            while left > 0 {
                let part = left.min(zeros.len() as u64);
                self.hash.update(&zeros[..part as usize]);
                left -= part;
            }
        }
        Ok(FileEntry { path: self.name, bytes: full, sha256: hex::encode(self.hash.finalize()) })
    }
}

/// Lets a serialiser write; the error comes out of [`HashedFile::put`] again as an [`io::Error`].
impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.len += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl HashedFile {
    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// The folder `blocks/`.
pub(crate) struct BlockFiles {
    root: PathBuf,
    key: XorKey,
    len_max: u64,
    tail_multiple: u64,
    current: Option<HashedFile>,
    count: u32,
    frame: Vec<u8>,
    done: Vec<FileEntry>,
    /// Bytes of blocks and frames so far.
    pub(crate) bytes: u64,
}

impl BlockFiles {
    /// Writes `xor.dat`; block files follow with the first blocks.
    pub(crate) fn create(root: &Path, key: XorKey, len_max: u64, tail_multiple: u64) -> Result<Self, SimulateError> {
        let done = vec![HashedFile::whole(root, "blocks/xor.dat", &key.0)?];
        let (current, count, frame, bytes) = (None, 0, Vec::new(), 0);
        Ok(Self { root: root.to_owned(), key, len_max, tail_multiple, current, count, frame, done, bytes })
    }

    /// Appends a block, in the next file where it does not fit (Bitcoin Core's `FindNextBlockPos`).
    pub(crate) fn put(&mut self, block: &[u8]) -> Result<(), SimulateError> {
        let needed = block.len() as u64 + 8;
        if let Some(file) = self.current.take_if(|f| f.len + needed >= self.len_max) {
            self.done.push(file.close(0)?);
        }
        let file = match &mut self.current {
            Some(file) => file,
            none => {
                let name = format!("blocks/blk{:05}.dat", self.count);
                self.count += 1;
                none.insert(HashedFile::create(&self.root, &name)?)
            }
        };
        self.frame.clear();
        athar_chains::bitcoin::write::write_frame(&mut self.frame, Network::Regtest, block);
        self.key.apply(&mut self.frame, file.len);
        self.bytes += needed;
        file.put(&self.frame)
    }

    /// Ends the last file with its zeros.
    pub(crate) fn close(mut self) -> Result<Vec<FileEntry>, SimulateError> {
        if let Some(file) = self.current.take() {
            self.done.push(file.close(self.tail_multiple)?);
        }
        Ok(self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_cut_where_core_cuts_them_and_end_in_zeros() {
        let dir = tempfile::tempdir().unwrap();
        let mut files = BlockFiles::create(dir.path(), XorKey([1, 2, 3, 4, 5, 6, 7, 8]), 250, 64).unwrap();
        for i in 0..5 {
            files.put(&[i; 100]).unwrap();
        }
        let done = files.close().unwrap();
        let lens: Vec<_> = done.iter().map(|f| (f.path.as_str(), f.bytes)).collect();
        assert_eq!(
            lens,
            [
                ("blocks/xor.dat", 8),
                ("blocks/blk00000.dat", 216),
                ("blocks/blk00001.dat", 216),
                ("blocks/blk00002.dat", 128)
            ]
        );
        for entry in &done {
            let bytes = fs::read(dir.path().join(&entry.path)).unwrap();
            assert_eq!(hex::encode(Sha256::digest(&bytes)), entry.sha256);
        }
        let last = fs::read(dir.path().join("blocks/blk00002.dat")).unwrap();
        assert_eq!(last[108..], [0; 20]);
        assert_eq!(last[..4], [0xfa ^ 1, 0xbf ^ 2, 0xb5 ^ 3, 0xda ^ 4]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_reported_with_the_file() {
        let path = PathBuf::from("/dev/full");
        let device = File::options().write(true).open(&path).unwrap();
        let (file, hash) = (BufWriter::new(device), Sha256::new());
        let mut file = HashedFile { name: "blocks/blk00000.dat".into(), path, file, hash, len: 0 };
        let error = file.put(&vec![1; 2 << 20]).and_then(|()| file.close(0).map(|_| ())).unwrap_err().to_string();
        assert!(error.contains("/dev/full") && error.contains("space"), "{error}");
    }

    #[test]
    fn an_error_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("blocks"), b"a file where a folder must be").unwrap();
        let error = BlockFiles::create(dir.path(), XorKey::default(), 1000, 0).err().unwrap().to_string();
        assert!(error.contains("blocks"), "{error}");
    }
}
