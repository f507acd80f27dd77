//! The few disk operations that a commit is made of, in one place: so that their order can be read in one place, and so
//! that tests can record them, make any of them fail, and cut the power between any two.
//!
//! The order is always the same. What a commit names is written and synced, then the folders that hold it; then a small
//! file is written beside the old manifest, synced, and renamed over it; then that folder is synced. Only after that is
//! anything removed. [`Disk::replace`] is the second half; the first is its caller's.

mod file;
mod model;
mod plan;

pub use file::DiskFile;
pub use plan::{Cut, Failure, Fault, Op, Step};

use plan::{Plan, Verdict};
use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// The operating system refused an operation on a file or folder.
#[derive(Debug, thiserror::Error)]
#[error("cannot {op} {}: {source}", path.display())]
pub struct DiskError {
    /// What was tried, as a verb.
    pub op: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

fn at<'a>(op: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> DiskError + 'a {
    move |source| DiskError { op, path: path.into(), source }
}

/// The disk as stores write to it. The default is the real one; cloning shares the plan of a test.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    plan: Option<Arc<Plan>>,
}

impl Disk {
    /// A disk on which only `bytes` more can be written before it is full: for tests.
    pub fn with_space(bytes: u64) -> Self {
        Self { plan: Some(Arc::new(Plan::with_space(bytes))) }
    }

    /// A disk for tests that records every operation below the folder `root` and meets `fault` at its step. It syncs
    /// nothing for real: what a power cut would leave is worked out from what was asked to be synced.
    pub fn planned(root: &Path, fault: Option<Fault>) -> Self {
        Self { plan: Some(Arc::new(Plan::new(root, fault))) }
    }

    /// What was done so far on a disk made by [`Disk::planned`], in order; nothing on any other.
    pub fn steps(&self) -> Vec<Step> {
        self.plan.as_ref().map(|plan| plan.steps()).unwrap_or_default()
    }

    /// Whether the fault that this disk was given has happened.
    pub fn has_failed(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.has_failed())
    }

    fn perform<T>(&self, op: Op, path: &Path, work: impl FnOnce(Verdict) -> io::Result<T>) -> io::Result<T> {
        match &self.plan {
            None => work(Verdict::Whole),
            Some(plan) => plan.perform(op, path, work),
        }
    }

    /// Whether syncs reach the device.
    fn syncs(&self) -> bool {
        self.plan.as_ref().is_none_or(|plan| plan.syncs())
    }

    /// Creates (or empties) a file for writing. Durable once it was [synced](DiskFile::sync) and its folder too.
    pub fn create(&self, path: &Path) -> Result<DiskFile, DiskError> {
        let file = self.perform(Op::Create, path, |_| File::create(path)).map_err(at("create", path))?;
        Ok(DiskFile { file, path: path.into(), disk: self.clone() })
    }

    /// Writes `bytes` beside `path` and renames them over it: readers see the old file or the new, never a part. On an
    /// error while writing, `path` is the old file; on one while renaming or syncing its folder it is either.
    pub fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let temporary = path.with_extension("new");
        if let Err(error) = self.write_new(&temporary, bytes) {
            // what is left of it must not fill a full disk; that it cannot be removed is no second error
            let _ = self.perform(Op::Remove, &temporary, |_| fs::remove_file(&temporary));
            return Err(error);
        }
        self.perform(Op::Rename, path, |_| fs::rename(&temporary, path)).map_err(at("replace", path))?;
        self.sync_folder(parent(path))
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let mut file = self.create(path)?;
        file.write_all(bytes).map_err(at("write", path))?;
        file.sync().map_err(at("sync", path))
    }

    /// Creates a folder and what is missing above it; nothing where it exists. Whatever it had to create above is
    /// durable; the folder itself is once its parent was [synced](Disk::sync_folder).
    pub fn create_folder(&self, path: &Path) -> Result<(), DiskError> {
        if path.is_dir() || path.as_os_str().is_empty() {
            return Ok(());
        }
        let above = parent(path);
        if !above.is_dir() {
            self.create_folder(above)?;
            self.sync_folder(parent(above))?;
        }
        self.perform(Op::CreateFolder, path, |_| fs::create_dir(path)).map_err(at("create the folder", path))
    }

    /// Makes the names inside a folder durable.
    pub fn sync_folder(&self, path: &Path) -> Result<(), DiskError> {
        let sync = || if self.syncs() { File::open(path)?.sync_all() } else { Ok(()) };
        self.perform(Op::SyncFolder, path, |_| sync()).map_err(at("sync", path))
    }

    /// Removes a folder with all that is in it.
    pub fn remove_folder(&self, path: &Path) -> Result<(), DiskError> {
        self.perform(Op::Remove, path, |verdict| match verdict {
            Verdict::Whole => fs::remove_dir_all(path),
            Verdict::Half => remove_half(path),
        })
        .map_err(at("remove", path))
    }
}

/// The folder that holds `path`; the current one where it names none.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| *p != OsStr::new("")).unwrap_or_else(|| Path::new("."))
}

/// What is left where removing a folder ends in the middle.
fn remove_half(path: &Path) -> io::Result<()> {
    let mut inside: Vec<PathBuf> = fs::read_dir(path)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    inside.sort();
    inside.truncate(inside.len() / 2);
    inside.iter().filter(|path| path.is_file()).try_for_each(fs::remove_file)
}
