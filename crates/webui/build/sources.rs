//! What the application is made from, and whether its built form is of these sources.
//!
//! The built form carries the hash of everything it depends on. Times of files would not do: a checkout gives every file a new
//! one, and a release ships the built form to machines that have no Node.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where the hash stands in the built form.
const STAMP: &str = ".sources";
/// What stands beside the sources and is no part of them.
const NOT_SOURCES: [&str; 7] =
    ["node_modules", "dist", "tests", "e2e", "playwright-report", "test-results", "coverage"];

/// The files of `ui/` that it is made from, and the API's description: by path, sorted.
pub(crate) fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let ui = root.join("ui");
    for entry in fs::read_dir(&ui)? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if NOT_SOURCES.contains(&name.as_str()) || (name.starts_with('.') && name != ".npmrc") {
            continue;
        }
        gather(&path, &mut found)?;
    }
    let described = root.join("openapi.json");
    if described.is_file() {
        found.push(described);
    }
    found.sort();
    Ok(found)
}

fn gather(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        // notes for people change nothing
        if path.extension().is_none_or(|e| e != "md") {
            found.push(path.to_path_buf());
        }
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        gather(&entry?.path(), found)?;
    }
    Ok(())
}

/// One hash of all of them: of their paths below `root`, their lengths and their bytes.
pub(crate) fn hash(root: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new_derive_key("athar browser application sources version 1");
    for file in files(root)? {
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&file)?;
        for part in [name.as_bytes(), &bytes] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Whether the built form is of these sources.
pub(crate) fn is_built(dist: &Path, hash: &str) -> bool {
    dist.join("index.html").is_file() && fs::read_to_string(dist.join(STAMP)).is_ok_and(|text| text.trim() == hash)
}

/// Where the built form says which sources it is of.
pub(crate) fn stamp_of(dist: &Path) -> PathBuf {
    dist.join(STAMP)
}

/// Writes into the built form which sources it is of. The file gets an old time: Cargo takes what is newer than the beginning of
/// this script for a change, and would run it once more.
pub(crate) fn stamp(dist: &Path, hash: &str) -> io::Result<()> {
    let path = stamp_of(dist);
    fs::write(&path, format!("{hash}\n"))?;
    fs::File::options()
        .write(true)
        .open(&path)?
        .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000))
}

/// What Cargo watches. A path that is not there would have it run the script every time, so only what is there is named; the
/// folders of sources are named too, so that a new file is seen.
pub(crate) fn watched(root: &Path) -> Vec<PathBuf> {
    let ui = root.join("ui");
    if !ui.join("package.json").is_file() {
        // a checkout that brings ui/ brings another list of packages with it
        return vec![root.join("Cargo.lock")];
    }
    let mut paths = files(root).unwrap_or_default();
    for folder in ["src", "public"] {
        let folder = ui.join(folder);
        if folder.is_dir() {
            paths.retain(|path| !path.starts_with(&folder));
            paths.push(folder);
        }
    }
    paths
}
