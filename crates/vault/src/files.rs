//! Folders and files that only the user may read.

use crate::VaultError;
use crate::database::held;
use std::path::Path;
use std::sync::Mutex;
use std::{fs, io};

/// Makes a folder, with those above it, that only the user may enter.
pub fn private_folder(folder: &Path) -> Result<(), VaultError> {
    let made = fs::create_dir_all(folder).and_then(|()| only_the_user(folder, 0o700));
    made.map_err(|source| VaultError::Io { path: folder.into(), source })
}

/// Makes a file, where there is none, that only the user may read: before `SQLite` does, so that no moment passes in which others may.
///
/// A file that is there is not opened: where a process closes any handle of a file, it gives up all the locks that it has on it, those of
/// `SQLite` too, and another process could then write at the same time ("How To Corrupt An SQLite Database File", 2.2).
pub fn private_file(path: &Path) -> Result<(), VaultError> {
    /// Whoever finds the file there must not lock it before whoever makes it has closed it.
    static MAKING: Mutex<()> = Mutex::new(());
    let make = || {
        let _turn = held(&MAKING);
        if !path.try_exists()? {
            fs::OpenOptions::new().append(true).create(true).open(path)?;
        }
        only_the_user(path, 0o600)
    };
    make().map_err(|source| VaultError::Io { path: path.into(), source })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // tests
    use super::*;
    use rusqlite::{Connection, ErrorCode};
    use std::process::Command;
    use std::time::Duration;

    const FILE: &str = "ATHAR_TEST_LOCKED_FILE";

    #[test]
    fn only_the_user_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, nowhere) = (folder.path().join("a.sqlite"), folder.path().join("none/a.sqlite"));
        private_file(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            private_file(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(private_file(&nowhere).unwrap_err().to_string().contains("none"));
    }

    /// Run by the test below as another process: fails unless the database is locked.
    #[test]
    #[ignore = "the other process of the test below"]
    fn another_process_is_kept_out() {
        let other = Connection::open(std::env::var_os(FILE).unwrap()).unwrap();
        other.busy_timeout(Duration::ZERO).unwrap();
        let refused = other.execute_batch("BEGIN IMMEDIATE").unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    }

    #[test]
    fn a_lock_stays_where_the_file_is_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.sqlite");
        private_file(&path).unwrap();
        let one = Connection::open(&path).unwrap();
        one.execute_batch("CREATE TABLE a (b); BEGIN IMMEDIATE; INSERT INTO a VALUES (1)").unwrap();
        private_file(&path).unwrap();
        let other = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "files::tests::another_process_is_kept_out", "--ignored"])
            .env(FILE, &path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&other.stdout);
        assert!(other.status.success() && said.contains("1 passed"), "{said}");
        one.execute_batch("COMMIT").unwrap();
    }
}
