//! A pack: what one file said, read, checked and normalised, stored as one immutable file named by its content.
//!
//! The file is JSON lines: a header, then the claims, labels, actors and concepts that the header counts. It holds
//! nothing about the machine or the day of the import, so the same file read by the same tables is the same pack
//! everywhere; when it came to be known stands in the manifest.

use crate::defect::DefectKind;
use crate::label::{Claim, Label, SubjectKind};
use athar_types::{Category, Chain, Day};
use rayon::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

/// Identity of a pack: BLAKE3 of its stored file. Shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PackId(pub [u8; 32]);

impl fmt::Display for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl fmt::Debug for PackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PackId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        blake3::Hash::from_hex(text).map(|h| Self(*h.as_bytes())).map_err(|_| "not 64 hexadecimal digits")
    }
}

impl Serialize for PackId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PackId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The format of a file that labels are read from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// GraphSense TagPack (YAML).
    #[serde(rename = "tagpack")]
    TagPack,
    /// GraphSense ActorPack (YAML).
    #[serde(rename = "actorpack")]
    ActorPack,
    /// Digital-currency addresses of OFAC's SDN list as a table.
    OfacCsv,
    /// Addresses of OFAC's SDN list, one asset a file.
    OfacJson,
    /// Seizure orders of Israel's NBCTF as a table.
    Nbctf,
    /// The digital-currency addresses of an official list in its own format.
    OfficialList,
    /// The project's own table of labels.
    PlainCsv,
    /// A SKOS taxonomy in Turtle, such as INTERPOL's Dark Web and Virtual Assets taxonomy.
    Taxonomy,
}

impl Format {
    /// The name in files and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TagPack => "tagpack",
            Self::ActorPack => "actorpack",
            Self::OfacCsv => "ofac_csv",
            Self::OfacJson => "ofac_json",
            Self::Nbctf => "nbctf",
            Self::OfficialList => "official_list",
            Self::PlainCsv => "plain_csv",
            Self::Taxonomy => "taxonomy",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of a pack as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PackInfo {
    /// Identity; not part of the stored file, which it is computed from.
    #[serde(skip)]
    pub id: PackId,
    /// How the file was read.
    pub format: Format,
    /// Title as written, or the name of the list.
    pub title: String,
    /// Creator as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// Description as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What the pack is a version of: a newer pack of the series supersedes an older one.
    pub series: String,
    /// The part of the series that the file holds, where a version comes in several files (an asset).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The day of the version: the pack's own `lastmod`, the date in the name of a list's file, or as the user said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Day>,
    /// Licence, as the user said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// BLAKE3 of the file that was read, in hexadecimal.
    pub source_hash: String,
    /// Length of the file that was read, in bytes.
    pub source_bytes: u64,
    /// BLAKE3 over the tables (concepts, assets, rules) that it was read with, in hexadecimal.
    pub tables: String,
    /// Header fields that no importer knows, as `name: value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
}

/// An entry of an actor pack: who stands behind an actor id.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// The id that labels refer to.
    pub id: String,
    /// Name.
    pub label: String,
    /// Main web address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Concepts as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concepts: Vec<String>,
    /// Every category that the concepts map to, the weightiest first. Never empty.
    pub categories: Vec<Category>,
    /// Country codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jurisdictions: Vec<String>,
    /// Other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The day on which the source last changed the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lastmod: Option<Day>,
    /// Further context as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Line of the entry in its file, from 1.
    pub line: u32,
}

/// A concept of an imported taxonomy, for reference.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Concept {
    /// Its identifier inside the taxonomy.
    pub id: String,
    /// Its name.
    pub label: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// The identifiers of the wider concepts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broader: Vec<String>,
    /// Our category, where the mapping has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
}

/// A pack's contents before it has an identity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Draft {
    pub(crate) info: PackInfo,
    pub(crate) claims: Vec<Claim>,
    pub(crate) rows: Vec<Row>,
    pub(crate) actors: Vec<Actor>,
    pub(crate) concepts: Vec<Concept>,
}

/// A label with its claim by number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    #[serde(rename = "c")]
    pub(crate) claim: u32,
    #[serde(rename = "s")]
    pub(crate) subject: SubjectKind,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub(crate) chain: Option<Chain>,
    #[serde(rename = "t")]
    pub(crate) text: Box<str>,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(crate) as_written: Option<Box<str>>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub(crate) quarantine: Option<DefectKind>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<DefectKind>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<Box<str>>,
    #[serde(rename = "l")]
    pub(crate) line: u32,
}

#[derive(Serialize, Deserialize)]
struct Header {
    athar_pack: u32,
    claims: usize,
    labels: usize,
    actors: usize,
    concepts: usize,
    info: PackInfo,
}

const VERSION: u32 = 1;

impl Draft {
    /// The bytes of the stored file.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let header = Header {
            athar_pack: VERSION,
            claims: self.claims.len(),
            labels: self.rows.len(),
            actors: self.actors.len(),
            concepts: self.concepts.len(),
            info: self.info.clone(),
        };
        let mut out = Vec::with_capacity(256 + 96 * self.rows.len());
        line(&mut out, &header)?;
        self.claims.iter().try_for_each(|claim| line(&mut out, claim))?;
        self.rows.iter().try_for_each(|row| line(&mut out, row))?;
        self.actors.iter().try_for_each(|actor| line(&mut out, actor))?;
        self.concepts.iter().try_for_each(|concept| line(&mut out, concept))?;
        Ok(out)
    }

    /// Reads a stored file. The error says what is wrong and in which line.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let lines: Vec<&str> = text.split_terminator('\n').collect();
        let mut lines = Lines { all: &lines, at: 0 };
        let header: Header = next(&mut lines)?;
        if header.athar_pack != VERSION {
            return Err(format!("version {} is not known, only {VERSION}", header.athar_pack));
        }
        let draft = Self {
            info: header.info,
            claims: many(&mut lines, header.claims)?,
            rows: many(&mut lines, header.labels)?,
            actors: many(&mut lines, header.actors)?,
            concepts: many(&mut lines, header.concepts)?,
        };
        if lines.at < lines.all.len() {
            return Err(format!("line {}: more lines than the header counts", lines.at + 1));
        }
        Ok(draft)
    }

    /// The pack with its identity, its labels joined with their claims.
    pub(crate) fn into_pack(self, id: PackId) -> Result<Pack, String> {
        let info = Arc::new(PackInfo { id, ..self.info });
        let claims: Vec<Arc<Claim>> = self.claims.into_iter().map(Arc::new).collect();
        let label = |row: Row| {
            let claim = claims.get(row.claim as usize).ok_or("a label without its claim")?;
            Ok(Label {
                subject: row.subject,
                chain: row.chain,
                text: row.text,
                as_written: row.as_written,
                quarantine: row.quarantine,
                note: row.note,
                context: row.context,
                line: row.line,
                claim: Arc::clone(claim),
                pack: Arc::clone(&info),
                decided: None,
            })
        };
        let labels = self.rows.into_iter().map(label).collect::<Result<_, &str>>()?;
        Ok(Pack { info, labels, actors: self.actors, concepts: self.concepts })
    }
}

fn line(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), serde_json::Error> {
    serde_json::to_writer(&mut *out, value)?;
    out.push(b'\n');
    Ok(())
}

/// The lines of a stored file, and the next one to read.
struct Lines<'a> {
    all: &'a [&'a str],
    at: usize,
}

/// Lines that are worth another thread.
const MANY: usize = 10_000;

fn next<T: DeserializeOwned>(lines: &mut Lines<'_>) -> Result<T, String> {
    let text = lines.all.get(lines.at).ok_or("fewer lines than the header counts")?;
    lines.at += 1;
    serde_json::from_str(text).map_err(|error| format!("line {}: {error}", lines.at))
}

fn many<T: DeserializeOwned + Send>(lines: &mut Lines<'_>, count: usize) -> Result<Vec<T>, String> {
    if count >= MANY
        && let Some(of_it) = lines.at.checked_add(count).and_then(|end| lines.all.get(lines.at..end))
    {
        let read: Result<Vec<T>, serde_json::Error> = of_it.par_iter().map(|text| serde_json::from_str(text)).collect();
        if let Ok(read) = read {
            lines.at += count;
            return Ok(read);
        }
        // one by one, the first error is the one that is told
    }
    (0..count).map(|_| next(lines)).collect()
}

/// A pack in memory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pack {
    /// What is known of it as a whole.
    pub info: Arc<PackInfo>,
    /// Its labels, accepted and quarantined, in the order of the file.
    pub labels: Vec<Label>,
    /// Its actors, in the order of the file.
    pub actors: Vec<Actor>,
    /// Its concepts, in the order of the file.
    pub concepts: Vec<Concept>,
}

impl Pack {
    /// Labels by chain: how many were accepted.
    pub fn accepted_by_chain(&self) -> BTreeMap<Chain, u64> {
        let mut counts = BTreeMap::new();
        for chain in self.labels.iter().filter(|l| l.is_accepted()).filter_map(|l| l.chain) {
            *counts.entry(chain).or_default() += 1;
        }
        counts
    }
}
