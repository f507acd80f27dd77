//! Which packs there are, since when, and which are in use: the one file whose replacement is a commit.

use crate::error::LabelError;
use crate::pack::{Format, PackId, PackInfo};
use athar_disk::Disk;
use athar_types::Day;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// One import of one pack. Nothing is ever removed: a pack that was superseded keeps its entry and its file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The pack.
    pub pack: PackId,
    /// How its file was read.
    pub format: Format,
    /// Its title.
    pub title: String,
    /// What it is a version of.
    pub series: String,
    /// The part of the series that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The day of the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Day>,
    /// Name of the file that was read, without its folder.
    pub file: String,
    /// Where a file without a title of its own was read: only the file at the same place is its next version. It stays in
    /// this store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// BLAKE3 of the file that was read, in hexadecimal.
    pub source_hash: String,
    /// The day of the import: known to us from then on.
    pub known_from: Day,
    /// The day on which a newer version took its place. `None`: in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_to: Option<Day>,
    /// The pack that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<PackId>,
    /// Labels accepted.
    pub accepted: u64,
    /// Entries in quarantine.
    pub quarantined: u64,
}

impl Entry {
    /// Whether the pack is in use.
    pub const fn is_live(&self) -> bool {
        self.known_to.is_none()
    }

    /// Whether the pack was in use at the end of `day`, as far as this store knew then.
    pub fn was_known_on(&self, day: Day) -> bool {
        self.known_from <= day && self.known_to.is_none_or(|to| day < to)
    }

    /// How the entry's version stands to a newly read one of the same series.
    pub(crate) fn against(&self, new: &PackInfo) -> Standing {
        match (self.as_of, new.as_of) {
            (Some(old), Some(new)) if old > new => Standing::Newer,
            (Some(old), Some(new)) if old < new => Standing::Older,
            // the same day, or a day that is not known: the same part is a correction, another part stands beside it
            _ if self.part == new.part => Standing::Older,
            _ => Standing::Beside,
        }
    }
}

/// How a stored version stands to a newly read one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    Older,
    Newer,
    Beside,
}

#[derive(Serialize, Deserialize)]
struct Body {
    athar_labels: u32,
    entries: Vec<Entry>,
    /// BLAKE3 of each decision's file, in the order of the decisions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<String>,
}

/// What the series of a file without a title begins with.
pub(crate) const BY_PLACE: &str = "file:";

const VERSION: u32 = 1;
pub(crate) const NAME: &str = "manifest.json";

/// Reads the manifest of a folder; an absent one is an empty store.
pub(crate) fn read(dir: &Path) -> Result<(Vec<Entry>, Vec<String>), LabelError> {
    let path = dir.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(LabelError::corrupt(&path, error)),
        Err(error) => return Err(LabelError::io(&path)(error)),
    };
    let (checksum, body) = text.split_once('\n').ok_or_else(|| LabelError::corrupt(&path, "no checksum line"))?;
    if blake3::hash(body.as_bytes()).to_hex().as_str() != checksum {
        return Err(LabelError::corrupt(&path, "the checksum in its first line does not match"));
    }
    let body: Body = serde_json::from_str(body).map_err(|error| LabelError::corrupt(&path, error))?;
    if body.athar_labels != VERSION {
        let message = format!("version {} is not known, only {VERSION}", body.athar_labels);
        return Err(LabelError::corrupt(&path, message));
    }
    Ok((body.entries, body.decisions))
}

/// Replaces the manifest: the commit.
pub(crate) fn write(disk: &Disk, dir: &Path, entries: &[Entry], decisions: &[String]) -> Result<(), LabelError> {
    let path = dir.join(NAME);
    let body = Body { athar_labels: VERSION, entries: entries.to_vec(), decisions: decisions.to_vec() };
    let body = serde_json::to_string_pretty(&body).map_err(|error| LabelError::corrupt(&path, error))?;
    let checksum = blake3::hash(body.as_bytes()).to_hex();
    Ok(disk.replace(&path, format!("{checksum}\n{body}").as_bytes())?)
}
