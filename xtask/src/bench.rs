//! `cargo xtask bench`: every benchmark of the workspace, one after the other, so that none disturbs another.

use crate::{
    cargo,
    stage::{Outcome, Stages},
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{self, Path, PathBuf};

/// Which benchmarks to run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the benchmarks of this package.
    #[arg(long, short)]
    package: Option<String>,
    /// Instead of the benchmarks: other projects' block parsers beside Athar, on the block files of this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "package")]
    peers: Option<PathBuf>,
    /// Arguments for the benchmark programs, after `--`.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Runs them in the order of package and name; each is one timed stage.
pub(crate) fn run(args: &Args) -> Result<()> {
    if let Some(blocks) = &args.peers {
        return peers(blocks, &args.rest);
    }
    let mut found = benches(&cargo::metadata()?)?;
    if let Some(package) = &args.package {
        found.retain(|(name, _)| name == package);
    }
    if found.is_empty() {
        bail!("no benchmark found{}", args.package.as_ref().map_or(String::new(), |p| format!(" in package {p}")));
    }
    let mut stages = Stages::new();
    // all are built first, so that a time below is the time of the measurement
    stages.run("build", || {
        cargo::run(&mut cargo::cargo(["bench", "--workspace", "--benches", "--no-run"]))
            .map(|()| Outcome::Passed(format!("{} benchmarks", found.len())))
    })?;
    for (package, bench) in &found {
        stages.run("bench", || {
            let mut command = cargo::cargo(["bench", "--package", package, "--bench", bench]);
            if !args.rest.is_empty() {
                command.arg("--").args(&args.rest);
            }
            cargo::run(&mut command).map(|()| Outcome::Passed(format!("{package}: {bench}")))
        })?;
    }
    stages.finish();
    Ok(())
}

/// Runs `bench-peers`, a workspace of its own, with the release build of the program.
fn peers(blocks: &Path, rest: &[String]) -> Result<()> {
    let athar = cargo::athar_release()?;
    let words = ["run", "--release", "--manifest-path", "bench-peers/Cargo.toml", "--", "run", "--blocks"];
    cargo::run(cargo::cargo(words).arg(path::absolute(blocks)?).args(rest).env("ATHAR_BIN", path::absolute(athar)?))
}

/// The benchmark targets of cargo's metadata as (package, name), sorted.
fn benches(metadata: &Value) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists no packages")? {
        let name = package["name"].as_str().context("a package without a name")?;
        for target in package["targets"].as_array().into_iter().flatten() {
            let is_bench = target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bench"));
            if is_bench {
                found.push((name.to_owned(), target["name"].as_str().context("a target without a name")?.to_owned()));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_benchmark_targets_are_found_in_order_of_package_and_name() {
        let metadata = json!({"packages": [
            {"name": "b", "targets": [{"name": "b", "kind": ["lib"]}, {"name": "scan", "kind": ["bench"]}]},
            {"name": "a", "targets": [{"name": "z", "kind": ["bench"]}, {"name": "m", "kind": ["bench"]}]},
        ]});
        let expected = [("a", "m"), ("a", "z"), ("b", "scan")].map(|(p, b)| (p.to_owned(), b.to_owned()));
        assert_eq!(benches(&metadata).unwrap(), expected);
    }
}
