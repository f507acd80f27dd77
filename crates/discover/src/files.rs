//! Which files are read: those named, and those below the folders named, in one order on every machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Files below one folder that are looked at; more are told and left out.
const FILES_MAX: usize = 10_000_000;

/// A file to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// Bytes.
    pub bytes: u64,
    /// Last change in nanoseconds since 1970; 0 where the system does not say.
    pub changed_ns: u64,
}

/// The files to read, and what could not be looked at.
pub type Walked = (Vec<Source>, Vec<(PathBuf, io::Error)>);

/// Lists files, and the files below folders by name. Links are not followed: a folder that an investigator was given may hold one
/// that leads out of it. What is neither file nor folder (a pipe, a device) is an error of its own. So is the folder of the store, which
/// is not read: what is recorded would be found again, and a database that is read as a file loses its locks.
pub fn walk(paths: &[PathBuf], store: &Path) -> Walked {
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    let store = fs::canonicalize(store).ok();
    for path in paths {
        match fs::metadata(path) {
            Ok(_) => below(path, true, store.as_deref(), &mut files, &mut errors),
            Err(error) => errors.push((path.clone(), error)),
        }
    }
    (files, errors)
}

fn below(
    path: &Path,
    is_named: bool,
    store: Option<&Path>,
    files: &mut Vec<Source>,
    errors: &mut Vec<(PathBuf, io::Error)>,
) {
    // one list instead of recursion: depth is the hostile folder's to choose
    let mut open = vec![(path.to_owned(), is_named)];
    while let Some((path, is_named)) = open.pop() {
        let data = if is_named { fs::metadata(&path) } else { fs::symlink_metadata(&path) };
        let data = match data {
            Ok(data) => data,
            Err(error) => {
                errors.push((path, error));
                continue;
            }
        };
        if data.is_dir() {
            if store.is_some_and(|store| fs::canonicalize(&path).is_ok_and(|path| path == store)) {
                errors.push((path, io::Error::other("the store itself, which is not read")));
                continue;
            }
            match fs::read_dir(&path).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
                Ok(entries) => {
                    let mut names: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
                    names.sort_unstable();
                    // the last pushed is the next one
                    open.extend(names.into_iter().rev().map(|name| (name, false)));
                }
                Err(error) => errors.push((path, error)),
            }
        } else if data.is_file() {
            if files.len() >= FILES_MAX {
                errors.push((path, io::Error::other(format!("more than {FILES_MAX} files"))));
                return;
            }
            let changed = data.modified().ok().and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
            let changed_ns = changed.map_or(0, |t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX));
            files.push(Source { path, bytes: data.len(), changed_ns });
        } else {
            let what = if data.is_symlink() { "a link; name its target to read it" } else { "no regular file" };
            errors.push((path, io::Error::other(what)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_by_name_and_links_are_told_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        fs::create_dir_all(root.join("b/store/labels")).unwrap();
        for name in ["z.txt", "b/2.txt", "b/10.txt", "b/c/x.txt", "a.txt", "b/store/labels/y.txt"] {
            fs::write(root.join(name), name).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc", root.join("out")).unwrap();
        let (files, errors) = walk(&[root.to_owned(), root.join("none")], &root.join("b/c/../store"));
        let names: Vec<_> =
            files.iter().map(|f| f.path.strip_prefix(root).unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(names, ["a.txt", "b/10.txt", "b/2.txt", "b/c/x.txt", "z.txt"]);
        assert_eq!(files[1].bytes, 8);
        let told: Vec<_> = errors.iter().map(|(path, e)| (path.strip_prefix(root).unwrap(), e.kind())).collect();
        assert!(told.contains(&(Path::new("none"), io::ErrorKind::NotFound)));
        assert!(told.contains(&(Path::new("b/store"), io::ErrorKind::Other)));
        #[cfg(unix)]
        assert!(told.iter().any(|(path, _)| *path == Path::new("out")));
    }
}
