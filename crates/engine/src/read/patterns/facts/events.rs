//! Dated events around which gifts may rise: `patterns/events.csv` in the store, one event a line.
//!
//! Columns by name: `day` (2023-10-07), `title` or `event`, and where wanted `id`, `country`, `source`.

use crate::error::EngineError;
use athar_patterns::DatedEvent;
use athar_types::{Day, UnixTime};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The file in a store.
pub(crate) const EVENTS_FILE: &str = "patterns/events.csv";
/// Longest file in bytes.
pub(crate) const EVENTS_BYTES_MAX: u64 = 4 << 20;
/// Events at most.
const EVENTS_MAX: usize = 20_000;
/// Characters of a title or id.
const CHARS_MAX: usize = 500;

/// The events of the store in `folder`, ascending; none where there is no file.
pub(crate) fn read_events(folder: &Path) -> Result<Vec<DatedEvent>, EngineError> {
    let path = folder.join(EVENTS_FILE);
    let io = |source| EngineError::Io { path: path.clone(), source };
    match fs::metadata(&path) {
        Ok(meta) if meta.len() > EVENTS_BYTES_MAX => {
            return Err(wrong(&path, 1, format!("the file has more than {EVENTS_BYTES_MAX} bytes")));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io(error)),
    }
    parse_events(&path, &fs::read(&path).map_err(io)?)
}

fn wrong(path: &Path, line: u64, what: impl Into<String>) -> EngineError {
    EngineError::Input { path: path.into(), line, what: what.into() }
}

/// The events of a file's content, ascending by day and id. `path` names it in errors.
pub(crate) fn parse_events(path: &Path, content: &[u8]) -> Result<Vec<DatedEvent>, EngineError> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(content);
    let bad = |error: &csv::Error| wrong(path, error.position().map_or(1, csv::Position::line), error.to_string());
    let header = reader.headers().map_err(|error| bad(&error))?.clone();
    let column = |names: &[&str]| header.iter().position(|h| names.contains(&h.to_ascii_lowercase().as_str()));
    let day = column(&["day", "date"]).ok_or_else(|| wrong(path, 1, "has no column `day`"))?;
    let title = column(&["title", "event"]).ok_or_else(|| wrong(path, 1, "has no column `title` or `event`"))?;
    let id = column(&["id"]);
    let (mut events, mut ids) = (Vec::new(), BTreeSet::new());
    for row in reader.records() {
        let row = row.map_err(|error| bad(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        if events.len() == EVENTS_MAX {
            return Err(wrong(path, line, format!("more than {EVENTS_MAX} events")));
        }
        let text = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
        let written = text(Some(day));
        let read: Option<Day> = written.parse().ok();
        let seconds = read.and_then(|day| u32::try_from(i64::from(day.0) * 86_400).ok());
        let Some(seconds) = seconds else {
            return Err(wrong(path, line, format!("`{}` is no day as 2023-10-07", crate::shortened(written))));
        };
        let (title, id) = (text(Some(title)), text(id));
        if title.is_empty() || title.chars().count() > CHARS_MAX || id.chars().count() > CHARS_MAX {
            return Err(wrong(path, line, format!("the title must have 1 to {CHARS_MAX} characters, an id as many")));
        }
        let id = if id.is_empty() { format!("event-{}", events.len() + 1) } else { id.to_owned() };
        if !ids.insert(id.clone()) {
            return Err(wrong(path, line, format!("the id {} stands twice", crate::shortened(&id))));
        }
        events.push(DatedEvent { id, time: UnixTime(seconds), title: title.to_owned() });
    }
    events.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<DatedEvent>, String> {
        parse_events(Path::new("events.csv"), text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn events_come_in_order_of_their_day() {
        let read = parse("\u{feff}day,event,country,source\n2018-05-06,B,SY,s\n2018-05-01,\"A, quoted\",,\n").unwrap();
        assert_eq!(read.iter().map(|e| e.title.as_str()).collect::<Vec<_>>(), ["A, quoted", "B"]);
        assert_eq!((read[1].time.day().to_string(), read[1].id.as_str()), ("2018-05-06".into(), "event-1"));
        assert!(parse("id,day,title\n").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, what) in [
            ("when,title\n", "line 1: has no column `day`"),
            ("day,what\n", "line 1: has no column `title` or `event`"),
            ("day,title\n2018-02-30,A\n", "line 2: `2018-02-30` is no day"),
            ("day,title\n1969-12-31,A\n", "line 2: `1969-12-31` is no day"),
            ("day,title\n2018-02-03,\n", "line 2: the title must have"),
            ("day,title\n2018-02-03,A,B\n", "line 2"),
            ("id,day,title\nx,2018-02-03,A\nx,2018-02-04,B\n", "line 3: the id x stands twice"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
        let many: String = (0..=EVENTS_MAX).map(|_| "2018-02-03,A\n").collect();
        assert!(parse(&format!("day,title\n{many}")).unwrap_err().contains("more than 20000 events"));
    }

    #[test]
    fn a_store_without_the_file_has_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read_events(folder.path()).unwrap().is_empty());
        fs::create_dir(folder.path().join("patterns")).unwrap();
        fs::write(folder.path().join(EVENTS_FILE), "day,title\n2020-01-01,A\n").unwrap();
        assert_eq!(read_events(folder.path()).unwrap().len(), 1);
    }
}
