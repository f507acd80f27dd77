//! The manifest of an export: what the folder holds and of which state.

use crate::error::{ExportError, IoContext};
use crate::{Sizes, Table, file, plan};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// File name of the manifest inside the folder of an export. Spark and Hive leave out names with an underscore.
pub const MANIFEST: &str = "_athar_export.json";

/// What the folder of an export holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the tables, [`crate::TABLES_VERSION`].
    pub athar_export: u32,
    /// Program and version that wrote last.
    pub program: String,
    /// Chain and network, as `bitcoin/mainnet`.
    pub chain: String,
    /// Height of the store's last block.
    pub tip_height: u32,
    /// Its hash.
    pub tip_hash: String,
    /// First block of the tables of the chain.
    pub from: u32,
    /// Last block of the same, itself included.
    pub to: u32,
    /// Version of the entity rules, and the heuristics that tie addresses.
    pub heuristics: String,
    /// How tables are cut into files.
    pub sizes: Sizes,
    /// Whether every file of the tables that were asked for is there.
    pub complete: bool,
    /// The finished files, by path.
    pub files: Vec<PartFile>,
}

/// A finished file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartFile {
    /// Path inside the folder, with `/` on every system.
    pub path: String,
    /// Its table.
    pub table: Table,
    /// Number of rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// BLAKE3 of the file, in hexadecimal.
    pub blake3: String,
    /// The state that the table was exported at: equal snapshots mean equal tables. Also in the file's own metadata.
    pub snapshot: String,
}

impl Manifest {
    /// Reads the manifest in `folder`; `None` where there is none.
    pub fn read(folder: &Path) -> Result<Option<Self>, ExportError> {
        let path = folder.join(MANIFEST);
        let damaged = |what: String| ExportError::Manifest { path: path.clone(), what };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
            Err(e) => return Err(e).at("read", path),
        };
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        // paths are joined to the folder and may be removed: none may lead out of it
        match manifest.files.iter().find(|f| plan::table_of(&f.path) != Some(f.table)) {
            Some(file) => Err(damaged(format!("`{}` is no path of an export", file.path.escape_debug()))),
            None => Ok(Some(manifest)),
        }
    }

    /// Replaces the manifest in `folder`: the commit of every file it names.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), ExportError> {
        let path: PathBuf = folder.join(MANIFEST);
        let text = serde_json::to_string_pretty(self)
            .map_err(|e| ExportError::Manifest { path: path.clone(), what: e.to_string() })?;
        file::replace(&path, text.as_bytes())
    }
}
