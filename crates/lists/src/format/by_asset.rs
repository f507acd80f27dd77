//! Addresses of OFAC's list as JSON arrays, one asset a file, in a folder: `…_XBT.json`. They name no entries, so an
//! asset stands in for one.

use super::{Collector, Header, Provenance, ReadOptions};
use crate::entry::{EntryKind, ListEntry, Wallet};
use crate::error::ListError;
use crate::list::{List, ListDefectKind, ListFormat, Report};
use crate::source::Text;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn read(path: &Path, options: &ReadOptions) -> Result<(List, Report), ListError> {
    let mut files: Vec<PathBuf> = if path.is_dir() {
        let inside = fs::read_dir(path).map_err(ListError::io(path))?;
        let inside: Result<Vec<PathBuf>, _> = inside.map(|entry| entry.map(|entry| entry.path())).collect();
        inside.map_err(ListError::io(path))?
    } else {
        vec![path.to_owned()]
    };
    files.retain(|file| file.extension().is_some_and(|e| e == "json") || !path.is_dir());
    files.sort();
    if files.is_empty() {
        return Err(ListError::UnknownFormat { path: path.into(), message: "a folder without `*_ASSET.json`".into() });
    }
    let mut collector = Collector::default();
    let (mut hasher, mut bytes) = (blake3::Hasher::new(), 0);
    for file in &files {
        let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let text = Text::read(file, &options.limits, None)?;
        hasher.update(stem.as_bytes()).update(&[0]).update(text.hash.as_bytes()).update(b"\n");
        bytes += text.bytes;
        let addresses: Vec<String> = serde_json::from_str(&text.text).map_err(|error| {
            let line = error.line();
            let start: usize = text.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            let byte = (start + error.column().saturating_sub(1)) as u64;
            ListError::malformed(file, line.max(1) as u32, byte, format!("not a JSON array of addresses: {error}"))
        })?;
        let asset = stem.rsplit('_').next().unwrap_or_default().to_owned();
        let mut entry = ListEntry::new(asset.clone(), EntryKind::Other, 1);
        for address in addresses {
            let place = text.text.find(&address).unwrap_or_default();
            if address.trim().is_empty() {
                collector.report.defect(text.line_of(place), &asset, ListDefectKind::Form, &address);
            }
            entry.wallets.push(Wallet { asset: asset.clone(), line: text.line_of(place), address });
        }
        collector.push(entry, true);
    }
    let header = Header {
        list: "us-ofac-sdn-by-asset".into(),
        title: "Digital-currency addresses of OFAC's SDN list by asset".into(),
        format: ListFormat::OfacByAsset,
        as_of: None,
    };
    let hash = if let [_] = files[..] {
        blake3::hash(&fs::read(&files[0]).map_err(ListError::io(&files[0]))?)
    } else {
        hasher.finalize()
    };
    let from = Provenance { hash: hash.to_hex().to_string(), bytes, encoding: "UTF-8" };
    Ok(collector.finish(header, from, options))
}
