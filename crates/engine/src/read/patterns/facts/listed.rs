//! Listings: what every imported version of every official list says of addresses, and what official labels say besides.

use super::kept::Kept;
use crate::Engine;
use crate::error::EngineError;
use athar_labels::official_meaning;
use athar_lists::{ListEntry, ListStore, ListVersion};
use athar_patterns::{Classes, Listing};
use athar_types::address::detect_on;
use athar_types::{Basis, Day, Network, UnixTime};
use std::collections::BTreeMap;

/// Every identifier of the lists, of whatever chain, without its number there.
static LISTED: Kept<Vec<Listing>> = Kept::new();

/// An identifier of an entry over the versions of its list.
struct Spell {
    written: String,
    classes: Classes,
    first: Day,
    /// The last version that has it, by its place.
    last: usize,
    listed_on: Option<Day>,
    delisted_on: Option<Day>,
}

/// Every address on a list, by text, list and entry.
pub(super) fn listings(engine: &Engine) -> Result<Vec<Listing>, EngineError> {
    let lists = LISTED.get(engine.lists.version_hash(), || of_lists(&engine.lists))?;
    let mut found: Vec<Listing> = lists.to_vec();
    for listing in &mut found {
        listing.address = engine.number_of(&listing.written);
        listing.text = text_of(engine, listing.address, &listing.written);
    }
    of_labels(engine, &mut found);
    found.sort_by(|a, b| (&a.text, &a.list, &a.entry, &a.written).cmp(&(&b.text, &b.list, &b.entry, &b.written)));
    Ok(found)
}

/// Every identifier that may be an address, over all versions.
fn of_lists(lists: &ListStore) -> Result<Vec<Listing>, EngineError> {
    let mut names: Vec<&str> = lists.history().iter().map(|v| v.info.list.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Vec::new();
    for list in names {
        of_list(lists, list, &mut found)?;
    }
    Ok(found)
}

fn of_list(lists: &ListStore, name: &str, found: &mut Vec<Listing>) -> Result<(), EngineError> {
    let versions = lists.versions(name);
    let day = |version: &ListVersion| version.info.as_of.unwrap_or(version.known_from);
    let mut kept: BTreeMap<(String, String), Spell> = BTreeMap::new();
    for (at, version) in versions.iter().enumerate() {
        let list = lists.load(&version.version)?;
        for entry in &list.entries {
            let mut classes = None;
            for written in texts(entry) {
                let classes = *classes.get_or_insert_with(|| Classes::of(official_meaning(&list.info, entry).0));
                let key = (entry.id.clone(), athar_lists::normal(written));
                let one = kept.entry(key).or_insert_with(|| Spell {
                    written: written.into(),
                    classes,
                    first: day(version),
                    last: at,
                    listed_on: entry.listed_on,
                    delisted_on: None,
                });
                // the source's last word
                (one.last, one.delisted_on) = (at, entry.delisted_on);
                one.classes = one.classes.with(classes);
                one.listed_on = entry.listed_on.or(one.listed_on);
            }
        }
    }
    for ((entry, _), one) in kept {
        // it left with the first version that lacks it, unless the source gives a day
        let gone = versions.get(one.last + 1).map(|version| day(version));
        found.push(Listing {
            address: None,
            text: String::new(),
            list: name.into(),
            entry,
            first_seen: start(one.first),
            listed_since: one.listed_on.and_then(start),
            listed_until: one.delisted_on.or(gone).and_then(start),
            written: one.written,
            classes: one.classes,
        });
    }
    Ok(())
}

/// What may be an address among what an entry has.
fn texts(entry: &ListEntry) -> impl Iterator<Item = &str> {
    let is_address = |text: &&str| text.len() >= 20 && !detect_on(Network::Mainnet, text.trim()).is_empty();
    let others = entry.identifiers.iter().filter(|i| matches!(i.kind.as_str(), "wallet" | "account" | "other"));
    let others = others.map(|i| i.value.as_str()).filter(is_address);
    entry.wallets.iter().map(|w| w.address.as_str()).chain(others)
}

/// Labels that an authority's list or order stands behind, of the engine's chain, that no imported list has.
fn of_labels(engine: &Engine, found: &mut Vec<Listing>) {
    let official = [Basis::Designation, Basis::SeizureOrder];
    let known: std::collections::BTreeSet<u32> = found.iter().filter_map(|l| l.address).collect();
    for label in engine.labels.iter().filter(|l| l.is_accepted() && l.chain == Some(engine.chain)) {
        if !official.contains(&label.basis) {
            continue;
        }
        let address = engine.number_of(&label.text);
        if address.is_none_or(|address| known.contains(&address)) {
            continue;
        }
        found.push(Listing {
            address,
            text: label.text.to_string(),
            list: label.pack.title.clone(),
            entry: label.entry.clone().unwrap_or_else(|| label.name.clone()),
            first_seen: label.pack.as_of.and_then(start),
            listed_since: label.valid_from.and_then(start),
            listed_until: label.valid_to.and_then(|day| start(Day(day.0.saturating_add(1)))),
            written: label.as_written.as_deref().unwrap_or(&label.text).to_owned(),
            classes: Classes::of(label.categories.iter().copied()),
        });
    }
}

/// The canonical text of an address that the chain has, else the text as written.
fn text_of(engine: &Engine, address: Option<u32>, written: &str) -> String {
    match (address, engine.of_accounts(), &engine.ledger) {
        (Some(address), Some(chain), _) => chain.ledger.account_text(address),
        (Some(address), None, Some(ledger)) => ledger.address_text(athar_types::AddressId(address)),
        _ => written.trim().to_owned(),
    }
}

/// The first second of a day; none before 1970.
fn start(day: Day) -> Option<UnixTime> {
    u32::try_from(i64::from(day.0) * 86_400).ok().map(UnixTime)
}
