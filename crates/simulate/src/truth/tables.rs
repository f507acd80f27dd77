//! The truth's plain tables: actors and mixes.

use super::names::Names;
use crate::{
    SimulateError,
    agents::Economy,
    blocks::{FileEntry, HashedFile},
};
use std::{fmt::Write, path::Path};

/// `truth/actors.csv`: `actor,kind,name,country`, one row an actor in order of its number.
pub(super) fn write_actors(root: &Path, economy: &Economy) -> Result<FileEntry, SimulateError> {
    let mut file = HashedFile::create(root, "truth/actors.csv")?;
    let mut text = String::from("actor,kind,name,country\n");
    for (i, actor) in economy.world.actors.iter().enumerate() {
        let name = actor.name.as_deref().unwrap_or_default();
        // names are the simulator's own and hold no comma
        let _ = writeln!(text, "{i},{},{name},{}", actor.kind.name(), actor.country);
        if text.len() > 1 << 16 {
            file.put(text.as_bytes())?;
            text.clear();
        }
    }
    file.put(text.as_bytes())?;
    file.close(0)
}

/// `truth/coinjoins.csv`: `txid,kind,pool_sat,people`, where `kind` is `whirlpool` or `whirlpool-tx0` and `people` are
/// the owners of the inputs in input order (of a `whirlpool-tx0`, the one owner), joined by `;`.
pub(super) fn write_coinjoins(root: &Path, economy: &Economy, names: &Names<'_>) -> Result<FileEntry, SimulateError> {
    let mut file = HashedFile::create(root, "truth/coinjoins.csv")?;
    let mut text = String::from("txid,kind,pool_sat,people\n");
    for mix in &economy.mixer.log {
        let kind = if mix.round { "whirlpool" } else { "whirlpool-tx0" };
        let people: Vec<String> = mix.people.iter().map(|a| a.0.to_string()).collect();
        let _ = writeln!(text, "{},{kind},{},{}", names.txid(mix.tx), mix.pool, people.join(";"));
        if text.len() > 1 << 16 {
            file.put(text.as_bytes())?;
            text.clear();
        }
    }
    file.put(text.as_bytes())?;
    file.close(0)
}
