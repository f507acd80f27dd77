//! Folders and files that only the user may read.

use crate::VaultError;
use std::path::Path;
use std::{fs, io};

/// Makes a folder, with those above it, that only the user may enter.
pub fn private_folder(folder: &Path) -> Result<(), VaultError> {
    let made = fs::create_dir_all(folder).and_then(|()| only_the_user(folder, 0o700));
    made.map_err(|source| VaultError::Io { path: folder.into(), source })
}

/// Makes a file, where there is none, that only the user may read: before `SQLite` does, so that no moment passes in which others may.
pub fn private_file(path: &Path) -> Result<(), VaultError> {
    let made = fs::OpenOptions::new().append(true).create(true).open(path).and_then(|_| only_the_user(path, 0o600));
    made.map_err(|source| VaultError::Io { path: path.into(), source })
}

#[cfg(unix)]
fn only_the_user(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn only_the_user(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
