//! The store of lists: a folder of immutable versions, and a manifest whose replacement is the only commit.
//!
//! A version is JSON lines (a header, then an entry a line) in a file named by its BLAKE3. Nothing is overwritten and nothing
//! removed. It holds nothing of the machine or the day of the import, so the same file is the same version everywhere.

use crate::entry::ListEntry;
use crate::error::ListError;
use crate::format::{ReadOptions, read};
use crate::list::{List, ListInfo, Report};
use athar_disk::Disk;
use athar_types::Day;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// One stored version of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ListVersion {
    /// Identity: BLAKE3 of the stored file, 64 hexadecimal digits.
    pub version: String,
    /// What is known of it as a whole.
    #[serde(flatten)]
    pub info: ListInfo,
    /// Name of the file that was read, without its folder.
    pub file: String,
    /// The day of the import: known to us from then on.
    #[schemars(with = "String")]
    pub known_from: Day,
}

impl ListVersion {
    /// The day that orders versions: that of the version, or where it is not known that of the import.
    fn order(&self) -> Day {
        self.info.as_of.unwrap_or(self.known_from)
    }

    /// `un-sc@2026-02-27`, or with the beginning of the hash where the day is not known.
    pub fn name(&self) -> String {
        match self.info.as_of {
            Some(day) => format!("{}@{day}", self.info.list),
            None => format!("{}@{}", self.info.list, &self.version[..12]),
        }
    }
}

/// What became of an imported file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListImport {
    /// The version.
    #[serde(flatten)]
    pub version: ListVersion,
    /// Whether the same content was stored already, so that nothing changed.
    pub already_stored: bool,
    /// Whether it is the newest version of its list.
    pub is_newest: bool,
    /// What reading it met.
    pub report: Report,
    /// The file as it was given.
    #[schemars(with = "String")]
    pub path: PathBuf,
}

/// What became of several files.
#[derive(Debug, Default)]
pub struct ListImportOutcome {
    /// Files that were read, in the order given.
    pub imports: Vec<ListImport>,
    /// Files that were refused whole.
    pub refused: Vec<ListError>,
}

/// Every imported version of every list. Two processes must not write to one folder at a time: the caller locks.
#[derive(Debug)]
pub struct ListStore {
    dir: PathBuf,
    disk: Disk,
    versions: Vec<ListVersion>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    athar_lists: u32,
    versions: Vec<ListVersion>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    athar_list: u32,
    info: ListInfo,
}

const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const VERSIONS: &str = "versions";

impl ListStore {
    /// Opens the store in `dir`. A folder that does not exist is an empty store; the first import makes it.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, ListError> {
        let dir = dir.into();
        let versions = read_manifest(&dir)?;
        Ok(Self { dir, disk: Disk::default(), versions })
    }

    /// The same store, writing to `disk`.
    #[must_use]
    pub fn with_disk(mut self, disk: Disk) -> Self {
        self.disk = disk;
        self
    }

    /// Reads, checks and stores files; `day` is the day of the import. A file that is malformed as a whole is refused and
    /// named in the outcome; the others are stored, all in one commit.
    pub fn import<P: AsRef<Path>>(
        &mut self,
        paths: &[P],
        options: &ReadOptions,
        day: Day,
    ) -> Result<ListImportOutcome, ListError> {
        let mut outcome = ListImportOutcome::default();
        let mut versions = self.versions.clone();
        for path in paths {
            let path = path.as_ref();
            let (list, report) = match read(path, options) {
                Ok(read) => read,
                Err(error) => {
                    outcome.refused.push(error);
                    continue;
                }
            };
            let bytes = encode(&list).map_err(|error| ListError::corrupt(path, error))?;
            let version = blake3::hash(&bytes).to_hex().to_string();
            let stored = versions.iter().find(|v| v.version == version).cloned();
            let already_stored = stored.is_some();
            // also where it is stored: a file that was damaged since is written anew
            self.write(&version, &bytes)?;
            let entry = stored.unwrap_or_else(|| {
                let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let entry = ListVersion { version, info: list.info, file, known_from: day };
                versions.push(entry.clone());
                entry
            });
            let path = path.to_owned();
            outcome.imports.push(ListImport { version: entry, already_stored, is_newest: false, report, path });
        }
        if versions != self.versions {
            let path = self.dir.join(MANIFEST);
            let body = Body { athar_lists: FORMAT, versions: versions.clone() };
            let body = serde_json::to_string_pretty(&body).map_err(|error| ListError::corrupt(&path, error))?;
            let checksum = blake3::hash(body.as_bytes()).to_hex();
            self.disk.replace(&path, format!("{checksum}\n{body}").as_bytes())?;
            self.versions = versions;
        }
        for import in &mut outcome.imports {
            import.is_newest =
                newest(&self.versions, &import.version.info.list).is_some_and(|v| v.version == import.version.version);
        }
        Ok(outcome)
    }

    fn write(&self, version: &str, bytes: &[u8]) -> Result<(), ListError> {
        let folder = self.dir.join(VERSIONS);
        self.disk.create_folder(&folder)?;
        if self.versions.is_empty() {
            // an import that was killed may have made them without making their names durable
            let above = self.dir.parent().filter(|above| above.is_dir());
            above.into_iter().chain([&*self.dir]).try_for_each(|folder| self.disk.sync_folder(folder))?;
        }
        let path = self.path(version);
        match fs::read(&path) {
            Ok(stored) if stored == bytes => Ok(self.disk.sync_folder(&folder)?),
            Ok(_) => Ok(self.disk.replace(&path, bytes)?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(self.disk.replace(&path, bytes)?),
            Err(error) => Err(ListError::io(&path)(error)),
        }
    }

    fn path(&self, version: &str) -> PathBuf {
        self.dir.join(VERSIONS).join(format!("{version}.jsonl"))
    }

    /// The newest version of each list, by the list's id. A version without a day counts as of its import; of two of one
    /// day the later import is newer.
    pub fn live(&self) -> Vec<&ListVersion> {
        let mut lists: Vec<&str> = self.versions.iter().map(|v| v.info.list.as_str()).collect();
        lists.sort_unstable();
        lists.dedup();
        lists.into_iter().filter_map(|list| newest(&self.versions, list)).collect()
    }

    /// Every version of a list, the oldest first.
    pub fn versions(&self, list: &str) -> Vec<&ListVersion> {
        let mut found: Vec<&ListVersion> = self.versions.iter().filter(|v| v.info.list == list).collect();
        found.sort_by_key(|v| v.order());
        found
    }

    /// Every version of every list, in the order of their import.
    pub fn history(&self) -> &[ListVersion] {
        &self.versions
    }

    /// The version that a text names: `un-sc` (the newest), `un-sc@2026-02-27`, `un-sc@` with the beginning of the hash, or
    /// the beginning of the hash alone, at least six digits.
    pub fn find_version(&self, text: &str) -> Option<&ListVersion> {
        if let Some(found) = newest(&self.versions, text) {
            return Some(found);
        }
        let (list, at) = text.split_once('@').map_or((None, text), |(list, at)| (Some(list), at));
        let of_list = |v: &&ListVersion| list.is_none_or(|list| v.info.list == list);
        if let (Some(_), Ok(day)) = (list, at.parse::<Day>()) {
            return self.versions.iter().rev().filter(of_list).find(|v| v.info.as_of == Some(day));
        }
        let is_prefix = at.len() >= 6 && at.bytes().all(|b| b.is_ascii_hexdigit());
        let mut found = self.versions.iter().filter(of_list).filter(|v| is_prefix && v.version.starts_with(at));
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    /// Reads a version, checked against its name.
    pub fn load(&self, version: &str) -> Result<List, ListError> {
        let path = self.path(version);
        let bytes = fs::read(&path).map_err(ListError::io(&path))?;
        if blake3::hash(&bytes).to_hex().as_str() != version {
            return Err(ListError::corrupt(&path, "its content does not match its name"));
        }
        let Some(known) = self.versions.iter().find(|v| v.version == version) else {
            return Err(ListError::NoSuch { what: version.into() });
        };
        // origin and licence are of the import and stand in the manifest; the rest is the file's
        let mut list = decode(&bytes).map_err(|error| ListError::corrupt(&path, error))?;
        list.info = known.info.clone();
        Ok(list)
    }

    /// BLAKE3 over every stored version: equal on two machines that imported the same files, whatever the order, except
    /// for versions without a day, whose order is that of their imports. Part of the snapshot of answers about lists.
    pub fn version_hash(&self) -> [u8; 32] {
        let mut all: Vec<(&str, Day, &str)> =
            self.versions.iter().map(|v| (v.info.list.as_str(), v.order(), v.version.as_str())).collect();
        all.sort_unstable();
        let mut hasher = blake3::Hasher::new_derive_key("athar lists version 1");
        for (list, day, version) in all {
            hasher.update(list.as_bytes()).update(&[0]).update(&day.0.to_le_bytes()).update(version.as_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    /// Reads every version and checks it against its name.
    pub fn verify(&self) -> Result<(), ListError> {
        self.versions.iter().try_for_each(|v| self.load(&v.version).map(|_| ()))
    }
}

fn newest<'a>(versions: &'a [ListVersion], list: &str) -> Option<&'a ListVersion> {
    // max_by_key keeps the last of equals: the later import
    versions.iter().filter(|v| v.info.list == list).max_by_key(|v| v.order())
}

fn encode(list: &List) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::with_capacity(512 * list.entries.len());
    let mut line = |value: &dyn erased::Line| -> Result<(), serde_json::Error> {
        value.put(&mut out)?;
        out.write_all(b"\n").map_err(serde_json::Error::io)
    };
    // who fetched it where, and under which licence, is of the import: it stands in the manifest and makes no other version
    let info = ListInfo { origin: None, license: None, ..list.info.clone() };
    line(&Header { athar_list: FORMAT, info })?;
    list.entries.iter().try_for_each(|entry| line(entry))?;
    Ok(out)
}

mod erased {
    use serde::Serialize;

    /// A value that is a line of a stored file.
    pub(super) trait Line {
        fn put(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error>;
    }

    impl<T: Serialize> Line for T {
        fn put(&self, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
            serde_json::to_writer(out, self)
        }
    }
}

fn decode(bytes: &[u8]) -> Result<List, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut lines = text.split_terminator('\n');
    let header: Header = serde_json::from_str(lines.next().unwrap_or_default()).map_err(|error| error.to_string())?;
    if header.athar_list != FORMAT {
        return Err(format!("version {} is not known, only {FORMAT}", header.athar_list));
    }
    let entries: Result<Vec<ListEntry>, String> = lines
        .enumerate()
        .map(|(i, line)| serde_json::from_str(line).map_err(|e| format!("line {}: {e}", i + 2)))
        .collect();
    let entries = entries?;
    if entries.len() as u64 != header.info.entries {
        return Err("not as many entries as its header counts".into());
    }
    Ok(List { info: header.info, entries })
}

fn read_manifest(dir: &Path) -> Result<Vec<ListVersion>, ListError> {
    let path = dir.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(ListError::corrupt(&path, error)),
        Err(error) => return Err(ListError::io(&path)(error)),
    };
    let (checksum, body) = text.split_once('\n').ok_or_else(|| ListError::corrupt(&path, "no checksum line"))?;
    if blake3::hash(body.as_bytes()).to_hex().as_str() != checksum {
        return Err(ListError::corrupt(&path, "the checksum in its first line does not match"));
    }
    let body: Body = serde_json::from_str(body).map_err(|error| ListError::corrupt(&path, error))?;
    if body.athar_lists != FORMAT {
        return Err(ListError::corrupt(&path, format!("version {} is not known, only {FORMAT}", body.athar_lists)));
    }
    Ok(body.versions)
}
