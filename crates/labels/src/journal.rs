//! The decisions of a store: a numbered file each, never changed, listed with their hashes in the manifest.
//!
//! A decision counts once the manifest lists it, so that decisions and packs commit in the same way. A file that the
//! manifest does not list was left by a write that failed, and the next decision takes its place.

use crate::decision::Decision;
use crate::error::LabelError;
use athar_disk::Disk;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = "decisions";

fn path(dir: &Path, number: usize) -> PathBuf {
    dir.join(FOLDER).join(format!("{number:06}.json"))
}

/// The bytes of a decision's file, and their hash in hexadecimal.
pub(crate) fn encode(decision: &Decision) -> Result<(Vec<u8>, String), serde_json::Error> {
    let mut bytes = serde_json::to_vec(decision)?;
    bytes.push(b'\n');
    let hash = blake3::hash(&bytes).to_hex().to_string();
    Ok((bytes, hash))
}

/// Reads the decisions that the manifest lists, in their order.
pub(crate) fn read(dir: &Path, hashes: &[String]) -> Result<Vec<Decision>, LabelError> {
    let one = |(i, hash): (usize, &String)| {
        let path = path(dir, i + 1);
        let bytes = fs::read(&path).map_err(LabelError::io(&path))?;
        if blake3::hash(&bytes).to_hex().as_str() != hash {
            return Err(LabelError::corrupt(&path, "its content does not match the manifest"));
        }
        serde_json::from_slice(&bytes).map_err(|error| LabelError::corrupt(&path, error))
    };
    hashes.iter().enumerate().map(one).collect()
}

/// Writes new decisions after the `count` that the manifest lists, and gives their hashes for it.
pub(crate) fn write(disk: &Disk, dir: &Path, count: usize, new: &[Decision]) -> Result<Vec<String>, LabelError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    disk.create_folder(&dir.join(FOLDER))?;
    if count == 0 {
        // a write that was killed may have made it without making its name durable
        disk.sync_folder(dir)?;
    }
    let one = |(i, decision): (usize, &Decision)| {
        let path = path(dir, count + i + 1);
        let (bytes, hash) = encode(decision).map_err(|error| LabelError::corrupt(&path, error))?;
        disk.replace(&path, &bytes)?;
        Ok(hash)
    };
    new.iter().enumerate().map(one).collect()
}
