//! Bad settings and bad folders: an error that names the file, and nothing of others is touched.

use athar_simulate::{Settings, SimulateError, simulate};
use std::{fs, sync::mpsc, thread, time::Duration};

fn run(settings: &Settings) -> Result<(), SimulateError> {
    simulate(settings, &mut |_| {}).map(|_| ())
}

#[test]
fn sizes_out_of_range_are_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("world");
    for txs in [0, Settings::TXS_MIN - 1, Settings::TXS_MAX + 1] {
        let error = run(&Settings::economy(1, txs, &out)).unwrap_err().to_string();
        assert!(error.contains("10000"), "{error}");
    }
    assert!(!out.exists());
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    for overwrite in [false, true] {
        let settings = Settings { overwrite, ..Settings::economy(1, 10_000, dir.path()) };
        let error = run(&settings).unwrap_err();
        assert!(matches!(error, SimulateError::NotEmpty { .. }));
        assert!(error.to_string().contains(dir.path().to_str().unwrap()));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn an_earlier_world_is_replaced_only_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { file_len_max: 1 << 20, ..Settings::profile(1, 20_000, dir.path()) };
    run(&settings).unwrap();
    assert!(dir.path().join("blocks/blk00005.dat").exists());
    let smaller = Settings { txs: 10_000, ..settings };
    assert!(matches!(run(&smaller), Err(SimulateError::NotEmpty { .. })));
    run(&Settings { overwrite: true, ..smaller }).unwrap();
    assert!(!dir.path().join("blocks/blk00009.dat").exists(), "no file of the larger world is left");
}

#[test]
fn a_folder_that_cannot_be_made_or_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = run(&Settings::economy(1, 10_000, file.join("world"))).unwrap_err().to_string();
    assert!(error.contains("file/world"), "{error}");
    let error = run(&Settings::economy(1, 10_000, &file)).unwrap_err().to_string();
    assert!(error.contains("file"), "{error}");
}

#[test]
fn a_disk_that_fails_half_way_ends_every_stage_and_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("world");
    let settings = Settings { file_len_max: 1 << 20, ..Settings::economy(1, 50_000, &out) };
    let (sender, done) = mpsc::channel();
    thread::spawn(move || {
        // after some blocks a file stands where the folder of block files was
        let result = simulate(&settings, &mut |progress| {
            if progress.height == 1000 {
                fs::rename(out.join("blocks"), out.join("gone")).unwrap();
                fs::write(out.join("blocks"), "").unwrap();
            }
        });
        sender.send(result.map(|_| ())).unwrap();
    });
    let result = done.recv_timeout(Duration::from_secs(120)).expect("no stage waits for another for ever");
    let error = result.unwrap_err().to_string();
    assert!(error.contains("blocks"), "{error}");
}
