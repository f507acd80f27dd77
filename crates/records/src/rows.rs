//! A file as rows: CSV, JSON lines, or one JSON array of objects; what it is its first bytes decide.
//!
//! Rows are read one by one and none is longer than [`ROW_BYTES_MAX`], so a file of any length needs the same memory. Columns that the map
//! does not use are passed over and never stored; their names are told, so that nothing is left out in silence.

use crate::map::Map;
use crate::reason::Reason;
use crate::{Field, RecordsError};
use serde::de::{DeserializeSeed, Deserializer as _, SeqAccess, Visitor};
use serde_json::{Map as Object, Value};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// Bytes of one row.
pub const ROW_BYTES_MAX: u64 = 1 << 20;
/// Unused columns that are named.
pub const UNUSED_MAX: usize = 100;

/// A row: the text of each field that it has, or why it is none.
pub(crate) struct Row<'a> {
    /// Line, from 1; of an array the element.
    pub(crate) line: u64,
    pub(crate) fields: Result<BTreeMap<Field, &'a str>, Reason>,
}

/// What was learned of the columns.
#[derive(Default)]
pub(crate) struct Columns {
    /// Not used by the map.
    pub(crate) unused: BTreeSet<String>,
}

impl Columns {
    fn pass_over(&mut self, name: &str) {
        if self.unused.len() < UNUSED_MAX && !self.unused.contains(name) {
            self.unused.insert(name.chars().filter(|c| !c.is_control()).take(80).collect());
        }
    }
}

/// Reads rows and gives them to `take`, which says why reading ends where it fails.
pub(crate) fn read(
    name: &str,
    from: impl Read,
    map: &Map,
    take: &mut dyn FnMut(Row<'_>) -> Result<(), RecordsError>,
) -> Result<Columns, RecordsError> {
    let left = Rc::new(Cell::new(ROW_BYTES_MAX));
    let mut from = BufReader::with_capacity(1 << 16, from);
    skip_mark(&mut from).map_err(|source| RecordsError::Io { file: name.into(), source })?;
    let first = first(&mut from).map_err(|source| RecordsError::Io { file: name.into(), source })?;
    match first {
        Some(b'[') => array(name, &mut Bounded { from, left: left.clone() }, &left, map, take),
        Some(b'{') => lines(name, &mut from, map, take),
        Some(_) => table(name, &mut from, map, take),
        None => Ok(Columns::default()),
    }
}

/// Passes over the byte order mark that some programs write before UTF-8.
fn skip_mark(from: &mut impl BufRead) -> io::Result<()> {
    let is_marked = from.fill_buf()?.starts_with(b"\xef\xbb\xbf");
    from.consume(if is_marked { 3 } else { 0 });
    Ok(())
}

/// The first byte that is no white space. What comes before it is passed over where it is JSON.
fn first(from: &mut impl BufRead) -> io::Result<Option<u8>> {
    let seen = from.fill_buf()?;
    Ok(seen.iter().copied().find(|b| !b.is_ascii_whitespace()).or(seen.first().copied()))
}

/// A reader that gives no more than is left.
struct Bounded<R> {
    from: BufReader<R>,
    left: Rc<Cell<u64>>,
}

const TOO_LONG: &str = "a row is longer than 1 MiB";

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 && !to.is_empty() {
            return Err(io::Error::other(TOO_LONG));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(to.len());
        let got = self.from.read(&mut to[..most])?;
        self.left.set(left - got as u64);
        Ok(got)
    }
}

/// A table, record by record. A record ends with its line, except inside quotes; carriage returns before the end of a line are passed over,
/// so that the number of a line is the one that an editor shows.
struct Table<'f, R> {
    name: &'f str,
    from: &'f mut BufReader<R>,
    core: csv_core::Reader,
    line: u64,
    raw: Vec<u8>,
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
}

impl<R: Read> Table<'_, R> {
    /// Reads the next record; gives the line that it begins on, `None` at the end.
    fn next(&mut self) -> Result<Option<u64>, RecordsError> {
        let (mut used, mut written, mut first) = (0, 0, None);
        self.fields = 0;
        loop {
            self.raw.clear();
            let io = |source| RecordsError::Io { file: self.name.into(), source };
            used += self.from.take(ROW_BYTES_MAX + 1 - used).read_until(b'\n', &mut self.raw).map_err(io)? as u64;
            if used > ROW_BYTES_MAX {
                let what = format!("{TOO_LONG}: is a quote not closed?");
                return Err(RecordsError::File { file: self.name.into(), line: first.unwrap_or(self.line + 1), what });
            }
            if !self.raw.is_empty() {
                self.line += 1;
                if first.is_none() && self.raw.trim_ascii().is_empty() {
                    used = 0;
                    continue;
                }
                first.get_or_insert(self.line);
                if self.raw.ends_with(b"\r\n") {
                    self.raw.truncate(self.raw.len() - 2);
                    self.raw.push(b'\n');
                }
            }
            let mut input = self.raw.as_slice();
            loop {
                let (result, read, wrote, ended) =
                    self.core.read_record(input, &mut self.text[written..], &mut self.ends[self.fields..]);
                input = &input[read..];
                written += wrote;
                self.fields += ended;
                match result {
                    csv_core::ReadRecordResult::InputEmpty => break,
                    csv_core::ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                    csv_core::ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                    csv_core::ReadRecordResult::Record => return Ok(first),
                    csv_core::ReadRecordResult::End => return Ok(None),
                }
            }
        }
    }

    fn field(&self, n: usize) -> &[u8] {
        let from = if n == 0 { 0 } else { self.ends[n - 1] };
        self.text[from..self.ends[n]].trim_ascii()
    }
}

fn table<R: Read>(
    name: &str,
    from: &mut BufReader<R>,
    map: &Map,
    take: &mut dyn FnMut(Row<'_>) -> Result<(), RecordsError>,
) -> Result<Columns, RecordsError> {
    let core =
        csv_core::ReaderBuilder::new().delimiter(map.delimiter()?).terminator(csv_core::Terminator::Any(b'\n')).build();
    let (raw, text, ends) = (Vec::new(), vec![0; 4_096], vec![0; 64]);
    let mut rows = Table { name, from, core, line: 0, raw, text, ends, fields: 0 };
    let mut columns = Columns::default();
    let Some(head_line) = rows.next()? else { return Ok(columns) };
    let width = rows.fields;
    let mut places: Vec<(Field, usize)> = Vec::new();
    let mut used = BTreeSet::new();
    for field in Field::ALL {
        let column = map.column(field);
        let found: Vec<usize> = (0..width).filter(|n| rows.field(*n) == column.as_bytes()).collect();
        let wrong = match (found.as_slice(), map.columns.contains_key(&field)) {
            ([one], _) => {
                places.push((field, *one));
                used.insert(*one);
                continue;
            }
            ([], false) => continue,
            ([], true) => format!("there is no column `{column}`, which the map gives for `{field}`"),
            _ => format!("more than one column `{column}`"),
        };
        return Err(RecordsError::File { file: name.into(), line: head_line, what: wrong });
    }
    for n in (0..width).filter(|n| !used.contains(n)) {
        columns.pass_over(&String::from_utf8_lossy(rows.field(n)));
    }
    while let Some(line) = rows.next()? {
        let fields = if rows.fields == width {
            let text = |(field, place): &(Field, usize)| match str::from_utf8(rows.field(*place)) {
                Ok(text) => Ok((*field, text.trim())),
                Err(_) => Err(Reason::NotUtf8(*field)),
            };
            places.iter().map(text).filter(|f| !matches!(f, Ok((_, "")))).collect()
        } else {
            Err(Reason::Width { found: rows.fields, head: width })
        };
        take(Row { line, fields })?;
    }
    Ok(columns)
}

fn lines<R: Read>(
    name: &str,
    from: &mut BufReader<R>,
    map: &Map,
    take: &mut dyn FnMut(Row<'_>) -> Result<(), RecordsError>,
) -> Result<Columns, RecordsError> {
    let mut columns = Columns::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let io = |source| RecordsError::Io { file: name.into(), source };
        from.take(ROW_BYTES_MAX + 1).read_until(b'\n', &mut line).map_err(io)?;
        if line.is_empty() {
            break;
        }
        if line.len() as u64 > ROW_BYTES_MAX {
            return Err(RecordsError::File { file: name.into(), line: number, what: TOO_LONG.into() });
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Object<String, Value>>(&line) {
            Ok(object) => of_object(number, &object, map, &mut columns, take)?,
            Err(error) => {
                let column = error.column();
                let object = Reason::NotObject { column: Some(column) };
                let why = if error.is_data() { object } else { Reason::NotJson { column } };
                take(Row { line: number, fields: Err(why) })?;
            }
        }
    }
    Ok(columns)
}

fn array<R: Read>(
    name: &str,
    from: &mut Bounded<R>,
    left: &Cell<u64>,
    map: &Map,
    take: &mut dyn FnMut(Row<'_>) -> Result<(), RecordsError>,
) -> Result<Columns, RecordsError> {
    let mut elements = Elements { left, map, take, columns: Columns::default(), number: 0, stopped: None };
    let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 14, from));
    let done = reader.deserialize_seq(&mut elements).and_then(|()| reader.end());
    if let Some(error) = elements.stopped {
        return Err(error);
    }
    match done {
        Ok(()) => Ok(elements.columns),
        Err(error) => {
            let what = if error.to_string().starts_with(TOO_LONG) {
                TOO_LONG.into()
            } else {
                format!("not JSON, at line {} column {} of the file", error.line(), error.column())
            };
            Err(RecordsError::File { file: name.into(), line: elements.number + 1, what })
        }
    }
}

/// The elements of an array, one by one.
struct Elements<'a> {
    left: &'a Cell<u64>,
    map: &'a Map,
    take: &'a mut dyn FnMut(Row<'_>) -> Result<(), RecordsError>,
    columns: Columns,
    number: u64,
    stopped: Option<RecordsError>,
}

impl<'de> Visitor<'de> for &mut Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            self.left.set(ROW_BYTES_MAX);
            if seq.next_element_seed(Element(self))?.is_none() {
                return Ok(());
            }
        }
    }
}

/// One element.
struct Element<'s, 'a>(&'s mut Elements<'a>);

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        let all = self.0;
        let value = <Value as serde::Deserialize>::deserialize(from)?;
        all.number += 1;
        let done = match &value {
            Value::Object(object) => of_object(all.number, object, all.map, &mut all.columns, all.take),
            _ => (all.take)(Row { line: all.number, fields: Err(Reason::NotObject { column: None }) }),
        };
        done.map_err(|error| {
            all.stopped = Some(error);
            serde::de::Error::custom("stopped")
        })
    }
}

/// Gives an object as a row. Numbers keep their digits as far as JSON's own type does; amounts are best sent as strings.
fn of_object(
    line: u64,
    object: &Object<String, Value>,
    map: &Map,
    columns: &mut Columns,
    take: &mut dyn FnMut(Row<'_>) -> Result<(), RecordsError>,
) -> Result<(), RecordsError> {
    let mut texts: Vec<(Field, Result<String, Reason>)> = Vec::new();
    let mut used = BTreeSet::new();
    for field in Field::ALL {
        let column = map.column(field);
        let mut at = object.get(column);
        let mut top = column;
        if at.is_none()
            && let Some((first, rest)) = column.split_once('.')
        {
            top = first;
            at = rest.split('.').try_fold(object.get(first), |at, key| Some(at?.get(key))).flatten();
        }
        used.insert(top);
        match at {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.trim().is_empty() => {}
            Some(Value::String(text)) => texts.push((field, Ok(text.trim().to_owned()))),
            Some(Value::Number(number)) if number.is_f64() => texts.push((field, decimal(field, &number.to_string()))),
            Some(Value::Number(number)) => texts.push((field, Ok(number.to_string()))),
            Some(_) => texts.push((field, Err(Reason::NotText(field)))),
        }
    }
    for name in object.keys().filter(|name| !used.contains(name.as_str())) {
        columns.pass_over(name);
    }
    let fields = texts.iter().map(|(field, text)| match text {
        Ok(text) => Ok((*field, text.as_str())),
        Err(why) => Err(*why),
    });
    take(Row { line, fields: fields.collect() })
}

/// A number with a fraction: as it was written, as far as a binary fraction shows it with no more than 15 digits, which is all that it holds
/// for certain.
fn decimal(field: Field, text: &str) -> Result<String, Reason> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > 15 || text.contains(['e', 'E']) {
        return Err(Reason::Digits(field));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], map: &Map) -> Result<(Vec<String>, Columns), RecordsError> {
        let mut rows = Vec::new();
        let columns = read("f", text, map, &mut |row| {
            let fields = match row.fields {
                Ok(fields) => fields.iter().map(|(f, v)| format!("{f}={v}")).collect::<Vec<_>>().join(" "),
                Err(why) => why.said().en,
            };
            rows.push(format!("{}: {fields}", row.line));
            Ok(())
        })?;
        Ok((rows, columns))
    }

    #[test]
    fn three_forms_give_the_same_rows() {
        let map = Map::from_line("serial=code,account=user.id").unwrap();
        let csv = "\u{feff}code,user.id,note\r\nA1,7,x\r\n\r\n\"B\n2\",8,y\n";
        let array = r#"[{"code":"A1","user":{"id":7},"note":"x"},{"code":"B\n2","user":{"id":"8"},"note":null}]"#;
        let lines = "{\"code\":\"A1\",\"user\":{\"id\":7},\"note\":1}\n\n{\"code\":\"B\\n2\",\"user.id\":8}\n";
        let (rows, columns) = all(csv.as_bytes(), &map).unwrap();
        assert_eq!(rows, ["2: serial=A1 account=7", "4: serial=B\n2 account=8"]);
        assert_eq!(columns.unused.into_iter().collect::<Vec<_>>(), ["note"]);
        let (rows, columns) = all(array.as_bytes(), &map).unwrap();
        assert_eq!(rows, ["1: serial=A1 account=7", "2: serial=B\n2 account=8"]);
        assert_eq!(columns.unused.into_iter().collect::<Vec<_>>(), ["note"]);
        assert_eq!(all(lines.as_bytes(), &map).unwrap().0, ["1: serial=A1 account=7", "3: serial=B\n2 account=8"]);
        assert!(all(b"", &map).unwrap().0.is_empty());
    }

    #[test]
    fn bad_rows_are_told_and_the_others_read() {
        let map = Map::default();
        let (rows, _) = all(b"serial,account\na,1\nb\nc,\xff\nd,2\n", &map).unwrap();
        assert_eq!(
            rows,
            [
                "2: serial=a account=1",
                "3: 1 columns where the head has 2",
                "4: account: not in UTF-8",
                "5: serial=d account=2"
            ]
        );
        let (rows, _) = all(b"{\"serial\":\"a\"}\n{\"serial\":\n[1]\n{\"serial\":{}}\n{\"amount\":0.1}\n{\"amount\":123456789.12345678}\n", &map).unwrap();
        assert_eq!(
            rows[1..4],
            [
                "2: not JSON, at column 0".to_owned(),
                "3: not a JSON object, at column 0".into(),
                "4: serial: not a text or a number".into()
            ]
        );
        assert_eq!(rows[4], "5: amount=0.1");
        assert!(rows[5].contains("send it as a string"), "{}", rows[5]);
    }

    #[test]
    fn a_file_that_cannot_be_read_on_names_its_place() {
        let map = Map::from_line("serial=code").unwrap();
        let error = all(b"a,b\n1,2\n", &map).err().unwrap().to_string();
        assert_eq!(error, "f: line 1: there is no column `code`, which the map gives for `serial`");
        let error = all(b"code,code\n1,2\n", &map).err().unwrap().to_string();
        assert_eq!(error, "f: line 1: more than one column `code`");
        let open = [b"code,x\na,1\n\"".as_slice(), &vec![b'x'; 3 << 20]].concat();
        let error = all(&open, &map).err().unwrap().to_string();
        assert!(error.starts_with("f: line 3: a row is longer than 1 MiB"), "{error}");
        let long = [b"{\"code\":\"".as_slice(), &vec![b'x'; 3 << 20]].concat();
        assert!(all(&long, &map).err().unwrap().to_string().starts_with("f: line 1: a row is longer"));
        let long = [b"[{\"code\":\"1\"},{\"code\":\"".as_slice(), &vec![b'x'; 3 << 20]].concat();
        let error = all(&long, &map).err().unwrap().to_string();
        assert!(error.starts_with("f: line 2: a row is longer"), "{error}");
        let error = all(b"[{\"code\":\"1\"},{\"code\":", &map).err().unwrap().to_string();
        assert!(error.starts_with("f: line 2: not JSON, at line 1 column 22"), "{error}");
    }
}
