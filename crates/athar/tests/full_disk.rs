//! Writes that the operating system really refuses: the program under a limit on the size of its files, as a full disk
//! would stop it, at many places of an ingest.
#![cfg(unix)]
use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

fn athar(store: &Path, args: &[&str], file_kib_max: Option<u32>) -> Output {
    let program = env!("CARGO_BIN_EXE_athar");
    let mut command = match file_kib_max {
        None => Command::new(program),
        // without the signal a write beyond the limit fails like any other; the unit of the limit differs among shells
        Some(kib) => {
            let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" \"$@\"");
            let mut command = Command::new("bash");
            command.args(["-c", &script, program]);
            command
        }
    };
    command.env_remove("ATHAR_STORE").env("ATHAR_SEGMENT_BYTES", "300000").stdin(Stdio::null());
    command.arg("--store").arg(store).args(args).output().unwrap()
}

#[test]
fn an_ingest_that_may_not_write_names_the_file_and_goes_on_once_it_may() {
    if Command::new("bash").args(["-c", "ulimit -f 8"]).status().map_or(true, |status| !status.success()) {
        eprintln!("skipped: no bash that limits the size of files");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let simulated = athar(
        folder.path(),
        &["simulate", "--seed", "3", "--txs", "12000", "--profile", "--out", world.to_str().unwrap()],
        None,
    );
    assert!(simulated.status.success(), "{}", String::from_utf8_lossy(&simulated.stderr));
    let blocks = world.join("blocks");
    let ingest = ["ingest", "bitcoin", "--blocks", blocks.to_str().unwrap()];
    let status = |store: &Path| {
        let output = athar(store, &["--json", "status"], None);
        let view: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        view["snapshot"].clone()
    };
    let whole = folder.path().join("whole");
    assert!(athar(&whole, &ingest, None).status.success());

    let (store, mut failed, mut chains) = (folder.path().join("store"), 0, 0);
    for kib in [0, 1, 3, 5, 7, 9, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 896, 1280, 4096] {
        let output = athar(&store, &ingest, Some(kib));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            break;
        }
        assert_eq!(output.status.code(), Some(2), "{kib} KiB: {said}");
        assert!(said.contains("cannot write") && said.contains(store.to_str().unwrap()), "{kib} KiB: {said}");
        let verified = athar(&store, &["verify"], None);
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        // 1: there is no commit yet, or the blocks are there and their entities are not
        assert!(verified.status.success() || said.contains("no store in"), "{kib} KiB: {said}");
        failed += 1;
        chains += u32::from(String::from_utf8_lossy(&verified.stdout).contains("transactions"));
    }
    assert!(failed > 5 && chains > 0, "{failed} ingests were stopped, {chains} after a commit");
    let output = athar(&store, &ingest, None);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(athar(&store, &["verify"], None).status.success());
    assert_eq!(status(&store), status(&whole));
}
