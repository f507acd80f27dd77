//! Lines of JSON, appended to a file or printed.

use super::Parcel;
use crate::webhook::SendError;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Appends a line and has it on the disk before the delivery counts. A line that a killed process left unfinished is ended first.
pub(super) fn append(path: &Path, parcel: &Parcel<'_>) -> Result<(), SendError> {
    let run = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("is no file"));
        }
        let mut line = parcel.line();
        if !ends_with_line(&mut file)? {
            line.insert(0, '\n');
        }
        // one write: lines of several processes do not mix
        file.write_all(line.as_bytes())?;
        file.sync_data()
    };
    run().map_err(|error| SendError::Failed(format!("{}: {error}", path.display())))
}

fn ends_with_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Prints a line.
pub(super) fn print(parcel: &Parcel<'_>) -> Result<(), SendError> {
    let mut out = io::stdout().lock();
    let done = out.write_all(parcel.line().as_bytes()).and_then(|()| out.flush());
    done.map_err(|error| SendError::Failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_is_ended_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alerts.jsonl");
        std::fs::write(&path, "{\"delivery\":1,\"att").unwrap();
        let parcel = Parcel { delivery: 1, attempt: 2, event: "e", kind: "k", body: "{}", now: 0 };
        append(&path, &parcel).unwrap();
        append(&path, &parcel).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1..].iter().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{text}");
        assert!(append(folder.path(), &parcel).unwrap_err().to_string().contains(&folder.path().display().to_string()));
    }
}
