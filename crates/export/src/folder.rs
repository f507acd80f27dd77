//! The folder of an export: held by one process at a time, and never one that holds anything else.

use crate::error::{ExportError, IoContext};
use crate::manifest::MANIFEST;
use crate::{Table, file, plan};
use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

const LOCK: &str = "_athar_export.lock";

/// The folder of an export, locked.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes the folder where it is missing and takes its lock. A folder with anything in it but an export is refused
    /// and left as it was.
    pub(crate) fn open(path: &Path) -> Result<Self, ExportError> {
        fs::create_dir_all(path).at("create the folder", path)?;
        if !path.join(MANIFEST).exists() {
            let known = |name: &str| name == LOCK || file::is_unfinished(name);
            if let Some(foreign) = names(path)?.into_iter().find(|name| !known(name)) {
                return Err(ExportError::Foreign(path.join(foreign)));
            }
        }
        let at = path.join(LOCK);
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&at).at("create", &at)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.into(), lock }),
            Err(TryLockError::WouldBlock) => Err(ExportError::Locked(path.into())),
            Err(TryLockError::Error(source)) => Err(source).at("lock", at),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file of the export.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        plan::path_in(&self.path, path)
    }

    /// The data files in the folders of all tables, by their paths inside the export. What an interrupted run left
    /// unfinished is removed; anything else that no export wrote is an error, since readers would take it for data.
    pub(crate) fn data_files(&self) -> Result<BTreeSet<String>, ExportError> {
        let mut found = BTreeSet::new();
        for table in Table::ALL {
            let top = self.path.join(table.name());
            if top.symlink_metadata().is_ok() {
                walk(&top, table.name(), &mut found)?;
            }
        }
        Ok(found)
    }

    /// Removes a data file, and its folder where that leaves it empty.
    pub(crate) fn remove(&self, path: &str) -> Result<(), ExportError> {
        let at = self.at(path);
        match fs::remove_file(&at) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e).at("remove", at),
            _ => {}
        }
        if let Some(folder) = at.parent().filter(|f| *f != self.path) {
            // fails where other files are left in it, as it should
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // closing the file gives the lock up anyway; an error here has no reader
        let _ = self.lock.unlock();
    }
}

fn walk(folder: &Path, inside: &str, found: &mut BTreeSet<String>) -> Result<(), ExportError> {
    for name in names(folder)? {
        let at = folder.join(&name);
        let path = format!("{inside}/{name}");
        let kind = fs::symlink_metadata(&at).at("read", &at)?.file_type();
        if kind.is_dir() && inside.split('/').count() == 1 {
            walk(&at, &path, found)?;
        } else if kind.is_file() && file::is_unfinished(&name) {
            fs::remove_file(&at).at("remove", &at)?;
        } else if kind.is_file() && plan::table_of(&path).is_some() {
            found.insert(path);
        } else {
            return Err(ExportError::Foreign(at));
        }
    }
    Ok(())
}

/// The names in a folder, sorted, so that the same one is named in an error every time.
fn names(folder: &Path) -> Result<Vec<String>, ExportError> {
    let mut names = Vec::new();
    for item in fs::read_dir(folder).at("read", folder)? {
        names.push(item.at("read", folder)?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}
