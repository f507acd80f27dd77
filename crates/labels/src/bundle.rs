//! The whole history of a store as one file: every pack, superseded ones too, with the days on which it came to be known and
//! was replaced, and every decision. Another store that takes it in gives the same answers as of every day.
//!
//! The file is lines: a header with the entries and the length of each pack in bytes, then the packs as they are stored, then
//! the decisions. Its first line is the BLAKE3 of all that follows, so that a file cut short or changed is refused whole.

use crate::decision::Decision;
use crate::error::LabelError;
use crate::journal;
use crate::manifest::{self, Entry};
use crate::pack::{Draft, PackId};
use crate::store::{LabelStore, pack_path};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

/// Bytes of the largest history that is taken in: it is read whole.
pub const HISTORY_BYTES_MAX: u64 = 4 << 30;
const VERSION: u32 = 1;
/// What the first line begins with.
pub(crate) const MAGIC: &str = "athar-labels-history ";
/// What replaces the place on disk of a file without a title, which is no business of other machines.
const ELSEWHERE: &str = "elsewhere:";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    athar_labels_history: u32,
    entries: Vec<Entry>,
    /// Every pack with its length in bytes.
    packs: Vec<(PackId, u64)>,
    decisions: Vec<Decision>,
}

/// What taking in a history changed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct BundleReport {
    /// Imports that were not known here.
    pub imports: u64,
    /// Decisions that were not known here.
    pub decisions: u64,
    /// Imports and decisions that were known already.
    pub known: u64,
}

impl Entry {
    /// The entry without the place of its file.
    fn placeless(&self) -> Self {
        let hide = |origin: &String| {
            if origin.starts_with(ELSEWHERE) {
                origin.clone()
            } else {
                format!("{ELSEWHERE}{}", &blake3::hash(origin.as_bytes()).to_hex()[..32])
            }
        };
        Self { origin: self.origin.as_ref().map(hide), ..self.clone() }
    }
}

impl LabelStore {
    /// Writes the whole history.
    pub fn export_history(&self, mut out: impl Write) -> Result<(), LabelError> {
        let mut packs = BTreeMap::new();
        for entry in &self.entries {
            if let std::collections::btree_map::Entry::Vacant(place) = packs.entry(entry.pack) {
                let path = pack_path(&self.dir, entry.pack);
                let bytes = fs::read(&path).map_err(LabelError::io(&path))?;
                if *blake3::hash(&bytes).as_bytes() != entry.pack.0 {
                    return Err(LabelError::corrupt(&path, "its content does not match its name"));
                }
                place.insert(bytes);
            }
        }
        let header = Header {
            athar_labels_history: VERSION,
            entries: self.entries.iter().map(Entry::placeless).collect(),
            packs: packs.iter().map(|(id, bytes)| (*id, bytes.len() as u64)).collect(),
            decisions: self.decisions.clone(),
        };
        let mut body = serde_json::to_vec(&header).map_err(|error| LabelError::corrupt(&self.dir, error))?;
        body.push(b'\n');
        for bytes in packs.values() {
            body.extend_from_slice(bytes);
        }
        let checksum = blake3::hash(&body).to_hex();
        let written = writeln!(out, "{MAGIC}{checksum}").and_then(|()| out.write_all(&body)).and_then(|()| out.flush());
        written.map_err(LabelError::io(Path::new("output")))
    }

    /// Takes in a history that [`Self::export_history`] wrote, with its days, in one commit. It is refused whole, and nothing
    /// changes, where it is damaged, and where the two stores had different versions of one series: which of them was known
    /// when is then a contradiction that no machine can resolve.
    pub fn import_history(&mut self, path: &Path) -> Result<BundleReport, LabelError> {
        self.import_history_within(path, HISTORY_BYTES_MAX)
    }

    /// As [`Self::import_history`], of a file of at most `bytes_max` bytes; a larger one is refused before it is read.
    pub fn import_history_within(&mut self, path: &Path, bytes_max: u64) -> Result<BundleReport, LabelError> {
        self.writable()?;
        let bytes = read_bounded(path, bytes_max)?;
        let (header, packs) = decode(path, &bytes)?;
        let mut report = BundleReport::default();
        let mut entries = self.entries.clone();
        for series in header.entries.iter().map(key).collect::<std::collections::BTreeSet<_>>() {
            let theirs: Vec<&Entry> = header.entries.iter().filter(|e| key(e) == series).collect();
            let ours: Vec<usize> = (0..entries.len()).filter(|i| key(&entries[*i].placeless()) == series).collect();
            for (i, their) in theirs.iter().enumerate() {
                match ours.get(i).map(|at| &mut entries[*at]) {
                    None => {
                        entries.push((*their).clone());
                        report.imports += 1;
                    }
                    Some(our) if our.placeless() == **their => report.known += 1,
                    // the history goes on there: the version was replaced since
                    Some(our) if our.is_live() && same_import(our, their) => {
                        (our.known_to, our.superseded_by) = (their.known_to, their.superseded_by);
                        report.known += 1;
                    }
                    // the history goes on here
                    Some(our) if their.is_live() && same_import(our, their) => report.known += 1,
                    Some(our) => {
                        let message = format!(
                            "its version of `{}` of {} is not the one known here since {}: the histories contradict each other",
                            crate::defect::shown(&their.title),
                            their.known_from,
                            our.known_from
                        );
                        return Err(LabelError::Malformed { path: path.to_owned(), line: 2, column: 0, message });
                    }
                }
            }
        }
        let mut decisions = self.decisions.clone();
        for decision in header.decisions {
            if decisions.contains(&decision) {
                report.known += 1;
            } else {
                decisions.push(decision);
                report.decisions += 1;
            }
        }
        if report.imports + report.decisions == 0 && entries == self.entries {
            return Ok(report);
        }
        for (id, bytes) in packs {
            self.write_pack(id, bytes)?;
        }
        let hashes = self.write_decisions(&decisions)?;
        manifest::write(&self.disk, &self.dir, &entries, &hashes)?;
        *self = Self::open(self.dir.clone())?.with_disk(self.disk.clone());
        Ok(report)
    }

    /// Writes what is new of `decisions` and gives the hashes of all of them, for the manifest.
    fn write_decisions(&self, decisions: &[Decision]) -> Result<Vec<String>, LabelError> {
        let new: Vec<Decision> = decisions.iter().filter(|d| !self.decisions.contains(d)).cloned().collect();
        let written = journal::write(&self.disk, &self.dir, self.decision_hashes.len(), &new)?;
        Ok(self.decision_hashes.iter().cloned().chain(written).collect())
    }
}

/// Reads a file whole, unless it is larger than the limit.
fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, LabelError> {
    let io = LabelError::io;
    let file = fs::File::open(path).map_err(io(path))?;
    let length = file.metadata().map_err(io(path))?.len();
    let too_large = |bytes| LabelError::TooLarge { path: path.to_owned(), bytes, max };
    if length > max {
        return Err(too_large(length));
    }
    let mut bytes = Vec::new();
    // a pipe or a growing file has no length to trust
    let read = file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(io(path))? as u64;
    if read > max { Err(too_large(read)) } else { Ok(bytes) }
}

/// What a version is a version of.
fn key(entry: &Entry) -> (String, Option<String>, Option<String>) {
    (entry.series.clone(), entry.part.clone(), entry.origin.clone())
}

fn same_import(a: &Entry, b: &Entry) -> bool {
    a.pack == b.pack && a.known_from == b.known_from
}

fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<(Header, Vec<(PackId, &'a [u8])>), LabelError> {
    let malformed = |line, message: String| LabelError::Malformed { path: path.to_owned(), line, column: 0, message };
    let cut = |bytes: &'a [u8]| bytes.iter().position(|b| *b == b'\n').map(|at| (&bytes[..at], &bytes[at + 1..]));
    let (first, body) = cut(bytes).ok_or_else(|| malformed(1, "no history of labels".into()))?;
    let checksum = first.strip_prefix(MAGIC.as_bytes()).ok_or_else(|| malformed(1, "no history of labels".into()))?;
    if blake3::hash(body).to_hex().as_bytes() != checksum {
        return Err(malformed(1, "its checksum does not match: the file was cut short or changed".into()));
    }
    let (header, mut rest) = cut(body).ok_or_else(|| malformed(2, "no header".into()))?;
    let header: Header = serde_json::from_slice(header).map_err(|error| malformed(2, error.to_string()))?;
    if header.athar_labels_history != VERSION {
        let message = format!("version {} is not known, only {VERSION}", header.athar_labels_history);
        return Err(malformed(2, message));
    }
    let mut packs = Vec::with_capacity(header.packs.len());
    for (id, length) in &header.packs {
        let length = usize::try_from(*length).ok().filter(|n| *n <= rest.len());
        let length = length.ok_or_else(|| malformed(2, format!("pack {id} is longer than the file")))?;
        let (pack, after) = rest.split_at(length);
        if *blake3::hash(pack).as_bytes() != id.0 {
            return Err(malformed(2, format!("pack {id} does not match its name")));
        }
        let read = Draft::decode(pack).and_then(|draft| draft.into_pack(*id));
        read.map_err(|error| malformed(2, format!("pack {id}: {error}")))?;
        packs.push((*id, pack));
        rest = after;
    }
    if !rest.is_empty() {
        return Err(malformed(2, "more bytes than its header counts".into()));
    }
    let held = |e: &&Entry| !header.packs.iter().any(|(id, _)| *id == e.pack);
    if let Some(entry) = header.entries.iter().find(held) {
        return Err(malformed(2, format!("pack {} is not in the file", entry.pack)));
    }
    Ok((header, packs))
}
