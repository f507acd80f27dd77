//! Chats as tables: CSV with a line of names, as scrapers and forensic tools write them.

use super::columns::{self, ChatColumns, Part};
use super::said::{Placed, Said};
use crate::charset::Decoder;
use crate::passage::Passage;
use crate::reader::{Desk, Hashing};
use crate::troubles::Troubles;
use crate::{Document, SegmentKind, Stop, Trouble, TroubleKind};
use csv_core::ReadFieldResult;
use std::io::{self, BufRead};
use std::ops::ControlFlow;

/// Bytes of a field that are looked at together. A longer one, which mostly is a quote that never closes, is read as plain text.
const FIELD_BYTES_MAX: usize = 8 << 20;
/// Columns of a table.
const COLUMNS_MAX: usize = 1_000;
/// Bytes that a value of a column of no known meaning has at least to be read. The shortest address has 25.
pub(crate) const OTHER_BYTES_MIN: usize = 20;

/// Whether the first line of a file names the columns of a chat.
pub(crate) fn is_chat(head: &[u8], columns: Option<&ChatColumns>) -> bool {
    let Some(delimiter) = delimiter(head) else { return false };
    let mut inner = head;
    let mut bytes = Hashing::new(&mut inner);
    let mut fields = Fields::new(&mut bytes, delimiter);
    matches!(fields.row(), Ok(Some(row)) if ChatColumns::among(columns, &names(&row)).is_some())
}

/// What parts the columns, by the first line.
fn delimiter(head: &[u8]) -> Option<u8> {
    let line = head.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    let count = |delimiter: u8| line.iter().filter(|b| **b == delimiter).count();
    [b',', b';', b'\t', b'|']
        .into_iter()
        .max_by_key(|delimiter| (count(*delimiter), *delimiter == b','))
        .filter(|d| count(*d) > 0)
}

fn names(row: &[Field]) -> Vec<String> {
    row.iter().map(|field| field.placed().text.trim_start_matches('\u{feff}').to_owned()).collect()
}

/// Reads a table.
pub(crate) fn read(document: Document, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>) -> Stop {
    let delimiter = delimiter(bytes.head()).unwrap_or(b',');
    desk.document(document, bytes, |desk, bytes| {
        let mut troubles = Troubles::default();
        let stop = rows(delimiter, bytes, desk, &mut troubles);
        troubles.close(desk.sink);
        stop
    })
}

fn rows(delimiter: u8, bytes: &mut Hashing<'_>, desk: &mut Desk<'_>, troubles: &mut Troubles) -> Stop {
    let wanted = desk.chat_columns();
    let mut fields = Fields::new(bytes, delimiter);
    let mut parts = None;
    let mut told_time = false;
    loop {
        let row = match fields.row() {
            Ok(Some(row)) => row,
            Ok(None) => return ControlFlow::Continue(()),
            Err(error) => {
                troubles.tell(desk.sink, Trouble::io(&error, Some(fields.bytes.position())));
                return ControlFlow::Continue(());
            }
        };
        let Some(parts) = &parts else {
            match ChatColumns::among(wanted.as_deref(), &names(&row)) {
                Some(found) => parts = Some(found),
                None => {
                    let words = "no column of a text is named; it is read as plain text".to_owned();
                    troubles.tell(desk.sink, Trouble { kind: TroubleKind::Malformed, offset: Some(0), words });
                    for field in &row {
                        as_text(&field.placed(), desk)?;
                    }
                    return crate::text::read_rest(None, fields.bytes, desk);
                }
            }
            continue;
        };
        let offset = row.first().map(|field| field.offset);
        let mut said = Said::default();
        for (i, field) in row.iter().enumerate() {
            let placed = field.placed();
            if field.cut {
                let words = format!("a field of more than {FIELD_BYTES_MAX} bytes is read as plain text");
                troubles.tell(desk.sink, Trouble { kind: TroubleKind::Bound, offset: Some(field.offset), words });
                as_text(&placed, desk)?;
                // where its quote closes is not worth believing
                crate::text::read_rest(None, fields.bytes, desk)?;
                continue;
            }
            match parts.iter().find(|(_, at)| *at == i) {
                Some((Part::Text, _)) => said.text = placed,
                Some((part, _)) => {
                    let read = columns::set(&mut said, *part, &placed.text);
                    if !read && !std::mem::replace(&mut told_time, true) {
                        let words =
                            format!("times like {:?} are not read", placed.text.chars().take(40).collect::<String>());
                        troubles.tell(desk.sink, Trouble { kind: TroubleKind::Malformed, offset, words });
                    }
                }
                None if placed.text.len() >= OTHER_BYTES_MIN => said.add_value(placed),
                None => {}
            }
        }
        said.give(desk)?;
    }
}

fn as_text(placed: &Placed, desk: &mut Desk<'_>) -> Stop {
    let mut passage = Passage::new(SegmentKind::Text, desk);
    placed.pour(&mut passage, desk)?;
    passage.flush(desk)
}

/// A field as it was read.
#[derive(Debug)]
struct Field {
    bytes: Vec<u8>,
    /// Where its first byte stands, behind the quote.
    offset: u64,
    quoted: bool,
    cut: bool,
}

impl Field {
    /// Its text, with places: in a quoted field each quote stands there twice.
    fn placed(&self) -> Placed {
        let mut placed = Placed::default();
        let mut at = self.offset;
        let mut rest = &self.bytes[..];
        if std::str::from_utf8(rest).is_err() {
            // an old encoding; places inside are those of its bytes, but for doubled quotes
            let mut decoder = Decoder::new(None, at);
            let _ = decoder.decode(rest, true, &mut |text, marks| {
                for (i, (from, source)) in marks.iter().enumerate() {
                    let to = marks.get(i + 1).map_or(text.len(), |(next, _)| *next as usize);
                    placed.push(text.get(*from as usize..to).unwrap_or_default(), Some(*source));
                }
                ControlFlow::Continue(())
            });
            return placed;
        }
        while let Some(quote) = memchr::memchr(b'"', rest).filter(|_| self.quoted) {
            let (part, after) = rest.split_at(quote + 1);
            placed.push_bytes(part, at);
            at += part.len() as u64 + 1;
            rest = after;
        }
        placed.push_bytes(rest, at);
        placed
    }
}

/// The fields of a table, row by row.
struct Fields<'b, 'r> {
    bytes: &'b mut Hashing<'r>,
    reader: csv_core::Reader,
}

impl<'b, 'r> Fields<'b, 'r> {
    fn new(bytes: &'b mut Hashing<'r>, delimiter: u8) -> Self {
        Self { bytes, reader: csv_core::ReaderBuilder::new().delimiter(delimiter).build() }
    }

    /// The next row; `None` at the end. A field that is too long ends it.
    fn row(&mut self) -> io::Result<Option<Vec<Field>>> {
        let mut row = Vec::new();
        // empty lines are no rows, and a mark of UTF-8 is no text
        while let Some(byte) = self.bytes.fill_buf()?.first().copied() {
            let mark = self.bytes.position() < 3 && matches!(byte, 0xef | 0xbb | 0xbf);
            if !matches!(byte, b'\r' | b'\n') && !mark {
                break;
            }
            self.bytes.consume(1);
        }
        if self.bytes.fill_buf()?.is_empty() {
            return Ok(None);
        }
        loop {
            let quoted = self.bytes.fill_buf()?.first() == Some(&b'"');
            let offset = self.bytes.position() + u64::from(quoted);
            let mut field = Field { bytes: Vec::new(), offset, quoted, cut: false };
            let ended = self.field(&mut field)?;
            let cut = field.cut;
            row.push(field);
            if ended || cut || row.len() >= COLUMNS_MAX {
                return Ok(Some(row));
            }
        }
    }

    /// Reads a field; whether its row ends with it.
    fn field(&mut self, field: &mut Field) -> io::Result<bool> {
        let mut out = [0; 4096];
        loop {
            let input = self.bytes.fill_buf()?;
            let (result, taken, given) = self.reader.read_field(input, &mut out);
            field.bytes.extend_from_slice(&out[..given]);
            self.bytes.consume(taken);
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull if field.bytes.len() > FIELD_BYTES_MAX => {
                    field.cut = true;
                    return Ok(true);
                }
                ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => return Ok(record_end),
                ReadFieldResult::End => return Ok(true),
            }
            if field.bytes.len() > FIELD_BYTES_MAX {
                field.cut = true;
                return Ok(true);
            }
        }
    }
}
