//! What changed between two versions of a list: entries by their reference, and each changed field with its old and new
//! value; addresses of digital currencies over the whole list.
//!
//! Lists that only hold addresses (OFAC's by asset) have no entries to compare: then addresses alone are, and it is said.

use crate::entry::{EntryKind, ListEntry};
use crate::list::{List, ListInfo};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ListDiff {
    /// The older version.
    pub old: ListInfo,
    /// The newer version.
    pub new: ListInfo,
    /// Whether entries were compared; otherwise addresses alone were, since one of the two has no entries.
    pub entries_compared: bool,
    /// Entries that stand in the newer alone, in the order of their references.
    pub added: Vec<EntrySummary>,
    /// Entries that stood in the older alone, in the order of their references.
    pub removed: Vec<EntrySummary>,
    /// Entries that differ, in the order of their references.
    pub changed: Vec<EntryChange>,
    /// Entries that are the same in both.
    pub unchanged: u64,
    /// Addresses that stand in the newer alone, sorted.
    pub wallets_added: Vec<WalletSummary>,
    /// Addresses that stood in the older alone, sorted.
    pub wallets_removed: Vec<WalletSummary>,
    /// Addresses that stand in both.
    pub wallets_unchanged: u64,
}

impl ListDiff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        [self.added.len(), self.removed.len(), self.changed.len(), self.wallets_added.len(), self.wallets_removed.len()]
            == [0; 5]
    }
}

/// An entry in one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EntrySummary {
    /// Its reference.
    pub id: String,
    /// What it is about.
    pub kind: EntryKind,
    /// Its primary name.
    pub name: Option<String>,
    /// Line of the entry in its file.
    pub line: u32,
}

impl From<&ListEntry> for EntrySummary {
    fn from(entry: &ListEntry) -> Self {
        let name = entry.primary_name().map(str::to_owned);
        Self { id: entry.id.clone(), kind: entry.kind, name, line: entry.line }
    }
}

/// An entry that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct EntryChange {
    /// Its reference.
    pub id: String,
    /// Its primary name in the newer version.
    pub name: Option<String>,
    /// The fields that differ, by name.
    pub fields: Vec<FieldChange>,
}

/// A field that differs: of a field with several values, those that went and those that came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// Values of the older version that the newer does not have.
    pub old: Vec<String>,
    /// Values of the newer version that the older does not have.
    pub new: Vec<String>,
}

/// An address of a digital currency.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct WalletSummary {
    /// The address as written.
    pub address: String,
    /// The currencies that it stands under.
    pub assets: Vec<String>,
    /// The entries that it stands under.
    pub entries: Vec<String>,
}

/// Compares two versions. The order of the result depends on nothing but their content.
pub fn diff(old: &List, new: &List) -> ListDiff {
    let entries_compared = !old.info.format.is_by_address() && !new.info.format.is_by_address();
    let (before, after) = (wallets(old), wallets(new));
    let only = |a: &BTreeMap<String, WalletSummary>, b: &BTreeMap<String, WalletSummary>| {
        a.iter().filter(|(key, _)| !b.contains_key(*key)).map(|(_, wallet)| wallet.clone()).collect()
    };
    let mut diff = ListDiff {
        old: old.info.clone(),
        new: new.info.clone(),
        entries_compared,
        added: Vec::new(),
        removed: Vec::new(),
        changed: Vec::new(),
        unchanged: 0,
        wallets_added: only(&after, &before),
        wallets_removed: only(&before, &after),
        wallets_unchanged: after.keys().filter(|key| before.contains_key(*key)).count() as u64,
    };
    if !entries_compared {
        return diff;
    }
    let by_id = |list: &'_ List| -> BTreeMap<String, usize> {
        list.entries.iter().enumerate().map(|(i, e)| (e.id.clone(), i)).collect()
    };
    let (before, after) = (by_id(old), by_id(new));
    for (id, i) in &after {
        let entry = &new.entries[*i];
        let Some(j) = before.get(id) else {
            diff.added.push(entry.into());
            continue;
        };
        let fields = changes(&old.entries[*j], entry);
        if fields.is_empty() {
            diff.unchanged += 1;
        } else {
            diff.changed.push(EntryChange { id: id.clone(), name: entry.primary_name().map(str::to_owned), fields });
        }
    }
    diff.removed =
        before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(_, j)| (&old.entries[*j]).into()).collect();
    diff
}

/// The fields of an entry as texts, by name. The line is none: it says where, not what.
fn fields(entry: &ListEntry) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut put = |name: &str, value: String| {
        found.entry(name.to_owned()).or_default().insert(value);
    };
    put("kind", entry.kind.name().into());
    for name in &entry.names {
        put("name", format!("{} ({}, {})", name.text, name.kind.name(), name.quality.name()));
    }
    for born in &entry.births {
        put("birth", format!("{}{}", born.as_written, if born.circa { " (circa)" } else { "" }));
    }
    for id in &entry.identifiers {
        let rest = [id.country.as_deref(), id.note.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
        put("identifier", format!("{} {}{}{rest}", id.kind, id.value, if rest.is_empty() { "" } else { ", " }));
    }
    for wallet in &entry.wallets {
        put("wallet", format!("{} {}", wallet.asset, wallet_key(&wallet.address)));
    }
    for (name, texts) in [
        ("birth_place", &entry.birth_places),
        ("country", &entry.countries),
        ("address", &entry.addresses),
        ("program", &entry.programs),
    ] {
        for text in texts {
            put(name, text.clone());
        }
    }
    for (name, day) in
        [("listed_on", entry.listed_on), ("delisted_on", entry.delisted_on), ("updated_on", entry.updated_on)]
    {
        if let Some(day) = day {
            put(name, day.to_string());
        }
    }
    if let Some(remarks) = &entry.remarks {
        put("remarks", remarks.clone());
    }
    for detail in &entry.details {
        put(&detail.name, detail.value.clone());
    }
    found
}

fn changes(old: &ListEntry, new: &ListEntry) -> Vec<FieldChange> {
    let (before, after) = (fields(old), fields(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let none = BTreeSet::new();
    let mut found = Vec::new();
    for name in names {
        let (a, b) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        if a != b {
            let only = |x: &BTreeSet<String>, y: &BTreeSet<String>| x.difference(y).cloned().collect();
            found.push(FieldChange { field: name.clone(), old: only(a, b), new: only(b, a) });
        }
    }
    found
}

/// Every address of a list, by the text that tells two of them apart.
fn wallets(list: &List) -> BTreeMap<String, WalletSummary> {
    let mut found: BTreeMap<String, WalletSummary> = BTreeMap::new();
    for entry in &list.entries {
        for wallet in &entry.wallets {
            let summary = found.entry(wallet_key(&wallet.address)).or_insert_with(|| WalletSummary {
                address: wallet.address.clone(),
                assets: Vec::new(),
                entries: Vec::new(),
            });
            for (texts, text) in [(&mut summary.assets, &wallet.asset), (&mut summary.entries, &entry.id)] {
                if !texts.contains(text) {
                    texts.push(text.clone());
                    texts.sort();
                }
            }
        }
    }
    found
}

/// An address as it is compared: those whose letters' case carries only a checksum, or nothing (`0x…`, bech32), in lower
/// case, every other as written.
fn wallet_key(address: &str) -> String {
    let address = address.trim();
    let is_evm =
        address.len() == 42 && address.starts_with("0x") && address[2..].bytes().all(|b| b.is_ascii_hexdigit());
    let is_bech32 = ["bc1", "BC1", "ltc1", "LTC1"].iter().any(|hrp| address.starts_with(hrp));
    if is_evm || is_bech32 { address.to_lowercase() } else { address.to_owned() }
}
