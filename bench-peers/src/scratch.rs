//! The folders that a run makes for itself and removes.

use crate::blocks::BlockFiles;
use anyhow::{Context, Result};
use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// A folder of the run's own, removed in the end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes a new folder inside `parent`.
    pub(crate) fn new(parent: &Path) -> Result<Self> {
        let path = parent.join(format!("athar-bench-peers-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(fs::canonicalize(path)?))
    }

    /// An empty folder inside it, whatever it held before.
    pub(crate) fn empty(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot empty {}", path.display()));
            }
            _ => {}
        }
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// The block files under links. A key of zeros is left out: a parser that finds it would XOR with nothing, byte by
    /// byte.
    pub(crate) fn linked(&self, files: &BlockFiles) -> Result<PathBuf> {
        let folder = self.empty("blocks")?;
        for path in &files.paths {
            symlink(fs::canonicalize(path)?, folder.join(path.file_name().unwrap_or_default()))?;
        }
        if files.key != [0; 8] {
            fs::write(folder.join("xor.dat"), files.key)?;
        }
        Ok(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}
