//! What a power cut would leave of a test's disk: which contents and names were not made durable yet.

use crate::parent;
use crate::plan::{Cut, Op};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// A name in a folder that a cut may undo.
#[derive(Debug)]
enum Pending {
    Created(PathBuf),
    /// The content that had the name before.
    Renamed(PathBuf, Option<Vec<u8>>),
}

impl Pending {
    fn path(&self) -> &Path {
        match self {
            Self::Created(path) | Self::Renamed(path, _) => path,
        }
    }
}

/// Contents and names that were not synced, over the real files.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Files whose content was not synced since it was written.
    dirty: BTreeSet<PathBuf>,
    /// Names that were not synced, oldest first.
    pending: Vec<Pending>,
}

/// What an operation is about to change.
#[derive(Debug, Default)]
pub(crate) struct Before {
    existed: bool,
    content: Option<Vec<u8>>,
}

impl Before {
    /// Looks at what `op` is about to change.
    pub(crate) fn of(op: Op, path: &Path) -> Self {
        let content = if op == Op::Rename { fs::read(path).ok() } else { None };
        Self { existed: path.exists(), content }
    }
}

impl Model {
    /// Takes note of an operation that was done.
    pub(crate) fn after(&mut self, op: Op, path: &Path, before: Before) {
        match op {
            Op::CreateFolder if !before.existed => self.pending.push(Pending::Created(path.into())),
            Op::CreateFolder => {}
            Op::Create => {
                if !before.existed {
                    self.pending.push(Pending::Created(path.into()));
                }
                self.dirty.insert(path.into());
            }
            Op::Write => {
                self.dirty.insert(path.into());
            }
            Op::Sync => {
                self.dirty.remove(path);
            }
            Op::Rename => {
                let from = path.with_extension("new");
                self.pending.retain(|p| p.path() != from);
                if self.dirty.remove(&from) {
                    self.dirty.insert(path.into());
                } else {
                    self.dirty.remove(path);
                }
                self.pending.push(Pending::Renamed(path.into(), before.content));
            }
            Op::SyncFolder => self.pending.retain(|p| parent(p.path()) != path),
            Op::Remove => {
                self.dirty.retain(|p| !p.starts_with(path));
                self.pending.retain(|p| !p.path().starts_with(path));
            }
        }
    }

    /// Leaves what the cut leaves.
    pub(crate) fn cut(&mut self, cut: Cut) -> io::Result<()> {
        for path in &self.dirty {
            fs::OpenOptions::new().write(true).open(path)?.set_len(0)?;
        }
        for pending in self.pending.drain(..).rev() {
            match pending {
                Pending::Created(path) if path.is_dir() => fs::remove_dir_all(path)?,
                Pending::Created(path) => remove_file(&path)?,
                Pending::Renamed(path, old) => match (cut, old) {
                    (Cut::LeavesRenames, _) => {}
                    (Cut::LeavesRemovals, Some(old)) => fs::write(path, old)?,
                    (Cut::LeavesRemovals, None) => remove_file(&path)?,
                },
            }
        }
        Ok(())
    }
}

/// Removes a file that the cut of a name above it may have taken already.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
