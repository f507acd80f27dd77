//! Dated events, kept in the store for the patterns that look around them.

use crate::error::EngineError;
use crate::read::{EVENTS_FILE, parse_events, read_events};
use athar_ledger::{Disk, Store, StoreLock};
use schemars::JsonSchema;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// What an import of events did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EventsImport {
    /// Events in the file, which took the place of those before.
    pub events: u64,
    /// How many there were before.
    pub before: u64,
    /// Day of the first.
    pub first: Option<String>,
    /// Day of the last.
    pub last: Option<String>,
}

/// Reads a file of events, checks it whole, and puts it in the place of the store's events. What was stored stays where the file is
/// wrong; the error names the line.
pub fn import_events(folder: &Path, file: &Path) -> Result<EventsImport, EngineError> {
    let bytes = content(file)?;
    let events = parse_events(file, &bytes)?;
    let lock = StoreLock::take(folder)?;
    let disk = Store::open_for_writing(folder, &lock, Disk::default())?.disk().clone();
    // what cannot be read is replaced all the same
    let before = read_events(folder).map_or(0, |events| events.len() as u64);
    let path = folder.join(EVENTS_FILE);
    if let Some(parent) = path.parent() {
        disk.create_folder(parent)?;
    }
    disk.replace(&path, &bytes)?;
    let day = |event: Option<&athar_patterns::DatedEvent>| event.map(|event| event.time.day().to_string());
    Ok(EventsImport { events: events.len() as u64, before, first: day(events.first()), last: day(events.last()) })
}

/// The content of a file that is not too long.
fn content(file: &Path) -> Result<Vec<u8>, EngineError> {
    let io = |source| EngineError::Io { path: file.into(), source };
    if fs::metadata(file).map_err(io)?.len() > crate::read::EVENTS_BYTES_MAX {
        let what = format!("the file has more than {} bytes", crate::read::EVENTS_BYTES_MAX);
        return Err(EngineError::Input { path: file.into(), line: 1, what });
    }
    fs::read(file).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_the_place_of_the_one_before_and_a_wrong_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (store, file) = (folder.path().join("store"), folder.path().join("events.csv"));
        fs::write(&file, "day,event,country,source\n2018-05-06,A,SY,s\n2018-05-01,B,,\n").unwrap();
        let import = import_events(&store, &file).unwrap();
        assert_eq!((import.events, import.before, import.first.as_deref()), (2, 0, Some("2018-05-01")));
        fs::write(&file, "day,event\n2018-05-06,A\nnever,B\n").unwrap();
        assert!(import_events(&store, &file).unwrap_err().to_string().contains("line 3: `never` is no day"));
        assert_eq!(read_events(&store).unwrap().len(), 2);
        fs::write(&file, "day,event\n").unwrap();
        let import = import_events(&store, &file).unwrap();
        assert_eq!((import.events, import.before, import.last), (0, 2, None));
        assert!(import_events(&store, &folder.path().join("none.csv")).is_err());
    }
}
