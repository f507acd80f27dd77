//! One file of an export: written under a temporary name, made durable, then given its name.

use crate::error::{ExportError, IoContext};
use crate::plan::ROW_GROUP_ROWS;
use crate::{Table, ZSTD_LEVEL};
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// What the name of an unfinished file begins and ends with: readers' globs over `*.parquet` never meet one.
const UNFINISHED: (&str, &str) = (".", ".tmp");

/// Whether a file name is one of an unfinished file.
pub(crate) fn is_unfinished(name: &str) -> bool {
    name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1)
}

/// The temporary name of a file, beside it.
fn unfinished(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{}{name}{}", UNFINISHED.0, UNFINISHED.1))
}

/// What was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) hash: blake3::Hash,
}

/// How a file of `table` is encoded, with what it says of itself.
///
/// # Panics
/// Never: the level is a constant that zstd has.
pub(crate) fn properties(table: Table, metadata: &[(String, String)]) -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let pairs = metadata.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone())).collect();
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata(Some(pairs));
    for column in table.columns().iter().filter(|c| c.is_plain()) {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(column.name), false);
    }
    for column in table.rising() {
        builder = builder.set_column_encoding(ColumnPath::from(column.name), Encoding::DELTA_BINARY_PACKED);
    }
    builder.build()
}

/// Writes the batches of `table` to `path`, which is replaced where it exists. A file that could not be finished is
/// removed, so that it does not fill a full disk.
pub(crate) fn write(
    path: &Path,
    table: Table,
    metadata: &[(String, String)],
    batches: impl Iterator<Item = Result<RecordBatch, ExportError>>,
) -> Result<Written, ExportError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).at("create the folder", folder)?;
    let temporary = unfinished(path);
    let written = write_to(&temporary, table, metadata, batches);
    match written {
        Ok(written) => {
            fs::rename(&temporary, path).at("rename to", path)?;
            sync_folder(folder)?;
            Ok(written)
        }
        Err(error) => {
            // that it may be gone already is no second error
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}

fn write_to(
    path: &Path,
    table: Table,
    metadata: &[(String, String)],
    batches: impl Iterator<Item = Result<RecordBatch, ExportError>>,
) -> Result<Written, ExportError> {
    let failed = |e| ExportError::parquet(path, e);
    let file = File::create(path).at("create", path)?;
    let sink = Sink { file: BufWriter::with_capacity(1 << 18, file), hasher: blake3::Hasher::new(), bytes: 0 };
    let mut writer = ArrowWriter::try_new(sink, table.schema(), Some(properties(table, metadata))).map_err(failed)?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(failed)?;
    }
    let Sink { file, hasher, bytes } = writer.into_inner().map_err(failed)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error).at("write", path)?;
    file.sync_all().at("sync", path)?;
    Ok(Written { rows, bytes, hash: hasher.finalize() })
}

/// Writes a small file so that an interruption leaves the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ExportError> {
    let temporary = unfinished(path);
    let mut file = File::create(&temporary).at("create", &temporary)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).at("write", &temporary)?;
    fs::rename(&temporary, path).at("rename to", path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Makes the names inside a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), ExportError> {
    File::open(folder).and_then(|f| f.sync_all()).at("sync", folder)
}

/// Counts and hashes what goes to the file.
struct Sink {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.file.write(data)?;
        self.hasher.update(&data[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
