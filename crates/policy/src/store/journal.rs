//! The journal of decisions about policies: the one file whose replacement is a commit.

use crate::error::PolicyError;
use crate::exact::shown;
use athar_disk::Disk;
use athar_types::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What was decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Added, or taken up again: it is on test.
    Add,
    /// It decides from now on; what decided before is kept idle.
    Activate,
    /// It is no longer on test.
    Retire,
}

/// One line of the journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The day.
    #[schemars(with = "String")]
    pub day: Day,
    /// What was decided.
    pub kind: EventKind,
    /// Name of the policy.
    pub name: String,
    /// Its version.
    pub version: String,
}

#[derive(Serialize, Deserialize)]
struct Body {
    athar_policies: u32,
    events: Vec<Event>,
}

const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
/// Lines of the journal, at most.
const EVENTS_MAX: usize = 100_000;

/// Replaces the journal: the commit.
pub(super) fn write(disk: &Disk, dir: &Path, events: &[Event]) -> Result<(), PolicyError> {
    if events.len() > EVENTS_MAX {
        return Err(PolicyError::Refused { what: format!("journal is full: {EVENTS_MAX} decisions") });
    }
    let path = dir.join(MANIFEST);
    let body = serde_json::to_string_pretty(&Body { athar_policies: FORMAT, events: events.to_vec() })
        .map_err(|error| PolicyError::Corrupt { path: path.clone(), what: error.to_string() })?;
    let checksum = blake3::hash(body.as_bytes()).to_hex();
    Ok(disk.replace(&path, format!("{checksum}\n{body}").as_bytes())?)
}

/// Reads the journal; one that is not there is empty.
pub(super) fn read(dir: &Path) -> Result<Vec<Event>, PolicyError> {
    let path = dir.join(MANIFEST);
    let corrupt = |what: String| PolicyError::Corrupt { path: path.clone(), what };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(corrupt(error.to_string())),
        Err(source) => return Err(PolicyError::Read { path, source }),
    };
    let (checksum, body) = text.split_once('\n').ok_or_else(|| corrupt("no checksum line".into()))?;
    if blake3::hash(body.as_bytes()).to_hex().as_str() != checksum {
        return Err(corrupt("the checksum in its first line does not match".into()));
    }
    let body: Body = serde_json::from_str(body).map_err(|error| corrupt(error.to_string()))?;
    if body.athar_policies != FORMAT {
        return Err(corrupt(format!("version {} is not known, only {FORMAT}", body.athar_policies)));
    }
    let is_hash = |v: &str| v.len() == 64 && v.bytes().all(|b| b.is_ascii_hexdigit());
    match body.events.iter().find(|e| !is_hash(&e.version)) {
        Some(event) => Err(corrupt(format!("`{}` is no version", shown(&event.version)))),
        None => Ok(body.events),
    }
}
