//! Runs Node's package manager: the libraries as the lock file names them, then the build.

use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest Node that the application's tools run on: major and minor.
const NODE_MIN: (u32, u32) = (20, 19);
/// Lines of a failed command that are shown.
const LINES_SHOWN: usize = 12;

/// Keeps builds of the same sources apart; two of them would tear each other's `node_modules`. Where the system gives no lock
/// the build goes on without.
pub(crate) fn lock(ui: &Path) -> Option<File> {
    let place = fs::canonicalize(ui).ok()?;
    let name = blake3::hash(place.to_string_lossy().as_bytes()).to_hex();
    let path: PathBuf = std::env::temp_dir().join(format!("athar-ui-{}.lock", &name[..16]));
    let file = File::options().create(true).truncate(false).write(true).open(path).ok()?;
    file.lock().ok()?;
    Some(file)
}

/// Builds `ui/dist`. What is wrong is told in a sentence for whoever wants the application.
pub(crate) fn build(ui: &Path) -> Result<(), String> {
    let version = output("node", &["--version"], ui)
        .map_err(|_| format!("Node.js is not installed (version {}.{} or newer is needed)", NODE_MIN.0, NODE_MIN.1))?;
    if !is_new_enough(&version) {
        let (major, minor) = NODE_MIN;
        return Err(format!("Node.js {} is too old: version {major}.{minor} or newer is needed", version.trim()));
    }
    output(npm(), &["--version"], ui)
        .map_err(|_| "npm, the package manager of Node.js, is not installed".to_owned())?;
    if !is_installed(ui) {
        output(npm(), &["ci", "--no-audit", "--no-fund"], ui).map_err(|said| {
            format!("its libraries could not be fetched (npm ci; is the network reachable?): {said}")
        })?;
    }
    output(npm(), &["run", "build"], ui).map_err(|said| format!("its build failed (npm run build): {said}"))?;
    if ui.join("dist/index.html").is_file() {
        Ok(())
    } else {
        Err("its build (npm run build) left no ui/dist/index.html".into())
    }
}

fn npm() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

/// Whether a version such as `v20.19.2` will do.
pub(crate) fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= NODE_MIN
}

/// Whether `node_modules` holds what the lock file names: npm keeps its own account of what it installed.
pub(crate) fn is_installed(ui: &Path) -> bool {
    let read = |path: PathBuf| -> Option<Value> { serde_json::from_slice(&fs::read(path).ok()?).ok() };
    let (Some(lock), Some(installed)) =
        (read(ui.join("package-lock.json")), read(ui.join("node_modules/.package-lock.json")))
    else {
        return false;
    };
    let (Some(wanted), Some(there)) = (lock["packages"].as_object(), installed["packages"].as_object()) else {
        return false;
    };
    let same = |name: &String, package: &Value| match there.get(name) {
        Some(found) => found["version"] == package["version"] && found["integrity"] == package["integrity"],
        // one for another system is rightly absent
        None => package["optional"] == true || package["peer"] == true && package["devOptional"] == true,
    };
    wanted.iter().filter(|(name, _)| !name.is_empty()).all(|(name, package)| same(name, package))
        && there.keys().all(|name| wanted.contains_key(name))
}

/// What a command prints, or the end of what it said where it failed.
fn output(program: &str, words: &[&str], folder: &Path) -> Result<String, String> {
    let run = Command::new(program)
        .args(words)
        .current_dir(folder)
        .env("npm_config_update_notifier", "false")
        // the browser for tests is the system's; nothing else is fetched at build time
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .output()
        .map_err(|e| e.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if run.status.success() {
        return Ok(text(&run.stdout));
    }
    let said = text(&run.stdout) + &text(&run.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    Err(lines[lines.len().saturating_sub(LINES_SHOWN)..].join("\n"))
}
