//! The browser application: its checks and its build (`cargo xtask ui`), and its tests in a real browser against the real
//! program (`cargo xtask browser`).
//!
//! Node, npm and Chromium come from the machine. Only these chores need them: the Rust tests pass without.

use crate::{
    cargo, node,
    stage::{Outcome, Stages},
};
use anyhow::{Context, Result, bail};
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The oldest Node that the build tools of the application run on, as major and minor version.
const NODE_MIN: (u32, u32) = (20, 19);
/// What Debian and others call the browser.
const CHROMIUMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// How the tests in the browser are run.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct BrowserArgs {
    /// Bring a real Bitcoin node for the investigation while blocks arrive; a missing one fails.
    #[arg(long)]
    pub(crate) nodes: bool,
    /// Arguments for Playwright, after `--`: for example `-- subject --headed`.
    #[arg(last = true)]
    pub(crate) rest: Vec<String>,
}

/// Checks and builds the application as one timed stage.
pub(crate) fn run() -> Result<()> {
    let mut stages = Stages::new();
    stages.run("ui", checked_and_built)?;
    stages.finish();
    Ok(())
}

/// Runs the tests in the browser as one timed stage.
pub(crate) fn run_browser(args: &BrowserArgs) -> Result<()> {
    let mut stages = Stages::new();
    stages.run("browser", || browsed(args))?;
    stages.finish();
    Ok(())
}

/// Lints, types, unit tests, languages, build and sizes.
pub(crate) fn checked_and_built() -> Result<Outcome> {
    let node = node_version()?;
    cargo::run(&mut npm(["ci", "--no-audit", "--no-fund"]))?;
    cargo::run(&mut npm(["run", "check"]))?;
    cargo::run(&mut npm(["run", "build"]))?;
    Ok(Outcome::Passed(format!("Node {node}")))
}

/// Every page in both languages and whole investigations, in Chromium, against the release build of the program.
fn browsed(args: &BrowserArgs) -> Result<Outcome> {
    // the program must carry the application: without it every test would fail with the same page
    browsed_by(&cargo::athar_release_with_ui()?, args.nodes, &args.rest)
}

/// The same against `program`.
pub(crate) fn browsed_by(program: &Path, nodes: bool, rest: &[String]) -> Result<Outcome> {
    node_version()?;
    let chromium = chromium()?;
    if !folder().join("node_modules").is_dir() {
        cargo::run(&mut npm(["ci", "--no-audit", "--no-fund"]))?;
    }
    let mut command = npm(["run", "e2e"]);
    if !rest.is_empty() {
        command.arg("--").args(rest);
    }
    if nodes {
        command.env("ATHAR_NODE_BITCOIND", node::bitcoind()?).env("ATHAR_REQUIRE_NODES", "1");
    }
    cargo::run(command.env("ATHAR_BIN", program).env("ATHAR_CHROMIUM", &chromium))?;
    Ok(Outcome::Passed(chromium.display().to_string()))
}

fn folder() -> PathBuf {
    cargo::root().join("ui")
}

fn npm<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new("npm");
    command.args(args).current_dir(folder()).stdin(Stdio::null());
    // the browser is the machine's: none is fetched
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command
}

/// The version of Node, where it is new enough.
fn node_version() -> Result<String> {
    let (major, minor) = NODE_MIN;
    let printed = cargo::output(Command::new("node").arg("--version"))
        .with_context(|| format!("the application needs Node {major}.{minor} or later, and npm"))?;
    let version = printed.trim().trim_start_matches('v').to_owned();
    if parsed(&version).is_none_or(|found| found < NODE_MIN) {
        bail!("Node {version} is too old: the application needs {major}.{minor} or later");
    }
    Ok(version)
}

/// Major and minor of `20.20.2`.
fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The browser: `ATHAR_CHROMIUM`, or one on the path.
fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("ATHAR_CHROMIUM") {
        return Ok(path.into());
    }
    let folders: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let found = CHROMIUMS.iter().find_map(|name| in_folders(name, &folders));
    found.context("no Chromium: install Debian's package `chromium`, or set ATHAR_CHROMIUM")
}

fn in_folders(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path: &PathBuf| Path::is_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        assert_eq!(parsed("20.20.2"), Some((20, 20)));
        assert!(parsed("20.9.0") < Some(NODE_MIN) && parsed("22.0.0") > Some(NODE_MIN));
        assert_eq!(parsed("nonsense"), None);
    }

    #[test]
    fn a_browser_is_found_by_name_in_the_first_folder_that_has_it() {
        let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(full.path().join("chromium"), "").unwrap();
        let folders = [empty.path().to_path_buf(), full.path().to_path_buf()];
        assert_eq!(in_folders("chromium", &folders), Some(full.path().join("chromium")));
        assert_eq!(in_folders("google-chrome", &folders), None);
    }
}
