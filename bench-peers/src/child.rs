//! One process: started, waited for, measured.

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;
use std::{
    io::Read,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use wait4::Wait4;

/// What a process took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// From before its start to after its end.
    pub(crate) wall: Duration,
    /// User and system time of all its threads.
    pub(crate) cpu: Duration,
    /// Most memory resident at once, in bytes, mapped files included. At least what the parent had when it started the
    /// process, so the parent must stay small.
    pub(crate) peak: u64,
}

/// Runs `command` to its end and gives what it printed to stdout; its stderr goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(String, Usage)> {
    let name = format!("{command:?}");
    let start = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {name}"))?;
    let mut text = String::new();
    let mut stdout = child.stdout.take().context("no pipe")?;
    stdout.read_to_string(&mut text).with_context(|| format!("cannot read what {name} prints"))?;
    let used = child.wait4().with_context(|| format!("cannot wait for {name}"))?;
    let wall = start.elapsed();
    ensure!(used.status.success(), "{name} failed: {}", used.status);
    Ok((text, Usage { wall, cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss }))
}

/// The same for a process that prints JSON.
pub(crate) fn json<T: DeserializeOwned>(command: &mut Command) -> Result<(T, Usage)> {
    let (text, usage) = run(command)?;
    Ok((serde_json::from_str(&text).with_context(|| format!("{command:?} printed no counts: {text}"))?, usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_memory_are_those_of_the_process() {
        let (text, usage) = run(Command::new("sh").args(["-c", "echo 7; sleep 0.2"])).unwrap();
        assert_eq!(text, "7\n");
        assert!(usage.wall >= Duration::from_millis(200) && usage.cpu < usage.wall, "{usage:?}");
        assert!((100_000..1 << 28).contains(&usage.peak), "{usage:?}");
    }

    #[test]
    fn a_process_that_fails_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("exit 3") && error.contains("exit status: 3"), "{error}");
    }
}
