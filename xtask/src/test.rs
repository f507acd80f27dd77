//! `cargo xtask test`: every test of the workspace.
//!
//! The tests themselves decide what they need and skip without it. The flags here turn a missing node or missing data
//! into a failure, so that CI cannot pass by skipping.

use crate::{
    cargo, node,
    stage::{Outcome, Stages},
};
use anyhow::{Context, Result, bail};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    ops::AddAssign,
    path::PathBuf,
    process::Stdio,
};

/// What the tests may use beyond the clone.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct Args {
    /// Bring real nodes (Bitcoin, anvil) and run the tests against them; a missing node fails.
    #[arg(long)]
    pub(crate) nodes: bool,
    /// Require the data set beside the checkout (`../shared/data`, or ATHAR_SHARED_DATA); missing data fails.
    #[arg(long)]
    pub(crate) shared: bool,
    /// Run the tests of what a team shares on a real PostgreSQL too; a missing one fails.
    #[arg(long)]
    pub(crate) postgres: bool,
    /// Whether a program without its application fails to build.
    #[arg(skip)]
    pub(crate) ui: bool,
    /// Arguments for `cargo test`, after `--`: for example `-- -p athar-ledger`, which replaces `--workspace`.
    #[arg(last = true)]
    pub(crate) rest: Vec<String>,
}

/// Runs the tests as one timed stage.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut stages = Stages::new();
    stages.run("test", || tests(args))?;
    stages.finish();
    Ok(())
}

/// Runs `cargo test` with what `args` ask for, and adds up the summaries of all test programs.
pub(crate) fn tests(args: &Args) -> Result<Outcome> {
    let mut command = cargo::cargo(["test", "--no-fail-fast"]);
    if args.rest.is_empty() {
        command.arg("--workspace");
    }
    command.args(&args.rest);
    if args.nodes {
        command.env("ATHAR_NODE_BITCOIND", node::bitcoind()?).env("ATHAR_NODE_ANVIL", node::anvil()?);
        command.env("ATHAR_REQUIRE_NODES", "1");
    } else if env::var_os("ATHAR_NODE_BITCOIND").is_none() {
        eprintln!("no node: tests against a real node skip themselves (add --nodes)");
    }
    // some tests run the program itself
    if args.rest.is_empty() {
        // the run builds it before its first test; to build it here first would compile half of its libraries twice, as they
        // have fewer features where no test asks for more
        command.env("ATHAR_BIN", cargo::athar_debug_path()?);
    } else if args.nodes {
        command.env("ATHAR_BIN", cargo::athar_debug()?);
    }
    if args.ui {
        command.env("ATHAR_UI", "require");
    }
    if args.postgres {
        command.env("ATHAR_REQUIRE_POSTGRES", "1");
    }
    let data = shared_data();
    if args.shared {
        if !data.is_dir() {
            bail!("--shared: {} is no folder (set ATHAR_SHARED_DATA to the data set)", data.display());
        }
        command.env("ATHAR_REQUIRE_SHARED", "1");
    } else if !data.is_dir() {
        eprintln!("no {}: tests on real data skip themselves (see --shared)", data.display());
    }

    // cargo's own progress is on stderr; stdout carries the test programs' words, passed on line by line
    eprintln!("$ {}", cargo::line(&command));
    let mut child = command.stdout(Stdio::piped()).spawn().context("could not start cargo test")?;
    let mut total = Tally::default();
    let mut stdout = std::io::stdout().lock();
    for line in BufReader::new(child.stdout.take().context("cargo test has no stdout")?).split(b'\n') {
        let line = line.context("reading the output of cargo test")?;
        stdout.write_all(&line)?;
        stdout.write_all(b"\n")?;
        if let Some(tally) = Tally::parse(&String::from_utf8_lossy(&line)) {
            total += tally;
        }
    }
    stdout.flush()?;
    let status = child.wait().context("waiting for cargo test")?;
    let note = total.to_string();
    println!("\nall test programs: {note}");
    if !status.success() {
        bail!("{note}; `{}` ended with {status}", cargo::line(&command));
    }
    if total.programs == 0 {
        bail!("cargo test ran no test program");
    }
    Ok(Outcome::Passed(note))
}

/// The data set beside the checkout.
fn shared_data() -> PathBuf {
    env::var_os("ATHAR_SHARED_DATA").map_or_else(|| cargo::root().join("../shared/data"), PathBuf::from)
}

/// The counts of one or more test programs.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    programs: u64,
}

impl Tally {
    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; ...`, the closing line of a test program.
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let mut tally = Self { programs: 1, ..Self::default() };
        for part in counts.split(';') {
            match part.trim().split_once(' ') {
                Some((count, "passed")) => tally.passed = count.parse().ok()?,
                Some((count, "failed")) => tally.failed = count.parse().ok()?,
                Some((count, "ignored")) => tally.ignored = count.parse().ok()?,
                _ => {}
            }
        }
        Some(tally)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.programs += other.programs;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs};

    /// Where a package's integration tests are one program, a file that is no module of it would never run.
    #[test]
    fn no_file_of_tests_is_left_out() {
        let mut seen = 0;
        for package in fs::read_dir(cargo::root().join("crates")).unwrap() {
            let package = package.unwrap().path();
            let folder = package.join("tests");
            let Ok(whole) = fs::read_to_string(folder.join("it.rs")) else { continue };
            let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
            assert!(manifest.contains("autotests = false"), "{}", package.display());
            let modules: BTreeSet<&str> =
                whole.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap();
                let is_program = manifest.contains(&format!("[[test]]\nname = \"{name}\"\n"));
                let is_tests = path.extension().is_some_and(|kind| kind == "rs") || path.join("main.rs").is_file();
                assert!(!is_tests || is_program || modules.contains(name), "{} is in no test program", path.display());
                seen += 1;
            }
        }
        assert!(seen > 100, "only {seen} files of tests");
    }

    #[test]
    fn summaries_of_test_programs_add_up() {
        let mut total = Tally::default();
        for line in [
            "running 4 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.00s",
        ] {
            if let Some(tally) = Tally::parse(line) {
                total += tally;
            }
        }
        assert_eq!(total, Tally { passed: 13, failed: 2, ignored: 1, programs: 2 });
        assert_eq!(total.to_string(), "13 passed, 2 failed, 1 ignored");
    }
}
