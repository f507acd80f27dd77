//! Cargo and other programs as child processes of a chore.

use anyhow::{Context, Result, bail};
use std::{
    env,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    // `cargo run` sets the variable; the compiled-in value serves a copied binary
    let own = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    own.parent().map_or_else(|| own.clone(), Path::to_path_buf)
}

/// The cargo that runs this chore, with `args`, at the root of the workspace.
pub(crate) fn cargo<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root()).stdin(Stdio::null());
    command
}

/// Runs to the end, output to the terminal; an error names the command where it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let status = command.status().with_context(|| format!("could not start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(command));
    }
    Ok(())
}

/// Runs to the end and gives what was printed to stdout; stderr goes to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("could not start `{}`", line(command)))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", line(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed text that is not UTF-8", line(command)))
}

/// The release build of the `athar` program: built now, or `ATHAR_BIN` where that is set.
pub(crate) fn athar_release() -> Result<PathBuf> {
    athar(&["--release"], "release")
}

/// The same, where a missing application fails the build rather than leaving a page that says so.
pub(crate) fn athar_release_with_ui() -> Result<PathBuf> {
    if let Some(path) = env::var_os("ATHAR_BIN") {
        return Ok(path.into());
    }
    run(cargo(["build", "--package", "athar", "--release"]).env("ATHAR_UI", "require"))?;
    built("release")
}

/// The same without optimisation.
pub(crate) fn athar_debug() -> Result<PathBuf> {
    athar(&[], "debug")
}

/// Where `cargo test --workspace` leaves that program before it runs the first test: integration tests of the package want it.
pub(crate) fn athar_debug_path() -> Result<PathBuf> {
    if let Some(path) = env::var_os("ATHAR_BIN") {
        return Ok(path.into());
    }
    built("debug")
}

fn athar(profile: &[&str], folder: &str) -> Result<PathBuf> {
    if let Some(path) = env::var_os("ATHAR_BIN") {
        return Ok(path.into());
    }
    run(cargo(["build", "--package", "athar"]).args(profile))?;
    built(folder)
}

fn built(folder: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join(folder).join(format!("athar{}", env::consts::EXE_SUFFIX)))
}

/// The folder of all build output.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let metadata = metadata()?;
    let dir = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(dir.into())
}

/// What cargo says about the workspace's own packages.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let text = output(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    serde_json::from_str(&text).context("cargo metadata is not JSON")
}

/// A command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        let arg = arg.to_string_lossy();
        if arg.is_empty() || arg.contains(char::is_whitespace) {
            let _ = write!(text, "{arg:?}");
        } else {
            text.push_str(&arg);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_is_named_with_its_arguments() {
        let error = run(&mut cargo(["no-such-command", "two words"])).unwrap_err().to_string();
        assert!(error.contains("cargo no-such-command \"two words\"` failed"), "{error}");
    }

    #[test]
    fn the_root_holds_the_workspace_manifest() {
        let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(text.contains("[workspace]"));
    }
}
