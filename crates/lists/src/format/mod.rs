//! Reading lists: the format told by content, one importer a format, and what they share.

mod by_asset;
mod eu_annex;
mod eu_xml;
mod ftm;
mod names_csv;
mod nbctf;
mod ofac_advanced;
mod ofac_crypto;
mod ofac_csv;
mod table;
mod uk_csv;
mod uk_xml;
mod un;
mod words;

pub use names_csv::read_names_csv;

use crate::entry::ListEntry;
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, ListInfo, Report, shown};
use crate::source::{Limits, Text};
use crate::xml::Xml;
use athar_types::Day;
use encoding_rs::Encoding;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What reading a list is told besides its file.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The list's id, instead of what the file says.
    pub list: Option<String>,
    /// The day of the version, instead of what the file says.
    pub as_of: Option<Day>,
    /// Where the file was obtained.
    pub origin: Option<String>,
    /// The licence of the file.
    pub license: Option<String>,
    /// Character encoding of a table (`windows-1256`), instead of what its content says.
    pub encoding: Option<String>,
    /// Bounds.
    pub limits: Limits,
}

impl ReadOptions {
    fn encoding(&self, path: &Path) -> Result<Option<&'static Encoding>, ListError> {
        let Some(name) = &self.encoding else { return Ok(None) };
        let found = Encoding::for_label(name.as_bytes());
        let message = || format!("no encoding is called `{}`", shown(name));
        found.map(Some).ok_or_else(|| ListError::malformed(path, 1, 0, message()))
    }
}

/// Reads a text file whole, in the encoding that its mark or its bytes show or that the options name: the text, the BLAKE3
/// of the file in hexadecimal, and the name of the encoding.
///
/// # Errors
/// The file cannot be read, is larger than the limits allow, is in no known encoding, or changes its encoding at a byte
/// that the error names.
pub fn read_text(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(String, String, String), ListError> {
    let text = text(path.as_ref(), options)?;
    Ok((text.text, text.hash, text.encoding.to_owned()))
}

/// Bytes as text, in the encoding that their mark or content shows or that `encoding` names: the text, the name of the encoding,
/// and whether it was guessed from the content. `path` is what errors name.
///
/// # Errors
/// As [`read_text`].
pub fn decode_text(
    path: &Path,
    bytes: &[u8],
    encoding: Option<&str>,
) -> Result<(String, &'static str, bool), ListError> {
    let options = ReadOptions { encoding: encoding.map(str::to_owned), ..ReadOptions::default() };
    let text = Text::from_bytes(path, bytes, options.encoding(path)?)?;
    Ok((text.text, text.encoding, text.guessed))
}

/// Reads a list, its format told by content. A folder is read as OFAC's addresses by asset; `sdn.csv` and `cons_prim.csv`
/// with their companions in the same folder.
///
/// # Errors
/// A file that is cut off, damaged, hostile or of no known format is refused whole.
pub fn read(path: impl AsRef<Path>, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let path = path.as_ref();
    if path.is_dir() {
        return by_asset::read(path, options);
    }
    let unknown = |message: String| ListError::UnknownFormat { path: path.into(), message };
    let head = head(path)?;
    let begins = head.trim_start_matches('\u{feff}').trim_start();
    match begins.chars().next() {
        None => Err(unknown("the file is empty".into())),
        Some('<') => {
            let root = Xml::open(path, &options.limits)?.root()?;
            match root.name.as_str() {
                "CONSOLIDATED_LIST" => un::read(path, options),
                "Sanctions" => ofac_advanced::read(path, options),
                "export" => eu_xml::read(path, options),
                "Designations" => uk_xml::read(path, options),
                name => Err(unknown(format!("its root element is `{}`", shown(name)))),
            }
        }
        Some('[') => by_asset::read(path, options),
        Some('{') => ftm::read(text(path, options)?, options),
        Some(_) => table::read(text(path, options)?, options),
    }
}

fn text(path: &Path, options: &ReadOptions) -> Result<Text, ListError> {
    Text::read(path, &options.limits, options.encoding(path)?)
}

/// The beginning of a file, decoded as far as telling its format needs.
fn head(path: &Path) -> Result<String, ListError> {
    let file = File::open(path).map_err(ListError::io(path))?;
    let mut raw = Vec::new();
    file.take(4096).read_to_end(&mut raw).map_err(ListError::io(path))?;
    let encoding = Encoding::for_bom(&raw).map_or(encoding_rs::UTF_8, |(encoding, _)| encoding);
    Ok(encoding.decode(&raw).0.into_owned())
}

/// What a list says of itself as a whole.
pub(crate) struct Header {
    pub(crate) list: String,
    pub(crate) title: String,
    pub(crate) format: ListFormat,
    pub(crate) as_of: Option<Day>,
}

/// Where a list was read from.
pub(crate) struct Provenance {
    pub(crate) hash: String,
    pub(crate) bytes: u64,
    pub(crate) encoding: &'static str,
}

impl Provenance {
    fn of(text: &Text, report: &mut Report) -> Self {
        if text.guessed {
            report.notes.push(format!("not UTF-8: read as {}, which gives Arabic text", text.encoding));
        }
        Self { hash: text.hash.clone(), bytes: text.bytes, encoding: text.encoding }
    }
}

impl From<(String, u64, &'static str)> for Provenance {
    fn from((hash, bytes, encoding): (String, u64, &'static str)) -> Self {
        Self { hash, bytes, encoding }
    }
}

/// Collects entries, checks what every entry must have, and tells what is wrong.
#[derive(Default)]
pub(crate) struct Collector {
    entries: Vec<ListEntry>,
    pub(crate) report: Report,
    ids: HashMap<String, u32>,
}

impl Collector {
    /// Adds an entry. `nameless`: its list gives no names.
    pub(crate) fn push(&mut self, mut entry: ListEntry, nameless: bool) {
        let line = entry.line;
        if entry.id.is_empty() {
            entry.id = entry.primary_name().map_or_else(|| format!("line {line}"), str::to_owned);
            self.report.defect(line, &entry.id, ListDefectKind::NoReference, "");
        }
        let times = self.ids.entry(entry.id.clone()).or_default();
        *times += 1;
        if *times > 1 {
            self.report.defect(line, &entry.id, ListDefectKind::RepeatedReference, &entry.id);
            entry.id = format!("{}#{times}", entry.id);
        }
        if entry.names.is_empty() && !nameless {
            self.report.defect(line, &entry.id, ListDefectKind::NoName, "");
        }
        for name in &entry.names {
            for (kind, found) in [
                (ListDefectKind::ControlCharacter, name.text.chars().any(char::is_control)),
                (ListDefectKind::BidiCharacter, name.text.chars().any(is_hidden)),
                (ListDefectKind::DamagedText, name.text.contains('\u{fffd}')),
            ] {
                if found {
                    self.report.defect(line, &entry.id, kind, &name.text);
                }
            }
        }
        self.entries.push(entry);
    }

    /// A date of an entry: `None` and a defect where it cannot be read as a whole day.
    pub(crate) fn day(&mut self, line: u32, id: &str, text: &str) -> Option<Day> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let found = crate::date::day(text);
        if found.is_none() {
            self.report.defect(line, id, ListDefectKind::Date, text);
        }
        found
    }

    pub(crate) fn finish(self, header: Header, from: Provenance, options: &ReadOptions) -> (List, Report) {
        let info = ListInfo {
            list: options.list.clone().unwrap_or(header.list),
            title: header.title,
            format: header.format,
            as_of: options.as_of.or(header.as_of),
            source_hash: from.hash,
            source_bytes: from.bytes,
            encoding: from.encoding.into(),
            origin: options.origin.clone(),
            license: options.license.clone(),
            entries: self.entries.len() as u64,
            defects: self.report.total(),
        };
        (List { info, entries: self.entries }, self.report)
    }
}

/// Characters that change the direction of writing, or that nobody sees. The joiners that Persian and Urdu are written
/// with are none of them.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}
