//! A list as it was read, and what the reading met.

use crate::entry::ListEntry;
use athar_types::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The format of a list's file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListFormat {
    /// The UN Security Council's `consolidated.xml`.
    UnXml,
    /// OFAC's `sdn_advanced.xml` and `cons_advanced.xml`.
    OfacAdvancedXml,
    /// OFAC's `sdn.csv` or `cons_prim.csv` with its companions.
    OfacCsv,
    /// A table of the digital-currency addresses of OFAC's list.
    OfacCryptoCsv,
    /// Addresses of OFAC's list, one JSON file an asset.
    OfacByAsset,
    /// The EU's `xmlFullSanctionsList` 1.1.
    EuXml,
    /// A table of the annex of an EU regulation.
    EuAnnexCsv,
    /// The UK Sanctions List as XML.
    UkXml,
    /// The UK Sanctions List as CSV.
    UkCsv,
    /// The OFSI consolidated list as CSV (`ConList.csv`, format of 2022).
    OfsiCsv,
    /// Identifiers under seizure orders of Israel's NBCTF.
    NbctfCsv,
    /// `FollowTheMoney` entities, a JSON object a line.
    FtmJson,
    /// A plain table `id,name[,alias…]`.
    NamesCsv,
}

impl ListFormat {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnXml => "un_xml",
            Self::OfacAdvancedXml => "ofac_advanced_xml",
            Self::OfacCsv => "ofac_csv",
            Self::OfacCryptoCsv => "ofac_crypto_csv",
            Self::OfacByAsset => "ofac_by_asset",
            Self::EuXml => "eu_xml",
            Self::EuAnnexCsv => "eu_annex_csv",
            Self::UkXml => "uk_xml",
            Self::UkCsv => "uk_csv",
            Self::OfsiCsv => "ofsi_csv",
            Self::NbctfCsv => "nbctf_csv",
            Self::FtmJson => "ftm_json",
            Self::NamesCsv => "names_csv",
        }
    }

    /// Whether its entries are only holders of addresses: two such lists are compared by address.
    pub const fn is_by_address(self) -> bool {
        matches!(self, Self::OfacByAsset)
    }
}

impl fmt::Display for ListFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of a version of a list as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListInfo {
    /// Stable id: `un-sc`, `us-ofac-sdn`, `us-ofac-cons`, `eu-fsf`, `eu-32002R0881`, `uk-sanctions`, `il-nbctf`, or as
    /// the user said.
    pub list: String,
    /// What the list is called.
    pub title: String,
    /// How the file was read.
    pub format: ListFormat,
    /// The day of the version, as the file itself or the user says. `None`: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Day>,
    /// BLAKE3 of the file in hexadecimal; of several files, over their names and hashes.
    pub source_hash: String,
    /// Length of what was read, in bytes.
    pub source_bytes: u64,
    /// Character encoding that the file was read in.
    pub encoding: String,
    /// Where it was obtained, as the user said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Licence, as the user said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// How many entries there are.
    pub entries: u64,
    /// How many defects of entries were met.
    pub defects: u64,
}

/// A list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    /// What is known of it as a whole.
    pub info: ListInfo,
    /// Its entries in the order of the file.
    pub entries: Vec<ListEntry>,
}

/// A kind of defect of an entry. The entry is kept as written all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListDefectKind {
    /// No reference of its own: its name, or its place, stands in for one.
    NoReference,
    /// The reference was used before in the file: the later entry's gets `#2`, `#3` …
    RepeatedReference,
    /// No name.
    NoName,
    /// A control character (NUL and its like) in a name.
    ControlCharacter,
    /// A character that changes the direction of writing or is invisible, in a name.
    BidiCharacter,
    /// A date that cannot be read; it stays as written.
    Date,
    /// A row that refers to an entry that is not there.
    Orphan,
    /// A field that the format does not have; kept among the details.
    UnknownField,
    /// A value in an unexpected form; kept as written.
    Form,
    /// A replacement character or other sign of a text that was damaged before it came here.
    DamagedText,
}

impl ListDefectKind {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoReference => "no_reference",
            Self::RepeatedReference => "repeated_reference",
            Self::NoName => "no_name",
            Self::ControlCharacter => "control_character",
            Self::BidiCharacter => "bidi_character",
            Self::Date => "date",
            Self::Orphan => "orphan",
            Self::UnknownField => "unknown_field",
            Self::Form => "form",
            Self::DamagedText => "damaged_text",
        }
    }
}

impl fmt::Display for ListDefectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A defect of one entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ListDefect {
    /// Line in the file, from 1.
    pub line: u32,
    /// Reference of the entry.
    pub id: String,
    /// What is wrong.
    pub kind: ListDefectKind,
    /// The text concerned, escaped and cut.
    pub text: String,
}

/// What reading a list met.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Report {
    /// Defects by kind, all of them.
    pub defects_by_kind: BTreeMap<ListDefectKind, u64>,
    /// The defects in the order of the file, at most [`DEFECTS_MAX`].
    pub defects: Vec<ListDefect>,
    /// Remarks on the file as a whole: a guessed encoding, companions that are not there.
    pub notes: Vec<String>,
}

/// Defects listed at most; all are counted.
pub const DEFECTS_MAX: usize = 10_000;

impl Report {
    /// How many defects of one kind.
    pub fn count(&self, kind: ListDefectKind) -> u64 {
        self.defects_by_kind.get(&kind).copied().unwrap_or_default()
    }

    /// How many defects in all.
    pub fn total(&self) -> u64 {
        self.defects_by_kind.values().sum()
    }

    pub(crate) fn defect(&mut self, line: u32, id: &str, kind: ListDefectKind, text: &str) {
        *self.defects_by_kind.entry(kind).or_default() += 1;
        if self.defects.len() < DEFECTS_MAX {
            self.defects.push(ListDefect { line, id: shown(id), kind, text: shown(text) });
        }
    }
}

/// Characters of a foreign text shown at most.
pub const SHOWN_MAX: usize = 160;

/// A text from a file as it may be shown: everything outside printable ASCII as `\u{…}`, so that look-alike letters and
/// direction marks are seen for what they are; cut after [`SHOWN_MAX`] characters.
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == SHOWN_MAX {
            out.push('…');
            break;
        }
        match c {
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            _ => out.extend(c.escape_unicode()),
        }
    }
    out
}
