//! The `athar` program under soak: its commands, a scratch folder, and what the operating system says of a run.

use crate::cargo;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How often a running child is looked at.
const POLL: Duration = Duration::from_millis(20);

/// The program, with a folder that is emptied before the run.
pub(crate) struct Program {
    path: PathBuf,
    folder: PathBuf,
}

/// How one run of the program ended.
pub(crate) struct Run {
    /// Its exit status.
    pub(crate) status: ExitStatus,
    /// Wall time.
    pub(crate) time: Duration,
    /// The most memory that was resident at once, in KiB, where the system tells.
    pub(crate) peak_kib: Option<u64>,
}

impl Program {
    /// The program at `path`, or its release build, made now; empties `folder`, by default one of `name` among the build output.
    pub(crate) fn new(name: &str, folder: Option<&Path>, path: Option<&Path>) -> Result<Self> {
        let path = path.map_or_else(cargo::athar_release, |path| Ok(path.to_path_buf()))?;
        let folder = match folder {
            // an own folder inside the given one: nothing else in there is ever removed
            Some(given) => given.join(format!("athar-soak-{name}")),
            None => cargo::target_dir()?.join("soak").join(name),
        };
        remove(&folder)?;
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(Self { path, folder })
    }

    /// A path in the scratch folder.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes the scratch folder.
    pub(crate) fn clean(self) -> Result<()> {
        remove(&self.folder)
    }

    /// Simulates a chain of `txs` transactions into `chain/`; gives the folder of its block files.
    pub(crate) fn simulate(&self, seed: u64, txs: u64) -> Result<PathBuf> {
        let out = self.at("chain");
        let mut command = Command::new(&self.path);
        command.args(["simulate", "--seed", &seed.to_string(), "--txs", &txs.to_string(), "--out"]).arg(&out);
        cargo::run(command.stdin(Stdio::null()).stdout(Stdio::null()))?;
        block_folder(&out, 3).with_context(|| format!("no blk*.dat below {}", out.display()))
    }

    /// An ingest of `blocks` into `store`, not started yet, its words thrown away.
    pub(crate) fn ingest(&self, store: &Path, blocks: &Path) -> Command {
        let mut command = self.command(store);
        command.args(["ingest", "bitcoin", "--blocks"]).arg(blocks);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// An import of label files into `store`, not started yet, its words thrown away.
    pub(crate) fn labels(&self, store: &Path, files: &[PathBuf]) -> Command {
        let mut command = self.command(store);
        command.args(["labels", "import"]).args(files);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// A reading command with `--json`, its output kept; the exit status is the caller's to judge.
    pub(crate) fn ask(&self, store: &Path, words: &[&str]) -> Result<Output> {
        let mut command = self.command(store);
        command.arg("--json").args(words).stdin(Stdio::null());
        command.output().with_context(|| format!("could not start `{}`", cargo::line(&command)))
    }

    /// The answer to a question that has one.
    pub(crate) fn answer(&self, store: &Path, words: &[&str]) -> Result<String> {
        let output = self.ask(store, words)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`athar {}`: {}: {said}", words.join(" "), output.status);
        String::from_utf8(output.stdout).with_context(|| format!("`athar {}` printed no UTF-8", words.join(" ")))
    }

    /// Re-reads everything in `store`.
    pub(crate) fn verify(&self, store: &Path) -> Result<Run> {
        let mut command = self.command(store);
        command.arg("verify").stdin(Stdio::null()).stdout(Stdio::null());
        measure(&mut command)
    }

    /// The snapshot that `store` stands at.
    pub(crate) fn snapshot(&self, store: &Path) -> Result<String> {
        let mut command = self.command(store);
        let text = cargo::output(command.args(["--json", "status"]).stdin(Stdio::null()))?;
        let status: Value = serde_json::from_str(&text).context("`athar --json status` printed no JSON")?;
        status["snapshot"].as_str().map(str::to_owned).with_context(|| format!("no `snapshot` in {status}"))
    }

    fn command(&self, store: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("--store").arg(store);
        command
    }
}

/// Runs to the end; the error of a run that could not start names it. A failing exit status is the caller's to judge.
pub(crate) fn measure(command: &mut Command) -> Result<Run> {
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("could not start `{}`", cargo::line(command)))?;
    let mut peak_kib = None;
    loop {
        peak_kib = peak_kib.max(resident_peak_kib(&child));
        if let Some(status) = child.try_wait()? {
            return Ok(Run { status, time: start.elapsed(), peak_kib });
        }
        thread::sleep(POLL);
    }
}

/// Like [`measure`], but a failing exit status is an error.
pub(crate) fn measure_ok(command: &mut Command) -> Result<Run> {
    let run = measure(command)?;
    if !run.status.success() {
        bail!("`{}` failed: {}", cargo::line(command), run.status);
    }
    Ok(run)
}

/// Starts the command and kills it after `delay`, with no chance to clean up. `None` where it was killed; else the
/// status with which it ended before.
#[cfg(test)]
pub(crate) fn kill_after(command: &mut Command, delay: Duration) -> Result<Option<ExitStatus>> {
    kill_when(command, || true, delay)
}

/// The same, `delay` after `ready` first says so; it is asked again and again.
pub(crate) fn kill_when(
    command: &mut Command,
    mut ready: impl FnMut() -> bool,
    delay: Duration,
) -> Result<Option<ExitStatus>> {
    let mut child = command.spawn().with_context(|| format!("could not start `{}`", cargo::line(command)))?;
    while !ready() {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_micros(200));
    }
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let Some(left) = delay.checked_sub(start.elapsed()) else { break };
        thread::sleep(left.min(Duration::from_millis(1)));
    }
    child.kill()?;
    let status = child.wait()?;
    // it may have ended between the last look and the kill
    Ok(if status.code().is_some() { Some(status) } else { None })
}

/// Removes a file or a folder with all that is in it; absence is fine.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Bytes of all files below `folder`, as their lengths say.
pub(crate) fn bytes_below(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}

/// The first folder at or below `folder` that holds block files.
fn block_folder(folder: &Path, depth: usize) -> Option<PathBuf> {
    if folder.join("blk00000.dat").is_file() {
        return Some(folder.to_owned());
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    below.sort();
    below.into_iter().filter(|path| path.is_dir() && depth > 0).find_map(|path| block_folder(&path, depth - 1))
}

/// Linux keeps the high-water mark of resident memory in the process's status file; elsewhere nothing is read.
fn resident_peak_kib(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_kill_in_the_middle_is_told_from_an_end_before_it() {
        assert_eq!(kill_after(&mut shell("exec sleep 60"), Duration::from_millis(30)).unwrap(), None);
        let status = kill_after(&mut shell("exit 3"), Duration::from_secs(60)).unwrap().unwrap();
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn a_failing_run_is_an_error_that_names_it() {
        let Err(error) = measure_ok(&mut shell("exit 2")) else { panic!("exit 2 passed") };
        assert!(error.to_string().contains("sh -c \"exit 2\"` failed"), "{error}");
    }

    #[test]
    fn block_files_are_found_below_and_bytes_are_summed() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(block_folder(folder.path(), 3), None);
        let blocks = folder.path().join("regtest").join("blocks");
        fs::create_dir_all(&blocks).unwrap();
        fs::write(blocks.join("blk00000.dat"), [0; 10]).unwrap();
        fs::write(folder.path().join("truth.csv"), [0; 5]).unwrap();
        assert_eq!(block_folder(folder.path(), 3), Some(blocks));
        assert_eq!(bytes_below(folder.path()).unwrap(), 15);
    }
}
