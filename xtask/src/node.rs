//! Brings the real Bitcoin node for the tests, by the project's own script.

use crate::cargo;
use anyhow::{Context, Result, bail};
use std::{path::PathBuf, process::Command};

/// The path of a `bitcoind` that runs; fetched where the machine has none.
pub(crate) fn bitcoind() -> Result<PathBuf> {
    let script = cargo::root().join("scripts").join("bitcoind.sh");
    let printed = cargo::output(Command::new("bash").arg(&script))
        .with_context(|| format!("no Bitcoin node: see {}", script.display()))?;
    let path = PathBuf::from(printed.trim());
    if !path.is_file() {
        bail!("{} printed `{}`, which is no file", script.display(), printed.trim());
    }
    Ok(path)
}
