//! Reading files of every known format: bounds, recognition by content, one importer per format.
//!
//! An entry that is wrong is kept in quarantine and told; a file that breaks its own format is refused whole.

mod actorpack;
mod builder;
mod dwva;
mod nbctf;
mod ofac_csv;
mod ofac_json;
mod official;
mod plain_csv;
mod plain_yaml;
mod source;
mod subject;
mod table;
mod tagpack;
mod yaml;

use crate::error::LabelError;
use crate::pack::{Draft, Format};
use crate::report::ImportReport;
use athar_types::{Day, Network};
pub use official::official_meaning;
pub(crate) use official::{read_list, series};
use source::Source;
use std::collections::BTreeMap;
use std::path::Path;

/// How large a file may be that is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of a file.
    pub bytes_max: u64,
    /// Bytes of a line, its end included.
    pub line_bytes_max: usize,
    /// Levels of nesting in YAML.
    pub depth_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes_max: 64 << 20, line_bytes_max: 1 << 20, depth_max: 64 }
    }
}

/// What an import is told besides the files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportOptions {
    /// The day of the import: the labels are known to us from then on. The store has no clock.
    pub day: Day,
    /// The network of Bitcoin addresses.
    pub network: Network,
    /// The licence of the files, where the user states one.
    pub license: Option<String>,
    /// What the files are versions of, instead of what their content says.
    pub series: Option<String>,
    /// The day of the version, instead of what their content or name says.
    pub as_of: Option<Day>,
    /// For a table of any origin: its column for each field of the project's own table. `address` must be among the fields.
    pub columns: BTreeMap<String, String>,
    /// Character encoding of the files (`windows-1256`), instead of what their content says.
    pub encoding: Option<String>,
    /// Bounds.
    pub limits: Limits,
}

impl ImportOptions {
    /// The usual options for an import on that day.
    pub fn new(day: Day) -> Self {
        Self {
            day,
            network: Network::Mainnet,
            license: None,
            series: None,
            as_of: None,
            columns: BTreeMap::new(),
            encoding: None,
            limits: Limits::default(),
        }
    }
}

/// Reads and checks one file without storing it.
pub(crate) fn read_file(path: &Path, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    read_source(&Source::read(path, &options.limits, options.encoding.as_deref())?, options)
}

/// As [`read_file`], of bytes in UTF-8 already at hand; `path` is what errors name.
pub(crate) fn read_bytes(
    path: &Path,
    bytes: &[u8],
    options: &ImportOptions,
) -> Result<(Draft, ImportReport), LabelError> {
    read_source(&Source::from_bytes(path, bytes, &options.limits, Some("utf-8"))?, options)
}

fn read_source(source: &Source, options: &ImportOptions) -> Result<(Draft, ImportReport), LabelError> {
    if !options.columns.is_empty() {
        return plain_csv::read_any(source, options);
    }
    match recognise(source)? {
        Format::TagPack => tagpack::read(source, options),
        Format::ActorPack => actorpack::read(source, options),
        Format::OfacCsv => ofac_csv::read(source, options),
        Format::OfacJson => ofac_json::read(source, options),
        Format::Nbctf => nbctf::read(source, options),
        Format::PlainCsv => plain_csv::read(source, options),
        Format::Taxonomy => dwva::read(source, options),
        // never told by this function: an official list is read by its own crate
        Format::OfficialList => {
            Err(LabelError::UnknownFormat { path: source.path.clone(), message: "an official list".into() })
        }
    }
}

/// Reads and checks one file without storing it: what an import would report.
pub fn check_file(path: &Path, options: &ImportOptions) -> Result<ImportReport, LabelError> {
    let (draft, mut report) = read_file(path, options)?;
    let bytes = draft.encode().map_err(|error| LabelError::corrupt(path, error))?;
    report.pack = crate::pack::PackId(*blake3::hash(&bytes).as_bytes());
    Ok(report)
}

/// The format, by content; the name of the file plays no part.
fn recognise(source: &Source) -> Result<Format, LabelError> {
    let text = source.text.trim_start();
    let unknown = |message: String| LabelError::UnknownFormat { path: source.path.clone(), message };
    if text.is_empty() {
        return Err(unknown("the file is empty".into()));
    }
    if text.starts_with('[') {
        return Ok(Format::OfacJson);
    }
    if text.starts_with("@prefix") || text.starts_with("@base") {
        return Ok(Format::Taxonomy);
    }
    // a pack's keys stand at the beginning of a line; so does the whole content of a table
    for line in text.lines() {
        if line.starts_with("tags:") {
            return Ok(Format::TagPack);
        }
        if line.starts_with("actors:") {
            return Ok(Format::ActorPack);
        }
    }
    if let Some(format) = table::recognise(text) {
        return Ok(format);
    }
    let first: String = text.lines().next().unwrap_or_default().chars().take(60).collect();
    Err(unknown(format!("it begins with `{}`", crate::defect::shown(&first))))
}

/// The date that a list's file or its folder is named with.
fn date_in_name(path: &Path) -> Option<Day> {
    let parts = [path.file_name(), path.parent().and_then(Path::file_name)];
    parts.into_iter().flatten().filter_map(|part| part.to_str()).find_map(|name| {
        let starts = name.char_indices().map(|(i, _)| i);
        starts.filter_map(|i| name.get(i..i + 10)).find_map(|text| text.parse().ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> Result<Format, String> {
        let source = Source::from_bytes(Path::new("f"), text.as_bytes(), &Limits::default(), None).unwrap();
        recognise(&source).map_err(|error| error.to_string())
    }

    #[test]
    fn formats_are_told_by_content() {
        assert_eq!(format("title: x\ntags:\n- a: b"), Ok(Format::TagPack));
        assert_eq!(format("%YAML 1.1\n---\nactors: []"), Ok(Format::ActorPack));
        assert_eq!(format("\n[\"a\"]"), Ok(Format::OfacJson));
        assert_eq!(format("@prefix a: <b> ."), Ok(Format::Taxonomy));
        assert_eq!(format("address,ofac_currency,sdn_uid,entity,programs,akas,case_preserved"), Ok(Format::OfacCsv));
        assert_eq!(format("order,identifier,asset\n"), Ok(Format::Nbctf));
        assert_eq!(format("source,address,label,category\n"), Ok(Format::PlainCsv));
        assert!(format("MIT License\n").unwrap_err().contains("MIT License"));
        assert!(format(" \n").unwrap_err().contains("empty"));
    }

    #[test]
    fn a_date_in_the_name_of_a_file_or_its_folder_is_found() {
        let day = |path: &str| date_in_name(Path::new(path)).map(|d| d.to_string());
        assert_eq!(day("lists/ofac_crypto_2026-08-20.csv").as_deref(), Some("2026-08-20"));
        assert_eq!(day("ofac_2024-09-27_by_asset/x_XBT.json").as_deref(), Some("2024-09-27"));
        assert_eq!(day("2026-13-01/x.csv"), None);
        assert_eq!(day("x.csv"), None);
    }
}
