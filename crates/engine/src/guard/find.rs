//! Finding merges that are not believed, and making a version of the list.

use super::list::{CutEntity, CutEntry, CutKind, CutList, CutPart, Decision, Stored};
use crate::error::EngineError;
use athar_entities::{Forest, Links, partition, without};
use athar_labels::{Label, LabelStore};
use athar_ledger::{Disk, Ledger, Scratch};
use athar_types::address::parse_key;
use athar_types::{AddressId, Basis, Hash32, TxNum};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Both sides of a merge that is suspect by size have at least so many addresses.
const LARGE_SIDE_MIN: u32 = 10_000;
/// Merges that are looked at for their size, the largest first.
const MERGES_MAX: usize = 2_000;
/// Outputs, inputs and ties looked at for each.
const EDGES_MAX: u64 = 1_000_000;

/// What a new version of the list says, and whether it is new.
#[derive(Clone, Debug)]
pub struct Found {
    /// The list.
    pub list: CutList,
    /// Whether a version was written; otherwise the newest one says the same.
    pub is_new: bool,
    /// Large merges of which the bound left open whether something else ties the sides.
    pub open: u64,
}

/// What speaks for a cut.
struct Suspect {
    tx: TxNum,
    address: AddressId,
    kind: CutKind,
    reason: String,
}

/// Finds what speaks against merges of `forest`, applies what analysts decided (the decisions so far and `new`), and writes
/// a version of the list where it differs from the newest one.
pub(crate) fn update(
    store: &Path,
    disk: &Disk,
    ledger: &Ledger,
    forest: &Forest,
    labels: &LabelStore,
    new: Option<Decision>,
    memory_bytes: u64,
) -> Result<Found, EngineError> {
    let heuristics = super::of(forest);
    let newest = Stored::newest(store, ledger, &heuristics)?;
    let mut decisions = newest.as_ref().map(|s| s.list.decisions.clone()).unwrap_or_default();
    decisions.extend(new);
    let (mut suspects, open) = by_size(ledger, forest, LARGE_SIDE_MIN);
    suspects.extend(by_labels(ledger, forest, labels));
    suspects.extend(by_decision(ledger, forest, &decisions));
    // the last word on a transaction is the analyst's
    let mut last: BTreeMap<&str, bool> = BTreeMap::new();
    for decision in &decisions {
        last.insert(&decision.txid, decision.cut);
    }
    suspects.retain(|s| last.get(ledger.txid(s.tx).to_string().as_str()) != Some(&false));
    let mut seen = BTreeSet::new();
    suspects.sort_by_key(|s| (s.tx, s.kind as u8));
    suspects.retain(|s| seen.insert(s.tx));

    let scratch = Scratch::new(store, memory_bytes);
    let mut by_root: BTreeMap<AddressId, Vec<&Suspect>> = BTreeMap::new();
    for suspect in &suspects {
        by_root.entry(forest.find(suspect.address)).or_default().push(suspect);
    }
    let (mut entries, mut entities, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for (root, of_root) in by_root {
        let cuts: Vec<TxNum> = of_root.iter().map(|s| s.tx).collect();
        let found = partition(ledger, forest, root, &cuts, &scratch)?;
        let sizes: Vec<u32> = found.iter().map(|p| p.addresses.len() as u32).collect();
        let applied = found.len() > 1;
        entries.extend(of_root.into_iter().map(|s| CutEntry {
            txid: ledger.txid(s.tx).to_string(),
            height: ledger.tx_height(s.tx).0,
            kind: s.kind,
            reason: s.reason.clone(),
            applied,
            sizes: if applied { sizes.iter().copied().take(20).collect() } else { Vec::new() },
            root: root.0,
        }));
        if !applied {
            continue;
        }
        let from = parts.len();
        for (number, part) in found.iter().enumerate().skip(1) {
            parts.extend(part.addresses.iter().map(|a| (a.0, number as u32)));
        }
        parts[from..].sort_unstable();
        entities.push(CutEntity {
            root: root.0,
            from,
            to: parts.len(),
            parts: found
                .iter()
                .map(|p| CutPart {
                    name: p.addresses[0].0,
                    size: p.addresses.len() as u32,
                    received_sat: p.received.0,
                    sent_sat: p.sent.0,
                    first_tx: p.first_tx.0,
                    last_tx: p.last_tx.0,
                })
                .collect(),
        });
    }
    entries.sort_by(|a, b| (a.height, &a.txid).cmp(&(b.height, &b.txid)));
    let tip = forest.manifest().tip;
    let version = serde_json::to_vec(&(&heuristics, &entries, &decisions)).unwrap_or_default();
    let list = CutList {
        number: 0,
        version: blake3::hash(&version).to_hex()[..16].to_string(),
        heuristics,
        tip_height: tip.map_or(0, |t| t.height.0),
        tip_hash: tip.map_or_else(|| Hash32::ZERO.to_string(), |t| t.hash.to_string()),
        tip_tx: forest.manifest().txs.saturating_sub(1),
        entries,
        decisions,
        entities,
        parts_hash: String::new(),
    };
    // an empty list is worth no version where there was none before
    let same = match &newest {
        Some(stored) => {
            let old = &stored.list;
            old.version == list.version && (old.entities.is_empty() || old.tip_hash == list.tip_hash)
        }
        None => list.entries.is_empty() && list.decisions.is_empty(),
    };
    if same {
        let number = newest.as_ref().map_or(0, |s| s.list.number);
        return Ok(Found { list: CutList { number, ..list }, is_new: false, open });
    }
    let mut stored = Stored { list, parts };
    stored.write(store, ledger, disk)?;
    Ok(Found { list: stored.list, is_new: true, open })
}

/// Merges of two large trees that nothing else ties; and of how many that stayed open.
fn by_size(ledger: &Ledger, forest: &Forest, side_min: u32) -> (Vec<Suspect>, u64) {
    let mut merges: Vec<_> = forest.all_large_merges().filter(|m| m.child_size >= side_min).collect();
    merges.sort_by_key(|m| (std::cmp::Reverse(m.child_size), m.tx));
    let mut open = merges.len().saturating_sub(MERGES_MAX) as u64;
    merges.truncate(MERGES_MAX);
    let mut suspects = Vec::new();
    for merge in merges {
        let Some(found) = without(ledger, forest, merge.tx, merge.child, EDGES_MAX) else { continue };
        let large = found.parts.iter().filter(|p| p.is_whole && p.size >= side_min).count();
        if found.parts.len() > 1 && large > 1 {
            let reason =
                format!("joins {} addresses to {}, and nothing else ties the two", merge.child_size, merge.other_size);
            suspects.push(Suspect { tx: merge.tx, address: merge.child, kind: CutKind::Size, reason });
        } else if found.bound_hit {
            open += 1;
        }
    }
    (suspects, open)
}

/// The transactions that made addresses one which labels give to two owners of services.
fn by_labels(ledger: &Ledger, forest: &Forest, labels: &LabelStore) -> Vec<Suspect> {
    let mut by_root: BTreeMap<AddressId, Vec<(AddressId, &Label)>> = BTreeMap::new();
    for label in labels.iter().filter(|l| l.is_accepted() && l.is_service() && l.chain == Some(ledger.chain())) {
        let key = parse_key(ledger.chain(), ledger.network(), &label.text).ok();
        if let Some(address) = key.and_then(|key| ledger.address_id(&key)) {
            by_root.entry(forest.find(address)).or_default().push((address, label));
        }
    }
    let mut suspects = Vec::new();
    for labelled in by_root.values() {
        for (at, (a, one)) in labelled.iter().enumerate() {
            for (b, other) in &labelled[at + 1..] {
                if a == b || !are_apart(one, other) {
                    continue;
                }
                let Some(link) = forest.joined(*a, *b) else { continue };
                if suspects.iter().any(|s: &Suspect| s.tx == link.tx) {
                    continue;
                }
                let said = |l: &Label, a: &AddressId| {
                    let address = ledger.address_text(*a);
                    format!("\"{}\" on {address} ({} line {})", l.name, l.pack.title, l.line)
                };
                let reason = format!("{} and {} are two owners", said(one, a), said(other, b));
                suspects.push(Suspect { tx: link.tx, address: *a, kind: CutKind::Labels, reason });
            }
        }
    }
    suspects
}

/// Whether two labels of services name two owners: by the actor where both name one, else by names without a word in
/// common.
fn are_apart(a: &Label, b: &Label) -> bool {
    // an accusation is no statement about who owns an address; what third parties say of services is
    if a.basis == Basis::Complaint || b.basis == Basis::Complaint {
        return false;
    }
    match (&a.actor, &b.actor) {
        (Some(a), Some(b)) => !a.eq_ignore_ascii_case(b),
        _ => {
            let words = |l: &Label| -> BTreeSet<String> {
                let name = l.name.to_lowercase();
                name.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 2).map(String::from).collect()
            };
            let (a, b) = (words(a), words(b));
            !a.is_empty() && !b.is_empty() && a.is_disjoint(&b)
        }
    }
}

fn by_decision(ledger: &Ledger, forest: &Forest, decisions: &[Decision]) -> Vec<Suspect> {
    let mut last: BTreeMap<&str, &Decision> = BTreeMap::new();
    for decision in decisions {
        last.insert(&decision.txid, decision);
    }
    let cuts = last.into_values().filter(|d| d.cut);
    cuts.filter_map(|decision| {
        let tx = ledger.tx_by_id(&decision.txid.parse().ok()?)?;
        let address = ledger.inputs(tx).find_map(|input| input.address)?;
        (forest.coinjoin(tx).is_none()).then(|| Suspect {
            tx,
            address,
            kind: CutKind::Analyst,
            reason: decision.reason.clone(),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use athar_entities::Settings;
    use athar_ledger::fixture;

    /// Two groups of 120 addresses, each tied by one transaction; `bridges` transactions tie the groups.
    fn groups(bridges: usize) -> String {
        let pay = |name: &str| (0..120).map(|i| format!(" {name}{i} 100")).collect::<String>();
        let spend = |from: usize| (from..from + 120).map(|i| format!(" c0:{i}")).collect::<String>();
        let extra: String = (0..bridges).map(|i| format!(" a{i} 100 b{i} 100")).collect();
        let mut text = format!("block\ncoinbase c0 ->{}{}{extra}\nblock\ncoinbase c1 -> m 50\n", pay("a"), pay("b"));
        text += &format!("tx ta:{} -> x 1\ntx tb:{} -> y 1\n", spend(0), spend(120));
        for i in 0..bridges {
            text += &format!("tx t{i}: c0:{} c0:{} -> z{i} 199\n", 240 + 2 * i, 241 + 2 * i);
        }
        text
    }

    #[test]
    fn a_merge_of_two_large_sides_is_suspect_where_nothing_else_ties_them() {
        for (bridges, side_min, suspects) in [(1, 100, 1), (2, 100, 0), (1, 121, 0)] {
            let folder = tempfile::tempdir().unwrap();
            let ledger = fixture::ledger(folder.path(), &groups(bridges));
            let settings = Settings::default();
            let forest =
                Forest::build(folder.path(), &Disk::default(), &ledger, &settings, u64::MAX, &mut |_| ()).unwrap();
            let (found, open) = by_size(&ledger, &forest, side_min);
            assert_eq!((found.len(), open), (suspects, 0), "{bridges} bridges, sides of {side_min}");
            if let Some(suspect) = found.first() {
                assert_eq!(suspect.tx, fixture::tx(&ledger, "t0"));
                let parts = partition(&ledger, &forest, suspect.address, &[suspect.tx], &Scratch::in_memory()).unwrap();
                assert_eq!(parts.iter().map(|p| p.addresses.len()).collect::<Vec<_>>(), [120, 120]);
            }
        }
    }
}
