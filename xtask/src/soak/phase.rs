//! What a killed program was at, as far as the files that it left tell.

use super::branch::Branches;
use serde_json::Value;
use std::{fmt, fs, path::Path};

/// What the program was told to do when it was killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Work {
    /// Reading the first branch.
    Bulk,
    /// Importing labels.
    Labels,
    /// Going over to the second branch.
    Reorg,
}

/// Where a kill fell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Phase {
    /// Before the first commit of a store.
    NoCommit,
    /// No half-made file: reading, decoding, or between two commits.
    Reading,
    /// A segment or its run was being written.
    Segment,
    /// A join was being written, or what it replaced removed.
    Merge,
    /// A cut was being written, or what it dropped removed.
    Unwind,
    /// The chain was whole; entities were being computed or written.
    Entities,
    /// Labels were being imported.
    Labels,
    /// All was done but the end of the process.
    Done,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCommit => "before the first commit",
            Self::Reading => "reading",
            Self::Segment => "segment",
            Self::Merge => "merge",
            Self::Unwind => "unwind",
            Self::Entities => "entities",
            Self::Labels => "labels",
            Self::Done => "done",
        })
    }
}

/// A folder of a segment or run, by its name: first and last block.
fn blocks_of(name: &str) -> Option<[u32; 2]> {
    let rest = name.strip_prefix("segment-").or_else(|| name.strip_prefix("run-"))?;
    let mut parts = rest.split('-');
    Some([parts.next()?.parse().ok()?, parts.next()?.parse().ok()?])
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn json(path: &Path) -> Value {
    fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Judges the store in `folder` after `work` was killed.
pub(crate) fn judge(folder: &Path, work: Work, branches: &Branches) -> Phase {
    let manifest = json(&folder.join("MANIFEST.json"));
    let chain = &manifest["manifest"]["chains"][0];
    let folders = |kind: &str| chain[kind].as_array().cloned().unwrap_or_default();
    let named: Vec<String> = ["segments", "runs"]
        .iter()
        .flat_map(|kind| folders(kind))
        .filter_map(|entry| entry["folder"].as_str().map(str::to_owned))
        .collect();
    if work == Work::Labels {
        return Phase::Labels;
    }
    let left = names(&folder.join("bitcoin")).into_iter().filter(|name| !named.contains(name));
    let left: Vec<[u32; 2]> = left.filter_map(|name| blocks_of(&name)).collect();
    let Some(tip) = named.iter().filter_map(|name| blocks_of(name)).map(|b| b[1]).max() else {
        return if left.is_empty() { Phase::NoCommit } else { Phase::Segment };
    };
    let fork = branches.fork;
    let cut = |[from, to]: &[u32; 2]| match work {
        // still on the old branch: the new end of a cut; on the new one: what reached over it
        Work::Reorg if tip == branches.short_tip => *to + 1 == fork,
        Work::Reorg => *from < fork && *to >= fork && tip + 1 == fork,
        _ => false,
    };
    if left.iter().any(cut) {
        return Phase::Unwind;
    }
    if left.iter().any(|[from, _]| *from <= tip) {
        return Phase::Merge;
    }
    if !left.is_empty() {
        return Phase::Segment;
    }
    let end = if work == Work::Bulk { branches.short_tip } else { branches.long_tip };
    if tip == end { entities(&folder.join("entities/bitcoin"), tip) } else { Phase::Reading }
}

/// Whether the forests of a whole chain are done.
fn entities(folder: &Path, tip: u32) -> Phase {
    let homes = names(folder);
    let done = homes.iter().any(|home| {
        let home = folder.join(home);
        let manifest = &json(&home.join("MANIFEST.json"))["manifest"];
        let current = manifest["folder"].as_str().unwrap_or_default();
        let others = names(&home).into_iter().filter(|name| name.starts_with("forest-") && name != current);
        manifest["tip"]["height"].as_u64() == Some(u64::from(tip)) && others.count() == 0
    });
    if done { Phase::Done } else { Phase::Entities }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store whose manifest names `named` and whose chain folder holds `there`.
    fn phase(work: Work, named: &[&str], there: &[&str]) -> Phase {
        let folder = tempfile::tempdir().unwrap();
        let segments: Vec<_> = named.iter().map(|name| serde_json::json!({ "folder": name })).collect();
        let manifest = serde_json::json!({ "manifest": { "chains": [{ "segments": segments, "runs": [] }] } });
        fs::write(folder.path().join("MANIFEST.json"), manifest.to_string()).unwrap();
        for name in named.iter().chain(there) {
            fs::create_dir_all(folder.path().join("bitcoin").join(name)).unwrap();
        }
        let [short, long] = [folder.path().into(), folder.path().into()];
        judge(folder.path(), work, &Branches { short, long, fork: 80, short_tip: 89, long_tip: 99 })
    }

    #[test]
    fn what_was_left_tells_the_phase() {
        let two = ["segment-0000000-0000039-aa", "segment-0000040-0000079-bb"];
        let old = ["segment-0000000-0000039-aa", "segment-0000040-0000089-cc"];
        assert_eq!(phase(Work::Bulk, &[], &[]), Phase::NoCommit);
        assert_eq!(phase(Work::Bulk, &two, &[]), Phase::Reading);
        assert_eq!(phase(Work::Bulk, &two, &["run-0000080-0000085-dd"]), Phase::Segment);
        assert_eq!(phase(Work::Bulk, &two, &["run-0000000-0000079-bb"]), Phase::Merge);
        assert_eq!(phase(Work::Bulk, &old, &[]), Phase::Entities);
        assert_eq!(phase(Work::Labels, &old, &[]), Phase::Labels);
        assert_eq!(phase(Work::Reorg, &old, &["segment-0000040-0000079-bb"]), Phase::Unwind);
        assert_eq!(phase(Work::Reorg, &two, &["segment-0000040-0000089-cc"]), Phase::Unwind);
        assert_eq!(phase(Work::Reorg, &two, &["segment-0000080-0000099-ee"]), Phase::Segment);
    }
}
