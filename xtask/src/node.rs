//! Brings the real nodes for the tests, by the project's own scripts.

use crate::cargo;
use anyhow::{Context, Result, bail};
use std::{path::PathBuf, process::Command};

/// The path of a `bitcoind` that runs; fetched where the machine has none.
pub(crate) fn bitcoind() -> Result<PathBuf> {
    brought("bitcoind.sh")
}

/// The path of an `anvil` that runs; fetched where the machine has none.
pub(crate) fn anvil() -> Result<PathBuf> {
    brought("anvil.sh")
}

fn brought(script: &str) -> Result<PathBuf> {
    let script = cargo::root().join("scripts").join(script);
    let printed = cargo::output(Command::new("bash").arg(&script))
        .with_context(|| format!("no node: see {}", script.display()))?;
    let path = PathBuf::from(printed.trim());
    if !path.is_file() {
        bail!("{} printed `{}`, which is no file", script.display(), printed.trim());
    }
    Ok(path)
}
