//! Who has this number? Identifiers and addresses of digital currencies, found by exact match after spaces, hyphens and
//! case are left out; nothing is guessed beyond that.

use crate::entry::{EntryKind, ListEntry};
use crate::error::ListError;
use crate::store::ListStore;
use athar_types::Day;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;

/// A hit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Found {
    /// The list.
    pub list: String,
    /// What the list is called.
    pub title: String,
    /// The day of its newest imported version; `None`: unknown.
    #[schemars(with = "Option<String>")]
    pub as_of: Option<Day>,
    /// The version.
    pub version: String,
    /// The entry's reference.
    pub id: String,
    /// What the entry is about.
    pub entry_kind: EntryKind,
    /// Its primary name.
    pub name: Option<String>,
    /// Its programmes.
    pub programs: Vec<String>,
    /// Kind of the identifier; `wallet` for an address.
    pub kind: String,
    /// The identifier as the list writes it.
    pub value: String,
    /// The country that issued it, or the currency of an address, as written.
    pub of: Option<String>,
    /// What else the list says of it.
    pub note: Option<String>,
    /// The day of listing, where the source gives it.
    #[schemars(with = "Option<String>")]
    pub listed_on: Option<Day>,
    /// Line of the entry in its file.
    pub line: u32,
}

/// The identifiers of the newest version of every list.
#[derive(Debug, Default)]
pub struct Identifiers {
    found: Vec<Found>,
    by_value: HashMap<String, Vec<usize>>,
}

impl Identifiers {
    /// Reads them from the store.
    pub fn of(store: &ListStore) -> Result<Self, ListError> {
        let mut all = Self::default();
        for version in store.live() {
            let list = store.load(&version.version)?;
            for entry in &list.entries {
                let base = |kind: &str, value: &str, of: Option<&str>, note: Option<&str>, line: u32| Found {
                    list: list.info.list.clone(),
                    title: list.info.title.clone(),
                    as_of: list.info.as_of,
                    version: version.version.clone(),
                    id: entry.id.clone(),
                    entry_kind: entry.kind,
                    name: entry.primary_name().map(str::to_owned),
                    programs: entry.programs.clone(),
                    kind: kind.into(),
                    value: value.into(),
                    of: of.map(str::to_owned),
                    note: note.map(str::to_owned),
                    listed_on: entry.listed_on,
                    line,
                };
                for id in &entry.identifiers {
                    all.put(base(&id.kind, &id.value, id.country.as_deref(), id.note.as_deref(), entry.line));
                }
                for wallet in &entry.wallets {
                    let asset = Some(wallet.asset.as_str()).filter(|a| !a.is_empty());
                    all.put(base("wallet", &wallet.address, asset, None, wallet.line));
                }
            }
        }
        Ok(all)
    }

    fn put(&mut self, found: Found) {
        let key = normal(&found.value);
        if !key.is_empty() {
            self.by_value.entry(key).or_default().push(self.found.len());
            self.found.push(found);
        }
    }

    /// The entries that have this identifier, in the order of lists and entries.
    pub fn find(&self, value: &str) -> Vec<&Found> {
        self.by_value.get(&normal(value)).into_iter().flatten().map(|i| &self.found[*i]).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// An identifier as it is compared: without spaces and hyphens, in lower case.
pub fn normal(value: &str) -> String {
    let is_hyphen = |c: char| matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}');
    value.chars().filter(|c| !c.is_whitespace() && !is_hyphen(*c)).flat_map(char::to_lowercase).collect()
}

impl ListEntry {
    /// Whether the entry has this identifier or address.
    pub fn has_identifier(&self, value: &str) -> bool {
        let wanted = normal(value);
        let mut values = self.identifiers.iter().map(|i| &i.value).chain(self.wallets.iter().map(|w| &w.address));
        !wanted.is_empty() && values.any(|v| normal(v) == wanted)
    }
}
