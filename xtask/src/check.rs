//! `cargo xtask check`: all that CI runs, in the order in which a failure is cheapest to learn.

use crate::{
    cargo,
    soak::kills,
    stage::{Outcome, Stages},
    test, ui,
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What the checks may use beyond the clone.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Bring real nodes (Bitcoin, anvil) for the tests; a missing node fails.
    #[arg(long)]
    nodes: bool,
    /// Require the data set beside the checkout; missing data fails.
    #[arg(long)]
    shared: bool,
    /// Check, build and browse the application; a missing Node, npm or Chromium fails.
    #[arg(long)]
    ui: bool,
    /// Run the tests of shared data on a real PostgreSQL; a missing one fails.
    #[arg(long)]
    postgres: bool,
    /// Also what CI leaves out, for it builds many libraries again: lints of the program without what can be left out, and the
    /// release build for the demo, as the README's command has it, for the browser and for the soak sample. Without it these
    /// three use the program of the tests.
    #[arg(long)]
    full: bool,
    /// Check licences, bans and sources only: for machines that cannot fetch the advisory database.
    #[arg(long)]
    no_advisories: bool,
    /// Length of the soak sample in seconds; 0 leaves it out.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    soak_seconds: u64,
}

/// Runs the stages; the first that fails ends the run.
pub(crate) fn run(args: &Args) -> Result<()> {
    let asked =
        test::Args { nodes: args.nodes, shared: args.shared, postgres: args.postgres, ui: args.ui, rest: Vec::new() };
    let mut stages = Stages::new();
    stages.run("fmt", || passed(&mut cargo::cargo(["fmt", "--all", "--check"])))?;
    if args.ui {
        // first, so that every build after it carries what was built here
        stages.run("ui", ui::checked_and_built)?;
    }
    stages.run("clippy", || {
        passed(&mut cargo::cargo(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
        if args.full {
            let small = ["clippy", "--locked", "--package", "athar", "--no-default-features", "--", "-D", "warnings"];
            passed(&mut cargo::cargo(small))?;
        }
        Ok(Outcome::Passed(String::new()))
    })?;
    stages.run("docs", || {
        let mut command = cargo::cargo(["doc", "--locked", "--workspace", "--no-deps"]);
        passed(command.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    stages.run("deny", || deny(args.no_advisories))?;
    stages.run("test", || test::tests(&asked))?;
    // the tests have built it
    let mut program = cargo::athar_debug_path()?;
    stages.run("demo", || demo(if args.full { None } else { Some(&program) }))?;
    if args.full {
        program = if args.ui { cargo::athar_release_with_ui()? } else { cargo::athar_release()? };
    }
    if args.ui {
        stages.run("browser", || ui::browsed_by(&program, args.nodes, &[]))?;
    }
    if args.soak_seconds > 0 {
        stages.run("soak", || kills::sample(args.soak_seconds, &program))?;
    }
    stages.finish();
    Ok(())
}

fn passed(command: &mut Command) -> Result<Outcome> {
    cargo::run(command).map(|()| Outcome::Passed(String::new()))
}

/// Licences, sources, duplicates and, where the database can be fetched, advisories.
fn deny(no_advisories: bool) -> Result<Outcome> {
    let probe = cargo::cargo(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        let hint = "cargo-deny is missing; install it with `cargo install --locked cargo-deny`";
        if in_ci() {
            bail!("{hint}");
        }
        eprintln!("{hint}");
        return Ok(Outcome::Skipped(hint.into()));
    }
    if no_advisories {
        eprintln!(
            "advisories are NOT checked: --no-advisories was given, for machines that reach package registries but \
             not the host of the advisory database"
        );
        cargo::run(&mut cargo::cargo(["deny", "check", "licenses", "bans", "sources"]))?;
        return Ok(Outcome::Passed("advisories not checked (--no-advisories)".into()));
    }
    cargo::run(&mut cargo::cargo(["deny", "check"]))
        .context("where the advisory database cannot be fetched, --no-advisories checks the rest")?;
    Ok(Outcome::Passed(String::new()))
}

/// The README's first command, in a folder of its own: as a newcomer would type it, or by `program`.
fn demo(program: Option<&Path>) -> Result<Outcome> {
    let folder = cargo::target_dir()?.join("demo-check");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let mut command = if let Some(program) = program {
        Command::new(program)
    } else {
        let manifest = cargo::root().join("Cargo.toml");
        let mut command = cargo::cargo(["run", "--locked", "--release", "--manifest-path"]);
        command.arg(manifest).arg("--");
        command
    };
    command.arg("demo").current_dir(&folder).stdin(Stdio::null());
    eprintln!("$ {}", cargo::line(&command));
    let story = cargo::output(&mut command)?;
    print!("{story}");
    let report = report_path(&story, &folder).context("the demo printed no path of an HTML report that exists")?;
    Ok(Outcome::Passed(format!("report of {} bytes", fs::metadata(report)?.len())))
}

/// The first word of the story that names an HTML file that exists.
fn report_path(story: &str, folder: &Path) -> Option<PathBuf> {
    story
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| "\"'`()<>,;:".contains(c)))
        .map(|word| folder.join(word))
        .find(|path| path.extension().is_some_and(|kind| kind == "html") && path.is_file())
}

/// Whether a CI service runs this: they all set `CI`.
fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_found_in_the_story_only_where_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(report_path("see `report.html`.", folder.path()), None);
        let path = folder.path().join("report.html");
        fs::write(&path, "<html>").unwrap();
        assert_eq!(report_path("see `report.html`, or not", folder.path()), Some(path.clone()));
        assert_eq!(report_path(&format!("Report: {}", path.display()), Path::new("elsewhere")), Some(path));
    }
}
