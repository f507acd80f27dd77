//! What is kept, what is refused, what is replaced; and that no interruption changes a byte.
use crate::support;

use athar_export::{ExportError, MANIFEST, Manifest, Table};
use std::fs;
use std::path::{Path, PathBuf};
use support::{CHAIN, files, longer, open, run, settings, store};

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        store(&world.at("store"), CHAIN, 2);
        world
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The store after one more block.
    fn grow(&self) {
        fs::remove_dir_all(self.at("store")).unwrap();
        store(&self.at("store"), &longer(), 2);
    }

    fn label(&self) {
        let csv = self.at("labels.csv");
        let address = "2N1WcpfGXVS2PJADmc3Q2ZfaPucAfGWQsT5";
        fs::write(&csv, format!("address,label,category,source\n{address},somebody,exchange,me\n")).unwrap();
        let import = athar_engine::write::import_labels(&self.at("store"), &[csv], athar_engine::Day(1), None).unwrap();
        assert_eq!(import.reports[0].accepted, 1, "{}", import.reports[0]);
    }
}

fn manifest(folder: &Path) -> Manifest {
    Manifest::read(folder).unwrap().unwrap()
}

#[test]
fn an_export_stopped_anywhere_goes_on_to_the_same_bytes() {
    let world = World::new();
    let (to, whole) = (world.at("tables"), world.at("whole"));
    let all = run(&world.at("store"), &whole, &settings()).unwrap();
    assert_eq!((all.files_written, all.files_kept), (all.tables.iter().map(|t| t.files).sum(), 0));
    let expected = files(&whole);
    assert!(manifest(&whole).complete);
    for (file, bytes) in &expected {
        let listed = manifest(&whole).files.into_iter().find(|f| f.path == *file).unwrap();
        assert_eq!(listed.blake3, blake3::hash(bytes).to_hex().to_string());
        assert_eq!(listed.bytes, bytes.len() as u64);
    }
    let total = expected.len();
    // what a kill leaves behind: some files finished and named, one finished and not named, one unfinished
    for finished in (0..total).step_by(5) {
        let _ = fs::remove_dir_all(&to);
        let mut left = manifest(&whole);
        left.complete = false;
        let later = left.files.split_off(finished);
        for file in left.files.iter().chain(later.first()) {
            fs::create_dir_all(to.join(&file.path).parent().unwrap()).unwrap();
            fs::write(to.join(&file.path), &expected[&file.path]).unwrap();
        }
        if let Some(file) = later.get(1) {
            let at = to.join(&file.path);
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            let name = format!(".{}.tmp", at.file_name().unwrap().to_string_lossy());
            fs::write(at.with_file_name(name), "half").unwrap();
        }
        fs::write(to.join(MANIFEST), serde_json::to_vec(&left).unwrap()).unwrap();
        fs::write(to.join(format!(".{MANIFEST}.tmp")), "half").unwrap();
        let summary = run(&world.at("store"), &to, &settings()).unwrap();
        assert_eq!(summary.files_kept, finished as u64);
        assert_eq!(summary.files_written, (total - finished) as u64);
        assert_eq!(summary.bytes, all.bytes);
        let mut after = files(&to);
        after.retain(|name, _| !name.starts_with("._athar"));
        assert!(after == expected, "{finished} finished files, and the rest differs");
        assert_eq!(manifest(&to), manifest(&whole));
    }
    // a finished file that is gone or cut since is written again
    let first = manifest(&to).files[0].path.clone();
    fs::write(to.join(&first), "cut").unwrap();
    fs::remove_file(to.join(&manifest(&to).files[1].path)).unwrap();
    assert_eq!(run(&world.at("store"), &to, &settings()).unwrap().files_written, 2);
    assert!(files(&to) == expected);
}

#[test]
fn another_state_is_refused_in_words_and_replaced_when_asked() {
    let world = World::new();
    let (at, to) = (world.at("store"), world.at("tables"));
    run(&at, &to, &settings()).unwrap();
    let before = files(&to);
    world.grow();
    let error = run(&at, &to, &settings()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ExportError::OtherState { .. }));
    for part in ["tables", "another state", "tip 5", "--overwrite"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(files(&to) == before, "a refusal changed a file");

    let mut replace = settings();
    replace.overwrite = true;
    // replacing some tables only would leave two states side by side
    replace.tables = vec![Table::Outputs];
    let error = run(&at, &to, &replace).unwrap_err().to_string();
    assert!(error.contains("--tables"), "{error}");
    assert!(files(&to) == before);
    replace.tables = Table::ALL.to_vec();
    run(&at, &to, &replace).unwrap();
    let fresh = world.at("fresh");
    run(&at, &fresh, &settings()).unwrap();
    assert!(files(&to) == files(&fresh), "an old file is left, or a new one differs");
    // other settings: another range
    let mut range = settings();
    range.to = Some(2);
    assert!(matches!(run(&at, &to, &range), Err(ExportError::OtherState { .. })));
    range.overwrite = true;
    run(&at, &to, &range).unwrap();
    assert!(
        !files(&to).keys().any(|path| path.starts_with("blocks/from_height=0000004")),
        "a file past the range is left"
    );
}

#[test]
fn new_labels_make_the_labels_stale_and_nothing_else() {
    let world = World::new();
    let (at, to) = (world.at("store"), world.at("tables"));
    let first = run(&at, &to, &settings()).unwrap();
    world.label();
    let error = run(&at, &to, &settings()).unwrap_err().to_string();
    assert!(error.contains("table labels"), "{error}");
    let mut replace = settings();
    (replace.overwrite, replace.tables) = (true, vec![Table::Labels]);
    let summary = run(&at, &to, &replace).unwrap();
    assert_eq!((summary.files_written, summary.rows), (1, 1));
    // and the whole is whole again
    let all = run(&at, &to, &settings()).unwrap();
    assert_eq!((all.files_written, all.rows), (0, first.rows + 1));
}

#[test]
fn a_table_at_a_time_gives_the_same_files_as_all_at_once() {
    let world = World::new();
    let (at, to) = (world.at("store"), world.at("tables"));
    for table in Table::ALL {
        let mut one = settings();
        one.tables = vec![table];
        let summary = run(&at, &to, &one).unwrap();
        assert_eq!(summary.tables.len(), 1);
        assert!(summary.files_written > 0);
    }
    assert_eq!(run(&at, &to, &settings()).unwrap().files_written, 0);
    run(&at, &world.at("whole"), &settings()).unwrap();
    assert!(files(&to) == files(&world.at("whole")));
}

#[test]
fn folders_that_hold_anything_else_are_refused_and_left_alone() {
    let world = World::new();
    let (at, to) = (world.at("store"), world.at("tables"));
    fs::create_dir(&to).unwrap();
    fs::write(to.join("thesis.txt"), "mine").unwrap();
    let error = run(&at, &to, &settings()).unwrap_err().to_string();
    assert!(error.contains("thesis.txt"), "{error}");
    assert_eq!(fs::read_dir(&to).unwrap().count(), 1, "a refusal left something behind");
    // the store itself is no place either
    let error = run(&at, &at, &settings()).unwrap_err().to_string();
    assert!(error.contains("no part of an export"), "{error}");

    fs::remove_file(to.join("thesis.txt")).unwrap();
    run(&at, &to, &settings()).unwrap();
    // beside the tables anything may lie; among them it would be read as data
    fs::write(to.join("queries.sql"), "mine").unwrap();
    run(&at, &to, &settings()).unwrap();
    for foreign in ["outputs/x.parquet", "outputs/from_height=0000000/more.parquet", "labels/sub/part-0.parquet"] {
        fs::create_dir_all(to.join(foreign).parent().unwrap()).unwrap();
        fs::write(to.join(foreign), "mine").unwrap();
        let error = run(&at, &to, &settings()).unwrap_err().to_string();
        assert!(
            error.contains("no part of an export") && error.contains(foreign.split('/').next().unwrap()),
            "{error}"
        );
        fs::remove_file(to.join(foreign)).unwrap();
    }
    fs::remove_dir(to.join("labels/sub")).unwrap();
    // a part that no plan has, left by a run of another state
    let stray = to.join("outputs/from_height=0000100/part-0.parquet");
    fs::create_dir_all(stray.parent().unwrap()).unwrap();
    fs::write(&stray, "old").unwrap();
    assert!(run(&at, &to, &settings()).unwrap_err().to_string().contains("from_height=0000100"));
    let mut replace = settings();
    replace.overwrite = true;
    run(&at, &to, &replace).unwrap();
    assert!(!stray.exists() && to.join("queries.sql").exists());
}

#[test]
fn a_manifest_that_cannot_be_believed_is_an_error_and_leads_nowhere() {
    let world = World::new();
    let (at, to) = (world.at("store"), world.at("tables"));
    run(&at, &to, &settings()).unwrap();
    let good = fs::read_to_string(to.join(MANIFEST)).unwrap();
    let victim = world.at("part-0.parquet");
    fs::write(&victim, "mine").unwrap();
    let hostile = good.replacen("addresses/from_address_id=0000000000/part-0.parquet", "../part-0.parquet", 1);
    for (bad, says) in [("{", "EOF"), ("", "EOF"), (&good[..good.len() / 2], "EOF"), (&hostile, "no path of an export")]
    {
        fs::write(to.join(MANIFEST), bad).unwrap();
        let mut replace = settings();
        replace.overwrite = true;
        let error = run(&at, &to, &replace).unwrap_err().to_string();
        assert!(error.contains(MANIFEST) && error.contains(says), "{error}");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

#[test]
fn two_exports_never_write_to_one_folder() {
    let world = World::new();
    let (at, to) = (world.at("store"), world.at("tables"));
    run(&at, &to, &settings()).unwrap();
    let lock = fs::OpenOptions::new().write(true).open(to.join("_athar_export.lock")).unwrap();
    lock.lock().unwrap();
    let error = run(&at, &to, &settings()).unwrap_err().to_string();
    assert!(error.contains("in use by another export"), "{error}");
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let world = World::new();
    let at = world.at("store");
    fs::write(world.at("file"), "").unwrap();
    let error = run(&at, &world.at("file"), &settings()).unwrap_err().to_string();
    assert!(error.contains("file") && error.contains("cannot"), "{error}");
    let error = run(&at, &world.at("file/below"), &settings()).unwrap_err().to_string();
    assert!(error.contains("file/below"), "{error}");
    // a file where a table's folder should be
    let to = world.at("tables");
    run(&at, &to, &settings()).unwrap();
    fs::remove_dir_all(to.join("inputs")).unwrap();
    fs::write(to.join("inputs"), "").unwrap();
    let error = run(&at, &to, &settings()).unwrap_err().to_string();
    assert!(error.contains("inputs"), "{error}");
}

#[test]
fn a_store_without_the_chain_or_its_entities_says_so() {
    let world = World::new();
    let mut other = settings();
    other.chain = athar_export::Chain::Litecoin;
    let error = run(&world.at("store"), &world.at("tables"), &other).unwrap_err().to_string();
    assert!(error.contains("litecoin") && error.contains("bitcoin"), "{error}");
    let options = athar_engine::Options {
        clustering: athar_engine::Clustering::of("same-key".parse().unwrap()),
        ..Default::default()
    };
    let engine = athar_engine::Engine::open(&world.at("store"), &options).unwrap();
    let error = athar_export::export(&engine, &world.at("tables"), &settings(), &|_| ()).unwrap_err().to_string();
    assert!(error.contains("no entities by same-key"), "{error}");
    assert!(!world.at("tables").exists());
    drop(open(&world.at("store")));
}
