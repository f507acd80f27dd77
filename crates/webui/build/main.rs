//! Builds the browser application where it is not built yet, and packs it for the binary.
//!
//! Three ways, by `ATHAR_UI`: without it the application is built where Node is there, and where it is not the binary carries a
//! page that says what is missing; `require` makes that a failed build, for CI and releases; `off` never asks Node at all. Cargo
//! runs this again when a source of the application, its built form or `ATHAR_UI` changes, and else not: a binary is not linked
//! anew because some machine has no Node.

mod embed;
mod missing;
mod npm;
mod sources;

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed=ATHAR_UI");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let (ui, out) = (root.join("ui"), PathBuf::from(env::var("OUT_DIR")?));
    let mode = env::var("ATHAR_UI").unwrap_or_default();
    println!("cargo:rerun-if-changed=build");
    for path in sources::watched(&root) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    let built = match mode.as_str() {
        "off" => Err("the application was left out with ATHAR_UI=off".to_owned()),
        "" | "require" => built(&root, &ui),
        other => return Err(format!("ATHAR_UI is `{other}`; it takes off, require, or nothing").into()),
    };
    match built {
        Ok(dist) => {
            embed::write(&embed::read(&dist)?, true, &out)?;
            // a build by hand takes the stamp away, and so has what it made looked at
            println!("cargo:rerun-if-changed={}", sources::stamp_of(&dist).display());
        }
        Err(why) if mode == "require" => return Err(format!("ATHAR_UI=require: {why}").into()),
        Err(why) => {
            if mode.is_empty() {
                println!("cargo:warning=the browser application is not in this binary: {}", why.replace('\n', " "));
            }
            embed::write(&[("index.html".into(), missing::page(&why).into_bytes())], false, &out)?;
        }
    }
    Ok(())
}

/// The folder of the application as built from the sources as they are, or why there is none.
fn built(root: &Path, ui: &Path) -> Result<PathBuf, String> {
    if !ui.join("package.json").is_file() {
        return Err("the folder ui/ with its sources is not in this checkout".into());
    }
    let dist = ui.join("dist");
    let hash = sources::hash(root).map_err(|e| format!("the sources in ui/ cannot be read: {e}"))?;
    if sources::is_built(&dist, &hash) {
        return Ok(dist);
    }
    let _lock = npm::lock(ui);
    // another build may have made it while this one waited
    if !sources::is_built(&dist, &hash) {
        npm::build(ui)?;
        sources::stamp(&dist, &hash).map_err(|e| format!("ui/dist cannot be stamped: {e}"))?;
    }
    Ok(dist)
}
