//! A folder of Bitcoin Core block files: their names, their XOR key, their bytes.

use crate::error::IngestError;
use athar_chains::bitcoin::XorKey;
use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The block files of a folder, in the order of their names.
#[derive(Debug)]
pub struct BlockFiles {
    folder: PathBuf,
    /// Path and length of each.
    files: Vec<(PathBuf, u64)>,
    /// Those read last, youngest first.
    open: Mutex<Vec<(u32, Arc<File>)>>,
    key: XorKey,
}

/// Files open at once: mainnet has more than the thousand that a process may hold by default.
const OPEN_MAX: usize = 64;

impl BlockFiles {
    /// Opens every `blk*.dat` of `folder` and reads `xor.dat` where there is one.
    pub fn open(folder: &Path) -> Result<Self, IngestError> {
        let io_at = |path: &Path| {
            let path = path.to_path_buf();
            move |source| IngestError::Io { path, source }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(io_at(folder))? {
            let path = entry.map_err(io_at(folder))?.path();
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
            let digits = name.strip_prefix("blk").and_then(|n| n.strip_suffix(".dat"));
            if digits.is_some_and(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())) {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            return Err(IngestError::NoBlockFiles(folder.into()));
        }
        paths.sort();
        let xor = folder.join("xor.dat");
        let key = match fs::read(&xor) {
            Ok(bytes) => match bytes.as_slice().try_into() {
                Ok(key) => XorKey(key),
                Err(_) => return Err(IngestError::XorFile { path: xor, bytes: bytes.len() }),
            },
            Err(e) if e.kind() == io::ErrorKind::NotFound => XorKey::default(),
            Err(e) => return Err(io_at(&xor)(e)),
        };
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            // opened once, so that a file without leave to read it is told before anything is read
            let file = File::open(&path).map_err(io_at(&path))?;
            let len = file.metadata().map_err(io_at(&path))?.len();
            files.push((path, len));
        }
        Ok(Self { folder: folder.into(), files, open: Mutex::default(), key })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none; never true of an opened folder.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The path of a file.
    pub fn path(&self, file: u32) -> &Path {
        &self.files[file as usize].0
    }

    /// Its length when it was opened.
    pub fn bytes(&self, file: u32) -> u64 {
        self.files[file as usize].1
    }

    /// Removes the XOR key from bytes that begin at byte `offset` of a file.
    pub(crate) fn decode(&self, bytes: &mut [u8], offset: u64) {
        self.key.apply(bytes, offset);
    }

    /// Fills `buffer` from byte `offset` of a file, XOR removed; gives how many bytes there were.
    pub(crate) fn read(&self, file: u32, offset: u64, buffer: &mut [u8]) -> Result<usize, IngestError> {
        let filled = self.read_raw(file, offset, buffer)?;
        self.decode(&mut buffer[..filled], offset);
        Ok(filled)
    }

    /// The same, as the bytes stand on disk.
    pub(crate) fn read_raw(&self, file: u32, offset: u64, buffer: &mut [u8]) -> Result<usize, IngestError> {
        let (path, handle) = (self.path(file), self.handle(file)?);
        let mut filled = 0;
        while filled < buffer.len() {
            match handle.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(IngestError::Io { path: path.into(), source }),
            }
        }
        Ok(filled)
    }

    /// A file, open for reading.
    fn handle(&self, file: u32) -> Result<Arc<File>, IngestError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.iter().position(|(number, _)| *number == file);
        let entry = if let Some(at) = known {
            open.remove(at)
        } else {
            let path = self.path(file);
            let opened = File::open(path).map_err(|source| IngestError::Io { path: path.into(), source })?;
            open.truncate(OPEN_MAX - 1);
            (file, Arc::new(opened))
        };
        let handle = Arc::clone(&entry.1);
        open.insert(0, entry);
        Ok(handle)
    }
}
