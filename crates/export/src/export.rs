//! The export as a whole: what is there, what is missing, and the missing written in parallel.

use crate::error::ExportError;
use crate::folder::Folder;
use crate::manifest::{Manifest, PartFile};
use crate::plan::{self, Part};
use crate::rows::{self, View};
use crate::{Settings, TABLES_VERSION, Table, file};
use athar_engine::{Basis, Engine};
use athar_types::{Asset, Chain};
use rayon::prelude::*;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// How far an export is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Rows written or found finished.
    pub rows: u64,
    /// Rows in all.
    pub total: u64,
}

/// What an export did.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The folder.
    pub folder: PathBuf,
    /// Chain and network.
    pub chain: String,
    /// First block of the tables of the chain.
    pub from: u32,
    /// Last block of the same, itself included.
    pub to: u32,
    /// Height of the store's last block.
    pub tip_height: u32,
    /// Its hash.
    pub tip_hash: String,
    /// The tables that were asked for.
    pub tables: Vec<TableSummary>,
    /// Files that were written.
    pub files_written: u64,
    /// Files that an earlier run had finished.
    pub files_kept: u64,
    /// Rows of all tables asked for.
    pub rows: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

/// One table of a summary.
#[derive(Clone, Debug, Serialize)]
pub struct TableSummary {
    /// Which.
    pub table: Table,
    /// Files.
    pub files: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// The state that it was exported at.
    pub snapshot: String,
}

/// Exports the tables that `settings` name from the store of `engine` into `folder`, which is made where it is missing.
/// `progress` is told where it stands, from several threads.
///
/// Files that an earlier run finished for the same state of the store and the same settings are kept as they are. Those
/// of another state are an error, or with `settings.overwrite` replaced.
///
/// # Errors
/// [`ExportError`]; what was finished before it stays, and the next run goes on after it.
pub fn export(
    engine: &Engine,
    folder: &Path,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Summary, ExportError> {
    let whole = engine.whole(settings.chain)?;
    let view = View { ledger: whole.ledger, forest: whole.forest, labels: whole.labels, prices: whole.prices };
    let parts = plan::parts(view.ledger, view.labels.len(), settings)?;
    let heights = plan::blocks(view.ledger, settings)?;
    let states: BTreeMap<Table, String> =
        Table::ALL.into_iter().map(|t| (t, state(whole.basis, t, settings, heights.start, heights.end - 1))).collect();

    let folder = Folder::open(folder)?;
    let found = Manifest::read(folder.path())?;
    let mut manifest = Manifest {
        athar_export: TABLES_VERSION,
        program: whole.basis.program.clone(),
        chain: whole.basis.chain.clone(),
        tip_height: whole.basis.tip_height.unwrap_or_default(),
        tip_hash: whole.basis.tip_hash.clone().unwrap_or_default(),
        from: heights.start,
        to: heights.end - 1,
        heuristics: whole.basis.heuristics.clone(),
        sizes: settings.sizes,
        complete: false,
        files: Vec::new(),
    };
    settle(&folder, found, &mut manifest, &states, &parts, settings)?;

    let is_done = |part: &&Part| manifest.files.iter().any(|f| f.path == part.path);
    let (done, missing): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(is_done);
    let total = parts.iter().map(Part::len).sum();
    let rows_done = AtomicU64::new(done.iter().map(|p| p.len()).sum());
    progress(Progress { rows: rows_done.load(Ordering::Relaxed), total });
    let shared = Mutex::new(manifest);
    missing.par_iter().try_for_each(|part| {
        let written = file::write(
            &folder.at(&part.path),
            part.table,
            &metadata(whole.basis, settings.chain, part.table, &states[&part.table], &heights),
            rows::batches(&view, part, &|rows| {
                let rows = rows_done.fetch_add(rows, Ordering::Relaxed) + rows;
                progress(Progress { rows, total });
            }),
        )?;
        let mut manifest = shared.lock().unwrap_or_else(PoisonError::into_inner);
        manifest.files.push(PartFile {
            path: part.path.clone(),
            table: part.table,
            rows: written.rows,
            bytes: written.bytes,
            blake3: written.hash.to_hex().to_string(),
            snapshot: states[&part.table].clone(),
        });
        manifest.files.sort_unstable();
        manifest.write(folder.path())
    })?;
    let mut manifest = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    manifest.complete = true;
    manifest.write(folder.path())?;
    Ok(summary(folder.path(), &manifest, settings, &states, missing.len(), done.len()))
}

/// Decides what of the folder stays, and makes the folder and its manifest say so.
fn settle(
    folder: &Folder,
    found: Option<Manifest>,
    manifest: &mut Manifest,
    states: &BTreeMap<Table, String>,
    parts: &[Part],
    settings: &Settings,
) -> Result<(), ExportError> {
    let on_disk = folder.data_files()?;
    let is_selected = |table: Table| settings.tables.contains(&table);
    let is_current = |f: &PartFile| f.snapshot == states[&f.table];
    let (current, stale): (Vec<PartFile>, Vec<PartFile>) =
        found.iter().flat_map(|m| m.files.iter().cloned()).partition(is_current);
    // tables of two states side by side would not fit together
    let kept_stale = stale.iter().find(|f| !is_selected(f.table));
    if let (Some(held), Some(file)) = (&found, if settings.overwrite { kept_stale } else { stale.first() }) {
        let hint = if settings.overwrite {
            format!("name it in --tables too, so that it is replaced, or remove {}", folder.path().display())
        } else {
            "export into another folder, or replace what is out of date with --overwrite".to_string()
        };
        let held = format!(
            "{}, blocks {} to {}, tip {} {}, heuristics {}, written by {}",
            held.chain, held.from, held.to, held.tip_height, held.tip_hash, held.heuristics, held.program
        );
        return Err(ExportError::OtherState { folder: folder.path().into(), table: file.table, held, hint });
    }
    let is_whole = |f: &PartFile| fs::metadata(folder.at(&f.path)).is_ok_and(|m| m.is_file() && m.len() == f.bytes);
    manifest.files = current.into_iter().filter(is_whole).collect();
    // a file that its manifest does not name is what a run that was interrupted between the two left behind: the plan
    // writes it again, or it belongs to another state
    let is_named = |path: &String| manifest.files.iter().any(|f| f.path == *path);
    let is_planned = |path: &String| parts.iter().any(|p| p.path == *path);
    let leftovers: Vec<&String> = on_disk.iter().filter(|path| !is_named(path)).collect();
    if let Some(path) = leftovers.iter().find(|path| !is_planned(path) && !settings.overwrite) {
        return Err(ExportError::Foreign(folder.at(path)));
    }
    manifest.write(folder.path())?;
    leftovers.into_iter().try_for_each(|path| folder.remove(path))
}

/// The state of a table: a snapshot over what the table depends on and nothing else, so that new labels do not make the
/// tables of the chain stale.
fn state(basis: &Basis, table: Table, settings: &Settings, from: u32, to: u32) -> String {
    let mut basis = Basis { risk_table: String::new(), ..basis.clone() };
    if !table.needs_entities() {
        basis.heuristics.clear();
    }
    if !table.needs_labels() {
        basis.labels.clear();
    }
    if !table.needs_prices() {
        basis.prices.clear();
    }
    let range = (table.partition() == crate::table::Partition::Height).then_some((from, to));
    basis.snapshot("export parquet", &(TABLES_VERSION, table, range, settings.sizes))
}

/// What each file of a table says of itself, as key and value.
fn metadata(basis: &Basis, chain: Chain, table: Table, state: &str, range: &Range<u32>) -> Vec<(String, String)> {
    let mut pairs = vec![
        ("athar.table", table.to_string()),
        ("athar.tables_version", TABLES_VERSION.to_string()),
        ("athar.program", basis.program.clone()),
        ("athar.snapshot", state.to_string()),
        ("athar.chain", basis.chain.clone()),
        ("athar.tip_height", basis.tip_height.unwrap_or_default().to_string()),
        ("athar.tip_hash", basis.tip_hash.clone().unwrap_or_default()),
    ];
    if table.partition() == crate::table::Partition::Height {
        pairs.push(("athar.from", range.start.to_string()));
        pairs.push(("athar.to", (range.end - 1).to_string()));
    }
    if table.needs_entities() {
        pairs.push(("athar.heuristics", basis.heuristics.clone()));
    }
    if table.needs_labels() {
        pairs.push(("athar.labels", basis.labels.clone()));
    }
    if table.needs_prices() {
        pairs.push(("athar.coin", Asset::coin_of(chain).symbol().to_string()));
        pairs.push(("athar.prices", basis.prices.clone()));
    }
    pairs.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
}

fn summary(
    folder: &Path,
    manifest: &Manifest,
    settings: &Settings,
    states: &BTreeMap<Table, String>,
    written: usize,
    kept: usize,
) -> Summary {
    let tables: Vec<TableSummary> = Table::ALL
        .into_iter()
        .filter(|table| settings.tables.contains(table))
        .map(|table| {
            let files = || manifest.files.iter().filter(move |f| f.table == table);
            TableSummary {
                table,
                files: files().count() as u64,
                rows: files().map(|f| f.rows).sum(),
                bytes: files().map(|f| f.bytes).sum(),
                snapshot: states[&table].clone(),
            }
        })
        .collect();
    Summary {
        folder: folder.into(),
        chain: manifest.chain.clone(),
        from: manifest.from,
        to: manifest.to,
        tip_height: manifest.tip_height,
        tip_hash: manifest.tip_hash.clone(),
        rows: tables.iter().map(|t| t.rows).sum(),
        bytes: tables.iter().map(|t| t.bytes).sum(),
        tables,
        files_written: written as u64,
        files_kept: kept as u64,
    }
}
