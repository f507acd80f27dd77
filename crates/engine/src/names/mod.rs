//! Names against the imported lists: one ([`NameScreener::view`]), or a file of customers ([`Batch`]). Needs no chain.

mod batch;
mod customers;

pub use athar_names::{
    Comparison, Facts, Grade, Hit, Query, Rule, Session, THRESHOLD, Wanted, Why, compare, compare_with, tables_hash,
};
pub use batch::{Batch, BatchFormat, BatchLine, BatchSummary};
pub use customers::{Customers, NamePairs};

use crate::error::EngineError;
use athar_lists::{ListEntry, ListStore, ListVersion, NameKind, Quality};
use athar_names::{Listed, ListedName, Screener};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// A list that names are screened against.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UsedList {
    /// Its id.
    pub list: String,
    /// Its title.
    pub title: String,
    /// The day of the version. `None`: unknown.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<athar_types::Day>,
    /// BLAKE3 of the file that it was read from.
    pub source_hash: String,
    /// How many entries it has.
    pub entries: u64,
}

/// What the lists say of one name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NameView {
    /// The name as asked.
    pub name: String,
    /// The listed subjects it could be, the best first. None: no listed name is near; that is all it says.
    pub hits: Vec<Hit>,
    /// Hits of a lower score are left out.
    pub threshold: f32,
    /// The lists that were asked.
    pub lists: Vec<UsedList>,
    /// Snapshot of this answer.
    pub snapshot: String,
}

/// The names of the newest versions of lists.
#[derive(Debug)]
pub struct NameScreener {
    screener: Screener,
    lists: Vec<UsedList>,
    /// BLAKE3 over everything except the question.
    basis: [u8; 32],
}

impl NameScreener {
    /// Reads the newest version of every list in the store in `folder`, or of those in `only`.
    pub fn open(folder: &Path, only: &[String]) -> Result<Self, EngineError> {
        let store = ListStore::open(crate::write::lists_folder(folder))?;
        let mut versions: Vec<ListVersion> = Vec::new();
        if only.is_empty() {
            versions.extend(store.live().into_iter().cloned());
        }
        for list in only {
            let what = || athar_lists::ListError::NoSuch { what: crate::shortened(list) };
            let version = store.find_version(list).ok_or_else(what)?;
            if !versions.contains(version) {
                versions.push(version.clone());
            }
        }
        versions.sort_by(|a, b| (&a.info.list, &a.version).cmp(&(&b.info.list, &b.version)));
        let mut listed = Vec::new();
        let mut lists = Vec::new();
        let mut hasher = blake3::Hasher::new_derive_key("athar names version 1");
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes()).update(&tables_hash());
        for version in &versions {
            hasher.update(version.version.as_bytes());
            let list = store.load(&version.version)?;
            // lists of addresses alone name nobody
            let named = list.entries.iter().filter(|e| !e.names.is_empty());
            let before = listed.len();
            listed.extend(named.map(|entry| subject(&version.info.list, entry)));
            if listed.len() == before {
                continue;
            }
            lists.push(UsedList {
                list: version.info.list.clone(),
                title: version.info.title.clone(),
                as_of: version.info.as_of,
                source_hash: version.info.source_hash.clone(),
                entries: version.info.entries,
            });
        }
        if listed.is_empty() {
            return Err(EngineError::NoLists);
        }
        Ok(Self { screener: Screener::new(listed), lists, basis: *hasher.finalize().as_bytes() })
    }

    /// The lists that are asked.
    pub fn lists(&self) -> &[UsedList] {
        &self.lists
    }

    /// How many names are filed.
    pub fn names(&self) -> usize {
        self.screener.len()
    }

    /// The hits of one name.
    pub fn screen(&self, query: &Query, wanted: &Wanted, session: &mut Session) -> Vec<Hit> {
        self.screener.screen(query, wanted, session)
    }

    /// The hits of one name, with what they depend on.
    pub fn view(&self, query: &Query, wanted: &Wanted) -> NameView {
        let hits = self.screen(query, wanted, &mut Session::default());
        let question = (&query.name, &query.facts, wanted.threshold, wanted.top);
        NameView {
            name: query.name.clone(),
            hits,
            threshold: wanted.threshold,
            lists: self.lists.clone(),
            snapshot: self.snapshot(&serde_json::json!(question)),
        }
    }

    /// The snapshot of an answer to `question`.
    pub(crate) fn snapshot(&self, question: &serde_json::Value) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("athar names snapshot version 1");
        hasher.update(&self.basis).update(question.to_string().as_bytes());
        hasher.finalize().to_hex().to_string()
    }
}

/// A list's entry as a subject to screen against.
fn subject(list: &str, entry: &ListEntry) -> Listed {
    let name = |n: &athar_lists::ListedName| ListedName { text: n.text.clone(), weak: n.quality == Quality::Low };
    let primary = |n: &&athar_lists::ListedName| n.kind == NameKind::Primary;
    let mut names: Vec<ListedName> = entry.names.iter().filter(primary).map(name).collect();
    names.extend(entry.names.iter().filter(|n| !primary(n)).map(name));
    let year = |d: Option<athar_lists::PartialDay>| d.map(|d| d.year as i16);
    let born = entry.births.iter().filter_map(|b| {
        let from = year(b.from).or(year(b.to))?;
        let to = year(b.to).unwrap_or(from);
        // an approximate date may be two years off
        let slack = if b.circa { 2 } else { 0 };
        Some((from - slack, to + slack))
    });
    let identifiers = entry.identifiers.iter().map(|i| i.value.clone());
    Listed {
        list: list.into(),
        id: entry.id.clone(),
        names,
        facts: Facts {
            born: born.collect(),
            countries: entry.countries.clone(),
            identifiers: identifiers.chain(entry.wallets.iter().map(|w| w.address.clone())).collect(),
        },
    }
}
