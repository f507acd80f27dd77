//! What the tests share: a store in a temporary folder, files written into it, and a few public addresses.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used)]

use athar_labels::{ImportOptions, ImportOutcome, ImportReport, LabelError, LabelStore};
use athar_types::Day;
use std::path::PathBuf;
use tempfile::TempDir;

pub const GENESIS: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
pub const SEGWIT: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
pub const P2SH: &str = "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy";
pub const TRON: &str = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t";
pub const EVM: &str = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
pub const RIPPLE: &str = "rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe";
pub const TXID: &str = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";

pub struct Bed {
    pub folder: TempDir,
    pub options: ImportOptions,
}

impl Bed {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), options: ImportOptions::new(day("2026-01-01")) }
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("labels")
    }

    pub fn open(&self) -> LabelStore {
        LabelStore::open(self.dir()).unwrap()
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn import(&self, store: &mut LabelStore, name: &str, content: impl AsRef<[u8]>) -> ImportOutcome {
        store.import(&[self.file(name, content)], &self.options).unwrap()
    }

    /// Imports a file into a new store and gives the store and the one report.
    pub fn read(&self, name: &str, content: impl AsRef<[u8]>) -> (LabelStore, ImportReport) {
        let mut store = self.open();
        let mut outcome = self.import(&mut store, name, content);
        assert!(outcome.refused.is_empty(), "{:?}", outcome.refused);
        let report = outcome.reports.remove(0);
        let kept = report.accepted + report.transactions + report.identifiers + report.quarantined;
        assert_eq!(report.rows, kept + report.actors + report.concepts + report.duplicates, "no entry is dropped");
        assert_eq!(store.len() as u64, kept);
        (store, report)
    }

    /// Imports a file that must be refused, and gives the error.
    pub fn refused(&self, name: &str, content: impl AsRef<[u8]>) -> LabelError {
        let mut store = self.open();
        let mut outcome = self.import(&mut store, name, content);
        assert!(outcome.reports.is_empty(), "{name} was read");
        outcome.refused.remove(0)
    }
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Line, column and kind of every defect of a report.
pub fn defects(report: &ImportReport) -> Vec<(u32, Option<u32>, &'static str)> {
    report.defects.iter().map(|d| (d.line, d.column, d.kind.name())).collect()
}
