//! Official lists: which versions there are, what stands in one, what changed, what was listed when, who has a number.

use super::ListedIdentifier;
use crate::Engine;
use crate::error::EngineError;
use athar_labels::{RiskTable, official_meaning};
use athar_lists::{
    Found, Identifiers, List, ListDiff, ListEntry, ListError, ListStore, ListVersion, Listed, ReadOptions,
};
use athar_types::{Basis, Category, Day, Relation};
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// What the entries of a list mean, by their reference.
pub(crate) type Meanings = HashMap<String, (Category, Basis)>;

/// Every imported version of every list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListsView {
    /// The versions, by list and then from the oldest on.
    pub versions: Vec<ListVersionView>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// One version of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListVersionView {
    /// Whether it is the newest of its list.
    pub newest: bool,
    /// The version.
    #[serde(flatten)]
    pub version: ListVersion,
}

/// One entry of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListEntryView {
    /// The version that it was read from.
    pub version: ListVersion,
    /// The entry.
    pub entry: ListEntry,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// What changed between two versions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListDiffView {
    /// The difference.
    #[serde(flatten)]
    pub diff: ListDiff,
    /// BLAKE3 over the program's version and the two versions' sources: all that the answer depends on.
    pub snapshot: String,
}

/// Whether an entry was listed on a day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListedView {
    /// The answer.
    #[serde(flatten)]
    pub listed: Listed,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// The listed entries that have an identifier.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListsFoundView {
    /// What was asked for.
    pub value: String,
    /// The entries, in the order of lists.
    pub found: Vec<Found>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// Entries of a version of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListEntriesView {
    /// The version.
    pub version: ListVersion,
    /// A page of its entries, in the order of the list.
    pub entries: Vec<ListEntry>,
    /// Entries that fit.
    pub total: u64,
    /// Where the page begins.
    pub offset: u64,
    /// Whether there are more after the page.
    pub truncated: bool,
}

/// A page of the entries of a list whose reference or one of whose names holds a text, upper and lower case alike.
pub fn page_of_entries(
    version: &ListVersion,
    list: &List,
    holds: Option<&str>,
    offset: u64,
    limit: usize,
) -> ListEntriesView {
    let holds = holds.map(str::to_lowercase);
    let fits = |entry: &&ListEntry| {
        let Some(text) = holds.as_deref() else { return true };
        entry.id.to_lowercase().contains(text)
            || entry.names.iter().any(|name| name.text.to_lowercase().contains(text))
            || entry.wallets.iter().any(|wallet| wallet.address.to_lowercase().contains(text))
    };
    let fitting: Vec<&ListEntry> = list.entries.iter().filter(fits).collect();
    let first = usize::try_from(offset).unwrap_or(usize::MAX);
    let entries: Vec<ListEntry> = fitting.iter().skip(first).take(limit).map(|entry| (*entry).clone()).collect();
    ListEntriesView {
        version: version.clone(),
        total: fitting.len() as u64,
        truncated: first.saturating_add(entries.len()) < fitting.len(),
        entries,
        offset,
    }
}

impl Engine {
    /// A version of a list with all its entries: the newest of a list, or the one that is named.
    pub fn list_loaded(&self, list: &str) -> Result<(ListVersion, List), EngineError> {
        let version = self.lists.find_version(list).ok_or_else(|| ListError::NoSuch { what: list.into() })?;
        Ok((version.clone(), self.lists.load(&version.version)?))
    }

    /// Every imported version of every list, and which is the newest of each.
    pub fn lists(&self) -> ListsView {
        let live: Vec<&str> = self.lists.live().iter().map(|v| v.version.as_str()).collect();
        let mut names: Vec<&str> = self.lists.history().iter().map(|v| v.info.list.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let versions = names.into_iter().flat_map(|list| self.lists.versions(list));
        let versions =
            versions.map(|v| ListVersionView { newest: live.contains(&v.version.as_str()), version: v.clone() });
        ListsView { versions: versions.collect(), snapshot: self.snapshot("lists", &()) }
    }

    /// An entry of a list, in its newest version or the one that `list` names; `None` where it has no such entry.
    pub fn list_entry(&self, list: &str, id: &str) -> Result<Option<ListEntryView>, EngineError> {
        let version = self.lists.find_version(list).ok_or_else(|| ListError::NoSuch { what: list.into() })?;
        let loaded = self.lists.load(&version.version)?;
        let entry = loaded.entries.into_iter().find(|e| e.id == id);
        let snapshot = self.snapshot("lists show", &(list, id));
        Ok(entry.map(|entry| ListEntryView { version: version.clone(), entry, snapshot }))
    }

    /// Whether an entry was on a list on a day.
    pub fn listed_on(&self, list: &str, id: &str, day: Day) -> Result<ListedView, EngineError> {
        let listed = self.lists.listed_on(list, id, day)?;
        Ok(ListedView { listed, snapshot: self.snapshot("lists on", &(list, id, day)) })
    }

    /// The entries of the newest versions that have this identifier or address.
    pub fn lists_find(&self, value: &str) -> Result<ListsFoundView, EngineError> {
        let found = self.list_identifiers()?.find(value).into_iter().cloned().collect();
        Ok(ListsFoundView { value: value.into(), found, snapshot: self.snapshot("lists find", &value) })
    }

    /// The entries of official lists that have a text as an identifier.
    pub(crate) fn listed_identifiers(&self, text: &str) -> Result<Vec<ListedIdentifier>, EngineError> {
        let found = self.list_identifiers()?.find(text);
        let mut listed = Vec::with_capacity(found.len());
        for found in found {
            let Some((category, basis)) = self.meanings(&found.version)?.get(&found.id).copied() else { continue };
            let level = RiskTable::shipped().level(category, basis, Relation::Ownership);
            let counts = matches!(found.kind.as_str(), "wallet" | "account" | "email" | "phone");
            listed.push(ListedIdentifier { category, basis, level, counts, found: found.clone() });
        }
        Ok(listed)
    }

    /// What the entries of a version mean, read when it is first asked for: a list takes a while to read.
    fn meanings(&self, version: &str) -> Result<Arc<Meanings>, EngineError> {
        let known = |known: &HashMap<String, Arc<Meanings>>| known.get(version).cloned();
        // nothing is left half done under this lock
        if let Some(meanings) = known(&self.meanings.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(meanings);
        }
        let list = self.lists.load(version)?;
        let mut meanings = Meanings::new();
        for entry in &list.entries {
            let (categories, basis) = official_meaning(&list.info, entry);
            let level = |category| RiskTable::shipped().level(category, basis, Relation::Ownership);
            let best = categories.into_iter().max_by_key(|category| (level(*category), Reverse(*category)));
            meanings.entry(entry.id.clone()).or_insert((best.unwrap_or(Category::Unknown), basis));
        }
        let mut all = self.meanings.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.entry(version.to_owned()).or_insert(Arc::new(meanings)).clone())
    }

    /// Reads what is else read when it is first asked for, so that no question has to wait for it: the identifiers of every
    /// list, and what their entries mean.
    pub fn warm(&self) -> Result<(), EngineError> {
        self.list_identifiers()?;
        self.lists.live().into_iter().try_for_each(|version| self.meanings(&version.version).map(|_| ()))
    }

    /// The identifiers of every list, read when they are first asked for.
    pub(crate) fn list_identifiers(&self) -> Result<&Identifiers, EngineError> {
        if let Some(known) = self.identifiers.get() {
            return Ok(known);
        }
        let read = Identifiers::of(&self.lists)?;
        Ok(self.identifiers.get_or_init(|| read))
    }
}

/// What changed between two lists, each a file, a folder of addresses by asset, or a version in the store in `folder`
/// (which need not exist): `un-sc`, `un-sc@2026-02-27`, the beginning of a hash.
pub fn lists_diff(folder: &Path, old: &str, new: &str) -> Result<ListDiffView, EngineError> {
    let store = ListStore::open(crate::write::lists_folder(folder))?;
    let (old, new) = (list_of(&store, old)?, list_of(&store, new)?);
    let mut hasher = blake3::Hasher::new_derive_key("athar lists diff version 1");
    for part in
        [env!("CARGO_PKG_VERSION"), &old.info.list, &old.info.source_hash, &new.info.list, &new.info.source_hash]
    {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    let snapshot = hasher.finalize().to_hex().to_string();
    Ok(ListDiffView { diff: athar_lists::diff(&old, &new), snapshot })
}

fn list_of(store: &ListStore, text: &str) -> Result<List, ListError> {
    if let Some(version) = store.find_version(text) {
        return store.load(&version.version);
    }
    if Path::new(text).exists() {
        return athar_lists::read(text, &ReadOptions::default()).map(|(list, _)| list);
    }
    Err(ListError::NoSuch { what: crate::shortened(text) })
}
