//! What became of an imported file, entry by entry.

use crate::defect::{Defect, DefectKind};
use crate::error::LabelError;
use crate::pack::{Format, PackId};
use athar_types::{Chain, Day};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, path::PathBuf};

/// Defects listed one by one at most; the rest is counted.
pub const DEFECTS_MAX: usize = 10_000;

/// What the store did with a file that was read whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Stored, and its labels are in use.
    Stored,
    /// The same content is in use already: nothing changed.
    AlreadyStored,
    /// Stored as history: the store has a newer version of the series.
    StoredAsHistory,
}

/// The report on one file. `rows` is always the sum of `accepted`, `transactions`, `identifiers`, `actors`, `concepts`,
/// `quarantined` and `duplicates`: no entry is dropped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ImportReport {
    /// The file as given.
    pub file: PathBuf,
    /// How it was read.
    pub format: Format,
    /// Title of the pack.
    pub title: String,
    /// What the pack is a version of.
    pub series: String,
    /// The day of the version, where known.
    pub as_of: Option<Day>,
    /// BLAKE3 of the file, in hexadecimal.
    pub source_hash: String,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// The pack that it became.
    pub pack: PackId,
    /// What the store did with it.
    pub outcome: Outcome,
    /// The packs that it supersedes (or, as history, the one that supersedes it).
    pub supersedes: Vec<PackId>,
    /// Packs of the same title from other files, which stay in use beside this one.
    pub namesakes: Vec<PackId>,
    /// Entries in the file.
    pub rows: u64,
    /// Addresses accepted.
    pub accepted: u64,
    /// Transactions accepted.
    pub transactions: u64,
    /// Account numbers kept as identifiers.
    pub identifiers: u64,
    /// Actors.
    pub actors: u64,
    /// Concepts of a taxonomy.
    pub concepts: u64,
    /// Entries kept in quarantine.
    pub quarantined: u64,
    /// Exact repetitions inside the file.
    pub duplicates: u64,
    /// Accepted addresses whose chain is known from their text alone, since the file names no asset.
    pub chain_from_text: u64,
    /// Accepted addresses by chain.
    pub chains: BTreeMap<Chain, u64>,
    /// The encoding that the file was read in.
    pub encoding: &'static str,
    /// Whether that was guessed from its content: nothing in the file says it.
    pub encoding_guessed: bool,
    /// Defects by kind, all of them.
    pub defects_by_kind: BTreeMap<DefectKind, u64>,
    /// The defects, in the order of the file, at most [`DEFECTS_MAX`].
    pub defects: Vec<Defect>,
    /// Defects beyond the list.
    pub defects_unlisted: u64,
    /// Concepts that no mapping knows, as written, with how often.
    pub unknown_concepts: BTreeMap<String, u64>,
    /// Fields that the format does not have, with how often.
    pub unknown_fields: BTreeMap<String, u64>,
    /// Mandatory fields that are absent, with how often.
    pub missing_fields: BTreeMap<String, u64>,
}

impl ImportReport {
    /// How many defects of one kind.
    pub fn count(&self, kind: DefectKind) -> u64 {
        self.defects_by_kind.get(&kind).copied().unwrap_or_default()
    }
}

/// Defects of one kind shown by [`fmt::Display`]; JSON has them all.
const SHOWN_OF_KIND_MAX: usize = 4;

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} \"{}\"", self.file.display(), self.format, self.title.escape_debug())?;
        if let Some(day) = self.as_of {
            write!(f, " of {day}")?;
        }
        write!(f, ": {} rows", self.rows)?;
        for (count, name) in [
            (self.accepted, "addresses"),
            (self.transactions, "transactions"),
            (self.identifiers, "account numbers"),
            (self.actors, "actors"),
            (self.concepts, "concepts"),
            (self.quarantined, "in quarantine"),
            (self.duplicates, "duplicates"),
        ] {
            if count > 0 {
                write!(f, ", {count} {name}")?;
            }
        }
        writeln!(f)?;
        if self.encoding != "UTF-8" {
            let guessed = if self.encoding_guessed { ", guessed from its content" } else { "" };
            writeln!(f, "  read as {}{guessed}", self.encoding)?;
        }
        match self.outcome {
            Outcome::Stored => {
                for pack in &self.supersedes {
                    writeln!(
                        f,
                        "  supersedes {pack} of the series {}; it is kept as history",
                        self.series.escape_debug()
                    )?;
                }
            }
            Outcome::AlreadyStored => writeln!(f, "  the same content is stored already: nothing changed")?,
            Outcome::StoredAsHistory => {
                let newer = self.supersedes.first().map(ToString::to_string).unwrap_or_default();
                writeln!(
                    f,
                    "  kept as history only: the series {} has a newer version ({newer})",
                    self.series.escape_debug()
                )?;
            }
        }
        for pack in &self.namesakes {
            writeln!(f, "  a pack of the same title, from another file, stays in use beside it ({pack})")?;
        }
        // a few of each kind, so that hundreds of account numbers do not hide the one look-alike letter
        let mut shown: BTreeMap<DefectKind, usize> = BTreeMap::new();
        for defect in &self.defects {
            let of_kind = shown.entry(defect.kind).or_default();
            *of_kind += 1;
            if *of_kind <= SHOWN_OF_KIND_MAX {
                writeln!(f, "  {defect}")?;
            }
        }
        if self.defects_by_kind.values().any(|n| *n > SHOWN_OF_KIND_MAX as u64) {
            let kinds: Vec<String> = self.defects_by_kind.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
            writeln!(f, "  defects in all: {}", kinds.join(", "))?;
        }
        Ok(())
    }
}

/// What became of several files.
#[derive(Debug, Default)]
pub struct ImportOutcome {
    /// The files that were read, in the order given.
    pub reports: Vec<ImportReport>,
    /// The files that were refused whole; each error names its file.
    pub refused: Vec<LabelError>,
}
